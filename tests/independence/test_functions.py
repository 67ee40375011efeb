"""Permutation tests: exact p-values, orders that keep what they must, conditions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import parallel_config
from scipy.signal import lfilter
from scipy.stats import binom

from skmist import (
    InvalidSampleError,
    KSGEstimator,
    MISTRegressor,
    conditional_independence_test,
    independence_test,
)
from skmist._sample.blocks import row_blocks, thinned_rows
from skmist._sample.side import Side
from skmist.independence.orders import free_orders, group_orders, local_orders
from skmist.independence.permutation import Plan, permutation_test

FAST = {"estimator": "gaussian_copula", "random_state": 0}


def side(values, *discrete):
    """A side, some of whose columns are discrete."""
    d = values.shape[1]
    return Side(values, np.isin(np.arange(d), discrete), tuple("ab"[:d]))


def normals(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def first_places(orders):
    """A statistic that is largest for the identity: how far row 0 is from its place."""
    return -orders[:, 0].astype(float)


# Orders ---------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 3), min_size=5, max_size=40), st.integers(0, 100))
def test_rows_stay_in_their_group(labels, seed):
    groups = np.array(labels)
    order = group_orders(groups)(np.random.default_rng(seed))
    np.testing.assert_array_equal(groups[order], groups)
    np.testing.assert_array_equal(np.sort(order), np.arange(len(groups)))


def test_every_order_of_a_group_comes_alike_often():
    draw = group_orders(np.array(["a", "b", "a", "a"]))
    rng = np.random.default_rng(0)
    seen = np.unique([draw(rng) for _ in range(6000)], axis=0, return_counts=True)[1]
    assert len(seen) == 6
    assert np.all(np.abs(seen - 1000) < 5 * np.sqrt(1000))


def test_a_row_of_each_block_at_the_same_place():
    chosen = thinned_rows(row_blocks(23, None, 4))
    assert [rows.tolist() for rows in chosen[:2]] == [[0, 4, 8, 12, 16, 20], [1, 5, 9, 13, 17, 21]]
    assert chosen[3].tolist() == [3, 7, 11, 15, 19, 20]  # the last block is shorter


def test_local_orders_stay_near_and_use_every_row():
    z = normals(2, 300, 1)
    draw, rng = local_orders(side(z), 5), np.random.default_rng(0)
    orders = np.array([draw(rng) for _ in range(50)])
    ranks = z[:, 0].argsort().argsort()
    assert np.abs(ranks[orders] - ranks).max() <= 5
    np.testing.assert_array_equal(np.sort(orders), np.tile(np.arange(300), (50, 1)))
    # the sample's own order must be as near to a random one as two random ones are
    own = np.mean(orders == np.arange(300))
    others = np.mean(orders[1:] == orders[:-1])
    assert own == pytest.approx(others, abs=0.03)
    assert own < 0.4


def test_local_orders_keep_categories():
    z = np.column_stack([normals(3, 200), np.arange(200) % 3])
    order = local_orders(side(z, 1), 5)(np.random.default_rng(0))
    np.testing.assert_array_equal(z[order, 1], z[:, 1])
    exact = local_orders(side(z[:, 1:], 0), 5)(np.random.default_rng(0))
    np.testing.assert_array_equal(z[exact, 1], z[:, 1])
    np.testing.assert_array_equal(np.sort(exact), np.arange(200))


def test_local_orders_spread_over_rows_in_one_place():
    z = np.repeat([0.0, 1.0, 2.0], 100)[:, None]
    order = local_orders(side(z), 5)(np.random.default_rng(0))
    np.testing.assert_array_equal(z[order], z)
    np.testing.assert_array_equal(np.sort(order), np.arange(300))
    assert np.mean(order == np.arange(300)) < 0.4


def test_rare_categories_do_not_mix():
    z = np.column_stack([normals(3, 40), np.r_[np.zeros(36), 1, 1, 2, 3]])
    draw = local_orders(side(z, 1), 5)
    for seed in range(20):
        np.testing.assert_array_equal(z[draw(np.random.default_rng(seed)), 1], z[:, 1])


# P-values -------------------------------------------------------------------------------


def test_p_value_counts_the_sample_itself():
    result = permutation_test(first_places, free_orders(10), 10, Plan(99, random_state=0))
    reached = (result.null_distribution >= 0.0).sum()
    assert result.pvalue == (reached + 1) / 100
    assert result.statistic == 0.0
    assert result.n_permutations == 99
    assert not result.stopped_early


def test_least_p_value():
    def falls(orders):
        return np.where((orders == np.arange(30)).all(axis=1), 1.0, 0.0)

    result = permutation_test(falls, free_orders(30), 30, Plan(199, True, random_state=0))
    assert result.pvalue == 1 / 200


def test_stops_at_the_twentieth_order_that_reaches_the_statistic():
    full = permutation_test(first_places, free_orders(5), 5, Plan(999, random_state=3))
    early = permutation_test(first_places, free_orders(5), 5, Plan(999, True, random_state=3))
    at = np.flatnonzero(full.null_distribution >= 0.0)[19] + 1
    assert early.stopped_early
    assert early.n_permutations == at < 999
    assert early.pvalue == 20 / at
    np.testing.assert_array_equal(early.null_distribution, full.null_distribution[:at])


@pytest.mark.parametrize("rows_at_once", [1, 70])
def test_parts_do_not_change_the_null_distribution(monkeypatch, rows_at_once):
    x, y = normals(19, 2, 30)
    whole = independence_test(x, y, n_permutations=99, early_stopping=False, **FAST)
    monkeypatch.setattr("skmist.independence.permutation._NUMBERS_AT_ONCE", 30 * rows_at_once)
    monkeypatch.setattr("skmist.independence.permutation._FIRST_WAVE", 7)
    parts = independence_test(x, y, n_permutations=99, early_stopping=False, **FAST)
    np.testing.assert_array_equal(parts.null_distribution, whole.null_distribution)


def test_equal_statistics_count_as_reached():
    result = permutation_test(lambda o: np.ones(len(o)), free_orders(9), 9, Plan(99))
    assert result.pvalue == 1.0


@pytest.mark.parametrize("early", [True, False])
def test_p_values_are_valid_and_not_wasteful(early):
    tests = 150
    samples = normals(4, tests, 2, 30)
    settings_ = {"estimator": "gaussian_copula", "n_permutations": 39, "early_stopping": early}
    p = np.array(
        [
            independence_test(x, y, **settings_, random_state=i).pvalue
            for i, (x, y) in enumerate(samples)
        ]
    )
    for level in (0.05, 0.2, 0.5):
        low, high = binom.ppf([0.0005, 0.9995], tests, level)
        assert low <= (p <= level + 1e-12).sum() <= high


# Whole tests ----------------------------------------------------------------------------


@pytest.mark.parametrize("estimator", ["mist", "ksg", KSGEstimator(5)])
def test_finds_a_relation_without_correlation(estimator):
    x = normals(5, 100)
    y = x**2 + 0.5 * normals(6, 100)
    found = independence_test(x, y, estimator=estimator, n_permutations=99, random_state=0)
    assert found.pvalue == 0.01
    assert found.statistic > found.null_distribution.max()


def test_mist_is_not_tied_at_zero():
    x, y = normals(7, 2, 100)
    result = independence_test(x, y, n_permutations=60, early_stopping=False, random_state=0)
    assert len(np.unique(result.null_distribution)) == 60


def test_result_depends_on_the_seed_and_on_nothing_else():
    x, y = normals(8, 2, 60)
    asked = {"estimator": "ksg", "n_permutations": 150, "random_state": 1}
    one = independence_test(x, y, **asked)
    with parallel_config(backend="threading"):
        shared = independence_test(x, y, n_jobs=3, **asked)
    for other in (shared, independence_test(np.c_[x], np.c_[y], **asked)):
        assert other.pvalue == one.pvalue
        np.testing.assert_array_equal(other.null_distribution, one.null_distribution)
    two = independence_test(x, y, estimator="ksg", n_permutations=150, random_state=2)
    assert not np.array_equal(two.null_distribution[:9], one.null_distribution[:9])
    assert (one.method, one.n_samples) == ("ksg", 60)
    assert "null_distribution" not in repr(one)


def test_constant_columns_are_independent_of_all():
    assert independence_test(np.ones(30), normals(0, 30), **FAST).pvalue == 1.0


def test_what_differs_between_groups_is_no_dependence_within():
    groups = np.repeat(np.arange(5), 30)
    x, y = normals(9, 2, 150) + 2.0 * groups
    assert independence_test(x, y, **FAST).pvalue < 0.01
    assert independence_test(x, y, groups=groups, **FAST).pvalue > 0.05
    assert independence_test(x, y + x, groups=groups, **FAST).pvalue < 0.01
    named = np.array([0, 1, "two", 3.5, "four"], dtype=object)[groups]
    one = independence_test(x, y, groups=groups, n_permutations=39, **FAST)
    assert independence_test(x, y, groups=named, n_permutations=39, **FAST).pvalue == one.pvalue


def test_blocks_take_account_of_memory():
    rejected = {None: 0, 50: 0}
    for seed in range(25):
        series = lfilter([1.0], [1.0, -0.95], normals([10, seed], 2, 600))
        for size in rejected:
            test = independence_test(*series, block_size=size, n_permutations=39, **FAST)
            rejected[size] += test.pvalue <= 0.05
    assert rejected[None] >= 8
    assert rejected[50] <= 4


def test_labels_and_tables():
    x = np.random.default_rng(0).choice(["a", "b", "c"], 90)
    y = np.where(normals(0, 90) > 0.8, "a", x)
    assert independence_test(pd.Series(x), pd.DataFrame({"y": y}), **FAST).pvalue < 0.01


# Conditional ----------------------------------------------------------------------------


@pytest.mark.parametrize("estimator", ["gaussian_copula", "ksg"])
@pytest.mark.parametrize("columns", [1, 2])
def test_share_of_false_rejections_given_z(estimator, columns):
    tests, settings_ = 60, {"n_permutations": 39, "estimator": estimator}
    rejected = 0
    for seed in range(tests):
        z = normals([11, seed], 120, columns)
        x, y = np.tanh(z.sum(axis=1)) + 0.5 * normals([12, seed], 2, 120)
        rejected += (
            conditional_independence_test(x, y, z, random_state=0, **settings_).pvalue <= 0.05
        )
    assert rejected <= binom.ppf(0.9995, tests, 0.05)


def test_steps_along_a_sum_are_no_dependence_given_its_terms():
    """Issue 19: of ten such samples six were taken for dependent ones."""
    rejected = 0
    for seed in range(10):
        z, noise = normals([21, seed], 150, 3), normals([22, seed], 2, 150)
        x, y = np.round(z.sum(axis=1)) + 0.05 * noise
        settings_ = {"n_permutations": 39, "random_state": 0}
        rejected += conditional_independence_test(x, y, z, **settings_).pvalue <= 0.05
    assert rejected <= binom.ppf(0.999, 10, 0.05)


@pytest.mark.parametrize("estimator", ["gaussian_copula", "ksg", MISTRegressor(device="cpu")])
def test_finds_what_z_does_not_explain(estimator):
    z = normals(13, 150)
    x = z + normals(14, 150)
    y = x + z + 0.5 * normals(15, 150)
    settings_ = {"estimator": estimator, "n_permutations": 39, "random_state": 0}
    assert conditional_independence_test(x, y, z, **settings_).pvalue == 1 / 40


def test_discrete_conditions_are_exact():
    z = np.repeat([0, 1, 2], 50)
    x, y = normals(16, 2, 150) + 3.0 * z
    assert independence_test(x, y, **FAST).pvalue < 0.01
    assert conditional_independence_test(x, y, z, **FAST).pvalue > 0.05


def test_constant_conditions_condition_on_nothing():
    x = normals(17, 80)
    y = x + normals(18, 80)
    assert conditional_independence_test(x, y, np.ones(80), **FAST).pvalue < 0.01


# Refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_permutations": 18}, "n_permutations=18 must be an integer of at least 19"),
        ({"n_permutations": 99.0}, "n_permutations=99.0 must be"),
        ({"block_size": 0}, "block_size=0 must be an integer of at least 1"),
        ({"block_size": 11}, "block_size=11 leaves 4 blocks of 40 rows"),
        ({"groups": np.arange(40)}, "groups has 40 different values in 40 rows"),
        ({"groups": np.zeros(39)}, r"shape \(39,\), but X has 40 rows"),
        ({"groups": np.r_[np.zeros(38), np.nan, 1]}, r"no label in row 38 \(nan\)"),
        ({"groups": ["a"] * 20 + [None] + ["b"] * 19}, r"no label in row 20 \(None\)"),
        ({"groups": np.zeros(40), "block_size": 2}, "both given"),
        ({"estimator": "pearson"}, "pass one of mist, ksg"),
    ],
)
def test_refuses(change, message):
    x, y = normals(0, 2, 40)
    with pytest.raises(ValueError, match=message):
        independence_test(x, y, **{**FAST, **change})


def test_refuses_conditions_that_it_cannot_use():
    x, y = normals(0, 2, 40)
    with pytest.raises(ValueError, match="n_neighbors=1 must be an integer of at least 2"):
        conditional_independence_test(x, y, x, n_neighbors=1)
    with pytest.raises(InvalidSampleError, match="Z has 40 different values in 40 rows"):
        conditional_independence_test(x, y, [f"row {i}" for i in range(40)])
    with pytest.raises(InvalidSampleError, match="Z has 39"):
        conditional_independence_test(x, y, x[:39])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_swapping_the_sides_keeps_the_statistic(seed):
    x, y = normals(seed, 2, 40)
    there = independence_test(x, y, n_permutations=19, estimator="ksg", random_state=0)
    back = independence_test(y, x, n_permutations=19, estimator="ksg", random_state=0)
    assert back.statistic == pytest.approx(there.statistic, abs=1e-12)
