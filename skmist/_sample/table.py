"""What a DataFrame must be before its columns are estimated: names that exist, values present."""

from __future__ import annotations

__all__ = [
    "MISSING",
    "UNITS",
    "as_pandas",
    "as_readable",
    "as_values",
    "column_positions",
    "distinct_labels",
    "label_key",
    "label_place",
    "missing_rule",
    "present_values",
]

import difflib
import math
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from skmist._errors import InvalidSampleError
from skmist._parameters import check_choice
from skmist._sample.shown import shortened

MISSING = ("error", "drop")
"""What can be done about missing values, however many columns are one side."""

UNITS = {"nats": 1.0, "bits": math.log(2.0)}
"""Nats in each unit."""

_ALL_MISSING = (*MISSING, "category")
_SHOWN = 5
_NO_LABEL = object()


def as_pandas(df):
    """Turn a table of any library into a pandas DataFrame with unique column names.

    The one place where other tables are converted, by narwhals.

    Parameters
    ----------
    df : DataFrame of pandas or polars, table of pyarrow, or what else narwhals reads eagerly

    Returns
    -------
    df : pandas.DataFrame
        The very object where it was one.

    Raises
    ------
    TypeError
        If `df` is something else.
    InvalidSampleError
        If two columns share a name.
    """
    import pandas as pd

    if not isinstance(df, pd.DataFrame):
        df = _converted(df)
    df = as_readable(df)
    seen = set()
    for label in df.columns:
        key = label_key(label)
        if key in seen:
            raise InvalidSampleError(
                f"the DataFrame has more than one column named {shortened(label)} and each name "
                "may appear once. Rename the columns."
            )
        seen.add(key)
    return df


def as_readable(df: Any) -> Any:
    """The table with what pandas cannot read changed: the very object where there is nothing.

    Of numbers the bytes of another machine's order; for Decimal's signaling NaN, about which it
    cannot even ask, None.

    Parameters
    ----------
    df : pandas.DataFrame

    Returns
    -------
    pandas.DataFrame
    """
    import numpy as np

    left = df
    for place, dtype in enumerate(df.dtypes.to_numpy()):
        is_foreign = isinstance(dtype, np.dtype) and not dtype.isnative
        if not is_foreign and dtype.kind != "O":
            continue
        series = df.iloc[:, place]
        if is_foreign:
            new = series.to_numpy().astype(dtype.newbyteorder("="))
        elif (new := _without_signals(series)) is None:
            continue
        left = left.copy(deep=False) if left is df else left
        left.isetitem(place, new)
    return left


def _without_signals(series: Any) -> Any:
    import numpy as np

    try:
        series.isna()
    except InvalidOperation:
        left = [None if isinstance(v, Decimal) and v.is_snan() else v for v in series]
        return np.array([*left, None], dtype=object)[:-1]
    return None


def _converted(df):
    import narwhals

    try:
        return _in_pandas(narwhals.from_native(df, eager_only=True))
    except TypeError as error:
        raise TypeError(
            f"df is of type {type(df).__module__}.{type(df).__name__}; pass a DataFrame of pandas "
            "or polars or a table of pyarrow (of a LazyFrame, its .collect()), or arrays to "
            "skmist.mutual_info."
        ) from error


def _in_pandas(frame: Any) -> Any:
    """A frame or a series of narwhals in pandas; whole numbers of 128 bits come as objects.

    Arrow, by which polars hands its columns over, has none so wide.
    """
    import narwhals
    import pandas as pd

    def column(series: Any) -> Any:
        if series.dtype not in (narwhals.Int128, narwhals.UInt128):
            return series.to_pandas()
        return pd.Series(series.to_list(), dtype=object, name=series.name)

    if isinstance(frame, narwhals.Series):
        return column(frame)
    if not {narwhals.Int128, narwhals.UInt128} & set(frame.schema.values()):
        return frame.to_pandas()
    return pd.DataFrame({name: column(frame[name]) for name in frame.columns})


def as_values(data: Any) -> Any:
    """Values of columns, of whatever library, as a pandas frame; None for what holds none.

    Parameters
    ----------
    data : object
        A frame, a series, or an array of one or two dimensions.

    Returns
    -------
    pandas.DataFrame or None
        Columns without a name are numbers.
    """
    import narwhals
    import pandas as pd

    if not isinstance(data, pd.Index) and hasattr(data, "to_pandas"):
        known = narwhals.from_native(data, eager_only=True, allow_series=True, pass_through=True)
        is_polars = known is not data and known.implementation.is_polars()
        data = _in_pandas(known) if is_polars else data.to_pandas()
    if hasattr(data, "detach"):
        from skmist._sample.reading import tensor_values

        data = tensor_values(data, "a side")
    frame = _framed(data)
    return None if frame is None else as_readable(frame)


def _framed(data: Any) -> Any:
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        return data
    if getattr(data, "ndim", 0) not in (1, 2) or not hasattr(data, "dtype"):
        return None
    if isinstance(data, (pd.Series, pd.api.extensions.ExtensionArray)):
        return pd.Series(data).to_frame()
    if isinstance(data, pd.Index):
        return data.to_frame(index=False)
    # half a pair of surrogates is no text to pandas
    return pd.DataFrame(data, dtype=object if data.dtype.kind in "OU" else None)


def label_key(label: Any) -> Any:
    """What tells labels of columns apart: NaN, pandas.NA and None equal nothing, or are skipped.

    Parameters
    ----------
    label : hashable
        A tuple where the columns have several levels.

    Returns
    -------
    key : hashable
        Equal for equal labels, and for missing labels of one kind.
    """
    if isinstance(label, tuple):
        return tuple(map(label_key, label))
    if label is None or type(label).__name__ in ("NAType", "NaTType"):
        return (_NO_LABEL, type(label).__name__)
    if isinstance(label, float) and label != label:
        return (_NO_LABEL, "float")
    # a number of numpy's compared with a tuple is an array
    return label.item() if type(label).__module__ == "numpy" else label


def label_place(labels: Iterable, label: Any) -> int:
    """Which of some labels one is, whatever labels are: NaN is not found by ``list.index``.

    Parameters
    ----------
    labels : iterable of hashable
    label : hashable

    Returns
    -------
    place : int
    """
    return list(map(label_key, labels)).index(label_key(label))


def distinct_labels(labels: Iterable) -> list:
    """Labels without those that came before."""
    return list({label_key(label): label for label in labels}.values())


def column_positions(df, labels: Iterable, parameter: str = "columns") -> list[int]:
    """Find the columns of labels, whatever these are; refuse a label that is no column.

    Parameters
    ----------
    df : pandas.DataFrame
    labels : iterable of hashable
    parameter : str
        What the caller named them with, for the message.

    Returns
    -------
    positions : list of int

    Raises
    ------
    InvalidSampleError
        The message names the closest column.
    """
    places = {label_key(name): i for i, name in enumerate(df.columns)}
    unnamed = [i for key, i in places.items() if _is_missing(key)]
    found = []
    for label in labels:
        try:
            place = places.get(label_key(label))
        except TypeError:  # what cannot be hashed is no label
            place = None
        # pandas turns one kind of missing label into another where names are text
        if place is None and _is_missing(label_key(label)) and len(unnamed) == 1:
            place = unnamed[0]
        if place is None:
            raise _unknown_label(df, label, parameter)
        found.append(place)
    return found


def _is_missing(key: Any) -> bool:
    return isinstance(key, tuple) and key[:1] == (_NO_LABEL,)


def _unknown_label(df, label, parameter: str) -> InvalidSampleError:
    names = [str(name) for name in df.columns]
    close = difflib.get_close_matches(str(label), names, n=1)
    hint = f"did you mean {shortened(close[0])}? " if close else ""
    more = ", ..." if len(names) > _SHOWN else ""
    shown = ", ".join(shortened(name)[1:-1] for name in names[:_SHOWN])
    return InvalidSampleError(
        f"{parameter} names {shortened(label)}, which is none of the {len(names)} columns; {hint}"
        f"Columns: {shown}{more}"
    )


def missing_rule(missing: str | None, strict: bool) -> str:
    """What to do about missing values; None is "drop", or "error" where all is refused."""
    if missing is None:
        return "error" if strict else "drop"
    check_choice("missing", missing, _ALL_MISSING)
    return missing


def present_values(df, labels, missing):
    """Find which values are there, or refuse missing ones.

    Parameters
    ----------
    df : pandas.DataFrame of shape (n, n_fields)
    labels : list of labels
        Columns to look at.
    missing : {"error", "drop", "category"}
        "error" refuses; the others leave it to the caller to drop rows, or to make a category.

    Returns
    -------
    present : pandas.DataFrame of bool, shape (n, n_labels)

    Raises
    ------
    InvalidSampleError
        If values are missing and `missing` is "error"; the message names the columns.
    ValueError
        If `missing` is none of them.
    """
    check_choice("missing", missing, _ALL_MISSING)
    present = df.iloc[:, column_positions(df, labels)].notna()
    counts = (~present).sum()
    counts = counts[counts > 0]
    if missing == "error" and len(counts):
        named = ", ".join(
            f"{shortened(label)} ({count})" for label, count in counts[:_SHOWN].items()
        )
        more = f" and {len(counts) - _SHOWN} more columns" if len(counts) > _SHOWN else ""
        raise InvalidSampleError(
            f"values are missing in {named}{more} of {len(df)} rows, and 0 may be. Impute them, "
            "leave the columns out, or use missing='drop' (command line: --missing drop), which "
            "drops the rows of each pair in which one is missing."
        )
    return present
