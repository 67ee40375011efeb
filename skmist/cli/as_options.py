"""Remarks on results name parameters of Python; on the command line they name its options."""

from __future__ import annotations

__all__ = ["as_options", "remarks_as_options"]

from typing import TYPE_CHECKING

from skmist._sample.notes import DependentRowsNote

if TYPE_CHECKING:
    import pandas as pd

_OPTIONS = {
    "max_rows=None": "--max-rows all",
    "max_estimates=None": "--max-estimates all",
    "columns=[...]": "--columns",
    DependentRowsNote.remedy: "In Python, skmist.mi_with takes block_size or groups of rows.",
}


def as_options(remark: str) -> str:
    """A remark whose parameters are options."""
    for parameter, option in _OPTIONS.items():
        remark = remark.replace(parameter, option)
    return remark


def remarks_as_options(table: pd.DataFrame) -> pd.DataFrame:
    """A ranking, or pairs in long form, with such remarks."""
    from skmist.frame.notes import reworded

    return reworded(table, as_options)
