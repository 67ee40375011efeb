"""Rows in which nothing is missing, of data of any library that are paired row by row."""

from __future__ import annotations

__all__ = ["present_rows"]

from typing import Any

import numpy as np

from skmist._errors import InvalidSampleError
from skmist._parameters import check_choice
from skmist._sample.reading import check_labels
from skmist._sample.table import MISSING, as_readable, as_values


def present_rows(missing: str, *sides: Any) -> tuple[Any, ...]:
    """The sides as they are, or their rows in which no side misses a value.

    Parameters
    ----------
    missing : {"error", "drop"}
        "error" leaves it to who reads the sides to refuse missing values.
    *sides : array-like, DataFrame or None
        Paired row by row. None has no rows, and stays.

    Returns
    -------
    sides : tuple

    Raises
    ------
    InvalidSampleError
        If rows are to be dropped, and their numbers differ.
    """
    check_choice("missing", missing, MISSING, quoted=True)
    if missing == "error":
        return sides
    check_labels(*sides[:2])
    frames = [_frame(side) for side in sides if side is not None]
    if any(frame is None for frame in frames):
        return sides  # no rows and columns, which who reads them refuses
    lengths = [len(frame) for frame in frames]
    if len(set(lengths)) > 1:
        raise InvalidSampleError(
            f"what is paired row by row has {' and '.join(map(str, lengths))} rows, and the "
            "numbers must be equal. Pass one row of each."
        )
    kept = np.all([frame.notna().all(axis=1).to_numpy() for frame in frames], axis=0)
    if kept.all():
        return sides
    return tuple(None if side is None else _taken(side, kept) for side in sides)


def _frame(side: Any) -> Any:
    values = as_values(side)
    return as_values(np.asarray(side, dtype=object)) if values is None else values


def _taken(side: Any, kept: np.ndarray) -> Any:
    if hasattr(side, "iloc"):
        if side.ndim == 2:
            return as_readable(side).iloc[kept]
        return as_readable(side.to_frame()).iloc[kept, 0].rename(side.name)
    if hasattr(side, "filter"):  # of polars, or a table of pyarrow
        return side.filter(kept.tolist())
    if hasattr(side, "dtype"):
        return side[kept]
    return [row for row, stays in zip(side, kept, strict=True) if stays]
