"""The user's own rows on both sides, which cells of them bring together."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.family import Family
from skmist.datasets.parts.observed import ObservedRows, RandomInputs
from skmist.datasets.parts.random import log_uniform, normal, uniform
from skmist.datasets.parts.surfaces import random_surface

__all__ = ["CoupledRows"]

_ORDERED_SHARE, _CLUSTERED_SHARE, _LLOYD_ROUNDS = 0.5, 0.6, 6
_MOST_STEPS, _MOST_REGIONS = 32, 16
_ROUNDS, _LEAST_ENERGY = 100, -30.0


class CoupledRows(Family):
    """Rows of one's own as X, others as Y: which go together is decided by the cells they lie in.

    The rows of either side are cut into cells: steps of a random function of them, the regions
    nearest to some of the rows, clusters, or the levels of a single discrete column. A table of
    probabilities says which cells go together, and the rows of a cell are equally likely, so
    that each side by itself looks as it does, and all that X and Y share are their cells.

    Parameters
    ----------
    X : array-like of shape (m, p)
        At least 64 finite rows. At most 8,192 of them, a multiple of 8, are kept: evenly spread.
    Y : array-like of shape (l, q)
        Rows of the other side, likewise. They need not be paired with those of X.
    seed : int, default=0
        Of the cells and of their table.
    x_discrete, x_ordered, y_discrete, y_ordered : sequence of bool, default=()
        Which columns hold codes, and which of these have an order; none by default.

    Raises
    ------
    ValueError
        If a side has another shape, fewer rows, or values that are not finite.

    Notes
    -----
    ``I(X; Y)`` is that of the table, by data processing in both directions: a row determines its
    cell. A sample has each row of X at most once until all have been used, and rows of a cell of
    Y take turns.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> family = CoupledRows(rng.normal(size=(500, 3)), rng.normal(size=(500, 2)) ** 2, seed=1)
    >>> X, Y = family.sample(200, random_state=0)
    >>> X.shape, Y.shape, bool(0.0 < family.mutual_information < np.log(32))
    ((200, 3), (200, 2), True)
    """

    name = "coupled_rows"
    truth = "exact over the rows"
    source = "I of the table of cells, which the rows determine"

    def __init__(
        self,
        X: ArrayLike | Tensor,
        Y: ArrayLike | Tensor,
        *,
        seed: int = 0,
        x_discrete: Sequence[bool] = (),
        x_ordered: Sequence[bool] = (),
        y_discrete: Sequence[bool] = (),
        y_ordered: Sequence[bool] = (),
    ) -> None:
        self.rows = (
            ObservedRows(X, x_discrete, x_ordered, "X"),
            ObservedRows(Y, y_discrete, y_ordered, "Y"),
        )
        self._set(1, torch.Generator().manual_seed(int(seed)), random.Random(int(seed)))

    def _set(self, batch: int, generator: torch.Generator, rng: random.Random) -> None:
        ordered = rng.random() < _ORDERED_SHARE
        x, y = self.rows
        a = _cells(batch, x, ordered, generator, rng)
        b = _cells(batch, y, ordered, generator, rng)
        self.cells = a, b
        self.table = _table(a.shares, b.shares, ordered, generator)
        rows, columns = self.table.sum(-1, keepdim=True), self.table.sum(-2, keepdim=True)
        self.ratios = torch.log(self.table / (rows * columns))
        mi = (self.table * self.ratios).sum((-2, -1)).clamp_min(0.0)
        self._declare(x.p, y.p, mi, None, x.discrete, y.discrete, x.ordered, y.ordered)

    def redrawn(self, batch: int, generator: torch.Generator, rng: random.Random) -> CoupledRows:
        """The same rows with other cells and tables."""
        drawn = type(self).__new__(type(self))
        x, y = self.rows
        drawn.rows = x.to(generator.device), y.to(generator.device)
        drawn._set(batch, generator, rng)
        return drawn

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw rows x (B, n, p) and y (B, n, q)."""
        x, y, _ = self.draw_with_pointwise(n, generator, dtype)
        return x, y

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw rows and what their cells say of them."""
        x_rows, y_rows = self.rows
        x_cells, y_cells = self.cells
        chosen = x_rows.in_turns(self.batch_size, n, generator)
        a = x_cells.of_rows.gather(1, chosen)
        # the row of the table of each cell, and a column of it
        edges = self.table.cumsum(-1)
        edges = (edges / edges[..., -1:]).gather(1, _along(a, edges))
        points = uniform(generator, self.batch_size, n, 1)
        b = torch.searchsorted(edges.contiguous(), points, right=True).squeeze(-1)
        b = b.clamp_max(edges.shape[-1] - 1)
        pmi = self.ratios.gather(1, _along(a, self.ratios)).gather(2, b.unsqueeze(-1)).squeeze(-1)
        partners = _members_in_turns(b, y_cells.of_rows, self.table.shape[-1], generator)
        x, y = x_rows.values[chosen], y_rows.values[partners]
        return x.to(dtype), y.to(dtype), pmi.to(dtype)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """log p(x, y) - log p(x) - log p(y) of the cells, nats (B, n)."""
        a, b = (
            cells(side.expand(self.batch_size, -1, -1))
            for cells, side in zip(self.cells, (x, y), strict=True)
        )
        rows = self.ratios.gather(1, _along(a, self.ratios))
        return rows.gather(2, b.unsqueeze(-1)).squeeze(-1).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """How many cells there are on each side, and rows."""
        rows = [len(side) for side in self.rows]
        return {"cells": list(self.table.shape[1:]), "rows": rows}


class _Cells:
    """Cells (B, n), whole numbers, of the rows of a side.

    Parameters
    ----------
    assign : callable
        Maps rows (B, n, p) to cells.
    of_rows : Tensor of shape (B, m)
        Those of the rows of one's own.
    count : int
    """

    def __init__(self, assign: Callable[[Tensor], Tensor], of_rows: Tensor, count: int) -> None:
        self._assign, self.of_rows = assign, of_rows
        ones = torch.ones_like(of_rows, dtype=torch.float64)
        shares = ones.new_zeros(len(of_rows), count).scatter_add_(1, of_rows, ones)
        self.shares = shares / of_rows.shape[1]

    def __call__(self, values: Tensor) -> Tensor:
        return self._assign(values)


def _cells(
    batch: int, rows: ObservedRows, ordered: bool, generator: torch.Generator, rng: random.Random
) -> _Cells:
    """The levels of one discrete column; else steps of a function, regions, or clusters."""
    if rows.p == 1 and rows.discrete[0]:
        of_rows = rows.values[:, 0].round().long().expand(batch, -1)
        return _Cells(lambda v: v[..., 0].round().long(), of_rows, int(of_rows.max()) + 1)
    if ordered:
        return _steps(batch, RandomInputs(batch, rows, generator, rng), generator, rng)
    clustered = rng.random() < _CLUSTERED_SHARE
    inputs = RandomInputs(batch, rows, generator, rng, whole=clustered)
    return _regions(inputs, _LLOYD_ROUNDS if clustered else 0, generator, rng)


def _steps(
    batch: int, inputs: RandomInputs, generator: torch.Generator, rng: random.Random
) -> _Cells:
    """Steps of a random function, of as many rows each as ties allow."""
    surface = random_surface(batch, inputs.points.shape[-1], generator, rng)
    values = surface(inputs.points)
    count = min(rng.randint(2, _MOST_STEPS), values.shape[1] // 4)
    ranked = values.sort(-1).values
    places = (torch.arange(1, count, device=values.device) * values.shape[1]) // count
    # in the middle of two rows, so that rounding decides nothing
    edges = 0.5 * (ranked[:, places] + ranked[:, places - 1])

    def assign(points: Tensor) -> Tensor:
        return torch.searchsorted(edges.contiguous(), surface(points).contiguous(), right=True)

    return _Cells(lambda x: assign(inputs(x)), assign(inputs.points), count)


def _regions(
    inputs: RandomInputs, rounds: int, generator: torch.Generator, rng: random.Random
) -> _Cells:
    """Which of some of the rows is nearest; after rounds of Lloyd, which mean of a cluster.

    Real classes mostly lie apart, as clusters do.
    """
    points = inputs.points
    count = rng.randint(2, _MOST_REGIONS)
    chosen = uniform(generator, *points.shape[:2]).argsort(-1)[:, :count]
    centers = points.gather(1, _along(chosen, points))
    for _ in range(rounds):
        near = torch.nn.functional.one_hot(torch.cdist(points, centers).argmin(-1), count)
        weights = near.to(points.dtype)
        means = weights.mT @ points / weights.sum(1).clamp_min(1.0).unsqueeze(-1)
        centers = torch.where(weights.sum(1).unsqueeze(-1) > 0.0, means, centers)

    def assign(points: Tensor) -> Tensor:
        return torch.cdist(points, centers).argmin(-1)

    return _Cells(lambda x: assign(inputs(x)), assign(inputs.points), count)


def _table(x: Tensor, y: Tensor, ordered: bool, generator: torch.Generator) -> Tensor:
    """Probabilities (B, K, L) of pairs of cells whose shares on each side are given.

    Those of X are met exactly and those of Y nearly, by Sinkhorn's rounds.

    Cells of an order go together with those at the same height, others with one each at random;
    how closely is log-uniform.
    """
    batch, strength = len(x), log_uniform(generator, len(x), 1, 1, low=1.0, high=500.0)
    if ordered:
        heights = [side.cumsum(-1) - 0.5 * side for side in (x, y)]
        apart = heights[0].unsqueeze(-1) - heights[1].unsqueeze(-2)
        energy = -2.0 * strength * apart**2
    else:
        partner = uniform(generator, batch, x.shape[1], y.shape[1])
        # hardly any pairs, or all alike: the best of each row stands out
        best = (partner == partner.amax(-1, keepdim=True)).double()
        noise = normal(generator, batch, x.shape[1], y.shape[1])
        energy = (torch.log1p(strength) * (best + 0.2 * noise)).double()
    table = energy.clamp_min(_LEAST_ENERGY).exp()
    x, y = x.clamp_min(1e-12).unsqueeze(-1), y.clamp_min(1e-12).unsqueeze(-2)
    for _ in range(_ROUNDS):
        table = table * (y / table.sum(-2, keepdim=True))
        table = table * (x / table.sum(-1, keepdim=True))
    return table / table.sum((-2, -1), keepdim=True)


def _along(places: Tensor, values: Tensor) -> Tensor:
    """Places (B, n) as an index of rows of values (B, k, d)."""
    return places.unsqueeze(-1).expand(-1, -1, values.shape[-1])


def _members_in_turns(
    cells: Tensor, of_rows: Tensor, count: int, generator: torch.Generator
) -> Tensor:
    """For each cell asked for (B, n) one of its rows, which take turns in a random order."""
    shuffled = uniform(generator, *of_rows.shape).argsort(-1)
    by_cell = shuffled.gather(1, of_rows.gather(1, shuffled).argsort(dim=-1, stable=True))
    sizes = torch.zeros(len(cells), count, dtype=torch.long, device=cells.device)
    sizes = sizes.scatter_add_(1, of_rows, torch.ones_like(of_rows))
    starts = sizes.cumsum(-1) - sizes
    order = cells.argsort(dim=-1, stable=True)
    asked = torch.zeros_like(sizes).scatter_add_(1, cells, torch.ones_like(cells))
    first = (asked.cumsum(-1) - asked).gather(1, cells.gather(1, order))
    turn = torch.arange(cells.shape[1], device=cells.device) - first
    turns = torch.empty_like(cells).scatter_(1, order, turn)
    places = starts.gather(1, cells) + turns % sizes.gather(1, cells).clamp_min(1)
    return by_cell.gather(1, places)
