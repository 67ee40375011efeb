"""The Clayton copula of several columns on each side, with its mutual information in closed form.

A gamma variable V of shape 1 / theta is behind all columns: u_i = (1 + E_i / V)^(-1 / theta) with
independent standard exponential E_i. So u_i^(-theta) - 1 = E_i / V, and every density depends on
its columns, up to factors that cancel in the pointwise MI, through the sum of these alone.
"""

from __future__ import annotations

import functools
import math
import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.family import Family, as_batch
from skmist.datasets.parts.random import gamma, open_interval, uniform
from skmist.datasets.parts.target import draw_target_mi, parameter_with

__all__ = ["MultivariateClayton"]

_MAX_THETA = 1e3
_STRONGEST = 3.0


class MultivariateClayton(Family):
    """Clayton copula of p + q uniform columns, all dependent on each other.

    With a = 1 / theta and G(s) = log Gamma(s) - s digamma(s),
    I = G(a + p + q) + G(a) - G(a + p) - G(a + q).

    Parameters
    ----------
    theta : float or array-like of shape (B,)
        Above 0, towards independence, to 1,000. Kendall's tau of two columns is
        theta / (theta + 2).
    p, q : int, default=1
        Number of columns of X and of Y.

    Raises
    ------
    ValueError
        If theta is not positive, or too large, or p or q is not a positive whole number.

    References
    ----------
    Cook & Johnson (1981), A family of distributions for modelling non-elliptically symmetric
    multivariate data, Journal of the Royal Statistical Society B 43.
    Marshall & Olkin (1988), Families of multivariate distributions, Journal of the American
    Statistical Association 83.

    Examples
    --------
    >>> family = MultivariateClayton(2.0, p=3, q=2)
    >>> family.x_dim, round(family.mutual_information, 4)
    (3, 0.7842)
    """

    name = "multivariate_clayton"
    truth = "closed form"
    source = "gamma frailty (Marshall & Olkin 1988); E log V = digamma(s) for V of shape s"

    def __init__(self, theta: ArrayLike | Tensor, p: int = 1, q: int = 1) -> None:
        theta = as_batch(theta, 0, "theta")
        if not bool(((theta > 0.0) & (theta <= _MAX_THETA)).all()):
            raise ValueError(
                f"theta must be positive and at most {_MAX_THETA:g}, got {theta.tolist()}; "
                "0 is Independent"
            )
        for name, dim in (("p", p), ("q", q)):
            if int(dim) != dim or dim < 1:
                raise ValueError(f"{name} must be a positive whole number, got {dim!r}")
        self._set(theta, int(p), int(q))

    def _set(self, theta: Any, p: int, q: int) -> None:
        self.theta = theta
        self._declare(p, q, _mutual_information(theta, p, q))

    @classmethod
    def supports(cls, p: int, q: int) -> bool:
        """Whether both sides have 1 to 64 columns."""
        return 1 <= p <= 64 and 1 <= q <= 64

    @classmethod
    def from_prior(
        cls,
        batch: int,
        p: int,
        q: int,
        generator: torch.Generator,
        rng: random.Random | None = None,
    ) -> Self:
        """Draw theta such that the MI follows the prior of the MI from 0.01 to 3 nats."""
        logs, values = _mi_table(p, q, generator.device)
        target = draw_target_mi(batch, generator, upper=_STRONGEST).clamp_min(0.01)
        family = cls.__new__(cls)
        family._set(parameter_with(target, logs, values), p, q)
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw x (B, n, p) and y (B, n, q), inside (0, 1)."""
        return self.draw_with_pointwise(n, generator, dtype)[:2]

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw the gamma variable, then the columns given it."""
        theta = self.theta[:, None, None]
        log_frailty = self._draw_log_frailty(n, generator).unsqueeze(-1)
        shape = (self.batch_size, n, self.x_dim + self.y_dim)
        waiting = -torch.log1p(-uniform(generator, *shape))
        log_terms = waiting.clamp_min(1e-300).log() - log_frailty
        columns = torch.exp(-torch.nn.functional.softplus(log_terms) / theta)
        columns = open_interval(columns, dtype)
        sums = (side.logsumexp(-1) for side in log_terms.split([self.x_dim, self.y_dim], -1))
        return *columns.split([self.x_dim, self.y_dim], -1), self._log_ratio(*sums).to(dtype)

    def _draw_log_frailty(self, n: int, generator: torch.Generator) -> Any:
        """Log V (B, n): that of shape a + 1 times a power of a uniform, which never underflows."""
        rate = self.theta.unsqueeze(-1)
        larger = gamma((1.0 + rate.reciprocal()).expand(-1, n).contiguous(), generator)
        power = uniform(generator, self.batch_size, n).clamp_min(1e-300).log()
        return larger.log() + rate * power

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Log ratio of the three Clayton densities, nats (B, n)."""
        return self._log_ratio(self._log_sum(x), self._log_sum(y)).to(x.dtype)

    def _log_sum(self, values: Any) -> Any:
        """Log of the sum of u^(-theta) - 1 over the columns."""
        scaled = -self.theta[:, None, None] * open_interval(values, torch.float64).log()
        # log(exp(s) - 1), with all digits at both ends.
        return (scaled + (-torch.expm1(-scaled)).log()).logsumexp(-1)

    def _log_ratio(self, log_x: Tensor, log_y: Tensor) -> Any:
        """Pointwise MI (B, n) from the logarithms of the sums of both sides."""
        a, (p, q) = self.theta.reciprocal().unsqueeze(-1), (self.x_dim, self.y_dim)
        softplus = torch.nn.functional.softplus
        alone = (p + a) * softplus(log_x) + (q + a) * softplus(log_y)
        return (
            _log_constant(a, p, q) + alone - (p + q + a) * softplus(torch.logaddexp(log_x, log_y))
        )

    def parameters(self) -> dict[str, Any]:
        """The parameter theta and the numbers of columns."""
        return {"theta": float(self.theta[0]), "p": self.x_dim, "q": self.y_dim}


def _steps(a: Tensor, p: int, q: int) -> Any:
    """The values a + i + j (..., p + q - 1) of i < p and j < q, and how often each appears."""
    k = torch.arange(p + q - 1, dtype=torch.float64, device=a.device)
    often = torch.minimum(k + 1.0, p + q - 1.0 - k).clamp_max(min(p, q))
    return a.unsqueeze(-1) + k, often


def _mutual_information(theta: Any, p: int, q: int) -> Any:
    """MI (B,): the formula in G as a sum of positive second differences, free of cancellation."""
    s, often = _steps(theta.reciprocal(), p, q)
    return (often * (torch.log1p(s.reciprocal()) - (s + 1.0).reciprocal())).sum(-1)


def _log_constant(a: Tensor, p: int, q: int) -> Any:
    """Log Gamma(a + p + q) Gamma(a) / (Gamma(a + p) Gamma(a + q))."""
    s, often = _steps(a, p, q)
    return (often * torch.log1p(s.reciprocal())).sum(-1)


@functools.lru_cache(maxsize=256)
def _mi_table(p: int, q: int, device: torch.device | str | None) -> Any:
    """Logarithms of theta and the MI at each, for p and q columns."""
    low, high = math.log(1e-5), math.log(_MAX_THETA)
    logs = torch.linspace(low, high, 600, dtype=torch.float64, device=device)
    return logs, _mutual_information(logs.exp(), p, q)
