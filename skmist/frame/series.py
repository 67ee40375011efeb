"""Series as columns of a grid of equal steps, on which a lag is a number of rows."""

from __future__ import annotations

__all__ = ["Grid", "dated", "read_grid"]

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skmist._errors import InvalidSampleError
from skmist._sample.table import as_values
from skmist._sample.table_sides import TableSide, read_sides

if TYPE_CHECKING:
    import pandas as pd

# most grid steps for each row: beyond, dates follow no step
_SPARSEST = 20
# days of the most frequent difference of dates whose calendar steps are no fixed time
_CALENDAR = {"M": (28, 31), "Q": (89, 92), "Y": (365, 366)}
_STEPS = {"M": "months", "Q": "quarters", "Y": "years"}


class Grid(NamedTuple):
    """Two series on rows of equal steps; what is missing is not present."""

    x: TableSide
    y: TableSide
    step: str  # what a lag of 1 is
    gaps: int  # steps between the first row and the last of which there is no row


def read_grid(x: Any, y: Any, choices: tuple[Any, Any]) -> Grid:
    """Read two series, by their dates where they have any, or else by position.

    Parameters
    ----------
    x, y : array-like or Series of length n
        y None stands for x.
    choices : pair of "auto", "ordered" or bool
        Which of the two are discrete.

    Returns
    -------
    Grid

    Raises
    ------
    InvalidSampleError
        If they cannot be paired, or dates follow no step.
    """
    import pandas as pd

    first = _as_series(x, "x")
    second = first if y is None else _as_series(y, "y")
    first, second = _paired(first, second)
    union = first.index.union(second.index) if _is_dated(first) else first.index
    places, step = _places(union)
    length = int(places.max(initial=-1)) + 1
    rows = pd.Series(places, index=union)
    sides: list[TableSide] = []
    for series, choice in ((first, choices[0]), (second, choices[1])):
        found = series.reset_index(drop=True)
        found.index = rows.reindex(series.index).to_numpy()
        frame = pd.DataFrame({series.name: found.reindex(range(length))})
        sides += read_sides(frame, [series.name], choice, "discrete", "drop", ["the series"])
    return Grid(sides[0], sides[1], step, length - len(union))


def dated(df: pd.DataFrame, label: Any) -> pd.DataFrame:
    """A table with one of its columns as dates of its rows.

    Raises
    ------
    InvalidSampleError
        If the column holds no dates.
    """
    import pandas as pd

    try:
        dates = pd.to_datetime(df[label])
    except (ValueError, TypeError) as error:
        raise InvalidSampleError(
            f"column {label!r} holds no dates: {error}. Write them like 2024-05-31."
        ) from error
    return df.drop(columns=label).set_index(pd.DatetimeIndex(dates))


def _as_series(values: Any, name: str) -> pd.Series:
    import pandas as pd

    if not isinstance(values, pd.Series):
        frame = as_values(values)
        array = _as_array(values) if frame is None else frame
        frame = as_values(array)
        if frame is None or frame.shape[1] != 1:
            raise InvalidSampleError(
                f"{name} has shape {np.shape(array)}, but a series has 1 dimension. Pass one "
                "column."
            )
        values = frame.iloc[:, 0].rename(None if frame.columns[0] == 0 else frame.columns[0])
    if isinstance(values.index, pd.PeriodIndex):
        values = values.set_axis(values.index.to_timestamp())
    return values.rename(name if values.name is None else str(values.name))


def _as_array(values: Any) -> np.ndarray:
    try:
        return np.asarray(values)
    except ValueError:  # its rows differ in length
        return np.asarray(values, dtype=object)


def _is_dated(series: pd.Series) -> bool:
    import pandas as pd

    return isinstance(series.index, pd.DatetimeIndex)


def _paired(x: pd.Series, y: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Both with dates, or both by position."""
    import pandas as pd

    for series, other in ((x, y), (y, x)):
        # an array beside a series with dates has its dates
        by_place = isinstance(series.index, pd.RangeIndex) and len(series) == len(other)
        if _is_dated(other) and by_place:
            series.index = other.index
    if _is_dated(x) != _is_dated(y) or not (_is_dated(x) or x.index.equals(y.index)):
        raise InvalidSampleError(
            f"x and y have different index labels ({len(x)} and {len(y)} rows, the first "
            f"{x.index[:1].tolist()} and {y.index[:1].tolist()}). Give both the same dates, align "
            "them with y.reindex(x.index), or pass arrays of one length."
        )
    if not _is_dated(x):
        return x.reset_index(drop=True), y.reset_index(drop=True)
    return _dated(x, "x"), _dated(y, "y")


def _dated(series: pd.Series, name: str) -> pd.Series:
    series = series[series.index.notna()].sort_index()
    twice = series.index[series.index.duplicated()]
    if len(twice):
        raise InvalidSampleError(
            f"{name} has {len(twice)} dates twice, the first {twice[0]}. Leave one row for each, "
            "for example by series.groupby(level=0).mean()."
        )
    return series


def _places(index: pd.Index) -> tuple[np.ndarray, str]:
    """Row of each label on a grid of equal steps, and what a step is."""
    import pandas as pd

    n = len(index)
    if not isinstance(index, pd.DatetimeIndex) or n < 3:
        return np.arange(n), "rows"
    seconds = index.to_numpy().astype("datetime64[ns]").astype(np.int64)
    differences, counts = np.unique(np.diff(seconds), return_counts=True)
    step = int(differences[np.argmax(counts)])
    days = step / 86_400e9
    for frequency, (least, most) in _CALENDAR.items():
        if least <= days <= most:
            ordinals = index.tz_localize(None).to_period(frequency).asi8
            if len(np.unique(ordinals)) == n:
                return ordinals - ordinals[0], _STEPS[frequency]
    if days == 1.0 and (index.day_of_week < 5).all():
        dates = index.to_numpy().astype("datetime64[D]")
        return np.busday_count(dates[0], dates), "business days"
    places = np.rint((seconds - seconds[0]) / step).astype(np.int64)
    off = np.abs(seconds - seconds[0] - places * step).max() / step
    # summer time moves a day by an hour
    if off > 0.05 or len(np.unique(places)) < n or places[-1] > _SPARSEST * n:
        raise InvalidSampleError(
            f"the dates follow no step: the most frequent difference is {pd.Timedelta(step)}, and "
            "others are no multiple of it. Resample, for example by series.resample('D').mean(), "
            "or pass series.to_numpy() to count rows."
        )
    return places, f"steps of {pd.Timedelta(step)}"
