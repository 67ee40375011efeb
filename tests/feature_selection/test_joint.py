"""The search by what all chosen columns say together: what it finds, and when it stops."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import make_friedman1
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from skmist import (
    InvalidSampleError,
    MISTRegressor,
    MutualInfoFeatureSelector,
    TableWarning,
    mutual_info,
    mutual_info_feature_selection,
)
from skmist._sample.sample import make_sample
from skmist.estimators.copula.estimator import GaussianCopulaEstimator
from skmist.feature_selection.additive import AdditiveGains
from skmist.feature_selection.anything import clearly_something
from skmist.feature_selection.candidates import find_candidates, likely_groups
from skmist.feature_selection.information import ColumnInformation
from skmist.feature_selection.looks import ColumnSet, Leaps, Looks
from skmist.feature_selection.merits import Merits
from skmist.feature_selection.options import Option
from skmist.feature_selection.rows import shares_of_halves, untied
from skmist.feature_selection.strata import Strata
from skmist.feature_selection.table import TableSelection, select_from_table


def chosen(selector):
    return selector.get_support(indices=True).tolist()


def linear(n=300, p=6, seed=0):
    """Columns 1 and 4 say something; 5 is nearly the same as 1."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    X[:, 5] = X[:, 1] + 0.1 * rng.normal(size=n)
    return X, X[:, 1] + 0.7 * X[:, 4] + 0.5 * rng.normal(size=n)


COPULA = {"estimator": "gaussian_copula"}


# What it finds ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_the_true_columns_among_noise_and_no_others(seed):
    X, y = make_friedman1(500, 12, noise=1.0, random_state=seed)
    selector = MutualInfoFeatureSelector(device="cpu").fit(X, y)
    # of 36 such samples 35 have none of the seven columns of noise
    assert chosen(selector) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("seed", range(2))
def test_columns_of_noise_beside_a_category_that_turns_an_effect_are_not_chosen(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(400, 10))
    X[:, 8] = rng.integers(0, 4, 400)
    y = np.where(X[:, 8] % 2, 1.0, -1.0) * X[:, 0] + 0.5 * X[:, 1] + 0.4 * rng.normal(size=400)
    assert chosen(MutualInfoFeatureSelector(device="cpu").fit(X, y)) == [0, 1, 8]


def test_effects_that_a_column_opens_are_found_though_no_regression_sees_them():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 12))
    y = X[:, 0] * (X[:, 1:5] @ [1.0, 0.7, 0.5, 0.4]) + 0.3 * rng.normal(size=500)
    selector = MutualInfoFeatureSelector(device="cpu").fit(X, y)
    assert chosen(selector) == [0, 1, 2, 3, 4]


def test_a_product_is_found_though_groups_with_columns_that_are_chosen_add_more():
    rng = np.random.default_rng(1000)
    X = rng.normal(size=(400, 10))
    y = np.sin(2.0 * X[:, 0]) + 0.5 * X[:, 1] ** 2 + 0.5 * X[:, 2] * X[:, 3]
    y += 0.3 * rng.normal(size=400)
    assert chosen(MutualInfoFeatureSelector(device="cpu").fit(X, y)) == [0, 1, 2, 3]


def test_three_columns_that_say_something_only_together():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 10))
    y = X[:, 2] * X[:, 5] * X[:, 7] > 0
    selector = MutualInfoFeatureSelector(device="cpu").fit(X, y)
    assert chosen(selector) == [2, 5, 7]
    alone = MutualInfoFeatureSelector(3, pairs=False, estimator=MISTRegressor(device="cpu"))
    assert chosen(alone.fit(X, y)) != [2, 5, 7]


def test_products_lead_to_the_groups():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(400, 15))
    for size in (2, 3):
        columns = sorted(rng.permutation(15)[:size].tolist())
        y = np.prod(X[:, columns], axis=1) + X[:, 0] + 0.2 * rng.normal(size=400)
        groups = [g for g in likely_groups(make_sample(X, y)) if len(g) == size]
        assert list(groups[0]) == columns


def test_a_wide_table_is_cut_to_what_says_most_alone_or_in_products():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(300, 150))
    y = np.sign(X[:, 7] * X[:, 120]) + X[:, 60]
    information = ColumnInformation(make_sample(X, y), GaussianCopulaEstimator(), 0.9)
    columns, groups = find_candidates(information)
    assert len(columns) == 60 and {7, 60, 120} <= set(columns)
    assert groups[0] == (7, 120)


def test_redundant_columns_are_named():
    X, y = linear()
    frame = pd.DataFrame(X, columns=list("abcdef"))
    selector = MutualInfoFeatureSelector(**COPULA).fit(frame, y)
    assert selector.get_feature_names_out().tolist() == ["b", "e"]
    (row,) = selector.redundant_.to_dict("records")
    assert row["column"] == "f" and row["says_the_same_as"] == "b"
    assert row["correlation"] == pytest.approx(0.995, abs=0.01)


# When it stops ----------------------------------------------------------------------------


def test_noise_is_not_chosen():
    some = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        selector = MutualInfoFeatureSelector(**COPULA, random_state=seed)
        some.append(selector.fit(rng.normal(size=(80, 6)), rng.normal(size=80)).n_features_ > 0)
    # one in 20 is expected; five or more have probability 0.003
    assert sum(some) < 5


def test_effects_that_an_estimate_does_not_tell_from_its_own_error_are_found():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(800, 20))
    y = X[:, :12] @ np.full(12, 0.25) + rng.normal(size=800)
    found = chosen(MutualInfoFeatureSelector(device="cpu", pairs=False).fit(X, y))
    assert len(set(found) & set(range(12))) >= 11
    assert len(set(found) - set(range(12))) <= 2


def test_a_column_is_not_chosen_for_what_a_regression_did_not_see_in_others():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 5))
    curve = np.sin(4 * X[:, 1])
    y = curve + X[:, 1] + 0.2 * rng.normal(size=1000)
    # a noisy copy of the curve: to scores and squares of column 1 it adds much, to itself nothing
    X[:, 3] = curve + 0.5 * rng.normal(size=1000)
    sample = make_sample(X, y)
    gains = AdditiveGains(sample, range(5))
    gains.take([1])
    assert gains.of([(3,)])[0].gain > 0.1
    assert chosen(MutualInfoFeatureSelector(device="cpu").fit(X, y)) == [1]


def test_many_weak_columns_are_not_nothing():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 20))
    y = X @ np.full(20, 0.2) + rng.normal(size=500)
    selector = MutualInfoFeatureSelector(**COPULA, pairs=False).fit(X, y)
    assert selector.n_features_ > 15


def test_a_search_ends_though_the_net_contradicts_every_regression(monkeypatch):
    monkeypatch.setattr(Option, "contradicted", lambda self: True)
    X, y = linear(100)
    selector = MutualInfoFeatureSelector(**COPULA).fit(X, y)
    assert 1 <= selector.n_features_ <= 6


def test_it_ends_where_the_entropy_of_a_class_leaves_no_more():
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=300)
    # each column tells all classes apart, and to a regression each of them adds to the others
    X = np.column_stack([labels + 0.25 * rng.normal(size=300) for _ in range(8)])
    selector = MutualInfoFeatureSelector(device="cpu").fit(X, labels.astype(str))
    assert selector.n_features_ <= 3
    assert 0.98 <= selector.explained_information_ <= 1.0


def test_the_share_sets_how_many():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 8))
    y = X @ 0.6 ** np.arange(8) + 0.2 * rng.normal(size=1000)
    numbers = [
        MutualInfoFeatureSelector(share=share, **COPULA).fit(X, y).n_features_
        for share in (0.3, 0.8, 0.99)
    ]
    assert numbers == sorted(set(numbers)) and numbers[0] >= 1


def test_so_many_columns_at_most_and_fewer_where_they_are_enough():
    X, y = linear()
    for most, expected in ((1, 1), (5, 2), (20, 2)):
        for more in ({}, {"criterion": "cmim", "stopping": "permutation", "random_state": 0}):
            selector = MutualInfoFeatureSelector(max_features=most, **COPULA, **more).fit(X, y)
            assert selector.n_features_ == expected
    one = MutualInfoFeatureSelector(max_features=1, **COPULA).fit(X, y)
    assert one.explained_information_ < 0.95 and len(one.path_) == 1
    with pytest.raises(ValueError, match="max_features=0"):
        MutualInfoFeatureSelector(max_features=0, **COPULA).fit(X, y)
    with pytest.raises(ValueError, match="Pass one of them"):
        MutualInfoFeatureSelector(2, max_features=2, **COPULA).fit(X, y)


def test_copies_from_other_rows_move_nothing_else():
    X, y = linear(50)
    information = ColumnInformation(make_sample(X, y), GaussianCopulaEstimator(), 0.9)
    order = np.random.default_rng(0).permutation(50)
    moved = X[:, [1, 4]].copy()
    moved[:, 1] = X[order, 4]
    # a look has one more column, of noise by its own order, here the first one's; the columns
    # that move have the order of the look before, of the first look that of the last
    noise = np.random.default_rng(1).permutation(50)
    looks = Looks(information, [noise, order])
    moved = np.column_stack([moved, X[noise, 0]])
    found = looks([ColumnSet((1, 4), (4,))], 1)
    assert found[0, 0] == pytest.approx(mutual_info(moved, y, estimator="gaussian_copula").mi)
    whole = Looks(information, [noise, np.arange(50)])([ColumnSet((1, 4), (1, 4))], 1)
    kept = np.column_stack([X[:, [1, 4]], X[noise, 0]])
    assert whole[0, 0] == pytest.approx(mutual_info(kept, y, estimator="gaussian_copula").mi)


def graded(n=1000, seed=0):
    """Grades that follow from subgrades, which decide y, and a column of noise."""
    rng = np.random.default_rng(seed)
    sub = rng.integers(0, 30, n)
    names = pd.DataFrame({"grade": sub // 5, "sub": sub, "other": rng.integers(0, 7, n)})
    return names.astype(str).astype("category"), sub + 0.5 * rng.normal(size=n)


def test_what_follows_from_a_chosen_column_is_not_chosen():
    X, y = graded()
    assert MutualInfoFeatureSelector().fit(X, y).get_feature_names_out().tolist() == ["sub"]


@pytest.mark.parametrize("groups", [None, np.arange(1000) % 4])
def test_copies_move_within_the_levels_of_what_knows_them(groups):
    X, y = graded()
    strata = Strata(ColumnInformation(make_sample(X, y, groups=groups), MISTRegressor(), 0.9))
    order = np.random.default_rng(1).permutation(1000)
    same, stratum = strata.order(order, [2], [0, 1])
    assert stratum is None and same is order
    moved, stratum = strata.order(order, [0, 2], [1])
    assert stratum == 1
    assert sorted(moved) == list(range(1000))
    levels = X["sub"].to_numpy()
    assert (levels[moved] == levels).all()
    assert (moved != np.arange(1000)).mean() > 0.7
    if groups is not None:
        assert (groups[moved] == groups).all()
    # subgrades are known to half by grades: the rest is beyond them
    assert strata.order(order, [1], [0])[1] == 0


def test_what_estimates_leap_by_is_pooled():
    leaps = Leaps()
    assert not leaps and leaps.error(np.array([1.0])) == 0.0
    leaps.add(np.array([0.0, 2.0]))
    leaps.add(np.array([5.0, 5.0, 5.0]))
    # squares of 2 about their means, three degrees of freedom
    assert leaps and leaps.spread(np.array([7.0])) == pytest.approx(np.sqrt(2 / 3))
    wide = np.array([0.0, 10.0])
    assert leaps.error(wide) == pytest.approx(wide.std(ddof=1) / np.sqrt(2))


def test_looks_within_the_noise_are_averaged_and_others_replace():
    merits = Merits()
    merits.see([0, 1], [0.10, 0.30], noise=0.05)
    merits.see([0, 1], [0.14, 0.10], noise=0.05)
    assert merits == pytest.approx({0: 0.12, 1: 0.10}) and merits.ranked([1, 0]) == [0, 1]
    merits.see([0], [0.09], noise=0.05)
    assert merits[0] == pytest.approx(0.11)
    for _ in range(3):
        merits.see([1], [0.14], noise=0.05)
    # of many looks the last count most: the set that they were beside has grown since
    merits.see([1], [0.17], noise=0.05)
    assert merits[1] == pytest.approx(0.13 + 0.04 / 4)


def test_diffuse_information_takes_few_estimates_and_is_found():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(400, 4))
    X = z[:, np.arange(24) % 4] + rng.normal(size=(400, 24))
    y = z.sum(axis=1) + 0.5 * rng.normal(size=400)
    selector = MutualInfoFeatureSelector(**COPULA).fit(X, y)
    assert selector.n_estimates_ < 500
    # a column of each of the four, and again
    assert len({k % 4 for k in selector.ranking_.argsort()[:6]}) == 4
    assert selector.n_features_ > 8 and selector.explained_information_ > 0.9


def test_a_clear_column_costs_no_estimate_and_noise_is_not_clear():
    rng = np.random.default_rng(0)
    X, orders = rng.normal(size=(200, 5)), [rng.permutation(200) for _ in range(49)]
    bent = make_sample(X, X[:, 3] ** 2 + rng.normal(size=200))
    assert clearly_something(bent, orders)
    assert clearly_something(make_sample(X, X[:, 1] > 0.5, discrete_target=True), orders)
    assert not any(
        clearly_something(make_sample(X, rng.normal(size=200)), orders) for _ in range(20)
    )


# Row numbers ------------------------------------------------------------------------------


def numbered(n=120):
    """A table sorted by its target, which a column that numbers the rows says all about."""
    a, noise, y = np.random.default_rng(1).normal(size=(3, n))
    y = np.sort(y)
    return pd.DataFrame({"rownames": np.arange(1, n + 1), "a": a, "b": y + 0.5 * noise}), y


def test_a_column_of_a_frame_that_counts_rows_is_left_out_with_a_remedy():
    frame, y = numbered()
    with pytest.warns(TableWarning, match="'rownames' numbers the rows.*Pass X as an array"):
        selector = MutualInfoFeatureSelector(**COPULA).fit(frame, y)
    assert selector.get_feature_names_out().tolist() == ["b"] and selector.relevance_[0] == 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kept = MutualInfoFeatureSelector(**COPULA).fit(frame.to_numpy(), y)
        # a grid of measured points is what it says
        grid = frame.assign(rownames=frame["rownames"] / 10)
        assert MutualInfoFeatureSelector(**COPULA).fit(grid, y).support_[0]
    assert kept.support_[0]


def test_a_table_tells_that_a_column_counts_its_rows_and_keeps_it_where_it_is_named():
    frame, y = numbered()
    frame["y"] = y
    found = select_from_table(frame, "y", **COPULA)
    assert found.selector.get_feature_names_out().tolist() == ["b"] and not found.warnings
    (note,) = found.notes
    assert "'rownames' numbers the rows" in note and "left out (columns=[...] keeps it)" in note
    found = select_from_table(frame, "y", columns=["rownames", "a", "b"], **COPULA)
    assert "rownames" in found.selector.get_feature_names_out()
    (note,) = found.notes
    assert "'rownames' numbers the rows" in note and "left out" not in note


# What a person reads ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("information", "explained", "where"),
    [
        ([0.5, 0.4996, 0.6], [0.8, 0.9, 1.0], ""),
        ([0.5, 0.45, 0.6], [0.8, 0.9, 1.0], "At step 2 "),
        ([0.5, 0.45, 0.6, 0.7], [0.8, 0.9, 1.0, 0.95], "At steps 2, 4 "),
    ],
)
def test_an_estimate_that_falls_is_told(information, explained, where):
    steps = pd.RangeIndex(1, len(information) + 1)
    path = pd.DataFrame({"information": information, "explained": explained}, index=steps)
    falls = TableSelection("y", SimpleNamespace(path_=path), 100, (), ()).falls
    assert falls.startswith(where) and bool(falls) == bool(where)


def test_the_path_is_what_the_set_says_after_each_step():
    X, y = linear()
    selector = MutualInfoFeatureSelector(**COPULA).fit(X, y)
    path = selector.path_
    assert path["columns"].tolist() == ["x1", "x4"] and path["n_columns"].tolist() == [1, 2]
    both = mutual_info(X[:, [1, 4]], y, estimator="gaussian_copula").mi
    assert path["information"].iloc[-1] == pytest.approx(both)
    assert (path["gain_low"] < path["gain"]).all() and (path["gain"] < path["gain_high"]).all()
    assert path["explained"].iloc[-1] == selector.explained_information_ > 0.95
    low, high = selector.explained_interval_
    assert low <= selector.explained_information_ <= high <= 1.0


def test_an_empty_choice_has_an_empty_path():
    rng = np.random.default_rng(1)
    selector = MutualInfoFeatureSelector(**COPULA).fit(rng.normal(size=(60, 3)), rng.random(60))
    assert selector.n_features_ == 0 and selector.path_.empty and selector.redundant_.empty
    assert np.isnan(selector.explained_information_)


def test_a_number_is_kept_to():
    X, y = linear()
    X[:, 0] = 1.0
    for number in (1, 3, 6):
        assert MutualInfoFeatureSelector(number, **COPULA).fit(X, y).n_features_ == number


def test_the_same_data_give_the_same_answer():
    X, y = linear(100)
    fits = [MutualInfoFeatureSelector(**COPULA).fit(X, y) for _ in range(2)]
    pd.testing.assert_frame_equal(fits[0].path_, fits[1].path_)


def test_only_so_many_rows_are_looked_at():
    X, y = linear(300)
    some = MutualInfoFeatureSelector(max_rows=100, **COPULA).fit(X, y)
    rows = np.sort(np.random.RandomState(0).permutation(300)[:100])
    expected = mutual_info(X[rows][:, [1]], y[rows], estimator="gaussian_copula").mi
    assert some.relevance_[1] == pytest.approx(expected)


def test_within_groups_nothing_is_found_that_only_groups_explain():
    rng = np.random.default_rng(0)
    site = np.repeat(np.arange(6), 30)
    X = site[:, None] + 0.1 * rng.normal(size=(180, 2))
    y = site + 0.1 * rng.normal(size=180)
    selector = MutualInfoFeatureSelector(estimator="ksg")
    assert selector.fit(X, y).n_features_ > 0
    assert selector.fit(X, y, groups=site).n_features_ == 0


# Rows: ties, halves, sparse matrices ------------------------------------------------------


def test_ties_are_broken_without_moving_a_value_past_another():
    rng = np.random.default_rng(0)
    x = np.column_stack(
        [rng.integers(0, 60, 200) / 10, rng.normal(size=200), rng.random(200) > 0.5]
    )
    sample = make_sample(x, np.round(rng.normal(size=200), 1))
    free = untied(sample, 0)
    for side, other in ((sample.x, free.x), (sample.y, free.y)):
        for j, discrete in enumerate(side.discrete):
            old, new = side.values[:, j], other.values[:, j]
            if discrete:
                np.testing.assert_array_equal(old, new)
                continue
            assert len(np.unique(new)) == 200
            assert (np.diff(new[np.lexsort((new, old))]) > 0).all()
    np.testing.assert_array_equal(sample.x.values[:, 1], free.x.values[:, 1])


def test_names_of_what_was_measured_repeatedly_do_not_come_before_what_tells_about_others():
    rng = np.random.default_rng(0)
    mix = np.repeat(np.arange(150), 4)
    recipe = rng.normal(size=(150, 3)).round(2)[mix]
    age = np.tile([1.0, 2.0, 4.0, 8.0], 150) + rng.integers(0, 30, 600)
    y = (recipe[:, 0] + 0.1 * age + 0.3 * rng.normal(size=600)).round(1)
    selector = MutualInfoFeatureSelector(device="cpu").fit(np.column_stack([recipe, age]), y)
    assert chosen(selector) == [0, 3]


def test_stability_is_how_often_halves_choose_a_column():
    X, y = linear()
    selector = MutualInfoFeatureSelector(stability=6, **COPULA).fit(X, y)
    assert chosen(selector) == [1, 4]
    assert selector.stability_[4] == 1.0 and (selector.stability_[[0, 2, 3]] < 0.5).all()
    # halves choose as many, of 1 and its copy mostly one
    assert selector.stability_.sum() == pytest.approx(2.0)
    pairs = MutualInfoFeatureSelector(2, criterion="cmim", stability=4, **COPULA).fit(X, y)
    assert pairs.stability_[4] == 1.0
    assert not hasattr(MutualInfoFeatureSelector(**COPULA).fit(X, y), "stability_")


def test_halves_come_in_pairs_and_leave_groups_whole():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(20), 5)
    x = np.column_stack([np.arange(100.0), rng.normal(size=100)])
    seen = []
    for labels in (None, groups):
        sample = make_sample(x, rng.normal(size=100), groups=labels)
        shares_of_halves(
            sample, 4, 0, lambda half: seen.append(half.x.values[:, 0].astype(int)) or []
        )
    for first, second in zip(seen[::2], seen[1::2], strict=True):
        assert sorted([*first, *second]) == list(range(100)) and len(first) == 50
    assert all(np.bincount(groups[rows]).max() == 5 for rows in seen[4:])
    assert all(set(np.bincount(groups[rows])) <= {0, 5} for rows in seen[4:])


def test_too_few_rows_for_halves_are_refused():
    X, y = linear(9)
    with pytest.raises(InvalidSampleError, match="stability=2 asks for halves of 9 rows"):
        MutualInfoFeatureSelector(2, stability=2, **COPULA).fit(X, y)


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csc_array, sparse.coo_array])
def test_a_sparse_matrix_gives_the_same_choice_and_stays_sparse(kind):
    rng = np.random.default_rng(0)
    X = rng.poisson(0.5, size=(300, 6)).astype(float)
    y = X[:, 1] + X[:, 4] + 0.3 * rng.normal(size=300)
    dense = MutualInfoFeatureSelector(**COPULA).fit(X, y)
    found = MutualInfoFeatureSelector(**COPULA).fit(kind(X), y)
    assert chosen(found) == chosen(dense) == [1, 4]
    kept = found.transform(kind(X))
    assert sparse.issparse(kept)
    np.testing.assert_array_equal(kept.toarray(), X[:, [1, 4]])


def test_of_a_sparse_matrix_only_rows_that_are_looked_at_become_dense(monkeypatch):
    X = sparse.random(400, 8, density=0.5, format="csr", random_state=0)
    y = X[:, [2]].toarray()[:, 0] + 0.1 * np.random.default_rng(0).normal(size=400)
    shapes, dense = [], sparse.csr_matrix.toarray
    monkeypatch.setattr(sparse.csr_matrix, "toarray", lambda m: shapes.append(m.shape) or dense(m))
    selector = MutualInfoFeatureSelector(1, max_rows=100, **COPULA).fit(X, y, np.arange(400) // 4)
    assert chosen(selector) == [2] and shapes == [(100, 8)]
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        MutualInfoFeatureSelector(**COPULA).fit(X, y[:-1])


def test_several_targets_are_one():
    X, y = linear()
    both = np.column_stack([y, X[:, 2] + 0.5 * np.random.default_rng(1).normal(size=len(y))])
    assert chosen(MutualInfoFeatureSelector(**COPULA).fit(X, both)) == [1, 2, 4]


def test_a_search_tries_shares_and_criteria():
    X, y = linear()
    step = mutual_info_feature_selection(estimator="gaussian_copula")
    grid = [
        {"select__share": [0.3, 0.99]},
        {"select__criterion": ["cmim", "mim"], "select__n_features": [1]},
    ]
    search = GridSearchCV(Pipeline([("select", step), ("model", Ridge())]), grid, cv=3).fit(X, y)
    assert search.best_params_ == {"select__share": 0.99}
    assert chosen(search.best_estimator_["select"]) == [1, 4]
