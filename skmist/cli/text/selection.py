"""A selection of columns as an answer."""

from __future__ import annotations

__all__ = ["selection_answer"]

import math
from functools import partial

from skmist._sample.table import UNITS
from skmist.cli.text.answer import Answer, Page
from skmist.cli.text.words import interval, interval_head, listed, number, plain

_MAX_NAME = 38
_IN_UNITS = ["gain", "gain_low", "gain_high", "information", "low", "high"]


def selection_answer(found, units) -> Answer:
    """Make an answer of a selection among the columns of a table, a line per step.

    Parameters
    ----------
    found : TableSelection
    units : {"nats", "bits"}
    """
    path = found.selector.path_.copy()
    path[_IN_UNITS] /= UNITS[units]
    return Answer(
        lambda: path.assign(units=units).reset_index(),
        partial(_record, found, path, units),
        lambda most: _page(found, path, units),
    )


def _record(found, path, units) -> dict:
    selector = found.selector
    facts = {"target": found.target, "columns": selector.get_feature_names_out().tolist()}
    facts |= {"method": _method(selector), "n_samples": found.n_rows, "units": units}
    low, high = selector.explained_interval_
    shares = {"explained": selector.explained_information_, "low": low, "high": high}
    parts = {"steps": path.reset_index(), "redundant": selector.redundant_}
    records = {
        name: [plain(record) for record in part.to_dict("records")] for name, part in parts.items()
    }
    share = {"share": selector.share, "level": selector.level}
    told = {"notes": [*found.notes], "warnings": [*found.warnings]}
    return facts | share | {"explained": plain(shares), **records, **told}


def _method(selector) -> str:
    return selector.estimator if isinstance(selector.estimator, str) else "estimator"


def _page(found, path, units) -> Page:
    redundant = _redundant(found.selector.redundant_) if len(path) else []
    falls = [f"{found.falls}."] if found.falls else []
    return Page(
        [_heading(found)],
        _cells(path, found.selector.level, units) if len(path) else [],
        {0: _MAX_NAME},
        notes=[
            *falls,
            *redundant,
            *(f"Note: {note}" for note in (*found.notes, *found.warnings)),
        ],
    )


def _heading(found) -> str:
    selector = found.selector
    p, count = selector.n_features_in_, selector.n_features_
    how = f"method {_method(selector)}, {found.n_rows} rows"
    if not count:
        return (
            f"None of {p} columns says anything about {found.target} that can be told from "
            f"chance: {how}"
        )
    explained = 100 * selector.explained_information_
    low, high = 100 * selector.explained_interval_
    return (
        f"{count} of {p} columns say {explained:.0f}% ({low:.0f} to {high:.0f}%) of what all say "
        f"together about {found.target}: {how}"
    )


def _cells(path, level, units) -> list[list[str]]:
    head = interval_head(level)
    cells = [["column", f"adds ({units})", head, "together", head, "of all"]]
    for row in path.itertuples():
        ends = interval(row.gain_low, row.gain_high), interval(row.low, row.high)
        line = [row.columns, number(row.gain), ends[0], number(row.information), ends[1]]
        share = "-" if math.isnan(row.explained) else f"{100 * row.explained:.0f}%"
        cells.append([*line, share])
    return cells


def _redundant(table) -> list[str]:
    lines = []
    for kept, part in table.groupby("says_the_same_as", sort=False):
        least = part["correlation"].min()
        names = listed(part["column"].tolist())
        lines.append(f"Says the same as {kept} (correlation at least {least:.2f}): {names}")
    return lines
