"""Greedy search: add the column, or the two, that the criterion ranks first."""

from __future__ import annotations

__all__ = ["Choice", "Search"]

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from skmist.feature_selection.criteria import Criterion, Gains, difference
from skmist.feature_selection.information import ColumnInformation


@dataclass(frozen=True, eq=False)
class Choice:
    """What one step would add.

    Parameters
    ----------
    columns : tuple of int
        One column, or two that are worth more together.
    score : float
        Of each column, nats.
    gain : ndarray of shape (3,)
        Information that each column adds, nats, with its interval.
    n_rivals : int
        How many choices there were.
    """

    columns: tuple[int, ...]
    score: float
    gain: np.ndarray
    n_rivals: int


@dataclass(eq=False)
class Search:
    """Greedy forward search over the columns of a sample.

    Parameters
    ----------
    information : ColumnInformation
        Its columns from `n_columns` on are copies that only serve comparison.
    criterion : Criterion
    n_columns : int
        Columns that may be chosen.
    pairs : bool
        Whether to look at two columns at once.

    Attributes
    ----------
    chosen : list of int
        In the order of choice.
    scores : ndarray of shape (n_columns,)
    gains : ndarray of shape (n_columns, 3)
        As of the step of choice; of the other columns as of the last step.
    """

    information: ColumnInformation
    criterion: Criterion
    n_columns: int
    pairs: bool
    chosen: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scores = np.empty(self.n_columns)
        self.gains = np.empty((self.n_columns, 3))

    def run(self, limit: int, accepts: Callable[[Search, Choice, Gains], bool]) -> None:
        """Choose columns until there are `limit`, or `accepts` refuses a choice.

        Parameters
        ----------
        limit : int
            Most columns.
        accepts : callable
            ``accepts(search, choice, copies)`` where `copies` are the gains of the columns that
            only serve comparison.
        """
        while len(self.chosen) < min(limit, self.n_columns):
            remaining = self.remaining()
            found = self._gains([*remaining, *self._copies()])
            self.scores[remaining] = found.scores[: len(remaining)]
            self.gains[remaining] = found.gains[: len(remaining)]
            copies = Gains(found.scores[len(remaining) :], found.gains[len(remaining) :])
            choice = self._best(remaining, limit - len(self.chosen))
            if not accepts(self, choice, copies):
                return
            self._take(choice)

    def remaining(self) -> list[int]:
        """Columns that are not chosen."""
        return [k for k in range(self.n_columns) if k not in self.chosen]

    def order(self) -> list[int]:
        """All columns, those chosen first, then by score."""
        return [*self.chosen, *sorted(self.remaining(), key=self._rank, reverse=True)]

    def _rank(self, k: int) -> tuple[float, float, int]:
        """Score; of equal ones, as 0 of two columns, the upper end of the interval decides."""
        return self.scores[k], np.nan_to_num(self.gains[k, 2]), -k

    def _copies(self) -> range:
        return range(self.n_columns, self.information.sample.p)

    def _take(self, choice: Choice) -> None:
        columns = list(choice.columns)
        self.scores[columns], self.gains[columns] = choice.score, choice.gain
        self.chosen += sorted(columns, key=lambda k: -self.information.relevance([k])[0, 0])

    def _gains(self, columns: list[int]) -> Gains:
        relevance = self.information.relevance(columns)
        chosen = self.information.relevance(self.chosen)
        pairs = np.empty((len(columns), 0, 3))
        if self.criterion.pairs is not None and self.chosen:
            ask = getattr(self.information, self.criterion.pairs)
            pairs = np.stack([ask(columns, other) for other in self.chosen], axis=1)
        return self.criterion.gains(relevance, chosen, pairs)

    def _best(self, remaining: list[int], room: int) -> Choice:
        first = max(remaining, key=self._rank)
        single = Choice((first,), self.scores[first], self.gains[first], len(remaining))
        if not self.pairs or room < 2 or len(remaining) < 2:
            return single
        together = self._best_pair(remaining)
        return together if together.gain[0] > single.gain[0] else single

    def _best_pair(self, remaining: list[int]) -> Choice:
        """The two columns that add most together, beyond what the chosen ones say already."""
        options = list(combinations(remaining, 2))
        joint = self.information.together(options)
        places = np.array(options)
        relevance = self.information.relevance(remaining)
        shared = np.zeros((self.n_columns, 3))
        if self.chosen:
            shared[remaining] = relevance[:, :1] - self.gains[remaining][:, [0, 2, 1]]
        known = shared[places].sum(axis=1)
        gains = 0.5 * difference(joint, known)
        best = int(gains[:, 0].argmax())
        return Choice(options[best], gains[best, 0], gains[best], len(options) + len(remaining))
