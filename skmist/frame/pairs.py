"""Estimate many pairs of the columns of a table.

A tile takes a few sides and all pairs between them, so what travels to a process and what it
holds does not grow with the number of pairs; of a net, which runs samples of one kind as a batch,
it takes pairs of one kind. Tiles follow from the pairs alone: the answers do not depend on the
number of processes.
"""

from __future__ import annotations

__all__ = ["PairAnswers", "estimate_pairs", "warn_of_first"]

import warnings
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from skmist._parallel import run_in_order
from skmist._parameters import caller_level
from skmist._progress import progress_bar
from skmist._sample.notes import ColumnDoubt, category_of
from skmist._sample.sample import Sample
from skmist._sample.side_pairs import SidePairs
from skmist._sample.table_sides import TableRows, TableSide, paired, paired_sides
from skmist.estimators.contract import SampleEstimator
from skmist.estimators.many import kind_chunks
from skmist.frame.asked import PairPlan, ask_tile
from skmist.frame.facts import SEPARATOR
from skmist.frame.notes import pair_notes
from skmist.frame.pair_tests import PairAnswer, pair_p_values

_NUMBERS_AT_ONCE, _MOST_AT_ONCE = 1_000_000, 256


class PairAnswers(NamedTuple):
    """Of m pairs, in nats and clipped at 0; NaN where nothing was computed."""

    mi: np.ndarray  # (m,)
    low: np.ndarray  # (m,)
    high: np.ndarray  # (m,)
    p_value: np.ndarray  # (m,)
    n_samples: np.ndarray  # (m,) int
    range_notes: dict[int, tuple[str, ...]]  # by pair: what the estimator warns of
    notes: dict[int, tuple[str, ...]]  # by pair: what else speaks against the number

    def at(self, places: np.ndarray, m: int, left_out: str) -> PairAnswers:
        """The answers at some of m places, and at the others why there is none."""
        if len(places) == m:
            return self
        arrays = {}
        for name in ("mi", "low", "high", "p_value", "n_samples"):
            values = getattr(self, name)
            arrays[name] = np.full(m, 0 if name == "n_samples" else np.nan, dtype=values.dtype)
            arrays[name][places] = values
        notes: dict[int, tuple[str, ...]] = dict.fromkeys(range(m), (left_out,))
        notes |= {int(place): self.notes.get(k, ()) for k, place in enumerate(places)}
        range_notes = {int(places[k]): said for k, said in self.range_notes.items()}
        return PairAnswers(**arrays, range_notes=range_notes, notes=notes)

    def column_doubts(self) -> tuple[str, ...]:
        """Those of the notes that speak against a column as such, each once."""
        both = (*self.range_notes.values(), *self.notes.values())
        said = (note for notes in both for note in notes)
        return tuple(dict.fromkeys(str(note) for note in said if isinstance(note, ColumnDoubt)))

    def warnings(self) -> list[str]:
        """All that speaks against each number, in words."""
        both = (self.range_notes, self.notes)
        said = [""] * len(self.mi)
        for k in {**self.range_notes, **self.notes}:
            said[k] = SEPARATOR.join(sum((notes.get(k, ()) for notes in both), ()))
        return said


class _PairSamples(Sequence[Sample]):
    """The samples of pairs of sides, made by need."""

    def __init__(self, sides: list[TableSide], pairs: np.ndarray, rows: TableRows) -> None:
        self.sides, self.pairs, self.rows = sides, pairs, rows

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, k: int) -> Sample:  # type: ignore[override]
        i, j = self.pairs[k].tolist()
        return paired(self.sides[i], self.sides[j], self.rows)

    def of(self, numbers: list[int], *, by_columns: bool) -> list[Sample] | SidePairs:
        """Some of them, each for itself or as pairs of columns that they share."""
        if by_columns:
            return paired_sides(self.sides, self.pairs[numbers])
        return [self[k] for k in numbers]

    def n_samples(self) -> np.ndarray:
        """Rows in which both sides of each pair are present, shape (m,)."""
        if all(side.is_complete for side in self.sides):
            return np.full(len(self.pairs), len(self.sides[0].present))
        both = ((self.sides[i].present, self.sides[j].present) for i, j in self.pairs.tolist())
        rows = [np.count_nonzero(a & b) for a, b in both]
        return np.array(rows, dtype=int)


def estimate_pairs(
    sides: list[TableSide],
    pairs: np.ndarray,
    plan: PairPlan,
    *,
    tile: tuple[int, int],
    n_jobs: int | None,
    progress: bool,
    unit: str,
) -> PairAnswers:
    """Estimate pairs of sides.

    Parameters
    ----------
    sides : list of TableSide
    pairs : ndarray of int, shape (m, 2)
        Positions in `sides`.
    plan : PairPlan
    tile : (int, int)
        How many successive first and second sides make a tile.
    n_jobs : int or None
        Processes, as joblib counts them.
    progress : bool
        Show a progress bar on a terminal when the work takes more than a second.
    unit : str
        What the bar counts.

    Returns
    -------
    PairAnswers
    """
    samples = _PairSamples(sides, pairs, plan.rows)
    n_samples = samples.n_samples()
    enough = n_samples >= max(plan.min_rows, plan.enough_rows)
    asked = np.flatnonzero(enough)
    n = len(sides[0].present)
    if plan.estimator.batches_alike:
        tiles = kind_chunks(_pair_kinds(sides, pairs[asked], n_samples[asked]))
    else:
        tiles = _tiles(pairs[asked], _tile(plan.estimator, tile, n))
    tiles = [asked[members].tolist() for members in tiles]
    with progress_bar(progress, unit, len(asked) * (1 + (plan.test is not None))) as bar:
        how: dict[str, Any] = {"n_jobs": n_jobs, "advance": bar.update}
        ends, found = _asked(plan, samples, tiles, **how)
        p_value = np.full(len(pairs), np.nan)
        if plan.test is not None:
            tested = pair_p_values(plan.test, plan.estimator, samples, found, **how)
            p_value[list(found)] = [tested[k] for k in found]
    few = {k: _row_note(plan, n, int(n_samples[k])) for k in np.flatnonzero(~enough).tolist()}
    notes = pair_notes(sides, pairs, found, n_samples, few)
    copied = (plan.rows.note,) if plan.rows.note else ()
    mi, low, high = np.maximum(ends, 0.0)
    return PairAnswers(
        mi,
        low,
        high,
        p_value,
        n_samples,
        {k: told.estimate.warnings for k, told in found.items() if told.estimate.warnings},
        {k: copied + notes.get(k, ()) for k in {*asked.tolist(), *notes}} if copied else notes,
    )


def _asked(
    plan: PairPlan,
    samples: _PairSamples,
    tiles: list[list[int]],
    *,
    n_jobs: int | None,
    advance: Callable[[int], object],
) -> tuple[np.ndarray, dict[int, PairAnswer]]:
    """MI, low and high of all pairs (3, m), and what else tiles have told, by pair."""
    ends = np.full((3, len(samples)), np.nan)
    found: dict[int, PairAnswer] = {}
    tasks = ((plan, samples.of(tile, by_columns=plan.by_columns), tile) for tile in tiles)
    for tile, answers in zip(tiles, run_in_order(ask_tile, tasks, n_jobs), strict=True):
        ends[:, tile] = answers.ends
        found |= answers.told
        advance(len(tile))
    return ends, found


def _row_note(plan: PairPlan, n: int, rows: int) -> str:
    """What is to be said of a pair of so few rows in a table of n."""
    least = plan.least
    if rows >= plan.min_rows:
        least = f"{plan.enough_rows}, the fewest in a table of {n}"
    return f"both are present in {rows} rows, below {least}: not estimated"


def _pair_kinds(
    sides: list[TableSide], pairs: np.ndarray, n_samples: np.ndarray
) -> list[Hashable]:
    """What pairs have alike that can run as one batch: rows, kinds and numbers of labels."""
    kinds = [
        (side.side.column_kinds, int(side.side.values[:, side.side.nameless].max(initial=0)))
        for side in sides
    ]
    parts = zip(pairs.tolist(), n_samples.tolist(), strict=True)
    # the net has an order of its own for the two
    return [(n, *sorted((kinds[i], kinds[j]))) for (i, j), n in parts]


def _tile(estimator: SampleEstimator, tile: tuple[int, int], n: int) -> tuple[int, int]:
    """How many first and second sides of n rows make a tile."""
    if not estimator.shares_columns:
        return tile
    side = int(np.clip(_NUMBERS_AT_ONCE // n, 1, _MOST_AT_ONCE))
    return max(tile[0], side), max(tile[1], side)


def _tiles(pairs: np.ndarray, tile: tuple[int, int]) -> list[list[int]]:
    """Positions of the pairs of each tile."""
    if not len(pairs):
        return []
    first, second = (pairs // np.array(tile)).T
    of_pair = np.unique(first * (second.max() + 1) + second, return_inverse=True)[1]
    order = np.argsort(of_pair, kind="stable")
    ends = np.cumsum(np.bincount(of_pair))
    return [numbers.tolist() for numbers in np.split(order, ends[:-1])]


def warn_of_first(answers: PairAnswers, plan: PairPlan, names: Any, what: str) -> None:
    """Warn of what is said of the first pair, and say how many more there are.

    Of each category there is one warning, and one of rows that were copied.

    Parameters
    ----------
    answers : PairAnswers
    plan : PairPlan
        What was asked; its estimator decides the category of the warning.
    names : sequence of str
        What to call each pair.
    what : str
        What several of them are called.
    """
    if plan.rows.note:
        category = category_of(plan.rows.note, plan.estimator.note_category)
        warnings.warn(plan.rows.note, category, stacklevel=caller_level())
    told: dict[type[Warning], list[tuple[int, str]]] = {}
    for k in sorted(answers.range_notes):
        notes = answers.range_notes[k]
        of_pair = {category_of(note, plan.estimator.note_category): note for note in notes[::-1]}
        for category, note in of_pair.items():
            told.setdefault(category, []).append((k, note))
    for category, pairs in told.items():
        others = f" and {len(pairs) - 1} more {what}" if len(pairs) > 1 else ""
        first, note = pairs[0]
        warnings.warn(f"{names[first]}{others}: {note}", category, stacklevel=caller_level())
