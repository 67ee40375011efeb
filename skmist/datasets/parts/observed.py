"""Rows of one's own, as families take them: what a random function reads of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from skmist.datasets.parts.family import as_batch
from skmist.datasets.parts.random import normal, orthogonal, uniform

__all__ = ["ObservedRows", "RandomInputs"]

_FEWEST, _MOST_ROWS, _SETS = 64, 8192, 8
_MOST_READ, _MOST_LATENT = 6, 12
_LATENT_SHARE = 0.4
_LEAST_VARIANCE = 1e-6


class ObservedRows:
    """At most 8,192 rows of a table, a multiple of 8 that is spread evenly, with their kinds.

    Parameters
    ----------
    X : array-like of shape (m, p)
        At least 64 finite rows.
    discrete, ordered : sequence of bool
        Which columns hold codes, and which of these have an order; none where they are empty.
    name : str
        How messages call the rows.

    Attributes
    ----------
    values : Tensor of shape (m, p), float64
        As float32 holds them.
    scores : Tensor of shape (m, p), float64
        Normal scores of their ranks.

    Raises
    ------
    ValueError
        If X has another shape, fewer rows, or values that are not finite, or there is not a flag
        for each column.
    """

    def __init__(
        self, X: Any, discrete: Sequence[bool], ordered: Sequence[bool], name: str = "X"
    ) -> None:
        self.values = _kept(X, name)
        self.scores = self.scores_of(self.values)
        p = self.values.shape[1]
        self.discrete, self.ordered = (tuple(f) or (False,) * p for f in (discrete, ordered))
        if not len(self.discrete) == len(self.ordered) == p:
            raise ValueError(
                f"{name.lower()}_discrete has {len(self.discrete)} entries, "
                f"{name.lower()}_ordered {len(self.ordered)}, and {name} {p} columns; give one "
                "for each"
            )

    def __len__(self) -> int:
        return len(self.values)

    @property
    def p(self) -> int:
        """Number of columns."""
        return self.values.shape[1]

    def to(self, device: torch.device) -> ObservedRows:
        """The same rows on a device."""
        moved = type(self).__new__(type(self))
        moved.__dict__.update(self.__dict__)
        moved.values, moved.scores = self.values.to(device), self.scores.to(device)
        return moved

    def in_turns(self, batch: int, n: int, generator: torch.Generator) -> Tensor:
        """Places (B, n) of rows drawn, each at most once before all have been."""
        m = len(self)
        rounds = [uniform(generator, batch, m).argsort(-1) for _ in range(-(-n // m))]
        return torch.cat(rounds, -1)[:, :n]

    def scores_of(self, values: Tensor) -> Tensor:
        """Normal scores of values (..., p) by their ranks among the rows."""
        m, columns = len(self.values), self.values.T.contiguous().sort(-1).values
        found = (
            values.transpose(-1, 0).contiguous() if values.ndim == 2 else values.mT.contiguous()
        )
        columns = columns.expand(*found.shape[:-1], m).contiguous()
        below, upto = (torch.searchsorted(columns, found, right=side) for side in (False, True))
        ranks = (0.5 * (below + upto).double()).clamp(0.5, m - 0.5) / m
        return torch.special.ndtri(ranks).mT


class RandomInputs:
    """What a function reads of a row: up to six columns, or rotated principal components.

    Columns are read as normal scores, categories without an order as random numbers.

    Parameters
    ----------
    batch : int
    rows : ObservedRows
    generator : torch.Generator
    rng : random.Random
    whole : bool, default=False
        To read the first twelve principal components instead, as they are, where no column is a
        category without an order.

    Attributes
    ----------
    points : Tensor of shape (batch, m, a)
        What is read of all rows.
    """

    def __init__(
        self,
        batch: int,
        rows: ObservedRows,
        generator: torch.Generator,
        rng: random.Random,
        whole: bool = False,
    ) -> None:
        self._rows = rows
        self._levels = {
            j: normal(generator, batch, int(rows.values[:, j].max()) + 1)
            for j, flags in enumerate(zip(rows.discrete, rows.ordered, strict=True))
            if flags == (True, False)
        }
        latent = rows.p > 1 and not self._levels and rng.random() < _LATENT_SHARE
        self._mixing = None
        if whole and not self._levels:
            self._mixing = _first_components(rows.scores).expand(batch, -1, -1)
        elif latent:
            self._mixing = _latent(batch, rows.scores, generator, rng)
        varying = torch.nonzero(rows.values.amin(0) < rows.values.amax(0)).flatten().tolist()
        varying = varying or list(range(rows.p))
        self._columns = rng.sample(varying, rng.randint(1, min(len(varying), _MOST_READ)))
        self.points = self._read(rows.scores.expand(batch, -1, -1), rows.values)

    def __call__(self, x: Tensor) -> Tensor:
        """Inputs (B, n, a), float64, of rows (B, n, p)."""
        x = x.double()
        return self._read(self._rows.scores_of(x), x)

    def _read(self, scores: Tensor, values: Tensor) -> Tensor:
        if self._mixing is not None:
            return scores @ self._mixing
        return torch.stack([self._column(j, scores, values) for j in self._columns], -1)

    def _column(self, j: int, scores: Tensor, values: Tensor) -> Tensor:
        if j not in self._levels:
            return scores[..., j]
        levels = self._levels[j]
        codes = values[..., j].round().long().expand(len(levels), -1)
        return levels.gather(-1, codes.clamp(0, levels.shape[-1] - 1))


def _latent(batch: int, scores: Tensor, generator: torch.Generator, rng: random.Random) -> Tensor:
    """Matrices (B, p, a) to rotated principal components of unit spread."""
    values, vectors = torch.linalg.eigh(scores.T @ scores / len(scores))
    kept = int((values > _LEAST_VARIANCE * values[-1]).sum())
    whitened = (vectors / values.clamp_min(1e-12).sqrt()).flip(-1)
    most = min(kept, _MOST_LATENT)
    count = rng.randint(1, min(most, _MOST_READ))
    first = sorted(rng.sample(range(most), rng.randint(count, most)))
    return whitened[:, first] @ orthogonal(batch, len(first), generator)[..., :count]


def _first_components(scores: Tensor) -> Tensor:
    """Matrix (p, a) to the principal components of most variance, of their own spread."""
    return torch.linalg.eigh(scores.T @ scores / len(scores))[1].flip(-1)[:, :_MOST_LATENT]


def _kept(X: Any, name: str) -> Tensor:
    """Rows (m, p), m a multiple of 8, as float32 holds them."""
    rows = as_batch(X, 2, name)
    if len(rows) != 1 or rows.shape[1] < _FEWEST:
        raise ValueError(
            f"{name} has {rows.shape[1]} rows of shape {tuple(rows.shape[2:])}; pass one array "
            f"(m, p) of at least {_FEWEST} rows"
        )
    m = min(rows.shape[1], _MOST_ROWS) // _SETS * _SETS
    kept = torch.linspace(0, rows.shape[1] - 1, m).round().long()
    return rows[0, kept].float().double()
