"""Rectangles around points, and means over their surroundings, by scipy's tree."""

from __future__ import annotations

__all__ = ["rectangles", "smooth"]

import numpy as np

from skmist._neighbors.plain import has_coincident, sliding_tree, thinned
from skmist._neighbors.radii import closed_radius
from skmist._sample.groups import group_rows

_SMOOTH_CHUNK = 2_000_000


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
    if has_coincident(reference):
        reference = thinned(reference, k + 2)
    k_asked = min(k + 2, len(reference))
    distance, index = sliding_tree(reference).query(points, k=k_asked, p=np.inf, workers=workers)
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
    tree = sliding_tree(locations)
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


def _smooth_on_line(
    locations: np.ndarray, totals: np.ndarray, counts: np.ndarray, points: np.ndarray, k: int
) -> np.ndarray:
    """Mean over `k` // 2 ascending locations on either side of each point, and its own."""
    total, count = np.append(0.0, np.cumsum(totals)), np.append(0, np.cumsum(counts))
    first = np.maximum(np.searchsorted(locations, points) - k // 2, 0)
    last = np.searchsorted(locations, points, side="right") + k // 2
    last = np.minimum(last, len(locations))
    return (total[last] - total[first]) / (count[last] - count[first])
