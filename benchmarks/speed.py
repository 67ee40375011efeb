"""How long one estimate takes: MIST in a batch, beside the other estimators in the same run.

Writes ``speed.csv``: milliseconds per estimate of Gaussian samples, by time of day (what a user
waits, with all processors) and by processor, and how many times as long each estimator takes as
MIST. The estimators take turns, so that other work on the machine slows all alike; the median of
the turns counts.
"""

from __future__ import annotations

__all__ = ["main", "measure"]

import argparse
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from harness import common

import skmist
from skmist.weights import DEFAULT_WEIGHTS

SHAPES = ((100, 1, 1), (500, 1, 1), (500, 3, 3), (1000, 3, 3), (500, 20, 20))
MINE_SHAPE = (500, 3, 3)
MEANING = "ms per estimate, median over the turns; times_mist = time of day over that of mist"


def _samples(n: int, p: int, q: int, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng([n, p, q])
    pairs = []
    for _ in range(count):
        x = rng.standard_normal((n, p))
        y = rng.standard_normal((n, q))
        y[:, 0] += x[:, 0]
        pairs.append((x, y))
    return pairs


def _estimators(weights: str, device: str) -> dict[str, tuple[object, int]]:
    """Return estimators, and how many samples each is given at a time."""
    return {
        "mist": (skmist.MISTRegressor(weights=weights, device=device), 64),
        "ksg_k3": (skmist.KSGEstimator(n_jobs=-1), 16),
        "gaussian_copula": (skmist.GaussianCopulaEstimator(), 64),
        "mine_infonce": (skmist.MINEEstimator(device=device, random_state=0), 1),
    }


def _timed(estimator, samples) -> tuple[float, float]:
    day, processor = time.perf_counter(), time.process_time()
    estimator.estimate_many(samples)
    spent = time.perf_counter() - day, time.process_time() - processor
    return spent[0] / len(samples), spent[1] / len(samples)


def measure(weights: str, device: str, turns: int) -> pd.DataFrame:
    """Return milliseconds per estimate, a row per shape and estimator.

    Parameters
    ----------
    weights, device : str
        Of MIST; MINE runs on the same device.
    turns : int
        How often each is timed.
    """
    rows = []
    estimators = _estimators(weights, device)
    for shape in SHAPES:
        asked = {k: v for k, v in estimators.items() if k[:4] != "mine" or shape == MINE_SHAPE}
        times = {name: [] for name in asked}
        for turn in range(turns + 1):
            for name, (estimator, count) in asked.items():
                if turn == 0 and name.startswith("mine"):
                    continue
                spent = _timed(estimator, _samples(*shape, count))
                # The first turn loads weights and compiles kernels.
                if turn:
                    times[name].append(spent)
        medians = {name: np.median(spent, axis=0) * 1e3 for name, spent in times.items()}
        for name, (day, processor) in medians.items():
            ratio = day / medians["mist"][0]
            keys = dict(zip(("n", "p", "q"), shape, strict=True))
            figures = {"ms": day, "processor_ms": processor, "times_mist": ratio}
            rows.append({**keys, "estimator": name, "batch": asked[name][1], **figures})
    return pd.DataFrame(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", default=DEFAULT_WEIGHTS)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--out", type=Path, default=common.RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    with warnings.catch_warnings():
        # What MINE's bound is worth is the matter of mine.py.
        warnings.simplefilter("ignore", skmist.BoundWarning)
        table = measure(options.weights, options.device, options.turns)
    header = common.provenance("speed.py", arguments, options.weights)
    where = f"{options.threads} threads"
    common.write_table(table, options.out / "speed.csv", [*header, where, MEANING])
    print(table.round(2).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
