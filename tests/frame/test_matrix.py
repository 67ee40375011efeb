"""mi_matrix: every column of a DataFrame against every other."""

from __future__ import annotations

import math
import tracemalloc
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import parallel_config
from scipy.stats import kstest
from sklearn.base import clone

from skmist import (
    GaussianCopulaEstimator,
    InvalidSampleError,
    KSGEstimator,
    OutOfRangeWarning,
    independence_test,
    mi_matrix,
    mutual_info,
)
from skmist.estimators import many
from skmist.feature_selection import MutualInfoFeatureSelector
from skmist.frame import matrix
from skmist.matrix import square_form
from skmist.weights import DEFAULT_WEIGHTS, load_card

FIELDS = [
    *("a", "b", "mi", "low", "high", "normalized", "p_value", "q_value"),
    *("n_samples", "kind_a", "kind_b", "warnings"),
]


@pytest.fixture
def df():
    rng = np.random.default_rng(0)
    signal = rng.normal(size=200)
    return pd.DataFrame(
        {
            "signal": signal,
            "strong": signal + 0.3 * rng.normal(size=200),
            "group": np.where(signal > 0, "high", "low"),
            "noise": rng.normal(size=200),
            "grade": rng.integers(0, 4, size=200),
            "flag": rng.random(200) < 0.3,
            "fixed": 1.0,
        }
    )


def gaussians(rho, n, seed=0):
    normal = np.random.default_rng(seed).standard_normal((n, 3))
    both = [normal[:, 0], rho * normal[:, 0] + math.sqrt(1 - rho**2) * normal[:, 1], normal[:, 2]]
    return pd.DataFrame(np.column_stack(both), columns=["x", "y", "z"])


# Truth -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["mist", "ksg", "gaussian_copula"])
def test_gaussians_of_known_correlation(method):
    found = mi_matrix(gaussians(0.8, 800), estimator=method, device="cpu")
    assert found.loc["x", "y"] == pytest.approx(-0.5 * math.log(1 - 0.64), abs=0.1)
    assert found.loc["x", "z"] < 0.05


def test_linfoots_scale_is_the_absolute_correlation():
    df = gaussians(-0.8, 3000)
    found = mi_matrix(df, estimator="gaussian_copula", normalize="linfoot")
    assert found.loc["x", "y"] == pytest.approx(0.8, abs=0.03)
    assert np.diag(found).tolist() == [1.0, 1.0, 1.0]


def test_discrete_columns_of_known_information():
    a = np.tile([0, 1, 2, 3], 250)
    df = pd.DataFrame({"a": a, "half": a // 2, "b": np.repeat([0, 1], 500)})
    found = mi_matrix(df, estimator="ksg")
    assert found.loc["a", "half"] == pytest.approx(math.log(2.0), abs=0.005)
    assert found.loc["half", "b"] == pytest.approx(0.0, abs=0.005)
    np.testing.assert_allclose(np.diag(found), np.log([4.0, 2.0, 2.0]), atol=0.003)
    shares = mi_matrix(df, estimator="ksg", normalize="entropy")
    # half follows from a, whose entropy is twice as large
    assert shares.loc["a", "half"] == pytest.approx(1.0, abs=0.005)
    assert np.diag(shares).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("method", ["mist", "ksg", "gaussian_copula"])
def test_each_answer_is_that_of_mutual_info(df, method):
    # Whole numbers are classes as a target, if nobody says that they have an order.
    df["grade"] = df["grade"].astype(pd.CategoricalDtype(range(4), ordered=True))
    found = mi_matrix(df, estimator=method, level=0.8, form="long", device="cpu")
    for row in found.itertuples():
        one = mutual_info(df[row.a], df[row.b], estimator=method, level=0.8, device="cpu")
        assert row.mi == pytest.approx(max(one.mi, 0.0), abs=1e-5)
        if one.low is None:
            assert np.isnan([row.low, row.high]).all()
        else:
            assert [row.low, row.high] == pytest.approx([one.low, one.high], abs=1e-5)


# Forms -----------------------------------------------------------------------------------


def test_the_square_is_labelled_and_symmetric(df):
    found = mi_matrix(df, estimator="ksg")
    assert found.index.tolist() == found.columns.tolist() == df.columns.tolist()
    pd.testing.assert_frame_equal(found, found.T)
    assert (found["fixed"] == 0.0).all()
    diagonal = pd.Series(np.diag(found), df.columns)
    assert np.isposinf(diagonal[["signal", "strong", "noise"]]).all()
    shares = df["flag"].mean(), 1 - df["flag"].mean()
    entropy = -sum(share * math.log(share) for share in shares)
    assert diagonal["flag"] == pytest.approx(entropy, abs=1 / 200)


def test_the_long_form_has_a_row_per_pair(df):
    found = mi_matrix(df, estimator="ksg", form="long")
    assert found.columns.tolist() == FIELDS
    names = df.columns.tolist()
    expected = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    assert list(zip(found["a"], found["b"], strict=True)) == expected
    assert found.loc[0, ["kind_a", "kind_b", "n_samples"]].tolist() == ["continuous"] * 2 + [200]
    kinds = dict(zip(found["b"], found["kind_b"], strict=True))
    names = ("noise", "grade", "flag")
    assert [kinds[name] for name in names] == ["continuous", "ordinal", "discrete"]
    assert found[["normalized", "p_value", "q_value"]].isna().all(axis=None)
    fixed = found["b"] == "fixed"
    assert (found.loc[~fixed, "warnings"] == "").all()
    assert (found.loc[fixed, "warnings"] == "column 'fixed' has one value only").all()


def test_what_both_forms_carry(df):
    for form in ("square", "long"):
        attrs = mi_matrix(df, estimator="ksg", form=form, units="bits").attrs
        assert attrs["columns"] == df.columns.tolist()
        assert attrs["kinds"][:3] == ["continuous", "continuous", "discrete"]
        assert attrs["entropies"][0] == math.inf
        assert attrs["entropies"][2] == pytest.approx(1.0, abs=0.02)
        assert (attrs["method"], attrs["level"], attrs["n_rows"]) == ("ksg", None, 200)
        assert (attrs["units"], attrs["normalize"], attrs["missing"]) == ("bits", None, "drop")
    assert mi_matrix(df[["signal", "noise"]], device="cpu", level=0.5).attrs["level"] == 0.5


def test_any_field_makes_a_square_from_any_order_of_rows(df):
    pairs = mi_matrix(df, estimator="ksg", form="long", normalize="linfoot")
    shuffled = pairs.sample(frac=1.0, random_state=0)
    pd.testing.assert_frame_equal(square_form(shuffled), mi_matrix(df, estimator="ksg"))
    linfoot = mi_matrix(df, estimator="ksg", normalize="linfoot")
    pd.testing.assert_frame_equal(square_form(pairs, "normalized"), linfoot)
    some = square_form(pairs[pairs["mi"] > 0.1], "n_samples")
    assert some.loc["strong", "signal"] == 200
    assert np.isnan(some.loc["fixed", "signal"]) and np.isnan(some.loc["flag", "flag"])


def test_bits(df):
    nats = mi_matrix(df, estimator="ksg", form="long", normalize="entropy")
    bits = mi_matrix(df, estimator="ksg", form="long", normalize="entropy", units="bits")
    np.testing.assert_allclose(bits["mi"] * math.log(2.0), nats["mi"])
    np.testing.assert_allclose(bits["normalized"], nats["normalized"])
    scales = (
        mi_matrix(df, estimator="ksg", normalize="entropy", units=u) for u in ("nats", "bits")
    )
    np.testing.assert_allclose(*map(np.diag, scales))


def test_the_share_of_the_entropy_needs_a_discrete_column(df):
    found = mi_matrix(df, estimator="ksg", normalize="entropy")
    assert np.isnan(found.loc["signal", "strong"]) and np.isnan(found.loc["signal", "signal"])
    assert 0.9 < found.loc["signal", "group"] <= 1.0
    assert (found["fixed"] == 0.0).all()


def test_some_columns_in_the_order_asked_for(df):
    found = mi_matrix(df, columns=["noise", "signal"], estimator="ksg")
    assert found.columns.tolist() == ["noise", "signal"]
    assert found.iloc[0, 1] == mi_matrix(df, estimator="ksg").loc["signal", "noise"]


def test_an_estimator_may_be_the_method(df):
    method = KSGEstimator(10, discrete_features=["grade"])
    found = mi_matrix(df.drop(columns=["fixed"]), estimator=method, form="long")
    assert found.attrs["method"] == "KSGEstimator"
    assert found.attrs["kinds"][4] == "ordinal"
    one = KSGEstimator(10, discrete_features=True).fit(df[["grade"]], df["signal"])
    row = found[(found["a"] == "signal") & (found["b"] == "grade")]
    assert row["mi"].item() == pytest.approx(max(one.mi_, 0.0))


@settings(max_examples=15, deadline=None)
@given(order=st.permutations(range(5)), seed=st.integers(0, 99))
def test_an_order_of_columns_is_an_order_of_the_matrix(order, seed):
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(40, 5)) @ rng.normal(size=(5, 5))
    numbers[:, 0] = numbers[:, 0] > 0
    df = pd.DataFrame(numbers, columns=list("abcde"))
    found = mi_matrix(df, estimator="ksg", normalize="linfoot")
    moved = mi_matrix(df.iloc[:, list(order)], estimator="ksg", normalize="linfoot")
    pd.testing.assert_frame_equal(moved, found.iloc[list(order), list(order)])


# Kinds of columns and libraries ----------------------------------------------------------


def test_columns_of_every_kind(df):
    plain = df.assign(flag=df["flag"].map({True: "t", False: "f"}), whole=np.arange(200) % 50)
    typed = plain.astype(
        {
            "signal": "Float64",
            "strong": "double[pyarrow]",
            "group": "string[pyarrow]",
            "grade": "int64[pyarrow]",
            "whole": "Int64",
            "flag": "category",
        }
    )
    typed["flag"] = (typed["flag"] == "t").astype("boolean")
    expected = mi_matrix(plain, estimator="ksg", form="long")
    found = mi_matrix(typed, estimator="ksg", form="long")
    np.testing.assert_allclose(found["mi"], expected["mi"], atol=1e-12)
    assert found["kind_a"].tolist() == expected["kind_a"].tolist()


def test_missing_values_of_every_kind(df):
    holes = np.arange(200) % 10 == 3
    plain = df.copy()
    plain["flag"] = plain["flag"].astype(object)
    plain[holes] = None
    typed = plain.astype({"signal": "double[pyarrow]", "grade": "Int64", "strong": "Float64"})
    typed = typed.astype({"group": "string[pyarrow]", "flag": "bool[pyarrow]"})
    expected = mi_matrix(df[~holes], estimator="ksg", form="long")
    for table in (plain, typed, pl.from_pandas(typed), pyarrow.Table.from_pandas(typed)):
        found = mi_matrix(table, estimator="ksg", form="long", missing="drop")
        np.testing.assert_allclose(found["mi"], expected["mi"], atol=1e-12)
        assert (found["n_samples"] == 180).all()


def test_labels_need_not_be_text():
    df = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 3)), columns=[7, (1, 2), "c"])
    found = mi_matrix(df, estimator="gaussian_copula")
    assert found.columns.tolist() == [7, (1, 2), "c"]
    assert found.loc[7, "c"] == found.iloc[0, 2]


# Missing values --------------------------------------------------------------------------


def test_missing_values_are_refused_by_name(df):
    df.loc[3, "noise"] = np.nan
    with pytest.raises(InvalidSampleError, match=r"'noise' \(1\) of 200 rows.*missing='drop'"):
        mi_matrix(df, estimator="ksg", strict=True)


def test_pairwise_deletion(df):
    df.loc[:9, "signal"] = np.nan
    df.loc[5:19, "group"] = None
    found = mi_matrix(df, estimator="ksg", missing="drop", form="long").set_index(["a", "b"])
    assert found.loc[("signal", "group"), "n_samples"] == 180
    assert found.loc[("signal", "noise"), "n_samples"] == 190
    kept = df[["signal", "group"]].dropna()
    expected = mutual_info(kept["signal"], kept["group"], estimator="ksg").mi
    assert found.loc[("signal", "group"), "mi"] == pytest.approx(expected)


def test_pairs_with_too_few_rows_are_not_estimated(df):
    df.loc[30:, "signal"] = np.nan
    df.loc[:27, "noise"] = np.nan
    options = {"estimator": "gaussian_copula", "missing": "drop", "form": "long", "p_values": True}
    options |= {"n_permutations": 19}
    found = mi_matrix(df, **options).set_index(["a", "b"])
    pair = found.loc[("signal", "noise")]
    assert np.isnan(pair[["mi", "low", "high", "p_value", "q_value"]].astype(float)).all()
    assert pair["n_samples"] == 2
    assert pair["warnings"] == "both are present in 2 rows, below min_periods=5: not estimated"
    assert found["mi"].isna().sum() == 1
    stricter = mi_matrix(df, **options, min_periods=31).set_index(["a", "b"])
    assert stricter["mi"].isna().sum() == len(df.columns) - 1
    assert np.isfinite(stricter["q_value"]).sum() == len(found) - len(df.columns) + 1
    square = mi_matrix(df, estimator="ksg", missing="drop", normalize="linfoot")
    assert np.isnan(square.loc["noise", "signal"])


def test_a_column_without_values(df):
    df["empty"] = np.nan
    found = mi_matrix(df, estimator="ksg", missing="drop")
    assert found["empty"].isna().all()
    as_category = mi_matrix(df, estimator="ksg", missing="category")
    assert (as_category["empty"] == 0.0).all()


def test_absence_can_inform(df):
    hidden = df.assign(noise=df["noise"].mask(df["group"] == "high"))
    found = mi_matrix(hidden, estimator="ksg", missing="category", form="long")
    found = found.set_index(["a", "b"]).loc[("group", "noise")]
    assert found["mi"] == pytest.approx(math.log(2.0), abs=0.05)
    assert (found["n_samples"], found["kind_b"]) == (200, "continuous")
    dropped = mi_matrix(hidden, estimator="ksg", missing="drop")
    assert dropped.loc["group", "noise"] == 0.0


# P-values --------------------------------------------------------------------------------


def test_a_shared_null_is_exact():
    df = pd.DataFrame(np.random.default_rng(3).normal(size=(20, 20)))
    options = {"estimator": "gaussian_copula", "form": "long", "p_values": True}
    found = mi_matrix(df, **options, n_permutations=499, random_state=0)
    assert kstest(found["p_value"], "uniform").pvalue > 0.01
    assert found["p_value"].between(1 / 500, 1.0).all()


def test_shared_and_own_nulls_agree():
    rng = np.random.default_rng(5)
    df = pd.DataFrame(rng.normal(size=(40, 5)) + 0.6 * rng.normal(size=(40, 1)))
    options = {"form": "long", "p_values": True, "n_permutations": 399, "random_state": 1}
    found = mi_matrix(df, **options, estimator="gaussian_copula")
    for row in found.itertuples():
        own = independence_test(
            df[row.a],
            df[row.b],
            estimator="gaussian_copula",
            n_permutations=399,
            early_stopping=False,
            random_state=2,
        )
        assert row.p_value == pytest.approx(own.pvalue, abs=0.12)


def test_ties_and_categories_have_nulls_of_their_own(df):
    df = df[["signal", "group", "noise", "fixed"]]
    options = {"estimator": "ksg", "form": "long", "p_values": True, "n_permutations": 49}
    found = mi_matrix(df, **options, random_state=0)
    by_pair = found.set_index(["a", "b"])["p_value"]
    assert by_pair[("signal", "group")] == 0.02
    assert by_pair[("signal", "fixed")] == 1.0
    assert by_pair[("group", "noise")] > 0.02
    pd.testing.assert_frame_equal(found, mi_matrix(df, **options, random_state=0, n_jobs=2))
    assert (found["p_value"] != mi_matrix(df, **options, random_state=9)["p_value"]).any()


def test_q_values_by_the_definition(df):
    options = {"estimator": "gaussian_copula", "form": "long", "p_values": True}
    found = mi_matrix(df[["signal", "strong", "noise", "flag"]], **options, n_permutations=99)
    ranked = found.sort_values("p_value")
    m = len(ranked)
    raw = ranked["p_value"].to_numpy() * m / np.arange(1, m + 1)
    expected = [min(1.0, raw[k:].min()) for k in range(m)]
    np.testing.assert_allclose(ranked["q_value"], expected)


def test_mists_p_values():
    df = gaussians(0.6, 60).assign(flag=np.arange(60) % 2)
    options = {"form": "long", "p_values": True, "n_permutations": 19, "device": "cpu"}
    found = mi_matrix(df, **options, random_state=0).set_index(["a", "b"])
    assert found.loc[("x", "y"), "p_value"] == 0.05
    assert found.loc[("x", "y"), "low"] > 0.0


# Scale -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["mist", "ksg"])
def test_the_answer_does_not_depend_on_tiles(df, method, monkeypatch):
    options = {"estimator": method, "form": "long", "device": "cpu"}
    df = df.iloc[:60]
    expected = mi_matrix(df, **options)
    for tile in (1, 50):
        monkeypatch.setattr(matrix, "_TILE", tile)
        monkeypatch.setattr(many, "_CHUNK", tile)
        pd.testing.assert_frame_equal(mi_matrix(df, **options), expected, atol=1e-6)


def test_the_answer_does_not_depend_on_processes(df):
    options = {"estimator": "ksg", "form": "long"}
    pd.testing.assert_frame_equal(mi_matrix(df, **options, n_jobs=2), mi_matrix(df, **options))


def test_a_dask_cluster_of_two_workers(df):
    distributed = pytest.importorskip("distributed")
    options = {"estimator": "ksg", "form": "long", "p_values": True, "n_permutations": 19}
    expected = mi_matrix(df, **options, random_state=0)
    select = MutualInfoFeatureSelector(2, criterion="jmi", estimator="ksg")
    X, y = df[["signal", "noise", "strong", "grade"]], df["group"]
    alone = clone(select).fit(X, y)
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        with parallel_config("dask", client=client, wait_for_workers_timeout=60):
            found = mi_matrix(df, **options, random_state=0)
        tasks = client.run(lambda dask_worker: dask_worker.state.executed_count)
        with parallel_config("dask", client=client, wait_for_workers_timeout=60):
            chosen = clone(select).fit(X, y)
        more = client.run(lambda dask_worker: dask_worker.state.executed_count)
    assert sum(more.values()) > sum(tasks.values())
    np.testing.assert_array_equal(chosen.scores_, alone.scores_)
    np.testing.assert_array_equal(chosen.ranking_, alone.ranking_)
    pd.testing.assert_frame_equal(found, expected)
    assert len(tasks) == 2 and all(tasks.values())


def test_memory_does_not_grow_with_the_pairs():
    df = pd.DataFrame(np.random.default_rng(0).normal(size=(5000, 24)))
    # warms up imports and caches
    mi_matrix(df.iloc[:, :4], estimator="gaussian_copula")
    peaks = {}
    for k in (8, 24):
        tracemalloc.start()
        mi_matrix(df.iloc[:, :k], estimator="gaussian_copula")
        peaks[k] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    # the rows of a pair take 80 kB; the columns themselves are held three times at most, and
    # sorted, beside the order that sorts them
    held = 5 * 8 * 5000 * (24 - 8)
    assert (peaks[24] - peaks[8] - held) / (24 * 23 / 2 - 8 * 7 / 2) < 4000


# Warnings and refusals -------------------------------------------------------------------


def test_labels_with_few_rows_are_noted(df):
    df["id"] = [f"patient {i}" for i in range(200)]
    found = mi_matrix(df, estimator="ksg", form="long")
    noted = found["warnings"].str.contains("column 'id' has 200 labels in 200 rows")
    assert noted.equals(found["b"] == "id")


def test_one_warning_for_all_pairs_outside_the_trained_range():
    few = load_card(DEFAULT_WEIGHTS)["trained"]["n"][0] - 1
    df = pd.DataFrame(np.random.default_rng(3).normal(size=(few, 3)), columns=list("abc"))
    text = f"columns 'a' and 'b' and 2 more pairs: {few} rows"
    with pytest.warns(OutOfRangeWarning, match=text) as caught:
        found = mi_matrix(df, device="cpu", form="long")
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert found["warnings"].str.contains(f"{few} rows").all()


def test_no_warning_within_the_range(df):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mi_matrix(df[["signal", "noise", "group"]], device="cpu")


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        ({}, {"columns": ["nois"]}, InvalidSampleError, "columns names 'nois'.*mean 'noise'"),
        ({}, {"columns": ["noise"]}, InvalidSampleError, "1 columns to compare; at least 2"),
        ({}, {"units": "bit"}, ValueError, "units is 'bit'; pass one of nats, bits"),
        ({}, {"missing": "skip"}, ValueError, "missing is 'skip'; .* error, drop, category"),
        ({}, {"normalize": "max"}, ValueError, "normalize is 'max'; .* 'linfoot', 'entropy'"),
        ({}, {"form": "wide"}, ValueError, "form is 'wide'; pass one of 'square', 'long'"),
        ({}, {"level": 90}, ValueError, "level is 90, not a number above 0 and below 1"),
        ({}, {"estimator": "mime"}, ValueError, "estimator is 'mime'; pass one of"),
        ({}, {"min_periods": 3}, ValueError, "min_periods is 3, not an integer of at least 5"),
        ({}, {"min_periods": 500}, InvalidSampleError, "df has 200 rows, below"),
        ({}, {"p_values": True, "n_permutations": 9}, ValueError, "n_permutations=9"),
        ({"noise": np.inf}, {}, InvalidSampleError, "'noise' contains inf"),
        ({"noise": pd.Timestamp("2024-01-01")}, {}, InvalidSampleError, "'noise' holds dates"),
    ],
)
def test_refusals_name_value_limit_and_remedy(df, change, options, error, message):
    call = {"estimator": "ksg", "strict": True, **options}
    with pytest.raises(error, match=message):
        mi_matrix(df.assign(**change), **call)


def test_squares_are_made_of_long_forms_only(df):
    pairs = mi_matrix(df, estimator=GaussianCopulaEstimator(), form="long")
    with pytest.raises(ValueError, match="value is 'kind_a'; pass one of 'mi'"):
        square_form(pairs, "kind_a")
    with pytest.raises(ValueError, match="pairs is not the long form"):
        square_form(df)
