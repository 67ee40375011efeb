"""Which pairs of many columns may say something together, found in the rows outside each fold."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from skmist.nn.mist.row_folds import RowFolds

__all__ = ["LikelyPairs", "likely_pairs"]


class LikelyPairs(NamedTuple):
    """Numbers (B, P) of pairs of columns, and which of them each fold has found (B, K, P)."""

    numbers: Tensor
    own: Tensor


def likely_pairs(curves: Tensor, left: Tensor, folds: RowFolds, count: int) -> LikelyPairs:
    """The pairs of columns of which some product goes along most with what is left of targets.

    Of each fold's pairs half as many are its own, so that different folds may find others.

    Parameters
    ----------
    curves : Tensor of shape (batch, d, F, n)
        Functions of each column, of sorted rows.
    left : Tensor of shape (batch, n, T)
        What other models leave of the targets.
    folds : RowFolds
    count : int
        Number of pairs P.
    """
    d, each = curves.shape[1:3]
    cells = folds.in_cells(folds.padded(curves.flatten(1, 2)))
    targets = folds.in_cells(folds.padded(left.mT))
    ties = torch.zeros((), device=curves.device)
    for t in range(targets.shape[2]):
        products = (cells * targets[:, :, t, None]) @ cells.mT
        ties = ties + folds.outside(products) ** 2
    best = ties.unflatten(-1, (d, each)).amax(-1).unflatten(-2, (d, each)).amax(-2)
    i, j = torch.triu_indices(d, d, 1, device=curves.device)
    strength = best[..., i, j]
    numbers = strength.amax(1).topk(count, dim=-1).indices
    least = strength.topk(max(1, count // 2), dim=-1).values[..., -1:]
    found = strength.gather(-1, numbers[:, None].expand(-1, strength.shape[1], -1))
    return LikelyPairs(numbers, found >= least)
