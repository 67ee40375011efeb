"""Ask mrmr_selection which columns of stored tables to keep, in an environment of its own.

Runs inside ``runs/selection-venv`` (``python -m venv runs/selection-venv``, then
``runs/selection-venv/bin/pip install mrmr_selection==0.2.8``) and imports nothing of skmist.
``benchmarks/selection.py`` starts it. Reads an ``.npz`` with the keys ``TASK|x``, ``TASK|y``,
``TASK|k`` and ``TASK|is_classes``; writes one row per task and method: the columns in the order of
choice, processor seconds, and the message of a failure.
"""

from __future__ import annotations

__all__ = ["METHODS", "ask", "main"]

import argparse
import csv
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

METHODS = {"mrmr_selection_f": "f", "mrmr_selection_rf": "rf"}
FIELDS = ("task", "method", "columns", "seconds", "error")


def ask(x: np.ndarray, y: np.ndarray, k: int, is_classes: bool, relevance: str) -> list[int]:
    """Columns that mrmr_selection keeps, in its order."""
    import pandas as pd
    from mrmr import mrmr_classif, mrmr_regression

    select = mrmr_classif if is_classes else mrmr_regression
    frame = pd.DataFrame(x, columns=[str(j) for j in range(x.shape[1])])
    chosen = select(frame, pd.Series(y), K=k, relevance=relevance, n_jobs=1, show_progress=False)
    return [int(name) for name in chosen]


def rows(tables) -> list[dict]:
    """One row per task and method."""
    tasks = dict.fromkeys(key.rpartition("|")[0] for key in tables.files)
    found = []
    for task in tasks:
        parts = [tables[f"{task}|{part}"] for part in ("x", "y", "k", "is_classes")]
        for method, relevance in METHODS.items():
            row = {"task": task, "method": method, "columns": "", "error": ""}
            start = time.process_time()
            try:
                chosen = ask(parts[0], parts[1], int(parts[2]), bool(parts[3]), relevance)
                row["columns"] = " ".join(map(str, chosen))
            except Exception as error:  # any failure of a peer is a row of the table
                row["error"] = f"{type(error).__name__}: {error}"
            found.append({**row, "seconds": f"{time.process_time() - start:.4f}"})
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", type=Path, help=".npz of the tables")
    parser.add_argument("out", type=Path, help=".csv to write")
    options = parser.parse_args(arguments)
    with np.load(options.tables) as tables, options.out.open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows(tables))
    return 0


if __name__ == "__main__":
    sys.exit(main())
