"""Write an answer: as a table, CSV, JSON, Markdown, HTML or a workbook."""

from __future__ import annotations

__all__ = ["STYLES", "written"]

import html
import io
import json
from collections.abc import Callable

from skmist.cli.printable import printable
from skmist.cli.text.answer import Answer, Page
from skmist.cli.text.words import short, wrapped

_MOST_LINES = 50
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARKED = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]<>#|"})
_LOOK = (
    "body{font-family:system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0}"
    "th,td{padding:.2rem .7rem;border-bottom:1px solid #8884;text-align:right}"
    ".word{text-align:left}:root{color-scheme:light dark}"
)


def written(answer: Answer, style: str, *, safe: bool = True) -> str | bytes:
    """Write an answer in one of the `STYLES`.

    Parameters
    ----------
    answer : Answer
    style : {"table", "csv", "json", "md", "html", "xlsx"}
        Of "table" at most 50 lines, 100 characters wide; all others have all.
    safe : bool, default=True
        Begin text of CSV that a spreadsheet would run as a formula with an apostrophe.

    Returns
    -------
    content : str or bytes
        Bytes of "xlsx"; else a text that ends with a line feed.
    """
    if style == "csv":
        frame = answer.frame()
        return (_defused(frame) if safe else frame).to_csv(index=False, lineterminator="\n")
    return _WRITERS[style](answer)


def _defused(frame):
    """A table whose text no spreadsheet runs."""
    texts = {name: frame[name].map(_inert) for name in frame if frame[name].dtype.kind == "O"}
    return frame.assign(**texts)


def _inert(value):
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _json(answer: Answer) -> str:
    return json.dumps(answer.record(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _table(answer: Answer) -> str:
    page = answer.page(_MOST_LINES)
    lines = [part for text in page.heading for part in wrapped(text)]
    if page.cells:
        lines += ["", *_aligned(page)]
    lines += [part for text in page.below for part in wrapped(text)]
    if page.notes and page.cells:
        lines.append("")
    return "\n".join(lines + [part for note in page.notes for part in wrapped(note)]) + "\n"


def _aligned(page: Page) -> list[str]:
    cells = [page.cells[0], *([_shown(page, *at) for at in enumerate(r)] for r in page.cells[1:])]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    left = page.left | set(page.names)
    lines = [
        "  ".join(
            cell.ljust(width) if j in left else cell.rjust(width)
            for j, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def _shown(page: Page, column: int, cell: str) -> str:
    """A cell; a name as long as a terminal has room for, its star kept."""
    if column not in page.names:
        return cell
    name = cell.removesuffix(" *")
    return short(name, page.names[column]) + cell[len(name) :]


def _markdown(answer: Answer) -> str:
    page = answer.page(None)
    lines = ["  \n".join(map(_escaped, page.heading)), ""]
    if page.cells:
        left = page.left | set(page.names)
        rule = [":--" if j in left else "--:" for j in range(len(page.cells[0]))]
        rows = [[_escaped(cell) for cell in row] for row in page.cells]
        lines += [f"| {' | '.join(row)} |" for row in (rows[0], rule, *rows[1:])] + [""]
    return "\n".join([*lines, *(f"- {_escaped(note)}" for note in page.below + page.notes)]) + "\n"


def _escaped(text: str) -> str:
    return printable(text).translate(_MARKED)


def _html(answer: Answer) -> str:
    page = answer.page(None)
    heading = [html.escape(printable(text)) for text in page.heading]
    left = page.left | set(page.names)
    rows = [
        "".join(
            f"<{tag}{' class=word' if j in left else ''}>{html.escape(printable(cell))}</{tag}>"
            for j, cell in enumerate(row)
        )
        for tag, row in zip(["th"] + ["td"] * len(page.cells), page.cells, strict=False)
    ]
    table = "\n".join(f"<tr>{row}</tr>" for row in rows)
    notes = "\n".join(f"<p>{html.escape(printable(note))}</p>" for note in page.below + page.notes)
    said = "\n".join(f"<p>{text}</p>" for text in heading[1:])
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n<title>{heading[0]}'
        f"</title>\n<style>{_LOOK}</style></head><body>\n<h1>{heading[0]}</h1>\n{said}\n"
        f"<table>\n{table}\n</table>\n{notes}\n</body></html>\n"
    )


def _workbook(answer: Answer) -> bytes:
    import pandas as pd

    page, content = answer.page(None), io.BytesIO()
    told = pd.DataFrame({"notes": [*page.heading, *page.below, *page.notes]})
    with pd.ExcelWriter(content, engine="openpyxl") as book:
        for name, frame in {"result": answer.frame(), "notes": told}.items():
            texts = {n: frame[n].map(_storable) for n in frame if frame[n].dtype.kind == "O"}
            frame.assign(**texts).to_excel(book, sheet_name=name, index=False)
        for cell in (cell for sheet in book.book for row in sheet for cell in row):
            if cell.data_type == "f":  # a name is no formula, whatever it begins with
                cell.data_type = "s"
    return content.getvalue()


def _storable(value):
    """Text without what a workbook cannot hold."""
    return printable(value, keep="\n\t") if isinstance(value, str) else value


_WRITERS: dict[str, Callable[[Answer], str | bytes]] = {
    "table": _table,
    "json": _json,
    "md": _markdown,
    "html": _html,
    "xlsx": _workbook,
}
STYLES = ("table", "csv", *(style for style in _WRITERS if style != "table"))
"""What an answer can be written as."""
