"""Notes about one column that differ in their numbers only are one note, of ranges."""

from __future__ import annotations

__all__ = ["THE_TARGET", "as_one", "placed"]

import re
from collections.abc import Hashable, Iterable, Sequence

from skmist.frame.notes import about_column

THE_TARGET = "the target"
"""What notes of a ranking call the column in question."""

# A quoted name, which is kept, as are unquoted labels, or a number.
_PARTS = re.compile(
    r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|column -?\d\S*)|(?<![\w.])(\d[\d,]*(?:\.\d+)?)"""
)
_NUMBER = "\0"


def placed(note: str, labels: Sequence[Hashable]) -> tuple[str, str]:
    """Of whom a note speaks, as it calls that column, and what it says; "" and the note if none.

    Parameters
    ----------
    note : str
        Of a ``warnings`` field.
    labels : sequence of label
        Of the columns compared.
    """
    for label in labels:
        said = about_column(label, note)
        if said:
            return note[: -len(said)].rstrip(), said
    said = note.removeprefix(f"{THE_TARGET} ")
    return (THE_TARGET, said) if said != note else ("", note)


def as_one(notes: Iterable[tuple[str, str]], one_pair: bool = False) -> dict[tuple[str, str], str]:
    """By note, of whom and what is said: the words that all notes alike share.

    Alike are notes about one column that differ in numbers only, such as how many rows a pair
    has; where they do, a range stands for the number. Notes about no column stay as they are,
    unless all are about one pair of columns.

    Parameters
    ----------
    notes : iterable of tuple of str
        As `placed` returns them.
    one_pair : bool, default=False

    Examples
    --------
    >>> from skmist.frame.alike import as_one
    >>> notes = [("the column", f"has 9 labels in {n} rows") for n in (12, 15)]
    >>> set(as_one(notes).values())
    {'has 9 labels in 12 to 15 rows'}
    """
    shapes = {note: _shape(note[1]) for note in notes}
    found: dict[tuple[str, str], list[list[str]]] = {}
    for (whom, _), (shape, numbers) in shapes.items():
        found.setdefault((whom, shape), []).append(numbers)
    return {
        (whom, said): _with_ranges(shape, found[whom, shape]) if whom or one_pair else said
        for (whom, said), (shape, _) in shapes.items()
    }


def _shape(said: str) -> tuple[str, list[str]]:
    """A sentence with its numbers taken out, and these."""
    numbers: list[str] = []

    def taken(part: re.Match[str]) -> str:
        if part[1]:
            return part[1]
        numbers.append(part[2])
        return _NUMBER

    return _PARTS.sub(taken, said), numbers


def _with_ranges(shape: str, numbers: list[list[str]]) -> str:
    text, *rest = shape.split(_NUMBER)
    for values, after in zip(zip(*numbers, strict=True), rest, strict=True):
        least, most = min(values, key=_value), max(values, key=_value)
        text += (least if _value(least) == _value(most) else f"{least} to {most}") + after
    return text


def _value(number: str) -> float:
    return float(number.replace(",", ""))
