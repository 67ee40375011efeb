"""Readings of a chaotic orbit before and after an instant."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from skmist.datasets.suites.held_out.cell_table import table_information
from skmist.datasets.suites.held_out.law import HeldOutLaw

__all__ = ["Chaos"]

_NODES, _CELLS = 2048, 400
_NOISE = (0.25, 0.08, 0.02)
# By p and q, for each strength: mean of the pointwise MI of 200,000 rows, and its standard error.
_TRUTHS = {
    (3, 2): ((0.10842, 0.00094), (0.77882, 0.00155), (1.94444, 0.00169)),
}


class Chaos(HeldOutLaw):
    """The logistic map s -> 4 s (1 - s), read with Gaussian noise.

    X are p readings one after the other, Y the q that follow. With s = sin^2(pi u / 2) the state
    u is uniform at every instant, and every density is an integral over it.
    """

    truth = "quadrature for two readings, else Monte Carlo over the exact pointwise MI"
    source = "hidden state integrated on a grid"

    def __init__(self, p: int, q: int, level: int) -> None:
        self.noise, self.steps = _NOISE[level], (p, q)
        truth = (self._information(), 0.0) if p == q == 1 else _TRUTHS[p, q][level]
        self._declare_law(("continuous",) * p, ("continuous",) * q, *truth)

    def _information(self) -> float:
        """Integrate over a grid of two readings."""
        end = 7.0 * self.noise
        readings = np.linspace(-end, 1.0 + end, _CELLS)[:, None]
        sides = [np.exp(self._likelihood(readings, state[None])) for state in _states(2)]
        joint = sides[0] @ sides[1].T
        return table_information(joint / joint.sum())

    def rows(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw readings around an instant."""
        p, q = self.steps
        orbit = _orbit(rng.random(n), p + q).T + self.noise * rng.standard_normal((n, p + q))
        return orbit[:, :p], orbit[:, p:]

    def ratios(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Integrate both sides and each over the state."""
        p, q = self.steps
        states = _states(p + q)
        before, after = self._likelihood(x, states[:p]), self._likelihood(y, states[p:])
        both = logsumexp(before + after, axis=1)
        return both - logsumexp(before, axis=1) - logsumexp(after, axis=1) + np.log(_NODES)

    def _likelihood(self, readings: np.ndarray, states: np.ndarray) -> np.ndarray:
        pairs = zip(readings.T, states, strict=True)
        return sum(-0.5 * ((r[:, None] - s) / self.noise) ** 2 for r, s in pairs)

    def parameters(self) -> dict:
        """The spread of the noise."""
        return {"noise": self.noise}


def _states(steps: int) -> np.ndarray:
    """Equally likely orbits (steps, nodes)."""
    return _orbit((np.arange(_NODES) + 0.5) / _NODES, steps)


def _orbit(u: np.ndarray, steps: int) -> np.ndarray:
    """States (steps, n); doubling the angle is the map."""
    return np.sin(0.5 * np.pi * u * 2.0 ** np.arange(steps)[:, None]) ** 2
