"""Orders of rows under which two things that are independent might as well have come."""

from __future__ import annotations

__all__ = ["block_orders", "free_orders", "group_orders", "local_orders"]

from collections.abc import Callable

import numpy as np
from scipy.spatial import cKDTree

from skmist._errors import InvalidSampleError
from skmist._preprocess import NormalScores

Orders = Callable[[np.random.Generator], np.ndarray]
"""Draws one order of the rows: an ndarray of n indices."""

_FAR = 100.0


def free_orders(n: int) -> Orders:
    """All orders of n rows, alike probable."""
    return lambda rng: rng.permutation(n)


def group_orders(groups: np.ndarray) -> Orders:
    """Orders that leave every row in its group.

    Parameters
    ----------
    groups : ndarray of shape (n,)
        Label of each row's group.

    Raises
    ------
    InvalidSampleError
        If no group has two rows.
    """
    labels = np.unique(groups, return_inverse=True)[1].ravel()
    by_group = np.argsort(labels, kind="stable")
    if labels.max() + 1 == len(labels):
        raise InvalidSampleError(
            f"groups has {len(labels)} groups for {len(labels)} rows, and a row can only change "
            "places within its group. Pass labels that rows share."
        )

    def draw(rng: np.random.Generator) -> np.ndarray:
        order = np.empty(len(labels), dtype=np.intp)
        order[by_group] = np.lexsort((rng.random(len(labels)), labels))
        return order

    return draw


def block_orders(n: int, size: int) -> Orders:
    """Orders of blocks of successive rows, each block as it is; the last may be shorter.

    Parameters
    ----------
    n, size : int
        Rows of the sample, and of a block.

    Raises
    ------
    InvalidSampleError
        If there are fewer than 5 blocks.
    """
    starts = range(0, n, size)
    if len(starts) < 5:
        raise InvalidSampleError(
            f"block_size={size} leaves {len(starts)} blocks of {n} rows, and at least 5 are "
            f"required. Pass at most {n // 5}, or collect more rows."
        )
    blocks = [np.arange(start, min(start + size, n)) for start in starts]
    return lambda rng: np.concatenate([blocks[i] for i in rng.permutation(len(blocks))])


def local_orders(z: np.ndarray, discrete: np.ndarray, n_neighbors: int) -> Orders:
    """Orders that give every row that of a row nearby in z [1]_.

    Rows take turns in random order; each takes one of its nearest rows, itself among them, that
    nobody has taken yet, and any of them where all are taken. Distances are Euclidean between
    normal scores; rows of another category lie farther away than any of the same.

    Parameters
    ----------
    z : ndarray of shape (n, r)
    discrete : ndarray of shape (r,)
        Which columns hold codes of categories.
    n_neighbors : int
        How many rows are near.

    References
    ----------
    .. [1] J. Runge (2018), "Conditional independence testing based on a nearest-neighbor
       estimator of conditional mutual information", AISTATS, arXiv:1709.01447.
    """
    if discrete.all():
        return group_orders(np.unique(z, axis=0, return_inverse=True)[1].ravel())
    numbers = NormalScores().fit(z[:, ~discrete]).transform(z[:, ~discrete])
    indicators = [np.eye(int(c.max()) + 1)[c.astype(np.intp)] for c in z[:, discrete].T]
    places = np.hstack([numbers, *(_FAR * block for block in indicators)])
    near = cKDTree(places).query(places, k=min(n_neighbors, len(z)))[1].reshape(len(z), -1)

    def draw(rng: np.random.Generator) -> np.ndarray:
        shuffled = rng.permuted(near, axis=1).tolist()
        order = np.empty(len(near), dtype=np.intp)
        taken = [False] * len(near)
        for i in rng.permutation(len(near)).tolist():
            choice = next((j for j in shuffled[i] if not taken[j]), shuffled[i][-1])
            taken[choice] = True
            order[i] = choice
        return order

    return draw
