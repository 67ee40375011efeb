"""One side of a sample: columns that count together, X or y or conditions."""

from __future__ import annotations

__all__ = ["Kinds", "Side", "joined"]

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, TypeVar

import numpy as np

Found = TypeVar("Found")


class Kinds(tuple):
    """What each column was found to be: "continuous", "discrete", or "ordinal"."""


@dataclass(frozen=True, eq=False)
class Side:
    """Encoded columns that count together.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        float64, finite, kept row by row in memory: sums over a column round alike whatever they
        were taken from. A discrete column holds the codes 0, 1, ..., L - 1, all of which occur.
    discrete : ndarray of bool, shape (d,)
        Which columns are discrete.
    names : tuple of str
        Column names.
    ordered : ndarray of bool, shape (d,), default=None
        Which discrete columns hold values that have an order, in which their codes ascend. None
        stands for no column.
    """

    values: np.ndarray
    discrete: np.ndarray
    names: tuple[str, ...]
    ordered: np.ndarray = None  # type: ignore[assignment]

    origin: ClassVar[tuple[Side, np.ndarray] | None] = None
    """Of a side that is another one in another order: that one, and its row in each row."""

    _found: ClassVar[dict[Callable, Any]]
    """Of each side its own: what functions said of it."""

    parts: ClassVar[tuple[Side, ...]] = ()
    """Of a side that was joined: the sides whose columns it has, in order."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", np.ascontiguousarray(self.values))
        if self.ordered is None:
            object.__setattr__(self, "ordered", np.zeros(len(self.names), dtype=bool))
        object.__setattr__(self, "_found", {})

    def __getstate__(self) -> dict[str, Any]:
        # what a process can find anew would take longer to travel
        return {k: value for k, value in self.__dict__.items() if k not in ("_found", "parts")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _found={})

    def __len__(self) -> int:
        return len(self.values)

    @property
    def width(self) -> int:
        """Number d of columns."""
        return self.values.shape[1]

    @cached_property
    def kinds(self) -> tuple[bool, ...]:
        """For each column, whether it is discrete: what sides must share to share a batch."""
        return tuple(self.discrete.tolist())

    @cached_property
    def nameless(self) -> np.ndarray:
        """Mask of shape (d,): discrete columns without an order, whose codes are mere names."""
        return self.discrete & ~self.ordered

    @property
    def column_kinds(self) -> Kinds:
        """The kind of each column, in words."""
        steps = self.discrete.astype(int) + self.ordered
        return Kinds(("continuous", "discrete", "ordinal")[step] for step in steps.tolist())

    @cached_property
    def is_discrete(self) -> bool:
        """Whether all columns are discrete; true of a side without columns."""
        return all(self.kinds)

    @cached_property
    def constant(self) -> np.ndarray:
        """Mask of shape (d,): columns with one value only, which carry 0 nats."""
        if len(self.values) > 1 and True not in (self.values[0] == self.values[1]).tolist():
            return np.zeros(self.width, dtype=bool)
        return (self.values == self.values[:1]).all(axis=0)

    def varying(self) -> Side:
        """The side without its constant columns; none may be left."""
        return self if self._without_constant is None else self._without_constant

    @cached_property
    def _without_constant(self) -> Side | None:
        # kept, since a column of a table is a side of many samples
        varying = ~self.constant
        return self.columns(np.flatnonzero(varying)) if False in varying.tolist() else None

    def once(self, function: Callable[[Side], Found]) -> Found:
        """What a function says of the side, which is kept: a column is a side of many samples."""
        if function not in self._found:
            self._found[function] = function(self)
        return self._found[function]

    def once_by_row(self, function: Callable[[Side], np.ndarray]) -> np.ndarray:
        """The same of what belongs to rows: another order of a side has it from that side."""
        if self.origin is None:
            return self.once(function)
        side, order = self.origin
        return side.once(function)[order]

    def once_by_column(self, function: Callable[[Side], np.ndarray]) -> np.ndarray:
        """The same of the cells of each column: a joined side has it from its parts.

        Parameters
        ----------
        function : callable
            Returns an ndarray of shape (n, d, ...), where what it says of a column depends on
            nothing but that column.
        """
        if self.parts:
            return np.concatenate([part.once_by_row(function) for part in self.parts], axis=1)
        return self.once_by_row(function)

    def once_in_any_order(self, function: Callable[[Side], Found]) -> Found:
        """The same of what does not depend on the order of the rows."""
        return (self if self.origin is None else self.origin[0]).once(function)

    def permuted(self, order: np.ndarray) -> Side:
        """The side with its rows in another order; it remembers where they come from."""
        side = self.with_values(self.values[order])
        object.__setattr__(side, "origin", (self, order))
        return side

    def columns(self, chosen: Sequence[int] | np.ndarray) -> Side:
        """Some columns, by position; they may repeat."""
        names = tuple(self.names[j] for j in chosen)
        index = np.asarray(chosen, dtype=np.intp)
        side = Side(self.values[:, index], self.discrete[index], names, self.ordered[index])
        if len(self.parts) == self.width:
            object.__setattr__(side, "parts", tuple(self.parts[j] for j in index))
        return side

    def with_values(self, values: np.ndarray) -> Side:
        """The same columns with other values (m, d)."""
        return replace(self, values=values)

    def rows(self, chosen: np.ndarray) -> Side:
        """Some rows, by position or by mask; they may repeat. Categories are numbered anew."""
        return self.with_values(self.values[chosen]).recoded()

    def recoded(self) -> Side:
        """The side with codes of the categories that occur in it, in the same order."""
        values = self.values
        for j in np.flatnonzero(self.discrete):
            codes = values[:, j].astype(np.intp)
            occurs = np.bincount(codes) > 0
            if not occurs.all():
                values = values.copy() if values is self.values else values
                values[:, j] = (np.cumsum(occurs) - 1)[codes]
        return self if values is self.values else self.with_values(values)


def joined(sides: Sequence[Side]) -> Side:
    """Take the columns of several sides of the same rows as one."""
    side = Side(
        np.hstack([side.values for side in sides]),
        np.concatenate([side.discrete for side in sides]),
        sum((side.names for side in sides), ()),
        np.concatenate([side.ordered for side in sides]),
    )
    object.__setattr__(side, "parts", sum((side.parts or (side,) for side in sides), ()))
    return side
