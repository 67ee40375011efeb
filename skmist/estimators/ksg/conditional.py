"""Conditional mutual information from nearest neighbors."""

from __future__ import annotations

__all__ = ["NeighborConditional"]

import numpy as np
from joblib import effective_n_jobs
from scipy.special import digamma

from skmist._neighbors.search import group_rows, neighborhoods
from skmist._sample.triple import ConditionalSample
from skmist.estimators.ksg.estimator import KSGEstimator, _by_cell, _count, _Form, _Part


class NeighborConditional:
    """The estimator of Frenzel and Pompe [1]_ with the counts of Mesner and Shalizi [2]_.

    Parameters
    ----------
    sample : ConditionalSample
    estimator : KSGEstimator
        Its number of neighbors, algorithm and threads are used.
    residuals : callable, default=None
        What to replace values of x and y by, given which are discrete; see `Residuals`.

    References
    ----------
    .. [1] S. Frenzel and B. Pompe (2007), "Partial mutual information for coupling analysis of
       multivariate time series", Physical Review Letters 99, 204101.
    .. [2] O. C. Mesner and C. R. Shalizi (2021), "Conditional mutual information estimation for
       mixed, discrete and continuous data", IEEE Transactions on Information Theory 67, 464-484.
    """

    def __init__(self, sample: ConditionalSample, estimator: KSGEstimator, residuals=None) -> None:
        # every check of the estimator, on the widest pair
        if estimator._resolved_algorithm(sample.x_against_both()) == "ksg2":
            raise ValueError(
                "algorithm='ksg2' has rectangular neighborhoods, which conditional information "
                "does not know. Pass algorithm='auto'."
            )
        self._k = estimator.n_neighbors
        self._workers = effective_n_jobs(estimator.n_jobs)
        self._x, self._x_discrete, self._residuals = sample.x, sample.x_discrete, residuals
        self._z = _part(sample.z, sample.z_discrete)
        self._yz = _joined(self._part(sample.y, sample.y_discrete), self._z)
        self._z_cells, self._yz_cells = group_rows(self._z.codes), group_rows(self._yz.codes)

    def estimate(self) -> float:
        """Conditional MI of the sample, nats."""
        return self._estimate(self._x)

    def estimate_permuted(self, orders: np.ndarray) -> np.ndarray:
        """Conditional MI with x in each of the orders (b, n), nats, shape (b,)."""
        return np.array([self._estimate(self._x[order]) for order in orders])

    def _part(self, values: np.ndarray, discrete: np.ndarray) -> _Part:
        if self._residuals is not None:
            values = self._residuals(values, discrete)
        return _part(values, discrete)

    def _estimate(self, values: np.ndarray) -> float:
        x = self._part(values, self._x_discrete)
        xz, all_three = _joined(x, self._z), _joined(x, self._yz)
        radius, n_xyz, lonely = self._balls(all_three)
        n_xz = self._count(xz, group_rows(xz.codes), radius)
        n_yz = self._count(self._yz, self._yz_cells, radius)
        n_z = self._count(self._z, self._z_cells, radius)
        table = digamma(np.arange(1, len(radius) + 1))
        local = table[n_xyz - 1] + table[n_z - 1] - table[n_xz - 1] - table[n_yz - 1]
        return float(np.where(lonely, 0.0, local).mean())

    def _balls(self, part: _Part) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Radius to the k-th neighbor, rows inside, and whether there is no other row."""
        n = len(part.numbers)
        radius, inside = np.empty(n), np.empty(n, dtype=np.intp)
        lonely = np.empty(n, dtype=bool)
        cells = group_rows(part.codes)
        for _, rows in _by_cell(cells, cells):
            here = part.numbers[rows]
            found = neighborhoods(here, here, self._k, self._workers)
            radius[rows], inside[rows], lonely[rows] = found.radius, found.inside, found.lonely
        return radius, inside, lonely

    def _count(self, part: _Part, cells: np.ndarray, radius: np.ndarray) -> np.ndarray:
        return _count(part, part, (cells, cells), radius, self._workers)


def _part(values: np.ndarray, discrete: np.ndarray) -> _Part:
    """One side, without the columns that have one value only."""
    varies = (values != values[:1]).any(axis=0)
    values, discrete = values[:, varies], discrete[varies]
    return _Form.of(values, discrete)(values)


def _joined(*parts: _Part) -> _Part:
    numbers, codes = zip(*parts, strict=True)
    return _Part(np.hstack(numbers), np.hstack(codes))
