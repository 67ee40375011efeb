"""Targets of several columns: one signal or two, spread over them among noise."""

from __future__ import annotations

import math
import random
from typing import Any

import torch
from torch import Tensor

from skmist.datasets.families.structural.continuous import ContinuousTarget, Signal, noise_level
from skmist.datasets.families.structural.graph import REPLICATES
from skmist.datasets.parts.random import log_uniform, normal, orthogonal
from skmist.datasets.parts.target import draw_target_mi

__all__ = ["SeveralTargets", "TwoSignals"]

_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
_GRID, _REACH, _LEAST_DENSITY = 256, 6.0, 1e-13
# Least spread of the noise, in steps of the grid.
_RESOLUTION = 3.0


class TwoSignals:
    """Two columns, each a signal of its own and normal noise: their density on a plane grid.

    Attributes
    ----------
    sigmas : Tensor of shape (B, 2)
        Spread of the noise.
    """

    discrete = ordered = (False, False)

    def __init__(self, inputs: Tensor, generator: torch.Generator, rng: random.Random) -> None:
        batch = len(inputs)
        self.signals = [Signal(inputs, generator, rng) for _ in range(2)]
        wanted = draw_target_mi(batch, generator, upper=2.3).unsqueeze(-1)
        shares = log_uniform(generator, batch, 2, low=0.3, high=1.0)
        points = torch.stack([s.at_points for s in self.signals], -1).double()
        span = points.amax(1) - points.amin(1)
        least = _RESOLUTION * span / (_GRID - 3 - 2.0 * _RESOLUTION * _REACH)
        self.sigmas = torch.maximum(noise_level(shares * wanted), least)
        self.low = points.amin(1) - _REACH * self.sigmas
        self.step = (span + 2.0 * _REACH * self.sigmas) / (_GRID - 3)
        self.low = self.low - self.step
        self._fit(points)

    def _fit(self, points: Tensor) -> None:
        transfer = self._transfer()
        masses = torch.fft.rfft2(self._histogram(points))
        cell = self.step.prod(-1)
        density = torch.fft.irfft2(masses * transfer, s=(_GRID, _GRID)) / cell[:, None, None]
        density = density.clamp_min(_LEAST_DENSITY)
        self.log_density = density.log()
        entropy = -(density * self.log_density).sum((1, 2)) * cell
        total = density.sum((1, 2)) * cell
        noise = (2.0 * _HALF_LOG_2PI + 1.0) + self.sigmas.log().sum(-1)
        self.mi = (entropy / total + total.log() - noise).clamp_min(0.0)
        smooth = torch.fft.rfft2(self.log_density) * transfer
        effect = self._interpolate(torch.fft.irfft2(smooth, s=(_GRID, _GRID)), points)
        means = effect.view(len(points), REPLICATES, -1).mean(-1)
        self.standard_error = means.std(-1) / math.sqrt(REPLICATES)

    def _transfer(self) -> Tensor:
        """Transform (B, G, G / 2 + 1) of the noise."""
        device = self.step.device
        turns = torch.fft.fftfreq(_GRID, device=device), torch.fft.rfftfreq(_GRID, device=device)
        # Sharing points between nodes adds step^2 / 6 of variance; the kernel gives it back.
        variance = (self.sigmas / self.step).square() - 1.0 / 6.0
        rows, columns = (
            torch.exp(-0.5 * variance[:, k, None] * (2.0 * math.pi * turns[k].double()).square())
            for k in (0, 1)
        )
        return rows.unsqueeze(2) * columns.unsqueeze(1)

    def _corners(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """The four nodes (B, M, 4) around points, as flat places, and their shares."""
        at = (points - self.low.unsqueeze(1)) / self.step.unsqueeze(1)
        at = at.clamp(0.0, _GRID - 1.000001)
        left = at.long()
        share = at - left
        place = left[..., 0] * _GRID + left[..., 1]
        places = torch.stack([place, place + 1, place + _GRID, place + _GRID + 1], -1)
        a, b = share.unbind(-1)
        shares = [(1 - a) * (1 - b), (1 - a) * b, a * (1 - b), a * b]
        return places, torch.stack(shares, -1)

    def _histogram(self, points: Tensor) -> Tensor:
        places, shares = self._corners(points)
        mass = torch.zeros(len(points), _GRID**2, dtype=torch.float64, device=points.device)
        mass.scatter_add_(-1, places.flatten(1), shares.flatten(1) / points.shape[1])
        return mass.unflatten(-1, (_GRID, _GRID))

    def _interpolate(self, table: Tensor, points: Tensor) -> Tensor:
        places, shares = self._corners(points)
        at = table.flatten(1).gather(-1, places.flatten(1)).view_as(shares)
        return (at * shares).sum(-1)

    def draw(self, inputs: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw y (B, n, 2) and the pointwise MI (B, n)."""
        signal = torch.stack([s(inputs) for s in self.signals], -1)
        e = normal(generator, *signal.shape, dtype=signal.dtype)
        y = signal + self.sigmas.unsqueeze(1).to(e.dtype) * e
        return y, self._ratio(e, y)

    def log_ratio(self, inputs: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI (B, n)."""
        signal = torch.stack([s(inputs) for s in self.signals], -1)
        return self._ratio((y - signal) / self.sigmas.unsqueeze(1).to(y.dtype), y)

    def _ratio(self, e: Tensor, y: Tensor) -> Tensor:
        given = -0.5 * e.double().square().sum(-1) - 2.0 * _HALF_LOG_2PI
        given = given - self.sigmas.log().sum(-1, keepdim=True)
        return (given - self._interpolate(self.log_density, y.double())).to(e.dtype)


class SeveralTargets:
    """One target or two with noise in all columns: what they say lies in few projections.

    Parameters
    ----------
    base : ContinuousTarget or TwoSignals
    q : int
        Number of columns, of which the base takes one or two.
    """

    def __init__(
        self,
        base: ContinuousTarget | TwoSignals,
        q: int,
        generator: torch.Generator,
        rng: random.Random,
    ) -> None:
        self.discrete = self.ordered = (False,) * q
        self.base, batch = base, len(base.mi)
        self.mi, self.standard_error = base.mi, base.standard_error
        self.first = len(base.discrete)
        level = base.sigmas.clamp_min(0.02).log().mean(-1).exp()[:, None]
        scales: Any = level * log_uniform(generator, batch, q, low=0.7, high=1.5)
        scales[:, : self.first] = 1.0
        self.mixing = orthogonal(batch, q, generator) * scales.unsqueeze(1)
        if self.first == q and rng.random() < 0.5:
            self.mixing = torch.eye(q, dtype=scales.dtype, device=scales.device).expand(
                batch, q, q
            )
        self.inverse = torch.linalg.inv_ex(self.mixing)[0]

    def draw(self, inputs: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw y (B, n, q) and the pointwise MI (B, n)."""
        first, pmi = self.base.draw(inputs, generator)
        shape = (*first.shape[:2], self.mixing.shape[-1] - self.first)
        rest = normal(generator, *shape, dtype=first.dtype)
        return torch.cat([first, rest], -1) @ self.mixing.mT.to(first.dtype), pmi

    def log_ratio(self, inputs: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI (B, n)."""
        first = y @ self.inverse[:, : self.first].mT.to(y.dtype)
        return self.base.log_ratio(inputs, first)
