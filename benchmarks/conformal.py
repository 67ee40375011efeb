"""Factors that widen mist's intervals for data unlike those of its training, and what they buy.

Asks mist about fresh samples of the families that no training run may see, other samples than
those of the grid, and of those in training. Writes ``conformal.csv``: coverage and width of the
interval as trained and as widened, per family; a held-out family is widened by the factors that
the other held-out families give. ``--write`` puts the factors of all of them on the card. All
numbers are in nats. An interrupted run resumes when it is started again.
"""

from __future__ import annotations

__all__ = ["factors_of", "main", "summarize"]

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from cases.cells import Cell, draw_cell
from cases.families import FAMILIES
from harness import common
from harness.peers import LEVELS, MIST, interval_columns
from harness.summaries import TOLERANCE

import skmist.weights
from skmist.estimators.mist.conformal import widened, widening_factor
from skmist.weights.card import write_card

SIZES = (30, 50, 100, 200, 500, 1000, 2000)
ROW_EDGES, COLUMN_EDGES = (75, 350), (2,)
# Beyond the draws that the grid itself shows.
_FIRST_DRAW = 900
_FEWEST = 40
SHOWN = 0.9
MEANING = (
    "nats; 90 % intervals; held-out families are widened by factors from the other ones; an "
    f"interval covers the truth if it misses it by at most {TOLERANCE} nats"
)


def scores(table: pd.DataFrame, level: float) -> pd.Series:
    """Return by what factor each interval would have to grow to reach the truth."""
    low, high = (table[name] for name in interval_columns(level))
    mi, truth = table["mi"], table["mi_true"]
    reach = np.where(truth > mi, high - mi, mi - low) + TOLERANCE
    return (truth - mi).abs() / reach


def _bin(table: pd.DataFrame) -> list[np.ndarray]:
    columns = table[["p", "q"]].max(axis=1)
    pairs = (table["n"], ROW_EDGES), (columns, COLUMN_EDGES)
    return [np.searchsorted(edges, values) for values, edges in pairs]


def factors_of(table: pd.DataFrame) -> dict:
    """Return the factors as the card holds them: by rows, columns and level, 1 at least.

    Parameters
    ----------
    table : DataFrame
        Answers of mist about held-out families.

    Raises
    ------
    ValueError
        If a bin has too few answers.
    """
    rows, columns = _bin(table)
    found = [
        [
            [_factor(table[(rows == i) & (columns == j)], level) for level in LEVELS]
            for j in range(len(COLUMN_EDGES) + 1)
        ]
        for i in range(len(ROW_EDGES) + 1)
    ]
    edges = {"rows": list(ROW_EDGES), "columns": list(COLUMN_EDGES)}
    return {**edges, "levels": list(LEVELS), "factors": found}


def _factor(part: pd.DataFrame, level: float) -> float:
    """Quantile of the scores; families count alike, whatever their number of samples."""
    if len(part) < _FEWEST:
        raise ValueError(f"{len(part)} samples for a factor, below {_FEWEST}; draw more")
    weight = 1.0 / part.groupby("family")["mi"].transform("size")
    order = np.argsort(score := scores(part, level).to_numpy())
    share = weight.to_numpy()[order].cumsum() / weight.sum()
    # The finite-sample correction of split conformal prediction.
    wanted = min(level * (1 + 1 / len(part)), 1.0)
    reached = min(np.searchsorted(share, wanted), len(part) - 1)
    return round(max(1.0, float(score[order][reached])), 3)


def _widened(table: pd.DataFrame, factors: dict) -> pd.DataFrame:
    card = {"name": MIST, "conformal": factors}
    ends = [
        widened(low, mi, high, widening_factor(card, n, max(p, q), SHOWN))
        for low, mi, high, n, p, q in table[
            [interval_columns(SHOWN)[0], "mi", interval_columns(SHOWN)[1], "n", "p", "q"]
        ].itertuples(index=False)
    ]
    low, high = np.transpose(ends)
    inside = table["mi_true"].between(low - TOLERANCE, high + TOLERANCE)
    return table.assign(covered_wide=inside, width_wide=high - low)


def summarize(table: pd.DataFrame) -> pd.DataFrame:
    """Return coverage and width per family, as trained and as widened.

    Parameters
    ----------
    table : DataFrame
        Answers of mist about families in training and held out.
    """
    held = table["set"] == "held out"
    parts = [_widened(table[~held], factors_of(table[held]))]
    for family in table["family"][held].unique():
        own = held & (table["family"] == family)
        parts.append(_widened(table[own], factors_of(table[held & ~own])))
    low, high = (table[name] for name in interval_columns(SHOWN))
    inside = table["mi_true"].between(low - TOLERANCE, high + TOLERANCE)
    full = pd.concat(parts).assign(covered=inside, width=high - low)
    rows = [_row(which, "all", part) for which, part in full.groupby("set")]
    rows += [_row(*key, part) for key, part in full.groupby(["set", "family"])]
    return pd.DataFrame(rows)


def _row(which: str, family: str, part: pd.DataFrame) -> dict:
    means = part[["covered", "covered_wide", "width", "width_wide"]].mean()
    return {"set": which, "family": family, "samples": len(part), **means}


def _cells(draws: int) -> list[Cell]:
    shapes = [(name, *dims) for name, family in FAMILIES.items() for dims in family.dims]
    numbers = range(_FIRST_DRAW, _FIRST_DRAW + draws)
    return [Cell(*shape, n, draw) for n in SIZES for shape in shapes for draw in numbers]


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--draws", type=int, default=24, help="of a family, shape and n")
    parser.add_argument("--write", action="store_true", help="put the factors on the card")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark, write its table and, if asked to, the card."""
    run = common.start("conformal", __doc__, arguments, (MIST,), _add_options)
    table = run.evaluate(_cells(run.options.draws), draw_cell, "conformal")
    table = table[(table["estimator"] == MIST) & table["mi"].map(math.isfinite)]
    summary = summarize(table)
    run.write(summary, "conformal.csv", MEANING)
    print(summary.round(3).to_string(index=False))
    if run.options.write:
        _write(run.options.weights, factors_of(table[table["set"] == "held out"]))
    return 0


def _write(weights: str, factors: dict) -> None:
    shipped = Path(skmist.weights.__file__).parent / f"{weights}.json"
    path = Path(weights) if weights.endswith(".json") else shipped
    card = json.loads(path.read_text(encoding="utf-8"))
    write_card(path, {**card, "conformal": factors})


if __name__ == "__main__":
    sys.exit(main())
