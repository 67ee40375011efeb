"""Mutual information with an interval, for scikit-learn and pandas. All answers are in nats.

Names are imported when first used, so that ``import skmist`` stays fast and loads neither torch
nor pandas nor matplotlib.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # that of typing, which takes longer to import than all else here
# for type checkers and editors alone: the names of the table below, as a test holds
if TYPE_CHECKING:
    from skmist._errors import BoundWarning as BoundWarning
    from skmist._errors import DependentRowsWarning as DependentRowsWarning
    from skmist._errors import InvalidSampleError as InvalidSampleError
    from skmist._errors import InvalidSampleTypeError as InvalidSampleTypeError
    from skmist._errors import OutOfRangeWarning as OutOfRangeWarning
    from skmist._errors import RepeatedRowsWarning as RepeatedRowsWarning
    from skmist._errors import SkmistError as SkmistError
    from skmist._errors import SkmistWarning as SkmistWarning
    from skmist._errors import TableWarning as TableWarning
    from skmist._errors import WeightsError as WeightsError
    from skmist._report import TableReport as TableReport
    from skmist._report import report as report
    from skmist._result import MIEstimate as MIEstimate
    from skmist.adaptation import Adaptation as Adaptation
    from skmist.adaptation import adapt as adapt
    from skmist.bottleneck.classifier import (
        InformationBottleneckClassifier as InformationBottleneckClassifier,
    )
    from skmist.conditional.estimate import conditional_mutual_info as conditional_mutual_info
    from skmist.estimators.copula.estimator import (
        GaussianCopulaEstimator as GaussianCopulaEstimator,
    )
    from skmist.estimators.ksg.estimator import KSGEstimator as KSGEstimator
    from skmist.estimators.mine.estimator import MINEEstimator as MINEEstimator
    from skmist.estimators.mist.estimator import MISTRegressor as MISTRegressor
    from skmist.estimators.mutual_info import mutual_info as mutual_info
    from skmist.feature_selection import MutualInfoFeatureSelector as MutualInfoFeatureSelector
    from skmist.feature_selection import mutual_info_classif as mutual_info_classif
    from skmist.feature_selection import (
        mutual_info_feature_selection as mutual_info_feature_selection,
    )
    from skmist.feature_selection import mutual_info_regression as mutual_info_regression
    from skmist.frame.lags import mi_lags as mi_lags
    from skmist.frame.matrix import mi_matrix as mi_matrix
    from skmist.frame.ranking import mi_with as mi_with
    from skmist.independence.functions import (
        conditional_independence_test as conditional_independence_test,
    )
    from skmist.independence.functions import independence_test as independence_test
    from skmist.independence.permutation import PermutationTestResult as PermutationTestResult
    from skmist.infomax.estimator import DeepInfoMax as DeepInfoMax
    from skmist.intervals.bootstrap import BootstrapCI as BootstrapCI
    from skmist.intervals.calibration import interval_calibration as interval_calibration
    from skmist.intervals.calibration import interval_results as interval_results
    from skmist.intervals.ranks import SBCRanks as SBCRanks
    from skmist.intervals.ranks import sbc_ranks as sbc_ranks
    from skmist.plotting import MutualInfoLagsDisplay as MutualInfoLagsDisplay
    from skmist.plotting import MutualInfoMatrixDisplay as MutualInfoMatrixDisplay
    from skmist.plotting import MutualInfoRankingDisplay as MutualInfoRankingDisplay
    from skmist.plotting import MutualInfoSelectionDisplay as MutualInfoSelectionDisplay
    from skmist.plotting import PointwiseInformationDisplay as PointwiseInformationDisplay
    from skmist.plotting.calibration import (
        MutualInfoCalibrationDisplay as MutualInfoCalibrationDisplay,
    )
    from skmist.representation import representation_report as representation_report
    from skmist.representation.projection import (
        MutualInformationProjection as MutualInformationProjection,
    )

__version__: str

_MODULES = {
    "Adaptation": "skmist.adaptation",
    "BootstrapCI": "skmist.intervals.bootstrap",
    "BoundWarning": "skmist._errors",
    "DeepInfoMax": "skmist.infomax.estimator",
    "DependentRowsWarning": "skmist._errors",
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
    "MutualInfoLagsDisplay": "skmist.plotting",
    "MutualInfoMatrixDisplay": "skmist.plotting",
    "MutualInfoRankingDisplay": "skmist.plotting",
    "MutualInfoSelectionDisplay": "skmist.plotting",
    "MutualInformationProjection": "skmist.representation.projection",
    "OutOfRangeWarning": "skmist._errors",
    "PermutationTestResult": "skmist.independence.permutation",
    "PointwiseInformationDisplay": "skmist.plotting",
    "RepeatedRowsWarning": "skmist._errors",
    "SBCRanks": "skmist.intervals.ranks",
    "SkmistError": "skmist._errors",
    "SkmistWarning": "skmist._errors",
    "TableReport": "skmist._report",
    "TableWarning": "skmist._errors",
    "WeightsError": "skmist._errors",
    "adapt": "skmist.adaptation",
    "conditional_independence_test": "skmist.independence.functions",
    "conditional_mutual_info": "skmist.conditional.estimate",
    "independence_test": "skmist.independence.functions",
    "interval_calibration": "skmist.intervals.calibration",
    "interval_results": "skmist.intervals.calibration",
    "mi_lags": "skmist.frame.lags",
    "mi_matrix": "skmist.frame.matrix",
    "mi_with": "skmist.frame.ranking",
    "mutual_info": "skmist.estimators.mutual_info",
    "mutual_info_classif": "skmist.feature_selection",
    "mutual_info_feature_selection": "skmist.feature_selection",
    "mutual_info_regression": "skmist.feature_selection",
    "report": "skmist._report",
    "representation_report": "skmist.representation",
    "sbc_ranks": "skmist.intervals.ranks",
}

__all__ = [*_MODULES, "__version__"]


def __getattr__(name: str) -> object:
    if name == "__version__":
        value = _version()
    elif name in _MODULES:
        value = getattr(import_module(_MODULES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _version() -> str:
    """Version of the installed package, which pyproject.toml states."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("skmist")
    except PackageNotFoundError:
        return "0+not.installed"
