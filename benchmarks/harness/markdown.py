"""Numbers and tables as the pages of the documentation show them."""

from __future__ import annotations

__all__ = ["markdown", "number", "percent"]

from collections.abc import Sequence

import pandas as pd


def markdown(rows: Sequence[Sequence[object]], head: Sequence[str]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def number(value: float, digits: int = 3) -> str:
    """Return a number as the page shows it; empty where there is none."""
    return "" if pd.isna(value) else f"{value:.{digits}f}"


def percent(value: float) -> str:
    """Return a share as the page shows it; empty where there is none."""
    return "" if pd.isna(value) else f"{100 * value:.0f} %"
