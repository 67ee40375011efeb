"""The lags of a series as an answer."""

from __future__ import annotations

__all__ = ["lags_answer"]

from functools import partial

from skmist.cli.text.answer import Answer, Page
from skmist.cli.text.ranking import index_record
from skmist.cli.text.words import (
    footnotes,
    interval,
    interval_head,
    number,
    row_range,
    starred,
)
from skmist.frame.facts import LagFacts

_MAX_LAG = 20


def lags_answer(table) -> Answer:
    """Make an answer of the lags of :func:`skmist.mi_lags`.

    Parameters
    ----------
    table : pandas.DataFrame of shape (n_lags, 6) or (n_lags, 8)
        With its ``attrs``.
    """
    facts = LagFacts.of(table)
    return Answer(
        lambda: table.assign(units=facts.units).reset_index(),
        partial(index_record, table, facts, "lags"),
        lambda most: _page(table, facts),
    )


def _page(table, facts: LagFacts) -> Page:
    given = f", given {facts.past} steps of its own past" if facts.past else ""
    other = "itself" if facts.x == facts.y else facts.y
    heading = (
        f"Information of {facts.x} about {other}, later{given}: method {facts.method}, "
        f"{row_range(table)} pairs of rows, lags in {facts.step}"
    )
    notes = footnotes(zip(table.index, strict=True), table["warnings"], "lags", one_pair=True)
    return Page([heading], _cells(table, facts), {0: _MAX_LAG}, notes=notes)


def _cells(table, facts: LagFacts) -> list[list[str]]:
    fields = {"lag": [starred(*at) for at in zip(table.index, table["warnings"], strict=True)]}
    fields[f"MI ({facts.units})"] = [f"{mi:.3f}" for mi in table["mi"]]
    if facts.level is not None:
        fields[interval_head(facts.level)] = [*map(interval, table["low"], table["high"])]
    fields["effective rows"] = [*map(str, table["n_effective"])]
    if "p_value" in table:
        fields |= {f"{k}-value": [*map(number, table[f"{k}_value"])] for k in "pq"}
    return [[*fields], *(list(line) for line in zip(*fields.values(), strict=True))]
