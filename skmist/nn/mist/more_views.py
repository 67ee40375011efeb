"""Estimates from several views: the one that says most, and the sum over canonical pairs.

A view can only lose information, so where each has rows enough, the one that says most is the
nearest to the truth. Which one it is, is found in other rows than those that are averaged, so
that noise cannot choose itself.

The sum is the information of pairs that have nothing to do with one another. Pairs of single
columns need far fewer rows than all columns together.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["RowNeighbors", "best_view", "more_means", "sum_of_pairs", "with_more"]

# Of the numbers of neighbors, the second: k = 3.
_JUDGED = 1


class RowNeighbors(NamedTuple):
    """Local MI, log radius and log counts of rows in views, each (B, Q, K, n_views).

    ``whole`` is the local MI of all rows (B, n, K) in the views, by number, in which they were
    searched.
    """

    information: Tensor
    radius: Tensor
    share_x: Tensor
    share_y: Tensor
    whole: dict[int, Tensor]

    @property
    def tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The statistics of the rows asked about."""
        return self.information, self.radius, self.share_x, self.share_y

    def leading(self, count: int) -> RowNeighbors:
        """Those of the first rows."""
        information, radius, share_x, share_y = (t[:, :count] for t in self.tensors)
        return RowNeighbors(information, radius, share_x, share_y, {})


def best_view(near: RowNeighbors, learned: RowNeighbors) -> Tensor:
    """The number (B,) of the view that says most of all rows, those of `learned` last."""
    both = torch.cat([near.information[:, :, _JUDGED], learned.information[:, :, _JUDGED]], -1)
    return both.mean(1).argmax(-1)


def sum_of_pairs(pairs: RowNeighbors, rows: int) -> RowNeighbors:
    """One view of what pairs of columns, a view each, say in sum, in the first rows.

    Radius and counts are those of the first pair.
    """
    information = pairs.information.sum(-1, keepdim=True)
    whole = {0: information[..., 0]} if information.shape[1] > rows else {}
    radius, share_x, share_y = (t[:, :rows, :, :1] for t in pairs.tensors[1:])
    return RowNeighbors(information[:, :rows], radius, share_x, share_y, whole)


def with_more(
    near: RowNeighbors, learned: RowNeighbors, total: RowNeighbors, best: Tensor
) -> RowNeighbors:
    """The learned views, after them the best of all views, and then the sum of pairs.

    Parameters
    ----------
    near, learned, total : RowNeighbors
        All views, those learned, and the sum.
    best : Tensor of shape (B,)
        As `best_view` numbers it.
    """

    def beside(one: Tensor, two: Tensor, last: Tensor) -> Tensor:
        """Those of the learned views, of the best one and of the sum."""
        return torch.cat([two, _chosen(torch.cat([one, two], -1), best), last], -1)

    parts = map(beside, near.tensors, learned.tensors, total.tensors)
    information, radius, share_x, share_y = parts
    whole = dict(learned.whole)
    if total.whole:
        whole[information.shape[-1] - 1] = total.whole[0]
    return RowNeighbors(information, radius, share_x, share_y, whole)


def _chosen(values: Tensor, view: Tensor) -> Tensor:
    """Of values (B, ..., V) those in one view of each sample, (B, ..., 1)."""
    index = view.reshape(-1, *(1,) * (values.ndim - 1)).expand(*values.shape[:-1], 1)
    return values.gather(-1, index)


def more_means(whole: Tensor, local: Tensor, near: RowNeighbors, more: RowNeighbors) -> Tensor:
    """Means of the local MI in the learned views, in the best one, and of the sum.

    Parameters
    ----------
    whole : Tensor of shape (batch, K, n_views)
        Means of the local MI over all rows.
    local : Tensor of shape (batch, K, n_learned + 2)
        The same of `more`; what it says of the best view is not read.
    near, more : RowNeighbors
        Of the rows that were searched; `more` as `with_more` gives it.

    Returns
    -------
    means : Tensor of shape (batch, K, n_learned + 2)
        The best view is chosen in every other row and averaged over the rest, and the other way
        round.
    """
    information = torch.cat([near.information, more.information[..., :-2]], -1)
    means = torch.cat([whole, local[..., :-2]], -1)
    missed = means - information.mean(1)
    halves = [information[:, i::2].mean(1) for i in (0, 1)]
    best = [
        _chosen(half + missed, other[:, _JUDGED].argmax(-1))
        for half, other in zip(halves, halves[::-1], strict=True)
    ]
    return torch.cat([local[..., :-2], 0.5 * (best[0] + best[1]), local[..., -1:]], -1)
