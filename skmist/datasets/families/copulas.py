"""Clayton, Frank, Gumbel and Joe: Archimedean copulas of two uniform variables."""

from __future__ import annotations

import random
from typing import Any, Self

import torch
from torch import Tensor

from skmist.datasets.families.archimedean import ArchimedeanCopula
from skmist.datasets.parts.random import signs, uniform

__all__ = ["ClaytonCopula", "FrankCopula", "GumbelCopula", "JoeCopula"]


class ClaytonCopula(ArchimedeanCopula):
    """Clayton copula: dependent in the lower tail.

    C(u, v) = (u^-theta + v^-theta - 1)^(-1 / theta), and
    I = log(1 + theta) - theta / (1 + theta).

    Parameters
    ----------
    theta : float or array-like of shape (B,)
        Above 0, towards independence, to 1,000. Kendall's tau is theta / (theta + 2).

    Raises
    ------
    ValueError
        If theta is not positive, or too large.

    References
    ----------
    Nelsen (2006), An Introduction to Copulas, chapter 4.

    Examples
    --------
    >>> round(ClaytonCopula(2.0).mutual_information, 4)
    0.4319
    """

    name = "clayton"
    truth = "closed form"
    weakest = 0.0

    def _check(self, theta: Any) -> None:
        super()._check(theta)
        if bool((theta == 0.0).any()):
            raise ValueError(f"theta must be positive, got {theta.tolist()}; 0 is Independent")

    @classmethod
    def _mutual_information(cls, theta: Any) -> Any:
        return (torch.log1p(theta) - theta / (1.0 + theta))[..., 0]

    @staticmethod
    def _log_phi(x: Tensor, theta: Any) -> Any:
        return theta * x + _log1mexp(theta * x)

    @staticmethod
    def _depth(log_phi: Tensor, theta: Any) -> Any:
        return torch.logaddexp(log_phi, torch.zeros_like(log_phi)) / theta

    @staticmethod
    def _log_slope(x: Tensor, theta: Any) -> Any:
        return theta.log() + (theta + 1.0) * x

    @staticmethod
    def _log_bend(x: Tensor, theta: Any) -> Any:
        return torch.log1p(theta) - 2.0 * theta.log() - (2.0 * theta + 1.0) * x

    def _draw_level(self, n: int, generator: torch.Generator) -> Any:
        # K(t) makes the depth a sum of two exponential variables.
        parts = -torch.log1p(-uniform(generator, self.batch_size, n, 2))
        return parts[..., 0] + parts[..., 1] / (1.0 + self._strength())


class GumbelCopula(ArchimedeanCopula):
    """Gumbel copula: dependent in the upper tail, max-stable.

    C(u, v) = exp(-((-log u)^theta + (-log v)^theta)^(1 / theta)).

    Parameters
    ----------
    theta : float or array-like of shape (B,)
        From 1, independence, to 1,000. Kendall's tau is 1 - 1 / theta.

    Raises
    ------
    ValueError
        If theta is below 1, or too large.

    References
    ----------
    Nelsen (2006), An Introduction to Copulas, chapter 4.

    Examples
    --------
    >>> round(GumbelCopula(2.0).mutual_information, 4)
    0.3754
    """

    name = "gumbel"
    weakest = 1.0

    @staticmethod
    def _log_phi(x: Tensor, theta: Any) -> Any:
        return theta * x.log()

    @staticmethod
    def _depth(log_phi: Tensor, theta: Any) -> Any:
        return torch.exp(log_phi / theta)

    @staticmethod
    def _log_slope(x: Tensor, theta: Any) -> Any:
        return theta.log() + (theta - 1.0) * x.log() + x

    @staticmethod
    def _log_bend(x: Tensor, theta: Any) -> Any:
        tail = torch.log(theta - 1.0 + x) - x
        return tail - 2.0 * theta.log() + (1.0 - 2.0 * theta) * x.log()

    def _draw_level(self, n: int, generator: torch.Generator) -> Any:
        # K(t) makes the depth exponential, or, with probability 1 / theta, the sum of two.
        parts = -torch.log1p(-uniform(generator, self.batch_size, n, 2))
        second = uniform(generator, self.batch_size, n) < 1.0 / self._strength()
        return parts[..., 0] + parts[..., 1] * second


class FrankCopula(ArchimedeanCopula):
    """Frank copula: no tail dependence, symmetric, positive or negative.

    C(u, v) = -log(1 + (e^(-theta u) - 1) (e^(-theta v) - 1) / (e^-theta - 1)) / theta.

    Parameters
    ----------
    theta : float or array-like of shape (B,)
        From -1,000 to 1,000, not 0 (independence); the MI depends on its absolute value.

    Raises
    ------
    ValueError
        If theta is 0, or too large.

    References
    ----------
    Genest (1987), Frank's family of bivariate distributions, Biometrika 74.

    Examples
    --------
    >>> round(FrankCopula(-5.0).mutual_information, 4)
    0.258
    """

    name = "frank"

    def _check(self, theta: Any) -> None:
        if bool((theta == 0.0).any()):
            raise ValueError(f"theta must not be 0, got {theta.tolist()}; 0 is Independent")
        super()._check(theta.abs())

    @classmethod
    def from_prior(
        cls,
        batch: int,
        p: int,
        q: int,
        generator: torch.Generator,
        rng: random.Random | None = None,
    ) -> Self:
        """Draw theta as the other copulas do, with a random sign."""
        family = super().from_prior(batch, p, q, generator, rng)
        family.theta = family.theta * signs(generator, batch)
        return family

    @classmethod
    def _mutual_information(cls, theta: Any) -> Any:
        return super()._mutual_information(theta.abs())

    def _strength(self) -> Any:
        return self.theta.abs().unsqueeze(-1)

    def _oriented(self, v: Tensor) -> Any:
        return torch.where(self.theta.unsqueeze(-1) < 0.0, 1.0 - v, v)

    @staticmethod
    def _log_phi(x: Tensor, theta: Any) -> Any:
        t, rest = torch.exp(-x), -torch.expm1(-x)
        # phi = log1p(exp(odds)); where that is tiny, its logarithm is odds itself.
        odds = _log1mexp(theta * rest) - theta * t - _log1mexp(theta * t)
        phi = torch.nn.functional.softplus(odds.clamp_min(-30.0), threshold=700.0)
        return torch.where(odds < -30.0, odds, phi.log())

    @staticmethod
    def _depth(log_phi: Tensor, theta: Any) -> Any:
        phi = torch.exp(log_phi.clamp_max(6.5))
        far = -torch.log1p(-torch.exp(_log1mexp(theta) - phi))
        near = -torch.logaddexp(_log1mexp_of_exp(log_phi), -theta - phi)
        return theta.log() - torch.where(phi > 0.5, far, near).log()

    @staticmethod
    def _log_slope(x: Tensor, theta: Any) -> Any:
        return theta.log() - _log_expm1(theta * torch.exp(-x))

    @staticmethod
    def _log_bend(x: Tensor, theta: Any) -> Any:
        scaled = theta * torch.exp(-x)
        return scaled + _log_expm1(scaled) - theta.log()


class JoeCopula(ArchimedeanCopula):
    """Joe copula: strongly dependent in the upper tail, nearly independent in the lower.

    With a = (1 - u)^theta and b = (1 - v)^theta, C(u, v) = 1 - (a + b - a b)^(1 / theta).

    Parameters
    ----------
    theta : float or array-like of shape (B,)
        From 1, independence, to 1,000.

    Raises
    ------
    ValueError
        If theta is below 1, or too large.

    References
    ----------
    Joe (1993), Parametric families of multivariate distributions with given margins, Journal
    of Multivariate Analysis 46.

    Examples
    --------
    >>> round(JoeCopula(2.0).mutual_information, 4)
    0.2345
    """

    name = "joe"
    weakest = 1.0

    @staticmethod
    def _log_phi(x: Tensor, theta: Any) -> Any:
        return _log_minus_log1mexp(-theta * _log1mexp(x))

    @staticmethod
    def _depth(log_phi: Tensor, theta: Any) -> Any:
        return -_log1mexp(-_log1mexp_of_exp(log_phi) / theta)

    @staticmethod
    def _log_slope(x: Tensor, theta: Any) -> Any:
        log_rest = _log1mexp(x)
        return theta.log() + (theta - 1.0) * log_rest - _log1mexp(-theta * log_rest)

    @staticmethod
    def _log_bend(x: Tensor, theta: Any) -> Any:
        log_rest = _log1mexp(x)
        power = theta * log_rest
        bend = torch.log(theta - 1.0 + torch.exp(power)) + _log1mexp(-power)
        return bend - 2.0 * theta.log() + (1.0 - 2.0 * theta) * log_rest


def _log1mexp(a: Tensor) -> Any:
    """Logarithm of 1 - exp(-a) for a > 0, with all digits."""
    a = a.clamp_min(1e-300)
    return torch.where(a < 0.7, (-torch.expm1(-a)).log(), torch.log1p(-torch.exp(-a)))


def _log_minus_log1mexp(a: Tensor) -> Any:
    """Logarithm of -log(1 - exp(-a)) for a > 0; that is -a where exp(-a) is tiny."""
    return torch.where(a > 40.0, -a, (-_log1mexp(a.clamp_max(40.0))).log())


def _log1mexp_of_exp(log_a: Tensor) -> Any:
    """Logarithm of 1 - exp(-a) from log a; that is log a where a is tiny."""
    return torch.where(log_a < -40.0, log_a, _log1mexp(log_a.clamp(-40.0, 6.5).exp()))


def _log_expm1(a: Tensor) -> Any:
    """Logarithm of exp(a) - 1 for a > 0."""
    return a + _log1mexp(a)
