"""Conditional mutual information from nearest neighbors."""

from __future__ import annotations

__all__ = ["NeighborConditional"]

import numpy as np

from skmist._neighbors.cells import Numbers
from skmist._neighbors.search import count_within, neighborhoods
from skmist._sample.entropy import information_limit
from skmist._sample.side import Side
from skmist._sample.triple import ConditionalSample
from skmist.estimators.ksg.mixed import Form, Part, digammas, shared_cells


class NeighborConditional:
    """The estimator of Frenzel and Pompe [1]_ with the counts of Mesner and Shalizi [2]_.

    Parameters
    ----------
    sample : ConditionalSample
    n_neighbors : int
    workers : int
        Threads of the neighbor search.

    References
    ----------
    .. [1] S. Frenzel and B. Pompe (2007), "Partial mutual information for coupling analysis of
       multivariate time series", Physical Review Letters 99, 204101.
    .. [2] O. C. Mesner and C. R. Shalizi (2021), "Conditional mutual information estimation for
       mixed, discrete and continuous data", IEEE Transactions on Information Theory 67, 464-484.
    """

    def __init__(self, sample: ConditionalSample, n_neighbors: int, workers: int) -> None:
        self._k, self._workers = n_neighbors, workers
        self._x, self._z = sample.x, _part(sample.z)
        self._yz = _joined(_part(sample.y), self._z)
        self._z_cells, self._yz_cells = _cells(self._z), _cells(self._yz)
        self._limit = information_limit(sample.x_against_y())

    def estimate(self) -> float:
        """Conditional MI of the sample, nats."""
        return self._estimate(self._x)

    def estimate_permuted(self, orders: np.ndarray) -> np.ndarray:
        """Conditional MI with x in each of the orders (b, n), nats, shape (b,)."""
        values = self._x.values
        return np.array([self._estimate(self._x.with_values(values[o])) for o in orders])

    def _estimate(self, side: Side) -> float:
        x = _part(side)
        xz, all_three = _joined(x, self._z), _joined(x, self._yz)
        radius, n_xyz, lonely = self._balls(all_three)
        n_xz = self._count(xz, _cells(xz), radius)
        n_yz = self._count(self._yz, self._yz_cells, radius)
        n_z = self._count(self._z, self._z_cells, radius)
        table = digammas(len(radius))
        local = table[n_xyz] + table[n_z] - table[n_xz] - table[n_yz]
        return min(float(np.where(lonely, 0.0, local).mean()), self._limit)

    def _balls(self, part: Part) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Radius to the k-th neighbor, rows inside, and whether there is no other row."""
        numbers = part.numbers
        found = neighborhoods(numbers, numbers, self._k, self._workers, _cells(part))
        return found.radius, found.inside, found.lonely

    def _count(self, part: Part, cells: Numbers, radius: np.ndarray) -> np.ndarray:
        return count_within(part.numbers, part.numbers, radius, self._workers, cells)


def _cells(part: Part) -> Numbers:
    return shared_cells(part.codes, part.codes)


def _part(side: Side) -> Part:
    """One side, without the columns that have one value only."""
    return Form.learn(side.varying())[1]


def _joined(*parts: Part) -> Part:
    numbers, codes = zip(*parts, strict=True)
    return Part(np.hstack(numbers), np.hstack(codes))
