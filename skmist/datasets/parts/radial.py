"""Invertible maps that leave every point on its axes or its ray: reflections and profiles."""

from __future__ import annotations

import math
import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.family import as_batch
from skmist.datasets.parts.maps import InvertibleMap
from skmist.datasets.parts.monotone import solve_increasing
from skmist.datasets.parts.random import log_uniform, signs, uniform

__all__ = ["RadialProfile", "Reflection"]

# r (1 + a tanh(b r)) increases for every a above -0.833.
_LOWEST_GAIN = -0.8


class Reflection(InvertibleMap):
    """Change the sign of some columns: a copula is turned by 90, 180 or 270 degrees.

    Parameters
    ----------
    signs : array-like of shape (d,) or (B, d)
        1 or -1 for every column.

    Raises
    ------
    ValueError
        If an entry is neither 1 nor -1.

    Examples
    --------
    >>> Reflection([1.0, -1.0]).forward(torch.tensor([[[2.0, 3.0]]])).tolist()
    [[[2.0, -3.0]]]
    """

    def __init__(self, signs: ArrayLike | Tensor) -> None:
        self.signs = as_batch(signs, 1, "signs")
        if not bool((self.signs.abs() == 1.0).all()):
            raise ValueError(f"signs must be 1 or -1, got {self.signs.tolist()}")

    @classmethod
    def from_prior(
        cls, batch: int, dim: int, generator: torch.Generator, rng: random.Random
    ) -> Self:
        """Fair signs for every column, or one sign for all columns."""
        drawn = cls.__new__(cls)
        count = dim if rng.random() < 0.5 else 1
        drawn.signs = signs(generator, batch, count).expand(batch, dim)
        return drawn

    def forward(self, x: Tensor) -> Tensor:
        """Change the signs of x (B, n, d)."""
        return x * self.signs.unsqueeze(1).to(x.dtype)

    def inverse(self, x: Tensor) -> Tensor:
        """The same: a reflection undoes itself."""
        return self.forward(x)


class RadialProfile(InvertibleMap):
    """``x -> x (1 + gain tanh(rate |x| / sqrt(d)))``: scaled otherwise near 0 than far out.

    Every point stays on its ray; the norm, a strictly increasing function of the old one, is
    inverted by bisection.

    Parameters
    ----------
    gain : float or array-like of shape (B,)
        Scale far out less that at the origin, at least -0.8.
    rate : float or array-like of shape (B,)
        How fast the scale changes with the norm, > 0.

    Raises
    ------
    ValueError
        If a parameter lies outside its range.

    Examples
    --------
    >>> profile = RadialProfile(gain=1.0, rate=2.0)
    >>> x = torch.tensor([[[0.5], [-3.0]]], dtype=torch.float64)
    >>> profile.inverse(profile.forward(x)).round(decimals=9).flatten().tolist()
    [0.5, -3.0]
    """

    def __init__(self, gain: ArrayLike | Tensor, rate: ArrayLike | Tensor) -> None:
        gain, rate = as_batch(gain, 0, "gain"), as_batch(rate, 0, "rate")
        if bool((gain < _LOWEST_GAIN).any()):
            raise ValueError(
                f"gain must be at least {_LOWEST_GAIN}, below which points would fold onto "
                f"each other; got {gain.tolist()}"
            )
        if bool((rate <= 0.0).any()):
            raise ValueError(f"rate must be positive, got {rate.tolist()}")
        self.gain, self.rate = torch.broadcast_tensors(gain, rate)

    @classmethod
    def from_prior(
        cls, batch: int, dim: int, generator: torch.Generator, rng: random.Random
    ) -> Self:
        """Gains from -0.8 to 4 and rates from 0.3 to 3."""
        drawn = cls.__new__(cls)
        shrink = uniform(generator, batch, low=_LOWEST_GAIN, high=-0.2)
        grow = log_uniform(generator, batch, low=0.3, high=4.0)
        drawn.gain = torch.where(uniform(generator, batch) < 0.5, shrink, grow)
        drawn.rate = log_uniform(generator, batch, low=0.3, high=3.0)
        return drawn

    def _factor(self, ratio: Tensor) -> Any:
        gain, rate = (value.to(ratio.dtype)[:, None, None] for value in (self.gain, self.rate))
        return 1.0 + gain * torch.tanh(rate * ratio)

    def forward(self, x: Tensor) -> Tensor:
        """Scale every row of x (B, n, d) by its norm."""
        return x * self._factor(_relative_norm(x))

    def inverse(self, x: Tensor) -> Tensor:
        """Find the norm before by bisection, and scale x (B, n, d) back."""
        image = _relative_norm(x).double()
        far = image / (1.0 + self.gain[:, None, None])
        ratio = solve_increasing(
            lambda r: r * self._factor(r),
            image,
            torch.minimum(image, far),
            torch.maximum(image, far),
        )
        return x / self._factor(ratio).to(x.dtype)


def _relative_norm(x: Tensor) -> Any:
    return x.norm(dim=-1, keepdim=True) / math.sqrt(x.shape[-1])
