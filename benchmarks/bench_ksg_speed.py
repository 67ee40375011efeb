"""Speed of ``KSGEstimator`` on a pair of columns, as a ratio to scikit-learn in the same run.

    python benchmarks/bench_ksg_speed.py

writes ``benchmarks/results/ksg_speed.csv``: one row per kind of data and n, on one thread. Each
repeat times, one after the other,

- ``fit`` of the estimator, checks of the data and choice of the kinds of columns included;
- scikit-learn's inner function for two continuous columns, without any checks;
- scikit-learn's public function ``mutual_info_regression``.

The ratios are medians over the repeats of peer time to our time: 2 means twice as fast. The three
answers agree (column ``difference``).
"""

from __future__ import annotations

import argparse
import datetime
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
import sklearn
from harness.common import RESULTS, write_table
from sklearn.feature_selection import mutual_info_regression
from sklearn.feature_selection._mutual_info import _compute_mi_cc
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from skmist import KSGEstimator

SIZES = (500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
NEIGHBORS = 3
# Rows per repeat are about equal, so that small samples are repeated more.
REPEATED_ROWS = 400_000
MOST_REPEATS, FEWEST_REPEATS = 101, 7


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
        lambda: _compute_mi_cc(x_scaled, y_scaled, NEIGHBORS),
        lambda: mutual_info_regression(X, y, n_neighbors=NEIGHBORS, random_state=0)[0],
    )
    ours, inner, public = (task() for task in tasks)
    repeats = int(np.clip(REPEATED_ROWS // n, FEWEST_REPEATS, MOST_REPEATS))
    times = np.array([[seconds(task) for task in tasks] for _ in range(repeats)])
    ratios = np.median(times[:, 1:] / times[:, :1], axis=0)
    return {
        "data": name,
        "n": n,
        "ratio_to_inner": ratios[0],
        "ratio_to_public": ratios[1],
        "repeats": repeats,
        "mi": ours,
        "difference": abs(max(ours, 0.0) - inner),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="N")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    cases = [(name, n) for name in DATA for n in options.sizes]
    with threadpool_limits(1):
        table = pd.DataFrame([compare(*case) for case in tqdm(cases, desc="ksg speed")])
    given = [] if options.sizes == list(SIZES) else ["--sizes", *map(str, options.sizes)]
    header = [
        " ".join(["command: python benchmarks/bench_ksg_speed.py", *given]),
        f"one thread; k = {NEIGHBORS}; medians of the ratios of interleaved repeats",
        f"date: {datetime.date.today()}; machine: {platform.platform()}",
        f"versions: python {platform.python_version()}, numpy {np.__version__}, "
        f"scipy {scipy.__version__}, scikit-learn {sklearn.__version__}",
    ]
    write_table(table, options.out / "ksg_speed.csv", header)
    print(table.to_string(index=False, float_format="{:.3g}".format))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
