"""Gaussian information of many samples: columns are scored once, and multiplied at once."""

from __future__ import annotations

__all__ = ["SharedScores"]

from collections import defaultdict
from collections.abc import Callable
from functools import cache

import numpy as np

from skmist._sample.entropy import discrete_entropy
from skmist._sample.sample import Sample
from skmist._sample.side import Side
from skmist.estimators.copula.gaussian import (
    LEAST_RESIDUAL,
    Axes,
    Scores,
    n_effective,
    principal_axes,
    wishart_bias,
)

_WIDEST = 24
# beyond, the shrinkage depends on the variances of the axes of both sides
_ROWS_PER_COLUMN = 2
_NUMBERS_AT_ONCE = 16_000_000
# a product of all sides with all others is worth its while up to so many unwanted blocks for one
_BLOCKS_PER_SAMPLE = 8


class _ScoredSide:
    """Scores (n, p) of a side, their principal axes, and what cannot be exceeded, nats."""

    def __init__(self, side: Side) -> None:
        self.scores = Scores.of(side)(side.values)
        self.axes: Axes = principal_axes(self.scores)
        entropy = discrete_entropy(side.values)[0] if side.is_discrete else np.inf
        self.limit = max(entropy, 0.0)

    @property
    def rank(self) -> int:
        """Number of principal axes."""
        return len(self.axes.variances)

    def white(self, shrinkage: float) -> np.ndarray:
        """Whitened scores (n, rank)."""
        return self.scores @ self.axes.whitening(shrinkage)


class SharedScores:
    """What many samples need of their sides, worked out once for each side.

    Parameters
    ----------
    resolved_shrinkage : callable
        Of the variances of the axes of two sides and of the number of rows: the shrinkage.
    bias_correction : bool
    """

    def __init__(self, resolved_shrinkage: Callable[..., float], bias_correction: bool) -> None:
        self.resolved_shrinkage = resolved_shrinkage
        self.bias_correction = bias_correction
        self._scored: dict[int, _ScoredSide] = {}

    def groups(self, samples: list[Sample]) -> dict[tuple[int, int, int], list[int]]:
        """Positions of samples that can be multiplied, by rows and by axes of either side.

        Left out are those with so many columns for their rows that the shrinkage is a matter of
        both sides, and those with many categories.
        """
        found: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        widths: dict[int, int] = {}
        for k, sample in enumerate(samples):
            x, y, n = sample.x, sample.y, sample.n_samples
            for side in (x, y):
                if id(side) not in widths:
                    widths[id(side)] = _score_width(side)
            p, q = widths[id(x)], widths[id(y)]
            if max(p, q) <= _WIDEST and n >= _ROWS_PER_COLUMN * (p + q):
                found[n, self._of(x).rank, self._of(y).rank].append(k)
        return found

    def estimates(self, samples: list[Sample], n: int, p: int, q: int) -> np.ndarray:
        """MI (m,) of samples of n rows, p axes of x and q of y, nats."""
        s = self.resolved_shrinkage(np.ones(p), np.ones(q), n)
        cross = (1.0 - s) * self._products(samples, s) / n
        correlations = np.minimum(_singular_values(cross), _most(n))
        information = 0.0 - 0.5 * np.log1p(-(correlations**2)).sum(axis=1)
        limits = [[self._of(a.x).limit, self._of(a.y).limit] for a in samples]
        return np.minimum(information - self._biases(samples, s, n), np.min(limits, axis=1))

    def _of(self, side: Side) -> _ScoredSide:
        if id(side) not in self._scored:
            self._scored[id(side)] = _ScoredSide(side)
        return self._scored[id(side)]

    def _products(self, samples: list[Sample], shrinkage: float) -> np.ndarray:
        """Sums over rows (m, p, q) of whitened columns times whitened columns."""
        x, i = self._stacked([sample.x for sample in samples], shrinkage)
        y, j = self._stacked([sample.y for sample in samples], shrinkage)
        if len(x) * len(y) > _BLOCKS_PER_SAMPLE * len(samples):
            return np.stack([x[a] @ y[b].T for a, b in zip(i, j, strict=True)])
        (k, p, n), (m, q, _) = x.shape, y.shape
        blocks = (x.reshape(k * p, n) @ y.reshape(m * q, n).T).reshape(k, p, m, q)
        return blocks[i, :, j]

    def _stacked(self, sides: list[Side], shrinkage: float) -> tuple[np.ndarray, list[int]]:
        """Whitened columns (k, p, n) of the k different sides, and which of them each is."""
        different = {id(side): side for side in sides}
        position = {key: number for number, key in enumerate(different)}
        white = np.stack([self._of(side).white(shrinkage).T for side in different.values()])
        return white, [position[id(side)] for side in sides]

    def _biases(self, samples: list[Sample], shrinkage: float, n: int) -> np.ndarray | float:
        if not self.bias_correction:
            return 0.0
        sides = {id(side): side for a in samples for side in (a.x, a.y)}
        ranks = {k: n_effective(self._of(v).axes.variances, shrinkage) for k, v in sides.items()}
        bias = cache(wishart_bias)
        return np.array([bias(ranks[id(a.x)], ranks[id(a.y)], n) for a in samples])


def at_once(samples: list[Sample]) -> bool:
    """Whether the scores of all sides of some samples are few enough to be held at once."""
    sides = {id(side): side for sample in samples for side in (sample.x, sample.y)}
    numbers = sum(len(side) * min(_score_width(side), _WIDEST) for side in sides.values())
    return len(samples) == 1 or numbers <= _NUMBERS_AT_ONCE


def _score_width(side: Side) -> int:
    """How many columns of scores a side has."""
    tops = side.values[:, side.discrete].max(axis=0, initial=0)
    return side.width - len(tops) + int(tops.sum())


def _singular_values(cross: np.ndarray) -> np.ndarray:
    """Of matrices (m, p, q), shape (m, min(p, q))."""
    if 1 in cross.shape[1:]:
        return np.sqrt((cross**2).sum(axis=(1, 2)))[:, None]
    return np.linalg.svd(cross, compute_uv=False)


def _most(n: int) -> float:
    """Greatest correlation that n rows can tell."""
    return float(np.sqrt(1.0 - max(n**-3.0, LEAST_RESIDUAL)))
