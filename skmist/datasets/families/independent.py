"""Exact independence between X and Y."""

from __future__ import annotations

import random
from typing import Any, Self

import torch
from torch import Tensor

from skmist.datasets.parts.family import Family
from skmist.datasets.parts.mixing import random_mixing
from skmist.datasets.parts.random import (
    categorical,
    dirichlet,
    gamma,
    log_uniform,
    python_random,
    uniform,
)

__all__ = ["Independent"]

_MARGINS = ("normal", "uniform", "heavy", "clusters", "discrete")


class Independent(Family):
    """Independent X and Y: zero mutual information.

    Parameters
    ----------
    x_dim, y_dim : int
        Number of columns.
    x_margin, y_margin : {"normal", "uniform", "heavy", "clusters", "discrete"}
        What each side looks like: correlated Gaussian columns, independent uniform columns, a
        multivariate Student-t, a mixture of clusters, or independent columns of codes. A
        public object has independent columns and fixed parameters.

    Raises
    ------
    ValueError
        If a dimension is below 1 or a margin is unknown.

    Examples
    --------
    >>> Independent(2, 3).mutual_information
    0.0
    """

    name = "independent"
    source = "by construction"

    def __init__(
        self, x_dim: int = 1, y_dim: int = 1, x_margin: str = "normal", y_margin: str = "normal"
    ) -> None:
        for name, value in (("x_dim", x_dim), ("y_dim", y_dim)):
            if int(value) != value or value < 1:
                raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}")
        for name, margin in (("x_margin", x_margin), ("y_margin", y_margin)):
            if margin not in _MARGINS:
                raise ValueError(f"{name} must be one of {_MARGINS}, got {margin!r}")
        one = torch.ones(1, dtype=torch.float64)
        self._set(*(_fixed_side(*side, one) for side in ((x_dim, x_margin), (y_dim, y_margin))))

    def _set(self, x_side: Any, y_side: Any) -> None:
        self.x_side, self.y_side = x_side, y_side
        x_flags, y_flags = x_side.discrete, y_side.discrete
        zero = torch.zeros(x_side.batch, dtype=torch.float64, device=x_side.device)
        self._declare(x_side.dim, y_side.dim, zero, None, x_flags, y_flags)

    @classmethod
    def standard(cls, batch: int, p: int, q: int, generator: torch.Generator) -> Self:
        """Batch of independent standard normal columns.

        Parameters
        ----------
        batch, p, q : int
            Number of distributions, and of columns of X and of Y, which may be 0.
        generator : torch.Generator
            Its device is that of the result.

        Returns
        -------
        Independent
        """
        family = cls.__new__(cls)
        family._set(*(_normal_side(batch, dim, generator) for dim in (p, q)))
        return family

    @classmethod
    def supports(cls, p: int, q: int) -> bool:
        """Whether the numbers of columns are not negative: a side may be empty."""
        return p >= 0 and q >= 0

    @classmethod
    def from_prior(
        cls,
        batch: int,
        p: int,
        q: int,
        generator: torch.Generator,
        rng: random.Random | None = None,
        discrete: Any = True,
    ) -> Self:
        """Draw the margin of each side; without `discrete`, no side holds codes."""
        rng = rng or python_random(generator)
        family = cls.__new__(cls)
        family._set(*(_random_side(batch, dim, generator, rng, discrete) for dim in (p, q)))
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw x (B, n, p) and y (B, n, q), each side for itself."""
        return self.x_side.draw(n, generator, dtype), self.y_side.draw(n, generator, dtype)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Zeros (B, n)."""
        return torch.zeros(x.shape[:2], dtype=x.dtype, device=x.device)

    def parameters(self) -> dict[str, Any]:
        """The names of both margins."""
        return {"x_margin": self.x_side.margin, "y_margin": self.y_side.margin}


class _Side:
    """One side of an independent pair.

    Holds a mixing matrix (B, d, d), degrees of freedom (B,), cluster places (B, K, d) and
    weights (B, K); the margin says which of them are read.
    """

    def __init__(self, margin: Any, mixing: Any, dof: Any, centers: Any, weights: Any) -> None:
        self.margin, self.mixing, self.dof = margin, mixing, dof
        self.centers, self.weights = centers, weights
        self.batch, self.dim, self.device = len(mixing), mixing.shape[-1], mixing.device

    @property
    def discrete(self) -> tuple[bool, ...]:
        return (self.margin == "discrete",) * self.dim

    def draw(self, n: int, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
        shape = (self.batch, n, self.dim)
        if self.margin == "uniform":
            return uniform(generator, *shape, dtype=dtype)
        if self.margin == "discrete":
            codes = categorical(self.weights, n * self.dim, generator)
            return codes.view(shape).to(dtype)
        noise = torch.randn(shape, generator=generator, device=generator.device, dtype=dtype)
        x = noise @ self.mixing.mT.to(dtype)
        if self.margin == "heavy":
            half = (0.5 * self.dof).to(dtype).unsqueeze(-1).expand(-1, n).contiguous()
            return x * (half / gamma(half, generator).clamp_min(1e-12)).sqrt().unsqueeze(-1)
        if self.margin == "clusters":
            codes = categorical(self.weights, n, generator).unsqueeze(-1).expand(shape)
            x = x + self.centers.to(dtype).gather(1, codes)
        return x


def _fixed_side(dim: int, margin: Any, one: Any) -> Any:
    eye = torch.eye(int(dim), dtype=torch.float64).unsqueeze(0)
    centers = torch.linspace(-3.0, 3.0, 3).double()[None, :, None].expand(1, 3, int(dim))
    return _Side(margin, eye, 3.0 * one, centers, torch.full((1, 3), 1.0 / 3.0).double())


def _normal_side(batch: int, dim: int, generator: torch.Generator) -> Any:
    eye = torch.eye(dim, dtype=torch.float64, device=generator.device)
    return _Side("normal", eye.expand(batch, dim, dim), None, None, None)


def _random_side(
    batch: int, dim: int, generator: torch.Generator, rng: random.Random, discrete: Any
) -> Any:
    weights = (0.4, 0.15, 0.15, 0.15, 0.15) if discrete else (0.5, 0.2, 0.15, 0.15, 0.0)
    margin = rng.choices(_MARGINS, weights)[0]
    k = rng.randint(2, 10 if margin == "discrete" else 4)
    ones = torch.ones(batch, k, dtype=torch.float64, device=generator.device)
    centers = torch.randn(batch, k, dim, generator=generator, device=generator.device).double()
    separation = log_uniform(generator, batch, 1, 1, low=0.5, high=5.0)
    mixing = random_mixing(batch, dim, generator, rng) if dim else ones.new_ones(batch, 0, 0)
    dof = log_uniform(generator, batch, low=1.0, high=10.0)
    return _Side(margin, mixing, dof, separation * centers, dirichlet(2.0 * ones, generator))
