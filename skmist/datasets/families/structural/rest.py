"""The other columns of a side: noise, dependent within and maybe a function of known columns."""

from __future__ import annotations

import random
from typing import Any

import torch
from torch import Tensor

from skmist.datasets.families.structural.columns import draw_kind
from skmist.datasets.families.structural.graph import bounded, moments
from skmist.datasets.parts.functions import random_net
from skmist.datasets.parts.mixing import random_mixing
from skmist.datasets.parts.random import log_uniform, normal

__all__ = ["Rest"]

_MOST_BLOCKS = 4
_PILOT = 1024


class Rest:
    """Columns that say nothing about the other side beyond what the known columns say.

    Blocks of columns of one kind each. The noise of a block is dependent; in half of the blocks it
    comes on top of a random net of the known columns.

    Parameters
    ----------
    kinds : list of str
        The kinds of the columns, of which blocks take the first ones.
    known : Tensor of shape (B, m, k)
        Scores of the known columns in some rows, which set the scales.
    """

    def __init__(
        self, kinds: list[str], known: Tensor, generator: torch.Generator, rng: random.Random
    ) -> None:
        known = known[:, :_PILOT]
        count = min(len(kinds), _MOST_BLOCKS)
        cuts = sorted(rng.sample(range(1, len(kinds)), count - 1)) if count else []
        bounds = zip([0, *cuts], [*cuts, len(kinds)], strict=True) if count else ()
        self.blocks = [_Block(kinds[a], b - a, known, generator, rng) for a, b in bounds]
        self.discrete = [flag for b in self.blocks for flag in [b.kind.discrete] * b.size]
        self.ordered = [flag for b in self.blocks for flag in [b.kind.ordered] * b.size]

    def draw(self, known: Tensor, generator: torch.Generator) -> list[Tensor]:
        """Values of the blocks beside known columns (B, n, k)."""
        return [block.draw(known, generator) for block in self.blocks]


class _Block:
    def __init__(
        self,
        kind: str,
        size: int,
        known: Tensor,
        generator: torch.Generator,
        rng: random.Random,
    ) -> None:
        batch, inputs = len(known), known.shape[-1]
        self.size = size
        self.mixing = random_mixing(batch, size, generator, rng)
        self.kind = draw_kind(kind, batch, size, generator, rng)
        self.share: Any = log_uniform(generator, batch, 1, size, low=0.1, high=1.0)
        self.net: Any = None
        if rng.random() < 0.5:
            self.net = random_net(batch, inputs, size, generator, rng)
            self.center, self.scale = moments(self.net(known))

    def draw(self, known: Tensor, generator: torch.Generator) -> Tensor:
        dtype = known.dtype
        noise = normal(generator, *known.shape[:2], self.size, dtype=dtype)
        latent = noise @ self.mixing.mT.to(dtype)
        if self.net is not None:
            signal = (self.net(known) - self.center.to(dtype)) / self.scale.to(dtype)
            share = self.share.to(dtype)
            latent = share * latent + (1.0 - share.square()).sqrt() * bounded(signal)
        return self.kind.show(latent)[1]
