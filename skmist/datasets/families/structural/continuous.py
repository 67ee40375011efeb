"""Targets with noise: y = s(x) + sigma(x) e, its density a convolution on a grid."""

from __future__ import annotations

import math
import random
from typing import Any

import torch
from torch import Tensor

from skmist.datasets.families.structural.graph import REPLICATES, moments
from skmist.datasets.families.structural.mechanisms import random_mechanism
from skmist.datasets.families.structural.noise import LAWS, LONG_TAILED
from skmist.datasets.parts.density_grid import interpolate
from skmist.datasets.parts.random import normal, uniform
from skmist.datasets.parts.target import draw_target_mi

__all__ = ["ContinuousTarget", "Signal", "noise_level"]

_GRID = 4096
# Spread that the grid resolves, as a share of the range of the signal; and if it has an edge.
_RESOLUTION, _EDGE_RESOLUTION = 1.0 / 600.0, 1.0 / 150.0
# Most that the entropy of a smooth density changes from one resolution to twice as much, nats.
_SMOOTH = 0.003
_MOST, _LEAST_FAR, _MOST_FAR = 3.0, 4.0, 12.0
_BELOW_ROWS = 2.0
_LEAST_DENSITY = 1e-13


class Signal:
    """A random function of the inputs with mean 0 and spread 1 over the quasi-random rows."""

    def __init__(self, inputs: Tensor, generator: torch.Generator, rng: random.Random) -> None:
        self.function = random_mechanism(len(inputs), inputs.shape[-1], generator, rng)
        values = self.function(inputs)
        self.center, self.scale = moments(values)
        values = (values - self.center.to(values.dtype)) / self.scale.to(values.dtype)
        # No row lies farther out than those of which p(y) is made.
        self.low, self.high = values.amin(1, keepdim=True), values.amax(1, keepdim=True)
        self.at_points = values

    def __call__(self, inputs: Tensor) -> Tensor:
        """Values (B, n) at inputs (B, n, a)."""
        values = self.function(inputs)
        values = (values - self.center.to(values.dtype)) / self.scale.to(values.dtype)
        return values.clamp(self.low.to(values.dtype), self.high.to(values.dtype))


def noise_level(mi: Tensor) -> Tensor:
    """Spread of the noise that gives so much information on a normal signal of spread 1."""
    return torch.expm1(2.0 * mi.clamp(0.002, 12.5)).rsqrt()


class ContinuousTarget:
    """One column: a signal and noise, of one spread or of a few that depend on the inputs.

    Its density is exact to the grid where the noise is wider than a 600th of the range of the
    signal. Finer noise stays where the density is smooth on that scale, which is measured by
    twice the scale; else it is made wider.

    Parameters
    ----------
    inputs : Tensor of shape (B, M, a)
        Columns that the target reads, in the quasi-random rows.
    far : bool
        Whether the wanted information is 4 to 12 nats.
    whole : bool, default=False
        Whether these rows are all that there are, and not a sample of them.
    """

    discrete = ordered = (False,)

    def __init__(
        self,
        inputs: Tensor,
        generator: torch.Generator,
        rng: random.Random,
        far: bool = False,
        whole: bool = False,
    ) -> None:
        batch = len(inputs)
        self.signal = Signal(inputs, generator, rng)
        varied = rng.random() < 0.25
        names = [name for name in LAWS if not varied or name not in LONG_TAILED]
        self.law = LAWS[rng.choice(("normal", *names))]
        if far:
            wanted = uniform(generator, batch, low=_LEAST_FAR, high=_MOST_FAR)
        else:
            wanted = draw_target_mi(batch, generator, upper=_most_wanted(inputs, whole))
        sigma = noise_level(wanted) / math.sqrt(self.law.variance)
        self._level = _levels(inputs, generator, rng) if varied else None
        self._fit(inputs, sigma.unsqueeze(-1), far)
        if whole:
            self.most = math.inf  # the grid has all of the mixture

    def _fit(self, inputs: Tensor, sigma: Tensor, far: bool) -> None:
        values = self.signal.at_points.double()
        self.most = _MOST_FAR + 6.0 if far else math.log(values.shape[1])
        codes, factors = self._codes(inputs), 1.0
        if self._level is not None:
            factors = self._level[1]
        sigmas = sigma * factors
        span = values.amax(-1, keepdim=True) - values.amin(-1, keepdim=True)
        share = _EDGE_RESOLUTION if self.law.jumps else _RESOLUTION
        least = share * span / math.sqrt(self.law.variance)
        self.sigmas = torch.maximum(sigmas, least)
        self.grid = grid = _Convolution(values, codes, self.sigmas, self.law)
        if far:
            wide = _Convolution(values, codes, torch.maximum(sigmas, 2.0 * least), self.law)
            smooth = ((wide.entropy - grid.entropy).abs() < _SMOOTH).unsqueeze(-1)
            self.sigmas = torch.where(smooth, sigmas, self.sigmas)
        log_spread = self.sigmas.log().gather(-1, codes)
        self.mi = (grid.entropy - self.law.entropy - log_spread.mean(-1)).clamp_min(0.0)
        effect = (grid.effect() - log_spread).view(len(values), REPLICATES, -1).mean(-1)
        self.standard_error = effect.std(-1) / math.sqrt(REPLICATES)

    def _codes(self, inputs: Tensor) -> Tensor:
        if self._level is None:
            return torch.zeros(inputs.shape[:2], dtype=torch.int64, device=inputs.device)
        codes: Tensor = self._level[0](inputs)
        return codes

    def draw(self, inputs: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw y (B, n, 1) and the pointwise MI (B, n)."""
        signal, spread = self.signal(inputs), self._spread(inputs)
        e = self.law.draw(signal, generator)
        y = signal + spread * e
        given = self.law.log_density(e) - spread.log()
        return y.unsqueeze(-1), self._ratio(given, y)

    def log_ratio(self, inputs: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI (B, n)."""
        signal, spread = self.signal(inputs), self._spread(inputs)
        given = self.law.log_density((y[..., 0] - signal) / spread) - spread.log()
        return self._ratio(given, y[..., 0])

    def _ratio(self, given: Tensor, y: Tensor) -> Tensor:
        # Between its points, the grid knows nothing of the row's own part of the mixture.
        ratio = given - self.grid.log_at(y)
        return (-torch.logaddexp(-ratio, torch.full_like(ratio, -self.most))).to(y.dtype)

    def _spread(self, inputs: Tensor) -> Tensor:
        return self.sigmas.to(inputs.dtype).gather(-1, self._codes(inputs))


def _most_wanted(inputs: Tensor, whole: bool) -> float:
    """Most information that is asked for, nats: few rows that are all do not tell of more."""
    most = math.log(inputs.shape[1]) - _BELOW_ROWS if whole else _MOST
    return min(_MOST, most)


def _levels(inputs: Tensor, generator: torch.Generator, rng: random.Random) -> Any:
    """Which of a few spreads the noise has, a function of the inputs, and their factors."""
    count = rng.randint(2, 5)
    function = Signal(inputs, generator, rng)
    batch = len(inputs)
    cuts = normal(generator, batch, count - 1).sort(-1).values
    factors = torch.exp(uniform(generator, batch, count, low=-1.5, high=1.5))

    def codes(u: Tensor) -> Tensor:
        return torch.searchsorted(cuts.to(u.dtype), function(u).contiguous())

    return codes, factors


class _Convolution:
    """Density of s + sigma e on a grid, with sigma one of the levels of each entry.

    Parameters
    ----------
    values, codes : Tensor of shape (B, M)
        Points of the signal, and the level that the noise has there.
    sigmas : Tensor of shape (B, L)
    law : Law
    """

    def __init__(self, values: Tensor, codes: Tensor, sigmas: Tensor, law: Any) -> None:
        self.values, self.codes, self.sigmas, self.law = values, codes, sigmas, law
        widest = sigmas.amax(-1)
        self.low = values.amin(-1) + law.low * widest
        high = values.amax(-1) + law.high * widest
        self.step = (high - self.low) / (_GRID - 3)
        self.low = self.low - self.step
        self.transfer = torch.fft.rfft(self._kernel())
        masses = torch.fft.rfft(self._histogram())
        density = torch.fft.irfft((masses * self.transfer).sum(1), n=_GRID)
        self.density = (density / self.step.unsqueeze(-1)).clamp_min(_LEAST_DENSITY)
        total = self.density.sum(-1) * self.step
        self.log_density = self.density.log()
        weighted = (self.density * self.log_density).sum(-1) * self.step
        self.entropy = -weighted / total + total.log()

    def _kernel(self) -> Tensor:
        """Mass (B, L, G) of the noise in cells around multiples of the step, from 0 on."""
        k = torch.arange(_GRID, dtype=torch.float64, device=self.step.device)
        k = torch.where(k >= _GRID // 2, k - _GRID, k)
        step = self.step.unsqueeze(-1)
        # Sharing points between nodes and the width of a cell add to the variance.
        variance = self.sigmas.square() - 0.25 * step.square() / self.law.variance
        spread = variance.clamp_min(0.25 * self.sigmas.square()).sqrt().unsqueeze(-1)
        width = step.unsqueeze(-1) / spread
        return self.law.below((k + 0.5) * width) - self.law.below((k - 0.5) * width)

    def _histogram(self) -> Tensor:
        levels = self.sigmas.shape[-1]
        at = (self.values - self.low.unsqueeze(-1)) / self.step.unsqueeze(-1)
        left = at.long()
        share, place = at - left, left + self.codes * _GRID
        mass = torch.zeros(len(at), levels * _GRID, dtype=torch.float64, device=self.values.device)
        mass.scatter_add_(-1, place, 1.0 - share).scatter_add_(-1, place + 1, share)
        return mass.unflatten(-1, (levels, _GRID)) / at.shape[-1]

    def log_at(self, y: Tensor) -> Tensor:
        """Log density at y (B, n); beyond the grid, that of the noise around the signal's mean."""
        y = y.double()
        inside = interpolate(self.density, self.low, self.step, y).log()
        widest = self.sigmas.amax(-1, keepdim=True)
        beyond = self.law.log_density(y / widest) - widest.log()
        high = self.low + self.step * (_GRID - 1)
        outside = (y < self.low.unsqueeze(-1)) | (y > high.unsqueeze(-1))
        return torch.where(outside & beyond.isfinite(), beyond, inside)

    def effect(self) -> Tensor:
        """First-order effect (B, M) of each point on the entropy: mean of -log p(y) there."""
        transfer = self.transfer.conj()
        smooth = torch.fft.irfft(
            torch.fft.rfft(-self.log_density).unsqueeze(1) * transfer, n=_GRID
        )
        at = [
            interpolate(smooth[:, k], self.low, self.step, self.values)
            for k in range(self.sigmas.shape[-1])
        ]
        return torch.stack(at, -1).gather(-1, self.codes.unsqueeze(-1))[..., 0]
