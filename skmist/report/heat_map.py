"""The heat map of all pairs, as a table whose cells have the color of their information."""

from __future__ import annotations

__all__ = ["MAX_COLUMNS", "heat_map", "strongest_columns"]

import numpy as np

from skmist.frame.facts import MatrixFacts
from skmist.frame.heat_map import clustered_order, dependent, star_note
from skmist.frame.scales import correlation_scale
from skmist.report.findings import Findings
from skmist.report.markup import text

MAX_COLUMNS = 60
"""Columns that a heat map shows; more would make the page too large for a phone."""

_MAX_VALUES = 16
_STEPS = 10


def strongest_columns(findings: Findings) -> list:
    """Labels of the columns that the page shows in pairs: the target and those with most to say.

    Parameters
    ----------
    findings : Findings

    Returns
    -------
    labels : list
        In the order of the table, at most 60.
    """
    labels = findings.facts.columns
    if len(labels) <= MAX_COLUMNS:
        return list(labels)
    best = np.nan_to_num(findings.squares.mi, nan=-1.0).max(axis=0)
    if findings.target is not None:
        best[labels.index(findings.target)] = np.inf
    kept = np.sort(np.argsort(-best, kind="stable")[:MAX_COLUMNS])
    return [labels[i] for i in kept]


def heat_map(findings: Findings, labels: list, ids: dict) -> str:
    """Draw the pairs of some columns.

    Parameters
    ----------
    findings : Findings
    labels : list
        Columns to draw.
    ids : dict
        Id of the row about each pair, by the set of its labels.

    Returns
    -------
    markup : str
    """
    facts, squares = findings.facts, findings.squares
    place = {label: i for i, label in enumerate(facts.columns)}
    shown = np.ix_(*2 * [[place[label] for label in labels]])
    mi = squares.mi[shown]
    scaled = correlation_scale(mi * facts.nats)
    stars = dependent(squares.low, squares.q_values)
    starred = np.zeros(mi.shape, dtype=bool) if stars is None else stars[shown]
    compact, note = "", star_note(squares.low, squares.q_values, facts.units)
    if len(labels) > _MAX_VALUES:
        compact, note = " compact", ""
    return (
        '<div class="scroll" role="region" aria-label="Heat map, scrollable" tabindex="0">'
        f'<table id="heat" class="heat{compact}" role="grid" aria-describedby="heat-key">'
        f"{_grid(labels, mi, scaled, starred, ids)}</table></div>"
        f"{_key(facts, note)}"
        '<p id="cell" class="cell" aria-live="polite">'
        "Point at a cell, tap it, or walk with the arrow keys: this line says what it holds.</p>"
    )


def _grid(labels: list, mi, scaled, starred, ids: dict) -> str:
    order = [int(i) for i in clustered_order(scaled)]
    names = [text(label) for label in labels]
    head = "".join(f'<th scope="col"><span>{names[j]}</span></th>' for j in order)

    def cell(i: int, j: int) -> str:
        """One field of the map."""
        if i == j:
            return '<td class="self"></td>'
        row = ids.get(frozenset((labels[i], labels[j])))
        return _cell(mi[i, j], scaled[i, j], "*" if starred[i, j] else "", row)

    body = "\n".join(
        f'<tr><th scope="row">{names[i]}</th>{"".join(cell(i, j) for j in order)}</tr>'
        for i in order
    )
    return f"<thead><tr><td></td>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>"


def _cell(mi: float, scaled: float, star: str, row: str | None) -> str:
    if row is None:
        return '<td class="none">–</td>'
    if np.isnan(mi):
        return f'<td class="none" data-row="{row}">–</td>'
    step = min(int(scaled * _STEPS), _STEPS - 1)
    return f'<td class="s{step}" data-row="{row}">{mi:.2f}{star}</td>'


def _key(facts: MatrixFacts, stars: str) -> str:
    """What the colors mean: the value at which each begins."""
    starts = -0.5 * np.log1p(-((np.arange(_STEPS) / _STEPS) ** 2)) / facts.nats
    steps = "".join(f'<span class="s{i}">{start:.2f}</span>' for i, start in enumerate(starts))
    more = f" {text(stars)}." if stars else ""
    return (
        f'<p id="heat-key" class="key">From, in {facts.units}: <span class="steps">{steps}</span> '
        f"Columns that share information stand together.{more}</p>"
    )
