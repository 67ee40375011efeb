"""What regressions on the conditions leave of x and y, which keeps the conditional information.

For any functions f, g and s, (x, z) and ((x - f(z)) / s(z), z) hold the same, and so do (y, z)
and y less g(z); hence I(x; y | z) = I(x - f(z); y - g(z) | z), whatever f and g are. What changes
is how hard it is to estimate: the dependence on z, which is not asked for, is out of the way.

A regression that errs, errs by a function of z, in x and in y: where that error is no smaller than
what is left, residuals share it, and estimators read it as information. How large it is shows
in what half the rows predict: noise stays as it is when rows become fewer, and error grows.
"""

from __future__ import annotations

__all__ = ["Left", "Residuals", "shared_error"]

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from skmist._sample.scores import NormalScores
from skmist._sample.side import Side
from skmist.conditional.index import Index
from skmist.conditional.smoothers import (
    Candidate,
    Nearby,
    Smooth,
    Straight,
    rows_beside,
    strangers,
)
from skmist.estimators.copula.gaussian import RANK_TOLERANCE, Scores
from skmist.estimators.ksg.mixed import Form

_DISTINCT = 0.95
_LEAST_ROWS, _LEAST_SQUARE = 30, 1e-10
_WORTH, _APART, _RANKS = 1.0, 5.0, 0.25
# logarithm of a square: less than this is what a regression on a function itself leaves
_DETERMINED = np.log(1e-5)
_SAME, _LONG_TAIL, _CLIP = 1e-9, 6.0, 25.0
_BEYOND, _PARTS, _MOST_SHARED = 1.5, 2, 0.99
# Noises by which is judged how half the rows do where there is nothing to predict.
_NOISES = 4


class Left(NamedTuple):
    """What z leaves of a side, and the shares (2, d) of it that are error of the regression.

    In the half of the rows where little is left nearby, and in the other: where a column jumps or
    runs steep, all may be error, and little elsewhere. ``error`` is the share that may be error,
    ``sure`` what of it is beyond chance, and beyond what noise of the same size would make of
    half the rows.
    """

    side: Side
    error: np.ndarray
    sure: np.ndarray


class Residuals:
    """Regress columns on z: straight, by rows nearby, by smooth bumps, whichever does best.

    Each regression is judged by what it says of rows that it was not fitted to, and what it
    leaves of a row comes from the others. A column is taken as it is or as normal scores: ranks
    blur a tight linear relation, values one that is bent. None looks at x or y before it is
    asked.

    Parameters
    ----------
    z : Side
        Without constant columns; it may have no column.
    """

    def __init__(self, z: Side) -> None:
        n, r = z.values.shape
        self._is_empty = r == 0
        if self._is_empty:
            return
        scores, values = Scores.of(z)(z.values), _standardized(z)
        self._straight = Straight(np.hstack([scores, values]))
        # ranks are rough where values are even, and even where values have long tails
        kept = np.abs(values).max(axis=0, initial=0.0) < _LONG_TAIL
        self._points = scores.copy()
        self._points[:, : values.shape[1]][:, kept] = values[:, kept]
        self._bent: list[Nearby | Smooth | Index] = []
        if n >= _LEAST_ROWS and not z.is_discrete:
            self._bent = [Nearby(self._points), Smooth(self._points), Index(self._points)]
        # what a better fit must be better by, in logarithms of squares
        self._worth = _WORTH / np.sqrt(n)
        self._reach = 2.0 ** (1.0 / max(self._points.shape[1], 1))

    def __call__(self, *sides: Side) -> list[Left]:
        """Residuals of the continuous columns without ties; the others stay as they are.

        Parameters
        ----------
        *sides : Side
            Of n rows.

        Returns
        -------
        list of Left
            A column that z determines is 0.
        """
        chosen = [self._chosen(side) for side in sides]
        parts = [side.columns(at) for side, at in zip(sides, chosen, strict=True) if at]
        labels = [np.stack([self._label_error(side)] * _PARTS, axis=1) for side in sides]
        if not parts:
            return [Left(side, *errors) for side, errors in zip(sides, labels, strict=True)]
        left, shares = self._best(
            np.hstack([_standardized(part) for part in parts]),
            np.hstack([NormalScores().fit(part.values).transform(part.values) for part in parts]),
        )
        answers, start = [], 0
        for side, at, errors in zip(sides, chosen, labels, strict=True):
            values = side.values.copy()
            part = slice(start, start := start + len(at))
            values[:, at], errors[..., at] = left[:, part], shares[..., part]
            answers.append(Left(side.with_values(values), *errors))
        return answers

    def places(self, *sides: Side) -> np.ndarray:
        """Where rows lie on the directions of z that columns with an order follow, (n, c).

        No columns where z has one column, or nothing bent is tried.
        """
        columns = [
            side.values[:, ~side.discrete | side.ordered | (side.values.max(axis=0) < 2.0)]
            for side in sides
        ]
        bent = () if self._is_empty else self._bent
        index = next((way for way in bent if isinstance(way, Index)), None)
        together = np.hstack(columns)
        return together[:, :0] if index is None else index.places(together)

    def _label_error(self, side: Side) -> np.ndarray:
        """Share of the discrete columns that follows borders along z finer than its rows, (2, d).

        Labels stay as they are. Where they are functions of z, rows whose neighbor has another
        label lie at borders, and become more when rows become fewer, as errors do: that may be,
        and is beyond chance.
        """
        error = np.zeros((2, side.width))
        if self._is_empty or not self._bent or not side.discrete.any():
            return error
        whole, half = strangers(self._points, side.values[:, side.discrete].astype(np.intp))
        share = np.maximum(whole.mean(axis=0), 0.5 / len(side))
        growth = half.mean(axis=0) / share - 1.0
        spread = (half - (growth + 1.0) * whole).std(axis=0) / share
        beyond = growth - _BEYOND * spread / np.sqrt(len(side))
        error[:, side.discrete] = np.clip([growth, beyond], 0.0, self._reach - 1.0)
        return error / (self._reach - 1.0)

    def _chosen(self, side: Side) -> list[int]:
        if self._is_empty:
            return []
        numbers = np.flatnonzero(~side.discrete).tolist()
        return [j for j in numbers if _is_untied(side.values[:, j])]

    def _best(self, plain: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the best regression leaves of each column (n, c), and how much of it is error."""
        columns, c = np.hstack([plain, scores]), plain.shape[1]
        found, ordered = list(self._candidates(columns)), np.sort(columns, axis=0)
        sizes = np.array([_sizes(columns, ordered, candidate.left) for candidate in found])
        # steps between ranks flatter them
        sizes[:, c:] += _RANKS
        left, shares = np.empty_like(plain), np.zeros((2, _PARTS, c))
        for j, (best, way) in enumerate(self._chosen_fits(sizes.reshape(len(found), 2, c))):
            at = j + c * way
            left[:, j] = found[best].left[:, at]
            shares[..., j] = self._error(found[best], columns[:, [at]], left[:, j])
        return self._leveled(np.where(left.var(axis=0) > RANK_TOLERANCE, left, 0.0)), shares

    def _chosen_fits(self, sizes: np.ndarray) -> Iterator[tuple[int, int]]:
        """For each column, which candidate to take, and whether of its values or its scores.

        All columns take the same but where another is far better: regressions that err alike
        leave a correlation of noises as it is.
        """
        together = sizes.mean(axis=2)
        common = _least(together)
        # a bent line only where it is worth its freedom
        if together[0].min() < together[common] + self._worth:
            common = 0, int(np.argmin(together[0]))
        for own in np.moveaxis(sizes, 2, 0):
            best = _least(own)
            yield best if own[best] < own[common] - _APART * self._worth else common

    def _candidates(self, columns: np.ndarray) -> Iterator[Candidate]:
        yield from self._straight.candidates(columns)
        for smoother in self._bent:
            yield from smoother.candidates(columns)

    def _error(self, chosen: Candidate, column: np.ndarray, left: np.ndarray) -> np.ndarray:
        """Shares (2, 2) of the square of what is left that are error, from half the rows to all.

        Where x jumps along z, the square of the error halves with twice the rows of one column of
        z, and falls by less for more columns; elsewhere it falls faster, and less is error.
        """
        if chosen.halved is None:
            return np.zeros((2, _PARTS))
        if _mean_log(left) < _mean_log(column - np.median(column))[0] + _DETERMINED:
            return np.ones((2, _PARTS))
        squares = np.square(np.column_stack([chosen.halved(column)[:, 0], left]))
        # by what is left nearby, in which a row itself has no say
        by_size = np.argsort(self._local_scale(left[:, None])[:, 0], kind="stable")
        parts = [squares[rows] for rows in np.array_split(by_size, _PARTS)]
        free = np.full((_PARTS, 2), chosen.freedom / len(left))
        growth = np.stack([_growth(*both) for both in zip(parts, free, strict=True)], axis=1)
        if (growth[1] > 0.0).any():
            # half the rows may predict badly though there is nothing to predict
            noise = _growth_of_noise(chosen.halved, left, by_size)
            # all the rows predict noise the worse, too, by as much as they are free
            free = np.maximum(free, (noise + 1.0) * (1.0 - free) - 1.0)
            growth[1] = [_growth(*both)[1] for both in zip(parts, free, strict=True)]
        return np.clip(growth / (self._reach - 1.0), 0.0, 1.0)

    def _local_scale(self, left: np.ndarray) -> np.ndarray:
        """Mean size (n, c) of what is left in the rows beside each."""
        found: np.ndarray = np.abs(left)[self._beside].mean(axis=1)
        return found

    @cached_property
    def _beside(self) -> np.ndarray:
        return rows_beside(self._points)

    def _leveled(self, left: np.ndarray) -> np.ndarray:
        """Columns over their size nearby, where that varies: large residuals are no signal."""
        if not self._bent:
            return left
        near, size = self._local_scale(left), np.abs(left).mean(axis=0)
        near = np.where(near > 0.0, near, 1.0)
        # gain in the logarithm of a Laplace density
        gain = np.log(_above(size)) + 1.0 - (np.log(near) + np.abs(left) / near).mean(axis=0)
        return np.where(gain > self._worth, left / near, left)


def shared_error(x: Left, y: Left) -> tuple[float, float]:
    """Information that the errors in what is left of x and of y may make up, and surely do.

    Parameters
    ----------
    x, y : Left

    Returns
    -------
    most, sure : float
        Nats; infinite where nothing but error is left, or where two columns are the same and
        err: then there is no saying whether they share anything else.
    """
    if _repeats(x, y):
        return np.inf, np.inf
    return _information(x.error, y.error), _information(x.sure, y.sure)


def _growth(squares: np.ndarray, free: np.ndarray) -> np.ndarray:
    """By how much squares (n, 2) of half the rows exceed those of all, and do beyond chance.

    Less what both measures of it, (2,), are where there is no error.
    """
    whole, steps, clipped = _measures(squares)
    growth = whole - free
    ratio = whole[1] + 1.0
    middle = clipped[:, 1].mean()
    spread = np.array(
        [steps * (whole[0] + 1.0), clipped @ [1.0, -ratio] / max(middle, _LEAST_SQUARE)]
    ).std(axis=1)
    return np.max([growth, growth - _BEYOND * spread / np.sqrt(len(squares))], axis=1)


def _measures(squares: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Growth (2,) where most rows are and where few err by much, and what it is the mean of."""
    steps = np.log(squares + _LEAST_SQUARE) @ [1.0, -1.0]
    clipped = np.minimum(squares, _CLIP * np.median(squares[:, 1]))
    ratio = clipped[:, 0].mean() / max(clipped[:, 1].mean(), _LEAST_SQUARE)
    return np.array([np.exp(steps.mean()), ratio]) - 1.0, steps, clipped


def _growth_of_noise(
    halved: Callable[[np.ndarray], np.ndarray], left: np.ndarray, by_size: np.ndarray
) -> np.ndarray:
    """Growth (parts, 2) of noise as large as what is left, row by row, which z says nothing of.

    Signs are drawn in the order of sizes, so that they depend on neither order of rows nor scale.
    """
    signs = np.empty((len(left), _NOISES))
    drawn = np.random.default_rng(0).integers(2, size=signs.shape) * 2.0 - 1.0
    signs[np.argsort(np.abs(left), kind="stable")] = drawn
    noise = signs * left[:, None]
    squares = np.square(np.stack([halved(noise), noise], axis=2))
    found = [
        np.mean([_measures(squares[rows, k])[0] for k in range(_NOISES)], axis=0)
        for rows in np.array_split(by_size, _PARTS)
    ]
    return np.array(found)


def _information(x: np.ndarray, y: np.ndarray) -> float:
    pairs = min(x.shape[1], y.shape[1])
    largest = [np.sort(error, axis=1)[:, ::-1][:, :pairs] for error in (x, y)]
    # the correlation of two columns that share an error is the geometric mean of its shares
    shared = largest[0] * largest[1]
    if (shared == 1.0).all(axis=0).any():
        return np.inf
    return float(-0.5 * np.log1p(-np.minimum(shared, _MOST_SHARED)).sum(axis=1).mean())


def _repeats(x: Left, y: Left) -> bool:
    erring = [side.side.values[:, (side.error > 0.0).any(axis=0)] for side in (x, y)]
    units = [part / _above(np.sqrt(np.square(part).sum(axis=0))) for part in erring]
    return bool((np.abs(units[0].T @ units[1]) > 1.0 - _SAME).any())


def _sizes(columns: np.ndarray, ordered: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Mean logarithm of the squares (2 c,) of what is left of values and scores, as values."""
    c, errors = columns.shape[1] // 2, left.copy()
    for j in range(c):
        predicted = columns[:, c + j] - left[:, c + j]
        errors[:, c + j] = columns[:, j] - np.interp(predicted, ordered[:, c + j], ordered[:, j])
    return _mean_log(errors)


def _least(sizes: np.ndarray) -> tuple[int, int]:
    best, way = np.unravel_index(np.argmin(sizes), sizes.shape)
    return int(best), int(way)


def _mean_log(left: np.ndarray) -> np.ndarray:
    # few large ones decide nothing: what is left is judged where most rows are
    return np.log(np.square(left) + _LEAST_SQUARE).mean(axis=0)


def _above(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0.0, values, 1.0)


def _standardized(side: Side) -> np.ndarray:
    """The continuous columns with mean 0 and variance 1, whatever their size."""
    numbers = Form.learn(side)[1].numbers
    return numbers - numbers.mean(axis=0)


def _is_untied(column: np.ndarray) -> bool:
    # repeated values of a mixture mean something, and would be torn apart
    return len(np.unique(column)) >= _DISTINCT * len(column)
