"""Two sides of independent standard normal columns that share information in random directions."""

from __future__ import annotations

import random
from typing import Any, Self

import torch
from torch import Tensor

from skmist.datasets.parts.family import Family, as_batch
from skmist.datasets.parts.pair import draw_correlations, draw_pair, gaussian_log_ratio
from skmist.datasets.parts.random import dirichlet, normal, orthogonal, python_random
from skmist.datasets.parts.target import draw_block_mi

__all__ = ["RotatedPairs"]


class RotatedPairs(Family):
    """X = U Q and Y = V R with orthogonal Q and R; the columns of U and V go in Gaussian pairs.

    Each side by itself is a vector of independent standard normal columns, as flows expect it.

    Parameters
    ----------
    correlations : array-like of shape (k,)
        Of the first k columns of U with those of V, strictly between -1 and 1.
    p, q : int
        Number of columns of X and Y, at least k.
    seed : int, default=0
        Of the rotations.

    Raises
    ------
    ValueError
        If a correlation is not below 1, or there are more of them than columns of a side.

    Examples
    --------
    >>> round(RotatedPairs([0.8], 3, 2).mutual_information, 4)
    0.5108
    """

    name = "rotated_pairs"
    source = "sum of -log(1 - rho^2) / 2, and invariance under rotation"

    def __init__(self, correlations: Any, p: int, q: int, seed: int = 0) -> None:
        rho = as_batch(correlations, 1, "correlations")
        if bool((rho.abs() >= 1.0).any()) or rho.shape[1] > min(p, q):
            raise ValueError(
                f"correlations must be below 1 and at most min(p, q) = {min(p, q)} of them, got "
                f"{rho.tolist()}"
            )
        self._set(rho, p, q, torch.Generator(rho.device).manual_seed(int(seed)))

    def _set(self, rho: Tensor, p: int, q: int, generator: torch.Generator) -> None:
        self.rho = rho
        self.turns = tuple(orthogonal(len(rho), dim, generator) for dim in (p, q))
        self._declare(p, q, -0.5 * torch.log1p(-rho.square()).sum(-1))

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
        """Draw the number of pairs, the information, and its shares of the pairs."""
        rng = rng or python_random(generator)
        k = rng.randint(1, min(p, q))
        wanted = draw_block_mi(batch, generator, k).unsqueeze(-1)
        ones = torch.ones(batch, k, dtype=torch.float64, device=generator.device)
        shares = wanted * dirichlet(rng.choice((0.5, 3.0)) * ones, generator)
        drawn = cls.__new__(cls)
        rho = draw_correlations(shares.flatten(), generator).view(batch, k)
        drawn._set(rho.clamp(-1.0 + 1e-12, 1.0 - 1e-12), p, q, generator)
        return drawn

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw pairs and other columns, and rotate each side."""
        batch, k = self.rho.shape
        u, v = (t.view(batch, k, n).mT for t in draw_pair(self.rho.flatten(), n, generator))
        sides = []
        for first, dim, turn in zip((u, v), (self.x_dim, self.y_dim), self.turns, strict=True):
            rest = normal(generator, batch, n, dim - k)
            sides.append((torch.cat([first, rest], -1) @ turn).to(dtype))
        return sides[0], sides[1]

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Sum over the pairs, nats (B, n)."""
        k = self.rho.shape[1]
        u, v = (
            (side.double() @ turn.mT)[..., :k]
            for side, turn in zip((x, y), self.turns, strict=True)
        )
        return gaussian_log_ratio(u, v, self.rho.unsqueeze(1)).sum(-1).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The correlations."""
        return {"correlations": self.rho[0].cpu().numpy()}
