"""Chebyshev neighborhoods and counts, exact.

Two distances that differ by less than `TIE` of their size are ties: standardized coordinates of
equally spaced data are equally spaced only up to rounding.

The compiled kernel answers where it was built. Where it was not, or where there are too many
neighbors for it, numpy and scipy do, with the same answers; of their methods the fastest was
chosen by measurement (one thread, n from 500 to 100,000): strips for the plane, scipy's tree for
joint neighbors, sorted values for counts on a line, and scikit-learn's tree for counts in more
dimensions, where it adds up whole nodes (2 to 5 times faster than scipy's).
"""

from __future__ import annotations

__all__ = [
    "TIE",
    "Neighborhoods",
    "closed_radius",
    "count_within",
    "group_rows",
    "neighborhoods",
    "open_radius",
    "rectangles",
    "smooth",
]

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from skmist._neighbors import kernel
from skmist._neighbors.cells import Cells, Numbers, by_cell, count_cells
from skmist._neighbors.plane import MAX_NEIGHBORS, MIN_POINTS, planar_distances

TIE = 1e-11
"""Relative difference below which two distances are ties."""

_SMALLEST = np.nextafter(0.0, 1.0)
_ROUNDING = 10 * np.finfo(float).eps
_SMOOTH_CHUNK = 2_000_000


class Neighborhoods(NamedTuple):
    """The open ball around each of m points that reaches to its k-th nearest reference row."""

    radius: np.ndarray  # (m,) open: distances < radius are inside
    inside: np.ndarray  # (m,) reference rows inside plus, if it is none of them, the point itself
    is_copy: np.ndarray  # (m,) bool: the point is an exact copy of a reference row
    lonely: np.ndarray  # (m,) bool: there is no other reference row, the radius means nothing


def open_radius(distance: np.ndarray) -> np.ndarray:
    """Radius of the ball ``d < radius`` without the points at `distance`.

    Where `distance` is 0 the ball holds the coincident points, and these only.
    """
    return np.maximum(distance * (1.0 - TIE), _SMALLEST)


def closed_radius(distance: np.ndarray) -> np.ndarray:
    """Radius of the ball ``d < radius`` that includes the points at `distance`."""
    return np.maximum(distance * (1.0 + TIE), _SMALLEST)


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
        return Neighborhoods(*kernel.balls(reference, points, sorted_cells, k, 1.0 - TIE, workers))
    if cells is None:
        return _neighborhoods(reference, points, k, workers)
    answer = Neighborhoods(np.empty(m), np.empty(m, np.intp), *np.empty((2, m), bool))
    for known, asked in by_cell(cells):
        here = reference[known]
        found = _neighborhoods(here, here if own else points[asked], k, workers)
        for whole, part in zip(answer, found, strict=True):
            whole[asked] = part
    return answer


def _neighborhoods(
    reference: np.ndarray, points: np.ndarray, k: int, workers: int
) -> Neighborhoods:
    """Neighborhoods in one cell, by numpy and scipy."""
    if points.shape[1] == 0:
        return _without_coordinates(len(reference), len(points))
    distances, is_copy = _distances(reference, points, k, workers)
    last, lonely = distances[:, -1], np.zeros(len(points), dtype=bool)
    if len(reference) <= k:
        found = np.isfinite(distances).sum(axis=1)
        last = distances[np.arange(len(points)), np.maximum(found - 1, 0)]
        lonely = found == 0
    radius = open_radius(np.where(lonely, 0.0, last))
    # by columns, as numpy is slow along a short axis
    inside = sum((column < radius for column in distances.T), start=np.ones_like(last, dtype=int))
    coincident = np.flatnonzero(last == 0.0)
    if len(coincident):
        inside[coincident] = _multiplicity(reference, points[coincident])
    return Neighborhoods(radius, inside, is_copy, lonely)


def rectangles(
    reference: np.ndarray, points: np.ndarray, k: int, split: int, workers: int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Extents in x and in y of the k nearest reference rows of each point.

    Parameters
    ----------
    reference, points : ndarray of shape (n, p + q) and (m, p + q)
        The columns of x, then those of y; n > k.
    k : int
        Number of neighbors. A copy of a reference row leaves that row out once.
    split : int
        p.
    workers : int, default=1
        Threads.

    Returns
    -------
    extents : ndarray of shape (m, 2)
        Largest distance in x and in y from the point to its k neighbors.
    proper : ndarray of bool, shape (m,)
        False where the k-th distance is tied or an extent is 0, so that no rectangle is defined.
    is_copy : ndarray of bool, shape (m,)
        The point is an exact copy of a reference row.
    """
    if _has_coincident(reference):
        reference = _thinned(reference, k + 2)
    k_asked = min(k + 2, len(reference))
    distance, index = _tree(reference).query(points, k=k_asked, p=np.inf, workers=workers)
    rows = np.arange(len(points))
    is_copy = distance[:, 0] == 0
    start = is_copy.astype(np.intp)
    kth = distance[rows, start + k - 1]
    distance = np.column_stack([distance, np.full(len(points), np.inf)])
    untied = distance[rows, start + k] >= closed_radius(kth)
    neighbors = reference[index[rows[:, None], start[:, None] + np.arange(k)]]
    offsets = np.abs(neighbors - points[:, None, :]).max(axis=1)
    extents = np.column_stack([offsets[:, :split].max(axis=1), offsets[:, split:].max(axis=1)])
    return extents, untied & (extents > 0).all(axis=1), is_copy


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
        count = kernel.line_counts if d == 1 else kernel.counts
        return count(reference, points, sorted_cells, radius, workers)
    if cells is None:
        return _count_within(reference, points, radius, workers)
    if d == 0:
        return np.bincount(cells[0], minlength=count_cells(cells))[cells[1]]
    counts = np.empty(m, dtype=np.intp)
    for known, asked in by_cell(cells):
        counts[asked] = _count_within(reference[known], points[asked], radius[asked], workers)
    return counts


def _count_within(
    reference: np.ndarray, points: np.ndarray, radius: np.ndarray, workers: int
) -> np.ndarray:
    """Count in one cell, by numpy, scipy and scikit-learn."""
    n, d = reference.shape
    if d == 0 or n == 0:
        return np.full(len(points), n)
    if d == 1:
        return _count_on_line(reference[:, 0], points[:, 0], radius)
    inclusive = np.nextafter(radius, 0.0)
    # scikit-learn's tree holds the interpreter lock, scipy's does not and needs twice the work
    if workers > 2:
        tree = cKDTree(reference, leafsize=32)
        return tree.query_ball_point(
            points, inclusive, p=np.inf, workers=workers, return_length=True
        )
    from sklearn.neighbors import KDTree  # 0.2 s to import

    return KDTree(reference, metric="chebyshev").query_radius(points, inclusive, count_only=True)


def smooth(
    reference: np.ndarray, values: np.ndarray, points: np.ndarray, k: int, workers: int = 1
) -> np.ndarray:
    """Regress values on coordinates: a mean over about k distinct locations near each point.

    All rows of a location count, so their order does not matter.

    Parameters
    ----------
    reference : ndarray of shape (n, d)
        With one coordinate, k / 2 locations on either side count alike. With more, those nearer
        than the nearest but k do, with weights that fall linearly to zero at its distance.
    values : ndarray of shape (n,)
    points : ndarray of shape (m, d)
    k : int
        Number of locations.
    workers : int, default=1
        Threads.

    Returns
    -------
    ndarray of shape (m,)
    """
    group = group_rows(reference)
    locations = reference[np.unique(group, return_index=True)[1]]
    totals, counts = np.bincount(group, values), np.bincount(group)
    if len(locations) == 1:
        return np.full(len(points), values.mean())
    if reference.shape[1] == 1:
        return _smooth_on_line(locations[:, 0], totals, counts, points[:, 0], k)
    k = min(k, len(locations) - 1)
    tree = _tree(locations)
    answer = np.empty(len(points))
    step = max(_SMOOTH_CHUNK // (k + 1), 1)
    for start in range(0, len(points), step):
        chunk = slice(start, start + step)
        distance, index = tree.query(points[chunk], k=k + 1, p=np.inf, workers=workers)
        weight = 1.0 - distance / distance[:, -1:]
        weight[weight.sum(axis=1) == 0] = 1.0
        mass = (weight * counts[index]).sum(axis=1)
        answer[chunk] = (weight * totals[index]).sum(axis=1) / mass
    return answer


def group_rows(rows: np.ndarray) -> np.ndarray:
    """Number the distinct rows.

    Parameters
    ----------
    rows : ndarray of shape (n, d)

    Returns
    -------
    ndarray of int, shape (n,)
        Equal rows have equal numbers, from 0 without gaps.
    """
    group = np.zeros(len(rows), dtype=np.intp)
    for column in rows.T:
        code = np.unique(column, return_inverse=True)[1]
        group = np.unique(group * (len(rows) + 1) + code, return_inverse=True)[1]
    return group


def _without_coordinates(n: int, m: int) -> Neighborhoods:
    exists = np.full(m, n > 0)
    return Neighborhoods(np.full(m, _SMALLEST), np.full(m, max(n, 1)), exists, ~np.ones(m, bool))


def _distances(
    reference: np.ndarray, points: np.ndarray, k: int, workers: int
) -> tuple[np.ndarray, np.ndarray]:
    """Distances (m, k) to the nearest others, infinite where there are fewer; and the copies."""
    n, d = reference.shape
    own = points is reference
    if n == 0:
        return np.full((len(points), k), np.inf), np.zeros(len(points), dtype=bool)
    crowded = _has_coincident(reference)
    if own and d == 2 and n >= MIN_POINTS and k <= MAX_NEIGHBORS and workers == 1 and not crowded:
        return planar_distances(reference[:, 0], reference[:, 1], k), np.ones(n, dtype=bool)
    tree = _tree(_thinned(reference, k + 1) if crowded else reference)
    # asked in the order of the tree, consecutive queries visit the same leaves
    order = tree.indices if own and not crowded else slice(None)
    distance = np.empty((len(points), k + 1))
    distance[order] = tree.query(
        points[order], k=list(range(1, k + 2)), p=np.inf, workers=workers
    )[0]
    is_copy = distance[:, 0] == 0
    return np.where(is_copy[:, None], distance[:, 1:], distance[:, :-1]), is_copy


def _tree(points: np.ndarray) -> cKDTree:
    # sliding midpoints build twice as fast as medians and cannot degenerate on repeated values
    return cKDTree(points, leafsize=10, balanced_tree=False, compact_nodes=points.shape[1] > 2)


def _has_coincident(points: np.ndarray) -> bool:
    if any(np.diff(np.sort(column)).all() for column in points.T):
        return False
    return group_rows(points).max() + 1 < len(points)


def _thinned(points: np.ndarray, copies: int) -> np.ndarray:
    """Keep at most so many copies of each row; a tree of n equal rows would cost n squared."""
    group = group_rows(points)
    order = np.argsort(group, kind="stable")
    counts = np.bincount(group)
    rank = np.arange(len(points)) - np.repeat(np.cumsum(counts) - counts, counts)
    return points[order[rank < copies]]


def _smooth_on_line(
    locations: np.ndarray, totals: np.ndarray, counts: np.ndarray, points: np.ndarray, k: int
) -> np.ndarray:
    """Mean over `k` // 2 ascending locations on either side of each point, and its own."""
    total, count = np.append(0.0, np.cumsum(totals)), np.append(0, np.cumsum(counts))
    first = np.maximum(np.searchsorted(locations, points) - k // 2, 0)
    last = np.searchsorted(locations, points, side="right") + k // 2
    last = np.minimum(last, len(locations))
    return (total[last] - total[first]) / (count[last] - count[first])


def _multiplicity(reference: np.ndarray, points: np.ndarray) -> np.ndarray:
    """How many reference rows coincide with each point."""
    group = group_rows(np.vstack([reference, points]))
    counts = np.bincount(group[: len(reference)], minlength=group.max() + 1)
    return counts[group[len(reference) :]]


def _count_on_line(reference: np.ndarray, points: np.ndarray, radius: np.ndarray) -> np.ndarray:
    values = np.sort(reference)
    order = np.argsort(points)
    center, reach = points[order], radius[order]
    before = np.searchsorted(values, center - reach)
    until = np.searchsorted(values, center + reach)
    # The nearest distance to a radius is TIE of it away. Where that is less than the rounding of
    # the sums above, only the differences themselves can tell on which side a value is.
    rows = np.flatnonzero(reach < _ROUNDING / TIE * np.abs(center))
    if len(rows):
        center, reach = center[rows], reach[rows]
        before[rows] = _mended(
            before[rows], lambda row, j: center[row] - values[j] >= reach[row], len(values)
        )
        until[rows] = _mended(
            until[rows], lambda row, j: values[j] - center[row] < reach[row], len(values)
        )
    counts = np.empty(len(points), dtype=np.intp)
    counts[order] = until - before
    return counts


def _mended(
    guess: np.ndarray, holds: Callable[[np.ndarray, np.ndarray], np.ndarray], n: int
) -> np.ndarray:
    """For each row, for how many leading j < n ``holds(row, j)`` is true.

    The guess is off by one or not at all for nearly all rows; for the rest there is bisection.
    """
    step = _step(guess, np.arange(len(guess)), holds, n)
    answer = guess + step
    moved = np.flatnonzero(step)
    if len(moved):
        rows = moved[_step(answer[moved], moved, holds, n) != 0]
        answer[rows] = _bisected(rows, holds, n)
    return answer


def _step(
    guess: np.ndarray,
    rows: np.ndarray,
    holds: Callable[[np.ndarray, np.ndarray], np.ndarray],
    n: int,
) -> np.ndarray:
    """-1, 0 or 1: whether the guess is too high, right or too low."""
    too_low = (guess < n) & holds(rows, np.minimum(guess, n - 1))
    too_high = (guess > 0) & ~holds(rows, np.maximum(guess - 1, 0))
    return too_low.astype(np.intp) - too_high


def _bisected(
    rows: np.ndarray, holds: Callable[[np.ndarray, np.ndarray], np.ndarray], n: int
) -> np.ndarray:
    low, high = np.zeros(len(rows), dtype=np.intp), np.full(len(rows), n)
    while (undecided := low < high).any():
        middle = (low + high) // 2
        true = holds(rows, np.minimum(middle, n - 1))
        low = np.where(undecided & true, middle + 1, low)
        high = np.where(undecided & ~true, middle, high)
    return low
