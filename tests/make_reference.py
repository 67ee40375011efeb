"""Write what the shipped weights answer on fixed samples: ``python tests/make_reference.py``.

Run it when weights with a new name are added, never to make a failing test pass: a name of
weights never changes its meaning once it is released. (Before 0.1.0 what `mist-3` reads of many
columns was mended under its name.)
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris

from skmist import MISTRegressor
from skmist.weights import list_weights

__all__ = ["FOLDER", "WEIGHTS", "answer", "samples"]

FOLDER = Path(__file__).parent / "reference"
# Shipped ones by their names, and a net of before the extended ones.
WEIGHTS = {name: name for name in list_weights()} | {
    "mist-2": str(FOLDER.parents[1] / "benchmarks" / "checkpoints" / "mist-2.json")
}


def samples() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Samples that no version of numpy draws otherwise: shipped data, and formulas."""
    iris, cancer, diabetes = load_iris(), load_breast_cancer(), load_diabetes()
    t = np.arange(400)
    u, v = np.modf(t * 0.7548776662466927)[0], np.modf(t * 0.5698402909980532)[0]
    return {
        "iris petal length, species": (iris.data[:, 2], iris.target),
        "iris sepals, petals": (iris.data[:, :2], iris.data[:, 2:]),
        "cancer radius and texture, diagnosis": (cancer.data[:, :2], cancer.target),
        "diabetes all columns, progression": (diabetes.data, diabetes.target),
        "noisy sine": (u, np.sin(6 * u) + 0.3 * (v - 0.5)),
        "evenly spread": (u, v),
    }


def answer(weights: str) -> dict[str, dict[str, float]]:
    """Estimate, interval, and information of the first row, of every sample; nats."""
    answers = {}
    for name, (x, y) in samples().items():
        x = x.reshape(len(x), -1)
        mist = MISTRegressor(weights=weights, device="cpu").fit(x, y)
        low, high = mist.interval(0.9)
        answers[name] = {
            "mi": mist.mi_,
            "low": low,
            "high": high,
            "first_row": float(mist.predict(x[:1])[0]),
            "first_pair": float(mist.score_samples(x[:1], y[:1])[0]),
        }
    return answers


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, weights in WEIGHTS.items():
        (FOLDER / f"{name}.json").write_text(json.dumps(answer(weights), indent=1) + "\n")
