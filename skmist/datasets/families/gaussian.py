"""Jointly Gaussian families."""

from __future__ import annotations

import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.canonical import CanonicalPairs, random_pairs
from skmist.datasets.parts.family import Family, as_batch, as_correlations
from skmist.datasets.parts.random import python_random

__all__ = ["CorrelatedGaussian", "Gaussian", "check_covariance"]


class Gaussian(Family):
    """Jointly Gaussian X and Y with any covariance.

    I(X; Y) = -1/2 sum_k log(1 - rho_k^2) over the canonical correlations rho_k.

    Parameters
    ----------
    covariance : array-like of shape (p + q, p + q) or (B, p + q, p + q)
        Positive definite covariance of (X, Y).
    p : int, default=1
        Number of columns of X.

    Raises
    ------
    ValueError
        If the covariance is not symmetric positive definite or p does not split it.

    References
    ----------
    Cover & Thomas (2006), Elements of Information Theory, section 8.4.

    Examples
    --------
    >>> family = Gaussian([[1.0, 0.5], [0.5, 1.0]])
    >>> round(family.mutual_information, 4)
    0.1438
    """

    name = "gaussian"
    source = "Cover & Thomas 2006, section 8.4"

    def __init__(self, covariance: ArrayLike | Tensor, p: int = 1) -> None:
        covariance = check_covariance(covariance, p)
        self._set_pairs(CanonicalPairs.from_covariance(covariance, p))

    def _set_pairs(self, pairs: Any) -> None:
        self.pairs = pairs
        self._declare(pairs.x_mixing.shape[-1], pairs.y_mixing.shape[-1], pairs.mi)

    @classmethod
    def from_pairs(cls, pairs: CanonicalPairs) -> Self:
        """Build from the canonical form of B covariances.

        Parameters
        ----------
        pairs : CanonicalPairs

        Returns
        -------
        Gaussian
        """
        family = cls.__new__(cls)
        family._set_pairs(pairs)
        return family

    @classmethod
    def supports(cls, p: int, q: int) -> bool:
        """Whether each side has a column at least."""
        return p >= 1 and q >= 1

    @classmethod
    def from_prior(
        cls,
        batch: int,
        p: int,
        q: int,
        generator: torch.Generator,
        rng: random.Random | None = None,
    ) -> Gaussian:
        """Draw canonical correlations and mixings; the MI follows the prior of blocks."""
        rng = rng or python_random(generator)
        return Gaussian.from_pairs(random_pairs(batch, p, q, generator, rng))

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw x (B, n, p) and y (B, n, q)."""
        u, v, _ = self.pairs.draw(n, generator, dtype)
        return self.pairs.mix(u, v)

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw canonical variates, from which rows and pointwise MI follow."""
        u, v, e = self.pairs.draw(n, generator, dtype)
        return *self.pairs.mix(u, v), self._from_variates(v, e)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI from the canonical variates of x and y, nats (B, n)."""
        _, v, e = self.pairs.unmix(x, y)
        return self._from_variates(v, e).to(x.dtype)

    def _from_variates(self, v: Tensor, e: Tensor) -> Any:
        return self.mi.to(v.dtype).unsqueeze(-1) - 0.5 * (e.square() - v.square()).sum(-1)

    def parameters(self) -> dict[str, Any]:
        """The covariance of (X, Y) and the number of columns of X."""
        return {"covariance": self.pairs.covariance()[0].cpu().numpy(), "p": self.x_dim}


class CorrelatedGaussian(Gaussian):
    """Two standard normal variables with correlation rho: I = -log(1 - rho^2) / 2.

    Parameters
    ----------
    rho : float or array-like of shape (B,)
        Correlation, -1 < rho < 1.

    Raises
    ------
    ValueError
        If rho is outside (-1, 1).

    Examples
    --------
    >>> round(CorrelatedGaussian(0.9).mutual_information, 4)
    0.8304
    """

    name = "correlated_gaussian"

    def __init__(self, rho: ArrayLike | Tensor) -> None:
        rho = as_correlations(rho)
        one = torch.ones(len(rho), 1, 1, dtype=torch.float64, device=rho.device)
        self._set_pairs(CanonicalPairs(one, one, rho.unsqueeze(-1)))

    @classmethod
    def supports(cls, p: int, q: int) -> bool:
        """Whether both sides have one column."""
        return p == q == 1


def check_covariance(covariance: ArrayLike | Tensor, p: int, name: str = "covariance") -> Tensor:
    """Validate a covariance matrix of (X, Y) and return it as a float64 batch."""
    covariance = as_batch(covariance, 2, name)
    d = covariance.shape[-1]
    if covariance.shape[-2] != d:
        raise ValueError(f"{name} must be square, got shape {tuple(covariance.shape[1:])}")
    if int(p) != p or not 1 <= p < d:
        raise ValueError(f"p must be a whole number from 1 to {d - 1} for this {name}, got {p!r}")
    if not torch.allclose(covariance, covariance.mT, rtol=1e-8, atol=1e-10):
        raise ValueError(f"{name} must be symmetric")
    smallest = float(torch.linalg.eigvalsh(covariance)[:, 0].min())
    if smallest <= 0.0:
        raise ValueError(
            f"{name} must be positive definite; its smallest eigenvalue is {smallest:.3g}"
        )
    return covariance
