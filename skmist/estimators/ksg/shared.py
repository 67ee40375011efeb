"""Nearest neighbors in pairs of columns, each of which is standardized and sorted once."""

from __future__ import annotations

__all__ = ["are_lines", "line_information", "shared_estimates"]

import numpy as np

from skmist._neighbors import kernel
from skmist._neighbors.lines import MOST_ROWS, Line, line_pairs
from skmist._neighbors.radii import TIE
from skmist._sample.ascending import ascending
from skmist._sample.sample import Sample, numbered_sides
from skmist._sample.side import Side
from skmist.estimators.ksg.mixed import digammas, part_of

_NUMBERS_AT_ONCE = 250_000


def are_lines(sample: Sample, k: int) -> bool:
    """Whether a sample, and so all of its shape, is a pair for `shared_estimates`."""
    plain = sample.kinds == ((False,), (False,)) and sample.n_samples <= MOST_ROWS
    return plain and k <= kernel.MAX_NEIGHBORS and kernel.load() is not None


def line_information(sample: Sample, k: int) -> np.ndarray | None:
    """Local information of the rows of a pair of continuous columns, nats, shape (n,).

    Parameters
    ----------
    sample : Sample
        Without constant columns.
    k : int

    Returns
    -------
    ndarray of shape (n,) or None
        None where a tree answers faster.
    """
    lines = [side.once(_line) for side in (sample.x, sample.y)]
    return _information(lines, np.array([[0, 1]]), k, 1)[0]


def shared_estimates(samples: list[Sample], k: int, workers: int) -> np.ndarray:
    """Mean local information of pairs of continuous columns of n rows, nats.

    Parameters
    ----------
    samples : list of Sample
        Without constant columns.
    k : int
    workers : int
        Threads.

    Returns
    -------
    ndarray of shape (m,)
        NaN of those that a tree answers faster.
    """
    sides, *of_pair = numbered_sides(samples)
    lines, pairs = [side.once(_line) for side in sides], np.column_stack(of_pair)
    n = samples[0].n_samples
    step = max(1, _NUMBERS_AT_ONCE // n)
    answer = np.empty(len(samples))
    for start in range(0, len(samples), step):
        found = _information(lines, pairs[start : start + step], k, workers)
        answer[start : start + step] = [np.nan if one is None else one.mean() for one in found]
    return answer


def _information(
    lines: list[Line], pairs: np.ndarray, k: int, workers: int
) -> list[np.ndarray | None]:
    near = line_pairs(lines, pairs, k, 1.0 - TIE, workers)
    n, are_found = len(lines[0].values), near.found.tolist()
    counts = near.counts if all(are_found) else np.where(near.found[:, None], near.counts, 0)
    table = digammas(n)
    inside, of_x, of_y = table.take(counts)
    local = inside - of_x - of_y + table[n]
    return [one if found else None for one, found in zip(local, are_found, strict=True)]


def _line(side: Side) -> Line:
    """The standardized values of a column."""
    if side.origin is not None:
        source, order = side.origin
        return source.once(_line).permuted(order)
    # to standardize keeps the order
    return Line.of(part_of(side).numbers[:, 0], ascending(side).order(0))
