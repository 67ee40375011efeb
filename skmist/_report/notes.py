"""What speaks against the numbers: each note once, numbered, under the column it is about."""

from __future__ import annotations

__all__ = ["NoteGroup", "Notes"]

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from skmist._sample.shown import shortened
from skmist.frame.alike import as_one, placed
from skmist.frame.facts import split_notes

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
        said: dict[str, tuple[str, str]] = {}
        concerned: dict[str, list[tuple]] = {}
        for a, b, warning in pairs[["a", "b", "warnings"]].itertuples(index=False):
            for text in split_notes(warning) if warning else ():
                concerned.setdefault(text, []).append((a, b))
                said.setdefault(text, placed(text, (a, b)))
        words = as_one(said.values())
        # by column, in their order, then by pair; of texts that are alike the pairs of all
        grouped: dict[str, dict[str, list[str]]] = {}
        for text, note in said.items():
            grouped.setdefault(note[0], {}).setdefault(words[note], []).append(text)
        titles = {f"column {shortened(label)}": str(label) for label in labels}
        order = [whom for whom in titles if whom in grouped]
        order += [whom for whom in grouped if whom and whom not in titles]
        self.numbers: dict[str, int] = {}
        self.groups = [
            self._group(titles.get(whom, whom), grouped[whom], len(pairs), concerned)
            for whom in [*order, *([""] if "" in grouped else [])]
        ]

    def _group(
        self, title: str, found: dict[str, list[str]], n_pairs: int, concerned: dict
    ) -> NoteGroup:
        notes = []
        for number, (words, texts) in enumerate(
            found.items(), 1 + len(set(self.numbers.values()))
        ):
            self.numbers.update(dict.fromkeys(texts, number))
            named = list(dict.fromkeys(pair for text in texts for pair in concerned[text]))
            notes.append(Note(number, words, _names(named, n_pairs, title)))
        return NoteGroup(title, notes)

    def __len__(self) -> int:
        return len(set(self.numbers.values()))

    def of(self, warning: str) -> list[int]:
        """Numbers of the notes of a warning."""
        return list(dict.fromkeys(self.numbers[text] for text in split_notes(warning)))


def _names(named: list[tuple], n_pairs: int, title: str) -> str:
    if len(named) == n_pairs > 1:
        return "all pairs"
    if title and len(named) > 1:
        return f"in {len(named)} pairs"
    shown = "; ".join(f"{a} and {b}" for a, b in named[:_SHOWN])
    return f"{shown}; and {len(named) - _SHOWN} more" if len(named) > _SHOWN else shown
