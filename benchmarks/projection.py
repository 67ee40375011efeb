"""Projections of X that say most about y: `MutualInformationProjection` beside others.

``truth``: 800 rows of 10 normal columns, y a function of one or two directions and noise, or
classes that differ along one; the mean cosine of the principal angles to the true directions.
``real``: tables whose rows are cut in three; 15 nearest neighbors (accuracy, or R2) on 1, 2 and 3
components of standardized columns, fitted without the rows that judge. Peers: linear
discriminant analysis (``lda``; numbers in 5 classes of equal size), partial least squares
(``pls``), sliced inverse regression (``sir``, 8 slices), neighborhood components analysis
(``nca``), principal components (``pca``) and kernel principal components (``kernel_pca``, which
has no directions, so only on tables). Writes ``projection_truth.csv`` and
``projection_real.csv``; 15 minutes of one core, and a run that was interrupted goes on when it is
started again.
"""

from __future__ import annotations

__all__ = ["TABLES", "TRUTHS", "main", "real", "truth"]

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from harness import common
from harness.journal import Journal, script_mark, weights_line
from sklearn import datasets
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA, KernelPCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    NeighborhoodComponentsAnalysis,
)
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from skmist import MutualInformationProjection
from skmist.weights import DEFAULT_WEIGHTS

PARTS = ("truth", "real")
COMPONENTS = (1, 2, 3)
ROWS, COLUMNS, NOISE, MOST_ROWS = 800, 10, 0.2, 600


class SlicedInverse(TransformerMixin, BaseEstimator):
    """Sliced inverse regression (Li 1991), of slices or classes."""

    def __init__(self, n_components: int = 2):
        self.n_components = n_components

    def fit(self, X: np.ndarray, y: np.ndarray) -> SlicedInverse:
        """Find directions in which the means of the slices differ."""
        values, vectors = np.linalg.eigh(np.cov(X.T).reshape(X.shape[1], -1))
        kept = values > 1e-10 * values[-1]
        white = vectors[:, kept] / np.sqrt(values[kept])
        rows, self.mean_ = (X - X.mean(0)) @ white, X.mean(0)
        means = [np.mean(y == c) ** 0.5 * rows[y == c].mean(0) for c in np.unique(y)]
        self.components_ = (white @ np.linalg.svd(np.array(means))[2].T).T[: self.n_components]
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Coordinates along the directions."""
        return (X - self.mean_) @ self.components_.T


def sliced(y: np.ndarray, count: int) -> np.ndarray:
    """Codes of slices of numbers, of equal size."""
    return np.argsort(np.argsort(y)) * count // len(y)


def fitted(name: str, X: np.ndarray, y: np.ndarray, k: int, classes: bool) -> tuple:
    """A fitted peer, and its directions (p, k) or None."""
    codes = y if classes else sliced(y, 5)
    if name == "mist":
        found = MutualInformationProjection(k, device="cpu").fit(X, y)
        return found, found.components_.T
    if name == "lda":
        found = LinearDiscriminantAnalysis(n_components=min(k, len(np.unique(codes)) - 1))
        return found.fit(X, codes), found.scalings_[:, : found.n_components]
    if name == "pls":
        found = PLSRegression(k).fit(X, np.eye(codes.max() + 1)[codes] if classes else y)
        return found, found.x_rotations_
    if name == "sir":
        found = SlicedInverse(k).fit(X, y if classes else sliced(y, 8))
        return found, found.components_.T
    if name == "nca":
        found = NeighborhoodComponentsAnalysis(k, max_iter=50, random_state=0).fit(X, codes)
        return found, found.components_.T
    if name == "pca":
        found = PCA(k).fit(X)
        return found, found.components_.T
    return KernelPCA(k, kernel="rbf").fit(X), None


NAMES = ("mist", "lda", "pls", "sir", "nca", "pca", "kernel_pca")


def _function(function: Callable, k: int) -> Callable:
    def draw(rng: np.random.Generator) -> tuple:
        X, w = rng.normal(size=(ROWS, COLUMNS)), np.linalg.qr(rng.normal(size=(COLUMNS, k)))[0]
        return X, function(X @ w) + NOISE * rng.normal(size=ROWS), w, False

    return draw


def _classes(means: Sequence[float], spreads: Sequence[float]) -> Callable:
    def draw(rng: np.random.Generator) -> tuple:
        X, w = rng.normal(size=(ROWS, COLUMNS)), np.linalg.qr(rng.normal(size=(COLUMNS, 1)))[0]
        y = rng.integers(len(means), size=ROWS)
        z = np.asarray(means)[y] + np.asarray(spreads)[y] * (X @ w)[:, 0]
        return X + (z[:, None] - X @ w) * w.T, y, w, True

    return draw


TRUTHS = {
    "sin z": _function(lambda z: np.sin(z[:, 0]), 1),
    "sin 2z": _function(lambda z: np.sin(2 * z[:, 0]), 1),
    "cos 1.5z": _function(lambda z: np.cos(1.5 * z[:, 0]), 1),
    "z1 z2": _function(lambda z: z[:, 0] * z[:, 1], 2),
    "z1 / (0.5 + (z2 + 1.5)^2)": _function(lambda z: z[:, 0] / (0.5 + (z[:, 1] + 1.5) ** 2), 2),
    "classes by means": _classes((-1.0, 0.0, 1.0), (1.0, 1.0, 1.0)),
    "classes by spreads": _classes((0.0, 0.0), (0.5, 2.0)),
}


def _named(load: Callable, classes: bool = True) -> Callable:
    def read() -> tuple:
        X, y = load(return_X_y=True)
        chosen = np.random.default_rng(0).permutation(len(X))[:MOST_ROWS]
        return X[chosen], y[chosen], classes

    return read


def _other_column(load: Callable, column: int) -> Callable:
    """One column of a table as a number to be told from the others."""

    def read() -> tuple:
        X = load(return_X_y=True)[0]
        return np.delete(X, column, axis=1), X[:, column], False

    return read


TABLES = {
    "iris": _named(datasets.load_iris),
    "wine": _named(datasets.load_wine),
    "breast cancer": _named(datasets.load_breast_cancer),
    "digits": _named(datasets.load_digits),
    "diabetes": _named(datasets.load_diabetes, False),
    "wine, alcohol": _other_column(datasets.load_wine, 0),
}


def truth(name: str, seed: int, peers: Sequence[str]) -> list[dict]:
    """How near each peer comes to the true directions in one draw."""
    X, y, w, classes = TRUTHS[name](np.random.default_rng([seed, len(name)]))
    rows = []
    for peer in peers:
        if peer == "kernel_pca":
            continue
        start = time.process_time()
        directions = np.linalg.qr(fitted(peer, X, y, w.shape[1], classes)[1])[0]
        seconds = time.process_time() - start
        cosines = np.linalg.svd(directions.T @ w, compute_uv=False)
        mean = cosines.sum() / w.shape[1]
        rows.append({"truth": name, "peer": peer, "cosine": mean, "seconds": seconds})
    return rows


def real(name: str, peers: Sequence[str]) -> list[dict]:
    """Scores of neighbors on the components of each peer, mean of three parts of the rows."""
    X, y, classes = TABLES[name]()
    folds = (StratifiedKFold if classes else KFold)(3, shuffle=True, random_state=0)
    rows = []
    for seen, held_out in folds.split(X, y):
        scaler = StandardScaler().fit(X[seen])
        one, two = scaler.transform(X[seen]), scaler.transform(X[held_out])
        for peer in peers:
            start = time.process_time()
            model = fitted(peer, one, y[seen], max(COMPONENTS), classes)[0]
            seconds = time.process_time() - start
            for k in COMPONENTS:
                judge = KNeighborsClassifier(15) if classes else KNeighborsRegressor(15)
                judge.fit(model.transform(one)[:, :k], y[seen])
                score = judge.score(model.transform(two)[:, :k], y[held_out])
                rows.append(
                    {"table": name, "peer": peer, "k": k, "score": score, "seconds": seconds}
                )
    return rows


def _cells(options: argparse.Namespace, part: str) -> list[tuple]:
    """What `truth` or `real` is asked for, one at a time."""
    if part == "real":
        return [(name,) for name in TABLES]
    return [(name, seed) for name in TRUTHS for seed in range(options.draws)]


def _rows(options: argparse.Namespace, part: str, journal: Journal) -> pd.DataFrame:
    """All answers of a part, of this run or of one before that was interrupted."""
    peers, rows = tuple(options.peers), []
    modules = ("skmist.representation.projection",)
    mark = script_mark(__file__, modules, weights_line(DEFAULT_WEIGHTS))
    for cell in tqdm(_cells(options, part), desc=part, disable=None):
        asked = partial(_answer, real if part == "real" else truth, *cell, peers)
        rows += journal.answer(str((part, *cell, peers)), mark, asked)["rows"]
    return pd.DataFrame(rows)


def _answer(ask: Callable[..., list[dict]], *cell) -> dict[str, list[dict]]:
    return {"rows": ask(*cell)}


def _truths(rows: pd.DataFrame, draws: int) -> pd.DataFrame:
    groups = rows.groupby(["truth", "peer"], sort=False)
    mean = groups.mean(numeric_only=True)
    return mean.assign(error=groups["cosine"].sem(), draws=draws).reset_index()


def _reals(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.groupby(["table", "peer", "k"], sort=False).mean().reset_index()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--parts", nargs="+", default=PARTS, choices=PARTS)
    add("--peers", nargs="+", default=NAMES, choices=NAMES, metavar="NAME")
    add("--draws", type=int, default=3)
    add("--out", type=Path, default=common.RESULTS, metavar="DIR")
    add("--fresh", action="store_true", help="forget what earlier runs have left")
    options = parser.parse_args(arguments)
    asked = sys.argv[1:] if arguments is None else arguments
    warnings.simplefilter("ignore")
    journal = Journal(common.JOURNALS / "projection.jsonl", options.fresh)
    with threadpool_limits(1):
        for part in options.parts:
            rows = _rows(options, part, journal)
            found = _truths(rows, options.draws) if part == "truth" else _reals(rows)
            header = common.provenance("projection.py", asked, DEFAULT_WEIGHTS)
            header.append(journal.remark())
            common.write_table(found, options.out / f"projection_{part}.csv", header)
            index = ["truth"] if part == "truth" else ["table", "k"]
            value = "cosine" if part == "truth" else "score"
            wide = found.pivot(index=index, columns="peer", values=value)
            print(wide.round(3).to_string(), "\n", wide.mean().round(4).to_dict())
    return 0


if __name__ == "__main__":
    sys.exit(main())
