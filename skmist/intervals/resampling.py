"""Resampled data sets, and intervals from the estimates on them."""

from __future__ import annotations

__all__ = [
    "LeaveOneOut",
    "Resampling",
    "basic_interval",
    "bca_interval",
    "error_with_bias",
    "normal_interval",
    "percentile_interval",
    "studentized_interval",
    "variance_ratio",
]

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from skmist._sample.sample import Sample
from skmist._sample.scores import NormalScores
from skmist._sample.side import Side

_LEAST_TAIL = 1e-6
# Standard deviation, over samples, of the mean of the resamples less the estimate, in standard
# errors: 0.35 to 0.55 for nearest neighbors (k = 1 to 3, n = 100 to 1,000), less for the copula.
_DRIFT_NOISE = 0.5


@dataclass(frozen=True)
class Resampling:
    """How resamples are drawn; each is known by its number and can be drawn again.

    Parameters
    ----------
    size : int
        Rows of a resample.
    replace : bool
        Whether a row may be drawn twice.
    smooth : bool
        Whether the rows drawn get a kernel's noise; see `smoothed_rows`.
    seed : int
    blocks : ndarray of shape (n,) or None, default=None
        Labels of blocks of rows; a resample has one row of each block that is drawn.
    """

    size: int
    replace: bool
    smooth: bool
    seed: int
    blocks: np.ndarray | None = None

    def draw(self, sample: Sample, number: int) -> Sample:
        """Return the resample of that number, of `size` rows."""
        rng = np.random.default_rng((self.seed, number))
        rows = self._rows(sample.n_samples, rng)
        return smoothed_rows(sample, rows, rng) if self.smooth else sample.rows(rows)

    def _rows(self, n: int, rng: np.random.Generator) -> np.ndarray:
        if self.blocks is None:
            return rng.choice(n, self.size, replace=self.replace)
        of_row, sizes = np.unique(self.blocks, return_inverse=True, return_counts=True)[1:]
        drawn = rng.choice(len(sizes), self.size, replace=self.replace)
        places = (np.cumsum(sizes) - sizes)[drawn] + rng.integers(sizes[drawn])
        return np.argsort(of_row, kind="stable")[places]


class LeaveOneOut:
    """The resamples of the jackknife: number i lacks row i."""

    def draw(self, sample: Sample, number: int) -> Sample:
        """Return the sample of n - 1 rows."""
        return sample.rows(np.delete(np.arange(sample.n_samples), number))


def smoothed_rows(sample: Sample, rows: np.ndarray, rng: np.random.Generator) -> Sample:
    """Rows of a sample with a kernel's noise on the normal scores of its continuous columns [1]_.

    The noise has Silverman's width, and the scores are scaled back to variance 1. Discrete
    columns keep their values.

    References
    ----------
    .. [1] B. W. Silverman and G. A. Young (1987), "The bootstrap: to smooth or not to smooth?",
       Biometrika 74, 469-479.
    """
    sides = sample.x, sample.y
    d = sum(int((~side.discrete).sum()) for side in sides)
    width = (4.0 / (sample.n_samples * (d + 2.0))) ** (1.0 / (d + 4.0))
    x, y = (_smoothed(side, rows, width, rng) for side in sides)
    return Sample(x, y)


def _smoothed(side: Side, rows: np.ndarray, width: float, rng: np.random.Generator) -> Side:
    numeric, drawn = ~side.discrete, side.values[rows]
    scores = NormalScores().fit(side.values[:, numeric]).transform(drawn[:, numeric])
    noise = rng.standard_normal(scores.shape)
    drawn[:, numeric] = (scores + width * noise) / np.sqrt(1.0 + width**2)
    return side.with_values(drawn).recoded()


def variance_ratio(n: int, size: int, replace: bool) -> float:
    """Variance of an estimate on all n rows over that of its resamples of `size` rows.

    An estimate from m rows has variance proportional to 1/m, which is also that of m rows drawn
    with replacement. Without replacement, they scatter about the estimate on all rows with
    ``1/m - 1/n`` only, and the ratio is ``m / (n - m)`` [1]_. A bias proportional to 1/n has the
    same ratios.

    References
    ----------
    .. [1] D. N. Politis, J. P. Romano and M. Wolf (1999), "Subsampling", Springer, section 2.3;
       the finite-population factor is that of the delete-d jackknife (J. Shao and C. F. J. Wu
       (1989), Annals of Statistics 17, 1176-1197).
    """
    return size / n if replace else size / (n - size)


def error_with_bias(error: float, bias: float, ratio: float) -> float:
    """Root mean square of a standard error and of the bias that subsamples show.

    Less what of it is noise: rows that lose their neighbors find others, which moves the mean of
    the subsamples off the estimate where there is no bias too. `ratio` is their `variance_ratio`.
    """
    noise = ratio * _DRIFT_NOISE * error
    return float(np.sqrt(error**2 + max(bias**2 - noise**2, 0.0)))


def normal_interval(mi: float, error: float, level: float) -> tuple[float, float]:
    """Symmetric interval of so many standard errors as the normal law has at that level."""
    reach = float(ndtri(0.5 + level / 2.0)) * error
    return mi - reach, mi + reach


def percentile_interval(resamples: np.ndarray, level: float) -> tuple[float, float]:
    """Quantiles of the resamples."""
    low, high = np.quantile(resamples, _tails(level))
    return float(low), float(high)


def basic_interval(mi: float, resamples: np.ndarray, level: float) -> tuple[float, float]:
    """The percentile interval mirrored at the estimate."""
    low, high = percentile_interval(resamples, level)
    return 2.0 * mi - high, 2.0 * mi - low


def bca_interval(
    mi: float, resamples: np.ndarray, left_out: np.ndarray, level: float
) -> tuple[float, float]:
    """Bias-corrected and accelerated interval [1]_; `left_out` are jackknife estimates.

    References
    ----------
    .. [1] B. Efron (1987), "Better bootstrap confidence intervals", Journal of the American
       Statistical Association 82, 171-185.
    """
    below = np.mean(resamples < mi) + 0.5 * np.mean(resamples == mi)
    shift = ndtri(np.clip(below, _LEAST_TAIL, 1.0 - _LEAST_TAIL))
    deviations = left_out.mean() - left_out
    cubes, squares = (deviations**3).sum(), (deviations**2).sum()
    acceleration = cubes / (6.0 * squares**1.5) if squares > 0.0 else 0.0
    z = shift + ndtri(_tails(level))
    low, high = np.quantile(resamples, ndtr(shift + z / (1.0 - acceleration * z)))
    return float(low), float(high)


def studentized_interval(
    mi: float, error: float, resamples: np.ndarray, errors: np.ndarray, level: float
) -> tuple[float, float]:
    """Interval from the resamples' deviations in units of their own standard errors."""
    ratios = (resamples - mi) / np.maximum(errors, np.finfo(float).tiny)
    below, above = np.quantile(ratios, _tails(level))
    return mi - above * error, mi - below * error


def _tails(level: float) -> np.ndarray:
    return np.array([0.5 - level / 2.0, 0.5 + level / 2.0])
