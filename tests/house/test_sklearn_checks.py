"""All checks of scikit-learn, for every estimator, with no expected failure."""

from __future__ import annotations

import pytest
from sklearn import config_context, get_config
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    parametrize_with_checks,
)

from skmist import (
    BootstrapCI,
    DeepInfoMax,
    MutualInfoFeatureSelector,
    MutualInformationProjection,
)
from tests.siblings import ESTIMATORS

# Few rows of the checks are enough to train a critic on: MINE says so.
pytestmark = pytest.mark.filterwarnings("ignore::skmist.BoundWarning")
TRANSFORMERS = [
    DeepInfoMax(4, hidden_layer_sizes=(16,), max_iter=1, device="cpu"),
    MutualInformationProjection(1, device="cpu"),
]
META_ESTIMATORS = [BootstrapCI(n_resamples=20)]
SELECTORS = [
    MutualInfoFeatureSelector(1, estimator="ksg"),
    MutualInfoFeatureSelector(device="cpu"),
]
EVERY = [*ESTIMATORS, *TRANSFORMERS, *META_ESTIMATORS, *SELECTORS]


@parametrize_with_checks(EVERY)
def test_estimator(estimator, check):
    check(estimator)


def test_the_array_api_check_is_not_skipped():
    # it is skipped in silence unless scipy was told before its import (see conftest.py)
    with config_context(array_api_dispatch=True):
        assert get_config()["array_api_dispatch"]


@pytest.mark.parametrize("estimator", EVERY, ids=str)
def test_column_names(estimator):
    check_dataframe_column_names_consistency(type(estimator).__name__, estimator)
