"""A table never stops for one column, and what was done to a column is told."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from skmist import InvalidSampleError, TableWarning, mi_matrix, mi_with, mutual_info
from skmist._sample.sample import make_sample
from skmist._sample.tidy import tidied, without_words
from skmist.frame.chance import chance_p_value
from skmist.matrix import square_form

N = 120
X = np.random.default_rng(0).normal(size=N)
DAYS = pd.date_range("2020-01-01", periods=N)
QUIET = pytest.mark.filterwarnings("ignore::skmist.TableWarning")


# Columns ---------------------------------------------------------------------------------

AWKWARD = {
    "dates": (DAYS, np.arange(N), "holds dates, read as days since the first"),
    "in a zone": (DAYS.tz_localize("Asia/Tokyo"), np.arange(N), "holds dates"),
    "of old": ([dt.date(1066, 1, 1) + dt.timedelta(i) for i in range(N)], np.arange(N), "dates"),
    "as text": ([None, *DAYS.strftime("%Y-%m-%d")[1:]], np.r_[np.nan, 1:N], "holds dates, read"),
    "times": (DAYS.strftime("%Y-%m-%dT%H:%M:%SZ"), np.arange(N), "holds dates, read"),
    "periods": (pd.period_range("2020-01-01", periods=N, freq="D"), np.arange(N), "holds dates"),
    "durations": (pd.to_timedelta(X, unit="D"), X, "holds durations, read as days"),
    "arrow dates": (pd.array(DAYS, dtype="timestamp[us][pyarrow]"), np.arange(N), "holds dates"),
    "hours": ([dt.time(i % 24, 30) for i in range(N)], np.arange(N) % 24, "times of day"),
    "infinite": (np.where(X > 1, np.inf, X), np.where(X > 1, np.nan, X), "infinite values, read"),
    "long ids": (2**60 + np.arange(N), np.arange(N), "numbers beyond 2**53"),
}


@pytest.mark.parametrize("name", AWKWARD)
def test_what_can_be_a_number_becomes_one(name):
    values, expected, said = AWKWARD[name]
    found = tidied(pd.Series(values))
    assert not found.reason and said in found.notes[0]
    numbers, expected = found.series.to_numpy(float), np.asarray(expected, dtype=float)
    known = ~np.isnan(expected)
    assert np.isnan(numbers[~known]).all()
    # up to an origin and a unit
    assert np.corrcoef(expected[known], numbers[known])[0, 1] > 0.999999


@pytest.mark.parametrize("odd", ["29.11.2026", "2026-02-31", "2026-11", "20261129", ""])
def test_text_that_is_no_date_stays_text(odd):
    series = pd.Series([*DAYS.strftime("%Y-%m-%d"), odd])
    assert tidied(series).series is series


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([[i] for i in range(N)], "holds values of type list"),
        (X + 1j, "holds complex numbers"),
        ([{"a": 1}] * N, "holds values of type dict"),
    ],
)
def test_what_cannot_is_left_out_with_a_reason(values, reason):
    df = pd.DataFrame({"y": X, "odd": pd.Series(values), "x": X + 1.0})
    with pytest.warns(TableWarning, match=f"column 'odd' {reason}"):
        ranking = mi_with(df, "y", estimator="gaussian_copula")
    assert ranking.index.tolist() == ["x", "odd"]
    row = ranking.loc["odd"]
    assert np.isnan(row["mi"]) and row["n_samples"] == 0 and row["kind"] == "none"
    assert row["warnings"].startswith(f"the column {reason}")
    with pytest.raises(InvalidSampleError):
        mi_with(df, "y", estimator="gaussian_copula", strict=True)
    with pytest.raises(InvalidSampleError, match=f"the target 'odd' {reason}"):
        mi_with(df, "odd", estimator="gaussian_copula")


@QUIET
def test_every_column_has_its_row_and_the_worst_come_last():
    df = pd.DataFrame({name: pd.Series(values) for name, (values, *_) in AWKWARD.items()})
    df = df.assign(empty=np.nan, none=None, fixed=3, name=[f"n{i}" for i in range(N)], x=X)
    df["few"] = np.where(np.arange(N) < 4, X, np.nan)
    df["sparse"] = np.where(np.arange(N) < 5, X, np.nan)
    ranking = mi_with(df, "x", estimator="ksg")
    assert sorted(ranking.index) == sorted(df.columns.drop("x"))
    lost = ["empty", "none", "name", "few", "sparse"]
    assert set(ranking.index[-5:]) == set(lost)
    assert ranking["mi"].isna().sum() == 5
    said = ranking["warnings"]
    assert said["few"] == "both are present in 4 rows, below the minimum of 5: not estimated"
    assert (
        said["sparse"] == "both are present in 5 rows, below 6, the fewest in a table of 120: "
        "not estimated"
    )
    assert said["empty"] == "the column has no values"
    assert said["fixed"] == "the column has one value only"
    pairs = mi_matrix(df, estimator="ksg", form="long")
    assert len(pairs) == len(df.columns) * (len(df.columns) - 1) // 2
    about = pairs[(pairs["a"] == "x") | (pairs["b"] == "x")]
    assert about["mi"].isna().sum() == 5
    assert pairs.attrs["notes"][0] == "column 'empty' has no values"


def test_a_column_that_numbers_the_rows_is_told():
    rng = np.random.default_rng(0)
    y = np.sort(rng.integers(3, size=60))
    df = pd.DataFrame({"row": np.arange(7, 67), "down": -np.arange(60.0), "x": rng.random(60)})
    said = mi_with(df, y, estimator="ksg")["warnings"]
    note = "the column numbers the rows: what it says is how the table is sorted"
    assert said["row"] == said["down"] == note and said["x"] == ""
    shuffled = mi_with(df.assign(row=rng.permutation(df["row"])), y, estimator="ksg")["warnings"]
    assert shuffled["row"] == ""


@QUIET
@pytest.mark.parametrize("target", list(AWKWARD))
def test_any_of_them_may_be_the_target(target):
    df = pd.DataFrame({"x": X, target: pd.Series(AWKWARD[target][0])})
    assert np.isfinite(mi_with(df, target, estimator="ksg").loc["x", "mi"])


# Stray words -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["text", "mixed"])
def test_a_stray_word_is_named_and_read_as_missing_on_request(kind):
    values = [("?" if i in (7, 9) else (str(v) if kind == "text" else v)) for i, v in enumerate(X)]
    noise = np.random.default_rng(1).normal(size=N)
    df = pd.DataFrame({"y": X + 0.5 * noise, "x": values})
    with pytest.warns(TableWarning, match=r"column 'x' is numbers but for 2 of 120 values \('\?'"):
        ranking = mi_with(df, "y", estimator="ksg")
    assert np.isnan(ranking.loc["x", "mi"])
    assert "('?' 2 times)" in ranking.loc["x", "warnings"]
    assert "na_values=['?'] (command line: --na-values)" in ranking.loc["x", "warnings"]
    asked = mi_with(df, "y", estimator="ksg", na_values=["?"])
    kept = np.delete(np.arange(N), [7, 9])
    expected = mutual_info(X[kept], df["y"][kept], estimator="ksg").mi
    assert asked.loc["x", ["mi", "n_samples", "kind"]].tolist() == [expected, 118, "continuous"]
    assert asked.attrs["notes"] == []
    strict = mi_with(df, "y", estimator="ksg", na_values=["?"], strict=True, missing="drop")
    assert strict.loc["x", "mi"] == expected


def test_words_are_taken_from_columns_that_have_them_only():
    numbers_as_text = pd.Series(["1", "2", "3"])
    assert without_words(numbers_as_text, ["?"]) is numbers_as_text
    labels = without_words(pd.Series(["a", "?", "b"]), ["?"])
    assert labels.isna().tolist() == [False, True, False]
    assert without_words(pd.Series([1.0, 2.0]), ["1.0"]).tolist() == [1.0, 2.0]


def test_few_labels_are_no_stray_words():
    series = pd.Series(["1", "2", "3", "x"] * 30)
    assert tidied(series).notes == ()
    numbers = tidied(pd.Series([str(v) for v in X]))
    assert numbers.notes == (
        "holds numbers written as text, read as 120 labels: pandas.to_numeric makes numbers of "
        "them",
    )
    assert "mixes values of type int and str" in tidied(pd.Series([1, "a"] * 9)).notes[0]


# Labels of few rows ----------------------------------------------------------------------


def cabins(n=300, seed=0, share=0.3):
    rng = np.random.default_rng(seed)
    text = np.where(rng.random(n) < 1 - share, None, [f"C{i}" for i in rng.integers(0, n, n)])
    return pd.DataFrame(
        {"cabin": text, "id": [f"p{i}" for i in range(n)], "y": rng.random(n) < 0.4}
    )


def test_labels_that_say_no_more_than_chance_have_no_number():
    df = cabins().assign(x=lambda t: t["y"] + np.random.default_rng(1).normal(size=300))
    ranking = mi_with(df, "y", estimator="ksg", p_values=True, n_permutations=19)
    assert ranking.index[0] == "x" and ranking["mi"].notna().sum() == 1
    assert (
        "labels in 300 rows, fewer than 4 rows per label, and they say no more than dealt out "
        "at random (p = 1.00): not estimated" in ranking.loc["id", "warnings"]
    )
    assert ranking.loc["id", "p_value"] == 1.0
    strict = mi_with(df, "y", estimator="ksg", missing="drop", strict=True)
    assert strict["mi"].notna().all()
    assert "too few to tell information from chance" in strict.loc["id", "warnings"]


def test_labels_that_say_much_keep_their_number():
    label = np.arange(120) // 2
    df = pd.DataFrame({"name": [f"n{i}" for i in label], "y": label + 0.1 * X, "z": X})
    ranking = mi_with(df, "y", estimator="ksg")
    assert ranking.loc["name", "mi"] > 0
    assert "too few to tell information from chance" in ranking.loc["name", "warnings"]
    assert np.isnan(mi_with(df, "z", estimator="ksg").loc["name", "mi"])


def test_the_comparison_with_chance_is_exact_and_knows_no_order():
    p_values = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        labels, y = rng.integers(0, 30, 60).astype(str).astype(object), rng.normal(size=60)
        sample = make_sample(pd.Series(labels), y)
        p_values.append(chance_p_value(sample))
        order = rng.permutation(60)
        moved = make_sample(y[order], pd.Series(labels[order]))
        assert chance_p_value(moved) == p_values[-1]
    assert 0.3 < np.mean(np.array(p_values) <= 0.5) < 0.7
    assert np.mean(np.array(p_values) <= 0.05) < 0.15


# Large tables ----------------------------------------------------------------------------


def wide(n=60, p=12):
    rng = np.random.default_rng(3)
    df = pd.DataFrame(rng.normal(size=(n, p)), columns=[f"c{i}" for i in range(p)])
    return df.assign(c4=df["c1"] ** 2, c9=df["c2"] + 0.1 * df["c9"])


def test_the_strongest_pairs_are_estimated_where_not_all_are():
    df = wide()
    with pytest.warns(TableWarning, match="of 66 pairs the 3 that a quick look"):
        square = mi_matrix(df, estimator="ksg", max_estimates=3)
    pairs = mi_matrix(df, estimator="ksg", form="long", max_estimates=3)
    found = list(zip(pairs["a"], pairs["b"], strict=True))
    assert len(found) == 3 and {("c1", "c4"), ("c2", "c9")} < set(found)
    assert square.shape == (12, 12) and np.isnan(square.to_numpy()).sum() == 2 * 63
    pd.testing.assert_frame_equal(square_form(pairs), square)
    whole = mi_matrix(df, estimator="ksg")
    assert square.loc["c1", "c4"] == whole.loc["c1", "c4"]
    with pytest.warns(TableWarning, match="of 11 columns the 2 that a quick look"):
        ranking = mi_with(df, "c4", estimator="ksg", max_estimates=2)
    assert len(ranking) == 11 and ranking["mi"].notna().sum() == 2 and ranking.index[0] == "c1"
    assert ranking["warnings"].iloc[-1].endswith("max_estimates=None takes all")


def test_a_part_of_the_rows_is_told_and_the_same_each_time():
    df = wide(400)[["c0", "c1", "c2"]]
    with pytest.warns(TableWarning, match="estimated from 100 of 400 rows drawn at random"):
        pairs = mi_matrix(df, estimator="ksg", form="long", max_rows=100)
    assert (pairs["n_samples"] == 100).all() and pairs.attrs["n_rows"] == 400
    again = mi_matrix(df, estimator="ksg", form="long", max_rows=100)
    pd.testing.assert_frame_equal(pairs, again)
    df.loc[:299, "c0"] = np.nan
    ranking = mi_with(df, "c0", estimator="ksg", max_rows=80)
    assert ranking["n_samples"].tolist() == [80, 80]
    assert mi_with(df, "c0", estimator="ksg", max_rows=None)["n_samples"].tolist() == [100, 100]


def test_what_numbers_the_rows_is_told_of_some_of_them_too():
    df = wide(400)[["c0", "c1"]].assign(number=range(400))
    pairs = mi_matrix(df, estimator="ksg", form="long", max_rows=100)
    numbered = pairs["b"] == "number"
    assert pairs["warnings"].str.contains("numbers the rows").tolist() == numbered.tolist()
    ranking = mi_with(df, "c0", estimator="ksg", max_rows=100)
    assert "numbers the rows" in ranking.loc["number", "warnings"]


@pytest.mark.parametrize("options", [{"max_rows": 4}, {"max_estimates": 0}, {"max_rows": "all"}])
def test_limits_are_numbers(options):
    with pytest.raises(ValueError, match="must be 'auto', None or an integer of at least"):
        mi_matrix(wide(), estimator="ksg", **options)


# Names -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names", [["a", None, 1], ["a", np.nan, 2], ["a", pd.NA, 2], [None, np.nan, "x"]]
)
def test_names_may_be_missing(names):
    df = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 3)))
    expected = mi_matrix(df, estimator="gaussian_copula").to_numpy()
    df.columns = pd.Index(names, dtype=object)
    square = mi_matrix(df, estimator="gaussian_copula")
    np.testing.assert_array_equal(square, expected)
    assert [type(label) for label in square] == [type(label) for label in names]
    pairs = mi_matrix(df, estimator="gaussian_copula", form="long")
    pd.testing.assert_frame_equal(square_form(pairs), square)
    for i, name in enumerate(names):
        ranking = mi_with(df, name, estimator="gaussian_copula")
        assert sorted(ranking["mi"]) == sorted(np.delete(expected[i], i))
    with pytest.raises(InvalidSampleError, match="names 'b', which is none of the 3 columns"):
        mi_with(df, "b")


def test_columns_of_several_levels_come_back_as_they_were():
    columns = pd.MultiIndex.from_tuples([("g", 1), ("g", 2), ("h", 1)], names=["of", "no"])
    df = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 3)), columns=columns)
    square = mi_matrix(df, estimator="gaussian_copula")
    pd.testing.assert_index_equal(square.columns, columns)
    assert square["g"].shape == (3, 2) and square.loc["h", ("g", 2)].shape == (1,)
    pairs = mi_matrix(df, estimator="gaussian_copula", form="long")
    pd.testing.assert_frame_equal(square_form(pairs), square)
    ranking = mi_with(df, ("g", 1), estimator="gaussian_copula")
    assert ranking.index.names == ["of", "no"] and len(ranking.loc["g"]) == 1


def test_rare_labels_beside_a_common_one_are_judged_too():
    df = cabins(n=400, share=0.15)
    ranking = mi_with(df, "y", estimator="ksg", missing="category", columns=["cabin"])
    assert np.isnan(ranking.loc["cabin", "mi"]) and ranking.loc["cabin", "n_samples"] == 400
    said = r"labels of fewer than 4 rows each in 400 rows, and they say no more than dealt out"
    assert said in ranking.loc["cabin", "warnings"]
    # a few rare labels are no reason
    words = np.array(["a", "b", "c", "d"])[np.arange(400) % 4].astype(object)
    words[:5] = ["e", "f", "g", "h", "i"]
    few = mi_with(df.assign(word=words), "y", columns=["word"], estimator="ksg").loc["word"]
    assert np.isfinite(few["mi"]) and few["warnings"] == ""
