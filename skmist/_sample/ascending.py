"""Columns in ascending order: each is sorted once, whoever asks."""

from __future__ import annotations

__all__ = ["Ascending", "ascending"]

import numpy as np

from skmist._sample.side import Side

# of more rows, to sort costs little beside an estimate, and to keep much
_MOST_KEPT = 50_000
# of so few, somebody will ask for the order, which has the values with it
_OFTEN_ORDERED = 10_000


class Ascending:
    """The columns of a side in ascending order.

    Parameters
    ----------
    side : Side
    """

    def __init__(self, side: Side) -> None:
        self._columns = side.values.T
        self._orders: dict[int, np.ndarray] = {}
        self._values: dict[int, np.ndarray] = {}
        self._counts: dict[int, np.ndarray] = {}
        self._different: dict[int, int] = {}

    def order(self, j: int) -> np.ndarray:
        """Rows (n,) in the order of column j; equal ones in any."""
        found = self._orders.get(j)
        if found is None:
            found = self._columns[j].argsort()
            self._keep(self._orders, j, found)
            self._keep(self._values, j, self._columns[j][found])
        return found

    def values(self, j: int) -> np.ndarray:
        """Values (n,) of column j, ascending."""
        if len(self._columns[j]) <= _OFTEN_ORDERED:
            self.order(j)
        found = self._values.get(j)
        if found is None:
            found = np.sort(self._columns[j])
            self._keep(self._values, j, found)
        return found

    def counts(self, j: int) -> np.ndarray:
        """How often each different value of column j occurs, in their order."""
        found = self._counts.get(j)
        if found is None:
            values = self.values(j)
            ends = (values[1:] != values[:-1]).nonzero()[0]
            if len(ends) == len(values) - 1:
                found = np.ones(len(values), dtype=np.intp)
            else:
                found = np.diff(ends, prepend=-1, append=len(values) - 1)
            self._keep(self._counts, j, found)
        return found

    def n_different(self, j: int) -> int:
        """How many different values column j has."""
        found = self._different.get(j)
        if found is None:
            values = self.values(j)
            different = np.count_nonzero(values[1:] != values[:-1])
            found = self._different[j] = 1 + int(different)
        return found

    def _keep(self, kept: dict[int, np.ndarray], j: int, found: np.ndarray) -> None:
        if len(found) <= _MOST_KEPT:
            kept[j] = found


def ascending(side: Side) -> Ascending:
    """The columns of a side in ascending order; a side is asked once, in the order it has."""
    return side.once(Ascending)
