"""Seeded frames as nobody would wish them: values, dtypes, shapes, names and indexes.

A frame follows from its seed alone: ``nasty(seed)``. What is asked of it: `tests.shaken.shaking`.
"""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import torch

SIZES = [3, 5, 5, 6, 7, 9, 13, 20, 40, 90]


class Nasty(NamedTuple):
    """A paired sample in some library's form."""

    x: object
    y: object
    text: str  # what it is made of


def _objects(values):
    answer = np.empty(len(values), dtype=object)
    answer[:] = values
    return answer


def _with_holes(rng, values, hole):
    holed = _objects(list(values))
    holed[rng.random(len(holed)) < 0.2] = hole
    return holed


_WORDS = [
    "a",
    "",
    " ",
    "ä",
    "\x1b[31m",
    "\u202e",
    "NaN",
    "None",
    "1",
    "1e5",
    "x" * 300,
    "\0",
    "😀",
]
_FLOATS = ["float16", "float32", "float64", "longdouble"]
_INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
_MOST = [0, 2**63, 2**64 - 1]
_EDGES = [0.0, -0.0, 1.0, 5e-324, -5e-324, 1e-310, 1.7e308, -1.7e308, 2.0**53, 2.0**53 + 2, 0.1]

# Each takes a generator and numbers that the columns of both sides depend on.
VALUES = {
    "float": lambda r, z: (z + r.normal(size=len(z))).astype(r.choice(_FLOATS)),
    "integer": lambda r, z: np.abs(np.round(3 * z)).astype(r.choice(_INTEGERS)),
    "wide integer": lambda r, z: 2**60 + np.round(10 * z).astype(np.int64),
    "most integer": lambda r, z: r.choice(
        np.array([0, 2**63, 2**64 - 1], dtype=np.uint64), len(z)
    ),
    "swapped bytes": lambda r, z: z.astype(r.choice([">f8", ">i4", ">f4"])),
    "edges": lambda r, z: r.choice(_EDGES, len(z)),
    "subnormal": lambda r, z: z * 1e-310,
    "huge": lambda r, z: z * 1e307,
    "far": lambda r, z: 1e9 + 1e-6 * z,
    "zeros": lambda r, z: np.where(r.random(len(z)) < 0.6, 0.0, z),
    "signed zeros": lambda r, z: np.where(z > 0, 0.0, -0.0),
    "constant": lambda r, z: np.full(len(z), r.choice([0.0, 7.0, 1e300])),
    "one differs": lambda r, z: (np.arange(len(z)) == 0).astype(float),
    "copy": lambda r, z: z.copy(),
    "mirror": lambda r, z: -z,
    "bool": lambda r, z: z > 0,
    "bool objects": lambda r, z: _objects((z > 0).tolist()),
    "text": lambda r, z: _objects(r.choice(_WORDS, len(z)).tolist()),
    "numbers as text": lambda r, z: _objects([str(v) for v in np.round(z, 1)]),
    "bytes": lambda r, z: _objects([b"a" if v > 0 else b"b\xff" for v in z]),
    "fixed text": lambda r, z: r.choice(["u", "v", "w"], len(z)),
    "label each": lambda r, z: _objects([f"l{k}" for k in r.permutation(len(z))]),
    "numbers as objects": lambda r, z: _objects(z.tolist()),
    "kinds of numbers": lambda r, z: _objects(
        [(float, np.float32, Fraction)[k % 3](round(v * 4) / 4) for k, v in enumerate(z)]
    ),  # noqa: E501
    "decimal": lambda r, z: _objects([Decimal(repr(round(float(v), 3))) for v in z]),
    "signaling": lambda r, z: _with_holes(r, [Decimal(1)] * len(z), Decimal("sNaN")),
    "vast": lambda r, z: _objects([int(v * 8) * 10**320 for v in z]),
    "nan": lambda r, z: np.where(r.random(len(z)) < 0.2, np.nan, z),
    "inf": lambda r, z: np.where(r.random(len(z)) < 0.2, np.inf, z),
    "all nan": lambda r, z: np.full(len(z), np.nan),
    "none": lambda r, z: _with_holes(r, z, None),
    "missing text": lambda r, z: _with_holes(r, r.choice(["a", "b"], len(z)), np.nan),
    "mixed": lambda r, z: _with_holes(r, z, "?"),
    "mixed bool": lambda r, z: _with_holes(r, z, True),
    "complex": lambda r, z: z + 1j,
    "date": lambda r, z: np.datetime64("2020-01-01") + np.round(z * 9).astype("m8[D]"),
    "duration": lambda r, z: np.round(z * 9).astype("m8[s]"),
    "dates as objects": lambda r, z: _objects(
        [datetime.date(2020, 1, 1 + int(abs(v) * 9) % 28) for v in z]
    ),  # noqa: E501
    "lists": lambda r, z: _objects([[1, 2]] * len(z)),
    "dicts": lambda r, z: _objects([{"a": 1}] * len(z)),
    "times": lambda r, z: _objects([datetime.time(int(abs(v) * 7) % 24) for v in z]),
    "half characters": lambda r, z: _objects(["\ud800" if v > 0 else "a\udfff" for v in z]),
    "endless digits": lambda r, z: _objects([int(v * 8) * 10**5000 for v in z]),
    "long text": lambda r, z: _objects([("a" if v > 0 else "b") * 100_000 for v in z]),
    "ids": lambda r, z: _objects([uuid.UUID(int=k) for k in range(len(z))]),
}
# Of these alone a frame is one that must be answered; the rest may be refused.
PLAIN = ["float", "integer", "edges", "subnormal", "far", "zeros", "signed zeros", "constant"]
PLAIN += ["one differs", "copy", "mirror", "bool", "bool objects", "text", "fixed text", "decimal"]
PLAIN += ["label each", "numbers as objects", "numbers as text", "bytes"]
# Dtypes that a pandas column is given, where it takes them.
DTYPES = [
    "category",
    "ordered",
    "Int64",
    "Float64",
    "boolean",
    "string",
    "Sparse",
    "arrow",
    "object",
]
DTYPES += ["str", "period", "interval", "pyarrow", "Sparse[object]"]
NAMES = [
    None,
    np.nan,
    pd.NA,
    0,
    -1,
    1.5,
    True,
    "",
    " ",
    "y",
    "mi",
    "a" * 1000,
    ("g", 1),
    b"x",
    "\x1b",
]
INDEXES = ["range", "shifted", "text", "dates", "repeated", "several"]
LIBRARIES = ["pandas"] * 6 + ["polars", "arrow", "numpy", "list", "torch", "series", "layout"]
# How an array of numbers may lie in memory, or hide some of them.
LAYOUTS = {
    "columns": lambda r, a: np.asfortranarray(a),
    "backwards": lambda r, a: a[::-1, ::-1],
    "steps": lambda r, a: np.repeat(a, 2, axis=0)[::2],
    "swapped": lambda r, a: a.astype(a.dtype.newbyteorder("S")),
    "matrix": lambda r, a: a.view(type("Odd", (np.ndarray,), {})),
    "masked": lambda r, a: np.ma.array(a, mask=r.random(a.shape) < 0.05),
    "masked text": lambda r, a: np.ma.array(a.astype(str), mask=r.random(a.shape) < 0.05),
}


def _typed(rng, values):
    """A pandas column of some dtype that takes the values."""
    try:
        series = pd.Series(values)
    except UnicodeEncodeError:  # half a character is no text to pandas
        return pd.Series(values, dtype=object)
    if rng.random() < 0.5:
        return series
    dtype = rng.choice(DTYPES)
    try:
        if dtype == "ordered":
            return series.astype("category").cat.as_ordered()
        if dtype == "arrow":
            return series.convert_dtypes(dtype_backend="pyarrow")
        if dtype == "period":
            return pd.Series(pd.PeriodIndex(pd.to_datetime(series), freq="D"))
        if dtype == "interval":
            return pd.cut(series, 3)
        if dtype == "pyarrow":
            # lists, structures, decimals, dates and times as Arrow has them
            array = pa.array(list(values), from_pandas=True)
            return pd.Series(pd.arrays.ArrowExtensionArray(array))
        return series.astype("Sparse[float]" if dtype == "Sparse" else dtype)
    except Exception:  # noqa: BLE001  whatever pandas says: this is no place to judge it
        return series


def _index(rng, n):
    kind = rng.choice(INDEXES)
    if kind == "several":
        return pd.MultiIndex.from_product([["a"], range(n)])
    return {
        "range": pd.RangeIndex(n),
        "shifted": pd.RangeIndex(5, n + 5),
        "text": pd.Index([f"r{k}" for k in range(n)]),
        "dates": pd.date_range("2020", periods=n),
        "repeated": pd.Index(np.zeros(n, dtype=int)),
    }[kind]


def _names(rng, count):
    if rng.random() < 0.5:
        return [f"c{k}" for k in range(count)]
    if rng.random() < 0.2:
        return pd.MultiIndex.from_tuples([("g", k) for k in range(count)])
    return pd.Index([NAMES[k] for k in rng.permutation(len(NAMES))[:count]], dtype=object)


def _frame(rng, columns, index):
    frame = pd.concat([_typed(rng, values) for values in columns], axis=1)
    frame.columns = _names(rng, len(columns))
    return frame.set_axis(index, axis=0)


def _is_plain(values):
    """Whether polars takes it without a panic."""
    dtype = np.asarray(values).dtype
    return dtype.kind == "U" or (dtype.kind in "fiub" and dtype.itemsize <= 8 and dtype.isnative)


def _polars(rng, name, values):
    """A polars column, of a type that pandas has not where it takes one."""
    series = pl.Series(name, list(values))
    if series.dtype.is_integer() and rng.random() < 0.3:
        return series.cast(pl.Int128) + 2**90
    if series.dtype == pl.String and rng.random() < 0.3:
        return series.cast(pl.Enum(series.unique().sort()))
    return series


def _in_library(rng, library, columns, index):
    try:
        if library == "polars" and all(_is_plain(v) for v in columns):
            return pl.DataFrame([_polars(rng, f"c{k}", v) for k, v in enumerate(columns)])
        if library == "arrow":
            return pa.table(
                {f"c{k}": pa.array(list(v)) for k, v in enumerate(columns)}
            ).to_pandas()
        if library == "torch":
            return torch.stack([torch.as_tensor(np.asarray(v, dtype=float)) for v in columns], 1)
        if library == "layout":
            stacked = np.stack([np.asarray(v, dtype=float) for v in columns], axis=1)
            array = LAYOUTS[str(rng.choice(list(LAYOUTS)))](rng, stacked)
            array.flags.writeable = False
            return array
    except Exception:  # noqa: BLE001  what the library does not take comes from pandas
        return _frame(rng, columns, index)
    if library == "series" and len(columns) == 1:
        return _typed(rng, columns[0]).set_axis(index)
    if library in ("numpy", "list"):
        stacked = np.empty((len(columns[0]), len(columns)), dtype=object)
        for k, values in enumerate(columns):
            stacked[:, k] = list(values)
        return stacked if library == "numpy" else stacked.tolist()
    return _frame(rng, columns, index)


def nasty(seed: int, *, plain: bool = False) -> Nasty:
    """The frame of a seed; a plain one can be answered."""
    rng = np.random.default_rng([seed, 2026])
    n = int(rng.choice(SIZES[1:] if plain else SIZES))
    z = rng.normal(size=n)
    kinds = PLAIN if plain else list(VALUES)
    chosen = [[str(k) for k in rng.choice(kinds, rng.integers(1, 4))] for _ in "xy"]
    library = "pandas" if plain else str(rng.choice(LIBRARIES))
    index = _index(rng, n)
    sides = [
        _in_library(rng, library, [VALUES[kind](rng, z) for kind in side], index)
        for side in chosen
    ]
    return Nasty(*sides, f"seed {seed}: n = {n}, {library}, {chosen[0]} against {chosen[1]}")
