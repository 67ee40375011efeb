"""The page as a whole: one file without any address in it but links within itself."""

from __future__ import annotations

__all__ = ["render_report"]

import base64
import hashlib
from importlib.resources import files
from string import Template

from skmist.report.heatmap import heat_map, strongest_columns
from skmist.report.markup import number, text
from skmist.report.notes import Notes
from skmist.report.source import Source, provenance
from skmist.report.tables import column_table, pair_table, ranking_table


def render_report(df, pairs, *, title: str, source: Source, target=None) -> str:
    """Write what depends on what in a table as one HTML page.

    Parameters
    ----------
    df : pandas.DataFrame of shape (n, n_fields)
        The data, for what each column is.
    pairs : pandas.DataFrame
        ``skmist.mi_matrix(df, form="long")``, without `normalize`.
    title : str
        Heading of the page.
    source : Source
        Where the data come from, and how the page was made.
    target : label or None, default=None
        Column to rank the others by.

    Returns
    -------
    page : str
        HTML. It loads nothing; its content security policy forbids that, and any script but its
        own.
    """
    labels = strongest_columns(pairs, target)
    shown = pairs[pairs["a"].isin(labels) & pairs["b"].isin(labels)]
    shown = shown.sort_values("mi", ascending=False, kind="stable", na_position="last")
    ids = [f"p{i}" for i in range(len(shown))]
    rows = dict(zip(map(frozenset, zip(shown["a"], shown["b"], strict=True)), ids, strict=True))
    names = (f"{a} and {b}" for a, b in zip(pairs["a"], pairs["b"], strict=True))
    notes = Notes(zip(names, pairs["warnings"], strict=True))
    style, script = _asset("report.css"), _asset("report.js")
    return Template(_asset("report.html")).substitute(
        title=text(title),
        policy=f"style-src '{_digest(style)}'; script-src '{_digest(script)}'",
        style=style,
        script=script,
        summary=_summary(pairs, target, notes),
        ranking=_ranking(pairs, target, notes),
        omitted=_omitted(pairs, labels),
        heat=heat_map(pairs, labels, rows),
        pairs=pair_table(shown, ids, notes),
        columns=column_table(df, pairs),
        notes=notes.markup(),
        provenance=provenance(pairs, source),
    )


def _asset(name: str) -> str:
    return files("skmist.report").joinpath(name).read_text(encoding="utf-8")


def _digest(content: str) -> str:
    """The form in which a content security policy names what it allows."""
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _summary(pairs, target, notes) -> str:
    attrs = pairs.attrs
    about = pairs if target is None else pairs[(pairs["a"] == target) | (pairs["b"] == target)]
    best = about.nlargest(3, "mi")
    items = "".join(
        f"<li>{_pair_name(row, target)}: <strong>{number(row.mi)} {attrs['units']}</strong></li>"
        for row in best.itertuples()
    )
    lead = "The strongest pairs" if target is None else f"What says most about {text(target)}"
    count = f"{len(notes)} warning{'s' if len(notes) > 1 else ''}"
    count = f'<a href="#notes">{count}</a>' if len(notes) else "No warnings"
    return (
        f"<p>{attrs['n_rows']} rows, {len(attrs['columns'])} columns, {len(pairs)} pairs; "
        f"method {text(attrs['method'])}. {count}.</p><p>{lead}:</p><ul>{items}</ul>"
    )


def _pair_name(row, target) -> str:
    if target is None:
        return f"{text(row.a)} and {text(row.b)}"
    return text(row.b if row.a == target else row.a)


def _ranking(pairs, target, notes) -> str:
    if target is None:
        return ""
    index = pairs.attrs["columns"].index(target)
    entropy = pairs.attrs["entropies"][index]
    limit = ""
    if entropy != float("inf"):
        limit = (
            f"<p>The entropy of {text(target)} is about {number(entropy)} {pairs.attrs['units']}: "
            "no column can carry more.</p>"
        )
    return (
        '<section aria-labelledby="ranking-title"><h2 id="ranking-title">Ranking</h2>'
        f"{limit}{ranking_table(pairs, target, notes)}</section>"
    )


def _omitted(pairs, labels) -> str:
    total = len(pairs.attrs["columns"])
    if len(labels) == total:
        return ""
    return (
        f"<p>Of {total} columns, the {len(labels)} that share the most with any other are shown, "
        "and their pairs; <code>skmist matrix --format csv</code> writes all.</p>"
    )
