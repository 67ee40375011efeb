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
from skmist._sample.sample import Sample
from skmist._sample.table_sides import TableSide, paired
from skmist.estimators.ask import estimate_samples
from skmist.estimators.contract import SampleEstimator
from skmist.estimators.many import ask_many
from skmist.estimators.remarks import remarks
from skmist.frame.pair_tests import PairAnswer, PairTest, answer_pairs, pair_p_values

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
    """

    estimator: SampleEstimator
    level: float
    min_rows: int
    test: PairTest | None = None


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

    def __init__(self, sides: list[TableSide], pairs: np.ndarray) -> None:
        self.sides, self.pairs = sides, pairs.tolist()

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, k: int) -> Sample:  # type: ignore[override]
        i, j = self.pairs[k]
        return paired(self.sides[i], self.sides[j])

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
    samples = _PairSamples(sides, pairs)
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
    mi, low, high = _clipped(estimates, len(pairs), plan.estimator.has_interval)
    return PairAnswers(
        mi,
        low,
        high,
        p_value,
        n_samples,
        {k: estimate.warnings for k, estimate in estimates.items() if estimate.warnings},
        _remarks_in_words(samples, found),
    )


def _ask(plan: PairPlan, samples: list[Sample], numbers: Sequence[int]) -> list[PairAnswer]:
    if plan.test is None:
        estimates = estimate_samples(plan.estimator, samples, level=plan.level)
        answers = [PairAnswer(estimate) for estimate in estimates]
    else:
        answers = answer_pairs(plan.test, plan.estimator, plan.level, samples, numbers)
    for k, (sample, answer) in enumerate(zip(samples, answers, strict=True)):
        found = remarks(sample, answer.estimate.mi, thorough=False)
        answers[k] = answer._replace(remarks=found)
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


def _remarks_in_words(
    samples: _PairSamples, answers: dict[int, PairAnswer]
) -> dict[int, tuple[str, ...]]:
    """By pair, what is to be said of it that its estimator does not say."""
    notes = {}
    for k, answer in answers.items():
        titles = (samples.sides[i].title for i in samples.pairs[k])
        said = () if answer.remarks is None else answer.remarks.in_words(*titles)
        said = tuple(note for note in said if note not in answer.estimate.warnings)
        if said:
            notes[k] = said
    return notes


def warn_of_first(
    answers: PairAnswers, plan: PairPlan, names: Any, what: str, stacklevel: int
) -> None:
    """Warn of what the estimator says of the first pair, and say how many more there are.

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
    if not answers.range_notes:
        return
    first = min(answers.range_notes)
    more = len(answers.range_notes) - 1
    others = f" and {more} more {what}" if more else ""
    note = answers.range_notes[first][0]
    category = plan.estimator.note_category
    warnings.warn(f"{names[first]}{others}: {note}", category, stacklevel=stacklevel + 1)
