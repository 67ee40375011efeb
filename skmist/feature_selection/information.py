"""The information among the columns of a sample and its target, each estimated once."""

from __future__ import annotations

__all__ = ["ColumnInformation"]

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from skmist._result import MIEstimate
from skmist._sample.sample import Sample
from skmist._sample.side import Side, joined
from skmist.estimators.many import estimate_many, warn_once

if TYPE_CHECKING:
    from skmist.estimators.base import MutualInfoEstimator

Key = tuple[str, tuple[int, ...]]


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
        self._known: dict[Key, MIEstimate] = {}
        self._columns: dict[int, Side] = {}
        self._count: Counter[str] = Counter()

    @property
    def n_estimates(self) -> int:
        """How many samples were estimated."""
        return self._count.total()

    def relevance(self, columns: Sequence[int]) -> np.ndarray:
        """``I(X_k; Y)`` of some columns."""
        return self.together([(k,) for k in columns])

    def redundancy(self, columns: Sequence[int], other: int) -> np.ndarray:
        """``I(X_k; X_other)`` of some columns."""
        return self._answers([("redundancy", tuple(sorted((k, other)))) for k in columns])

    def joint(self, columns: Sequence[int], other: int) -> np.ndarray:
        """``I(X_k, X_other; Y)`` of some columns."""
        return self.together([{k, other} for k in columns])

    def together(self, sets: Iterable[Collection[int]]) -> np.ndarray:
        """``I(X_S; Y)`` of some sets of columns."""
        return self._answers([("together", tuple(sorted(columns))) for columns in sets])

    def of_sides(self, sides: Iterable[Side]) -> np.ndarray:
        """``I(X; Y)`` of some sides X, shape (m,)."""
        samples = [Sample(side, self.sample.y) for side in sides]
        return np.array([answer.mi for answer in self._estimates(samples)])

    def column(self, k: int) -> Side:
        """A column, the same side each time: what is worked out for it is shared."""
        if k not in self._columns:
            self._columns[k] = self.sample.x.columns([k])
        return self._columns[k]

    def permuted(self, order: np.ndarray) -> ColumnInformation:
        """The same of columns beside the targets of other rows; its estimates count with these."""
        other = ColumnInformation(
            Sample(self.sample.x, self.sample.y.permuted(order)), self._estimator, **self._asked
        )
        other._columns, other._count = self._columns, self._count
        return other

    def warn(self, stacklevel: int) -> None:
        """Say once what the estimator said about its estimates."""
        warn_once(self._known.values(), self._estimator.note_category, stacklevel + 1)

    def _answers(self, keys: list[Key]) -> np.ndarray:
        missing = [key for key in dict.fromkeys(keys) if key not in self._known]
        if missing:
            samples = [self._sample(*key) for key in missing]
            self._known.update(zip(missing, self._estimates(samples), strict=True))
        return np.array([_row(self._known[key]) for key in keys]).reshape(-1, 3)

    def _estimates(self, samples: Sequence[Sample]) -> list[MIEstimate]:
        self._count["estimates"] += len(samples)
        return estimate_many(self._estimator, samples, **self._asked)

    def _sample(self, what: str, columns: tuple[int, ...]) -> Sample:
        if what == "redundancy":
            return Sample(self.column(columns[0]), self.column(columns[-1]))
        parts = [self.column(k) for k in columns]
        return Sample(parts[0] if len(parts) == 1 else joined(parts), self.sample.y)


def _row(answer: MIEstimate) -> np.ndarray:
    """An estimate and the ends of its interval, nats, shape (3,); NaN without interval."""
    return np.array([answer.mi, answer.low, answer.high], dtype=float)
