"""Rows that nearly repeat others: copies with a little noise on their continuous columns."""

from __future__ import annotations

__all__ = ["without_near_copies"]

import math
from collections.abc import Callable, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from skmist._sample.ascending import ascending
from skmist._sample.side import Side

_FEWEST, _MOST = 100, 10_000
_RANK = np.int16  # holds as many
_MOST_COLUMNS, _UNTIED = 6, 0.99
# What is looked at first: so many columns, in boxes of so many ranks, as a share of all, beside
# wider ones.
_LOOKED = 3
_BOX, _LEAST_BOX, _WIDE, _WIDEST = 0.008, 3, 4, 8
# Rows that ask in each box, small and wide, and standard errors: at first, and then to be sure.
_LOOKS, _MORE = ((8, 2, 1.0), (16, 4, 1.2)), 1.05
_NEIGHBORS, _KNOT = 16, 8
# Logarithms of distances, relative to that of the farthest neighbor, are counted in bins.
_EDGES = np.linspace(-6.0, 0.0, 61)
_MIDDLES = (_EDGES[1:] + _EDGES[:-1]) / 2
_TINY = 1e-300
# Farthest that copies may be, as a share of all ranks and of the volume of the neighbors.
_REACH, _MOST_VOLUME, _LEAST_OF_MOST, _VOLUMES, _ROUNDS = 0.012, 0.15, 0.01, 10, 20
# Gain of log likelihood that shows copies, and of a bend at these bins relative to that.
_GAIN, _BENT, _BENDS, _CURVE = 12.0, 1.35, np.arange(20, 58), 0.9
# Rows by chance as near as copies, at most, and the probability from which a pair is merged.
_BY_CHANCE, _MERGED = 0.08, 0.3
_A_SERIES = 0.3
# Mean ratio of the two greatest distances of a pair below which it is apart in one column only.
_EVEN, _EVEN_ERROR = 0.32, 0.3
# Mean cosine that shows a curve: of vectors in a plane that know nothing of each other it is 0.64.
_ALONG, _ALONG_ERROR = 0.69, 0.4


def without_near_copies(
    sides: Sequence[Side], order: Callable[[], np.ndarray]
) -> np.ndarray | None:
    """Choose rows such that none nearly repeats another; None where none does.

    Where a density is smooth, the distances from a row to its neighbors, relative to the
    farthest of 16, follow a power law whose exponent is the dimension [1]_. Copies are among the
    neighbors that are much nearer: a mixture with a second law, exponential in the volume, of a
    scale of at most 1 % of the ranks, is then more likely, by a factor of exp(12). Two power
    laws, one near and one far, are the other way to have near neighbors, as on a curve that comes
    back beside itself: they must not be much more likely than copies.

    Of rows that are linked by pairs that are copies with a probability of 0.3 one is kept. Where
    more than 0.08 rows are as near as a copy by chance, fewer rows are looked at, so that there
    are not. Rows that are nearest to the rows beside them are a series and no copies.

    Distances are the greatest difference of ranks, smooth ones, in up to 6 columns without ties,
    of which there must be two; samples of 100 to 10,000 rows are looked at. In two columns a
    twentieth of copies cannot be told: among n rows chance makes pairs as near in proportion to
    n ** 2, the copies to n, and their excess is 4.5 standard errors of chance at best, at any n.

    Parameters
    ----------
    sides : sequence of Side
        All columns, of the same n rows.
    order : callable
        Makes an order of the rows that depends on nothing but the sample.

    Returns
    -------
    ndarray of int or None
        Positions of the rows that are kept, ascending.

    References
    ----------
    .. [1] E. Levina and P. J. Bickel (2004), "Maximum likelihood estimation of intrinsic
       dimension", NeurIPS 17.
    """
    n = len(sides[0])
    if not _FEWEST <= n <= _MOST:
        return None
    columns = [(s, j) for s in sides for j, discrete in enumerate(s.kinds) if not discrete]
    first, last = _untied(columns, _LOOKED - 1), _untied(columns[:0:-1], 1)
    looked = dict.fromkeys([*first, *last])
    if not last or len(looked) < 2 or not _are_suspect([ascending(s).order(j) for s, j in looked]):
        return None
    places = np.column_stack([_places(s, j) for s, j in _some_untied(columns)])
    kept = order()
    near = _Neighbors.of(places[kept])
    law = near.law()
    if not law.shows_copies or near.are_a_series(kept) or near.are_a_curve(law):
        return None
    by_chance = law.volume * _NEIGHBORS
    if by_chance > _BY_CHANCE:
        kept = kept[: max(int(n * _BY_CHANCE / by_chance), _FEWEST)]
        near = _Neighbors.of(places[kept])
        law = near.law()
    kept = kept[near.apart(law)]
    return np.sort(kept) if len(kept) < n else None


def _untied(columns: list[tuple[Side, int]], most: int) -> list[tuple[Side, int]]:
    """The first columns in which hardly any value repeats, at most so many."""
    asked = columns[:_MOST_COLUMNS]
    found = ((s, j) for s, j in asked if ascending(s).n_different(j) > _UNTIED * len(s))
    return list(islice(found, most))


def _some_untied(columns: list[tuple[Side, int]]) -> list[tuple[Side, int]]:
    """A few of them, of both ends."""
    half = _MOST_COLUMNS // 2
    return list(dict.fromkeys([*_untied(columns, half), *_untied(columns[::-1], half)[::-1]]))


def _are_suspect(orders: Sequence[np.ndarray]) -> bool:
    """Whether more pairs of rows lie in small boxes than two wider ones let expect.

    A look that costs a few per cent of the fastest estimate. The numbers of pairs in the wider
    boxes tell the dimension. The orders of the columns are all that it takes.
    """
    along, *others = orders
    ranks = [_ranks(order)[along] for order in others]
    return all(_are_too_near(ranks, *look) for look in _LOOKS)


def _ranks(order: np.ndarray) -> np.ndarray:
    ranks = np.empty(len(order), dtype=_RANK)
    ranks[order] = np.arange(len(order), dtype=_RANK)
    return ranks


def _are_too_near(ranks: Sequence[np.ndarray], near: int, far: int, sure: float) -> bool:
    box = max(_LEAST_BOX, round(_BOX * len(ranks[0])))
    apart, n_asked = _beside(ranks, box, max(1, box // near))
    found = np.count_nonzero(apart <= box)
    apart, n_wide = _beside(ranks, _WIDEST * box, max(1, box // far))
    wide = np.count_nonzero(apart[: _WIDE * box] <= _WIDE * box)
    if not wide:
        return False
    widest = np.count_nonzero(apart <= _WIDEST * box)
    expected = wide * (wide / widest) ** 2 * n_asked / n_wide
    error = math.sqrt(max(expected, 1.0) + (3.0 * expected) ** 2 / wide)
    return bool(found > _MORE * expected + sure * error)


def _beside(ranks: Sequence[np.ndarray], most: int, step: int) -> tuple[np.ndarray, int]:
    """How far the ranks of rows are from those of so many after them, and of how many rows."""
    # a sliding window, as numpy's own takes as long as all else here
    shape, strides = (most + 1, (len(ranks[0]) - most - 1) // step + 1), (2, 2 * step)
    windows = [np.ndarray(shape, _RANK, column, strides=strides) for column in ranks]
    apart = np.abs(windows[0][1:] - windows[0][0])
    for window in windows[1:]:
        np.maximum(apart, np.abs(window[1:] - window[0]), out=apart)
    return apart, shape[1]


def _places(side: Side, j: int) -> np.ndarray:
    """Ranks of a column, interpolated, so that near values have ranks as near."""
    values = ascending(side).values(j)
    at = np.append(np.arange(0, len(values) - 1, _KNOT), len(values) - 1)
    knots, first = np.unique(values[at], return_index=True)
    return np.interp(side.values[:, j], knots, at[first].astype(float))


class _Law(NamedTuple):
    """How far neighbors are: by chance, and copies."""

    dimension: float
    share: float  # of the neighbors that are copies
    volume: float  # within which copies are, relative to that of all neighbors
    gain: float  # log likelihood of copies relative to none
    bent: float  # ... of a dimension that changes

    @property
    def shows_copies(self) -> bool:
        """Whether copies explain the distances, and nothing else as well."""
        return self.gain > _GAIN and self.bent < _BENT * self.gain


class _Neighbors(NamedTuple):
    """The neighbors of m rows."""

    places: np.ndarray  # (m, d) of the rows themselves
    rows: np.ndarray  # (m, k) int
    logs: np.ndarray  # (m, k - 1): of distances, relative to that of the last
    reach: float  # log of the farthest that copies may be, relative to the same

    @classmethod
    def of(cls, places: np.ndarray) -> _Neighbors:
        """Find them by the greatest difference of places (m, d)."""
        from scipy.spatial import cKDTree

        distances, rows = cKDTree(places).query(places, k=_NEIGHBORS + 1, p=np.inf)
        distances = np.maximum(distances[:, 1:], 1e-9)
        logs = np.log(distances[:, :-1] / distances[:, -1:])
        # places are ranks of all rows, of which these may be some
        reach = _REACH * (places.max() - places.min()) / np.median(distances[:, -1])
        return cls(places, rows[:, 1:], logs, math.log(reach))

    def law(self) -> _Law:
        """The most likely law of their distances."""
        counts = np.histogram(np.clip(self.logs, _EDGES[0], -1e-9), _EDGES)[0].astype(float)
        dimension = counts.sum() / -(counts @ _MIDDLES)
        least = _likelihood(counts, _power(np.array([dimension])))[0]
        most = min(math.exp(dimension * self.reach), _MOST_VOLUME)
        found = _with_copies(counts, dimension, np.geomspace(_LEAST_OF_MOST, 1.0, _VOLUMES) * most)
        return _Law(*found[:3], found[3] - least, _with_bend(counts) - least)

    def are_a_series(self, positions: np.ndarray) -> bool:
        """Whether many rows are nearest to one of the two before or after them."""
        beside = np.abs(positions - positions[self.rows[:, 0]]) <= 2
        return bool(beside.mean() > _A_SERIES)

    def are_a_curve(self, law: _Law) -> bool:
        """Whether pairs that may be copies are apart in one column only, or along a curve."""
        row, place = self._copies(law)
        apart = self._apart(row, place)
        second, farthest = np.sort(np.abs(apart), axis=1)[:, -2:].T
        error = 1.0 / math.sqrt(max(len(row), 1))
        steep = (second / np.maximum(farthest, 1e-9)).mean() < _EVEN - _EVEN_ERROR * error
        # On a curve the next neighbors lie in the direction of the nearest, elsewhere anywhere;
        # but copies of one row do not, whose distances share its noise.
        last = self.rows.shape[1] - 1
        beyond = np.bincount(row, minlength=len(self.rows))[row]
        further = [self._apart(row, np.minimum(beyond + more, last)) for more in (0, 1)]
        along = np.mean([_cosines(apart, other) for other in further])
        return bool(steep or along > _ALONG + _ALONG_ERROR * error)

    def _apart(self, row: np.ndarray, place: np.ndarray) -> np.ndarray:
        """From rows to their neighbors of these numbers (m, d)."""
        found: np.ndarray = self.places[self.rows[row, place]] - self.places[row]
        return found

    def apart(self, law: _Law) -> np.ndarray:
        """Positions of one row of each set of copies, ascending."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        row, place = self._copies(law)
        links = np.ones(len(row)), (row, self.rows[row, place])
        sets = connected_components(coo_array(links, shape=(len(self.rows),) * 2), False)[1]
        return np.sort(np.unique(sets, return_index=True)[1])

    def _copies(self, law: _Law) -> tuple[np.ndarray, np.ndarray]:
        """Rows, and which of their neighbors are copies of them, if not surely."""
        scaled = np.exp(law.dimension * self.logs) / law.volume
        odds = law.share * np.exp(-scaled) / -np.expm1(-1.0 / law.volume) / law.volume
        row, place = np.nonzero(odds > _MERGED * (odds + 1.0 - law.share))
        return row, place


def _cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Of the angles, below 90 degrees, between vectors (m, d)."""
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    cosines: np.ndarray = np.abs((one * other).sum(axis=1)) / np.maximum(lengths, _TINY)
    return cosines


def _power(dimension: np.ndarray) -> np.ndarray:
    """Mass of each bin under power laws, shape (k, bins)."""
    return _masses(np.exp(np.multiply.outer(dimension, _EDGES)))


def _masses(below: np.ndarray) -> np.ndarray:
    below[..., 0] = 0.0
    return np.diff(below)


def _likelihood(counts: np.ndarray, mass: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(mass, _TINY)) @ counts


def _with_copies(
    counts: np.ndarray, dimension: float, volumes: np.ndarray
) -> tuple[float, float, float, float]:
    """Dimension, share, volume and log likelihood of the best mixture, by expectation steps."""
    dimensions, shares = np.full(len(volumes), dimension), np.full((len(volumes), 1), 0.02)
    scale = -np.expm1(-1.0 / volumes[:, None])
    for _ in range(_ROUNDS):
        inside = np.exp(np.multiply.outer(dimensions, _EDGES))
        copies = shares * _masses(-np.expm1(-inside / volumes[:, None]) / scale)
        mass = np.maximum((1.0 - shares) * _masses(inside) + copies, _TINY)
        likely = np.log(mass) @ counts
        of_copies = counts * copies / mass
        others = counts - of_copies
        shares = of_copies.sum(axis=1, keepdims=True) / counts.sum()
        dimensions = others.sum(axis=1) / -(others @ _MIDDLES)
    best = int(np.argmax(likely))
    return dimensions[best], shares[best, 0], volumes[best], likely[best]


def _with_bend(counts: np.ndarray) -> float:
    """Log likelihood of the best two power laws, of which the near one may be that of a curve."""
    at, count = _EDGES[_BENDS], np.append(0.0, np.cumsum(counts))
    total = np.append(0.0, np.cumsum(counts * _MIDDLES))
    near, far = count[_BENDS], count[-1] - count[_BENDS]
    outer = far / np.maximum(total[_BENDS] - total[-1] - near * at, 1e-9)
    inner = np.maximum(near / np.maximum(near * at - total[_BENDS], 1e-9), _CURVE)
    place, bend = _EDGES, at[:, None]
    inside = inner[:, None] * np.minimum(place - bend, 0.0)
    below = np.exp(inside + outer[:, None] * np.maximum(place, bend))
    return float(_likelihood(counts, _masses(below)).max())
