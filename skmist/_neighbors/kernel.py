"""The compiled kernel in `kernel.c`, where it was built.

ctypes lets go of the interpreter lock, so plain threads work side by side.
"""

from __future__ import annotations

__all__ = [
    "MAX_NEIGHBORS",
    "balls",
    "counts",
    "library",
    "line_counts",
    "load",
    "opened",
    "run_all",
]

import ctypes
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from skmist._neighbors.build import library_path
from skmist._neighbors.cells import Cells

MAX_NEIGHBORS = 64
"""Above this a heap, as scipy's tree has, is faster than a sorted list."""

_LONG, _POINTER = ctypes.c_int64, ctypes.c_void_p
_FUNCTIONS: dict[str, tuple] = {
    # name: (result, arguments)
    "tree_build": (_POINTER, _POINTER, _POINTER, _POINTER, _LONG, ctypes.c_int),
    "tree_free": (None, _POINTER),
    "tree_nodes": (_LONG, _POINTER),
    "own_balls": (ctypes.c_int, _POINTER, _LONG, _LONG, _LONG, ctypes.c_double, *4 * [_POINTER]),
    "balls": (
        *(ctypes.c_int, _POINTER, _LONG, _LONG, *3 * [_POINTER]),
        *(_LONG, ctypes.c_double, *4 * [_POINTER]),
    ),
    "own_counts": (ctypes.c_int, _POINTER, _LONG, _LONG, *2 * [_POINTER]),
    "counts": (ctypes.c_int, _POINTER, _LONG, _LONG, *5 * [_POINTER]),
    "line_counts": (ctypes.c_int, *2 * [_POINTER], *2 * [_LONG], *5 * [_POINTER]),
    "batched_neighborhoods": (ctypes.c_int, *4 * [_POINTER], *2 * [_LONG], *5 * [_POINTER]),
}
# Fewer rows than this are not worth a thread.
_ROWS_PER_THREAD = 2000


@cache
def load() -> ctypes.CDLL | None:
    """Load the library; None where it was not built, or where SKMIST_KERNEL=0 says so."""
    if os.environ.get("SKMIST_KERNEL") == "0":
        return None
    library = opened(library_path())
    if library is not None and library.has_avx2():
        return opened(library_path("v3")) or library
    return library


def opened(path: Path) -> ctypes.CDLL | None:
    """Open one build of the library.

    Parameters
    ----------
    path : Path

    Returns
    -------
    CDLL or None
        None where there is none, or one of another version.
    """
    try:
        library = ctypes.CDLL(str(path))
        for name, (result, *arguments) in _FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError):
        return None
    return library


def balls(
    reference: np.ndarray,
    points: np.ndarray,
    cells: tuple[Cells, Cells],
    k: int,
    shrink: float,
    workers: int,
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

    Returns
    -------
    tuple of ndarray
    """
    m = len(points)
    answer = np.empty(m), np.empty(m, dtype=np.int64), np.empty(m, bool), np.empty(m, bool)
    out = [_address(array) for array in answer]
    with _Tree(reference, cells[0]) as tree:
        if points is reference:
            tree.ask("own_balls", tree.n_nodes, workers, m, k, shrink, *out)
        else:
            asked, addresses = _asked(points, cells[1])
            tree.ask("balls", m, workers, m, *addresses, k, shrink, *out)
            del asked
    return answer


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
    m = len(points)
    answer, radius = np.empty(m, dtype=np.int64), _plain(radius, np.float64)
    out = _address(radius), _address(answer)
    with _Tree(reference, cells[0]) as tree:
        if points is reference:
            tree.ask("own_counts", tree.n_nodes, workers, m, *out)
        else:
            asked, addresses = _asked(points, cells[1])
            tree.ask("counts", m, workers, m, *addresses, *out)
            del asked
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
    known, reference = cells[0], reference.ravel()
    if known.order is None:
        values = np.sort(reference)
    else:
        values = reference[known.order]
        cell = np.repeat(np.arange(len(known.starts) - 1), np.diff(known.starts))
        values = values[np.lexsort((values, cell))]
    answer, radius = np.empty(len(points), dtype=np.int64), _plain(radius, np.float64)
    starts = _plain(known.starts, np.int64)
    asked, addresses = _asked(points, cells[1])
    call = (*addresses, _address(radius), _address(answer))
    compiled = library()

    def task(begin: int, end: int) -> int:
        """Count for the points from begin to end."""
        return compiled.line_counts(_address(values), _address(starts), begin, end, *call)

    _in_threads(task, len(points), workers, len(points))
    del asked
    return answer


class _Tree:
    """Trees over the cells of some rows, freed at the end of the block."""

    def __init__(self, rows: np.ndarray, cells: Cells) -> None:
        kept, addresses = _asked(rows, cells)
        self._library = library()
        self._tree = self._library.tree_build(*addresses, len(cells.starts) - 1, rows.shape[1])
        del kept
        if not self._tree:
            raise MemoryError

    def __enter__(self) -> _Tree:
        return self

    def __exit__(self, *_: object) -> None:
        self._library.tree_free(self._tree)

    @property
    def n_nodes(self) -> int:
        """How many nodes all trees have."""
        return self._library.tree_nodes(self._tree)

    def ask(self, name: str, size: int, workers: int, n_rows: int, *arguments: object) -> None:
        """Let threads call a function of the kernel on slices of `size` nodes or places."""
        function = getattr(self._library, name)
        _in_threads(
            lambda begin, end: function(self._tree, begin, end, *arguments), size, workers, n_rows
        )


def _in_threads(task: Callable[[int, int], int], size: int, workers: int, n_rows: int) -> None:
    """Cut the work into slices, more than threads so that slow ones even out."""
    workers = min(workers, max(n_rows // _ROWS_PER_THREAD, 1))
    parts = 1 if workers == 1 else 4 * workers
    bounds = np.linspace(0, size, parts + 1).astype(int).tolist()
    run_all(lambda slot: task(*slot), list(zip(bounds, bounds[1:], strict=False)), workers)


def run_all(task: Callable[[Any], int], slots: list, workers: int) -> None:
    """Let threads do a task of the kernel for every slot.

    Parameters
    ----------
    task : callable
        Returns other than 0 where memory is short.
    slots : list
    workers : int
        Threads.

    Raises
    ------
    MemoryError
    """
    if workers == 1 or len(slots) == 1:
        failed = [task(slot) for slot in slots]
    else:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(workers) as pool:
            failed = list(pool.map(task, slots))
    if any(failed):
        raise MemoryError


def library() -> ctypes.CDLL:
    """Load the library, which must be there."""
    found = load()
    if found is None:
        raise RuntimeError("The compiled kernel is missing.")
    return found


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
    return array.ctypes.data
