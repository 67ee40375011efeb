"""Regression along the one direction of the conditions that a column follows best."""

from __future__ import annotations

__all__ = ["Index"]

from collections.abc import Iterator

import numpy as np

from skmist.conditional.smoothers import Candidate, halves

_NEIGHBORS, _MIDDLE = (8, 24, 72), 24
_ROWS_PER_TERM, _STEPS, _DISTINCT = 4, 4, 0.95
_LEAST_SLOPE, _LEAST_SQUARE, _DAMPED = 0.003, 1e-10, 1e-3
_TINY = 1e-300


class Index:
    """Straight lines through the rows nearby on one direction of z, for each column its own.

    Where a column follows a sum of several columns of z, rows that lie far apart in each of them
    are neighbors on that sum, and steps or waves show that are finer than the distance of rows
    in z [1]_. The direction is the one along which a plane, or a parabola, changes most, moved
    along the slopes as long as rows left out are predicted better [2]_.

    Parameters
    ----------
    points : ndarray of shape (n, d)
        Of unit spread. Of one column, of too few rows or of many equal ones nothing is made.

    References
    ----------
    .. [1] W. Härdle and T. Stoker (1989), "Investigating smooth multiple regression by the method
       of average derivatives", Journal of the American Statistical Association 84, 986-995.
    .. [2] Y. Xia, H. Tong, W. Li and L.-X. Zhu (2002), "An adaptive estimation of dimension
       reduction space", Journal of the Royal Statistical Society B 64, 363-410.
    """

    def __init__(self, points: np.ndarray) -> None:
        self._points, self._first = points, halves(points)
        n, d = points.shape
        is_possible = 1 < d <= n // (2 * _ROWS_PER_TERM)
        # of rows at one place the input's order would choose
        if is_possible and len(np.unique(points, axis=0)) < _DISTINCT * n:
            is_possible = False
        self._sizes = [k for k in _NEIGHBORS if is_possible and k <= n // 3]

    def candidates(self, columns: np.ndarray) -> Iterator[Candidate]:
        """One candidate for each number of neighbors."""
        lines = [_Line(along, column) for along, column in self._along(columns)]
        for k in self._sizes:

            def halved(some: np.ndarray, k: int = k) -> np.ndarray:
                return self._halved(some, k)

            left = columns - np.stack([line.own(k) for line in lines], axis=1)
            yield Candidate(left, float(self._points.shape[1]), halved)

    def places(self, columns: np.ndarray) -> np.ndarray:
        """Where rows lie on the direction of each column (n, c), shape (n, c), or (n, 0)."""
        found = [along for along, _ in self._along(columns)]
        return np.stack(found, axis=1) if found else np.empty((len(columns), 0))

    def _along(self, columns: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for column in columns.T if self._sizes else ():
            yield self._points @ _direction(self._points, column), column

    def _halved(self, columns: np.ndarray, k: int) -> np.ndarray:
        left = np.empty_like(columns)
        for part in (self._first, ~self._first):
            for j, column in enumerate(columns.T):
                way = _direction(self._points[part], column[part])
                line = _Line(self._points[part] @ way, column[part])
                left[~part, j] = column[~part] - line.at(self._points[~part] @ way, k)
        return left


def _direction(points: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Unit vector (d,) along which a column (n,) changes."""
    best, least = np.zeros(points.shape[1]), np.inf
    for way in _starts(points, column):
        for _ in range(_STEPS):
            size, step = _judged(points, column, way)
            if size >= least:
                break
            best, least = way, size
            way = _unit(way + step)
    return best


def _starts(points: np.ndarray, column: np.ndarray) -> Iterator[np.ndarray]:
    """Directions in which a plane and a parabola through the rows change most."""
    n, d = points.shape
    plane = np.linalg.lstsq(points - points.mean(axis=0), column - column.mean(), rcond=None)[0]
    yield _unit(plane)
    upper = np.triu_indices(d)
    if n < _ROWS_PER_TERM * (d + len(upper[0])):
        return
    terms = np.hstack([np.ones((n, 1)), points, points[:, upper[0]] * points[:, upper[1]]])
    found = np.linalg.lstsq(terms, column, rcond=None)[0]
    bend = np.zeros((d, d))
    bend[upper] = found[d + 1 :]
    slopes = found[1 : d + 1] + points @ (bend + bend.T)
    yield np.linalg.eigh(slopes.T @ slopes)[1][:, -1]


def _judged(points: np.ndarray, column: np.ndarray, way: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean logarithm of the squares that rows leave, and the step (d,) that lessens it."""
    line, k = _Line(points @ way, column), min(_MIDDLE, len(column) // 3)
    left = column - line.own(k)
    moved = line.moved(points)
    square = moved.T @ moved
    square += (_DAMPED * np.trace(square) / len(square) + _TINY) * np.eye(len(square))
    step = np.linalg.solve(square, moved.T @ left)
    return float(np.log(np.square(left) + _LEAST_SQUARE).mean()), step


def _unit(way: np.ndarray) -> np.ndarray:
    return way / max(float(np.linalg.norm(way)), _TINY)


class _Line:
    """Weighted straight lines through the rows near on a line (n,), for a column (n,)."""

    def __init__(self, along: np.ndarray, column: np.ndarray) -> None:
        self._order = np.lexsort((column, along))
        self._t, self._values = along[self._order], column[self._order]
        self._ends = np.append(self._t, np.inf)

    def own(self, k: int) -> np.ndarray:
        """Predicted at the own rows (n,) from the k others nearest to each."""
        rows = self._nearest(self._t, k + 1)
        offsets, weights = self._weights(self._t, rows)
        weights[rows == np.arange(len(rows))[:, None]] = 0.0
        found = np.empty(len(rows))
        found[self._order], slopes, shares = _lines(offsets, weights, self._values[rows])
        self._last = rows, slopes, shares
        return found

    def moved(self, points: np.ndarray) -> np.ndarray:
        """What the last prediction changes by where the direction turns, (n, d) as points."""
        rows, slopes, shares = self._last
        ordered, answer = points[self._order], np.empty_like(points)
        middle = np.einsum("ij,ijd->id", shares, ordered[rows])
        answer[self._order] = slopes[:, None] * (ordered - middle)
        return answer

    def at(self, asked: np.ndarray, k: int) -> np.ndarray:
        """Predicted at other places (m,)."""
        rows = self._nearest(asked, min(k, len(self._t)))
        return _lines(*self._weights(asked, rows), self._values[rows])[0]

    def _nearest(self, asked: np.ndarray, k: int) -> np.ndarray:
        """The k rows (m, k) nearest to each place, by bisection for the first of them."""
        n = len(self._t)
        low, high = np.zeros(len(asked), dtype=np.intp), np.full(len(asked), n - k)
        for _ in range(n.bit_length()):
            middle = (low + high) // 2
            is_before = asked - self._ends[middle] > self._ends[middle + k] - asked
            low, high = np.where(is_before, middle + 1, low), np.where(is_before, high, middle)
        return low[:, None] + np.arange(k)

    def _weights(self, asked: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Offsets and weights (m, k), which fall to nearly zero."""
        offsets = self._t[rows] - asked[:, None]
        reach = np.abs(offsets).max(axis=1, keepdims=True) * (1.0 + 1.0 / rows.shape[1])
        offsets /= np.where(reach > 0.0, reach, 1.0)
        return offsets, np.square(1.0 - np.square(offsets))


def _lines(
    offsets: np.ndarray, weights: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values at offset 0 and slopes (m,) of weighted lines, and the weights as shares (m, k)."""
    shares = weights / np.maximum(weights.sum(axis=1, keepdims=True), _TINY)
    middle = (shares * offsets).sum(axis=1)
    moved = shares * (offsets - middle[:, None])
    slopes = (moved * values).sum(axis=1) / ((moved * offsets).sum(axis=1) + _LEAST_SLOPE)
    return (shares * values).sum(axis=1) - middle * slopes, slopes, shares
