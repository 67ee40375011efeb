"""What is asked of the pairs of one tile, and what is said of them.

Where an estimator multiplies all columns at once, a pair is a number in an array; more is made of
it only where there is more to say.
"""

from __future__ import annotations

__all__ = ["PairPlan", "TileAnswers", "ask_tile"]

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from skmist._errors import InvalidSampleError
from skmist._sample.sample import MIN_SAMPLES, Sample
from skmist._sample.side_pairs import SidePairs
from skmist._sample.table_sides import TableRows
from skmist.estimators.ask import estimate_samples, estimate_side_pairs
from skmist.estimators.contract import SampleEstimator
from skmist.estimators.remarks import (
    Remarks,
    few_rows,
    have_few_rows,
    label_counts,
    may_have_remarks,
    remarks,
)
from skmist.frame.chance import MOST_CHANCE, chance_p_value
from skmist.frame.pair_tests import PairAnswer, PairTest, answer_pairs


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
    enough_rows : int, default=0
        Pairs with fewer rows do not compare with the others, and are not estimated either.
    strict : bool, default=False
        Estimate labels of few rows each whatever chance says of them, and raise what an estimator
        says of a pair that it cannot take.
    least : str, default="the minimum of 5"
        What notes call the fewest rows.
    """

    estimator: SampleEstimator
    level: float
    min_rows: int
    test: PairTest | None = None
    rows: TableRows = TableRows()
    enough_rows: int = 0
    strict: bool = False
    least: str = f"the minimum of {MIN_SAMPLES}"

    @property
    def by_columns(self) -> bool:
        """Whether pairs are asked as columns that they share, and not each for itself."""
        return self.estimator.shares_columns and self.test is None and self.rows.blocks is None


class TileAnswers(NamedTuple):
    """What is said of the m pairs of a tile."""

    ends: np.ndarray  # (3, m): MI, low and high, nats; NaN where there is none
    told: dict[int, PairAnswer]  # by pair: all, or those of which there is more to say


def ask_tile(
    plan: PairPlan, samples: list[Sample] | SidePairs, numbers: Sequence[int]
) -> TileAnswers:
    """Ask about pairs.

    Parameters
    ----------
    plan : PairPlan
    samples : list of Sample, or SidePairs where the plan asks `by_columns`
    numbers : sequence of int
        Of the pairs, on which their draws depend.

    Returns
    -------
    TileAnswers
    """
    if isinstance(samples, SidePairs):
        try:
            return _ask_by_columns(plan, samples, numbers)
        except InvalidSampleError:
            # each for itself says which pair it is
            samples = list(samples)
    answers = _ask(plan, samples, numbers)
    estimates = [answer.estimate for answer in answers]
    ends = [(estimate.mi, estimate.low, estimate.high) for estimate in estimates]
    told = dict(zip(numbers, answers, strict=True))
    return TileAnswers(np.array(ends, dtype=float).reshape(-1, 3).T, told)


def _ask_by_columns(plan: PairPlan, pairs: SidePairs, numbers: Sequence[int]) -> TileAnswers:
    few = [] if plan.strict else np.flatnonzero(have_few_rows(pairs)).tolist()
    told = {k: refused for k in few if (refused := _mere_chance(pairs[k])) is not None}
    mi, kept = np.full(len(pairs), np.nan), np.ones(len(pairs), dtype=bool)
    kept[list(told)] = False
    mi[kept] = estimate_side_pairs(plan.estimator, pairs.some(np.flatnonzero(kept)))
    may = may_have_remarks(pairs, mi)
    may[list(pairs.notes)] = True
    for k in np.flatnonzero(kept & may).tolist():
        sample = pairs[k]
        said = remarks(sample, float(mi[k]), thorough=False)
        told[k] = PairAnswer.of(sample, float(mi[k]), said)
    ends = np.stack([mi, *np.full((2, len(mi)), np.nan)])
    return TileAnswers(ends, {numbers[k]: answer for k, answer in told.items()})


def _ask(plan: PairPlan, samples: list[Sample], numbers: Sequence[int]) -> list[PairAnswer]:
    found = {} if plan.strict else {k: _mere_chance(sample) for k, sample in enumerate(samples)}
    refused = {k: answer for k, answer in found.items() if answer is not None}
    kept = [k for k in range(len(samples)) if k not in refused]
    asked = [samples[k] for k in kept], [numbers[k] for k in kept]
    try:
        answers = dict(zip(kept, _estimates(plan, *asked), strict=True))
    except InvalidSampleError as error:
        # one pair that an estimator does not take must not cost the others their answers
        if plan.strict:
            raise
        if len(samples) > 1:
            parts = zip(samples, numbers, strict=True)
            return [_ask(plan, [sample], [number])[0] for sample, number in parts]
        refusal = PairAnswer.none(samples[0].n_samples, f"not estimated: {error}")
        answers, refused = {}, {0: refusal}
    return [answers[k] if k in answers else refused[k] for k in range(len(samples))]


def _estimates(plan: PairPlan, samples: list[Sample], numbers: Sequence[int]) -> list[PairAnswer]:
    if plan.test is None:
        estimates = estimate_samples(plan.estimator, samples, level=plan.level)
        answers = [PairAnswer(estimate) for estimate in estimates]
    else:
        answers = answer_pairs(plan.test, plan.estimator, plan.level, samples, numbers)
    for k, (sample, answer) in enumerate(zip(samples, answers, strict=True)):
        found = remarks(sample, answer.estimate.mi, thorough=False)
        answers[k] = answer._replace(remarks=found)
    return answers


def _mere_chance(sample: Sample) -> PairAnswer | None:
    """The answer for a pair whose labels, of few rows each, say no more than chance."""
    counts = label_counts(sample)
    if not any(few_rows(labels, sample.n_samples) for labels in counts):
        return None
    p_value = chance_p_value(sample)
    if p_value <= MOST_CHANCE:
        return None
    reason = f"and they say no more than dealt out at random (p = {p_value:.2f})"
    answer = PairAnswer.none(sample.n_samples, f"{reason}: not estimated", p_value)
    return answer._replace(remarks=Remarks(sample.n_samples, counts))
