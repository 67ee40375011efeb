"""The heat map of all pairs, as a table whose cells have the color of their information."""

from __future__ import annotations

__all__ = ["MAX_COLUMNS", "HeatMap", "heat_map", "strongest_columns"]

from typing import NamedTuple

import numpy as np

from skmist._report.findings import Findings
from skmist._sample.table import label_place
from skmist.frame.heat_map import Signs, clustered_order
from skmist.frame.scales import correlation_scale

MAX_COLUMNS = 60
"""Columns that a heat map shows; more would make the page too large for a phone."""

_SIZES = {"roomy": 14, "close": 32, "compact": MAX_COLUMNS}
# Even in what a correlation tells at the low end, and apart at the high one, where the
# correlation says 0.91 of 0.9 nats and 1.00 of 3.7.
_STARTS = (0.0, 0.01, 0.03, 0.07, 0.15, 0.3, 0.5, 0.8, 1.3, 2.2)


class Cell(NamedTuple):
    """One field: how dark, what it says, and the id of the row about its pair."""

    style: str
    text: str = ""
    row: str | None = None


class HeatMap(NamedTuple):
    """What is drawn: a size, the names in their order, and the cells row by row."""

    size: str
    names: list[str]
    cells: list[list[Cell]]
    starts: tuple[float, ...]
    note: str


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
        best[label_place(labels, findings.target)] = np.inf
    kept = np.sort(np.argsort(-best, kind="stable")[:MAX_COLUMNS])
    return [labels[i] for i in kept]


def heat_map(findings: Findings, labels: list, ids: dict) -> HeatMap:
    """Lay out the pairs of some columns.

    Parameters
    ----------
    findings : Findings
    labels : list
        Columns to draw.
    ids : dict
        Id of the row about each pair, by the set of its labels.
    """
    facts, squares = findings.facts, findings.squares
    place = {label: i for i, label in enumerate(facts.columns)}
    shown = np.ix_(*2 * [[place[label] for label in labels]])
    mi = squares.mi[shown]
    order = [int(i) for i in clustered_order(correlation_scale(mi * facts.nats))]
    # columns without any number stand last
    order.sort(key=lambda i: bool(np.isnan(mi[i]).all()))
    size = next(name for name, most in _SIZES.items() if len(labels) <= most)
    low, q_values = (
        None if square is None else square[shown] for square in (squares.low, squares.q_values)
    )
    signs = Signs.of(mi, low, q_values, facts.units)
    has_room = size == "roomy"

    def cell(i: int, j: int) -> Cell:
        """One field of the map."""
        if i == j:
            return Cell("self")
        sign = signs.sign if has_room and signs.cells[i, j] else ""
        return _cell(mi[i, j], sign, size, ids.get(frozenset((labels[i], labels[j]))))

    cells = [[cell(i, j) for j in order] for i in order]
    note = signs.note if has_room else ""
    return HeatMap(size, [str(labels[i]) for i in order], cells, _STARTS, note)


def _cell(mi: float, sign: str, size: str, row: str | None) -> Cell:
    if row is None or np.isnan(mi):
        return Cell("none", "–", row)
    step = int(np.searchsorted(_STARTS, mi, side="right")) - 1
    written = f"{mi:.2f}{sign}"
    return Cell(f"s{step}", written.removeprefix("0") if size == "close" else written, row)
