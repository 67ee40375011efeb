"""Rows along random curves with noise, against their curve or their place on it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, Self

import torch
from torch import Tensor

from skmist.datasets.parts.controls import without_controls
from skmist.datasets.parts.family import Family
from skmist.datasets.parts.random import (
    categorical,
    dirichlet,
    log_uniform,
    normal,
    normal_points,
    python_random,
    uniform,
)

__all__ = ["NoisyCurve"]

_NODES, _LEAST_NODES = 384, 64
_REPLICATES, _POINTS = 8, 512
_HARMONICS = 3
# Most steps along a curve, in spreads of the noise, for which the sum over nodes is exact.
_LONGEST_STEP = 1.3


class NoisyCurve(Family):
    """X = c_k(t) + sigma e with t ~ U(0, 1) and e standard normal; Y is k, or t if k is one.

    p(x | k) is the mean of normal densities around nodes of the curve k. Given t, X is normal.

    Parameters
    ----------
    curves : callable
        Maps t of shape (J,) to places (K, J, p).
    sigma : float
        Spread of the noise; the nodes of a curve must lie within 1.3 of it from each other.
    weights : sequence of float, optional
        Probabilities of the K curves; Y is the curve. Y is t when left out.

    Raises
    ------
    ValueError
        If the noise is too small for the curves, there are several curves without weights, or
        their numbers differ.

    Examples
    --------
    >>> import torch
    >>> def lines(t):
    ...     return torch.stack([torch.stack([t, 0 * t], -1), torch.stack([t, 1 + 0 * t], -1)])
    >>> round(NoisyCurve(lines, 0.1, [0.5, 0.5]).mutual_information, 2)
    0.69
    """

    name = "noisy_curve"
    truth = "quadrature for p(x), randomized quasi-Monte Carlo for its mean"
    source = "I = E log p(x | y) - E log p(x)"

    def __init__(
        self,
        curves: Callable[[Tensor], Tensor],
        sigma: float,
        weights: Any = None,
    ) -> None:
        count = curves(torch.zeros(1, dtype=torch.float64)).shape[0]
        given = None if weights is None else torch.as_tensor(weights).double().reshape(1, -1)
        if (1 if given is None else given.shape[-1]) != count:
            raise ValueError(f"there are {count} curves; give as many weights")
        level = torch.full((1,), float(sigma), dtype=torch.float64)
        seeded = torch.Generator().manual_seed(0)
        self._set(lambda t: curves(t[0, 0]).unsqueeze(0), level, given, count, seeded)
        if float(self.sigma) > float(sigma) * (1.0 + 1e-9):
            raise ValueError(f"sigma must be at least {float(self.sigma):.3g} for these curves")

    def _set(
        self,
        curves: Callable[..., Any],
        sigma: Tensor,
        weights: Any,
        count: int,
        generator: torch.Generator,
    ) -> None:
        self.curves, self.count = curves, count
        self.weights = None if weights is None else weights / weights.sum(-1, keepdim=True)
        nodes = max(_LEAST_NODES, _NODES // count)
        batch, device = len(sigma), sigma.device
        t = (torch.arange(nodes, dtype=torch.float64, device=device) + 0.5) / nodes
        centers = curves(t.expand(batch, count, nodes))
        longest = centers.diff(dim=2).norm(dim=-1).amax((1, 2))
        self.sigma = torch.maximum(sigma, longest / _LONGEST_STEP)
        self._white = (centers / self.sigma[:, None, None, None]).flatten(1, 2).float()
        d = centers.shape[-1]
        points = normal_points(_REPLICATES, _points(count), d + 1, generator, torch.float64)
        means = self._average(points.flatten(0, 1), batch)
        error = means.std(-1) / math.sqrt(_REPLICATES)
        self._declare(d, 1, means.mean(-1).clamp_min(0.0), error, (), (self.weights is not None,))

    def _average(self, points: Tensor, batch: int) -> Tensor:
        """Mean log ratio (B, replicates) over quasi-random rows of each curve."""
        t, e = torch.special.ndtr(points[:, 0]), points[:, 1:]
        total: Any = 0.0
        for k in range(self.count):
            codes = torch.full((batch, len(t)), k, device=t.device)
            x = self._place(codes, t.expand(batch, -1)) + self.sigma[:, None, None] * e
            if self.weights is None:
                controls = self._controls(t.expand(batch, -1), e)
                total = without_controls(self._ratio(x, codes, e), controls)
            else:
                # Of the curve given the row, all labels are averaged, not the drawn one alone.
                log_w = self.weights.log().unsqueeze(1)
                share = torch.softmax(self._log_curves(x) + log_w, -1)
                log_p = share.clamp_min(1e-30).log() - log_w
                total = total + self.weights[:, k, None] * (share * log_p).sum(-1)
        means: Tensor = total.view(batch, _REPLICATES, -1).mean(-1)
        return means

    def _controls(self, t: Tensor, e: Tensor) -> Tensor:
        """Squares of the noise, in all and along the curve, less their means (B, M, 2)."""
        codes = torch.zeros_like(t).long()
        along = self._place(codes, t + 1e-4) - self._place(codes, t - 1e-4)
        along = (along / along.norm(dim=-1, keepdim=True) * e).sum(-1)
        square = e.square().sum(-1).expand_as(along)
        return torch.stack([square - e.shape[-1], along.square() - 1.0], -1)

    def _place(self, codes: Tensor, t: Tensor) -> Tensor:
        """Places (B, n, d) on the curves of the codes."""
        every = self.curves(t.unsqueeze(1).expand(-1, self.count, -1))
        at = codes[:, None, :, None].expand(-1, 1, -1, every.shape[-1])
        return every.gather(1, at)[:, 0]

    def _ratio(self, x: Tensor, codes: Tensor, e: Any = None) -> Tensor:
        """log p(x | y) - log p(x), with the noise e where y is the place."""
        if self.weights is None:
            return -0.5 * e.double().square().sum(-1) - self._log_curves(x)[..., 0]
        by_curve = self._log_curves(x)
        whole = torch.logsumexp(by_curve + self.weights.log().unsqueeze(1), -1)
        return by_curve.gather(-1, codes.unsqueeze(-1))[..., 0] - whole

    def _log_curves(self, x: Tensor) -> Tensor:
        """Log density (B, n, K) of rows given each curve, up to a constant."""
        white = (x.double() / self.sigma[:, None, None]).float()
        square = 0.5 * white.square().sum(-1, keepdim=True)
        product = torch.baddbmm(
            -0.5 * self._white.square().sum(-1).unsqueeze(1), white, self._white.mT
        )
        product = product.unflatten(-1, (self.count, -1))
        most = product.amax(-1, keepdim=True)
        # Cut before numbers get too small for fast arithmetic; logsumexp takes ten times as long.
        density = product.sub_(most).clamp_min_(-60.0).exp_().mean(-1)
        return (density.log() + most[..., 0] - square).double()

    @classmethod
    def supports(cls, p: int, q: int) -> bool:
        """Whether Y has one column and X has 1 to 8."""
        return q == 1 and 1 <= p <= 8

    @classmethod
    def from_prior(
        cls,
        batch: int,
        p: int,
        q: int,
        generator: torch.Generator,
        rng: random.Random | None = None,
    ) -> Self:
        """Draw random sums of sines; one curve and the place on it, or up to five of them."""
        rng = rng or python_random(generator)
        count = rng.choice((1, 2, 2, 3, 4, 5))
        ones = torch.ones(batch, count, dtype=torch.float64, device=generator.device)
        weights = None if count == 1 else dirichlet(5.0 * ones, generator)
        sigma = log_uniform(generator, batch, low=0.03, high=1.0)
        family = cls.__new__(cls)
        family._set(_waves(batch, count, p, generator, rng), sigma, weights, count, generator)
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw x (B, n, p) and the curve or the place y (B, n, 1)."""
        t = uniform(generator, self.batch_size, n)
        codes = torch.zeros_like(t).long()
        if self.weights is not None:
            codes = categorical(self.weights, n, generator)
        place = self._place(codes, t)
        x = place + self.sigma[:, None, None] * normal(generator, *place.shape)
        y = t if self.weights is None else codes
        return x.to(dtype), y.to(dtype).unsqueeze(-1)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """log p(x | y) - log p(x), nats (B, n)."""
        if self.weights is not None:
            return self._ratio(x, y[..., 0].round().long()).to(x.dtype)
        codes = torch.zeros(x.shape[:2], dtype=torch.int64, device=x.device)
        place = self._place(codes, y[..., 0].double())
        return self._ratio(x, codes, (x - place) / self.sigma[:, None, None]).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The curves, the noise and the weights."""
        weights = None if self.weights is None else self.weights[0].cpu().numpy()
        return {"curves": self.curves, "sigma": float(self.sigma[0]), "weights": weights}


def _points(count: int) -> int:
    """Rows of each curve in a replicate: fewer in all where there are labels to average over."""
    return int(2 * _POINTS if count == 1 else _POINTS >> (2 * count - 2).bit_length())


def _waves(
    batch: int, count: int, d: int, generator: torch.Generator, rng: random.Random
) -> Callable[[Tensor], Tensor]:
    """Random curves: maps t (B, K, J) to sums of sines and a slope (B, K, J, d).

    The curves of one entry are alike in part: they share some of their waves.
    """
    shape = (batch, count, d, _HARMONICS)
    device = generator.device
    orders = torch.arange(1, _HARMONICS + 1, device=device).double()
    shared = rng.choice((0.0, 0.7, 1.0))
    weights, phases = normal(generator, *shape), uniform(generator, *shape)
    alike = uniform(generator, batch, 1, 1, 1) < shared
    weights = torch.where(alike, weights[:, :1], weights) / orders
    phases = torch.where(alike, phases[:, :1], phases)
    turns = uniform(generator, batch, 1, 1, 1, low=0.2, high=rng.choice((1.0, 2.0)))
    offset = normal(generator, batch, count, d) * rng.choice((0.2, 1.0))

    def curves(t: Tensor) -> Tensor:
        total = offset.unsqueeze(2).expand(-1, -1, t.shape[-1], -1)
        for h in range(_HARMONICS):
            angle = (turns * orders[h])[..., 0] * t
            angle = angle.unsqueeze(-1) + phases[:, :, None, :, h]
            total = total + weights[:, :, None, :, h] * torch.sin(2.0 * math.pi * angle)
        return total

    return curves
