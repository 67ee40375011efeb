"""Many samples and one estimator: in chunks, in this process or in others."""

from __future__ import annotations

__all__ = ["ask_many", "estimate_many", "kind_chunks", "warn_once"]

import warnings
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from skmist._parallel import run_in_order
from skmist._result import MIEstimate
from skmist._sample.notes import category_of
from skmist._sample.sample import Sample
from skmist.estimators.ask import estimate_samples
from skmist.estimators.contract import SampleEstimator

Answer = TypeVar("Answer")

_CHUNK = 32


def estimate_many(
    estimator: SampleEstimator,
    samples: Sequence[Sample],
    *,
    level: float,
    method: str | None = None,
    chunks: Sequence[Sequence[int]] | None = None,
    n_jobs: int | None = None,
    advance: Callable[[int], object] | None = None,
) -> list[MIEstimate]:
    """Estimate many samples, with intervals where the estimator has them.

    Parameters
    ----------
    estimator : SampleEstimator
        Left unfitted.
    samples : sequence of Sample
        Asked for one chunk at a time, so it may make them by need.
    level : float
        Probability of the intervals.
    method : str or None, default=None
        Name for the results; None is the name of the estimator's class.
    chunks : sequence of sequence of int or None, default=None
        Positions of the samples that go to a process together; together they hold each once.
        None is what `kind_chunks` says.
    n_jobs : int or None, default=None
        Processes, as joblib counts them. The answer does not depend on it.
    advance : callable or None, default=None
        Is told how many more samples are done.

    Returns
    -------
    list of MIEstimate
        One per sample, in nats, in order.
    """
    if chunks is None:
        chunks = kind_chunks([_batch_kind(sample) for sample in samples])
    ask = partial(_estimate, estimator, level, method)
    found = ask_many(ask, samples, chunks, n_jobs=n_jobs, advance=advance)
    return [found[k] for k in range(len(samples))]


def _batch_kind(sample: Sample) -> Hashable:
    """What samples have alike that can run as one batch, whatever the order of their columns."""
    return tuple(tuple(sorted(side.column_kinds)) for side in (sample.x, sample.y))


def _estimate(
    estimator: SampleEstimator,
    level: float,
    method: str | None,
    samples: list[Sample],
    numbers: Sequence[int],
) -> list[MIEstimate]:
    return estimate_samples(estimator, samples, level=level, method=method)


def ask_many(
    ask: Callable[[list[Sample], Sequence[int]], Sequence[Answer]],
    samples: Sequence[Sample],
    chunks: Sequence[Sequence[int]],
    *,
    n_jobs: int | None = None,
    advance: Callable[[int], object] | None = None,
) -> dict[int, Answer]:
    """Ask something about many samples, chunk by chunk.

    Parameters
    ----------
    ask : callable
        Takes a list of samples and their positions, and returns an answer for each. It travels
        to processes.
    samples : sequence of Sample
        As of `estimate_many`.
    chunks : sequence of sequence of int
        The same; what they do not hold is not asked about.
    n_jobs, advance : int, callable
        As of `estimate_many`.

    Returns
    -------
    dict
        By position, an answer for each sample that was asked about.
    """
    tasks = (([samples[k] for k in chunk], chunk) for chunk in chunks)
    found: dict[int, Answer] = {}
    for chunk, answers in zip(chunks, run_in_order(ask, tasks, n_jobs), strict=True):
        found.update(zip(chunk, answers, strict=True))
        if advance is not None:
            advance(len(chunk))
    return found


def kind_chunks(kinds: Sequence[Hashable]) -> list[list[int]]:
    """Positions of samples whose columns are of the same kinds, a few at a time."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for number, kind in enumerate(kinds):
        groups[kind].append(number)
    return [
        members[i : i + _CHUNK]
        for members in groups.values()
        for i in range(0, len(members), _CHUNK)
    ]


def warn_once(answers: Iterable[MIEstimate], category: type[Warning], stacklevel: int) -> None:
    """Say the first note of some estimates, and how many others there are.

    Parameters
    ----------
    answers : iterable of MIEstimate
    category : type
        Of the warning, where the note has none of its own.
    stacklevel : int
        As of :func:`warnings.warn`, from the caller of this function.
    """
    notes = dict.fromkeys(note for answer in answers for note in answer.warnings)
    if notes:
        first, *others = notes
        more = f" (and {len(others)} more notes of this kind)" if others else ""
        category = category_of(first, category)
        warnings.warn(f"{first}{more}", category, stacklevel=stacklevel + 1)
