"""Nonlinear regression: y = f(u) + noise, u standard normal inputs behind X."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.density_grid import convolved_density, mixed_density
from skmist.datasets.parts.family import Family
from skmist.datasets.parts.functions import GENTLE, NODES, REACH, random_curve, random_scale
from skmist.datasets.parts.mixing import basis_along, random_mixing
from skmist.datasets.parts.random import normal_points, python_random
from skmist.datasets.parts.surfaces import random_surface
from skmist.datasets.parts.target import draw_target_mi

__all__ = ["MultiIndexRegression", "Regression", "SingleIndexRegression"]

_HALF_LOG_2PI_E = 0.5 * math.log(2.0 * math.pi * math.e)
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
# Smallest spread of the noise that a density grid resolves, as a share of the range of f.
_RESOLUTION, _MIXED_RESOLUTION = 1.0 / 1200.0, 1.0 / 250.0
_REPLICATES = 8
# Most inputs that a function of several inputs reads: one of these for a batch.
_MOST_ACTIVE = (4, 8, 12)


class Regression(Family):
    """Common part of regression: x = A u with u ~ N(0, I), y = f(u) + sigma(u) e.

    Subclasses provide `_mean(u)` and `_spread(u)` and declare the marginal of y.

    Attributes
    ----------
    noise_level : Tensor of shape (B,), float64
        Geometric mean of sigma.
    """

    _mean: Any
    _spread: Any

    def _set_inputs(self, x_mixing: Any) -> None:
        self.x_mixing = x_mixing
        self.x_inverse = torch.linalg.inv_ex(x_mixing)[0]

    def _inputs(self, n: int, generator: torch.Generator, dtype: torch.dtype) -> Any:
        shape = (len(self.x_mixing), n, self.x_mixing.shape[-1])
        return torch.randn(shape, generator=generator, device=generator.device, dtype=dtype)

    def _respond(self, u: Tensor, generator: torch.Generator) -> Any:
        noise = torch.randn(u.shape[:2], generator=generator, device=u.device, dtype=u.dtype)
        mean, spread = self._mean(u), self._spread(u)
        return mean + spread * noise, noise, spread

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw x (B, n, p) and y (B, n, 1)."""
        u = self._inputs(n, generator, dtype)
        y, _, _ = self._respond(u, generator)
        return u @ self.x_mixing.mT.to(dtype), y.unsqueeze(-1)

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw inputs and noise, from which rows and pointwise MI follow."""
        u = self._inputs(n, generator, dtype)
        y, noise, spread = self._respond(u, generator)
        conditional = -0.5 * noise.square() - _HALF_LOG_2PI - spread.log()
        pmi = conditional - self.marginal.log_at(y).to(dtype)
        return u @ self.x_mixing.mT.to(dtype), y.unsqueeze(-1), pmi

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """log p(y | x) - log p(y), the first normal, the second from a grid; nats (B, n)."""
        u = x.double() @ self.x_inverse.mT
        value = y[..., 0].double()
        mean, spread = self._mean(u), self._spread(u)
        conditional = -0.5 * ((value - mean) / spread).square() - _HALF_LOG_2PI - spread.log()
        return (conditional - self.marginal.log_at(value)).to(x.dtype)

    def _declare_marginal(self, marginal: Any, mean_log_spread: Tensor, error: Any = None) -> None:
        self.marginal, self.noise_level = marginal, mean_log_spread.exp()
        mi = marginal.entropy - _HALF_LOG_2PI_E - mean_log_spread
        self._declare(self.x_mixing.shape[-1], 1, mi.clamp_min(0.0), error)


class SingleIndexRegression(Regression):
    """y = g(z) + sigma(z) e, where z is a standard normal projection of a Gaussian X.

    I = h(Y) - E log sigma(Z) - log(2 pi e) / 2, with e standard normal.

    Parameters
    ----------
    curve : callable
        g, an elementwise function of a tensor (B, n).
    noise : float or callable
        sigma, a number or an elementwise positive function of a tensor (B, n).
    direction : array-like of shape (p,), default=(1.0,)
        Direction w of the projection z = w'x / |w|; the columns of X are independent
        standard normal.

    Raises
    ------
    ValueError
        If the direction is zero, or the noise is not positive or too small to be resolved
        against the range of g (a 1,200th of it; a 250th where the noise is a function).

    Notes
    -----
    p(y) is a quadrature over z on a grid, exact to about 1e-3 nats; where g jumps, to about
    2e-3, and where sigma jumps, to about 1e-2.

    Examples
    --------
    >>> import torch
    >>> family = SingleIndexRegression(torch.sin, 0.2, direction=[1.0, 1.0])
    >>> family.x_dim, round(family.mutual_information, 2)
    (2, 1.14)
    """

    name = "single_index_regression"
    truth = "quadrature"
    source = "I = h(Y) - E log sigma(Z) - log(2 pi e) / 2"

    def __init__(
        self, curve: Callable[..., Any], noise: Any, direction: ArrayLike | Tensor = (1.0,)
    ) -> None:
        basis = basis_along(direction)
        if not callable(noise) and not noise > 0.0:
            raise ValueError(f"noise must be positive, got {noise!r}")
        z = _nodes(1, basis.device)
        if callable(noise):
            _require_resolved(noise(z), curve(z), _MIXED_RESOLUTION)
        else:
            noise = torch.full((1,), float(noise), dtype=torch.float64)
            _require_resolved(noise, curve(z), _RESOLUTION)
        self._set(basis, curve, noise)

    def _set(self, x_mixing: Any, curve: Any, sigma: Any) -> None:
        self._set_inputs(x_mixing)
        self.curve, self.sigma = curve, sigma
        z = _nodes(len(x_mixing), x_mixing.device)
        weights = torch.exp(-0.5 * z[:1].square())
        weights = weights / weights.sum()
        if isinstance(sigma, torch.Tensor):
            marginal, _ = convolved_density(curve(z), weights, sigma)
            self._declare_marginal(marginal, sigma.log())
        else:
            coarse, w = z[:, ::8], weights[:, ::8] / weights[:, ::8].sum()
            marginal = mixed_density(curve(coarse), sigma(coarse), w)
            self._declare_marginal(marginal, (weights * sigma(z).log()).sum(-1))

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
        """Draw a curve, and noise for an MI up to 4 nats.

        In three batches of ten the spread of the noise depends on x.
        """
        rng = rng or python_random(generator)
        x_mixing = random_mixing(batch, p, generator, rng)
        sigma = _noise_level(draw_target_mi(batch, generator, upper=4.0))
        family = cls.__new__(cls)
        mixed = rng.random() < 0.3
        raw = random_curve(batch, generator, rng, GENTLE if mixed else None)
        curve = _standardized_curve(raw, batch, generator.device)
        if mixed:
            shape = random_scale(batch, generator, rng)
            # Without a mean, only the spread depends on x.
            flat = rng.random() < 0.35
            level = sigma.clamp(0.15, 3.0).unsqueeze(-1)
            mean = torch.zeros_like if flat else curve
            family._set(x_mixing, mean, lambda z: level.to(z.dtype) * shape(z))
        else:
            values = curve(_nodes(batch, generator.device))
            family._set(x_mixing, curve, _resolved(sigma, values))
        return family

    def parameters(self) -> dict[str, Any]:
        """The noise, where it is a number, and the direction of the projection."""
        constant = isinstance(self.sigma, torch.Tensor)
        return {
            "noise": float(self.sigma[0]) if constant else self.sigma,
            "curve": self.curve,
            "direction": self.x_inverse[0, 0].cpu().numpy(),
        }

    def _mean(self, u: Tensor) -> Any:
        return self.curve(u[..., 0])

    def _spread(self, u: Tensor) -> Any:
        z = u[..., 0]
        if isinstance(self.sigma, torch.Tensor):
            return self.sigma.to(z.dtype).unsqueeze(-1).expand_as(z)
        return self.sigma(z)


class MultiIndexRegression(Regression):
    """y = f(u_1, ..., u_k) + sigma e, where u are k standard normal coordinates behind X.

    I = h(Y) - log(2 pi e sigma^2) / 2, with e standard normal.

    Parameters
    ----------
    surface : callable
        f, maps a tensor (B, n, k) to (B, n).
    active : int
        Number k of inputs that f reads, the first k columns of X.
    sigma : float
        Spread of the noise, > 0.
    p : int, optional
        Number of columns of X, all independent standard normal; k when left out.

    Raises
    ------
    ValueError
        If `active` exceeds p, or sigma is below a 1,200th of the range of f.

    Notes
    -----
    p(y) comes from 16,384 randomized quasi-Monte Carlo points of f (32,768 above 3 inputs),
    convolved with the noise.

    Examples
    --------
    >>> family = MultiIndexRegression(lambda u: u[..., 0] * u[..., 1], 2, 0.5, p=3)
    >>> family.x_dim, family.mi_standard_error.item() < 0.005
    (3, True)
    """

    name = "multi_index_regression"
    truth = "randomized quasi-Monte Carlo"
    source = "I = h(Y) - h(noise)"

    def __init__(
        self, surface: Callable[..., Any], active: int, sigma: float, p: int | None = None
    ) -> None:
        p = active if p is None else p
        if not 1 <= active <= p:
            raise ValueError(f"active must be from 1 to p = {p}, got {active!r}")
        if not sigma > 0.0:
            raise ValueError(f"sigma must be positive, got {sigma!r}")
        eye = torch.eye(p, dtype=torch.float64).unsqueeze(0)
        points = _surface_points(active, torch.Generator().manual_seed(0))
        values = surface(points.double())
        _require_resolved(torch.tensor(float(sigma)), values, _RESOLUTION)
        self._set(eye, surface, active, torch.tensor([float(sigma)]).double(), values)

    def _set(self, x_mixing: Any, surface: Any, active: Any, sigma: Any, values: Any) -> None:
        self._set_inputs(x_mixing)
        self.surface, self.active, self.sigma = surface, active, sigma
        marginal, error = convolved_density(values, None, sigma, _REPLICATES)
        self._declare_marginal(marginal, sigma.log(), error)

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
        """Draw a surface of up to 12 inputs, and noise for an MI up to 4 nats."""
        rng = rng or python_random(generator)
        active = rng.randint(min(2, p), min(p, rng.choice(_MOST_ACTIVE)))
        x_mixing = random_mixing(batch, p, generator, rng)
        raw = random_surface(batch, active, generator, rng)
        values = raw(_surface_points(active, generator).expand(batch, -1, -1))
        center, scale = values.mean(-1, keepdim=True), values.std(-1, keepdim=True) + 1e-3
        family = cls.__new__(cls)
        sigma = _noise_level(draw_target_mi(batch, generator, upper=4.0))
        family._set(
            x_mixing,
            lambda u: (raw(u) - center.to(u.dtype)) / scale.to(u.dtype),
            active,
            _resolved(sigma, (values - center) / scale),
            (values - center) / scale,
        )
        return family

    def parameters(self) -> dict[str, Any]:
        """The function, the number of inputs that it reads, and the noise."""
        return {
            "surface": self.surface,
            "active": self.active,
            "sigma": float(self.sigma[0]),
        }

    def _mean(self, u: Tensor) -> Any:
        return self.surface(u[..., : self.active])

    def _spread(self, u: Tensor) -> Any:
        return self.sigma.to(u.dtype).unsqueeze(-1).expand(u.shape[:2])


def _noise_level(target: Any) -> Any:
    """Spread of the noise that gives the target MI were f(u) standard normal."""
    return torch.expm1(2.0 * target.clamp(0.002, 4.0)).rsqrt()


def _standardized_curve(raw: Any, batch: int, device: torch.device | str | None) -> Any:
    z = torch.linspace(-4.5, 4.5, 512, dtype=torch.float64, device=device).expand(batch, -1)
    weights = torch.exp(-0.5 * z.square())
    weights = weights / weights.sum(-1, keepdim=True)
    values = raw(z)
    center = (weights * values).sum(-1, keepdim=True)
    scale = (weights * (values - center).square()).sum(-1, keepdim=True).sqrt() + 1e-3
    return lambda t: (raw(t) - center.to(t.dtype)) / scale.to(t.dtype)


def _nodes(batch: int, device: torch.device | str | None) -> Any:
    """Equally spaced values (B, J) of a standard normal input."""
    z = torch.linspace(-REACH, REACH, NODES, dtype=torch.float64, device=device)
    return z.expand(batch, -1)


def _resolved(sigma: Any, values: Any) -> Any:
    """The spread of the noise, raised where the grid of the density could not resolve it."""
    span = values.amax(-1) - values.amin(-1)
    return torch.maximum(sigma, _RESOLUTION * span.double())


def _require_resolved(spread: Tensor, values: Any, share: Any) -> None:
    smallest, span = float(spread.min()), float(values.max() - values.min())
    if not smallest > share * span:
        raise ValueError(
            f"the noise falls to {smallest:.3g}, but must stay above {share * span:.3g} "
            f"(1/{round(1 / share)} of the range of the function) for an exact truth"
        )


def _surface_points(active: Any, generator: torch.Generator) -> Any:
    m = 2048 if active <= 3 else 4096
    return normal_points(_REPLICATES, m, active, generator).reshape(1, -1, active)
