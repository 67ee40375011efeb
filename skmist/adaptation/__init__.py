"""A net for one kind of data: the user's own."""

from __future__ import annotations

from skmist.adaptation.call import adapt
from skmist.adaptation.report import Adaptation

__all__ = ["Adaptation", "adapt"]
