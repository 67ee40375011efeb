"""Targets of several columns: noise that is shared, or signals of their own."""

from __future__ import annotations

import math
import random
from typing import Any

import torch
from torch import Tensor

from skmist.datasets.families.structural.continuous import ContinuousTarget, Signal, noise_level
from skmist.datasets.families.structural.graph import REPLICATES
from skmist.datasets.parts.mixing import random_mixing
from skmist.datasets.parts.random import log_uniform, normal, normal_points, orthogonal
from skmist.datasets.parts.target import draw_target_mi

__all__ = ["SeveralTargets", "SpreadTarget"]

_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
# Points of the mixture that is p(y), and those of them where it is averaged, in a replicate.
_MIXTURE, _AVERAGED = 512, 256


class SpreadTarget:
    """One target with noise in all columns: what it says lies in one projection of them."""

    def __init__(
        self, inputs: Tensor, q: int, generator: torch.Generator, rng: random.Random
    ) -> None:
        batch = len(inputs)
        self.discrete = self.ordered = (False,) * q
        self.base = ContinuousTarget(inputs, generator, rng)
        self.mi, self.standard_error = self.base.mi, self.base.standard_error
        level = self.base.sigmas.clamp_min(0.02).log().mean(-1).exp()[:, None, None]
        scales = level * log_uniform(generator, batch, 1, q, low=0.7, high=1.5)
        scales[..., 0] = 1.0
        self.mixing = orthogonal(batch, q, generator) * scales
        self.inverse = torch.linalg.inv_ex(self.mixing)[0]

    def draw(self, inputs: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw y (B, n, q) and the pointwise MI (B, n)."""
        first, pmi = self.base.draw(inputs, generator)
        shape = (*first.shape[:2], self.mixing.shape[-1] - 1)
        rest = normal(generator, *shape, dtype=first.dtype)
        return torch.cat([first, rest], -1) @ self.mixing.mT.to(first.dtype), pmi

    def log_ratio(self, inputs: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI (B, n)."""
        first = y @ self.inverse[:, :1].mT.to(y.dtype)
        return self.base.log_ratio(inputs, first)


class SeveralTargets:
    """Two to four columns, each with a signal of its own and normal noise, dependent or not.

    p(y) is a mixture over quasi-random rows; the MI is that of rows left out one by one, for which
    the entropy of the noise is exact.
    """

    def __init__(
        self,
        inputs: Tensor,
        q: int,
        sources: int,
        generator: torch.Generator,
        rng: random.Random,
    ) -> None:
        batch = len(inputs)
        self.discrete = self.ordered = (False,) * q
        self.inputs = inputs.unflatten(1, (REPLICATES, -1))[:, :, :_MIXTURE].flatten(1, 2)
        self.signals = [Signal(inputs, generator, rng) for _ in range(q)]
        wanted = draw_target_mi(batch, generator, upper=2.0) / math.sqrt(q)
        sigma = noise_level(wanted).unsqueeze(-1) * log_uniform(
            generator, batch, q, low=0.7, high=1.5
        )
        kind = "identity" if rng.random() < 0.5 else None
        self.root = random_mixing(batch, q, generator, rng, kind) * sigma.unsqueeze(-1)
        self.inverse = torch.linalg.inv_ex(self.root)[0]
        centers = self._signal(self.inputs)
        self.centers = (centers.double() @ self.inverse.mT).float()
        self._average(q, sources, generator)

    def _signal(self, inputs: Tensor) -> Tensor:
        return torch.stack([signal(inputs) for signal in self.signals], -1)

    def _average(self, q: int, sources: int, generator: torch.Generator) -> None:
        # The noise takes the dimensions of the sequence that follow those of the rows.
        e = normal_points(REPLICATES, 2 * _MIXTURE, sources + q, generator)[..., sources:]
        chosen = torch.arange(REPLICATES * _MIXTURE, device=e.device)
        chosen = chosen.view(REPLICATES, _MIXTURE)[:, :_AVERAGED].flatten()
        y = self.centers[:, chosen] + e[:, :_AVERAGED].flatten(0, 1)
        log_p = self._log_marginal(y, chosen)
        means = -log_p.double().view(len(y), REPLICATES, -1).mean(-1)
        entropy = q * (_HALF_LOG_2PI + 0.5)
        self.mi = (means.mean(-1) - entropy).clamp_min(0.0)
        self.standard_error = means.std(-1) / math.sqrt(REPLICATES)

    def _log_marginal(self, y: Tensor, without: Any = None) -> Tensor:
        """Log density (B, n) of whitened y, of the mixture without one point for each row."""
        m = self.centers.shape[1]
        square = y.square().sum(-1)
        rows = []
        for part in torch.arange(y.shape[1], device=y.device).split(2048):
            product = y[:, part] @ self.centers.mT
            product = product - 0.5 * self.centers.square().sum(-1).unsqueeze(1)
            if without is not None:
                at = without[part]
                product[:, torch.arange(len(part), device=y.device), at] = -math.inf
            rows.append(torch.logsumexp(product, -1))
        count = m if without is None else m - 1
        constant = y.shape[-1] * _HALF_LOG_2PI + math.log(count)
        return torch.cat(rows, -1) - 0.5 * square - constant

    def draw(self, inputs: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw y (B, n, q) and the pointwise MI (B, n)."""
        signal = self._signal(inputs)
        e = normal(generator, *signal.shape, dtype=signal.dtype)
        y = signal + e @ self.root.mT.to(e.dtype)
        return y, self._ratio(e, y)

    def log_ratio(self, inputs: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI (B, n)."""
        e = (y - self._signal(inputs)).double() @ self.inverse.mT
        return self._ratio(e, y).to(y.dtype)

    def _ratio(self, e: Tensor, y: Tensor) -> Tensor:
        white = (y.double() @ self.inverse.mT).float()
        given = -0.5 * e.square().sum(-1) - e.shape[-1] * _HALF_LOG_2PI
        return given - self._log_marginal(white).to(given.dtype)
