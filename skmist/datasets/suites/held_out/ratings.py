"""Answers to two questionnaires, some of them without reading."""

from __future__ import annotations

import numpy as np
from scipy.special import expit
from scipy.stats import norm

from skmist.datasets.suites.held_out.cell_table import (
    cell_numbers,
    cells,
    log_ratios,
    table_information,
)
from skmist.datasets.suites.held_out.law import HeldOutLaw

__all__ = ["Ratings"]

_STEPS = 5
_SLOPES = (1.0, 1.8, 6.0)
_CARELESS = (0.05, 0.1, 0.2)
_NODES = 201


class Ratings(HeldOutLaw):
    """X and Y are answers from 1 to 5 to p and q questions of one person.

    By the graded response model each answer depends on an ability of the person alone. Some
    persons do not read and give one and the same answer to all.
    """

    truth = "sum over all cells, quadrature over the ability"
    source = "Samejima (1969), Estimation of latent ability"

    def __init__(self, p: int, q: int, level: int) -> None:
        self.slope, self.careless = _SLOPES[level], _CARELESS[level]
        ability = norm.ppf((np.arange(_NODES) + 0.5) / _NODES)
        x, y = cells(_STEPS, p), cells(_STEPS, q)
        read = self._answers(ability, x, 0).T @ self._answers(ability, y, p) / _NODES
        same = np.zeros_like(read)
        level_of = np.arange(_STEPS)
        both = (cell_numbers(np.tile(level_of[:, None], d), _STEPS) for d in (p, q))
        same[tuple(both)] = 1.0 / _STEPS
        self.joint = (1.0 - self.careless) * read + self.careless * same
        self._declare_law(("ordinal",) * p, ("ordinal",) * q, table_information(self.joint))
        self.table = log_ratios(self.joint)

    def _steps(self, ability: np.ndarray, question: int) -> np.ndarray:
        """Chance (m, 4) that the answer to a question is above 1, 2, 3 and 4."""
        harder = 0.7 * np.sin(2.0 * question)
        borders = harder + np.array([-1.4, -0.4, 0.3, 1.3])
        return expit(self.slope * (ability[:, None] - borders))

    def _answers(self, ability: np.ndarray, rows: np.ndarray, first: int) -> np.ndarray:
        """Chance (m, cells) of rows of answers."""
        chance = np.ones((len(ability), len(rows)))
        for j, answers in enumerate(rows.T):
            above = self._steps(ability, first + j)
            ends = np.ones((len(above), 1))
            chance *= -np.diff(np.hstack([ends, above, 0.0 * ends]), axis=1)[:, answers]
        return chance

    def rows(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw persons and their answers."""
        count = self.x_dim + self.y_dim
        # The nodes of the truth, so that it is exact for these rows.
        ability = norm.ppf((rng.integers(_NODES, size=n) + 0.5) / _NODES)
        u, careless = rng.random((n, count, 1)), rng.random((n, 1)) < self.careless
        above = np.stack([self._steps(ability, j) for j in range(count)], axis=1)
        answers = np.where(careless, rng.integers(_STEPS, size=(n, 1)), (u < above).sum(axis=2))
        answers = answers + 1.0
        return answers[:, : self.x_dim], answers[:, self.x_dim :]

    def ratios(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Look the cells up."""
        return self.table[cell_numbers(x - 1.0, _STEPS), cell_numbers(y - 1.0, _STEPS)]

    def parameters(self) -> dict:
        """Slope of the questions, and the share of those who do not read."""
        return {"slope": self.slope, "careless": self.careless}
