"""Pieces of HTML. Only what went through `text` comes from the data."""

from __future__ import annotations

__all__ = ["Field", "interval", "number", "sortable_table", "text"]

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

_NOTHING = "–"
_LONGEST = 2_000


@dataclass(frozen=True)
class Field:
    """A column of a table on the page.

    Parameters
    ----------
    title : str
        Markup of the header.
    cells : sequence of str
        Markup, one per row.
    keys : sequence of float or None, default=None
        What to sort by, where it is not the text. NaN comes last.
    sortable : bool, default=True
        Whether the header can be clicked.
    """

    title: str
    cells: Sequence[str]
    keys: Sequence[float] | None = None
    sortable: bool = True


def text(value) -> str:
    """Escape a name or another text for use between tags and in quoted attributes.

    Of very long ones it takes the ends.
    """
    whole = str(value)
    if len(whole) > _LONGEST:
        whole = f"{whole[: _LONGEST // 2]} ... {whole[-_LONGEST // 2 :]}"
    return html.escape(whole, quote=True)


def number(value: float) -> str:
    """Write a value with three decimals; a dash where there is none."""
    if math.isinf(value):
        return "∞"
    return _NOTHING if math.isnan(value) else f"{value:.3f}"


def interval(low: float, high: float) -> str:
    """Write an interval; a dash where there is none."""
    return _NOTHING if math.isnan(low) else f"{low:.3f} to {high:.3f}"


def sortable_table(name: str, caption: str, fields, *, best: int, ids=None) -> str:
    """Write a table whose headers sort it.

    Parameters
    ----------
    name : str
        Its id on the page.
    caption : str
        Markup of the caption.
    fields : sequence of Field
        The first names the row.
    best : int
        The field by which the rows are sorted as they come, greatest first.
    ids : sequence of str or None, default=None
        Id of each row.

    Returns
    -------
    markup : str
    """
    head = "".join(_header(field, j == best) for j, field in enumerate(fields))
    rows = []
    for i in range(len(fields[0].cells)):
        mark = "" if ids is None else f' id="{ids[i]}"'
        cells = "".join(_cell(field, i, first=j == 0) for j, field in enumerate(fields))
        rows.append(f"<tr{mark}>{cells}</tr>")
    body = "\n".join(rows)
    return (
        f'<div class="scroll" role="region" aria-labelledby="{name}-caption" tabindex="0">'
        f'<table id="{name}" class="sortable">'
        f'<caption><span id="{name}-caption">{caption}</span></caption>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _header(field: Field, is_best: bool) -> str:
    if not field.sortable:
        return f'<th scope="col">{field.title}</th>'
    kind = "text" if field.keys is None else "number"
    order = ' aria-sort="descending"' if is_best else ""
    return (
        f'<th scope="col" data-kind="{kind}"{order}>'
        f'<button type="button">{field.title}</button></th>'
    )


def _cell(field: Field, i: int, *, first: bool) -> str:
    if field.keys is None:
        tag = 'th scope="row"' if first else "td"
        return f"<{tag}>{field.cells[i]}</{tag[:2]}>"
    key = field.keys[i]
    value = "" if math.isnan(key) else f"{key:.6g}"
    return f'<td class="n" data-v="{value}">{field.cells[i]}</td>'
