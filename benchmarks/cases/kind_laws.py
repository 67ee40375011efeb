"""Sides of any kinds of columns that share a class of four: laws of exact information."""

from __future__ import annotations

__all__ = ["SIDES", "ClassLaw"]

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp
from scipy.stats import binom, norm

_CLASSES, _LEVELS, _TRIALS, _SPREAD = 4, 5, 6, 0.7


class Column(NamedTuple):
    """How a column follows from the class: its kind, a draw, and log densities by class."""

    kind: str
    draw: Callable[[np.ndarray, np.random.Generator], np.ndarray]
    logs: Callable[[np.ndarray], np.ndarray]


def _categories(rng: np.random.Generator) -> Column:
    shares = rng.dirichlet(np.full(_LEVELS, 0.8), size=_CLASSES)
    ends = shares.cumsum(axis=1)[:, :-1]

    def draw(classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return (rng.random(len(classes))[:, None] > ends[classes]).sum(axis=1).astype(float)

    return Column("categorical", draw, lambda v: np.log(shares[:, v.astype(int)]).T)


def _numbers(rng: np.random.Generator) -> Column:
    mean = 1.2 * rng.normal(size=_CLASSES)
    draw = lambda classes, rng: mean[classes] + rng.normal(size=len(classes))  # noqa: E731
    return Column("continuous", draw, lambda v: norm.logpdf(v[:, None], mean))


def _counts(rng: np.random.Generator) -> Column:
    share = rng.uniform(0.1, 0.9, size=_CLASSES)
    draw = lambda classes, rng: rng.binomial(_TRIALS, share[classes]) * 1.0  # noqa: E731
    return Column("ordinal", draw, lambda v: binom.logpmf(v[:, None], _TRIALS, share))


def _mostly_zero(rng: np.random.Generator) -> Column:
    zero, mean = rng.uniform(0.1, 0.8, size=_CLASSES), rng.normal(size=_CLASSES)

    def draw(classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        size = np.exp(mean[classes] + _SPREAD * rng.normal(size=len(classes)))
        return np.where(rng.random(len(classes)) < zero[classes], 0.0, size)

    def logs(values: np.ndarray) -> np.ndarray:
        size = np.log(np.where(values > 0, values, 1.0))[:, None]
        positive = np.log1p(-zero) + norm.logpdf(size, mean, _SPREAD)
        return np.where(values[:, None] == 0, np.log(zero), positive)

    return Column("continuous", draw, logs)


SIDES = {
    "1 category": [_categories],
    "3 categories": [_categories] * 3,
    "6 categories": [_categories] * 6,
    "1 number": [_numbers],
    "4 numbers": [_numbers] * 4,
    "1 count": [_counts],
    "4 counts": [_counts] * 4,
    "1 mostly zero": [_mostly_zero],
    "3 mostly zero": [_mostly_zero] * 3,
    "2 categories, 2 numbers": [_categories] * 2 + [_numbers] * 2,
    "2 counts, 2 numbers": [_counts] * 2 + [_numbers] * 2,
    "2 categories, 2 counts": [_categories] * 2 + [_counts] * 2,
}
"""Columns of a side, by name."""


class ClassLaw:
    """Columns of two sides that are independent given a class that is not seen.

    Parameters
    ----------
    x, y : str
        Names of sides.
    rows : int, default=100_000
        Over which the truth is the mean of the exact pointwise information.
    """

    def __init__(self, x: str, y: str, rows: int = 100_000) -> None:
        numbers = [list(SIDES).index(name) for name in (x, y)]
        rng = np.random.default_rng([20_261_202, *numbers])
        self.sides = tuple([make(rng) for make in SIDES[name]] for name in (x, y))
        pointwise = self.pointwise(*self.draw(rows, rng))
        self.mi, self.spread = float(pointwise.mean()), float(pointwise.std())

    @property
    def kinds(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Kinds of the columns of x and of y."""
        x, y = (tuple(column.kind for column in side) for side in self.sides)
        return x, y

    def draw(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw n rows of both sides."""
        classes = rng.integers(_CLASSES, size=n)
        x, y = ([column.draw(classes, rng) for column in side] for side in self.sides)
        return np.column_stack(x), np.column_stack(y)

    def pointwise(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Exact pointwise information (n,) of rows, nats."""
        of_x, of_y = (
            sum(column.logs(values) for column, values in zip(side, rows.T, strict=True))
            for side, rows in zip(self.sides, (x, y), strict=True)
        )
        parts = (logsumexp(logs, axis=1) for logs in (of_x + of_y, of_x, of_y))
        both, alone_x, alone_y = parts
        return both - alone_x - alone_y + np.log(_CLASSES)
