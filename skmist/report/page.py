"""The page as a whole: one file without any address in it but links within itself."""

from __future__ import annotations

__all__ = ["render_report"]

import base64
import hashlib
from importlib.resources import files
from string import Template

from skmist.feature_selection.table import TableSelection
from skmist.report.findings import Findings, best_first
from skmist.report.heat_map import heat_map, strongest_columns
from skmist.report.markup import number, text
from skmist.report.selection import selection_section
from skmist.report.source import Source, provenance
from skmist.report.tables import column_table, pair_table, ranking_table


def render_report(
    df, pairs, *, title: str, source: Source, target=None, selection: TableSelection | None = None
) -> str:
    """Write what depends on what in a table as one HTML page.

    Parameters
    ----------
    df : pandas.DataFrame of shape (n, n_fields)
        The data, for what each column is.
    pairs : pandas.DataFrame of shape (n_pairs, 12)
        ``skmist.mi_matrix(df, form="long")``, without `normalize`.
    title : str
        Heading of the page.
    source : Source
        Where the data come from, and how the page was made.
    target : label or None, default=None
        Column to rank the others by.
    selection : TableSelection or None, default=None
        Which columns together say most about it.

    Returns
    -------
    page : str
        HTML. It loads nothing; its content security policy forbids that, and any script but its
        own.

    Raises
    ------
    ValueError
        If `pairs` lacks its ``attrs``.
    """
    findings = Findings.of(pairs, target)
    labels = strongest_columns(findings)
    shown = best_first(pairs[pairs["a"].isin(labels) & pairs["b"].isin(labels)])
    ids = [f"p{i}" for i in range(len(shown))]
    rows = dict(zip(map(frozenset, zip(shown["a"], shown["b"], strict=True)), ids, strict=True))
    style, script = _asset("report.css"), _asset("report.js")
    return Template(_asset("report.html")).substitute(
        title=text(title),
        policy=f"style-src '{_digest(style)}'; script-src '{_digest(script)}'",
        style=style,
        script=script,
        summary=_summary(findings),
        ranking=_ranking(findings),
        selection="" if selection is None else selection_section(selection, findings.facts.units),
        omitted=_omitted(findings, labels),
        heat=heat_map(findings, labels, rows),
        pairs=pair_table(findings, shown, ids),
        columns=column_table(findings, df),
        notes=findings.notes.markup(),
        provenance=provenance(findings, source),
    )


def _asset(name: str) -> str:
    return files("skmist.report").joinpath(name).read_text(encoding="utf-8")


def _digest(content: str) -> str:
    """The form in which a content security policy names what it allows."""
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _summary(findings: Findings) -> str:
    pairs, facts, target = findings.pairs, findings.facts, findings.target
    about = pairs if target is None else findings.about_target
    items = "".join(
        f"<li>{_pair_name(row, target)}: <strong>{number(row.mi)} {facts.units}</strong></li>"
        for row in about.dropna(subset="mi").nlargest(3, "mi").itertuples()
    )
    told = "".join(f"<li>{text(note)}</li>" for note in facts.notes)
    lead = "The strongest pairs" if target is None else f"What says most about {text(target)}"
    n_notes = len(findings.notes)
    count = f"{n_notes} warning{'s' if n_notes > 1 else ''}"
    count = f'<a href="#notes">{count}</a>' if n_notes else "No warnings"
    return (
        f"<p>{facts.n_rows} rows, {findings.n_columns} columns, {len(pairs)} pairs; "
        f"method {text(facts.method)}. {count}.</p><p>{lead}:</p><ul>{items}</ul>"
        f"{f'<p>About the table:</p><ul>{told}</ul>' if told else ''}"
    )


def _pair_name(row, target) -> str:
    if target is None:
        return f"{text(row.a)} and {text(row.b)}"
    return text(row.b if row.a == target else row.a)


def _ranking(findings: Findings) -> str:
    facts, target = findings.facts, findings.target
    if target is None:
        return ""
    entropy = facts.entropies[facts.columns.index(target)]
    limit = ""
    if entropy != float("inf"):
        limit = (
            f"<p>The entropy of {text(target)} is about {number(entropy)} {facts.units}: "
            "no column can carry more.</p>"
        )
    return (
        '<section aria-labelledby="ranking-title"><h2 id="ranking-title">Ranking</h2>'
        f"{limit}{ranking_table(findings)}</section>"
    )


def _omitted(findings: Findings, labels: list) -> str:
    total = findings.n_columns
    if len(labels) == total:
        return ""
    return (
        f"<p>Of {total} columns, the {len(labels)} that share the most with any other are shown, "
        "and their pairs; <code>skmist matrix --format csv</code> writes all.</p>"
    )
