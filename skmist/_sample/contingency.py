"""Information in a table of counts, and how much of it chance alone would give."""

from __future__ import annotations

__all__ = ["Levels", "Table", "expected_information", "side_levels"]

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from skmist._sample.groups import group_rows
from skmist._sample.side import Side

# expected counts from which the moments of a count say all that matters of its logarithm
_MANY = 10.0


class Levels(NamedTuple):
    """How combinations of the codes of some columns are numbered."""

    sizes: tuple[int, ...]  # codes of each column
    known: tuple[np.ndarray, ...]  # combinations up to each column, as numbered before it

    @classmethod
    def learn(cls, codes: np.ndarray) -> tuple[Levels, np.ndarray]:
        """Number the rows (n, d) of codes, and give their numbers (n,), from 0 without gaps."""
        level = np.zeros(len(codes), dtype=np.intp)
        sizes, known = [], []
        for column in codes.T.astype(np.intp):
            size = int(column.max()) + 1
            found, level = np.unique(level * size + column, return_inverse=True)
            sizes.append(size)
            known.append(found)
        return cls(tuple(sizes), tuple(known)), level

    def __call__(self, codes: np.ndarray) -> np.ndarray:
        """Numbers (m,) of rows (m, d), -1 of a combination that was not there."""
        level = np.zeros(len(codes), dtype=np.intp)
        steps = zip(codes.T.astype(np.intp), self.sizes, self.known, strict=True)
        for column, size, known in steps:
            key = np.where(level < 0, -1, level * size + column)
            at = np.minimum(np.searchsorted(known, key), len(known) - 1)
            level = np.where(known[at] == key, at, -1)
        return level


def side_levels(side: Side) -> np.ndarray:
    """Numbers (n,) of the different rows of a side."""
    return side.once_by_row(_levels)


def _levels(side: Side) -> np.ndarray:
    return group_rows(side.values)


class Table(NamedTuple):
    """Which levels of two sides occur together, and in how many rows."""

    x: np.ndarray  # (k,) level of x in each cell that is not empty
    y: np.ndarray  # (k,)
    counts: np.ndarray  # (k,) rows of the cell
    x_counts: np.ndarray  # rows of each level of x
    y_counts: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray) -> Table:
        """Count levels (n,) of either side; each from 0, all of which occur."""
        x_counts, y_counts = np.bincount(x), np.bincount(y)
        width = len(y_counts)
        if len(x_counts) * width <= 4 * len(x):
            counts = np.bincount(x * width + y)
            cells = np.flatnonzero(counts)
            counts = counts[cells]
        else:
            cells, counts = np.unique(x * width + y, return_counts=True)
        return cls(cells // width, cells % width, counts, x_counts, y_counts)

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.counts.sum())

    @property
    def ratios(self) -> np.ndarray:
        """Rows of each cell relative to those that independence would put there, (k,)."""
        return self.counts * self.n / (self.x_counts[self.x] * self.y_counts[self.y])

    @property
    def information(self) -> float:
        """The plug-in estimate of the MI, nats."""
        return float(self.counts @ np.log(self.ratios)) / self.n

    def follows(self) -> tuple[bool, bool]:
        """Whether x is a function of y in these rows, and y of x."""
        return len(self.counts) == len(self.y_counts), len(self.counts) == len(self.x_counts)


def expected_information(x_counts: np.ndarray, y_counts: np.ndarray) -> float:
    """Mean plug-in estimate, nats, over all orders of the rows: what chance alone gives.

    The counts of the cells are hypergeometric [1]_. Where more than 10 rows are expected in one,
    the mean of ``k log k`` comes from the moments of k up to the fourth.

    References
    ----------
    .. [1] N. X. Vinh, J. Epps and J. Bailey (2010), "Information theoretic measures for
       clusterings comparison: variants, properties, normalization and correction for chance",
       JMLR 11, 2837-2854.
    """
    n = int(x_counts.sum())
    (a, a_times), (b, b_times) = (np.unique(c, return_counts=True) for c in (x_counts, y_counts))
    joint = a_times @ _mean_k_log_k(a, b, n) @ b_times
    margins = (a * np.log(a)) @ a_times + (b * np.log(b)) @ b_times
    return float(joint - margins) / n + float(np.log(n))


def _mean_k_log_k(a: np.ndarray, b: np.ndarray, n: int) -> np.ndarray:
    """Means (i, j) of ``k log k`` of hypergeometric k: of n rows, a (i,) drawn, b (j,) marked."""
    answer = _by_moments(a[:, None], b, n)
    for i in np.flatnonzero(a * b[0] < _MANY * n):
        few = a[i] * b < _MANY * n
        answer[i, few] = _by_sums(int(a[i]), b[few], n)
    return answer


def _by_moments(a: np.ndarray, b: np.ndarray, n: int) -> np.ndarray:
    share, mean = b / n, a * (b / n)
    variance = mean * ((1.0 - share) * (n - a) / max(n - 1, 1))
    third = variance * (1.0 - 2.0 * share) * (n - 2 * a) / max(n - 2, 1)
    # to this order the law is normal
    fourth = 3.0 * variance**2
    more = fourth / (12.0 * mean**3) - third / (6.0 * mean**2)
    return mean * np.log(mean) + variance / (2.0 * mean) + more


def _by_sums(a: int, b: np.ndarray, n: int) -> np.ndarray:
    mean = float(a * b[-1] / n)
    top = int(min(a, b[-1], np.ceil(mean + 10.0 * np.sqrt(mean) + 20.0)))
    k = np.arange(1, top + 1)
    rest = b[:, None] - k
    possible = (rest >= 0) & (rest <= n - a)
    rest = np.where(possible, rest, 0)
    logs = _log_factorials(n)
    ways = (logs[n - a] + logs[a]) - (logs[k] + logs[a - k]) - logs[rest] - logs[n - a - rest]
    whole = logs[n] - logs[b] - logs[n - b]
    ways = np.where(possible, ways - whole[:, None], -np.inf)
    return np.exp(ways) @ (k * np.log(k))


def _log_factorials(most: int) -> np.ndarray:
    """Logarithms of 0!, 1!, ... to `most` or beyond, by place."""
    return _log_factorials_below(1 << most.bit_length())


@lru_cache(maxsize=2)
def _log_factorials_below(n: int) -> np.ndarray:
    return np.append(0.0, np.cumsum(np.log(np.arange(1, n))))
