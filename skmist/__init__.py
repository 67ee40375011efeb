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
    "MutualInfoRankingDisplay": "skmist.plotting",
    "OutOfRangeWarning": "skmist._errors",
    "SkmistError": "skmist._errors",
    "WeightsError": "skmist._errors",
    "conditional_mutual_info": "skmist.conditional",
    "mi_with": "skmist.frame",
    "mutual_info": "skmist._mutual_info",
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
