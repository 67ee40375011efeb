"""Random nets and random functions of one standard normal input, batched over parameters."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from skmist.datasets.parts.random import log_uniform, normal, signs, uniform

__all__ = [
    "APERIODIC",
    "CURVES",
    "GENTLE",
    "NODES",
    "REACH",
    "random_curve",
    "random_net",
    "random_scale",
]

# A curve of a standard normal input is integrated at so many nodes from -REACH to REACH.
NODES, REACH = 4096, 5.5


def random_net(
    batch: int, inputs: int, outputs: int, generator: torch.Generator, rng: random.Random
) -> Callable[[Tensor], Tensor]:
    """A random one-hidden-layer net: maps (B, n, inputs) to (B, n, outputs)."""
    width = rng.choice((4, 8, 12))
    activation = rng.choice((torch.tanh, torch.relu, torch.sin))
    gain = log_uniform(generator, batch, 1, 1, low=0.7, high=4.0) / math.sqrt(inputs)
    weight = gain * normal(generator, batch, inputs, width)
    bias = 1.0 * normal(generator, batch, 1, width)
    head = normal(generator, batch, width, outputs) / math.sqrt(width)

    def net(u: Tensor) -> Tensor:
        """Values (B, n, outputs) at points (B, n, inputs)."""
        hidden = activation(torch.baddbmm(bias.to(u.dtype), u, weight.to(u.dtype)))
        return hidden @ head.to(u.dtype)

    return net


def random_curve(
    batch: int, generator: torch.Generator, rng: random.Random, kinds: Any = None
) -> Callable[[Tensor], Tensor]:
    """A random function of one input: maps (B, n) to (B, n), elementwise.

    `kinds` are some of the keys of `CURVES`; all when left out.
    """
    kinds = kinds or tuple(CURVES)
    kind = rng.choices(kinds, [_WEIGHTS[kind] for kind in kinds])[0]
    return CURVES[kind](batch, generator, rng)


def random_scale(
    batch: int, generator: torch.Generator, rng: random.Random
) -> Callable[[Tensor], Tensor]:
    """A random positive function of one input, the spread of the noise: (B, n) to (B, n)."""
    kind = rng.choice(("linear", "square", "kink", "sine"))
    gain = uniform(generator, batch, 1, low=0.3, high=1.3) * signs(generator, batch, 1)
    shape = {
        "linear": lambda z: torch.tanh(z),
        "square": lambda z: torch.tanh(0.7 * (z * z - 1.0)),
        "kink": lambda z: torch.tanh(2.0 * z.abs() - 1.5),
        "sine": lambda z: torch.sin(2.0 * z),
    }[kind]
    return lambda z: torch.exp(gain.to(z.dtype) * shape(z))


def _linear(batch: int, generator: torch.Generator, rng: random.Random) -> Any:
    return lambda z: z


def _sine(batch: int, generator: torch.Generator, rng: random.Random) -> Any:
    frequency = log_uniform(generator, batch, 1, low=0.5, high=5.0)
    phase = uniform(generator, batch, 1, high=2.0 * math.pi)
    slope = 0.5 * uniform(generator, batch, 1) * (uniform(generator, batch, 1) < 0.4)

    def curve(z: Tensor) -> Tensor:
        wave = torch.sin(frequency.to(z.dtype) * z + phase.to(z.dtype))
        return wave + slope.to(z.dtype) * z

    return curve


def _polynomial(batch: int, generator: torch.Generator, rng: random.Random) -> Any:
    c = normal(generator, batch, 3, 1) * torch.tensor(
        [1.0, 0.8, 0.3], dtype=torch.float64, device=generator.device
    ).unsqueeze(-1)

    def curve(z: Tensor) -> Tensor:
        first, second, third = c.to(z.dtype).unbind(1)
        value = first * z + second * (z * z - 1.0) + third * (z * z - 3.0) * z
        # Bounded, so that one grid can resolve both the range and the noise.
        return 4.0 * torch.tanh(0.25 * value)

    return curve


def _kink(batch: int, generator: torch.Generator, rng: random.Random) -> Any:
    centre = 0.7 * normal(generator, batch, 1)
    slope = uniform(generator, batch, 1, low=-1.0, high=1.0)
    return lambda z: (z - centre.to(z.dtype)).abs() + slope.to(z.dtype) * z


def _step(batch: int, generator: torch.Generator, rng: random.Random) -> Any:
    centre = 0.7 * normal(generator, batch, 2, 1)
    steepness = log_uniform(generator, batch, 2, 1, low=1.0, high=12.0)
    height = normal(generator, batch, 2, 1)

    def curve(z: Tensor) -> Tensor:
        steps = torch.tanh(steepness.to(z.dtype) * (z.unsqueeze(1) - centre.to(z.dtype)))
        return (height.to(z.dtype) * steps).sum(1)

    return curve


def _net_curve(batch: int, generator: torch.Generator, rng: random.Random) -> Any:
    net = random_net(batch, 1, 1, generator, rng)
    return lambda z: net(z.unsqueeze(-1))[..., 0]


def _pieces(batch: int, generator: torch.Generator, rng: random.Random) -> Any:
    """Constant on two to eight pieces: random levels between random thresholds."""
    count = rng.randint(1, 7)
    edges = 1.1 * normal(generator, batch, count).sort(-1).values
    # Halfway between the nodes of the quadrature, which then misses no share of a piece.
    spacing = 2.0 * REACH / (NODES - 1)
    edges = ((edges + REACH) / spacing).floor() * spacing + 0.5 * spacing - REACH
    levels = normal(generator, batch, count + 1)

    def curve(z: Tensor) -> Tensor:
        piece = torch.searchsorted(edges.to(z.dtype), z.contiguous())
        return levels.to(z.dtype).gather(-1, piece)

    return curve


def _wave(batch: int, generator: torch.Generator, rng: random.Random) -> Any:
    """A wave of straight lines, from the triangle (rise 1/2) to the sawtooth (rise near 1)."""
    frequency = log_uniform(generator, batch, 1, low=0.1, high=0.8)
    phase = uniform(generator, batch, 1)
    rise = uniform(generator, batch, 1, low=0.5, high=0.99 if rng.random() < 0.5 else 0.5)
    slope = 0.5 * normal(generator, batch, 1) * (uniform(generator, batch, 1) < 0.4)

    def curve(z: Tensor) -> Tensor:
        share = rise.to(z.dtype)
        at = torch.remainder(frequency.to(z.dtype) * z + phase.to(z.dtype), 1.0)
        rising, falling = at / share, (1.0 - at) / (1.0 - share)
        return 2.0 * torch.minimum(rising, falling) - 1.0 + slope.to(z.dtype) * z

    return curve


CURVES = {
    "linear": _linear,
    "sine": _sine,
    "polynomial": _polynomial,
    "kink": _kink,
    "step": _step,
    "net": _net_curve,
    "pieces": _pieces,
    "wave": _wave,
}
_WEIGHTS = dict(zip(CURVES, (0.1, 0.22, 0.16, 0.12, 0.12, 0.12, 0.1, 0.06), strict=True))
# Without jumps, so that a coarse grid resolves them.
GENTLE = ("linear", "sine", "polynomial", "kink", "step", "net")
# Products of curves that repeat would be checkerboards, which are held out of training.
APERIODIC = ("linear", "polynomial", "kink", "step")
