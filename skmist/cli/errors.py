"""What a command says when it cannot be carried out as given."""

from __future__ import annotations

__all__ = ["UsageError"]


class UsageError(Exception):
    """The command cannot be carried out as given; the message is for the user."""
