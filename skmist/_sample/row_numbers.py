"""Columns that number the rows of a table: what they say is how it is sorted."""

from __future__ import annotations

__all__ = ["ROW_NUMBERS", "counts_rows", "row_step"]

import numpy as np

ROW_NUMBERS = "numbers the rows: what it says is how the table is sorted"
"""What is said of such a column."""

_FEWEST_NUMBERED = 10


def row_step(values: np.ndarray) -> float:
    """The step by which numbers (n,) go up or down from each row to the next; 0 if there is none.

    Of fewer than 10 rows 0, as so few are in order by chance.
    """
    if len(values) < _FEWEST_NUMBERED:
        return 0.0
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        steps = np.diff(values)
        even = steps[0] != 0 and np.allclose(steps, steps[0], rtol=1e-6, atol=0.0)
    return float(steps[0]) if even else 0.0


def counts_rows(values: np.ndarray) -> bool:
    """Whether numbers (n,) count the rows, one by one; a grid of measured points does not."""
    return abs(row_step(values)) == 1.0
