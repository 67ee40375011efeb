"""SplitMix64: pseudo-random numbers that stand for others (Steele, Lea & Flood 2014).

Imports nothing of ours.
"""

from __future__ import annotations

__all__ = ["GOLDEN", "mix", "scrambled"]

import numpy as np

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""What the states of the generator are apart: 2^64 by the golden ratio."""

_SEED = np.uint64(0x1234567)


def mix(values: np.ndarray) -> np.ndarray:
    """Whole numbers to pseudo-random ones, uint64."""
    return scrambled(values.astype(np.uint64) * GOLDEN + _SEED)


def scrambled(states: np.ndarray) -> np.ndarray:
    """What the generator makes of states, uint64: of no two the same."""
    z = (states ^ (states >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
