"""Check the values of one column: numbers or labels of one type, nothing missing."""

from __future__ import annotations

__all__ = [
    "MAX_INTEGER",
    "MOST_CODES",
    "Column",
    "checked_array",
    "checked_labels",
    "checked_numbers",
    "checked_objects",
    "is_beyond_float",
]

import datetime
import numbers
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from skmist._errors import InvalidSampleError, InvalidSampleTypeError
from skmist._sample.shown import shortened

MAX_INTEGER = 2**53
"""Up to here float64 tells all whole numbers apart."""

MOST_CODES = 20
"""Different numbers up to which a column may be discrete by rule."""

_TEMPORAL = (datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64)
_MISSING_TYPES = frozenset({"NoneType", "NAType", "NaTType"})


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a sample.

    Parameters
    ----------
    name : str
        Name that messages use: the one in the frame, else ``x0``, ``x1``, ... or ``y0``, ...
    values : ndarray of shape (n,)
        float64 and finite for numbers, object for labels. Whole numbers too large for float64
        keep their integers, so that those of a discrete column stay apart.
    is_label : bool
        True for text, booleans and categories, whose values have no distance.
    is_named : bool, default=False
        Whether the name comes from a frame whose columns all have text as names.
    order : tuple or None, default=None
        Of a label whose values have an order: all values that it may take, in that order.
    is_category : bool, default=False
        Whether a frame declares it a category, be its values numbers or not.
    """

    name: str
    values: np.ndarray
    is_label: bool
    is_named: bool = False
    order: tuple | None = None
    is_category: bool = False


def checked_array(values: np.ndarray, name: str, side: str, rows=None) -> Column:
    """Check a numpy column of any dtype; raise InvalidSampleError where it cannot be used.

    Where `values` are some rows of a table, `rows` are their positions, which messages name.
    """
    kind = values.dtype.kind
    if kind in "iu" and is_beyond_float(values):
        return Column(name, values, is_label=False)
    if kind in "fiu":
        return checked_numbers(_as_float64(values, name, side), name, side, rows, values)
    if kind in "bUST":
        return checked_labels(values.astype(object), name, side, rows)
    if kind == "O":
        return checked_objects(values, name, side, rows)
    first = values[0] if len(values) else "none"
    raise _type_error(kind, values.dtype, name, side, _at(rows, 0), first)


def _as_float64(values: np.ndarray, name: str, side: str) -> np.ndarray:
    """Numbers of any width as float64; of wider ones none may become equal by it."""
    if values.dtype == np.float64:
        return values.astype(np.float64)
    with np.errstate(over="ignore", under="ignore"):
        floats = values.astype(np.float64)
    if values.dtype.kind == "f" and values.dtype.itemsize > floats.itemsize:
        wide, left = len(np.unique(values)), len(np.unique(floats))
        if np.isfinite(floats).all() and left < wide:
            raise InvalidSampleError(
                f"{side} column {shortened(name)} holds {wide} different numbers of "
                f"{values.dtype}, of which float64 tells {left} apart. Subtract their mean "
                "and divide by their spread before they are passed."
            )
    return floats


def checked_numbers(values: np.ndarray, name: str, side: str, rows=None, given=None) -> Column:
    """Check a float64 column: every value must be finite.

    `given` are the numbers before they were float64, where they were something else.
    """
    finite = np.isfinite(values)
    if np.count_nonzero(finite) == len(values):
        return Column(name, values, is_label=False)
    missing = np.isnan(values)
    if missing.any():
        raise _missing_error(missing, np.nan, name, side, rows)
    row = int(np.argmin(finite))
    if given is not None and given[row] not in (np.inf, -np.inf):
        raise InvalidSampleError(
            f"{side} column {shortened(name)} holds numbers beyond those of float64, "
            f"{np.finfo(float).max:.1e}: row {_at(rows, row)} is {shortened(given[row])}. Drop "
            "that row, or divide the column by its greatest value."
        )
    raise InvalidSampleError(
        f"{side} column {shortened(name)} contains inf: row {_at(rows, row)} is {values[row]} and "
        f"only finite numbers are allowed. Drop that row or replace its value."
    )


def checked_labels(values: np.ndarray, name: str, side: str, rows=None) -> Column:
    """Check an object column of labels: none may be missing."""
    missing = np.fromiter(map(_is_missing, values), dtype=bool, count=len(values))
    if missing.any():
        raise _missing_error(missing, values[np.argmax(missing)], name, side, rows)
    return Column(name, values, is_label=True)


def checked_objects(values: np.ndarray, name: str, side: str, rows=None) -> Column:
    """Check an object column: all numbers, all text or all booleans, none missing."""
    column = checked_labels(values, name, side, rows)
    kinds = {tp: _kind_of(tp) for tp in dict.fromkeys(map(type, values))}
    for tp, kind in kinds.items():
        if kind not in ("number", "bool", "text"):
            row = _first_row(values, tp)
            raise _type_error(kind, tp.__name__, name, side, _at(rows, row), values[row])
    if len(set(kinds.values())) > 1:
        raise _mixed_error(values, kinds, name, side, rows)
    if "number" in kinds.values():
        floats = checked_numbers(
            np.array([_to_float(v) for v in values]), name, side, rows, values
        )
        if not is_beyond_float(floats.values):
            return floats
        exact = np.empty(len(values), dtype=object)
        exact[:] = [_exact(v) for v in values]
        return Column(name, exact, is_label=False)
    return column


def _kind_of(tp: type) -> str:
    """Classify a Python type: number, bool, text, or the numpy kind letter of what it is not."""
    if issubclass(tp, (bool, np.bool_)):
        return "bool"
    if issubclass(tp, (str, bytes)):
        return "text"
    if issubclass(tp, _TEMPORAL):
        return "M"
    if issubclass(tp, (numbers.Real, Decimal)):
        return "number"
    return "c" if issubclass(tp, numbers.Complex) else "O"


def _to_float(value) -> float:
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def _exact(value):
    """A number as Python's own, which compare without rounding where numpy's do not."""
    if isinstance(value, numbers.Integral):
        return int(value)
    return value if isinstance(value, Decimal) else float(value)


@np.errstate(over="ignore")  # the limit is infinite to a half
def is_beyond_float(values: np.ndarray) -> bool:
    """Whether some number may be a whole one that float64 cannot tell from its neighbors."""
    return bool(((values <= -MAX_INTEGER) | (values >= MAX_INTEGER)).any())


def _is_missing(value) -> bool:
    if type(value).__name__ in _MISSING_TYPES:
        return True
    if isinstance(value, Decimal):
        return value.is_nan()  # a signaling one can be neither compared nor made a float
    return isinstance(value, (float, np.floating)) and value != value


def _first_row(values: np.ndarray, tp: type) -> int:
    return next(i for i, value in enumerate(values) if type(value) is tp)


def _at(rows, i: int) -> int:
    """Position in the table of the row that is i among those checked."""
    return i if rows is None or not len(rows) else int(rows[i])


def _missing_error(missing: np.ndarray, value, name: str, side: str, rows) -> InvalidSampleError:
    row = _at(rows, int(np.argmax(missing)))
    return InvalidSampleError(
        f"{side} column {shortened(name)} contains NaN: row {row} is {value} "
        f"({int(missing.sum())} of {len(missing)} values are missing and 0 are allowed). Drop "
        f"those rows, as missing='drop' of mutual_info does, or impute them, for example with "
        f"sklearn.impute.SimpleImputer."
    )


def _mixed_error(values, kinds: dict[type, str], name: str, side: str, rows) -> InvalidSampleError:
    first = list(kinds)[0]
    other = next(tp for tp, kind in kinds.items() if kind != kinds[first])
    i, j = _first_row(values, first), _first_row(values, other)
    return InvalidSampleError(
        f"{side} column {shortened(name)} mixes types: row {_at(rows, i)} is "
        f"{shortened(values[i])} ({first.__name__}) and row {_at(rows, j)} is "
        f"{shortened(values[j])} ({other.__name__}), while one type per column is "
        "allowed. Convert the column to numbers or to text."
    )


def _type_error(kind: str, dtype, name: str, side: str, row: int, value) -> InvalidSampleError:
    where = f"{side} column {shortened(name)}"
    if kind == "c":
        return InvalidSampleError(
            f"Complex data not supported: {where}, row {row} is {value} and only real numbers are "
            f"allowed. Pass the real and the imaginary part as two columns."
        )
    if kind in "mM":
        return InvalidSampleError(
            f"{where} holds dates or durations ({dtype}): row {row} is {value} and only numbers, "
            f"booleans, text and categories are allowed. Convert it to a number, for example "
            f"days since the first date."
        )
    return InvalidSampleTypeError(
        f"{where}, row {row}: argument must be a string or a number, not {dtype} "
        f"({shortened(value)}). Drop the column or turn it into numbers or categories."
    )
