"""Laws of the noise of a continuous target: densities, distribution functions, draws."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from skmist.datasets.parts.random import gamma

__all__ = ["LAWS", "LONG_TAILED", "Law"]

_EULER = 0.5772156649015329


class Law:
    """The standard normal law; other laws derive from it.

    Attributes
    ----------
    low, high : float
        What lies outside is ignored by the tables of densities, though drawn.
    variance, entropy : float
        Where it is infinite, the square of a typical size; nats.
    jumps : bool
        Whether the density has an edge, for which a grid has to be finer.
    """

    jumps = False

    low, high, variance = -7.0, 7.0, 1.0
    entropy = 0.5 * math.log(2.0 * math.pi * math.e)

    def draw(self, like: Tensor, generator: torch.Generator) -> Tensor:
        """Noise of the shape and type of another tensor."""
        return torch.randn(
            like.shape, generator=generator, device=generator.device, dtype=like.dtype
        )

    def log_density(self, e: Tensor) -> Tensor:
        """Log density, nats."""
        return -0.5 * e.square() - 0.5 * math.log(2.0 * math.pi)

    def below(self, e: Tensor) -> Tensor:
        """Distribution function."""
        return torch.special.ndtr(e)

    def _uniform(self, like: Tensor, generator: torch.Generator) -> Tensor:
        u = torch.rand(
            like.shape, generator=generator, device=generator.device, dtype=torch.float64
        )
        return u.clamp(1e-16, 1.0 - 1e-16)


class _Uniform(Law):
    low, high, variance, entropy = -1.0, 1.0, 1.0 / 3.0, math.log(2.0)
    jumps = True

    def draw(self, like: Tensor, generator: torch.Generator) -> Tensor:
        return (2.0 * self._uniform(like, generator) - 1.0).to(like.dtype)

    def log_density(self, e: Tensor) -> Tensor:
        inside = e.abs() <= 1.0 + 1e-9
        return torch.where(inside, -math.log(2.0), -math.inf).to(e.dtype)

    def below(self, e: Tensor) -> Tensor:
        return (0.5 * (e + 1.0)).clamp(0.0, 1.0)


class _Laplace(Law):
    low, high, variance, entropy = -18.0, 18.0, 2.0, 1.0 + math.log(2.0)

    def draw(self, like: Tensor, generator: torch.Generator) -> Tensor:
        u = self._uniform(like, generator) - 0.5
        return (-u.sign() * torch.log1p(-2.0 * u.abs())).to(like.dtype)

    def log_density(self, e: Tensor) -> Tensor:
        return -e.abs() - math.log(2.0)

    def below(self, e: Tensor) -> Tensor:
        tail = 0.5 * torch.exp(-e.abs())
        return torch.where(e < 0.0, tail, 1.0 - tail)


class _Exponential(Law):
    """Skewed, with an edge."""

    low, high, variance, entropy = 0.0, 18.0, 1.0, 1.0
    jumps = True

    def draw(self, like: Tensor, generator: torch.Generator) -> Tensor:
        return (-torch.log(self._uniform(like, generator))).to(like.dtype)

    def log_density(self, e: Tensor) -> Tensor:
        return torch.where(e >= -1e-9, -e, -math.inf)

    def below(self, e: Tensor) -> Tensor:
        return -torch.expm1(-e.clamp_min(0.0))


class _Gumbel(Law):
    """Skewed without an edge."""

    low, high, variance, entropy = -4.0, 20.0, math.pi**2 / 6.0, 1.0 + _EULER

    def draw(self, like: Tensor, generator: torch.Generator) -> Tensor:
        return (-torch.log(-torch.log(self._uniform(like, generator)))).to(like.dtype)

    def log_density(self, e: Tensor) -> Tensor:
        return -e - torch.exp(-e)

    def below(self, e: Tensor) -> Tensor:
        return torch.exp(-torch.exp(-e))


class _Student(Law):
    """Student-t with 2 or 4 degrees of freedom, whose distribution functions are closed form."""

    def __init__(self, dof: int) -> None:
        self.dof = dof
        self.variance = 2.0
        self.high = {2: 80.0, 4: 30.0}[dof]
        self.low = -self.high
        half = 0.5 * (dof + 1.0)
        beta = math.lgamma(0.5 * dof) + math.lgamma(0.5) - math.lgamma(half)
        digammas = {2: 2.0 - 2.0 * math.log(2.0), 4: 8.0 / 3.0 - 2.0 * math.log(2.0) - 1.0}[dof]
        self.entropy = half * digammas + 0.5 * math.log(dof) + beta
        self._constant = -0.5 * math.log(dof) - beta

    def draw(self, like: Tensor, generator: torch.Generator) -> Tensor:
        half = torch.full_like(like, 0.5 * self.dof)
        return super().draw(like, generator) * (half / gamma(half, generator)).sqrt()

    def log_density(self, e: Tensor) -> Tensor:
        return self._constant - 0.5 * (self.dof + 1.0) * torch.log1p(e.square() / self.dof)

    def below(self, e: Tensor) -> Tensor:
        if self.dof == 2:
            return 0.5 + 0.5 * e / (2.0 + e.square()).sqrt()
        r = (4.0 + e.square()).sqrt()
        return 0.5 + 0.75 * e / r - 0.25 * (e / r) ** 3


LAWS: dict[str, Any] = {
    "normal": Law(),
    "uniform": _Uniform(),
    "laplace": _Laplace(),
    "exponential": _Exponential(),
    "gumbel": _Gumbel(),
    "student_2": _Student(2),
    "student_4": _Student(4),
}
LONG_TAILED = ("student_2", "student_4")
