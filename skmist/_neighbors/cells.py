"""Rows by the cell they lie in. Imports nothing of ours."""

from __future__ import annotations

__all__ = ["Cells", "by_cell"]

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np


class Cells(NamedTuple):
    """Rows in the order of their cells: cell c has ``order[starts[c]:starts[c + 1]]``."""

    order: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, numbers: np.ndarray, n_cells: int) -> Cells:
        """Sort rows by the number of their cell."""
        starts = np.append(0, np.cumsum(np.bincount(numbers, minlength=n_cells)))
        return cls(np.argsort(numbers, kind="stable"), starts)

    @classmethod
    def one(cls, n: int) -> Cells:
        """All n rows in one cell."""
        return cls(np.arange(n), np.array([0, n]))

    @classmethod
    def both(
        cls, numbers: tuple[np.ndarray, np.ndarray] | None, n: int, m: int
    ) -> tuple[Cells, Cells]:
        """Cells of n known and m asked rows, from their numbers; None stands for one cell."""
        n_cells = 1 if numbers is None else max(a.max(initial=0) for a in numbers) + 1
        if numbers is None or n_cells == 1:
            known = cls.one(n)
            return known, known if n == m else cls.one(m)
        known = cls.of(numbers[0], n_cells)
        return known, known if numbers[0] is numbers[1] else cls.of(numbers[1], n_cells)


def by_cell(known: np.ndarray, asked: np.ndarray) -> Iterator[tuple]:
    """Yield, for each cell that is asked for, the rows of both sets that lie in it."""
    n_cells = max(known.max(), asked.max()) + 1
    if n_cells == 1:
        yield slice(None), slice(None)
        return
    pairs = (
        np.split(c.order, c.starts[1:-1])
        for c in (Cells.of(known, n_cells), Cells.of(asked, n_cells))
    )
    yield from ((a, b) for a, b in zip(*pairs, strict=True) if len(b))
