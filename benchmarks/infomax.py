"""What Deep InfoMax is worth: digits classified from its layers, and a few tables.

Fits the variants of ``cases/infomax_variants.py`` to 1,347 images, without labels, and judges by
450: accuracy of a logistic regression on each layer, with all labels and with 10 of each digit;
the Kolmogorov-Smirnov distance of the units of Y from the prior. Writes ``infomax.csv`` (a row
per variant and seed), ``infomax_summary.csv`` (means and spreads over seeds) and
``infomax_tables.csv`` (tables with few labels). A run that was interrupted goes on when it is
started again; fitted models are kept in ``runs/benchmarks/infomax_models``.
"""

from __future__ import annotations

__all__ = ["MEASURES", "few_labels", "main", "match_of_prior", "separability", "summarize"]

import argparse
import hashlib
import inspect
import sys
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from cases.infomax_variants import SEEDS, Model, Variant, digits, fitted, mark, variants
from harness import common
from harness.journal import Journal, versions
from scipy.stats import kstest
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from skmist import DeepInfoMax

LABELS_OF_EACH = 10
DRAWS = 10
PARTS = ("images", "tables")
GROUPS = ("baseline", "main", "ablation")
TABLES = {"breast cancer": load_breast_cancer, "wine": load_wine}
TABLE_LABELS = (5, 20)
MEANING = (
    "accuracy of logistic regression on standardized features of 450 test images; few: 10 labels "
    "of each digit, mean of 10 draws; ks: largest Kolmogorov-Smirnov distance of a unit of Y from "
    "the prior; seconds: CPU seconds of the fit, one thread"
)
TABLES_MEANING = (
    "accuracy of logistic regression on the test quarter, labels of each class as given, mean and "
    "standard error over draws (10 draws of the labels for each split); the representation is "
    "learned from all training rows without labels"
)


class Judged(NamedTuple):
    """Layers of a fitted model for training and test images, and the labels."""

    model: Model
    train: dict[str, np.ndarray]
    y_train: np.ndarray
    test: dict[str, np.ndarray]
    y_test: np.ndarray
    seed: int


Measure = Callable[[Judged], dict[str, float]]


def _classifier() -> LogisticRegression:
    return LogisticRegression(max_iter=1000)


def separability(judged: Judged) -> dict[str, float]:
    """Accuracy on each layer with all labels."""
    found = {}
    for layer, train in judged.train.items():
        line = make_pipeline(StandardScaler(), _classifier()).fit(train, judged.y_train)
        found[f"accuracy_{layer}"] = line.score(judged.test[layer], judged.y_test)
    return found


def few_labels(judged: Judged) -> dict[str, float]:
    """Accuracy on Y and fc with 10 labels of each digit."""
    found = {}
    for layer in ("Y", "fc"):
        if layer in judged.train:
            scaler = StandardScaler().fit(judged.train[layer])
            sides = [scaler.transform(side[layer]) for side in (judged.train, judged.test)]
            scores = _scores_of_few(
                (sides[0], judged.y_train), (sides[1], judged.y_test), LABELS_OF_EACH, judged.seed
            )
            found[f"few_{layer}"] = float(np.mean(scores))
    return found


def match_of_prior(judged: Judged) -> dict[str, float]:
    """Return how far the units of Y are from the prior, where there was one."""
    model = judged.model.transformer
    if not isinstance(model, DeepInfoMax) or not model.gamma or not model.n_iter_:
        return {}
    law = "uniform" if model.prior == "uniform" else "norm"
    return {
        f"ks_{side}": max(float(kstest(unit, law).statistic) for unit in codes["Y"].T)
        for side, codes in (("train", judged.train), ("test", judged.test))
    }


def cost(judged: Judged) -> dict[str, float]:
    """CPU seconds of the fit."""
    return {"seconds": judged.model.seconds}


MEASURES: tuple[Measure, ...] = (separability, few_labels, match_of_prior, cost)
"""Functions of `Judged`, each of some columns of the table."""


def _scores_of_few(train: tuple, test: tuple, count: int, seed: int) -> list[float]:
    """Accuracies with `count` labels of each class, over draws of the labels."""
    rng, scores = np.random.default_rng([seed, count]), []
    features, labels = train
    for _ in range(DRAWS):
        classes = [np.flatnonzero(labels == label) for label in np.unique(labels)]
        rows = np.concatenate([rng.choice(places, count, replace=False) for places in classes])
        line = _classifier().fit(features[rows], labels[rows])
        scores.append(line.score(*test))
    return scores


def judge(variant: Variant, seed: int) -> dict:
    """Return the row of a variant and a seed."""
    data, model = digits(seed), fitted(variant, seed)
    judged = Judged(
        model,
        model.features(data.train),
        data.y_train,
        model.features(data.test),
        data.y_test,
        seed,
    )
    row = {"variant": variant.name, "group": variant.group, "seed": seed}
    for measure in MEASURES:
        row |= measure(judged)
    return row


def summarize(table: pd.DataFrame) -> pd.DataFrame:
    """Return means over seeds, and beside each accuracy its spread."""
    grouped = table.groupby(["variant", "group"], sort=False)
    means = grouped.mean(numeric_only=True).drop(columns="seed")
    spreads = grouped["accuracy_Y"].std(ddof=1).rename("spread_Y")
    return pd.concat([grouped.size().rename("seeds"), means, spreads], axis=1).reset_index()


def judge_table(name: str, seed: int) -> dict[str, list[dict]]:
    """Return rows of a table: raw columns, PCA and Deep InfoMax, by number of labels."""
    X, y = TABLES[name](return_X_y=True)
    X, test, y, y_test = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
    dim = {"gamma": 0.1, "random_state": seed, "device": "cpu"}
    models = {
        "raw columns": StandardScaler(),
        "PCA 8": make_pipeline(StandardScaler(), PCA(8)),
        "random encoder 16": DeepInfoMax(16, max_iter=0, **{**dim, "gamma": 0.0}),
        "DIM(L) JSD 16": DeepInfoMax(16, **dim),
        "DIM(L) InfoNCE 16": DeepInfoMax(16, objective="infonce", **dim),
    }
    rows = []
    for method, model in models.items():
        scaler = make_pipeline(model, StandardScaler()).fit(X)
        train = scaler.transform(X), y
        for count in TABLE_LABELS:
            scores = _scores_of_few(train, (scaler.transform(test), y_test), count, seed)
            keys = {"table": name, "labels_of_each": count, "method": method, "seed": seed}
            rows += [{**keys, "draw": i, "accuracy": score} for i, score in enumerate(scores)]
    return {"rows": rows}


def summarize_tables(table: pd.DataFrame) -> pd.DataFrame:
    """Return mean accuracy, its standard error, and over how many draws."""
    grouped = table.groupby(["table", "labels_of_each", "method"], sort=False)["accuracy"]
    return grouped.agg(draws="size", accuracy="mean", standard_error="sem").reset_index()


def _mark_of(*functions: Callable) -> str:
    """Return a hash of how models are judged."""
    shared = (_scores_of_few, _classifier)
    told = [*map(inspect.getsource, (*functions, *shared)), LABELS_OF_EACH, DRAWS, TABLE_LABELS]
    text = "\n".join(map(str, [*told, versions()]))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class Cell(NamedTuple):
    """One row to come: its name, what its answer depends on, and how to get it."""

    name: str
    key: str
    compute: Callable[[], dict]


def _image_cells(options: argparse.Namespace) -> list[Cell]:
    """Return a cell per variant and seed, ablations last."""
    if "images" not in options.parts:
        return []
    chosen = [v for v in variants().values() if v.group in options.groups]
    if options.only:
        chosen = [variants()[name] for name in options.only]
    asked = [(v, seed) for v in chosen for seed in options.seeds or v.seeds]
    asked.sort(key=lambda cell: (cell[0].group == "ablation", cell[1]))
    judged_by = _mark_of(*MEASURES)
    return [
        Cell(f"{v.name} {seed}", f"{judged_by} {mark(v, seed)}", partial(judge, v, seed))
        for v, seed in asked
    ]


def _table_cells(options: argparse.Namespace) -> list[Cell]:
    if "tables" not in options.parts:
        return []
    judged_by, model = _mark_of(judge_table), variants()["DIM(L) JSD"]
    return [
        Cell(
            f"{name} {seed}", f"{judged_by} {mark(model, seed)}", partial(judge_table, name, seed)
        )
        for seed, name in product(SEEDS, TABLES)
    ]


def _ask(journal: Journal, cells: Sequence[Cell], label: str, judged: bool) -> list[dict]:
    """Return the rows of the cells, or of those that are `judged`."""
    rows = []
    for cell in tqdm(cells, desc=label, dynamic_ncols=True):
        known = journal.known(cell.name)
        if judged and cell.key not in known:
            continue
        row = known[cell.key] if cell.key in known else cell.compute()
        journal.add(cell.name, {cell.key: row})
        rows.append(row)
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--groups", nargs="+", default=list(GROUPS), choices=GROUPS, help="default: all")
    add("--parts", nargs="+", default=list(PARTS), choices=PARTS, help="default: all")
    add("--only", nargs="+", metavar="VARIANT", help="some variants by name")
    add("--seeds", type=int, nargs="+", metavar="SEED", help="default: 0 1 2, ablations 0")
    add("--judged", action="store_true", help="compute nothing: what earlier runs have judged")
    add("--out", type=Path, default=common.RESULTS, metavar="DIR", help="folder of the tables")
    add("--fresh", action="store_true", help="forget what earlier runs have judged")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its tables."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser().parse_args(arguments)
    threadpool_limits(1)
    torch.set_num_threads(1)
    journal = Journal(common.JOURNALS / "infomax.jsonl", options.fresh)
    rows = _ask(journal, _image_cells(options), "images", options.judged)
    tables = _ask(journal, _table_cells(options), "tables", options.judged)
    header = [*common.provenance("infomax.py", arguments, "none"), journal.remark()]
    if rows:
        table = pd.DataFrame(rows)
        summary = summarize(table)
        common.write_table(table, options.out / "infomax.csv", [*header, MEANING])
        common.write_table(summary, options.out / "infomax_summary.csv", [*header, MEANING])
        print(summary.round(3).to_string(index=False))
    if tables:
        found = summarize_tables(pd.DataFrame([row for part in tables for row in part["rows"]]))
        common.write_table(found, options.out / "infomax_tables.csv", [*header, TABLES_MEANING])
        print(found.round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
