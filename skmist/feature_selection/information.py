"""The information among the columns of a sample and its target, each estimated once."""

from __future__ import annotations

__all__ = ["ColumnInformation"]

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from skmist._result import MIEstimate
from skmist._sample.sample import Sample
from skmist._sample.side import Side
from skmist.estimators.many import estimate_many, warn_once

if TYPE_CHECKING:
    from skmist.estimators.base import MutualInfoEstimator


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

    def __init__(
        self,
        sample: Sample,
        estimator: MutualInfoEstimator,
        level: float,
        n_jobs: int | None = None,
        advance: Callable[[int], object] | None = None,
    ) -> None:
        self.sample = sample
        self._asked: dict[str, Any] = {"level": level, "n_jobs": n_jobs, "advance": advance}
        self._estimator = estimator
        self._known: dict[tuple[str, int, int], MIEstimate] = {}
        self._columns: dict[int, Side] = {}

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
        warn_once(self._known.values(), self._estimator.note_category, stacklevel + 1)

    def _answers(self, keys: list[tuple[str, int, int]]) -> np.ndarray:
        missing = [key for key in dict.fromkeys(keys) if key not in self._known]
        if missing:
            samples = [self._pair(*key) for key in missing]
            found = estimate_many(self._estimator, samples, **self._asked)
            self._known.update(zip(missing, found, strict=True))
        return np.array([_row(self._known[key]) for key in keys]).reshape(-1, 3)

    def _pair(self, what: str, first: int, second: int) -> Sample:
        if what == "redundancy":
            return Sample(self._column(first), self._column(second))
        both = [first, second]
        x = self._column(first) if first == second else self.sample.x.columns(both)
        return Sample(x, self.sample.y)

    def _column(self, k: int) -> Side:
        """A column, the same side each time: what is worked out for it is shared."""
        if k not in self._columns:
            self._columns[k] = self.sample.x.columns([k])
        return self._columns[k]


def _row(answer: MIEstimate) -> np.ndarray:
    """An estimate and the ends of its interval, nats, shape (3,); NaN without interval."""
    return np.array([answer.mi, answer.low, answer.high], dtype=float)


def _ordered(first: int, second: int) -> tuple[int, int]:
    return min(first, second), max(first, second)
