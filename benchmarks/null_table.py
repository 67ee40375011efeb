"""Draw what the default weights answer of two independent columns without ties.

Writes ``skmist/weights/NAME.null.npz``, by which a p-value of a pair costs one estimate:
quantiles of the statistic of :func:`skmist.independence_test` at the levels 0.001 ... 0.999, for
some numbers of rows, between which skmist interpolates. Each is of 1,999 draws up to 600 rows, and
of 999 beyond; what was drawn is kept in ``runs/nulls``, so that an interrupted run resumes. An
hour of one thread.
"""

from __future__ import annotations

__all__ = ["main"]

import argparse
from pathlib import Path

import numpy as np

import skmist
from skmist._sample.sample import make_sample
from skmist.estimators.ask import statistics
from skmist.weights import DEFAULT_WEIGHTS, load_card

# every number up to 24, as few rows have few orders; then steps of at most a quarter
SIZES = (
    *range(10, 25),
    *(27, 30, 34, 38, 42, 47, 53, 59, 66, 73, 82, 91, 102, 114, 128, 143, 160, 179, 200, 223, 250),
    *(279, 349, 436, 545, 681, 852, 1065, 1331, 1664, 2080),
)
LEVELS = np.arange(1, 1000) / 1000
_SEED, _BATCH, _MANY_ROWS = 20261128, 64, 600


def draws(n: int, count: int, folder: Path) -> np.ndarray:
    """Statistics (count,) of independent columns of n rows, nats."""
    path = folder / f"{n}.npy"
    found = np.load(path) if path.exists() else np.empty(0)
    estimator = skmist.MISTRegressor(device="cpu")
    ranks = np.arange(n, dtype=float)
    while len(found) < count:
        numbers = range(len(found), min(len(found) + _BATCH, count))
        seeds = (np.random.SeedSequence(_SEED, spawn_key=(n, i)) for i in numbers)
        orders = (np.random.default_rng(seed).permutation(n).astype(float) for seed in seeds)
        samples = [
            make_sample(ranks, y, discrete_features=False, discrete_target=False) for y in orders
        ]
        found = np.concatenate([found, statistics(estimator, samples)])
        np.save(path, found)
    return found[:count]


def main() -> None:
    """Draw, and write the table beside the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("runs/nulls"))
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    found = [draws(n, 1999 if n < _MANY_ROWS else 999, folder) for n in SIZES]
    # of m sorted draws the k-th is the quantile at the level k / (m + 1)
    quantiles = [np.sort(d)[(LEVELS * (len(d) + 1)).round().astype(int) - 1] for d in found]
    path = Path(skmist.__file__).parent / "weights" / f"{DEFAULT_WEIGHTS}.null.npz"
    np.savez_compressed(
        path,
        sha256=np.array(load_card(DEFAULT_WEIGHTS)["sha256"]),
        sizes=np.array(SIZES),
        quantiles=np.array(quantiles, dtype=np.float32),
    )


if __name__ == "__main__":
    main()
