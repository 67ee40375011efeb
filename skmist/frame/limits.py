"""How much of a large table is estimated: the strongest pairs, from some of the rows.

An estimate by a net takes 8 ms and 10 ms more per 1,000 rows. What a call would take hours for is
cut down to what takes seconds, and says so; nothing is cut where that is asked for.
"""

from __future__ import annotations

__all__ = ["Limits", "enough_rows", "limit_notes", "strongest_pairs", "thinned"]

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skmist._parameters import is_integer, refusal
from skmist._sample.groups import group_rows
from skmist._sample.sample import MIN_SAMPLES
from skmist._sample.table_sides import TableRows, TableSide
from skmist.estimators.contract import SampleEstimator

_MOST_PAIRS, _OF_VERY_MANY = 500, 250
_ROWS_OF_ALL, _FEWEST_ROWS, _MOST_ROWS = 200_000, 600, 40_000
_ENOUGH_ROWS, _SHARE = 30, 20
_SCREENED_ROWS = 500
# of numbers and of labels; coarser where there are very many columns
_PARTS, _VERY_MANY = {False: (5, 8), True: (3, 3)}, 1_000
_BLOCK = 64


@dataclass(frozen=True)
class Limits:
    """The most that one call estimates.

    Parameters
    ----------
    pairs, rows : int or None
        None is no limit.
    """

    pairs: int | None
    rows: int | None

    def said(self, n: int, what: str) -> str:
        """What is to be said where fewer than n are estimated."""
        return (
            f"of {n} {what} the {self.pairs} that a quick look found to depend most are "
            "estimated: max_estimates=None takes all"
        )

    @classmethod
    def of(
        cls,
        estimator: SampleEstimator,
        n_columns: int,
        n_pairs: int,
        max_estimates: Any,
        max_rows: Any,
    ) -> Limits:
        """Read the parameters of these names; "auto" limits what takes long.

        Raises
        ------
        ValueError
            If one is neither "auto", None nor a number.
        """
        pairs = _checked("max_estimates", max_estimates, 1)
        rows = _checked("max_rows", max_rows, MIN_SAMPLES)
        if pairs == "auto":
            # to read thousands of columns takes its time as well
            most = _OF_VERY_MANY if n_columns > _VERY_MANY else _MOST_PAIRS
            pairs = most if estimator.is_slow else None
        if rows == "auto":
            asked = max(1, n_pairs if pairs is None else min(n_pairs, pairs))
            fitting = int(np.clip(_ROWS_OF_ALL // asked, _FEWEST_ROWS, _MOST_ROWS))
            rows = fitting if estimator.is_slow else None
        return cls(pairs, rows)


def _checked(name: str, value: Any, least: int) -> Any:
    if value is None or (isinstance(value, str) and value == "auto") or is_integer(value, least):
        return value
    limit = f"'auto', None or an integer of at least {least}"
    raise refusal(name, value, limit, "None for no limit", form="=")


def thinned(
    sides: list[TableSide], most: int | None, wanted: np.ndarray, known: TableRows
) -> tuple[list[TableSide], TableRows]:
    """Some rows of sides, drawn at random, the same each time, and what is known of these.

    Parameters
    ----------
    sides : list of TableSide
    most : int or None
        How many rows.
    wanted : ndarray of bool, shape (n,)
        Rows to draw from.
    known : TableRows
        What is known of all rows.
    """
    rows = np.flatnonzero(wanted)
    if most is None or len(rows) <= most:
        return sides, known
    chosen = np.sort(np.random.default_rng(0).choice(rows, most, replace=False))
    return [side.rows(chosen) for side in sides], known.rows(chosen)


def limit_notes(used: list[TableSide], whole: list[TableSide], left_out: str) -> tuple[str, ...]:
    """What is to be said where rows were drawn from sides, or some of them left out."""
    rows, n = len(used[0].present), len(whole[0].present)
    drawn = f"estimated from {rows} of {n} rows drawn at random: max_rows=None takes all"
    return (*([drawn] if rows < n else []), *([left_out] if left_out else []))


def enough_rows(sides: list[TableSide], strict: bool) -> int:
    """Fewest rows of a pair that compares with others of the same table; 0 if `strict`."""
    return 0 if strict else min(_ENOUGH_ROWS, len(sides[0].present) // _SHARE)


def strongest_pairs(
    sides: list[TableSide], firsts: Sequence[int], seconds: Sequence[int], most: int
) -> np.ndarray:
    """The pairs that a quick look finds to depend most on each other.

    It is the mean square contingency of their tables in fifths, the eighth and rarer labels taken
    together (of more than 1,000 sides in thirds, and the third), less what chance makes of it.

    Parameters
    ----------
    sides : list of TableSide
    firsts, seconds : sequence of int
        Positions in `sides`; pairs whose first comes before their second are looked at.
    most : int
        How many pairs.

    Returns
    -------
    pairs : ndarray of int, shape (m, 2)
        In the order of the sides, at most `most`.
    """
    every = np.ones(len(sides[0].present), dtype=bool)
    tables = _Tables(thinned(sides, _SCREENED_ROWS, every, TableRows())[0])
    second = np.asarray(seconds)
    pairs, scores = np.empty((0, 2), dtype=int), np.empty(0)
    for start in range(0, len(firsts), _BLOCK):
        first = np.asarray(firsts[start : start + _BLOCK])
        later = second[second > first[0]]
        if not len(later):
            continue
        found = tables.dependence(first, later)
        found[first[:, None] >= later] = -np.inf
        i, j = np.divmod(_top(found.ravel(), most), len(later))
        pairs = np.concatenate([pairs, np.column_stack([first[i], later[j]])])
        scores = np.concatenate([scores, found[i, j]])
        kept = _top(scores, most)
        pairs, scores = pairs[kept], scores[kept]
    return pairs[np.isfinite(scores)][np.lexsort(pairs[np.isfinite(scores)].T[::-1])]


def _top(scores: np.ndarray, most: int) -> np.ndarray:
    if len(scores) <= most:
        return np.arange(len(scores))
    return np.sort(np.argpartition(-scores, most - 1)[:most])


class _Tables:
    """Indicators of the cells of sides, over the root of their shares."""

    def __init__(self, sides: list[TableSide]) -> None:
        parts = _PARTS[len(sides) > _VERY_MANY]
        cells = [_cells(side, *parts) for side in sides]
        self.sizes = np.array([c.max(initial=-1) + 1 for c in cells]).clip(1)
        self.starts = np.concatenate([[0], np.cumsum(self.sizes)])
        self.scaled = np.zeros((len(sides[0].present), self.starts[-1]), dtype=np.float32)
        for start, cell in zip(self.starts, cells, strict=False):
            rows = np.flatnonzero(cell >= 0)
            shares = np.bincount(cell[rows]) / max(1, len(rows))
            self.scaled[rows, start + cell[rows]] = 1 / np.sqrt(shares[cell[rows]])
        self.present = np.array([c >= 0 for c in cells], dtype=np.float32)

    def _columns(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the indicators of some sides, and where those of each begin."""
        sizes = self.sizes[chosen]
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        return np.repeat(self.starts[chosen] - starts, sizes) + np.arange(sizes.sum()), starts

    def dependence(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Mean square contingency of each first with each second, less that of chance."""
        (a, a_starts), (b, b_starts) = self._columns(first), self._columns(second)
        table = np.square(self.scaled[:, a].T @ self.scaled[:, b])
        sums = np.add.reduceat(np.add.reduceat(table, b_starts, axis=1), a_starts, axis=0)
        n = self.present[first] @ self.present[second].T
        chance = np.outer(self.sizes[first] - 1, self.sizes[second] - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = sums / n**2 - 1.0 - chance / n
        return np.where(n >= MIN_SAMPLES, found, -np.inf)


def _cells(side: TableSide, n_parts: int, n_labels: int) -> np.ndarray:
    """The cell of each row (n,), -1 where it is not present."""
    cells, values = np.full(len(side.present), -1), side.side.values[side.present]
    if len(values):
        columns = zip(values.T, side.side.discrete, strict=True)
        parts = [values if discrete else _part(values, n_parts) for values, discrete in columns]
        cells[side.present] = _commonest(group_rows(np.column_stack(parts)), n_labels)
    return cells


def _part(values: np.ndarray, n_parts: int) -> np.ndarray:
    return np.searchsorted(np.quantile(values, np.arange(1, n_parts) / n_parts), values)


def _commonest(cells: np.ndarray, most: int) -> np.ndarray:
    """The commonest cells, and all others as one."""
    order = np.argsort(-np.bincount(cells), kind="stable")
    place = np.empty(len(order), dtype=int)
    place[order] = np.arange(len(order))
    return np.minimum(place, most - 1)[cells]
