"""Coverage of the true MI by mist's intervals on fresh draws of the distribution it learned from.

Draws data sets from ``skmist.datasets.MetaDistribution`` with seeds that no training run uses,
and independent pairs with n = 500. Writes ``coverage.csv`` (coverage, width and error of mist
beside the classical peers, by n, columns, dependence and family) and ``independence.csv``
(quantiles of the estimates where the truth is 0). All numbers are in nats. An interrupted run
resumes when it is started again.
"""

from __future__ import annotations

__all__ = ["draw_case", "draw_independent", "main", "summarize", "summarize_independence"]

import argparse
import math
import random
import sys
from collections.abc import Sequence
from functools import partial

import _common as common
import numpy as np
import pandas as pd
import torch
from _peers import MIST, TOLERANCE, Case, build_peers, error_summary, interval_summary

from skmist import WeightsError
from skmist.datasets import Independent, MetaDistribution
from skmist.weights import load_card

SEED = 20_261_120_000
ESTIMATORS = ("gaussian_copula", "ksg_scores_k5", MIST)
N_EDGES = (0, 50, 150, 500, 1500, math.inf)
COLUMN_EDGES = (0, 1, 3, 6, 20, math.inf)
INDEPENDENT_ROWS = 500
INDEPENDENT_SHAPES = ((1, 1), (2, 2), (5, 5), (10, 1), (20, 20))
KEYS = ["draw", "family", "n", "p", "q", "mi_true"]
MEANING = (
    "nats; estimates clipped at 0 for abs_error; "
    f"an interval covers the truth if it misses it by at most {TOLERANCE} nats"
)


def _streams(label: str, number: int) -> tuple[random.Random, torch.Generator]:
    """Return random streams of a draw; training seeds come from another label."""
    seed = random.Random(f"skmist benchmark {label} {SEED} {number}").getrandbits(62)
    return random.Random(seed), torch.Generator().manual_seed(seed)


def _case(x: torch.Tensor, y: torch.Tensor, x_discrete, y_discrete) -> Case:
    return Case(x.double().numpy(), y.double().numpy(), x_discrete, y_discrete)


def draw_case(prior: MetaDistribution, number: int) -> tuple[dict, Case]:
    """Draw the data set of a number: what names it in a table, and the sample."""
    rng, generator = _streams("coverage", number)
    n, p, q = prior.sample_shape(rng)
    # The prior makes a pair independent by taking y from its neighbor, so it needs two.
    batch = prior.draw(2, n, p, q, generator, rng=rng)
    values = (number, batch.family, n, p, q, float(batch.mi[0]))
    case = _case(batch.x[0], batch.y[0], batch.x_discrete, batch.y_discrete)
    return dict(zip(KEYS, values, strict=True)), case


def draw_independent(number: int) -> tuple[dict, Case]:
    """Draw an independent pair with 500 rows; the shapes take turns."""
    rng, generator = _streams("independence", number)
    p, q = INDEPENDENT_SHAPES[number % len(INDEPENDENT_SHAPES)]
    family = Independent.from_prior(1, p, q, generator, rng)
    x, y = family.draw(INDEPENDENT_ROWS, generator)
    values = (number, family.name, INDEPENDENT_ROWS, p, q, 0.0)
    case = _case(x[0], y[0], family.x_discrete, family.y_discrete)
    return dict(zip(KEYS, values, strict=True)), case


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
        {"by": by, "group": group, "estimator": name, **error_summary(part)}
        for by, values in groups.items()
        for (group, name), part in table.groupby([values, "estimator"], observed=True)
    ]
    return pd.DataFrame(parts)


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
    parts = [
        {
            "columns": columns,
            "estimator": name,
            "draws": len(part),
            "failed": part["mi"].isna().sum(),
            "median": part["mi"].clip(lower=0).median(),
            "q90": part["mi"].clip(lower=0).quantile(0.9),
            **interval_summary(part),
        }
        for (columns, name), part in both.groupby(["columns", "estimator"])
    ]
    return pd.DataFrame(parts)


def training_prior(weights: str) -> MetaDistribution:
    """Return the distribution that weights were trained on, as their card has it."""
    try:
        settings = load_card(weights)["config"]["prior"]
    except WeightsError:
        # Then mist's rows are failures, and the peers are measured all the same.
        settings = {}
    return MetaDistribution(
        **{key: tuple(v) if isinstance(v, list) else v for key, v in settings.items()}
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--draws", type=int, default=1000, help="draws of the prior (default: 1000)"
    )
    parser.add_argument(
        "--independent", type=int, default=250, help="independent pairs (default: 250)"
    )
    common.add_arguments(parser, ESTIMATORS)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its tables."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser().parse_args(arguments)
    peers = build_peers(options.estimators, options.device, options.weights)
    prior = training_prior(options.weights)
    journal = common.Journal("coverage", options, [repr(prior)])
    cells, pairs = range(options.draws), range(options.independent)
    drawn = common.evaluate(cells, partial(draw_case, prior), peers, journal, "coverage")
    zeros = common.evaluate(pairs, draw_independent, peers, journal, "independence")
    header = common.provenance("coverage.py", arguments, options.weights)
    header += [f"seed: {SEED}", f"prior: {prior}", MEANING]
    coverage, independence = summarize(drawn), summarize_independence(zeros)
    common.write_table(drawn, common.JOURNALS / "coverage_draws.csv", header)
    common.write_table(coverage, options.out / "coverage.csv", header)
    common.write_table(independence, options.out / "independence.csv", header)
    journal.finish()
    print(
        coverage[coverage["by"].isin(["all", "dependence", "n"])].round(4).to_string(index=False)
    )
    print(independence.round(4).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
