"""Canonical correlations of batched samples and what a Gaussian model makes of them."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = [
    "CanonicalPairs",
    "canonical_pairs",
    "gaussian_bias",
    "gaussian_information",
    "gaussian_pointwise",
    "gaussian_surprise",
    "oas_intensity",
    "shrunk_information",
    "spiked_correlations",
]

_RIDGE = 1e-6
_MAX_RHO2 = 1.0 - 1e-6
_NO_RHO = 1e-6
_APART = 1e-9


class CanonicalPairs(NamedTuple):
    """A canonical correlation analysis, float64, of two sides of a and b columns.

    ``rho`` (B, m) descending; of each side ``means`` (B, 1, a), and ``weights`` (B, a, m) and
    ``whitenings`` (B, a, a) that take centered rows to canonical and to whitened coordinates.
    """

    rho: Tensor
    means: tuple[Tensor, Tensor]
    weights: tuple[Tensor, Tensor]
    whitenings: tuple[Tensor, Tensor]


def oas_intensity(covariance: Tensor, n: int) -> Tensor:
    """Oracle-approximating shrinkage intensity towards the identity, ``(B, 1, 1)``.

    References
    ----------
    Chen, Wiesel, Eldar, Hero, IEEE Trans. Signal Process. 58, 5016 (2010).
    """
    d = covariance.shape[-1]
    trace = covariance.diagonal(dim1=-2, dim2=-1).sum(-1)
    square = (covariance**2).sum((-2, -1))
    above = (1 - 2 / d) * square + trace**2
    below = (n + 1 - 2 / d) * (square - trace**2 / d)
    # Equal eigenvalues need no shrinking and give 0 / 0 here.
    ratio = above / below.clamp_min(1e-12)
    return ratio.clamp(0.0, 1.0)[:, None, None]


def _shrink(covariance: Tensor, n: int, shrink: bool, ridge: float = _RIDGE) -> Tensor:
    d = covariance.shape[-1]
    scale = covariance.diagonal(dim1=-2, dim2=-1).mean(-1)[:, None, None].clamp_min(1e-12)
    eye = torch.eye(d, dtype=covariance.dtype, device=covariance.device)
    if shrink and d > 1:
        intensity = oas_intensity(covariance, n)
        covariance = (1 - intensity) * covariance + intensity * scale * eye
    return covariance + ridge * scale * eye


def _inverse_cholesky(covariance: Tensor) -> Tensor:
    factor = torch.linalg.cholesky_ex(covariance).L
    eye = torch.eye(covariance.shape[-1], dtype=factor.dtype, device=factor.device)
    return torch.linalg.solve_triangular(factor, eye.expand_as(factor), upper=False)


def canonical_pairs(
    x: Tensor, y: Tensor, *, shrink: bool, ridge: float = _RIDGE
) -> CanonicalPairs:
    """Canonical correlation analysis of each sample of a batch.

    Parameters
    ----------
    x : Tensor of shape (batch, n, a)
    y : Tensor of shape (batch, n, b)
    shrink : bool
        Shrink each side's covariance (OAS), for n small against a + b.
    ridge : float
        Added to each side's covariance, relative to its mean variance.

    Returns
    -------
    CanonicalPairs
        With ``m = min(a, b)`` pairs.
    """
    n = x.shape[1]
    x, y = x.double(), y.double()
    mean_x, mean_y = x.mean(1, keepdim=True), y.mean(1, keepdim=True)
    x, y = x - mean_x, y - mean_y
    whiten_x = _inverse_cholesky(_shrink(x.mT @ x / n, n, shrink, ridge))
    whiten_y = _inverse_cholesky(_shrink(y.mT @ y / n, n, shrink, ridge))
    cross = whiten_x @ (x.mT @ y / n) @ whiten_y.mT
    rho, left, right = singular_vectors(cross)
    weights = (whiten_x.mT @ left, whiten_y.mT @ right)
    return CanonicalPairs(rho, (mean_x, mean_y), weights, (whiten_x.mT, whiten_y.mT))


def singular_vectors(matrix: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Singular values, descending, with left and right vectors, by a Gram matrix."""
    if matrix.shape[-2] > matrix.shape[-1]:
        rho, right, left = singular_vectors(matrix.mT)
        return rho, left, right
    left = torch.ones_like(matrix[..., :1])
    if (count := matrix.shape[-2]) > 1:
        # Rounding differs with the place in a batch, and vectors of equal values would follow it.
        apart = _APART * torch.arange(count, dtype=matrix.dtype, device=matrix.device)
        left = torch.linalg.eigh(matrix @ matrix.mT + apart.diag())[1].flip(-1)
    right = matrix.mT @ left
    rho = right.norm(dim=-2)
    right = right / rho.clamp_min(_NO_RHO).unsqueeze(-2)
    # Directions without a correlation are arbitrary on one side and noise on the other.
    real = (rho > _NO_RHO).to(rho.dtype).unsqueeze(-2)
    return rho.clamp(max=_MAX_RHO2**0.5), left * real, right * real


def gaussian_information(rho: Tensor) -> Tensor:
    """MI of a Gaussian with canonical correlations ``rho`` (..., m), in nats."""
    return -0.5 * torch.log1p(-(rho**2).clamp(max=_MAX_RHO2)).sum(-1)


def gaussian_bias(n: int, a: int, b: int) -> float:
    """Expected excess of the plug-in Gaussian MI at independence, in nats.

    From the expected log-determinant of a Wishart matrix; where n does not
    exceed a + b + 1 the plug-in diverges and the value for the smallest
    sufficient n is returned.

    References
    ----------
    Ince et al., Human Brain Mapping 38, 1541 (2017); Misra et al. (2005).
    """
    n = max(n, a + b + 2)

    def half(d: int) -> float:
        """Half the expected log-determinant in d columns, up to what cancels."""
        index = torch.arange(1, d + 1, dtype=torch.float64)
        return 0.5 * float(torch.digamma((n - index) / 2).sum())

    return half(a) + half(b) - half(a + b)


def shrunk_information(x: Tensor, y: Tensor) -> Tensor:
    """Gaussian MI, ``(B,)`` nats, from the OAS-shrunk joint covariance."""
    joint = torch.cat([x, y], dim=-1).double()
    joint = joint - joint.mean(1, keepdim=True)
    n, a = x.shape[1], x.shape[2]
    covariance = _shrink(joint.mT @ joint / n, n, True)

    def log_det(matrix: Tensor) -> Tensor:
        """Logarithms of the determinants, ``(B,)``."""
        factor = torch.linalg.cholesky_ex(matrix).L
        return 2 * factor.diagonal(dim1=-2, dim2=-1).clamp_min(1e-12).log().sum(-1)

    both = log_det(covariance)
    return 0.5 * (log_det(covariance[:, :a, :a]) + log_det(covariance[:, a:, a:]) - both)


def spiked_correlations(rho: Tensor, n: int, a: int, b: int) -> Tensor:
    """Canonical correlations freed of their high-dimensional inflation.

    Sample values above the edge of the null (Wachter) spectrum are mapped back
    to the population value that produces them, the others to zero.

    Parameters
    ----------
    rho : Tensor of shape (batch, m)
    n, a, b : int
        Rows, and columns of each side.

    References
    ----------
    Bao, Hu, Pan, Zhou, Ann. Statist. 47, 612 (2019).
    """
    c1, c2 = min(a / n, 0.49), min(b / n, 0.49)
    edge = c1 + c2 - 2 * c1 * c2 + 2 * (c1 * c2 * (1 - c1) * (1 - c2)) ** 0.5
    s = rho**2
    quadratic = (1 - c1) * (1 - c2)
    linear = c1 * (1 - c2) + c2 * (1 - c1) - s
    root = (linear**2 - 4 * quadratic * c1 * c2).clamp_min(0).sqrt()
    population = (root - linear) / (2 * quadratic)
    return torch.where(s > edge, population.clamp(0, _MAX_RHO2), 0.0).sqrt()


def gaussian_pointwise(rho: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Pointwise MI under the Gaussian model of canonical coordinates.

    ``rho`` (B, m), ``u`` and ``v`` (B, n, m) -> (B, n), nats.
    """
    r2 = (rho**2).clamp(max=_MAX_RHO2)[:, None]
    cross = rho[:, None] * u * v
    quadratic = (r2 * (u**2 + v**2) - 2 * cross) / (2 * (1 - r2))
    return gaussian_information(rho)[:, None] - quadratic.sum(-1)


def gaussian_surprise(rho: Tensor, u: Tensor) -> Tensor:
    """``KL(p(v | u) || p(v))`` under that model: (B, m), (B, n, m) -> (B, n), nats."""
    r2 = (rho**2)[:, None]
    return gaussian_information(rho)[:, None] + 0.5 * (r2 * (u**2 - 1)).sum(-1)
