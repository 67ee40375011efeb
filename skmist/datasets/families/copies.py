"""Independent copies of a family side by side."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from skmist.datasets.parts.family import Family

__all__ = ["Copies"]


class Copies(Family):
    """k independent copies of a family side by side: k times the information.

    The same as a `Product` of k equal blocks, but drawn at the cost of one: k n rows of the base
    become n rows. The columns of the first copy come first.

    Parameters
    ----------
    base : Family
    k : int
        Number of copies.

    Raises
    ------
    ValueError
        If k is below 1.

    Examples
    --------
    >>> from skmist.datasets import CorrelatedGaussian
    >>> family = Copies(CorrelatedGaussian(0.5), 3)
    >>> family.x_dim, round(family.mutual_information, 4)
    (3, 0.4315)
    """

    name = "copies"
    truth = "k times that of the base"
    source = "chain rule"

    def __init__(self, base: Family, k: int) -> None:
        if int(k) != k or k < 1:
            raise ValueError(f"k must be a whole number of at least 1, got {k!r}")
        self.base, self.k = base, int(k)
        self._declare(
            base.x_dim * self.k,
            base.y_dim * self.k,
            base.mi * self.k,
            base.mi_standard_error * self.k,
            base.x_discrete * self.k,
            base.y_discrete * self.k,
            base.x_ordered * self.k,
            base.y_ordered * self.k,
        )

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw k n rows of the base and lay them side by side."""
        x, y = self.base.draw(self.k * n, generator, dtype)
        return self._beside(x), self._beside(y)

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw as `draw` does; the pointwise MI of a row is the sum over its copies."""
        x, y, pmi = self.base.draw_with_pointwise(self.k * n, generator, dtype)
        return self._beside(x), self._beside(y), self._total(pmi)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Sum of the pointwise MI of the copies, nats (B, n)."""
        return self._total(self.base.log_ratio(self._below(x), self._below(y)))

    def _beside(self, rows: Tensor) -> Any:
        """(B, k n, d) to (B, n, k d)."""
        return rows.unflatten(1, (self.k, -1)).transpose(1, 2).flatten(2)

    def _below(self, side: Any) -> Any:
        """(B, n, k d) to (B, k n, d)."""
        return side.unflatten(2, (self.k, -1)).transpose(1, 2).flatten(1, 2)

    def _total(self, pmi: Any) -> Any:
        return pmi.unflatten(1, (self.k, -1)).sum(1)

    def parameters(self) -> dict[str, Any]:
        """The base and the number of copies."""
        return {"base": self.base.describe(), "k": self.k}
