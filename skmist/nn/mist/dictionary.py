"""Functions of the columns of a side among which a model of the other side chooses."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from skmist.nn.mist.side import Side

__all__ = ["Dictionary", "Groups"]

_N_CURVES = 8
_WAVE = 6
_MAX_BASE, _MAX_FIRST_PAIRS = 32, 15
# Of each column of a pair: how many cosines, and whether the wave.
_PAIR_SIZES = ((6, 1), (4, 1), (3, 1), (2, 1), (1, 1), (1, 0), (0, 0))
_MAX_CELLS = 1 << 24
_MAX_TRIPLE_COLUMNS = 10
_TRIPLED = (0, _WAVE)
_MIN_SPREAD = 0.02


@cache
def _sets(d: int, size: int, device: torch.device) -> Tensor:
    """The sets of `size` of d columns, one a row."""
    return torch.combinations(torch.arange(d, device=device), size)


class Groups(NamedTuple):
    """Which functions are of the same columns.

    Each one's group ``number`` (D,), the ``size`` (G,) of the groups, and the matrix ``mean``
    (D, G) that averages over them.
    """

    number: Tensor
    size: Tensor
    mean: Tensor


def _groups(columns: Tensor) -> Groups:
    names, number = torch.unique(columns, return_inverse=True)
    members = (number[:, None] == torch.arange(len(names), device=number.device)).double()
    size = members.sum(0)
    return Groups(number, size, members / size)


@cache
def _named(shape: tuple[int, ...], device: torch.device) -> tuple[Groups, Groups]:
    """Groups of a dictionary's single functions and products."""
    d, each, cosines, waves, first, pairs, triples = shape
    columns, twos, threes = torch.arange(d + pairs + triples, device=device).split(
        [d, pairs, triples]
    )
    singles = torch.cat([columns.repeat_interleave(each), twos[:first]])
    parts = [twos.repeat_interleave(cosines**2), twos.repeat_interleave(waves**2)]
    return _groups(singles), _groups(torch.cat([*parts, threes.repeat(len(_TRIPLED))]))


class Dictionary:
    """Functions of single columns, and products of those of two columns and of three.

    A continuous column gives six cosines of its rank, a square wave (above or below the median)
    and its normal score; a discrete one indicators of eight (groups of) levels. Wide sides give
    fewer of each.

    Parameters
    ----------
    side : Side
    rows : Tensor of shape (batch, n, d)
        The sample's rows, which center and scale the functions.
    max_singles, max_pairs : int
        Functions of single columns and products of those of two, at most.

    Attributes
    ----------
    singles, products : Tensor of shape (batch, D, n)
        Centered functions of the sample's rows.
    single_groups, product_groups : Groups
        Which of them stem from the same columns.
    base : list of int
        Single ones that the other side is asked about.
    """

    def __init__(self, side: Side, rows: Tensor, max_singles: int, max_pairs: int) -> None:
        self.side = side
        d, n, device = side.d, rows.shape[1], rows.device
        self._pairs, triples = _sets(d, 2, device), _sets(d, 3, device)
        self._triples = triples if d <= _MAX_TRIPLE_COLUMNS else triples[:0]
        limit = min(max_pairs, _MAX_CELLS // n)
        count = len(self._pairs)
        self._sizes = next((a, b) for a, b in _PAIR_SIZES if count * (a * a + b) <= limit)
        self._each = max(1, min(_N_CURVES, max_singles // d))
        self._n_first = count if count <= _MAX_FIRST_PAIRS else 0
        self._name_groups(device)
        curves = self._curves(rows)
        self._center = curves.mean(-1, keepdim=True)
        square = (curves**2).mean(-1, keepdim=True)
        # An indicator of a rare level would weigh as much as one row can.
        self._spread = (square - self._center**2).clamp_min(_MIN_SPREAD**2).sqrt()
        singles, products = self._functions((curves - self._center) / self._spread)
        self._means = (singles.mean(-1, keepdim=True), products.mean(-1, keepdim=True))
        self.singles = singles.sub_(self._means[0])
        self.products = products.sub_(self._means[1])

    def _name_groups(self, device: torch.device) -> None:
        d = self.side.d
        few = max(1, min(self._each, _MAX_BASE // d))
        self.base = [j * self._each + k for j in range(d) for k in range(few)]
        self.base += range(d * self._each, d * self._each + self._n_first)
        counts = self._n_first, len(self._pairs), len(self._triples)
        shape = (d, self._each, *self._sizes, *counts)
        self.single_groups, self.product_groups = _named(shape, device)

    def _curves(self, rows: Tensor) -> Tensor:
        """Eight functions of each column, ``(B, d, 8, m)``."""
        z = rows.mT.contiguous()
        angle = math.pi * torch.special.ndtr(z)
        cosines = [math.sqrt(2) * torch.cos(k * angle) for k in range(1, _WAVE + 1)]
        curves = torch.stack([*cosines, z.sign(), z], dim=2)
        if not self.side.any_discrete:
            return curves
        codes = torch.where(self.side.mask[:, None], z, 0.0).long() % _N_CURVES
        levels = torch.arange(_N_CURVES, device=z.device)[:, None]
        indicators = (codes[:, :, None] == levels).to(z.dtype)
        return torch.where(self.side.mask[:, None, None], indicators, curves)

    def _functions(self, curves: Tensor) -> tuple[Tensor, Tensor]:
        """Single ones, with the leading product of each of few pairs, and products; uncentered."""
        i, j = self._pairs[: self._n_first].unbind(1)
        singles = [curves[:, :, : self._each].flatten(1, 2), curves[:, i, 0] * curves[:, j, 0]]
        products = []
        i, j = self._pairs.unbind(1)
        for start, size in zip((0, _WAVE), self._sizes, strict=True):
            some = curves[:, :, start : start + size]
            products.append((some[:, i, :, None] * some[:, j, None]).flatten(1, 3))
        i, j, k = self._triples.unbind(1)
        products += [curves[:, i, f] * curves[:, j, f] * curves[:, k, f] for f in _TRIPLED]
        return torch.cat(singles, dim=1), torch.cat(products, dim=1)

    def of(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Single functions and products of any rows (B, m, d), centered as the sample's."""
        curves = (self._curves(rows) - self._center) / self._spread
        singles, products = self._functions(curves)
        return singles.sub_(self._means[0]), products.sub_(self._means[1])
