"""The law of a batch: a smooth density ratio, chosen by what it says of rows it has not seen."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from skmist.nn.gradient.coordinates import Whitening
from skmist.nn.gradient.mixture import Mixture, fit_mixture
from skmist.nn.gradient.regression import Regression, bends

__all__ = ["KnownChannel", "Law", "LogDensity"]

_MARGIN = 0.005

LogDensity = Callable[[Tensor, Tensor], Tensor]
"""log p(y | x) (n,) of rows x (n, p) and y (n, q), nats, differentiable."""


class Law:
    """Smooth estimate of log p(x, y) / (p(x) p(y)) of a batch.

    A mixture of Gaussians or of Student-t laws; where more than one component is needed, or one
    side bends with the other, also a function of one side and noise as the other, which is taken
    if it predicts the rows better.

    Parameters
    ----------
    x : Tensor of shape (n, p), float64
    y : Tensor of shape (n, q), float64, or of shape (n,), int64
        Numbers, or codes 0, 1, ... of categories.
    generator : torch.Generator
        On the CPU.
    """

    def __init__(self, x: Tensor, y: Tensor, generator: torch.Generator) -> None:
        self._to_x = Whitening(x)
        self.labelled = not y.is_floating_point()
        self._to_y = None if self.labelled else Whitening(y)
        u, v = self._to_x(x), y if self._to_y is None else self._to_y(y)
        rows = u if self.labelled else torch.cat([u, v], dim=1)
        self.mixture: Mixture = fit_mixture(rows, v if self.labelled else None, generator)
        self._regression: tuple[Regression, int] | None = None
        # one component may be all that few rows of many columns allow
        if not self.labelled and (
            self.mixture.n_components > 1 or bends(u, v, generator) or bends(v, u, generator)
        ):
            self._regression = self._better_regression(u, v, generator)
        if self._regression is not None:
            outputs = (v, u)[self._regression[1]]
            self._outputs = fit_mixture(outputs, None, generator)

    @property
    def name(self) -> str:
        """What was chosen, in words."""
        if self._regression is not None:
            return ("y as a function of x", "x as a function of y")[self._regression[1]]
        heavy = float(self.mixture.dof[0]) < 100
        return f"{self.mixture.n_components} {'Student-t' if heavy else 'Gaussian'}"

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI (n,) of rows, nats, differentiable."""
        u = self._to_x(x)
        if self._to_y is None:
            inside = self.mixture.log_density(u, 0, y) - self.mixture.log_share(y)
            return inside - self.mixture.log_density(u, 0)
        v = self._to_y(y)
        if self._regression is not None:
            regression, i = self._regression
            sides = (u, v) if i == 0 else (v, u)
            return regression.log_density(*sides) - self._outputs.log_density(sides[1], 0)
        joint = self.mixture.log_density(torch.cat([u, v], dim=1), 0)
        return joint - self._margin(u, 0) - self._margin(v, u.shape[1])

    def _margin(self, rows: Tensor, start: int) -> Tensor:
        return self.mixture.log_density(rows, start)

    def _better_regression(
        self, u: Tensor, v: Tensor, generator: torch.Generator
    ) -> tuple[Regression, int] | None:
        """The function that predicts better than the mixture, and which side it is of."""
        joint = self.mixture.log_density(torch.cat([u, v], dim=1), 0).mean()
        best, found = _MARGIN, None
        for i, (inputs, outputs) in enumerate(((u, v), (v, u))):
            margin = self.mixture.log_density(inputs, 0 if i == 0 else u.shape[1]).mean()
            count = self.mixture.n_parameters
            extra = count(u.shape[1] + v.shape[1]) - count(inputs.shape[1])
            known = float(joint - margin) - extra / len(u)
            regression = Regression(inputs, outputs, generator)
            if regression.score - known > best:
                best, found = regression.score - known, (regression, i)
        return found


class KnownChannel:
    """As `Law`, where log p(y | x) is known: only the law of y is fitted.

    Parameters
    ----------
    y : Tensor of shape (n, q), float64
    log_density : callable
    generator : torch.Generator
        On the CPU.
    """

    def __init__(self, y: Tensor, log_density: LogDensity, generator: torch.Generator) -> None:
        self.log_density, self._to_y = log_density, Whitening(y)
        self._outputs = fit_mixture(self._to_y(y), None, generator)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI (n,) of rows, nats, up to a constant, differentiable."""
        inside = self.log_density(x, y)
        if inside.shape != (len(y),):
            raise ValueError(
                f"log_density returned shape {tuple(inside.shape)} for {len(y)} rows: return "
                f"({len(y)},)."
            )
        return inside - self._outputs.log_density(self._to_y(y), 0)
