"""What a column looks like: numbers, dates or labels to draw, and its histogram."""

from __future__ import annotations

__all__ = ["ColumnView", "look_at"]

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from skmist._sample.shown import as_text
from skmist._sample.tidy import plain_dates, tidied, written_dates

_MOST_LABELS, _FEW_VALUES = 12, 12
_BINS = 24
_LONGEST_LABEL = 40
_TAIL = 0.005
_MOST_DIGITS = 9


@dataclass(frozen=True, eq=False)
class ColumnView:
    """A column as it is drawn.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Numbers, days since 1970, or numbers of `labels`; NaN where the value is missing.
    labels : tuple of str or None
        None of numbers and dates. Of very many the most frequent, and "other".
    is_date : bool
    n_labels : int, default=0
        How many there were.
    """

    values: np.ndarray
    labels: tuple[str, ...] | None = None
    is_date: bool = False
    n_labels: int = 0

    @property
    def kind(self) -> str:
        """ "label", "date" or "number"."""
        return "label" if self.labels is not None else "date" if self.is_date else "number"

    def heights(self) -> np.ndarray:
        """Of the bars of its histogram, from 0 to 1; none of names."""
        present = self.values[~np.isnan(self.values)]
        if self.n_labels * 2 > len(present):
            return np.zeros(0)  # names of things, of which each has a row or two
        if self.labels is not None:
            counts = np.bincount(present.astype(int), minlength=len(self.labels))
        else:
            # a few values far out would leave one bar for all others
            low, high = np.quantile(present, [_TAIL, 1.0 - _TAIL])
            counts = np.histogram(_between(present, low, high), _BINS, (0.0, 1.0))[0]
        return counts / max(int(counts.max(initial=0)), 1)

    def in_words(self) -> str:
        """What a histogram shows, for those who cannot see it, and in one line for all."""
        present = self.values[~np.isnan(self.values)]
        if self.labels is not None:
            named = len(self.labels) - (self.n_labels > _MOST_LABELS)
            counts = np.bincount(present.astype(int), minlength=named)[:named]
            most = int(counts.argmax())
            many = f"{self.n_labels} labels, " if self.n_labels > _MOST_LABELS else ""
            share = 100 * counts[most] / len(present)
            return f"{many}{self.labels[most]}: {share:.0f}%" if share >= 1.0 else many[:-2]
        ends = np.quantile(present, [0.0, 0.5, 1.0])
        with np.errstate(over="ignore", under="ignore"):
            spread = float(ends[2] - ends[0])
        low, middle, high = (self._written(end, spread) for end in ends)
        return f"{low} to {high}, median {middle}"

    def _written(self, value: float, spread: float) -> str:
        """A value with so many digits that it is told from others as far away as the ends."""
        if not self.is_date:
            is_apart = value and 0.0 < spread < math.inf
            # of the ends of float64 no quotient is a number
            apart = math.log10(abs(value)) - math.log10(spread) if is_apart else 0.0
            digits = max(3 if abs(value) < 1_000 else 6, min(3 + math.floor(apart), _MOST_DIGITS))
            return f"{value:.{digits}g}"
        return str(np.datetime64("1970-01-01") + np.timedelta64(round(value), "D"))


def look_at(series: Any, kind: str, missing: str) -> ColumnView | None:
    """View a column; None where it holds nothing that can be drawn.

    Parameters
    ----------
    series : pandas.Series of shape (n,)
    kind : {"continuous", "discrete", "ordinal", "none"}
        What it was treated as.
    missing : {"error", "drop", "category"}
        With "category", missing is a label like any other.
    """
    if kind == "none":
        return None
    is_date = getattr(series.dtype, "kind", "O") == "M"
    dates = plain_dates(series) if is_date else written_dates(series)
    if dates is not None:
        return ColumnView(_days(dates), is_date=True)
    found = tidied(series)
    if found.reason:
        return None
    is_number = getattr(found.series.dtype, "kind", "O") in "iuf"
    if is_number and (kind == "continuous" or found.series.nunique() > _FEW_VALUES):
        with np.errstate(all="ignore"):
            return ColumnView(found.series.to_numpy(dtype=np.float64, na_value=np.nan))
    return _labelled(found.series, is_number, missing == "category")


def _between(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Where values are between two ends, 0 to 1: bins of the values may be too narrow to exist."""
    with np.errstate(all="ignore"):
        if not np.isfinite(high - low):
            values, low, high = values / 2.0, low / 2.0, high / 2.0
        if high <= low:
            return np.full(len(values), 0.5)
        return (values.clip(low, high) - low) / (high - low)


def _days(series: Any) -> np.ndarray:
    import pandas as pd

    # in seconds, as years before 1678 have no nanoseconds
    start = pd.Timestamp(0, tz=getattr(series.dt, "tz", None)).as_unit("s")
    days = (series - start) / pd.Timedelta(days=1)
    return days.to_numpy(dtype=np.float64, na_value=np.nan)


def _labelled(series: Any, is_number: bool, with_missing: bool) -> ColumnView:
    import pandas as pd

    if isinstance(series.dtype, pd.ArrowDtype):
        series = series.astype(object)  # Arrow does not count values of all its types
    counts = series.value_counts()
    ordered = is_number or getattr(series.dtype, "ordered", False)
    in_order = list(counts.index.sort_values() if ordered else counts.index)
    kept = in_order if len(in_order) <= _MOST_LABELS else list(counts.index[: _MOST_LABELS - 1])
    names = [_name(value) for value in kept]
    places = {value: code for code, value in enumerate(kept)}
    values = series.to_numpy(dtype=object)
    codes = np.array([places.get(value, -1) for value in values], dtype=np.float64)
    gone = series.isna().to_numpy()
    if len(kept) < len(in_order):
        codes[codes < 0] = len(names)
        names.append("other")
    with_missing = with_missing and bool(gone.any())
    codes[gone] = len(names) if with_missing else np.nan
    if with_missing:
        names.append("(missing)")
    return ColumnView(codes, tuple(names), n_labels=len(in_order))


def _name(value: Any) -> str:
    name = f"{value:g}" if isinstance(value, float | np.floating) else as_text(value)
    return name if len(name) <= _LONGEST_LABEL else f"{name[: _LONGEST_LABEL - 1]}…"
