"""The compiled kernel in `kernel.c`, where it was built.

ctypes lets go of the interpreter lock, so plain threads work side by side.
"""

from __future__ import annotations

__all__ = [
    "MAX_NEIGHBORS",
    "address",
    "library",
    "load",
    "opened",
    "run_all",
    "slices",
]

import ctypes
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from skmist._neighbors.build import library_path

MAX_NEIGHBORS = 64
"""Above this a heap, as scipy's tree has, is faster than a sorted list."""

_LONG, _POINTER = ctypes.c_int64, ctypes.c_void_p
_FUNCTIONS: dict[str, tuple] = {
    # name: (result, arguments)
    "tree_plant": (_POINTER, _POINTER, _POINTER, _POINTER, _LONG, ctypes.c_int, ctypes.c_int),
    "tree_waiting": (_LONG, _POINTER),
    "tree_grow": (ctypes.c_int, _POINTER, _LONG, _LONG, _POINTER),
    "tree_nodes": (_LONG, _POINTER),
    "tree_free": (None, _POINTER),
    "own_balls": (
        *(ctypes.c_int, _POINTER, _LONG, _LONG, _LONG, ctypes.c_double, *5 * [_POINTER]),
        _LONG,
    ),
    "balls": (
        *(ctypes.c_int, _POINTER, _LONG, _LONG, *3 * [_POINTER]),
        *(_LONG, ctypes.c_double, *4 * [_POINTER]),
    ),
    "own_counts": (ctypes.c_int, _POINTER, _LONG, _LONG, *2 * [_POINTER]),
    "counts": (ctypes.c_int, _POINTER, _LONG, _LONG, *5 * [_POINTER]),
    "line_counts": (ctypes.c_int, *2 * [_POINTER], *2 * [_LONG], *5 * [_POINTER]),
    "line_pairs": (
        *(ctypes.c_int, *2 * [_POINTER], *4 * [_LONG]),
        *(ctypes.c_double, *4 * [_POINTER]),
    ),
    "batched_neighborhoods": (ctypes.c_int, *4 * [_POINTER], *2 * [_LONG], *5 * [_POINTER]),
}


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


def address(array: np.ndarray) -> int:
    """Where a contiguous array that can be written to lies; numpy takes three times as long."""
    buffer: Any = array  # what typing calls one begins with Python 3.12
    return ctypes.addressof(ctypes.c_char.from_buffer(buffer))


def slices(size: int, workers: int) -> list[tuple[int, int]]:
    """Where slices of some work begin and end: more than threads, so that slow ones even out."""
    parts = 1 if workers == 1 else max(min(4 * workers, size), 1)
    return [(size * part // parts, size * (part + 1) // parts) for part in range(parts)]


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
