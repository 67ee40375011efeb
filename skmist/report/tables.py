"""The tables of a report: the ranking for the target, the pairs, the columns."""

from __future__ import annotations

__all__ = ["column_table", "pair_table", "ranking_table"]

import math

import numpy as np

from skmist.frame.facts import MatrixFacts
from skmist.report.findings import Findings, best_first
from skmist.report.markup import Field, interval, number, sortable_table, text
from skmist.report.notes import Notes


def ranking_table(findings: Findings) -> str:
    """Every column's information about the target, as bars with intervals.

    Parameters
    ----------
    findings : Findings
        With a target.

    Returns
    -------
    markup : str
    """
    target, about = findings.target, best_first(findings.about_target)
    others = about["b"].where(about["a"] == target, about["a"])
    top = float(np.nan_to_num(about[["mi", "high"]].max(axis=None)))
    ends = about[["mi", "low", "high"]].to_numpy()
    bars = [_bar(mi, low, high, top) for mi, low, high in ends]
    fields = [
        Field("column", [text(label) for label in others]),
        Field(f"0 to {top:.2f}", bars, sortable=False),
        *_numbers(about, findings.facts),
        *_notes(about, findings.notes),
    ]
    caption = f"Information about <strong>{text(target)}</strong>, each column taken alone"
    return sortable_table("ranking", caption, fields, best=2)


def pair_table(findings: Findings, shown, ids: list[str]) -> str:
    """Some pairs, with what speaks against each.

    Parameters
    ----------
    findings : Findings
    shown : pandas.DataFrame of shape (m, 12)
        Rows of its pairs, sorted.
    ids : list of str, length m
        Id of each row.

    Returns
    -------
    markup : str
    """
    fields = [
        Field("one column", [text(label) for label in shown["a"]]),
        Field("the other", [text(label) for label in shown["b"]]),
        *_numbers(shown, findings.facts),
        *_notes(shown, findings.notes),
    ]
    caption = f"{len(shown)} pairs of columns"
    return sortable_table("pairs", caption, fields, best=2, ids=ids)


def column_table(findings: Findings, df) -> str:
    """What each column is, and which other it shares most with.

    Parameters
    ----------
    findings : Findings
    df : pandas.DataFrame of shape (n, n_fields)
        The data.

    Returns
    -------
    markup : str
    """
    facts, mi = findings.facts, findings.squares.mi
    labels, units = facts.columns, facts.units
    best = np.nan_to_num(mi, nan=-1.0).argmax(axis=1)
    most = mi[np.arange(len(mi)), best]
    order = np.argsort(-most, kind="stable")
    missing = [100.0 * float(df[labels[i]].isna().mean()) for i in order]
    distinct = [_n_distinct(df[labels[i]]) for i in order]
    entropies = [facts.entropies[i] for i in order]
    fields = [
        Field("column", [text(labels[i]) for i in order]),
        Field("treated as", [facts.kinds[i] for i in order]),
        Field(
            "distinct values",
            ["–" if math.isnan(count) else f"{count:.0f}" for count in distinct],
            distinct,
        ),
        Field("missing", [f"{share:.1f}%" for share in missing], missing),
        Field(f"entropy ({units})", [_entropy(h) for h in entropies], entropies),
        Field("closest column", [_closest(labels[best[i]], most[i]) for i in order]),
        Field(f"MI with it ({units})", [number(value) for value in most[order]], most[order]),
    ]
    return sortable_table("columns", f"{len(labels)} columns", fields, best=len(fields) - 1)


def _numbers(pairs, facts: MatrixFacts) -> list[Field]:
    fields = [Field(f"MI ({facts.units})", [number(v) for v in pairs["mi"]], list(pairs["mi"]))]
    if facts.level is not None:
        ends = [interval(*row) for row in pairs[["low", "high"]].to_numpy()]
        fields.append(Field(f"{100 * facts.level:g}% interval", ends, list(pairs["low"])))
    if pairs["q_value"].notna().any():
        q_values = list(pairs["q_value"])
        fields.append(Field("q-value", [number(q) for q in q_values], q_values))
    counts = pairs["n_samples"].astype(float)
    if (counts != facts.n_rows).any():
        fields.append(Field("rows", [f"{n:.0f}" for n in counts], list(counts)))
    return fields


def _notes(pairs, notes: Notes) -> list[Field]:
    if not pairs["warnings"].any():
        return []
    return [Field("notes", [notes.reference(w) for w in pairs["warnings"]], sortable=False)]


def _bar(mi: float, low: float, high: float, top: float) -> str:
    """A bar with its interval, on a scale from 0 to `top`; the numbers stand beside it."""
    if math.isnan(mi):
        return ""
    scale = 100.0 / top if top > 0 else 0.0
    line = ""
    if not math.isnan(low):
        left, right = low * scale, high * scale
        line = f'<path d="M{left:.1f} 5H{right:.1f}M{left:.1f} 2v6M{right:.1f} 2v6"/>'
    return (
        '<svg class="bar" viewBox="-1 0 102 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect y="1" width="{mi * scale:.1f}" height="8"/>{line}</svg>'
    )


def _n_distinct(series) -> float:
    try:
        return float(series.nunique())
    except TypeError:  # lists and the like
        return math.nan


def _closest(label, mi: float) -> str:
    return number(mi) if math.isnan(mi) else text(label)


def _entropy(value: float) -> str:
    return number(math.nan if math.isinf(value) else value)
