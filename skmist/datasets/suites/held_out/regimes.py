"""Price moves in ticks, whose size and not whose sign remembers."""

from __future__ import annotations

import numpy as np

from skmist.datasets.suites.held_out.cell_table import (
    cell_numbers,
    cells,
    log_ratios,
    table_information,
)
from skmist.datasets.suites.held_out.law import HeldOutLaw

__all__ = ["Regimes"]

_LIMIT = 6
_LEVELS = 2 * _LIMIT + 1
# How sticky the regimes are, and the ratio of the chances of a move and of one tick less.
_REGIMES = ((0.8, (0.2, 0.5, 0.8)), (0.93, (0.1, 0.5, 0.9)), (0.99, (0.01, 0.5, 0.97)))


class Regimes(HeldOutLaw):
    """X are p moves one after the other, Y the q that follow: uncorrelated, but not independent.

    A hidden regime, one of three, changes now and then. A move is a discrete Laplace variable
    whose size depends on the regime, held within 6 ticks; most moves are ties.
    """

    truth = "sum over all cells"
    source = "forward algorithm of the hidden Markov chain"

    def __init__(self, p: int, q: int, level: int) -> None:
        self.sticky, self.ratios_of_moves = _REGIMES[level]
        self.step = self.sticky * np.eye(3) + (1.0 - self.sticky) / 3.0
        self.chances = np.stack([_chances(r) for r in self.ratios_of_moves])
        before, after = self._before(cells(_LEVELS, p)), self._after(cells(_LEVELS, q))
        self.joint = before @ after.T
        self._declare_law(("ordinal",) * p, ("ordinal",) * q, table_information(self.joint))
        self.table = log_ratios(self.joint)

    def _before(self, moves: np.ndarray) -> np.ndarray:
        """Probability (m, 3) of the moves and the regime at their end."""
        mass = np.full((len(moves), 3), 1.0 / 3.0)
        for move in moves.T:
            mass = (mass @ self.step) * self.chances[:, move].T
        return mass

    def _after(self, moves: np.ndarray) -> np.ndarray:
        """Probability (m, 3) of the moves given the regime before them."""
        mass = np.ones((len(moves), 3))
        for move in moves.T[::-1]:
            mass = (mass * self.chances[:, move].T) @ self.step.T
        return mass

    def rows(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw moves of independent stretches of time."""
        regime, steps = rng.integers(3, size=n), []
        for _ in range(self.x_dim + self.y_dim):
            regime = np.where(rng.random(n) < self.sticky, regime, rng.integers(3, size=n))
            u = rng.random((n, 1))
            at = (u > self.chances.cumsum(axis=1)[regime]).sum(axis=1)
            steps.append(at.clip(0, _LEVELS - 1) - float(_LIMIT))
        moves = np.stack(steps, axis=1)
        return moves[:, : self.x_dim], moves[:, self.x_dim :]

    def ratios(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Look the cells up."""
        return self.table[tuple(cell_numbers(side + _LIMIT, _LEVELS) for side in (x, y))]

    def parameters(self) -> dict:
        """How often a regime stays, and the tails of the moves."""
        return {"sticky": self.sticky, "ratios": self.ratios_of_moves}


def _chances(ratio: float) -> np.ndarray:
    """Discrete Laplace probabilities; what lies beyond the limit is put on it."""
    size = np.abs(np.arange(-_LIMIT, _LIMIT + 1))
    chance = (1.0 - ratio) / (1.0 + ratio) * ratio**size
    chance[[0, -1]] = ratio**_LIMIT / (1.0 + ratio)
    return chance
