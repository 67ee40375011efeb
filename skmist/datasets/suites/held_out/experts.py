"""A column that says which of the other columns counts."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, xlogy

from skmist.datasets.suites.held_out.law import HeldOutLaw

__all__ = ["Experts"]

_NOISE = (1.6, 0.5, 0.05)


class Experts(HeldOutLaw):
    """X is a code and p - 1 uniform columns, Y reads the column that the code names.

    Every column has a slope of its own, of alternating sign. Given the code the relation is a
    line with Gaussian noise; without the code it is spread over all columns.
    """

    truth = "quadrature"
    source = "I = h(Y) - h(noise), Y a mixture of uniform plus Gaussian variables"

    def __init__(self, p: int, q: int, level: int) -> None:
        self.noise = _NOISE[level]
        self.slopes = np.linspace(0.6, 1.8, p - 1) * (-1.0) ** np.arange(p - 1)
        kinds = ("categorical", *("continuous",) * (p - 1))
        self._declare_law(kinds, ("continuous",), self._information())

    def _density(self, y: np.ndarray) -> np.ndarray:
        reach = np.abs(self.slopes)
        ends = ((y[:, None] + reach) / self.noise, (y[:, None] - reach) / self.noise)
        return ((ndtr(ends[0]) - ndtr(ends[1])) / (2.0 * reach)).mean(axis=1)

    def _information(self) -> float:
        end = np.abs(self.slopes).max() + 9.0 * self.noise
        y, step = np.linspace(-end, end, 20_001, retstep=True)
        density = self._density(y)
        noise = 0.5 * (np.log(2.0 * np.pi * self.noise**2) + 1.0)
        return float(-xlogy(density, density).sum() * step - noise)

    def rows(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw codes, columns and the reading of one of them."""
        code = rng.integers(len(self.slopes), size=n)
        inputs = rng.uniform(-1.0, 1.0, (n, len(self.slopes)))
        x = np.column_stack([code, inputs])
        return x, (self._center(x) + self.noise * rng.standard_normal(n))[:, None]

    def _center(self, x: np.ndarray) -> np.ndarray:
        code = x[:, 0].astype(int)
        return self.slopes[code] * x[np.arange(len(x)), 1 + code]

    def ratios(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Gaussian density about the named column over that of Y alone."""
        z = (y[:, 0] - self._center(x)) / self.noise
        given = -0.5 * z**2 - np.log(self.noise * np.sqrt(2.0 * np.pi))
        return given - np.log(self._density(y[:, 0]))

    def parameters(self) -> dict:
        """The spread of the noise, and the slopes."""
        return {"noise": self.noise, "slopes": self.slopes}
