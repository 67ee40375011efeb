"""Mutual information of the Gaussian copula that fits the ranks of a sample."""

from __future__ import annotations

__all__ = ["GaussianCopulaEstimator"]

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from skmist._errors import InvalidSampleError
from skmist._sample.entropy import entropy_limit
from skmist._sample.sample import Sample
from skmist._sample.triple import ConditionalSample
from skmist.estimators.base import MutualInfoEstimator
from skmist.estimators.copula.conditional import CopulaConditional
from skmist.estimators.copula.gaussian import (
    LEAST_RESIDUAL,
    Pairs,
    Scores,
    capacity_shrinkage,
    gaussian_information,
    n_effective,
    principal_axes,
    wishart_bias,
)
from skmist.estimators.copula.many import SharedScores

_NUMBERS_AT_ONCE = 16_000_000


class GaussianCopulaEstimator(MutualInfoEstimator):
    """Mutual information of normal scores, as if they were jointly Gaussian.

    Each continuous column becomes the normal scores of its ranks, so any strictly increasing map
    of it changes nothing. The answer is the Gaussian one,

        ``-1/2 sum_i log(1 - r_i^2)``

    in nats over the canonical correlations r of the scores, less its bias in a finite sample
    [1]_. It is consistent where the copula is Gaussian; elsewhere it sees the part of the
    dependence that is linear in the scores.

    A discrete column with L categories becomes L - 1 uncorrelated contrasts of unit variance,
    so names and order of the categories do not matter. Where L exceeds 256, all but the 255 most
    frequent are merged, and so are all that occur once; what they say is lost, and the estimate
    low. Which of equally frequent ones are merged is decided by the rows that they are in, and
    by their names only where nothing else tells them apart.

    Parameters
    ----------
    bias_correction : bool, default=True
        Subtract the expected excess of the plug-in estimate. It is exact for Gaussian columns
        without shrinkage; near independence the difference may be negative.
    shrinkage : "auto", float or None, default="auto"
        Weight, from 0 to 1, of the identity in the correlation matrix of the scores. ``None`` is
        0 and needs more rows than columns in x and y. ``"auto"`` is 0 where there are at most 0.7
        columns per row; beyond, it is what it takes to have fewer effective columns per row: 0.7
        at first, 0.3 from 1 column per row on. So no sample is too small; the estimate is then
        low rather than wild.
    discrete_features, discrete_target : "auto", "ordered", bool, or array-like, default="auto"
        Which columns of X and y are discrete; see :func:`skmist.mutual_info`.
    duplicates : {"once", "count"}, default="once"
        Whether rows that were copied count once, with a `RepeatedRowsWarning`, or each.

    Attributes
    ----------
    mi_ : float
        Estimate, nats. Not clipped at 0: near independence it may be negative. At most the
        entropy of a side whose columns are all discrete.
    canonical_correlations_ : ndarray of shape (r,)
        Canonical correlations of the scores, descending. Kept to ``1 - r^2 >= n^-3`` (and 1e-12),
        since n rows cannot tell more than ``1.5 log(n)`` nats from a deterministic relation.
    shrinkage_ : float
        The weight used.
    bias_ : float
        What was subtracted, nats.

    See Also
    --------
    KSGEstimator : Consistent for any dependence, with more variance.
    skmist.mutual_info : Function interface.

    Notes
    -----
    With u and v the canonical variables of a row, `score_samples` is the sum over i of
    ``-1/2 log(1 - r^2) - (r^2 u^2 - 2 r u v + r^2 v^2) / (2 (1 - r^2))``, less `bias_`, and
    `predict` that of ``1/2 (r^2 u^2 - r^2 - log(1 - r^2))``, shifted to mean `mi_`. Without
    shrinkage, and below the entropy of a discrete side, the mean of the former over the fitted
    rows is `mi_` too.

    With shrinkage s, the effective number of columns of a side is the sum of
    ``(1 - s) e / ((1 - s) e + s)`` over the eigenvalues e of its correlation matrix. The bias is
    taken at these numbers.

    References
    ----------
    .. [1] R. A. A. Ince et al. (2017), "A statistical framework for neuroimaging data analysis
       based on mutual information estimated via a Gaussian copula", Human Brain Mapping 38,
       1541-1573.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist import GaussianCopulaEstimator
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(2000, 1))
    >>> y = np.exp(x[:, 0] + rng.normal(size=2000))
    >>> copula = GaussianCopulaEstimator().fit(x, y)  # truth: log(2) / 2 = 0.347
    >>> bool(abs(copula.mi_ - 0.347) < 0.05)
    True
    """

    reads_ranks = True
    takes_repeated_rows = True
    shares_columns = True

    def __init__(
        self,
        *,
        bias_correction: bool = True,
        shrinkage: float | str = "auto",
        discrete_features: ArrayLike = "auto",
        discrete_target: ArrayLike = "auto",
        duplicates: str = "once",
    ) -> None:
        self.bias_correction = bias_correction
        self.shrinkage = shrinkage
        self.discrete_features = discrete_features
        self.discrete_target = discrete_target
        self.duplicates = duplicates

    # Hooks of the base --------------------------------------------------------------------

    def _fit_sample(self, sample: Sample) -> None:
        x, y = sample.x, sample.y
        self._x_scores, self._y_scores = Scores.of(x, y), Scores.of(y, x)
        self._pairs = self._canonical_pairs(self._x_scores(x.values), self._y_scores(y.values))
        self._set_fitted(self._pairs)
        self.mi_ = min(self.mi_, float(entropy_limit(sample)))

    def _fit_constant(self) -> None:
        self._check_shrinkage()
        self._set_fitted(Pairs(np.zeros(0), np.zeros((0, 0)), np.zeros((0, 0)), 0.0, 0.0))

    def _estimate(self, sample: Sample) -> float:
        x, y = sample.x, sample.y
        scores = Scores.of(x, y)(x.values), Scores.of(y, x)(y.values)
        pairs = self._canonical_pairs(*scores)
        estimate = gaussian_information(pairs.correlations) - pairs.bias
        return min(estimate, float(entropy_limit(sample)))

    def _estimate_all(self, samples: list[Sample]) -> np.ndarray:
        self._check_shrinkage()
        shrinkage = 0.0 if isinstance(self.shrinkage, str) else float(self.shrinkage or 0.0)
        shared = SharedScores(samples, shrinkage, self.bias_correction)
        if len(samples) > 1 and shared.n_numbers > _NUMBERS_AT_ONCE:
            middle = len(samples) // 2
            halves = samples[:middle], samples[middle:]
            return np.concatenate([self._estimate_all(half) for half in halves])
        values = shared.estimates()
        for k in np.flatnonzero(np.isnan(values)):
            values[k] = self._estimate(samples[k])
        return values

    def _pointwise(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        u, v = self._x_scores(x) @ self._pairs.x_weights, self._y_scores(y) @ self._pairs.y_weights
        r = self._pairs.correlations
        exponent = (r**2 * (u**2 + v**2) - 2.0 * r * u * v) / (2.0 * (1.0 - r**2))
        return self.mi_ - exponent.sum(axis=1)

    def _row_information(self, x: np.ndarray) -> np.ndarray:
        u, r = self._x_scores(x) @ self._pairs.x_weights, self._pairs.correlations
        return gaussian_information(r) + 0.5 * (u**2 - 1.0) @ r**2

    def _conditional(self, sample: ConditionalSample, residuals: Any) -> CopulaConditional:
        # partials z out in its own way
        return CopulaConditional(sample, self._resolved_shrinkage, self.bias_correction)

    # Private --------------------------------------------------------------------------------

    def _set_fitted(self, pairs: Pairs) -> None:
        self.canonical_correlations_ = pairs.correlations
        self.shrinkage_ = pairs.shrinkage
        self.bias_ = pairs.bias
        self.mi_ = gaussian_information(pairs.correlations) - pairs.bias

    def _canonical_pairs(self, x: np.ndarray, y: np.ndarray) -> Pairs:
        """Canonical correlation analysis of standardized scores (n, p) and (n, q)."""
        n, x_axes, y_axes = len(x), principal_axes(x), principal_axes(y)
        s = self._resolved_shrinkage(x_axes.variances, y_axes.variances, n)
        x_white, y_white = x_axes.whitening(s), y_axes.whitening(s)
        cross = (1.0 - s) * x_white.T @ (x.T @ y / n) @ y_white
        left, correlations, right = np.linalg.svd(cross, full_matrices=False)
        most = np.sqrt(1.0 - max(n**-3.0, LEAST_RESIDUAL))
        bias = 0.0
        if self.bias_correction:
            a, b = (n_effective(axes.variances, s) for axes in (x_axes, y_axes))
            bias = wishart_bias(a, b, n)
        return Pairs(np.minimum(correlations, most), x_white @ left, y_white @ right.T, s, bias)

    def _resolved_shrinkage(
        self, x_variances: np.ndarray, y_variances: np.ndarray, n: int
    ) -> float:
        self._check_shrinkage()
        variances = np.append(x_variances, y_variances)
        if isinstance(self.shrinkage, str):
            return capacity_shrinkage(variances, n)
        if not self.shrinkage and n <= len(variances):
            raise InvalidSampleError(
                f"The sample has {n} rows for {len(variances)} independent columns of scores in X "
                f"and y, and without shrinkage there must be more rows than columns. Pass "
                f"shrinkage='auto', or collect more rows."
            )
        return float(self.shrinkage or 0.0)

    def _check_shrinkage(self) -> None:
        value = self.shrinkage
        if value is None or (isinstance(value, str) and value == "auto"):
            return
        if (
            isinstance(value, bool)
            or not isinstance(value, Real)
            or not 0.0 <= float(value) <= 1.0
        ):
            raise ValueError(
                f"shrinkage={value!r} must be 'auto', None or a number from 0 to 1. Pass 'auto' "
                f"to choose by the size of the sample."
            )
