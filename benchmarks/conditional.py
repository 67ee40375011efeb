"""Error of conditional mutual information against exact values, by method.

x and y follow z, by straight lines (jointly Gaussian) or by sines, plus Gaussian noise; columns of
the two noises are paired with one correlation. Given z the rest is Gaussian, so the truth is exact
in both cases. Writes ``conditional.csv`` (a row per case and method: error, bias, coverage and
width of the 90 % interval, CPU seconds of one thread) and ``conditional_summary.csv`` (the same
over groups of cases). All numbers are in nats.
"""

from __future__ import annotations

__all__ = ["Case", "cases", "main", "summarize"]

import argparse
import math
import sys
import time
import warnings
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from harness import common
from threadpoolctl import threadpool_limits
from tqdm import tqdm

import skmist

SHAPES = ((1, 1, 1), (2, 1, 1), (1, 1, 3), (2, 2, 2), (3, 3, 1), (3, 3, 3))
CORRELATIONS = (0.0, 0.3, 0.6, 0.9)
LOADS = (0.0, 1.0, 3.0)
LINKS = ("linear", "sine")
METHODS = ("mist", "gaussian_copula", "ksg_k1", "ksg_k3", "mist_raw", "ksg_raw_k3")
LEVEL = 0.9
KEYS = ["link", "p", "q", "r", "correlation", "load", "n"]
MEANING = (
    "nats; mi_true is exact; estimates as returned, mist's never negative; raw: "
    "residualize=False; load: spread of what z adds to x and y, in units of their noise; seconds: "
    "processor time of one estimate"
)


class Case(NamedTuple):
    """Columns of x, y and z, how x and y follow z, and the correlation of their noise."""

    link: str
    p: int
    q: int
    r: int
    correlation: float
    load: float
    n: int

    @property
    def mi(self) -> float:
        """True conditional MI, nats."""
        return -0.5 * min(self.p, self.q) * math.log1p(-(self.correlation**2))

    def draw(self, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Draw x (n, p), y (n, q) and z (n, r)."""
        key = [LINKS.index(self.link), self.p, self.q, self.r, self.n, seed]
        rng = np.random.default_rng([*key, round(100 * self.correlation), round(10 * self.load)])
        x, y = rng.standard_normal((self.n, self.p)), rng.standard_normal((self.n, self.q))
        pairs = min(self.p, self.q)
        y[:, :pairs] *= math.sqrt(1 - self.correlation**2)
        y[:, :pairs] += self.correlation * x[:, :pairs]
        z = rng.standard_normal((self.n, self.r))
        return x + self._from(z, self.p, rng), y + self._from(z, self.q, rng), z

    def _from(self, z: np.ndarray, columns: int, rng: np.random.Generator) -> np.ndarray:
        """What z adds to some columns: each follows a direction of its own."""
        directions = rng.standard_normal((self.r, columns))
        along = z @ (directions / np.linalg.norm(directions, axis=0))
        if self.link == "linear":
            return self.load * along
        return math.sqrt(2) * self.load * np.sin(2 * along)


def cases(n: int) -> list[Case]:
    """Return all cases with n rows. Without a load the links are the same, so one will do."""
    every = product(LINKS, SHAPES, CORRELATIONS, LOADS)
    return [
        Case(link, *shape, correlation, load, n)
        for link, shape, correlation, load in every
        if load or link == LINKS[0]
    ]


def build(method: str, device: str):
    """Return what `skmist.conditional_mutual_info` takes as method."""
    if method.startswith("mist"):
        return skmist.MISTRegressor(device=device)
    if method.startswith("ksg"):
        return skmist.KSGEstimator(int(method.rpartition("k")[2]), n_jobs=1)
    return method


def ask(case: Case, seed: int, method: str, device: str) -> dict:
    """Estimate once; return the row of the table."""
    estimator, sample = build(method, device), case.draw(seed)
    start = time.process_time()
    with warnings.catch_warnings():
        # the table judges, and not the notes
        warnings.simplefilter("ignore", UserWarning)
        found = skmist.conditional_mutual_info(
            *sample, estimator=estimator, level=LEVEL, residualize="raw" not in method
        )
    seconds = time.process_time() - start
    named = dict(zip(KEYS, case, strict=True))
    bounds = {"low": found.low, "high": found.high}
    return {**named, "mi_true": case.mi, "method": method, "mi": found.mi, **bounds} | {
        "seconds": seconds
    }


def per_case(table: pd.DataFrame) -> pd.DataFrame:
    """Return error, coverage, width and time of each method in each case."""
    keys = [*KEYS, "mi_true", "method"]
    groups = table.groupby(keys, sort=False)
    return pd.DataFrame(
        [{**dict(zip(keys, key, strict=True)), **_figures(part)} for key, part in groups]
    )


def summarize(table: pd.DataFrame) -> pd.DataFrame:
    """Return the same figures over groups of cases, each link apart."""
    columns = table[["p", "q", "r"]].astype(str).agg(" x ".join, axis=1)
    groups = {
        "all": pd.Series("all", table.index),
        "columns": columns,
        "correlation": table["correlation"],
        "load": table["load"],
    }
    # the cases without a load belong to both links
    parts = []
    for link in LINKS:
        of_link = (table["link"] == link) | (table["load"] == 0)
        for by, values in groups.items():
            for (group, method), part in table[of_link].groupby([values, "method"], sort=False):
                keys = {"link": link, "by": by, "group": group, "method": method}
                parts.append({**keys, **_figures(part)})
    return pd.DataFrame(parts)


def _figures(part: pd.DataFrame) -> dict[str, float]:
    error = part["mi"] - part["mi_true"]
    inside = part["mi_true"].between(part["low"], part["high"])
    has_interval = part["low"].notna()
    return {
        "draws": len(part),
        "mae": error.abs().mean(),
        "bias": error.mean(),
        "coverage_90": inside[has_interval].mean(),
        "width_90": (part["high"] - part["low"]).mean(),
        "seconds": part["seconds"].median(),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its tables."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=1000, help="rows (default: 1000)")
    parser.add_argument("--draws", type=int, default=2, help="of each case (default: 2)")
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=METHODS)
    parser.add_argument("--device", default="cpu", help="where mist runs (default: cpu)")
    parser.add_argument("--out", type=Path, default=common.RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    asked = list(product(cases(options.n), range(options.draws), options.methods))
    with threadpool_limits(1):
        for method in options.methods:
            ask(asked[0][0], 0, method, options.device)
        rows = [ask(*one, options.device) for one in tqdm(asked, dynamic_ncols=True)]
    table = pd.DataFrame(rows).astype({"low": float, "high": float})
    weights = skmist.MISTRegressor().weights
    header = [*common.provenance("conditional.py", arguments, weights), MEANING]
    summary = summarize(table)
    common.write_table(per_case(table), options.out / "conditional.csv", header)
    common.write_table(summary, options.out / "conditional_summary.csv", header)
    print(summary.round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
