"""The heat map of all pairs, as a table whose cells have the color of their information."""

from __future__ import annotations

__all__ = ["MAX_COLUMNS", "heat_map", "strongest_columns"]

import numpy as np

from skmist._sample.table import UNITS
from skmist.frame.matrix import square_form
from skmist.frame.order import clustered_order, correlation_scale
from skmist.frame.stars import dependent, star_note
from skmist.report.markup import text

MAX_COLUMNS = 60
"""Columns that a heat map shows; more would make the page too large for a phone."""

_MAX_VALUES = 16
_STEPS = 10


def strongest_columns(pairs, target) -> list:
    """Labels of the columns that the page shows in pairs: the target and those with most to say.

    Parameters
    ----------
    pairs : pandas.DataFrame
        Long form of :func:`skmist.mi_matrix`.
    target : label or None

    Returns
    -------
    labels : list
        In the order of the table, at most 60.
    """
    labels = pairs.attrs["columns"]
    if len(labels) <= MAX_COLUMNS:
        return labels
    values = square_form(pairs).to_numpy(float, copy=True)
    np.fill_diagonal(values, np.nan)
    best = np.nan_to_num(values, nan=-1.0).max(axis=0)
    if target is not None:
        best[labels.index(target)] = np.inf
    kept = np.sort(np.argsort(-best, kind="stable")[:MAX_COLUMNS])
    return [labels[i] for i in kept]


def heat_map(pairs, labels: list, ids: dict) -> str:
    """Draw the pairs of some columns.

    Parameters
    ----------
    pairs : pandas.DataFrame
        Long form of :func:`skmist.mi_matrix`.
    labels : list
        Columns to draw.
    ids : dict
        Id of the row about each pair, by the set of its labels.

    Returns
    -------
    markup : str
    """
    attrs = pairs.attrs
    mi = square_form(pairs).loc[labels, labels].to_numpy(float)
    starred = _stars(pairs, labels)
    scaled = correlation_scale(mi * UNITS[attrs["units"]])
    order = [int(i) for i in clustered_order(scaled)]
    names = [text(label) for label in labels]
    head = "".join(f'<th scope="col"><span>{names[j]}</span></th>' for j in order)

    def cell(i: int, j: int) -> str:
        """One field of the map."""
        row = ids.get(frozenset((labels[i], labels[j])))
        star = "*" if starred is not None and starred[i, j] else ""
        return _cell(mi[i, j], scaled[i, j], star, row)

    body = "\n".join(
        f'<tr><th scope="row">{names[i]}</th>{"".join(cell(i, j) for j in order)}</tr>'
        for i in order
    )
    is_compact = len(labels) > _MAX_VALUES
    compact, stars = (" compact", "") if is_compact else ("", _star_key(pairs))
    return (
        '<div class="scroll" role="region" aria-label="Heat map, scrollable" tabindex="0">'
        f'<table id="heat" class="heat{compact}" role="grid" aria-describedby="heat-key">'
        f"<thead><tr><td></td>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
        f"{_key(attrs['units'], stars)}"
        '<p id="cell" class="cell" aria-live="polite">'
        "Point at a cell, tap it, or walk with the arrow keys: this line says what it holds.</p>"
    )


def _stars(pairs, labels):
    fields = _star_fields(pairs)
    squares = {
        name: None if field is None else square_form(pairs, field).loc[labels, labels].to_numpy()
        for name, field in fields.items()
    }
    return dependent(**squares)


def _star_fields(pairs) -> dict:
    return {
        "low": "low" if pairs["low"].notna().any() else None,
        "q_values": "q_value" if pairs["q_value"].notna().any() else None,
    }


def _star_key(pairs) -> str:
    return star_note(**_star_fields(pairs), units=pairs.attrs["units"])


def _cell(mi: float, scaled: float, star: str, row: str | None) -> str:
    if row is None:
        return '<td class="self"></td>'
    if np.isnan(mi):
        return f'<td class="none" data-row="{row}">–</td>'
    step = min(int(scaled * _STEPS), _STEPS - 1)
    return f'<td class="s{step}" data-row="{row}">{mi:.2f}{star}</td>'


def _key(units: str, stars: str) -> str:
    """What the colors mean: the value at which each begins."""
    starts = -0.5 * np.log1p(-((np.arange(_STEPS) / _STEPS) ** 2)) / UNITS[units]
    steps = "".join(f'<span class="s{i}">{start:.2f}</span>' for i, start in enumerate(starts))
    more = f" {text(stars)}." if stars else ""
    return (
        f'<p id="heat-key" class="key">From, in {units}: <span class="steps">{steps}</span> '
        f"Columns that share information stand together.{more}</p>"
    )
