"""Rows that nearly repeat others: copies with a little noise on their continuous columns."""

from __future__ import annotations

__all__ = ["without_near_copies"]

from collections.abc import Callable

import numpy as np

_FEWEST, _MOST = 100, 10_000
_MOST_COLUMNS, _UNTIED = 6, 0.99
# Distances to the first three neighbors are compared with those to some farther ones.
_NEAR, _FAR, _NEIGHBORS = slice(0, 3), slice(8, 15), 16
_SURE, _ALIKE, _ROUGH = 2.5, 0.95, 1.2
# Inverse dimension above which ranks lie on a curve, where distances between them are whole.
_CURVE = 0.72
_TAKEN, _ROUNDS, _FEWEST_LEFT = 0.7, 12, 32
# What is looked at first: boxes of so many ranks, as a share of all, in wider ones.
_BOX, _LEAST_BOX, _WIDER, _AT_ONCE = 0.006, 3, 4, 8
_SUSPECT, _MORE = 1.0, 1.1
_A_SERIES = 0.3


def without_near_copies(
    values: np.ndarray, discrete: np.ndarray, order: Callable[[], np.ndarray]
) -> np.ndarray | None:
    """Choose rows such that none nearly repeats another; None where none does.

    Where a density is smooth, and however its columns depend, ``j log(d_(j+1) / d_j)`` of the
    distances from a row to its successive neighbors has the same mean for all j, the inverse of
    the dimension [1]_; where noise thickens a curve, a greater one for farther neighbors. A mean
    that is greater for one of the first three, by 2.5 standard errors, says that rows were
    copied. Of two rows of which one is nearest to the other, nearer than 0.3 of them are by
    chance, one is then left out, until the means are alike. Rows that are nearest to the rows
    beside them are a series and no copies.

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
    columns = [values[:, j] for j in _untied(values, np.flatnonzero(~discrete))]
    if len(columns) < 2 or not _are_suspect(columns[0], columns[-1]):
        return None
    kept = order()
    numbers = np.column_stack(columns)
    for k in range(_ROUNDS):
        near = _Neighbors(numbers[kept])
        if not (near.show_copies() if k == 0 else near.still_show_copies()):
            break
        if k == 0 and near.are_a_series(kept):
            return None
        kept = kept[near.apart()]
    return np.sort(kept) if len(kept) < len(values) else None


def _untied(values: np.ndarray, numbers: np.ndarray) -> list[int]:
    """A few continuous columns in which hardly any value repeats, the last among them."""
    asked = [*numbers[: 2 * _MOST_COLUMNS - 1], *numbers[2 * _MOST_COLUMNS - 1 :][-1:]]
    found = [j for j in asked if _n_different(values[:, j]) > _UNTIED * len(values)]
    return found[: _MOST_COLUMNS - 1] + found[_MOST_COLUMNS - 1 :][-1:]


def _n_different(column: np.ndarray) -> int:
    ordered = np.sort(column)
    return 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))


def _are_suspect(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether more pairs of rows lie in small boxes than wider ones let expect.

    A look that costs a twentieth of the fastest estimate, and lets few pass that are no copies
    where x and y share little.
    """
    n = len(x)
    ranks = np.empty(n, dtype=np.int32)
    ranks[np.argsort(y)] = np.arange(n, dtype=np.int32)
    box = max(_LEAST_BOX, round(_BOX * n))
    beside = np.lib.stride_tricks.sliding_window_view(ranks[np.argsort(x)], box + 1)
    beside = beside[:: max(1, box // _AT_ONCE)]
    apart = np.abs(beside[:, 1:] - beside[:, :1])
    share = (2 * box + 1) / (2 * _WIDER * box + 1)
    inside = np.count_nonzero(apart <= box)
    expected = share * np.count_nonzero(apart <= _WIDER * box)
    more = inside - expected
    return bool(more > _SUSPECT * np.sqrt(expected * (1 - share)) and inside > _MORE * expected)


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

    def apart(self) -> np.ndarray:
        """Mask of shape (m,): rows without one of each pair that is too near."""
        ratio = np.minimum(self._distances[:, 0] / self._distances[:, 8], 1.0)
        chance = 1.0 - (1.0 - ratio ** (1.0 / self._far)) ** 8
        stay = np.ones(len(chance), dtype=bool)
        free = stay.copy()
        for row in np.argsort(chance, kind="stable")[: np.count_nonzero(chance <= _TAKEN)]:
            other = self._nearest[row]
            if free[row] and free[other]:
                free[row] = free[other] = False
                stay[max(row, other)] = False
        return stay
