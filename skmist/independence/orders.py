"""Orders of rows under which two things that are independent might as well have come."""

from __future__ import annotations

__all__ = ["arranged_within", "free_orders", "group_orders", "local_orders"]

from collections.abc import Callable

import numpy as np

from skmist._errors import InvalidSampleError
from skmist._sample.scores import NormalScores
from skmist._sample.side import Side

Orders = Callable[[np.random.Generator], np.ndarray]
"""Draws one order of the rows: an ndarray of n indices."""

_JITTER = 1e-9


def free_orders(n: int) -> Orders:
    """All orders of n rows, alike probable."""
    return lambda rng: rng.permutation(n)


def arranged_within(labels: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """What orders the rows of each label (n,) as their keys (n,) ascend, in its own places."""
    by_label = np.argsort(labels, kind="stable")

    def arrange(keys: np.ndarray) -> np.ndarray:
        """Order the rows by their keys within each label."""
        order = np.empty(len(labels), dtype=np.intp)
        order[by_label] = np.lexsort((keys, labels))
        return order

    return arrange


def group_orders(groups: np.ndarray, name: str = "groups") -> Orders:
    """Orders that leave every row in its group.

    Parameters
    ----------
    groups : ndarray of shape (n,)
        Label of each row's group.
    name : str, default="groups"
        What a message calls them.

    Raises
    ------
    InvalidSampleError
        If no group has two rows.
    """
    labels = np.unique(groups, return_inverse=True)[1].ravel()
    if labels.max() + 1 == len(labels):
        raise InvalidSampleError(
            f"{name} has {len(labels)} different values in {len(labels)} rows, and a row can only "
            "change places with one of its own value. Pass values that rows share."
        )
    arrange = arranged_within(labels)
    return lambda rng: arrange(rng.random(len(labels)))


def local_orders(z: Side, n_neighbors: int) -> Orders:
    """Orders that give every row that of a row nearby in z [1]_.

    Each row gets one of its nearest rows, itself among them, and each row is used once: the
    matching of least cost where every pair of neighbors costs a random number. In [1]_ the rows
    take turns instead, and those who come late get rows a second time. Copies are near to each
    other, which lowers the KSG of the null distribution, and the test rejects too often.

    Distances are Euclidean between normal scores; a row never gets that of another category.

    Parameters
    ----------
    z : Side
        At least one column.
    n_neighbors : int
        How many rows are near.

    Raises
    ------
    InvalidSampleError
        If all columns are discrete and no two rows are equal.

    References
    ----------
    .. [1] J. Runge (2018), "Conditional independence testing based on a nearest-neighbor
       estimator of conditional mutual information", AISTATS, arXiv:1709.01447.
    """
    # imported by need, as below: most tests ask for free orders
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    cells = np.unique(z.values[:, z.discrete], axis=0, return_inverse=True)[1].ravel()
    if z.is_discrete:
        return group_orders(cells, "Z")
    numbers = z.values[:, ~z.discrete]
    places = NormalScores().fit(numbers).transform(numbers)
    near = _neighbors(places, cells, n_neighbors)
    n, k = near.shape
    graph = csr_array((np.ones(n * k), near.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))
    graph.sum_duplicates()

    def draw(rng: np.random.Generator) -> np.ndarray:
        """Match each row with one of its neighbors at random."""
        # the matching takes a cost of 0 for no edge
        costs = 1.0 + rng.random(graph.nnz)
        asked = csr_array((costs, graph.indices, graph.indptr), shape=graph.shape)
        return min_weight_full_bipartite_matching(asked)[1]

    return draw


def _neighbors(places: np.ndarray, cells: np.ndarray, k: int) -> np.ndarray:
    """The k rows (n, k) of its cell nearest to each, itself repeated where there are fewer."""
    from scipy.spatial import cKDTree

    near = np.repeat(np.arange(len(places))[:, None], k, axis=1)
    # of many rows in one place each must be near itself and its own few, not all near the same
    spread = places + _JITTER * np.random.default_rng(0).standard_normal(places.shape)
    for cell in range(cells.max() + 1):
        rows = np.flatnonzero(cells == cell)
        inside = min(k, len(rows))
        found = cKDTree(spread[rows]).query(spread[rows], k=inside)[1]
        near[rows, :inside] = rows[found.reshape(len(rows), inside)]
    return near
