"""Feature selection by mutual information: a step for pipelines, and scikit-learn's scores.

:class:`MutualInfoFeatureSelector` chooses columns one after the other by what each says about the
target beyond those already chosen; `mutual_info_regression` and `mutual_info_classif` score
columns one by one with the signature that scikit-learn gives them. All information is in nats.
"""

from __future__ import annotations

__all__ = [
    "MutualInfoFeatureSelector",
    "mutual_info_classif",
    "mutual_info_feature_selection",
    "mutual_info_regression",
]

from skmist.feature_selection.scores import mutual_info_classif, mutual_info_regression
from skmist.feature_selection.selector import MutualInfoFeatureSelector
from skmist.feature_selection.step import mutual_info_feature_selection
