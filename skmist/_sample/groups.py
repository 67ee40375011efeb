"""Rows that are equal."""

from __future__ import annotations

__all__ = ["group_rows"]

import numpy as np


def group_rows(rows: np.ndarray) -> np.ndarray:
    """Number the distinct rows.

    Parameters
    ----------
    rows : ndarray of shape (n, d)

    Returns
    -------
    ndarray of int, shape (n,)
        Equal rows have equal numbers, from 0 without gaps.
    """
    group = np.zeros(len(rows), dtype=np.intp)
    for column in rows.T:
        code = np.unique(column, return_inverse=True)[1]
        group = np.unique(group * (len(rows) + 1) + code, return_inverse=True)[1]
    return group
