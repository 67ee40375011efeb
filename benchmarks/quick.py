"""Reproduce the headline tables of the README in a few minutes, and compare with the committed.

Runs the 40 tasks of the BMI benchmark at n = 1,000, fewer draws than ``coverage.py`` has of the
training distribution, and of independent pairs. Prints each figure beside that of the committed
CSV with the difference that chance allows, and returns 1 if one lies outside. Where the BMI
samples are not at hand, new ones are drawn from the same laws. All numbers are in nats.
"""

from __future__ import annotations

__all__ = ["agreement", "main"]

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from cases.bmi_samples import DATA, PROVIDED, BmiSample, drawn_samples, read_samples
from cases.bmi_samples import summarize as summarize_bmi
from cases.prior_draws import draw_case, draw_independent, training_prior
from harness import common
from harness.peers import MIST, build_peers
from harness.summaries import error_summary

ESTIMATORS = ("ksg_k3", "ksg_k5", "ksg_k10", "ksg_scores_k3", "gaussian_copula", MIST)
COVERED = ("gaussian_copula", "ksg_scores_k5", MIST)
FIGURES = {True: ("mae", "coverage_50", "coverage_90", "width_90"), False: ("mae",)}
RESAMPLES = 200
SIGMAS = 3.0
LEAST = 0.002
"""Nats, or share, by which figures of the same samples may differ between machines."""
MEANING = (
    f"nats; chance = {SIGMAS:g} standard errors of the difference to the committed figure, at "
    f"least {LEAST}"
)


def agreement(rows: Sequence[tuple], committed: Path) -> pd.DataFrame:
    """Return the figures beside the committed ones, and whether they agree.

    Parameters
    ----------
    rows : sequence of (table, key, estimator, figure, value, chance)
        ``key`` is what the row of the committed table has in its columns, as (column, value).
    committed : Path
        Folder of the committed tables.

    Returns
    -------
    DataFrame
        With the columns ``table``, ``estimator``, ``figure``, ``here``, ``committed``,
        ``difference``, ``chance`` and ``agrees``.
    """
    lines = []
    for table, (column, wanted), estimator, figure, value, chance in rows:
        held = common.read_table(committed / table)
        row = held[(held[column].astype(str) == wanted) & (held["estimator"] == estimator)]
        before = row[figure].iloc[0] if len(row) else np.nan
        gap = value - before
        allowed = max(chance, LEAST)
        lines.append((table, estimator, figure, value, before, gap, allowed, abs(gap) <= allowed))
    names = ["table", "estimator", "figure", "here", "committed", "difference", "chance", "agrees"]
    return pd.DataFrame(lines, columns=names)


def _bmi_rows(run: common.Run) -> list[tuple]:
    provided = run.options.data.exists()
    n = PROVIDED[0]
    samples = read_samples(run.options.data, [n]) if provided else drawn_samples(n)
    table = run.evaluate(samples, BmiSample.case, "BMI")
    summary = summarize_bmi(table).set_index("estimator")
    return [
        ("bmi_summary.csv", ("n", str(n)), name, "mae", mae, 0.0 if provided else chance)
        for name, mae in summary["mae"].items()
        for chance in [_chance_of_new_samples(table[table["estimator"] == name])]
    ]


def _chance_of_new_samples(table: pd.DataFrame) -> float:
    """Return by how much the mean over tasks may differ when all samples are drawn anew."""
    by_task = table.groupby("task")["abs_error"]
    variance = (by_task.var() / by_task.count()).mean() / by_task.ngroups
    return SIGMAS * float(np.sqrt(2.0 * variance))


def _drawn_rows(run: common.Run) -> list[tuple]:
    options = run.options
    draw = partial(draw_case, training_prior(options.weights))
    peers = build_peers(COVERED, options.device, options.weights)
    table = run.evaluate(range(options.draws), draw, "coverage", peers)
    rows = []
    for name, part in table.groupby("estimator"):
        for figure in FIGURES[name == MIST]:
            chance = _chance(part, lambda t, figure=figure: error_summary(t)[figure])
            value = error_summary(part)[figure]
            rows.append(("coverage.csv", ("by", "all"), name, figure, value, chance))
    return rows


def _independence_rows(run: common.Run) -> list[tuple]:
    options = run.options
    peers = build_peers([MIST], options.device, options.weights)
    pairs = range(options.independent)
    table = run.evaluate(pairs, draw_independent, "independence", peers)
    rows = []
    for figure, level in (("median", 0.5), ("q90", 0.9)):

        def quantile(part: pd.DataFrame, level: float = level) -> float:
            return part["mi"].clip(lower=0).quantile(level)

        values = quantile(table), _chance(table, quantile)
        rows.append(("independence.csv", ("columns", "all"), MIST, figure, *values))
    return rows


def _chance(table: pd.DataFrame, figure: Callable[[pd.DataFrame], float]) -> float:
    """Return by how much a figure may differ from that of other draws, by resampling the rows.

    Twice the variance of these draws is more than the committed ones, which are more, can have.
    """
    rng = np.random.default_rng(0)
    picks = rng.integers(len(table), size=(RESAMPLES, len(table)))
    return SIGMAS * float(np.sqrt(2.0) * np.std([figure(table.iloc[pick]) for pick in picks]))


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=DATA, metavar="NPZ", help="the BMI samples")
    parser.add_argument("--draws", type=int, default=300, help="draws of the prior (default: 300)")
    parser.add_argument(
        "--independent", type=int, default=100, help="independent pairs (default: 100)"
    )
    parser.add_argument(
        "--committed",
        type=Path,
        default=common.RESULTS,
        metavar="DIR",
        help="the tables to compare with (default: benchmarks/results)",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print the comparison."""
    out = common.JOURNALS
    run = common.start("quick", __doc__, arguments, ESTIMATORS, _add_options, out)
    rows = [*_bmi_rows(run), *_drawn_rows(run), *_independence_rows(run)]
    table = agreement(rows, run.options.committed)
    run.write(table, "quick.csv", MEANING)
    run.journal.finish()
    print(table.round(4).to_string(index=False))
    agreed = int(table["agrees"].sum())
    source = "the committed samples" if run.options.data.exists() else "samples drawn anew"
    print(f"{agreed} of {len(table)} figures agree with {run.options.committed} (BMI: {source})")
    return int(agreed < len(table))


if __name__ == "__main__":
    sys.exit(main())
