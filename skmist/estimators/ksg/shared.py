"""Nearest neighbors in many pairs of columns, each of which is standardized and sorted once."""

from __future__ import annotations

__all__ = ["are_lines", "shared_estimates"]

import numpy as np

from skmist._neighbors import kernel
from skmist._neighbors.lines import MOST_ROWS, Line, line_pairs
from skmist._neighbors.radii import TIE
from skmist._sample.sample import Sample, numbered_sides
from skmist._sample.side import Side
from skmist.estimators.ksg.mixed import Form, digammas

_NUMBERS_AT_ONCE = 250_000


def are_lines(sample: Sample, k: int) -> bool:
    """Whether a sample, and so all of its shape, is a pair for `shared_estimates`."""
    plain = sample.kinds == ((False,), (False,)) and sample.n_samples <= MOST_ROWS
    return plain and k <= kernel.MAX_NEIGHBORS and kernel.load() is not None


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
    table = digammas(n)
    answer = np.empty(len(samples))
    for start in range(0, len(samples), step):
        near = line_pairs(lines, pairs[start : start + step], k, 1.0 - TIE, workers)
        inside, count_x, count_y = (np.where(near.found[:, None], c, 0) for c in near[:3])
        local = table[inside] - table[count_x] - table[count_y] + table[n]
        answer[start : start + step] = local.mean(axis=1)
    return answer


def _line(side: Side) -> Line:
    """The standardized values of a column."""
    if side.origin is not None:
        source, order = side.origin
        return source.once(_line).permuted(order)
    return Line.of(Form.learn(side)[1].numbers[:, 0])
