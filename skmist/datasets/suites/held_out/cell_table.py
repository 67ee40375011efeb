"""Laws of finitely many values, by their whole table."""

from __future__ import annotations

import numpy as np
from scipy.special import xlogy

__all__ = ["cell_numbers", "cells", "log_ratios", "table_information"]


def cells(levels: int, columns: int) -> np.ndarray:
    """All rows of so many columns with so many levels each, (levels ** columns, columns)."""
    return np.stack(np.unravel_index(np.arange(levels**columns), (levels,) * columns), axis=1)


def cell_numbers(rows: np.ndarray, levels: int) -> np.ndarray:
    """The places (n,) of rows of levels from 0 among `cells`."""
    return np.ravel_multi_index(tuple(rows.astype(int).T), (levels,) * rows.shape[1])


def log_ratios(joint: np.ndarray) -> np.ndarray:
    """Pointwise MI of each cell of a table (A, B) of probabilities, nats; -inf in empty cells."""
    apart = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    with np.errstate(divide="ignore"):
        return np.log(np.divide(joint, apart, out=np.zeros_like(joint), where=joint > 0.0))


def table_information(joint: np.ndarray) -> float:
    """MI of a table (A, B) of probabilities, nats."""
    sides = sum(xlogy(p, p).sum() for p in (joint.sum(axis=1), joint.sum(axis=0)))
    return float(xlogy(joint, joint).sum() - sides)
