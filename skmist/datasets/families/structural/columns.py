"""Kinds of columns: what a table shows of a latent number, and what of it can be read back.

A kind turns latent values (B, n, d), about standard normal, into pairs of *scores*, which other
columns and the target read, and *values*, which the table holds. Scores follow from values.
"""

from __future__ import annotations

import random
from typing import Any

import torch
from torch import Tensor

from skmist.datasets.parts.random import dirichlet, log_uniform, normal, uniform

__all__ = ["KINDS", "Kind", "draw_kind", "draw_kind_names", "draw_levels"]

_MOST_LEVELS, _MOST_ORDERED = 300, 20


class Kind:
    """A continuous column as it is.

    Attributes
    ----------
    discrete, ordered : bool
        Whether the values are codes, and whether their order means something.
    """

    discrete = ordered = False

    def show(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        """Scores and values of latent numbers, each (B, n, d)."""
        return latent, latent

    def read(self, values: Tensor) -> Tensor:
        """Scores of values (B, n, d)."""
        return values


class _Heavy(Kind):
    """Heavy tails on both sides: sinh."""

    def __init__(self, batch: int, d: int, generator: torch.Generator, rng: random.Random) -> None:
        self.rate = log_uniform(generator, batch, 1, d, low=0.5, high=2.5)

    def show(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        return latent, torch.sinh(self.rate.to(latent.dtype) * latent)

    def read(self, values: Tensor) -> Tensor:
        return torch.asinh(values) / self.rate.to(values.dtype)


class _Rounded(Kind):
    """Rounded to a grid: a number with ties."""

    def __init__(self, batch: int, d: int, generator: torch.Generator, rng: random.Random) -> None:
        self.step = log_uniform(generator, batch, 1, d, low=0.03, high=0.7)

    def show(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        step = self.step.to(latent.dtype)
        values = (latent / step).round() * step
        return values, values


class _Whole(Kind):
    """Whole numbers from 0 on, skewed: a count that is declared a number."""

    def __init__(self, batch: int, d: int, generator: torch.Generator, rng: random.Random) -> None:
        self.level = uniform(generator, batch, 1, d, low=0.0, high=4.0)
        self.slope = uniform(generator, batch, 1, d, low=0.4, high=1.2)

    def show(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        log_rate = self.level.to(latent.dtype) + self.slope.to(latent.dtype) * latent
        values = log_rate.clamp(max=11.0).exp().floor()
        return self.read(values), values

    def read(self, values: Tensor) -> Tensor:
        return torch.log1p(values)


class _ZeroInflated(Kind):
    """Zero below a threshold: rain, spending, dosage."""

    def __init__(self, batch: int, d: int, generator: torch.Generator, rng: random.Random) -> None:
        share = uniform(generator, batch, 1, d, low=0.1, high=0.97)
        self.threshold = torch.special.ndtri(share)

    def show(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        values = (latent - self.threshold.to(latent.dtype)).clamp_min(0.0)
        return values, values


class _Constant(Kind):
    """One value in most rows, larger and smaller ones in the others."""

    def __init__(self, batch: int, d: int, generator: torch.Generator, rng: random.Random) -> None:
        self.low = torch.special.ndtri(uniform(generator, batch, 1, d, low=0.02, high=0.3))
        self.high = torch.special.ndtri(uniform(generator, batch, 1, d, low=0.6, high=0.98))

    def show(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        low, high = self.low.to(latent.dtype), self.high.to(latent.dtype)
        values = (latent - high).clamp_min(0.0) + (latent - low).clamp_max(0.0)
        return values, values


class _Levels(Kind):
    """Codes of the intervals between thresholds.

    Unordered levels have random names, and scores that have nothing to do with the latent number.
    """

    discrete = True

    def __init__(
        self,
        batch: int,
        d: int,
        generator: torch.Generator,
        rng: random.Random,
        count: int,
        ordered: bool,
    ) -> None:
        self.ordered = ordered
        masses = _masses(batch, d, count, generator, rng)
        edges = masses.cumsum(-1)[..., :-1].clamp(1e-9, 1.0 - 1e-9)
        self.thresholds = torch.special.ndtri(edges)
        steps = torch.linspace(-1.7, 1.7, count, device=generator.device).double()
        self.scores = steps.expand(batch, d, count)
        self.names: Any = None
        if not ordered:
            self.names = uniform(generator, batch, d, count).argsort(-1)
            self.scores = normal(generator, batch, d, count)

    def show(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        place = torch.searchsorted(self.thresholds.to(latent.dtype), latent.mT.contiguous())
        codes = place if self.names is None else self.names.gather(-1, place)
        return self._scores(codes, latent.dtype), codes.mT.to(latent.dtype)

    def read(self, values: Tensor) -> Tensor:
        codes = values.mT.round().long().clamp(0, self.scores.shape[-1] - 1)
        return self._scores(codes, values.dtype)

    def _scores(self, codes: Tensor, dtype: torch.dtype) -> Tensor:
        return self.scores.to(dtype).gather(-1, codes).mT


def _masses(
    batch: int, d: int, count: int, generator: torch.Generator, rng: random.Random
) -> Tensor:
    """Probabilities (B, d, count) of levels: equal, at random, or falling as a power."""
    ones = torch.ones(batch, d, count, dtype=torch.float64, device=generator.device)
    style = rng.choices(("equal", "random", "power"), (0.4, 0.4, 0.2))[0]
    if style == "equal":
        return ones / count
    if style == "random":
        return dirichlet(rng.choice((0.7, 3.0)) * ones, generator)
    masses = ones.cumsum(-1) ** -uniform(generator, batch, d, 1, low=0.5, high=1.8)
    return masses / masses.sum(-1, keepdim=True)


def draw_levels(rng: random.Random, most: int, least: int = 2) -> int:
    """A number of levels from `least` to `most`, log-uniform."""
    return min(most, int(least * ((most + 1.0) / least) ** rng.random()))


def _plain(batch: int, d: int, generator: torch.Generator, rng: random.Random) -> Kind:
    return Kind()


def _ordinal(batch: int, d: int, generator: torch.Generator, rng: random.Random) -> Kind:
    return _Levels(batch, d, generator, rng, draw_levels(rng, _MOST_ORDERED), True)


def _categorical(batch: int, d: int, generator: torch.Generator, rng: random.Random) -> Kind:
    limits = rng.choices(((12, 2), (_MOST_LEVELS, 2), (_MOST_LEVELS, 30)), (0.4, 0.3, 0.3))[0]
    return _Levels(batch, d, generator, rng, draw_levels(rng, *limits), False)


KINDS: dict[str, Any] = {
    "plain": _plain,
    "heavy": _Heavy,
    "rounded": _Rounded,
    "whole": _Whole,
    "zero_inflated": _ZeroInflated,
    "constant": _Constant,
    "ordinal": _ordinal,
    "categorical": _categorical,
}
_WEIGHTS = (0.24, 0.1, 0.08, 0.08, 0.12, 0.06, 0.14, 0.18)


def draw_kind(
    name: str, batch: int, d: int, generator: torch.Generator, rng: random.Random
) -> Kind:
    """Columns of a kind with random parameters, which differ between columns and entries."""
    kind: Kind = KINDS[name](batch, d, generator, rng)
    return kind


def draw_kind_names(count: int, rng: random.Random) -> list[str]:
    """Kinds for so many columns: all plain, all of another kind, or mixed."""
    style = rng.choices(("plain", "one", "mixed"), (0.4, 0.15, 0.45))[0]
    if style == "plain":
        return ["plain"] * count
    if style == "one":
        return rng.choices(tuple(KINDS), _WEIGHTS) * count
    return rng.choices(tuple(KINDS), _WEIGHTS, k=count)
