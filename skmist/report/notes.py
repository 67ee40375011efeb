"""What speaks against the numbers: each text once, numbered, with what it is about."""

from __future__ import annotations

__all__ = ["Notes"]

from collections.abc import Iterable

from skmist.frame.facts import split_notes
from skmist.report.markup import text

_SHOWN = 12


class Notes:
    """The warnings of a report.

    Parameters
    ----------
    named : iterable of (str, str)
        Who is concerned, and the warning; empty warnings are left out.
    """

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        self._concerned: dict[str, list[str]] = {}
        for name, warning in named:
            for note in split_notes(warning):
                self._concerned.setdefault(note, []).append(name)
        self._numbers = {warning: i for i, warning in enumerate(self._concerned, start=1)}

    def __len__(self) -> int:
        return len(self._concerned)

    def reference(self, warning: str) -> str:
        """Links to the texts of a warning; empty where there is none."""
        numbers = [self._numbers[note] for note in split_notes(warning)]
        return " ".join(
            f'<a class="ref" href="#note-{i}" aria-label="note {i}">{i}</a>' for i in numbers
        )

    def markup(self) -> str:
        """The list of all warnings."""
        if not self._concerned:
            return "<p>No warnings were raised for these estimates.</p>"
        items = []
        for warning, names in self._concerned.items():
            shown = "; ".join(text(name) for name in names[:_SHOWN])
            more = f"; and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            items.append(
                f'<li id="note-{self._numbers[warning]}">{text(warning)}'
                f'<br><span class="quiet">{shown}{more}</span></li>'
            )
        return f"<ol>{''.join(items)}</ol>"
