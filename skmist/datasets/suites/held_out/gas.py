"""Readings of volume, temperature and pressure of a gas, to two digits."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from skmist.datasets.suites.held_out.cell_table import log_ratios, table_information
from skmist.datasets.suites.held_out.law import HeldOutLaw

__all__ = ["Gas"]

_NOISE = (1.4, 0.4, 0.05)
_VOLUMES, _DEGREES, _MOLES = np.arange(10.0, 100.0), np.arange(200.0, 401.0, 10.0), np.arange(1, 6)
# Borders of the readings of the pressure: 1.0, 1.1, ..., 9.9, 10, 11, ..., 99, 100, 110, ...
_READINGS = np.concatenate([np.arange(10, 100) * unit for unit in (0.1, 1.0, 10.0)])
_BORDERS = np.r_[0.0, 0.5 * (_READINGS[1:] + _READINGS[:-1]), np.inf]
_POINTS = 5


class Gas(HeldOutLaw):
    """X is what instruments say of volume and temperature (and the moles), Y of the pressure.

    P V = n R T holds for the true values. Volume and temperature are known to a whole unit and
    to ten degrees; the pressure has a relative error and is read to two digits. Everything is
    discrete, with hundreds of levels that mean numbers.
    """

    truth = "sum over all cells, quadrature within them"
    source = "the law of ideal gases"

    def __init__(self, p: int, q: int, level: int) -> None:
        self.noise = _NOISE[level]
        self.axes = (_VOLUMES, _DEGREES, _MOLES)[:p]
        self.joint = self._table()
        kinds = ("continuous", "continuous", "ordinal")[:p]
        self._declare_law(kinds, ("continuous",), table_information(self.joint))
        self.table = log_ratios(self.joint)

    def _table(self) -> np.ndarray:
        """Probabilities (cells of X, readings of Y)."""
        at = np.polynomial.legendre.leggauss(_POINTS)
        grid = [axis.ravel() for axis in np.meshgrid(*self.axes, indexing="ij")]
        table = np.zeros((len(grid[0]), len(_READINGS)))
        for dv, wv in zip(*at, strict=True):
            for dt, wt in zip(*at, strict=True):
                true = self._pressure(grid[0] + 0.5 * dv, grid[1] + 5.0 * dt, *grid[2:])
                with np.errstate(divide="ignore"):
                    ends = (np.log(_BORDERS) - np.log(true)[:, None]) / self.noise
                table += 0.25 * wv * wt * np.diff(ndtr(ends), axis=1)
        return table / len(table)

    def _pressure(
        self, volume: np.ndarray, kelvin: np.ndarray, moles: np.ndarray | float = 2.0
    ) -> np.ndarray:
        return 0.8314 * moles * kelvin / volume

    def rows(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw the true values and read them."""
        x = np.column_stack([rng.choice(axis, n) for axis in self.axes]).astype(float)
        volume, kelvin = (
            x[:, j] + half * rng.uniform(-1.0, 1.0, n) for j, half in enumerate((0.5, 5.0))
        )
        true = self._pressure(volume, kelvin, *x.T[2:])
        measured = true * np.exp(self.noise * rng.standard_normal(n))
        return x, _READINGS[np.searchsorted(_BORDERS, measured) - 1][:, None]

    def ratios(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Look the cells up."""
        places = [
            np.searchsorted(axis, column) for axis, column in zip(self.axes, x.T, strict=True)
        ]
        cell = np.ravel_multi_index(tuple(places), tuple(len(axis) for axis in self.axes))
        # readings are sums in floating point: the nearest one is meant
        return self.table[cell, np.searchsorted(_BORDERS, y[:, 0]) - 1]

    def parameters(self) -> dict:
        """The relative error of the pressure."""
        return {"noise": self.noise}
