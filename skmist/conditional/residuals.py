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

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from skmist._sample.scores import NormalScores
from skmist._sample.side import Side
from skmist.conditional.smoothers import Candidate, Nearby, Smooth, Straight, local_scale
from skmist.estimators.copula.gaussian import RANK_TOLERANCE, Scores
from skmist.estimators.ksg.mixed import Form

_DISTINCT = 0.95
_LEAST_ROWS, _LEAST_SQUARE = 30, 1e-10
_WORTH = 0.5


class Left(NamedTuple):
    """What z leaves of a side, and the share (d,) of it that may be error of the regression."""

    side: Side
    error: np.ndarray


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
        self._points = np.hstack([values, scores[:, values.shape[1] :]])
        self._straight = Straight(np.hstack([scores, values]))
        self._bent: list[Nearby | Smooth] = []
        if n >= _LEAST_ROWS and not z.is_discrete:
            self._bent = [Nearby(self._points), Nearby(scores), Smooth(self._points)]
        # what a better fit must be better by, in logarithms of squares
        self._worth = _WORTH / np.sqrt(n)
        self._reach = 2.0 ** (2.0 / self._points.shape[1])

    def __call__(self, side: Side) -> Left:
        """Residuals of the continuous columns without ties; the others stay as they are.

        Parameters
        ----------
        side : Side
            Of n rows.

        Returns
        -------
        Left
            A column that z determines is 0.
        """
        values, error = side.values, np.zeros(side.width)
        numbers = np.flatnonzero(~side.discrete).tolist()
        chosen = [j for j in numbers if _is_untied(values[:, j])]
        if self._is_empty or not chosen:
            return Left(side, error)
        left, error[chosen] = self._best(side.columns(chosen))
        answer = values.copy()
        answer[:, chosen] = left
        return Left(side.with_values(answer), error)

    def _best(self, side: Side) -> tuple[np.ndarray, np.ndarray]:
        own, plain = side.values, _standardized(side)
        columns = np.hstack([plain, NormalScores().fit(own).transform(own)])
        found = list(self._candidates(columns))
        ordered = np.sort(columns, axis=0)
        sizes = np.array([_sizes(columns, ordered, candidate.left) for candidate in found])
        left, error, c = np.empty_like(plain), np.zeros(side.width), side.width
        for j in range(c):
            # a bent line only where it is worth its freedom
            straight = sizes[0, [j, c + j]].min()
            bent = sizes[1:, [j, c + j]].min(initial=np.inf) < straight - self._worth
            some = sizes[:, [j, c + j]] if bent else sizes[:1, [j, c + j]]
            best, way = np.unravel_index(np.argmin(some), some.shape)
            at = j + c * int(way)
            left[:, j] = found[best].left[:, at]
            error[j] = self._error(found[best], columns[:, [at]], left[:, j])
        return self._leveled(np.where(left.var(axis=0) > RANK_TOLERANCE, left, 0.0)), error

    def _candidates(self, columns: np.ndarray) -> Iterator[Candidate]:
        yield from self._straight.candidates(columns)
        for smoother in self._bent:
            yield from smoother.candidates(columns)

    def _error(self, chosen: Candidate, column: np.ndarray, left: np.ndarray) -> float:
        """Share of the square of what is left that is error, from half the rows against all.

        With twice the rows, the error of a regression that knows nothing but continuity falls
        to a half for one column of z in its size, and by less for more columns.
        """
        if chosen.halved is None:
            return 0.0
        growth = np.exp(_mean_log(chosen.halved(column)[:, 0]) - _mean_log(left)) - 1.0
        growth -= chosen.freedom / len(left)
        return float(np.clip(growth / (self._reach - 1.0), 0.0, 1.0))

    def _leveled(self, left: np.ndarray) -> np.ndarray:
        """Columns over their size nearby, where that varies: large residuals are no signal."""
        if not self._bent:
            return left
        near, size = local_scale(self._points, left), np.abs(left).mean(axis=0)
        near = np.where(near > 0.0, near, 1.0)
        # gain in the logarithm of a Laplace density
        gain = np.log(_above(size)) + 1.0 - (np.log(near) + np.abs(left) / near).mean(axis=0)
        return np.where(gain > self._worth, left / near, left)


def shared_error(x: np.ndarray, y: np.ndarray) -> float:
    """Information that errors of x and y, of these shares of their squares, make up at most.

    Parameters
    ----------
    x, y : ndarray of shape (p,) and (q,)
        Shares between 0 and 1.

    Returns
    -------
    float
        Nats; infinite where nothing but error is left.
    """
    pairs = min(len(x), len(y))
    largest = (np.sort(shares)[::-1][:pairs] for shares in (x, y))
    with np.errstate(divide="ignore"):
        # the correlation of two columns that share an error is the geometric mean of its shares
        return float(-0.5 * np.log1p(-np.prod(list(largest), axis=0)).sum())


def _sizes(columns: np.ndarray, ordered: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Mean logarithm of the squares (2 c,) of what is left of values and scores, as values."""
    c, errors = columns.shape[1] // 2, left.copy()
    for j in range(c):
        predicted = columns[:, c + j] - left[:, c + j]
        errors[:, c + j] = columns[:, j] - np.interp(predicted, ordered[:, c + j], ordered[:, j])
    return _mean_log(errors)


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
