"""Random functions of several standard normal inputs, batched over their parameters.

Held out of training, so nothing here makes them: regular checkerboards (products of periodic
curves), products of three signs, and the functions of Friedman.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from skmist.datasets.parts.functions import APERIODIC, random_curve, random_net
from skmist.datasets.parts.random import dirichlet, log_uniform, normal, orthogonal, uniform

__all__ = ["SURFACES", "random_surface"]

_MAX_PROJECTIONS = 6


def random_surface(
    batch: int, inputs: int, generator: torch.Generator, rng: random.Random
) -> Callable[[Tensor], Tensor]:
    """A random function of several inputs: maps (B, n, inputs) to (B, n)."""
    if inputs == 1:
        curve = random_curve(batch, generator, rng)
        return lambda u: curve(u[..., 0])
    kind = rng.choices(tuple(SURFACES), _WEIGHTS)[0]
    return SURFACES[kind](batch, inputs, generator, rng)


def _net_surface(batch: int, inputs: Any, generator: torch.Generator, rng: random.Random) -> Any:
    net = random_net(batch, inputs, 1, generator, rng)
    return lambda u: net(u)[..., 0]


def _each_input(batch: int, inputs: Any, generator: torch.Generator, rng: random.Random) -> Any:
    """A curve for every input, of one or two kinds: maps (B, n, inputs) to (B, inputs, n)."""
    cut = rng.randint(1, inputs) if inputs > 3 else inputs
    sizes = [size for size in (cut, inputs - cut) if size]
    curves = [random_curve(batch * size, generator, rng) for size in sizes]

    def evaluate(u: Tensor) -> Tensor:
        rows = u.mT.split(sizes, 1)
        shape = (batch, -1, u.shape[1])
        parts = [f(part.reshape(-1, u.shape[1])) for f, part in zip(curves, rows, strict=True)]
        return torch.cat([part.view(shape) for part in parts], 1)

    return evaluate


def _input_weights(
    batch: int, inputs: Any, generator: torch.Generator, rng: random.Random, concentration: Any
) -> Any:
    """Weights (B, 1, inputs) whose squares sum to 1; a small concentration makes few large."""
    ones = torch.ones(batch, 1, inputs, dtype=torch.float64, device=generator.device)
    return dirichlet(concentration * ones, generator).sqrt()


def _additive(batch: int, inputs: Any, generator: torch.Generator, rng: random.Random) -> Any:
    curves = _each_input(batch, inputs, generator, rng)
    weights = _input_weights(batch, inputs, generator, rng, rng.choice((0.5, 2.0, 8.0)))
    return lambda u: (weights.to(u.dtype) @ curves(u))[:, 0]


def _product(batch: int, inputs: Any, generator: torch.Generator, rng: random.Random) -> Any:
    slopes = 0.5 * normal(generator, batch, inputs) * (uniform(generator, batch, 1) < 0.5)
    sharpness = log_uniform(generator, batch, 1, low=0.3, high=4.0)

    def surface(u: Tensor) -> Tensor:
        gain = sharpness.to(u.dtype)
        soft = torch.tanh(gain.unsqueeze(-1) * u) / torch.tanh(gain).unsqueeze(-1)
        pairs = (soft[..., 0:-1:2] * soft[..., 1::2]).sum(-1)
        return pairs + (u * slopes.to(u.dtype).unsqueeze(1)).sum(-1)

    return surface


def _radial(batch: int, inputs: Any, generator: torch.Generator, rng: random.Random) -> Any:
    frequency = log_uniform(generator, batch, 1, low=0.7, high=3.0)
    return lambda u: torch.sin(frequency.to(u.dtype) * (u.square().sum(-1) / inputs + 0.05).sqrt())


def _maximum(batch: int, inputs: Any, generator: torch.Generator, rng: random.Random) -> Any:
    directions = normal(generator, batch, inputs, inputs) / math.sqrt(inputs)
    return lambda u: (u @ directions.to(u.dtype)).amax(-1)


def _tree(batch: int, inputs: Any, generator: torch.Generator, rng: random.Random) -> Any:
    """A random binary tree on up to four inputs: constant on 3 to 16 boxes."""
    depth = rng.choices((2, 3, 4), (0.4, 0.35, 0.25))[0]
    used, inner = min(inputs, rng.randint(1, 4)), 2**depth - 1
    draws = uniform(generator, batch, inner, 2)
    split_on = (draws[..., 0] * used).long()
    threshold = 0.9 * normal(generator, batch, inner)
    # A node that sends everything left splits nothing; the root and its left child do.
    closed = draws[..., 1] < 0.25
    closed[:, :2] = False
    threshold = threshold.masked_fill(closed, math.inf)
    levels = normal(generator, batch, inner + 1)

    def surface(u: Tensor) -> Tensor:
        node = torch.zeros(u.shape[:2], dtype=torch.int64, device=u.device)
        for _ in range(depth):
            value = u.gather(-1, split_on.gather(-1, node).unsqueeze(-1))[..., 0]
            node = 2 * node + 1 + (value > threshold.to(u.dtype).gather(-1, node)).long()
        return levels.to(u.dtype).gather(-1, node - inner)

    return surface


def _interaction(batch: int, inputs: Any, generator: torch.Generator, rng: random.Random) -> Any:
    """Curves of all inputs plus a few products of two, most of them with little weight."""
    main = _additive(batch, inputs, generator, rng)
    pairs = [rng.sample(range(inputs), 2) for _ in range(rng.randint(1, min(3, inputs - 1)))]
    curves = [[random_curve(batch, generator, rng, APERIODIC) for _ in pair] for pair in pairs]
    weights = normal(generator, batch, len(pairs), 1) * log_uniform(
        generator, batch, 1, 1, low=0.2, high=2.0
    )

    def surface(u: Tensor) -> Tensor:
        total = main(u)
        for index, ((i, j), (f, g)) in enumerate(zip(pairs, curves, strict=True)):
            total = total + weights[:, index].to(u.dtype) * f(u[..., i]) * g(u[..., j])
        return total

    return surface


def _sign_product(batch: int, inputs: Any, generator: torch.Generator, rng: random.Random) -> Any:
    """The soft product of two signs, each of a direction in one plane with its own threshold.

    The plane is that of the first two inputs, where quasi-random points are most even; the
    dependence within X turns it.
    """
    frame = torch.eye(2, dtype=torch.float64, device=generator.device).expand(batch, 2, 2)
    if rng.random() < 0.5:
        frame = orthogonal(batch, 2, generator) + 0.3 * normal(generator, batch, 2, 2)
        frame = frame / frame.norm(dim=1, keepdim=True)
    threshold = rng.choice((0.0, 0.5)) * normal(generator, batch, 1, 2)
    steepness = log_uniform(generator, batch, 1, 2, low=1.5, high=30.0)
    slope = rng.choice((0.0, 0.3)) * normal(generator, batch, 1, 2)

    def surface(u: Tensor) -> Tensor:
        z = u[..., :2] @ frame.to(u.dtype)
        soft = torch.tanh(steepness.to(u.dtype) * (z - threshold.to(u.dtype)))
        return soft.prod(-1) + (slope.to(u.dtype) * z).sum(-1)

    return surface


def _ridge_sum(batch: int, inputs: Any, generator: torch.Generator, rng: random.Random) -> Any:
    """A sum of curves of several projections; each projection reads few or all inputs."""
    count = rng.randint(1, _MAX_PROJECTIONS)
    directions = normal(generator, batch, inputs, count)
    if rng.random() < 0.5:
        directions = directions * (uniform(generator, batch, inputs, count) < 0.5) + 1e-6
    directions = directions / directions.norm(dim=1, keepdim=True)
    curves = _each_input(batch, count, generator, rng)
    weights = _input_weights(batch, count, generator, rng, rng.choice((0.7, 4.0)))
    return lambda u: (weights.to(u.dtype) @ curves(u @ directions.to(u.dtype)))[:, 0]


def _steps_of_projection(
    batch: int, inputs: Any, generator: torch.Generator, rng: random.Random
) -> Any:
    """A piecewise constant function of one projection."""
    direction = normal(generator, batch, inputs, 1)
    direction = direction / direction.norm(dim=1, keepdim=True)
    steps = random_curve(batch, generator, rng, ("pieces",))
    return lambda u: steps((u @ direction.to(u.dtype))[..., 0])


SURFACES = {
    "net": _net_surface,
    "additive": _additive,
    "product": _product,
    "radial": _radial,
    "maximum": _maximum,
    "tree": _tree,
    "interaction": _interaction,
    "sign_product": _sign_product,
    "ridge_sum": _ridge_sum,
    "steps": _steps_of_projection,
}
_WEIGHTS = (0.22, 0.14, 0.08, 0.05, 0.05, 0.14, 0.12, 0.08, 0.10, 0.02)
