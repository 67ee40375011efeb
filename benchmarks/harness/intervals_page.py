"""The tables of ``doc/bootstrap.md``, in Markdown, from the CSVs of ``intervals.py``."""

from __future__ import annotations

__all__ = ["NAMES", "intervals_tables"]

from pathlib import Path

import pandas as pd

from harness.common import read_table, table_source
from harness.markdown import markdown, number, percent

NAMES = {
    "subsampling_ksg_k1": "subsampling, KSG k = 1 (default)",
    "subsampling_ksg_k3": "subsampling, KSG k = 3",
    "subsampling_copula": "subsampling, Gaussian copula",
    "naive_ksg_k3": "naive bootstrap, KSG k = 3",
    "mist": "MIST",
}
"""Estimators of the tables, in their order."""


def intervals_tables(results: Path) -> str:
    """Return a table over all cells and one by cell; empty where they were not measured.

    Parameters
    ----------
    results : Path
        Folder of ``intervals.csv`` and ``intervals_summary.csv``.
    """
    paths = [results / f"{name}.csv" for name in ("intervals", "intervals_summary")]
    if not all(path.exists() for path in paths):
        return ""
    cells, summary = map(read_table, paths)
    overall = _overall(summary.set_index("estimator"))
    return "\n\n".join([overall, _by_cell(cells), f"*{table_source(paths[0])}*"])


def _overall(summary: pd.DataFrame) -> str:
    rows = [
        [
            title,
            f"{row['in_bar']:.0f} of {row['cells']:.0f}",
            percent(row["coverage"]),
            f"{percent(row['lowest'])} to {percent(row['highest'])}",
            number(row["width"]),
            number(row["width_ratio"], 2),
            number(1000.0 * row["seconds"], 0),
            number(row["time_ratio"], 1),
        ]
        for name, title in NAMES.items()
        if name in summary.index
        for row in [summary.loc[name]]
    ]
    head = ["interval", "cells at 85–95 %", "coverage", "cells from", "width"]
    return markdown(rows, [*head, "width / MIST's", "ms", "time / MIST's"])


def _by_cell(cells: pd.DataFrame) -> str:
    keys = ["family", "n"]
    wide = cells.set_index([*keys, "estimator"])[["coverage_90", "width_90"]].unstack()
    shown = [name for name in NAMES if name in set(cells["estimator"])]
    rows = [
        [family.replace("_", " "), f"{n:,}", *(_entry(row, name) for name in shown)]
        for (family, n), row in wide.reindex(cells[keys].drop_duplicates()).iterrows()
    ]
    return markdown(rows, ["family", "n", *(NAMES[name] for name in shown)])


def _entry(row: pd.Series, name: str) -> str:
    coverage = row["coverage_90", name]
    return "" if pd.isna(coverage) else f"{percent(coverage)} ({number(row['width_90', name], 2)})"
