"""Open balls and the ties on their edge.

Two distances that differ by less than `TIE` of their size are ties: standardized coordinates of
equally spaced data are equally spaced only up to rounding.
"""

from __future__ import annotations

__all__ = ["SMALLEST", "TIE", "Neighborhoods", "closed_radius", "open_radius"]

from typing import NamedTuple

import numpy as np

TIE = 1e-11
"""Relative difference below which two distances are ties."""

SMALLEST = np.nextafter(0.0, 1.0)
"""Radius of the ball that holds the coincident points alone."""


class Neighborhoods(NamedTuple):
    """The open ball around each of m points that reaches to its k-th nearest reference row."""

    radius: np.ndarray  # (m,) open: distances < radius are inside
    inside: np.ndarray  # (m,) reference rows inside plus, if it is none of them, the point itself
    is_copy: np.ndarray  # (m,) bool: the point is an exact copy of a reference row
    lonely: np.ndarray  # (m,) bool: there is no other reference row, the radius means nothing


def open_radius(distance: np.ndarray) -> np.ndarray:
    """Radius of the ball ``d < radius`` without the points at `distance`.

    Where `distance` is 0 the ball holds the coincident points, and these only.
    """
    return np.maximum(distance * (1.0 - TIE), SMALLEST)


def closed_radius(distance: np.ndarray) -> np.ndarray:
    """Radius of the ball ``d < radius`` that includes the points at `distance`."""
    return np.maximum(distance * (1.0 + TIE), SMALLEST)
