"""Feature selection against its peers: the true columns of known tables, and scores on real ones.

Every method chooses as many columns as are true, from the same rows: the share of the true ones
among them; in "copies" a source and its noisy copies count once. On real tables it chooses from
n rows, on which 10 nearest neighbors are then trained; the score is that on all other rows
(accuracy, or R2 for diabetes). scikit-learn's are ``SelectKBest``; mrmr_selection runs in
an environment of its own, see ``peers/selection.py``, and is left out where that is missing.
Writes ``selection.csv`` (a row per table, n and method), ``selection_real.csv`` and
``selection_summary.csv``, or what ``--name`` says in place of "selection". What was computed is
kept in ``runs/benchmarks/selection.jsonl``.
"""

from __future__ import annotations

__all__ = ["Cell", "METHODS", "cells", "main", "summarize"]

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from cases.selection_tasks import REAL, SYNTHETIC, found_share
from harness import common
from harness.journal import Journal, versions, weights_line
from sklearn.feature_selection import (
    SelectKBest,
    f_classif,
    f_regression,
    mutual_info_classif,
    mutual_info_regression,
)
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits
from tqdm import tqdm

import skmist
from skmist.weights import DEFAULT_WEIGHTS

PEERS_PYTHON = common.ROOT / "runs" / "selection-venv" / "bin" / "python"
PEERS_SCRIPT = Path(__file__).parent / "peers" / "selection.py"
ROWS = (100, 300)
MANY_ROWS = (1000, 2000)
MANY_TASKS = ("xor", "two parities", "friedman1")
WIDE = 100
OURS = {
    f"{estimator}_{criterion}": (estimator, criterion)
    for estimator in ("mist", "ksg")
    for criterion in ("mim", "mrmr", "jmi", "cmim")
} | {"mist_joint": ("mist", "joint")}
THEIRS = {
    "sklearn_mi": (mutual_info_classif, mutual_info_regression),
    "sklearn_f": (f_classif, f_regression),
}
METHODS = (*OURS, *THEIRS)
MEANING = (
    "found: share of the true columns among as many chosen; score: of 10 nearest neighbors on the "
    "rows not chosen from; seconds: processor time of the choice, one thread"
)


class Cell(NamedTuple):
    """One table, by name, rows and seed."""

    task: str
    n: int
    seed: int

    @property
    def is_real(self) -> bool:
        """Whether the table is real."""
        return self.task in REAL


class Problem(NamedTuple):
    """What the methods are given: a table, how many columns to choose, and what to judge by."""

    x: np.ndarray
    y: np.ndarray
    k: int
    is_classes: bool
    judge: Callable[[Sequence[int]], float]


def cells(seeds: int, many_seeds: int) -> list[Cell]:
    """All cells, a whole round of each seed after the other, the quick ones first."""
    asked = [Cell(*key) for key in product((*SYNTHETIC, *REAL), ROWS, range(seeds))]
    asked += [Cell(*key) for key in product(MANY_TASKS, MANY_ROWS, range(many_seeds))]
    short = {"wine": 150}
    asked = [cell._replace(n=min(cell.n, short.get(cell.task, cell.n))) for cell in asked]
    return sorted(asked, key=lambda cell: (cell.seed, cell.n))


@cache
def problem(cell: Cell) -> Problem:
    """Draw the table of a cell."""
    if cell.is_real:
        task = REAL[cell.task]
        x, y, x_new, y_new = task.split(cell.n, cell.seed)

        def judge(chosen: Sequence[int]) -> float:
            columns = list(chosen)
            knn = KNeighborsClassifier(10) if task.is_classes else KNeighborsRegressor(10)
            model = make_pipeline(StandardScaler(), knn).fit(x[:, columns], y)
            return float(model.score(x_new[:, columns], y_new))

        return Problem(x, y, task.k, task.is_classes, judge)
    task = SYNTHETIC[cell.task]
    key = [cell.n, cell.seed, *cell.task.encode()]
    table = task.draw(cell.n, np.random.default_rng(key))

    def share(chosen: Sequence[int]) -> float:
        return found_share(chosen, table.truth)

    return Problem(table.x, table.y, len(table.truth), task.is_classes, share)


def applies(method: str, cell: Cell) -> bool:
    """Wide tables are left to what looks at single columns; mrmr of mist to few rows."""
    if method.startswith("mist") and cell.n in MANY_ROWS:
        return not method.endswith("_mrmr")
    wide = not cell.is_real and SYNTHETIC[cell.task].n_columns > WIDE
    return not wide or method.endswith("_mim") or method in THEIRS


def choose(method: str, given: Problem, weights: str) -> list[int]:
    """Columns that a method chooses."""
    if method in THEIRS:
        score = THEIRS[method][0 if given.is_classes else 1]
        if method == "sklearn_mi":
            score = _seeded(score)
        return SelectKBest(score, k=given.k).fit(given.x, given.y).get_support(True).tolist()
    estimator, criterion = OURS[method]
    if estimator == "mist":
        estimator = skmist.MISTRegressor(weights=weights, device="cpu")
    select = skmist.MutualInfoFeatureSelector(given.k, criterion=criterion, estimator=estimator)
    return select.fit(given.x, given.y).get_support(indices=True).tolist()


def _seeded(score):
    return lambda x, y: score(x, y, random_state=0)


def ask(method: str, given: Problem, weights: str) -> dict:
    """Choose once; return the row of the table."""
    start = time.process_time()
    chosen = choose(method, given, weights)
    seconds = time.process_time() - start
    names = " ".join(map(str, chosen))
    return {"value": given.judge(chosen), "seconds": seconds, "columns": names}


def _mark(weights: str) -> str:
    """Hash of what answers depend on."""
    package = Path(skmist.__file__).parent
    files = [
        *sorted((package / "feature_selection").glob("*.py")),
        *sorted((package / "estimators").rglob("*.py")),
    ]
    digest = hashlib.sha256()
    for path in (*files, Path(__file__).parent / "cases" / "selection_tasks.py"):
        digest.update(path.read_bytes())
    digest.update(f"{versions()} {weights_line(weights)}".encode())
    return digest.hexdigest()[:12]


def ask_ours(asked: Sequence[Cell], options: argparse.Namespace, journal: Journal) -> pd.DataFrame:
    """Answers of our methods and scikit-learn's, until the time is over."""
    mark, end = _mark(options.weights), time.monotonic() + 60 * options.minutes
    rows = []
    for cell in tqdm(asked, dynamic_ncols=True):
        for method in filter(lambda name: applies(name, cell), options.methods):
            case, key = str(cell), f"{method} {mark}"
            known = journal.known(case)
            if key not in known and time.monotonic() < end:
                journal.add(case, {key: ask(method, problem(cell), options.weights)})
                known = journal.known(case)
            if key in known:
                rows.append({**cell._asdict(), "method": method, **known[key]})
    if not rows:
        raise ValueError(
            f"no cell was answered within {options.minutes:g} minutes; pass more --minutes, or "
            "other --tasks and --n"
        )
    return pd.DataFrame(rows)


def ask_peers(asked: Sequence[Cell], python: Path) -> pd.DataFrame:
    """Answers of the peers that run in an environment of their own."""
    if not python.exists():
        print(f"no {python}: left out are the methods that benchmarks/peers/README.md describes")
        return pd.DataFrame()
    by_name = {str(number): cell for number, cell in enumerate(asked)}
    arrays = {}
    for name, cell in by_name.items():
        given = problem(cell)
        parts = {"x": given.x, "y": given.y, "k": given.k, "is_classes": given.is_classes}
        arrays |= {f"{name}|{part}": value for part, value in parts.items()}
    with tempfile.TemporaryDirectory() as folder:
        tables, out = Path(folder) / "tables.npz", Path(folder) / "chosen.csv"
        np.savez(tables, **arrays)
        subprocess.run([python, PEERS_SCRIPT, tables, out], check=True)
        answers = pd.read_csv(out, dtype={"task": str, "columns": str}, keep_default_na=False)
    rows = []
    for row in answers.itertuples():
        cell = by_name[row.task]
        chosen = [int(k) for k in row.columns.split()]
        value = problem(cell).judge(chosen) if chosen else np.nan
        found = {"value": value, "seconds": row.seconds, "columns": row.columns}
        rows.append({**cell._asdict(), "method": row.method, **found})
    return pd.DataFrame(rows)


def per_table(answers: pd.DataFrame, name: str) -> pd.DataFrame:
    """Mean value, its standard error, and the median time of each method on each table."""
    groups = answers.groupby(["task", "n", "method"], sort=False)
    table = groups.agg(
        draws=("value", "size"),
        value=("value", "mean"),
        error=("value", "sem"),
        seconds=("seconds", "median"),
    )
    return table.reset_index().rename(columns={"value": name, "error": f"{name}_sem"})


def summarize(answers: pd.DataFrame) -> pd.DataFrame:
    """Mean over the tables that all methods answered, by rows."""
    parts = []
    for (kind, n), part in answers.groupby(["kind", "n"]):
        means = part.groupby(["task", "method"])[["value", "seconds"]].mean()
        # a method that failed throughout shall not take the tables from the others
        whole = means["value"].unstack().dropna(axis=1, how="all").dropna(axis=0)
        for method in whole.columns if len(whole) else ():
            seconds = means["seconds"].unstack().loc[whole.index, method].sum()
            keys = {"kind": kind, "n": n, "tables": len(whole), "method": method}
            parts.append({**keys, "mean": whole[method].mean(), "seconds": seconds})
    table = pd.DataFrame(parts)
    return table.sort_values(["kind", "n", "mean"], ascending=[False, True, False])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its tables."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--seeds", type=int, default=4, help="of each table (default: 4)")
    add("--many-seeds", type=int, default=1, help="of tables of 1,000 rows and more (default: 1)")
    add("--tasks", nargs="+", choices=[*SYNTHETIC, *REAL], metavar="TASK", help="some tables")
    add("--n", type=int, nargs="+", metavar="N", help="some numbers of rows")
    add("--methods", nargs="+", default=METHODS, choices=METHODS, metavar="NAME")
    add("--weights", default=DEFAULT_WEIGHTS, help="name or card of mist's (default: the shipped)")
    add("--minutes", type=float, default=1e6, help="ask nothing new after so many minutes")
    add("--peers", type=Path, default=PEERS_PYTHON, metavar="PYTHON", help="mrmr_selection's")
    add("--name", default="selection", help="of the tables (default: selection)")
    add("--out", type=Path, default=common.RESULTS, metavar="DIR")
    add("--fresh", action="store_true", help="forget the answers that earlier runs have left")
    options = parser.parse_args(arguments)
    asked = [
        cell
        for cell in cells(options.seeds, options.many_seeds)
        if cell.task in (options.tasks or cell.task) and cell.n in (options.n or [cell.n])
    ]
    journal = Journal(common.JOURNALS / "selection.jsonl", options.fresh)
    with threadpool_limits(1):
        answers = ask_ours(asked, options, journal)
        keys = answers[list(Cell._fields)].itertuples(index=False, name=None)
        begun = [Cell(*key) for key in dict.fromkeys(keys)]
        answers = pd.concat([answers, ask_peers(begun, options.peers)], ignore_index=True)
    answers["kind"] = np.where(answers["task"].isin(list(REAL)), "real", "synthetic")
    header = [*common.provenance("selection.py", arguments, options.weights), MEANING]
    summary = summarize(answers)
    for kind, name, value in (("synthetic", "", "found"), ("real", "_real", "score")):
        table = per_table(answers[answers["kind"] == kind], value)
        if len(table):
            common.write_table(table, options.out / f"{options.name}{name}.csv", header)
    common.write_table(summary, options.out / f"{options.name}_summary.csv", header)
    print(summary.round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
