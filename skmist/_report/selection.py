"""The section of a report about columns that together say what all say about the target."""

from __future__ import annotations

__all__ = ["Chosen", "chosen"]

from typing import NamedTuple

import numpy as np

from skmist._sample.table import UNITS
from skmist.feature_selection.table import TableSelection

_WIDTH, _HEIGHT, _TOP = 480.0, 150.0, 14.0


class Step(NamedTuple):
    """What a step added, and what there was after it, in the units of the page."""

    columns: str
    number: int
    gain: tuple[float, float, float]
    together: tuple[float, float, float]
    share: float


class Picture(NamedTuple):
    """Information against the number of columns, as paths of a drawing."""

    line: str
    band: str
    dots: list[tuple[float, float]]
    level: float
    whole: float


class Chosen(NamedTuple):
    """All that the section says."""

    target: str
    names: list[str]
    n_columns: int
    most: int | None
    n_rows: int
    shares: tuple[float, float, float]
    level: float
    steps: list[Step]
    picture: Picture | None
    falls: str
    redundant: list[tuple[str, list[tuple[str, float]]]]
    notes: tuple[str, ...]


def chosen(found: TableSelection, units: str) -> Chosen:
    """Read which columns were chosen, what they say step by step, and which say the same.

    Parameters
    ----------
    found : TableSelection
    units : {"nats", "bits"}
    """
    selector = found.selector
    names = []
    if selector.n_features_:
        first = np.argsort(selector.ranking_)[: selector.n_features_]
        names = [str(name) for name in selector.feature_names_in_[first]]
    low, high = selector.explained_interval_ if names else (np.nan, np.nan)
    return Chosen(
        found.target,
        names,
        selector.n_features_in_,
        selector.max_features,
        found.n_rows,
        (selector.explained_information_, low, high),
        selector.level,
        _steps(found, units) if names else [],
        _picture(found, units) if names else None,
        found.falls,
        _redundant(found) if names else [],
        found.notes,
    )


def _steps(found: TableSelection, units: str) -> list[Step]:
    path = found.selector.path_
    ends = path[["gain", "gain_low", "gain_high", "information", "low", "high"]] / UNITS[units]
    return [
        Step(str(names), int(step), tuple(row[:3]), tuple(row[3:]), float(share))
        for names, step, row, share in zip(
            path["columns"], path.index, ends.to_numpy().tolist(), path["explained"], strict=True
        )
    ]


def _redundant(found: TableSelection) -> list[tuple[str, list[tuple[str, float]]]]:
    groups = found.selector.redundant_.groupby("says_the_same_as", sort=False)
    return [
        (str(kept), [(str(row.column), float(row.correlation)) for row in part.itertuples()])
        for kept, part in groups
    ]


def _picture(found: TableSelection, units: str) -> Picture:
    path = found.selector.path_
    values = path[["information", "low", "high"]].to_numpy() / UNITS[units]
    whole = float(values[-1, 0] / max(found.selector.explained_information_, 1e-9))
    whole = whole if np.isfinite(whole) else float(values[-1, 0])
    top = max(float(np.nanmax(values)), whole, 1e-9)
    x = np.concatenate(([0.0], path["n_columns"])) * _WIDTH / path["n_columns"].iloc[-1]

    def height(value: float) -> float:
        """Where a value is drawn."""
        return _TOP + _HEIGHT * (1.0 - float(np.nan_to_num(value)) / top)

    def line(column: np.ndarray, places: np.ndarray) -> str:
        """A path through values."""
        return "L".join(f"{a:.1f} {height(b):.1f}" for a, b in zip(places, column, strict=True))

    middle, low, high = (np.concatenate(([0.0], column)) for column in values.T)
    band = f"M{line(low, x)}L{line(high[::-1], x[::-1])}Z"
    dots = [(round(a, 1), round(height(b), 1)) for a, b in zip(x[1:], middle[1:], strict=True)]
    return Picture(f"M{line(middle, x)}", band, dots, round(height(whole), 1), whole)
