"""Random arrangements of mixture components: scattered, ring, checkerboard, X, grid, line."""

from __future__ import annotations

import math
import random
from typing import Any

import torch
from torch import Tensor

from skmist.datasets.parts.random import dirichlet, log_uniform, normal, signs, uniform

__all__ = ["random_arrangement", "random_roots"]


def random_arrangement(
    batch: int, p: int, q: int, generator: torch.Generator, rng: random.Random
) -> Any:
    """Draw weights (B, K), means (B, K, d) and Cholesky factors (B, K, d, d).

    The arrangement and K are one for the batch; separation, weights and shapes differ.
    """
    kinds = ("scattered", "scale", "cross", "ring", "checkerboard", "grid", "line")
    kind = rng.choices(kinds, (0.4, 0.1, 0.1, 0.12, 0.1, 0.08, 0.1))[0]
    means, roots = _ARRANGEMENTS[kind](batch, p, q, generator, rng)
    k = means.shape[1]
    weights = torch.full((batch, k), 1.0 / k, dtype=torch.float64, device=generator.device)
    if rng.random() < 0.5:
        weights = dirichlet(torch.full_like(weights, rng.choice((1.0, 3.0))), generator)
        weights = (weights + 0.01) / (1.0 + 0.01 * k)
    return _standardized(weights, means, roots)


def _standardized(weights: Any, means: Any, roots: Any) -> Any:
    """Centre the mixture and give every column unit variance, so that warps act at unit scale."""
    w = weights.unsqueeze(-1)
    means = means - (w * means).sum(1, keepdim=True)
    variance = (w * (means.square() + roots.square().sum(-1))).sum(1, keepdim=True)
    scale = variance.rsqrt()
    return weights, means * scale, roots * scale.unsqueeze(-1)


def random_roots(
    batch: int, k: int, d: int, generator: torch.Generator, rng: random.Random
) -> Tensor:
    """Cholesky factors of random component covariances, plain or with dependence within."""
    size = log_uniform(generator, batch, k, 1, 1, low=0.6, high=1.6)
    eye = torch.eye(d, dtype=torch.float64, device=generator.device)
    if rng.random() < 0.4:
        return (size * eye).expand(batch, k, d, d).contiguous()
    spread = uniform(generator, batch, 1, 1, 1, high=1.5)
    loadings = normal(generator, batch, k, d, d) / math.sqrt(d)
    covariance = eye + spread**2 * loadings @ loadings.mT
    return size * torch.linalg.cholesky_ex(covariance / (1.0 + spread**2)).L


def _scattered(batch: int, p: int, q: int, generator: torch.Generator, rng: random.Random) -> Any:
    k = rng.randint(2, 8)
    separation = log_uniform(generator, batch, 1, 1, low=0.3, high=6.0)
    means = separation * normal(generator, batch, k, p + q)
    return means, random_roots(batch, k, p + q, generator, rng)


def _scale(batch: int, p: int, q: int, generator: torch.Generator, rng: random.Random) -> Any:
    """Equal means, different covariances: dependence through the scale or the orientation."""
    k = rng.randint(2, 4)
    size = log_uniform(generator, batch, k, 1, 1, low=0.15, high=1.5)
    means = torch.zeros(batch, k, p + q, dtype=torch.float64, device=generator.device)
    return means, size * random_roots(batch, k, p + q, generator, rng)


def _cross(batch: int, p: int, q: int, generator: torch.Generator, rng: random.Random) -> Any:
    """Two components with opposite dependence, the second one reflected: an X."""
    d = p + q
    rho = uniform(generator, batch, 1, low=0.3, high=0.99)
    direction = signs(generator, batch, d) / math.sqrt(d)
    flipped = torch.cat([direction[:, :p], -direction[:, p:]], -1)
    axes = torch.stack([direction, flipped], 1).unsqueeze(-1)
    eye = torch.eye(d, dtype=torch.float64, device=generator.device)
    share = rho[..., None, None]
    covariance = share * d * axes @ axes.mT + (1.0 - share) * eye
    means = torch.zeros(batch, 2, d, dtype=torch.float64, device=generator.device)
    return means, torch.linalg.cholesky_ex(covariance).L


def _ring(batch: int, p: int, q: int, generator: torch.Generator, rng: random.Random) -> Any:
    k = rng.randint(5, 8)
    phase = uniform(generator, batch, 1, high=2.0 * math.pi)
    angle = phase + 2.0 * math.pi / k * torch.arange(k, device=generator.device)
    plane = torch.stack([angle.cos(), angle.sin()], -1)
    return _from_plane(plane, p, q, generator, rng, low=1.5, high=8.0)


def _checkerboard(
    batch: int, p: int, q: int, generator: torch.Generator, rng: random.Random
) -> Any:
    corners = [(i, j) for i in range(4) for j in range(4) if (i + j) % 2 == 0]
    if rng.random() < 0.4:
        corners = [(0, 1), (1, 0), (1, 2), (2, 1)] if rng.random() < 0.5 else [(0, 0), (1, 1)]
    plane = torch.tensor(corners, dtype=torch.float64, device=generator.device)
    return _from_plane(plane.expand(batch, -1, -1), p, q, generator, rng, low=1.5, high=6.0)


def _grid(batch: int, p: int, q: int, generator: torch.Generator, rng: random.Random) -> Any:
    rows, columns = rng.choice(((2, 2), (2, 3), (3, 2), (2, 4)))
    corners = [(i, j) for i in range(rows) for j in range(columns)]
    plane = torch.tensor(corners, dtype=torch.float64, device=generator.device)
    jitter = 0.3 * normal(generator, batch, len(corners), 2)
    return _from_plane(plane + jitter, p, q, generator, rng, low=1.0, high=6.0)


def _line(batch: int, p: int, q: int, generator: torch.Generator, rng: random.Random) -> Any:
    """Components along a line: bimodal (k = 2) to a smeared dependence."""
    k = rng.randint(2, 6)
    steps = torch.linspace(-1.0, 1.0, k, dtype=torch.float64, device=generator.device)
    plane = torch.stack([steps, steps], -1).expand(batch, k, 2)
    return _from_plane(plane, p, q, generator, rng, low=0.5, high=8.0)


def _from_plane(
    plane: Any, p: int, q: int, generator: torch.Generator, rng: random.Random, low: Any, high: Any
) -> Any:
    """Means from points in a plane: first coordinate to all of X, second to all of Y."""
    batch, k = plane.shape[:2]
    x_axis = signs(generator, batch, 1, p) / math.sqrt(p)
    y_axis = signs(generator, batch, 1, q) / math.sqrt(q)
    means = torch.cat([plane[..., :1] * x_axis, plane[..., 1:] * y_axis], -1)
    separation = log_uniform(generator, batch, 1, 1, low=low, high=high)
    return separation * means, random_roots(batch, k, p + q, generator, rng)


_ARRANGEMENTS = {
    "scattered": _scattered,
    "scale": _scale,
    "cross": _cross,
    "ring": _ring,
    "checkerboard": _checkerboard,
    "grid": _grid,
    "line": _line,
}
