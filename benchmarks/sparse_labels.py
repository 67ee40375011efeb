"""Where names, identifiers and sparse text that say nothing come in a ranking.

Writes ``sparse_labels.csv`` (of other methods ``sparse_labels_METHOD.csv``): for each kind of
column and number of rows, in how many draws it comes in the lower half of the ranking, and in how
many it is not estimated. Each draw has a target, three columns that inform about it weakly, four
of noise and the column in question, which is independent of all. ``informative`` is no such
column but labels of two rows each that follow the target: how many are kept.
"""

from __future__ import annotations

__all__ = ["main", "measure", "table_of"]

import argparse
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from harness import common

import skmist
from skmist.weights import DEFAULT_WEIGHTS

KINDS = ("cabin", "cabin, missing counts", "identifier", "name", "rare words", "informative")
MEANING = (
    "lower_half: share of the draws in which the column comes in the lower half of 8 columns, "
    "with its standard error; left_out: share in which it has no number; ahead_of_signal: share "
    "in which it comes before a column that informs"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--n", type=int, nargs="+", default=[200, 900])
    parser.add_argument("--estimator", default="mist", choices=("mist", "ksg", "gaussian_copula"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    options = parser.parse_args(arguments)
    rows = [
        measure(kind, n, target, options.draws, options.estimator)
        for target in ("class", "number")
        for n in options.n
        for kind in KINDS
    ]
    table = pd.DataFrame(rows)
    header = common.provenance("sparse_labels", arguments or sys.argv[1:], DEFAULT_WEIGHTS)
    tail = "" if options.estimator == "mist" else f"_{options.estimator}"
    common.write_table(table, options.out / f"sparse_labels{tail}.csv", [*header, MEANING])
    print(table.to_string(index=False))
    return 0


def table_of(kind: str, n: int, target: str, seed: int) -> pd.DataFrame:
    """One draw: a target, columns that inform, noise, and the column ``odd``."""
    rng = np.random.default_rng([seed, n])
    y = rng.normal(size=n)
    signal = {f"signal {i}": 0.4 * y + rng.normal(size=n) for i in range(3)}
    noise = {f"noise {i}": rng.normal(size=n) for i in range(4)}
    df = pd.DataFrame({"y": y if target == "number" else y > 0.3, **signal, **noise})
    return df.assign(odd=_labels(kind, y, rng))


def _labels(kind: str, y: np.ndarray, rng: np.random.Generator) -> list:
    n = len(y)
    if kind == "identifier":
        return [f"id {i}" for i in rng.permutation(n)]
    if kind == "informative":
        return [f"pair {i // 2}" for i in np.argsort(np.argsort(y))]
    # a cabin is shared by a few and known of few; some names occur twice; a few words are common
    count = {"name": 3 * n, "rare words": n}.get(kind, n // 2)
    words = rng.integers(count, size=n)
    if kind == "rare words":
        words = np.minimum((rng.pareto(0.7, size=n) * 3).astype(int), count)
    known = rng.random(n) < (0.23 if kind.startswith("cabin") else 1.0)
    return [f"{kind} {word}" if here else None for word, here in zip(words, known, strict=True)]


def measure(kind: str, n: int, target: str, draws: int, method: str) -> dict:
    """Shares over the draws of one kind."""
    how = {"estimator": method, "missing": "category" if kind.endswith("counts") else None}
    lower, lost, ahead = [], [], []
    for seed in range(draws):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ranking = skmist.mi_with(table_of(kind, n, target, seed), "y", **how)
        place = list(ranking.index).index("odd")
        lower.append(place >= len(ranking) // 2)
        lost.append(bool(np.isnan(ranking.loc["odd", "mi"])))
        ahead.append(any(f"signal {i}" in ranking.index[place:] for i in range(3)))
    share = float(np.mean(lower))
    return {
        "column": kind,
        "target": target,
        "n": n,
        "draws": draws,
        "lower_half": share,
        "lower_half_se": float(np.sqrt(share * (1 - share) / draws)),
        "left_out": float(np.mean(lost)),
        "ahead_of_signal": float(np.mean(ahead)),
    }


if __name__ == "__main__":
    sys.exit(main())
