"""Notes that are more than their words: they know their warning, or whom they are about."""

from __future__ import annotations

__all__ = ["ColumnDoubt", "DependentRowsNote", "Note", "RepeatedRowsNote", "category_of"]

from typing import ClassVar

from skmist._errors import DependentRowsWarning, RepeatedRowsWarning


class Note(str):
    """What speaks against an estimate because of the sample, with the category of its warning."""

    __slots__ = ()
    category: ClassVar[type[Warning]] = UserWarning


class RepeatedRowsNote(Note):
    """Rows were copied."""

    __slots__ = ()
    category = RepeatedRowsWarning


class DependentRowsNote(Note):
    """Rows depend on those beside them; ``remedy`` is what helps, in the words of Python."""

    __slots__ = ()
    category = DependentRowsWarning
    remedy = "Pass block_size, longer than the memory of the rows, or groups of rows."


class ColumnDoubt(str):
    """What speaks against a column as such, whatever it is compared with.

    That its dates were read as days, as other notes about columns say, does not.
    """

    __slots__ = ()


def category_of(note: str, otherwise: type[Warning]) -> type[Warning]:
    """Category of the warning that a note becomes; `otherwise` where it has none of its own."""
    return note.category if isinstance(note, Note) else otherwise
