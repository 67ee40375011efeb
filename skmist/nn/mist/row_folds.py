"""Rows told apart by their values: folds that do not depend on the order of rows and columns."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["RowFolds", "RowIndex", "row_keys"]

_FACTORS = (-7046029254386353131, -4417276706812531889)


def _mixed(key: Tensor) -> Tensor:
    """Scramble 64-bit integers, as splitmix64 does."""
    for shift, factor in zip((30, 27), _FACTORS, strict=True):
        key = (key ^ (key >> shift)) * factor
    return key ^ (key >> 31)


def row_keys(values: Tensor) -> Tensor:
    """A number of each row, ``(B, n)`` int64, whatever the order of its columns.

    Parameters
    ----------
    values : Tensor of shape (batch, n, d), float32
    """
    # Zero has two signs.
    bits = (values + 0.0).contiguous().view(torch.int32).long()
    return _mixed(_mixed(bits + 1).sum(-1))


class RowIndex:
    """Where rows stand in a sample.

    Parameters
    ----------
    keys : Tensor of shape (batch, n), int64
    """

    def __init__(self, keys: Tensor) -> None:
        self.keys, self.order = keys.sort(dim=-1, stable=True)

    def find(self, keys: Tensor) -> tuple[Tensor, Tensor]:
        """Numbers (B, m) of the first rows with these keys, and whether there are any."""
        place = torch.searchsorted(self.keys, keys).clamp(max=self.keys.shape[-1] - 1)
        return self.order.gather(-1, place), self.keys.gather(-1, place) == keys


class RowFolds:
    """Folds of equal size by the rows' keys; copies of a row come into one, unless they fill it.

    Parameters
    ----------
    index : RowIndex
        Of both sides together. Rows are in its order here.
    counts : tuple of int
        Number of folds of each division into folds. Divisions are independent of one another.

    Attributes
    ----------
    training : Tensor of shape (batch, K, 1, n)
        1 for the rows outside each fold of all divisions, 0 for those inside.
    n_training : Tensor of shape (batch, K, 1)
    """

    def __init__(self, index: RowIndex, counts: tuple[int, ...]) -> None:
        self.order = index.order
        self.n = self.order.shape[-1]
        self.labels, masks, first = [], [], 0
        for number, count in enumerate(counts):
            order = _mixed(index.keys + number).argsort(dim=-1, stable=True)
            rank = order.argsort(dim=-1)
            label = rank * count // self.n
            folds = torch.arange(count, device=label.device)[:, None]
            masks.append(label[:, None] != folds)
            self.labels.append(label + first)
            first += count
        training = torch.cat(masks, dim=1)
        self.training = training[:, :, None].float()
        self.n_training = self.training.sum(-1)

    def sorted(self, values: Tensor) -> Tensor:
        """Rows (B, n, d) in the order of the keys."""
        return values.gather(1, self.order[..., None].expand_as(values))

    def own(self, every: Tensor, division: int) -> Tensor:
        """Of what each fold says of all rows (B, K, r, n), that of its own rows, ``(B, n, r)``.

        In the order that the rows had before they were sorted.
        """
        label = self.labels[min(division, len(self.labels) - 1)]
        index = label[:, None, None].expand(-1, 1, every.shape[2], -1)
        rows = every.gather(1, index)[:, 0].mT
        return torch.empty_like(rows).scatter_(1, self.order[..., None].expand_as(rows), rows)
