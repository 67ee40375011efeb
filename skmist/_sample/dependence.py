"""Rows that depend on those before them: how many independent ones they are worth."""

from __future__ import annotations

__all__ = ["dependence_note", "rows_depend"]

import math

import numpy as np

from skmist._sample.ascending import ascending
from skmist._sample.groups import group_rows
from skmist._sample.notes import DependentRowsNote
from skmist._sample.side import Side

_LAG, _FEWEST = 8, 50
_MOST_COLUMNS, _MOST_LABELS = 16, 8
# The ratio of differences below which rows depend, and its standard deviation where they do not.
_DEPENDENT, _SPREAD, _SURE = 0.5, 1.5, 3.0
_BY_HALVES = 0.9
_WORTH_TELLING, _LEAST_SHARED = 3.0, 0.02
_FEWEST_RUNS = 6


def dependence_note(x: Side, y: Side) -> DependentRowsNote | None:
    """What is to be said of rows that depend on those before them in x and in y; else None.

    A side does where the ranks of one of its columns, or its labels, differ less between rows
    beside one another than between rows 8 apart: mean squares in a ratio below 0.5, and 3
    standard errors below 1. Both sides must: where one comes anew in each row, the order of the
    other does no harm. Rows that were sorted do not count: their noise differs as much between
    rows beside one another. A column that ascends or descends throughout is left out, a label
    that comes in one piece, and two sides of labels whose pairs come in fewer than 6.

    Parameters
    ----------
    x, y : Side
        Of the same rows, in the order in which they were given.

    Returns
    -------
    DependentRowsNote or None
    """
    n, found = len(x), []
    if n < _FEWEST:
        return None
    for side in sorted((x, y), key=lambda side: side.width):
        places = side.once(_most_dependent)
        if places is None:
            return None
        found.append(places)
    if x.is_discrete and y.is_discrete and _is_a_list_of_counts(x, y):
        return None
    count = _worth(*found)
    if count * _WORTH_TELLING > n:
        return None
    return DependentRowsNote(
        f"Rows depend on the rows before them, in X and in y: {n} are worth about {count} "
        "independent ones, and an estimate that takes them for independent is too sure of too "
        f"much. {DependentRowsNote.remedy}"
    )


def rows_depend(side: Side) -> bool:
    """Whether rows of a side depend on those before them: two such sides may have a note."""
    return len(side) >= _FEWEST and side.once(_most_dependent) is not None


def _most_dependent(side: Side) -> np.ndarray | None:
    """Standardized ranks or labels (n, k) of the column whose rows depend most; None if none."""
    found, least = None, min(_DEPENDENT, 1.0 - _SURE * _SPREAD / math.sqrt(len(side)))
    for j in range(min(side.width, _MOST_COLUMNS)):
        column, is_label = side.values[:, j], side.kinds[j] and bool(side.nameless[j])
        middle = None if is_label else ascending(side).values(j)[len(column) // 2]
        if not _may_depend(column, middle):
            continue
        places = _of_labels(column) if is_label else _of_numbers(column)
        ratio = _ratio(places)
        if ratio < least and not _is_sorted(column, is_label):
            found, least = places, ratio
    return found


def _may_depend(column: np.ndarray, middle: float | None) -> bool:
    """A look at halves of the column, or at its labels, that takes little time."""
    halves = column if middle is None else column > middle
    beside = np.count_nonzero(halves[1:] != halves[:-1]) / (len(column) - 1)
    apart = np.count_nonzero(halves[_LAG:] != halves[:-_LAG]) / (len(column) - _LAG)
    return bool(beside <= _BY_HALVES * apart or not apart)


def _of_numbers(column: np.ndarray) -> np.ndarray:
    ordered = np.sort(column)
    ranks = np.searchsorted(ordered, column) + np.searchsorted(ordered, column, side="right")
    return (ranks - ranks.mean())[:, None] / max(ranks.std(), 1e-9)


def _of_labels(column: np.ndarray) -> np.ndarray:
    codes = column.astype(np.intp)
    frequent = np.argsort(-np.bincount(codes), kind="stable")[:_MOST_LABELS]
    flags = codes[:, None] == frequent
    flags = flags - flags.mean(axis=0)
    return flags / max(np.sqrt(np.square(flags).sum() / len(flags)), 1e-9)


def _ratio(places: np.ndarray) -> float:
    beside = np.square(places[1:] - places[:-1]).sum() / (len(places) - 1)
    apart = np.square(places[_LAG:] - places[:-_LAG]).sum() / (len(places) - _LAG)
    return float(beside / apart) if apart > 0 else 1.0


def _is_a_list_of_counts(x: Side, y: Side) -> bool:
    """Whether rows look like a table of counts written out: few pieces of each pair of labels."""
    codes = np.hstack([x.values, y.values])
    pieces = 1 + np.count_nonzero((codes[1:] != codes[:-1]).any(axis=1))
    return bool(pieces < _FEWEST_RUNS * (group_rows(codes).max() + 1))


def _is_sorted(column: np.ndarray, is_label: bool) -> bool:
    if is_label:
        return bool(np.count_nonzero(column[1:] != column[:-1]) <= column.max())
    return bool((column[1:] >= column[:-1]).all() or (column[1:] <= column[:-1]).all())


def _worth(x: np.ndarray, y: np.ndarray) -> int:
    """How many independent rows tell as much about the correlation of two series [1]_.

    References
    ----------
    .. [1] M. S. Bartlett (1935), "Some aspects of the time-correlation problem in regard to
       tests of significance", Journal of the Royal Statistical Society 98, 536-543.
    """
    n = len(x)
    shared = _autocorrelation(x) * _autocorrelation(y)
    ends = np.flatnonzero(shared < _LEAST_SHARED)
    together = shared[: ends[0] if len(ends) else n // 2].sum()
    return max(int(n / (1.0 + 2.0 * together)), 1)


def _autocorrelation(places: np.ndarray) -> np.ndarray:
    """At lags 1 to n / 2."""
    n = len(places)
    power = np.square(np.abs(np.fft.rfft(places, 2 * n, axis=0))).sum(axis=1)
    products = np.fft.irfft(power)[: n // 2 + 1]
    return np.maximum(products[1:] / max(products[0], 1e-9), 0.0)
