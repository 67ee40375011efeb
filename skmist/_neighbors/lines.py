"""The compiled kernel in `lines.c`: neighborhoods in pairs of columns, each sorted once."""

from __future__ import annotations

__all__ = ["MOST_ROWS", "Line", "Neighbors", "line_pairs"]

import ctypes
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from skmist._neighbors import kernel

MOST_ROWS = 8192
"""Beyond, a tree is as fast where values repeat."""

# Fewer rows than this are not worth a thread.
_ROWS_PER_THREAD = 4000


class Line(NamedTuple):
    """One column of n numbers, in the order of the rows and in its own."""

    values: np.ndarray  # (n,)
    order: np.ndarray | None  # (n,) int32: row of each place; None where it was not kept
    ascending: np.ndarray  # (n,)

    @classmethod
    def of(cls, values: np.ndarray, order: np.ndarray | None = None) -> Line:
        """A column, sorted; its rows in ascending order, equal ones in any, may be known."""
        values = np.ascontiguousarray(values, dtype=np.float64)
        order = np.argsort(values) if order is None else order
        return cls(values, order.astype(np.int32), values[order])

    def permuted(self, order: np.ndarray) -> Line:
        """The column with its rows in another order, to be the second of a pair."""
        return Line(np.ascontiguousarray(self.values[order]), None, self.ascending)


class Neighbors(NamedTuple):
    """Of m pairs of columns: rows in the ball of each row, itself included."""

    counts: np.ndarray  # (3, m, n) int32: in both columns, in the first, in the second
    found: np.ndarray  # (m,) bool: False where a tree must be asked, as the search was too long


class _Line(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name in ("ascending", "order", "values")]


def line_pairs(
    lines: Sequence[Line], pairs: np.ndarray, k: int, shrink: float, workers: int
) -> Neighbors:
    """Rows in the open balls that reach to the k-th neighbors, in pairs of columns.

    Parameters
    ----------
    lines : sequence of Line
        Of n > k rows each.
    pairs : ndarray of int, shape (m, 2)
        Positions in `lines`; those of the first columns have an order.
    k : int
        At most `kernel.MAX_NEIGHBORS`.
    shrink : float
        Factor of a distance that leaves its ties outside.
    workers : int
        Threads.

    Returns
    -------
    Neighbors
        With the counts of `search.neighborhoods` and `search.count_within`.
    """
    m, n = len(pairs), len(lines[0].values)
    answer = Neighbors(np.empty((3, m, n), dtype=np.int32), np.empty(m, dtype=bool))
    pairs = np.ascontiguousarray(pairs, dtype=np.int64)
    given = (_Line * len(lines))(*(_addresses(line) for line in lines))
    start, found = map(kernel.address, answer)
    out = *(start + 4 * m * n * i for i in range(3)), found
    places, library = kernel.address(pairs), kernel.library()

    def task(slot: tuple[int, int]) -> int:
        """Answer the pairs from the first to before the last."""
        return library.line_pairs(given, places, *slot, n, k, shrink, *out)

    kernel.run_all(task, _slots(m, n, workers), workers)
    return answer


def _addresses(line: Line) -> _Line:
    order = None if line.order is None else kernel.address(line.order)
    return _Line(kernel.address(line.ascending), order, kernel.address(line.values))


def _slots(m: int, n: int, workers: int) -> list[tuple[int, int]]:
    parts = 1 if workers == 1 else max(1, min(m, 4 * workers, m * n // _ROWS_PER_THREAD))
    return [(m * part // parts, m * (part + 1) // parts) for part in range(parts)]
