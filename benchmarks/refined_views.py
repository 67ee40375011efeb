"""What nets of the sample add: MIST with and without, on sides that are turned, and on tidy ones.

    python benchmarks/refined_views.py

writes ``benchmarks/results/refined_views.csv``: one row per law, number of columns and n, with
mean absolute error, bias and share of 90 % intervals that hold the truth, each without and with
``refine``, and the median of seconds, on one thread. Two of the columns of each side are
correlated with two of the other, and the others are noise. All numbers are in nats.

- ``corner``: uniform columns, turned by the squared distance from the corner;
- ``off_center``: normal columns, turned by that from a point beside the middle;
- ``middle``: the same from the middle, which functions of a dictionary are made for;
- ``normal``: not turned;
- ``student``: Student's t of three degrees of freedom in all columns together, not turned;
- ``independent``: both sides as ``corner``, of rows that do not belong together.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from harness.common import RESULTS, write_table
from scipy.special import digamma, gammaln, ndtr
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from skmist import MISTRegressor

LAWS = ("corner", "off_center", "middle", "normal", "student", "independent")
SIZES, COLUMNS, DRAWS = (2000, 5000), (3, 5, 10), 4
WEAK, STRONG = 0.6, 0.9
SLOW, FAST = 0.2, 1.2
"""Radians of turning for each standard deviation of the squared distance."""
DEGREES = 3
TOLERANCE = 0.001


def turned(side: np.ndarray, center: np.ndarray, speed: float, start: float) -> np.ndarray:
    """Turn the first two columns by an angle that grows with the squared distance from a point."""
    side = side - center
    square = (side**2).sum(1)
    angle = start + speed * square / square.std()
    a, b = side[:, 0], side[:, 1]
    first, second = np.cos(angle) * a - np.sin(angle) * b, np.sin(angle) * a + np.cos(angle) * b
    return np.column_stack([first, second, side[:, 2:]])


def student_excess(d: int) -> float:
    """What columns of Student's t tell by their common scale, d columns a side, nats."""
    one, both = DEGREES + d, DEGREES + 2 * d
    constants = gammaln(DEGREES / 2) + gammaln(both / 2) - 2 * gammaln(one / 2)
    means = both / 2 * (digamma(both / 2) - digamma(DEGREES / 2))
    means -= one * (digamma(one / 2) - digamma(DEGREES / 2))
    return float(constants - means)


def draw(law: str, d: int, n: int, seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Draw a sample of a law whose parameters follow from the seed, with its MI."""
    rng = np.random.default_rng([LAWS.index(law), d, n, seed])
    rho = rng.uniform(WEAK, STRONG, 2)
    x, y = rng.normal(size=(2, n, d))
    y[:, :2] = rho * x[:, :2] + np.sqrt(1 - rho**2) * y[:, :2]
    mi = float(-0.5 * np.log1p(-(rho**2)).sum())
    if law == "student":
        scale = np.sqrt(rng.chisquare(DEGREES, size=(n, 1)) / DEGREES)
        return x / scale, y / scale, mi + student_excess(d)
    if law == "normal":
        return x, y, mi
    sides = []
    for side in (x, y):
        center = rng.uniform(-1, 1, d) if law == "off_center" else np.zeros(d)
        speed, start = rng.uniform(SLOW, FAST), rng.uniform(0, 2 * np.pi)
        flat = law in ("corner", "independent")
        sides.append(turned(ndtr(side) if flat else side, center, speed, start))
    if law == "independent":
        return sides[0], sides[1][rng.permutation(n)], 0.0
    return *sides, mi


def row_of(law: str, d: int, n: int, draws: int) -> dict:
    """Return the row of one cell of the table."""
    row: dict = {"law": law, "columns": d, "n": n, "draws": draws}
    asked = [draw(law, d, n, seed) for seed in range(draws)]
    truth = np.array([mi for *_, mi in asked])
    row["truth"] = truth.mean()
    for name, refine in (("plain", False), ("refined", True)):
        found, seconds = [], []
        for x, y, _ in asked:
            start = time.perf_counter()
            net = MISTRegressor(device="cpu", refine=refine).fit(x, y)
            seconds.append(time.perf_counter() - start)
            found.append((net.mi_, *net.interval()))
        mi, low, high = np.array(found).T
        error = np.abs(mi - truth)
        row[f"mae_{name}"], row[f"bias_{name}"] = error.mean(), (mi - truth).mean()
        row[f"se_{name}"] = error.std(ddof=1) / draws**0.5 if draws > 1 else np.nan
        holds = (low <= truth + TOLERANCE) & (truth <= high + TOLERANCE)
        row[f"coverage_90_{name}"] = holds.mean()
        row[f"seconds_{name}"] = np.median(seconds)
    return row


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison and write its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--laws", nargs="+", default=list(LAWS), choices=LAWS, metavar="LAW")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="N")
    parser.add_argument("--columns", type=int, nargs="+", default=list(COLUMNS), metavar="D")
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    cells = [(*cell, n) for n in options.sizes for cell in _cells(options)]
    with threadpool_limits(1):
        torch.set_num_threads(1)
        table = pd.DataFrame([row_of(*cell, options.draws) for cell in tqdm(cells)])
    header = [
        "command: python benchmarks/refined_views.py",
        f"{options.draws} draws a cell, each of other parameters; nats; one thread",
        f"an interval holds the truth if it misses it by at most {TOLERANCE} nats",
        f"date: {datetime.date.today()}; machine: {platform.platform()}, shared with other work",
    ]
    write_table(table, options.out / "refined_views.csv", header)
    shown = table.groupby(["law", "n"]).mean(numeric_only=True)
    columns = [c for c in shown if c.startswith(("mae", "bias", "coverage", "seconds"))]
    print(shown[columns].to_string(float_format="{:.3f}".format))
    return 0


def _cells(options: argparse.Namespace) -> list[tuple[str, int]]:
    return [(law, d) for law in options.laws for d in options.columns]


if __name__ == "__main__":
    raise SystemExit(main())
