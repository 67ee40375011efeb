"""Scales from 0 to 1 on which the information of pairs compares."""

from __future__ import annotations

__all__ = ["NORMALIZERS", "correlation_scale", "normalized"]

from typing import Any

import numpy as np

NORMALIZERS = (None, "linfoot", "entropy")
"""Values of `normalize`."""


def correlation_scale(mi: np.ndarray) -> Any:
    """Map mutual information to ``sqrt(1 - exp(-2 MI))``, between 0 and 1.

    For a pair of Gaussians it is the absolute correlation [1]_.

    Parameters
    ----------
    mi : float or array
        Nats; below 0 counts as 0.

    Returns
    -------
    scaled : float or array of the same shape

    References
    ----------
    .. [1] E. H. Linfoot (1957), "An informational measure of correlation", Information and
       Control 1, 85-89.
    """
    return np.sqrt(-np.expm1(-2.0 * np.maximum(mi, 0.0)))


def normalized(mi: np.ndarray, limits: np.ndarray, how: str | None) -> np.ndarray:
    """Put the information of pairs on another scale.

    Parameters
    ----------
    mi : ndarray of shape (m,)
        Nats.
    limits : ndarray of shape (m,)
        The entropies that bound it, nats, or infinity.
    how : {None, "linfoot", "entropy"}
        As in :func:`skmist.mi_matrix`.

    Returns
    -------
    scaled : ndarray of shape (m,)
        From 0 to 1; NaN where the scale does not apply.
    """
    if how == "linfoot":
        return correlation_scale(mi)
    answer = np.full(len(mi), np.nan)
    if how == "entropy":
        bounded = np.isfinite(limits)
        share = np.divide(mi, limits, out=np.zeros_like(mi), where=bounded & (limits > 0))
        answer[bounded] = np.where(np.isnan(mi), np.nan, np.minimum(share, 1.0))[bounded]
    return answer
