"""Accuracy of MINE on Gaussians of known MI, beside its bars: objective, dimension, n and map.

Columns of X and y are paired, each pair of the same correlation. Every case is also asked after a
cubic and after a normal-CDF map of the margins. Writes ``mine.csv`` (a row per case, seed, map and
objective: estimate on held-out and on training rows, CPU seconds of one thread) and
``mine_summary.csv`` (over seeds, beside the bar). All numbers are in nats. ``--export`` writes the
very samples for ``benchmarks/peers/estimate.py`` and stops. A run that was interrupted goes on
when it is started again.
"""

from __future__ import annotations

__all__ = ["CASES", "GaussianCase", "main", "summarize"]

import argparse
import math
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from harness import common
from harness.journal import Journal, script_mark
from scipy.stats import norm
from threadpoolctl import threadpool_limits
from tqdm import tqdm

import skmist

OBJECTIVES = ("donsker_varadhan", "nwj", "infonce")
MAPS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "none": lambda values: values,
    "cubic": lambda values: values**3,
    "normal_cdf": norm.cdf,
}
KEYS = ["d", "mi_true", "n", "map", "objective"]
COLUMNS = (
    "nats; mi is the bound on held-out rows, mi_training on the critics' own training rows; "
    "seconds of CPU on one thread; epochs of the longer fold"
)
MEANING = (
    "nats over seeds; error = mi - mi_true; met: the largest |error| is within the bar and no "
    "error above 0.1"
)
MAX_ABOVE = 0.1


class GaussianCase(NamedTuple):
    """d pairs of correlated columns with this MI in all, n rows, and the error allowed."""

    d: int
    mi: float
    n: int
    bar: float

    def draw(self, seed: int, kind: str) -> tuple[np.ndarray, np.ndarray]:
        """Draw x and y, each (n, d), their margins mapped."""
        rng = np.random.default_rng([self.d, self.n, round(100 * self.mi), seed])
        rho = math.sqrt(-math.expm1(-2 * self.mi / self.d))
        x, noise = rng.standard_normal((2, self.n, self.d))
        return MAPS[kind](x), MAPS[kind](rho * x + math.sqrt(1 - rho**2) * noise)

    def name(self, kind: str) -> str:
        """Return what names the case in a file of samples."""
        return f"gaussian-{self.d}x{self.d}-{self.mi:g}nats-n{self.n}-{kind}"


CASES = (
    GaussianCase(1, 0.0, 5000, 0.02),
    GaussianCase(5, 0.0, 5000, 0.02),
    GaussianCase(20, 0.0, 5000, 0.02),
    GaussianCase(1, 0.83, 10_000, 0.03),
    GaussianCase(5, 2.0, 10_000, 0.08),
    GaussianCase(20, 2.0, 5000, 0.32),
    GaussianCase(20, 2.0, 10_000, 0.22),
    GaussianCase(20, 4.0, 10_000, 0.45),
    GaussianCase(50, 4.0, 5000, 0.5),
)


def estimate(case: GaussianCase, seed: int, kind: str, objective: str, device: str) -> dict:
    """Fit once; return the row of the table."""
    x, y = case.draw(seed, kind)
    mine = skmist.MINEEstimator(objective, random_state=seed, device=device)
    start = time.process_time()
    with warnings.catch_warnings():
        # Remarks go into the table, row by row.
        warnings.simplefilter("ignore", skmist.BoundWarning)
        mine.fit(x, y)
    seconds = time.process_time() - start
    named = zip(KEYS, (case.d, case.mi, case.n, kind, objective), strict=True)
    return {
        **dict(named),
        "seed": seed,
        "mi": mine.mi_,
        "error": mine.mi_ - case.mi,
        "mi_training": mine.training_mi_,
        "epochs": mine.n_iter_,
        "seconds": seconds,
        "warnings": "; ".join(mine.warnings_),
    }


def summarize(table: pd.DataFrame) -> pd.DataFrame:
    """Return mean, largest and highest error of each case beside its bar."""
    bars = {(case.d, case.mi, case.n): case.bar for case in CASES}
    rows = []
    for key, part in table.groupby(KEYS, sort=False):
        error = part["error"]
        bar = bars[key[:3]]
        met = error.abs().max() <= bar and error.max() <= MAX_ABOVE
        rows.append(
            {
                **dict(zip(KEYS, key, strict=True)),
                "seeds": len(part),
                "mean_error": error.mean(),
                "largest_error": error.abs().max(),
                "highest": error.max(),
                "bar": bar,
                "met": met,
                "mean_training_error": (part["mi_training"] - part["mi_true"]).mean(),
                "seconds": part["seconds"].mean(),
            }
        )
    return pd.DataFrame(rows)


def _cells(options: argparse.Namespace) -> Iterator[tuple]:
    """Yield case, seed, map and objective; maps last, as they should change nothing."""
    kinds = [("none", options.seeds)] + [(k, options.mapped_seeds) for k in MAPS if k != "none"]
    for kind, seeds in kinds:
        for seed, case in product(seeds, CASES):
            if case.n <= options.max_n:
                yield from ((case, seed, kind, name) for name in options.objectives)


def export(options: argparse.Namespace) -> None:
    """Write the samples of the run, without maps, as ``benchmarks/peers/estimate.py`` reads."""
    arrays = {}
    for case, seed in product(CASES, options.seeds):
        if case.n <= options.max_n:
            task = case.name("none")
            x, y = case.draw(seed, "none")
            arrays |= {f"{task}|mi": case.mi, f"{task}|{seed}|x": x, f"{task}|{seed}|y": y}
    np.savez(options.export, **arrays)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--seeds", type=int, nargs="+", default=[0, 1, 2], metavar="SEED")
    add(
        "--mapped-seeds",
        type=int,
        nargs="*",
        default=[0, 1, 2],
        metavar="SEED",
        help="seeds that are also asked after the maps (default: 0 1 2)",
    )
    add(
        "--objectives",
        nargs="+",
        default=list(OBJECTIVES),
        choices=OBJECTIVES,
        metavar="NAME",
        help=f"default: {', '.join(OBJECTIVES)}",
    )
    add("--max-n", type=int, default=10_000, help="leave out cases of more rows")
    add("--device", default="cpu", help="where critics are trained (default: cpu)")
    add("--export", type=Path, metavar="NPZ", help="write the samples and stop")
    add("--out", type=Path, default=common.RESULTS, metavar="DIR", help="folder of the tables")
    add("--fresh", action="store_true", help="forget what earlier runs have left")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its tables."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser().parse_args(arguments)
    if options.export:
        export(options)
        return 0
    threadpool_limits(1)
    journal = Journal(common.JOURNALS / "mine.jsonl", options.fresh)
    mark = script_mark(__file__, ("skmist.estimators.mine.estimator",), options.device)
    rows = []
    for cell in tqdm(list(_cells(options)), desc="MINE", dynamic_ncols=True):
        rows.append(journal.answer(str(cell), mark, partial(estimate, *cell, options.device)))
    table = pd.DataFrame(rows)
    summary = summarize(table)
    header = [*common.provenance("mine.py", arguments, "none"), journal.remark()]
    common.write_table(table, options.out / "mine.csv", [*header, COLUMNS])
    common.write_table(summary, options.out / "mine_summary.csv", [*header, MEANING])
    print(summary.round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
