"""Two counts whose log rates share a hidden number."""

from __future__ import annotations

import math
import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.family import Family, as_batch
from skmist.datasets.parts.random import gamma, log_uniform, normal, python_random, signs, uniform

__all__ = ["SharedRate"]

_NODES, _REACH = 257, 6.0
# Largest rate, and numbers enough that less than 1e-7 lies beyond.
_FEW, _MANY = (14.0, 48), (60.0, 128)
_FEW_DISPERSED, _MANY_DISPERSED = (5.0, 64), (15.0, 160)


class SharedRate(Family):
    """Counts x and y that are independent given z ~ N(0, 1), with log rates a + b z.

    The law of each is Poisson, or negative binomial with variance rate + rate^2 / dispersion.
    Rates are cut at 60 (15 where dispersed), or at 14 (5) where the counts are flagged discrete;
    these are ordered. Else they are flagged continuous, with ties.

    Parameters
    ----------
    intercepts, slopes : pair of float, or array-like of shape (B, 2)
        The numbers a and b of x and of y.
    dispersion : float, optional
        At least 2. Poisson when left out.
    discrete : bool, default=False

    Raises
    ------
    ValueError
        If the dispersion is below 2, or there are not two numbers.

    Examples
    --------
    >>> round(SharedRate([1.0, 1.0], [0.7, 0.7]).mutual_information, 3)
    0.236
    """

    name = "shared_rate"
    truth = "quadrature"
    source = "P(x, y) = E P(x | Z) P(y | Z)"

    def __init__(
        self,
        intercepts: ArrayLike | Tensor,
        slopes: ArrayLike | Tensor,
        dispersion: float | None = None,
        discrete: bool = False,
    ) -> None:
        a, b = as_batch(intercepts, 1, "intercepts"), as_batch(slopes, 1, "slopes")
        if a.shape[-1] != 2 or b.shape[-1] != 2:
            raise ValueError("intercepts and slopes must hold a number for x and one for y")
        if dispersion is not None and not dispersion >= 2.0:
            raise ValueError(
                f"dispersion must be at least 2, got {dispersion!r}; leave it out for Poisson"
            )
        a, b = torch.broadcast_tensors(a, b)
        self._set(a, b, dispersion, (bool(discrete),) * 2, "normal")

    def _set(
        self, intercepts: Tensor, slopes: Tensor, dispersion: Any, few: Any, shape: str
    ) -> None:
        self.intercepts, self.slopes, self.dispersion = intercepts, slopes, dispersion
        self.shape = shape
        limits = (_MANY, _FEW) if dispersion is None else (_MANY_DISPERSED, _FEW_DISPERSED)
        self.limits = [limits[flag] for flag in few]
        z = torch.linspace(
            -_REACH, _REACH, _NODES, dtype=torch.float64, device=intercepts.device
        ).expand(len(intercepts), -1)
        weights = torch.exp(-0.5 * z[:1].square())
        given = [self._given(k, self._rate(k, z)) for k in (0, 1)]
        joint = (given[0] * (weights / weights.sum()).unsqueeze(1)) @ given[1].mT
        joint = joint.clamp_min(1e-300)
        margins = joint.sum(2, keepdim=True).log() + joint.sum(1, keepdim=True).log()
        self.table = joint.log() - margins
        mi = (joint * self.table).sum((1, 2)).clamp_min(0.0)
        flags = ((few[0],), (few[1],))
        self._declare(1, 1, mi, None, *flags, *flags)

    def _rate(self, side: int, z: Tensor) -> Tensor:
        latent = _SHAPES[self.shape](z)
        a, b = self.intercepts[:, side, None], self.slopes[:, side, None]
        return (a + b * latent).clamp(-12.0, math.log(self.limits[side][0])).exp()

    def _given(self, side: int, rate: Tensor) -> Tensor:
        """Probabilities (B, K, J) of the counts at rates (B, J)."""
        size, r = self.limits[side][1], self.dispersion
        count = torch.arange(size, dtype=torch.float64, device=rate.device).unsqueeze(-1)
        rate = rate.unsqueeze(1)
        ways = -torch.lgamma(count + 1.0)
        if r is None:
            return (ways + count * rate.log() - rate).exp()
        ways = ways + torch.lgamma(count + r) - math.lgamma(r)
        return (ways + count * (rate / (rate + r)).log() - r * torch.log1p(rate / r)).exp()

    @classmethod
    def supports(cls, p: int, q: int) -> bool:
        """Whether both sides have one column."""
        return p == q == 1

    @classmethod
    def from_prior(
        cls,
        batch: int,
        p: int,
        q: int,
        generator: torch.Generator,
        rng: random.Random | None = None,
    ) -> Self:
        """Draw rates from 0.3 to 20, or to 5 where flagged discrete, and slopes up to 1.4."""
        rng = rng or python_random(generator)
        few = rng.choices(((True, True), (False, False), (True, False)), (0.6, 0.25, 0.15))[0]
        dispersion = math.exp(rng.uniform(0.7, 3.0)) if rng.random() < 0.3 else None
        divide = 1.0 if dispersion is None else 3.0
        levels = [
            log_uniform(generator, batch, 1, low=0.3, high=(5.0 if f else 20.0) / divide)
            for f in few
        ]
        slopes = uniform(generator, batch, 2, low=0.2, high=1.4) * signs(generator, batch, 2)
        family = cls.__new__(cls)
        shape = rng.choices(tuple(_SHAPES), (0.6, 0.15, 0.15, 0.1))[0]
        family._set(torch.cat(levels, -1).log(), slopes, dispersion, few, shape)
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw the hidden number, then counts x and y, each (B, n, 1)."""
        z = normal(generator, self.batch_size, n).clamp(-_REACH, _REACH)
        counts = []
        for side in (0, 1):
            rate = self._rate(side, z)
            if self.dispersion is not None:
                r = torch.full_like(rate, self.dispersion)
                rate = rate * gamma(r, generator) / r
            drawn = torch.poisson(rate, generator=generator)
            counts.append(drawn.clamp_max(self.limits[side][1] - 1).to(dtype).unsqueeze(-1))
        return counts[0], counts[1]

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """log P(x, y) / (P(x) P(y)) from a table, nats (B, n)."""
        at = x[..., 0].long() * self.table.shape[2] + y[..., 0].long()
        return self.table.flatten(1).gather(-1, at).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """Intercepts and slopes of both sides, and the dispersion."""
        return {
            "intercepts": self.intercepts[0].cpu().numpy(),
            "slopes": self.slopes[0].cpu().numpy(),
            "dispersion": self.dispersion,
        }


_SHAPES: dict[str, Any] = {
    "normal": lambda z: z,
    "uniform": lambda z: math.sqrt(12.0) * (torch.special.ndtr(z) - 0.5),
    "two": lambda z: torch.tanh(3.0 * z),
    "skewed": lambda z: torch.expm1(0.6 * z).clamp_max(6.0),
}
