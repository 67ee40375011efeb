"""Codes as arrays, and the rows of them that train and that judge."""

from __future__ import annotations

__all__ = ["read_rows_flat", "rows_that_judge"]

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_consistent_length

from skmist._sample.numeric import checked_rows

_MIN_ROWS = 2


def read_rows_flat(rows: Any, name: str) -> np.ndarray:
    """Rows (n, d) of finite numbers, float64; further axes are flattened.

    Raises
    ------
    ValueError
        If there are fewer than 2 rows, or values that are no finite numbers.
    """
    if np.ndim(rows) == 1:
        rows = np.reshape(rows, (-1, 1))
    rows = checked_rows(
        rows, dtype=np.float64, allow_nd=True, ensure_min_samples=_MIN_ROWS, input_name=name
    )
    return rows.reshape(len(rows), -1)


def rows_that_judge(
    test_rows: float | ArrayLike,
    n: int,
    labels: np.ndarray | None,
    random_state: int | np.random.RandomState | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the rows that train and of those that judge.

    Parameters
    ----------
    test_rows : float or array-like
        Share of the rows, or the rows themselves: indices, or a mask of length n.
    n : int
    labels : ndarray of shape (n,) or None
        Classes that a share is drawn evenly of.
    random_state : int, RandomState instance or None

    Raises
    ------
    ValueError
        If a share is not between 0 and 1, if rows do not exist, or none would be left.
    """
    if isinstance(test_rows, Real) and not isinstance(test_rows, bool):
        if not 0.0 < float(test_rows) < 1.0:
            raise ValueError(
                f"test_rows is {test_rows!r}, but a share must be above 0 and below 1. Pass for "
                "example 0.25, or the rows themselves."
            )
        share = float(test_rows)
        train, test = train_test_split(
            np.arange(n), test_size=share, random_state=random_state, stratify=labels
        )
        return np.sort(train), np.sort(test)
    return _split_at(np.asarray(test_rows), n)


def _split_at(rows: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    mask = np.zeros(n, dtype=bool)
    if rows.dtype == bool:
        check_consistent_length(rows, mask)
        mask = rows
    elif rows.ndim != 1 or rows.dtype.kind not in "iu" or np.any((rows < 0) | (rows >= n)):
        raise ValueError(
            f"test_rows is {rows!r}, but must be a share, a mask of length {n}, or indices from 0 "
            f"to {n - 1}."
        )
    else:
        mask[rows] = True
    if mask.all() or not mask.any():
        raise ValueError(
            f"test_rows has {mask.sum()} of {n} rows, but some must train and some judge. Pass "
            "for example 0.25."
        )
    return np.flatnonzero(~mask), np.flatnonzero(mask)
