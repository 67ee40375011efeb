"""Regressions on the conditions, of three kinds, each judged by what it says of rows left out."""

from __future__ import annotations

__all__ = ["Candidate", "Nearby", "Smooth", "Straight", "halves", "rows_beside", "strangers"]

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_triangular
from scipy.spatial import cKDTree

from skmist._sample.groups import group_rows
from skmist.estimators.copula.gaussian import principal_axes

_ROWS_PER_DIRECTION = 20
_NEIGHBORS = (8, 24, 72)
_MOST_NEARBY, _LEAST_SLOPE = 8, 0.003
_NUMBERS_AT_ONCE = 2_000_000
_LENGTHS, _PENALTIES = (0.3, 0.7, 1.5, 4.0), 10.0 ** np.arange(-6.0, 2.1, 1.0)
_MOST_CENTERS, _MOST_FREEDOM, _FREE = 200, 0.3, 30.0
_MOST_LEVERAGE = 0.9
_SCALE_NEIGHBORS = 20


class Candidate(NamedTuple):
    """What a regression leaves of columns (n, c)."""

    left: np.ndarray  # (n, c), each row predicted from the others
    freedom: float  # parameters, as far as they are free
    halved: Callable[[np.ndarray], np.ndarray] | None  # the same, predicted from half the rows


def halves(points: np.ndarray) -> np.ndarray:
    """Two halves of rows (n, d) that lie alike, as a mask; their order does not matter."""
    keys = [(points**power).sum(axis=1) for power in (3, 2, 1)]
    first = np.zeros(len(points), dtype=bool)
    first[np.lexsort(keys)[::2]] = True
    return first


class Straight:
    """Straight lines along so many principal axes of z that each has 20 rows.

    Parameters
    ----------
    features : ndarray of shape (n, d)
        Centered.
    """

    def __init__(self, features: np.ndarray) -> None:
        n = len(features)
        axes = principal_axes(features)
        # ascending variances
        leading = slice(-max(n // _ROWS_PER_DIRECTION, 1), None)
        spreads = np.sqrt(n * axes.variances[leading])
        self._basis = features @ axes.directions[:, leading] / spreads
        self._leverage = np.minimum(np.square(self._basis).sum(axis=1) + 1 / n, _MOST_LEVERAGE)

    def candidates(self, columns: np.ndarray) -> Iterator[Candidate]:
        """The one candidate, for centered columns.

        Yields
        ------
        Candidate
        """
        left = columns - self._basis @ (self._basis.T @ columns)
        yield Candidate(left / (1.0 - self._leverage)[:, None], self._basis.shape[1], None)


class Nearby:
    """Straight lines through the rows nearby, with weights that fall to zero.

    Parameters
    ----------
    points : ndarray of shape (n, d)
        With few columns: of more than 8 nothing is made.
    """

    def __init__(self, points: np.ndarray) -> None:
        self._points, d = points, points.shape[1]
        self._whole = _Locations(points)
        most = self._whole.count // 3 if d <= _MOST_NEARBY else 0
        self._sizes = [k for k in (k * (d + 1) // 2 for k in _NEIGHBORS) if k <= most]
        self._first = halves(points)

    def candidates(self, columns: np.ndarray) -> Iterator[Candidate]:
        """One candidate for each number of neighbors."""
        predicted = self._whole.predicted(columns, self._sizes)
        for k, found in zip(self._sizes, predicted, strict=True):

            def halved(some: np.ndarray, k: int = k) -> np.ndarray:
                return self._halved(some, k)

            yield Candidate(columns - found, 0.0, halved)

    def _halved(self, columns: np.ndarray, k: int) -> np.ndarray:
        left = np.empty_like(columns)
        for part in (self._first, ~self._first):
            near = _Locations(self._points[part])
            asked = self._points[~part]
            left[~part] = columns[~part] - near.predicted(columns[part], [k], asked)[0]
        return left


class _Locations:
    """Rows (n, d), of which equal ones count as one location."""

    def __init__(self, points: np.ndarray) -> None:
        self._points, self._group = points, group_rows(points)
        places = np.unique(self._group, return_index=True)[1]
        self._tree, self.count = cKDTree(points[places]), len(places)

    def predicted(
        self, columns: np.ndarray, sizes: list[int], asked: np.ndarray | None = None
    ) -> np.ndarray:
        """Columns (s, m, c) at the rows asked for, or else at the own ones, each without itself.

        For each of the sizes a prediction from so many locations.
        """
        rows = self._points if asked is None else asked
        answer = np.empty((len(sizes), len(rows), columns.shape[1]))
        sizes = [min(k, self.count - 1) for k in sizes]
        most = max(sizes, default=1)
        step = max(1, _NUMBERS_AT_ONCE // (most * (rows.shape[1] + columns.shape[1])))
        mass = np.bincount(self._group).astype(float)
        means = np.stack([np.bincount(self._group, c) for c in columns.T], axis=1) / mass[:, None]
        for start in range(0, len(rows) if sizes else 0, step):
            part = slice(start, start + step)
            distance, index = self._tree.query(rows[part], k=most + 1)
            values, weights = means.take(index, axis=0), mass.take(index)
            if asked is None:
                own = index == self._group[part, None]
                weights, values = self._without(own, weights, values, columns[part])
            offsets = self._tree.data[index] - rows[part, None]
            for i, k in enumerate(sizes):
                reach = _positive(distance[:, k : k + 1])
                falling = np.square(1.0 - np.square(distance[:, :k] / reach))
                moved = offsets[:, :k] / reach[..., None]
                answer[i, part] = _lines(moved, weights[:, :k] * falling, values[:, :k])
        return answer

    @staticmethod
    def _without(
        own: np.ndarray, mass: np.ndarray, means: np.ndarray, rows: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Masses and means of locations near rows, less the rows themselves."""
        at = np.nonzero(own)
        left = mass[at] - 1.0
        means[at] = (means[at] * mass[at][:, None] - rows[at[0]]) / _positive(left)[:, None]
        mass[at] = left
        return mass, means


def _positive(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0.0, values, 1.0)


def _lines(offsets: np.ndarray, weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Weighted straight lines at offset 0, of offsets (m, k, d) and values (m, k, c)."""
    weights = weights / _positive(weights.sum(axis=1, keepdims=True))
    middle = np.einsum("nk,nkf->nf", weights, offsets)
    centered = offsets - middle[:, None]
    moved = centered * weights[..., None]
    square = np.swapaxes(moved, 1, 2) @ centered + _LEAST_SLOPE * np.eye(offsets.shape[2])
    slopes = np.linalg.solve(square, np.swapaxes(moved, 1, 2) @ values)
    return np.einsum("nk,nkc->nc", weights, values) - np.einsum("nf,nfc->nc", middle, slopes)


class Smooth:
    """Ridge regression on Gaussian bumps of several widths around some of the rows.

    Parameters
    ----------
    points : ndarray of shape (n, d)
        Of unit spread.
    """

    def __init__(self, points: np.ndarray) -> None:
        self._points, self._first = points, halves(points)
        n = len(points)
        keys = [(points**power).sum(axis=1) for power in (3, 2, 1)]
        count = min(_MOST_CENTERS, n // 3, max(_NUMBERS_AT_ONCE // n, 1))
        spread = np.lexsort(keys)[np.linspace(0, n - 1, count).astype(int)]
        # every other one first: the first half of the bumps is a coarser whole
        self._centers = points[np.concatenate([spread[::2], spread[1::2]])]
        self._squares = _squares(points, self._centers)
        self._between = _squares(self._centers, self._centers)

    def candidates(self, columns: np.ndarray) -> Iterator[Candidate]:
        """One candidate for each width and penalty that leaves rows enough."""
        n, d = self._points.shape
        for length in _LENGTHS:
            bumps = self._bumps(length * np.sqrt(d))
            fit = _Ridge(bumps - bumps.mean(axis=0))
            freedoms = [(penalty, fit.freedom(penalty)) for penalty in _PENALTIES]
            asked = [(p, freedom) for p, freedom in freedoms if freedom <= _MOST_FREEDOM * n]
            if not asked:  # many columns of few rows
                continue
            found = fit.left(columns, np.array([penalty for penalty, _ in asked]))
            for (penalty, freedom), left in zip(asked, found, strict=True):

                def halved(
                    some: np.ndarray, bumps: np.ndarray = bumps, penalty: float = penalty
                ) -> np.ndarray:
                    return self._halved(some, bumps, penalty)

                yield Candidate(left, freedom, halved)

    def _bumps(self, length: float) -> np.ndarray:
        """Straight lines, then bumps made orthonormal in their order, shape (n, d + count)."""
        near, bumps = (np.exp(s / (-2.0 * length**2)) for s in (self._between, self._squares))
        root = np.linalg.cholesky(near + 1e-9 * np.eye(len(near)))
        bumps = solve_triangular(root, bumps.T, lower=True, overwrite_b=True, check_finite=False).T
        return np.hstack([_FREE * self._points, bumps])

    def _halved(self, columns: np.ndarray, bumps: np.ndarray, penalty: float) -> np.ndarray:
        left, coarse = np.empty_like(columns), len(self._points[0]) + len(self._centers) // 2
        for part in (self._first, ~self._first):
            some = bumps[:, :coarse]
            middle, mean = some[part].mean(axis=0), columns[part].mean(axis=0)
            inside = some[part] - middle
            square = inside.T @ inside + penalty / 2.0 * np.eye(coarse)
            weights = np.linalg.solve(square, inside.T @ (columns[part] - mean))
            left[~part] = columns[~part] - mean - (some[~part] - middle) @ weights
        return left


def _squares(points: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Squares of the distances between them."""
    square = np.square(points).sum(axis=1)[:, None] + np.square(centers).sum(axis=1)
    return np.maximum(square - 2.0 * points @ centers.T, 0.0)


class _Ridge:
    """Ridge regression on centered features (n, m), for any penalty."""

    def __init__(self, features: np.ndarray) -> None:
        variances, directions = np.linalg.eigh(features.T @ features)
        kept = variances > 1e-9
        self._variances = variances[kept]
        self._basis = features @ directions[:, kept] / np.sqrt(self._variances)
        self._square = np.square(self._basis)

    def freedom(self, penalty: float) -> float:
        return float((self._variances / (self._variances + penalty)).sum())

    def left(self, columns: np.ndarray, penalties: np.ndarray) -> np.ndarray:
        """Centered columns less what the other rows predict, for each penalty, (p, n, c)."""
        kept = self._variances[:, None] / (self._variances[:, None] + penalties)
        weights = kept[:, :, None] * (self._basis.T @ columns)[:, None]
        predicted = self._basis @ weights.reshape(len(weights), -1)
        leverage = np.minimum(self._square @ kept + 1 / len(columns), _MOST_LEVERAGE)
        left = columns[:, None] - predicted.reshape(len(columns), len(penalties), -1)
        return np.moveaxis(left / (1.0 - leverage)[:, :, None], 1, 0)


def rows_beside(points: np.ndarray) -> np.ndarray:
    """The 20 rows (n, 20) nearest to each, itself left out."""
    k = min(_SCALE_NEIGHBORS, len(points) - 1)
    return cKDTree(points).query(points, k=k + 1)[1][:, 1:]


def strangers(points: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Of each row, the share of the rows nearest to it that have another code.

    Rows at one point are nearest to each other, however many rows there are, and each row counts
    as much as the others there. Else the nearest other point is asked.

    Parameters
    ----------
    points : ndarray of shape (n, d)
        At least two of them differ.
    codes : ndarray of int, shape (n, c)

    Returns
    -------
    ndarray of shape (2, n, c)
        Of all rows, and where only the other half of the points is asked.
    """
    place = group_rows(points)
    distinct = points[np.unique(place, return_index=True)[1]]
    whole, first = cKDTree(distinct).query(distinct, k=2)[1][:, 1], halves(distinct)
    half = np.empty_like(whole)
    for part in (first, ~first):
        there = cKDTree(distinct[part]).query(distinct[~part])[1]
        half[~part] = np.flatnonzero(part)[there]
    alone = np.bincount(place)[place] == 1
    asked = [np.where(alone, near[place], place) for near in (whole, half)]
    return np.stack([[_others(place, code, at) for code in codes.T] for at in asked]).swapaxes(
        1, 2
    )


def _others(place: np.ndarray, code: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Share (n,) of the rows at each place asked, but the row itself, with another code."""
    n_codes = int(code.max()) + 1
    keys, counts = np.unique(place * n_codes + code, return_counts=True)
    wanted = asked * n_codes + code
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    own = asked == place
    alike = np.where(keys[at] == wanted, counts[at], 0) - own
    shares: np.ndarray = 1.0 - alike / (np.bincount(place)[asked] - own)
    return shares
