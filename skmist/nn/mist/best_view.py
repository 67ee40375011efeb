"""The view in which a sample says most about its dependence.

A view can only lose information, so where each has rows enough, the one that says most is the
nearest to the truth. Which one it is, is found in other rows than those that are averaged, so
that noise cannot choose itself.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["RowNeighbors", "best_means", "best_view", "with_best"]

# Of the numbers of neighbors, the second: k = 3.
_JUDGED = 1


class RowNeighbors(NamedTuple):
    """Per view, of shape (B, Q, K, n_views): local MI, log radius, log counts; and the local MI
    of all rows (B, n, K) in the views, by number, in which they were searched."""

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
    return _judged(near, learned).mean(1).argmax(-1)


def _judged(near: RowNeighbors, learned: RowNeighbors) -> Tensor:
    """What the views say of each row, (B, Q, V)."""
    return torch.cat([near.information[:, :, _JUDGED], learned.information[:, :, _JUDGED]], -1)


def with_best(near: RowNeighbors, learned: RowNeighbors, best: Tensor) -> RowNeighbors:
    """The learned views, and after them the best of all views."""

    def beside(one: Tensor, two: Tensor) -> Tensor:
        return torch.cat([two, _chosen(torch.cat([one, two], -1), best)], -1)

    information, radius, share_x, share_y = map(beside, near.tensors, learned.tensors)
    return RowNeighbors(information, radius, share_x, share_y, learned.whole)


def _chosen(values: Tensor, view: Tensor) -> Tensor:
    """Of values (B, ..., V) those in one view of each sample, (B, ..., 1)."""
    index = view.reshape(-1, *(1,) * (values.ndim - 1)).expand(*values.shape[:-1], 1)
    return values.gather(-1, index)


def best_means(whole: Tensor, local: Tensor, near: RowNeighbors, learned: RowNeighbors) -> Tensor:
    """Means of the local MI in the learned views and in the best one.

    Parameters
    ----------
    whole : Tensor of shape (batch, K, n_views)
        Means of the local MI over all rows.
    local : Tensor of shape (batch, K, n_learned + 1)
        The same of the learned views; what it says of the best one is not read.
    near, learned : RowNeighbors
        Of the rows that were searched; the best view is the last of `learned`.

    Returns
    -------
    means : Tensor of shape (batch, K, n_learned + 1)
        The best one is chosen in every other row and averaged over the rest, and the other way
        round.
    """
    information = torch.cat([near.information, learned.information[..., :-1]], -1)
    means = torch.cat([whole, local[..., :-1]], -1)
    missed = means - information.mean(1)
    halves = [information[:, i::2].mean(1) for i in (0, 1)]
    best = [
        _chosen(half + missed, other[:, _JUDGED].argmax(-1))
        for half, other in zip(halves, halves[::-1], strict=True)
    ]
    return torch.cat([local[..., :-1], 0.5 * (best[0] + best[1])], -1)
