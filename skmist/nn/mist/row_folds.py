"""Rows told apart by their values: folds that do not depend on the order of rows and columns."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

__all__ = [
    "RowFolds",
    "RowIndex",
    "is_first",
    "keys_of_both",
    "mixed",
    "row_keys",
    "runs",
    "told_apart",
]

_FACTORS = (-7046029254386353131, -4417276706812531889)
# Of the rows, and of one row: with more copies than these, rows repeat by nature.
_MOST_COPIES, _FEW_COPIES = 0.2, 5


def mixed(key: Tensor) -> Tensor:
    """Scramble 64-bit integers, as splitmix64 does; none of the results is negative."""
    for shift, factor in zip((30, 27), _FACTORS, strict=True):
        key = (key ^ (key >> shift)) * factor
    return key ^ (key >> 31)


def row_keys(values: Tensor, *, by_column: bool = False) -> Tensor:
    """A number of each row, ``(B, n)`` int64.

    Parameters
    ----------
    values : Tensor of shape (batch, n, d), float32
    by_column : bool, default=False
        Whether it tells which column holds what. Otherwise it does not depend on the order of
        the columns, and codes that are in other columns give the same.
    """
    # Zero has two signs.
    bits = (values + 0.0).contiguous().view(torch.int32).long() + 1
    if by_column:
        bits = bits + _FACTORS[1] * torch.arange(values.shape[-1], device=values.device)
    return mixed(mixed(bits).sum(-1))


def keys_of_both(x_keys: Tensor, y_keys: Tensor) -> Tensor:
    """Numbers (B, n) of rows of both sides, whichever of them is called x.

    Scrambled once more, as the order of the sums would tell which of few keys a side has.
    """
    return mixed(x_keys + y_keys)


def is_first(keys: Tensor) -> Tensor:
    """Whether each of keys (B, n) that ascend is the first of its value, ``(B, n)``."""
    first = torch.ones_like(keys, dtype=torch.bool)
    first[:, 1:] = keys[:, 1:] != keys[:, :-1]
    return first


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
        place = torch.searchsorted(self.keys, keys.contiguous()).clamp(max=self.keys.shape[-1] - 1)
        return self.order.gather(-1, place), self.keys.gather(-1, place) == keys


def runs(keys: Tensor) -> tuple[Tensor, Tensor]:
    """Of keys (B, n) that ascend: which of those of its value each is, and how many there are."""
    first, n = is_first(keys), keys.shape[-1]
    places = torch.arange(n, device=keys.device)
    begins = torch.where(first, places, 0).cummax(-1).values
    ends = torch.where(first.roll(-1, -1), places, n).flip(-1).cummin(-1).values.flip(-1)
    return places - begins, ends - begins + 1


def told_apart(index: RowIndex, natural: Tensor) -> Tensor:
    """The order of the rows, in which copies of a row lie apart where rows repeat by nature.

    ``natural`` (B,), in which samples they do.

    The copies that a table of categories is made of must not share a fold: a fold that follows
    from x and y together would tell of y to whoever knows x. So each copy gets a key of its own,
    and so does each of many, as columns that are mostly zero have them. Where rows hardly repeat,
    a few that were entered twice must share theirs.
    """
    copy, count = runs(index.keys)
    often = (copy > 0).float().mean(-1, keepdim=True) > _MOST_COPIES
    apart = (count > _FEW_COPIES) | often | natural[:, None]
    if not bool(apart.any()):
        return index.order
    own = mixed(index.keys + apart * copy * _FACTORS[0]).argsort(dim=-1, stable=True)
    return torch.where(apart.any(-1, keepdim=True), index.order.gather(1, own), index.order)


class RowFolds:
    """Folds of equal size by the rows' keys; copies of a row come into one where they are few.

    Parameters
    ----------
    index : RowIndex
        Of both sides together. Rows are in its order here, padded with zeros to full cells.
    counts : tuple of int
        Number of folds of each of one or two divisions, which are independent of one another: a
        cell is what a fold of the first and one of the second share.
    turned : Tensor of shape (batch,), bool, optional
        Where each side is to have a division of its own: whether side 0 takes the second. By
        default both sides have both. A row's fold must not be read from both sides, and what
        models make of few levels tells it.
    natural : Tensor of shape (batch,), bool, optional
        Whether rows repeat by nature, as all columns of both sides hold values that do: by
        default in no sample.

    Attributes
    ----------
    n_training : float
        Rows outside a fold, for each of the K folds ``(K, 1)``.
    """

    def __init__(
        self,
        index: RowIndex,
        counts: tuple[int, ...],
        turned: Tensor | None = None,
        natural: Tensor | None = None,
    ) -> None:
        if natural is None:
            natural = torch.zeros(len(index.order), dtype=torch.bool, device=index.order.device)
        self.order, self._counts = told_apart(index, natural), counts
        device = self.order.device
        self.n = self.order.shape[-1]
        self.n_cells = math.prod(counts)
        self.size = -(-self.n // self.n_cells)
        cells = torch.arange(self.n_cells, device=device)
        first = cells // (self.n_cells // counts[0])
        second = counts[0] + cells % counts[1] if len(counts) > 1 else first
        self._labels = self._divisions(first, second, turned)
        folds = torch.arange(sum(counts), device=device)[:, None]
        rows = (self.n - cells * self.size).clamp(0, self.size).float()
        outside = (first != folds) & (second != folds)
        self.n_training = (outside * rows).sum(1, keepdim=True)

    def _divisions(self, first: Tensor, second: Tensor, turned: Tensor | None) -> tuple:
        """The folds of each cell in the divisions of each side, (divisions, B, C)."""
        if turned is None:
            both = torch.stack([first, second])[:, None].expand(-1, len(self.order), -1)
            return both, both
        turn = turned[:, None]
        pairs = (second, first), (first, second)
        return tuple(torch.where(turn, *pair)[None] for pair in pairs)

    def sorted(self, values: Tensor) -> Tensor:
        """Rows (B, n, d) in the order of the keys."""
        return values.gather(1, self.order[..., None].expand_as(values))

    def padded(self, features: Tensor) -> Tensor:
        """Features (B, D, n) of sorted rows, with zeros up to full cells."""
        return pad(features, (0, self.n_cells * self.size - self.n))

    def in_cells(self, features: Tensor) -> Tensor:
        """Padded features (B, D, N) cell by cell, ``(B, C, D, size)``."""
        return features.unflatten(-1, (self.n_cells, self.size)).transpose(1, 2)

    def moments(self, a: Tensor, b: Tensor) -> Tensor:
        """Mean products (B, K, A, C) of padded features over the rows outside each fold."""
        return self.outside(self.in_cells(a) @ self.in_cells(b).mT)

    def outside(self, sums: Tensor) -> Tensor:
        """Means (B, K, A, C) over the rows outside each fold, of sums (B, C, A, C) over cells."""
        grid = sums.unflatten(1, (self._counts[0], -1))
        inside = grid.sum(2)
        total = inside.sum(1, keepdim=True)
        if len(self._counts) > 1:
            inside = torch.cat([inside, grid.sum(1)], dim=1)
        return (total - inside).double() / self.n_training[..., None]

    def own(self, features: Tensor, weights: Tensor, i: int) -> Tensor:
        """What the weights (B, K, D, r) of the models that know none of a cell say of its rows.

        The mean over the divisions of side ``i``, of sorted rows, ``(B, n, r)``.
        """
        return self.of_cells(features, self.cell_weights(weights, i))

    def cell_weights(self, weights: Tensor, i: int) -> Tensor:
        """The mean (B, C, D, r) over the divisions of side ``i`` of the weights of each fold."""
        sample = torch.arange(len(weights), device=weights.device)[:, None]
        return torch.stack([weights[sample, labels] for labels in self._labels[i]]).mean(0)

    def of_cells(self, features: Tensor, weights: Tensor) -> Tensor:
        """What weights (B, C, D, r) of each cell say of its sorted rows, ``(B, n, r)``."""
        found = weights.mT.float() @ self.in_cells(features)
        return found.transpose(1, 2).flatten(2)[..., : self.n].mT

    def unsorted(self, rows: Tensor) -> Tensor:
        """Sorted rows (B, n, r) in the order that they came in."""
        return torch.empty_like(rows).scatter_(1, self.order[..., None].expand_as(rows), rows)
