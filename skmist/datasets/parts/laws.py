"""One-dimensional laws of unit scale with closed-form density, distribution and entropy."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

__all__ = ["LAWS", "Law"]

_TINY = 1e-300


@dataclass(frozen=True)
class Law:
    """A law of unit scale.

    Attributes
    ----------
    log_density, cdf, survival, quantile : callable
        Elementwise functions of tensors.
    entropy : float
        Differential entropy, nats.
    support : tuple of float
        Interval outside which the mass is below 1e-14.
    """

    log_density: Callable
    cdf: Callable
    survival: Callable
    quantile: Callable
    entropy: float
    support: tuple[float, float]

    def log_mass(self, low: Any, high: Any) -> Tensor:
        """Log probability of (low, high), accurate in both tails."""
        upper = low + high > 0.0
        mass = torch.where(
            upper, self.survival(low) - self.survival(high), self.cdf(high) - self.cdf(low)
        )
        return mass.clamp_min(_TINY).log()


def _laplace_cdf(t: Tensor) -> Any:
    return torch.where(t < 0, 0.5 * t.clamp_max(0).exp(), 1.0 - 0.5 * (-t.clamp_min(0)).exp())


def _laplace_quantile(u: Tensor) -> Any:
    return torch.where(u < 0.5, (2.0 * u).log(), -torch.log(2.0 * (1.0 - u)))


def _exponential_log_density(t: Tensor) -> Any:
    return torch.where(t >= -1e-6, -t, torch.full_like(t, math.log(_TINY)))


LAWS = {
    "normal": Law(
        log_density=lambda t: -0.5 * t.square() - 0.5 * math.log(2.0 * math.pi),
        cdf=torch.special.ndtr,
        survival=lambda t: torch.special.ndtr(-t),
        quantile=torch.special.ndtri,
        entropy=0.5 * math.log(2.0 * math.pi * math.e),
        support=(-8.0, 8.0),
    ),
    "laplace": Law(
        log_density=lambda t: -t.abs() - math.log(2.0),
        cdf=_laplace_cdf,
        survival=lambda t: _laplace_cdf(-t),
        quantile=_laplace_quantile,
        entropy=1.0 + math.log(2.0),
        support=(-33.0, 33.0),
    ),
    "logistic": Law(
        log_density=lambda t: -t.abs() - 2.0 * torch.log1p(torch.exp(-t.abs())),
        cdf=torch.sigmoid,
        survival=lambda t: torch.sigmoid(-t),
        quantile=torch.logit,
        entropy=2.0,
        support=(-33.0, 33.0),
    ),
    "exponential": Law(
        log_density=_exponential_log_density,
        cdf=lambda t: -torch.expm1(-t.clamp_min(0)),
        survival=lambda t: torch.exp(-t.clamp_min(0)),
        quantile=lambda u: -torch.log1p(-u),
        entropy=1.0,
        support=(0.0, 33.0),
    ),
    "gumbel": Law(
        log_density=lambda t: -t - torch.exp(-t),
        cdf=lambda t: torch.exp(-torch.exp(-t)),
        survival=lambda t: -torch.expm1(-torch.exp(-t)),
        quantile=lambda u: -torch.log(-torch.log(u)),
        entropy=1.0 + 0.5772156649015329,
        support=(-4.0, 33.0),
    ),
}
