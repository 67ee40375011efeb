"""The compiled kernel in `batched.c`: neighborhoods in many samples, in single precision."""

from __future__ import annotations

__all__ = ["MOST_COLUMNS", "MOST_KEPT", "MOST_KS", "batched_neighborhoods"]

import ctypes
import itertools
from typing import NamedTuple

import numpy as np

from skmist._neighbors import kernel

MOST_KS, MOST_KEPT, MOST_COLUMNS = 4, 16, 64
"""Limits of the kernel: neighbor numbers, neighbors, and columns of both sides."""

# Fewer distances than this are not worth a thread.
_PAIRS_PER_THREAD = 1 << 18


class _Question(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_int64) for name in ("n", "m", "width_x", "width_y", "d_x", "d_y")),
        ("ks", ctypes.c_int64 * MOST_KS),
        ("n_ks", ctypes.c_int64),
        ("kept", ctypes.c_int64),
        ("far", ctypes.c_float),
    ]


class Balls(NamedTuple):
    """Of each row asked about and each k, ``(batch, m, K)``."""

    radius: np.ndarray
    count_x: np.ndarray
    count_y: np.ndarray
    inside: np.ndarray


def batched_neighborhoods(
    x: np.ndarray,
    y: np.ndarray,
    query: tuple[np.ndarray, np.ndarray] | None,
    ks: tuple[int, ...],
    cuts: tuple[tuple[int, int], ...],
    far: float,
    workers: int,
) -> list[Balls]:
    """k-th neighbor radii in the joint space, and the rows inside them, there and on each side.

    Parameters
    ----------
    x, y : ndarray of shape (batch, n, p) and (batch, n, q), float32
        The reference rows; contiguous.
    query : tuple of ndarray of shape (batch, m, p) and (batch, m, q), float32
        Rows asked about; None for the reference rows.
    ks : tuple of int
        Neighbor numbers, ascending.
    cuts : tuple of (int, int)
        Numbers of leading columns of x and y: an answer for each.
    far : float
        No distance is beyond.
    workers : int
        Threads.

    Returns
    -------
    list of Balls
        What :func:`skmist.nn.mist.neighbors.neighborhoods` documents.
    """
    batch, n = x.shape[:2]
    m = n if query is None else query[0].shape[1]
    answers = [_room((batch, m, len(ks))) for _ in cuts]
    given = [array.ctypes.data for array in (x, y, *(query or ()))]
    given += [None] * (4 - len(given))
    kept = min(ks[-1] + 1, n)
    widths = x.shape[2], y.shape[2]
    library = kernel.library()

    def answer(slot: tuple[int, tuple[int, int]]) -> int:
        """Answer one cut for some samples."""
        which, (begin, end) = slot
        ask = _Question(n, m, *widths, *cuts[which], ks, len(ks), kept, far)
        out = [array.ctypes.data for array in answers[which]]
        return library.batched_neighborhoods(*given, begin, end, ctypes.addressof(ask), *out)

    slots = itertools.product(range(len(cuts)), _slices(batch, batch * n * m, workers))
    kernel.run_all(answer, list(slots), workers)
    return answers


def _room(shape: tuple[int, int, int]) -> Balls:
    return Balls(np.empty(shape, np.float32), *(np.empty(shape, np.int64) for _ in range(3)))


def _slices(batch: int, pairs: int, workers: int) -> list[tuple[int, int]]:
    """Cut the samples into slices, more than threads so that slow ones even out."""
    if workers == 1:
        return [(0, batch)]
    count = max(1, min(batch, 4 * workers, pairs // _PAIRS_PER_THREAD))
    bounds = np.linspace(0, batch, count + 1).astype(int).tolist()
    return list(zip(bounds, bounds[1:], strict=False))
