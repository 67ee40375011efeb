"""What speaks against the numbers: each text once, numbered, under the column it is about."""

from __future__ import annotations

__all__ = ["NoteGroup", "Notes"]

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from skmist.frame.facts import split_notes
from skmist.frame.notes import about_column

_SHOWN = 12


class Note(NamedTuple):
    """One text, and whom it concerns."""

    number: int
    text: str
    concerned: str


class NoteGroup(NamedTuple):
    """The notes about one column, or about pairs where the title is empty."""

    title: str
    notes: list[Note]


class Notes:
    """The warnings of a report.

    Parameters
    ----------
    labels : sequence of label
        The columns of the table.
    pairs : pandas.DataFrame of shape (n_pairs, 12)
    """

    def __init__(self, labels: Sequence[Hashable], pairs: Any) -> None:
        concerned: dict[str, list[tuple]] = {}
        for a, b, warning in pairs[["a", "b", "warnings"]].itertuples(index=False):
            for text in split_notes(warning) if warning else ():
                concerned.setdefault(text, []).append((a, b))
        grouped: dict[str, list[tuple[str, str]]] = {}
        for text, named in concerned.items():
            title, said = _placed(text, named)
            grouped.setdefault(title, []).append((text, said))
        # columns in their order, pairs last
        order = [str(label) for label in labels if str(label) in grouped]
        self.numbers: dict[str, int] = {}
        self.groups = [
            self._group(title, grouped[title], len(pairs), concerned)
            for title in dict.fromkeys([*order, *grouped])
            if title
        ]
        if "" in grouped:
            self.groups.append(self._group("", grouped[""], len(pairs), concerned))

    def _group(self, title: str, found: list, n_pairs: int, concerned: dict) -> NoteGroup:
        notes = []
        for text, said in found:
            number = self.numbers[text] = len(self.numbers) + 1
            notes.append(Note(number, said, _names(concerned[text], n_pairs, title)))
        return NoteGroup(title, notes)

    def __len__(self) -> int:
        return len(self.numbers)

    def of(self, warning: str) -> list[int]:
        """Numbers of the notes of a warning."""
        return [self.numbers[text] for text in split_notes(warning)]


def _placed(text: str, named: list[tuple]) -> tuple[str, str]:
    """The column that a note is about and what it says of it; or no column, and the note."""
    for label in named[0]:
        said = about_column(label, text)
        if said:
            return str(label), said
    return "", text


def _names(named: list[tuple], n_pairs: int, title: str) -> str:
    if len(named) == n_pairs > 1:
        return "all pairs"
    if title and len(named) > 1:
        return f"in {len(named)} pairs"
    shown = "; ".join(f"{a} and {b}" for a, b in named[:_SHOWN])
    return f"{shown}; and {len(named) - _SHOWN} more" if len(named) > _SHOWN else shown
