"""Squared error, error and coverage on the in- and out-of-family sets of the reference MIST.

Fresh draws of the meta-distributions of Gritsai et al. (2025), by bins of n as in that paper.
Writes ``paper_sets.csv`` (a row per set, bin, family or all of them, and estimator), with the
published squared errors of MIST and MIST-QR beside ours. All errors are in nats.
"""

from __future__ import annotations

__all__ = ["BINS", "PaperCell", "cells_of", "draw_cell", "main", "summarize"]

import argparse
import itertools
import random
import sys
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import pandas as pd
from harness import common
from harness.peers import MIST, Case
from harness.summaries import TOLERANCE, error_summary

from skmist.datasets import MistPaperSet

SEED = 20_261_121
SETS = ("imd", "oomd")
BINS = {"10-100": (10, 100), "100-300": (101, 300), "300-500": (301, 500)}
ESTIMATORS = ("gaussian_copula", "ksg_scores_k5", MIST)
PUBLISHED = common.ROOT / "benchmarks" / "published" / "mist_paper.csv"
PUBLISHED_NAMES = {"MIST": "published_mse_mist", "MIST_QR": "published_mse_mist_qr"}
SETTING = ["set", "n_bin", "family", "estimator"]
MEANING = (
    "errors in nats, mse in squared nats with its standard error over the data sets; estimates "
    f"clipped at 0; an interval covers the truth if it misses it by at most {TOLERANCE} nats"
)
BESIDE = (
    "published figures: other draws of the same meta-distribution, squared error averaged over "
    "bootstrap resamples of each data set, see benchmarks/published/mist_paper.csv"
)


class PaperCell(NamedTuple):
    """A data set: item ``index`` of a test set of the paper, drawn with ``seed``."""

    which: str
    n_bin: str
    seed: int
    index: int

    def __str__(self) -> str:
        """Return what names the cell."""
        return f"{self.which} seed {self.seed} item {self.index}"


@cache
def _paper_set(which: str, seed: int) -> MistPaperSet:
    return MistPaperSet(which, seed)


def cells_of(which: str, n_bin: str, items: int) -> list[PaperCell]:
    """Return data sets of a bin in random order; a smaller number has the first of a larger one.

    Parameters
    ----------
    which : {"imd", "oomd"}
        The set.
    n_bin : str
        A key of `BINS`.
    items : int
        How many. Where one draw of the set holds fewer in that bin, a second one follows.
    """
    low, high = BINS[n_bin]

    def shuffled():
        for seed in itertools.count(SEED):
            found = [item.index for item in _paper_set(which, seed) if low <= item.n <= high]
            random.Random(seed).shuffle(found)
            yield from (PaperCell(which, n_bin, seed, index) for index in found)

    return list(itertools.islice(shuffled(), items))


def draw_cell(cell: PaperCell) -> tuple[dict, Case]:
    """Draw a data set: what names it in a table, and the sample."""
    item = _paper_set(cell.which, cell.seed)[cell.index]
    names = {"set": cell.which, "n_bin": cell.n_bin, "family": item.name, "dim": item.dim}
    numbers = {"n": item.n, "seed": cell.seed, "item": cell.index}
    return {**names, **numbers, "mi_true": item.mutual_information}, Case(*item.sample())


def summarize(table: pd.DataFrame) -> pd.DataFrame:
    """Return errors and coverage by set, bin and estimator, over all families and by family."""
    over_all = table.assign(family="all")
    rows = [
        {**dict(zip(SETTING, key, strict=True)), **_figures(part)}
        for source in (over_all, table)
        for key, part in source.groupby(SETTING)
    ]
    return pd.DataFrame(rows).merge(_published(), how="left", on=SETTING[:3])


def _figures(table: pd.DataFrame) -> dict[str, float]:
    squares = table["abs_error"].dropna() ** 2
    mse = {"mse": squares.mean(), "mse_standard_error": squares.sem()}
    return {"mean_mi": table["mi_true"].mean(), **mse, **error_summary(table)}


def _published() -> pd.DataFrame:
    table = common.read_table(PUBLISHED).query("metric == 'mse'")
    table = table[table["estimator"].isin(list(PUBLISHED_NAMES))]
    wide = table.pivot(index=["set", "n_bin"], columns="estimator", values="value")
    wide = wide.rename(columns=PUBLISHED_NAMES).reset_index()
    # The published figures are over all families.
    return wide.assign(set=wide["set"].str.lower(), family="all")


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--items", type=int, default=300, help="data sets per set and bin (default: 300)"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    run = common.start("paper_sets", __doc__, arguments, ESTIMATORS, _add_options)
    cells = [
        cell
        for which in SETS
        for n_bin in BINS
        for cell in cells_of(which, n_bin, run.options.items)
    ]
    summary = summarize(run.evaluate(cells, draw_cell, "paper sets"))
    run.write(summary, "paper_sets.csv", f"seed: {SEED}", MEANING, BESIDE)
    print(summary[summary["family"] == "all"].round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
