"""Neighborhoods and counts in one cell by numpy and scipy, where there is no compiled kernel.

Of their methods the fastest was chosen by measurement (one thread, n from 500 to 100,000): strips
for the plane, scipy's tree for joint neighbors, sorted values for counts on a line, and
scikit-learn's tree for counts in more dimensions, where it adds up whole nodes (2 to 5 times
faster than scipy's).
"""

from __future__ import annotations

__all__ = ["count_within", "has_coincident", "neighborhoods", "sliding_tree", "thinned"]

from collections.abc import Callable

import numpy as np
from scipy.spatial import cKDTree

from skmist._neighbors.plane import MAX_NEIGHBORS, MIN_POINTS, planar_distances
from skmist._neighbors.radii import SMALLEST, TIE, Neighborhoods, open_radius
from skmist._sample.groups import group_rows

_ROUNDING = 10 * np.finfo(float).eps


def neighborhoods(
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


def count_within(
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


def _without_coordinates(n: int, m: int) -> Neighborhoods:
    exists = np.full(m, n > 0)
    return Neighborhoods(np.full(m, SMALLEST), np.full(m, max(n, 1)), exists, ~np.ones(m, bool))


def _distances(
    reference: np.ndarray, points: np.ndarray, k: int, workers: int
) -> tuple[np.ndarray, np.ndarray]:
    """Distances (m, k) to the nearest others, infinite where there are fewer; and the copies."""
    n, d = reference.shape
    own = points is reference
    if n == 0:
        return np.full((len(points), k), np.inf), np.zeros(len(points), dtype=bool)
    crowded = has_coincident(reference)
    if own and d == 2 and n >= MIN_POINTS and k <= MAX_NEIGHBORS and workers == 1 and not crowded:
        return planar_distances(reference[:, 0], reference[:, 1], k), np.ones(n, dtype=bool)
    tree = sliding_tree(thinned(reference, k + 1) if crowded else reference)
    # asked in the order of the tree, consecutive queries visit the same leaves
    order = tree.indices if own and not crowded else slice(None)
    distance = np.empty((len(points), k + 1))
    distance[order] = tree.query(
        points[order], k=list(range(1, k + 2)), p=np.inf, workers=workers
    )[0]
    is_copy = distance[:, 0] == 0
    return np.where(is_copy[:, None], distance[:, 1:], distance[:, :-1]), is_copy


def sliding_tree(points: np.ndarray) -> cKDTree:
    """Build scipy's tree for a single pass of questions."""
    # sliding midpoints build twice as fast as medians and cannot degenerate on repeated values
    return cKDTree(points, leafsize=10, balanced_tree=False, compact_nodes=points.shape[1] > 2)


def has_coincident(points: np.ndarray) -> bool:
    """Tell whether two rows are equal."""
    if any(np.diff(np.sort(column)).all() for column in points.T):
        return False
    return group_rows(points).max() + 1 < len(points)


def thinned(points: np.ndarray, copies: int) -> np.ndarray:
    """Keep at most so many copies of each row; a tree of n equal rows would cost n squared."""
    group = group_rows(points)
    order = np.argsort(group, kind="stable")
    counts = np.bincount(group)
    rank = np.arange(len(points)) - np.repeat(np.cumsum(counts) - counts, counts)
    return points[order[rank < copies]]


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
