"""Kinds and codes of the columns of one side: which are discrete, and what code a value has."""

from __future__ import annotations

__all__ = ["Codec", "column_kinds", "is_discrete"]

from dataclasses import dataclass
from typing import Any

import numpy as np

from skmist._errors import InvalidSampleError
from skmist._sample.shown import shortened
from skmist._sample.side import Kinds, Side
from skmist._sample.values import MAX_INTEGER, MOST_CODES, Column

_ROWS_PER_VALUE = 4
_SHOWN_VALUES = 8


def is_discrete(values: np.ndarray) -> bool:
    """Tell whether a numeric column is to be treated as discrete.

    It is when it has at most 2 distinct values, or at most 20 of which each occurs 4 times on
    average and half of them more than once: sizes beside many zeros do not. The rule counts
    values only, so it does not change under any one-to-one map.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Finite numbers.

    Returns
    -------
    bool
    """
    # A continuous column betrays itself in its first rows, which spares sorting all of it.
    for some in (2 * MOST_CODES, 8 * MOST_CODES):
        if len(set(values[:some].tolist())) > MOST_CODES:
            return False
    counts = np.unique(values, return_counts=True)[1]
    few = len(counts) <= min(MOST_CODES, len(values) // _ROWS_PER_VALUE)
    return len(counts) <= 2 or (few and 2 * int((counts > 1).sum()) >= len(counts))


@dataclass(frozen=True, eq=False)
class Codec:
    """How one side is encoded.

    Parameters
    ----------
    side : {"X", "y"}
    names : tuple of str
        Column names, as fitted.
    codes : tuple of (dict or None)
        Per column the code 0, 1, ... of each value where it is discrete, else None.
    is_named : bool
        Whether the names come from a frame.
    ordered : tuple of bool
        Of each column, whether it is discrete and its codes ascend with its values.
    """

    side: str
    names: tuple[str, ...]
    codes: tuple[dict | None, ...]
    is_named: bool
    ordered: tuple[bool, ...]

    @classmethod
    def learn(cls, side: str, columns: list[Column], kinds: Kinds) -> Codec:
        """Number the values of the columns that `kinds` calls discrete or ordinal."""
        names = tuple(column.name for column in columns)
        pairs = list(zip(columns, kinds, strict=True))
        codes = (None if kind == "continuous" else _category_codes(c) for c, kind in pairs)
        # what was an ordered category may come back as text
        ordered = (kind == "ordinal" and _has_order(column) for column, kind in pairs)
        return cls(side, names, tuple(codes), _all_named(columns), tuple(ordered))

    @classmethod
    def of(cls, side: Side, name: str) -> Codec:
        """The codec under which the values of a side stand for themselves."""
        tops = side.values.max(axis=0, initial=0)
        codes = (
            {float(code): code for code in range(int(top) + 1)} if discrete else None
            for top, discrete in zip(tops, side.discrete, strict=True)
        )
        return cls(name, side.names, tuple(codes), False, tuple(side.ordered.tolist()))

    @property
    def discrete(self) -> np.ndarray:
        """Mask of shape (d,): which columns are discrete."""
        return np.array([codes is not None for codes in self.codes])

    def kinds(self, columns: list[Column]) -> Kinds:
        """Kinds of the fitted columns; new ones must be as many and, in frames, named alike."""
        if len(columns) != len(self.names):
            raise InvalidSampleError(
                f"{self.side} has {len(columns)} column(s), but {len(self.names)} were fitted. "
                f"Pass the same columns as in fit."
            )
        names = tuple(column.name for column in columns)
        if self.is_named and _all_named(columns) and names != self.names:
            j = next(j for j, name in enumerate(names) if name != self.names[j])
            raise InvalidSampleError(
                f"{self.side} column {j} is named {names[j]!r}, but {self.names[j]!r} was fitted "
                f"there. Pass the same columns as in fit, in the same order."
            )
        pairs = zip(self.codes, self.ordered, strict=True)
        return Kinds(_kind(codes is not None, ordered) for codes, ordered in pairs)

    def encode(self, columns: list[Column]) -> np.ndarray:
        """Return numbers and codes, shape (m, d); a value that fit has not seen is an error."""
        self.kinds(columns)
        return self._encoded(columns)

    def _encoded(self, columns: list[Column]) -> np.ndarray:
        encoded = np.empty((len(columns[0].values), len(columns)))
        for j, (column, codes) in enumerate(zip(columns, self.codes, strict=True)):
            encoded[:, j] = self._encode_column(column, codes)
        return encoded

    def side_of(self, columns: list[Column]) -> Side:
        """Encode the columns that were learned, with their names and kinds."""
        return Side(self._encoded(columns), self.discrete, self.names, np.array(self.ordered))

    def _encode_column(self, column: Column, codes: dict | None) -> np.ndarray:
        if codes is None:
            if column.is_label:
                raise InvalidSampleError(
                    f"{self.side} column {shortened(column.name)} was numeric in fit and row 0 "
                    f"is now {shortened(column.values[0])}; only numbers are allowed. Convert it "
                    "to numbers."
                )
            return _floats(column, self.side)
        # whatever its new value, a column that never varied has nothing to say
        if len(codes) == 1:
            return np.zeros(len(column.values))
        try:
            return np.array([codes[value] for value in column.values.tolist()], dtype=np.float64)
        except KeyError as error:
            raise self._unseen_error(column, codes, error.args[0]) from None

    def _unseen_error(self, column: Column, codes: dict, value) -> InvalidSampleError:
        shown = ", ".join(map(shortened, list(codes)[:_SHOWN_VALUES]))
        more = ", ..." if len(codes) > _SHOWN_VALUES else ""
        row = column.values.tolist().index(value)
        return InvalidSampleError(
            f"{self.side} column {shortened(column.name)}, row {row}: {shortened(value)} was not "
            f"seen in fit, where this discrete column had the {len(codes)} values {shown}{more}. "
            f"Drop that row, fit with it, or declare a numeric column continuous "
            f"(discrete_{'features' if self.side == 'X' else 'target'}=False)."
        )


def column_kinds(
    columns: list[Column], parameter: str, choice, *, in_table: bool = False
) -> Kinds:
    """Decide which columns are discrete, and which of these are ordered.

    Ordered are discrete numbers and ordered categories with three different values or more; but
    whole numbers of a target are classes, unless they are declared ordered.

    Parameters
    ----------
    columns : list of Column
    parameter : str
        Name of the parameter that holds `choice`, for messages; "discrete_target" for a target.
    choice : "auto", "ordered", bool, Kinds or array-like
        By rule (`is_discrete`), all and ordered, all or none, a mask, column indices, or column
        names. Labels are discrete in any case. What has been decided, `Kinds`, stays.
    in_table : bool, default=False
        Whether the columns are those of a table, any of which may be the target.

    Returns
    -------
    Kinds

    Raises
    ------
    InvalidSampleError
        If `choice` does not fit the columns.
    """
    if isinstance(choice, Kinds):
        return choice
    names = [column.name for column in columns]
    all_ordered = isinstance(choice, str) and choice == "ordered" and choice not in names
    if isinstance(choice, str) and choice == "auto":
        chosen = [column.is_label or is_discrete(column.values) for column in columns]
    elif all_ordered:
        chosen = [_can_be_ordered(column, parameter) for column in columns]
    else:
        chosen = _chosen(choice, names, parameter)
    classes = parameter == "discrete_target" and not (in_table or all_ordered)
    are_discrete = [c.is_label or kind for c, kind in zip(columns, chosen, strict=True)]
    if True not in are_discrete:
        return Kinds(["continuous"] * len(columns))
    pairs = zip(columns, are_discrete, strict=True)
    return Kinds(_kind(kind, kind and _is_ordered(c, classes)) for c, kind in pairs)


def _kind(discrete: bool, ordered: bool) -> str:
    return ("ordinal" if ordered else "discrete") if discrete else "continuous"


def _has_order(column: Column) -> bool:
    return not column.is_label or column.order is not None


def _is_ordered(column: Column, classes: bool) -> bool:
    """Whether a column is ordered if it is discrete; with `classes`, whole numbers are none."""
    values = column.values
    if column.is_label:
        return column.order is not None and len(set(values.tolist())) > 2
    first = values[:_SHOWN_VALUES]
    if len(set(first.tolist())) < 3:
        others = values[values != values[:1]]
        if (others == others[:1]).all():
            return False  # two values have no order to speak of
    return not (classes and (first % 1 == 0).all() and (values % 1 == 0).all())


def _can_be_ordered(column: Column, parameter: str) -> bool:
    if _has_order(column) or all(isinstance(v, (bool, np.bool_)) for v in column.values[:1]):
        return True
    raise InvalidSampleError(
        f"{parameter}='ordered', but column {shortened(column.name)} holds labels, of which row 0 "
        f"is {shortened(column.values[0])}, and nothing says which of them is the greater. Turn "
        f"it into an ordered category (.astype(pandas.CategoricalDtype([...], ordered=True))) or "
        f"into numbers, or leave {parameter} at 'auto'."
    )


def _chosen(choice: Any, names: list[str], parameter: str) -> list[bool]:
    """Turn a bool, mask, list of indices or list of names into one bool per column."""
    if isinstance(choice, (bool, np.bool_)):
        return [bool(choice)] * len(names)
    items: Any = [choice] if isinstance(choice, (str, int, np.integer)) else choice
    entries = np.asarray(items, dtype=None if np.size(items) else int)
    if entries.ndim == 1 and entries.dtype == bool and len(entries) == len(names):
        return entries.tolist()
    if entries.ndim == 1 and entries.dtype.kind in "iu":
        valid = (entries >= -len(names)) & (entries < len(names))
        wanted = {names[j] for j in entries[valid]}
    elif entries.ndim == 1 and entries.dtype.kind in "UTO":
        valid = np.isin(entries.astype(str), names)
        wanted = set(entries.astype(str))
    else:
        valid = np.zeros(1, dtype=bool)
    if not valid.all():
        raise InvalidSampleError(
            f"{parameter}={choice!r} does not fit the {len(names)} column(s) "
            f"{', '.join(names[:_SHOWN_VALUES])}; allowed are 'auto', 'ordered', True, False, a "
            f"mask of that length, column indices or column names. Correct {parameter}."
        )
    return [name in wanted for name in names]


def _all_named(columns: list[Column]) -> bool:
    return all(column.is_named for column in columns)


def _floats(column: Column, side: str) -> np.ndarray:
    """Values of a continuous column; refused where float64 would make equal what is not."""
    values = column.values
    if values.dtype == np.float64:
        return values
    floats = values.astype(np.float64)
    distinct, kept = len(np.unique(values)), len(np.unique(floats))
    if kept < distinct:
        raise InvalidSampleError(
            f"{side} column {shortened(column.name)} has {distinct} distinct numbers, of which "
            f"float64, exact up to 2**53 = {MAX_INTEGER}, would leave {kept}: the greatest is "
            f"{shortened(values.max())}. Subtract an offset, turn it into labels "
            "(.astype('category') or str), or leave the column out."
        )
    return floats


def _category_codes(column: Column) -> dict:
    distinct = set(column.values.tolist())
    try:
        ordered = sorted(distinct) if column.order is None else _in_order(distinct, column.order)
    except TypeError:
        ordered = sorted(distinct, key=lambda value: (type(value).__name__, repr(value)))
    return {value: code for code, value in enumerate(ordered)}


def _in_order(distinct: set, order: tuple) -> list:
    return [value for value in order if value in distinct]
