"""Gaussian information of normal scores: canonical correlations, their bias, their shrinkage."""

from __future__ import annotations

__all__ = [
    "LEAST_RESIDUAL",
    "RANK_TOLERANCE",
    "Axes",
    "Pairs",
    "Scores",
    "capacity_shrinkage",
    "gaussian_information",
    "n_effective",
    "principal_axes",
    "wishart_bias",
]

from typing import Any, NamedTuple

import numpy as np
from scipy.special import digamma

from skmist._sample.order import canonical
from skmist._sample.scores import NormalScores
from skmist._sample.side import Side, joined

RANK_TOLERANCE = 1e-10
"""Share of the largest variance below which a direction counts as none."""

LEAST_RESIDUAL = 1e-12
"""Least ``1 - r^2`` of a canonical correlation r."""

_MAX_LEVELS = 256
# Columns per row. Up to the first, the corrected estimate errs by less than 0.5 nats on average
# over independent, sparse and dense Gaussians of 2 to 200 columns; the second keeps independent
# columns near 0 nats however few the rows.
_MANY, _SAFE = 0.7, 0.3


class Scores:
    """One side's columns as standardized scores, for fitted and for new rows."""

    def __init__(
        self, discrete: np.ndarray, normal_scores: Any, tables: Any, center: float, scale: float
    ) -> None:
        self.discrete = discrete
        self.normal_scores = normal_scores
        self.tables = tables
        self.center = center
        self.scale = scale

    @classmethod
    def of(cls, side: Side, *others: Side) -> Scores:
        """Learn from one side without constant columns.

        The others matter only where a column has so many categories that some are merged.
        """
        scores, encoded = cls._learned(side, others)
        center, end = encoded.mean(0), encoded.shape[1]
        tables: list[np.ndarray] = []
        for table in reversed(scores.tables):
            # behind the last category stands the mean, for those that none of these rows has
            start = end - table.shape[1]
            tables.insert(0, np.vstack([table, center[start:end]]))
            end = start
        return cls(scores.discrete, scores.normal_scores, tables, center, encoded.std(0))

    @classmethod
    def own(cls, side: Side) -> np.ndarray:
        """Standardized scores of the very rows of a side; what new rows would need is dropped."""
        encoded = cls._learned(side, ())[1]
        return (encoded - encoded.mean(0)) / encoded.std(0)

    @classmethod
    def _learned(cls, side: Side, others: tuple[Side, ...]) -> tuple[Scores, np.ndarray]:
        """The scores before they are standardized, and the side's own rows in them."""
        values, discrete = side.values, side.discrete
        codes = values[:, discrete].astype(np.intp)
        ranks = [np.arange(top + 1) for top in codes.max(axis=0)]
        if any(len(rank) > _MAX_LEVELS for rank in ranks):
            whole = joined((side, *others))
            found = canonical(whole.values, whole.discrete, side.width).codes
            ranks = [rank for rank in found[: side.width] if rank is not None]
        tables = [_contrasts(*pair) for pair in zip(codes.T, ranks, strict=True)]
        normal_scores = NormalScores()
        numbers = normal_scores.fit_transform(values[:, ~discrete])
        blocks = [table[codes[:, j]] for j, table in enumerate(tables)]
        return cls(discrete, normal_scores, tables, 0.0, 1.0), np.hstack([numbers, *blocks])

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Encode rows (m, p); the fitted ones get mean 0 and standard deviation 1.

        A category that none of the fitted rows had, as where they are those of one state, gets 0.
        """
        codes = values[:, self.discrete].astype(np.intp)
        found = zip(self.tables, codes.T, strict=True)
        blocks = [table[np.minimum(code, len(table) - 1)] for table, code in found]
        numbers = self.normal_scores.transform(values[:, ~self.discrete])
        return (np.hstack([numbers, *blocks]) - self.center) / self.scale


class Pairs(NamedTuple):
    """Canonical variables ``x @ x_weights`` and ``y @ y_weights`` and their correlations."""

    correlations: np.ndarray  # (r,)
    x_weights: np.ndarray  # (p, r)
    y_weights: np.ndarray  # (q, r)
    shrinkage: float
    bias: float  # nats


class Axes(NamedTuple):
    """Principal axes of some columns, without those that have no variance."""

    variances: np.ndarray  # (r,)
    directions: np.ndarray  # (p, r)

    def whitening(self, shrinkage: float) -> np.ndarray:
        """Weights (p, r) that whiten the shrunk correlation matrix."""
        return self.directions / np.sqrt((1.0 - shrinkage) * self.variances + shrinkage)


def _contrasts(codes: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Coordinates (L, l - 1) of the L codes: means 0, variances 1, no correlation, l <= L.

    Of equally frequent codes, those of lower rank are merged last. Codes of one row are merged
    too, as a contrast of one row would fit that row, whatever it is; the only one gets zeros.
    """
    counts = np.bincount(codes)
    kept = np.flatnonzero(counts > 1)
    if len(counts) > _MAX_LEVELS:
        kept = np.lexsort((ranks, -counts))[: _MAX_LEVELS - 1]
        kept = kept[counts[kept] > 1]
    level = np.zeros(len(counts), dtype=np.intp)
    level[kept] = np.arange(1, len(kept) + 1)
    rows = np.bincount(level, counts)
    if rows[0] <= 1:
        rows[0] = 0
    share = rows[rows > 0] / rows.sum()
    table = np.zeros((len(rows), max(len(share) - 1, 0)))
    root = np.sqrt(share)
    # an orthonormal basis of what is orthogonal to the constant
    basis = np.linalg.qr(np.column_stack([root, np.eye(len(root))[:, 1:]]))[0][:, 1:]
    table[rows > 0] = basis / root[:, None]
    return table[level]


def principal_axes(scores: np.ndarray) -> Axes:
    """Principal axes of standardized scores (n, p), without those of no variance."""
    n, p = scores.shape
    if p <= n:
        variances, directions = np.linalg.eigh(scores.T @ scores / n)
    else:
        _, singular, rows = np.linalg.svd(scores, full_matrices=False)
        variances, directions = singular**2 / n, rows.T
    # columns that repeat others add nothing
    kept = variances > RANK_TOLERANCE * variances.max(initial=0.0)
    return Axes(variances[kept], directions[:, kept])


def n_effective(variances: np.ndarray, shrinkage: float) -> float:
    """Effective number of columns after shrinkage, from the variances of their axes."""
    signal = (1.0 - shrinkage) * variances
    return float(np.sum(signal / (signal + shrinkage)))


def capacity_shrinkage(variances: np.ndarray, n: int) -> float:
    """Least shrinkage at which the effective columns are few enough for n rows."""
    columns = len(variances) / n
    if columns <= _MANY:
        return 0.0
    slope = (_MANY - _SAFE) / (1.0 - _MANY)
    target = n * max(_MANY - slope * (columns - _MANY), _SAFE)
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        if n_effective(variances, middle) > target:
            low = middle
        else:
            high = middle
    return high


def gaussian_information(correlations: np.ndarray) -> float:
    """MI of canonical pairs, nats."""
    return float(0.0 - 0.5 * np.log1p(-(correlations**2)).sum())


def wishart_bias(p: float, q: float, n: float) -> float:
    """Expected excess of the Gaussian plug-in MI of p and q columns and n rows, nats.

    A difference of expected log determinants of Wishart matrices; p and q need not be integers.
    """
    excess = (p + q) / max(n - 2.0, 1.0)
    if excess > 1.0:
        p, q = p / excess, q / excess
    terms = 0.5 * digamma((n - np.arange(1, int(np.ceil(p + q)) + 1)) / 2.0)
    total = np.append(0.0, np.cumsum(terms))
    at = np.interp([p, q, p + q], np.arange(len(total)), total)
    return float(at[0] + at[1] - at[2])
