"""Looks at sets of columns beside columns of noise, and how far estimates leap among them."""

from __future__ import annotations

__all__ = ["ColumnSet", "Leaps", "Looks"]

import math
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from skmist._sample.side import Side, joined
from skmist.feature_selection.information import ColumnInformation
from skmist.feature_selection.strata import Strata


class ColumnSet(NamedTuple):
    """Columns, in ascending order, of which those ``moved`` come from other rows, all alike.

    These are rows of the same stratum, where a column that stays knows most of one that moves.
    """

    columns: tuple[int, ...]
    moved: tuple[int, ...] = ()


class Looks:
    """``I(X_S, Z; Y)`` with one more column Z at each look that says nothing.

    An estimate leaps by hundredths of a nat from one set of columns to the next, and as far with
    another Z. So the mean over several Z tells columns apart that one estimate cannot. Looks are
    kept, and asked for many sets at once.

    Parameters
    ----------
    information : ColumnInformation
    orders : sequence of ndarray of shape (n,)
        As many as there may be looks: each makes a Z, of one column or another whose rows it
        orders anew; columns that come from other rows have the order of the look before.
    """

    def __init__(self, information: ColumnInformation, orders: Sequence[np.ndarray]) -> None:
        self._information, self._orders = information, orders
        self._known: dict[tuple[ColumnSet, int], float] = {}
        self._shuffled: dict[tuple[int, int, int | None], Side] = {}
        self._strata = Strata(information)

    @cached_property
    def _sources(self) -> np.ndarray:
        return _alike(self._information.sample.x)

    @property
    def most(self) -> int:
        """How many looks there are."""
        return len(self._orders)

    def __call__(self, sets: Sequence[ColumnSet], count: int) -> np.ndarray:
        """Look so many times at some sets, or as often as one may; nats, shape (k, looks)."""
        count = min(count, self.most)
        asked = [(one, number) for one in sets for number in range(count)]
        missing = [look for look in dict.fromkeys(asked) if look not in self._known]
        if missing:
            found = self._information.of_sides(self._side(*look) for look in missing)
            self._known.update(zip(missing, found.tolist(), strict=True))
        return np.array([self._known[look] for look in asked]).reshape(len(sets), count)

    def _side(self, one: ColumnSet, number: int) -> Side:
        column, before = self._information.column, (number - 1) % self.most
        parts = {k: column(k) for k in one.columns}
        if one.moved:
            kept = [k for k in one.columns if k not in one.moved]
            order, stratum = self._strata.order(self._orders[before], one.moved, kept)
            parts |= {k: self._other_rows(k, before, order, stratum) for k in one.moved}
        source = int(self._sources[number * len(self._sources) // self.most])
        noise = self._other_rows(source, number, self._orders[number])
        return joined([*parts.values(), noise])

    def _other_rows(
        self, k: int, number: int, order: np.ndarray, stratum: int | None = None
    ) -> Side:
        """A column in another order, the same side each time: what is found for it is shared."""
        key = k, number, stratum
        if key not in self._shuffled:
            self._shuffled[key] = self._information.column(k).permuted(order)
        return self._shuffled[key]


def _alike(side: Side) -> np.ndarray:
    """The columns of the commonest kind that vary: sets beside these run in one batch."""
    varying = np.flatnonzero(~side.constant)
    kinds = [
        (kind, int(side.values[:, k].max()) if side.discrete[k] else 0)
        for k, kind in enumerate(side.column_kinds)
    ]
    ((kind, _),) = Counter(kinds[k] for k in varying).most_common(1)
    return np.array([k for k in varying if kinds[k] == kind])


class Leaps:
    """How far estimates leap, by all that was looked at before and by what is looked at now."""

    def __init__(self) -> None:
        self._squares, self._freedom = 0.0, 0

    def __bool__(self) -> bool:
        return self._freedom > 0

    def add(self, values: np.ndarray) -> None:
        """Remember looks at one thing, shape (m,), nats."""
        self._squares += float(values.var()) * len(values)
        self._freedom += len(values) - 1

    @property
    def common(self) -> float:
        """Standard deviation of all looks about the means of theirs; 0 before there are any."""
        return math.sqrt(self._squares / self._freedom) if self._freedom else 0.0

    def spread(self, values: np.ndarray) -> float:
        """Standard deviation of looks: the greater of their own and of that of all others."""
        own = float(values.std(ddof=1)) if len(values) > 1 else 0.0
        return max(own, self.common)

    def error(self, values: np.ndarray) -> float:
        """Standard error of the mean of looks."""
        return self.spread(values) / math.sqrt(len(values))
