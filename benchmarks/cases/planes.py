"""Truths of noisy curves in the plane, and of regressions, with the spread of the pointwise MI.

All numbers are in nats.
"""

from __future__ import annotations

__all__ = ["curve_truth", "labelled_truth", "regression_truth"]

import numpy as np
from scipy.special import xlogy

from cases.held_out_families import signal_mi

_CELLS, _REACH = 500, 7.0
_ROWS, _POINTS = 4000, 2048


def _grids(points: np.ndarray, noise: float) -> list[np.ndarray]:
    low, high = points.min(axis=0) - _REACH * noise, points.max(axis=0) + _REACH * noise
    return [np.linspace(*ends, _CELLS) for ends in zip(low, high, strict=True)]


def _masses(points: np.ndarray, noise: float, grids: list[np.ndarray]) -> np.ndarray:
    """Probabilities of the cells of a grid: equally likely points and Gaussian noise."""
    sides = [
        np.exp(-0.5 * ((grid[:, None] - place) / noise) ** 2)
        for grid, place in zip(grids, points.T, strict=True)
    ]
    mass = sides[0] @ sides[1].T
    return mass / mass.sum()


def labelled_truth(curves: list[np.ndarray], noise: float) -> tuple[float, float]:
    """Return MI and spread of a noisy point with the label of its curve, labels equally likely.

    Parameters
    ----------
    curves : list of ndarray of shape (m, 2)
        Equally likely points of each label.
    noise : float
        Standard deviation in both directions.
    """
    grids = _grids(np.concatenate(curves), noise)
    given = np.stack([_masses(curve, noise, grids) for curve in curves]) / len(curves)
    every = given.sum(axis=0)
    ratio = np.log(given.clip(1e-300) * len(curves) / every.clip(1e-300))
    mi = (given * ratio).sum()
    return float(mi), float(np.sqrt((given * ratio**2).sum() - mi**2))


def curve_truth(curve: np.ndarray, noise: float) -> tuple[float, float]:
    """Return MI and spread of a noisy point (m, 2) of a curve with its place along the curve."""
    grids = _grids(curve, noise)
    mass = _masses(curve, noise, grids)
    cell = np.prod([grid[1] - grid[0] for grid in grids])
    entropy = -xlogy(mass, mass / cell).sum()
    mi = entropy - np.log(2.0 * np.pi * np.e * noise**2)
    return float(mi), _spread(curve, noise)


def regression_truth(signal: np.ndarray, noise: float) -> tuple[float, float]:
    """Return MI and spread of a signal with itself plus Gaussian noise.

    Parameters
    ----------
    signal : ndarray of shape (m,)
        Equally likely values, as even as possible.
    noise : float
    """
    return signal_mi(signal, noise), _spread(signal[:, None], noise)


def _spread(places: np.ndarray, noise: float) -> float:
    """Spread of log p(x | place) - log p(x), x a place with noise, by drawn rows."""
    rng = np.random.default_rng(0)
    places = places[rng.permutation(len(places))] / noise
    e = rng.standard_normal((_ROWS, places.shape[1]))
    rows, shown = places[rng.integers(len(places), size=_ROWS)] + e, places[:_POINTS]
    gaps = sum((r[:, None] - s) ** 2 for r, s in zip(rows.T, shown.T, strict=True))
    alone = np.log(np.exp(-0.5 * gaps).mean(axis=1).clip(1e-300))
    return float((-0.5 * (e**2).sum(axis=1) - alone).std())
