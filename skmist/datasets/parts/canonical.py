"""Elliptical dependence in canonical form: x = A u, y = B v, corr(u_k, v_k) = rho_k."""

from __future__ import annotations

import functools
import random
from typing import Any, Self

import torch
from torch import Tensor

from skmist.datasets.parts.mixing import random_kind, random_mixing, standardize_rows
from skmist.datasets.parts.random import dirichlet, orthogonal, signs, uniform
from skmist.datasets.parts.target import draw_block_mi

__all__ = ["CanonicalPairs", "random_pairs"]

# Nats that one pair carries. Beyond the larger number, single precision rounds the noise away;
# the MI of an entry whose pair is cut off there is below its target, and still exact.
_USUAL_OF_A_PAIR, _MOST_OF_A_PAIR = 10.0, 12.0


class CanonicalPairs:
    """Linear dependence between two sides, reduced to canonical pairs.

    Parameters
    ----------
    x_mixing : Tensor of shape (B, p, p)
    y_mixing : Tensor of shape (B, q, q)
    correlations : Tensor of shape (B, min(p, q)), float64
        Canonical correlations, signed.
    uniqueness : Tensor of shape (B, min(p, q)), float64, optional
        1 - rho^2, for callers that know it to more digits than rho gives.
    """

    def __init__(
        self,
        x_mixing: Tensor,
        y_mixing: Tensor,
        correlations: Tensor,
        uniqueness: Tensor | None = None,
    ) -> None:
        self.x_mixing, self.y_mixing = x_mixing, y_mixing
        self.correlations = correlations
        self.uniqueness = 1.0 - correlations**2 if uniqueness is None else uniqueness

    @classmethod
    def from_covariance(cls, covariance: Tensor, p: int) -> Self:
        """Canonical form of a positive definite covariance (B, p + q, p + q)."""
        x_root = torch.linalg.cholesky(covariance[:, :p, :p])
        y_root = torch.linalg.cholesky(covariance[:, p:, p:])
        cross = torch.linalg.solve_triangular(x_root, covariance[:, :p, p:], upper=False)
        cross = torch.linalg.solve_triangular(y_root, cross.mT, upper=False).mT
        u, rho, vt = torch.linalg.svd(cross)
        return cls(x_root @ u, y_root @ vt.mT, rho)

    @property
    def mi(self) -> Tensor:
        """Mutual information of the Gaussian with these pairs (B,), nats."""
        return -0.5 * self.uniqueness.log().sum(-1)

    @functools.cached_property
    def inverses(self) -> tuple[Tensor, Tensor]:
        """Inverses of the two mixing matrices."""
        return torch.linalg.inv_ex(self.x_mixing)[0], torch.linalg.inv_ex(self.y_mixing)[0]

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Variates u (B, n, p), v (B, n, q) and the part e of v that u does not give."""
        batch, p, q = len(self.correlations), self.x_mixing.shape[-1], self.y_mixing.shape[-1]
        device = generator.device
        u = torch.randn(batch, n, p, generator=generator, device=device, dtype=dtype)
        e = torch.randn(batch, n, q, generator=generator, device=device, dtype=dtype)
        k = min(p, q)
        v = e.clone()
        v[..., :k] *= self.uniqueness.sqrt().to(dtype).unsqueeze(1)
        v[..., :k] += self.correlations.to(dtype).unsqueeze(1) * u[..., :k]
        return u, v, e

    def mix(self, u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """The sample that belongs to variates."""
        return u @ self.x_mixing.mT.to(u.dtype), v @ self.y_mixing.mT.to(v.dtype)

    def unmix(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Variates u, v and the scaled residual e of a sample, float64."""
        x_inverse, y_inverse = self.inverses
        u, v = x.double() @ x_inverse.mT, y.double() @ y_inverse.mT
        k = self.correlations.shape[-1]
        e = v.clone()
        e[..., :k] -= self.correlations.unsqueeze(1) * u[..., :k]
        e[..., :k] /= self.uniqueness.sqrt().unsqueeze(1)
        return u, v, e

    def covariance(self) -> Tensor:
        """Joint covariance (B, p + q, p + q)."""
        k = self.correlations.shape[-1]
        scaled = self.x_mixing[..., :k] * self.correlations.unsqueeze(1)
        cross = scaled @ self.y_mixing[..., :k].mT
        top = torch.cat([self.x_mixing @ self.x_mixing.mT, cross], -1)
        return torch.cat([top, torch.cat([cross.mT, self.y_mixing @ self.y_mixing.mT], -1)], -2)


def random_pairs(
    batch: int,
    p: int,
    q: int,
    generator: torch.Generator,
    rng: random.Random,
    target: Tensor | None = None,
) -> CanonicalPairs:
    """Draw canonical pairs whose Gaussian MI is a target.

    Parameters
    ----------
    target : Tensor of shape (batch,), optional
        Mutual information, nats; drawn by `draw_block_mi` when left out.
    """
    if target is None:
        target = draw_block_mi(batch, generator, min(p, q))
    wide = min(p, q) > 6
    kind = rng.choices(("sides", "factors", "dense"), (0.5, 0.2, 0.3 if wide else 0.15))[0]
    if kind == "dense" and p + q > 2:
        return _dense(batch, p, q, target, generator, rng)
    shares = _shares(target, min(p, q), generator, rng)
    information = (target.unsqueeze(-1) * shares).clamp_max(_MOST_OF_A_PAIR)
    rho = (-torch.expm1(-2.0 * information)).sqrt()
    if kind == "factors":
        x_mixing, y_mixing = _factor_mixings(rho, p, q, generator, rng)
    else:
        x_kind, y_kind = random_kind(rng), random_kind(rng)
        x_mixing = random_mixing(batch, p, generator, rng, x_kind)
        # The same kind on both sides is what people build: plain with plain, and so on.
        y_mixing = random_mixing(batch, q, generator, rng, rng.choice((x_kind, y_kind)))
    rho = rho * signs(generator, *rho.shape)
    return CanonicalPairs(x_mixing, y_mixing, rho, torch.exp(-2.0 * information))


def _shares(target: Any, pairs: Any, generator: torch.Generator, rng: random.Random) -> Any:
    """Shares (B, pairs) of the MI that each pair carries; rows sum to 1."""
    batch = len(target)
    if pairs == 1:
        return torch.ones(batch, 1, dtype=torch.float64, device=generator.device)
    u = uniform(generator, batch, 1)
    # Active pairs: 1 with 35 %, 2 with 15 %, 3 with 10 %, all with 25 %, else any number.
    count = torch.ceil(pairs * (u - 0.85) / 0.15)
    for limit, value in ((0.85, pairs), (0.6, 3), (0.5, 2), (0.35, 1)):
        count = torch.where(u < limit, torch.full_like(count, value), count)
    count = torch.maximum(count, torch.ceil(target / _USUAL_OF_A_PAIR).unsqueeze(-1))
    active = torch.arange(pairs, device=u.device) < count
    shares = torch.ones(batch, pairs, dtype=torch.float64, device=u.device)
    if rng.random() < 0.5:
        shares = dirichlet(shares * rng.choice((0.7, 1.5, 4.0)), generator) + 1e-9
    shares = shares * active
    return shares / shares.sum(-1, keepdim=True)


def _factor_mixings(
    rho: Any, p: int, q: int, generator: torch.Generator, rng: random.Random
) -> Any:
    """Sides x = a z + noise, y = b z + noise that share the latent z of each pair."""
    split = uniform(generator, len(rho), 1, low=0.15, high=0.85)
    return (
        _factor_mixing(rho.abs() ** (2.0 * split), p, generator, rng),
        _factor_mixing(rho.abs() ** (2.0 - 2.0 * split), q, generator, rng),
    )


def _factor_mixing(
    explained: Any, dim: int, generator: torch.Generator, rng: random.Random
) -> Any:
    """Isotropic noise plus one latent for each pair, which explains that share of its variate."""
    scales = torch.ones(len(explained), dim, dtype=torch.float64, device=explained.device)
    k = explained.shape[-1]
    scales[:, :k] = (1.0 - explained).clamp_min(1e-6).rsqrt()
    if dim > 1 and rng.random() < 0.5:
        basis = _ones_first(len(explained), dim, generator)
    else:
        basis = orthogonal(len(explained), dim, generator)
    return standardize_rows(basis * scales.unsqueeze(1))


def _ones_first(batch: int, dim: int, generator: torch.Generator) -> Any:
    """Reflections whose first column is (1, ..., 1) / sqrt(dim), up to random signs by row."""
    axis = -torch.full((dim,), dim**-0.5, dtype=torch.float64, device=generator.device)
    axis[0] += 1.0
    eye = torch.eye(dim, dtype=torch.float64, device=generator.device)
    reflection = eye - 2.0 * torch.outer(axis, axis) / axis.dot(axis)
    flipped = uniform(generator, batch, 1, 1) < 0.5
    return torch.where(flipped, signs(generator, batch, dim, 1), 1.0) * reflection


def _dense(
    batch: int, p: int, q: int, target: Any, generator: torch.Generator, rng: random.Random
) -> Any:
    """All p + q columns share one factor: every pairwise correlation is r, up to signs."""
    if rng.random() < 0.35:
        r = uniform(generator, batch, low=0.02, high=0.95)
    else:
        # rho^2 = p q r^2 / ((1 + (p-1) r) (1 + (q-1) r)) solved for r.
        rho2 = -torch.expm1(-2.0 * target)
        a, b = p * q - rho2 * (p - 1) * (q - 1), rho2 * (p + q - 2)
        r = ((b + (b * b + 4.0 * a * rho2).sqrt()) / (2.0 * a)).clamp_max(1.0 - 1e-5)
    x_top, y_top = 1.0 + (p - 1) * r, 1.0 + (q - 1) * r
    # (1 + (p-1) r)(1 + (q-1) r) - p q r^2 = (1 - r)(1 + (p + q - 1) r)
    uniqueness = (1.0 - r) * (1.0 + (p + q - 1) * r) / (x_top * y_top)
    rho = torch.zeros(batch, min(p, q), dtype=torch.float64, device=r.device)
    rho[:, 0] = (1.0 - uniqueness).clamp_min(0.0).sqrt()
    ones = torch.ones_like(rho)
    ones[:, 0] = uniqueness
    x, y = (_spiked(batch, dim, top, r, generator) for dim, top in ((p, x_top), (q, y_top)))
    return CanonicalPairs(x, y, rho, ones)


def _spiked(batch: int, dim: int, top: Any, r: Any, generator: torch.Generator) -> Any:
    if dim == 1:
        return torch.ones(batch, 1, 1, dtype=torch.float64, device=r.device)
    scales = (1.0 - r).sqrt().unsqueeze(-1).repeat(1, dim)
    scales[:, 0] = top.sqrt()
    return _ones_first(batch, dim, generator) * scales.unsqueeze(1)
