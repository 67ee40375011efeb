"""Random dependence within one side: matrices A such that x = A u with u ~ N(0, I)."""

from __future__ import annotations

import random
from typing import Any

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.random import log_uniform, normal, orthogonal, uniform

__all__ = ["basis_along", "random_kind", "random_mixing", "standardize_rows"]


def random_kind(rng: random.Random) -> str:
    """Draw one of the kinds of `random_mixing`."""
    return rng.choices(tuple(_ROOTS), _WEIGHTS)[0]


def random_mixing(
    batch: int, dim: int, generator: torch.Generator, rng: random.Random, kind: str | None = None
) -> Tensor:
    """Draw invertible matrices A (B, dim, dim) with rows of unit norm.

    The kind (identity, rotation, rotation of some columns, equicorrelated, autoregressive,
    ill conditioned, nearly collinear, few factors; drawn when None) is one for the batch; its
    parameters differ between entries.
    """
    if dim == 1:
        return torch.ones(batch, 1, 1, dtype=torch.float64, device=generator.device)
    kind = kind or random_kind(rng)
    turned = rng.random() < 0.5
    root = _ROOTS[kind](batch, dim, generator, rng)
    if turned and kind not in ("identity", "rotation", "block"):
        root = root @ orthogonal(batch, dim, generator)
    return standardize_rows(root)


def basis_along(direction: ArrayLike | Tensor) -> Tensor:
    """An orthogonal matrix (1, p, p) whose first column is the direction."""
    w = torch.as_tensor(direction, dtype=torch.float64)
    if w.ndim != 1 or not bool(w.norm() > 0.0):
        raise ValueError(f"direction must be a nonzero vector, got {direction!r}")
    eye = torch.eye(len(w), dtype=torch.float64)
    basis = torch.linalg.qr(torch.cat([w[:, None], eye], 1)).Q
    return (basis * torch.sign(basis[:, 0] @ w)).unsqueeze(0)


def standardize_rows(mixing: Tensor) -> Tensor:
    """Scale the rows of A to unit norm, so that the columns of x have unit variance."""
    return mixing / mixing.norm(dim=-1, keepdim=True)


def _identity(batch: int, dim: int, generator: torch.Generator, rng: random.Random) -> Any:
    eye = torch.eye(dim, dtype=torch.float64, device=generator.device)
    return eye.expand(batch, dim, dim)


def _equicorrelated(batch: int, dim: int, generator: torch.Generator, rng: random.Random) -> Any:
    r = uniform(generator, batch, 1, 1, low=0.02, high=0.95)
    covariance = r + (1.0 - r) * _identity(batch, dim, generator, rng)
    return torch.linalg.cholesky_ex(covariance).L


def _autoregressive(batch: int, dim: int, generator: torch.Generator, rng: random.Random) -> Any:
    phi = uniform(generator, batch, 1, 1, low=-0.9, high=0.98)
    steps = torch.arange(dim, device=generator.device, dtype=torch.float64)
    covariance = phi ** (steps[:, None] - steps).abs()
    return torch.linalg.cholesky_ex(covariance).L


def _ill_conditioned(batch: int, dim: int, generator: torch.Generator, rng: random.Random) -> Any:
    # Eigenvalues of the covariance down to 1e-4, hence scales down to 1e-2.
    scales = log_uniform(generator, batch, 1, dim, low=1e-2, high=1.0)
    return orthogonal(batch, dim, generator) * scales


def _block(batch: int, dim: int, generator: torch.Generator, rng: random.Random) -> Any:
    """Independent columns but for some, which are rotated among each other."""
    size = min(dim, round(2.0 * (dim / 2.0) ** rng.random()))
    root = _identity(batch, dim, generator, rng).clone()
    root[:, :size, :size] = orthogonal(batch, size, generator)
    return root


def _collinear(batch: int, dim: int, generator: torch.Generator, rng: random.Random) -> Any:
    """Columns that are noisy copies of others: condition numbers of the covariance to 1e4."""
    root = _identity(batch, dim, generator, rng).clone()
    pairs = rng.randint(1, dim // 2)
    copies = slice(1, 2 * pairs, 2)
    noise = log_uniform(generator, batch, 1, pairs, low=0.02, high=0.5)
    root[:, copies] *= noise.mT
    root[:, copies] += root[:, slice(0, 2 * pairs, 2)]
    return root


def _factors(batch: int, dim: int, generator: torch.Generator, rng: random.Random) -> Any:
    count = max(1, min(3, dim // 2))
    loadings = normal(generator, batch, dim, count)
    strength = log_uniform(generator, batch, 1, 1, low=0.3, high=3.0)
    covariance = strength**2 * loadings @ loadings.mT + _identity(batch, dim, generator, rng)
    return torch.linalg.cholesky_ex(covariance).L


_ROOTS = {
    "identity": _identity,
    "rotation": lambda batch, dim, generator, rng: orthogonal(batch, dim, generator),
    "block": _block,
    "equicorrelated": _equicorrelated,
    "autoregressive": _autoregressive,
    "ill_conditioned": _ill_conditioned,
    "collinear": _collinear,
    "factors": _factors,
}
_WEIGHTS = (0.3, 0.22, 0.08, 0.11, 0.08, 0.06, 0.05, 0.1)
