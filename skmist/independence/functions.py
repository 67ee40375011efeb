"""Tests of independence: whether the mutual information is more than chance makes it."""

from __future__ import annotations

__all__ = [
    "PermutationTestResult",
    "conditional_independence_test",
    "independence_test",
]

import warnings
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from skmist._parameters import check_integer
from skmist._sample.notes import category_of
from skmist._sample.present import present_rows
from skmist._sample.sample import make_sample
from skmist.conditional.estimate import prepare_conditional
from skmist.estimators.methods import make_asked, method_name
from skmist.independence.given import conditional_test
from skmist.independence.nulls import pair_test
from skmist.independence.permutation import PermutationTestResult, Plan, sample_test

if TYPE_CHECKING:
    from skmist.estimators.base import MutualInfoEstimator


def independence_test(
    X: ArrayLike,
    y: ArrayLike,
    *,
    estimator: str | MutualInfoEstimator = "mist",
    n_permutations: int = 999,
    groups: ArrayLike | None = None,
    block_size: int | None = None,
    early_stopping: bool = True,
    missing: str = "error",
    discrete_features: ArrayLike = "auto",
    discrete_target: ArrayLike = "auto",
    device: str = "auto",
    n_jobs: int | None = None,
    progress: bool = False,
    random_state: int | np.random.RandomState | None = None,
) -> PermutationTestResult:
    """Test whether X and y are independent, by permuting the rows of y.

    Where they are, the sample might as well have come in any order of y's rows. The p-value is
    the share of orders, the sample's own among them, that have at least its mutual information;
    so it is exact: under independence it falls below any a with probability a at most [1]_.

    Parameters
    ----------
    X : array-like or DataFrame of shape (n,) or (n, p)
        Numbers, booleans, text or categories; n is at least 5.
    y : array-like or DataFrame of shape (n,) or (n, q)
        Paired with X row by row.
    estimator : {"mist", "ksg", "gaussian_copula", "mine"} or estimator, default="mist"
        What measures dependence, as in :func:`skmist.mutual_info`. With MIST the
        statistic is the mean of its quantiles: its median is 0 for many samples at once.
    n_permutations : int, default=999
        Permutations drawn, at least 19. The least p-value is ``1 / (n_permutations + 1)``.
    groups : array-like of shape (n,) or None, default=None
        Labels of groups within which rows may change places: subjects, batches, sites. What
        differs between groups then counts as no dependence.
    block_size : int or None, default=None
        Permute blocks of so many successive rows, for a series whose rows depend on the ones
        before: a block should be several times as long as that memory. The statistic is then the
        mean of those of up to 8 samples of one row of each block.
    early_stopping : bool, default=True
        Stop when 20 orders have reached the statistic: the p-value is then 20 over the number
        drawn, and valid [2]_.
    missing : {"error", "drop"}, default="error"
        What to do about rows that miss a value: refuse them, or leave them out of all sides. The
        answer is unbiased only where values are missing completely at random.
    discrete_features, discrete_target : "auto", "ordered", bool, or array-like, default="auto"
        Which columns of X and y are discrete; see :func:`skmist.mutual_info`.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one. Only "mist" and "mine" have any.
    n_jobs : int or None, default=None
        Processes, as joblib counts them. The answer does not depend on it.
    progress : bool, default=False
        Show a progress bar on a terminal when the work takes more than a second.
    random_state : int, RandomState instance or None, default=None
        Source of the permutations.

    Returns
    -------
    result : PermutationTestResult
        With ``statistic`` (nats), ``pvalue`` and ``null_distribution``.

    Raises
    ------
    InvalidSampleError
        If the data, `groups` or `block_size` cannot be used.
    ValueError
        If `estimator`, `missing` or `n_permutations` is not one of those above, or both `groups`
        and `block_size` are given.

    Warns
    -----
    RepeatedRowsWarning
        If rows were copied: they count once, unless `estimator` has ``duplicates="count"``.
    DependentRowsWarning
        If rows depend on the rows before them, in X and in y, and neither `groups` nor
        `block_size` is given: the p-value is then too small.

    See Also
    --------
    conditional_independence_test : Given further columns.
    mutual_info : How much they depend.

    Notes
    -----
    MIST reads ranks, so its null distribution between two columns of which one is continuous and
    without ties, and the other the same or discrete, follows from the number of rows and of
    those of each label: it is the same for all such pairs. For two columns without ties, the
    default weights, 10 to 2,080 rows and up to 999 permutations it comes with the weights: the
    test takes one estimate, ``null_distribution`` are its quantiles, and `random_state` decides
    nothing. Where `random_state` is None, what :func:`skmist.mi_with` and
    :func:`skmist.mi_matrix` have kept in the user's cache is used, too.

    References
    ----------
    .. [1] B. Phipson and G. K. Smyth (2010), "Permutation p-values should never be zero",
       Statistical Applications in Genetics and Molecular Biology 9(1), 39.
    .. [2] J. Besag and P. Clifford (1991), "Sequential Monte Carlo p-values", Biometrika 78,
       301-304.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist import independence_test
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=100)
    >>> y = x**2 + rng.normal(size=100)
    >>> result = independence_test(x, y, estimator="ksg", random_state=0)
    >>> result.pvalue < 0.01
    True
    >>> result = independence_test(x, rng.normal(size=100), estimator="ksg", random_state=0)
    >>> result.pvalue > 0.05, result.stopped_early
    (True, True)
    """
    plan = Plan(n_permutations, early_stopping, n_jobs, progress, random_state)
    asked = make_asked(
        estimator,
        discrete_features=discrete_features,
        discrete_target=discrete_target,
        device=device,
    )
    X, y, groups = present_rows(missing, X, y, groups)
    sample = make_sample(
        X,
        y,
        discrete_features=asked.discrete_features,
        discrete_target=asked.discrete_target,
        duplicates=asked.duplicates,
        groups=groups,
        block_size=block_size,
    )
    for note in sample.notes:
        warnings.warn(note, category_of(note, asked.note_category), stacklevel=2)
    test = pair_test if sample.blocks is None else sample_test
    return test(asked, sample, plan, method_name(estimator))


def conditional_independence_test(
    X: ArrayLike,
    y: ArrayLike,
    Z: ArrayLike,
    *,
    estimator: str | MutualInfoEstimator = "ksg",
    n_permutations: int = 499,
    n_neighbors: int = 3,
    early_stopping: bool = True,
    missing: str = "error",
    discrete_features: ArrayLike = "auto",
    discrete_target: ArrayLike = "auto",
    discrete_conditions: ArrayLike = "auto",
    device: str = "auto",
    n_jobs: int | None = None,
    progress: bool = False,
    random_state: int | np.random.RandomState | None = None,
) -> PermutationTestResult:
    """Test whether X and y are independent given Z, by permuting X among rows of similar Z.

    The statistic is the conditional MI of what regressions on Z leave of X and y, see
    :func:`conditional_mutual_info`. Its null distribution comes from local permutations [1]_:
    each row gets what is left of the X of one of the rows nearest to it in Z, each used once, so
    that what it shares with Z is kept and what it shares with y beyond it is not. What the
    regressions err beyond chance is added to it. Where Z has several columns, rows near on the
    directions of Z that X and y follow are tried, too, and the larger p-value counts. Where all
    columns of Z are discrete, rows of equal Z are permuted and the test is exact; else it is
    approximate, the better the less of what is left changes within a neighborhood.
    "gaussian_copula" knows monotone relations with Z only and takes X and y as they are.

    Parameters
    ----------
    X, y, Z : array-like or DataFrame of shape (n,) or (n, d)
        Numbers, booleans, text or categories, paired row by row.
    estimator : {"ksg", "gaussian_copula", "mist", "mine"} or estimator, default="ksg"
        What measures dependence, as in :func:`skmist.conditional_mutual_info`. The default takes
        milliseconds per permutation; "mist" takes two estimates for each.
    n_permutations : int, default=499
        Permutations drawn, at least 19.
    n_neighbors : int, default=3
        Rows, itself among them, whose X a row may get. The more they are, the more of what X and
        Z share is lost from the null distribution, and the test rejects too often; 2 is the
        safest, with the least power.
    early_stopping : bool, default=True
        As in :func:`independence_test`.
    missing : {"error", "drop"}, default="error"
        What to do about rows that miss a value: refuse them, or leave them out of all sides. The
        answer is unbiased only where values are missing completely at random.
    discrete_features, discrete_target, discrete_conditions : "auto", "ordered", bool or array-like
        Which columns of X, y and Z are discrete, "auto" by default; see
        :func:`skmist.mutual_info`.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one. Only "mist" and "mine" have any.
    n_jobs : int or None, default=None
        Processes, as joblib counts them. The answer does not depend on it.
    progress : bool, default=False
        Show a progress bar on a terminal when the work takes more than a second.
    random_state : int, RandomState instance or None, default=None
        Source of the permutations.

    Returns
    -------
    result : PermutationTestResult

    Raises
    ------
    InvalidSampleError
        If the data cannot be used.
    ValueError
        If a parameter is not one of those above.

    See Also
    --------
    conditional_mutual_info : How much they depend given Z.

    References
    ----------
    .. [1] J. Runge (2018), "Conditional independence testing based on a nearest-neighbor
       estimator of conditional mutual information", AISTATS, arXiv:1709.01447.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist import conditional_independence_test
    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(size=200)
    >>> x, y = z + rng.normal(size=(2, 200))
    >>> test = conditional_independence_test
    >>> test(x, y, z, estimator="gaussian_copula", random_state=0).pvalue > 0.05
    True
    >>> test(x, x + y, z, estimator="gaussian_copula", random_state=0).pvalue < 0.01
    True
    """
    plan = Plan(n_permutations, early_stopping, n_jobs, progress, random_state)
    check_integer("n_neighbors", n_neighbors, 2, "3", form="=")
    prepared = prepare_conditional(
        X,
        y,
        Z,
        estimator=estimator,
        missing=missing,
        discrete_features=discrete_features,
        discrete_target=discrete_target,
        discrete_conditions=discrete_conditions,
        device=device,
    )
    return conditional_test(prepared, n_neighbors, plan, method_name(estimator))
