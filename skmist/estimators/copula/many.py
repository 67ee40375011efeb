"""Gaussian information of many samples: columns are scored once, and multiplied at once."""

from __future__ import annotations

__all__ = ["SharedScores"]

from typing import NamedTuple

import numpy as np

from skmist._sample.entropy import side_limit
from skmist._sample.side import Side
from skmist._sample.side_pairs import SidePairs
from skmist.estimators.copula.gaussian import (
    LEAST_RESIDUAL,
    Scores,
    n_effective,
    principal_axes,
    wishart_bias,
)

_WIDEST = 24
# beyond, the shrinkage depends on the variances of the axes of both sides
_ROWS_PER_COLUMN = 2
# a product of all sides with all others is worth its while up to so many unwanted blocks for one
_BLOCKS_PER_SAMPLE = 8
# one side against many: no gain, and the last bit would depend on how many
_FEW = 8


class SharedScores:
    """What many samples need of their sides, worked out once for each side.

    Parameters
    ----------
    pairs : SidePairs
        Without constant columns.
    shrinkage : float
        As it is where there are enough rows for the columns.
    bias_correction : bool
    """

    def __init__(self, pairs: SidePairs, shrinkage: float, bias_correction: bool) -> None:
        self.shrinkage = shrinkage
        self.bias_correction = bias_correction
        self._origins: dict[int, _ScoredSide] = {}
        self.sides, self.of_x, self.of_y = pairs.sides, pairs.of_x, pairs.of_y
        self.rows = np.array([len(side) for side in self.sides])
        self.widths = np.array([_score_width(side) for side in self.sides])

    @property
    def n_numbers(self) -> int:
        """How many numbers the scores of all sides are that can be multiplied."""
        return int(self.rows @ np.minimum(self.widths, _WIDEST))

    def estimates(self) -> np.ndarray:
        """MI of the samples, nats; NaN of those that must be asked one by one.

        These have so many columns for their rows that the shrinkage is a matter of both
        sides, or very many categories.
        """
        answer = np.full(len(self.of_x), np.nan)
        p, q, n = self.widths[self.of_x], self.widths[self.of_y], self.rows[self.of_x]
        fit = np.flatnonzero((np.maximum(p, q) <= _WIDEST) & (n >= _ROWS_PER_COLUMN * (p + q)))
        scored: list[_ScoredSide | None] = [None] * len(self.sides)
        for k in np.union1d(self.of_x[fit], self.of_y[fit]):
            scored[k] = self._scored(self.sides[k])
        ranks = np.array([0 if side is None else side.rank for side in scored])
        shapes = n[fit], ranks[self.of_x[fit]], ranks[self.of_y[fit]]
        different, of_shape = _different(*shapes)
        for k, shape in enumerate(different):
            members = fit[of_shape == k]
            answer[members] = self._of_shape(members, scored, *shape)
        return answer

    def _scored(self, side: Side) -> _ScoredSide:
        if side.origin is None:
            return _ScoredSide.of(side, self.shrinkage)
        origin, order = side.origin
        if id(origin) not in self._origins:
            self._origins[id(origin)] = self._scored(origin)
        known = self._origins[id(origin)]
        return known._replace(white=known.white[:, order])

    def _of_shape(self, members: np.ndarray, scored: list, n: int, p: int, q: int) -> np.ndarray:
        """MI of samples of n rows, p axes of x and q of y, nats."""
        x, i = np.unique(self.of_x[members], return_inverse=True)
        y, j = np.unique(self.of_y[members], return_inverse=True)
        if p == q and len(np.intersect1d(x, y)):
            # held once, not once as x and once as y
            both = np.union1d(x, y)
            i, j, x, y = np.searchsorted(both, x)[i], np.searchsorted(both, y)[j], both, both
        xs, ys = [scored[k] for k in x], [scored[k] for k in y]
        white = np.stack([side.white for side in xs])
        other = white if x is y else np.stack([side.white for side in ys])
        cross = (1.0 - self.shrinkage) * _products(white, other, i, j) / n
        most = np.sqrt(1.0 - max(n**-3.0, LEAST_RESIDUAL))
        r = np.minimum(_singular_values(cross), most)
        information = 0.0 - 0.5 * np.log1p(-(r**2)).sum(axis=1)
        if self.bias_correction:
            x_columns, y_columns = _picked(xs, ys, i, j, "n_effective")
            information -= _biases(x_columns, y_columns, n)
        return np.minimum(information, np.minimum(*_picked(xs, ys, i, j, "limit")))


class _ScoredSide(NamedTuple):
    """Whitened scores (rank, n) of a side, and what cannot be exceeded, nats."""

    white: np.ndarray
    n_effective: float
    limit: float

    @classmethod
    def of(cls, side: Side, shrinkage: float) -> _ScoredSide:
        """Score a side by itself."""
        scores = Scores.own(side)
        axes = principal_axes(scores)
        white = (scores @ axes.whitening(shrinkage)).T
        return cls(white, n_effective(axes.variances, shrinkage), side_limit(side))

    @property
    def rank(self) -> int:
        """Number of principal axes."""
        return len(self.white)


def _picked(xs: list, ys: list, i: np.ndarray, j: np.ndarray, name: str) -> list[np.ndarray]:
    """An attribute of the sides of x and of y of some samples, both (m,)."""
    found = ((xs, i), (ys, j))
    return [np.array([getattr(side, name) for side in sides])[k] for sides, k in found]


def _score_width(side: Side) -> int:
    """How many columns of scores a side has."""
    tops = side.values[:, side.discrete].max(axis=0, initial=0)
    return side.width - len(tops) + int(tops.sum())


def _products(x: np.ndarray, y: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Sums over rows (m, p, q) of columns x (k, p, n) times columns y (l, q, n), of pairs i, j."""
    (k, p, n), (m, q, _) = x.shape, y.shape
    if min(k, m) < _FEW or k * m > _BLOCKS_PER_SAMPLE * len(i):
        return np.stack([x[a] @ y[b].T for a, b in zip(i, j, strict=True)])
    blocks = (x.reshape(k * p, n) @ y.reshape(m * q, n).T).reshape(k, p, m, q)
    return blocks[i, :, j]


def _biases(p: np.ndarray, q: np.ndarray, n: int) -> np.ndarray:
    """Biases (m,) of samples of p and q effective columns, both (m,), nats."""
    different, of_pair = _different(p, q)
    return np.array([wishart_bias(a, b, n) for a, b in different])[of_pair]


def _different(*columns: np.ndarray) -> tuple[list[tuple], np.ndarray]:
    """The different rows of some columns (m,), and which of them each row is."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values, number = np.unique(column, return_inverse=True)
        key = key * len(values) + number
    first, of_row = np.unique(key, return_index=True, return_inverse=True)[1:]
    return list(zip(*(column[first].tolist() for column in columns), strict=True)), of_row


def _singular_values(cross: np.ndarray) -> np.ndarray:
    """Of matrices (m, p, q), shape (m, min(p, q))."""
    if 1 in cross.shape[1:]:
        return np.sqrt((cross**2).sum(axis=(1, 2)))[:, None]
    return np.linalg.svd(cross, compute_uv=False)
