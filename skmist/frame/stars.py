"""When a pair counts as dependent: by its test, else by its interval."""

from __future__ import annotations

__all__ = ["dependent", "star_note"]

import numpy as np

_MAX_Q = 0.05
_MIN_LOW = 0.01


def dependent(low, q_values) -> np.ndarray | None:
    """Which pairs depend on each other.

    Parameters
    ----------
    low, q_values : array or None
        Lower ends of intervals and adjusted p-values, of any one shape.

    Returns
    -------
    stars : ndarray of bool or None
        None where nothing tells.
    """
    # NaN compares as False: a pair without an answer gets no star
    if q_values is not None:
        return np.asarray(q_values) <= _MAX_Q
    return None if low is None else np.asarray(low) > _MIN_LOW


def star_note(low, q_values, units: str) -> str:
    """Say what a star means; empty where there are none."""
    if q_values is not None:
        return f"*: q-value at most {_MAX_Q:g}"
    return "" if low is None else f"*: interval above {_MIN_LOW:g} {units}"
