"""Two discrete variables with a joint table."""

from __future__ import annotations

import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.family import Family, as_batch
from skmist.datasets.parts.random import (
    categorical,
    dirichlet,
    log_uniform,
    python_random,
    uniform,
)

__all__ = ["JointTable"]


class JointTable(Family):
    """Discrete X and Y with joint probabilities from a table.

    I = sum_ij p_ij log(p_ij / (p_i. p_.j)); the values are the codes 0, 1, ... of rows and
    columns.

    Parameters
    ----------
    table : array-like of shape (K, L) or (B, K, L)
        Nonnegative weights; normalised to sum 1.

    Raises
    ------
    ValueError
        If a weight is negative or all of a table are zero.

    References
    ----------
    Cover & Thomas (2006), Elements of Information Theory, equation 2.28.

    Examples
    --------
    >>> round(JointTable([[0.5, 0.0], [0.0, 0.5]]).mutual_information, 4)
    0.6931
    """

    name = "joint_table"
    source = "Cover & Thomas 2006, equation 2.28"

    def __init__(self, table: ArrayLike | Tensor) -> None:
        table = as_batch(table, 2, "table")
        if bool((table < 0.0).any()) or not bool((table.sum((1, 2)) > 0.0).all()):
            raise ValueError("table must hold nonnegative weights with a positive sum")
        self._set(table)

    def _set(self, table: Any) -> None:
        self.table = table / table.sum((1, 2), keepdim=True)
        x, y = self.table.sum(2, keepdim=True), self.table.sum(1, keepdim=True)
        tiny = torch.finfo(torch.float64).tiny
        self.ratios = self.table.clamp_min(tiny).log() - (x * y).clamp_min(tiny).log()
        mi = (self.table * self.ratios).sum((1, 2)).clamp_min(0.0)
        self._declare(1, 1, mi, None, (True,), (True,))

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
        """Draw Dirichlet tables of 2 to 12 codes a side, half of them nearer to independence."""
        rng = rng or python_random(generator)
        rows, columns = rng.randint(2, 12), rng.randint(2, 12)
        sparsity = log_uniform(generator, batch, 1, 1, low=0.05, high=5.0)
        shape = (batch, rows, columns)
        joint = dirichlet(sparsity.expand(shape).flatten(1).contiguous(), generator).view(shape)
        margins = joint.sum(2, keepdim=True) * joint.sum(1, keepdim=True)
        # The share of the independent table spreads the MI down to 0.
        share = uniform(generator, batch, 1, 1) * (uniform(generator, batch, 1, 1) < 0.5)
        family = cls.__new__(cls)
        family._set(torch.lerp(joint, margins, share) + 1e-9)
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw codes x and y, each (B, n, 1)."""
        codes = categorical(self.table.flatten(1), n, generator)
        columns = self.table.shape[2]
        x, y = torch.div(codes, columns, rounding_mode="floor"), codes % columns
        return x.to(dtype).unsqueeze(-1), y.to(dtype).unsqueeze(-1)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """log p(x, y) / (p(x) p(y)) from the table, nats (B, n)."""
        codes = x[..., 0].long() * self.table.shape[2] + y[..., 0].long()
        return self.ratios.flatten(1).gather(-1, codes).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The table of probabilities."""
        return {"table": self.table[0].cpu().numpy()}
