"""Discrete targets: classes, counts and ordered steps."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from skmist.datasets.families.classification import draw_codes, random_logits
from skmist.datasets.families.structural.columns import draw_levels
from skmist.datasets.families.structural.continuous import Signal, noise_level
from skmist.datasets.families.structural.graph import REPLICATES
from skmist.datasets.parts.random import dirichlet, gamma, log_uniform, normal, uniform
from skmist.datasets.parts.target import draw_target_mi

__all__ = ["ClassTarget", "CountTarget", "StepTarget"]

# A signal of spread 1 is cut here.
_REACH = 4.0
_MOST_CLASSES, _MOST_STEPS = 30, 16
# Of the class targets: whose logits are mixtures of so many random functions at most.
_MECHANICAL, _MOST_SIGNALS = 0.4, 3
_TINY = 1e-12


class ClassTarget:
    """A class by softmax of random logits, in some batches kept and else drawn anew.

    p(y) is the mean of p(y | x) over quasi-random rows.
    """

    discrete, ordered = (True,), (False,)

    def __init__(self, inputs: Tensor, generator: torch.Generator, rng: random.Random) -> None:
        batch, active = len(inputs), inputs.shape[-1]
        few = rng.random() < 0.6
        self.classes = draw_levels(rng, 5 if few else _MOST_CLASSES)
        if rng.random() < _MECHANICAL:
            self.logits = _mechanical_logits(inputs, self.classes, generator, rng)
        else:
            self.logits = random_logits(batch, active, self.classes, generator, rng)
        kept = uniform(generator, batch, 1, 1, low=0.05) if rng.random() < 0.35 else 1.0
        ones = torch.ones(batch, 1, self.classes, dtype=torch.float64, device=generator.device)
        self.kept, self.anew = kept, dirichlet(3.0 * ones, generator)
        self._fit(inputs)

    def _fit(self, inputs: Tensor) -> None:
        if inputs.shape[1] > 1024 * REPLICATES:
            inputs = inputs.unflatten(1, (REPLICATES, -1))[:, :, :1024].flatten(1, 2)
        log_p = self._log_conditional(inputs)
        p = log_p.exp()
        self.log_marginal = p.double().mean(1).clamp_min(_TINY).log()
        kl = (p * (log_p - self.log_marginal.to(p.dtype).unsqueeze(1))).sum(-1).double()
        kl = kl.view(len(kl), REPLICATES, -1).mean(-1)
        self.mi = kl.mean(-1).clamp_min(0.0)
        self.standard_error = kl.std(-1) / math.sqrt(REPLICATES)

    def _log_conditional(self, inputs: Tensor) -> Tensor:
        log_p = torch.log_softmax(self.logits(inputs), -1)
        if isinstance(self.kept, float):
            return log_p
        kept, anew = self.kept.to(log_p.dtype), self.anew.to(log_p.dtype)
        return (kept * log_p.exp() + (1.0 - kept) * anew).clamp_min(_TINY).log()

    def draw(self, inputs: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw codes y (B, n, 1) and the pointwise MI (B, n)."""
        log_p = self._log_conditional(inputs)
        codes = draw_codes(log_p, generator)
        return codes.to(inputs.dtype).unsqueeze(-1), self._ratio(log_p, codes)

    def log_ratio(self, inputs: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI (B, n)."""
        return self._ratio(self._log_conditional(inputs), y[..., 0].round().long())

    def _ratio(self, log_p: Tensor, codes: Tensor) -> Tensor:
        given = log_p.gather(-1, codes.unsqueeze(-1))[..., 0]
        return given - self.log_marginal.to(log_p.dtype).gather(-1, codes)


def _mechanical_logits(
    inputs: Tensor, classes: int, generator: torch.Generator, rng: random.Random
) -> Callable[[Tensor], Tensor]:
    """Mixtures of a few random functions of the kinds that numbers follow; one for two classes."""
    batch = len(inputs)
    count = 1 if classes == 2 else rng.randint(1, _MOST_SIGNALS)
    signals = [Signal(inputs, generator, rng) for _ in range(count)]
    sharpness = log_uniform(generator, batch, 1, 1, low=0.5, high=8.0)
    weights = sharpness * normal(generator, batch, count, classes)
    if classes == 2:
        weights = sharpness * torch.tensor([0.5, -0.5], dtype=torch.float64, device=weights.device)
    offset = rng.choice((0.0, 1.0)) * normal(generator, batch, 1, classes)

    def logits(u: Tensor) -> Tensor:
        values = torch.stack([signal(u) for signal in signals], -1)
        return values @ weights.to(u.dtype) + offset.to(u.dtype)

    return logits


class _SignalTable:
    """Whole numbers whose law depends on one signal: P(y) a sum over nodes of the signal.

    Subclasses provide ``_log_conditional(s, k)`` for signals (B, m, 1) and whole numbers, and
    ``_respond``.
    """

    _log_conditional: Any
    _respond: Any
    signal: Any
    size: int
    nodes = 1024

    def _tabulate(self) -> None:
        values = self._cut(self.signal.at_points.double())
        device = values.device
        count = self.nodes
        nodes = torch.linspace(-_REACH, _REACH, count, dtype=torch.float64, device=device)
        numbers = torch.arange(self.size, dtype=torch.float64, device=device)
        log_p = self._log_conditional(nodes.expand(len(values), -1).unsqueeze(-1), numbers)
        p = log_p.exp()
        at = (values + _REACH) * ((count - 1) / (2.0 * _REACH))
        left = at.long().clamp_max(count - 2)
        share = at - left
        mass = torch.zeros(len(values), count, dtype=torch.float64, device=device)
        mass.scatter_add_(-1, left, 1.0 - share).scatter_add_(-1, left + 1, share)
        marginal = ((mass / at.shape[-1]).unsqueeze(1) @ p)[:, 0]
        self.log_marginal = marginal.clamp_min(1e-30).log()
        kl = (p * log_p).sum(-1) - (p @ self.log_marginal.unsqueeze(-1))[..., 0]
        at_points = torch.lerp(kl.gather(-1, left), kl.gather(-1, left + 1), share)
        means = at_points.view(len(values), REPLICATES, -1).mean(-1)
        self.mi = means.mean(-1).clamp_min(0.0)
        self.standard_error = means.std(-1) / math.sqrt(REPLICATES)

    def _cut(self, signal: Tensor) -> Tensor:
        return signal.clamp(-_REACH, _REACH)

    def draw(self, inputs: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw y (B, n, 1) and the pointwise MI (B, n)."""
        signal = self._cut(self.signal(inputs))
        y = self._respond(signal, generator).clamp(0, self.size - 1)
        return y.to(inputs.dtype).unsqueeze(-1), self._ratio(signal, y).to(inputs.dtype)

    def log_ratio(self, inputs: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI (B, n)."""
        return self._ratio(self._cut(self.signal(inputs)), y[..., 0])

    def _ratio(self, signal: Tensor, y: Tensor) -> Tensor:
        number = y.round().double()
        given = self._log_conditional(signal.double().unsqueeze(-1), number.unsqueeze(-1))
        at = number.long().clamp(0, self.size - 1)
        return given[..., 0] - self.log_marginal.gather(-1, at)


class CountTarget(_SignalTable):
    """Counts, Poisson or negative binomial, with a random function as their log rate.

    Flagged discrete and ordered where the rates are small.
    """

    nodes = 512

    def __init__(self, inputs: Tensor, generator: torch.Generator, rng: random.Random) -> None:
        batch = len(inputs)
        few = rng.random() < 0.5
        self.discrete = self.ordered = (few,)
        self.dispersion = math.exp(rng.uniform(0.0, 3.0)) if rng.random() < 0.35 else None
        most, size = (6.0, 28) if few else (30.0, 96)
        if self.dispersion is not None:
            most, size = (3.0, 48) if few else (10.0, 128)
        self.size, self.signal = size, Signal(inputs, generator, rng)
        level = log_uniform(generator, batch, 1, low=0.15, high=0.5 * most)
        noise = level.reciprocal() + (0.0 if self.dispersion is None else 1.0 / self.dispersion)
        wanted = draw_target_mi(batch, generator, upper=3.0).unsqueeze(-1)
        self.slope = (noise * torch.expm1(2.0 * wanted)).sqrt().clamp_max(1.5)
        self.level, self.most = level.log(), math.log(most)
        self._tabulate()

    def _log_rate(self, signal: Tensor) -> Tensor:
        level, slope = self.level.to(signal.dtype), self.slope.to(signal.dtype)
        shape = (len(level), *[1] * (signal.ndim - 1))
        return (level.view(shape) + slope.view(shape) * signal).clamp(-12.0, self.most)

    def _log_conditional(self, signal: Tensor, count: Tensor) -> Tensor:
        log_rate, r = self._log_rate(signal), self.dispersion
        if r is None:
            return count * log_rate - log_rate.exp() - torch.lgamma(count + 1.0)
        ways = torch.lgamma(count + r) - math.lgamma(r) - torch.lgamma(count + 1.0)
        return (
            ways
            - count * torch.log1p(r * torch.exp(-log_rate))
            - r * torch.log1p(log_rate.exp() / r)
        )

    def _respond(self, signal: Tensor, generator: torch.Generator) -> Tensor:
        rate = self._log_rate(signal).exp()
        if self.dispersion is not None:
            r = torch.full_like(rate, self.dispersion)
            rate = rate * gamma(r, generator) / r
        return torch.poisson(rate, generator=generator)


class StepTarget(_SignalTable):
    """Ordered steps: a signal with logistic noise, cut at thresholds."""

    discrete = ordered = (True,)

    def __init__(self, inputs: Tensor, generator: torch.Generator, rng: random.Random) -> None:
        batch = len(inputs)
        self.size = max(3, draw_levels(rng, _MOST_STEPS))
        self.signal = Signal(inputs, generator, rng)
        wanted = draw_target_mi(batch, generator, upper=2.5)
        self.spread = (0.55 * noise_level(wanted)).clamp_min(0.03).unsqueeze(-1)
        wide = (1.0 + (1.8 * self.spread).square()).sqrt()
        self.cuts = wide * (1.1 * normal(generator, batch, self.size - 1)).sort(-1).values
        self._tabulate()

    def _log_conditional(self, signal: Tensor, step: Tensor) -> Tensor:
        """Log P(step | signal), of all steps or of one for each signal (B, n, 1)."""
        infinite = torch.full_like(self.cuts[:, :1], math.inf)
        edges = torch.cat([-infinite, self.cuts, infinite], -1)
        if step.ndim == 1:
            low, high = edges[:, None, :-1], edges[:, None, 1:]
        else:
            at = step[..., 0].long().clamp(0, self.size - 1)
            low, high = (edges.gather(-1, at + k).unsqueeze(-1) for k in (0, 1))
        spread = self.spread.unsqueeze(-1)
        p = torch.sigmoid((high - signal) / spread) - torch.sigmoid((low - signal) / spread)
        return p.clamp_min(1e-15).log()

    def _respond(self, signal: Tensor, generator: torch.Generator) -> Tensor:
        u = uniform(generator, *signal.shape).clamp(1e-12, 1.0 - 1e-12)
        value = signal.double() + self.spread * torch.logit(u)
        return torch.searchsorted(self.cuts, value.contiguous()).double()
