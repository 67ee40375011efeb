"""Random functions of a few columns: what mechanisms and targets are made of."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import torch
from torch import Tensor

from skmist.datasets.parts.functions import random_net
from skmist.datasets.parts.random import log_uniform, normal, uniform
from skmist.datasets.parts.surfaces import random_surface

__all__ = ["random_mechanism"]

Function = Callable[[Tensor], Tensor]


def random_mechanism(
    batch: int, inputs: int, generator: torch.Generator, rng: random.Random
) -> Function:
    """A random function of columns of unit spread: maps (B, n, inputs) to (B, n).

    Linear, a deep net, a product of several thresholds, products of powers, or one of
    `random_surface`: shallow nets, curves, trees, and so on.
    """
    kind = rng.choices(tuple(_MECHANISMS), (0.1, 0.08, 0.16, 0.06, 0.6))[0]
    return _MECHANISMS[kind](batch, inputs, generator, rng)


def _linear(batch: int, inputs: int, generator: torch.Generator, rng: random.Random) -> Function:
    weights = normal(generator, batch, inputs, 1)
    return lambda u: (u @ weights.to(u.dtype))[..., 0]


def _deep_net(batch: int, inputs: int, generator: torch.Generator, rng: random.Random) -> Function:
    width = rng.choice((4, 8))
    first = random_net(batch, inputs, width, generator, rng)
    second = random_net(batch, width, 1, generator, rng)
    return lambda u: second(2.0 * first(u))[..., 0]


def _signs(batch: int, inputs: int, generator: torch.Generator, rng: random.Random) -> Function:
    """Products of thresholds of two or three columns, each soft or sharp; one or two of them."""
    groups = [
        rng.sample(range(inputs), min(inputs, rng.choice((2, 2, 2, 3, 3))))
        for _ in range(rng.choice((1, 1, 2)))
    ]
    sharp = log_uniform(generator, batch, 1, inputs, low=1.0, high=40.0)
    thresholds = rng.choice((0.0, 0.2, 0.6)) * normal(generator, batch, 1, inputs)
    weights = uniform(generator, batch, 1, len(groups), low=0.3, high=1.0)

    def function(u: Tensor) -> Tensor:
        soft = torch.tanh(sharp.to(u.dtype) * (u - thresholds.to(u.dtype)))
        products = torch.stack([soft[..., group].prod(-1) for group in groups], -1)
        return (weights.to(u.dtype) * products).sum(-1)

    return function


def _powers(batch: int, inputs: int, generator: torch.Generator, rng: random.Random) -> Function:
    """The product of exponentials or of squares, on a bounded scale."""
    even = rng.random() < 0.5
    weights = normal(generator, batch, 1, inputs) / math.sqrt(inputs)

    def function(u: Tensor) -> Tensor:
        read = u.square() if even else u
        return torch.exp((weights.to(u.dtype) * read).sum(-1).clamp(-3.0, 2.0))

    return function


_MECHANISMS = {
    "linear": _linear,
    "deep_net": _deep_net,
    "signs": _signs,
    "powers": _powers,
    "surface": random_surface,
}
