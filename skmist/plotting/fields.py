"""Columns as positions on an axis: numbers as they are, categories side by side."""

from __future__ import annotations

__all__ = ["Field", "chosen_fields", "is_sparse", "jittered"]

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from skmist._errors import InvalidSampleError
from skmist._sample.sample import read_rows
from skmist._sample.values import Column

_JITTER = 0.22
_MAX_VALUES = 12


@dataclass(frozen=True, eq=False)
class Field:
    """A column to draw.

    Parameters
    ----------
    name : str
        What the axis says.
    positions : ndarray of shape (n,)
        The numbers, or of a category its number.
    labels : tuple of str or None
        Categories in the order of their numbers; None of numbers.
    """

    name: str
    positions: np.ndarray
    labels: tuple[str, ...] | None = None


def chosen_fields(
    X: ArrayLike, y: ArrayLike, columns: Sequence[str] | None
) -> tuple[Field, Field]:
    """Pick the horizontal and the vertical column among those of X and y.

    Parameters
    ----------
    X : array-like or DataFrame of shape (n, p)
    y : array-like or DataFrame of shape (n,) or (n, q)
    columns : list of two str or None
        None takes the column of X and the target, or the first two of X.

    Returns
    -------
    horizontal, vertical : Field

    Raises
    ------
    InvalidSampleError
        If the data cannot be read, or differ in length.
    ValueError
        If `columns` are not two names, or one of them is no column.
    """
    sources = _sources(X, y)
    columns = list(sources)[:2] if columns is None else columns
    if isinstance(columns, str) or len(columns) != 2:
        raise ValueError(f"columns is {columns!r}; pass a list of two names.")
    unknown = [name for name in columns if name not in sources]
    if unknown:
        raise ValueError(
            f"columns names {unknown[0]!r}, which is none of: {', '.join(map(repr, sources))}."
        )
    horizontal, vertical = (_field(sources[name]) for name in columns)
    return horizontal, vertical


def _sources(X: ArrayLike, y: ArrayLike) -> dict[str, Column]:
    """Each column by its name, those of X first; X wins where y has its name."""
    x_columns, y_columns = read_rows(X, "X"), read_rows(y, "y")
    if len(x_columns[0].values) != len(y_columns[0].values):
        raise InvalidSampleError(
            f"X has {len(x_columns[0].values)} rows and y has {len(y_columns[0].values)}, and the "
            "numbers must be equal. Pass one row of y per row of X."
        )
    sources: dict[str, Column] = {}
    for column in (*x_columns, *y_columns):
        sources.setdefault(column.name, column)
    return sources


def _field(column: Column) -> Field:
    if not column.is_label:
        return Field(column.name, column.values.astype(float))
    categories, positions = np.unique(column.values, return_inverse=True)
    return Field(column.name, positions.astype(float), tuple(map(str, categories)))


def is_sparse(field: Field) -> bool:
    """Whether the column has so few values that rows would hide each other."""
    return field.labels is not None or len(np.unique(field.positions)) <= _MAX_VALUES


def jittered(field: Field) -> np.ndarray:
    """Positions of shape (n,), those of few values spread a little so that rows show.

    The spread is the same at every call.
    """
    if not is_sparse(field):
        return field.positions
    values = np.unique(field.positions)
    gap = float(np.diff(values).min()) if len(values) > 1 else 1.0
    rng = np.random.default_rng(0)
    return field.positions + gap * rng.uniform(-_JITTER, _JITTER, len(field.positions))
