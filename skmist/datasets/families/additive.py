"""Y = X + noise where the signal or the noise is uniform."""

from __future__ import annotations

import functools
import math
import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.family import Family, as_batch
from skmist.datasets.parts.laws import LAWS
from skmist.datasets.parts.random import python_random, uniform
from skmist.datasets.parts.target import draw_target_mi, parameter_with

__all__ = ["AdditiveNoise", "AdditiveUniform"]


class AdditiveUniform(Family):
    """Y = X + N with X ~ U(0, 1) and N ~ U(-epsilon, epsilon).

    I = epsilon - log(2 epsilon) for epsilon <= 1/2 and 1 / (4 epsilon) above.

    Parameters
    ----------
    epsilon : float or array-like of shape (B,)
        Half width of the noise, > 0.

    Raises
    ------
    ValueError
        If epsilon is not positive.

    References
    ----------
    Czyz et al. (2023), Beyond Normal, NeurIPS.

    Examples
    --------
    >>> AdditiveUniform(0.75).mutual_information
    0.3333333333333333
    """

    name = "additive_uniform"
    source = "Czyz et al. 2023"

    def __init__(self, epsilon: ArrayLike | Tensor) -> None:
        epsilon = as_batch(epsilon, 0, "epsilon")
        if bool((epsilon <= 0.0).any()):
            raise ValueError(f"epsilon must be positive, got {epsilon.tolist()}")
        self._set(epsilon)

    def _set(self, epsilon: Tensor) -> None:
        self.epsilon = epsilon
        narrow = epsilon - torch.log(2.0 * epsilon)
        self._declare(1, 1, torch.where(epsilon <= 0.5, narrow, 0.25 / epsilon))

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
        """Draw epsilon such that the MI follows the prior of the MI, from 0.001 nats."""
        target = draw_target_mi(batch, generator).clamp_min(1e-3)
        # Newton for epsilon - log(2 epsilon) = target; the map is convex, so it converges
        # from the left.
        epsilon = 0.5 * torch.exp(-target.clamp_min(0.5))
        for _ in range(8):
            gap = epsilon - torch.log(2.0 * epsilon) - target
            epsilon = (epsilon + gap * epsilon / (1.0 - epsilon)).clamp(1e-9, 0.5)
        family = cls.__new__(cls)
        family._set(torch.where(target < 0.5, 0.25 / target, epsilon))
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw x and y = x + N, each (B, n, 1)."""
        u = uniform(generator, self.batch_size, n, 2, dtype=dtype)
        x = u[..., :1]
        epsilon = self.epsilon.to(dtype)[:, None, None]
        return x, x + epsilon * (2.0 * u[..., 1:] - 1.0)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI, nats (B, n): minus the log length of the x that y leaves possible."""
        epsilon = self.epsilon.unsqueeze(-1)
        value = y[..., 0].double()
        low, high = (value - epsilon).clamp_min(0.0), (value + epsilon).clamp_max(1.0)
        # p(y | x) = 1 / (2 epsilon) and p(y) = (high - low) / (2 epsilon).
        return -torch.log((high - low).clamp_min(1e-9)).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The half width epsilon."""
        return {"epsilon": float(self.epsilon[0])}


class AdditiveNoise(Family):
    """Y = X + N where one of the two is U(0, 1) and the other a scaled law.

    With F the distribution function of the law and s its scale, the density of Y is
    F(y / s) - F((y - 1) / s), and I = h(Y) - h(N). h(Y) is a one-dimensional quadrature.

    Parameters
    ----------
    scale : float or array-like of shape (B,)
        Scale s > 0 of the law.
    law : {"exponential", "gumbel", "laplace", "logistic", "normal"}, default="normal"
        The law of the other part.
    uniform_noise : bool, default=False
        Whether N is uniform and X follows the law; the other way round by default.

    Raises
    ------
    ValueError
        If scale is not positive or the law is unknown.

    References
    ----------
    Cover & Thomas (2006), Elements of Information Theory, section 8.5.

    Examples
    --------
    >>> round(AdditiveNoise(0.1, "laplace").mutual_information, 3)
    0.864
    """

    name = "additive_noise"
    truth = "quadrature"
    source = "I(X; X + N) = h(X + N) - h(N)"

    def __init__(
        self, scale: ArrayLike | Tensor, law: Any = "normal", uniform_noise: bool = False
    ) -> None:
        scale = as_batch(scale, 0, "scale")
        if bool((scale <= 0.0).any()):
            raise ValueError(f"scale must be positive, got {scale.tolist()}")
        if law not in LAWS:
            raise ValueError(f"law must be one of {sorted(LAWS)}, got {law!r}")
        self._set(scale, law, bool(uniform_noise))

    def _set(self, scale: Any, law: Any, uniform_noise: bool) -> None:
        self.scale, self.law, self.uniform_noise = scale, law, uniform_noise
        self._declare(1, 1, _additive_mi(scale, law, uniform_noise))

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
        """Draw a law, which part is uniform, and a scale for each MI from the prior of the MI."""
        rng = rng or python_random(generator)
        law, uniform_noise = rng.choice(sorted(LAWS)), rng.random() < 0.5
        logs, values = _mi_table(law, uniform_noise, generator.device)
        target = draw_target_mi(batch, generator)
        family = cls.__new__(cls)
        family._set(parameter_with(target, logs, values), law, uniform_noise)
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw x and y = x + N, each (B, n, 1)."""
        u = uniform(generator, self.batch_size, n, 2, dtype=dtype)
        tiny = torch.finfo(dtype).eps
        other = LAWS[self.law].quantile(u[..., 1:].clamp(tiny, 1.0 - tiny))
        other = other * self.scale.to(dtype)[:, None, None]
        return (other if self.uniform_noise else u[..., :1]), u[..., :1] + other

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI, nats (B, n): log p_N(y - x) - log p_Y(y), both closed form."""
        x64, y64, scale = x[..., 0].double(), y[..., 0].double(), self.scale.unsqueeze(-1)
        marginal = _log_density_of_sum(y64, scale, self.law)
        if self.uniform_noise:
            return (-marginal).to(x.dtype)
        conditional = LAWS[self.law].log_density((y64 - x64) / scale) - scale.log()
        return (conditional - marginal).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The scale, the law, and whether it is the noise that is uniform."""
        return {
            "scale": float(self.scale[0]),
            "law": self.law,
            "uniform_noise": self.uniform_noise,
        }


def _log_density_of_sum(y: Tensor, scale: Any, law: Any) -> Any:
    """Log density of U(0, 1) + scale * law at y: a difference of distribution functions."""
    return LAWS[law].log_mass((y - 1.0) / scale, y / scale)


def _additive_mi(scale: Any, law: Any, uniform_noise: bool, size: Any = 1024) -> Any:
    """I(X; X + N) (B,) by the trapezoid rule for the entropy of the sum, nats."""
    low, high = LAWS[law].support
    t = torch.linspace(-1.0, 1.0, size, dtype=torch.float64, device=scale.device)
    # Nodes crowd around both edges of the uniform, where the density bends on the scale s.
    edge = torch.sinh(4.0 * t) / math.sinh(4.0)
    edge = torch.where(edge < 0.0, -edge * low, edge * high) * scale.unsqueeze(-1)
    inner = (0.5 + 0.5 * t).expand_as(edge)
    nodes = torch.cat([edge, edge + 1.0, inner], -1).sort(-1).values
    log_p = _log_density_of_sum(nodes, scale.unsqueeze(-1), law)
    entropy = -torch.trapezoid(log_p.exp() * log_p, nodes)
    if uniform_noise:
        return entropy.clamp_min(0.0)
    return (entropy - LAWS[law].entropy - scale.log()).clamp_min(0.0)


@functools.lru_cache(maxsize=32)
def _mi_table(law: Any, uniform_noise: bool, device: torch.device | str | None) -> Any:
    """Logarithms of scales and the MI at each, ordered by increasing MI."""
    logs = torch.linspace(math.log(2e-3), math.log(2e3), 400, dtype=torch.float64)
    values = _additive_mi(logs.exp(), law, uniform_noise)
    order = values.argsort()
    return logs[order].to(device), values[order].contiguous().to(device)
