"""A number around the mean of its group, with few or very many groups."""

from __future__ import annotations

import math
import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.families.label_channel import draw_shares
from skmist.datasets.parts.density_grid import convolved_density
from skmist.datasets.parts.family import Family, as_batch
from skmist.datasets.parts.random import categorical, log_uniform, normal, python_random, uniform

__all__ = ["GroupMeans"]

_MOST_GROUPS = 300
# The grid of the density resolves the noise where it is above a 1,200th of the range of means.
_LEAST_NOISE = 1e-3
_NODES = 4096


class GroupMeans(Family):
    """A label x of K groups, such as a shop, a city or a user, and y = mean[x] + noise.

    I = H(Y) - H(noise), where Y is a mixture of K Gaussians of equal spread.

    Parameters
    ----------
    means : array-like of shape (K,) or (B, K)
    noise : float or array-like of shape (B,), default=1.0
        Standard deviation within a group, above a 1,000th of the range of the means.
    weights : array-like of shape (K,) or (B, K), optional
        Positive probabilities of the groups; normalised to sum 1. Equal when left out.

    Raises
    ------
    ValueError
        If the noise is too small, a probability is not positive, or shapes disagree.

    Examples
    --------
    >>> round(GroupMeans([-3.0, 3.0], 1.0).mutual_information, 3)
    0.689
    """

    name = "group_means"
    truth = "quadrature"
    source = "I = H(Y) - H(noise)"

    def __init__(
        self,
        means: ArrayLike | Tensor,
        noise: ArrayLike | Tensor = 1.0,
        weights: ArrayLike | Tensor | None = None,
    ) -> None:
        means, noise = as_batch(means, 1, "means"), as_batch(noise, 0, "noise")
        weights = torch.ones_like(means) if weights is None else as_batch(weights, 1, "weights")
        if weights.shape[-1] != means.shape[-1]:
            raise ValueError(
                f"means and weights must be of one length, got {means.shape[-1]} and "
                f"{weights.shape[-1]}"
            )
        if bool((weights <= 0.0).any()):
            raise ValueError("weights must be positive")
        span = means.amax(-1) - means.amin(-1)
        if not bool((noise > _LEAST_NOISE * span).all()) or not bool((noise > 0.0).all()):
            raise ValueError(
                f"noise must be above {_LEAST_NOISE} of the range of the means, got "
                f"{noise.tolist()} and {span.tolist()}"
            )
        batch = max(len(t) for t in (means, noise, weights))
        self._set(means.expand(batch, -1), noise.expand(batch), weights.expand(batch, -1))

    def _set(self, means: Tensor, noise: Tensor, weights: Tensor) -> None:
        self.means, self.noise = means, noise
        self.weights = weights / weights.sum(-1, keepdim=True)
        self.density, _ = convolved_density(means, self.weights, noise, size=_NODES)
        self.log_peak = -(noise.log() + 0.5 * math.log(2.0 * math.pi))
        mi = self.density.entropy + self.log_peak - 0.5
        self._declare(1, 1, mi.clamp_min(0.0), None, (True,))

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
        """Draw 2 to 300 groups, more often many; normal, skewed, uniform or few distinct means."""
        rng = rng or python_random(generator)
        least = 2 if rng.random() < 0.4 else 20
        k = round(math.exp(rng.uniform(math.log(least), math.log(_MOST_GROUPS))))
        means = _MEANS[rng.choice(tuple(_MEANS))](batch, k, generator)
        weights = draw_shares(batch, k, generator, rng)
        weights = weights / weights.sum(-1, keepdim=True)
        center = (weights * means).sum(-1, keepdim=True)
        spread = (weights * (means - center).square()).sum(-1).sqrt()
        noise = spread * log_uniform(generator, batch, low=0.03, high=6.0)
        floor = 2.0 * _LEAST_NOISE * (means.amax(-1) - means.amin(-1)) + 1e-6
        family = cls.__new__(cls)
        family._set(means, noise.maximum(floor), weights)
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw groups x and numbers y, each (B, n, 1)."""
        codes = categorical(self.weights, n, generator)
        y = self.means.gather(-1, codes)
        y = y + self.noise.unsqueeze(-1) * normal(generator, self.batch_size, n)
        return codes.to(dtype).unsqueeze(-1), y.to(dtype).unsqueeze(-1)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """log p(y | x) - log p(y), nats (B, n)."""
        means, at = self.means.gather(-1, x[..., 0].long()), y[..., 0].double()
        deviation = (at - means) / self.noise.unsqueeze(-1)
        given = self.log_peak.unsqueeze(-1) - 0.5 * deviation.square()
        return (given - self.density.log_at(at)).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The number of groups, and the noise."""
        return {"groups": self.means.shape[-1], "noise": float(self.noise[0])}


def _few_distinct(batch: int, k: int, generator: torch.Generator) -> Tensor:
    """Most groups alike, the others apart."""
    apart = uniform(generator, batch, k) < uniform(generator, batch, 1, low=0.05, high=0.6)
    return apart * normal(generator, batch, k)


_MEANS = {
    "normal": lambda batch, k, generator: normal(generator, batch, k),
    "skewed": lambda batch, k, generator: normal(generator, batch, k).exp(),
    "uniform": lambda batch, k, generator: uniform(generator, batch, k),
    "few distinct": _few_distinct,
}
