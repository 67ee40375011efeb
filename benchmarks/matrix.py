"""How long a matrix of mutual information takes, and how much memory.

Writes ``matrix.csv``: of skmist's `mi_matrix` by MIST, by nearest neighbors and by the Gaussian
copula, with p-values and without, and of scikit-learn's ``mutual_info_regression`` called column
by column, on the same table: seconds by the clock and of the processor, milliseconds per pair of
columns, and the peak memory of the process. Each measurement runs in a process of its own; one
that is in the table already, of the same weights, is not repeated, so that an interrupted run
resumes.

``--before TREE`` asks another copy of the sources for the same, turn by turn: three turns where
it takes less than a minute, else one (``git worktree add /tmp/base 755cf2d``).
"""

from __future__ import annotations

__all__ = ["main", "measure", "table_of"]

import argparse
import inspect
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from harness import common
from harness.worker import ratio_with_spread

import skmist
from skmist.weights import DEFAULT_WEIGHTS

KEYS = ("method", "columns", "rows", "n_jobs", "weights")
SKLEARN = "sklearn_by_column"
RANKING, TESTED = "mist_ranking_p_values", "mist_p_values"
ROWS = {RANKING: 900, TESTED: 569}
# its thousands of runs of the net would take the version before some hours
NEW = (TESTED,)
PLAN = (
    ("gaussian_copula", 50, 1),
    ("gaussian_copula", 100, 1),
    ("gaussian_copula", 200, 1),
    ("ksg", 50, 1),
    ("ksg", 100, 1),
    ("ksg", 200, 1),
    (SKLEARN, 100, 1),
    ("mist", 24, 1),
    ("mist", 48, 1),
    ("mist", 200, 2),
    (RANKING, 6, 1),
    (TESTED, 31, 1),
)
TURNS, LONG = 3, 60.0
MEANING = (
    "cpu_s: of the process and, with more than one job, of its workers; ms_per_pair: cpu_s over "
    "pairs, and pairs are columns * (columns - 1) / 2 whoever asks; scikit-learn is asked for "
    "each column as target, k=3, one thread; peak_mb: of the parent process; before_: of the "
    "other copy, medians of the turns; ratio: of the seconds by the clock, before over after, "
    "median and quartiles over the turns"
)


def table_of(columns: int, rows: int) -> pd.DataFrame:
    """Return numbers that depend on each other through a tenth as many common causes."""
    rng = np.random.default_rng([columns, rows])
    causes = rng.standard_normal((rows, max(2, columns // 10)))
    weights = rng.standard_normal((causes.shape[1], columns)) / np.sqrt(causes.shape[1])
    numbers = causes @ weights + 0.5 * rng.standard_normal((rows, columns))
    # every third column is bent, so that ranks and straight lines do not say all
    numbers[:, ::3] = np.sin(2.0 * numbers[:, ::3]) + 0.1 * numbers[:, ::3]
    return pd.DataFrame(numbers, columns=[f"c{i}" for i in range(columns)])


def measure(method: str, columns: int, rows: int, n_jobs: int) -> dict:
    """Time one matrix in this process.

    Parameters
    ----------
    method : str
        Of :func:`skmist.mi_matrix`, or ``"sklearn_by_column"``.
    columns, rows, n_jobs : int

    Returns
    -------
    dict
        A row of the table.
    """
    df = _cancer() if method == TESTED else table_of(columns, rows)
    ask = _by_sklearn if method == SKLEARN else _by_skmist
    ask(df.iloc[:100, :4], method, 1)
    before, day = _processor_seconds(), time.perf_counter()
    ask(df, method, n_jobs)
    wall = time.perf_counter() - day
    if n_jobs > 1:
        from joblib.externals.loky import get_reusable_executor

        # what the workers took is known once they have ended
        get_reusable_executor().shutdown(wait=True)
    pairs = columns - 1 if method == RANKING else columns * (columns - 1) // 2
    processor = _processor_seconds() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        **dict(zip(KEYS, (method, columns, rows, n_jobs, _weights(method)), strict=True)),
        "pairs": pairs,
        "wall_s": wall,
        "cpu_s": processor,
        "ms_per_pair": 1e3 * processor / pairs,
        "peak_mb": peak,
    }


def _weights(method: str) -> str:
    return DEFAULT_WEIGHTS if method.startswith("mist") else ""


def _cancer() -> pd.DataFrame:
    """The 30 measures of 569 tumors and what they were, which is what the command demo asks."""
    from sklearn.datasets import load_breast_cancer

    return load_breast_cancer(as_frame=True).frame


def _by_skmist(df: pd.DataFrame, method: str, n_jobs: int) -> None:
    how = {"device": "cpu", "n_jobs": n_jobs, "max_estimates": None, "max_rows": None}
    # the version before has no limits, and another name for the estimator
    known = inspect.signature(skmist.mi_matrix).parameters
    how = {name: value for name, value in how.items() if name in known}
    if method == RANKING:
        skmist.mi_with(df, df.columns[0], p_values=True, random_state=0, **how)
    elif method == TESTED:
        skmist.mi_matrix(df, p_values=True, random_state=0, **how)
    else:
        skmist.mi_matrix(df, **{"estimator" if "estimator" in known else "method": method}, **how)


def _by_sklearn(df: pd.DataFrame, method: str, n_jobs: int) -> None:
    from sklearn.feature_selection import mutual_info_regression

    for label in df.columns:
        mutual_info_regression(df, df[label], random_state=0, n_jobs=n_jobs)


def _processor_seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(u.ru_utime + u.ru_stime for u in used)


def _in_own_process(task: Sequence, tree: Path | None = None) -> dict:
    code = f"import json, matrix; print(json.dumps(matrix.measure(*{tuple(task)!r})))"
    here = Path(__file__).parent
    paths = [str(tree or here.parent), str(here)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "SKMIST_CACHE": "off"}
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        environment[name] = "1"
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=here,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    return json.loads(result.stdout.splitlines()[-1])


def compare(task: Sequence, tree: Path) -> dict:
    """Time one matrix in another copy of the sources and in this one, turn by turn.

    Parameters
    ----------
    task : sequence
        The arguments of `measure`.
    tree : Path
        Folder that holds the other ``skmist``.

    Returns
    -------
    dict
        A row of the table.
    """
    spent: dict[str, list[dict]] = {"before": [], "after": []}
    while len(spent["before"]) < TURNS:
        spent["before"].append(_in_own_process(task, tree))
        spent["after"].append(_in_own_process(task))
        if spent["before"][0]["wall_s"] > LONG:
            break
    walls = {name: [turn["wall_s"] for turn in turns] for name, turns in spent.items()}
    row = spent["after"][int(np.argsort(walls["after"])[len(walls["after"]) // 2])]
    before = {
        f"before_{name}": float(np.median([turn[name] for turn in spent["before"]]))
        for name in ("wall_s", "cpu_s", "peak_mb")
    }
    ratio = dict(
        zip(("ratio", "low", "high"), ratio_with_spread(**walls), strict=True),
        turns=len(walls["after"]),
    )
    return {**row, **before, **ratio}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--methods", nargs="*", help="only these (default: all)")
    parser.add_argument("--most-columns", type=int, default=200, help="skip wider tables")
    parser.add_argument("--before", type=Path, metavar="TREE", help="another copy to compare")
    parser.add_argument("--out", type=Path, default=common.RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    path = options.out / "matrix.csv"
    table = common.read_table(path) if path.exists() else pd.DataFrame(columns=list(KEYS))
    table = table.astype({"weights": object}).fillna({"weights": ""})
    table = table[table["weights"] == table["method"].map(_weights)]
    known = set(table[list(KEYS)].itertuples(index=False, name=None))
    header = [*common.provenance("matrix.py", arguments, DEFAULT_WEIGHTS), MEANING]
    for method, columns, n_jobs in PLAN:
        task = (method, columns, ROWS.get(method, options.rows), n_jobs)
        wanted = options.methods is None or method in options.methods
        if wanted and columns <= options.most_columns and (*task, _weights(method)) not in known:
            both = options.before is not None and method not in (SKLEARN, *NEW)
            found = compare(task, options.before) if both else _in_own_process(task)
            row = pd.DataFrame([found])
            table = row if table.empty else pd.concat([table, row], ignore_index=True)
            common.write_table(table, path, header)
    print(table.round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
