"""Pairs of columns as an answer."""

from __future__ import annotations

__all__ = ["format_pairs", "pairs_answer"]

import math
from functools import partial

from skmist.cli.text.answer import Answer, Page
from skmist.cli.text.styles import written
from skmist.cli.text.words import (
    footnotes,
    interval,
    interval_head,
    number,
    plain,
    row_range,
    starred,
)
from skmist.frame.facts import MatrixFacts

_MAX_NAME = 26


def format_pairs(pairs, style):
    """Write the pairs of :func:`skmist.mi_matrix`; see `written`."""
    return written(pairs_answer(pairs), style)


def pairs_answer(pairs) -> Answer:
    """Make an answer of the pairs of :func:`skmist.mi_matrix`.

    Its page begins with the most information; for programs pairs are in order.

    Parameters
    ----------
    pairs : pandas.DataFrame of shape (n_pairs, 12)
        Long form, with its ``attrs``.
    """
    facts = MatrixFacts.of(pairs)
    return Answer(
        lambda: pairs.assign(units=facts.units),
        partial(_record, pairs, facts),
        partial(_page, pairs, facts),
    )


def _record(pairs, facts: MatrixFacts) -> dict:
    # a continuous column has infinite entropy, an empty one none, and JSON neither
    entropies = [h if math.isfinite(h) else None for h in facts.entropies]
    records = [plain(record) for record in pairs.to_dict("records")]
    return {**facts.as_attrs(), "entropies": entropies, "pairs": records}


def _page(pairs, facts: MatrixFacts, most: int | None) -> Page:
    ordered = pairs.sort_values("mi", ascending=False, kind="stable", na_position="last")
    shown = ordered.iloc[:most]
    hidden = len(pairs) - len(shown)
    below = [f"({hidden} pairs with less are not shown; --format csv has all.)"] if hidden else []
    heading = (
        f"Information of {len(pairs)} pairs of {len(facts.columns)} columns: method "
        f"{facts.method}, {row_range(pairs)} rows"
    )
    return Page(
        [heading, *(f"Note: {note}" for note in facts.notes)],
        _cells(shown, facts),
        {0: _MAX_NAME, 1: _MAX_NAME},
        below=below,
        notes=footnotes(zip(shown["a"], shown["b"], strict=True), shown["warnings"], "pairs"),
    )


def _cells(pairs, facts: MatrixFacts) -> list[list[str]]:
    head = ["column", "column", f"MI ({facts.units})"]
    columns = [
        [*map(str, pairs["a"])],
        [starred(*at) for at in zip(pairs["b"], pairs["warnings"], strict=True)],
        [*map(number, pairs["mi"])],
    ]
    if facts.level is not None:
        head.append(interval_head(facts.level))
        columns.append([*map(interval, pairs["low"], pairs["high"])])
    if facts.normalize:
        head.append(facts.normalize)
        columns.append([*map(number, pairs["normalized"])])
    if pairs["q_value"].notna().any():
        head.append("q-value")
        columns.append([*map(number, pairs["q_value"])])
    return [head, *(list(line) for line in zip(*columns, strict=True))]
