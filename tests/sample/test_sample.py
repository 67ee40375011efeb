"""The sample: what is accepted, what is discrete, and what every refusal says."""

from __future__ import annotations

import datetime
import sys
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from skmist import InvalidSampleError, InvalidSampleTypeError
from skmist._sample.codes import is_discrete
from skmist._sample.sample import MIN_SAMPLES, SampleEncoder, make_sample, read_pair, read_rows

N = 12
NUMBERS = np.linspace(0.0, 1.0, N)
LABELS = ["a", "b", "c"] * 4


def frame(**columns) -> pd.DataFrame:
    return pd.DataFrame({"age": NUMBERS, **columns})


def with_value(row: int, value, dtype=None) -> np.ndarray:
    values = np.array(NUMBERS, dtype=object)
    values[row] = value
    return values if dtype is None else values.astype(dtype)


# One row per kind of bad input: X, y, options, and what the message must name:
# column, value, limit, remedy.
BAD_INPUT = {
    "nan in an array": (
        with_value(3, np.nan, float)[:, None],
        NUMBERS,
        {},
        ["X column 'x0'", "row 3 is nan", "1 of 12", "0 are allowed", "SimpleImputer"],
    ),
    "nan in y": (
        NUMBERS,
        with_value(2, np.nan, float),
        {},
        ["y column 'y0'", "row 2 is nan", "0 are allowed", "Drop"],
    ),
    "none in an object column": (
        frame(city=pd.Series(["a", None] * 6, dtype=object)),
        NUMBERS,
        {},
        ["X column 'city'", "row 1 is None", "6 of 12", "0 are allowed", "Drop"],
    ),
    "missing in a nullable column": (
        frame(rooms=pd.array([1, 2, None] * 4, dtype="Int64")),
        NUMBERS,
        {},
        ["X column 'rooms'", "row 2 is nan", "4 of 12", "0 are allowed", "Drop"],
    ),
    "missing category": (
        frame(city=pd.Categorical(["a", None, "b"] * 4)),
        NUMBERS,
        {},
        ["X column 'city'", "row 1", "4 of 12", "0 are allowed", "Drop"],
    ),
    "missing boolean": (
        frame(old=pd.array([True, None, False] * 4, dtype="boolean")),
        NUMBERS,
        {},
        ["X column 'old'", "row 1", "4 of 12", "0 are allowed", "Drop"],
    ),
    "masked array": (
        np.ma.masked_equal(np.arange(N), 4),
        NUMBERS,
        {},
        ["X column 'x0'", "row 4 is nan", "1 of 12", "0 are allowed", "Drop"],
    ),
    "missing in polars": (
        pl.DataFrame({"rooms": [1, None, 2] * 4}),
        NUMBERS,
        {},
        ["X column 'rooms'", "row 1 is nan", "4 of 12", "0 are allowed", "Drop"],
    ),
    "infinity": (
        NUMBERS,
        frame(pay=with_value(4, -np.inf, float)),
        {},
        ["y column 'pay'", "contains inf", "row 4 is -inf", "only finite", "Drop"],
    ),
    "number too large for a float": (
        NUMBERS[:, None],
        with_value(5, 10**400),
        {},
        ["y column 'y0'", "row 5 is 1000", "beyond those of float64, 1.8e+308", "Drop"],
    ),
    "unequal lengths": (
        NUMBERS,
        NUMBERS[:-1],
        {},
        ["X has 12 rows", "y has 11", "must be equal", "one row of y per row of X"],
    ),
    "dates in an array": (
        NUMBERS,
        np.arange("2020-01", "2021-01", dtype="datetime64[M]"),
        {},
        ["y column 'y0'", "dates or durations", "2020-01", "only numbers", "Convert"],
    ),
    "dates in a frame": (
        frame(born=pd.date_range("2020-01-01", periods=N)),
        NUMBERS,
        {},
        ["X column 'born'", "dates or durations", "2020-01-01", "only numbers", "days since"],
    ),
    "durations in a frame": (
        frame(stay=pd.to_timedelta(range(N), unit="D")),
        NUMBERS,
        {},
        ["X column 'stay'", "dates or durations", "only numbers", "Convert"],
    ),
    "dates in an object column": (
        frame(born=pd.Series([datetime.date(2020, 1, 1)] * N, dtype=object)),
        NUMBERS,
        {},
        ["X column 'born'", "(date)", "row 0 is 2020-01-01", "only numbers", "Convert"],
    ),
    "dates in polars": (
        pl.DataFrame({"born": [datetime.datetime(2020, 1, 1)] * N}),
        NUMBERS,
        {},
        ["X column 'born'", "(datetime)", "only numbers", "Convert"],
    ),
    "complex": (
        NUMBERS + 1j,
        NUMBERS,
        {},
        ["Complex data not supported", "X column 'x0'", "1j", "only real", "two columns"],
    ),
    "complex in a frame": (
        frame(z=NUMBERS + 1j),
        NUMBERS,
        {},
        ["Complex data not supported", "X column 'z'", "row 0", "only real", "two columns"],
    ),
    "sparse": (
        sparse.csr_array(np.eye(N)),
        NUMBERS,
        {},
        ["Sparse data not supported", "X is a csr_array", "only dense", ".toarray()"],
    ),
    "sparse tensor": (
        torch.eye(N).to_sparse(),
        NUMBERS,
        {},
        ["Sparse data not supported", "X is a Tensor", "only dense"],
    ),
    "numbers that became text beside labels": (
        np.array([[0.5 * i, "a"] for i in range(24)]),
        NUMBERS,
        {},
        ["X column 'x0' is text", "'0.0'", "more than 20 different numbers", "DataFrame"],
    ),
    "empty array of text as X": (
        np.empty((0, 2), dtype="U3"),
        NUMBERS,
        {},
        ["X has 0 rows and y has 12", "must be equal"],
    ),
    "structured array": (
        np.zeros(N, dtype=[("a", float)]),
        NUMBERS,
        {},
        ["X column 'x0'", "row 0", "must be a string or a number", "Drop the column"],
    ),
    "dict among numbers": (
        with_value(7, {"foo": 1})[:, None],
        NUMBERS,
        {},
        ["X column 'x0'", "row 7", "a string or a number, not dict", "{'foo': 1}", "Drop"],
    ),
    "lists as values": (
        pl.DataFrame({"path": [[1, 2]] * N}),
        NUMBERS,
        {},
        ["X column 'path'", "row 0", "not list", "[1, 2]", "Drop"],
    ),
    "numbers and text mixed": (
        frame(code=pd.Series([1, "a"] * 6, dtype=object)),
        NUMBERS,
        {},
        ["X column 'code'", "row 0 is 1 (int)", "row 1 is 'a' (str)", "one type", "Convert"],
    ),
    "rows of unequal length": (
        [[1.0, 2.0]] * (N - 1) + [[1.0]],
        NUMBERS,
        {},
        ["X is not a table", "differ in length", "equal length"],
    ),
    "no rows": (
        np.empty((0, 2)),
        [],
        {},
        ["X has 0 sample(s)", f"minimum of {MIN_SAMPLES}", "Collect"],
    ),
    "too few rows": (
        NUMBERS[:4],
        NUMBERS[:4],
        {},
        ["X has 4 sample(s)", f"minimum of {MIN_SAMPLES}", "Collect more rows"],
    ),
    "no columns": (
        np.empty((N, 0)),
        NUMBERS,
        {},
        ["X has 0 feature(s)", "(12, 0)", "minimum of 1", "at least one column"],
    ),
    "no columns in a frame": (
        pd.DataFrame(index=range(N)),
        NUMBERS,
        {},
        ["X has 0 feature(s)", "(12, 0)", "minimum of 1", "at least one column"],
    ),
    "y missing": (NUMBERS, None, {}, ["requires y to be passed", "None", "Pass one row"]),
    "scalar": (1.0, NUMBERS, {}, ["X has shape ()", "two dimensions", "Reshape"]),
    "three dimensions": (
        np.zeros((N, 2, 2)),
        NUMBERS,
        {},
        ["got 3D array", "X has shape (12, 2, 2)", "two dimensions", "Reshape"],
    ),
    "repeated column name": (
        pd.DataFrame(np.zeros((N, 2)), columns=["a", "a"]),
        NUMBERS,
        {},
        ["more than one column named 'a'", "once", "Rename"],
    ),
    "unknown discrete column": (
        frame(),
        NUMBERS,
        {"discrete_features": ["size"]},
        ["discrete_features=['size']", "age", "allowed are 'auto'", "Correct"],
    ),
    "discrete column out of range": (
        NUMBERS,
        NUMBERS,
        {"discrete_target": [1]},
        ["discrete_target=[1]", "1 column(s) y0", "column indices", "Correct"],
    ),
    "discrete mask of wrong length": (
        NUMBERS,
        NUMBERS,
        {"discrete_features": np.array([True, False])},
        ["discrete_features=array([ True, False])", "1 column(s)", "a mask of that length"],
    ),
    "discrete given as float": (
        NUMBERS,
        NUMBERS,
        {"discrete_features": 0.5},
        ["discrete_features=0.5", "allowed are", "Correct"],
    ),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input_names_column_value_limit_and_remedy(case):
    X, y, options, parts = BAD_INPUT[case]
    with pytest.raises(InvalidSampleError) as caught:
        make_sample(X, y, **options)
    message = str(caught.value)
    assert [part for part in parts if part not in message] == [], message
    assert message.endswith("."), message


def test_one_dimensional_x_is_refused_where_it_is_ambiguous():
    with pytest.raises(InvalidSampleError, match="Reshape your data"):
        read_pair(NUMBERS, NUMBERS)


def test_wrong_containers_are_type_errors_too():
    with pytest.raises(TypeError):
        make_sample(sparse.csr_matrix(np.eye(N)), NUMBERS)
    assert issubclass(InvalidSampleTypeError, (InvalidSampleError, TypeError))


GOOD_COLUMNS = {
    "float": (NUMBERS, False),
    "float32": (NUMBERS.astype(np.float32), False),
    "few integers": ([1, 2, 3] * 4, True),
    "few floats": ([0.1, 0.2, 0.3] * 4, True),
    "many integers": (range(N), False),
    "two values": ([0] * 11 + [1], True),
    "constant": ([7.5] * N, True),
    "bool": ([True, False] * 6, True),
    "text": (LABELS, True),
    "object numbers": (pd.Series(list(NUMBERS), dtype=object), False),
    "decimals": (pd.Series([Decimal(i) for i in range(N)], dtype=object), False),
    "object booleans": (pd.Series([True, False] * 6, dtype=object), True),
    "category of text": (pd.Categorical(LABELS), True),
    "category of numbers": (pd.Categorical(range(N)), True),
    "category of mixed types": (pd.Categorical([1, "a"] * 6), True),
    "nullable Int64": (pd.array(range(N), dtype="Int64"), False),
    "nullable Float64": (pd.array(NUMBERS, dtype="Float64"), False),
    "nullable boolean": (pd.array([True, False] * 6, dtype="boolean"), True),
    "string dtype": (pd.array(LABELS, dtype="string"), True),
    "arrow numbers": (pd.array(NUMBERS, dtype="double[pyarrow]"), False),
    "arrow text": (pd.array(LABELS, dtype="string[pyarrow]"), True),
}


@pytest.mark.parametrize("kind", GOOD_COLUMNS)
def test_pandas_column_kinds(kind):
    values, discrete = GOOD_COLUMNS[kind]
    sample = make_sample(pd.DataFrame({"c": values}), NUMBERS)
    assert sample.x.values.shape == (N, 1) and sample.x.values.dtype == np.float64
    assert sample.x.names == ("c",)
    assert sample.x.discrete.tolist() == [discrete]
    if discrete:
        codes = np.unique(sample.x.values)
        assert codes.tolist() == list(range(len(codes)))
    as_target = make_sample(NUMBERS, pd.Series(values, name="c"))
    assert as_target.y.names == ("c",)
    np.testing.assert_array_equal(as_target.y.values, sample.x.values)


@pytest.mark.parametrize(
    ("series", "discrete"),
    [
        (pl.Series("c", NUMBERS), False),
        (pl.Series("c", range(N)), False),
        (pl.Series("c", [1, 2, 3] * 4), True),
        (pl.Series("c", [Decimal(i) for i in range(N)]), False),
        (pl.Series("c", [True, False] * 6), True),
        (pl.Series("c", LABELS), True),
        (pl.Series("c", LABELS, dtype=pl.Categorical), True),
        (pl.Series("c", LABELS, dtype=pl.Enum(["a", "b", "c"])), True),
    ],
    ids=str,
)
def test_polars_agrees_with_pandas(series, discrete):
    sample = make_sample(series.to_frame(), series)
    reference = make_sample(pd.DataFrame({"c": series.to_list()}), series.to_list())
    assert sample.x.names == sample.y.names == ("c",)
    assert sample.x.discrete.tolist() == [discrete]
    np.testing.assert_array_equal(sample.x.values, reference.x.values)
    np.testing.assert_array_equal(sample.y.values, reference.y.values)


@pytest.mark.parametrize(
    "X",
    [
        NUMBERS,
        NUMBERS[:, None],
        NUMBERS.tolist(),
        [[v] for v in NUMBERS],
        torch.tensor(NUMBERS, requires_grad=True),
        pd.Series(NUMBERS),
        pl.Series(NUMBERS),
        np.asfortranarray(NUMBERS[:, None]),
    ],
    ids=["1-D", "2-D", "list", "nested", "tensor", "pandas", "polars", "fortran"],
)
def test_containers_agree(X):
    sample = make_sample(X, NUMBERS)
    np.testing.assert_array_equal(sample.x.values, NUMBERS[:, None])
    assert sample.x.names == ("x0",) and sample.y.names == ("y0",)


def test_list_of_rows_keeps_numbers_apart_from_text():
    sample = make_sample([[v, label] for v, label in zip(NUMBERS, LABELS, strict=True)], NUMBERS)
    assert sample.x.discrete.tolist() == [False, True]
    np.testing.assert_array_equal(sample.x.values[:, 0], NUMBERS)


def test_text_array_is_a_target():
    sample = make_sample(NUMBERS, np.array(LABELS))
    assert sample.y.discrete.all()
    assert sample.y.values.ravel().tolist() == [0.0, 1.0, 2.0] * 4


def test_input_is_neither_changed_nor_aliased():
    X = np.stack([NUMBERS, NUMBERS**2], axis=1)
    before = X.copy()
    make_sample(X, NUMBERS).x.values[:] = 0.0
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", [False, True, True]),
        (True, [True, True, True]),
        (False, [False, False, True]),
        ([True, False, True], [True, False, True]),
        (["age"], [True, False, True]),
        ("age", [True, False, True]),
        ([0], [True, False, True]),
        (-2, [False, True, True]),
        ([], [False, False, True]),
    ],
)
def test_choice_of_discrete_columns(choice, expected):
    X = frame(rooms=[1, 2, 3] * 4, city=LABELS)
    sample = make_sample(X, NUMBERS, discrete_features=choice)
    assert sample.x.discrete.tolist() == expected


@pytest.mark.parametrize(
    ("distinct", "n", "expected"),
    [(1, 5, True), (2, 5, True), (3, 11, False), (3, 12, True), (20, 80, True), (20, 79, False)]
    + [(21, 1000, False)],
)
def test_rule_for_discrete_columns(distinct, n, expected):
    assert is_discrete(np.arange(n) % distinct * 0.1) is expected


@pytest.mark.parametrize(("repeated", "expected"), [(1, False), (9, False), (10, True)])
def test_sizes_beside_many_zeros_are_no_grades(repeated, expected):
    # twenty values in 300 rows, most rows zero
    sizes = np.arange(1.0, 20.0)
    column = np.r_[np.zeros(300 - 19 - (repeated - 1)), sizes, sizes[: repeated - 1]]
    assert is_discrete(column) is expected


@given(
    st.lists(st.integers(-40, 40), min_size=5, max_size=60),
    st.sampled_from([0.001, 1.0, 1e6]),
    st.sampled_from([0.0, -3.0]),
)
def test_rule_ignores_scale_and_shift_and_order(values, scale, shift):
    array = np.array(values, dtype=float)
    assert is_discrete(array) == is_discrete(np.sort(array)[::-1] * scale + shift)


def test_constant_columns_are_dropped():
    X = pd.DataFrame({"a": NUMBERS, "b": [3] * N, "c": ["k"] * N, "d": NUMBERS[::-1]})
    sample = make_sample(X, [0.0] * N, discrete_features=["a"])
    assert sample.x.constant.tolist() == [False, True, True, False]
    kept = sample.informative()
    assert kept.x.names == ("a", "d") and kept.x.discrete.tolist() == [True, False]
    assert (kept.p, kept.q, kept.n_samples) == (2, 0, N)


def test_nothing_is_copied_where_no_column_is_constant():
    sample = make_sample(NUMBERS, NUMBERS)
    assert sample.informative() is sample


def test_huge_values_are_not_constant():
    sample = make_sample([-1.7e308, 1.7e308, 0.0] * 4, NUMBERS)
    assert not sample.x.constant.any()


BIG = 2**60
LARGE = [BIG + i for i in (0, 1, 2)] * 4
ARROW_DECIMAL = pd.ArrowDtype(pa.decimal128(38))
LARGE_COLUMNS = {
    "list": LARGE,
    "rows": [[v] for v in LARGE],
    "int64": np.array(LARGE),
    "uint64": np.array(LARGE, dtype=np.uint64) + np.uint64(2**63),
    "beyond 64 bits": [v + 2**70 for v in LARGE],
    "objects": np.array(LARGE, dtype=object),
    "objects of numpy": np.array([np.int64(v) for v in LARGE], dtype=object),
    "decimals": [Decimal(v) for v in LARGE],
    "masked": np.ma.array(LARGE),
    "tensor": torch.tensor(LARGE),
    "negative": -np.array(LARGE),
    "at the limit": [2**53 + v - BIG for v in LARGE],
    "frame": pd.DataFrame({"id": LARGE}),
    "nullable": pd.Series(LARGE, dtype="Int64"),
    "arrow": pd.Series(LARGE, dtype="int64[pyarrow]"),
    "arrow decimals": pd.Series([Decimal(v) for v in LARGE], dtype=ARROW_DECIMAL),
    "polars": pl.Series("id", LARGE),
    "polars of 128 bits": pl.Series("id", LARGE, dtype=pl.Int128),
    "polars decimals": pl.Series("id", [Decimal(v) for v in LARGE]),
}


@pytest.mark.parametrize("kind", LARGE_COLUMNS)
def test_large_integers_stay_apart(kind):
    sample = make_sample(LARGE_COLUMNS[kind], NUMBERS)
    expected = [2.0, 1.0, 0.0] if kind == "negative" else [0.0, 1.0, 2.0]
    assert sample.x.discrete.tolist() == [True]
    assert sample.x.values.ravel().tolist() == expected * 4


@pytest.mark.parametrize("kind", LARGE_COLUMNS)
def test_large_integers_that_floats_would_merge_are_refused_as_numbers(kind):
    with pytest.raises(InvalidSampleError) as caught:
        make_sample(NUMBERS, LARGE_COLUMNS[kind], discrete_target=False)
    message = str(caught.value)
    parts = ["y column '", "3 distinct numbers", "2**53", "leave ", "Subtract", "'category'"]
    assert [part for part in parts if part not in message] == [], message


def test_large_integers_that_floats_tell_apart_are_numbers():
    values = BIG + 1000 * np.arange(N)
    for column in (values, values.tolist(), pd.DataFrame({"id": values}), pl.Series(values)):
        sample = make_sample(column, NUMBERS)
        assert sample.x.discrete.tolist() == [False]
        np.testing.assert_array_equal(sample.x.values.ravel(), values.astype(float))


def test_large_integers_beside_fractions_in_a_list_stay_apart():
    rows = [[v, x] for v, x in zip(LARGE, NUMBERS, strict=True)]
    assert make_sample(rows, NUMBERS).x.values[:, 0].tolist() == [0.0, 1.0, 2.0] * 4


def test_large_integers_are_told_from_unseen_ones():
    encoder = SampleEncoder()
    encoder.fit(*read_pair(NUMBERS[:, None], LARGE))
    assert encoder.encode_y(read_rows([BIG + 1], "y")).tolist() == [[1.0]]
    with pytest.raises(InvalidSampleError, match=f"{BIG + 3} was not seen in fit"):
        encoder.encode_y(read_rows([BIG + 3], "y"))


@pytest.fixture
def fitted() -> SampleEncoder:
    encoder = SampleEncoder()
    encoder.fit(*read_pair(frame(city=LABELS, plan=["k"] * N, rooms=[1, 2, 3] * 4), NUMBERS))
    return encoder


def rows(**values) -> pd.DataFrame:
    return pd.DataFrame({"age": [0.5], "city": ["b"], "plan": ["k"], "rooms": [3], **values})


def test_new_rows_are_encoded_as_in_fit(fitted):
    encoded = fitted.encode_x(read_rows(rows(), "X"))
    assert encoded.tolist() == [[0.5, 1.0, 0.0, 2.0]]


def test_constant_column_ignores_new_values(fitted):
    assert fitted.encode_x(read_rows(rows(plan=["new"]), "X"))[0, 2] == 0.0


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        (
            {"city": ["z"]},
            ["X column 'city', row 0", "'z' was not seen", "3 values 'a', 'b', 'c'", "Drop"],
        ),
        (
            {"rooms": [9]},
            ["X column 'rooms', row 0", "9.0 was not seen", "1.0, 2.0, 3.0", "features=False"],
        ),
        ({"age": ["old"]}, ["X column 'age'", "'old'", "only numbers", "Convert"]),
    ],
)
def test_unseen_values_are_named(fitted, values, parts):
    with pytest.raises(InvalidSampleError) as caught:
        fitted.encode_x(read_rows(rows(**values), "X"))
    assert [part for part in parts if part not in str(caught.value)] == []


def test_unseen_values_name_at_most_eight_known_ones():
    encoder = SampleEncoder()
    encoder.fit(*read_pair(NUMBERS[:, None], [f"c{i:02}" for i in range(N)]))
    with pytest.raises(InvalidSampleError, match="12 values 'c00'.*'c07', ...") as caught:
        encoder.encode_y(read_rows(["z"], "y"))
    assert "'c08'" not in str(caught.value)


def test_other_number_of_columns_is_named(fitted):
    with pytest.raises(InvalidSampleError, match=r"y has 2 column\(s\), but 1 were fitted"):
        fitted.encode_y(read_rows(np.zeros((1, 2)), "y"))


@pytest.mark.parametrize("library", [pd, pl])
def test_columns_of_y_in_another_order_are_refused(library):
    y = library.DataFrame({"a": NUMBERS, "b": NUMBERS**2})
    encoder = SampleEncoder()
    encoder.fit(*read_pair(NUMBERS[:, None], y))
    swapped = y[["b", "a"]]
    message = "y column 0 is named 'b', but 'a' was fitted there. Pass the same columns"
    with pytest.raises(InvalidSampleError, match=message):
        encoder.encode_y(read_rows(swapped, "y"))
    with pytest.raises(InvalidSampleError, match=message):
        encoder.new_sample(*read_pair(NUMBERS[:, None], swapped))
    np.testing.assert_array_equal(
        encoder.encode_y(read_rows(y.to_numpy(), "y")), encoder.encode_y(read_rows(y, "y"))
    )


def test_names_that_no_frame_gave_are_not_compared():
    encoder = SampleEncoder()
    encoder.fit(*read_pair(NUMBERS[:, None], pd.Series(NUMBERS, name="a")))
    assert encoder.encode_y(read_rows(pd.Series([0.5], name="b"), "y")).tolist() == [[0.5]]
    encoder.fit(*read_pair(NUMBERS[:, None], pd.DataFrame({0: NUMBERS, 1: NUMBERS})))
    assert encoder.encode_y(read_rows(pd.DataFrame({5: [0.5], 6: [0.1]}), "y")).size == 2


def test_no_rows_to_encode():
    with pytest.raises(InvalidSampleError, match=r"X has 0 sample\(s\).*minimum of 1"):
        read_rows(np.empty((0, 3)), "X")


def test_new_sample_keeps_kinds_and_renews_categories(fitted):
    few = pd.concat([rows()] * 5).assign(rooms=[7, 8, 9, 7, 8], city=list("zyzyz"))
    sample = fitted.new_sample(*read_pair(few, NUMBERS[:5]))
    assert sample.x.discrete.tolist() == [False, True, True, True]
    assert sample.x.values[:, 3].tolist() == [0.0, 1.0, 2.0, 0.0, 1.0]


def test_frames_are_told_without_importing_their_library(monkeypatch):
    monkeypatch.delitem(sys.modules, "polars")
    assert make_sample(NUMBERS, NUMBERS).n_samples == N
    assert "polars" not in sys.modules


# Labels of rows ---------------------------------------------------------------------------


def test_row_labels_that_disagree_are_told():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=30)}, index=np.arange(30) + 5)
    y = X["a"] + rng.normal(size=30)
    with pytest.raises(InvalidSampleError, match="labels of X and y differ: row 0 is 5 in X"):
        make_sample(X, y.set_axis(y.index + 100))
    several = pd.MultiIndex.from_product([["a"], range(30)])
    with pytest.raises(InvalidSampleError, match="labels of X and y differ: row 0 is 5 in X"):
        make_sample(X, y.set_axis(several))
    with pytest.warns(UserWarning, match=r"same in another order .*y = y\.loc\[X\.index\]"):
        make_sample(X, y.sort_values())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for pair in ((X, y), (X, y.to_numpy()), (X.reset_index(drop=True), y)):
            make_sample(*pair)
