"""A selection among the columns of a table as people have it, for reports and the command line."""

from __future__ import annotations

__all__ = ["TableSelection", "select_from_table"]

import warnings
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skmist._errors import InvalidSampleError
from skmist._sample.row_numbers import ROW_NUMBERS, counts_rows
from skmist._sample.sample import MIN_SAMPLES
from skmist._sample.shown import shortened
from skmist._sample.side import Kinds
from skmist._sample.table import (
    as_pandas,
    column_positions,
    label_key,
    missing_rule,
    present_values,
)
from skmist._sample.table_sides import TableSide, read_sides
from skmist.feature_selection.selector import MutualInfoFeatureSelector

if TYPE_CHECKING:
    from skmist.estimators.base import MutualInfoEstimator

_MOST_MISSING = 0.2
_ROWS_OF_A_LABEL = 4
_SHOWN_DIGITS = {"information": 3, "explained": 2}


class TableSelection(NamedTuple):
    """What was chosen among the columns of a table.

    ``selector`` is fitted, with ``criterion="joint"``; ``n_rows`` are those it was given,
    ``notes`` say what was done to the table, and ``warnings`` what speaks against the choice.
    """

    target: str
    selector: MutualInfoFeatureSelector
    n_rows: int
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    def reworded(self, words: Callable[[str], str]) -> TableSelection:
        """The same with notes and warnings in the words of whoever asks."""
        return self._replace(
            notes=tuple(map(words, self.notes)), warnings=tuple(map(words, self.warnings))
        )

    @property
    def falls(self) -> str:
        """What to say where the chosen columns seem to say less after a step; else empty."""
        steps = self.selector.path_[list(_SHOWN_DIGITS)].round(_SHOWN_DIGITS).diff()
        fallen = [str(step) for step in steps.index[(steps < 0.0).any(axis=1)]]
        if not fallen:
            return ""
        which = f"step {fallen[0]}" if len(fallen) == 1 else f"steps {', '.join(fallen)}"
        return (
            f"At {which} the estimate for all chosen columns is lower than before: by its error, "
            "as more columns never say less"
        )


def select_from_table(
    df: Any,
    target: Hashable,
    *,
    columns: Sequence[Hashable] | None = None,
    share: float = MutualInfoFeatureSelector().share,
    max_columns: int | None = None,
    estimator: str | MutualInfoEstimator = "mist",
    level: float = 0.9,
    missing: str | None = None,
    na_values: Sequence[str] = (),
    strict: bool = False,
    max_rows: int | str | None = "auto",
    n_jobs: int | None = None,
    progress: bool = False,
) -> TableSelection:
    """Choose the columns of a table that together say most about one of them.

    A row counts where the target and all columns are present, after columns are left out that
    lack more than a fifth of their values; with ``missing="category"`` missing is a value. Left
    out are also columns that hold nothing usable, labels of fewer than 4 rows each, as names are,
    which say all about rows that were seen and nothing about others, and, unless `columns` names
    it, a column that counts the rows.

    Parameters
    ----------
    df, target, columns
        As in :func:`skmist.mi_with`.
    share : float
        As in :class:`MutualInfoFeatureSelector`.
    max_columns : int or None, default=None
        Most columns to choose.
    estimator : str or MutualInfoEstimator, default="mist"
        As in :class:`MutualInfoFeatureSelector`.
    level, missing, na_values, strict
        As in :func:`skmist.mi_with`.
    max_rows : int, "auto" or None, default="auto"
        As in :class:`MutualInfoFeatureSelector`.
    n_jobs, progress
        As in :func:`skmist.mi_with`.

    Returns
    -------
    TableSelection

    Raises
    ------
    InvalidSampleError
        If a label is unknown, or fewer than 5 rows or no column are left.
    """
    df = as_pandas(df)
    missing = missing_rule(missing, strict)
    names = list(df.columns) if columns is None else list(columns)
    names = [df.columns[place] for place in column_positions(df, names)]
    names = [name for name in names if label_key(name) != label_key(target)]
    present_values(df, [*names, target], missing)
    how: dict[str, Any] = {"missing": missing, "strict": strict, "na_values": na_values}
    titles = [f"column {shortened(name)}" for name in names]
    sides = read_sides(df, names, "auto", "discrete_features", titles=titles, **how)
    (y,) = read_sides(df, [target], "auto", "discrete_target", titles=["the target"], **how)
    if y.reason:
        raise InvalidSampleError(f"the target {shortened(target)} {y.reason}.")
    sides, rows, notes = _usable(sides, y, columns is not None)
    selector = MutualInfoFeatureSelector(
        max_features=max_columns,
        share=share,
        estimator=estimator,
        level=level,
        max_rows=max_rows,
        n_jobs=n_jobs,
        discrete_features=Kinds(kind for side in sides for kind in side.side.column_kinds),
        discrete_target=y.side.column_kinds,
        verbose=progress,
    )
    told = _fitted(selector, _frame(sides, rows), y.side.values[rows])
    return TableSelection(str(target), selector, len(rows), tuple(notes), told)


def _usable(
    sides: list[TableSide], y: TableSide, named: bool
) -> tuple[list[TableSide], np.ndarray, list[str]]:
    """The columns that can be chosen, the rows that all of them have, and what to say of both."""
    notes = [f"{side.title} {note}" for side in [*sides, y] for note in side.notes]
    kept, present = [], y.present
    for side in sides:
        why = side.reason or _why_not(side, y.present)
        if abs(side.row_step) == 1.0 and not why:
            why = "" if named else f"{ROW_NUMBERS}; left out (columns=[...] keeps it)"
            notes += [f"{side.title} {ROW_NUMBERS}"] if named else []
        if why:
            notes.append(f"{side.title} {why}")
        else:
            kept.append(side)
            present = present & side.present
    n, left = len(present), int(present.sum())
    if left < MIN_SAMPLES or not kept:
        raise InvalidSampleError(
            f"{left} rows have all of the {len(kept)} columns that can be chosen, and at least "
            f"{MIN_SAMPLES} rows and 1 column are required. Name fewer columns, or take missing "
            "for a value (missing='category')."
        )
    if left < n:
        notes.append(f"{n - left} of {n} rows lack a value and were left out")
    rows = np.flatnonzero(present)
    if any(counts_rows(side.side.values[rows, 0]) for side in kept):
        # what is kept on purpose, and dates, do not look like numbers of rows in another order
        rows = np.random.default_rng(0).permutation(rows)
    return kept, rows, notes


def _why_not(side: TableSide, rows: np.ndarray) -> str:
    lacking = 1.0 - float(side.present[rows].mean()) if rows.any() else 0.0
    if lacking > _MOST_MISSING:
        return f"lacks {100 * lacking:.0f}% of its values: left out"
    values = side.side.values[side.present][:, side.side.nameless]
    labels = max((len(np.unique(column)) for column in values.T), default=0)
    if labels * _ROWS_OF_A_LABEL > len(values):
        return f"has {labels} labels in {len(values)} rows, as names are: left out"
    return ""


def _frame(sides: list[TableSide], rows: np.ndarray) -> Any:
    """The columns by their names; a number that may be missing is two."""
    import pandas as pd

    parts = {}
    for side in sides:
        for j, name in enumerate(side.side.names):
            parts[f"{name} (missing)" if j else name] = side.side.values[rows, j]
    return pd.DataFrame(parts)


def _fitted(selector: MutualInfoFeatureSelector, x: Any, y: np.ndarray) -> tuple[str, ...]:
    """Fit a selector; return what it warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        selector.fit(x, y)
    return tuple(dict.fromkeys(str(warning.message) for warning in caught))
