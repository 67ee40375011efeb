"""A Gaussian pair read off a scale: one or both columns rounded to a grid."""

from __future__ import annotations

import functools
import math
import random
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.family import Family, as_batch, as_correlations
from skmist.datasets.parts.pair import draw_correlations, draw_pair
from skmist.datasets.parts.random import python_random, uniform
from skmist.datasets.parts.target import draw_target_mi

__all__ = ["RoundedGaussian"]

_LEAST_STEP, _MOST_STEP, _MOST_RHO = 0.05, 4.0, 0.9999
# No cell lies farther out; a normal variable does with probability 1e-10.
_REACH = 6.5
_PRIOR_MI = 3.2
# Most that the steps of one batch of the prior differ by.
_RATIO = 1.6


class RoundedGaussian(Family):
    """A standard normal pair with correlation rho, one or both columns rounded to a grid.

    Instruments and questionnaires do that: the values tie. The rounded columns are flagged
    continuous, or discrete where `ordinal` is true; then they hold the number of the cell. The
    Radon-Nikodym derivative is P(cell | other column) / P(cell), with the cell of the other
    column in its place where that is rounded too.

    Parameters
    ----------
    rho : float or array-like of shape (B,)
        Correlation, from -0.9999 to 0.9999.
    x_step, y_step : float or array-like of shape (B,), optional
        Distance of the points of the grid in standard deviations, from 0.05 to 4. A column is
        not rounded where it is left out.
    x_offset, y_offset : float or array-like of shape (B,), default=0.0
        Place of a point of the grid, as a share of the step, from -0.5 to 0.5.
    ordinal : bool, default=False
        Flag the rounded columns as discrete.

    Raises
    ------
    ValueError
        If a parameter lies outside its range, or neither column is rounded.

    References
    ----------
    Sheppard (1898), On the calculation of the most probable values of frequency-constants for
    data arranged according to equidistant division of a scale, Proc. London Math. Soc. 29.

    Examples
    --------
    >>> family = RoundedGaussian(0.8, x_step=1.0, y_step=1.0)
    >>> X, y = family.sample(5, random_state=0)
    >>> round(family.mutual_information, 4), bool((X == X.round()).all())
    (0.3942, True)
    """

    name = "rounded_gaussian"
    truth = "quadrature"
    source = "I = H(cell) - E H(cell | other column)"

    def __init__(
        self,
        rho: Any,
        x_step: ArrayLike | Tensor | None = None,
        y_step: ArrayLike | Tensor | None = None,
        x_offset: ArrayLike | Tensor = 0.0,
        y_offset: ArrayLike | Tensor = 0.0,
        *,
        ordinal: Any = False,
    ) -> None:
        rho = as_correlations(rho)
        if bool((rho.abs() > _MOST_RHO).any()):
            raise ValueError(
                f"rho must lie from -{_MOST_RHO} to {_MOST_RHO} for an exact truth, "
                f"got {rho.tolist()}"
            )
        if x_step is None and y_step is None:
            raise ValueError("give x_step, y_step or both; without a step use CorrelatedGaussian")
        sides = [_checked(*side) for side in (("x", x_step, x_offset), ("y", y_step, y_offset))]
        given = [value for side in sides if side for value in side]
        rho = torch.broadcast_tensors(rho, *given)[0]
        grids = [side and _Grid(*(v.expand_as(rho) for v in side)) for side in sides]
        self._set(rho, grids[0], grids[1], ordinal, float((1.0 - rho.square()).sqrt().min()))

    def _set(self, rho: Any, x_grid: Any, y_grid: Any, ordinal: Any, least_spread: Any) -> None:
        self.rho, self.x_grid, self.y_grid, self.ordinal = rho, x_grid, y_grid, bool(ordinal)
        self.spread = (1.0 - rho.square()).sqrt()
        if x_grid and y_grid:
            joint = _joint_cells(x_grid, y_grid, rho, least_spread)
            margins = x_grid.log_mass.unsqueeze(2) + y_grid.log_mass.unsqueeze(1)
            self._table = joint.clamp_min(torch.finfo(joint.dtype).tiny).log() - margins
            mi = (joint * self._table).sum((1, 2))
        else:
            mi = _one_rounded_mi(x_grid or y_grid, rho, least_spread)
        flags = [(self.ordinal and grid is not None,) for grid in (x_grid, y_grid)]
        self._declare(1, 1, mi.clamp_min(0.0), None, *flags, *flags)

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
        """Draw steps from 0.1 to 2 with grids at random places."""
        rng = rng or python_random(generator)
        target = draw_target_mi(batch, generator, upper=_PRIOR_MI)
        rho = draw_correlations(target, generator)
        rounded = rng.choices(((True, True), (True, False), (False, True)), (0.5, 0.25, 0.25))[0]
        ordinal = rng.random() < 0.3
        least = 0.4 if ordinal else 0.1
        grids = [_Grid.from_prior(batch, least, generator, rng) if r else None for r in rounded]
        family = cls.__new__(cls)
        family._set(rho, grids[0], grids[1], ordinal, math.exp(-_PRIOR_MI))
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw Gaussian pairs and round them: x and y, each (B, n, 1)."""
        values, grids = draw_pair(self.rho, n, generator), (self.x_grid, self.y_grid)
        x, y = (
            (grid.rounded(value, self.ordinal) if grid else value).to(dtype).unsqueeze(-1)
            for grid, value in zip(grids, values, strict=True)
        )
        return x, y

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """log P(cell | other column) - log P(cell), nats (B, n)."""
        x64, y64 = x[..., 0].double(), y[..., 0].double()
        if self.x_grid and self.y_grid:
            x_code = self.x_grid.code(x64, self.ordinal)
            at = x_code * self._table.shape[2] + self.y_grid.code(y64, self.ordinal)
            return self._table.flatten(1).gather(-1, at).to(x.dtype)
        grid, held, free = (self.x_grid, x64, y64) if self.x_grid else (self.y_grid, y64, x64)
        code = grid.code(held, self.ordinal)
        shift, spread = self.rho.unsqueeze(-1) * free, self.spread.unsqueeze(-1)
        low, high = grid.edges.gather(-1, code), grid.edges.gather(-1, code + 1)
        given = _log_interval((low - shift) / spread, (high - shift) / spread)
        return (given - grid.log_mass.gather(-1, code)).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The correlation, steps and offsets, and whether the cells are flagged discrete."""
        found: dict[str, Any] = {"rho": float(self.rho[0]), "ordinal": self.ordinal}
        for name, grid in (("x", self.x_grid), ("y", self.y_grid)):
            found[f"{name}_step"] = float(grid.step[0]) if grid else None
            found[f"{name}_offset"] = float(grid.offset[0]) if grid else 0.0
        return found


class _Grid:
    """Equal cells around the points (k + offset) step, numbered from 0.

    Parameters
    ----------
    step, offset : Tensor of shape (B,), float64
    least, most : float, optional
        Bounds of the steps; read from `step`, which waits for the device, when left out.
    """

    def __init__(self, step: Any, offset: Any, least: Any = None, most: Any = None) -> None:
        self.step, self.offset = step, offset
        self.least = float(step.min()) if least is None else least
        self.most = float(step.max()) if most is None else most
        self.half = math.ceil(_REACH / self.least) + 1
        k = torch.arange(2 * self.half + 2, dtype=torch.float64, device=step.device)
        self.edges = step.unsqueeze(-1) * (k - self.half - 0.5 + offset.unsqueeze(-1))
        self.log_mass = _log_interval(self.edges[:, :-1], self.edges[:, 1:])

    @classmethod
    def from_prior(
        cls, batch: int, least: Any, generator: torch.Generator, rng: random.Random
    ) -> Self:
        """Steps from `least` to 2 that differ by at most the ratio of a batch."""
        low = math.exp(rng.uniform(math.log(least), math.log(2.0 / _RATIO)))
        step = low * torch.exp(uniform(generator, batch, high=math.log(_RATIO)))
        centered = uniform(generator, batch) < 0.3
        offset = uniform(generator, batch, low=-0.5, high=0.5).masked_fill(centered, 0.0)
        return cls(step, offset, low, _RATIO * low)

    def rounded(self, value: Tensor, ordinal: Any) -> Tensor:
        """The point of the grid, or the number of the cell, nearest to a value (B, n)."""
        step, offset = self.step.unsqueeze(-1), self.offset.unsqueeze(-1)
        k = (value / step - offset).round()
        return (k + self.half).clamp(0, 2 * self.half) if ordinal else (k + offset) * step

    def code(self, held: Tensor, ordinal: Any) -> Tensor:
        """Number of the cell of a value that `rounded` gave (B, n), int64."""
        if not ordinal:
            held = (held / self.step.unsqueeze(-1) - self.offset.unsqueeze(-1)) + self.half
        return held.round().long().clamp(0, 2 * self.half)


def _checked(name: Any, step: Any, offset: Any) -> Any:
    """Step and offset of a column, or None where it is not rounded."""
    if step is None:
        return None
    step, offset = as_batch(step, 0, f"{name}_step"), as_batch(offset, 0, f"{name}_offset")
    if not bool(((step >= _LEAST_STEP) & (step <= _MOST_STEP)).all()):
        raise ValueError(
            f"{name}_step must lie from {_LEAST_STEP} to {_MOST_STEP}, got {step.tolist()}"
        )
    if bool((offset.abs() > 0.5).any()):
        raise ValueError(f"{name}_offset must lie from -0.5 to 0.5, got {offset.tolist()}")
    return step, offset


def _log_interval(low: Any, high: Any) -> Any:
    """Log P(low < E < high) of a standard normal E, exact in both tails."""
    flipped = low + high > 0.0
    below, above = torch.where(flipped, -high, low), torch.where(flipped, -low, high)
    log_above = torch.special.log_ndtr(above)
    gap = torch.special.log_ndtr(below) - log_above
    return log_above + torch.log(-torch.expm1(gap))


def _joint_cells(x_grid: Any, y_grid: Any, rho: Any, least_spread: Any) -> Any:
    """Probabilities (B, I, J) of the pairs of cells, by Gauss-Legendre within the cells of X."""
    if x_grid.most > y_grid.most:
        return _joint_cells(y_grid, x_grid, rho, least_spread).mT
    nodes = 3 + math.ceil(0.8 * x_grid.most / least_spread)
    scale = (0.5 / (1.0 - rho.square())).sqrt()[:, None, None]
    low, step = x_grid.edges[:, :-1, None], x_grid.step[:, None, None]
    edges, slope = scale * y_grid.edges.unsqueeze(1), scale * rho[:, None, None]
    total: Any = 0.0
    for place, weight in _legendre(nodes):
        u = low + place * step
        mass = (weight / math.sqrt(8.0 * math.pi)) * step * torch.exp(-0.5 * u.square())
        # One node at a time: all at once would fill the memory for fine grids.
        total = (edges - slope * u).erf_().mul_(mass).add_(total)
    return total.diff(dim=-1)


@functools.lru_cache(maxsize=128)
def _legendre(nodes: Any) -> Any:
    """Pairs of node and weight of Gauss-Legendre quadrature on (0, 1)."""
    at, weights = np.polynomial.legendre.leggauss(nodes)
    return tuple(zip((0.5 * (1.0 + at)).tolist(), (0.5 * weights).tolist(), strict=True))


def _one_rounded_mi(grid: Any, rho: Any, least_spread: Any) -> Any:
    """MI (B,) of one rounded column and one that is not."""
    places = max(64, math.ceil(8.0 * grid.most / least_spread))
    table = _cell_entropy(grid, rho, places)
    u = torch.linspace(-8.5, 8.5, 4096, dtype=torch.float64, device=rho.device)
    weights = torch.exp(-0.5 * u.square())
    at = rho.unsqueeze(-1) * u / grid.step.unsqueeze(-1) - grid.offset.unsqueeze(-1)
    given = _periodic(table, at) @ (weights / weights.sum())
    return -(grid.log_mass.exp() * grid.log_mass).sum(-1) - given


def _periodic(table: Any, at: Any) -> Any:
    """Values at (B, n) of a function of period 1, tabulated at (B, M) equal steps."""
    size = table.shape[-1]
    at = torch.remainder(at, 1.0) * size
    left = at.long().clamp_max(size - 1)
    share = at - left
    after = table.roll(-1, -1)
    # Without the second difference, errors would exceed the MI of weak pairs.
    bend = after + table.roll(1, -1) - 2.0 * table
    value = torch.lerp(table.gather(-1, left), after.gather(-1, left), share)
    return value - 0.5 * share * (1.0 - share) * bend.gather(-1, left)


def _cell_entropy(grid: Any, rho: Any, places: int) -> Any:
    """Entropy (B, places) of the cell of a normal variable, by the place of its mean in a cell."""
    reach = math.ceil(8.0 / grid.least) + 1
    k = torch.arange(-reach, reach + 2, dtype=torch.float64, device=rho.device) - 0.5
    place = torch.arange(places, dtype=torch.float64, device=rho.device) / places
    scale = (grid.step * (0.5 / (1.0 - rho.square())).sqrt())[:, None, None]
    share = 0.5 * torch.erf(scale * (k - place.unsqueeze(-1))).diff(dim=-1)
    return -torch.xlogy(share, share).sum(-1)
