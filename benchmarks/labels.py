"""Labels with few rows or many: errors, and whether anything lies above the entropy of a label.

    python benchmarks/labels.py

writes ``benchmarks/results/labels.csv``: one row per law, number of labels, rows of each and
estimator. Laws are a label that is kept with a probability and drawn anew otherwise, against
itself (``kept_0``, ``kept_50``, ``kept_100``), and its number (``number``), alone and with uniform
noise that reaches to the next number or the one beyond (``noise_1``, ``noise_2``). Every label is
as likely; the limit is the logarithm of the labels that are there. All numbers are in nats.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import warnings
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from harness.common import RESULTS, write_table
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from skmist import mutual_info

LABELS, ROWS_EACH = (2, 5, 20, 60, 300), (2, 5, 20, 100)
LAWS = ("kept_0", "kept_50", "kept_100", "number", "noise_1", "noise_2")
ESTIMATORS = ("mist", "ksg", "gaussian_copula")
FEWEST = 10
MANY, VERY_MANY = 2000, 10_000
"""Rows from which a third of the draws are made, and one."""
TOLERANCE = 1e-9


def draw(law: str, k: int, n: int, rng: np.random.Generator) -> tuple[pd.Series, object, float]:
    """Return x, y and their MI in nats; x holds labels."""
    x = rng.integers(k, size=n)
    label = pd.Series(x).astype(str).radd("label ")
    if law.startswith("kept"):
        share = int(law.split("_")[1]) / 100
        y = np.where(rng.random(n) < share, x, rng.integers(k, size=n))
        return label, pd.Series(y).astype(str), kept_information(k, share)
    width = 0 if law == "number" else int(law.split("_")[1])
    overlap = np.log(2) * (k - 1) / k if width == 2 else 0.0
    return label, x + width * rng.random(n), np.log(k) - overlap


def kept_information(k: int, share: float) -> float:
    """MI of one of k labels with itself, drawn anew but for a share of the rows."""
    same = share + (1 - share) / k
    other = (1 - share) / k
    return float(same * np.log(same * k) + (k - 1) * other * np.log(max(other * k, 1e-300)))


def cell(law: str, k: int, rows_each: int, draws: int, estimators: Sequence[str]) -> list[dict]:
    """Rows of the table for one law, number of labels and rows of each."""
    n, found = k * rows_each, []
    for seed in range(draws):
        rng = np.random.default_rng([zlib.crc32(law.encode()), k, rows_each, seed])
        x, y, truth = draw(law, k, n, rng)
        limit = min(np.log(x.nunique()), np.log(pd.Series(y).nunique()))
        for name in estimators:
            answer = mutual_info(x, y, estimator=name)
            found.append({"estimator": name, "limit": limit, **_outcome(answer, truth)})
    keys = {"law": law, "labels": k, "rows_each": rows_each, "n": n, "truth": truth}
    table = pd.DataFrame(found)
    return [{**keys, **_summary(table[table["estimator"] == name])} for name in estimators]


def _outcome(answer, truth: float) -> dict:
    low = np.nan if answer.low is None else answer.low
    holds = np.nan if answer.low is None else float(low - 1e-6 <= truth <= answer.high + 1e-6)
    return {"error": max(answer.mi, 0.0) - truth, "mi": answer.mi, "low": low, "holds": holds}


def _summary(found: pd.DataFrame) -> dict:
    error, draws = found["error"], len(found)
    return {
        "estimator": found["estimator"].iloc[0],
        "draws": draws,
        "bias": error.mean(),
        "standard_error": error.std(ddof=1) / draws**0.5 if draws > 1 else np.nan,
        "mae": error.abs().mean(),
        "above_limit": int((found["mi"] > found["limit"] + TOLERANCE).sum()),
        "low_above_limit": int((found["low"] > found["limit"] + TOLERANCE).sum()),
        "holds": found["holds"].mean(),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=int, nargs="+", default=list(LABELS), metavar="K")
    parser.add_argument("--rows-each", type=int, nargs="+", default=list(ROWS_EACH), metavar="R")
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--estimators", nargs="+", default=list(ESTIMATORS), metavar="NAME")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    sizes = [(k, r) for k in options.labels for r in options.rows_each if k * r >= FEWEST]
    rows = []
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.set_num_threads(1)
        for law, (k, r) in tqdm([(law, size) for law in LAWS for size in sizes]):
            fewer = options.draws if k * r < MANY else -(-options.draws // 3)
            rows += cell(law, k, r, 1 if k * r >= VERY_MANY else fewer, options.estimators)
    table = pd.DataFrame(rows)
    header = [
        f"command: python benchmarks/labels.py --draws {options.draws}",
        f"{options.draws} draws, a third from {MANY} rows on, one from {VERY_MANY}; nats",
        f"date: {datetime.date.today()}; machine: {platform.platform()}",
    ]
    write_table(table, options.out / "labels.csv", header)
    both = ["estimator", "labels"]
    sums = table.groupby(both)[["above_limit", "low_above_limit"]].sum()
    print(sums.join(table.groupby(both)[["mae", "holds"]].mean()).round(3).to_string())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
