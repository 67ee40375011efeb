"""Rows that nearly repeat others: copies with a little noise on their continuous columns."""

from __future__ import annotations

__all__ = ["without_near_copies"]

import math
from collections.abc import Callable

import numpy as np

_FEWEST, _MOST, _MOST_TOLD = 100, 10_000, 1500
_MOST_COLUMNS, _UNTIED = 6, 0.99
# Distances to the first three neighbors are compared with those to some farther ones.
_NEAR, _FAR, _NEIGHBORS = slice(0, 3), slice(8, 15), 16
_SURE, _ALIKE, _ROUGH = 2.5, 0.95, 1.2
# Inverse dimension above which ranks lie on a curve, where distances between them are whole.
_CURVE = 0.72
_TAKEN, _ROUNDS, _FEWEST_LEFT = 0.5, 12, 32
# What is looked at first: boxes of so many ranks, as a share of all, in wider ones.
_BOX, _LEAST_BOX, _WIDER, _AT_ONCE = 0.006, 3, 4, 3
_SUSPECT, _MORE = 1.0, 1.05
_A_SERIES = 0.3


def without_near_copies(
    values: np.ndarray, discrete: np.ndarray, order: Callable[[], np.ndarray]
) -> np.ndarray | None:
    """Choose rows such that none nearly repeats another; None where none does.

    Where a density is smooth, and however its columns depend, ``j log(d_(j+1) / d_j)`` of the
    distances from a row to its successive neighbors has the same mean for all j, the inverse of
    the dimension [1]_; where noise thickens a curve, a greater one for farther neighbors. A mean
    that is greater for one of the first three, by 2.5 standard errors, says that rows were
    copied. Of two rows of which one is nearest to the other, nearer than half of them are by
    chance, one is then left out, until the means are alike; of more than 1,500 rows, so many are
    looked at, as neighbors are then far enough apart to be told from copies. Rows that are
    nearest to the rows beside them are a series and no copies.

    Distances are the greatest difference of ranks in up to 6 columns without ties, of which there
    must be two; samples of 100 to 10,000 rows are looked at.

    Parameters
    ----------
    values : ndarray of shape (n, d)
    discrete : ndarray of bool, shape (d,)
    order : callable
        Makes an order of the rows that depends on nothing but the sample.

    Returns
    -------
    ndarray of int or None
        Positions of the rows that are kept, ascending.

    References
    ----------
    .. [1] E. Levina and P. J. Bickel (2004), "Maximum likelihood estimation of intrinsic
       dimension", NeurIPS 17.
    """
    if not _FEWEST <= len(values) <= _MOST:
        return None
    numbers = np.flatnonzero(~discrete)
    ends = _first_untied(values, numbers), _first_untied(values, numbers[:0:-1])
    if ends[0] is None or ends[1] is None or not _are_suspect(ends[0], ends[1]):
        return None
    kept = order()
    numbers = np.column_stack([values[:, j] for j in _untied(values, numbers)])
    for k in range(_ROUNDS):
        near = _Neighbors(numbers[kept])
        if not (near.show_copies() if k == 0 else near.still_show_copies()):
            break
        if k == 0 and near.are_a_series(kept):
            return None
        if k == 0 and len(kept) > _MOST_TOLD:
            # of more rows a copy and a neighbor are as near
            kept = kept[:_MOST_TOLD]
            continue
        kept = kept[near.apart(is_part=len(values) > _MOST_TOLD)]
    return np.sort(kept) if len(kept) < len(values) else None


def _first_untied(values: np.ndarray, numbers: np.ndarray) -> np.ndarray | None:
    """The order (n,) of the first of some columns in which hardly any value repeats."""
    for j in numbers[:_MOST_COLUMNS]:
        order = np.argsort(values[:, j])
        if _n_different(values[order, j]) > _UNTIED * len(values):
            return order
    return None


def _untied(values: np.ndarray, numbers: np.ndarray) -> list[int]:
    """A few continuous columns in which hardly any value repeats, of both ends."""
    asked = dict.fromkeys([*numbers[:_MOST_COLUMNS], *numbers[-_MOST_COLUMNS:]])
    least = _UNTIED * len(values)
    found = [j for j in asked if _n_different(np.sort(values[:, j])) > least]
    half = _MOST_COLUMNS // 2
    return list(dict.fromkeys([*found[:half], *found[-half:]]))


def _n_different(ordered: np.ndarray) -> int:
    return 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))


def _are_suspect(by_x: np.ndarray, by_y: np.ndarray) -> bool:
    """Whether more pairs of rows lie in small boxes than wider ones let expect.

    A look that costs a few per cent of the fastest estimate, and lets few pass that are no copies
    where x and y share little. The orders of x and of y are all that it takes.
    """
    n = len(by_x)
    ranks = np.empty(n, dtype=np.int32)
    ranks[by_y] = np.arange(n, dtype=np.int32)
    ranks, box = ranks[by_x], max(_LEAST_BOX, round(_BOX * n))
    step = max(1, box // _AT_ONCE)
    # a sliding window, as numpy's own takes as long as all else here
    shape, strides = ((n - box - 1) // step + 1, box + 1), (4 * step, 4)
    beside = np.ndarray(shape, np.int32, ranks, strides=strides)
    apart = np.abs(beside[:, 1:] - beside[:, :1])
    share = (2 * box + 1) / (2 * _WIDER * box + 1)
    inside = np.count_nonzero(apart <= box)
    expected = share * np.count_nonzero(apart <= _WIDER * box)
    more = inside - expected
    enough = max(_SUSPECT * math.sqrt(expected * (1 - share)), (_MORE - 1) * expected)
    return bool(more > enough)


class _Neighbors:
    """The neighbors of rows, by the ranks of their columns."""

    def __init__(self, numbers: np.ndarray) -> None:
        from scipy.spatial import cKDTree

        ranks = np.argsort(np.argsort(numbers, axis=0), axis=0).astype(float)
        asked = min(_NEIGHBORS + 1, len(ranks))
        distances, rows = cKDTree(ranks).query(ranks, k=asked, p=np.inf)
        self._distances = np.maximum(distances[:, 1:], 0.5)
        self._nearest = rows[:, 1]
        steps = np.log(self._distances[:, 1:] / self._distances[:, :-1]).mean(axis=0)
        means = steps * np.arange(1, asked - 1)
        self._near, self._far = means[_NEAR].max(), means[_FAR].mean()

    def show_copies(self) -> bool:
        """Whether near neighbors are nearer than chance makes them."""
        error = _ROUGH * self._far / np.sqrt(len(self._nearest))
        return bool(self._near > self._far + _SURE * error and self._far < _CURVE)

    def still_show_copies(self) -> bool:
        """Whether they are not yet farther than chance makes them."""
        return len(self._nearest) >= _FEWEST_LEFT and bool(self._near > _ALIKE * self._far)

    def are_a_series(self, positions: np.ndarray) -> bool:
        """Whether many rows are nearest to one of the two before or after them."""
        beside = np.abs(positions - positions[self._nearest]) <= 2
        return bool(beside.mean() > _A_SERIES)

    def apart(self, is_part: bool) -> np.ndarray:
        """Mask of shape (m,): rows without one of each pair that is too near.

        In a part of the rows few have their copies: no more are taken than seem to be too many.
        """
        ratio = np.minimum(self._distances[:, 0] / self._distances[:, 8], 1.0)
        chance = 1.0 - (1.0 - ratio ** (1.0 / self._far)) ** 8
        stay = np.ones(len(chance), dtype=bool)
        free = stay.copy()
        asked = int(np.count_nonzero(chance <= _TAKEN))
        if is_part:
            # without copies chances are uniform, and so no more would be below a half than above
            too_many = len(chance) - 2 * np.count_nonzero(chance > 0.5)
            asked = min(asked, max(4 * int(too_many), 2))
        for row in np.argsort(chance, kind="stable")[:asked]:
            other = self._nearest[row]
            if free[row] and free[other]:
                free[row] = free[other] = False
                stay[max(row, other)] = False
        return stay
