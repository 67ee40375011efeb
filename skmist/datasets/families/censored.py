"""A Gaussian pair with both columns cut off at a threshold."""

from __future__ import annotations

import math
import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.family import Family, as_batch, as_correlations
from skmist.datasets.parts.pair import draw_correlations, draw_pair, gaussian_log_ratio
from skmist.datasets.parts.random import uniform
from skmist.datasets.parts.target import draw_target_mi

__all__ = ["CensoredGaussian"]

_MAX_THRESHOLD = 8.0


class CensoredGaussian(Family):
    """X = max(U, a) and Y = max(V, b) of a standard normal pair (U, V) with correlation rho.

    Both columns are flagged continuous and tie at their threshold. With Phi the normal
    distribution function and s^2 = 1 - rho^2, the Radon-Nikodym derivative is
    P(U <= a, V <= b) / (Phi(a) Phi(b)) where both tie, Phi((a - rho y) / s) / Phi(a) where only
    X does, likewise where only Y does, and that of the Gaussian pair elsewhere.

    Parameters
    ----------
    rho : float or array-like of shape (B,)
        Correlation, strictly between -1 and 1.
    x_threshold, y_threshold : float or array-like of shape (B,), default=0.0
        The thresholds a and b, from -8 (nothing ties) to 8.

    Raises
    ------
    ValueError
        If a parameter lies outside its range.

    Notes
    -----
    The MI is exact to 1e-6 nats up to abs(rho) = 0.9999 and to 1e-3 nats beyond.

    References
    ----------
    Tobin (1958), Estimation of relationships for limited dependent variables, Econometrica 26.

    Examples
    --------
    >>> round(CensoredGaussian(0.8).mutual_information, 4)
    0.3464
    """

    name = "censored_gaussian"
    truth = "quadrature"
    source = "Gao et al. 2017; Tobin 1958"

    def __init__(
        self,
        rho: ArrayLike | Tensor,
        x_threshold: ArrayLike | Tensor = 0.0,
        y_threshold: ArrayLike | Tensor = 0.0,
    ) -> None:
        rho = as_correlations(rho)
        thresholds = (
            as_batch(x_threshold, 0, "x_threshold"),
            as_batch(y_threshold, 0, "y_threshold"),
        )
        for value in thresholds:
            if bool((value.abs() > _MAX_THRESHOLD).any()):
                raise ValueError(
                    f"thresholds must lie from -{_MAX_THRESHOLD:g} to {_MAX_THRESHOLD:g}, "
                    f"got {value.tolist()}"
                )
        self._set(*torch.broadcast_tensors(rho, *thresholds))

    def _set(self, rho: Any, a: Tensor, b: Tensor) -> None:
        self.rho, self.x_threshold, self.y_threshold = rho, a, b
        rho, a, b = (value.unsqueeze(-1) for value in (rho, a, b))
        self._tied = _both_tied(rho, a, b)
        self._declare(1, 1, _censored_mi(rho, a, b, self._tied))

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
        """Draw thresholds below which 2 % to 80 % of each side lie."""
        target = draw_target_mi(batch, generator, upper=3.0)
        rho = draw_correlations(target, generator)
        tied = uniform(generator, 2, batch, low=0.02, high=0.8)
        family = cls.__new__(cls)
        family._set(rho, *torch.special.ndtri(tied))
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw Gaussian pairs and cut them off: x and y, each (B, n, 1)."""
        u, v = draw_pair(self.rho, n, generator)
        x = torch.maximum(u, self.x_threshold.unsqueeze(-1))
        y = torch.maximum(v, self.y_threshold.unsqueeze(-1))
        return x.to(dtype).unsqueeze(-1), y.to(dtype).unsqueeze(-1)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Log Radon-Nikodym derivative, nats (B, n), by which of the two columns tie."""
        x64, y64, rho = x[..., 0].double(), y[..., 0].double(), self.rho.unsqueeze(-1)
        a, b = self.x_threshold.unsqueeze(-1), self.y_threshold.unsqueeze(-1)
        # A threshold rounded to the type of the rows still counts as one.
        x_tied, y_tied = x64 <= a.to(x.dtype).double(), y64 <= b.to(y.dtype).double()
        ratio = gaussian_log_ratio(x64, y64, rho)
        ratio = torch.where(y_tied, _one_tied(x64, rho, b), ratio)
        ratio = torch.where(x_tied, _one_tied(y64, rho, a), ratio)
        both = self._tied - torch.special.log_ndtr(a) - torch.special.log_ndtr(b)
        return torch.where(x_tied & y_tied, both, ratio).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The correlation and both thresholds."""
        return {
            "rho": float(self.rho[0]),
            "x_threshold": float(self.x_threshold[0]),
            "y_threshold": float(self.y_threshold[0]),
        }


def _one_tied(free: Tensor, rho: Any, threshold: Tensor) -> Any:
    """Log P(V <= threshold | U = free) / P(V <= threshold)."""
    at = _standardized(threshold, rho, free)
    return torch.special.log_ndtr(at) - torch.special.log_ndtr(threshold)


def _both_tied(rho: Any, a: Tensor, b: Tensor) -> Any:
    """Log P(U <= a, V <= b), (B, 1), by Simpson's rule over U."""
    u, width = _simpson(torch.full_like(a, -9.5), a)
    log_values = _log_normal(u) + torch.special.log_ndtr(_standardized(b, rho, u))
    return torch.logsumexp(log_values + width.log(), -1, keepdim=True)


def _censored_mi(rho: Any, a: Tensor, b: Tensor, both_tied: Tensor) -> Any:
    """MI (B,): both sides tied, one of them, none."""
    log_a, log_b = torch.special.log_ndtr(a), torch.special.log_ndtr(b)
    total = (both_tied.exp() * (both_tied - log_a - log_b))[..., 0]
    for free, tied in ((a, b), (b, a)):
        u, width = _simpson(free, torch.full_like(free, 9.5))
        ratio = _one_tied(u, rho, tied)
        weight = _log_normal(u) + ratio + torch.special.log_ndtr(tied)
        total = total + (width * weight.exp() * ratio).sum(-1)
    u, width = _simpson(a, torch.full_like(a, 9.5))
    return (total + (width * _log_normal(u).exp() * _free_ratio(u, rho, b)).sum(-1)).clamp_min(0.0)


def _free_ratio(u: Tensor, rho: Any, b: Tensor) -> Any:
    """E of the Gaussian log ratio given U = u on V > b, times P(V > b | U = u)."""
    spread = (1.0 - rho.square()).sqrt()
    low = _standardized(b, rho, u)
    mass, density = torch.special.ndtr(-low), _log_normal(low).exp()
    # V = rho u + spread e with e > low: moments of e, cut at low.
    first, second = density, mass + low * density
    # The form of the ratio is e^2 - v^2 in these terms.
    v_square = (rho * u).square() * mass + 2.0 * rho * u * spread * first
    v_square = v_square + spread.square() * second
    return 0.5 * (v_square - second) - spread.log() * mass


def _standardized(threshold: Tensor, rho: Any, u: Tensor) -> Any:
    return (threshold - rho * u) / (1.0 - rho.square()).sqrt()


def _log_normal(u: Tensor) -> Any:
    return -0.5 * u.square() - 0.5 * math.log(2.0 * math.pi)


def _simpson(low: Any, high: Any, intervals: Any = 2048) -> Any:
    """Nodes and weights (B, intervals + 1) of Simpson's rule between bounds (B, 1)."""
    index = torch.arange(intervals + 1, dtype=torch.float64, device=low.device)
    weights = 2.0 + 2.0 * (index % 2)
    weights[0] = weights[-1] = 1.0
    step = (high - low) / intervals
    return low + step * index, step * weights / 3.0
