"""Mutual information of the Gaussian copula that fits the ranks of a sample."""

from __future__ import annotations

__all__ = ["GaussianCopulaEstimator"]

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from skmist._errors import InvalidSampleError
from skmist._sample.entropy import information_limit
from skmist._sample.sample import Sample
from skmist._sample.triple import ConditionalSample
from skmist.estimators.base import MutualInfoEstimator
from skmist.estimators.copula.conditional import CopulaConditional
from skmist.estimators.copula.gaussian import capacity_shrinkage
from skmist.estimators.copula.laws import Options, fit_law, law_information, needs_a_table
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
    so names and order of the categories do not matter. Categories that occur once are merged;
    where L exceeds 256, so are all but the 255 most frequent. What they say is lost, and the
    estimate low. Which of equally frequent ones are merged is decided by the rows that they are
    in.

    Discrete columns against discrete ones are read off their table of counts, with the plug-in
    estimate corrected for what chance puts into a table [2]_. Where there are some on both sides
    beside numbers, the table takes the place of their part in the Gaussian. Several of a side are
    taken together if there are 4 rows for each combination. In a pair of columns a number that at
    least a fifth of the rows share, and 10 of them, is a category to these rows.

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
        entropy of a side whose values repeat.
    canonical_correlations_ : ndarray of shape (r,)
        Canonical correlations of the scores, descending; none of a table. Kept to
        ``1 - r^2 >= n^-3`` (and 1e-12), since n rows cannot tell more than ``1.5 log(n)`` nats
        from a deterministic relation.
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
    .. [2] N. X. Vinh, J. Epps and J. Bailey (2010), "Information theoretic measures for
       clusterings comparison", JMLR 11, 2837-2854.

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
    is_slow = False
    sees_curves = False

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
        self._law = law = fit_law(sample, self._options())
        pairs = getattr(law, "pairs", None)
        self.canonical_correlations_ = np.zeros(0) if pairs is None else pairs.correlations
        self.shrinkage_ = 0.0 if pairs is None else pairs.shrinkage
        self.bias_, self.mi_ = law.bias, min(law.mi, information_limit(sample))

    def _fit_constant(self) -> None:
        self._check_shrinkage()
        self.canonical_correlations_ = np.zeros(0)
        self.mi_ = self.bias_ = self.shrinkage_ = 0.0

    def _estimate(self, sample: Sample) -> float:
        return min(law_information(sample, self._options()), information_limit(sample))

    def _estimate_all(self, samples: list[Sample]) -> np.ndarray:
        self._check_shrinkage()
        values = np.full(len(samples), np.nan)
        gaussian = [k for k, sample in enumerate(samples) if not needs_a_table(sample)]
        if gaussian:
            values[gaussian] = self._gaussian_estimates([samples[k] for k in gaussian])
        for k in np.flatnonzero(np.isnan(values)):
            values[k] = self._estimate(samples[k])
        return values

    def _gaussian_estimates(self, samples: list[Sample]) -> np.ndarray:
        """MI of samples by products of shared scores, nats; NaN of those not fit for that."""
        shrinkage = 0.0 if isinstance(self.shrinkage, str) else float(self.shrinkage or 0.0)
        shared = SharedScores(samples, shrinkage, self.bias_correction)
        if len(samples) > 1 and shared.n_numbers > _NUMBERS_AT_ONCE:
            middle = len(samples) // 2
            halves = samples[:middle], samples[middle:]
            return np.concatenate([self._gaussian_estimates(half) for half in halves])
        return shared.estimates()

    def _pointwise(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return self._law.pointwise(x, y) + (self.mi_ - self._law.mi)

    def _row_information(self, x: np.ndarray) -> np.ndarray:
        return self._law.information(x)

    def _conditional(self, sample: ConditionalSample, left: Any) -> CopulaConditional:
        # partials z out in its own way
        return CopulaConditional(sample, self._resolved_shrinkage, self.bias_correction)

    # Private --------------------------------------------------------------------------------

    def _options(self) -> Options:
        return Options(self._resolved_shrinkage, self.bias_correction)

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
