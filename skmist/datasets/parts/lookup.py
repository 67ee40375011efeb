"""Things that are asked for by name: tasks of a suite, families."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

__all__ = ["find"]

Entry = TypeVar("Entry")


def find(
    table: Mapping[str, Entry],
    name: str,
    unknown: str,
    hint: str,
    error: type[Exception] = KeyError,
) -> Entry:
    """The entry of a name.

    Parameters
    ----------
    table : mapping of str to object
    name : str
    unknown, hint : str
        What the error says before and after a name that is not there.
    error : type, default=KeyError
        Class of that error.

    Raises
    ------
    error
        If the table has no such name.

    Examples
    --------
    >>> find({"one": 1}, "two", "there is no number", "known: one")
    Traceback (most recent call last):
    KeyError: "there is no number 'two'; known: one"
    """
    if name not in table:
        raise error(f"{unknown} {name!r}; {hint}")
    return table[name]
