"""What the learned view sees: local estimates in it, beside boosted trees, other views and mist.

    python benchmarks/learned_views.py

writes ``benchmarks/results/learned_views.csv``: one row per law, n and method, with the mean
estimate over the draws, its standard error and the least time of the compression, on one thread.
Methods are local (k = 5) estimates in

- ``raw``: the columns as they are, on normal scores;
- ``learned1``, ``learned3``: the leading learned pair, and all three;
- ``trees``: y and the prediction of it by gradient-boosted trees, in four folds;

and the packaged net, asked about the columns, ``mist``, and about all three learned pairs,
``mist_learned``. A time is that of the compression, or of the net. By data processing every
compression gives a lower bound. All numbers are in nats.
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
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.model_selection import cross_val_predict
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from skmist import mutual_info
from skmist.nn import encode_rows
from skmist.nn.mist.learned import LearnedPairs
from skmist.nn.mist.neighbors import local_information, neighborhoods
from skmist.nn.mist.side import Side

SIZES = (300, 1000, 3000, 10_000)
LARGE = 10_000
"""Rows from which one draw is enough."""
NEIGHBORS = 5
METHODS = ("raw", "learned1", "learned3", "trees", "mist", "mist_learned")
TREES = {"learning_rate": 0.06, "max_iter": 150, "max_leaf_nodes": 12, "min_samples_leaf": 10}


def noise_information(f: np.ndarray, sd: float) -> float:
    """MI of f with f + sd * noise, from many draws of f."""
    rng = np.random.default_rng(99)
    y = f[rng.integers(len(f), size=4000)] + sd * rng.normal(size=4000)
    density = [np.exp(-0.5 * ((v - f[:8000]) / sd) ** 2).mean() for v in y]
    entropy = -np.log(density).mean() + np.log(sd) + 0.5 * np.log(2 * np.pi)
    return float(entropy - 0.5 * np.log(2 * np.pi * np.e * sd**2))


def friedman(x):
    """Friedman 1: a sine of a product, a square, two lines."""
    smooth = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2
    return smooth + 10 * x[:, 3] + 5 * x[:, 4]


def sign_product(x):
    """The sign of a product."""
    return np.sign((x[:, 0] - 0.5) * (x[:, 1] - 0.5))


def tree(x):
    """Four leaves and a step."""
    left, right = np.where(x[:, 2] > 0.58, -1, 1), np.where(x[:, 1] > 0.31, 2, 0)
    return np.where(x[:, 0] > 0.62, right, left) + (x[:, 3] > 0.79)


def net(x):
    """A random net of one hidden layer on four columns."""
    rng = np.random.default_rng(0)
    weights, bias, last = rng.normal(size=(4, 12)), rng.normal(size=12), rng.normal(size=12)
    return 0.43 * np.tanh(3.2 * (x[:, :4] - 0.5) @ weights + bias) @ last


def radial(x):
    """Rings in three columns."""
    return np.sin(7 * np.linalg.norm(x[:, :3] - 0.5, axis=1))


def rotated(x):
    """A product and a sine in columns that are sums of others."""
    mixing = np.random.default_rng(7).normal(size=(8, 8)) * 0.3 + np.eye(8)
    z = 3 * (x - 0.5) @ mixing
    return z[:, 0] * np.abs(z[:, 1]) + np.sin(2 * z[:, 2])


# Function of uniform columns, how many there are, spread of the noise.
FUNCTIONS = {
    "friedman": (friedman, 10, 1.0),
    "sign_product": (sign_product, 2, 0.35),
    "sign_product_noise": (sign_product, 6, 0.35),
    "tree": (tree, 8, 0.4),
    "net": (net, 8, 0.3),
    "radial": (radial, 5, 0.3),
    "rotated": (rotated, 8, 0.4),
}


def function_law(name: str, rng: np.random.Generator, n: int):
    """Draw uniform columns and a function of them with normal noise."""
    function, d, sd = FUNCTIONS[name]
    x = rng.random((n, d))
    return x, (function(x) + sd * rng.normal(size=n))[:, None], False


def parity(rng, n):
    """The parity of three of six columns."""
    x = rng.uniform(-1, 1, (n, 6))
    return x, ((x[:, :3].prod(1) > 0) ^ (rng.random(n) < 0.0031))[:, None].astype(float), True


def moons(rng, n):
    """Two half circles and which of them."""
    label, angle = rng.integers(2, size=n), rng.random(n) * np.pi
    upper = np.stack([np.cos(angle), np.sin(angle)], 1)
    x = np.where(label[:, None] == 0, upper, np.array([1, 0.5]) - upper)
    return x + 0.25 * rng.normal(size=(n, 2)), label[:, None].astype(float), True


def checkerboard(rng, n):
    """The color on a board of four by four, two columns of noise."""
    x = rng.random((n, 4))
    return x, (np.floor(4 * x[:, :2]).sum(1) % 2)[:, None], True


def two_outputs(rng, n):
    """A product, and a sine and a line, of six normal columns."""
    x = rng.normal(size=(n, 6))
    clean = np.stack([x[:, 0] * x[:, 1], np.sin(2 * x[:, 2]) + x[:, 3]], 1)
    return x, clean + 0.4 * rng.normal(size=(n, 2)), False


def independent(rng, n):
    """Three columns and three others."""
    return rng.normal(size=(n, 3)), rng.normal(size=(n, 3)), False


def independent_label(rng, n):
    """Ten columns and a label of one in five."""
    return rng.normal(size=(n, 10)), (rng.random((n, 1)) < 0.2).astype(float), True


LAWS = {
    "parity": (parity, 0.676),
    "moons": (moons, 0.551),
    "checkerboard": (checkerboard, float(np.log(2))),
    "two_outputs": (two_outputs, None),
    "independent": (independent, 0.0),
    "independent_label": (independent_label, 0.0),
}


def truth_of(name: str) -> float:
    """MI of a law, by quadrature over many draws where it has no closed form."""
    rng = np.random.default_rng(1)
    if name in FUNCTIONS:
        function, d, sd = FUNCTIONS[name]
        return noise_information(function(rng.random((40_000, d))), sd)
    if name == "two_outputs":
        x = rng.normal(size=(40_000, 6))
        parts = x[:, 0] * x[:, 1], np.sin(2 * x[:, 2]) + x[:, 3]
        return sum(noise_information(f, 0.4) for f in parts)
    return LAWS[name][1]


def sides(x: np.ndarray, y: np.ndarray, label: bool) -> tuple[Side, Side]:
    """Turn a sample into what views are fitted to."""
    kinds = (False,) * x.shape[1], (label,) * y.shape[1]
    values = (torch.as_tensor(v, dtype=torch.float64)[None] for v in (x, y))
    both = [Side(encode_rows(v, None, k), k) for v, k in zip(values, kinds, strict=True)]
    return both[0], both[1]


def local(x: torch.Tensor, y: torch.Tensor) -> float:
    """Local estimate of the MI of two sets of coordinates."""
    found = neighborhoods(x.contiguous(), y.contiguous(), (NEIGHBORS,))[0]
    return float(local_information(found, x.shape[1]).mean())


def tree_prediction(x: np.ndarray, y: np.ndarray, label: bool) -> torch.Tensor:
    """Out-of-fold predictions of each column of y, or of the label's log odds."""
    columns = []
    for column in y.T:
        if label:
            model = HistGradientBoostingClassifier(**TREES)
            found = cross_val_predict(model, x, column, cv=4, method="decision_function")
        else:
            found = cross_val_predict(HistGradientBoostingRegressor(**TREES), x, column, cv=4)
        columns.append(found)
    return torch.as_tensor(np.stack(columns, 1), dtype=torch.float32)[None]


def answers(x: np.ndarray, y: np.ndarray, label: bool) -> dict[str, tuple[float, float]]:
    """Estimate and seconds of compressing, of each method."""
    a, b = sides(x, y, label)
    scores = a.values[0].double().numpy(), b.values[0].double().numpy()
    start = time.perf_counter()
    pairs = LearnedPairs(a, b)
    learning = time.perf_counter() - start
    start = time.perf_counter()
    predicted = tree_prediction(*scores, label)
    growing = time.perf_counter() - start
    start = time.perf_counter()
    mist = mutual_info(x, y, discrete_features=False, discrete_target=label).mi
    asking = time.perf_counter() - start
    u, v = pairs.own
    start = time.perf_counter()
    target = y if label else v[0].numpy()
    both = mutual_info(u[0].numpy(), target, discrete_features=False, discrete_target=label).mi
    asking_pairs = time.perf_counter() - start
    first = v if pairs.width(1) == 1 else v[..., :1]
    return {
        "raw": (local(a.metric(a.values), b.metric(b.values)), 0.0),
        "learned1": (local(u[..., :1], first), learning),
        "learned3": (local(u, v), learning),
        "trees": (local(predicted, b.metric(b.values)), growing),
        "mist": (mist, asking),
        "mist_learned": (both, learning + asking_pairs),
    }


def rows_of(name: str, n: int, draws: int) -> list[dict]:
    """Rows of the table for one law and one n."""
    truth = truth_of(name)
    found = []
    for seed in range(draws):
        rng = np.random.default_rng([n, seed])
        sample = function_law(name, rng, n) if name in FUNCTIONS else LAWS[name][0](rng, n)
        found.append(answers(*sample))
    rows = []
    for method in METHODS:
        estimates = np.array([f[method][0] for f in found])
        rows.append(
            {
                "law": name,
                "n": n,
                "truth": truth,
                "method": method,
                "estimate": estimates.mean(),
                "standard_error": estimates.std(ddof=1) / draws**0.5 if draws > 1 else np.nan,
                "milliseconds": 1000 * min(f[method][1] for f in found),
            }
        )
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison and write its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="N")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--laws", nargs="+", default=[*FUNCTIONS, *LAWS], metavar="LAW")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    cases = [(name, n) for name in options.laws for n in options.sizes]
    with threadpool_limits(1):
        torch.set_num_threads(1)
        rows = []
        for name, n in tqdm(cases):
            rows += rows_of(name, n, 1 if n >= LARGE else options.draws)
    table = pd.DataFrame(rows)
    header = [
        "command: python benchmarks/learned_views.py",
        f"{options.draws} draws, one of {LARGE} rows or more; nats; one thread",
        f"local estimates with k = {NEIGHBORS}",
        f"date: {datetime.date.today()}; machine: {platform.platform()}",
        "the machine was busy: read times as ratios within a row's law and n",
    ]
    write_table(table, options.out / "learned_views.csv", header)
    print(table.to_string(index=False, float_format="{:.3f}".format))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
