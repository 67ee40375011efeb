"""What a DataFrame must be before its columns are estimated: names that exist, values present."""

from __future__ import annotations

__all__ = ["MISSING", "UNITS", "as_pandas", "check_label", "present_values"]

import difflib
import math

from skmist._errors import InvalidSampleError
from skmist._parameters import check_choice

MISSING = ("error", "drop")
"""What can be done about missing values, however many columns are one side."""

UNITS = {"nats": 1.0, "bits": math.log(2.0)}
"""Nats in each unit."""

_ALL_MISSING = (*MISSING, "category")
_SHOWN = 5


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
    repeated = df.columns[df.columns.duplicated()]
    if len(repeated):
        raise InvalidSampleError(
            f"the DataFrame has more than one column named {repeated[0]!r} and each name may "
            "appear once. Rename the columns."
        )
    return df


def _converted(df):
    import narwhals

    try:
        return narwhals.from_native(df, eager_only=True).to_pandas()
    except TypeError as error:
        raise TypeError(
            f"df is of type {type(df).__module__}.{type(df).__name__}; pass a DataFrame of pandas "
            "or polars or a table of pyarrow (of a LazyFrame, its .collect()), or arrays to "
            "skmist.mutual_info."
        ) from error


def check_label(df, label, parameter) -> None:
    """Refuse a label that is no column of `df`, and name the closest one.

    Parameters
    ----------
    df : pandas.DataFrame
    label : hashable
    parameter : str
        What the caller named it with, for the message.

    Raises
    ------
    InvalidSampleError
    """
    # the first level of a label that has several is found, too, but is no column
    levels = df.columns.nlevels
    is_whole = levels == 1 or (isinstance(label, tuple) and len(label) == levels)
    if is_whole and label in df.columns:
        return
    names = [str(name) for name in df.columns]
    close = difflib.get_close_matches(str(label), names, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    more = ", ..." if len(names) > _SHOWN else ""
    raise InvalidSampleError(
        f"{parameter} names {label!r}, which is none of the {len(names)} columns; {hint}"
        f"Columns: {', '.join(names[:_SHOWN])}{more}"
    )


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
    present = df[labels].notna()
    counts = (~present).sum()
    counts = counts[counts > 0]
    if missing == "error" and len(counts):
        named = ", ".join(f"{label!r} ({count})" for label, count in counts[:_SHOWN].items())
        more = f" and {len(counts) - _SHOWN} more columns" if len(counts) > _SHOWN else ""
        raise InvalidSampleError(
            f"values are missing in {named}{more} of {len(df)} rows, and 0 may be. Impute them, "
            "leave the columns out, or use missing='drop' (command line: --missing drop), which "
            "drops the rows of each pair in which one is missing."
        )
    return present
