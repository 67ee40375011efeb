"""Many at once, and many after one another: ``python -m tests.shaken.soak``.

A cold load raced by threads; 8 threads and 4 processes on one fitted estimator; 10,000 estimates
in one process, whose memory must stay flat to 5 %. Ends with 1 where something does not hold.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
import psutil

from skmist import MISTRegressor, mutual_info
from skmist.weights import load_weights

_FLAT = 0.05


def _pair(seed, n=60):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 1 + seed % 3))
    return x, x[:, 0] + rng.normal(size=n)


def _value(seed):
    return mutual_info(*_pair(seed)).mi


def raced(count=8):
    """Whether threads that load the weights at once all get what one gets."""
    expected = [_value(seed) for seed in range(count)]
    load_weights.cache_clear()
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(_value, range(count))) == expected


def shared(executor, asks=32):
    """Whether an estimator answers the same from many threads or processes."""
    x, y = _pair(5, 200)
    fitted = MISTRegressor(device="cpu").fit(x, y)
    rows = [x[k : k + 50] for k in range(asks)]
    expected = [fitted.predict(part) for part in rows]
    with executor as pool:
        found = list(pool.map(partial(MISTRegressor.predict, fitted), rows))
    return all(map(np.array_equal, found, expected))


def curve(estimates, points=20):
    """Resident memory in MB after each part of so many estimates, the first part left out."""
    process, found = psutil.Process(), []
    for seed in range(estimates):
        _value(seed)
        if (seed + 1) % (estimates // points) == 0:
            found.append(process.memory_info().rss / 1e6)
    return found[1:]


def main(arguments=None) -> int:
    """Run all of it; how many parts did not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--estimates", type=int, default=10_000)
    options = parser.parse_args(arguments)
    processes = ProcessPoolExecutor(4, mp_context=get_context("spawn"))
    held = {
        "a raced start": raced(),
        "8 threads": shared(ThreadPoolExecutor(8)),
        "4 processes": shared(processes),
    }
    memory = curve(options.estimates)
    held["flat memory"] = max(memory) <= (1 + _FLAT) * memory[0]
    for name, holds in held.items():
        sys.stdout.write(f"{name}: {'held' if holds else 'DID NOT HOLD'}\n")
    curve_text = " ".join(f"{value:.0f}" for value in memory)
    sys.stdout.write(f"MB over {options.estimates} estimates: {curve_text}\n")
    return list(held.values()).count(False)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
