"""Distributions of a given strength: the knob of a family is turned until its MI is a target."""

from __future__ import annotations

__all__ = ["TARGETS", "Law", "fixed_rng", "knob_for"]

import hashlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

TARGETS = (0.1, 0.5, 1.5)
"""Weak, medium and strong: the MI, in nats, that a distribution has where its family can."""


class Law(NamedTuple):
    """One distribution of (X, Y) with fixed parameters.

    Attributes
    ----------
    mi : float
        True mutual information, nats.
    sample : callable
        ``sample(n, rng)`` draws x (n, p) and y (n, q) from a ``numpy.random.Generator``.
    x_discrete, y_discrete : tuple of bool or bool
        Which columns are discrete.
    """

    mi: float
    sample: Callable[[int, np.random.Generator], tuple[np.ndarray, np.ndarray]]
    x_discrete: tuple[bool, ...] | bool = False
    y_discrete: tuple[bool, ...] | bool = False


def knob_for(
    mi_of: Callable[[float], float],
    target: float,
    low: float,
    high: float,
    tolerance: float = 1e-6,
) -> float:
    """Return the knob between ``low`` and ``high`` at which a monotone MI meets a target.

    Parameters
    ----------
    mi_of : callable
        The MI, nats, as a monotone function of a positive knob.
    target : float
        Nats. Out of reach, the end of the range that comes closest is returned.
    low, high : float
        Positive ends of the range; the search is on a logarithmic scale.
    tolerance : float
        Of the logarithm of the knob.

    Examples
    --------
    >>> round(knob_for(lambda knob: knob**2, 0.25, 0.01, 10.0), 4)
    0.5
    """

    def gap(log_knob: float) -> float:
        # The ends themselves must survive the way to the logarithm and back.
        return mi_of(float(np.clip(np.exp(log_knob), low, high))) - target

    ends = np.log([low, high])
    gaps = [gap(end) for end in ends]
    if gaps[0] * gaps[1] > 0:
        return (low, high)[int(np.argmin(np.abs(gaps)))]
    return float(np.clip(np.exp(brentq(gap, *ends, xtol=tolerance)), low, high))


def fixed_rng(name: str, *numbers: int) -> np.random.Generator:
    """Return a generator that depends on the arguments alone, in every process."""
    digest = hashlib.sha256(repr((name, *map(int, numbers))).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))
