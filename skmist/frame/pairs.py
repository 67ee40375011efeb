"""Estimate many pairs of the columns of a table.

A tile takes a few sides and all pairs between them, so what travels to a process and what it
holds does not grow with the number of pairs. Tiles follow from the pairs alone: the answers do
not depend on the number of processes.
"""

from __future__ import annotations

__all__ = ["PairAnswers", "PairPlan", "estimate_pairs", "warn_of_first"]

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from skmist._progress import progress_bar
from skmist._result import MIEstimate
from skmist._sample.groups import group_rows
from skmist._sample.notes import category_of
from skmist._sample.sample import Sample
from skmist._sample.side import Side
from skmist._sample.table_sides import TableRows, TableSide, paired
from skmist.estimators.ask import estimate_samples
from skmist.estimators.contract import SampleEstimator
from skmist.estimators.many import ask_many
from skmist.frame.pair_tests import PairAnswer, PairTest, answer_pairs, pair_p_values

_MIN_ROWS_PER_LABEL = 4
_NUMBERS_AT_ONCE, _MOST_AT_ONCE = 1_000_000, 256


@dataclass(frozen=True)
class PairPlan:
    """What is asked of every pair.

    Parameters
    ----------
    estimator : SampleEstimator
    level : float
        Probability of the intervals.
    min_rows : int
        Pairs with fewer rows are not estimated.
    test : PairTest or None
        How p-values are computed; None computes none.
    rows : TableRows
        What is known of the rows of the table.
    """

    estimator: SampleEstimator
    level: float
    min_rows: int
    test: PairTest | None = None
    rows: TableRows = TableRows()


class PairAnswers(NamedTuple):
    """Of m pairs, in nats and clipped at 0; NaN where nothing was computed."""

    mi: np.ndarray  # (m,)
    low: np.ndarray  # (m,)
    high: np.ndarray  # (m,)
    p_value: np.ndarray  # (m,)
    n_samples: np.ndarray  # (m,) int
    range_notes: dict[int, tuple[str, ...]]  # by pair: what the estimator warns of
    notes: dict[int, tuple[str, ...]]  # by pair: what else speaks against the number

    def warnings(self) -> list[str]:
        """All that speaks against each number, in words."""
        both = (self.range_notes, self.notes)
        said = [""] * len(self.mi)
        for k in {**self.range_notes, **self.notes}:
            said[k] = "; ".join(sum((notes.get(k, ()) for notes in both), ()))
        return said


class _PairSamples(Sequence[Sample]):
    """The samples of pairs of sides, made by need."""

    def __init__(self, sides: list[TableSide], pairs: np.ndarray, rows: TableRows) -> None:
        self.sides, self.pairs, self.rows = sides, pairs.tolist(), rows

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, k: int) -> Sample:  # type: ignore[override]
        i, j = self.pairs[k]
        return paired(self.sides[i], self.sides[j], self.rows)

    def n_samples(self) -> np.ndarray:
        """Rows in which both sides of each pair are present, shape (m,)."""
        if all(side.is_complete for side in self.sides):
            return np.full(len(self.pairs), len(self.sides[0].present))
        present = np.array([side.present for side in self.sides], dtype=np.float64)
        rows = [int(present[i] @ present[j]) for i, j in self.pairs]
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
    asked = np.flatnonzero(n_samples >= plan.min_rows)
    size = _tile(plan.estimator, tile, len(sides[0].present))
    tiles = [asked[members].tolist() for members in _tiles(pairs[asked], size)]
    with progress_bar(progress, unit, len(asked) * (1 + (plan.test is not None))) as bar:
        how: dict[str, Any] = {"n_jobs": n_jobs, "advance": bar.update}
        found = ask_many(partial(_ask, plan), samples, tiles, **how)
        p_value = np.full(len(pairs), np.nan)
        if plan.test is not None:
            tested = pair_p_values(plan.test, plan.estimator, samples, found, **how)
            p_value[list(found)] = [tested[k] for k in found]
    estimates = {k: answer.estimate for k, answer in found.items()}
    labels = _label_notes(samples, {k: a.n_labels for k, a in found.items() if a.n_labels})
    copied = (plan.rows.note,) if plan.rows.note else ()
    mi, low, high = _clipped(estimates, len(pairs), plan.estimator.has_interval)
    return PairAnswers(
        mi,
        low,
        high,
        p_value,
        n_samples,
        {k: estimate.warnings for k, estimate in estimates.items() if estimate.warnings},
        {k: copied + labels.get(k, ()) for k in found} if copied else labels,
    )


def _ask(plan: PairPlan, samples: list[Sample], numbers: Sequence[int]) -> list[PairAnswer]:
    if plan.test is None:
        estimates = estimate_samples(plan.estimator, samples, level=plan.level)
        answers = [PairAnswer(estimate) for estimate in estimates]
    else:
        answers = answer_pairs(plan.test, plan.estimator, plan.level, samples, numbers)
    for k, sample in enumerate(samples):
        if sample.x.is_discrete or sample.y.is_discrete:
            answers[k] = answers[k]._replace(n_labels=(_n_labels(sample.x), _n_labels(sample.y)))
    return answers


def _clipped(estimates: dict[int, MIEstimate], m: int, has_interval: bool) -> np.ndarray:
    """MI, low and high of m pairs (3, m), nats, clipped at 0; NaN where there is none."""
    answer, at = np.full((3, m), np.nan), list(estimates)
    for i, name in enumerate(("mi", "low", "high")):
        if i == 0 or has_interval:
            answer[i, at] = [getattr(estimate, name) for estimate in estimates.values()]
    return np.maximum(answer, 0.0)


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


def _label_notes(
    samples: _PairSamples, labels: dict[int, tuple[int, int]]
) -> dict[int, tuple[str, ...]]:
    """By pair, what is to be said of sides that have too few rows for each of their labels."""
    rows, notes = samples.n_samples().tolist(), {}
    for k, counts in labels.items():
        titles = (samples.sides[i].title for i in samples.pairs[k])
        said = [_label_note(*of_side, rows[k]) for of_side in zip(titles, counts, strict=True)]
        if any(said):
            notes[k] = sum(said, ())
    return notes


def _n_labels(side: Side) -> int:
    """How many labels a side has; 0 where a column is continuous."""
    return side.once(_count_labels) if side.is_discrete else 0


def _count_labels(side: Side) -> int:
    return int(group_rows(side.values).max(initial=-1)) + 1


def _label_note(title: str, n_labels: int, n: int) -> tuple[str, ...]:
    if n_labels <= 2 or n >= _MIN_ROWS_PER_LABEL * n_labels:
        return ()
    return (
        f"{title} has {n_labels} labels in {n} rows, fewer than {_MIN_ROWS_PER_LABEL} rows "
        "per label: too few to tell information from chance",
    )


def warn_of_first(
    answers: PairAnswers, plan: PairPlan, names: Any, what: str, stacklevel: int
) -> None:
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
    stacklevel : int
        As of :func:`warnings.warn`, from the caller of this function.
    """
    if plan.rows.note:
        category = category_of(plan.rows.note, plan.estimator.note_category)
        warnings.warn(plan.rows.note, category, stacklevel=stacklevel + 1)
    told: dict[type[Warning], list[tuple[int, str]]] = {}
    for k in sorted(answers.range_notes):
        notes = answers.range_notes[k]
        of_pair = {category_of(note, plan.estimator.note_category): note for note in notes[::-1]}
        for category, note in of_pair.items():
            told.setdefault(category, []).append((k, note))
    for category, pairs in told.items():
        others = f" and {len(pairs) - 1} more {what}" if len(pairs) > 1 else ""
        first, note = pairs[0]
        warnings.warn(f"{names[first]}{others}: {note}", category, stacklevel=stacklevel + 1)
