"""Notes about a sample that become warnings of a category of their own, whoever estimates."""

from __future__ import annotations

__all__ = ["DependentRowsNote", "Note", "RepeatedRowsNote", "category_of"]

from typing import ClassVar

from skmist._errors import DependentRowsWarning, RepeatedRowsWarning


class Note(str):
    """What speaks against an estimate because of the sample."""

    __slots__ = ()
    category: ClassVar[type[Warning]] = UserWarning


class RepeatedRowsNote(Note):
    """Rows were copied."""

    __slots__ = ()
    category = RepeatedRowsWarning


class DependentRowsNote(Note):
    """Rows depend on those beside them."""

    __slots__ = ()
    category = DependentRowsWarning


def category_of(note: str, otherwise: type[Warning]) -> type[Warning]:
    """Category of the warning that a note becomes; `otherwise` where it has none of its own."""
    return note.category if isinstance(note, Note) else otherwise
