"""The base class, on the smallest estimator that fills its hooks."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    parametrize_with_checks,
)

from skmist import InvalidSampleError
from skmist._sample.sample import MIN_SAMPLES
from skmist.estimators.base import MutualInfoEstimator
from tests.siblings import ESTIMATORS


class MeanCorrelation(MutualInfoEstimator):
    """Gaussian MI of the row means: cheap, and enough to exercise the base."""

    def __init__(self, *, discrete_features="auto", discrete_target="auto"):
        self.discrete_features = discrete_features
        self.discrete_target = discrete_target

    def _estimate(self, sample):
        correlation = np.corrcoef(sample.x.values.mean(axis=1), sample.y.values.mean(axis=1))[0, 1]
        return -0.5 * np.log1p(-min(correlation**2, 0.99))

    def _pointwise(self, x, y):
        return x.mean(axis=1) * y.mean(axis=1)

    def _row_information(self, x):
        return x.mean(axis=1) ** 2


class WithInterval(MeanCorrelation):
    def _interval(self, level):
        return self.mi_ - level, self.mi_ + level


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    return X, X[:, 0] + rng.normal(size=40)


@parametrize_with_checks([MeanCorrelation(), WithInterval()])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_column_names_are_checked_as_scikit_learn_does():
    check_dataframe_column_names_consistency("MeanCorrelation", MeanCorrelation())


def test_tags():
    tags = get_tags(MeanCorrelation())
    assert tags.target_tags.required and tags.target_tags.multi_output
    assert tags.target_tags.single_output and tags.estimator_type is None


def test_mean_of_predict_is_mi(data):
    X, y = data
    model = MeanCorrelation().fit(X, y)
    assert isinstance(model.mi_, float)
    assert np.mean(model.predict(X)) == pytest.approx(model.mi_, abs=1e-12)
    assert model.predict(X[:5]) == pytest.approx(model.predict(X)[:5], abs=1e-12)


def test_offset_is_computed_once_and_renewed_by_fit(data, monkeypatch):
    X, y = data
    calls = []
    original = MeanCorrelation._row_information
    monkeypatch.setattr(
        MeanCorrelation, "_row_information", lambda self, x: calls.append(1) or original(self, x)
    )
    model = MeanCorrelation().fit(X, y)
    assert not calls
    model.predict(X), model.predict(X)
    assert len(calls) == 3
    model.fit(2.0 * X, y)
    assert np.mean(model.predict(2.0 * X)) == pytest.approx(model.mi_, abs=1e-12)


def test_fitted_attributes(data):
    X, y = data
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(d=["u", "v"] * 20)
    model = MeanCorrelation().fit(frame, np.stack([y, y > 0], axis=1))
    assert (model.n_features_in_, model.n_outputs_, model.n_samples_fit_) == (4, 2, 40)
    assert model.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    assert model.discrete_features_.tolist() == [False, False, False, True]
    assert model.discrete_target_.tolist() == [False, True]


def test_score_is_the_mi_of_a_new_sample(data):
    X, y = data
    model = MeanCorrelation().fit(X[:20], y[:20])
    score = model.score(X[20:], y[20:])
    assert type(score) is float
    assert score == pytest.approx(MeanCorrelation().fit(X[20:], y[20:]).mi_)
    assert score != pytest.approx(model.mi_)


@pytest.mark.filterwarnings("ignore:.*rows per label")
def test_score_keeps_the_kinds_of_fit():
    y = np.arange(40) % 3
    model = MeanCorrelation().fit(np.arange(40.0)[:, None], y)
    seen = []
    model._estimate = lambda sample: seen.append(sample) or 0.0
    model.score(np.arange(6.0)[:, None], y[:6])
    assert seen[0].y.discrete.tolist() == [True]
    assert seen[0].x.discrete.tolist() == [False]


def test_score_samples(data):
    X, y = data
    model = MeanCorrelation().fit(X, y)
    assert model.score_samples(X[:7], y[:7]) == pytest.approx(X[:7].mean(axis=1) * y[:7])
    np.testing.assert_array_equal(model.score_samples(X), model.predict(X))
    with pytest.raises(InvalidSampleError, match="X has 7 rows and y has 6"):
        model.score_samples(X[:7], y[:6])


def test_estimate_many_needs_no_fit_and_keeps_order(data):
    X, y = data
    samples = [(X, y), (X[:, 0], y), (X[:9], y[:9]), (np.ones(9), y[:9]), (y, X[:, :2])]
    answers = MeanCorrelation().estimate_many(iter(samples))
    assert answers.shape == (5,)
    assert answers[3] == 0.0
    for answer, (x, target) in zip(answers, samples, strict=True):
        assert answer == pytest.approx(MeanCorrelation().fit(x.reshape(len(x), -1), target).mi_)
    assert MeanCorrelation().estimate_many([]).shape == (0,)


def test_estimate_many_names_the_bad_sample(data):
    X, y = data
    with pytest.raises(InvalidSampleError, match="Sample 1: X has 40 rows and y has 39"):
        MeanCorrelation().estimate_many([(X, y), (X, y[1:])])


@pytest.mark.parametrize("sample", [np.zeros((2, 9)), 5, (np.ones(9),)])
def test_estimate_many_wants_pairs(data, sample):
    with pytest.raises(InvalidSampleError, match="Sample 1 is of type .* tuple of two"):
        MeanCorrelation().estimate_many([data, sample])


def test_a_failed_fit_leaves_the_estimator_unfitted(data):
    class Refuses(MeanCorrelation):
        def _fit_sample(self, sample):
            raise InvalidSampleError("too few rows for this estimator")

    model = Refuses()
    with pytest.raises(InvalidSampleError, match="too few rows"):
        model.fit(*data)
    with pytest.raises(NotFittedError):
        model.predict(data[0])


def test_interval_exists_only_where_implemented(data):
    assert not hasattr(MeanCorrelation(), "interval")
    with pytest.raises(AttributeError, match=r"BootstrapCI\(MeanCorrelation\(\)\)"):
        MeanCorrelation().interval()
    model = WithInterval().fit(*data)
    assert model.interval() == (pytest.approx(model.mi_ - 0.9), pytest.approx(model.mi_ + 0.9))
    assert all(type(bound) is float for bound in model.interval(level=0.5))
    with pytest.raises(NotFittedError):
        WithInterval().interval()


@pytest.mark.parametrize("level", [0.0, 1.0, 90, -0.1, np.nan])
def test_interval_level_is_checked(data, level):
    with pytest.raises(ValueError, match="above 0 and below 1; pass for example 0.9"):
        WithInterval().fit(*data).interval(level)


@pytest.mark.parametrize("side", ["X", "y"])
def test_a_constant_side_carries_nothing(data, side):
    X, y = data
    X, y = (np.full_like(X, 2.5), y) if side == "X" else (X, np.full(40, "k"))
    model = WithInterval().fit(X, y)
    assert model.mi_ == 0.0
    assert model.interval() == (0.0, 0.0)
    assert model.score(X, y) == 0.0
    np.testing.assert_array_equal(model.predict(X[:3]), np.zeros(3))
    np.testing.assert_array_equal(model.score_samples(X[:3], y[:3]), np.zeros(3))


def test_constant_columns_change_nothing(data):
    X, y = data
    plain = MeanCorrelation().fit(X, y)
    padded_X = np.insert(X, 1, 5.0, axis=1)
    padded = MeanCorrelation().fit(padded_X, np.stack([y, np.ones(40)], axis=1))
    assert padded.mi_ == plain.mi_
    padded_X[:, 1] = 6.0
    np.testing.assert_allclose(padded.predict(padded_X), plain.predict(X))


def test_unfitted_and_wrong_columns(data):
    X, y = data
    for method, args in (("predict", (X,)), ("score_samples", (X, y)), ("score", (X, y))):
        with pytest.raises(NotFittedError):
            getattr(MeanCorrelation(), method)(*args)
        with pytest.raises(ValueError, match="X has 2 features, but MeanCorrelation is expecting"):
            getattr(MeanCorrelation().fit(X, y), method)(X[:, :2], *args[1:])


def test_clone_and_pickle(data):
    X, y = data
    model = MeanCorrelation(discrete_target=False).fit(X, y)
    assert clone(model).get_params() == model.get_params()
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_works_inside_scikit_learn(data):
    X, y = data
    pipeline = make_pipeline(StandardScaler(), MeanCorrelation()).fit(X, y)
    assert pipeline.predict(X).shape == (40,)
    assert isinstance(pipeline.score(X, y), float)
    assert cross_val_predict(MeanCorrelation(), X, y, cv=3).shape == (40,)


def mixed_sample() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(1)
    age, city = rng.normal(size=120), rng.choice(list("abc"), 120)
    pay = age + (city == "b") + rng.normal(size=120)
    X = pd.DataFrame({"age": age, "city": city, "fixed": 1.0})
    return X, pd.DataFrame({"pay": pay, "rich": pay > 1.0})


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
def test_every_estimator_keeps_the_contract(estimator):
    X, y = mixed_sample()
    model = clone(estimator).fit(X, y)
    assert type(model.mi_) is float and np.isfinite(model.mi_)
    rows = model.predict(X)
    assert rows.shape == (120,) and rows.dtype == np.float64
    assert np.mean(rows) == pytest.approx(model.mi_, abs=1e-9)
    assert model.score_samples(X, y).shape == (120,)
    assert model.score(X, y) == pytest.approx(model.mi_, abs=1e-9)
    both = clone(estimator).estimate_many([(X, y), (X["age"], y["pay"])])
    assert both[0] == pytest.approx(model.mi_, abs=1e-5)
    assert clone(estimator).fit(X.drop(columns="fixed"), y).mi_ == pytest.approx(model.mi_)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
def test_every_estimator_answers_0_for_a_constant_side(estimator):
    X, y = mixed_sample()
    model = clone(estimator).fit(X[["fixed"]], y)
    assert model.mi_ == model.score(X[["fixed"]], y) == 0.0
    assert not model.predict(X[["fixed"]]).any()
    if hasattr(model, "interval"):
        assert model.interval() == (0.0, 0.0)


@pytest.mark.filterwarnings("ignore::skmist.BoundWarning")
@pytest.mark.filterwarnings("ignore::skmist.OutOfRangeWarning")
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
def test_every_estimator_answers_at_the_smallest_sample(estimator):
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(MIN_SAMPLES, 3)), rng.normal(size=MIN_SAMPLES)
    model = clone(estimator).fit(X, y)
    assert np.isfinite(model.mi_) and np.isfinite(model.predict(X)).all()


def test_names_of_mixed_types_are_taken_and_not_remembered():
    X, y = np.random.default_rng(3).normal(size=(2, 40, 3))
    df = pd.DataFrame(X, columns=["a", 1, None])
    model = MeanCorrelation().fit(df, y)
    assert model.mi_ == MeanCorrelation().fit(X, y).mi_
    assert model.n_features_in_ == 3 and not hasattr(model, "feature_names_in_")
    np.testing.assert_array_equal(model.predict(df), model.predict(X))
    assert model.score(df, y) == pytest.approx(model.mi_)
    with pytest.raises(ValueError, match="2 features"):
        model.predict(df[["a", 1]])
