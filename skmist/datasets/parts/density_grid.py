"""Densities of one variable on a uniform grid, batched."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

__all__ = ["DensityGrid", "convolved_density", "interpolate", "mixed_density"]

_FLOOR = 1e-30


class DensityGrid:
    """Log densities tabulated on uniform grids, interpolated linearly.

    Parameters
    ----------
    low, step : Tensor of shape (B,), float64
        First node and spacing of each grid.
    log_density : Tensor of shape (B, G), float64
    """

    def __init__(self, low: Any, step: Any, log_density: Tensor) -> None:
        self.low, self.step, self.table = low, step, log_density

    def log_at(self, y: Tensor) -> Tensor:
        """Log density at y (B, n)."""
        return interpolate(self.table, self.low, self.step, y)

    @property
    def entropy(self) -> Tensor:
        """Differential entropy (B,), nats."""
        density = self.table.exp()
        total = density.sum(-1) * self.step
        return -(density * self.table).sum(-1) * self.step / total + total.log()


def interpolate(table: Tensor, low: Any, step: Any, y: Tensor) -> Tensor:
    """Linear interpolation of table (B, G) at y (B, n); constant beyond the ends."""
    size = table.shape[-1]
    at = (y.to(table.dtype) - low.unsqueeze(-1)) / step.unsqueeze(-1)
    at = at.clamp(0.0, size - 1.000001)
    left = at.long()
    below, above = table.gather(-1, left), table.gather(-1, left + 1)
    return torch.lerp(below, above, at - left)


def convolved_density(
    values: Tensor, weights: Any, sigma: Any, replicates: int = 1, size: int = 4096
) -> tuple[DensityGrid, Tensor]:
    """Density of f + sigma * e, e ~ N(0, 1), from weighted points of f.

    Points are shared between neighbouring nodes of a fine grid; the convolution is a product
    of Fourier transforms.

    Parameters
    ----------
    values : Tensor of shape (B, M)
        Points of f, R replicates of M / R points one after the other.
    weights : Tensor of shape (1 or B, M) or None
        Weights of the points, summing to 1; equal when None.
    sigma : Tensor of shape (B,), float64
        Spread of the noise; above a 1,200th of the range of f, so that the grid resolves it.

    Returns
    -------
    DensityGrid
    standard_error : Tensor of shape (B,)
        Standard error of the entropy from the spread between replicates, nats.
    """
    low = values.amin(-1).double() - 8.0 * sigma
    high = values.amax(-1).double() + 8.0 * sigma
    step = (high - low) / (size - 1)
    histogram = _shared_histogram(values, weights, low, step, size)
    frequency = 2.0 * math.pi * torch.fft.rfftfreq(size, device=sigma.device).double()
    # Sharing points between two nodes adds step^2 / 6 of variance; the kernel gives it back.
    variance = ((sigma / step) ** 2 - 1.0 / 6.0).clamp_min(0.05)
    transfer = torch.exp(-0.5 * variance.unsqueeze(-1) * frequency.square())
    density = torch.fft.irfft(torch.fft.rfft(histogram) * transfer, n=size)
    table = (density / step.unsqueeze(-1)).clamp_min(_FLOOR).log()
    grid = DensityGrid(low, step, table)
    if replicates == 1:
        return grid, torch.zeros_like(sigma)
    # The first-order effect of a point on the entropy is the smoothed -log p at its place.
    smooth = torch.fft.irfft(torch.fft.rfft(table) * transfer, n=size)
    effect = interpolate(smooth, low, step, values).view(len(values), replicates, -1).mean(-1)
    return grid, effect.std(-1) / math.sqrt(replicates)


def _shared_histogram(values: Any, weights: Any, low: Any, step: Any, size: Any) -> Any:
    at = (values.double() - low.unsqueeze(-1)) / step.unsqueeze(-1)
    left = at.long()
    share = at - left
    mass = 1.0 / values.shape[-1] if weights is None else weights.double()
    histogram = torch.zeros(len(values), size, dtype=torch.float64, device=values.device)
    histogram.scatter_add_(-1, left, (1.0 - share) * mass)
    return histogram.scatter_add_(-1, left + 1, share * mass)


def mixed_density(mean: Any, spread: Any, weights: Any, size: int = 512) -> DensityGrid:
    """Density of the mixture of N(mean_j, spread_j^2) with weights (1, J), on a grid."""
    low = (mean - 6.0 * spread).amin(-1)
    step = ((mean + 6.0 * spread).amax(-1) - low) / (size - 1)
    y = low.unsqueeze(-1) + step.unsqueeze(-1) * torch.arange(size, device=low.device)
    precision = spread.reciprocal().float()
    scaled = (mean * spread.reciprocal()).float()
    exponent = y.float().unsqueeze(-1) * precision.unsqueeze(1) - scaled.unsqueeze(1)
    height = (weights.float() * precision / math.sqrt(2.0 * math.pi)).unsqueeze(-1)
    density = torch.exp(-0.5 * exponent.square()) @ height
    return DensityGrid(low, step, density[..., 0].double().clamp_min(1e-30).log())
