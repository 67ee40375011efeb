"""What a search may take next, and what it took."""

from __future__ import annotations

__all__ = ["Option", "Step"]

import math
from typing import NamedTuple

import numpy as np

from skmist.feature_selection.additive import Addition

_VERY_CLEAR = 3.0


class Step(NamedTuple):
    """What a step of the search chose.

    ``gain`` and ``information`` of the set so far are an estimate with the ends of its interval,
    ``held`` is the information of the set beside noise, and ``spread`` how far one estimate of it
    leaps; nats. ``sure`` tells that a regression says so, too.
    """

    columns: tuple[int, ...]
    gain: np.ndarray
    information: np.ndarray
    held: float
    spread: float
    sure: bool


class Option(NamedTuple):
    """What some columns would add: beyond copies of them from other rows, and with what error.

    ``held`` holds m estimates of the whole set beside noise, and ``added`` is what the columns
    add to a regression.
    """

    columns: tuple[int, ...]
    held: np.ndarray
    paired: float
    error: float
    added: Addition

    def contradicted(self) -> bool:
        """Whether the net says clearly that not even half of what a regression sees is added."""
        return self.paired + _VERY_CLEAR * self.error < 0.5 * self.added.gain

    def surely(self, rivals: int) -> float:
        """Gain left when the best of so many rivals has had its luck."""
        return min(self.paired, self.paired - self.error * math.sqrt(2.0 * math.log(rivals + 1)))

    def with_interval(self, z: float, n: int, sure: bool) -> np.ndarray:
        """The gain, and the ends of its interval of so many standard errors, nats.

        Its error is the spread of the copies, and that of n rows that are no others: the variance
        of the pointwise information of a Gaussian column is ``1 - exp(-2 gain)``. Where a
        regression is sure of more than the net sees, the gain is that of the regression.
        """
        gain, error = self.paired, self.error
        if sure and self.added.gain > gain + error:
            gain, error = self.added.gain, 0.0
        width = z * math.hypot(error, math.sqrt(-math.expm1(-2.0 * max(gain, 0.0)) / n))
        return gain + np.array([0.0, -width, width])
