"""Colors of mutual information that tell small values apart, and the values that name them."""

from __future__ import annotations

__all__ = ["information_norm", "round_ticks"]

from functools import partial
from typing import Any

import numpy as np

from skmist.frame.scales import correlation_scale

# values that a color bar may name, and how far apart, as a share of it
_TICKS = (0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2, 3, 5, 10, 20)
_APART = 0.075
# a table without any information has a scale all the same
_LEAST_TOP = 0.05


def information_norm(values: np.ndarray, nats: float) -> Any:
    """The norm of an image of mutual information, from 0 to the greatest value.

    It is even in ``sqrt(1 - exp(-2 MI))``, which for a pair of Gaussians is the absolute
    correlation.

    Parameters
    ----------
    values : ndarray of shape (p, p)
        NaN where there is none.
    nats : float
        Nats in one of their units.

    Returns
    -------
    norm : matplotlib FuncNorm
    """
    from matplotlib.colors import FuncNorm

    top = max(float(np.nanmax(values, initial=0.0)), _LEAST_TOP)
    return FuncNorm((partial(_scaled, nats), partial(_unscaled, nats)), vmin=0.0, vmax=top)


def _scaled(nats: float, mi: np.ndarray) -> np.ndarray:
    return correlation_scale(np.asarray(mi) * nats)


def _unscaled(nats: float, scaled: np.ndarray) -> np.ndarray:
    return -np.log1p(-(np.minimum(scaled, 1 - 1e-12) ** 2)) / (2.0 * nats)


def round_ticks(norm: Any) -> list[float]:
    """Round values of a scale from 0, none so near another that their texts would touch."""
    chosen = [0.0]
    for tick in _TICKS:
        if tick <= norm.vmax and norm(tick) - norm(chosen[-1]) >= _APART:
            chosen.append(tick)
    return chosen
