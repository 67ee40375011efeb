"""Random functions of a few standard normal inputs, batched over their parameters."""

from __future__ import annotations

import math

import torch

from skmist.datasets._random import dirichlet, log_uniform, normal, signs, uniform

__all__ = ["random_curve", "random_net", "random_scale", "random_surface"]


def random_net(batch, inputs, outputs, generator, rng):
    """A random one-hidden-layer net: maps (B, n, inputs) to (B, n, outputs)."""
    width = rng.choice((4, 8, 12))
    activation = rng.choice((torch.tanh, torch.relu, torch.sin))
    gain = log_uniform(generator, batch, 1, 1, low=0.7, high=4.0) / math.sqrt(inputs)
    weight = gain * normal(generator, batch, inputs, width)
    bias = 1.0 * normal(generator, batch, 1, width)
    head = normal(generator, batch, width, outputs) / math.sqrt(width)

    def net(u):
        hidden = activation(torch.baddbmm(bias.to(u.dtype), u, weight.to(u.dtype)))
        return hidden @ head.to(u.dtype)

    return net


def random_curve(batch, generator, rng):
    """A random function of one input: maps (B, n) to (B, n), elementwise."""
    kinds = ("linear", "sine", "polynomial", "kink", "step", "net")
    kind = rng.choices(kinds, (0.1, 0.25, 0.2, 0.15, 0.15, 0.15))[0]
    return _CURVES[kind](batch, generator, rng)


def random_surface(batch, inputs, generator, rng):
    """A random function of several inputs: maps (B, n, inputs) to (B, n)."""
    if inputs == 1:
        curve = random_curve(batch, generator, rng)
        return lambda u: curve(u[..., 0])
    kinds = ("net", "additive", "product", "radial", "maximum")
    kind = rng.choices(kinds, (0.35, 0.25, 0.2, 0.1, 0.1))[0]
    return _SURFACES[kind](batch, inputs, generator, rng)


def random_scale(batch, generator, rng):
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


def _linear(batch, generator, rng):
    return lambda z: z


def _sine(batch, generator, rng):
    frequency = log_uniform(generator, batch, 1, low=0.5, high=5.0)
    phase = uniform(generator, batch, 1, high=2.0 * math.pi)
    slope = 0.5 * uniform(generator, batch, 1) * (uniform(generator, batch, 1) < 0.4)

    def curve(z):
        wave = torch.sin(frequency.to(z.dtype) * z + phase.to(z.dtype))
        return wave + slope.to(z.dtype) * z

    return curve


def _polynomial(batch, generator, rng):
    c = normal(generator, batch, 3, 1) * torch.tensor(
        [1.0, 0.8, 0.3], dtype=torch.float64, device=generator.device
    ).unsqueeze(-1)

    def curve(z):
        first, second, third = c.to(z.dtype).unbind(1)
        value = first * z + second * (z * z - 1.0) + third * (z * z - 3.0) * z
        # Bounded, so that one grid can resolve both the range and the noise.
        return 4.0 * torch.tanh(0.25 * value)

    return curve


def _kink(batch, generator, rng):
    centre = 0.7 * normal(generator, batch, 1)
    slope = uniform(generator, batch, 1, low=-1.0, high=1.0)
    return lambda z: (z - centre.to(z.dtype)).abs() + slope.to(z.dtype) * z


def _step(batch, generator, rng):
    centre = 0.7 * normal(generator, batch, 2, 1)
    steepness = log_uniform(generator, batch, 2, 1, low=1.0, high=12.0)
    height = normal(generator, batch, 2, 1)

    def curve(z):
        steps = torch.tanh(steepness.to(z.dtype) * (z.unsqueeze(1) - centre.to(z.dtype)))
        return (height.to(z.dtype) * steps).sum(1)

    return curve


def _net_curve(batch, generator, rng):
    net = random_net(batch, 1, 1, generator, rng)
    return lambda z: net(z.unsqueeze(-1))[..., 0]


def _net_surface(batch, inputs, generator, rng):
    net = random_net(batch, inputs, 1, generator, rng)
    return lambda u: net(u)[..., 0]


def _additive(batch, inputs, generator, rng):
    curves = [random_curve(batch, generator, rng) for _ in range(inputs)]
    ones = torch.ones(batch, inputs, dtype=torch.float64, device=generator.device)
    weights = dirichlet(2.0 * ones, generator).sqrt()

    def surface(u):
        parts = (weights[:, j : j + 1].to(u.dtype) * f(u[..., j]) for j, f in enumerate(curves))
        return sum(parts)

    return surface


def _product(batch, inputs, generator, rng):
    slopes = 0.5 * normal(generator, batch, inputs) * (uniform(generator, batch, 1) < 0.5)
    sharpness = log_uniform(generator, batch, 1, low=0.3, high=4.0)

    def surface(u):
        gain = sharpness.to(u.dtype)
        soft = torch.tanh(gain.unsqueeze(-1) * u) / torch.tanh(gain).unsqueeze(-1)
        pairs = (soft[..., 0:-1:2] * soft[..., 1::2]).sum(-1)
        return pairs + (u * slopes.to(u.dtype).unsqueeze(1)).sum(-1)

    return surface


def _radial(batch, inputs, generator, rng):
    frequency = log_uniform(generator, batch, 1, low=0.7, high=3.0)
    return lambda u: torch.sin(frequency.to(u.dtype) * (u.square().sum(-1) / inputs + 0.05).sqrt())


def _maximum(batch, inputs, generator, rng):
    directions = normal(generator, batch, inputs, inputs) / math.sqrt(inputs)
    return lambda u: (u @ directions.to(u.dtype)).amax(-1)


_CURVES = {
    "linear": _linear,
    "sine": _sine,
    "polynomial": _polynomial,
    "kink": _kink,
    "step": _step,
    "net": _net_curve,
}
_SURFACES = {
    "net": _net_surface,
    "additive": _additive,
    "product": _product,
    "radial": _radial,
    "maximum": _maximum,
}
