"""The information among the columns of a sample and its target, each estimated once."""

from __future__ import annotations

__all__ = ["ColumnInformation", "estimate_all"]

import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from sklearn.base import clone

from skmist._sample.sample import Sample
from skmist.estimators.mutual_info import estimate_samples

_CHUNK = 32


def estimate_all(
    estimator,
    samples: Sequence[Sample],
    *,
    level: float = 0.9,
    n_jobs: int | None = None,
    advance: Callable[[int], object] | None = None,
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Mutual information of many samples, with intervals where the estimator has them.

    Parameters
    ----------
    estimator : MutualInfoEstimator
        Unfitted. Which columns are discrete is taken from the samples.
    samples : sequence of Sample
    level : float, default=0.9
        Probability of the intervals.
    n_jobs : int or None, default=None
        Processes, as joblib counts them. The answer does not depend on it.
    advance : callable or None, default=None
        Is told how many more samples are done.

    Returns
    -------
    estimates : ndarray of shape (n_samples, 3)
        Estimate and the ends of its interval, nats; ends are NaN without interval.
    notes : tuple of str
        What speaks against some of them, each once.
    """
    found = np.empty((len(samples), 3))
    notes: dict[str, None] = {}
    chunks = _chunks(samples)
    at_once = max(1, effective_n_jobs(n_jobs))
    with Parallel(n_jobs=n_jobs) as parallel:
        for i in range(0, len(chunks), at_once):
            wave = chunks[i : i + at_once]
            answers = parallel(
                delayed(_estimate_chunk)(estimator, [samples[k] for k in chunk], level)
                for chunk in wave
            )
            for chunk, (values, said) in zip(wave, answers, strict=True):
                found[chunk] = values
                notes.update(dict.fromkeys(said))
                if advance is not None:
                    advance(len(chunk))
    return found, tuple(notes)


def _chunks(samples: Sequence[Sample]) -> list[list[int]]:
    """Numbers of samples with columns of the same kinds, a few at a time."""
    groups: dict[tuple, list[int]] = defaultdict(list)
    for number, sample in enumerate(samples):
        groups[(tuple(sample.x_discrete), tuple(sample.y_discrete))].append(number)
    return [
        members[i : i + _CHUNK]
        for members in groups.values()
        for i in range(0, len(members), _CHUNK)
    ]


def _estimate_chunk(estimator, samples: list[Sample], level: float):
    kinds = samples[0].x_discrete.tolist(), samples[0].y_discrete.tolist()
    asked = clone(estimator).set_params(discrete_features=kinds[0], discrete_target=kinds[1])
    pairs = [(sample.x, sample.y) for sample in samples]
    estimates = estimate_samples(asked, pairs, level=level, method="")
    values = [
        [e.mi, np.nan if e.low is None else e.low, np.nan if e.high is None else e.high]
        for e in estimates
    ]
    return np.array(values), [note for e in estimates for note in e.warnings]


class ColumnInformation:
    """Mutual information among the columns of a sample and its target.

    Every answer is an ndarray of shape (m, 3): the estimate and the ends of its interval, nats.

    Parameters
    ----------
    sample : Sample
        x holds the columns.
    estimator : MutualInfoEstimator
        Unfitted.
    level : float
        Probability of the intervals.
    n_jobs : int or None, default=None
    advance : callable or None, default=None
        Is told how many more estimates are done.

    Attributes
    ----------
    n_estimates : int
        How many were computed.
    """

    def __init__(self, sample: Sample, estimator, level: float, n_jobs=None, advance=None) -> None:
        self.sample = sample
        self._asked = {"level": level, "n_jobs": n_jobs, "advance": advance}
        self._estimator = estimator
        self._known: dict[tuple[str, int, int], np.ndarray] = {}
        self._notes: dict[str, None] = {}

    @property
    def n_estimates(self) -> int:
        """How many samples were estimated."""
        return len(self._known)

    def relevance(self, columns: Sequence[int]) -> np.ndarray:
        """``I(X_k; Y)`` of some columns."""
        return self._answers([("relevance", k, k) for k in columns])

    def redundancy(self, columns: Sequence[int], other: int) -> np.ndarray:
        """``I(X_k; X_other)`` of some columns."""
        return self._answers([("redundancy", *_ordered(k, other)) for k in columns])

    def joint(self, columns: Sequence[int], other: int) -> np.ndarray:
        """``I(X_k, X_other; Y)`` of some columns."""
        return self._answers([("joint", *_ordered(k, other)) for k in columns])

    def joint_pairs(self, pairs: Sequence[tuple[int, int]]) -> np.ndarray:
        """``I(X_k, X_l; Y)`` of some pairs of columns."""
        return self._answers([("joint", *_ordered(k, other)) for k, other in pairs])

    def warn(self, stacklevel: int) -> None:
        """Say once what the estimator said about its estimates."""
        if self._notes:
            first, *others = self._notes
            more = f" (and {len(others)} more notes of this kind)" if others else ""
            category = self._estimator._note_category
            warnings.warn(f"{first}{more}", category, stacklevel=stacklevel + 1)

    def _answers(self, keys: list[tuple[str, int, int]]) -> np.ndarray:
        missing = [key for key in dict.fromkeys(keys) if key not in self._known]
        if missing:
            found, notes = estimate_all(
                self._estimator, [self._pair(*key) for key in missing], **self._asked
            )
            self._known.update(zip(missing, found, strict=True))
            self._notes.update(dict.fromkeys(notes))
        return np.array([self._known[key] for key in keys]).reshape(-1, 3)

    def _pair(self, what: str, first: int, second: int) -> Sample:
        sample = self.sample
        columns = [first] if first == second or what == "redundancy" else [first, second]
        y, y_discrete, y_names = sample.y, sample.y_discrete, sample.y_names
        if what == "redundancy":
            y, y_discrete = sample.x[:, [second]], sample.x_discrete[[second]]
            y_names = (sample.x_names[second],)
        names = tuple(sample.x_names[k] for k in columns)
        return Sample(
            sample.x[:, columns], y, sample.x_discrete[columns], y_discrete, names, y_names
        )


def _ordered(first: int, second: int) -> tuple[int, int]:
    return min(first, second), max(first, second)
