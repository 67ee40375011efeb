"""Small pictures of a few photons: a row, a column or scattered dots."""

from __future__ import annotations

from itertools import combinations
from math import isqrt

import numpy as np
from scipy.special import logsumexp

from skmist.datasets.suites.held_out.law import HeldOutLaw

__all__ = ["Bars"]

_BACKGROUND = 1.5
_LIGHT = (1.0, 2.5, 7.0)
# By p and q, for each strength: mean of the pointwise MI of 400,000 rows, and its standard error.
_TRUTHS = {
    (9, 1): ((0.03908, 0.00044), (0.36337, 0.00105), (0.93466, 0.00089)),
    (16, 1): ((0.06517, 0.00055), (0.52829, 0.00112), (1.05396, 0.00052)),
}


class Bars(HeldOutLaw):
    """X are the photons in each pixel of a square, Y which of three figures is lit.

    The figure is a row of the square, a column of it, or as many pixels anywhere; its place is
    random. No pixel says anything alone, since all are lit alike by all figures.
    """

    truth = "Monte Carlo over the exact pointwise MI"
    source = "sum over the places of each figure"

    def __init__(self, p: int, q: int, level: int) -> None:
        self.light, side = _LIGHT[level], isqrt(p)
        self.figures = [_lit(places, p) for places in _places(side)]
        self._declare_law(("ordinal",) * p, ("categorical",), *_TRUTHS[p, q][level])

    def rows(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw figures, their places and the photons."""
        label, place = rng.integers(3, size=n), rng.random(n)
        sizes = np.array([len(figure) for figure in self.figures])
        first = np.r_[0, sizes.cumsum()[:-1]][label]
        lit = np.concatenate(self.figures)[first + (place * sizes[label]).astype(int)]
        return rng.poisson(_BACKGROUND + self.light * lit).astype(float), label[:, None] * 1.0

    def ratios(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """All figures have as many lit pixels: only the photons in them count."""
        gain = np.log1p(self.light / _BACKGROUND)
        log_p = np.stack([_log_mean(gain * (x @ figure.T)) for figure in self.figures], axis=1)
        given = np.take_along_axis(log_p, y.astype(int), axis=1)[:, 0]
        return given - _log_mean(log_p)

    def parameters(self) -> dict:
        """The light of a figure above the background."""
        return {"light": self.light, "background": _BACKGROUND}


def _places(side: int) -> tuple[list, list, list]:
    rows = [[side * i + j for j in range(side)] for i in range(side)]
    columns = [[side * j + i for j in range(side)] for i in range(side)]
    return rows, columns, list(combinations(range(side * side), side))


def _lit(places: list, pixels: int) -> np.ndarray:
    lit = np.zeros((len(places), pixels))
    np.put_along_axis(lit, np.array(places), 1.0, axis=1)
    return lit


def _log_mean(values: np.ndarray) -> np.ndarray:
    return logsumexp(values, axis=1) - np.log(values.shape[1])
