"""Mutual information with an interval, for scikit-learn and pandas. All answers are in nats.

Names are imported when first used, so that ``import skmist`` stays fast and loads neither torch
nor pandas nor matplotlib.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_MODULES = {
    "BootstrapCI": "skmist.bootstrap",
    "BoundWarning": "skmist.mine",
    "DeepInfoMax": "skmist.infomax",
    "GaussianCopulaEstimator": "skmist.gaussian_copula",
    "InformationBottleneckClassifier": "skmist.information_bottleneck",
    "InvalidSampleError": "skmist._errors",
    "InvalidSampleTypeError": "skmist._errors",
    "KSGEstimator": "skmist.ksg",
    "MIEstimate": "skmist._result",
    "MINEEstimator": "skmist.mine",
    "MISTRegressor": "skmist.mist",
    "MutualInfoCalibrationDisplay": "skmist._calibration_display",
    "MutualInfoFeatureSelector": "skmist.feature_selection",
    "MutualInfoMatrixDisplay": "skmist.plotting",
    "MutualInfoRankingDisplay": "skmist.plotting",
    "OutOfRangeWarning": "skmist._errors",
    "PermutationTestResult": "skmist._permutation_test",
    "PointwiseInformationDisplay": "skmist.plotting",
    "SBCRanks": "skmist._calibration_ranks",
    "SkmistError": "skmist._errors",
    "WeightsError": "skmist._errors",
    "conditional_independence_test": "skmist.independence",
    "conditional_mutual_info": "skmist.conditional",
    "independence_test": "skmist.independence",
    "interval_calibration": "skmist.calibration",
    "interval_results": "skmist.calibration",
    "mi_matrix": "skmist.matrix",
    "mi_with": "skmist.frame",
    "mutual_info": "skmist._mutual_info",
    "mutual_info_classif": "skmist.feature_selection",
    "mutual_info_feature_selection": "skmist.feature_selection",
    "mutual_info_regression": "skmist.feature_selection",
    "representation_report": "skmist.representation",
    "sbc_ranks": "skmist._calibration_ranks",
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
