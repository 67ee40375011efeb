"""Toys of scikit-learn with the MI of their parts, nats: exact, by quadrature."""

from __future__ import annotations

__all__ = ["TOYS", "draw"]

from collections.abc import Callable
from functools import cache, partial

import numpy as np
from scipy.stats import qmc
from sklearn import datasets

from cases.held_out_families import FUNCTIONS
from cases.planes import curve_truth, labelled_truth, regression_truth

_CIRCLES = {"noise": 0.2, "factor": 0.5}
_CLASSES = 3
_FRIEDMAN_NOISE = {"friedman2": 150.0, "friedman3": 0.15}
_ROLL_NOISE, _CURVE_NOISE = 1.0, 0.2
_NODES = 2000


def _even(m: int) -> np.ndarray:
    return (np.arange(m) + 0.5) / m


@cache
def _circles() -> tuple[float, float]:
    angle = 2.0 * np.pi * _even(_NODES)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return labelled_truth([circle, _CIRCLES["factor"] * circle], _CIRCLES["noise"])


@cache
def _quantiles() -> tuple[float, float]:
    """The class is a function of the place, and all are equally likely."""
    return float(np.log(_CLASSES)), 0.0


@cache
def _friedman(name: str) -> tuple[float, float]:
    place, function = FUNCTIONS[name]
    signal = function(place(qmc.Sobol(4, seed=0).random_base2(16)))
    return regression_truth(signal, _FRIEDMAN_NOISE[name])


@cache
def _roll() -> tuple[float, float]:
    """The column along the axis of the roll says nothing of the angle."""
    angle = 1.5 * np.pi * (1.0 + 2.0 * _even(_NODES))
    curve = np.stack([angle * np.cos(angle), angle * np.sin(angle)], axis=1)
    return curve_truth(curve, _ROLL_NOISE)


@cache
def _curve() -> tuple[float, float]:
    angle = 3.0 * np.pi * (_even(_NODES) - 0.5)
    curve = np.stack([np.sin(angle), np.sign(angle) * (np.cos(angle) - 1.0)], axis=1)
    return curve_truth(curve, _CURVE_NOISE)


TOYS: dict[str, tuple[Callable[[], tuple[float, float]], Callable[..., tuple]]] = {
    "make_circles": (_circles, partial(datasets.make_circles, **_CIRCLES)),
    "make_gaussian_quantiles": (
        _quantiles,
        partial(datasets.make_gaussian_quantiles, n_features=2, n_classes=_CLASSES),
    ),
    **{
        f"make_{name}": (
            partial(_friedman, name),
            partial(getattr(datasets, f"make_{name}"), noise=noise),
        )
        for name, noise in _FRIEDMAN_NOISE.items()
    },
    "make_swiss_roll": (_roll, partial(datasets.make_swiss_roll, noise=_ROLL_NOISE)),
    "make_s_curve": (_curve, partial(datasets.make_s_curve, noise=_CURVE_NOISE)),
}
"""By name: MI and spread of the pointwise MI, and the function that draws X and y."""


def draw(name: str, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw X and y of a toy."""
    return TOYS[name][1](n_samples=n, random_state=seed)
