"""Rows that occur again where chance cannot repeat them: exact copies in continuous columns."""

from __future__ import annotations

__all__ = ["Groups", "any_all_differ", "are_of_groups", "exact_copies"]

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from skmist._sample.ascending import ascending
from skmist._sample.grid_repeats import is_grid, repeat_beyond_grid
from skmist._sample.side import Side
from skmist._sample.splitmix import GOLDEN, scrambled

# Repeated rows below which nothing is said.
_FEWEST, _FEWEST_VALUES = 5, 30
# Probability that the other columns agree as often by chance, below which they are copied.
_BY_CHANCE = 0.01
# Short gaps between values, as a share of those between values without a grid.
_FINE = 0.5
_WINDOW, _BESIDE, _SHORTEST = 8, 4, 0.5
# Of exponential gaps: their geometric mean, in units of the mean.
_GEOMETRIC = float(np.exp(-np.euler_gamma))
_TESTED = 200
# How much more often than by chance rows repeat, and are alone; how seldom their values then meet.
_OFTEN, _SURELY, _SELDOM = 5.0, 3.0, 0.5
# Share of the pairs equal on one side, that are equal on all where rows were copied.
_EQUAL = 0.9


class Groups(NamedTuple):
    """Rows by which of them are equal."""

    of_row: np.ndarray  # (n,) int: number of each row's group
    first: np.ndarray  # (m,) int: a row of each
    size: np.ndarray  # (m,) int

    @classmethod
    def of(cls, keys: np.ndarray) -> Groups:
        """Group rows by keys (n,)."""
        _, first, of_row, size = np.unique(
            keys, return_index=True, return_inverse=True, return_counts=True
        )
        return cls(of_row, first, size)


class _Column(NamedTuple):
    """A continuous column."""

    values: Groups  # in ascending order
    others: np.ndarray  # (n,) keys of the rows without this column
    gaps: np.ndarray  # between its different values, ascending


def exact_copies(values: np.ndarray, discrete: np.ndarray) -> tuple[Groups, np.ndarray] | None:
    """Find rows of which there are copies, or None where there are none or they may be chance.

    Five rows or more that are repeated are taken for copies where one of three rules says so,
    any of which chance breaks in at most 2 of 100 samples whose columns are rounded, in
    whatever way they depend:

    - *fine values*: at most half of the repeated values of a column are repeated without the
      rest of the row; rows of neighboring values agree in the rest significantly less often; and
      the values beside the repeated ones lie at irregular distances, shorter ones among them than
      rounding that repeats so many would leave. Copies are then the rows with a value that none
      but their copies have.
    - *no row nearby*: rows are repeated 5 times as often as the values of two columns by
      themselves make it, and half of them have no other row within so few values of all
      continuous columns that a density without holes would have put one there. Copies are then
      the rows whose values meet less than once in two samples.
    - *beyond the grid*: rows of columns on a grid are equal more often than they lie a step apart
      (:func:`~skmist._sample.grid_repeats.repeat_beyond_grid`). Copies are then all repeated
      rows: up to two in five of them repeat by chance, and are left out with the others.

    Parameters
    ----------
    values : ndarray of shape (n, d)
    discrete : ndarray of bool, shape (d,)

    Returns
    -------
    groups : Groups
        Equal rows.
    certain : ndarray of bool, shape (m,)
        Of each group, whether it holds copies for certain.
    """
    numbers = np.flatnonzero(~discrete)
    if not len(numbers):
        return None
    hashed = _hashed(values)
    keys = hashed.sum(axis=1, dtype=np.uint64)
    rows = Groups.of(keys)
    repeated = rows.size > 1
    if repeated.sum() < _FEWEST:
        return None
    columns = [_column(values[:, j], keys - hashed[:, j]) for j in numbers]
    own = np.array([_is_own(column.values, rows) for column in columns])
    if any(_is_fine(c, rows, o & repeated) for c, o in zip(columns, own, strict=True)):
        return rows, own.any(axis=0) & repeated
    rare = _are_rare(columns, rows) & repeated
    if _are_isolated(columns, rows, rare):
        return rows, rare
    return (rows, repeated) if _exceed_grid(columns, keys, hashed[:, numbers]) else None


def are_of_groups(sides: Sequence[Side], rows: Groups) -> bool:
    """Whether a side repeats by itself, beside different values of the others.

    It holds facts of groups, of schools or persons, then. What was copied is equal on all sides.

    Parameters
    ----------
    sides : sequence of Side
    rows : Groups
        Equal rows of all sides together.
    """
    for side in sides:
        found = exact_copies(side.values, side.discrete)
        if found is not None and _n_pairs(rows.size) < _EQUAL * _n_pairs(found[0].size):
            return True
    return False


def _n_pairs(sizes: np.ndarray) -> float:
    """How many pairs of rows are equal, twice."""
    return float((sizes * (sizes - 1.0)).sum())


def any_all_differ(sides: Sequence[Side]) -> bool:
    """Whether there is a continuous column no value of which repeats, and so no row."""
    return any(
        ascending(side).n_different(j) == len(side)
        for side in sides
        for j, is_discrete in enumerate(side.kinds)
        if not is_discrete
    )


def _hashed(values: np.ndarray) -> np.ndarray:
    """Numbers that stand for the values (n, d), of which sums tell rows apart."""
    places = np.arange(values.shape[1], dtype=np.uint64)
    bits = (values + 0.0).view(np.uint64) + places
    return scrambled(bits) * (places * GOLDEN | np.uint64(1))


def _column(column: np.ndarray, others: np.ndarray) -> _Column:
    groups = Groups.of(column)
    return _Column(groups, others, np.diff(column[groups.first]))


def _is_own(values: Groups, rows: Groups) -> np.ndarray:
    """Of each group of rows, whether its value in a column occurs nowhere else."""
    return values.size[values.of_row[rows.first]] == rows.size


def _is_fine(column: _Column, rows: Groups, own: np.ndarray) -> bool:
    """Whether repeated values of a column are repeated with their rows, and lie on no grid."""
    repeated, count = column.values.size > 1, int(own.sum())
    enough = count >= _FEWEST and len(repeated) >= _FEWEST_VALUES
    if not enough or 2 * count < repeated.sum():
        return False
    from scipy.special import bdtrc

    others = column.others[column.values.first]
    beside = repeated[1:] | repeated[:-1]
    agree = (others[1:] == others[:-1])[beside]
    by_chance = bdtrc(count - 1, int(repeated.sum()), (agree.sum() + 1) / (len(agree) + 2))
    return bool(by_chance < _BY_CHANCE) and _lie_irregularly(column, repeated, count)


def _lie_irregularly(column: _Column, repeated: np.ndarray, count: int) -> bool:
    """Whether gaps beside repeated values are as short as they are without a grid.

    Rounding that repeats a share of the values leaves gaps of at least twice that share of the
    mean gap, there where values are repeated. Means are local, so that a grid may be of any
    scale, and geometric, so that it may have holes.
    """
    values, gaps = column.values, column.gaps
    real = gaps > 1e-9 * np.abs(gaps).sum()
    share = min(1.5 * count / len(values.size), _SHORTEST)
    short = real & (gaps < share * _local_mean(np.where(real, gaps, gaps.max())))
    below = np.append(0, np.cumsum(short))
    at = np.flatnonzero(repeated)
    low, high = np.maximum(at - _BESIDE, 0), np.minimum(at + _BESIDE, len(gaps))
    found = ((below[high] - below[low]) / (high - low)).mean()
    return bool(found > _FINE * -np.expm1(-_GEOMETRIC * share)) and bool(short.sum() > 1)


def _local_mean(gaps: np.ndarray) -> np.ndarray:
    total, at = np.append(0.0, np.cumsum(np.log(gaps))), np.arange(len(gaps))
    low, high = np.maximum(at - _WINDOW, 0), np.minimum(at + _WINDOW + 1, len(gaps))
    return np.exp((total[high] - total[low]) / (high - low))


def _are_rare(columns: list[_Column], rows: Groups) -> np.ndarray:
    """Of each group of rows, whether its values in the finest two columns seldom meet."""
    finest = sorted(columns, key=lambda column: -len(column.values.size))[:2]
    frequent = [c.values.size[c.values.of_row[rows.first]] for c in finest]
    return np.prod(frequent, axis=0) < _SELDOM * len(rows.of_row)


def _exceed_grid(columns: list[_Column], keys: np.ndarray, hashed: np.ndarray) -> bool:
    """Whether rows repeat more often than the grid of the finest two columns makes it."""
    finest = sorted(range(len(columns)), key=lambda j: -len(columns[j].values.size))[:2]
    values = [columns[j].values for j in finest]
    if len(finest) < 2 or len(values[1].size) < _FEWEST_VALUES:
        return False
    if not all(is_grid(columns[j].values.size, columns[j].gaps) for j in finest):
        return False
    places = np.column_stack([groups.of_row for groups in values])
    frequencies = np.column_stack([groups.size[groups.of_row] for groups in values])
    others = keys - hashed[:, finest].sum(axis=1, dtype=np.uint64)
    return repeat_beyond_grid(places, frequencies, others)


def _are_isolated(columns: list[_Column], rows: Groups, rare: np.ndarray) -> bool:
    """Whether rows repeat often, and half of them, six at least, have no other row nearby."""
    if len(columns) < 2 or 3 * rare.sum() < (rows.size > 1).sum():
        return False
    pairs = [float((c.values.size * (c.values.size - 1.0)).sum()) for c in columns]
    by_chance = np.prod(np.sort(pairs)[:2]) / (2.0 * len(rows.of_row) ** 2)
    if rare.sum() < max(_OFTEN * by_chance, _FEWEST + 1):
        return False
    places = np.column_stack([column.values.of_row for column in columns])[rows.first]
    n, different = len(rows.of_row), np.array([len(c.values.size) for c in columns])
    reach = np.maximum(np.floor(different / (4.0 * np.sqrt(n))), 2.0)
    asked = places[rare][:_TESTED]
    alone = np.mean([(np.abs(places - place) <= reach).all(axis=1).sum() == 1 for place in asked])
    # of rows in cells of equal density, so many at most are repeated and alone among their cells
    most = n / (2.0 * np.e * np.prod(2.0 * reach + 1.0))
    return bool(2 * alone >= 1 and alone * rare.sum() >= max(_SURELY * most, _FEWEST + 1))
