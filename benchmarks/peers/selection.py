"""Ask mrmr_selection and Boruta which columns of tables to keep, in an environment of their own.

Runs inside ``runs/selection-venv`` (``python -m venv runs/selection-venv``, then
``runs/selection-venv/bin/pip install mrmr_selection==0.2.8 Boruta==0.4.3``) and imports nothing
of skmist. ``benchmarks/selection.py`` and ``real_selection.py`` start it. Reads an ``.npz`` with
the keys ``TASK|x``, ``TASK|y``,
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

RELEVANCES = {"mrmr_selection_f": "f", "mrmr_selection_rf": "rf"}
METHODS = (*RELEVANCES, "boruta")
FIELDS = ("task", "method", "columns", "seconds", "error")


def ask(x: np.ndarray, y: np.ndarray, k: int, is_classes: bool, relevance: str) -> list[int]:
    """Columns that mrmr_selection keeps, in its order."""
    import pandas as pd
    from mrmr import mrmr_classif, mrmr_regression

    select = mrmr_classif if is_classes else mrmr_regression
    frame = pd.DataFrame(x, columns=[str(j) for j in range(x.shape[1])])
    chosen = select(frame, pd.Series(y), K=k, relevance=relevance, n_jobs=1, show_progress=False)
    return [int(name) for name in chosen]


def ask_boruta(x: np.ndarray, y: np.ndarray, is_classes: bool) -> list[int]:
    """Columns that Boruta confirms; as many as it is sure of."""
    from boruta import BorutaPy
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    forest = RandomForestClassifier if is_classes else RandomForestRegressor
    # 50 rounds in place of 100 leave more undecided, in half of the time
    select = BorutaPy(forest(max_depth=5, n_jobs=1), "auto", max_iter=50, random_state=0)
    return np.flatnonzero(select.fit(x, y).support_).tolist()


def rows(tables, methods: Sequence[str]) -> list[dict]:
    """One row per task and method."""
    tasks = dict.fromkeys(key.rpartition("|")[0] for key in tables.files)
    found = []
    for task in tasks:
        parts = [tables[f"{task}|{part}"] for part in ("x", "y", "k", "is_classes")]
        for method in methods:
            row = {"task": task, "method": method, "columns": "", "error": ""}
            start = time.process_time()
            try:
                if method == "boruta":
                    chosen = ask_boruta(parts[0], parts[1], bool(parts[3]))
                else:
                    kind = RELEVANCES[method]
                    chosen = ask(parts[0], parts[1], int(parts[2]), bool(parts[3]), kind)
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
    parser.add_argument("--methods", nargs="+", default=[*RELEVANCES], choices=METHODS)
    options = parser.parse_args(arguments)
    with np.load(options.tables) as tables, options.out.open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows(tables, options.methods))
    return 0


if __name__ == "__main__":
    sys.exit(main())
