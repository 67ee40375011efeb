"""The base of the Archimedean copulas of two uniform variables.

With a generator phi, C(u, v) = psi(phi(u) + phi(v)). Everything follows from two facts of
Genest & Rivest (1993): the share S = phi(u) / (phi(u) + phi(v)) is uniform, and independent of
the level T = C(u, v), which has the Kendall distribution K(t) = t - phi(t) / phi'(t).

A probability t is held as its depth -log t: unlike t itself, it keeps its digits at both ends.
"""

from __future__ import annotations

import functools
import math
import random
from abc import abstractmethod
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.family import Family, as_batch
from skmist.datasets.parts.random import open_interval, uniform
from skmist.datasets.parts.target import draw_target_mi, parameter_with

__all__ = ["ArchimedeanCopula"]

_MAX_THETA = 1e3


class ArchimedeanCopula(Family):
    """Base of the copulas with a generator; X and Y are uniform on (0, 1).

    The density of a pair is ``phi'(u) phi'(v) psi''(phi(T))``, a function of u, v and the level
    T = C(u, v), each with a known law, so the MI is a sum of one-dimensional integrals.

    Attributes
    ----------
    theta : Tensor of shape (B,), float64
        Parameter of the generator.
    weakest : float
        Value of theta at independence; larger is stronger.

    Raises
    ------
    ValueError
        If theta is outside the range of the copula.

    References
    ----------
    Genest & Rivest (1993), Statistical inference procedures for bivariate Archimedean copulas,
    Journal of the American Statistical Association 88.
    Nelsen (2006), An Introduction to Copulas, chapter 4.
    """

    truth = "quadrature"
    source = "Genest & Rivest 1993; Nelsen 2006, chapter 4"
    weakest = 0.0

    def __init__(self, theta: ArrayLike | Tensor) -> None:
        theta = as_batch(theta, 0, "theta")
        self._check(theta)
        self._set(theta)

    def _check(self, theta: Any) -> None:
        inside = (theta >= self.weakest) & (theta <= _MAX_THETA)
        if not bool(inside.all()):
            raise ValueError(
                f"theta must lie from {self.weakest:g} to {_MAX_THETA:g}, got {theta.tolist()}"
            )

    def _set(self, theta: Any) -> None:
        self.theta = theta
        self._declare(1, 1, self._mutual_information(theta.unsqueeze(-1)))

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
        """Draw theta such that the MI follows the prior of the MI from 0.01 to 3 nats."""
        logs, values = _mi_table(cls, generator.device)
        target = draw_target_mi(batch, generator, upper=3.0).clamp_min(0.01)
        family = cls.__new__(cls)
        family._set(cls.weakest + parameter_with(target, logs, values))
        return family

    # The generator, up to a constant factor, as functions of a depth x = -log t.

    @staticmethod
    @abstractmethod
    def _log_phi(x: Tensor, theta: Any) -> Any:
        """Log phi(t)."""

    @staticmethod
    @abstractmethod
    def _depth(log_phi: Tensor, theta: Any) -> Any:
        """The depth at which log phi(t) has a value."""

    @staticmethod
    @abstractmethod
    def _log_slope(x: Tensor, theta: Any) -> Any:
        """Log -phi'(t)."""

    @staticmethod
    @abstractmethod
    def _log_bend(x: Tensor, theta: Any) -> Any:
        """Log phi''(t) / (-phi'(t))^3, which is log psi'' at phi(t)."""

    @classmethod
    def _mutual_information(cls, theta: Any) -> Any:
        """Mean log density (B,) from theta (B, 1): the mean bend of T and two mean slopes."""
        s = torch.linspace(-40.0, 40.0, 1601, dtype=torch.float64, device=theta.device)
        x = torch.nn.functional.softplus(-s).expand(len(theta), -1)
        # The trapezoid rule in logit coordinates converges exponentially.
        width = torch.exp(-x) * torch.sigmoid(-s) * (s[1] - s[0])
        log_slope, log_bend = cls._log_slope(x, theta), cls._log_bend(x, theta)
        kendall_density = torch.exp(cls._log_phi(x, theta) + log_slope + log_bend)
        return (width * (kendall_density * log_bend + 2.0 * log_slope)).sum(-1).clamp_min(0.0)

    def _log_density(self, x: Tensor, y: Tensor) -> Any:
        """Log copula density at depths x and y (B, n)."""
        theta = self._strength()
        total = torch.logaddexp(self._log_phi(x, theta), self._log_phi(y, theta))
        bend = self._log_bend(_safe(self._depth(total, theta)), theta)
        return self._log_slope(x, theta) + self._log_slope(y, theta) + bend

    def _strength(self) -> Any:
        return self.theta.unsqueeze(-1)

    def _draw_level(self, n: int, generator: torch.Generator) -> Any:
        """Depths of the level T (B, n): the root of K(t) = w, from a table, then by Newton."""
        theta = self._strength()
        w = uniform(generator, self.batch_size, n)
        nodes = torch.linspace(-37.0, 37.0, 1025, dtype=w.dtype, device=w.device)
        table = self._kendall(nodes.expand(len(theta), -1), theta)[0].contiguous()
        right = torch.searchsorted(table, w).clamp(1, len(nodes) - 1)
        low, high = table.gather(-1, right - 1), table.gather(-1, right)
        share = (w - low) / (high - low).clamp_min(1e-300)
        logit = torch.lerp(nodes[right - 1], nodes[right], share.clamp(0.0, 1.0))
        for _ in range(3):
            value, slope = self._kendall(logit, theta)
            step = (w - value) / slope.clamp_min(1e-300)
            logit = torch.minimum(torch.maximum(logit + step, nodes[right - 1]), nodes[right])
        return torch.nn.functional.softplus(-logit)

    def _kendall(self, logit: Tensor, theta: Any) -> Any:
        """Distribution function of T and its derivative, by the logit of t."""
        x = torch.nn.functional.softplus(-logit)
        log_phi, log_slope = self._log_phi(x, theta), self._log_slope(x, theta)
        density = torch.exp(log_phi + log_slope + self._log_bend(x, theta))
        value = torch.exp(-x) + torch.exp(log_phi - log_slope)
        return value, density * torch.exp(-x) * torch.sigmoid(-logit)

    def _draw_depths(self, n: int, generator: torch.Generator) -> Any:
        theta = self._strength()
        log_phi = self._log_phi(_safe(self._draw_level(n, generator)), theta)
        logit = torch.logit(uniform(generator, self.batch_size, n).clamp_min(1e-300))
        shares = (torch.nn.functional.logsigmoid(side) for side in (logit, -logit))
        return tuple(_safe(self._depth(log_phi + share, theta)) for share in shares)

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw u and v, each (B, n, 1), inside (0, 1)."""
        return self.draw_with_pointwise(n, generator, dtype)[:2]

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw the share S and the level T; u, v and the log density follow from them."""
        x, y = self._draw_depths(n, generator)
        pmi = self._log_density(x, y)
        sides = torch.exp(-x), self._oriented(torch.exp(-y))
        return *(open_interval(u, dtype).unsqueeze(-1) for u in sides), pmi.to(dtype)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Log copula density of u and v, nats (B, n)."""
        inner = [open_interval(side[..., 0], torch.float64) for side in (x, y)]
        return self._log_density(-inner[0].log(), -self._oriented(inner[1]).log()).to(x.dtype)

    def _oriented(self, v: Tensor) -> Any:
        """Map v to 1 - v where the dependence is negative."""
        return v

    def parameters(self) -> dict[str, Any]:
        """The parameter theta."""
        return {"theta": float(self.theta[0])}


def _safe(depth: Any) -> Any:
    """Keep a depth where every generator is finite."""
    return depth.clamp(1e-300, 650.0)


@functools.lru_cache(maxsize=16)
def _mi_table(cls: Any, device: torch.device | str | None) -> Any:
    """Logarithms of theta above its weakest value, and the MI at each."""
    logs = torch.linspace(math.log(1e-2), math.log(1e3), 400, dtype=torch.float64)
    values = cls._mutual_information(cls.weakest + logs.exp().unsqueeze(-1))
    return logs.to(device), values.contiguous().to(device)
