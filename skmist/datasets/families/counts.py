"""Regression of counts: Poisson and negative binomial, with a random function as log rate."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.family import Family
from skmist.datasets.parts.functions import random_curve
from skmist.datasets.parts.mixing import basis_along, random_mixing
from skmist.datasets.parts.random import gamma, log_uniform, normal, python_random
from skmist.datasets.parts.target import draw_target_mi

__all__ = ["CountRegression"]

_NODES, _REACH = 4096, 5.5
_LEAST_RATE = 1e-6
# Nodes of the grid of rates, equally spaced in their square root.
_RATES = 1024
# Law of the counts: largest rate, and counts enough that less than 1e-8 lies beyond.
_POISSON, _NEGATIVE_BINOMIAL, _FEW_LEVELS = (100.0, 192), (25.0, 512), (5.0, 32)


class CountRegression(Family):
    """A count y with log rate a + b g(z), z a standard normal projection of a Gaussian X.

    Given z, y is Poisson, or negative binomial with variance rate + rate^2 / dispersion. Rates
    are held between 1e-6 and a limit: 100 for Poisson counts, 25 for negative binomial ones, 5
    where y is flagged discrete. Otherwise y is flagged continuous and has ties.

    Parameters
    ----------
    curve : callable
        g, an elementwise function of a tensor (B, n).
    intercept, slope : float, default=0.0 and 1.0
        The numbers a and b.
    direction : array-like of shape (p,), default=(1.0,)
        Direction w of the projection z = w'x / |w|; the columns of X are independent standard
        normal.
    dispersion : float, optional
        At least 1: negative binomial counts. Poisson when left out.
    discrete : bool, default=False
        Flag y as discrete; Poisson counts only.

    Raises
    ------
    ValueError
        If the direction is zero, a number is not finite, the dispersion is below 1, or
        dispersed counts are flagged discrete.

    Notes
    -----
    P(y) is a quadrature over z on a grid of rates, and the sums over the counts leave out less
    than 1e-8 of them. The MI is exact to about 1e-4 nats, and to 1e-3 where g jumps.

    Examples
    --------
    >>> import torch
    >>> family = CountRegression(torch.sin, intercept=2.0, direction=[1.0, 1.0])
    >>> family.x_dim, round(family.mutual_information, 2)
    (2, 0.71)
    """

    name = "count_regression"
    truth = "quadrature"
    source = "I = H(Y) - E H(Y | Z)"

    def __init__(
        self,
        curve: Callable[..., Any],
        intercept: float = 0.0,
        slope: float = 1.0,
        direction: ArrayLike | Tensor = (1.0,),
        *,
        dispersion: float | None = None,
        discrete: bool = False,
    ) -> None:
        for name, value in (("intercept", intercept), ("slope", slope)):
            if not math.isfinite(value):
                raise ValueError(f"{name} must be a finite number, got {value!r}")
        if dispersion is not None and not (math.isfinite(dispersion) and dispersion >= 1.0):
            raise ValueError(
                f"dispersion must be a finite number of at least 1, got {dispersion!r}; "
                "leave it out for Poisson counts"
            )
        if dispersion is not None and discrete:
            raise ValueError(
                "discrete=True needs Poisson counts, since dispersed ones have too many levels; "
                "leave dispersion out"
            )
        a, b = (torch.full((1,), float(v), dtype=torch.float64) for v in (intercept, slope))
        self._set(basis_along(direction), curve, a, b, dispersion, discrete)

    def _set(
        self, x_mixing: Any, curve: Any, intercept: Any, slope: Any, dispersion: Any, discrete: Any
    ) -> None:
        self.x_mixing, self.x_inverse = x_mixing, torch.linalg.inv_ex(x_mixing)[0]
        self.curve, self.intercept, self.slope = curve, intercept, slope
        self.dispersion = dispersion
        self._most, size = _FEW_LEVELS if discrete else _POISSON
        if dispersion is not None:
            self._most, size = _NEGATIVE_BINOMIAL
        z = _nodes(len(x_mixing), x_mixing.device)
        mass = self._rate_masses(z)
        log_p = self._log_conditional(*self._grid(size, z.device))
        p = mass @ log_p.exp()
        self.log_marginal = p.clamp_min(torch.finfo(p.dtype).tiny).log()
        given = mass @ (log_p.exp() * log_p).sum(-1)
        mi = (given - (p * self.log_marginal).sum(-1)).clamp_min(0.0)
        flag = (bool(discrete),)
        self._declare(x_mixing.shape[-1], 1, mi, y_discrete=flag, y_ordered=flag)

    def _grid(self, size: Any, device: torch.device | str | None) -> Any:
        """Counts (1, K) and rates (G, 1) of the table of conditional probabilities."""
        roots = torch.linspace(
            math.sqrt(_LEAST_RATE),
            math.sqrt(self._most),
            _RATES,
            dtype=torch.float64,
            device=device,
        )
        counts = torch.arange(size, dtype=torch.float64, device=device)
        return counts.unsqueeze(0), roots.square().unsqueeze(-1)

    def _rate_masses(self, z: Tensor) -> Any:
        """Probabilities (B, G) of the nodes of the grid of rates."""
        weights = _weights(z)
        low, high = math.sqrt(_LEAST_RATE), math.sqrt(self._most)
        at = (self._rate(z).sqrt() - low) * ((_RATES - 1) / (high - low))
        left = at.long().clamp(0, _RATES - 2)
        share = at - left
        mass = torch.zeros(len(z), _RATES, dtype=torch.float64, device=z.device)
        mass.scatter_add_(-1, left, (1.0 - share) * weights)
        return mass.scatter_add_(-1, left + 1, share * weights)

    @classmethod
    def supports(cls, p: int, q: int) -> bool:
        """Whether Y has one column and X has 1 to 64."""
        return q == 1 and 1 <= p <= 64

    @classmethod
    def from_prior(
        cls,
        batch: int,
        p: int,
        q: int,
        generator: torch.Generator,
        rng: random.Random | None = None,
    ) -> Self:
        """Draw counts of a typical size from 0.2 to 30.

        Half of the batches are Poisson, three in ten negative binomial, two in ten Poisson with
        few levels and flagged discrete.
        """
        rng = rng or python_random(generator)
        kind = rng.choices(("poisson", "dispersed", "few"), (0.5, 0.3, 0.2))[0]
        dispersion = math.exp(rng.uniform(0.0, 3.0)) if kind == "dispersed" else None
        high = {"poisson": 30.0, "dispersed": 8.0, "few": 2.0}[kind]
        level = log_uniform(generator, batch, low=0.2, high=high)
        # The noise of the log rate, for counts that are not small.
        noise = level.reciprocal() + (0.0 if dispersion is None else 1.0 / dispersion)
        target = draw_target_mi(batch, generator, upper=3.0)
        spread = (noise * torch.expm1(2.0 * target)).sqrt().clamp_max(2.0)
        curve = random_curve(batch, generator, rng)
        center, scale = _moments(curve, batch, generator.device)
        slope = spread / scale
        family = cls.__new__(cls)
        mixing = random_mixing(batch, p, generator, rng)
        intercept = level.log() - slope * center
        family._set(mixing, curve, intercept, slope, dispersion, kind == "few")
        return family

    def _rate(self, z: Tensor) -> Any:
        intercept, slope = (t.to(z.dtype).unsqueeze(-1) for t in (self.intercept, self.slope))
        log_rate = intercept + slope * self.curve(z)
        return log_rate.clamp(math.log(_LEAST_RATE), math.log(self._most)).exp()

    def _log_conditional(self, count: Any, rate: Tensor) -> Any:
        """Log P(y = count | rate), broadcast."""
        r = self.dispersion
        if r is None:
            return count * rate.log() - rate - torch.lgamma(count + 1.0)
        ways = torch.lgamma(count + r) - math.lgamma(r) - torch.lgamma(count + 1.0)
        return ways + count * (rate / (rate + r)).log() - r * torch.log1p(rate / r)

    def _ratio(self, z: Tensor, y: Tensor) -> Any:
        k = y.double()
        at = k.long().clamp(0, self.log_marginal.shape[-1] - 1)
        conditional = self._log_conditional(k, self._rate(z).double())
        return conditional - self.log_marginal.gather(-1, at)

    def _respond(self, n: int, generator: torch.Generator, dtype: torch.dtype) -> Any:
        u = normal(generator, self.batch_size, n, self.x_dim, dtype=dtype)
        rate = self._rate(u[..., 0])
        if self.dispersion is not None:
            r = torch.full_like(rate, self.dispersion)
            rate = rate * gamma(r, generator) / r
        return u, torch.poisson(rate, generator=generator)

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw x (B, n, p) and counts y (B, n, 1)."""
        u, y = self._respond(n, generator, dtype)
        return u @ self.x_mixing.mT.to(dtype), y.unsqueeze(-1)

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw x and counts; the projection of x is computed once."""
        u, y = self._respond(n, generator, dtype)
        pmi = self._ratio(u[..., 0], y).to(dtype)
        return u @ self.x_mixing.mT.to(dtype), y.unsqueeze(-1), pmi

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """log P(y | x) - log P(y), nats (B, n)."""
        z = x.double() @ self.x_inverse[:, :1].mT
        return self._ratio(z[..., 0], y[..., 0]).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The curve with its two numbers, the direction of the projection, the dispersion."""
        return {
            "curve": self.curve,
            "intercept": float(self.intercept[0]),
            "slope": float(self.slope[0]),
            "direction": self.x_inverse[0, 0].cpu().numpy(),
            "dispersion": self.dispersion,
        }


def _nodes(batch: int, device: torch.device | str | None) -> Any:
    z = torch.linspace(-_REACH, _REACH, _NODES, dtype=torch.float64, device=device)
    return z.expand(batch, -1)


def _weights(z: Tensor) -> Any:
    """Normal weights (1, J) of equally spaced nodes, summing to 1."""
    weights = torch.exp(-0.5 * z[:1].square())
    return weights / weights.sum()


def _moments(curve: Any, batch: int, device: torch.device | str | None) -> Any:
    """Mean and spread (B,) of a curve of a standard normal input."""
    z = _nodes(batch, device)[:, ::8]
    values, weights = curve(z), _weights(z)
    center = (weights * values).sum(-1)
    variance = (weights * (values - center.unsqueeze(-1)).square()).sum(-1)
    return center, variance.sqrt() + 1e-3
