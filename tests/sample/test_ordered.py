"""Which discrete columns have an order, by rule or declared, and that their codes follow it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmist import InvalidSampleError
from skmist._sample.codes import column_kinds
from skmist._sample.reading import read_columns
from skmist._sample.sample import SampleEncoder, make_sample, make_side, read_pair
from skmist._sample.side import Kinds, Side, joined
from skmist._sample.table_sides import joined_side, read_sides
from skmist._sample.triple import make_conditional_sample

N = 40
NUMBERS = np.linspace(0.0, 1.0, N)
GRADES = pd.CategoricalDtype(["low", "middle", "high"], ordered=True)
STEPS = pd.Series(["high", "low", "middle", "low"] * 10)

# What a column is as one of X, and as y.
COLUMNS = {
    "whole numbers": (np.arange(N) % 4, "ordinal", "discrete"),
    "whole numbers as floats": (np.arange(N) % 4.0, "ordinal", "discrete"),
    "large numbers": (2**60 + np.arange(N) % 4, "ordinal", "discrete"),
    "rounded numbers": (np.arange(N) % 4 / 2, "ordinal", "ordinal"),
    "two numbers": (np.arange(N) % 2 / 2, "discrete", "discrete"),
    "one number": (np.ones(N), "discrete", "discrete"),
    "many numbers": (NUMBERS, "continuous", "continuous"),
    "text": (STEPS, "discrete", "discrete"),
    "numbers as text": (pd.Series(["1", "2", "3", "4"] * 10), "discrete", "discrete"),
    "booleans": (np.arange(N) % 2 == 0, "discrete", "discrete"),
    "categories": (STEPS.astype("category"), "discrete", "discrete"),
    "numbers as categories": (pd.Series(np.arange(N) % 4).astype("category"), *["discrete"] * 2),
    "ordered categories": (STEPS.astype(GRADES), "ordinal", "ordinal"),
    "two ordered categories": (STEPS.replace("low", "high").astype(GRADES), *["discrete"] * 2),
    "bins": (pd.Series(pd.cut(NUMBERS, 3)), "ordinal", "ordinal"),
    "polars Enum": (pl.Series(STEPS, dtype=pl.Enum(GRADES.categories.tolist())), *["ordinal"] * 2),
    "polars Categorical": (pl.Series(STEPS, dtype=pl.Categorical), *["discrete"] * 2),
}


def kinds_of(data, **choices) -> tuple[list, list]:
    sample = make_sample(data, data, **choices)
    return list(sample.x.column_kinds), list(sample.y.column_kinds)


@pytest.mark.parametrize("name", COLUMNS)
def test_the_rule_of_x_and_of_a_target(name):
    column, in_x, in_y = COLUMNS[name]
    assert kinds_of(column) == ([in_x], [in_y])


@pytest.mark.parametrize("name", COLUMNS)
def test_in_a_table_any_column_may_be_the_target(name):
    column, expected, _ = COLUMNS[name]
    df = pd.DataFrame({"a": column.to_pandas() if isinstance(column, pl.Series) else column})
    for parameter in ("discrete_features", "discrete_target"):
        (side,) = read_sides(df, ["a"], "auto", parameter, "error", ["it"])
        assert side.kind == expected
        assert side.side.is_discrete == (expected != "continuous")


def test_conditions_are_like_features():
    whole = np.arange(N) % 4
    sample = make_conditional_sample(whole, whole, whole)
    assert [side.ordered.tolist() for side in (sample.x, sample.y, sample.z)] == [
        [True],
        [False],
        [True],
    ]


@pytest.mark.parametrize(
    ("choice", "in_x", "in_y"),
    [
        (True, "ordinal", "discrete"),
        ([True], "ordinal", "discrete"),
        ([0], "ordinal", "discrete"),
        (False, "continuous", "continuous"),
        ("ordered", "ordinal", "ordinal"),
    ],
)
def test_what_is_declared(choice, in_x, in_y):
    choices = {"discrete_features": choice, "discrete_target": choice}
    assert kinds_of(np.arange(N), **choices) == ([in_x], [in_y])


def test_ordered_are_all_columns_but_those_of_two_values():
    X = pd.DataFrame({"a": NUMBERS, "b": np.arange(N) % 2, "c": np.arange(N) % 2 == 0})
    X["d"] = STEPS.astype(GRADES)
    side = make_side(X, "X", "ordered")
    assert side.column_kinds == ("ordinal", "discrete", "discrete", "ordinal")


@pytest.mark.parametrize("labels", [STEPS, STEPS.astype("category")])
@pytest.mark.parametrize("parameter", ["discrete_features", "discrete_target"])
def test_labels_cannot_be_declared_ordered(labels, parameter):
    columns = {"discrete_features": (labels, NUMBERS), "discrete_target": (NUMBERS, labels)}
    parts = [f"{parameter}='ordered'", "0'", "row 0 is 'high'", "CategoricalDtype", "'auto'"]
    with pytest.raises(InvalidSampleError) as raised:
        make_sample(*columns[parameter], **{parameter: "ordered"})
    assert [part for part in parts if part not in str(raised.value)] == []


def test_a_column_may_be_named_ordered():
    X = pd.DataFrame({"ordered": NUMBERS, "b": NUMBERS**2})
    side = make_side(X, "X", "ordered")
    assert side.column_kinds == ("ordinal", "continuous")


def test_what_was_decided_stays():
    columns = read_columns(np.arange(N) % 4, "X", allow_1d=True)
    kinds = Kinds(["discrete"])
    assert column_kinds(columns, "discrete_features", kinds) is kinds


@given(st.lists(st.integers(-3, 3).map(lambda k: k / 4), min_size=5, max_size=60))
def test_codes_ascend_with_the_values(values):
    array = np.array(values)
    codes = make_side(array, "X", True).values[:, 0]
    assert np.array_equal(codes, np.unique(array, return_inverse=True)[1])


def test_codes_of_categories_ascend_in_their_order():
    codes = make_side(STEPS.astype(GRADES), "X", "auto").values[:4, 0]
    assert codes.tolist() == [2.0, 0.0, 1.0, 0.0]
    without = STEPS.where(STEPS != "low", "middle").astype(GRADES)
    assert make_side(without, "X", "auto").values[:4, 0].tolist() == [1.0, 0.0, 0.0, 0.0]


def test_sides_keep_what_is_ordered():
    values = np.array([[0, 0], [1, 1], [2, 2], [0, 1], [1, 0]], dtype=float)
    side = Side(values, np.array([True, True]), ("a", "b"), np.array([True, False]))
    assert side.nameless.tolist() == [False, True]
    others = [side.rows(np.arange(3)), side.permuted(np.arange(5)[::-1]), side.with_values(values)]
    assert [other.ordered.tolist() for other in others] == [[True, False]] * 3
    assert side.columns([1, 0]).ordered.tolist() == [False, True]
    assert joined([side, side.columns([0])]).ordered.tolist() == [True, False, True]
    plain = Side(values, np.array([True, False]), ("a", "b"))
    assert plain.ordered.tolist() == [False, False]
    assert plain.column_kinds == ("discrete", "continuous")


def test_new_rows_are_encoded_as_in_fit():
    steps = STEPS.astype(GRADES)
    encoder = SampleEncoder()
    sample = encoder.fit(*read_pair(steps, np.arange(N) % 4, allow_1d=True))
    again = encoder.new_sample(*read_pair(steps[:9], np.arange(9) % 4, allow_1d=True))
    assert again.x.column_kinds == sample.x.column_kinds == ("ordinal",)
    assert again.y.column_kinds == ("discrete",)
    # text has lost the order
    text = encoder.new_sample(*read_pair(STEPS[:9], np.arange(9) % 4, allow_1d=True))
    assert text.x.column_kinds == ("discrete",)
    own = SampleEncoder.of(sample)
    assert own.x_codec_.side_of(read_columns(sample.x.values, "X", allow_1d=True)).ordered.all()


def test_a_missing_value_has_no_place_in_an_order():
    steps = STEPS.astype(GRADES)
    steps[3] = None
    df = pd.DataFrame({"a": steps})
    kinds = {
        missing: read_sides(df, ["a"], "auto", "discrete_features", missing, ["it"])[0].kind
        for missing in ("drop", "category")
    }
    assert kinds == {"drop": "ordinal", "category": "discrete"}


def test_several_columns_are_ordinal_where_all_are():
    df = pd.DataFrame({"a": np.arange(N) % 3, "b": np.arange(N) % 4, "c": STEPS, "d": NUMBERS})
    a, b, c, d = read_sides(df, list("abcd"), "auto", "discrete_target", "error", list("abcd"))
    kinds = [joined_side("it", list(sides)).kind for sides in ((a, b), (a, c), (a, d))]
    assert kinds == ["ordinal", "discrete", "continuous"]
