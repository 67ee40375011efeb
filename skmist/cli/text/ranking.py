"""A ranking of columns as an answer."""

from __future__ import annotations

__all__ = ["format_ranking", "index_record", "ranking_answer"]

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
from skmist.frame.facts import RankingFacts

_MAX_NAME = 38


def format_ranking(ranking, style):
    """Write a ranking of :func:`skmist.mi_with`; see `written`."""
    return written(ranking_answer(ranking), style)


def ranking_answer(ranking) -> Answer:
    """Make an answer of a ranking of :func:`skmist.mi_with`.

    Parameters
    ----------
    ranking : pandas.DataFrame of shape (n_columns, 7) or (n_columns, 9)
        With its ``attrs``.
    """
    facts = RankingFacts.of(ranking)
    return Answer(
        lambda: ranking.assign(units=facts.units).reset_index(),
        partial(index_record, ranking, facts, "columns"),
        lambda most: _page(ranking, facts),
    )


def index_record(table, facts, what: str) -> dict:
    """A table by its index, with what holds for all of it."""
    records = [plain(record) for record in table.reset_index().to_dict("records")]
    return {**facts.as_attrs(), what: records}


def _page(ranking, facts: RankingFacts) -> Page:
    head, cells = _cells(ranking, facts)
    notes = footnotes(zip(ranking.index, strict=True), ranking["warnings"], "columns")
    heading = [*_heading(ranking, facts), *(f"Note: {note}" for note in facts.notes)]
    return Page(heading, [head, *cells], {0: _MAX_NAME}, {head.index("kind")}, notes=notes)


def _heading(ranking, facts: RankingFacts) -> list[str]:
    lines = [
        f"Information about {facts.target} ({facts.target_kind} target): "
        f"method {facts.method}, {row_range(ranking)} rows"
    ]
    if facts.target_entropy is not None:
        lines.append(
            f"The target's entropy is about {facts.target_entropy:.3f} {facts.units}: "
            "no column can carry more."
        )
    return lines


def _cells(ranking, facts: RankingFacts) -> tuple[list[str], list[list[str]]]:
    fields = {
        "column": [starred(*at) for at in zip(ranking.index, ranking["warnings"], strict=True)]
    }
    fields[f"MI ({facts.units})"] = [*map(number, ranking["mi"])]
    if facts.level is not None:
        fields[interval_head(facts.level)] = [*map(interval, ranking["low"], ranking["high"])]
    fields |= {"kind": [*ranking["kind"]], "distinct": [*map(str, ranking["n_distinct"])]}
    if ranking["n_samples"].nunique() > 1:
        fields["rows"] = [*map(str, ranking["n_samples"])]
    if "p_value" in ranking:
        fields |= {f"{k}-value": [*map(number, ranking[f"{k}_value"])] for k in "pq"}
    return [*fields], [list(line) for line in zip(*fields.values(), strict=True)]
