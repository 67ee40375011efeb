"""How the time of an estimate grows with rows and with columns: curves and their slopes.

Writes ``scaling.csv``: milliseconds of the processor, on one thread, of an estimate from a sample
of one factor with noise in each column, the median over the turns; estimators take turns. Along
``n`` both sides have one column, or five; along ``columns`` there are 1,000 rows and as many
columns on either side. ``slope`` is that of the whole curve, of logarithms, from 1,000 rows or
from 2 columns on: 1 doubles the time where there is twice as much.
"""

from __future__ import annotations

__all__ = ["main", "measure"]

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from harness import common
from threadpoolctl import threadpool_limits

import skmist
from skmist.weights import DEFAULT_WEIGHTS

ROWS = (200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
COLUMNS = (1, 2, 3, 5, 10, 20, 32)
FEWEST = {"n": 1000, "columns": 2}
MEANING = "processor ms on one thread, median of the turns; slope of log ms, see scaling.py"


def _curves(rows: Sequence[int], columns: Sequence[int]) -> dict[tuple[str, str], list]:
    """By what grows and its name: the (n, columns) of each point."""
    return {
        ("n", "1 + 1 columns"): [(n, 1) for n in rows],
        ("n", "5 + 5 columns"): [(n, 5) for n in rows],
        ("columns", "1,000 rows"): [(1000, d) for d in columns],
    }


def _sample(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([n, d])
    factor = rng.standard_normal((n, 1))
    x, y = factor + rng.standard_normal((2, n, d))
    return x, y


def _spent(estimator, sample: tuple[np.ndarray, np.ndarray]) -> float:
    start = time.process_time()
    estimator.estimate_many([sample])
    return 1e3 * (time.process_time() - start)


def measure(curves: dict[tuple[str, str], list], weights: str, turns: int) -> pd.DataFrame:
    """Return a row for each estimator and point, with the slope of its curve.

    Parameters
    ----------
    curves : dict
        Of `_curves`.
    weights : str
        Of MIST.
    turns : int
        How often each point is timed, after once that is not.
    """
    estimators = {
        "mist": skmist.MISTRegressor(weights=weights, device="cpu"),
        "ksg_k3": skmist.KSGEstimator(n_jobs=1),
        "gaussian_copula": skmist.GaussianCopulaEstimator(),
    }
    rows = []
    for (along, curve), points in curves.items():
        for n, d in points:
            sample = _sample(n, d)
            times = [[_spent(e, sample) for e in estimators.values()] for _ in range(turns + 1)]
            medians = np.median(times[1:], axis=0)
            for name, ms in zip(estimators, medians, strict=True):
                rows.append(
                    {"estimator": name, "along": along, "curve": curve, "n": n, "columns": d}
                    | {"ms": ms}
                )
    table = pd.DataFrame(rows)
    slopes = table.groupby(["estimator", "curve"]).apply(_slope, include_groups=False)
    return table.join(slopes.rename("slope"), on=["estimator", "curve"])


def _slope(curve: pd.DataFrame) -> float:
    """Of log ms against the log of what grows; NaN of fewer than two points."""
    along = curve["along"].iloc[0]
    part = curve[curve[along] >= FEWEST[along]]
    if len(part) < 2:
        return np.nan
    return float(np.polyfit(np.log(part[along]), np.log(part["ms"]), 1)[0])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--rows", type=int, nargs="+", default=list(ROWS), metavar="N")
    add("--columns", type=int, nargs="+", default=list(COLUMNS), metavar="D")
    add("--weights", default=DEFAULT_WEIGHTS)
    add("--turns", type=int, default=5)
    add("--out", type=Path, default=common.RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    with threadpool_limits(1):
        table = measure(_curves(options.rows, options.columns), options.weights, options.turns)
    header = common.provenance("scaling.py", arguments, options.weights)
    common.write_table(table, options.out / "scaling.csv", [*header, MEANING])
    print(table.round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
