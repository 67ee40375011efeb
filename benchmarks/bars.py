"""Where mist-2 was confident and wrong: estimates beside the truth, and whether the bars are met.

Writes ``bars.csv``: for each situation of ``cases/situations.py``, n and estimator the mean of the
estimates with its standard error, the mean absolute error beside the efficient one (of the mean
of the true pointwise MI), the share of 90 % intervals that hold the truth or begin at 0, and the
share of answers with a warning. ``--quick`` is for use during a training. All numbers are in
nats. An interrupted run resumes when it is started again.
"""

from __future__ import annotations

__all__ = ["main", "summarize"]

import argparse
import math
import sys
import warnings
import zlib
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import joblib
import numpy as np
import pandas as pd
from cases.blind_families import efficient_error
from cases.situations import FEW_REPEATS, SITUATIONS, Sample
from harness import common
from harness.peers import LEVELS, MIST, Answer, Peer, interval_columns
from harness.summaries import TOLERANCE

import skmist

SEED = 20_261_128
MOST_QUICK_ROWS, MANY_REPEATS = 3000, 2
KEYS = ["situation", "n", "draw", "mi_true"]
MEANING = (
    "nats; holds = share of 90 % intervals with the truth, low_at_zero = share that begin at most "
    f"{TOLERANCE} above 0, warned = share of answers with a warning; efficient = error of the "
    "mean of the true pointwise MI; met = whether the bar of issue 18 is reached, if there is one"
)


class Cell(NamedTuple):
    """One draw of a situation."""

    situation: str
    n: int
    draw: int

    def __str__(self) -> str:
        """Return what names the cell."""
        return f"{self.situation} n={self.n} draw {self.draw}"


class Asked(NamedTuple):
    """A sample as a user has it."""

    x: object
    y: object
    discrete: bool | str = "auto"

    def digest(self) -> str:
        """Return what tells this sample from any other."""
        return joblib.hash(tuple(self))[:16]


def draw_cell(cell: Cell) -> tuple[dict, Asked]:
    """Draw the sample of a cell: what names it in a table, and the sample."""
    rng = np.random.default_rng([SEED, zlib.crc32(cell.situation.encode()), cell.n, cell.draw])
    sample: Sample = SITUATIONS[cell.situation].draw(cell.n, rng)
    keys = dict(zip(KEYS, (*cell, sample.truth), strict=True))
    x = sample.x[:, None] if sample.x.ndim == 1 else sample.x
    return keys, Asked(x, sample.y, sample.discrete)


def _mist(device: str, weights: str, asked: Asked) -> Answer:
    net = skmist.MISTRegressor(weights=weights, device=device, **_masks(asked))
    net.fit(asked.x, asked.y)
    intervals = tuple((level, *net.interval(level)) for level in LEVELS)
    return Answer(net.mi_, intervals, "; ".join(net.warnings_))


def _ksg(asked: Asked) -> Answer:
    return Answer(skmist.KSGEstimator(n_jobs=1, **_masks(asked)).fit(asked.x, asked.y).mi_)


def _copula(asked: Asked) -> Answer:
    return Answer(skmist.GaussianCopulaEstimator(**_masks(asked)).fit(asked.x, asked.y).mi_)


def _masks(asked: Asked) -> dict:
    declared = getattr(asked, "discrete", False)
    return {"discrete_features": declared, "discrete_target": declared}


def _peers(options: argparse.Namespace) -> list[Peer]:
    estimators = "skmist.estimators"
    known = {
        MIST: Peer(
            MIST,
            partial(_mist, options.device, options.weights),
            modules=(f"{estimators}.mist.estimator",),
            weights=options.weights,
            device=options.device,
        ),
        "ksg_k3": Peer("ksg_k3", _ksg, modules=(f"{estimators}.ksg.estimator",)),
        "gaussian_copula": Peer(
            "gaussian_copula", _copula, modules=(f"{estimators}.copula.estimator",)
        ),
    }
    return [known[name] for name in options.estimators]


def cells_of(names: Sequence[str], quick: bool) -> list[Cell]:
    """Return the cells of situations, the small ones first."""
    cells = []
    for name in names:
        for n, repeats in SITUATIONS[name].repeats.items():
            few = FEW_REPEATS if n <= MOST_QUICK_ROWS else MANY_REPEATS
            cells += [Cell(name, n, i) for i in range(min(repeats, few) if quick else repeats)]
    return sorted(cells, key=lambda cell: cell.n)


def summarize(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per situation, n and estimator.

    Parameters
    ----------
    table : DataFrame
        One row per draw and estimator.
    """
    groups = table.groupby(["situation", "n", "estimator"], sort=False)
    rows = [dict(zip(groups.keys, key, strict=True)) | _row(*key, part) for key, part in groups]
    found = pd.DataFrame(rows)
    place = {name: i for i, name in enumerate(SITUATIONS)}
    return found.sort_values("situation", key=lambda c: c.map(place), kind="stable")


def _row(situation: str, n: int, estimator: str, part: pd.DataFrame) -> dict:
    truth, spread = part["mi_true"], SITUATIONS[situation].spread
    efficient = efficient_error(spread(), n) if spread else math.nan
    row = {"draws": len(part), "failed": part["mi"].isna().sum(), "truth": truth.mean()}
    row |= {"mean": part["mi"].mean(), "se": part["mi"].sem(), "median": part["mi"].median()}
    row |= {"mae": part["abs_error"].mean(), "efficient": efficient}
    row["ratio"] = row["mae"] / efficient if efficient else math.nan
    row |= {"holds": math.nan, "low_at_zero": math.nan, "low": math.nan, "high": math.nan}
    if estimator == MIST:
        low, high = (part[name].dropna() for name in interval_columns(LEVELS[-1]))
        inside = truth[low.index].between(low - TOLERANCE, high + TOLERANCE)
        row["holds"] = inside.mean()
        row |= {"low_at_zero": (low <= TOLERANCE).mean(), "low": low.mean(), "high": high.mean()}
    row["warned"] = (part["warnings"].fillna("") != "").mean()
    bar = SITUATIONS[situation].bars.get(n)
    return row | {"met": "" if bar is None or estimator != MIST else ("no", "yes")[bar.met(row)]}


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--situations", nargs="+", choices=list(SITUATIONS), metavar="NAME", help="(default: all)"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help=f"{FEW_REPEATS} draws, {MANY_REPEATS} of more than {MOST_QUICK_ROWS:,} rows",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    # they are counted in the table
    warnings.simplefilter("ignore", UserWarning)
    run = common.start("bars", __doc__, arguments, [MIST], _add_options)
    cells = cells_of(run.options.situations or list(SITUATIONS), run.options.quick)
    table = run.evaluate(cells, draw_cell, "bars", _peers(run.options))
    summary = summarize(table)
    run.write(summary, "bars_quick.csv" if run.options.quick else "bars.csv", MEANING)
    print(summary.round(3).to_string(index=False))
    met = summary["met"]
    print(f"{(met == 'yes').sum()} of {(met != '').sum()} bars are met")
    return 0


if __name__ == "__main__":
    sys.exit(main())
