"""The methods by name, and the estimator that a name or an estimator stands for."""

from __future__ import annotations

__all__ = ["METHODS", "make_asked", "make_estimator", "method_name"]

from os import PathLike
from typing import TYPE_CHECKING, Any

from skmist._parameters import check_duplicates

if TYPE_CHECKING:
    from skmist.estimators.base import MutualInfoEstimator
    from skmist.estimators.contract import SampleEstimator

METHODS = ("mist", "ksg", "gaussian_copula", "mine")
"""Names that `method` accepts."""


def method_name(method: str | MutualInfoEstimator) -> str:
    """Name of a method as results carry it: the string itself or the class of an estimator."""
    return method if isinstance(method, str) else type(method).__name__


def make_asked(
    method: str | MutualInfoEstimator,
    *,
    discrete_features: Any = "auto",
    discrete_target: Any = "auto",
    device: str = "auto",
    duplicates: str = "once",
    weights: str | PathLike[str] | None = None,
) -> SampleEstimator:
    """As `make_estimator`, for who asks about samples and fits nothing.

    Parameters
    ----------
    method, discrete_features, discrete_target, device, duplicates
        As there.
    weights : str, path-like or None, default=None
        Of the net, which "mist" alone has.

    Returns
    -------
    SampleEstimator
        By the default method without scikit-learn, which takes as long to import as torch.
    """
    kinds = {"discrete_features": discrete_features, "discrete_target": discrete_target}
    if isinstance(method, str) and method == "mist":
        from skmist.estimators.mist.answers import NetAnswers

        own: Any = {} if weights is None else {"weights": weights}
        return NetAnswers(device=device, duplicates=duplicates, **own, **kinds)
    if weights is not None:
        raise ValueError(
            f"weights is {str(weights)!r}, but method={method_name(method)!r} takes none; leave "
            "it out, pass method='mist', or an estimator with weights of its own."
        )
    return make_estimator(method, device=device, duplicates=duplicates, **kinds)


def make_estimator(
    method: str | MutualInfoEstimator,
    *,
    discrete_features: Any = "auto",
    discrete_target: Any = "auto",
    device: str = "auto",
    duplicates: str = "once",
) -> MutualInfoEstimator:
    """Build the estimator that a method name stands for, or clone the one that was passed.

    Parameters
    ----------
    method : str or MutualInfoEstimator
    discrete_features, discrete_target : "auto", "ordered", bool, or array-like, default="auto"
        As in :func:`mutual_info`.
    device : str, default="auto"
        Where the net runs.
    duplicates : {"once", "count"}, default="once"
        As in :func:`mutual_info`.

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
    check_duplicates(duplicates)
    # imported by need: one method should not cost the start-up time of all
    if not isinstance(method, str):
        return _cloned(
            method, kinds if duplicates == "once" else {**kinds, "duplicates": duplicates}
        )
    kinds["duplicates"] = duplicates
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


def _cloned(method: Any, kinds: dict[str, Any]) -> MutualInfoEstimator:
    from sklearn.base import clone

    from skmist.estimators.base import MutualInfoEstimator

    if not isinstance(method, MutualInfoEstimator):
        raise TypeError(
            f"method is of type {type(method).__name__}; pass one of {', '.join(METHODS)}, or an "
            "estimator of skmist (an instance, not its class)."
        )
    given = {key: value for key, value in kinds.items() if not _is_auto(value)}
    return clone(method).set_params(**given)


def _is_auto(choice: Any) -> bool:
    return isinstance(choice, str) and choice == "auto"
