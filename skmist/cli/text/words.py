"""Names, numbers and sentences as results have them."""

from __future__ import annotations

__all__ = [
    "footnotes",
    "interval",
    "interval_head",
    "listed",
    "number",
    "plain",
    "row_range",
    "short",
    "starred",
    "wrapped",
]

import math
import textwrap

from skmist.cli.printable import printable
from skmist.frame.facts import split_notes

_WIDTH = 100
_MAX_NAMES = 12


def number(value) -> str:
    """A number of three decimals; a dash where there is none."""
    return "-" if math.isnan(value) else f"{value:.3f}"


def interval(low, high) -> str:
    """Both ends of an interval; a dash where there is none."""
    return "-" if math.isnan(low) else f"{low:.3f} to {high:.3f}"


def interval_head(level) -> str:
    """What a column of intervals is called."""
    return f"{100 * level:g}% interval"


def row_range(table) -> str:
    """How many rows the numbers of a table rest on."""
    counts = table.loc[table["mi"].notna(), "n_samples"]
    if not len(counts):
        return "0"
    if counts.min() == counts.max():
        return str(counts.max())
    return f"{counts.min()} to {counts.max()}"


def short(name: str, limit: int) -> str:
    """A name of so many characters: its end tells columns apart as often as its beginning."""
    name = printable(name)
    if len(name) <= limit:
        return name
    half = (limit - 3) // 2
    return f"{name[: limit - 3 - half]}...{name[-half:]}"


def starred(name, notes: str) -> str:
    """A name, with a star where notes refer to it."""
    return f"{name} *" if notes else str(name)


def listed(names: list[str]) -> str:
    """Names in a line, of many the first."""
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    return ", ".join(short(name, _WIDTH) for name in names[:_MAX_NAMES]) + more


def footnotes(rows, texts, what: str, *, one_pair: bool = False) -> list[str]:
    """Each note once, after what it is about; those that differ in their numbers are one.

    Parameters
    ----------
    rows : iterable of tuple
        The labels of each row: of a column, of a pair.
    texts : sequence of str
        The ``warnings`` field of each.
    what : str
        What rows are called together.
    one_pair : bool, default=False
        Whether all rows are about the same columns, so that any notes may be alike.
    """
    # help is asked for more often than notes, and waits for no numpy
    from skmist.frame.alike import as_one, placed

    said = [
        (labels, placed(note, labels))
        for labels, text in zip(rows, texts, strict=True)
        for note in split_notes(text)
    ]
    words = as_one((note for _, note in said), one_pair)
    notes: dict[tuple[str, str], dict[str, None]] = {}
    for labels, (whom, predicate) in said:
        name = " and ".join(map(str, labels))
        notes.setdefault((whom, words[whom, predicate]), {})[name] = None
    lines = []
    for (whom, text), named in notes.items():
        everywhere = 1 < len(named) == len(texts)
        about = f"all {what}" if everywhere else listed([*named])
        lines.append(f"* {about}: {f'{whom} {text}'.lstrip()}")
    return lines


def wrapped(text: str) -> list[str]:
    """A sentence as lines of a terminal."""
    text = printable(text, keep="\n\t")
    return textwrap.wrap(text, _WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def plain(record) -> dict:
    """Replace NaN, which JSON lacks, by None."""
    return {
        key: None if isinstance(value, float) and math.isnan(value) else value
        for key, value in record.items()
    }
