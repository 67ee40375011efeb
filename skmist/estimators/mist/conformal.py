"""Wider intervals for data unlike those that a net was trained on."""

from __future__ import annotations

__all__ = ["INTERVALS", "check_intervals", "widened", "widening_factor"]

import bisect
from typing import Any

import numpy as np

from skmist._errors import WeightsError
from skmist._parameters import check_choice

INTERVALS = ("trained", "conformal")


def check_intervals(intervals: str) -> str:
    """Return the kind of interval asked for, or raise ValueError."""
    check_choice("intervals", intervals, INTERVALS)
    return intervals


def widening_factor(card: dict, n_samples: int, n_columns: int, level: Any) -> Any:
    """How many times as far from the median the ends of an interval are moved.

    Measured on families that training never saw: the smallest factor with which a share `level`
    of their data sets was covered, by the number of rows and of the columns of the wider side
    (split conformal prediction [1]_, with the deviation relative to the net's as the score).
    Between the levels measured it is interpolated, beyond them it stays as it is.

    Parameters
    ----------
    card : dict
        Model card.
    n_samples, n_columns : int
        Rows, and columns of the wider side.
    level : float or ndarray

    Returns
    -------
    float or ndarray of the shape of `level`

    Raises
    ------
    WeightsError
        If the card holds no measured factors.

    References
    ----------
    .. [1] Y. Romano, E. Patterson and E. J. Candès (2019), "Conformalized Quantile Regression",
       NeurIPS, arXiv:1905.03222.
    """
    measured = card.get("conformal")
    if not measured:
        raise WeightsError(
            f"the card of the weights {card['name']!r} has no factors for "
            "intervals='conformal'; pass intervals='trained', or measure them with "
            "python benchmarks/conformal.py --weights CARD --write."
        )
    row = bisect.bisect_left(measured["rows"], n_samples)
    column = bisect.bisect_left(measured["columns"], n_columns)
    return np.interp(level, measured["levels"], measured["factors"][row][column])


def widened(low: Any, median: float, high: Any, factor: Any) -> Any:
    """Return the ends of intervals, moved away from the median and not below 0."""
    return np.maximum(median - factor * (median - low), 0.0), median + factor * (high - median)
