"""The commands of the command line, one module each: what it takes and what it does.

What computes is imported when a command runs: no help should wait for it.
"""

from __future__ import annotations

from skmist.cli.commands import (
    completion,
    conditional,
    demo,
    fine_tune,
    lags,
    matrix,
    mi,
    rank,
    report,
    select,
    test,
)

__all__ = ["COMMANDS"]

COMMANDS = (
    rank,
    select,
    mi,
    conditional,
    test,
    matrix,
    lags,
    report,
    fine_tune,
    demo,
    completion,
)
"""Modules with ``add(commands)``, in the order of the help."""
