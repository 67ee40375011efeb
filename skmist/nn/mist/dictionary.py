"""Functions of the columns of a side among which a model of the other side chooses."""

from __future__ import annotations

import math
from functools import cached_property

import torch
from torch import Tensor

from skmist.nn.mist.side import Side

__all__ = ["Dictionary"]

_N_SINGLES = 8
# Of each column of a pair: how many cosines, and how many square waves.
_PAIR_SIZES = ((6, 1), (4, 1), (3, 1), (2, 1), (1, 1), (1, 0), (0, 0))
_FIRST_WAVE = 6
_MAX_PRODUCTS = 340
_MAX_CELLS = 1 << 24
_MAX_TRIPLE_COLUMNS = 10
_TRIPLED = (0, _FIRST_WAVE)
_MAX_BASE = 32
_MAX_BASE_PAIRS = 16
_MIN_SPREAD = 0.02


class Dictionary:
    """Functions of single columns, and products of those of two and of three columns.

    A continuous column gives four cosines of its rank and three square waves, of one to three
    changes of sign, and its normal score; a discrete one indicators of eight (groups of) levels.
    Smooth ones and steps: the other side may depend on either.

    Parameters
    ----------
    side : Side
        Gives the centers and scales of the functions.
    """

    def __init__(self, side: Side) -> None:
        self.side = side
        n = side.values.shape[1]
        self.pairs = torch.combinations(torch.arange(side.d, device=side.mask.device), 2)
        self.triples = torch.combinations(torch.arange(side.d, device=side.mask.device), 3)
        limit = min(_MAX_PRODUCTS, _MAX_CELLS // n)
        each = [(a, b) for a, b in _PAIR_SIZES if len(self.pairs) * (a * a + b * b) <= limit]
        self.pair_sizes = each[0]
        if side.d > _MAX_TRIPLE_COLUMNS:
            self.triples = self.triples[:0]
        self._single_scale: tuple[Tensor, Tensor] | None = None
        self._product_scale: tuple[Tensor, Tensor] | None = None

    @cached_property
    def single_groups(self) -> Tensor:
        """The column of each function of one column."""
        columns = torch.arange(self.side.d, device=self.pairs.device)
        return columns.repeat_interleave(_N_SINGLES)

    @cached_property
    def product_groups(self) -> Tensor:
        """The set of columns, by number, of each product."""
        device = self.pairs.device
        numbers = torch.arange(len(self.pairs), device=device)
        twos = [numbers.repeat_interleave(size**2) for size in self.pair_sizes]
        threes = torch.arange(len(self.triples), device=device).repeat(len(_TRIPLED))
        return torch.cat([*twos, threes + len(self.pairs)])

    def _curves(self, rows: Tensor) -> Tensor:
        """Eight functions of each column, ``(B, d, 8, m)``."""
        z = rows.mT.contiguous()
        rank = torch.special.ndtr(z)
        once, twice = z.sign(), ((rank - 0.5).abs() - 0.25).sign()
        cosine = [math.sqrt(2) * torch.cos(math.pi * k * rank) for k in (1, 2, 3, 4, 5, 6)]
        parts = [*cosine, once, z]
        curves = torch.stack(parts, dim=2)
        if not self.side.any_discrete:
            return curves
        codes = torch.where(self.side.mask[:, None], z, 0.0).long() % _N_SINGLES
        levels = torch.arange(_N_SINGLES, device=z.device)[:, None]
        indicators = (codes[:, :, None] == levels).to(z.dtype)
        return torch.where(self.side.mask[:, None, None], indicators, curves)

    def singles(self, rows: Tensor) -> Tensor:
        """Standardized functions of one column, ``(B, d * 8, m)``."""
        curves = self._curves(rows).flatten(1, 2)
        if self._single_scale is None:
            self._single_scale = _center_and_spread(curves)
        center, spread = self._single_scale
        return (curves - center) / spread

    def products(self, singles: Tensor) -> Tensor:
        """Standardized products of functions of two columns and of three, ``(B, D, m)``."""
        curves = singles.unflatten(1, (self.side.d, _N_SINGLES))
        i, j = self.pairs.unbind(1)
        parts = []
        for start, size in zip((0, _FIRST_WAVE), self.pair_sizes, strict=True):
            some = curves[:, :, start : start + size]
            parts.append((some[:, i, :, None] * some[:, j, None]).flatten(1, 3))
        i, j, k = self.triples.unbind(1)
        parts += [curves[:, i, f] * curves[:, j, f] * curves[:, k, f] for f in _TRIPLED]
        products = torch.cat(parts, dim=1)
        if self._product_scale is None:
            self._product_scale = _center_and_spread(products)
        center, spread = self._product_scale
        return products.sub_(center).div_(spread)

    def base(self, singles: Tensor) -> Tensor:
        """The few functions, ``(B, T, m)``, whose dependence on the other side is measured."""
        curves = singles.unflatten(1, (self.side.d, _N_SINGLES))
        each = max(1, min(_N_SINGLES, _MAX_BASE // self.side.d))
        base = curves[:, :, :each].flatten(1, 2)
        if 0 < len(self.pairs) <= _MAX_BASE_PAIRS:
            i, j = self.pairs.unbind(1)
            base = torch.cat([base, curves[:, i, 0] * curves[:, j, 0]], dim=1)
        return base - base.mean(-1, keepdim=True)


def _center_and_spread(features: Tensor) -> tuple[Tensor, Tensor]:
    spread, center = torch.std_mean(features, dim=-1, keepdim=True, correction=0)
    # An indicator of a rare level would weigh as much as one row can.
    return center, spread.clamp_min(_MIN_SPREAD)
