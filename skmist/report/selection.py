"""The section of a report about columns that together say what all say about the target."""

from __future__ import annotations

__all__ = ["selection_section"]

import numpy as np

from skmist._sample.table import UNITS
from skmist.feature_selection.table import TableSelection
from skmist.report.markup import Field, interval, number, sortable_table, text

_WIDTH, _HEIGHT, _TOP = 480.0, 150.0, 14.0


def selection_section(found: TableSelection, units: str) -> str:
    """Write which columns were chosen, what they say step by step, and which say the same.

    Parameters
    ----------
    found : TableSelection
    units : {"nats", "bits"}

    Returns
    -------
    markup : str
    """
    steps = ""
    if found.selector.n_features_:
        steps = _picture(found, units) + _steps(found, units) + _redundant(found)
    notes = "".join(f"<li>{text(note)}</li>" for note in found.notes)
    return (
        '<section aria-labelledby="selection-title">'
        '<h2 id="selection-title">What together says what all say</h2>'
        f"<p>{_lead(found)}</p>{steps}{f'<ul>{notes}</ul>' if notes else ''}</section>"
    )


def _lead(found: TableSelection) -> str:
    selector, target = found.selector, text(found.target)
    p, rows = selector.n_features_in_, f"{found.n_rows} rows that have all of them"
    if not selector.n_features_:
        return f"None of {p} columns says anything about {target} beyond chance, from {rows}."
    names = ", ".join(f"<strong>{text(name)}</strong>" for name in _chosen(found))
    low, high = 100 * selector.explained_interval_
    return (
        f"{names}: {selector.n_features_} of {p} columns hold "
        f"{100 * selector.explained_information_:.0f}% ({low:.0f} to {high:.0f}%) of what all "
        f"say together about {target}, from {rows}."
    )


def _chosen(found: TableSelection) -> list[str]:
    selector = found.selector
    order = np.argsort(selector.ranking_)[: selector.n_features_]
    return [str(name) for name in selector.feature_names_in_[order]]


def _steps(found: TableSelection, units: str) -> str:
    path, level = found.selector.path_, f"{100 * found.selector.level:g}% interval"
    ends = path[["gain", "gain_low", "gain_high", "information", "low", "high"]] / UNITS[units]
    values = ends.to_numpy()
    fields = [
        Field("column", [text(name) for name in path["columns"]]),
        Field("step", [str(step) for step in path.index], list(path.index)),
        Field(f"adds ({units})", [number(v) for v in values[:, 0]], values[:, 0]),
        Field(level, [interval(*row) for row in values[:, 1:3]], values[:, 1]),
        Field(f"together ({units})", [number(v) for v in values[:, 3]], values[:, 3]),
        Field(level, [interval(*row) for row in values[:, 4:]], values[:, 4]),
        Field("of all", [_share(v) for v in path["explained"]], list(path["explained"])),
    ]
    caption = "Columns in the order of choice, and what they add to those before"
    return sortable_table("selection", caption, fields, best=-1)


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{100 * value:.0f}%"


def _redundant(found: TableSelection) -> str:
    groups = found.selector.redundant_.groupby("says_the_same_as", sort=False)
    items = [
        f"<li><strong>{text(kept)}</strong>: "
        + ", ".join(f"{text(row.column)} ({row.correlation:.2f})" for row in part.itertuples())
        + "</li>"
        for kept, part in groups
    ]
    if not items:
        return ""
    lead = "Left out because a chosen column says the same (informational correlation):"
    return f"<p>{lead}</p><ul>{''.join(items)}</ul>"


def _picture(found: TableSelection, units: str) -> str:
    """Information of the chosen columns against their number, with its interval."""
    path = found.selector.path_
    values = path[["information", "low", "high"]].to_numpy() / UNITS[units]
    whole = values[-1, 0] / max(found.selector.explained_information_, 1e-9)
    top = max(float(np.nanmax(values)), whole if np.isfinite(whole) else 0.0, 1e-9)
    x = np.concatenate(([0.0], path["n_columns"])) * _WIDTH / path["n_columns"].iloc[-1]

    def line(heights: np.ndarray, places: np.ndarray) -> str:
        y = _TOP + _HEIGHT * (1.0 - np.nan_to_num(heights) / top)
        return "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(places, y, strict=True))

    middle, low, high = (np.concatenate(([0.0], column)) for column in values.T)
    band = f"M{line(low, x)}L{line(high[::-1], x[::-1])}Z"
    level = _TOP + _HEIGHT * (1.0 - min(whole, top) / top) if np.isfinite(whole) else _TOP
    dots = "".join(
        f'<circle cx="{a:.1f}" cy="{_TOP + _HEIGHT * (1.0 - b / top):.1f}" r="3"/>'
        for a, b in zip(x[1:], middle[1:], strict=True)
    )
    label = f"Information of the chosen columns, step by step, to {values[-1, 0]:.3f} {units}"
    return (
        f'<svg class="path" viewBox="-6 0 {_WIDTH + 12:.0f} {_HEIGHT + _TOP + 6:.0f}" role="img" '
        f'aria-label="{label}"><path class="band" d="{band}"/>'
        f'<path class="whole" d="M0 {level:.1f}H{_WIDTH:.0f}"/>'
        f'<text x="0" y="{level - 3:.1f}">all columns: {whole:.3f} {units}</text>'
        f'<path class="line" d="M{line(middle, x)}"/>{dots}</svg>'
    )
