"""Local information of rows by nearest neighbors, for numbers and categories side by side."""

from __future__ import annotations

__all__ = [
    "Form",
    "Part",
    "Rows",
    "digammas",
    "learned",
    "mixed_information",
    "part_of",
    "rectangular_information",
    "shared_cells",
]

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import digamma

from skmist._neighbors.cells import Numbers
from skmist._neighbors.radii import closed_radius
from skmist._neighbors.regions import rectangles
from skmist._neighbors.search import count_within, surroundings
from skmist._sample.groups import group_rows
from skmist._sample.side import Side

_FAR = 1000.0
# of more rows, to standardize costs little beside the search, and to keep much
_MOST_KEPT = 50_000


class Part(NamedTuple):
    """One side of some rows."""

    numbers: np.ndarray  # (m, c) standardized continuous columns
    codes: np.ndarray  # (m, d) codes of the discrete columns


class Rows(NamedTuple):
    """Both sides of some rows."""

    x: Part
    y: Part


class Form(NamedTuple):
    """How the columns of one side are split and standardized."""

    discrete: np.ndarray  # (p,) bool
    unit: np.ndarray  # (c,) power of two near the largest value
    center: np.ndarray  # (c,) in units
    spread: np.ndarray  # (c,) standard deviation, in units

    @classmethod
    @np.errstate(under="ignore")
    def learn(cls, side: Side) -> tuple[Form, Part]:
        """Learn the form of a side without constant columns, and give it that form."""
        numbers, codes = side.values, side.values[:, :0]
        if True in side.kinds:
            numbers, codes = _split(side.values, side.discrete)
        if numbers.shape[1] == 1:
            unit, center, spread, numbers = _standardized_line(numbers)
            return cls(side.discrete, unit, center, spread), Part(numbers, codes)
        n = len(numbers)
        # Division by a power of two is exact; without it, squares could overflow or vanish.
        unit = np.exp2(np.frexp(np.maximum.reduce(np.abs(numbers)))[1] - 1.0)
        scaled = numbers / unit
        mean = np.add.reduce(scaled) / n
        spread = np.sqrt(np.add.reduce(np.square(scaled - mean)) / n)
        # Subtraction is exact for values far from 0, and costs digits of those near it.
        center = np.zeros_like(mean)
        for j in np.flatnonzero(np.abs(mean) > _FAR * spread):
            center[j], spread[j] = _far_form(scaled[:, j])
        return cls(side.discrete, unit, center, spread), Part((scaled - center) / spread, codes)

    @np.errstate(under="ignore")
    def __call__(self, values: np.ndarray) -> Part:
        """Split and standardize rows (m, p)."""
        numbers, codes = _split(values, self.discrete)
        return Part((numbers / self.unit - self.center) / self.spread, codes)


def _standardized_line(numbers: np.ndarray) -> tuple[np.ndarray, ...]:
    """Do the same for one column by plain numbers: of few rows, numpy's take most of the time."""
    n = len(numbers)
    unit = math.ldexp(1.0, math.frexp(float(np.abs(numbers).max()))[1] - 1)
    scaled = numbers / unit
    mean = float(np.add.reduce(scaled)[0]) / n
    spread = math.sqrt(float(np.add.reduce(np.square(scaled - mean))[0]) / n)
    center = 0.0
    if abs(mean) > _FAR * spread:
        center, spread = _far_form(scaled[:, 0])
        scaled = scaled - center
    return *np.array([[unit], [center], [spread]]), scaled / spread


def _far_form(column: np.ndarray) -> tuple[float, float]:
    """Center and spread of values far from 0: their mean would round by the order of the rows."""
    center = float(column.min())
    return center, float(np.std(column - center))


def _split(values: np.ndarray, discrete: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Continuous and discrete columns."""
    if not discrete.any():
        return values, values[:, :0]
    return values[:, ~discrete], values[:, discrete]


def part_of(side: Side) -> Part:
    """Standardize a side by itself; another order of a side has its rows from there."""
    if side.origin is not None:
        origin, order = side.origin
        return Part(*(of_rows[order] for of_rows in part_of(origin)))
    return learned(side)[1]


def learned(side: Side) -> tuple[Form, Part]:
    """The form of a side without constant columns, and the side in that form."""
    return side.once(Form.learn) if len(side) <= _MOST_KEPT else Form.learn(side)


def mixed_information(reference: Rows, rows: Rows, k: int, workers: int) -> np.ndarray:
    """Local information of m rows against n reference rows, nats; `rows` may be `reference`."""
    x_cells = shared_cells(reference.x.codes, rows.x.codes)
    y_cells = shared_cells(reference.y.codes, rows.y.codes)
    cells = _joint_cells(x_cells, y_cells), x_cells, y_cells
    known = reference.x.numbers, reference.y.numbers
    asked = known if rows is reference else (rows.x.numbers, rows.y.numbers)
    found = surroundings(known, asked, k, workers, cells)
    table = digammas(len(known[0]) + 1)
    local = table[found.both] - table[found.x] - table[found.y]
    local += _digamma_of_size(known[0], found.is_copy)
    return np.where(found.lonely, 0.0, local) if found.lonely.any() else local


def _joint_cells(x_cells: Numbers, y_cells: Numbers) -> Numbers:
    """Cells that share the categories of both sides."""
    if x_cells is None or y_cells is None:
        return x_cells or y_cells
    known, asked = (np.column_stack(pair) for pair in zip(x_cells, y_cells, strict=True))
    own = x_cells[0] is x_cells[1] and y_cells[0] is y_cells[1]
    return shared_cells(known, known if own else asked)


def rectangular_information(
    reference: Rows, rows: Rows, k: int, otherwise: np.ndarray, workers: int
) -> np.ndarray:
    """Local information by Kraskov's second estimator; `otherwise` where it is undefined."""
    x, y = reference.x.numbers, reference.y.numbers
    points = np.hstack([rows.x.numbers, rows.y.numbers])
    extents, proper, is_copy = rectangles(np.hstack([x, y]), points, k, x.shape[1], workers)
    radius_x, radius_y = closed_radius(extents).T
    # without the row itself, unlike the balls above
    n_x = np.maximum(count_within(x, rows.x.numbers, radius_x, workers) - is_copy, 1)
    n_y = np.maximum(count_within(y, rows.y.numbers, radius_y, workers) - is_copy, 1)
    local = digamma(k) - 1.0 / k - digamma(n_x) - digamma(n_y) + _digamma_of_size(x, is_copy)
    return np.where(proper, local, otherwise)


def _digamma_of_size(reference: np.ndarray, is_copy: np.ndarray) -> np.ndarray:
    """Digamma of the number of rows, with each point among them."""
    n, table = len(reference), digammas(len(reference) + 1)
    return table[n] if is_copy.all() else table[n + 1 - is_copy]


def digammas(most: int) -> np.ndarray:
    """Digamma of 1, 2, ... to `most` or beyond, by place: counts repeat, and it is slow."""
    return _digammas_below(max(1 << most.bit_length(), 1024))


@lru_cache(maxsize=2)
def _digammas_below(n: int) -> np.ndarray:
    return np.append(np.nan, digamma(np.arange(1, n)))


def shared_cells(known: np.ndarray, asked: np.ndarray) -> Numbers:
    """Number the combinations of categories of two sets of rows alike."""
    if known.shape[1] == 0:
        return None
    if known is asked:
        cells = group_rows(known)
        return cells, cells
    cells = group_rows(np.vstack([known, asked]))
    return cells[: len(known)], cells[len(known) :]
