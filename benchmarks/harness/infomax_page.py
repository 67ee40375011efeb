"""The tables of ``doc/infomax.md``, in Markdown, from the CSVs of ``infomax.py``."""

from __future__ import annotations

__all__ = ["images_table", "labels_table"]

from pathlib import Path

import pandas as pd

from harness.common import read_table, table_source
from harness.markdown import markdown, number


def images_table(results: Path) -> str:
    """Return a row per representation of the digits; empty where none was measured."""
    path = results / "infomax_summary.csv"
    if not path.exists():
        return ""
    table = read_table(path)
    columns = {
        "seeds": (0, "seeds"),
        "accuracy_Y": (3, "Y"),
        "spread_Y": (3, "spread"),
        "accuracy_fc": (3, "fc"),
        "accuracy_conv": (3, "conv"),
        "few_Y": (3, "Y, 10 labels"),
        "few_fc": (3, "fc, 10 labels"),
        "ks_train": (3, "KS train"),
        "ks_test": (3, "KS test"),
        "seconds": (0, "CPU s"),
    }
    return _markdown_of(table, ["variant"], columns, path)


def labels_table(results: Path) -> str:
    """Return a row per table, number of labels and method; empty where none was measured."""
    path = results / "infomax_tables.csv"
    if not path.exists():
        return ""
    columns = {
        "draws": (0, "draws"),
        "accuracy": (3, "accuracy"),
        "standard_error": (3, "standard error"),
    }
    return _markdown_of(read_table(path), ["table", "labels_of_each", "method"], columns, path)


def _markdown_of(
    table: pd.DataFrame, keys: list[str], columns: dict[str, tuple[int, str]], path: Path
) -> str:
    rows = [
        [*row[keys], *(number(row[name], digits) for name, (digits, _) in columns.items())]
        for _, row in table.iterrows()
    ]
    head = [*(key.replace("_", " ") for key in keys), *(label for _, label in columns.values())]
    return f"{markdown(rows, head)}\n\n({table_source(path).split('; weights')[0]})"
