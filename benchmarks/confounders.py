"""Is information invented where x and y follow z and nothing else: interval, test and power.

x and y are the same function of z, whose columns it sums, plus noises of their own, so that
nothing is shared given z: the hardest case, as whatever a regression on z misses is missed in
both. With a correlation of the noises the truth is exact, too, and the test ought to find it.
Writes ``confounders.csv``, a row per cell: mean of the estimates (nats), share of the 90 %
intervals of MIST that hold the truth, share of the tests that reject at 5 %. Rounds over all
cells go on until ``--minutes`` are over; what was done until then is written.
"""

from __future__ import annotations

__all__ = ["LINKS", "Cell", "cells", "main", "summarize"]

import argparse
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from harness import common
from threadpoolctl import threadpool_limits

import skmist

LINKS = {
    "linear": lambda s: s,
    "cube": lambda s: s + s**3,
    "square": np.square,
    "abs": np.abs,
    "log_abs": lambda s: np.log(np.abs(s)),
    "exp": lambda s: np.exp(2 * s),
    "cosine": lambda s: np.cos(2 * s),
    "sine": lambda s: np.sin(3 * s),
    "sign": np.sign,
    "round": np.round,
}
NOISES = (0.0, 0.05, 0.2)
COLUMNS = (1, 2, 3)
SIZES = (200, 500, 1000, 5000)
POWER = 0.5
LARGE, EVERY = 2000, 10
KEYS = ["link", "noise", "columns", "n", "correlation"]
MEANING = (
    "nats; mi: mean of MIST's estimates; error: their mean absolute error; covered: share of its "
    "90 % intervals that hold the truth; ksg: mean of the estimates of KSG; tests, rejected: of "
    "conditional_independence_test with defaults (99 permutations) at 5 %; noise: spread, in "
    "units of the middle spread (interquartile range / 1.35) of the function"
)


class Cell(NamedTuple):
    """The function of z, spread of the noise, columns of z, rows, correlation of the noises."""

    link: str
    noise: float
    columns: int
    n: int
    correlation: float

    @property
    def mi(self) -> float:
        """True conditional MI, nats."""
        return -0.5 * float(np.log1p(-(self.correlation**2)))

    def draw(self, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Draw x (n,), y (n,) and z (n, columns)."""
        place = list(LINKS).index(self.link)
        key = place, round(100 * self.noise), self.columns, self.n, round(10 * self.correlation)
        rng = np.random.default_rng([*key, seed])
        z = rng.standard_normal((self.n, self.columns))
        f = LINKS[self.link](z.sum(axis=1) / np.sqrt(self.columns))
        u, v = rng.standard_normal((2, self.n))
        v = self.correlation * u + np.sqrt(1 - self.correlation**2) * v
        spread = self.noise * np.subtract(*np.quantile(f, [0.75, 0.25])) / 1.35
        return f + spread * u, f + spread * v, z


def cells() -> list[Cell]:
    """All cells; those in which there is something to find have noise, and one column or two."""
    nothing = [Cell(*keys, 0.0) for keys in product(LINKS, NOISES, COLUMNS, SIZES)]
    power = [Cell(*keys, POWER) for keys in product(LINKS, NOISES[1:], COLUMNS[:2], SIZES[:3])]
    return nothing + power


def rounds(count: int, draws: int) -> Iterator[tuple[int, int]]:
    """Rounds over the cells, each in an order of its own: a run that is cut has some of all."""
    for seed in range(draws):
        for i in np.random.default_rng(seed).permutation(count).tolist():
            yield seed, i


def ask(cell: Cell, seed: int) -> dict:
    """Estimate and test one draw."""
    sample = cell.draw(seed)
    start = time.process_time()
    found = skmist.conditional_mutual_info(*sample, estimator=skmist.MISTRegressor(device="cpu"))
    seconds = time.process_time() - start
    neighbors = skmist.conditional_mutual_info(*sample, estimator="ksg").mi
    test = skmist.conditional_independence_test(*sample, n_permutations=99, random_state=seed)
    answer = {"low": found.low, "high": found.high, "ksg": neighbors, "pvalue": test.pvalue}
    keys = dict(zip(KEYS, cell, strict=True))
    return {**keys, "mi_true": cell.mi, "mi": found.mi, **answer, "seconds": seconds}


def summarize(rows: pd.DataFrame, by: Sequence[str] = (*KEYS, "mi_true")) -> pd.DataFrame:
    """Shares and means over the draws of each group."""
    rows = rows.assign(
        error=(rows["mi"] - rows["mi_true"]).abs(),
        covered=rows["mi_true"].between(rows["low"], rows["high"]),
        rejected=rows["pvalue"] <= 0.05,
        width=rows["high"] - rows["low"],
    )
    means = ["mi", "error", "covered", "width", "ksg", "rejected", "seconds"]
    groups = rows.groupby(list(by), sort=False)
    return groups[means].mean().assign(draws=groups.size()).reset_index()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5.0, help="then no more cells (5)")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="rows")
    parser.add_argument("--draws", type=int, default=1000, help="of each cell, at most")
    parser.add_argument("--name", default="confounders", help="of the table")
    parser.add_argument("--out", type=Path, default=common.RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    rows, end = [], time.monotonic() + 60 * options.minutes
    asked = [cell for cell in cells() if cell.n in options.sizes]
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed, i in rounds(len(asked), options.draws):
            if time.monotonic() > end:
                break
            if asked[i].n < LARGE or not (seed + i) % EVERY:
                rows.append(ask(asked[i], seed))
    table = pd.DataFrame(rows)
    header = common.provenance("confounders.py", arguments, skmist.MISTRegressor().weights)
    path = options.out / f"{options.name}.csv"
    common.write_table(summarize(table), path, [*header, MEANING])
    for by in ("link", "noise", "columns", "n"):
        print(summarize(table, ["correlation", by]).round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
