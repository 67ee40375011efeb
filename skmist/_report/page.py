"""The page as a whole: one file without any address in it but links within itself."""

from __future__ import annotations

__all__ = ["MAX_POINTS", "render_report"]

import base64
import hashlib
import json
import math
from collections.abc import Hashable
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from skmist._report.findings import Findings, best_first, pairs_among
from skmist._report.heat_map import heat_map, strongest_columns
from skmist._report.points import embedded
from skmist._report.selection import chosen
from skmist._report.source import Source, provenance
from skmist._report.tables import column_rows, pair_rows, ranked
from skmist._sample.table import label_key, label_place
from skmist.feature_selection.table import TableSelection

if TYPE_CHECKING:
    from jinja2 import Environment

MAX_POINTS = 1_000
"""Rows that a page holds for its drawings, unless asked otherwise."""

_LONGEST = 2_000
_NOTHING = "–"


def render_report(
    df: Any,
    pairs: Any,
    *,
    title: str,
    source: Source,
    target: Hashable | None = None,
    selection: TableSelection | None = None,
    max_points: int = MAX_POINTS,
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
    max_points : int, default=1000
        Rows of the data that the page holds, for its drawings of pairs; 0 for none.

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
    findings = Findings.of(df, pairs, target)
    context = _content(findings, max_points)
    environment = _environment()
    style, script = (_asset(environment, name) for name in ("report.css", "report.js"))
    return environment.get_template("page.html").render(
        title=title,
        policy=f"style-src '{_digest(style)}'; script-src '{_digest(script)}'",
        style=style,
        script=script,
        selection=None if selection is None else chosen(selection, findings.facts.units),
        provenance=provenance(findings, source, context["n_embedded"]),
        **context,
    )


def _content(findings: Findings, max_points: int) -> dict[str, Any]:
    """What the page says of the table."""
    pairs, target = findings.pairs, findings.target
    labels = strongest_columns(findings)
    at = {label: i for i, label in enumerate(labels)} if max_points else {}
    shown = best_first(pairs_among(pairs, labels))
    sets = map(frozenset, zip(shown["a"], shown["b"], strict=True))
    ids = {names: f"p{i}" for i, names in enumerate(sets)}
    points = _points(findings, labels, max_points) if max_points else None
    return {
        "facts": findings.facts,
        "findings": findings,
        "target": None if target is None else str(target),
        "entropy": _target_entropy(findings),
        "labels": labels,
        "ranking": ranked(findings, ids, at),
        "columns": column_rows(findings),
        "heat": heat_map(findings, labels, ids),
        "pairs": pair_rows(findings, shown, ids, at),
        "has_q": bool(pairs["q_value"].notna().any()),
        "has_rows": bool((pairs["n_samples"] != findings.facts.n_rows).any()),
        "has_notes": bool(len(findings.notes)),
        "points": points,
        "n_embedded": 0 if points is None else json.loads(points)["rows"],
    }


def _points(findings: Findings, labels: list, most: int) -> str:
    views = [findings.views[findings.place[label_key(label)]] for label in labels]
    target = label_place(labels, findings.target) if findings.target is not None else -1
    return embedded([_short(label) for label in labels], views, target, most)


def _target_entropy(findings: Findings) -> float | None:
    """The most that any column can say about the target; None where there is no limit."""
    if findings.target is None:
        return None
    entropy = findings.facts.entropies[findings.place[label_key(findings.target)]]
    return entropy if np.isfinite(entropy) else None


# How values are written -----------------------------------------------------------------


def _environment() -> Environment:
    # jinja2 escapes whatever a template does not declare safe, so that no name or value of the
    # data can write markup; torch requires it anyway. It is imported when a page is written.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("skmist._report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "short": _short, "key": _key}
    environment.globals |= {"interval": _interval, "is_known": _is_known}
    return environment


def _asset(environment: Environment, name: str) -> str:
    from markupsafe import Markup

    # the style sheet and the script are ours, and hold nothing of the data
    text = files("skmist._report").joinpath("templates", name).read_text(encoding="utf-8")
    return Markup(text)  # nosec B704


def _digest(content: str) -> str:
    """The form in which a content security policy names what it allows."""
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _short(value: Any) -> str:
    """A name or another text, of very long ones the ends."""
    whole = str(value)
    if len(whole) <= _LONGEST:
        return whole
    return f"{whole[: _LONGEST // 2]} ... {whole[-_LONGEST // 2 :]}"


def _is_known(value: float) -> bool:
    return not math.isnan(value)


def _number(value: float) -> str:
    """Three decimals; a dash where there is no number."""
    if math.isinf(value):
        return "∞"
    return _NOTHING if math.isnan(value) else f"{value:.3f}"


def _interval(low: float, high: float) -> str:
    return _NOTHING if math.isnan(low) else f"{low:.3f} to {high:.3f}"


def _key(value: float) -> str:
    """What a table sorts by; empty where there is no number."""
    return "" if math.isnan(value) else f"{value:.6g}"
