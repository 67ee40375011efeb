"""Two standard normal variables with correlation rho, on which several families build."""

from __future__ import annotations

import torch
from torch import Tensor

from skmist.datasets.parts.random import normal, signs

__all__ = ["draw_correlations", "draw_pair", "gaussian_log_ratio"]


def draw_correlations(target: Tensor, generator: torch.Generator) -> Tensor:
    """Correlations (B,) of either sign whose pairs have the wanted MI (B,), nats."""
    return signs(generator, len(target)) * (-torch.expm1(-2.0 * target)).sqrt()


def draw_pair(rho: Tensor, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw n rows of pairs with correlations rho (B,): two tensors (B, n), float64."""
    rho = rho.unsqueeze(-1)
    e = normal(generator, len(rho), n, 2)
    return e[..., 0], rho * e[..., 0] + (1.0 - rho.square()).sqrt() * e[..., 1]


def gaussian_log_ratio(x: Tensor, y: Tensor, rho: Tensor) -> Tensor:
    """Pointwise MI of a standard normal pair, nats; all of one shape or broadcast."""
    rest = 1.0 - rho.square()
    form = (rho * x).square() - 2.0 * rho * x * y + (rho * y).square()
    return -0.5 * (rest.log() + form / rest)
