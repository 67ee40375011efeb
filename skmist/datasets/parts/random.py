"""Random tensors drawn from an explicit generator, and quasi-random normal points.

Everything lives on ``generator.device``; nothing here waits for the device.
"""

from __future__ import annotations

import functools
import math
import random

import torch
from torch import Tensor

__all__ = [
    "categorical",
    "dirichlet",
    "gamma",
    "log_uniform",
    "normal",
    "normal_points",
    "open_interval",
    "orthogonal",
    "python_random",
    "signs",
    "uniform",
]


def python_random(generator: torch.Generator) -> random.Random:
    """A Python generator seeded from a torch generator (waits for the device once)."""
    seed = torch.randint(2**62, (), generator=generator, device=generator.device)
    return random.Random(int(seed))


def uniform(
    generator: torch.Generator,
    *shape: int,
    low: float = 0.0,
    high: float = 1.0,
    dtype: torch.dtype = torch.float64,
) -> Tensor:
    """Uniform draws on (low, high), of the given shape."""
    draws = torch.rand(*shape, generator=generator, device=generator.device, dtype=dtype)
    return low + (high - low) * draws


def normal(generator: torch.Generator, *shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """Standard normal draws of the given shape."""
    return torch.randn(*shape, generator=generator, device=generator.device, dtype=dtype)


def log_uniform(generator: torch.Generator, *shape: int, low: float, high: float) -> Tensor:
    """Draws whose logarithm is uniform on (log low, log high)."""
    return low * torch.exp(uniform(generator, *shape) * math.log(high / low))


def signs(generator: torch.Generator, *shape: int) -> Tensor:
    """Draws of -1.0 or 1.0 with equal probability."""
    return 1.0 - 2.0 * (uniform(generator, *shape) < 0.5).double()


def gamma(alpha: Tensor, generator: torch.Generator) -> Tensor:
    """Gamma draws of unit scale, one for each entry of ``alpha``."""
    # torch.distributions.Gamma takes no generator; this is the kernel that it calls.
    draws = torch._standard_gamma(alpha, generator=generator)
    return draws.clamp_min(torch.finfo(alpha.dtype).tiny)


def dirichlet(alpha: Tensor, generator: torch.Generator) -> Tensor:
    """Dirichlet draws along the last axis of ``alpha``."""
    draws = gamma(alpha, generator)
    return draws / draws.sum(-1, keepdim=True)


def categorical(probabilities: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """Draw ``n`` codes for each row of ``probabilities`` (B, K); returns (B, n) int64."""
    edges = probabilities.cumsum(-1)
    edges = edges / edges[..., -1:]
    draws = uniform(generator, probabilities.shape[0], n, dtype=probabilities.dtype)
    codes = torch.searchsorted(edges.contiguous(), draws, right=True)
    return codes.clamp_max(probabilities.shape[-1] - 1)


def orthogonal(batch: int, dim: int, generator: torch.Generator) -> Tensor:
    """Haar distributed orthogonal matrices (B, dim, dim)."""
    q, r = torch.linalg.qr(normal(generator, batch, dim, dim))
    # Without the signs of R the distribution would depend on the QR convention.
    return q * torch.diagonal(r, dim1=-2, dim2=-1).sign().unsqueeze(-2)


def open_interval(u: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Round probabilities to a type without reaching 0 or 1."""
    limits = torch.finfo(dtype)
    return u.to(dtype).clamp(limits.tiny, 1.0 - 0.5 * limits.eps)


@functools.lru_cache(maxsize=64)
def _sobol(dim: int, m: int, device: torch.device) -> torch.Tensor:
    points = torch.quasirandom.SobolEngine(dim).draw(m, dtype=torch.float64)
    return points.to(device)


def normal_points(
    replicates: int,
    m: int,
    dim: int,
    generator: torch.Generator,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """Randomly shifted Sobol points, mapped to standard normal.

    Parameters
    ----------
    replicates : int
        Number of independent random shifts.
    m : int
        Points in each replicate, a power of two.
    dim : int
        Dimension of a point.
    generator : torch.Generator
        Source of the shifts.

    Returns
    -------
    Tensor of shape (replicates, m, dim)
        Each replicate is an unbiased sample of N(0, I) (Cranley & Patterson 1976), so the
        spread between replicates gives the standard error of an average.
    """
    base = _sobol(dim, m, generator.device)
    shift = uniform(generator, replicates, 1, dim)
    cube = torch.remainder(base + shift, 1.0).clamp(1e-7, 1.0 - 1e-7)
    return torch.special.ndtri(cube).to(dtype)
