"""One side of a sample: how its rows turn into distances, designs and frequencies."""

from __future__ import annotations

import math
from functools import cached_property

import torch
from torch import Tensor

from skmist.nn.mist.neighbors import FAR
from skmist.nn.mist.scores import level_frequency

__all__ = ["Side", "are_leading"]

_MAX_ONE_HOT_COLUMNS = 8
_MAX_LEVELS = 16
_N_BINS = 8
# How often each occurs in the mean, where numbers are said to repeat.
_REPEATS = 4


class Side:
    """The columns of X (or of y) of a batch of samples that share their kinds.

    Parameters
    ----------
    values : Tensor of shape (batch, n, d), float32
        Normal scores in continuous columns, integer codes in discrete ones.
    discrete : tuple of bool, length d
    ordered : tuple of bool, length d, optional
        Columns of ordered discrete values, which are given as scores and whose rarity is shown.
    """

    def __init__(
        self,
        values: Tensor,
        discrete: tuple[bool, ...],
        ordered: tuple[bool, ...] | None = None,
    ) -> None:
        self.values = values
        self.discrete = discrete
        self.mask = torch.tensor(discrete, device=values.device)
        self.ordered = torch.tensor(ordered or (False,) * len(discrete), device=values.device)
        self.tied = self.mask | self.ordered
        self.all_tied = all(a or b for a, b in zip(discrete, ordered or discrete, strict=True))
        self.any_tied = any(discrete) or any(ordered or ())
        n_discrete = sum(discrete)
        self.one_hot = 0 < n_discrete <= _MAX_ONE_HOT_COLUMNS
        self.n_levels = self._count_levels() if self.one_hot else 0
        self.rank = self.d if not self.one_hot else self.d + n_discrete * (self.n_levels - 2)

    @property
    def d(self) -> int:
        """Number of columns."""
        return len(self.discrete)

    @property
    def all_discrete(self) -> bool:
        """Whether every column is discrete."""
        return all(self.discrete)

    @property
    def any_discrete(self) -> bool:
        """Whether some column is discrete."""
        return any(self.discrete)

    @property
    def closed(self) -> bool:
        """Whether a compression could only lose, as of one column."""
        return self.d == 1

    @cached_property
    def _repeating(self) -> Tensor:
        """Columns (B, d) of numbers that repeat."""
        ranked = self.values.sort(dim=1).values
        distinct = 1 + (ranked[:, 1:] != ranked[:, :-1]).sum(1)
        return (_REPEATS * distinct <= self.values.shape[1]) & ~self.mask

    @property
    def repeats(self) -> Tensor:
        """Whether (B,) the numbers of some column repeat."""
        return self._repeating.any(-1)

    @property
    def all_repeat(self) -> Tensor:
        """Whether (B,) all columns hold discrete values or numbers that repeat."""
        return (self._repeating | self.tied).all(-1)

    def _count_levels(self) -> int:
        highest = int(self.values[..., self.mask].max())
        return max(2, min(_MAX_LEVELS, highest + 1))

    def metric(self, rows: Tensor) -> Tensor:
        """Coordinates in which two categories are `FAR` or more apart."""
        return torch.where(self.mask, rows * FAR, rows) if self.any_discrete else rows

    def design(self, rows: Tensor) -> Tensor:
        """Columns for linear algebra: scores, and indicators of the levels.

        With more discrete columns than can be expanded, their codes enter as
        numbers, scaled to the spread of scores.
        """
        if not self.any_discrete:
            return rows
        if are_leading(rows, self.values):
            return self._own_design[:, : rows.shape[1]]
        return self._design(rows)

    @cached_property
    def _own_design(self) -> Tensor:
        return self._design(self.values)

    def _design(self, rows: Tensor) -> Tensor:
        if not self.one_hot:
            return torch.where(self.mask, rows / math.sqrt(_MAX_LEVELS), rows)
        codes = rows[..., self.mask].long() % self.n_levels
        indicators = torch.nn.functional.one_hot(codes, self.n_levels).flatten(-2)
        return torch.cat([rows[..., ~self.mask], indicators.to(rows.dtype)], dim=-1)

    def bins(self) -> Tensor:
        """Indicators of eight equally likely bins (levels), ``(batch, n, d * 8)``."""
        uniform = torch.special.ndtr(self.values)
        binned = (uniform * _N_BINS).long().clamp(0, _N_BINS - 1)
        if self.any_discrete:
            binned = torch.where(self.mask, self.values.long() % _N_BINS, binned)
        return torch.nn.functional.one_hot(binned, _N_BINS).flatten(-2).to(torch.float32)

    def self_information(self, rows: Tensor | None = None) -> Tensor:
        """``-log`` relative frequency of each discrete cell, 0 in continuous ones; nats."""
        rows = self.values if rows is None else rows
        if not self.any_tied:
            return torch.zeros_like(rows)
        if are_leading(rows, self.values):
            return self._own_information[:, : rows.shape[1]]
        return self._self_information(rows)

    @cached_property
    def _own_information(self) -> Tensor:
        return self._self_information(None)

    def _self_information(self, rows: Tensor | None) -> Tensor:
        shape = self.values if rows is None else rows
        tied = torch.nonzero(self.tied).flatten()
        asked = None if rows is None else rows[..., tied]
        frequency = level_frequency(self.values[..., tied], asked)
        return torch.zeros_like(shape).index_copy(-1, tied, -frequency.log())

    def entropy(self) -> Tensor:
        """Plug-in joint entropy, ``(batch,)`` nats, of a side of discrete columns; else 0."""
        if not self.all_tied:
            return self.values.new_zeros(self.values.shape[0])
        powers = 31.0 ** torch.arange(self.d, device=self.values.device, dtype=torch.float64)
        joint = (self.values.double() * torch.sin(powers)).sum(-1, keepdim=True)
        return -level_frequency(joint).log().mean((-2, -1))


def are_leading(rows: Tensor, values: Tensor) -> bool:
    """Whether rows are the first ones of the samples, and no copy of them."""
    same = rows.data_ptr() == values.data_ptr() and rows.stride() == values.stride()
    return same and (len(rows), rows.shape[-1]) == (len(values), values.shape[-1])
