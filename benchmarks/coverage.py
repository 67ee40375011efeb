"""Coverage of the true MI by mist's intervals on fresh draws of the distribution it learned from.

Draws data sets from ``skmist.datasets.MetaDistribution`` with seeds that no training run uses,
and independent pairs with n = 500. Writes ``coverage.csv`` (coverage, width and error of mist
beside the classical peers, by n, columns, dependence and family) and ``independence.csv``
(quantiles of the estimates where the truth is 0). All numbers are in nats. An interrupted run
resumes when it is started again.
"""

from __future__ import annotations

__all__ = ["main", "summarize", "summarize_independence"]

import argparse
import math
import sys
from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
from cases.prior_draws import SEED, draw_case, draw_independent, training_prior
from harness import common
from harness.peers import MIST
from harness.summaries import LEVELS, TOLERANCE, interval_columns

from skmist import interval_calibration

ESTIMATORS = ("gaussian_copula", "ksg_scores_k5", MIST)
N_EDGES = (0, 50, 150, 500, 1500, math.inf)
COLUMN_EDGES = (0, 1, 3, 6, 20, math.inf)
MEANING = (
    "nats; estimates clipped at 0 for abs_error; "
    f"an interval covers the truth if it misses it by at most {TOLERANCE} nats"
)


def summarize(table: pd.DataFrame) -> pd.DataFrame:
    """Return coverage, width and error of each estimator within each group of draws."""
    wider = table[["p", "q"]].max(axis=1)
    groups = {
        "all": pd.Series("all", table.index),
        "dependence": np.where(table["mi_true"] > TOLERANCE, "dependent", "independent"),
        "n": _bins(table["n"], N_EDGES),
        "columns": _bins(wider, COLUMN_EDGES),
        "family": table["family"].str.split(r" \* | \+ | warped", regex=True).str[0],
    }
    parts = [
        _figures(table.assign(by=by, group=values), ["by", "group", "estimator"])
        for by, values in groups.items()
    ]
    return pd.concat(parts, ignore_index=True).rename(columns={"error": "mae"})


def _figures(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return a row per group: draws, failures, error and bias, coverage and width by level."""
    found = interval_calibration(_by_level(table), by=keys, tolerance=TOLERANCE)
    found = found.rename(columns={"samples": "draws"})
    wide = found[found["level"] == LEVELS[0]][[*keys, "draws", "failed", "error", "bias"]]
    for level in LEVELS:
        if set(interval_columns(level)) <= set(table.columns):
            part = found[found["level"] == level][[*keys, "coverage", "width"]]
            percent = round(100 * level)
            names = {name: f"{name}_{percent}" for name in ("coverage", "width")}
            wide = wide.merge(part.rename(columns=names), on=keys)
    return wide


def _by_level(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row per answer and level, as `skmist.interval_results` has it."""
    nothing = pd.Series(np.nan, table.index)
    parts = []
    for level in LEVELS:
        low, high = (table.get(name, nothing) for name in interval_columns(level))
        mi = table["mi"].clip(lower=0)
        parts.append(table.assign(mi=mi, level=level, low=low, high=high))
    return pd.concat(parts, ignore_index=True)


def _bins(values: pd.Series, edges: Sequence[float]) -> pd.Series:
    return pd.cut(values, edges, labels=list(map(_bin_label, edges, edges[1:])))


def _bin_label(low: float, high: float) -> str:
    if math.isinf(high):
        return f"over {low}"
    return str(high) if high == low + 1 else f"{low + 1}-{high}"


def summarize_independence(table: pd.DataFrame) -> pd.DataFrame:
    """Return quantiles of the estimates of each estimator, over all shapes and for each."""
    shape = table["p"].astype(str) + " x " + table["q"].astype(str)
    both = pd.concat([table.assign(columns="all"), table.assign(columns=shape)])
    keys = ["columns", "estimator"]
    clipped = both.assign(mi=both["mi"].clip(lower=0)).groupby(keys)["mi"]
    quantiles = pd.DataFrame({"median": clipped.median(), "q90": clipped.quantile(0.9)})
    figures = _figures(both, keys).drop(columns=["error", "bias"])
    table = figures.merge(quantiles.reset_index(), on=keys)
    return table[[*keys, "draws", "failed", "median", "q90", *figures.columns[4:]]]


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--draws", type=int, default=1000, help="draws of the prior (default: 1000)"
    )
    parser.add_argument(
        "--independent", type=int, default=250, help="independent pairs (default: 250)"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its tables."""
    run = common.start("coverage", __doc__, arguments, ESTIMATORS, _add_options)
    prior = training_prior(run.options.weights)
    drawn = run.evaluate(range(run.options.draws), partial(draw_case, prior), "coverage")
    zeros = run.evaluate(range(run.options.independent), draw_independent, "independence")
    remarks = [f"seed: {SEED}", f"prior: {prior}", MEANING]
    coverage, independence = summarize(drawn), summarize_independence(zeros)
    every_draw = common.JOURNALS / "coverage_draws.csv"
    common.write_table(drawn, every_draw, [*run.header, *remarks])
    run.write(coverage, "coverage.csv", *remarks)
    run.write(independence, "independence.csv", *remarks)
    print(
        coverage[coverage["by"].isin(["all", "dependence", "n"])].round(4).to_string(index=False)
    )
    print(independence.round(4).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
