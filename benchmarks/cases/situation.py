"""What a situation is: a law to draw from, its truth, and what is asked of an estimator there.

All numbers are in nats.
"""

from __future__ import annotations

__all__ = ["Bar", "Sample", "Situation"]

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np


class Sample(NamedTuple):
    """One sample: both sides, the true MI, and whether the kinds of the columns are declared."""

    x: Any
    y: Any
    truth: float
    discrete: bool | str = "auto"


class Bar(NamedTuple):
    """What is asked of the estimates of a situation.

    Attributes
    ----------
    within, relative : float or None
        The mean of the estimates misses the truth by at most so many nats, or by such a share
        of it, whichever is more.
    each : bool
        Whether it is the mean absolute error that may be so large, and not that of the mean.
    holds : float
        Least share of 90 % intervals that hold the truth.
    low_at_zero : float
        Least share of intervals that begin at most 0.001 above 0.
    median : float
        Most that the median estimate may be.
    warned : bool
        Whether a warning must come, or, where there is a limit on the error, makes up for it.
    """

    within: float | None = None
    relative: float | None = None
    each: bool = False
    holds: float = 0.0
    low_at_zero: float = 0.0
    median: float = np.inf
    warned: bool = False

    def met(self, found: Mapping[str, float]) -> bool:
        """Return whether the figures in a row of the table are enough."""
        if found["failed"]:
            return False
        near = True
        if self.within is not None or self.relative is not None:
            allowed = max(self.within or 0.0, (self.relative or 0.0) * found["truth"])
            error = found["mae"] if self.each else abs(found["mean"] - found["truth"])
            near = bool(error <= allowed)
        elif self.warned:
            near = False
        shares = found["holds"] >= self.holds and found["low_at_zero"] >= self.low_at_zero
        told = self.warned and found["warned"] >= 0.9
        return bool((near or told) and shares and found["median"] <= self.median)


class Situation(NamedTuple):
    """A law to draw from, and at which n and how often.

    Attributes
    ----------
    draw : callable
        ``draw(n, rng)`` returns a `Sample`.
    repeats : dict
        Draws by n.
    bars : dict
        `Bar` by n, where there is one.
    spread : callable or None
        Returns the standard deviation of the true pointwise MI.
    """

    draw: Callable[[int, np.random.Generator], Sample]
    repeats: dict[int, int]
    bars: dict[int, Bar]
    spread: Callable[[], float] | None = None
