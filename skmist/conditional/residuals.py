"""What regressions on the conditions leave of x and y, which keeps the conditional information.

For any functions f and g, (x, z) and (x - f(z), z) hold the same, and so do (y, z) and
(y - g(z), z); hence I(x; y | z) = I(x - f(z); y - g(z) | z), whatever f and g are. What changes
is how hard it is to estimate: the dependence on z, which is not asked for, is out of the way.
"""

from __future__ import annotations

__all__ = ["Residuals"]

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from skmist._sample.groups import group_rows
from skmist._sample.scores import NormalScores
from skmist._sample.side import Side
from skmist.estimators.copula.gaussian import RANK_TOLERANCE, Scores, principal_axes
from skmist.estimators.ksg.mixed import Form

_ROWS_PER_DIRECTION = 20
_DISTINCT = 0.95


class Residuals:
    """Regress columns on z, first linearly, then by averages over neighborhoods.

    The linear part is on the values and the normal scores of z, on so many of their principal
    axes that each has 20 rows. A column is taken as it is or as scores, whichever leaves less of
    it: ranks blur a tight linear relation, values one that is bent. The averages are over about
    ``2 sqrt(n)`` locations near each row, with weights that fall linearly to zero. Neither looks
    at x or y before it is asked, so many versions of x cost little.

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
        scores = Scores.of(z)(z.values)
        features = np.hstack([scores, _standardized(z)])
        axes = principal_axes(features)
        # ascending variances
        leading = slice(-max(n // _ROWS_PER_DIRECTION, 1), None)
        spreads = np.sqrt(n * axes.variances[leading])
        self._basis = features @ axes.directions[:, leading] / spreads
        self._smoother = _Smoother(scores)

    def __call__(self, side: Side) -> Side:
        """Residuals of the continuous columns without ties; the others stay as they are.

        Parameters
        ----------
        side : Side
            Of n rows.

        Returns
        -------
        Side
            A column that z determines is 0.
        """
        values = side.values
        numbers = np.flatnonzero(~side.discrete).tolist()
        chosen = [j for j in numbers if _is_untied(values[:, j])]
        if self._is_empty or not chosen:
            return side
        columns = values[:, chosen]
        of_scores = self._left(NormalScores().fit(columns).transform(columns))
        of_values = self._left(_standardized(side.columns(chosen)))
        left = np.where(of_values.var(axis=0) <= of_scores.var(axis=0), of_values, of_scores)
        answer = values.copy()
        answer[:, chosen] = np.where(left.var(axis=0) > RANK_TOLERANCE, left, 0.0)
        return side.with_values(answer)

    def _left(self, columns: np.ndarray) -> np.ndarray:
        left = columns - self._basis @ (self._basis.T @ columns)
        return left - self._smoother(left)


class _Smoother:
    """Weighted means over the neighborhoods of rows; equal rows count as one location."""

    def __init__(self, points: np.ndarray) -> None:
        self._group = group_rows(points)
        locations = points[np.unique(self._group, return_index=True)[1]]
        n, m = len(points), len(locations)
        k = min(int(np.ceil(2.0 * np.sqrt(n))), m - 1)
        distance, index = cKDTree(locations).query(locations, k=k + 1)
        weights = 1.0 - distance / distance[:, -1:]
        starts = np.arange(0, m * (k + 1) + 1, k + 1)
        near = csr_array((weights.ravel(), index.ravel(), starts), shape=(m, m))
        self._total = csr_array((np.ones(n), (self._group, np.arange(n))), shape=(m, n))
        self._near, self._mass = near, near @ np.bincount(self._group)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        means = (self._near @ (self._total @ values)) / self._mass[:, None]
        return means[self._group]


def _standardized(side: Side) -> np.ndarray:
    """The continuous columns with mean 0 and variance 1, whatever their size."""
    numbers = Form.learn(side)[1].numbers
    return numbers - numbers.mean(axis=0)


def _is_untied(column: np.ndarray) -> bool:
    # repeated values of a mixture mean something, and would be torn apart
    return len(np.unique(column)) >= _DISTINCT * len(column)
