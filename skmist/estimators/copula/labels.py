"""The law of labels against labels: a table of counts, less what chance puts into it."""

from __future__ import annotations

__all__ = ["LabelLaw", "label_information"]

import numpy as np

from skmist._sample.contingency import Levels, Table, expected_information
from skmist._sample.entropy import limit_of_counts
from skmist._sample.sample import Sample

_BISECTIONS = 40


def label_information(x: np.ndarray, y: np.ndarray, bias_correction: bool) -> float:
    """MI of the levels (n,) of two sides, nats.

    The plug-in estimate I is too high by what chance puts into a table. That is known at both
    ends: E, the mean of I over all orders of the rows [1]_, where the sides are independent, and
    nothing, where one is a function of the other and I = H, the smaller entropy. Between them
    ``H (I - E) / (H - E)`` is taken, or the correction of the entropies by the number of cells
    that are not empty [2]_ where that gives less.

    Levels that occur once are taken together: which other level such a row meets is chance, and
    one row must not decide. Where only one row is left so, it says nothing.

    References
    ----------
    .. [1] N. X. Vinh, J. Epps and J. Bailey (2010), "Information theoretic measures for
       clusterings comparison", JMLR 11, 2837-2854.
    .. [2] G. A. Miller (1955), "Note on the bias of information estimates", in: Information
       Theory in Psychology, 95-100.
    """
    n = len(x)
    x, y = _without_rare(x, y)
    if not len(x):
        return 0.0
    table = Table.of(x, y)
    plain = table.information
    if bias_correction:
        plain = min(_above_chance(table, plain), _by_cells(table, plain))
    return plain * len(x) / n


def _without_rare(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, y = _pooled(x), _pooled(y)
    kept = (x >= 0) & (y >= 0)
    if kept.all():
        return x, y
    return _renumbered(x[kept]), _renumbered(y[kept])


def _renumbered(level: np.ndarray) -> np.ndarray:
    return np.unique(level, return_inverse=True)[1]


def _pooled(level: np.ndarray) -> np.ndarray:
    """The levels with those that occur once as one; -1 where that is one row."""
    once = np.bincount(level) == 1
    if not once.any():
        return level
    alone = once.sum() == 1
    number = np.cumsum(~once) - alone
    return np.where(once, -1 if alone else 0, number)[level]


def _above_chance(table: Table, plain: float) -> float:
    chance = expected_information(table.x_counts, table.y_counts)
    above = plain - chance
    if above <= 0.0:
        return above
    sides = table.x_counts, table.y_counts
    most = min(_entropy(counts) for counts in sides)
    share = above / max(most - chance, above)
    return share * min(limit_of_counts(counts) for counts in sides)


def _entropy(counts: np.ndarray) -> float:
    share = counts / counts.sum()
    return float(-share @ np.log(share))


def _by_cells(table: Table, plain: float) -> float:
    cells = len(table.counts) - len(table.x_counts) - len(table.y_counts) + 1
    return plain - cells / (2.0 * table.n)


class LabelLaw:
    """Labels against labels, for fitted and for new rows.

    For rows, the law of the table is mixed with independence, by as much as it takes for its
    information to be the estimate: so no combination is impossible.

    Parameters
    ----------
    sample : Sample
        Of discrete columns.
    bias_correction : bool

    Attributes
    ----------
    mi, bias : float
        The estimate, and what was taken off the plug-in estimate for it; nats.
    """

    def __init__(self, sample: Sample, bias_correction: bool) -> None:
        self._x, x = Levels.learn(sample.x.values)
        self._y, y = Levels.learn(sample.y.values)
        self.mi = label_information(x, y, bias_correction)
        table = Table.of(x, y)
        self.bias = table.information - self.mi
        self._independent = _share_of_independence(table, self.mi)
        self._keys = table.x * len(table.y_counts) + table.y
        self._table, self._ratios = table, self._mixed(table.ratios)
        self._shift = self.mi - float(table.counts @ np.log(self._ratios)) / table.n

    def pointwise(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Pointwise MI of rows (m, p) and (m, q), whose mean over the fitted ones is `mi`."""
        x, y = self._x(x), self._y(y)
        key = x * len(self._table.y_counts) + y
        at = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
        ratio = np.where(self._keys[at] == key, self._ratios[at], self._independent)
        return np.where((x < 0) | (y < 0), 0.0, np.log(ratio) + self._shift)

    def information(self, x: np.ndarray) -> np.ndarray:
        """What each row of x (m, p) says of y, nats, up to a constant."""
        table, level = self._table, self._x(x)
        share = table.y_counts[table.y] / table.n
        # cells that are empty have the share of y that is not in the others
        of_cell = share * (self._ratios * np.log(self._ratios))
        rest = 1.0 - np.bincount(table.x, share)
        empty = np.maximum(rest, 0.0) * self._independent * np.log(self._independent)
        known = np.bincount(table.x, of_cell) + empty
        return np.where(level < 0, 0.0, known[level])

    def _mixed(self, ratios: np.ndarray) -> np.ndarray:
        return self._independent + (1.0 - self._independent) * ratios


def _share_of_independence(table: Table, mi: float) -> float:
    """How much independence makes the information of a table the estimate, nats."""
    low, high, ratios = 1.0 / (table.n + 1), 1.0, table.ratios
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        mixed = middle + (1.0 - middle) * ratios
        if float(table.counts @ np.log(mixed)) > mi * table.n:
            low = middle
        else:
            high = middle
    return high
