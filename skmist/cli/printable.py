"""Text that a terminal shows and does not obey."""

from __future__ import annotations

__all__ = ["decoded", "printable"]

import os
import unicodedata

# embeddings and overrides turn a line around
_TURNING = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_HIDDEN = ("Cc", "Cs", "Zl", "Zp")


def printable(text: str, keep: str = "") -> str:
    """Write control characters, and what turns lines around, as escapes.

    Parameters
    ----------
    text : str
        Names and messages, which may come from anybody's file.
    keep : str, default=""
        Control characters to leave alone.
    """
    if text.isprintable():
        return text
    return "".join(
        char.encode("unicode_escape").decode("ascii") if _is_hidden(char, keep) else char
        for char in text
    )


def _is_hidden(char: str, keep: str) -> bool:
    if char in keep:
        return False
    return char in _TURNING or unicodedata.category(char) in _HIDDEN


def decoded(argument: str) -> str:
    """A name from the command line as UTF-8, which files are in, whatever the terminal's is."""
    return os.fsencode(argument).decode("utf-8", "backslashreplace")
