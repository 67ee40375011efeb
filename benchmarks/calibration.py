"""Calibration of intervals at all levels: mist on draws of its prior, BootstrapCI on Gaussians.

Writes ``calibration.csv`` (coverage, width and error by estimator, rows and level),
``calibration_ranks.csv`` (ranks of the truth among the stated quantiles, and their test), and the
picture ``calibration.png``. All numbers are in nats.
"""

from __future__ import annotations

__all__ = ["draw_gaussian", "main"]

import argparse
import math
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from cases.prior_draws import SEED, draw_case, training_prior
from harness import common
from matplotlib.figure import Figure
from threadpoolctl import threadpool_limits

import skmist

PICTURES = common.ROOT / "doc" / "benchmark"
MIST, COPULA = "mist", "bootstrap of gaussian_copula"
ROWS = (0, 100, 400, math.inf)
ROW_NAMES = ["up to 100", "101 to 400", "over 400"]
GAUSSIAN_ROWS = (100, 300, 1000)
MEANING = (
    "nats; mist: draws of its training prior; bootstrap: pairs of Gaussians, MI uniform from 0.05 "
    "to 1.5; ranks leave out independent draws; p_value: uniform ranks, chi-squared"
)


class DeclaredMIST(skmist.MISTRegressor):
    """MIST, told with each sample which of its columns are discrete."""

    def fit(self, X, y, x_discrete, y_discrete):
        """Fit with these masks; they come with the sample."""
        self.set_params(discrete_features=x_discrete, discrete_target=y_discrete)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", skmist.OutOfRangeWarning)
            return super().fit(X, y)


def draw_gaussian(number: int) -> tuple[tuple[np.ndarray, np.ndarray], float]:
    """Draw the pair of Gaussians of a number, and its MI."""
    rng = np.random.default_rng([SEED, number])
    truth = rng.uniform(0.05, 1.5)
    rho = math.sqrt(-math.expm1(-2 * truth))
    x, noise = rng.standard_normal((2, GAUSSIAN_ROWS[number % len(GAUSSIAN_ROWS)], 1))
    return (x, rho * x + math.sqrt(1 - rho**2) * noise), truth


def ask_mist(weights: str, draws: int) -> pd.DataFrame:
    """Return mist's intervals on draws of the prior of its weights."""
    prior = training_prior(weights)
    keys = [draw_case(prior, number)[0] for number in range(draws)]
    truths = [key["mi_true"] for key in keys]
    family = {"family": [key["family"] for key in keys]}
    samples = (draw_case(prior, number)[1][:4] for number in range(draws))
    mist = DeclaredMIST(weights=weights, device="cpu")
    return skmist.interval_results(mist, samples, truths, columns=family, progress=True)


def ask_bootstrap(draws: int) -> pd.DataFrame:
    """Return intervals of BootstrapCI over the Gaussian copula on pairs of Gaussians."""
    samples, truths = zip(*map(draw_gaussian, range(draws)), strict=True)
    ci = skmist.BootstrapCI(skmist.GaussianCopulaEstimator(), random_state=0)
    return skmist.interval_results(ci, samples, truths, progress=True)


def with_bins(results: pd.DataFrame, estimator: str) -> pd.DataFrame:
    """Return the results with the estimator's name and bins of rows."""
    rows = pd.cut(results["n"], ROWS, labels=ROW_NAMES)
    return results.assign(estimator=estimator, rows=rows)


def rank_table(results: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the counts of the ranks of each estimator, and the p-value of their test."""
    parts = []
    for name, table in results.items():
        ranks = skmist.sbc_ranks(table)
        bins = {"from": ranks.edges[:-1], "to": ranks.edges[1:], "count": ranks.counts}
        expected = {"expected": ranks.expected, "p_value": ranks.p_value}
        parts.append(pd.DataFrame({"estimator": name, **bins, **expected}))
    return pd.concat(parts, ignore_index=True)


def picture(results: dict[str, pd.DataFrame]) -> Figure:
    """Draw reliability by rows and the ranks of each estimator, a row of panels each."""
    draw: Callable = skmist.MutualInfoCalibrationDisplay.from_results
    figure = Figure(figsize=(9.0, 4.4 * len(results)), layout="constrained", dpi=90)
    panels = figure.subplots(len(results), 2, squeeze=False)
    for (name, table), (left, right) in zip(results.items(), panels, strict=True):
        draw(table, by="rows", ax=left)
        left.set_title(name, loc="left")
        draw(table, kind="ranks", ax=right)
    return figure


def _tables(results: dict[str, pd.DataFrame]) -> Iterator[tuple[str, pd.DataFrame]]:
    joined = pd.concat(results.values(), ignore_index=True)
    by_rows = skmist.interval_calibration(joined, by=["estimator", "rows"])
    overall = skmist.interval_calibration(joined.assign(rows="all"), by=["estimator", "rows"])
    yield "calibration.csv", pd.concat([overall, by_rows.astype({"rows": str})])
    yield "calibration_ranks.csv", rank_table(results)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark, write its tables and its picture."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    weights = skmist.MISTRegressor().weights
    parser.add_argument("--weights", default=weights, help="of mist (default: %(default)s)")
    parser.add_argument("--draws", type=int, default=600, help="of each (default: 600)")
    parser.add_argument("--out", type=Path, default=common.RESULTS, metavar="DIR")
    parser.add_argument("--pictures", type=Path, default=PICTURES, metavar="DIR")
    options = parser.parse_args(arguments)
    with threadpool_limits(1):
        results = {
            MIST: with_bins(ask_mist(options.weights, options.draws), MIST),
            COPULA: with_bins(ask_bootstrap(options.draws), COPULA),
        }
    header = common.provenance("calibration.py", arguments, options.weights)
    for name, table in _tables(results):
        common.write_table(table, options.out / name, [*header, f"seed: {SEED}", MEANING])
        if "coverage" in table:
            print(table[table["level"].isin([0.5, 0.9])].round(3).to_string(index=False))
    picture(results).savefig(options.pictures / "calibration.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
