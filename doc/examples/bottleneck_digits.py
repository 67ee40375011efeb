"""Handwritten digits through an information bottleneck, against dropout and label smoothing.

    python doc/examples/bottleneck_digits.py

Of scikit-learn's 1,797 digits (8 x 8), 797 are the test rows of all runs; each seed draws 500 of
the others for training and keeps 500 to choose strengths by. Every net is an
`InformationBottleneckClassifier`: two hidden layers of 128, a code Z of 16 columns.

- plain, dropout, label smoothing: no noise, no bottleneck;
- noise, with dropout or label smoothing: unit noise on Z, so that I(X; Z) is finite;
- VIB: Gaussian encoder, upper bound of I(X; Z) (Alemi et al. 2017);
- MINE: Gaussian, additive and propagated noise, I(X; Z) lowered against a critic (Belghazi et
  al. 2018, section 5.3, arXiv:1801.04062).

The figure shows, as means over seeds, test error and I(X; Z) on the test rows against beta, test
error against dropout and smoothing, and one against the other. I(X; Z) is a lower bound of at
most log(797) = 6.68 nats; for propagated noise it is measured on the first 3 seeds only.
``results/bottleneck.csv`` has every run, ``results/bottleneck_summary.csv`` each method at the
strength of the least mean validation error: test error with its standard error, and the number
of seeds on which it is below the plain net's. A full run takes some 4 minutes of one core.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from _runs import collect, one_thread, options
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skmist import InformationBottleneckClassifier

N_TEST, N_TRAIN = 797, 500
PROPAGATED_SEEDS = 3
BETAS = (0.2, 0.3, 0.5)
PLAIN = {"encoder": "additive", "noise_scale": 0.0, "regularizer": None}
NOISE = {"encoder": "additive", "regularizer": None}
METHODS = {
    "plain": (PLAIN, "beta", (0.0,)),
    "dropout": (PLAIN, "dropout", (0.2, 0.5)),
    "label smoothing": (PLAIN, "label_smoothing", (0.1, 0.3)),
    "noise": (NOISE, "beta", (0.0,)),
    "noise, dropout": (NOISE, "dropout", (0.5,)),
    "noise, label smoothing": (NOISE, "label_smoothing", (0.3,)),
    "VIB": ({"regularizer": "vib"}, "beta", (0.01, 0.03, 0.1)),
    "MINE, Gaussian": ({"encoder": "gaussian"}, "beta", BETAS),
    "MINE, additive": ({"encoder": "additive"}, "beta", BETAS),
    "MINE, propagated": ({"encoder": "propagated"}, "beta", (0.3,)),
}
BOTTLENECKS = ("VIB", "MINE, Gaussian", "MINE, additive", "MINE, propagated")


def measure(method: str, strength: float, seed: int, passes: int) -> dict:
    """Errors and I(X; Z), nats, of one net."""
    fixed, parameter, _ = METHODS[method]
    X, y = load_digits(return_X_y=True)
    pool_X, test_X, pool_y, test_y = train_test_split(
        X / 16.0, y, test_size=N_TEST, random_state=0, stratify=y
    )
    train_X, valid_X, train_y, valid_y = train_test_split(
        pool_X, pool_y, train_size=N_TRAIN, random_state=seed, stratify=pool_y
    )
    net = InformationBottleneckClassifier(
        **{**fixed, parameter: strength},
        max_iter=passes,
        batch_size=64,
        validation_fraction=0.02,
        random_state=seed,
        device="cpu",
    ).fit(train_X, train_y)
    skipped = method == "MINE, propagated" and seed >= PROPAGATED_SEEDS
    return {
        "validation_error": 1.0 - net.score(valid_X, valid_y),
        "test_error": 1.0 - net.score(test_X, test_y),
        "mi": math.nan if skipped else net.mutual_information(test_X),
    }


def summarize(table: pd.DataFrame) -> pd.DataFrame:
    """Each method at the strength of the least mean validation error."""
    plain = table[table["method"] == "plain"].set_index("seed")["test_error"]
    rows = []
    for method, runs in table.groupby("method", sort=False):
        best = runs.groupby("strength")["validation_error"].mean().idxmin()
        chosen = runs[runs["strength"] == best].set_index("seed")
        error = chosen["test_error"]
        rows.append(
            {
                "method": method,
                "strength": best,
                "seeds": len(error),
                "test_error": error.mean(),
                "standard_error": error.std() / math.sqrt(len(error)),
                "below_plain": int((error < plain[error.index]).sum()),
                "mi": chosen["mi"].mean(),
            }
        )
    return pd.DataFrame(rows)


def draw(table: pd.DataFrame, path: Path) -> None:
    """Error and information against strength, and against each other."""
    import matplotlib.pyplot as plt

    means = table.groupby(["method", "strength"], sort=False).mean(numeric_only=True).reset_index()
    figure, axes = plt.subplots(2, 2, figsize=(9.0, 6.6), layout="constrained")
    for i, (method, rows) in enumerate(means.groupby("method", sort=False)):
        dotted = {"marker": "o", "markersize": 4, "linewidth": 1, "label": method}
        dotted["color"] = f"C{i}"
        error = 100.0 * rows["test_error"]
        if method in BOTTLENECKS:
            axes[0, 0].plot(rows["strength"], error, **dotted)
            axes[0, 1].plot(rows["strength"], rows["mi"], **dotted)
        elif method not in ("plain", "noise"):
            axes[1, 0].plot(rows["strength"], error, **dotted)
        if np.isfinite(rows["mi"]).all():
            axes[1, 1].plot(rows["mi"], error, **dotted)
    plain = 100.0 * means.loc[means["method"] == "plain", "test_error"].item()
    for ax in (axes[0, 0], axes[1, 0]):
        ax.axhline(plain, color="gray", linestyle="--", linewidth=1, label="plain")
    _label(axes)
    figure.savefig(path, dpi=75)
    plt.close(figure)


def _label(axes: np.ndarray) -> None:
    error, information = "test error (%)", "I(X; Z) on test rows (nats)"
    labels = {(0, 0): ("beta", error), (0, 1): ("beta", information)}
    labels |= {(1, 0): ("dropout or label smoothing", error), (1, 1): (information, error)}
    for place, (x, y) in labels.items():
        axes[place].set(xlabel=x, ylabel=y)
        axes[place].legend(fontsize=6)
        if x == "beta":
            axes[place].set_xscale("log")
        if y == error:
            axes[place].set_ylim(top=min(axes[place].get_ylim()[1], 25.0))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the example."""
    chosen = options(__doc__, arguments, seeds=10, steps=60, unit="passes over the rows")
    cells = [
        {"method": method, "strength": strength, "seed": seed, "passes": chosen.steps}
        for seed in range(chosen.seeds)
        for method, (_, _, strengths) in METHODS.items()
        for strength in strengths
    ]
    results = chosen.out / "results"
    with one_thread():
        table = collect(results / "bottleneck.csv", cells, measure, chosen.fresh)
    summary = summarize(table)
    summary.to_csv(results / "bottleneck_summary.csv", index=False, float_format="%.4g")
    draw(table, chosen.out / "bottleneck_digits.png")
    print(summary.to_string(index=False, float_format="{:.3f}".format))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
