"""Chebyshev nearest-neighbor statistics of batched samples.

On a CPU by the compiled kernel where it was built; elsewhere by torch, with the same answers to
the last bit.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from skmist._neighbors import kernel
from skmist._neighbors.batched import MOST_COLUMNS, MOST_KEPT, MOST_KS, batched_neighborhoods
from skmist.nn.mist.all_pairs import FAR, Neighborhoods, chebyshev, plain_neighborhoods

__all__ = [
    "FAR",
    "MAX_NEIGHBOR_ROWS",
    "Neighborhoods",
    "chebyshev",
    "digammas",
    "local_information",
    "nearest",
    "neighborhoods",
]


MAX_NEIGHBOR_ROWS = 10_240
"""Rows whose neighborhoods are searched; all rows count as neighbors. In a view of one column a
side, where a search is quick, the neighborhoods of all rows are."""


def neighborhoods(
    x: Tensor,
    y: Tensor,
    ks: tuple[int, ...],
    *,
    query: tuple[Tensor, Tensor] | None = None,
    cuts: tuple[tuple[int, int], ...] | None = None,
) -> list[Neighborhoods]:
    """k-th neighbor radii in the joint space and the marginal counts inside them.

    Parameters
    ----------
    x : Tensor of shape (batch, n, p)
    y : Tensor of shape (batch, n, q)
        The reference rows.
    ks : tuple of int
        Neighbor numbers; those above the number of neighbors are cut to it.
    query : (Tensor, Tensor), optional
        Rows asked about, ``(batch, Q, p)`` and ``(batch, Q, q)``. A query that
        coincides with a reference row in every column does not count that row
        (one of them) as its own neighbor, so the reference rows themselves as
        queries get what the default, all reference rows, gives.
    cuts : tuple of (int, int), optional
        Ascending numbers of leading columns of x and y: an answer for each.
        All columns by default.

    Returns
    -------
    list of Neighborhoods
        One per cut. Balls are open: `k` is one more than the number of rows nearer
        than the radius, and less than asked where several rows share that distance.
        Where the radius is zero (k rows or more tie with this one) the ball holds
        the tied rows. Marginal counts exclude the row itself.
    """
    cuts = cuts or ((x.shape[-1], y.shape[-1]),)
    fits = len(ks) <= MOST_KS and max(ks) < MOST_KEPT and sum(cuts[-1]) <= MOST_COLUMNS
    if x.device.type != "cpu" or not fits or not kernel.load():
        return plain_neighborhoods(x, y, ks, query or (x, y), cuts)
    asked = None if query is None else (_array(query[0]), _array(query[1]))
    workers = torch.get_num_threads()
    found = batched_neighborhoods(_array(x), _array(y), asked, ks, cuts, FAR, workers)
    return [Neighborhoods(*map(torch.from_numpy, balls)) for balls in found]


def _array(values: Tensor) -> np.ndarray:
    return values.detach().contiguous().numpy()


def nearest(queries: Tensor, references: Tensor, k: int) -> Tensor:
    """Indices (B, Q, k) of the nearest references; one exact copy of a query is left out."""
    distance = chebyshev(queries, references)
    found = distance.topk(min(k + 1, references.shape[1]), dim=-1, largest=False)
    copy = found.values[..., :1] == 0
    return torch.where(copy, found.indices[..., 1:], found.indices[..., :-1])


def local_information(found: Neighborhoods, n: int) -> Tensor:
    """Local kNN estimates of the pointwise MI.

    Parameters
    ----------
    found : Neighborhoods
    n : int
        Rows of the reference sample.

    Returns
    -------
    information : Tensor of shape (batch, Q, K)
        Nats; the mean over the rows is the estimate of Kraskov et al. (2004),
        algorithm 1, where nothing ties.

    References
    ----------
    Kraskov, Stögbauer, Grassberger, Phys. Rev. E 69, 066138 (2004).
    """
    table = digammas(n + 1, str(found.k.device))
    psi_k, psi_n = table[found.k - 1], table[n - 1]
    return psi_k + psi_n - table[found.count_x] - table[found.count_y]


@lru_cache(maxsize=16)
def digammas(n: int, device: str) -> Tensor:
    """The digamma function of 1 to n, shared."""
    with torch.inference_mode(False):
        numbers = torch.arange(1, n + 1, device=device, dtype=torch.float64)
        return torch.digamma(numbers).to(torch.float32)
