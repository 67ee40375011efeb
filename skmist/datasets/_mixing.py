"""Random dependence within one side: matrices A such that x = A u with u ~ N(0, I)."""

from __future__ import annotations

import torch

from skmist.datasets._random import log_uniform, normal, orthogonal, uniform

__all__ = ["random_kind", "random_mixing", "standardize_rows"]

_KINDS = ("identity", "rotation", "equicorrelated", "autoregressive", "ill_conditioned", "factors")
_WEIGHTS = (0.35, 0.25, 0.12, 0.08, 0.08, 0.12)


def random_kind(rng):
    """Draw one of the kinds of `random_mixing`."""
    return rng.choices(_KINDS, _WEIGHTS)[0]


def random_mixing(batch, dim, generator, rng, kind=None):
    """Draw invertible matrices A (B, dim, dim) with rows of unit norm.

    The kind (identity, rotation, equicorrelated, autoregressive, ill conditioned, few
    factors; drawn when None) is one for the batch; its parameters differ between entries.
    """
    if dim == 1:
        return torch.ones(batch, 1, 1, dtype=torch.float64, device=generator.device)
    kind = kind or random_kind(rng)
    turned = rng.random() < 0.5
    root = _ROOTS[kind](batch, dim, generator)
    if turned and kind not in ("identity", "rotation"):
        root = root @ orthogonal(batch, dim, generator)
    return standardize_rows(root)


def standardize_rows(mixing):
    """Scale the rows of A to unit norm, so that the columns of x have unit variance."""
    return mixing / mixing.norm(dim=-1, keepdim=True)


def _identity(batch, dim, generator):
    eye = torch.eye(dim, dtype=torch.float64, device=generator.device)
    return eye.expand(batch, dim, dim)


def _equicorrelated(batch, dim, generator):
    r = uniform(generator, batch, 1, 1, low=0.02, high=0.95)
    covariance = r + (1.0 - r) * _identity(batch, dim, generator)
    return torch.linalg.cholesky_ex(covariance).L


def _autoregressive(batch, dim, generator):
    phi = uniform(generator, batch, 1, 1, low=-0.9, high=0.98)
    steps = torch.arange(dim, device=generator.device, dtype=torch.float64)
    covariance = phi ** (steps[:, None] - steps).abs()
    return torch.linalg.cholesky_ex(covariance).L


def _ill_conditioned(batch, dim, generator):
    # Eigenvalues of the covariance down to 1e-4, hence scales down to 1e-2.
    scales = log_uniform(generator, batch, 1, dim, low=1e-2, high=1.0)
    return orthogonal(batch, dim, generator) * scales


def _factors(batch, dim, generator):
    count = max(1, min(3, dim // 2))
    loadings = normal(generator, batch, dim, count)
    strength = log_uniform(generator, batch, 1, 1, low=0.3, high=3.0)
    covariance = strength**2 * loadings @ loadings.mT + _identity(batch, dim, generator)
    return torch.linalg.cholesky_ex(covariance).L


_ROOTS = {
    "identity": _identity,
    "rotation": lambda batch, dim, generator: orthogonal(batch, dim, generator),
    "equicorrelated": _equicorrelated,
    "autoregressive": _autoregressive,
    "ill_conditioned": _ill_conditioned,
    "factors": _factors,
}
