"""A random graph of columns: each a mechanism of earlier ones and of noise of its own."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from skmist.datasets.families.structural.columns import Kind, draw_kind
from skmist.datasets.families.structural.mechanisms import random_mechanism
from skmist.datasets.parts.random import log_uniform, normal, normal_points, uniform

__all__ = ["REPLICATES", "Graph", "bounded", "moments"]

REPLICATES = 8
_CUT = 5.0
# Ranges of the share of noise in a column, log-uniform.
_USUAL, _THIN = (0.15, 1.0), (0.02, 0.3)


def bounded(values: Tensor) -> Tensor:
    """Scores that functions read: cut where a heavy tail would carry them away."""
    return values.clamp(-_CUT, _CUT)


class Graph:
    """Few columns of a table, each of a kind, that depend on each other.

    Parameters
    ----------
    batch : int
        Number of distributions; they share the graph and differ in every parameter.
    kinds : list of str
        Kind of each column.
    generator, rng
        Sources of the parameters and of what the batch shares.
    m : int
        Quasi-random rows in each of `REPLICATES` sets.

    Attributes
    ----------
    sources : int
        Standard normal numbers behind a row, the first of which may be hidden.
    points : Tensor of shape (1, M, sources)
        Quasi-random rows, `REPLICATES` sets of them one after the other.
    point_scores : Tensor of shape (B, M, columns)
        What the columns are there.
    """

    def __init__(
        self,
        batch: int,
        kinds: list[str],
        generator: torch.Generator,
        rng: random.Random,
        m: int = 1024,
    ) -> None:
        style = rng.choices(tuple(_STYLES), (0.22, 0.38, 0.16, 0.16, 0.08))[0]
        hidden, self.make_hidden = _STYLES[style](batch, generator, rng)
        self.sources = hidden + len(kinds)
        self.hidden = hidden
        makers = _Makers(style, batch, hidden, generator, rng)
        self.nodes = [makers.node(j, kind) for j, kind in enumerate(kinds)]
        self.points = normal_points(REPLICATES, m, self.sources, generator).reshape(
            1, -1, self.sources
        )
        self.point_scores, self.point_values = self.rows(self.points.expand(batch, -1, -1))

    def draw(self, n: int, generator: torch.Generator, dtype: torch.dtype) -> Any:
        """Scores and values of n fresh rows, each (B, n, columns)."""
        batch = len(self.point_scores)
        return self.rows(normal(generator, batch, n, self.sources, dtype=dtype))

    def rows(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Scores and values of rows from the numbers behind them."""
        known = [*self.make_hidden(z[..., : self.hidden])]
        values = []
        for j, node in enumerate(self.nodes):
            score, value = node(known, z[..., self.hidden + j])
            known.append(score)
            values.append(value)
        return torch.stack(known[-len(self.nodes) :], -1), torch.stack(values, -1)

    def read(self, values: Tensor) -> Tensor:
        """Scores (B, n, columns) of values that a table holds."""
        scores = [node.read(values[..., j]) for j, node in enumerate(self.nodes)]
        return torch.stack(scores, -1)


class _Node:
    """A column: parents, mechanism, share of noise, kind.

    Scales are set by the first rows that it meets, the quasi-random ones.
    """

    def __init__(self, parents: list[int], mechanism: Any, share: Any, kind: Kind) -> None:
        self.parents, self.mechanism, self.share, self.kind = parents, mechanism, share, kind
        self.center: Any = None
        self.scale: Any = None
        self.mean: Any = None
        self.spread: Any = None

    def __call__(self, known: list[Tensor], z: Tensor) -> tuple[Tensor, Tensor]:
        latent = z
        if self.parents:
            signal = self.mechanism(torch.stack([known[i] for i in self.parents], -1))
            if self.center is None:
                self.center, self.scale = moments(signal)
            signal = (signal - self.center.to(z.dtype)) / self.scale.to(z.dtype)
            share = self.share.to(z.dtype)
            latent = (1.0 - share.square()).sqrt() * bounded(signal) + share * z
        score, value = (t[..., 0] for t in self.kind.show(latent.unsqueeze(-1)))
        if self.mean is None:
            self.mean, self.spread = moments(score)
        return self._scaled(score), value

    def read(self, values: Tensor) -> Tensor:
        return self._scaled(self.kind.read(values.unsqueeze(-1))[..., 0])

    def _scaled(self, score: Tensor) -> Tensor:
        return bounded((score - self.mean.to(score.dtype)) / self.spread.to(score.dtype))


def moments(values: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and spread (B, 1) over the rows, the spread never 0."""
    mean = values.mean(1, keepdim=True)
    spread = (values - mean).square().mean(1, keepdim=True).sqrt() + 1e-3
    return mean.double(), spread.double()


class _Makers:
    """Draws the nodes of a graph of one style."""

    def __init__(
        self,
        style: str,
        batch: int,
        hidden: int,
        generator: torch.Generator,
        rng: random.Random,
    ) -> None:
        self.style, self.batch, self.hidden = style, batch, hidden
        self.generator, self.rng = generator, rng
        low, high = _THIN if style in ("curve", "surface") else _USUAL
        self.low, self.high = low, math.exp(rng.uniform(math.log(2.0 * low), math.log(high)))

    def node(self, j: int, kind: str) -> _Node:
        parents = self._parents(j)
        share = log_uniform(self.generator, self.batch, 1, low=self.low, high=self.high)
        made = draw_kind(kind, self.batch, 1, self.generator, self.rng)
        mechanism = self._mechanism(parents) if parents else None
        return _Node(parents, mechanism, share, made)

    def _parents(self, j: int) -> list[int]:
        rng = self.rng
        if self.style == "free":
            return []
        if self.style == "graph":
            return rng.sample(range(j), min(j, rng.choice((0, 1, 1, 2, 3))))
        if j and rng.random() < 0.15:
            return [self.hidden + rng.randrange(j)]
        return list(range(self.hidden))

    def _mechanism(self, parents: list[int]) -> Callable[[Tensor], Tensor]:
        if self.hidden == 1 and parents == [0]:
            make = _centers if self.style == "clusters" else _wave
            return make(self.batch, self.generator)
        return random_mechanism(self.batch, len(parents), self.generator, self.rng)


_MOST_CLUSTERS = 8


def _centers(batch: int, generator: torch.Generator) -> Callable[[Tensor], Tensor]:
    """A place for each cluster, of which the only input is the number."""
    places = normal(generator, batch, _MOST_CLUSTERS)
    return lambda u: places.to(u.dtype).gather(-1, u[..., 0].long())


def _wave(batch: int, generator: torch.Generator) -> Callable[[Tensor], Tensor]:
    """A random sum of the first three harmonics of the only input."""
    weights = normal(generator, batch, 1, 3) / torch.tensor([1.0, 1.5, 3.0]).to(generator.device)
    phases = uniform(generator, batch, 1, 3, high=2.0 * math.pi)
    rates = log_uniform(generator, batch, 1, 1, low=0.4, high=2.0) * torch.arange(
        1, 4, device=generator.device
    )

    def curve(u: Tensor) -> Tensor:
        angle = rates.to(u.dtype) * u[..., :1] + phases.to(u.dtype)
        return (weights.to(u.dtype) * torch.sin(angle)).sum(-1)

    return curve


def _nothing(batch: int, generator: torch.Generator, rng: random.Random) -> Any:
    return 0, lambda z: []


def _cluster_number(batch: int, generator: torch.Generator, rng: random.Random) -> Any:
    count = rng.randint(2, _MOST_CLUSTERS)
    cuts = uniform(generator, batch, count - 1, low=0.03, high=0.97).sort(-1).values
    thresholds = torch.special.ndtri(cuts)

    def number(z: Tensor) -> list[Tensor]:
        return [torch.searchsorted(thresholds.to(z.dtype), z[..., 0].contiguous()).to(z.dtype)]

    return 1, number


def _place(count: int) -> Any:
    """One or two hidden coordinates, normal or uniform."""

    def make(batch: int, generator: torch.Generator, rng: random.Random) -> Any:
        even = rng.random() < 0.5

        def coordinates(z: Tensor) -> list[Tensor]:
            spread = 3.46 * (torch.special.ndtr(z) - 0.5) if even else z
            return list(spread.unbind(-1))

        return count, coordinates

    return make


_STYLES: dict[str, Any] = {
    "free": _nothing,
    "graph": _nothing,
    "clusters": _cluster_number,
    "curve": _place(1),
    "surface": _place(2),
}
