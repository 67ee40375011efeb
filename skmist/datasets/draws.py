"""Batches of data sets with their truth, and how families give them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from skmist.datasets.parts.family import Family
from skmist.datasets.parts.random import uniform

__all__ = ["SyntheticBatch", "draw_data_sets"]


@dataclass(frozen=True)
class SyntheticBatch:
    """A batch of data sets with their truth.

    Attributes
    ----------
    x : Tensor of shape (B, n, p), float32
    y : Tensor of shape (B, n, q), float32
    mi : Tensor of shape (B,), float64
        True mutual information, nats.
    pointwise_mi : Tensor of shape (B, n), float32
        True pointwise MI of each row, nats.
    x_discrete, y_discrete : tuple of bool
        Which columns hold integer codes.
    family : str
        What was drawn, for reports.
    x_ordered, y_ordered : tuple of bool
        Which of the discrete columns have an order, that of their codes.
    """

    x: torch.Tensor
    y: torch.Tensor
    mi: torch.Tensor
    pointwise_mi: torch.Tensor
    x_discrete: tuple[bool, ...]
    y_discrete: tuple[bool, ...]
    family: str
    x_ordered: tuple[bool, ...] = ()
    y_ordered: tuple[bool, ...] = ()

    def __post_init__(self) -> None:
        for name, values in (("x_ordered", self.x), ("y_ordered", self.y)):
            if not getattr(self, name):
                object.__setattr__(self, name, (False,) * values.shape[-1])

    def first(self) -> SyntheticBatch:
        """The first data set alone.

        Returns
        -------
        SyntheticBatch
            With B = 1.
        """
        tensors = ("x", "y", "mi", "pointwise_mi")
        return replace(self, **{name: getattr(self, name)[:1] for name in tensors})


def draw_data_sets(
    family: Family,
    label: str,
    batch: int,
    n: int,
    replicas: int,
    independence: float,
    generator: torch.Generator,
) -> SyntheticBatch:
    """Draw data sets of n rows, of each of the family's distributions so many.

    Parameters
    ----------
    family : Family
    label : str
        What it is, for reports.
    batch, n : int
        Number of data sets, at most the family's distributions times `replicas`, and of rows.
    replicas : int
        Data sets of each distribution.
    independence : float
        Share of the data sets whose y is that of the next.
    generator : torch.Generator
    """
    drawn = family.draw_with_pointwise(replicas * n, generator)
    # Rows of one distribution are independent, so a long sample is several short ones.
    x, y, pmi = (t.unflatten(1, (replicas, n)).flatten(0, 1)[:batch] for t in drawn)
    mi = family.mi.repeat_interleave(replicas)[:batch]
    x, y, mi, pmi = _decouple(x, y, mi, pmi, independence, generator)
    flags = (family.x_discrete, family.y_discrete), (family.x_ordered, family.y_ordered)
    return SyntheticBatch(x.float(), y.float(), mi, pmi.float(), *flags[0], label, *flags[1])


def _decouple(
    x: Tensor, y: Tensor, mi: Any, pmi: Any, share: Any, generator: torch.Generator
) -> Any:
    """Give some entries the y of the next entry: exact independence, the margins stay."""
    if len(mi) < 2 or share == 0.0:
        return x, y, mi, pmi
    chosen = uniform(generator, len(mi)) < share
    y = torch.where(chosen[:, None, None], torch.roll(y, 1, 0), y)
    mi = torch.where(chosen, torch.zeros_like(mi), mi)
    return x, y, mi, torch.where(chosen.unsqueeze(-1), torch.zeros_like(pmi), pmi)
