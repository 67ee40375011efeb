"""Ways to choose columns of a real table, and models that are trained on those chosen."""

from __future__ import annotations

__all__ = ["CHOOSERS", "as_numbers", "ask_peers", "score"]

import csv
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_selection import (
    RFECV,
    SelectFromModel,
    SelectKBest,
    mutual_info_classif,
    mutual_info_regression,
)
from sklearn.linear_model import LassoCV, LogisticRegression, LogisticRegressionCV, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

PEERS_SCRIPT = Path(__file__).parents[1] / "peers" / "selection.py"
PEERS = {"mrmr": "mrmr_selection_f", "boruta": "boruta"}
_STEPS = 15


def as_numbers(x: pd.DataFrame) -> np.ndarray:
    """The columns as numbers, categories by their codes, as most peers need them."""
    codes = x.apply(lambda c: c.cat.codes if isinstance(c.dtype, pd.CategoricalDtype) else c)
    return codes.to_numpy(dtype=float)


# Models -----------------------------------------------------------------------------------------


def _models(is_classes: bool) -> dict[str, object]:
    if is_classes:
        return {
            "linear": LogisticRegression(max_iter=1000),
            "forest": RandomForestClassifier(100, random_state=0),
            "boosting": HistGradientBoostingClassifier(random_state=0, early_stopping=False),
        }
    return {
        "linear": RidgeCV(np.logspace(-2, 3, 11)),
        "forest": RandomForestRegressor(100, random_state=0),
        "boosting": HistGradientBoostingRegressor(random_state=0, early_stopping=False),
    }


def score(
    x: pd.DataFrame, y: np.ndarray, parts: tuple[np.ndarray, np.ndarray], is_classes: bool
) -> dict[str, float]:
    """R2 or accuracy of each model, trained on one part of the rows, in the other.

    Without any column it is that of the mean, or of the most frequent class.
    """
    train, test = parts
    if not x.shape[1]:
        if not is_classes:
            return dict.fromkeys(_models(False), 0.0)
        common = np.bincount(y[train]).argmax()
        return dict.fromkeys(_models(True), float((y[test] == common).mean()))
    found = {}
    for name, model in _models(is_classes).items():
        labels = make_column_selector(dtype_include="category")
        one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        columns = make_column_transformer((one_hot, labels), remainder=StandardScaler())
        fitted = make_pipeline(columns, model).fit(x.iloc[train], y[train])
        found[name] = float(fitted.score(x.iloc[test], y[test]))
    return found


# Choosers ---------------------------------------------------------------------------------------


def _all(x: np.ndarray, y: np.ndarray, k: int, is_classes: bool) -> list[int]:
    return list(range(x.shape[1]))


def _kbest(x: np.ndarray, y: np.ndarray, k: int, is_classes: bool) -> list[int]:
    information = mutual_info_classif if is_classes else mutual_info_regression
    select = SelectKBest(lambda a, b: information(a, b, random_state=0), k=k)
    return select.fit(x, y).get_support(indices=True).tolist()


def _forest_of(is_classes: bool, trees: int):
    kind = RandomForestClassifier if is_classes else RandomForestRegressor
    return kind(trees, random_state=0)


def _rfecv(x: np.ndarray, y: np.ndarray, k: int, is_classes: bool) -> list[int]:
    step = max(1, x.shape[1] // _STEPS)
    select = RFECV(_forest_of(is_classes, 50), step=step, cv=5)
    return select.fit(x, y).get_support(indices=True).tolist()


def _l1(x: np.ndarray, y: np.ndarray, k: int, is_classes: bool) -> list[int]:
    model = LassoCV(random_state=0)
    if is_classes:
        options = {"solver": "liblinear"} if y.max() < 2 else {"solver": "saga"}
        model = LogisticRegressionCV(Cs=8, cv=3, penalty="l1", max_iter=300, **options)
    # what the penalty left at zero is left out
    select = SelectFromModel(model, threshold=1e-5)
    return select.fit(StandardScaler().fit_transform(x), y).get_support(indices=True).tolist()


def _forest(x: np.ndarray, y: np.ndarray, k: int, is_classes: bool) -> list[int]:
    select = SelectFromModel(_forest_of(is_classes, 100))
    return select.fit(x, y).get_support(indices=True).tolist()


CHOOSERS: dict[str, Callable[[np.ndarray, np.ndarray, int, bool], list[int]]] = {
    "all": _all,
    "kbest_mi": _kbest,
    "rfecv": _rfecv,
    "l1": _l1,
    "forest": _forest,
}
"""Of scikit-learn, by name: called with columns as numbers, target, number, and "has classes"."""


def ask_peers(
    python: Path, names: Sequence[str], x: np.ndarray, y: np.ndarray, k: int, is_classes: bool
) -> dict[str, dict]:
    """What the packages of an environment of their own choose, and how long they take."""
    arrays = {"t|x": x, "t|y": y, "t|k": k, "t|is_classes": is_classes}
    with tempfile.TemporaryDirectory() as folder:
        table, out = Path(folder) / "table.npz", Path(folder) / "chosen.csv"
        np.savez(table, **arrays)
        methods = [PEERS[name] for name in names]
        subprocess.run([python, PEERS_SCRIPT, table, out, "--methods", *methods], check=True)
        with out.open() as file:
            rows = {row["method"]: row for row in csv.DictReader(file)}
    return {
        name: {
            "columns": [int(c) for c in rows[PEERS[name]]["columns"].split()],
            "seconds": float(rows[PEERS[name]]["seconds"]),
            "error": rows[PEERS[name]]["error"],
        }
        for name in names
    }
