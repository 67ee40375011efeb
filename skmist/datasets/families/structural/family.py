"""Tables from random structural models, and what depends on some of their columns."""

from __future__ import annotations

import random
from typing import Any, Self

import torch
from torch import Tensor

from skmist.datasets.families.structural.columns import draw_kind_names
from skmist.datasets.families.structural.graph import Graph, bounded, moments
from skmist.datasets.families.structural.rest import Rest
from skmist.datasets.families.structural.targets import draw_target
from skmist.datasets.parts.family import Family
from skmist.datasets.parts.random import python_random

__all__ = ["Structural"]

_MOST_CORE, _MOST_OUTPUTS = 6, 4
# Columns that a target reads. Functions of many at once hide from every view what no table hides.
_ACTIVE, _ACTIVE_SHARES = (1, 2, 3, 4, 5, 6), (0.22, 0.32, 0.24, 0.1, 0.08, 0.04)
_TARGETS = {"continuous": 0.46, "far": 0.01, "classes": 0.28, "counts": 0.12, "steps": 0.14}


class Structural(Family):
    """A table of columns of many kinds, and a target that is a random function of some of them.

    Up to six columns of X form a random graph: independent, each a function of earlier ones,
    around clusters, along a curve or on a surface. Columns are numbers with or without heavy tails
    or ties, zero-inflated, ordered or unordered codes with up to 300 levels. Y is one column or up
    to four: a random function of some of them with noise of one of seven laws, classes, counts, or
    ordered steps. All other columns of X are noise, or functions of the six and noise; those of Y
    are the same beside its first ones, which leaves the information unchanged.

    Parameters
    ----------
    p, q : int, default=3 and 1
        Number of columns of X and of Y.
    seed : int, default=0
        Of everything that is drawn.

    Raises
    ------
    ValueError
        If a number of columns is not from 1 to 64.

    Notes
    -----
    log p(y | x) is known. p(y) is its mean over 8,192 or 16,384 randomized quasi-random rows of
    the graph (4,096 for several signals), on a grid where y is a number.

    Examples
    --------
    >>> family = Structural(5, 1, seed=1)
    >>> X, y = family.sample(100, random_state=0)
    >>> X.shape, y.shape, float(family.mi_standard_error) < 0.01
    ((100, 5), (100, 1), True)
    """

    name = "structural"
    truth = "randomized quasi-Monte Carlo"
    source = "I = E log p(y | x) - E log p(y)"

    def __init__(self, p: int = 3, q: int = 1, seed: int = 0) -> None:
        if not self.supports(p, q):
            raise ValueError(f"p and q must be from 1 to 64, got {p!r} and {q!r}")
        self._set(1, p, q, torch.Generator().manual_seed(int(seed)), random.Random(int(seed)))

    def _set(
        self, batch: int, p: int, q: int, generator: torch.Generator, rng: random.Random
    ) -> None:
        kinds = draw_kind_names(p, rng)
        core = min(p, rng.randint(1, _MOST_CORE))
        kind, outputs = _draw_plan(q, rng)
        self.graph = Graph(batch, kinds[:core], generator, rng, 2048 if kind == "far" else 1024)
        self.active = rng.sample(range(core), min(core, rng.choices(_ACTIVE, _ACTIVE_SHARES)[0]))
        scores = self.graph.point_scores
        inputs = scores[..., self.active]
        self.target = draw_target(kind, outputs, inputs, generator, rng)
        self.x_rest = Rest(kinds[core:], scores, generator, rng)
        pilot = self.target.draw(inputs[:, :1024], generator)[0]
        self.center, self.scale = moments(pilot)
        y_kinds = draw_kind_names(q - outputs, rng)
        self.y_rest = Rest(y_kinds, self._y_scores(pilot), generator, rng)
        self.x_order, self.y_order = rng.sample(range(p), p), rng.sample(range(q), q)
        self._declare_columns(p, q)

    def _declare_columns(self, p: int, q: int) -> None:
        target, kinds = self.target, [node.kind for node in self.graph.nodes]
        x_flags = [k.discrete for k in kinds] + self.x_rest.discrete
        x_order = [k.ordered for k in kinds] + self.x_rest.ordered
        y_flags = [*target.discrete, *self.y_rest.discrete]
        y_order = [*target.ordered, *self.y_rest.ordered]
        self._declare(
            p,
            q,
            target.mi,
            target.standard_error,
            [x_flags[j] for j in self.x_order],
            [y_flags[j] for j in self.y_order],
            [x_order[j] for j in self.x_order],
            [y_order[j] for j in self.y_order],
        )

    @classmethod
    def supports(cls, p: int, q: int) -> bool:
        """Whether both sides have 1 to 64 columns."""
        return 1 <= p <= 64 and 1 <= q <= 64

    @classmethod
    def from_prior(
        cls,
        batch: int,
        p: int,
        q: int,
        generator: torch.Generator,
        rng: random.Random | None = None,
    ) -> Self:
        """Draw a graph, the kinds of the columns and of the target, and all parameters."""
        family = cls.__new__(cls)
        family._set(batch, p, q, generator, rng or python_random(generator))
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw x (B, n, p) and y (B, n, q)."""
        x, y, _ = self.draw_with_pointwise(n, generator, dtype)
        return x, y

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw columns and the target, with what it knows of itself."""
        scores, values = self.graph.draw(n, generator, dtype)
        y, pmi = self.target.draw(scores[..., self.active], generator)
        x = torch.cat([values, *self.x_rest.draw(scores, generator)], -1)
        y = torch.cat([y, *self.y_rest.draw(self._y_scores(y), generator)], -1)
        return x[..., self.x_order], y[..., self.y_order], pmi

    def _y_scores(self, y: Tensor) -> Tensor:
        return bounded((y - self.center.to(y.dtype)) / self.scale.to(y.dtype))

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """log p(y | x) - log p(y) of the first columns of the model, nats (B, n)."""
        core = [self.x_order.index(j) for j in range(len(self.graph.nodes))]
        outputs = [self.y_order.index(j) for j in range(len(self.target.discrete))]
        inputs = self.graph.read(x[..., core].double())[..., self.active]
        return self.target.log_ratio(inputs, y[..., outputs].double()).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The kind of the target, and the columns of X that it reads."""
        read = [self.x_order.index(j) for j in self.active]
        return {"target": type(self.target).__name__, "reads": sorted(read)}


def _draw_plan(q: int, rng: random.Random) -> tuple[str, int]:
    """The kind of the target and the number of its columns."""
    outputs = rng.randint(1, min(q, _MOST_OUTPUTS))
    kind = rng.choices(tuple(_TARGETS), tuple(_TARGETS.values()))[0]
    if outputs > 1 and rng.random() < 0.5:
        return "several", outputs
    return kind, outputs if kind in ("continuous", "far") else 1
