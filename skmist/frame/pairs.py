"""Estimate many pairs of sides, tile by tile, in this process or in others.

A tile takes a few sides and all pairs between them, so what travels to a process and what it
holds does not grow with the number of pairs. Tiles follow from the pairs alone: the answers do
not depend on the number of processes.
"""

from __future__ import annotations

__all__ = ["PairAnswers", "PairPlan", "estimate_pairs", "warn_once"]

import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed, parallel_config
from sklearn.base import clone

from skmist._neighbors.search import group_rows
from skmist._progress import progress_bar
from skmist._sample.sides import TableSide, paired_rows
from skmist.estimators.base import MutualInfoEstimator
from skmist.estimators.mutual_info import estimate_samples
from skmist.frame.pair_tests import PairTest, pair_p_value, shared_nulls

_MIN_ROWS_PER_LABEL = 4


@dataclass(frozen=True)
class PairPlan:
    """What is asked of every pair.

    Parameters
    ----------
    estimator : MutualInfoEstimator
    method : str
        Its name.
    level : float
        Probability of the intervals.
    min_rows : int
        Pairs with fewer rows are not estimated.
    test : PairTest or None
        How p-values are computed; None computes none.
    """

    estimator: MutualInfoEstimator
    method: str
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

    @classmethod
    def empty(cls, m: int) -> PairAnswers:
        """Of m pairs of which nothing is known yet."""
        mi, low, high, p_value = np.full((4, m), np.nan)
        return cls(mi, low, high, p_value, np.zeros(m, dtype=int), {}, {})

    def warnings(self) -> list[str]:
        """All that speaks against each number, in words."""
        both = (self.range_notes, self.notes)
        return ["; ".join(sum((d.get(k, ()) for d in both), ())) for k in range(len(self.mi))]


def estimate_pairs(
    sides: list[TableSide],
    pairs: np.ndarray,
    plan: PairPlan,
    *,
    tile: tuple[int, int],
    n_jobs,
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
    if plan.test is not None:
        nulls = shared_nulls(plan.test, plan.estimator, sides, pairs, n_jobs)
        plan = replace(plan, test=nulls)
    answers = PairAnswers.empty(len(pairs))
    tiles = list(_tiles(pairs, tile))
    tasks = (delayed(_answer_tile)(*_task(sides, pairs, numbers), plan) for numbers in tiles)
    found = Parallel(n_jobs=n_jobs, return_as="generator")(tasks)
    with progress_bar(progress, unit, len(pairs)) as bar:
        for numbers, part in zip(tiles, found, strict=True):
            _insert(answers, numbers, part)
            bar.update(len(numbers))
    return answers


def _tiles(pairs: np.ndarray, tile: tuple[int, int]) -> Iterator[np.ndarray]:
    """Numbers of the pairs of each tile."""
    of_pair = np.unique(pairs // np.array(tile), axis=0, return_inverse=True)[1].ravel()
    order = np.argsort(of_pair, kind="stable")
    ends = np.cumsum(np.bincount(of_pair))
    yield from np.split(order, ends[:-1])


def _task(sides: list[TableSide], pairs: np.ndarray, numbers: np.ndarray):
    """What a process needs of a tile: its sides, its pairs of them, and their numbers."""
    used, local = np.unique(pairs[numbers], return_inverse=True)
    return [sides[i] for i in used], local.reshape(-1, 2).tolist(), numbers.tolist()


def _insert(answers: PairAnswers, numbers: np.ndarray, part: PairAnswers) -> None:
    for whole, piece in zip(answers[:5], part[:5], strict=True):
        whole[numbers] = piece
    for whole, piece in zip(answers[5:], part[5:], strict=True):
        whole.update({int(numbers[i]): texts for i, texts in piece.items()})


def _answer_tile(sides, pairs, numbers, plan: PairPlan) -> PairAnswers:
    """Answers of a tile, whose pairs are counted from 0 here and have their numbers elsewhere."""
    answers = PairAnswers.empty(len(pairs))
    rows = [paired_rows(sides[i], sides[j]) for i, j in pairs]
    groups = defaultdict(list)
    for k, (i, j) in enumerate(pairs):
        answers.n_samples[k] = len(rows[k][0])
        if answers.n_samples[k] >= plan.min_rows:
            groups[sides[i].discrete, sides[j].discrete].append(k)
            if notes := _label_notes(sides[i], rows[k][0]) + _label_notes(sides[j], rows[k][1]):
                answers.notes[k] = notes
    # one process per core is enough: what a tile calls must not start its own
    with parallel_config(backend="sequential"):
        for kinds, members in groups.items():
            asked = {k: rows[k] for k in members}
            _estimate_group(answers, kinds, asked, numbers, plan)
    return answers


def _estimate_group(answers: PairAnswers, kinds, rows, numbers, plan: PairPlan) -> None:
    """Fill in the answers of pairs whose columns are of the same kinds."""
    masks = dict(zip(("discrete_features", "discrete_target"), map(list, kinds), strict=True))
    estimator = clone(plan.estimator).set_params(**masks)
    found = estimate_samples(estimator, list(rows.values()), level=plan.level, method=plan.method)
    for (k, (x, y)), estimate in zip(rows.items(), found, strict=True):
        answers.mi[k] = max(estimate.mi, 0.0)
        if estimate.low is not None and estimate.high is not None:
            answers.low[k], answers.high[k] = max(estimate.low, 0.0), max(estimate.high, 0.0)
        if estimate.warnings:
            answers.range_notes[k] = estimate.warnings
        if plan.test is not None:
            answers.p_value[k] = pair_p_value(plan.test, estimator, x, y, numbers[k])


def _label_notes(side: TableSide, rows: np.ndarray) -> tuple[str, ...]:
    if not all(side.discrete):
        return ()
    n, n_labels = len(rows), int(group_rows(rows).max()) + 1
    if n_labels <= 2 or n >= _MIN_ROWS_PER_LABEL * n_labels:
        return ()
    return (
        f"{side.title} has {n_labels} labels in {n} rows, fewer than {_MIN_ROWS_PER_LABEL} rows "
        "per label: too few to tell information from chance",
    )


def warn_once(answers: PairAnswers, plan: PairPlan, names, what: str, stacklevel: int) -> None:
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
    category = plan.estimator._note_category
    warnings.warn(f"{names[first]}{others}: {note}", category, stacklevel=stacklevel + 1)
