"""Greedy selection: against known columns, brute force, and the conventions of scikit-learn."""

from __future__ import annotations

import pickle
import warnings
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import parallel_config
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmist import (
    BootstrapCI,
    InvalidSampleError,
    KSGEstimator,
    MISTRegressor,
    MutualInfoFeatureSelector,
    OutOfRangeWarning,
    mutual_info,
    mutual_info_feature_selection,
)
from skmist._sample.sample import make_sample
from skmist.feature_selection.criteria import CRITERIA, Gains, difference
from skmist.feature_selection.search import Choice
from skmist.feature_selection.stopping import ShadowRule, with_shadows
from skmist.independence.orders import free_orders

RNG = np.random.default_rng(0)
X_XOR = RNG.normal(size=(150, 6))
Y_XOR = X_XOR[:, 1] * X_XOR[:, 4] > 0


def chain(n=300, seed=0):
    """Columns: strong, its noisy copy, weak but new, noise; with their target."""
    rng = np.random.default_rng(seed)
    strong, weak, noise = rng.normal(size=(3, n))
    copy = strong + 0.3 * rng.normal(size=n)
    y = strong + 0.5 * weak + 0.3 * rng.normal(size=n)
    return np.column_stack([strong, copy, weak, noise]), y


# The criteria -----------------------------------------------------------------------------


def mi(X, y):
    return KSGEstimator().fit(X, y).mi_


def brute_force(X, y, criterion, number):
    """Greedy selection as the papers write it, one estimate after the other."""
    chosen = []

    def score(k):
        alone = mi(X[:, [k]], y)
        if not chosen or criterion == "mim":
            return alone
        if criterion == "mrmr":
            return alone - np.mean([mi(X[:, [k]], X[:, j]) for j in chosen])
        joint = np.array([mi(X[:, [j, k]], y) for j in chosen])
        known = np.array([mi(X[:, [j]], y) for j in chosen])
        return {
            "jmi": np.mean(joint - known),
            "jmim": joint.min(),
            "cmim": (joint - known).min(),
        }[criterion]

    while len(chosen) < number:
        chosen.append(max((k for k in range(X.shape[1]) if k not in chosen), key=score))
    return chosen


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_order_of_choice_is_that_of_the_papers(criterion, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(80, 6)) @ rng.normal(size=(6, 6))
    y = X[:, 0] * X[:, 1] + X[:, 2] + rng.normal(size=80)
    select = MutualInfoFeatureSelector(4, criterion=criterion, estimator="ksg", pairs=False)
    ranking = select.fit(X, y).ranking_
    assert np.argsort(ranking)[:4].tolist() == brute_force(X, y, criterion, 4)


def test_redundancy_is_what_the_chosen_columns_said_before():
    X, y = chain()
    select = MutualInfoFeatureSelector(2, criterion="mrmr", estimator="ksg").fit(X, y)
    assert select.ranking_[0] == 1 and select.ranking_[2] == 2
    np.testing.assert_allclose(select.relevance_[1], mi(X[:, [1]], y), rtol=1e-12)
    np.testing.assert_allclose(select.redundancy_[1], mi(X[:, [1]], X[:, 0]), rtol=1e-12)
    assert select.redundancy_[0] == 0.0 and np.isnan(select.intervals_).all()


def test_criteria_that_see_redundancy_leave_out_the_copy():
    X, y = chain()
    chosen = {
        criterion: MutualInfoFeatureSelector(2, criterion=criterion, estimator="gaussian_copula")
        .fit(X, y)
        .get_support(indices=True)
        .tolist()
        for criterion in CRITERIA
    }
    assert chosen.pop("mim") == [0, 1]
    assert all(columns == [0, 2] for columns in chosen.values()), chosen


def test_one_pair_is_compared_by_the_formulas():
    relevance, chosen = np.array([[0.5, 0.4, 0.7]]), np.array([[0.2, 0.1, 0.3], [0.3, 0.3, 0.3]])
    pairs = np.array([[[0.6, 0.5, 0.8], [0.4, 0.4, 0.4]]])
    expected = {"mim": 0.5, "mrmr": 0.0, "jmi": 0.25, "jmim": 0.4, "cmim": 0.1}
    for name, score in expected.items():
        found = CRITERIA[name].gains(relevance, chosen, pairs)
        assert found.scores[0] == pytest.approx(score), name
    gain = CRITERIA["jmim"].gains(relevance, chosen, pairs).gains[0]
    np.testing.assert_allclose(gain, [0.1, 0.1, 0.1])


def test_interval_of_a_difference():
    # by hand: 3-4-5 triangles on either side
    found = difference(np.array([1.0, 0.7, 1.8]), np.array([0.5, -0.1, 0.9]))
    np.testing.assert_allclose(found, [0.5, 0.0, 1.5])


def test_an_interval_covers_its_gain():
    X, y = chain(200)
    select = MutualInfoFeatureSelector(2, criterion="jmi", device="cpu").fit(X, y)
    low, high = select.intervals_.T
    assert (low <= select.gains_).all() and (select.gains_ <= high).all()


# Pairs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("criterion", ["jmi", "jmim", "cmim"])
@pytest.mark.parametrize("estimator", ["mist", "ksg"])
def test_exclusive_or_is_found(criterion, estimator):
    select = MutualInfoFeatureSelector(2, criterion=criterion, estimator=estimator, device="cpu")
    assert select.fit(X_XOR, Y_XOR).get_support(indices=True).tolist() == [1, 4]
    joint = mutual_info(X_XOR[:, [1, 4]], Y_XOR, estimator=estimator, device="cpu").mi
    np.testing.assert_allclose(select.gains_[[1, 4]], joint / 2, atol=1e-4)
    assert (select.redundancy_[[1, 4]] < 0).all()


def test_without_pairs_exclusive_or_is_a_guess():
    select = MutualInfoFeatureSelector(2, criterion="jmi", pairs=False, device="cpu")
    assert select.fit(X_XOR, Y_XOR).ranking_[[1, 4]].tolist() != [1, 2]
    assert select.n_estimates_ == 6 + 5


def test_a_second_pair_is_found_after_the_first():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(300, 7))
    y = (X[:, 0] * X[:, 1] > 0) + 2 * (X[:, 4] * X[:, 6] > 0)
    for criterion in ("joint", "jmi"):
        select = MutualInfoFeatureSelector(criterion=criterion, device="cpu").fit(X, y)
        assert select.get_support(indices=True).tolist() == [0, 1, 4, 6]


def test_a_pair_is_the_best_by_brute_force():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(100, 5))
    y = X[:, 0] * X[:, 3] + 0.1 * rng.normal(size=100)
    select = MutualInfoFeatureSelector(2, estimator="ksg").fit(X, y)
    best = max(combinations(range(5), 2), key=lambda pair: mi(X[:, pair], y))
    assert tuple(select.get_support(indices=True)) == best


# When to stop -----------------------------------------------------------------------------


def test_intervals_stop_where_nothing_more_is_there():
    X, y = chain()
    select = MutualInfoFeatureSelector(criterion="cmim", device="cpu").fit(X, y)
    assert select.get_support(indices=True).tolist() == [0, 2]
    assert select.n_features_ == 2 and np.isnan(select.pvalues_).all()
    # given the weak column, the copy does say something, and the mean shows it
    select.set_params(criterion="jmi").fit(X, y)
    assert select.get_support(indices=True).tolist() == [0, 1, 2]


@pytest.mark.parametrize("criterion", CRITERIA)
def test_permutations_stop_where_nothing_more_is_there(criterion):
    X, y = chain()
    select = MutualInfoFeatureSelector(
        criterion=criterion, estimator="gaussian_copula", random_state=0
    ).fit(X, y)
    assert select.support_[0] and not select.support_[3]
    assert select.pvalues_[0] == pytest.approx(1 / 81)  # of 4 columns, 20 copies each
    assert select.pvalues_[3] > 0.05


@pytest.mark.parametrize(("gain", "pvalue", "taken"), [(99.5, 0.01, True), (98.5, 0.02, False)])
def test_pvalues_are_corrected_for_all_candidates(gain, pvalue, taken):
    rule = ShadowRule(np.zeros(103, dtype=int), 0.05, 4)
    copies = np.repeat(np.arange(1.0, 100.0)[:, None], 3, axis=1)  # gains of 99 copies
    gains = np.repeat([[10.0], [gain], [20.0], [30.0]], 3, axis=1)
    search = SimpleNamespace(gains=gains, remaining=lambda: [0, 1, 2, 3])
    choice = Choice((1,), gain, gains[1], 4)
    # by hand: 4 candidates, so the least p-value must be 0.05 / 4 at most
    assert rule(search, choice, Gains(copies[:, 0], copies)) is taken
    np.testing.assert_allclose(rule.pvalues, [0.91, pvalue, 0.81, 0.71])


@pytest.mark.parametrize("stopping", ["interval", "permutation"])
def test_noise_is_not_chosen(stopping):
    estimator = "mist" if stopping == "interval" else "gaussian_copula"
    chosen = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        select = MutualInfoFeatureSelector(
            criterion="mim", estimator=estimator, device="cpu", random_state=seed
        ).fit(rng.normal(size=(60, 8)), rng.normal(size=60))
        chosen.append(select.n_features_ > 0)
    # one in 20 is expected; five or more have probability 0.0002
    assert sum(chosen) < 5


def test_an_empty_choice_warns_and_keeps_the_rows():
    rng = np.random.default_rng(1)
    select = MutualInfoFeatureSelector(criterion="mim", device="cpu")
    select.fit(rng.normal(size=(50, 2)), rng.normal(size=50))
    with pytest.warns(UserWarning, match="No features were selected"):
        assert select.transform(rng.normal(size=(7, 2))).shape == (7, 0)


def test_copies_are_permuted_columns_of_every_kind():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=60), rng.normal(size=60), rng.integers(0, 3, 60)])
    sample = make_sample(X, rng.normal(size=60))
    extended, kinds = with_shadows(sample, 0.1, free_orders(60), 0)
    # at least 3 / 0.1 of each kind, in whole rounds of its columns
    assert kinds[3:].tolist() == [0] * 30 + [3] * 30
    np.testing.assert_array_equal(np.sort(extended.x.values[:, 3]), np.sort(X[:, 0]))
    np.testing.assert_array_equal(np.sort(extended.x.values[:, 33]), np.sort(X[:, 2]))
    assert not np.array_equal(extended.x.values[:, 3], X[:, 0])
    assert extended.x.discrete[33:].all() and not extended.x.discrete[3:33].any()


def test_groups_stay_together_in_permutations():
    rng = np.random.default_rng(0)
    site = np.repeat(np.arange(6), 20)
    X, y = site[:, None] + 0.1 * rng.normal(size=(120, 2)), site + 0.1 * rng.normal(size=120)
    select = MutualInfoFeatureSelector(criterion="jmi", estimator="ksg", stopping="permutation")
    assert select.set_params(random_state=0).fit(X, y).n_features_ > 0
    # within a site nothing depends on anything
    assert clone(select).fit(X, y, groups=site).n_features_ == 0
    with config_context(enable_metadata_routing=True):
        step = clone(select).set_fit_request(groups=True)
        model = make_pipeline(step, StandardScaler())
        with pytest.warns(UserWarning, match="No features"), pytest.raises(ValueError):
            model.fit(X, y, groups=site)
        assert step.get_metadata_routing().fit.requests["groups"] is not None


# Data of all kinds ------------------------------------------------------------------------


def mixed(n=120):
    rng = np.random.default_rng(0)
    letters = np.where(rng.random(n) < 0.5, "u", "v")
    frame = pd.DataFrame({"number": rng.normal(size=n), "text": letters})
    frame["noise"] = rng.normal(size=n)
    frame["kind"] = pd.Categorical(rng.choice(["p", "q", "r"], n))
    y = frame["number"] + 2 * (frame["text"] == "u") + 0.2 * rng.normal(size=n)
    return frame, y


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_frames_in_and_out(library):
    frame, y = mixed()
    X = frame if library is pd.DataFrame else pl.from_pandas(frame)
    select = MutualInfoFeatureSelector(2, estimator="ksg").fit(X, y)
    assert select.get_feature_names_out().tolist() == ["number", "text"]
    assert isinstance(select.transform(X), np.ndarray)
    output = "pandas" if library is pd.DataFrame else "polars"
    kept = select.set_output(transform=output).transform(X)
    assert isinstance(kept, library)
    expected = X[["number", "text"]]
    assert kept.equals(expected) and list(kept.dtypes) == list(expected.dtypes)


def test_several_outputs_are_one_target():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4))
    Y = pd.DataFrame({"a": X[:, 0] + 0.3 * rng.normal(size=200), "b": X[:, 2] > 0})
    select = MutualInfoFeatureSelector(2, criterion="mim", estimator="gaussian_copula").fit(X, Y)
    assert select.get_support(indices=True).tolist() == [0, 2]


def test_a_constant_column_says_nothing():
    X, y = chain(100)
    X[:, 3] = 7.0
    select = MutualInfoFeatureSelector(estimator="ksg", random_state=0).fit(X, y)
    assert select.relevance_[3] == 0.0 and not select.support_[3]


def test_discrete_columns_can_be_named():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"grade": rng.integers(0, 30, 200), "size": rng.normal(size=200)})
    y = X["grade"] % 2
    select = mutual_info_feature_selection(1, estimator="ksg", discrete_features=["grade"])
    expected = KSGEstimator(discrete_features=True).fit(X[["grade"]], y).mi_
    assert select.fit(X, y).relevance_[0] == expected != mi(X[["grade"]], y)


def test_notes_of_the_net_are_given_once():
    rng = np.random.default_rng(0)
    with pytest.warns(OutOfRangeWarning) as caught:
        MutualInfoFeatureSelector(1, device="cpu").fit(rng.normal(size=(9, 3)), np.arange(9.0))
    assert len(caught) == 1


# scikit-learn -----------------------------------------------------------------------------


def test_in_a_grid_search_over_a_pipeline():
    X, y = chain(120)
    columns = ColumnTransformer(
        [("keep", mutual_info_feature_selection(1, estimator="gaussian_copula"), [0, 1, 2, 3])]
    )
    model = make_pipeline(columns, LogisticRegression())
    grid = {"columntransformer__keep__n_features": [1, 2, 0.75]}
    search = GridSearchCV(model, grid, cv=3).fit(X, y > 0)
    assert search.best_params_["columntransformer__keep__n_features"] in (2, 0.75)


def test_nested_parameters_and_pickles():
    X, y = chain(60)
    select = MutualInfoFeatureSelector(2, estimator=KSGEstimator(n_neighbors=3))
    select.set_params(estimator__n_neighbors=7).fit(X, y)
    assert clone(select).estimator.n_neighbors == 7
    again = pickle.loads(pickle.dumps(select))
    np.testing.assert_array_equal(again.transform(X), X[:, select.support_])


def test_the_answer_does_not_depend_on_the_number_of_processes():
    X, y = chain(50)
    with parallel_config("threading"):
        fits = [
            MutualInfoFeatureSelector(estimator="ksg", random_state=0, n_jobs=n).fit(X, y)
            for n in (None, 2)
        ]
    np.testing.assert_array_equal(fits[0].gains_, fits[1].gains_)
    np.testing.assert_array_equal(fits[0].pvalues_, fits[1].pvalues_)


def test_the_function_returns_the_same_step():
    given_ = {"criterion": "cmim", "estimator": "ksg", "level": 0.8, "alpha": 0.1, "pairs": False}
    assert (
        mutual_info_feature_selection(3, **given_).get_params()
        == MutualInfoFeatureSelector(3, **given_).get_params()
    )
    default = mutual_info_feature_selection().get_params()
    assert default == MutualInfoFeatureSelector().get_params()


def test_intervals_of_other_estimators():
    X, y = chain(100)
    wrapped = BootstrapCI(KSGEstimator(n_neighbors=1), n_resamples=20, random_state=0)
    select = MutualInfoFeatureSelector(criterion="mim", estimator=wrapped).fit(X, y)
    assert np.isfinite(select.intervals_).all() and select.support_[0]


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(5)), st.sampled_from(sorted(CRITERIA)), st.integers(0, 99))
def test_order_of_columns_and_rows_does_not_matter(order, criterion, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(40, 5))
    y = X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(size=40)
    rows = rng.permutation(40)
    select = MutualInfoFeatureSelector(3, criterion=criterion, estimator="gaussian_copula")
    first = select.fit(X, y).support_
    second = clone(select).fit(X[rows][:, order], y[rows]).support_
    np.testing.assert_array_equal(first[list(order)], second)


# Errors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_features": 0}, "n_features=0 must be"),
        ({"n_features": 1.5}, "n_features=1.5 must be"),
        ({"n_features": True}, "n_features=True must be"),
        ({"n_features": "all"}, "n_features='all' must be"),
        ({"n_features": 9}, "n_features=9, but X has 4"),
        ({"criterion": "best"}, "criterion is 'best'; pass one of joint, mim, mrmr"),
        ({"stopping": "soon"}, "stopping is 'soon'"),
        ({"stopping": "interval"}, "does not go with criterion='joint'"),
        ({"stopping": "interval", "criterion": "jmi"}, "KSGEstimator has no intervals"),
        ({"share": 0.0}, "share=0.0 must be"),
        ({"max_rows": 2}, "max_rows=2 must be"),
        ({"pairs": "yes"}, "pairs='yes' must be"),
        ({"pairs": True, "criterion": "mim"}, "criterion='mim'"),
        ({"pairs": True, "criterion": "jmi"}, "does not go with permutations"),
        ({"alpha": 2}, "alpha=2 must be"),
        ({"level": 1.0}, "level is 1.0"),
        ({"estimator": "nothing"}, "estimator is 'nothing'"),
    ],
)
def test_parameters_are_checked(parameters, message):
    X, y = chain(30)
    select = MutualInfoFeatureSelector(**{"estimator": "ksg", **parameters})
    with pytest.raises(ValueError, match=message):
        select.fit(X, y)


def test_groups_are_checked():
    X, y = chain(30)
    with pytest.raises(InvalidSampleError, match="groups has shape"):
        MutualInfoFeatureSelector(estimator="ksg").fit(X, y, groups=[1, 2])


def test_no_warning_where_there_is_nothing_to_warn_of():
    X, y = chain(60)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        MutualInfoFeatureSelector(estimator=MISTRegressor(device="cpu")).fit(X, y).transform(X)


@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
@pytest.mark.parametrize(
    "names", [("kind", "flag"), ("kind", "count"), ("text", "flag"), ("kind", 7)]
)
def test_transform_takes_what_fit_took(output, names):
    rng = np.random.default_rng(0)
    x = rng.normal(size=60)
    columns = {
        "kind": pd.Categorical(np.where(x > 0, "u", "v")),
        "text": pd.Series(np.where(x > 0, "u", "v"), dtype="string[pyarrow]"),
        "flag": pd.array(x > 1, dtype="boolean"),
        "count": pd.array(rng.integers(0, 50, 60), dtype="Int64"),
        7: x,
    }
    X = pd.DataFrame({name: columns[name] for name in names})
    selector = MutualInfoFeatureSelector(1, estimator="gaussian_copula", criterion="mim")
    found = selector.set_output(transform=output).fit(X, x).transform(X)
    assert found.shape == (60, 1)
    chosen = X.iloc[:, int(np.flatnonzero(selector.support_)[0])]
    values = found if output == "default" else found.to_numpy()
    assert values[:, 0].tolist() == chosen.tolist()


@pytest.mark.parametrize("last", [np.inf, 1.0j])
def test_any_number_may_be_the_name_of_a_category(last):
    rng = np.random.default_rng(0)
    names = pd.Categorical(rng.choice([1.0, 2.0, last], 60))
    frame = pd.DataFrame({"kind": names, "other": rng.normal(size=60)})
    selector = MutualInfoFeatureSelector(1, estimator="ksg").fit(frame, names.codes == 1)
    assert selector.transform(frame)[:, 0].tolist() == names.tolist()
