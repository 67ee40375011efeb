"""What the rest of the package asks of an estimator: every door takes samples that were read.

No door says anything aloud: notes travel in the estimates, and who shows them to a user warns.
"""

from __future__ import annotations

__all__ = [
    "conditional",
    "ends_at",
    "estimate_samples",
    "estimate_side_pairs",
    "estimate_values",
    "fit_to",
    "fits_to",
    "median_estimate",
    "most_columns",
    "net_card",
    "null_source",
    "pointwise",
    "statistics",
    "estimates_and_statistics",
]

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from skmist._result import MIEstimate
from skmist._sample.blocks import thinned_rows
from skmist._sample.sample import Sample, informative_samples
from skmist._sample.side_pairs import SidePairs
from skmist._sample.triple import ConditionalSample
from skmist.estimators.contract import NullSource, SampleEstimator

if TYPE_CHECKING:
    from skmist.estimators.base import MutualInfoEstimator


def estimate_samples(
    estimator: SampleEstimator,
    samples: Sequence[Sample],
    *,
    level: float,
    method: str | None = None,
) -> list[MIEstimate]:
    """Estimate samples, with intervals where the estimator has them.

    Parameters
    ----------
    estimator : SampleEstimator
        Left unfitted.
    samples : sequence of Sample
    level : float
        Probability of the intervals.
    method : str or None, default=None
        Name for the results; None is the name of the estimator's class.

    Returns
    -------
    list of MIEstimate
        One per sample, in nats, in order.
    """
    if any(sample.blocks is not None for sample in samples):
        return _blocked(estimator, samples, level, method)
    asked = informative_samples(samples)
    # asked without samples, too: wrong parameters are wrong whatever the sample
    answers = estimator._answers(list(asked.values()), level)
    return _all_answers(estimator, samples, dict(zip(asked, answers, strict=True)), level, method)


def estimates_and_statistics(
    estimator: SampleEstimator, samples: Sequence[Sample], *, level: float
) -> tuple[list[MIEstimate], np.ndarray]:
    """The same, and what a test of independence compares, shape (k,), in one run.

    Parameters
    ----------
    estimator : SampleEstimator
        Left unfitted.
    samples : sequence of Sample
    level : float
        Probability of the intervals.

    Returns
    -------
    estimates : list of MIEstimate
    statistics : ndarray of shape (k,)
        0 of a sample with a side of constant columns only.
    """
    asked, values = informative_samples(samples), np.zeros(len(samples))
    if any(sample.blocks is not None for sample in samples):
        values[list(asked)] = estimator._statistic(list(asked.values()))
        return estimate_samples(estimator, samples, level=level), values
    answers, values[list(asked)] = estimator._tested_answers(list(asked.values()), level)
    found = dict(zip(asked, answers, strict=True))
    return _all_answers(estimator, samples, found, level, None), values


def _blocked(
    estimator: SampleEstimator, samples: Sequence[Sample], level: float, method: str | None
) -> list[MIEstimate]:
    """Estimates of samples whose rows depend on one another, from one row of each block.

    Medians over several choices of rows: each of these is a sample of independent rows, to which
    the estimator and its interval are valid, and which knows how many there are.
    """
    parts = [_parts(sample) for sample in samples]
    found = iter(estimate_samples(estimator, sum(parts, []), level=level, method=method))
    return [
        median_estimate([next(found) for _ in part], sample.notes)
        for part, sample in zip(parts, samples, strict=True)
    ]


def _parts(sample: Sample) -> list[Sample]:
    if sample.blocks is None:
        return [sample]
    return [sample.rows(rows) for rows in thinned_rows(sample.blocks)]


def median_estimate(answers: list[MIEstimate], notes: tuple[str, ...] = ()) -> MIEstimate:
    """Medians of estimates and of the ends of their intervals, with all notes, nats."""
    if len(answers) == 1:
        return answers[0]
    ends = [
        None if answers[0].low is None else float(np.median([getattr(a, end) for a in answers]))
        for end in ("low", "high")
    ]
    said = dict.fromkeys((*notes, *(note for answer in answers for note in answer.warnings)))
    mi = float(np.median([answer.mi for answer in answers]))
    return replace(answers[0], mi=mi, low=ends[0], high=ends[1], warnings=tuple(said))


def _all_answers(
    estimator: SampleEstimator,
    samples: Sequence[Sample],
    found: dict[int, MIEstimate],
    level: float,
    method: str | None,
) -> list[MIEstimate]:
    """Estimates of all samples from those of the ones that can carry information."""
    name = type(estimator).__name__ if method is None else method
    end = 0.0 if estimator.has_interval else None
    stated = level if estimator.has_interval else None
    return [
        _told(found[i], name, sample.notes)
        if i in found
        else MIEstimate(0.0, end, end, stated, name, sample.n_samples, sample.notes)
        for i, sample in enumerate(samples)
    ]


def _told(answer: MIEstimate, method: str, notes: tuple[str, ...]) -> MIEstimate:
    """An answer under the name of its method, with the notes about its sample."""
    if answer.method == method and not notes:
        return answer
    said = tuple(dict.fromkeys((*notes, *answer.warnings)))
    return replace(answer, method=method, warnings=said)


def estimate_values(estimator: SampleEstimator, samples: Sequence[Sample]) -> np.ndarray:
    """MI of samples, nats, shape (k,), without intervals and notes."""
    values, asked = np.zeros(len(samples)), informative_samples(samples)
    if asked:
        values[list(asked)] = estimator._estimate_all(list(asked.values()))
    return values


def estimate_side_pairs(estimator: SampleEstimator, pairs: SidePairs) -> np.ndarray:
    """The same of an estimator that `shares_columns`, of samples that share their sides."""
    values = np.zeros(len(pairs))
    chosen, asked = pairs.informative()
    # asked without samples, too: wrong parameters are wrong whatever the sample
    values[chosen] = estimator._estimate_pairs(asked)
    return values


def statistics(estimator: SampleEstimator, samples: list[Sample]) -> np.ndarray:
    """What a test of independence compares, shape (k,), of samples without constant columns."""
    return estimator._statistic(samples)


def null_source(estimator: SampleEstimator) -> NullSource | None:
    """Where null distributions of an estimator's statistic of ranks are known from, or None."""
    return estimator._null_source() if estimator.reads_ranks else None


def fit_to(estimator: MutualInfoEstimator, sample: Sample) -> MutualInfoEstimator:
    """Fit a clone of an estimator to a sample."""
    from sklearn.base import clone

    return clone(estimator)._fit_to(sample)


def fits_to(
    estimator: MutualInfoEstimator, samples: Sequence[Sample]
) -> list[MutualInfoEstimator]:
    """Fit a clone of an estimator to each of some samples."""
    return estimator._fits_to(samples)


def ends_at(fitted: MutualInfoEstimator, levels: Sequence[float]) -> np.ndarray:
    """Intervals of a fitted estimator at k levels at once, nats, shape (k, 2)."""
    return fitted._ends_at(levels)


def pointwise(fitted: MutualInfoEstimator) -> np.ndarray:
    """Pointwise MI of the rows that an estimator was fitted to, nats, shape (n,)."""
    return fitted._fitted_pointwise()


def conditional(
    estimator: SampleEstimator, sample: ConditionalSample, left: Callable[[], ConditionalSample]
) -> Any:
    """The estimator's own way to the conditional MI of a sample, or None; see its hook."""
    return estimator._conditional(sample, left)


def most_columns(estimator: SampleEstimator) -> int | None:
    """Columns of a side beyond which an estimator should not be asked; None knows no limit."""
    return estimator._most_columns()


def net_card(estimator: SampleEstimator) -> dict | None:
    """Card of the pretrained net that an estimator runs; None where it runs none."""
    return estimator._net_card()
