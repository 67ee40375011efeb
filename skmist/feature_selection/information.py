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

    def shuffled(
        self, columns: Collection[int], moved: Collection[int], orders: Sequence[np.ndarray]
    ) -> np.ndarray:
        """``I(X_S; Y)`` where some of the columns come from other rows, shape (m,).

        Parameters
        ----------
        columns : collection of int
            S.
        moved : collection of int
            Those of S which come from other rows: together, from the same ones.
        orders : sequence of m ndarrays of shape (n,)
            From which row, for each row.
        """
        samples = [Sample(self._moved(columns, moved, order), self.sample.y) for order in orders]
        return np.array([answer.mi for answer in self._estimates(samples)])

    def beside_noise(
        self, columns: Collection[int], orders: Sequence[np.ndarray], moved: Collection[int] = ()
    ) -> np.ndarray:
        """``I(X_S, Z; Y)`` with one more column Z each time that says nothing, shape (m,).

        An estimate leaps by hundredths of a nat from one set of columns to the next, and as far
        with another Z. So the mean over several Z tells columns apart that one estimate cannot.

        Parameters
        ----------
        columns : collection of int
            S.
        orders : sequence of m ndarrays of shape (n,)
            Each makes a Z, of one column or another whose rows it orders anew.
        moved : collection of int, default=()
            Those of S which come from other rows, in each estimate by the order of the one before.
        """
        varying, samples = np.flatnonzero(~self.sample.x.constant), []
        for number, order in enumerate(orders):
            source = int(varying[number * len(varying) // len(orders)])
            noise = self._moved([source], [source], order)
            side = self._moved(columns, moved, orders[number - 1])
            samples.append(Sample(joined((side, noise)), self.sample.y))
        return np.array([answer.mi for answer in self._estimates(samples)])

    def _moved(self, columns: Collection[int], moved: Collection[int], order: np.ndarray) -> Side:
        places = sorted(columns)
        side, moving = self.sample.x.columns(places), np.isin(places, sorted(moved))
        return side.with_values(np.where(moving, side.values[order], side.values))

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
            return Sample(self._column(columns[0]), self._column(columns[-1]))
        alone = len(columns) == 1
        x = self._column(columns[0]) if alone else self.sample.x.columns(columns)
        return Sample(x, self.sample.y)

    def _column(self, k: int) -> Side:
        """A column, the same side each time: what is worked out for it is shared."""
        if k not in self._columns:
            self._columns[k] = self.sample.x.columns([k])
        return self._columns[k]


def _row(answer: MIEstimate) -> np.ndarray:
    """An estimate and the ends of its interval, nats, shape (3,); NaN without interval."""
    return np.array([answer.mi, answer.low, answer.high], dtype=float)
