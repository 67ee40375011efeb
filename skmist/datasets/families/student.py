"""Multivariate Student-t."""

from __future__ import annotations

import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.families.gaussian import check_covariance
from skmist.datasets.parts.canonical import CanonicalPairs, random_pairs
from skmist.datasets.parts.family import Family, as_batch
from skmist.datasets.parts.random import gamma, log_uniform, python_random, uniform
from skmist.datasets.parts.target import draw_block_mi

__all__ = ["StudentT"]


class StudentT(Family):
    """Multivariate Student-t, X and Y share one random scale.

    With nu degrees of freedom and c(d) = log Gamma(nu / 2) - log Gamma((nu + d) / 2)
    + (nu + d) / 2 (digamma((nu + d) / 2) - digamma(nu / 2)),
    I = I(Gaussian with the same dispersion) + c(p) + c(q) - c(p + q). The last terms depend on nu
    and the dimensions only, so X and Y are dependent even where the dispersion is the identity.

    Parameters
    ----------
    dispersion : array-like of shape (p + q, p + q) or (B, p + q, p + q)
        Positive definite dispersion (the covariance times (dof - 2) / dof).
    dof : float or array-like of shape (B,)
        Degrees of freedom, > 0.
    p : int, default=1
        Number of columns of X.

    Raises
    ------
    ValueError
        If the dispersion is not symmetric positive definite, or dof <= 0.

    References
    ----------
    Arellano-Valle, Contreras-Reyes & Genton (2013), Scandinavian Journal of Statistics 40.
    Czyz et al. (2023), Beyond Normal, NeurIPS.

    Examples
    --------
    >>> round(StudentT([[1.0, 0.0], [0.0, 1.0]], dof=1).mutual_information, 4)
    0.2242
    """

    name = "student_t"
    source = "Arellano-Valle et al. 2013; Czyz et al. 2023"

    def __init__(
        self, dispersion: ArrayLike | Tensor, dof: ArrayLike | Tensor, p: int = 1
    ) -> None:
        pairs = CanonicalPairs.from_covariance(check_covariance(dispersion, p, "dispersion"), p)
        dof = as_batch(dof, 0, "dof")
        if bool((dof <= 0.0).any()):
            raise ValueError(f"dof must be positive, got {dof.tolist()}")
        self._set(pairs, dof.expand(len(pairs.correlations)))

    def _set(self, pairs: Any, dof: Any) -> None:
        self.pairs, self.dof = pairs, dof
        p, q = pairs.x_mixing.shape[-1], pairs.y_mixing.shape[-1]
        h_x, h_y, h_xy = (_entropy_excess(dof, d) for d in (p, q, p + q))
        self._declare(p, q, pairs.mi + h_x + h_y - h_xy)

    @classmethod
    def from_pairs(cls, pairs: CanonicalPairs, dof: Tensor) -> Self:
        """Build from the canonical form of the dispersion.

        Parameters
        ----------
        pairs : CanonicalPairs
            B dispersions.
        dof : Tensor of shape (B,), float64
            Degrees of freedom.

        Returns
        -------
        StudentT
        """
        family = cls.__new__(cls)
        family._set(pairs, dof)
        return family

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
        """Draw 1 to 30 degrees of freedom and a dispersion, the identity in two of five."""
        rng = rng or python_random(generator)
        target = draw_block_mi(batch, generator, min(p, q))
        # The identity is frequent: there, only the common scale carries information.
        identity = uniform(generator, batch) < 0.4
        target = torch.where(identity, torch.zeros_like(target), target)
        pairs = random_pairs(batch, p, q, generator, rng, target)
        return cls.from_pairs(pairs, log_uniform(generator, batch, low=1.0, high=30.0))

    def _draw(self, n: int, generator: torch.Generator, dtype: torch.dtype) -> Any:
        u, v, e = self.pairs.draw(n, generator, dtype)
        half = (0.5 * self.dof).to(dtype).unsqueeze(-1).expand(-1, n).contiguous()
        chi2 = 2.0 * gamma(half, generator).clamp_min(1e-12)
        scale = (self.dof.to(dtype).unsqueeze(-1) / chi2).sqrt().unsqueeze(-1)
        return u * scale, v * scale, e * scale

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw x (B, n, p) and y (B, n, q)."""
        u, v, _ = self._draw(n, generator, dtype)
        return self.pairs.mix(u, v)

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw scaled canonical variates, from which rows and pointwise MI follow."""
        u, v, e = self._draw(n, generator, dtype)
        pmi = self._from_variates(u.double(), v.double(), e.double())
        return *self.pairs.mix(u, v), pmi.to(dtype)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Log ratio of the three t densities, nats (B, n)."""
        return self._from_variates(*self.pairs.unmix(x, y)).to(x.dtype)

    def _from_variates(self, u: Tensor, v: Tensor, e: Tensor) -> Any:
        nu, p, q = self.dof.unsqueeze(-1), self.x_dim, self.y_dim
        u2, v2, e2 = (t.square().sum(-1) for t in (u, v, e))
        constant = self.pairs.mi.unsqueeze(-1) + torch.lgamma(0.5 * nu)
        constant = constant + torch.lgamma(0.5 * (nu + p + q))
        constant = constant - torch.lgamma(0.5 * (nu + p)) - torch.lgamma(0.5 * (nu + q))
        joint = 0.5 * (nu + p + q) * torch.log1p((u2 + e2) / nu)
        margins = (nu + p) * torch.log1p(u2 / nu) + (nu + q) * torch.log1p(v2 / nu)
        return constant - joint + 0.5 * margins

    def parameters(self) -> dict[str, Any]:
        """The dispersion of (X, Y), the degrees of freedom, the number of columns of X."""
        dispersion = self.pairs.covariance()[0].cpu().numpy()
        return {"dispersion": dispersion, "dof": float(self.dof[0]), "p": self.x_dim}


def _entropy_excess(dof: Any, d: int) -> Any:
    """Entropy of the t in d dimensions with unit dispersion, less the terms linear in d."""
    half, total = 0.5 * dof, 0.5 * (dof + d)
    slope = torch.digamma(total) - torch.digamma(half)
    return torch.lgamma(half) - torch.lgamma(total) + total * slope
