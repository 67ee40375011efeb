"""Spins on a small lattice: some sites against others."""

from __future__ import annotations

import numpy as np

from skmist.datasets.suites.held_out.cell_table import (
    cell_numbers,
    cells,
    log_ratios,
    table_information,
)
from skmist.datasets.suites.held_out.law import HeldOutLaw

__all__ = ["Lattice"]

_SIDE = 4
_SEED = 7
_COUPLING = (0.15, 0.4, 0.9)
# By p and q: the sites of X and of Y; sites are numbered row by row.
_SITES = {
    (4, 1): ((1, 4, 6, 9), (5,)),
    (4, 4): ((0, 1, 2, 3), (4, 5, 6, 7)),
    (8, 8): (tuple(range(8)), tuple(range(8, 16))),
}


class Lattice(HeldOutLaw):
    """Spins (0 or 1) of a 4 x 4 torus with couplings of one strength and random signs.

    X and Y are a site and its four neighbors, two rows, or two halves. Every spin is fair alone.
    """

    truth = "sum over all 65,536 states"
    source = "Edwards & Anderson (1975), Theory of spin glasses"

    def __init__(self, p: int, q: int, level: int) -> None:
        self.coupling, self.sites = _COUPLING[level], _SITES[p, q]
        self.states = cells(2, _SIDE**2)
        log_p = self.coupling * _alignment(2.0 * self.states - 1.0)
        chance = np.exp(log_p - log_p.max())
        self.chance = chance / chance.sum()
        sides = [cell_numbers(self.states[:, list(s)], 2) for s in self.sites]
        joint = np.zeros((2**p, 2**q))
        np.add.at(joint, tuple(sides), self.chance)
        self.table = log_ratios(joint)
        self._declare_law(("categorical",) * p, ("categorical",) * q, table_information(joint))

    def rows(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw whole lattices and keep the sites of both sides."""
        drawn = self.states[rng.choice(len(self.states), n, p=self.chance)].astype(float)
        first, second = (drawn[:, list(s)] for s in self.sites)
        return first, second

    def ratios(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Look the cells up."""
        return self.table[cell_numbers(x, 2), cell_numbers(y, 2)]

    def parameters(self) -> dict:
        """The strength of the couplings."""
        return {"coupling": self.coupling}


def _alignment(spins: np.ndarray) -> np.ndarray:
    """Sum of sign times both spins over the bonds of each state (m, 16)."""
    signs = np.random.default_rng(_SEED).choice([-1.0, 1.0], (2, _SIDE, _SIDE))
    square = spins.reshape(-1, _SIDE, _SIDE)
    bonds = (sign * square * np.roll(square, 1, 1 + i) for i, sign in enumerate(signs))
    return sum(bond.sum(axis=(1, 2)) for bond in bonds)
