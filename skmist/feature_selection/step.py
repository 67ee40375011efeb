"""The selector in a call."""

from __future__ import annotations

__all__ = ["mutual_info_feature_selection"]

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from skmist.feature_selection.selector import MutualInfoFeatureSelector

if TYPE_CHECKING:
    from skmist.estimators.base import MutualInfoEstimator


def mutual_info_feature_selection(
    n_features: int | float | str = "auto",
    *,
    max_features: int | None = None,
    criterion: str = "joint",
    share: float = 0.98,
    estimator: str | MutualInfoEstimator = "mist",
    pairs: str | bool = "auto",
    stopping: str = "auto",
    level: float = 0.9,
    alpha: float = 0.05,
    max_rows: int | str | None = "auto",
    stability: int = 0,
    discrete_features: ArrayLike = "auto",
    discrete_target: ArrayLike = "auto",
    device: str = "auto",
    n_jobs: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    verbose: bool = False,
) -> MutualInfoFeatureSelector:
    """Step of a pipeline that keeps the columns which together say most about the target.

    Parameters
    ----------
    n_features : "auto", int or float, default="auto"
        How many columns to keep: a number, a share of the columns, or as many as are needed.
    max_features : int or None, default=None
        Most columns to keep with ``n_features="auto"``.
    criterion : {"joint", "jmi", "mim", "mrmr", "jmim", "cmim"}, default="joint"
        By which columns are added.
    share : float, default=0.98
        Of what all columns say together, the share at which "joint" stops.
    estimator : str or estimator, default="mist"
        What estimates mutual information.
    pairs, stopping, level, alpha, max_rows, stability, discrete_features, discrete_target, \
device, n_jobs, random_state, verbose
        As in :class:`MutualInfoFeatureSelector`.

    Returns
    -------
    selector : MutualInfoFeatureSelector
        Unfitted.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skmist import mutual_info_feature_selection
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> select = mutual_info_feature_selection(3, criterion="mrmr", estimator="ksg")
    >>> model = make_pipeline(select, StandardScaler(), LogisticRegression()).fit(X, y)
    >>> select.get_feature_names_out().tolist()
    ['flavanoids', 'color_intensity', 'proline']
    >>> model.score(X, y) > 0.9
    True
    """
    return MutualInfoFeatureSelector(
        n_features,
        max_features=max_features,
        criterion=criterion,
        share=share,
        estimator=estimator,
        pairs=pairs,
        stopping=stopping,
        level=level,
        alpha=alpha,
        max_rows=max_rows,
        stability=stability,
        discrete_features=discrete_features,
        discrete_target=discrete_target,
        device=device,
        n_jobs=n_jobs,
        random_state=random_state,
        verbose=verbose,
    )
