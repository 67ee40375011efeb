"""The rows that a page holds so that a pair can be drawn in it: some, drawn at random."""

from __future__ import annotations

__all__ = ["embedded"]

import json

import numpy as np

from skmist._report.views import ColumnView

_MOST_VALUES = 30_000
_DIGITS = 4


def embedded(names: list[str], views: list[ColumnView | None], target: int, most: int) -> str:
    """Write some rows of the columns of a page as JSON that can stand between tags.

    Parameters
    ----------
    names : list of str, length p
    views : list of ColumnView or None, length p
        None of a column that cannot be drawn.
    target : int
        Which of them is the target; -1 for none.
    most : int
        Most rows; of many columns fewer, so that the page stays small.

    Returns
    -------
    data : str
        Without ``<``, ``>`` and ``&``, so that no value can end the element that holds it.
    """
    n = max((len(view.values) for view in views if view is not None), default=0)
    rows = np.random.default_rng(0).permutation(n)[: min(most, _MOST_VALUES // len(names))]
    rows.sort()
    columns = [
        _column(name, view, rows) if view is not None else {"name": name, "kind": "none"}
        for name, view in zip(names, views, strict=True)
    ]
    told = {"columns": columns, "target": target, "rows": len(rows), "of": n}
    written = json.dumps(told, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for sign in "<>&":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return written


def _column(name: str, view: ColumnView, rows: np.ndarray) -> dict:
    values = view.values[rows].tolist()
    shown: list[float | int | None]
    if view.labels is not None:
        shown = [None if np.isnan(value) else int(value) for value in values]
        return {"name": name, "kind": view.kind, "values": shown, "labels": list(view.labels)}
    digits = _DIGITS + 2 if view.is_date else _DIGITS
    shown = [_short(value, digits) for value in values]
    return {"name": name, "kind": view.kind, "values": shown}


def _short(value: float, digits: int) -> float | int | None:
    if not np.isfinite(value):
        return None
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 10.0**digits else rounded
