"""Trees of the compiled kernel: balls around rows, and counts within radii."""

from __future__ import annotations

__all__ = ["Line", "balls", "counts", "line_counts"]

import ctypes
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from skmist._neighbors.cells import Cells
from skmist._neighbors.kernel import library, run_all, slices

# Fewer rows than this are not worth a thread.
_ROWS_PER_THREAD = 4000


class Line(NamedTuple):
    """A column of some rows, whose counts within the radii of their balls are wanted, too."""

    column: int
    values: np.ndarray  # (n,)
    cells: Cells
    cell_of: np.ndarray | None  # its cell, of each cell of the rows; None: all lie in one


class _Line(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_void_p) for name in ("values", "starts", "cells")),
        ("column", ctypes.c_int64),
        ("counts", ctypes.c_void_p),
    ]


def balls(
    reference: np.ndarray,
    points: np.ndarray,
    cells: tuple[Cells, Cells],
    k: int,
    shrink: float,
    workers: int,
    lines: Sequence[Line] = (),
) -> tuple[np.ndarray, ...]:
    """Radius, rows inside, copies and lonely points, as `search.neighborhoods` returns them.

    Parameters
    ----------
    reference, points : ndarray of shape (n, d) and (m, d)
        d of at least 1; pass the same object to ask for the rows themselves.
    cells : tuple of Cells
        Of both.
    k : int
    shrink : float
        Factor of a distance that leaves its ties outside.
    workers : int
        Threads.
    lines : sequence of Line, default=()
        Columns of the rows themselves.

    Returns
    -------
    tuple of ndarray
        After those four the counts on each line.
    """
    m, workers = len(points), _threads(len(points), workers)
    # few arrays, as the address of each takes its time
    radius, flags = np.empty(m), np.empty((2, m), dtype=bool)
    inside = np.empty((1 + len(lines), m), dtype=np.int64)
    copies, numbers = _address(flags), _address(inside)
    out = _address(radius), numbers, copies, copies + m
    with _Tree(reference, cells[0], workers) as tree:
        if points is reference:
            sorted_lines, asked = _laid_out(lines, numbers + 8 * m)
            places = zip(lines, asked, sorted_lines, strict=True)
            tree.grow([partial(_sort, *place) for place in places])
            tree.ask("own_balls", tree.n_nodes, k, shrink, *out, asked, len(lines))
        else:
            kept, addresses = _asked(points, cells[1])
            tree.grow()
            tree.ask("balls", m, *addresses, k, shrink, *out)
            del kept
    return radius, inside[0], *flags, *inside[1:]


def _laid_out(lines: Sequence[Line], counts_at: int) -> tuple[list[list], ctypes.Array]:
    """Room for what the kernel reads of each line, and the lines as it takes them."""
    asked = (_Line * len(lines))()
    for number, (line, room) in enumerate(zip(lines, asked, strict=True)):
        room.column, room.counts = line.column, counts_at + 8 * len(line.values) * number
    return [[] for _ in lines], asked


def _sort(line: Line, room: _Line, kept: list[np.ndarray]) -> int:
    """Put the ascending values of a line where the kernel finds them."""
    values = _ascending(line.values, line.cells)
    room.values = _address(values)
    kept.append(values)
    if line.cell_of is not None:
        starts, cells = (_plain(a, np.int64) for a in (line.cells.starts, line.cell_of))
        room.starts, room.cells = _address(starts), _address(cells)
        kept += [starts, cells]
    return 0


def counts(
    reference: np.ndarray,
    points: np.ndarray,
    cells: tuple[Cells, Cells],
    radius: np.ndarray,
    workers: int,
) -> np.ndarray:
    """Reference rows of the same cell that are nearer to each point than its radius.

    Parameters
    ----------
    reference, points : ndarray of shape (n, d) and (m, d)
        d of at least 1; pass the same object to ask for the rows themselves.
    cells : tuple of Cells
        Of both.
    radius : ndarray of shape (m,)
    workers : int
        Threads.

    Returns
    -------
    ndarray of int, shape (m,)
    """
    m, workers = len(points), _threads(len(points), workers)
    answer, radius = np.empty(m, dtype=np.int64), _plain(radius, np.float64)
    out = _address(radius), _address(answer)
    with _Tree(reference, cells[0], workers) as tree:
        tree.grow()
        if points is reference:
            tree.ask("own_counts", tree.n_nodes, *out)
        else:
            kept, addresses = _asked(points, cells[1])
            tree.ask("counts", m, *addresses, *out)
            del kept
    return answer


def line_counts(
    reference: np.ndarray,
    points: np.ndarray,
    cells: tuple[Cells, Cells],
    radius: np.ndarray,
    workers: int,
) -> np.ndarray:
    """Do the same for one column, by sorting.

    Parameters
    ----------
    reference, points : ndarray of shape (n, 1) and (m, 1)
    cells : tuple of Cells
        Of both.
    radius : ndarray of shape (m,)
    workers : int
        Threads.

    Returns
    -------
    ndarray of int, shape (m,)
    """
    values, starts = _ascending(reference[:, 0], cells[0]), _plain(cells[0].starts, np.int64)
    answer, radius = np.empty(len(points), dtype=np.int64), _plain(radius, np.float64)
    kept, addresses = _asked(points, cells[1])
    known = _address(values), _address(starts)
    asked = (*addresses, _address(radius), _address(answer))
    count = library().line_counts
    workers = _threads(len(points), workers)
    slots = slices(len(points), workers)
    run_all(lambda slot: count(*known, *slot, *asked), slots, workers)
    del kept
    return answer


class _Tree:
    """Trees over the cells of some rows, freed at the end of the block."""

    def __init__(self, rows: np.ndarray, cells: Cells, workers: int) -> None:
        (self._rows, *kept), addresses = _asked(rows, cells)
        self._library, self._workers = library(), workers
        # as many parts as threads: the cuts between them are made by one
        self._tree = self._library.tree_plant(
            *addresses, len(cells.starts) - 1, rows.shape[1], workers
        )
        if not self._tree:
            raise MemoryError
        self.n_nodes = self._library.tree_nodes(self._tree)
        del kept

    def __enter__(self) -> _Tree:
        return self

    def __exit__(self, *_: object) -> None:
        self._library.tree_free(self._tree)

    def grow(self, beside: Sequence[Callable[[], int]] = ()) -> None:
        """Let threads grow the trees, and do what else is there to do."""
        n_waiting = self._library.tree_waiting(self._tree)
        self._run([*self._calls("tree_grow", n_waiting, _address(self._rows)), *beside])

    def ask(self, name: str, size: int, *arguments: object) -> None:
        """Let threads call a function of the kernel on slices of `size` nodes or places."""
        self._run(self._calls(name, size, *arguments))

    def _calls(self, name: str, size: int, *arguments: object) -> list[Callable[[], int]]:
        function, tree = getattr(self._library, name), self._tree
        slots = slices(size, self._workers)
        return [partial(function, tree, begin, end, *arguments) for begin, end in slots]

    def _run(self, calls: list[Callable[[], int]]) -> None:
        run_all(lambda call: call(), calls, self._workers)


def _threads(n_rows: int, workers: int) -> int:
    return min(workers, max(n_rows // _ROWS_PER_THREAD, 1))


def _ascending(column: np.ndarray, cells: Cells) -> np.ndarray:
    """Values of a column in ascending order, cell after cell."""
    if cells.order is None:
        return np.sort(column)
    cell = np.repeat(np.arange(len(cells.starts) - 1), np.diff(cells.starts))
    values = column[cells.order]
    return values[np.lexsort((values, cell))]


def _asked(points: np.ndarray, cells: Cells) -> tuple[tuple[np.ndarray, ...], list[int | None]]:
    """What must stay alive while the kernel reads it, and where it lies."""
    points, starts = _plain(points, np.float64), _plain(cells.starts, np.int64)
    if cells.order is None:
        return (points, starts), [_address(points), None, _address(starts)]
    order = _plain(cells.order, np.int64)
    return (points, starts, order), [_address(points), _address(order), _address(starts)]


def _plain(array: np.ndarray, dtype: type) -> np.ndarray:
    return np.ascontiguousarray(array, dtype=dtype)


def _address(array: np.ndarray) -> int:
    try:
        # a third of the time of numpy's own way
        return ctypes.addressof(ctypes.c_char.from_buffer(array))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        # it must not be written to, or it is empty
        return array.ctypes.data
