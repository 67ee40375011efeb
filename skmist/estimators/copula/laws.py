"""The laws that the copula fits to a sample: of numbers, of labels, and of what is both."""

from __future__ import annotations

__all__ = [
    "GaussianLaw",
    "Options",
    "fit_law",
    "law_information",
    "need_tables",
    "needs_a_table",
]

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from skmist._sample.contingency import side_levels
from skmist._sample.entropy import repeats
from skmist._sample.sample import MIN_SAMPLES, Sample
from skmist._sample.side import Side
from skmist._sample.side_pairs import SidePairs
from skmist.estimators.copula.gaussian import (
    LEAST_RESIDUAL,
    Pairs,
    Scores,
    gaussian_information,
    n_effective,
    principal_axes,
    wishart_bias,
)
from skmist.estimators.copula.labels import LabelLaw, label_information

# An atom: a value that so large a share of the rows has, and so many of them.
_ATOM_SHARE, _ATOM_ROWS = 0.2, 10
_ROWS_PER_LEVEL = 4


class Options(NamedTuple):
    """What the parameters of the estimator say."""

    shrinkage: Callable[[np.ndarray, np.ndarray, int], float]
    bias_correction: bool


class Law(Protocol):
    """A law that was fitted to a sample."""

    mi: float  # nats
    bias: float

    def pointwise(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Pointwise MI of rows (m, p) and (m, q), nats."""

    def information(self, x: np.ndarray) -> np.ndarray:
        """What each row of x (m, p) says of y, nats, up to a constant."""


def fit_law(sample: Sample, options: Options) -> Law:
    """Fit the law that is right for the kinds of the columns.

    Labels against labels are a table, numbers against anything are Gaussian. Where there are
    labels on both sides and numbers beside them, the part of the labels in the Gaussian MI is
    replaced by that of the table. In a pair of columns a number that many rows share, like 0, is
    a label to them, and the other rows are a sample of their own.
    """
    if _has_atoms(sample):
        return AtomLaw(sample, options)
    if not needs_a_table(sample):
        return GaussianLaw(sample, options)
    if sample.x.is_discrete and sample.y.is_discrete:
        return LabelLaw(sample, options.bias_correction)
    return MixedLaw(sample, options)


def law_information(sample: Sample, options: Options) -> float:
    """The MI of that law, nats, without what only rows need."""
    if sample.x.is_discrete and sample.y.is_discrete and needs_a_table(sample):
        levels = side_levels(sample.x), side_levels(sample.y)
        return label_information(*levels, options.bias_correction)
    return fit_law(sample, options).mi


def needs_a_table(sample: Sample) -> bool:
    """Whether there are labels on both sides, or atoms in a pair, and rows enough for each."""
    x, y = (side.once_in_any_order(_traits) for side in (sample.x, sample.y))
    return (x[0] and y[0]) or ((x[1] or y[1]) and sample.p == sample.q == 1)


def need_tables(pairs: SidePairs) -> np.ndarray:
    """The same of each of many samples, shape (m,)."""
    labels, atoms = np.moveaxis(pairs.of_sides(lambda side: side.once_in_any_order(_traits)), 2, 0)
    alone = pairs.of_sides(lambda side: side.width == 1)
    return labels.all(axis=0) | (atoms.any(axis=0) & alone.all(axis=0))


def _traits(side: Side) -> tuple[bool, bool]:
    """Whether there are labels, and rows enough for them; and whether there are atoms."""
    most = max((column.most for column in repeats(side)), default=0)
    return _has_labels(side), most >= max(_ATOM_ROWS, _ATOM_SHARE * len(side))


def _has_labels(side: Side) -> bool:
    n_columns = int(side.discrete.sum())
    if n_columns < 2:
        return n_columns == 1
    levels = side_levels(side.columns(np.flatnonzero(side.discrete)))
    return len(side) >= _ROWS_PER_LEVEL * (int(levels.max()) + 1)


def _has_atoms(sample: Sample) -> bool:
    atoms = (side.once_in_any_order(_traits)[1] for side in (sample.x, sample.y))
    return sample.p == sample.q == 1 and any(atoms)


class GaussianLaw:
    """Canonical correlations of normal scores."""

    def __init__(self, sample: Sample, options: Options) -> None:
        x, y = sample.x, sample.y
        self._x_scores, self._y_scores = Scores.of(x, y), Scores.of(y, x)
        scores = self._x_scores(x.values), self._y_scores(y.values)
        self.pairs = pairs = canonical_pairs(*scores, options)
        self.bias, self.mi = pairs.bias, gaussian_information(pairs.correlations) - pairs.bias

    def pointwise(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Pointwise MI of rows (m, p) and (m, q), nats."""
        u, v = self._x_scores(x) @ self.pairs.x_weights, self._y_scores(y) @ self.pairs.y_weights
        r = self.pairs.correlations
        exponent = (r**2 * (u**2 + v**2) - 2.0 * r * u * v) / (2.0 * (1.0 - r**2))
        return self.mi - exponent.sum(axis=1)

    def information(self, x: np.ndarray) -> np.ndarray:
        """What each row of x (m, p) says of y, nats, up to a constant."""
        u, r = self._x_scores(x) @ self.pairs.x_weights, self.pairs.correlations
        return gaussian_information(r) + 0.5 * (u**2 - 1.0) @ r**2


def canonical_pairs(x: np.ndarray, y: np.ndarray, options: Options) -> Pairs:
    """Canonical correlation analysis of standardized scores (n, p) and (n, q)."""
    n, x_axes, y_axes = len(x), principal_axes(x), principal_axes(y)
    s = options.shrinkage(x_axes.variances, y_axes.variances, n)
    x_white, y_white = x_axes.whitening(s), y_axes.whitening(s)
    cross = (1.0 - s) * x_white.T @ (x.T @ y / n) @ y_white
    left, correlations, right = np.linalg.svd(cross, full_matrices=False)
    most = np.sqrt(1.0 - max(n**-3.0, LEAST_RESIDUAL))
    bias = 0.0
    if options.bias_correction:
        a, b = (n_effective(axes.variances, s) for axes in (x_axes, y_axes))
        bias = wishart_bias(a, b, n)
    return Pairs(np.minimum(correlations, most), x_white @ left, y_white @ right.T, s, bias)


class MixedLaw:
    """Labels and numbers on both sides: Gaussian, but for the labels against the labels.

    By the chain rule the MI is that of the labels and what else there is given the labels. The
    first is the table's; the rest is what the Gaussian MI of all columns has beyond that of the
    labels.
    """

    def __init__(self, sample: Sample, options: Options) -> None:
        self._masks = sample.x.discrete, sample.y.discrete
        x, y = (side.columns(np.flatnonzero(side.discrete)) for side in (sample.x, sample.y))
        self.all, labels = GaussianLaw(sample, options), Sample(x, y)
        self.pairs = self.all.pairs
        same = options._replace(shrinkage=lambda *_: self.pairs.shrinkage)
        self._gaussian, self._table = GaussianLaw(labels, same), LabelLaw(labels, same[1])
        self.mi = self.all.mi - self._gaussian.mi + self._table.mi
        self.bias = self.all.bias - self._gaussian.bias + self._table.bias

    def pointwise(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Pointwise MI of rows (m, p) and (m, q), nats."""
        labels = x[:, self._masks[0]], y[:, self._masks[1]]
        replaced = self._table.pointwise(*labels) - self._gaussian.pointwise(*labels)
        return self.all.pointwise(x, y) + replaced

    def information(self, x: np.ndarray) -> np.ndarray:
        """What each row of x (m, p) says of y, nats, up to a constant."""
        labels = x[:, self._masks[0]]
        replaced = self._table.information(labels) - self._gaussian.information(labels)
        return self.all.information(x) + replaced


class AtomLaw:
    """A pair of columns of which one holds numbers that many rows share.

    By the chain rule the MI is that of which rows share which numbers, and of the numbers of the
    other rows with those and among themselves.
    """

    def __init__(self, sample: Sample, options: Options) -> None:
        self._x, self._y = _Split(sample.x), _Split(sample.y)
        x, y = self._x(sample.x.values), self._y(sample.y.values)
        self._labels = _labels_of(x, y, options)
        uses = ((True, False), (False, True), (False, False))
        self._parts = [part for use in uses if (part := _Part.of(x, y, use, options))]
        self.mi = sum((part.law.mi * part.share for part in self._parts), 0.0)
        self.bias = sum((part.law.bias * part.share for part in self._parts), 0.0)
        if self._labels is not None:
            self.mi, self.bias = self.mi + self._labels.mi, self.bias + self._labels.bias

    def pointwise(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Pointwise MI of rows (m, 1) and (m, 1), nats."""
        first, second, answer = self._x(x), self._y(y), np.zeros(len(x))
        if self._labels is not None:
            answer += self._labels.pointwise(first.states[:, None], second.states[:, None])
        for part in self._parts:
            rows = part.rows(first, second)
            asked = part.columns(first, second, rows)
            answer[rows] += part.law.pointwise(*asked)
        return answer

    def information(self, x: np.ndarray) -> np.ndarray:
        """What each row of x (m, 1) says of y, nats, up to a constant."""
        first, answer = self._x(x), np.zeros(len(x))
        if self._labels is not None:
            answer += self._labels.information(first.states[:, None])
        for part in self._parts:
            rows = part.rows(first, None)
            column = part.columns(first, first, rows)[0]
            answer[rows] += part.shares[first.states[rows]] * part.law.information(column)
        return answer


class _Column(NamedTuple):
    """A column as states, 0 where a row is free to be any number, and as numbers."""

    states: np.ndarray  # (n,) int
    free: np.ndarray  # (n,) bool
    numbers: np.ndarray  # (n,)


class _Split:
    """Which rows of a column share a number: codes of labels, or 1, 2, ... for each atom."""

    def __init__(self, side: Side) -> None:
        self._atoms = None
        if not side.is_discrete:
            values, counts = np.unique(side.values, return_counts=True)
            self._atoms = values[counts >= max(_ATOM_ROWS, _ATOM_SHARE * len(side))]

    def __call__(self, values: np.ndarray) -> _Column:
        numbers = values[:, 0]
        if self._atoms is None:
            return _Column(numbers.astype(np.intp), np.zeros(len(numbers), bool), numbers)
        if not len(self._atoms):
            return _Column(np.zeros(len(numbers), np.intp), np.ones(len(numbers), bool), numbers)
        at = np.minimum(np.searchsorted(self._atoms, numbers), len(self._atoms) - 1)
        shared = self._atoms[at] == numbers
        return _Column(np.where(shared, at + 1, 0), ~shared, numbers)


def _side(values: np.ndarray, is_state: bool) -> Side:
    return Side(values[:, None], np.array([is_state]), ("",))


def _labels_of(x: _Column, y: _Column, options: Options) -> LabelLaw | None:
    states = Sample(_side(x.states, True), _side(y.states, True)).informative()
    return LabelLaw(states, options.bias_correction) if states.p and states.q else None


class _Part(NamedTuple):
    """A Gaussian law of some of the rows: states against numbers, or numbers against numbers."""

    law: GaussianLaw
    use: tuple[bool, bool]  # whether x and y are taken as states
    share: float  # of the rows
    shares: np.ndarray  # of the rows of each state of x

    @classmethod
    def of(cls, x: _Column, y: _Column, use: tuple[bool, bool], options: Options) -> _Part | None:
        """Fit it, if there are rows enough that differ on both sides."""
        rows = _rows_of(x, y, use)
        if rows.sum() < MIN_SAMPLES:
            return None
        first, second = _columns_of(x, y, use, rows)
        sample = Sample(_side(first[:, 0], use[0]), _side(second[:, 0], use[1])).informative()
        if not (sample.p and sample.q):
            return None
        shares = np.bincount(x.states, rows) / np.maximum(np.bincount(x.states), 1)
        return cls(GaussianLaw(sample, options), use, float(rows.mean()), shares)

    def rows(self, x: _Column, y: _Column | None) -> np.ndarray:
        """Which rows it is about; any y where that is None."""
        return _rows_of(x, y, self.use)

    def columns(self, x: _Column, y: _Column, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Both columns of these rows, as it takes them."""
        return _columns_of(x, y, self.use, rows)


def _rows_of(x: _Column, y: _Column | None, use: tuple[bool, bool]) -> np.ndarray:
    rows = np.ones(len(x.free), bool) if use[0] else x.free
    return rows if y is None or use[1] else rows & y.free


def _columns_of(
    x: _Column, y: _Column, use: tuple[bool, bool], rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    first, second = x.states if use[0] else x.numbers, y.states if use[1] else y.numbers
    return first[rows, None], second[rows, None]
