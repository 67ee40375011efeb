"""Make of a column of a table what can be used, and say what was done.

A table as people have it holds dates, durations, infinite numbers, a question mark among three
hundred numbers, lists. None of these stops a table: this is the one place that says what becomes
of each, in the words that every table of results carries.
"""

from __future__ import annotations

__all__ = ["Tidied", "plain_dates", "tidied", "without_words", "written_dates"]

import datetime
import numbers
import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from skmist._sample.shown import as_text, shortened
from skmist._sample.values import is_beyond_float

_DAY = 86_400.0
_MOSTLY = 0.8
_FIRST = 200
_FEW_LABELS = 20
_WORDS = 3
_NUMBERS = (numbers.Real, Decimal)
# Dates as text that can be read in one way only.
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII
)


class Tidied(NamedTuple):
    """A column that can be used, or why not."""

    series: Any  # pandas.Series of shape (n,)
    notes: tuple[str, ...] = ()  # what was done to it, each a predicate of the column
    reason: str = ""  # why it cannot be used, the same; empty where it can


def tidied(series: Any) -> Tidied:
    """Turn a column into numbers or labels, whatever it holds.

    Dates become days since the first of them, also those of text that is written as 2026-11-29,
    with a time or without; durations become days, times of day hours; infinite numbers are
    missing; intervals are labels with an order; mixed values are labels.

    Parameters
    ----------
    series : pandas.Series of shape (n,)

    Returns
    -------
    Tidied
    """
    kind = getattr(series.dtype, "kind", "O")
    name = type(series.dtype).__name__
    if kind == "c":
        return _unusable(series, "holds complex numbers", "the real and the imaginary part apart")
    if kind in "mM":
        return _temporal(series, kind)
    if name == "PeriodDtype":
        return _temporal(series.dt.start_time, "M")
    if name == "IntervalDtype":
        return Tidied(series.astype("category").cat.as_ordered())
    if name == "SparseDtype":
        return tidied(series.sparse.to_dense())
    if kind in "iu":
        return _told_apart(series, series.dropna().to_numpy(dtype=f"{kind}8"))
    if name == "CategoricalDtype" or kind == "b":
        return Tidied(series)
    return _finite(series) if kind == "f" else _objects(series)


def without_words(series: Any, words: Sequence[str]) -> Any:
    """Take words for missing values; a column is one of numbers if numbers are left.

    Parameters
    ----------
    series : pandas.Series of shape (n,)
    words : sequence of str

    Returns
    -------
    series : pandas.Series of shape (n,)
        The very object where none of them occurs.
    """
    import pandas as pd

    if getattr(series.dtype, "kind", "O") != "O":
        return series
    values = series.to_numpy(dtype=object)
    gone = np.array([isinstance(v, str) and v.strip() in words for v in values], dtype=bool)
    if not gone.any():
        return series
    left = series.astype(object).mask(gone, None)
    as_numbers = pd.to_numeric(left, errors="coerce")
    are_numbers = (as_numbers.notna() == left.notna()).all()
    return as_numbers if are_numbers else left


def written_dates(series: Any) -> Any:
    """The dates of a column of text, where all are as ISO 8601 writes them; else None.

    Parameters
    ----------
    series : pandas.Series of shape (n,)

    Returns
    -------
    pandas.Series of shape (n,) or None
        Of dtype datetime64.
    """
    import pandas as pd

    values = series.dropna()
    if not len(values) or not all(isinstance(v, str) and _DATE.fullmatch(v) for v in values):
        return None
    dates = pd.to_datetime(series, format="ISO8601", utc=True, errors="coerce")
    # some have no day, such as the 31st of February
    return dates if dates.notna().sum() == len(values) else None


def plain_dates(series: Any) -> Any:
    """Dates as pandas' own, which those of Arrow do not count like.

    Parameters
    ----------
    series : pandas.Series of shape (n,)
        Of dates.

    Returns
    -------
    pandas.Series of shape (n,)
    """
    import pandas as pd

    if not isinstance(series.dtype, pd.ArrowDtype):
        return series
    return pd.to_datetime(series.astype(object), utc=True)


def _unusable(series: Any, what: str, remedy: str) -> Tidied:
    return Tidied(series, reason=f"{what}: not estimated. Pass {remedy}")


def _finite(series: Any) -> Tidied:
    with np.errstate(over="ignore", under="ignore"):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    infinite = np.isinf(values)
    if not infinite.any():
        return Tidied(series)
    count = int(infinite.sum())
    note = f"has {count} infinite value{'s' * (count > 1)}, read as missing"
    return Tidied(series.mask(infinite), (note,))


def _temporal(series: Any, kind: str) -> Tidied:
    import pandas as pd

    if not series.notna().any():
        return Tidied(series.map(lambda value: np.nan).astype(float))
    series = plain_dates(series) if kind == "M" else series
    days = series - series.min() if kind == "M" else series
    if isinstance(days.dtype, pd.ArrowDtype):
        days = days.astype("timedelta64[ns]")
    return Tidied(days / pd.Timedelta(days=1), (_said(kind),))


def _said(kind: str) -> str:
    return {
        "M": "holds dates, read as days since the first",
        "m": "holds durations, read as days",
        "t": "holds times of day, read as hours",
    }[kind]


# Objects --------------------------------------------------------------------------------


def _objects(series: Any) -> Tidied:
    present = series.notna().to_numpy()
    values = series.to_numpy(dtype=object)[present]
    kinds = {tp: _kind_of(tp) for tp in dict.fromkeys(map(type, values))}
    found = set(kinds.values())
    strange = next((tp for tp, kind in kinds.items() if kind == "?"), None)
    if strange is not None:
        what = f"holds values of type {strange.__name__}, neither numbers nor labels"
        return _unusable(series, what, "numbers, text or categories")
    if len(found) == 1 and found <= {"M", "m", "t"}:
        return _as_numbers(series, present, [_days(v) for v in values], _said(found.pop()))
    if found <= {"number"}:
        return _exact(series, present, values)
    if found <= {"text"}:
        dates = written_dates(series)
        return Tidied(series, _stray_words(values)) if dates is None else _temporal(dates, "M")
    return _mixed(series, present, values) if len(found) > 1 else Tidied(series)


def _kind_of(tp: type) -> str:
    """A Python type: a number, text, a truth value, what is of time, or "?" for anything else."""
    if issubclass(tp, (bool, np.bool_)):
        return "bool"
    if issubclass(tp, (str, bytes)):
        return "text"
    if issubclass(tp, (datetime.date, np.datetime64)) or tp.__name__ == "Period":
        return "M"
    if issubclass(tp, (datetime.timedelta, np.timedelta64)):
        return "m"
    if issubclass(tp, datetime.time):
        return "t"
    return "number" if issubclass(tp, _NUMBERS) else "?"


def _days(value: Any) -> float:
    """Days of a date or a duration, hours of a time of day."""
    import pandas as pd

    if isinstance(value, datetime.time):
        return value.hour + value.minute / 60 + (value.second + value.microsecond / 1e6) / 3600
    if isinstance(value, np.timedelta64):
        value = pd.Timedelta(value)
    if isinstance(value, datetime.timedelta):
        return value.total_seconds() / _DAY
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    value = getattr(value, "start_time", value)
    if getattr(value, "tzinfo", None) is not None:
        value = value.astimezone(datetime.UTC)
    since = datetime.time() if not isinstance(value, datetime.datetime) else value.time()
    return value.toordinal() + _days(since) / 24


def _as_numbers(series: Any, present: np.ndarray, values: list[float], note: str) -> Tidied:
    import pandas as pd

    days = np.full(len(present), np.nan)
    days[present] = values
    return Tidied(pd.Series(days, name=series.name), (note,))


def _exact(series: Any, present: np.ndarray, values: np.ndarray) -> Tidied:
    infinite = np.array([v in (np.inf, -np.inf) for v in values], dtype=bool)
    if not infinite.any():
        return _told_apart(series, values)
    left = np.zeros(len(present), dtype=bool)
    left[present] = infinite
    count = int(infinite.sum())
    note = f"has {count} infinite value{'s' * (count > 1)}, read as missing"
    return Tidied(series.mask(left), (note,))


def _told_apart(series: Any, values: np.ndarray) -> Tidied:
    """The column by its order where float64, exact up to 2**53, would make equal what is not."""
    import pandas as pd

    try:
        floats = values.astype(np.float64)
    except OverflowError:
        floats = None  # whole numbers beyond its range
    if floats is not None and not is_beyond_float(floats):
        return Tidied(series)
    distinct, ranks = np.unique(values, return_inverse=True)
    if floats is not None and len(np.unique(floats)) == len(distinct):
        return Tidied(series)
    whole = np.full(len(series), np.nan)
    whole[series.notna().to_numpy()] = ranks
    note = f"has numbers beyond 2**53, the greatest {shortened(values.max())}, read by their order"
    return Tidied(pd.Series(whole, name=series.name), (note,))


def _mixed(series: Any, present: np.ndarray, values: np.ndarray) -> Tidied:
    import pandas as pd

    texts = np.array(list(map(as_text, values)), dtype=object)
    whole = np.full(len(present), None, dtype=object)
    whole[present] = texts
    notes = _stray_words(texts)
    kinds = sorted({type(value).__name__ for value in values})
    return Tidied(
        pd.Series(whole, name=series.name, dtype=object),
        notes or (f"mixes values of type {' and '.join(kinds)}, read as labels",),
    )


def _stray_words(values: np.ndarray) -> tuple[str, ...]:
    """What is to be said of text most of which is numbers."""
    import pandas as pd

    def are_numbers(texts: np.ndarray) -> np.ndarray:
        """Which of some texts can be read as a number."""
        return pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").notna().to_numpy()

    # most text shows in its first rows that it is none
    if not len(values) or are_numbers(values[:_FIRST]).mean() < _MOSTLY:
        return ()
    found = are_numbers(values)
    labels = len(set(values.tolist()))
    if found.mean() < _MOSTLY or labels <= _FEW_LABELS:
        return ()
    if found.all():
        return (
            f"holds numbers written as text, read as {labels} labels: pandas.to_numeric makes "
            "numbers of them",
        )
    words = Counter(values[~found].tolist()).most_common(_WORDS)
    named = ", ".join(
        f"{shortened(word, 20)} {'once' if count == 1 else f'{count} times'}"
        for word, count in words
    )
    more = ", ..." if len(set(values[~found].tolist())) > _WORDS else ""
    listed = ", ".join(shortened(word, 20) for word, _ in words)
    return (
        f"is numbers but for {(~found).sum()} of {len(found)} values ({named}{more}), and so read "
        f"as {labels} labels: na_values=[{listed}] (command line: --na-values) reads such words "
        "as missing",
    )
