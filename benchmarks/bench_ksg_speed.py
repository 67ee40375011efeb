"""Speed of ``KSGEstimator`` on a pair of columns, as a ratio to scikit-learn in the same run.

    python benchmarks/bench_ksg_speed.py

writes ``benchmarks/results/ksg_speed.csv``: one row per kind of data and n. Each repeat times,
one after the other,

- ``fit`` of the estimator, checks of the data and choice of the kinds of columns included, on one
  thread and on two;
- scikit-learn's inner function for two continuous columns, without any checks;
- scikit-learn's public function ``mutual_info_regression``.

The ratios are medians over the repeats of peer time to our time on one thread, ``low`` and
``high`` the quartiles of that to the public function; ``two_threads`` is our time on one thread
to that on two. 2 means twice as fast. The three answers agree (column ``difference``).

``--against TREE`` writes ``ksg_against.csv`` instead: the times of another copy of the sources,
which take turns with those of this one (``git worktree add /tmp/base 755cf2d``), of wider sides
and of rare flags, too. ``--million`` adds a million rows. What the other copy would take minutes
for, it is not asked.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy
import sklearn
from harness.common import RESULTS, ROOT, write_table
from harness.worker import Worker, ratio_with_spread
from sklearn.feature_selection import mutual_info_regression
from sklearn.feature_selection._mutual_info import _compute_mi_cc
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from skmist import KSGEstimator

SIZES = (200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
NEIGHBORS = 3
# Rows per repeat are about equal, so that small samples are repeated more.
REPEATED_ROWS = 400_000
MOST_REPEATS, FEWEST_REPEATS = 301, 7


def independent(rng, n):
    """Two independent normal columns."""
    return rng.normal(size=n), rng.normal(size=n)


def gaussian(rng, n):
    """Two normal columns of correlation 0.6."""
    x = rng.normal(size=n)
    return x, 0.6 * x + 0.8 * rng.normal(size=n)


def sine(rng, n):
    """A noisy sine: the points lie near a curve."""
    x = rng.normal(size=n)
    return x, np.sin(5.0 * x) + 0.05 * rng.normal(size=n)


DATA = {"independent": independent, "gaussian": gaussian, "sine": sine}


def seconds(task: Callable[[], float]) -> float:
    """Time one call."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def compare(name: str, n: int) -> dict:
    """Return the row of the table for one kind of data and one n."""
    x, y = DATA[name](np.random.default_rng(n), n)
    X, x_scaled, y_scaled = x[:, None], x / x.std(), y / y.std()
    tasks = (
        lambda: KSGEstimator(NEIGHBORS, n_jobs=1).fit(X, y).mi_,
        lambda: KSGEstimator(NEIGHBORS, n_jobs=2).fit(X, y).mi_,
        lambda: _compute_mi_cc(x_scaled, y_scaled, NEIGHBORS),
        lambda: mutual_info_regression(X, y, n_neighbors=NEIGHBORS, random_state=0)[0],
    )
    ours, _, inner, _ = (task() for task in tasks)
    repeats = int(np.clip(REPEATED_ROWS // n, FEWEST_REPEATS, MOST_REPEATS))
    times = np.array([[seconds(task) for task in tasks] for _ in range(repeats)])
    one, two, _, public = times.T
    low, high = np.quantile(public / one, (0.25, 0.75))
    return {
        "data": name,
        "n": n,
        "ratio_to_inner": np.median(times[:, 2] / one),
        "ratio_to_public": np.median(public / one),
        "low": low,
        "high": high,
        "two_threads": np.median(one / two),
        "repeats": repeats,
        "mi": ours,
        "difference": abs(max(ours, 0.0) - inner),
    }


START = """
import numpy as np
from skmist import KSGEstimator
rng = np.random.default_rng(0)
def sides(n, d):
    x = rng.normal(size=(n, d))
    return x, 0.6 * x + 0.8 * rng.normal(size=(n, d))
def flags(n):
    return (rng.random((2, n, 1)) < 0.01).astype(int)
"""


class Work(NamedTuple):
    """A fit that is timed in both copies, or in ours alone."""

    data: str
    turns: int
    number: int = 1
    is_shared: bool = True


WORKS = {
    "1+1 n=200": Work("sides(200, 1)", 31, 20),
    "1+1 n=1,000": Work("sides(1000, 1)", 31, 10),
    "1+1 n=10,000": Work("sides(10_000, 1)", 15),
    "1+1 n=100,000": Work("sides(100_000, 1)", 7),
    "3+3 n=1,000": Work("sides(1000, 3)", 31, 5),
    "3+3 n=10,000": Work("sides(10_000, 3)", 11),
    "two flags of 1 %, n=40,000": Work("flags(40_000)", 5, is_shared=False),
    "two flags of 1 %, n=200,000": Work("flags(200_000)", 5, is_shared=False),
}
MILLION = {
    "1+1 n=1,000,000": Work("sides(1_000_000, 1)", 1, is_shared=False),
    "5+5 n=1,000,000": Work("sides(1_000_000, 5)", 1, is_shared=False),
}


def compare_copies(name: str, work: Work, tree: Path) -> dict:
    """Return the row of the table for one work: seconds, their ratio, and our peak of memory."""
    trees = {"after": ROOT, **({"before": tree} if work.is_shared else {})}
    workers = {copy: Worker(path) for copy, path in trees.items()}
    try:
        # the untimed call of a long work is a short one
        setup = f"{START}\nX, y = {work.data}\nfit = KSGEstimator({NEIGHBORS}, n_jobs=1).fit"
        first = "fit(X, y)" if work.is_shared else "fit(*sides(1000, 1))"
        for worker in workers.values():
            worker.prepare(setup, first)
        spent = {copy: [] for copy in workers}
        for _ in range(work.turns):
            for copy, worker in workers.items():
                spent[copy].append(worker.seconds("fit(X, y)", work.number))
        peak = workers["after"].peak()
    finally:
        for worker in workers.values():
            worker.__exit__()
    seconds = {f"seconds_{copy}": float(np.median(times)) for copy, times in spent.items()}
    ratio = ratio_with_spread(spent["before"], spent["after"]) if work.is_shared else 3 * (np.nan,)
    spread = dict(zip(("ratio", "low", "high"), ratio, strict=True))
    return {"work": name, **seconds, **spread, "turns": work.turns, "peak_mb": peak}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="N")
    parser.add_argument("--against", type=Path, metavar="TREE", help="folder of the other copy")
    parser.add_argument("--million", action="store_true", help="a million rows as well")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    with threadpool_limits(1):
        if options.against:
            works = {**WORKS, **(MILLION if options.million else {})}
            rows = [compare_copies(*item, options.against) for item in tqdm(works.items())]
            name, meaning = "ksg_against.csv", "seconds: medians of the turns"
        else:
            cases = [(name, n) for name in DATA for n in options.sizes]
            rows = [compare(*case) for case in tqdm(cases, desc="ksg speed")]
            name, meaning = "ksg_speed.csv", "medians of the ratios of interleaved repeats"
    given = [] if options.sizes == list(SIZES) else ["--sizes", *map(str, options.sizes)]
    given += ["--against", str(options.against)] if options.against else []
    given += ["--million"] if options.million else []
    header = [
        " ".join(["command: python benchmarks/bench_ksg_speed.py", *given]),
        f"one thread; k = {NEIGHBORS}; {meaning}",
        f"date: {datetime.date.today()}; machine: {platform.platform()}",
        f"versions: python {platform.python_version()}, numpy {np.__version__}, "
        f"scipy {scipy.__version__}, scikit-learn {sklearn.__version__}",
    ]
    table = pd.DataFrame(rows)
    write_table(table, options.out / name, header)
    print(table.to_string(index=False, float_format="{:.3g}".format))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
