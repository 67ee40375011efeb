"""Regression with several outputs: every column of Y reads the same function of X."""

from __future__ import annotations

import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.families.regression import (
    MultiIndexRegression,
    Regression,
    SingleIndexRegression,
)
from skmist.datasets.parts.family import Family, as_batch
from skmist.datasets.parts.mixing import random_mixing
from skmist.datasets.parts.random import log_uniform, orthogonal, python_random

__all__ = ["MultiOutputRegression"]


class MultiOutputRegression(Family):
    """Y = M (r, e), where r is the response of a regression and e standard normal noise.

    Column j of Y is ``M[j, 0] f(X)`` plus noise that is dependent between columns with
    covariance ``M diag(sigma^2, 1, ..., 1) M^T``. With M orthogonal times
    ``diag(1, sigma, ..., sigma)`` the noises are independent with one spread. Given r, the
    rest of Y says nothing about X, so MI and pointwise MI are those of X and r.

    Parameters
    ----------
    base : Regression
        Regression with one output, such as `SingleIndexRegression`.
    y_mixing : array-like of shape (q, q) or (B, q, q)
        Invertible matrix M.

    Raises
    ------
    ValueError
        If `base` is not a regression, or the matrix is not square, singular, or made for
        another number of distributions.

    Examples
    --------
    >>> import torch
    >>> from skmist.datasets import SingleIndexRegression
    >>> base = SingleIndexRegression(torch.sin, 0.2)
    >>> family = MultiOutputRegression(base, [[0.8, 0.6], [0.6, -0.8]])
    >>> family.y_dim, family.mutual_information == base.mutual_information
    (2, True)
    """

    name = "multi_output_regression"
    truth = "that of the regression with one output"
    source = "sufficiency: (Y, X) depend through one projection of Y"

    def __init__(self, base: Any, y_mixing: ArrayLike | Tensor) -> None:
        if not isinstance(base, Regression):
            raise ValueError(f"base must be a Regression, got {type(base).__name__}")
        y_mixing = as_batch(y_mixing, 2, "y_mixing")
        if y_mixing.shape[-1] != y_mixing.shape[-2]:
            raise ValueError(f"y_mixing must be square, got shape {tuple(y_mixing.shape[1:])}")
        if not bool((torch.linalg.cond(y_mixing) < 1e12).all()):
            raise ValueError("y_mixing must be invertible; its condition number exceeds 1e12")
        if y_mixing.shape[0] not in (1, base.batch_size):
            raise ValueError(
                f"y_mixing holds {y_mixing.shape[0]} matrices for {base.batch_size} "
                "distributions; give 1 or as many"
            )
        self._set(base, y_mixing)

    def _set(self, base: Any, y_mixing: Any) -> None:
        self.base, self.y_mixing = base, y_mixing
        self.y_inverse = torch.linalg.inv_ex(y_mixing)[0]
        self._declare(base.x_dim, y_mixing.shape[-1], base.mi, base.mi_standard_error)

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
        """Draw a regression and spread it over q columns, two times in three by a rotation."""
        rng = rng or python_random(generator)
        several = p > 1 and rng.random() < 0.5
        kind = MultiIndexRegression if several else SingleIndexRegression
        base = kind.from_prior(batch, p, 1, generator, rng)
        family = cls.__new__(cls)
        family._set(base, _random_outputs(base, batch, q, generator, rng))
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw x (B, n, p) and y (B, n, q)."""
        x, response = self.base.draw(n, generator, dtype)
        return x, self._spread_out(response, generator)

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw as `draw` does, with the pointwise MI of x and the response."""
        x, response, pmi = self.base.draw_with_pointwise(n, generator, dtype)
        return x, self._spread_out(response, generator), pmi

    def _spread_out(self, response: Any, generator: torch.Generator) -> Any:
        shape = (*response.shape[:2], self.y_dim - 1)
        noise = torch.randn(
            shape, generator=generator, device=generator.device, dtype=response.dtype
        )
        return torch.cat([response, noise], -1) @ self.y_mixing.mT.to(response.dtype)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI of x and the response M^-1 y holds first, nats (B, n)."""
        response = y.double() @ self.y_inverse[..., :1, :].mT
        return self.base.log_ratio(x.double(), response).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The regression with one output, and the matrix M."""
        return {"base": self.base.describe(), "y_mixing": self.y_mixing[0].cpu().numpy()}


def _random_outputs(
    base: Any, batch: int, q: int, generator: torch.Generator, rng: random.Random
) -> Any:
    """Matrices M (B, q, q): a rotation with noises of one spread, or any dependence."""
    if q == 1:
        return torch.ones(batch, 1, 1, dtype=torch.float64, device=generator.device)
    level = base.noise_level.unsqueeze(-1) * log_uniform(generator, batch, 1, low=0.7, high=1.5)
    scales = torch.cat([torch.ones_like(level), level.expand(-1, q - 1)], -1)
    if rng.random() < 2.0 / 3.0:
        return orthogonal(batch, q, generator) * scales.unsqueeze(1)
    return random_mixing(batch, q, generator, rng) * scales.unsqueeze(1)
