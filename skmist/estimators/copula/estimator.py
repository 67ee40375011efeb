"""Mutual information of the Gaussian copula that fits the ranks of a sample."""

from __future__ import annotations

__all__ = ["GaussianCopulaEstimator"]

import numpy as np

from skmist._sample.entropy import information_limit
from skmist._sample.sample import Sample
from skmist.estimators.base import MutualInfoEstimator
from skmist.estimators.copula.answers import CopulaAnswers
from skmist.estimators.copula.laws import fit_law


class GaussianCopulaEstimator(CopulaAnswers, MutualInfoEstimator):
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

    def _pointwise(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return self._law.pointwise(x, y) + (self.mi_ - self._law.mi)

    def _row_information(self, x: np.ndarray) -> np.ndarray:
        return self._law.information(x)
