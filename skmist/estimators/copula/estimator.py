"""Mutual information of the Gaussian copula that fits the ranks of a sample."""

from __future__ import annotations

__all__ = ["GaussianCopulaEstimator"]

from numbers import Real
from typing import NamedTuple

import numpy as np
from scipy.special import digamma

from skmist._errors import InvalidSampleError
from skmist._sample.entropy import entropy_limit
from skmist._sample.order import canonical_codes
from skmist._sample.sample import Sample
from skmist._sample.scores import NormalScores
from skmist.estimators.base import MutualInfoEstimator

_RANK_TOLERANCE = 1e-10
_LEAST_RESIDUAL = 1e-12
_MAX_LEVELS = 256
# Columns per row. Up to the first, the corrected estimate errs by less than 0.5 nats on average
# over independent, sparse and dense Gaussians of 2 to 200 columns; the second keeps independent
# columns near 0 nats however few the rows.
_MANY, _SAFE = 0.7, 0.3


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
    discrete_features, discrete_target : "auto", bool, or array-like, default="auto"
        Which columns of X and y are discrete; see :func:`skmist.mutual_info`.

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

    def __init__(
        self,
        *,
        bias_correction=True,
        shrinkage="auto",
        discrete_features="auto",
        discrete_target="auto",
    ):
        self.bias_correction = bias_correction
        self.shrinkage = shrinkage
        self.discrete_features = discrete_features
        self.discrete_target = discrete_target

    # Hooks of the base --------------------------------------------------------------------

    def _fit_sample(self, sample: Sample) -> None:
        x, y = (sample.x, sample.x_discrete), (sample.y, sample.y_discrete)
        self._x_scores, self._y_scores = _Scores.of(*x, y), _Scores.of(*y, x)
        self._pairs = self._canonical_pairs(self._x_scores(sample.x), self._y_scores(sample.y))
        self._set_fitted(self._pairs)
        self.mi_ = min(self.mi_, float(entropy_limit(sample)))

    def _fit_constant(self) -> None:
        self._check_shrinkage()
        self._set_fitted(_Pairs(np.zeros(0), np.zeros((0, 0)), np.zeros((0, 0)), 0.0, 0.0))

    def _estimate(self, sample: Sample) -> float:
        x, y = (sample.x, sample.x_discrete), (sample.y, sample.y_discrete)
        scores = _Scores.of(*x, y)(sample.x), _Scores.of(*y, x)(sample.y)
        pairs = self._canonical_pairs(*scores)
        estimate = _gaussian_information(pairs.correlations) - pairs.bias
        return min(estimate, float(entropy_limit(sample)))

    def _pointwise(self, x, y) -> np.ndarray:
        u, v = self._x_scores(x) @ self._pairs.x_weights, self._y_scores(y) @ self._pairs.y_weights
        r = self._pairs.correlations
        exponent = (r**2 * (u**2 + v**2) - 2.0 * r * u * v) / (2.0 * (1.0 - r**2))
        return self.mi_ - exponent.sum(axis=1)

    def _row_information(self, x) -> np.ndarray:
        u, r = self._x_scores(x) @ self._pairs.x_weights, self._pairs.correlations
        return _gaussian_information(r) + 0.5 * (u**2 - 1.0) @ r**2

    # Private --------------------------------------------------------------------------------

    def _set_fitted(self, pairs: _Pairs) -> None:
        self.canonical_correlations_ = pairs.correlations
        self.shrinkage_ = pairs.shrinkage
        self.bias_ = pairs.bias
        self.mi_ = _gaussian_information(pairs.correlations) - pairs.bias

    def _canonical_pairs(self, x: np.ndarray, y: np.ndarray) -> _Pairs:
        """Canonical correlation analysis of standardized scores (n, p) and (n, q)."""
        n, x_axes, y_axes = len(x), _axes(x), _axes(y)
        s = self._resolved_shrinkage(x_axes.variances, y_axes.variances, n)
        x_white, y_white = x_axes.whitening(s), y_axes.whitening(s)
        cross = (1.0 - s) * x_white.T @ (x.T @ y / n) @ y_white
        left, correlations, right = np.linalg.svd(cross, full_matrices=False)
        most = np.sqrt(1.0 - max(n**-3.0, _LEAST_RESIDUAL))
        bias = 0.0
        if self.bias_correction:
            sizes = (_n_effective(axes.variances, s) for axes in (x_axes, y_axes))
            bias = _wishart_bias(*sizes, n)
        return _Pairs(np.minimum(correlations, most), x_white @ left, y_white @ right.T, s, bias)

    def _resolved_shrinkage(self, x_variances, y_variances, n: int) -> float:
        self._check_shrinkage()
        variances = np.append(x_variances, y_variances)
        if isinstance(self.shrinkage, str):
            return _capacity_shrinkage(variances, n)
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
        if isinstance(value, bool) or not isinstance(value, Real) or not 0.0 <= value <= 1.0:
            raise ValueError(
                f"shrinkage={value!r} must be 'auto', None or a number from 0 to 1. Pass 'auto' "
                f"to choose by the size of the sample."
            )


class _Scores:
    """One side's columns as standardized scores, for fitted and for new rows."""

    def __init__(self, discrete, normal_scores, tables, center, scale):
        self.discrete = discrete
        self.normal_scores = normal_scores
        self.tables = tables
        self.center = center
        self.scale = scale

    @classmethod
    def of(cls, values: np.ndarray, discrete: np.ndarray, *others: tuple) -> _Scores:
        """Learn from the values (n, p) of one side; `others` are values and kinds of the others.

        Those matter only where a column has so many categories that some are merged.
        """
        columns = values[:, discrete].astype(np.intp)
        ranks = [np.arange(top + 1) for top in columns.max(axis=0)]
        if any(len(rank) > _MAX_LEVELS for rank in ranks):
            sides = zip((values, discrete), *others, strict=True)
            found = canonical_codes(*(np.concatenate(parts, axis=-1) for parts in sides))
            ranks = [rank for rank in found[: values.shape[1]] if rank is not None]
        tables = [_contrasts(*pair) for pair in zip(columns.T, ranks, strict=True)]
        scores = cls(discrete, NormalScores().fit(values[:, ~discrete]), tables, 0.0, 1.0)
        encoded = scores(values)
        return cls(discrete, scores.normal_scores, tables, encoded.mean(0), encoded.std(0))

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Encode rows (m, p); the fitted ones get mean 0 and standard deviation 1."""
        codes = values[:, self.discrete].astype(np.intp)
        blocks = [table[codes[:, j]] for j, table in enumerate(self.tables)]
        numbers = self.normal_scores.transform(values[:, ~self.discrete])
        return (np.hstack([numbers, *blocks]) - self.center) / self.scale


class _Pairs(NamedTuple):
    """Canonical variables ``x @ x_weights`` and ``y @ y_weights`` and their correlations."""

    correlations: np.ndarray  # (r,)
    x_weights: np.ndarray  # (p, r)
    y_weights: np.ndarray  # (q, r)
    shrinkage: float
    bias: float  # nats


class _Axes(NamedTuple):
    """Principal axes of some columns, without those that have no variance."""

    variances: np.ndarray  # (r,)
    directions: np.ndarray  # (p, r)

    def whitening(self, shrinkage: float) -> np.ndarray:
        """Weights (p, r) that whiten the shrunk correlation matrix."""
        return self.directions / np.sqrt((1.0 - shrinkage) * self.variances + shrinkage)


def _contrasts(codes: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Coordinates (L, l - 1) of the L codes: means 0, variances 1, no correlation, l <= L.

    Of equally frequent codes, those of lower rank are merged last.
    """
    counts = np.bincount(codes)
    level = np.arange(len(counts))
    if len(counts) > _MAX_LEVELS:
        kept = np.lexsort((ranks, -counts))[: _MAX_LEVELS - 1]
        # a contrast of one row would fit that row, whatever it is
        kept = kept[counts[kept] > 1]
        level = np.zeros(len(counts), dtype=np.intp)
        level[kept] = np.arange(1, len(kept) + 1)
    share = np.bincount(level, counts) / len(codes)
    root = np.sqrt(share)
    # an orthonormal basis of what is orthogonal to the constant
    basis = np.linalg.qr(np.column_stack([root, np.eye(len(root))[:, 1:]]))[0][:, 1:]
    return (basis / root[:, None])[level]


def _axes(scores: np.ndarray) -> _Axes:
    n, p = scores.shape
    if p <= n:
        variances, directions = np.linalg.eigh(scores.T @ scores / n)
    else:
        _, singular, rows = np.linalg.svd(scores, full_matrices=False)
        variances, directions = singular**2 / n, rows.T
    # columns that repeat others add nothing
    kept = variances > _RANK_TOLERANCE * variances.max(initial=0.0)
    return _Axes(variances[kept], directions[:, kept])


def _n_effective(variances: np.ndarray, shrinkage: float) -> float:
    signal = (1.0 - shrinkage) * variances
    return float(np.sum(signal / (signal + shrinkage)))


def _capacity_shrinkage(variances: np.ndarray, n: int) -> float:
    """Least shrinkage at which the effective columns are few enough for n rows."""
    columns = len(variances) / n
    if columns <= _MANY:
        return 0.0
    slope = (_MANY - _SAFE) / (1.0 - _MANY)
    target = n * max(_MANY - slope * (columns - _MANY), _SAFE)
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        if _n_effective(variances, middle) > target:
            low = middle
        else:
            high = middle
    return high


def _gaussian_information(correlations: np.ndarray) -> float:
    """MI of canonical pairs, nats."""
    return float(0.0 - 0.5 * np.log1p(-(correlations**2)).sum())


def _wishart_bias(p: float, q: float, n: int) -> float:
    """Expected excess of the Gaussian plug-in MI of p and q columns and n rows, nats.

    A difference of expected log determinants of Wishart matrices; p and q need not be integers.
    """
    excess = (p + q) / max(n - 2.0, 1.0)
    if excess > 1.0:
        p, q = p / excess, q / excess
    terms = 0.5 * digamma((n - np.arange(1, int(np.ceil(p + q)) + 1)) / 2.0)
    total = np.append(0.0, np.cumsum(terms))
    at = np.interp([p, q, p + q], np.arange(len(total)), total)
    return float(at[0] + at[1] - at[2])
