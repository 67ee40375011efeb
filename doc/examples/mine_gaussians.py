"""Mutual information of correlated Gaussians: truth, MINE, KSG and MIST.

    python doc/examples/mine_gaussians.py

X and Y have 2, then 20 columns; each column of Y has correlation rho with its column of X, so
that the truth is ``-d/2 log(1 - rho^2)`` (Belghazi et al. 2018, figure 1, arXiv:1801.04062). All
estimators get the same 2,000 rows.

The figure shows the estimates over rho; ``results/mine_gaussians.csv`` has every one of them. In
20 dimensions the nearest neighbors of KSG are too far away to see the dependence; the critic of
MINE holds the Gaussian log-ratio as a shortcut. ``--steps`` are the epochs of a critic, at most.
A full run takes some 2 minutes of one core.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from _runs import collect, options

from skmist import BoundWarning, KSGEstimator, MINEEstimator, MISTRegressor

N = 2000
DIMENSIONS = (2, 20)
RHO = (-0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9)
NAMES = {"mine": "MINE", "ksg": "KSG", "mist": "MIST"}


def sample(columns: int, rho: float, seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """X and Y of shape (N, columns), and their MI in nats."""
    rng = np.random.default_rng([seed, columns])
    x, noise = rng.standard_normal((2, N, columns))
    return x, rho * x + math.sqrt(1.0 - rho**2) * noise, -0.5 * columns * math.log1p(-(rho**2))


def measure(columns: int, rho: float, seed: int, epochs: int) -> dict:
    """Truth and estimates, nats."""
    x, y, truth = sample(columns, rho, seed)
    estimators = {
        "mine": MINEEstimator(max_iter=epochs, random_state=seed, device="cpu"),
        "ksg": KSGEstimator(),
        "mist": MISTRegressor(device="cpu"),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BoundWarning)
        return {"truth": truth} | {k: e.fit(x, y).mi_ for k, e in estimators.items()}


def draw(table: pd.DataFrame, path: Path) -> None:
    """Estimates over rho, a panel for each number of columns."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(DIMENSIONS), figsize=(9.0, 3.6), layout="constrained")
    curve = np.linspace(-0.92, 0.92, 201)
    for ax, columns in zip(axes, DIMENSIONS, strict=True):
        rows = table[table["columns"] == columns].groupby("rho").mean(numeric_only=True)
        ax.plot(curve, -0.5 * columns * np.log1p(-(curve**2)), color="black", label="truth")
        for (name, label), marker in zip(NAMES.items(), "os^", strict=True):
            ax.plot(rows.index, rows[name], marker, markersize=5, label=label)
        ax.set(xlabel="rho", ylabel="mutual information (nats)", title=f"{columns} columns each")
        ax.legend()
    figure.savefig(path, dpi=80)
    plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the example."""
    chosen = options(__doc__, arguments, seeds=1, steps=60, unit="epochs")
    torch.set_num_threads(1)
    cells = [
        {"columns": columns, "rho": rho, "seed": seed, "epochs": chosen.steps}
        for seed in range(chosen.seeds) for columns in DIMENSIONS for rho in RHO
    ]  # fmt: skip
    table = collect(chosen.out / "results" / "mine_gaussians.csv", cells, measure, chosen.fresh)
    draw(table, chosen.out / "mine_gaussians.png")
    errors = table[list(NAMES)].sub(table["truth"], axis=0).abs()
    print(errors.groupby(table["columns"]).agg(["mean", "max"]).round(3))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
