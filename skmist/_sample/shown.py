"""Values and names as messages show them: on one line, in little room, whatever they are."""

from __future__ import annotations

__all__ = ["as_text", "shortened"]

from decimal import Decimal
from numbers import Number
from typing import Any

_LONGEST = 60


def shortened(value: Any, limit: int = _LONGEST) -> str:
    """A value as Python writes it, in a line that a message has room for: the ends of long ones.

    Control characters come as escapes, so that none reaches a terminal.
    """
    whole = _written(value)
    if len(whole) <= limit:
        return whole
    half = (limit - 3) // 2
    return f"{whole[: limit - 3 - half]}...{whole[-half:]}"


def as_text(value: Any) -> str:
    """All of a value as text, by which labels are told apart."""
    try:
        return str(value)
    except ValueError:  # a whole number of more digits than Python writes out
        return hex(value)


def _written(value: Any) -> str:
    # numpy's own say their type, too
    value = (
        value.item() if getattr(value, "shape", None) == () and hasattr(value, "item") else value
    )
    try:
        return str(value) if isinstance(value, Number) else repr(value)
    except ValueError:
        # Python refuses to write out whole numbers of more than 4,300 digits
        return f"{Decimal(value):.9e}" if isinstance(value, int) else type(value).__name__
