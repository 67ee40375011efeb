"""Write the tables of ``doc/infomax.md`` from the CSVs of ``infomax.py``; nothing is measured."""

from __future__ import annotations

__all__ = ["fill_infomax", "main"]

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from harness.common import RESULTS, ROOT, read_table, table_source
from harness.markdown import markdown, number

PAGE = ROOT / "doc" / "infomax.md"
_BLOCK = re.compile(r"(<!-- begin (\w+) -->\n)(.*?)(<!-- end \2 -->)", re.DOTALL)
_ABSENT = "*Not measured yet.*"


def _images(results: Path) -> str:
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


def _tables(results: Path) -> str:
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


_TABLES = {"images": _images, "tables": _tables}


def fill_infomax(page: str, results: Path) -> str:
    """Return the page with the text between its markers written anew."""
    return _BLOCK.sub(lambda m: f"{m[1]}{_TABLES[m[2]](results) or _ABSENT}\n{m[4]}", page)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the tables, or check that they are those of the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR")
    parser.add_argument("--page", type=Path, default=PAGE, metavar="MD")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it would change")
    options = parser.parse_args(arguments)
    old = options.page.read_text(encoding="utf-8")
    new = fill_infomax(old, options.results)
    if not options.check:
        options.page.write_text(new, encoding="utf-8")
    return int(options.check and new != old)


if __name__ == "__main__":
    sys.exit(main())
