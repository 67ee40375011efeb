"""Whether one side is a function of the other in the rows at hand."""

from __future__ import annotations

__all__ = ["Follower", "followers"]

from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

from skmist._sample.contingency import Table, side_levels
from skmist._sample.entropy import limit_counts
from skmist._sample.sample import Sample
from skmist._sample.side import Side

_CHANCE = np.log(1e-3)
_LEAST_SHARE, _MANY_TESTS = 0.25, 60


class Follower(NamedTuple):
    """A side of labels or codes that no row shows to be anything but a function of the other."""

    counts: np.ndarray  # rows of each of its values
    n_tests: int  # rows that could have shown it
    by_values: bool  # by equal values of the other side; else by their order


def followers(sample: Sample) -> tuple[Follower | None, Follower | None]:
    """Of x and of y, whether that side is a function of the other beyond chance.

    It is where equal values of the other side have equal values of it, and rows enough have equal
    values: 60, or a quarter. Of six columns of codes hardly two rows are alike, and that the few
    which are agree says nothing of the others. Where those of the other
    side are numbers, it is too where each of its own has an interval of them to itself. Chance
    would show that in less than 1 of 1,000 orders of the rows.

    Parameters
    ----------
    sample : Sample
        Without constant columns.

    Returns
    -------
    of_x, of_y : Follower or None
    """
    x, y = limit_counts(sample.x), limit_counts(sample.y)
    found: list[Follower | None] = [None, None]
    if x is not None and y is not None:
        table = Table.of(side_levels(sample.x), side_levels(sample.y))
        pairs = zip((x, y), (y, x), table.follows(), strict=True)
        found = [_by_values(own, other) if follows else None for own, other, follows in pairs]
    sides = sample.x, sample.y
    for i, counts in enumerate((x, y)):
        if counts is not None and found[i] is None:
            found[i] = _by_order(sides[i], counts, sides[1 - i])
    return found[0], found[1]


def _by_values(own: np.ndarray, other: np.ndarray) -> Follower | None:
    n_tests = int(other.sum()) - len(other)
    alike = float(((own / own.sum()) ** 2).sum())
    enough = n_tests >= min(_LEAST_SHARE * own.sum(), _MANY_TESTS)
    return Follower(own, n_tests, True) if enough and n_tests * np.log(alike) < _CHANCE else None


def _by_order(side: Side, counts: np.ndarray, other: Side) -> Follower | None:
    if other.width != 1 or other.nameless[0]:
        return None
    n, k = int(counts.sum()), len(counts)
    if gammaln(k + 1) + gammaln(counts + 1).sum() - gammaln(n + 1) > _CHANCE:
        return None
    level, number = side_levels(side), other.values[:, 0]
    order = np.lexsort((level, number))
    level, number = level[order], number[order]
    change = level[1:] != level[:-1]
    if int(change.sum()) != k - 1 or (change & (number[1:] == number[:-1])).any():
        return None
    return Follower(counts, n - k, False)
