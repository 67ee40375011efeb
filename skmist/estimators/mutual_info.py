"""The headline call: the mutual information of one sample, by any estimator."""

from __future__ import annotations

__all__ = [
    "METHODS",
    "estimate_samples",
    "make_estimator",
    "method_name",
    "mutual_info",
]

import warnings

from sklearn.base import clone

from skmist._parameters import check_level
from skmist._result import MIEstimate
from skmist._sample.sample import make_sample
from skmist.estimators.base import MutualInfoEstimator

METHODS = ("mist", "ksg", "gaussian_copula", "mine")
"""Names that `method` accepts."""


def mutual_info(
    X,
    y,
    *,
    method="mist",
    level=0.9,
    discrete_features="auto",
    discrete_target="auto",
    device="auto",
):
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
    method : {"mist", "ksg", "gaussian_copula", "mine"} or estimator, default="mist"
        The pretrained net, nearest neighbors, the Gaussian copula, or a variational bound with a
        critic trained on the sample; or an estimator of this package with parameters of its own,
        which is cloned.
    level : float, default=0.9
        Probability that an interval is meant to hold the true value, between 0 and 1. Used by
        methods that have an interval ("mist").
    discrete_features, discrete_target : "auto", bool, or array-like, default="auto"
        Which columns of X and y are discrete: by rule, all (True), none (False), a mask, indices,
        or names. The rule takes text, booleans and categories for discrete, and numbers with at
        most 2 distinct values, or at most 20 of which each occurs 4 times on average. With an
        estimator as `method`, "auto" keeps the estimator's own setting.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one. Only "mist" and "mine" have any.

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
        If the data cannot be used; the message names column, value, limit and remedy.
    WeightsError
        If the weights of ``method="mist"`` are missing or altered.
    ValueError
        If `method` or `level` is not one of those above.

    Warns
    -----
    OutOfRangeWarning
        If the sample lies outside what the net was trained on. The result's ``warnings`` hold
        the same text.
    BoundWarning
        If the bound of ``method="mine"`` cannot be relied on. The result's ``warnings`` hold the
        same text.

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
    >>> estimate = mutual_info(x, y, method="gaussian_copula")  # truth: log(2) / 2 = 0.347
    >>> abs(estimate.mi - 0.347) < 0.05
    True
    """
    level = check_level(level)
    estimator = make_estimator(
        method,
        discrete_features=discrete_features,
        discrete_target=discrete_target,
        device=device,
    )
    # checked here, where a message need not say which of many samples it means
    make_sample(
        X,
        y,
        discrete_features=estimator.discrete_features,
        discrete_target=estimator.discrete_target,
    )
    (estimate,) = estimate_samples(estimator, [(X, y)], level=level, method=method_name(method))
    for message in estimate.warnings:
        warnings.warn(message, estimator._note_category, stacklevel=2)
    return estimate


def method_name(method) -> str:
    """Name of a method as results carry it: the string itself or the class of an estimator."""
    return method if isinstance(method, str) else type(method).__name__


def make_estimator(method, *, discrete_features="auto", discrete_target="auto", device="auto"):
    """Build the estimator that a method name stands for, or clone the one that was passed.

    Parameters
    ----------
    method : str or MutualInfoEstimator
    discrete_features, discrete_target : "auto", bool, or array-like, default="auto"
        As in :func:`mutual_info`.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one.

    Returns
    -------
    estimator : MutualInfoEstimator
        Unfitted.

    Raises
    ------
    ValueError
        If `method` is a string that names no method.
    TypeError
        If `method` is neither a string nor an estimator.
    """
    kinds = {"discrete_features": discrete_features, "discrete_target": discrete_target}
    if isinstance(method, MutualInfoEstimator):
        given = {key: value for key, value in kinds.items() if not _is_auto(value)}
        return clone(method).set_params(**given)
    if not isinstance(method, str):
        raise TypeError(
            f"method is of type {type(method).__name__}; pass one of {', '.join(METHODS)}, or an "
            "estimator of skmist (an instance, not its class)."
        )
    # imported by need: one method should not cost the start-up time of all
    if method == "mist":
        from skmist.estimators.mist.estimator import MISTRegressor

        return MISTRegressor(device=device, **kinds)
    if method == "ksg":
        from skmist.estimators.ksg.estimator import KSGEstimator

        return KSGEstimator(**kinds)
    if method == "gaussian_copula":
        from skmist.estimators.copula.estimator import GaussianCopulaEstimator

        return GaussianCopulaEstimator(**kinds)
    if method == "mine":
        from skmist.estimators.mine.estimator import MINEEstimator

        return MINEEstimator(device=device, **kinds)
    raise ValueError(f"method is {method!r}; pass one of {', '.join(METHODS)}, or an estimator.")


def _is_auto(choice) -> bool:
    return isinstance(choice, str) and choice == "auto"


def estimate_samples(estimator, samples, *, level, method) -> list[MIEstimate]:
    """Estimate many samples, with intervals where the estimator has them.

    The one core under :func:`mutual_info` and :func:`skmist.mi_with`.

    Parameters
    ----------
    estimator : MutualInfoEstimator
        Left unfitted.
    samples : list of (X, y)
        Paired data, each X of shape (n,) or (n, p) and y of shape (n,) or (n, q).
    level : float
        Probability of the intervals.
    method : str
        Name for the results.

    Returns
    -------
    estimates : list of MIEstimate
        One per sample, in nats, in order.
    """
    if hasattr(estimator, "estimate_intervals"):
        values = estimator.estimate_intervals(samples, level=level)
    else:
        found = estimator._estimate_many_noted(samples)
        values = [(mi, None, None, notes) for mi, notes in found]
    return [
        MIEstimate(
            mi=mi,
            low=low,
            high=high,
            level=None if low is None else level,
            method=method,
            n_samples=len(y),
            warnings=tuple(notes),
        )
        for (mi, low, high, notes), (_, y) in zip(values, samples, strict=True)
    ]
