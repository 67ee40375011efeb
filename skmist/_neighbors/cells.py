"""Rows by the cell they lie in. Imports nothing of ours."""

from __future__ import annotations

__all__ = ["Cells", "Numbers", "by_cell", "count_cells"]

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

Numbers = tuple[np.ndarray, np.ndarray] | None
"""Cell of each known and of each asked row; None where all lie in one."""


class Cells(NamedTuple):
    """Rows in the order of their cells: cell c has ``order[starts[c]:starts[c + 1]]``."""

    order: np.ndarray | None  # None: as they are
    starts: np.ndarray

    @classmethod
    def of(cls, numbers: np.ndarray, n_cells: int) -> Cells:
        """Sort rows by the number of their cell."""
        starts = np.append(0, np.cumsum(np.bincount(numbers, minlength=n_cells)))
        return cls(np.argsort(numbers, kind="stable"), starts)

    @classmethod
    def whole(cls, n: int) -> Cells:
        """One cell of n rows, in their order."""
        return cls(None, np.array([0, n]))

    @classmethod
    def both(cls, numbers: Numbers, n: int, m: int) -> tuple[Cells, Cells]:
        """Cells of n known and m asked rows, from their numbers."""
        if numbers is None:
            return cls.whole(n), cls.whole(m)
        n_cells = count_cells(numbers)
        known = cls.of(numbers[0], n_cells)
        return known, known if numbers[0] is numbers[1] else cls.of(numbers[1], n_cells)


def count_cells(numbers: tuple[np.ndarray, np.ndarray]) -> int:
    """How many cells there are, empty ones included."""
    return max(of_rows.max(initial=0) for of_rows in numbers) + 1


def by_cell(numbers: Numbers) -> Iterator[tuple]:
    """Yield, for each cell that is asked for, the rows of both sets that lie in it."""
    if numbers is None:
        yield slice(None), slice(None)
        return
    n_cells = count_cells(numbers)
    ends = (np.cumsum(np.bincount(of_rows, minlength=n_cells)) for of_rows in numbers)
    orders = (np.argsort(of_rows, kind="stable") for of_rows in numbers)
    rows = (np.split(order, end[:-1]) for order, end in zip(orders, ends, strict=True))
    yield from ((a, b) for a, b in zip(*rows, strict=True) if len(b))
