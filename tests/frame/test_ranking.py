"""mi_with: ranking the columns of a DataFrame."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow
import pytest
from scipy.stats import false_discovery_control

from skmist import (
    InvalidSampleError,
    KSGEstimator,
    OutOfRangeWarning,
    mi_with,
    mutual_info,
)
from skmist.weights import DEFAULT_WEIGHTS, load_card

FIELDS = ["mi", "low", "high", "kind", "n_distinct", "n_samples", "warnings"]


@pytest.fixture
def df():
    rng = np.random.default_rng(0)
    signal = rng.normal(size=300)
    return pd.DataFrame(
        {
            "noise": rng.normal(size=300),
            "strong": signal + 0.3 * rng.normal(size=300),
            "group": np.where(signal > 0, "high", "low"),
            "weak": signal + 2.0 * rng.normal(size=300),
            "fixed": 1.0,
            "target": signal,
        }
    )


@pytest.mark.parametrize("method", ["mist", "ksg", "gaussian_copula"])
def test_columns_are_ranked(df, method):
    ranking = mi_with(df, "target", estimator=method, device="cpu")
    assert ranking.index.name == "column"
    assert ranking.columns.tolist() == FIELDS
    assert ranking.index[:2].tolist() == ["strong", "group"]
    assert ranking["mi"].is_monotonic_decreasing
    assert ranking.loc["fixed", "mi"] == 0.0
    assert (ranking["mi"] >= 0).all()
    assert (ranking["n_samples"] == 300).all()
    assert ranking.attrs["method"] == method


def test_each_answer_is_that_of_mutual_info(df):
    ranking = mi_with(df, "target", device="cpu", level=0.8)
    for name in ("strong", "group", "weak"):
        one = mutual_info(df[name], df["target"], device="cpu", level=0.8)
        row = ranking.loc[name, ["mi", "low", "high"]].tolist()
        assert row == pytest.approx([one.mi, one.low, one.high], abs=1e-5)
    assert ranking.attrs["level"] == 0.8


def test_many_columns_come_in_batches_and_in_order():
    rng = np.random.default_rng(1)
    df = pd.DataFrame(rng.normal(size=(60, 40)))
    ranking = mi_with(df, 0, estimator="gaussian_copula")
    assert sorted(ranking.index) == list(range(1, 40))
    for label in (1, 17, 39):
        raw = mutual_info(df[label], df[0], estimator="gaussian_copula").mi
        assert ranking.loc[label, "mi"] == max(raw, 0.0)


def test_kinds_and_distinct_values(df):
    df["grade"] = np.arange(300) % 7
    ranking = mi_with(df, "target", estimator="ksg")
    kinds = ranking["kind"].to_dict()
    assert kinds["strong"] == "continuous"
    assert (kinds["group"], kinds["grade"]) == ("discrete", "ordinal")
    assert ranking.loc[["group", "grade", "fixed"], "n_distinct"].tolist() == [2, 7, 1]
    as_labels = df.assign(noise=df["noise"].round(1).astype("category"))
    assert mi_with(as_labels, "target", estimator="ksg").loc["noise", "kind"] == "discrete"


def test_without_interval_low_and_high_are_nan(df):
    ranking = mi_with(df, "target", estimator="ksg")
    assert ranking[["low", "high"]].isna().all(axis=None)
    assert ranking.attrs["level"] is None


def test_bits(df):
    nats = mi_with(df, "group", estimator="gaussian_copula")
    bits = mi_with(df, "group", estimator="gaussian_copula", units="bits")
    np.testing.assert_allclose(bits["mi"] * math.log(2.0), nats["mi"])
    assert bits.attrs["units"] == "bits"
    assert bits.attrs["target_entropy"] * math.log(2.0) == nats.attrs["target_entropy"]


def test_what_is_known_of_the_target(df):
    attrs = mi_with(df, "group", estimator="ksg").attrs
    assert (attrs["target"], attrs["target_kind"]) == ("group", "discrete")
    share = (df["group"] == "high").mean()
    entropy = -(share * math.log(share) + (1 - share) * math.log(1 - share))
    assert attrs["target_entropy"] == pytest.approx(entropy, abs=1 / 300)
    assert mi_with(df, "target", estimator="ksg").attrs["target_entropy"] is None


def test_several_targets_are_one(df):
    ranking = mi_with(df, ["target", "group"], columns=["strong"], estimator="ksg")
    assert ranking.attrs["target"] == "target, group"
    joint = mutual_info(df["strong"], df[["target", "group"]], estimator="ksg")
    assert ranking.loc["strong", "mi"] == pytest.approx(joint.mi)


def test_an_estimator_may_be_the_method(df):
    ranking = mi_with(df, "target", columns=["strong"], estimator=KSGEstimator(10))
    assert ranking.loc["strong", "mi"] == KSGEstimator(10).fit(df[["strong"]], df["target"]).mi_
    assert ranking.attrs["method"] == "KSGEstimator"


def test_the_frame_stays_as_it_is(df):
    before = df.copy()
    mi_with(df, "target", estimator="ksg")
    pd.testing.assert_frame_equal(df, before)


def test_rows_pair_by_position_whatever_the_index(df):
    expected = mi_with(df, "target", estimator="ksg")
    repeated = df.set_index(pd.Index([0] * 300))
    pd.testing.assert_frame_equal(mi_with(repeated, "target", estimator="ksg"), expected)


# Missing values --------------------------------------------------------------------------


def test_missing_values_are_refused_by_name(df):
    df.loc[:2, "strong"] = np.nan
    df.loc[5, "group"] = None
    message = r"'strong' \(3\), 'group' \(1\) of 300 rows.*missing='drop'"
    for how in ({"missing": "error"}, {"strict": True}):
        with pytest.raises(InvalidSampleError, match=message):
            mi_with(df, "target", estimator="ksg", **how)


def test_missing_values_elsewhere_do_not_matter(df):
    df.loc[:2, "strong"] = np.nan
    assert len(mi_with(df, "target", columns=["weak"], estimator="ksg", strict=True)) == 1


def test_pairwise_deletion(df):
    df.loc[:9, "strong"] = np.nan
    df.loc[5:19, "group"] = None
    df.loc[100:104, "target"] = np.nan
    ranking = mi_with(df, "target", estimator="ksg")
    assert ranking.loc[["strong", "group", "weak"], "n_samples"].tolist() == [285, 280, 295]
    kept = df[["strong", "target"]].dropna()
    expected = mutual_info(kept["strong"], kept["target"], estimator="ksg").mi
    assert ranking.loc["strong", "mi"] == expected


@pytest.mark.filterwarnings("ignore:.*rows per label")
def test_the_targets_kind_does_not_depend_on_the_column():
    rng = np.random.default_rng(2)
    df = pd.DataFrame({"grade": np.arange(80) % 20, "a": rng.normal(size=80)})
    df["b"] = df["a"].where(df["a"] > 0)
    ranking = mi_with(df, "grade", estimator="ksg", missing="drop", strict=True)
    kept = df.dropna()
    forced = mutual_info(kept["b"], kept["grade"], estimator="ksg", discrete_target=True).mi
    assert ranking.loc["b", "mi"] == max(forced, 0.0)


def test_too_few_rows_left(df):
    df.loc[4:, "strong"] = np.nan
    with pytest.raises(InvalidSampleError, match="'strong' and the target .* in 4 rows"):
        mi_with(df, "target", estimator="ksg", missing="drop", strict=True)
    df["target"] = np.nan
    with pytest.raises(InvalidSampleError, match="'target' has 0 values, below the minimum of 5"):
        mi_with(df, "target", estimator="ksg", missing="drop")


# Warnings --------------------------------------------------------------------------------


def test_labels_with_few_rows_are_noted(df):
    df["id"] = [f"patient {i}" for i in range(300)]
    ranking = mi_with(df, "target", estimator="ksg")
    assert ranking.loc["id", "warnings"].startswith("the column has 300 labels in 300 rows")
    assert (ranking["warnings"].drop(["id", "fixed"]) == "").all()
    by_id = mi_with(df, "id", estimator="ksg")["warnings"]
    assert by_id.str.contains("the target has 300 labels").all()


def test_one_warning_for_all_columns_outside_the_trained_range():
    few = load_card(DEFAULT_WEIGHTS)["trained"]["n"][0] - 1
    df = pd.DataFrame(np.random.default_rng(3).normal(size=(few, 3)), columns=list("abc"))
    with pytest.warns(OutOfRangeWarning, match=f"'a' and 1 more columns: {few} rows") as caught:
        ranking = mi_with(df, "c", device="cpu")
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert ranking["warnings"].str.contains(f"{few} rows").all()


def test_no_warning_within_the_range(df):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mi_with(df, "target", device="cpu")


# Refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        ({}, {"target": "targt"}, InvalidSampleError, "target names 'targt'.*mean 'target'"),
        ({}, {"columns": ["zzz"]}, InvalidSampleError, "columns names 'zzz', .* 6 columns"),
        ({}, {"columns": ["target"]}, InvalidSampleError, "'target' is both target and"),
        ({}, {"columns": []}, InvalidSampleError, "0 columns to rank"),
        ({}, {"target": []}, InvalidSampleError, "target is an empty list"),
        ({}, {"units": "bit"}, ValueError, "units is 'bit'; pass one of nats, bits"),
        ({}, {"missing": "skip"}, ValueError, "missing is 'skip'; .* error, drop, category"),
        ({}, {"level": 90}, ValueError, "level is 90, not a number above 0 and below 1"),
        ({}, {"estimator": "mime"}, ValueError, "estimator is 'mime'; pass one of"),
        ({"weak": np.inf}, {}, InvalidSampleError, "'weak' contains inf"),
        (
            {"weak": pd.Timestamp("2024-01-01")},
            {},
            InvalidSampleError,
            "'weak' holds dates or durations",
        ),
    ],
)
def test_refusals_name_value_limit_and_remedy(df, change, options, error, message):
    call = {"target": "target", "estimator": "ksg", "strict": True, **options}
    with pytest.raises(error, match=message):
        mi_with(df.assign(**change), **call)


@pytest.mark.parametrize(
    ("value", "message"),
    [(np.inf, "column 'a' contains inf: row 55 is inf"), ("k", "row 55 is 'k' .str., while")],
)
def test_messages_name_the_row_and_the_side_in_the_table(value, message):
    values = np.random.default_rng(0).normal(size=(60, 2))
    df = pd.DataFrame(values, columns=["a", "b"], index=np.arange(60) + 7).astype({"a": object})
    df.iloc[:5, 0] = np.nan
    df.iloc[55, 0] = value
    df = df.convert_dtypes() if value == np.inf else df
    for target, start in (("b", "the column 'a'"), ("a", "the target column 'a'")):
        with pytest.raises(InvalidSampleError, match=message) as caught:
            mi_with(df, target, estimator="ksg", missing="drop", strict=True)
        assert str(caught.value).startswith(start)


def test_labels_may_have_several_levels():
    numbers = np.random.default_rng(0).normal(size=(40, 3))
    columns = pd.MultiIndex.from_tuples([("a", "x"), ("a", "y"), ("b", "x")])
    df = pd.DataFrame(numbers, columns=columns)
    ranking = mi_with(df, ("a", "x"), estimator="ksg")
    assert sorted(ranking.index.tolist()) == [("a", "y"), ("b", "x")]
    plain = mi_with(pd.DataFrame(numbers), 0, estimator="ksg")
    assert ranking.loc[[("b", "x")], "mi"].item() == plain.loc[2, "mi"]
    for options in ({"target": "a"}, {"target": ("a", "x"), "columns": ["b"]}):
        with pytest.raises(InvalidSampleError, match=r"names '.', which is none of the 3 columns"):
            mi_with(df, estimator="ksg", **options)


def test_names_are_unique():
    twice = pd.DataFrame(np.zeros((9, 2)), columns=["a", "a"])
    with pytest.raises(InvalidSampleError, match="more than one column named 'a'"):
        mi_with(twice, "a")


# Tables of other libraries ---------------------------------------------------------------


def test_polars_and_pyarrow_are_read_as_pandas_is(df):
    expected = mi_with(df, "target", estimator="ksg")
    for table in (pl.from_pandas(df), pyarrow.Table.from_pandas(df)):
        ranking = mi_with(table, "target", estimator="ksg")
        pd.testing.assert_frame_equal(ranking, expected, check_index_type=False)


@pytest.mark.parametrize("table", [np.zeros((9, 2)), {"a": [1.0]}, pl.LazyFrame({"a": [1.0]})])
def test_what_is_no_table_is_refused(table):
    with pytest.raises(TypeError, match="pass a DataFrame of pandas or polars"):
        mi_with(table, "a")


# Missing values as a category ------------------------------------------------------------


def test_missing_labels_are_a_category(df):
    gone = df["target"] > 1.0
    hidden = df.assign(group=df["group"].mask(gone))
    ranking = mi_with(hidden, "target", estimator="ksg", missing="category")
    named = mi_with(hidden.fillna({"group": "?"}), "target", estimator="ksg")
    pd.testing.assert_frame_equal(ranking, named)


def test_missing_numbers_say_what_their_absence_says(df):
    gone = df["target"] > 1.0
    hidden = df.assign(noise=df["noise"].mask(gone))
    ranking = mi_with(hidden, "target", estimator="ksg", missing="category")
    split = np.column_stack([hidden["noise"].fillna(0.0), gone])
    both = mutual_info(split, df["target"], estimator="ksg", discrete_features=[1]).mi
    assert ranking.loc["noise", "mi"] == pytest.approx(both, abs=1e-9)
    assert ranking.loc["noise", "n_samples"] == 300
    assert mi_with(df, "target", estimator="ksg").loc["noise", "mi"] < 0.1 < both


def test_a_missing_target_is_a_category(df):
    hidden = df.assign(group=df["group"].mask(df["strong"] > 1.0))
    ranking = mi_with(hidden, "group", columns=["strong"], estimator="ksg", missing="category")
    assert ranking.attrs["target_entropy"] > math.log(2.0)
    assert ranking.loc["strong", "n_samples"] == 300


# P-values --------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["ksg", "gaussian_copula"])
def test_p_values_tell_signal_from_noise(df, method):
    options = {"estimator": method, "p_values": True, "n_permutations": 99}
    ranking = mi_with(df, "target", random_state=0, **options)
    assert ranking.columns.tolist() == [*FIELDS, "p_value", "q_value"]
    assert (ranking.loc[["strong", "group", "weak"], "p_value"] == 0.01).all()
    assert ranking.loc["fixed", "p_value"] == 1.0
    assert ranking.loc["noise", "p_value"] > 0.02
    expected = false_discovery_control(ranking["p_value"])
    np.testing.assert_allclose(ranking["q_value"], expected)
    again = mi_with(df, "target", random_state=0, n_jobs=2, **options)
    pd.testing.assert_frame_equal(ranking, again)


def test_a_column_of_dates_without_values_is_refused_as_such(df):
    df["born"] = pd.Series([pd.NaT] * len(df), dtype="datetime64[ns]")
    with pytest.raises(InvalidSampleError, match="the column 'born' holds dates or durations"):
        mi_with(df, "target", estimator="ksg", missing="drop", strict=True)


# Targets beside the table ------------------------------------------------------------------


def test_a_target_may_come_as_values():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(100, 2)), columns=["a", "b"], index=np.arange(100) + 7)
    y = (X["a"] + rng.normal(size=100)).rename("outcome")
    inside = mi_with(X.assign(outcome=y), "outcome", estimator="ksg")
    for values in (y, y.to_numpy()):
        found = mi_with(X, values, estimator="ksg")
        pd.testing.assert_frame_equal(found, inside)
    assert mi_with(X, y, estimator="ksg").attrs["target"] == "outcome"
    with pytest.raises(InvalidSampleError, match="target has 99 values, but df has 100 rows"):
        mi_with(X, y.to_numpy()[1:], estimator="ksg")
    with pytest.raises(InvalidSampleError, match="target is called 'a'"):
        mi_with(X, y.rename("a"), estimator="ksg")
    with pytest.raises(InvalidSampleError, match="row labels of X and y differ: row 0 is 7"):
        mi_with(X, y.set_axis(y.index + 1), estimator="ksg")
