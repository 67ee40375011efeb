"""Chebyshev neighborhoods and counts, exact.

The compiled kernel answers where it was built. Where it was not, or where there are too many
neighbors for it, numpy and scipy do, with the same answers.
"""

from __future__ import annotations

__all__ = ["Surroundings", "count_within", "neighborhoods", "surroundings"]

from typing import NamedTuple

import numpy as np

from skmist._neighbors import kernel, plain, tree
from skmist._neighbors.cells import Cells, Numbers, by_cell, count_cells
from skmist._neighbors.radii import TIE, Neighborhoods


def neighborhoods(
    reference: np.ndarray,
    points: np.ndarray,
    k: int,
    workers: int = 1,
    cells: Numbers = None,
) -> Neighborhoods:
    """Find the ball around each point that reaches to its k-th nearest reference row.

    An exact copy of a reference row leaves that row out once. Where fewer than k rows are left,
    the farthest of them takes the place of the k-th.

    Parameters
    ----------
    reference : ndarray of shape (n, d)
    points : ndarray of shape (m, d)
        Pass the very object `reference` to ask for the neighbors of its own rows.
    k : int
        Number of neighbors.
    workers : int, default=1
        Threads; the answer does not depend on it.
    cells : tuple of ndarray of int, shapes (n,) and (m,), default=None
        Number of the cell of each reference row and of each point: neighbors share it.

    Returns
    -------
    Neighborhoods
    """
    n, m, own = len(reference), len(points), points is reference
    if k <= kernel.MAX_NEIGHBORS and points.shape[1] and kernel.load():
        sorted_cells = Cells.both(cells, n, m)
        return Neighborhoods(*tree.balls(reference, points, sorted_cells, k, 1.0 - TIE, workers))
    if cells is None:
        return plain.neighborhoods(reference, points, k, workers)
    answer = Neighborhoods(np.empty(m), np.empty(m, np.intp), *np.empty((2, m), bool))
    for known, asked in by_cell(cells):
        here = reference[known]
        found = plain.neighborhoods(here, here if own else points[asked], k, workers)
        for whole, part in zip(answer, found, strict=True):
            whole[asked] = part
    return answer


def count_within(
    reference: np.ndarray,
    points: np.ndarray,
    radius: np.ndarray,
    workers: int = 1,
    cells: Numbers = None,
) -> np.ndarray:
    """Count the reference rows that are nearer to each point than its radius.

    Parameters
    ----------
    reference : ndarray of shape (n, d)
        d may be 0; then every row is at distance 0.
    points : ndarray of shape (m, d)
    radius : ndarray of shape (m,)
        From `open_radius` or `closed_radius`, so that it falls between distances, not on one.
    workers : int, default=1
        Threads.
    cells : tuple of ndarray of int, shapes (n,) and (m,), default=None
        Number of the cell of each reference row and of each point: neighbors share it.

    Returns
    -------
    ndarray of int, shape (m,)
        Counts of Chebyshev distances < radius.
    """
    (n, d), m = reference.shape, len(points)
    if d and kernel.load():
        sorted_cells = Cells.both(cells, n, m)
        count = tree.line_counts if d == 1 else tree.counts
        return count(reference, points, sorted_cells, radius, workers)
    if cells is None:
        return plain.count_within(reference, points, radius, workers)
    if d == 0:
        return np.bincount(cells[0], minlength=count_cells(cells))[cells[1]]
    counts = np.empty(m, dtype=np.intp)
    for known, asked in by_cell(cells):
        counts[asked] = plain.count_within(reference[known], points[asked], radius[asked], workers)
    return counts


class Surroundings(NamedTuple):
    """How many rows the ball around each of m points holds, the point itself among them."""

    both: np.ndarray  # (m,)
    x: np.ndarray  # (m,) in x alone
    y: np.ndarray  # (m,) in y alone
    is_copy: np.ndarray  # (m,) bool, as in Neighborhoods
    lonely: np.ndarray  # (m,) bool


def surroundings(
    reference: tuple[np.ndarray, np.ndarray],
    points: tuple[np.ndarray, np.ndarray],
    k: int,
    workers: int = 1,
    cells: tuple[Numbers, Numbers, Numbers] = (None, None, None),
) -> Surroundings:
    """Find the balls of the joint space, and count the rows within them there and on each side.

    Parameters
    ----------
    reference, points : tuple of ndarray, shapes (n, p) and (n, q), (m, p) and (m, q)
        x and y. Pass the very object `reference` to ask for its own rows.
    k : int
        Number of neighbors.
    workers : int, default=1
        Threads; the answer does not depend on it.
    cells : tuple of Numbers, default=(None, None, None)
        Of both sides together, of x and of y, as `neighborhoods` takes them.

    Returns
    -------
    Surroundings
    """
    joint = np.concatenate(reference, axis=1)
    counted: dict[int, np.ndarray] = {}
    if points is reference and k <= kernel.MAX_NEIGHBORS and joint.shape[1] and kernel.load():
        ball, counted = _own_surroundings(reference, joint, k, workers, cells)
    else:
        asked = joint if points is reference else np.concatenate(points, axis=1)
        ball = neighborhoods(joint, asked, k, workers, cells[0])
    for side in (0, 1):
        if side not in counted:
            within = reference[side], points[side], ball.radius, workers, cells[1 + side]
            counted[side] = count_within(*within) + ~ball.is_copy
    return Surroundings(ball.inside, counted[0], counted[1], ball.is_copy, ball.lonely)


def _own_surroundings(
    sides: tuple[np.ndarray, np.ndarray],
    joint: np.ndarray,
    k: int,
    workers: int,
    cells: tuple[Numbers, Numbers, Numbers],
) -> tuple[Neighborhoods, dict[int, np.ndarray]]:
    """Balls and, of sides of one column, the counts, which the kernel takes along."""
    n = len(joint)
    of_both = Cells.both(cells[0], n, n)
    lines = {
        side: _line(column, sides[side][:, 0], cells[1 + side], of_both[0])
        for side, column in enumerate((0, joint.shape[1] - 1))
        if sides[side].shape[1] == 1
    }
    found = tree.balls(joint, joint, of_both, k, 1.0 - TIE, workers, list(lines.values()))
    return Neighborhoods(*found[:4]), dict(zip(lines, found[4:], strict=True))


def _line(column: int, values: np.ndarray, cells: Numbers, of_both: Cells) -> tree.Line:
    n = len(values)
    if cells is None:
        return tree.Line(column, values, Cells.whole(n), None)
    first = of_both.starts[:-1] if of_both.order is None else of_both.order[of_both.starts[:-1]]
    return tree.Line(column, values, Cells.both(cells, n, n)[0], cells[0][first])
