"""Chebyshev neighborhoods of batched samples where there is no compiled kernel.

By brute force, all samples together, as on a GPU; on a CPU and in few columns by a tree and by
sorted values, sample by sample, with the same answers to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, cast

import numpy as np
import torch
from torch import Tensor

__all__ = ["FAR", "Neighborhoods", "chebyshev", "plain_neighborhoods"]

FAR = 100.0
"""Distance between two different categories: beyond any distance of scores."""

_MAX_TREE_COLUMNS = 4
_MIN_TREE_PAIRS = 1 << 16
_CHUNK_CPU = 1 << 18
_CHUNK_CUDA = 1 << 27


class Neighborhoods(NamedTuple):
    """Of each query row and each k: radius and marginal counts, ``(B, Q, K)``."""

    radius: Tensor
    count_x: Tensor
    count_y: Tensor
    k: Tensor


def chebyshev(queries: Tensor, references: Tensor) -> Tensor:
    """Chebyshev distances, at most `FAR`.

    Parameters
    ----------
    queries : Tensor of shape (batch, Q, d)
    references : Tensor of shape (batch, n, d)

    Returns
    -------
    distance : Tensor of shape (batch, Q, n)
    """
    return _extended(None, queries, references)


def _extended(distance: Tensor | None, queries: Tensor, references: Tensor) -> Tensor:
    """The Chebyshev distance after more columns, in place where there is one already."""
    for j in range(queries.shape[-1]):
        column = (queries[:, :, None, j] - references[:, None, :, j]).abs_()
        if distance is None:
            distance = column
        else:
            torch.maximum(distance, column, out=distance)
    return cast(Tensor, distance).clamp_(max=FAR)


def _chunk_rows(batch: int, n: int, device: torch.device) -> int:
    budget = _CHUNK_CUDA if device.type == "cuda" else _CHUNK_CPU
    return max(1, budget // max(1, batch * n))


def plain_neighborhoods(
    x: Tensor,
    y: Tensor,
    ks: tuple[int, ...],
    query: tuple[Tensor, Tensor],
    cuts: tuple[tuple[int, int], ...],
) -> list[Neighborhoods]:
    """Do what :func:`skmist.nn.mist.neighbors.neighborhoods` does, in torch."""
    qx, qy = query
    many = qx.shape[1] * x.shape[1] >= _MIN_TREE_PAIRS and x.device.type == "cpu"
    if many and len(cuts) == 1 and sum(cuts[0]) <= _MAX_TREE_COLUMNS:
        p, q = cuts[0]
        return [_by_trees(qx[..., :p], qy[..., :q], x[..., :p], y[..., :q], ks)]
    step = _chunk_rows(x.shape[0], x.shape[1], x.device)
    blocks = [
        _blocks(qx[:, start : start + step], qy[:, start : start + step], x, y, ks, cuts)
        for start in range(0, qx.shape[1], step)
    ]
    if len(blocks) == 1:
        return blocks[0]
    by_cut = zip(*blocks, strict=True)
    return [Neighborhoods(*(torch.cat(t, dim=1) for t in zip(*b, strict=True))) for b in by_cut]


def _blocks(
    qx: Tensor,
    qy: Tensor,
    x: Tensor,
    y: Tensor,
    ks: tuple[int, ...],
    cuts: tuple[tuple[int, int], ...],
) -> list[Neighborhoods]:
    found, dx, dy, done = [], None, None, (0, 0)
    for cut in cuts:
        more_x, more_y = slice(done[0], cut[0]), slice(done[1], cut[1])
        dx = _extended(dx, qx[..., more_x], x[..., more_x])
        dy = _extended(dy, qy[..., more_y], y[..., more_y])
        found.append(_inside(dx, dy, ks))
        done = cut
    return found


def _inside(dx: Tensor, dy: Tensor, ks: tuple[int, ...]) -> Neighborhoods:
    """Radii and counts from the distances (B, Q, n) on each side."""
    joint = torch.maximum(dx, dy)
    return _balls(
        _smallest(joint, min(max(ks) + 1, dx.shape[-1])),
        ks,
        lambda: (joint == 0).sum(-1, keepdim=True),
        (partial(_counts_within, dx), partial(_counts_within, dy)),
    )


def _balls(
    smallest: Tensor,
    ks: tuple[int, ...],
    coincident: Callable[[], Tensor],
    counts: tuple[Callable[[Tensor], Tensor], ...],
) -> Neighborhoods:
    """Radii and counts from the smallest distances, ascending.

    ``coincident()`` counts the rows that tie with a query in every column, ``(B, Q, 1)``, and
    ``counts[i](bound)`` those of side i below each bound, ``(B, Q, K)``.
    """
    # One exact copy of the query, if there is one, is the query itself.
    is_self = (smallest[..., :1] == 0).to(torch.int64)
    last = smallest.shape[-1] - 1
    index = (torch.tensor(ks, device=smallest.device) - 1 + is_self).clamp(max=last)
    radius = smallest.gather(-1, index)
    ties = radius == 0
    inclusive = torch.nextafter(radius, radius.new_tensor(FAR))
    bound = torch.where(ties, inclusive, radius)
    count_x, count_y = (count(bound) for count in counts)
    # All rows nearer than a radius are among the smallest distances: no pass over all is needed.
    nearer = (smallest.unsqueeze(-2) < radius.unsqueeze(-1)).sum(-1)
    if bool(ties.any()):
        nearer = torch.where(ties, coincident(), nearer)
    inside, count_x, count_y = ((c - is_self).clamp_min(0) for c in (nearer, count_x, count_y))
    return Neighborhoods(radius, count_x, count_y, inside + 1)


def _by_trees(qx: Tensor, qy: Tensor, x: Tensor, y: Tensor, ks: tuple[int, ...]) -> Neighborhoods:
    """The same for all columns, one sample after the other."""
    from scipy.spatial import cKDTree  # the kernel needs none

    reference, asked = (torch.cat(pair, dim=-1).numpy() for pair in ((x, y), (qx, qy)))
    k = min(max(ks) + 1, reference.shape[1])
    smallest = np.empty((*asked.shape[:2], k), dtype=np.float32)
    for b, points in enumerate(reference):
        # Medians would cost more than they save, and shrunken nodes pay from three columns on.
        tree = cKDTree(points, 10, balanced_tree=False, compact_nodes=points.shape[1] > 2)
        # In the order of the tree, successive queries visit the same leaves.
        order = tree.indices if asked is reference else np.lexsort(asked[b].T)
        smallest[b, order] = tree.query(asked[b, order], list(range(1, k + 1)), p=np.inf)[0]
    return _balls(
        torch.from_numpy(smallest).clamp_(max=FAR),
        ks,
        lambda: torch.from_numpy(_coincident(reference, asked)),
        (lambda bound: _counts_of_side(qx, x, bound), lambda bound: _counts_of_side(qy, y, bound)),
    )


def _coincident(reference: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """How many reference rows (B, n, d) equal each row asked about (B, Q, d): ``(B, Q, 1)``."""
    counts = np.empty((*asked.shape[:2], 1), dtype=np.int64)
    for b, points in enumerate(reference):
        both = np.concatenate([points, asked[b]])
        group = np.unique(both, axis=0, return_inverse=True)[1].ravel()
        size = np.bincount(group[: len(points)], minlength=group.max() + 1)
        counts[b, :, 0] = size[group[len(points) :]]
    return counts


def _counts_of_side(queries: Tensor, references: Tensor, bound: Tensor) -> Tensor:
    """Reference rows nearer than each bound (B, Q, K), in the columns of one side."""
    if references.shape[-1] == 1:
        return _counts_on_line(queries[..., 0], references[..., 0], bound)
    step = _chunk_rows(references.shape[0], references.shape[1], references.device)
    parts = [
        _counts_within(chebyshev(queries[:, i : i + step], references), bound[:, i : i + step])
        for i in range(0, queries.shape[1], step)
    ]
    return torch.cat(parts, dim=1)


def _counts_on_line(queries: Tensor, references: Tensor, bound: Tensor) -> Tensor:
    """The same on a line, by two searches among the sorted values."""
    values = references.double().sort(dim=-1).values
    # A difference rounds to a float below the bound if it is nearer to the float before it, or
    # half-way and that float is the even one.
    before = torch.nextafter(bound, bound.new_tensor(0.0))
    reach = 0.5 * (bound.double() + before.double())
    center = queries.double()[..., None]
    low, high = center - reach, center + reach
    open_ended = (bound.view(torch.int32) & 1) == 0
    low = torch.where(open_ended, torch.nextafter(low, center), low).flatten(1)
    high = torch.where(open_ended, torch.nextafter(high, center), high).flatten(1)
    first = torch.searchsorted(values, low, right=False)
    last = torch.searchsorted(values, high, right=True)
    return (last - first).view(bound.shape)


def _smallest(distance: Tensor, k: int) -> Tensor:
    """The k smallest entries of the last axis, ascending."""
    if distance.is_cuda:
        return distance.topk(k, dim=-1, largest=False).values
    # NumPy's vectorized selection is four times as fast as topk on a CPU.
    found = np.partition(distance.numpy(), k - 1, axis=-1)[..., :k]
    return torch.from_numpy(np.sort(found, axis=-1))


def _counts_within(distance: Tensor, bound: Tensor) -> Tensor:
    """Entries of (B, Q, n) below each bound of (B, Q, K)."""
    buffer = torch.empty_like(distance)
    counts = []
    for i in range(bound.shape[-1]):
        # Comparing into floats and adding these is six times as fast as adding booleans.
        torch.lt(distance, bound[..., i : i + 1], out=buffer)
        counts.append(buffer.sum(-1))
    return torch.stack(counts, dim=-1).long()
