"""Columns that are zero but for a rare state, which both sides share."""

from __future__ import annotations

import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.family import Family, as_batch
from skmist.datasets.parts.mixing import random_mixing
from skmist.datasets.parts.random import categorical, log_uniform, normal, python_random, uniform

__all__ = ["SharedState"]

_SIZES = ("exponential", "lognormal", "signed", "counts")


class SharedState(Family):
    """Both sides are zero in all columns, or not, from a table; sizes are independent of all else.

    Spikes, rain, spending: which rows are not zero is shared, how large they are is not. The
    information is that of the table of the two states.

    Parameters
    ----------
    table : array-like of shape (2, 2) or (B, 2, 2)
        Positive weights of (x is zero or not, y is zero or not); normalised to sum 1.
    p, q : int, default=1
        Number of columns of X and of Y.
    sizes : {"exponential", "lognormal", "signed", "counts"}
        Law of the values that are not zero; counts are at least 1. All columns are flagged
        continuous.

    Raises
    ------
    ValueError
        If a weight is negative, a state has none, or `sizes` is unknown.

    Examples
    --------
    >>> round(SharedState([[0.95, 0.0], [0.0, 0.05]]).mutual_information, 3)
    0.199
    """

    name = "shared_state"
    source = "sufficiency: the sides depend through their states"

    def __init__(
        self, table: ArrayLike | Tensor, p: int = 1, q: int = 1, sizes: str = "exponential"
    ) -> None:
        table = as_batch(table, 2, "table")
        if table.shape[1:] != (2, 2) or bool((table < 0.0).any()):
            raise ValueError("table must hold 2 x 2 weights that are not negative")
        if not bool((table.sum(1) > 0.0).all() and (table.sum(2) > 0.0).all()):
            raise ValueError("each state of a side needs a weight")
        if sizes not in _SIZES:
            raise ValueError(f"sizes must be one of {_SIZES}, got {sizes!r}")
        eyes = [torch.eye(d, dtype=torch.float64).expand(len(table), d, d) for d in (p, q)]
        self._set(table, [(root.to(table.device), sizes) for root in eyes])

    def _set(self, table: Tensor, sides: list[tuple[Tensor, str]]) -> None:
        self.table, self.sides = table / table.sum((1, 2), keepdim=True), sides
        margins = self.table.sum(2, keepdim=True) * self.table.sum(1, keepdim=True)
        self.ratios = (self.table / margins).log()
        mi = torch.xlogy(self.table, self.table / margins).sum((1, 2)).clamp_min(0.0)
        self._declare(sides[0][0].shape[-1], sides[1][0].shape[-1], mi)

    @classmethod
    def supports(cls, p: int, q: int) -> bool:
        """Whether both sides have 1 to 8 columns."""
        return 1 <= p <= 8 and 1 <= q <= 8

    @classmethod
    def from_prior(
        cls,
        batch: int,
        p: int,
        q: int,
        generator: torch.Generator,
        rng: random.Random | None = None,
    ) -> Self:
        """Draw states in 1 to 50 % of the rows, in half of the batches with errors."""
        rng = rng or python_random(generator)
        share = log_uniform(generator, batch, low=0.01, high=0.5)
        most = rng.choice((0.0, 0.3))
        missed, false = (most * uniform(generator, batch, 2) for _ in range(2))
        false = 0.3 * false * share.unsqueeze(-1)
        on = torch.stack([false, 1.0 - missed], -1)
        given = torch.stack([1.0 - on, on], -1)
        states = torch.stack([1.0 - share, share], -1)
        table = torch.einsum("bs,bsi,bsj->bij", states, given[:, 0], given[:, 1])
        sides = [(random_mixing(batch, d, generator, rng), rng.choice(_SIZES)) for d in (p, q)]
        family = cls.__new__(cls)
        family._set(table, sides)
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw the two states, then sizes: x (B, n, p) and y (B, n, q)."""
        codes = categorical(self.table.flatten(1), n, generator)
        states = torch.div(codes, 2, rounding_mode="floor"), codes % 2
        x, y = (
            (state.unsqueeze(-1) * self._size(n, *side, generator)).to(dtype)
            for state, side in zip(states, self.sides, strict=True)
        )
        return x, y

    def _size(self, n: int, root: Tensor, law: str, generator: torch.Generator) -> Tensor:
        """Sizes (B, n, d), none of them 0."""
        z = normal(generator, len(root), n, root.shape[-1]) @ root.mT
        if law == "exponential":
            return (-torch.special.log_ndtr(z)).clamp_min(1e-12)
        if law == "lognormal":
            return z.exp()
        if law == "counts":
            return (1.5 * z).exp().floor() + 1.0
        return torch.where(z == 0.0, 1.0, z)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Log ratio of the states, nats (B, n)."""
        at = 2 * (x[..., 0] != 0.0).long() + (y[..., 0] != 0.0).long()
        return self.ratios.flatten(1).gather(-1, at).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The table of the states and the laws of the sizes."""
        return {
            "table": self.table[0].cpu().numpy(),
            "sizes": tuple(law for _, law in self.sides),
        }
