"""A sample as critics see it: numbers in an order that nothing but the sample decides."""

from __future__ import annotations

__all__ = ["CriticView"]

from typing import Any, cast

import numpy as np

from skmist._sample.order import canonical
from skmist._sample.sample import Sample
from skmist._sample.scores import NormalScores


class CriticView:
    """Turn rows of both sides into columns of numbers for a critic.

    Continuous columns become normal scores, each discrete column indicators of its categories
    but one. Rows, columns and sides are put into an order of their own, so that a net trained on
    them ends the same whichever way the sample was written down.

    Parameters
    ----------
    sample : Sample
        Without constant columns; at least one column on either side.

    Attributes
    ----------
    order : ndarray of shape (n,)
        Indices that bring the rows of the sample into their canonical order.
    swapped : bool
        Whether y comes first.
    """

    def __init__(self, sample: Sample) -> None:
        both, p = sample.both(), sample.p
        self.order, codes = canonical(both.values, both.discrete, p)
        self._x = _SideView(sample.x.values[self.order], sample.x.discrete, codes[:p])
        self._y = _SideView(sample.y.values[self.order], sample.y.discrete, codes[p:])
        self.swapped = self._y.key < self._x.key

    def x(self, rows: np.ndarray) -> np.ndarray:
        """Rows (m, p) of x as numbers (m, a), float64."""
        return self._x(rows)

    def y(self, rows: np.ndarray) -> np.ndarray:
        """Rows (m, q) of y as numbers (m, b), float64."""
        return self._y(rows)

    def arranged(self, x: Any, y: Any) -> tuple:
        """The two sides as a critic takes them: y first where `swapped`."""
        return (y, x) if self.swapped else (x, y)


class _SideView:
    def __init__(
        self, values: np.ndarray, discrete: np.ndarray, codes: list[np.ndarray | None]
    ) -> None:
        self._codes = codes
        numeric = np.flatnonzero(~discrete)
        self._scores = {j: NormalScores().fit(values[:, [j]]) for j in numeric.tolist()}
        columns = [self._recoded(values, j) for j in range(values.shape[1])]
        names = [(bool(discrete[j]), column.tobytes()) for j, column in enumerate(columns)]
        self._columns = sorted(range(len(names)), key=names.__getitem__)
        self.key = (len(names), *sorted(names))

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        return np.concatenate([self._expanded(rows, j) for j in self._columns], axis=1)

    def _recoded(self, rows: np.ndarray, j: int) -> np.ndarray:
        """Scores of a continuous column, or canonical codes of a discrete one."""
        if j in self._scores:
            return self._scores[j].transform(rows[:, [j]])[:, 0]
        return self._known(j)[rows[:, j].astype(np.intp)]

    def _expanded(self, rows: np.ndarray, j: int) -> np.ndarray:
        column = self._recoded(rows, j)
        if j in self._scores:
            return column[:, None]
        # one category is told by the absence of the others
        return (column[:, None] == np.arange(1, len(self._known(j)))).astype(np.float64)

    def _known(self, j: int) -> np.ndarray:
        """Canonical codes of a discrete column."""
        return cast(np.ndarray, self._codes[j])
