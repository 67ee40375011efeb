"""Columns that are functions of others but for a little noise: up to a dozen nats."""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Callable
from typing import Any, Self

import numpy as np
import torch
from scipy import special
from torch import Tensor

from skmist.datasets.parts.controls import without_controls
from skmist.datasets.parts.family import Family
from skmist.datasets.parts.functions import random_curve
from skmist.datasets.parts.mixing import random_mixing
from skmist.datasets.parts.random import dirichlet, normal, normal_points, python_random, uniform

__all__ = ["NearFunction"]

_NODES, _REACH = 4097, 5.6
# Without flat pieces or jumps, where the density of the function would be a point mass.
_CURVES = ("sine", "polynomial", "kink", "wave")
_REPLICATES, _POINTS = 8, 512
_LEAST, _MOST = 4.0, 12.0
_SCALES, _MOST_RATIO = 8, 20.0
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)


class NearFunction(Family):
    """Pairs y_k = g_k(z_k) + sigma_k e with z_k and e standard normal; then both sides mixed.

    p(y) is exact however small sigma is: g is piecewise linear between 4,097 nodes, so that g(z)
    is a mixture of uniform laws, and normal noise is a mixture of uniform noises. Beside a fold of
    g, within some sigma, it is off by a few hundredths of a nat, which average out.

    Parameters
    ----------
    curves : callable or None
        g, an elementwise function of a tensor (d, n); row k belongs to pair k. It has no flat
        pieces and no jumps, and is scaled to about unit spread. None is the identity.
    noise : sequence of float
        sigma of each of the d pairs, from 1e-7 on.

    Raises
    ------
    ValueError
        If a spread is too small.

    Examples
    --------
    >>> family = NearFunction(None, [1e-3, 1e-4])
    >>> round(family.mutual_information, 1)
    16.1
    """

    name = "near_function"
    truth = "closed form where linear; else p(y) by quadrature, its mean by quasi-Monte Carlo"
    source = "I = h(Y) - h(noise)"

    def __init__(self, curves: Callable[..., Any], noise: Any) -> None:
        sigma = torch.as_tensor(noise, dtype=torch.float64).reshape(1, -1)
        if not bool((sigma >= 1e-7).all()):
            raise ValueError(f"noise must be at least 1e-7, got {sigma[0].tolist()}")
        eye = torch.eye(sigma.shape[-1], dtype=torch.float64).unsqueeze(0)
        self._set(curves, sigma, eye, eye, torch.Generator().manual_seed(0))

    def _set(
        self, curves: Any, sigma: Tensor, x_root: Tensor, y_root: Tensor, generator: Any
    ) -> None:
        self.curves, self.sigma, self.roots = curves, sigma, (x_root, y_root)
        batch, d = sigma.shape
        if curves is None:
            self.laws: Any = _Normal()
            self._declare(d, d, 0.5 * torch.log1p(sigma**-2).sum(-1))
            return
        self.laws = _BoxMixture(curves, batch * d, sigma.device)
        points = normal_points(_REPLICATES, _POINTS, 2, generator, torch.float64)
        z, e = points.flatten(0, 1).T.expand(batch * d, -1, -1).unbind(1)
        surprise = self._ratio(e, self._curve(z) + self._flat(sigma) * e) + 0.5 * (
            e.square() - 1.0
        )
        controls = torch.stack([z.square() - 1.0, e.square() - 1.0, z * e], -1)[:1]
        surprise = without_controls(surprise, controls)
        means = surprise.view(batch, d, _REPLICATES, -1).mean(-1).sum(1)
        error = means.std(-1) / math.sqrt(_REPLICATES)
        self._declare(d, d, means.mean(-1), error)

    def _flat(self, values: Tensor) -> Tensor:
        return values.reshape(-1, 1)

    def _curve(self, z: Tensor) -> Tensor:
        return self.laws.curve(z)

    def _ratio(self, e: Tensor, y: Tensor) -> Tensor:
        """log p(y | z) - log p(y) of the pairs (B d, n)."""
        sigma = self._flat(self.sigma)
        given = -0.5 * e.square() - _HALF_LOG_2PI - sigma.log()
        # Rounding takes all of a density that is far below its neighbor's, as beside a fold.
        return (given - self.laws.log_density(y, sigma)).clamp_max(_MOST_RATIO)

    @classmethod
    def supports(cls, p: int, q: int) -> bool:
        """Whether both sides have the same number of columns, from 1 to 6."""
        return p == q and 1 <= p <= 6

    @classmethod
    def from_prior(
        cls,
        batch: int,
        p: int,
        q: int,
        generator: torch.Generator,
        rng: random.Random | None = None,
    ) -> Self:
        """Draw curves, half of them linear, and 4 to 12 nats in all pairs together."""
        rng = rng or python_random(generator)
        linear = rng.random() < 0.5
        curve = None if linear else random_curve(batch * p, generator, rng, _CURVES)
        total = uniform(generator, batch, 1, low=_LEAST, high=_MOST)
        even = rng.choice((2.0, 50.0))
        ones = torch.ones(batch, p, dtype=torch.float64, device=generator.device)
        shares = dirichlet(even * ones, generator)
        mixed = rng.random() < 0.5
        kind = None if mixed else "identity"
        x_root, y_root = (random_mixing(batch, p, generator, rng, kind) for _ in range(2))
        sigma = torch.expm1(2.0 * (total * shares).clamp_min(0.05)).rsqrt()
        family = cls.__new__(cls)
        family._set(curve, sigma, x_root, y_root, generator)
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw x and y, each (B, n, d)."""
        x, y, _ = self.draw_with_pointwise(n, generator, dtype)
        return x, y

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw pairs and their noise, from which rows and pointwise MI follow."""
        batch, d = self.sigma.shape
        z, e = normal(generator, 2, batch * d, n)
        z = z.clamp(-_REACH, _REACH)
        y = self._curve(z) + self._flat(self.sigma) * e
        pmi = self._ratio(e, y).view(batch, d, n).sum(1)
        x, y = (t.view(batch, d, n).mT for t in (z, y))
        x, y = x @ self.roots[0].mT, y @ self.roots[1].mT
        return x.to(dtype), y.to(dtype), pmi.to(dtype)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Sum over the pairs of log p(y | x) - log p(y), nats (B, n)."""
        sides = zip((x, y), self.roots, strict=True)
        z, y = (torch.linalg.solve(root, side.double().mT).flatten(0, 1) for side, root in sides)
        e = (y - self._curve(z)) / self._flat(self.sigma)
        return self._ratio(e, y).view(len(x), self.x_dim, -1).sum(1).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The curves and the spreads of the noise."""
        return {"curves": self.curves, "noise": self.sigma[0].cpu().numpy()}


class _Normal:
    """Law of a standard normal number itself."""

    def curve(self, z: Tensor) -> Tensor:
        return z

    def log_density(self, y: Tensor, sigma: Tensor) -> Tensor:
        variance = 1.0 + sigma.square()
        return -0.5 * y.square() / variance - 0.5 * variance.log() - _HALF_LOG_2PI


class _BoxMixture:
    """Law of a piecewise linear function of a standard normal number: a mixture of boxes."""

    def __init__(self, curve: Callable[..., Any], rows: int, device: torch.device) -> None:
        z = torch.linspace(-_REACH, _REACH, _NODES, dtype=torch.float64, device=device)
        values = curve(z.expand(rows, -1))
        center = values.mean(1, keepdim=True)
        # Nearly the spread for a normal number, and cheap.
        scale = values[:, _NODES // 4 : -(_NODES // 4)].std(1, keepdim=True) + 1e-3
        self.curve = lambda u: (curve(u) - center) / scale
        values = (values - center) / scale
        mass = torch.special.ndtr(z).diff()
        mass = mass / mass.sum()
        low = torch.minimum(values[:, 1:], values[:, :-1])
        high = torch.maximum(torch.maximum(values[:, 1:], values[:, :-1]), low + 1e-9)
        self.height = mass / (high - low)
        self.starts, self.ends = self._sums(low), self._sums(high)

    def _sums(self, edges: Tensor) -> Any:
        """Sorted edges, and the sums of the heights and of height times edge before each."""
        order = edges.argsort(-1)
        at, height = edges.gather(-1, order), self.height.gather(-1, order)
        zero = at.new_zeros(len(at), 1)
        sums = [torch.cat([zero, t.cumsum(-1)], -1) for t in (height, height * at)]
        return at, sums[0], sums[1]

    def below(self, y: Tensor) -> Tensor:
        """Distribution function at y (rows, m)."""
        parts = []
        for edges, heights, moments in (self.starts, self.ends):
            at = torch.searchsorted(edges, y.contiguous())
            parts.append(heights.gather(-1, at) * y - moments.gather(-1, at))
        return parts[0] - parts[1]

    def log_density(self, y: Tensor, sigma: Tensor) -> Tensor:
        """Log density of the function plus normal noise, at y (rows, n)."""
        density: Any = 0.0
        for scale, weight in _uniform_scales():
            half = scale * sigma
            density = density + weight * (self.below(y + half) - self.below(y - half)) / half
        return (0.5 * density).clamp_min(1e-30).log()


@functools.lru_cache(maxsize=1)
def _uniform_scales() -> list[tuple[float, float]]:
    """Half widths and weights of uniform laws that make up a standard normal one.

    A normal number is r u with u uniform on (-1, 1) and r^2 chi-squared with 3 degrees of freedom
    (Khinchin 1938); a Gauss rule integrates over r^2 / 2.
    """
    nodes, weights = special.roots_genlaguerre(_SCALES, 0.5)
    weights = weights / weights.sum()
    return list(zip(np.sqrt(2.0 * nodes).tolist(), weights.tolist(), strict=True))
