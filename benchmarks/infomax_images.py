"""Deep InfoMax on images of 28 x 28 pixels: do its layers tell more than the pixels do?

Each variant learns from 4,000 images without labels; a logistic regression on standardized
features of each layer is then given 10 or 100 labels of each class, or all 4,000, and judged by
the other images. Encoders are ``small28``, which ``"auto"`` takes, and the paper's ``dcgan32``.
Writes ``infomax_images_NAME.csv``: a row for each seed, variant, layer and number of labels; a run
that was interrupted goes on where it stopped, and ``--minutes`` ends it. ``--images`` as in
``image_codes.py``. A fit of 30 epochs takes 6 to 10 minutes of one core.
"""

from __future__ import annotations

__all__ = ["Split", "VARIANTS", "judged", "main"]

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from harness import common
from image_codes import images
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from threadpoolctl import threadpool_limits

from skmist import DeepInfoMax

LEARNED, ROWS = 4000, 8000
LABELS = (10, 100, None)
DRAWS = 5
LAYERS = ("Y", "fc", "conv")
MEANING = (
    "accuracy on the images that were not learned from, of logistic regression on standardized "
    "features, labels of each class as given, mean of 5 draws of them (all: 0); draws: its "
    "standard deviation over the draws; seconds: processor time of the fit, one thread"
)


def _dim(**parameters) -> Callable[[int], Any]:
    settings = {"n_components": 64, "gamma": 0.0, "device": "cpu", **parameters}
    return lambda epochs: DeepInfoMax(**{"max_iter": epochs, **settings})


_DIM = {"objective": "infonce", "occlusion": 0.25}
VARIANTS: dict[str, Callable[[int], Any]] = {
    "raw pixels": lambda _: FunctionTransformer(),
    "PCA 64": lambda _: PCA(64),
    "random dcgan32": _dim(encoder="dcgan32", max_iter=0),
    "DIM dcgan32": _dim(encoder="dcgan32", **_DIM),
    "random small28": _dim(encoder="small28", max_iter=0),
    "DIM small28": _dim(encoder="small28", **_DIM),
}
"""Transformers by name, given the number of epochs."""


class Split(NamedTuple):
    """Images (n, 784) to learn from and to judge by, and their labels."""

    train: np.ndarray
    test: np.ndarray
    y_train: np.ndarray
    y_test: np.ndarray


def _layers(model: Any, rows: Split) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Name and standardized features of each layer, for both sides."""
    for layer in LAYERS if isinstance(model, DeepInfoMax) else ("all",):
        if isinstance(model, DeepInfoMax):
            model.set_params(layer=layer)
        scaler = StandardScaler().fit(seen := model.transform(rows.train))
        yield layer, scaler.transform(seen), scaler.transform(model.transform(rows.test))


def _accuracies(features: tuple, rows: Split, count: int | None, seed: int) -> list[float]:
    """Accuracy with `count` labels of each class, over draws of the labels."""
    seen, new = features
    rng, scores = np.random.default_rng([seed, count or 0]), []
    classes = [np.flatnonzero(rows.y_train == label) for label in np.unique(rows.y_train)]
    for _ in range(1 if count is None else DRAWS):
        drawn = [c if count is None else rng.choice(c, count, replace=False) for c in classes]
        chosen = np.concatenate(drawn)
        line = LogisticRegression(max_iter=300).fit(seen[chosen], rows.y_train[chosen])
        scores.append(line.score(new, rows.y_test))
    return scores


def judged(name: str, rows: Split, seed: int, epochs: int) -> list[dict]:
    """Fit a variant; return a row for each layer and number of labels."""
    model = VARIANTS[name](epochs)
    if isinstance(model, DeepInfoMax):
        model.set_params(random_state=seed, image_shape=(28, 28))
    start = time.process_time()
    model.fit(rows.train)
    seconds, found = time.process_time() - start, []
    for layer, *features in _layers(model, rows):
        for count in LABELS:
            scores = _accuracies(tuple(features), rows, count, seed)
            keys = {
                "seed": seed,
                "variant": name,
                "layer": layer,
                "labels_of_each": count or "all",
            }
            spread = float(np.std(scores, ddof=1)) if len(scores) > 1 else 0.0
            row = {"accuracy": np.mean(scores), "draws": spread, "seconds": seconds}
            found.append({**keys, **row, "epochs": getattr(model, "n_iter_", 0)})
    return found


def _told(table: pd.DataFrame) -> str:
    keys = ["variant", "layer", "labels_of_each"]
    groups = table.groupby(keys, sort=False)["accuracy"]
    return groups.agg(["mean", "sem", "size"]).round(4).to_string()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is missing in the table, and write it after each fit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--images", type=Path, required=True, metavar="PATH")
    add("--variants", nargs="+", default=list(VARIANTS), choices=list(VARIANTS), metavar="NAME")
    add("--seeds", type=int, default=2)
    add("--epochs", type=int, default=30)
    add("--minutes", type=float, default=np.inf)
    add("--out", type=Path, default=common.RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    words = sys.argv[1:] if arguments is None else arguments
    X, y = (side[:ROWS] for side in images(options.images))
    path = options.out / f"infomax_images_{options.images.name.split('.')[0]}.csv"
    rows = pd.read_csv(path, comment="#").to_dict("records") if path.exists() else []
    known = {(row["seed"], row["variant"]) for row in rows}
    end = time.monotonic() + 60 * options.minutes
    torch.set_num_threads(1)
    with threadpool_limits(1):
        for seed in range(options.seeds):
            split = train_test_split(X, y, train_size=LEARNED, stratify=y, random_state=seed)
            for name in options.variants:
                if (seed, name) in known or time.monotonic() > end:
                    continue
                rows += judged(name, Split(*split), seed, options.epochs)
                header = common.provenance("infomax_images.py", words, "none")
                common.write_table(pd.DataFrame(rows), path, [*header, MEANING])
    print(_told(pd.DataFrame(rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
