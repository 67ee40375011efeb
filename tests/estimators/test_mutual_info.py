"""mutual_info: one call for every method."""

from __future__ import annotations

import dataclasses
import math
import warnings

import numpy as np
import pandas as pd
import pytest

from skmist import (
    GaussianCopulaEstimator,
    InvalidSampleError,
    KSGEstimator,
    MIEstimate,
    MISTRegressor,
    OutOfRangeWarning,
    mutual_info,
)
from skmist.estimators.methods import METHODS
from skmist.weights import DEFAULT_WEIGHTS, load_card

RNG = np.random.default_rng(0)
X = RNG.normal(size=400)
Y = X + RNG.normal(size=400)
TRUTH = 0.5 * math.log(2.0)
CLASSICAL = ("ksg", "gaussian_copula")


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_the_information(method):
    estimate = mutual_info(X, Y, estimator=method, device="cpu")
    assert isinstance(estimate, MIEstimate)
    assert estimate.mi == pytest.approx(TRUTH, abs=0.1)
    assert (estimate.method, estimate.n_samples, estimate.unit) == (method, 400, "nats")
    assert isinstance(estimate.mi, float)


@pytest.mark.parametrize("method", CLASSICAL)
def test_methods_without_interval_say_so(method):
    estimate = mutual_info(X, Y, estimator=method)
    assert (estimate.low, estimate.high, estimate.level) == (None, None, None)


def test_mist_has_an_interval_that_widens_with_its_level():
    narrow = mutual_info(X, Y, level=0.5, device="cpu")
    wide = mutual_info(X, Y, device="cpu")
    assert wide.low < narrow.low < narrow.mi < narrow.high < wide.high
    assert (narrow.level, wide.level) == (0.5, 0.9)
    assert wide.bits.mi == pytest.approx(wide.mi / math.log(2.0))


@pytest.mark.parametrize(
    ("method", "estimator"),
    [
        ("ksg", KSGEstimator()),
        ("gaussian_copula", GaussianCopulaEstimator()),
        ("mist", MISTRegressor(device="cpu")),
    ],
)
def test_it_is_the_estimators_own_answer(method, estimator):
    fitted = estimator.fit(X[:, None], Y)
    assert mutual_info(X, Y, estimator=method, device="cpu").mi == pytest.approx(
        fitted.mi_, abs=1e-6
    )


def test_an_estimator_may_bring_its_parameters_and_stays_as_it_is():
    estimator = KSGEstimator(n_neighbors=7, discrete_target=False)
    before = estimator.get_params()
    estimate = mutual_info(X, Y, estimator=estimator)
    assert estimate.method == "KSGEstimator"
    assert estimate.mi == pytest.approx(KSGEstimator(7).fit(X[:, None], Y).mi_)
    assert estimator.get_params() == before
    assert not hasattr(estimator, "mi_")


def test_an_estimator_keeps_its_kinds_unless_told_otherwise():
    grade = np.repeat([0.0, 1.0, 2.0, 3.0], 100)
    as_number = KSGEstimator(discrete_target=False)
    own = mutual_info(X, grade, estimator=as_number)
    told = mutual_info(X, grade, estimator=as_number, discrete_target=True)
    assert own.mi == mutual_info(X, grade, estimator="ksg", discrete_target=False).mi
    assert told.mi == mutual_info(X, grade, estimator="ksg").mi


@pytest.mark.parametrize("method", CLASSICAL)
@pytest.mark.parametrize(
    "wrap",
    [
        list,
        pd.Series,
        lambda values: values[:, None],
        lambda values: pd.DataFrame({"a": values}),
        lambda values: pd.Series(values, dtype="Float64"),
    ],
)
def test_one_column_in_any_container(method, wrap):
    expected = mutual_info(X, Y, estimator=method).mi
    assert mutual_info(wrap(X), wrap(Y), estimator=method).mi == expected


def test_labels_and_groups_of_columns():
    frame = pd.DataFrame({"a": X, "b": np.where(Y > 0, "high", "low")})
    both = mutual_info(frame, Y, estimator="ksg").mi
    assert both > mutual_info(frame["b"], Y, estimator="ksg").mi > 0.2


def test_a_constant_side_carries_nothing():
    for method in METHODS:
        assert mutual_info(X, np.ones(400), estimator=method, device="cpu").mi == 0.0


@pytest.mark.filterwarnings("ignore:Both sides are the same")  # X itself is drawn so
def test_small_information_is_not_clipped():
    estimates = [
        mutual_info(X, np.random.default_rng(seed).normal(size=400), estimator="ksg").mi
        for seed in range(5)
    ]
    assert min(estimates) < 0.0


def test_a_warning_is_given_and_kept():
    wide = load_card(DEFAULT_WEIGHTS)["trained"]["columns"][1] + 1
    columns = np.random.default_rng(1).normal(size=(60, wide))
    with pytest.warns(OutOfRangeWarning, match=f"{wide} columns on one side") as caught:
        estimate = mutual_info(columns, Y[:60], device="cpu")
    assert estimate.warnings == (str(caught[0].message),)
    assert caught[0].filename == __file__


def test_no_warning_within_the_range():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert mutual_info(X, Y, device="cpu").warnings == ()


@pytest.mark.parametrize("level", [0, 1, -0.1, 90, "0.9", None, True, math.nan])
def test_levels_outside_0_and_1_are_refused(level):
    with pytest.raises(ValueError, match="above 0 and below 1; pass for example 0.9"):
        mutual_info(X, Y, estimator="ksg", level=level)


def test_unknown_methods_are_refused():
    with pytest.raises(ValueError, match="estimator is 'mime'; pass one of mist, ksg"):
        mutual_info(X, Y, estimator="mime")
    with pytest.raises(TypeError, match="an instance, not its class"):
        mutual_info(X, Y, estimator=KSGEstimator)


def test_bad_samples_are_refused_without_a_number():
    with pytest.raises(InvalidSampleError, match="^X has 400 rows and y has 399"):
        mutual_info(X, Y[:-1], estimator="ksg")


@pytest.mark.parametrize("discrete", ["auto", True])
def test_the_short_way_answers_as_the_estimator(discrete):
    x = np.random.default_rng(1).integers(0, 9, size=(400, 2))
    y = x[:, 0] + Y
    asked = {"discrete_features": discrete, "device": "cpu"}
    short = mutual_info(x, y, level=0.8, **asked)
    whole = mutual_info(x, y, level=0.8, estimator=MISTRegressor(**asked))
    assert short == dataclasses.replace(whole, method="mist")
