"""Mutual information with an interval, for scikit-learn and pandas. All answers are in nats.

Names are imported when first used, so that ``import skmist`` stays fast and loads neither torch
nor pandas nor matplotlib.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_MODULES = {
    "BootstrapCI": "skmist.intervals.bootstrap",
    "BoundWarning": "skmist._errors",
    "DeepInfoMax": "skmist.infomax.estimator",
    "GaussianCopulaEstimator": "skmist.estimators.copula.estimator",
    "InformationBottleneckClassifier": "skmist.bottleneck.classifier",
    "InvalidSampleError": "skmist._errors",
    "InvalidSampleTypeError": "skmist._errors",
    "KSGEstimator": "skmist.estimators.ksg.estimator",
    "MIEstimate": "skmist._result",
    "MINEEstimator": "skmist.estimators.mine.estimator",
    "MISTRegressor": "skmist.estimators.mist.estimator",
    "MutualInfoCalibrationDisplay": "skmist.plotting.calibration",
    "MutualInfoFeatureSelector": "skmist.feature_selection",
    "MutualInfoMatrixDisplay": "skmist.plotting",
    "MutualInfoRankingDisplay": "skmist.plotting",
    "OutOfRangeWarning": "skmist._errors",
    "PermutationTestResult": "skmist.independence.permutation",
    "PointwiseInformationDisplay": "skmist.plotting",
    "SBCRanks": "skmist.intervals.ranks",
    "SkmistError": "skmist._errors",
    "WeightsError": "skmist._errors",
    "conditional_independence_test": "skmist.independence.functions",
    "conditional_mutual_info": "skmist.conditional.estimate",
    "independence_test": "skmist.independence.functions",
    "interval_calibration": "skmist.intervals.calibration",
    "interval_results": "skmist.intervals.calibration",
    "mi_matrix": "skmist.frame.matrix",
    "mi_with": "skmist.frame.ranking",
    "mutual_info": "skmist.estimators.mutual_info",
    "mutual_info_classif": "skmist.feature_selection",
    "mutual_info_feature_selection": "skmist.feature_selection",
    "mutual_info_regression": "skmist.feature_selection",
    "representation_report": "skmist.representation",
    "sbc_ranks": "skmist.intervals.ranks",
}

__all__ = [*_MODULES, "__version__"]


def __getattr__(name: str):
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
