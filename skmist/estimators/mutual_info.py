"""The headline call: the mutual information of one sample, by any estimator."""

from __future__ import annotations

__all__ = ["mutual_info"]

import warnings
from os import PathLike
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from skmist._parameters import caller_level, check_level, renamed
from skmist._sample.notes import category_of
from skmist._sample.present import present_rows
from skmist._sample.sample import make_sample
from skmist.estimators.ask import estimate_samples
from skmist.estimators.methods import make_asked, method_name
from skmist.estimators.remarks import with_remarks

if TYPE_CHECKING:
    from skmist._result import MIEstimate
    from skmist.estimators.base import MutualInfoEstimator


@renamed(method="estimator")
def mutual_info(
    X: ArrayLike,
    y: ArrayLike,
    *,
    estimator: str | MutualInfoEstimator = "mist",
    level: float = 0.9,
    missing: str = "error",
    discrete_features: ArrayLike = "auto",
    discrete_target: ArrayLike = "auto",
    groups: ArrayLike | None = None,
    block_size: int | None = None,
    duplicates: str = "once",
    device: str = "auto",
    weights: str | PathLike[str] | None = None,
) -> MIEstimate:
    """Estimate the mutual information between X and y, in nats.

    .. math:: I(X; Y) = \\int p(x, y) \\log \\frac{p(x, y)}{p(x)\\,p(y)} \\, dx \\, dy

    All columns of X together against all columns of y together. It is 0 where the two are
    independent and grows without bound the more one says about the other.

    Parameters
    ----------
    X : array-like or DataFrame of shape (n,) or (n, p)
        Numbers, booleans, text or categories; n is at least 5.
    y : array-like or DataFrame of shape (n,) or (n, q)
        Paired with X row by row.
    estimator : {"mist", "ksg", "gaussian_copula", "mine"} or estimator, default="mist"
        The pretrained net, nearest neighbors, the Gaussian copula, or a variational bound with a
        critic trained on the sample; or an estimator of this package with parameters of its own,
        which is cloned.
    level : float, default=0.9
        Probability that an interval is meant to hold the true value, between 0 and 1. Used by
        estimators that have an interval ("mist").
    missing : {"error", "drop"}, default="error"
        What to do about rows that miss a value: refuse them, or leave them out of all sides. The
        answer is unbiased only where values are missing completely at random.
    discrete_features, discrete_target : "auto", "ordered", bool, or array-like, default="auto"
        Which columns of X and y are discrete: by rule, all (True), none (False), a mask, indices,
        or names. The rule takes text, booleans and categories for discrete, and numbers with at
        most 2 distinct values, or at most 20 of which each occurs 4 times on average and half of
        them more than once. With an estimator instance, "auto" keeps the setting that it has.
        Discrete columns with an order, which "mist" may read by their ranks, are ordered
        categories and numbers of 3 values or more; but whole numbers in y are classes. "ordered"
        declares all columns discrete, with an order.
    groups : array-like of shape (n,) or None, default=None
        Labels of groups of rows that depend on one another: subjects, batches, sites. The
        estimate and its interval are then the medians of those from one row of each group, as
        many times as there are rows in a group, 8 at most.
    block_size : int or None, default=None
        The same of so many successive rows, for a series whose rows depend on the ones before: a
        block should be longer than that memory.
    duplicates : {"once", "count"}, default="once"
        Whether rows that were copied, where chance cannot repeat them, count once or each. With
        an estimator instance, "once" keeps the setting that it has.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one. Only "mist" and "mine" have any.
    weights : str, path-like or None, default=None
        Of the net of "mist": a shipped name, or the path of a model card (``.json``) such as
        :func:`skmist.adapt` writes; the default weights when None.

    Returns
    -------
    estimate : MIEstimate
        ``mi``, ``low`` and ``high`` in nats (``.bits`` has them in bits), with the level, the
        method, n and warnings. ``low`` and ``high`` are None where the method has no interval.
        The estimates of "ksg", "gaussian_copula" and "mine" are not clipped: near independence
        they can come out slightly below 0.

    Raises
    ------
    InvalidSampleError
        If the data, `groups` or `block_size` cannot be used; the message names column, value,
        limit and remedy.
    WeightsError
        If the weights of ``estimator="mist"`` are missing or altered.
    ValueError
        If `estimator`, `level`, `missing` or `duplicates` is not one of those above, both
        `groups` and `block_size` are given, or `weights` is and the estimator has none.

    Warns
    -----
    OutOfRangeWarning
        If the sample lies outside what the net was trained on, if there are few rows for each
        label, or if the information may be infinite. The result's ``warnings`` hold the same
        text.
    BoundWarning
        If the bound of ``estimator="mine"`` cannot be relied on. The result's ``warnings`` hold
        the same text.
    RepeatedRowsWarning
        If rows were copied; the result's ``warnings`` hold the same text, and ``n_samples`` is
        the number of rows that were counted.
    DependentRowsWarning
        If rows depend on the rows before them, in X and in y, and neither `groups` nor
        `block_size` is given. The same.

    See Also
    --------
    mi_with : Rank the columns of a DataFrame by their information about one of them.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas, "Elements of Information Theory", 2nd ed., Wiley, 2006.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist import mutual_info
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=1000)
    >>> y = x + rng.normal(size=1000)
    >>> estimate = mutual_info(x, y, estimator="gaussian_copula")  # truth: log(2) / 2 = 0.347
    >>> abs(estimate.mi - 0.347) < 0.05
    True
    """
    level = check_level(level)
    asked = make_asked(
        estimator,
        discrete_features=discrete_features,
        discrete_target=discrete_target,
        device=device,
        duplicates=duplicates,
        weights=weights,
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
        tells=asked.block_size is None,
    )
    (found,) = estimate_samples(asked, [sample], level=level, method=method_name(estimator))
    estimate, aloud = with_remarks(found, sample, sees_curves=asked.sees_curves)
    for message in aloud:
        warnings.warn(
            message, category_of(message, asked.note_category), stacklevel=caller_level()
        )
    return estimate
