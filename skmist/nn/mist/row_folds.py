"""Rows told apart by their values: folds that do not depend on the order of rows and columns."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

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
        Of both sides together.
    count : int
        Number of folds.
    """

    def __init__(self, index: RowIndex, count: int) -> None:
        self.count = count
        self.order = index.order
        self.n = self.order.shape[-1]
        self.size = -(-self.n // count)
        sizes = [min(self.size, self.n - k * self.size) for k in range(count)]
        self.n_training = torch.tensor(
            [float(self.n - s) for s in sizes], device=self.order.device
        )[None, :, None]

    def sorted(self, values: Tensor) -> Tensor:
        """Rows (B, n, d) in the order of the folds."""
        return values.gather(1, self.order[..., None].expand_as(values))

    def padded(self, features: Tensor) -> Tensor:
        """Features (B, D, n) of sorted rows, with zeros up to full folds."""
        return pad(features, (0, self.count * self.size - self.n))

    def own_of_each(self, every: Tensor) -> Tensor:
        """Of what each fold says of all rows (B, count, r, N), that of its own, ``(..., size)``."""
        parts = every.unflatten(-1, (self.count, self.size)).diagonal(dim1=1, dim2=3)
        return parts.movedim(-1, 1)

    def training_moments(self, a: Tensor, b: Tensor) -> Tensor:
        """Mean products (B, count, A, C) of padded features over the rows outside each fold."""
        step = self.size
        own = torch.stack(
            [
                a[..., k * step : (k + 1) * step] @ b[..., k * step : (k + 1) * step].mT
                for k in range(self.count)
            ],
            dim=1,
        )
        return (own.sum(1, keepdim=True) - own) / self.n_training[..., None]

    def without_own(self, features: Tensor) -> Tensor:
        """Features (B, count, M, N) with zeros in each one's own fold, in place."""
        for k in range(self.count):
            features[:, k, :, k * self.size : (k + 1) * self.size] = 0
        return features

    def joined(self, own: Tensor) -> Tensor:
        """What each fold says of its own rows, (B, count, r, size), as rows (B, n, r) again."""
        rows = own.transpose(1, 2).flatten(2)[..., : self.n].mT
        return torch.empty_like(rows).scatter_(1, self.order[..., None].expand_as(rows), rows)
