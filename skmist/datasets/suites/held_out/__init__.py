"""Families that no net may be trained on: half for choosing between nets, half for the last table.

Frozen before the training of mist-3. The prior must never import this package; tests hold that,
and that its samples stay as they were.
"""

from __future__ import annotations

from skmist.datasets.suites.held_out.law import KINDS, HeldOutLaw
from skmist.datasets.suites.held_out.registry import (
    HALVES,
    HELD_OUT,
    LEVELS,
    HeldOutFamily,
    held_out_law,
)

__all__ = ["HALVES", "HELD_OUT", "KINDS", "LEVELS", "HeldOutFamily", "HeldOutLaw", "held_out_law"]
