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
"""Names that `estimator` accepts."""


def method_name(estimator: str | MutualInfoEstimator) -> str:
    """Name of an estimator as results carry it: the string itself or that of its class."""
    return estimator if isinstance(estimator, str) else type(estimator).__name__


def make_asked(
    estimator: str | MutualInfoEstimator,
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
    estimator, discrete_features, discrete_target, device, duplicates
        As there.
    weights : str, path-like or None, default=None
        Of the net, which "mist" alone has.

    Returns
    -------
    SampleEstimator
        Of "mist" and "gaussian_copula" without scikit-learn, which takes as long to import as
        torch.
    """
    kinds = {"discrete_features": discrete_features, "discrete_target": discrete_target}
    if isinstance(estimator, str) and estimator == "mist":
        from skmist.estimators.mist.answers import NetAnswers

        own: Any = {} if weights is None else {"weights": weights}
        return NetAnswers(device=device, duplicates=duplicates, **own, **kinds)
    if weights is not None:
        raise ValueError(
            f"weights is {str(weights)!r}, but estimator={method_name(estimator)!r} takes none; "
            "leave it out, pass estimator='mist', or an estimator with weights of its own."
        )
    if isinstance(estimator, str) and estimator == "gaussian_copula":
        from skmist.estimators.copula.answers import CopulaAnswers

        return CopulaAnswers(duplicates=duplicates, **kinds)
    return make_estimator(estimator, device=device, duplicates=duplicates, **kinds)


def make_estimator(
    estimator: str | MutualInfoEstimator,
    *,
    discrete_features: Any = "auto",
    discrete_target: Any = "auto",
    device: str = "auto",
    duplicates: str = "once",
) -> MutualInfoEstimator:
    """Build the estimator that a name stands for, or clone the one that was passed.

    Parameters
    ----------
    estimator : str or MutualInfoEstimator
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
        If `estimator` is a string that names none.
    TypeError
        If `estimator` is neither a string nor an estimator.
    """
    kinds = {"discrete_features": discrete_features, "discrete_target": discrete_target}
    check_duplicates(duplicates)
    # imported by need: one should not cost the start-up time of all
    if not isinstance(estimator, str):
        return _cloned(
            estimator, kinds if duplicates == "once" else {**kinds, "duplicates": duplicates}
        )
    kinds["duplicates"] = duplicates
    if estimator == "mist":
        from skmist.estimators.mist.estimator import MISTRegressor

        return MISTRegressor(device=device, **kinds)
    if estimator == "ksg":
        from skmist.estimators.ksg.estimator import KSGEstimator

        return KSGEstimator(**kinds)
    if estimator == "gaussian_copula":
        from skmist.estimators.copula.estimator import GaussianCopulaEstimator

        return GaussianCopulaEstimator(**kinds)
    if estimator == "mine":
        from skmist.estimators.mine.estimator import MINEEstimator

        return MINEEstimator(device=device, **kinds)
    known = ", ".join(METHODS)
    raise ValueError(f"estimator is {estimator!r}; pass one of {known}, or an estimator.")


def _cloned(estimator: Any, kinds: dict[str, Any]) -> MutualInfoEstimator:
    from sklearn.base import clone

    from skmist.estimators.base import MutualInfoEstimator

    if not isinstance(estimator, MutualInfoEstimator):
        raise TypeError(
            f"estimator is of type {type(estimator).__name__}; pass one of {', '.join(METHODS)}, "
            "or an estimator of skmist (an instance, not its class)."
        )
    given = {key: value for key, value in kinds.items() if not _is_auto(value)}
    return clone(estimator).set_params(**given)


def _is_auto(choice: Any) -> bool:
    return isinstance(choice, str) and choice == "auto"
