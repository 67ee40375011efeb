"""Probes: how well a simple model predicts a target from a code."""

from __future__ import annotations

__all__ = ["PROBES", "probe_score"]

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import RidgeCV
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_consistent_length

from skmist._parameters import check_choice, check_integer
from skmist.representation.rows import read_rows_flat, rows_that_judge

PROBES = ("linear", "knn", "mlp")
"""Names of the probes."""

_NEIGHBORS = 5
_HIDDEN = (200,)
_MOST_EPOCHS = 1000
_PENALTIES = tuple(np.logspace(-3, 5, 17))
_KINDS = ("auto", "classes", "numbers")


def probe_score(
    code: ArrayLike,
    y: ArrayLike | None,
    probe: Any = "linear",
    *,
    target_kind: str = "auto",
    labels_per_class: int | None = None,
    n_draws: int = 10,
    test_rows: float | ArrayLike = 0.25,
    random_state: int | np.random.RandomState | None = None,
) -> float:
    """How well a simple model predicts y from a code, on rows that it has not seen.

    Columns of the code are standardized first. Linear separability, the accuracy of a linear
    support vector machine, and the accuracy of a net with one hidden layer of 200 units are
    measures of [1]_.

    Parameters
    ----------
    code : array-like of shape (n, d)
        Further axes are flattened.
    y : array-like of shape (n,) or (n, q)
        Classes or numbers; numbers may have several columns.
    probe : {"linear", "knn", "mlp"} or estimator, default="linear"
        Linear support vector machine (ridge regression for numbers), 5 nearest neighbors, a net
        with one hidden layer; or a classifier or regressor of scikit-learn, which is cloned.
    target_kind : {"auto", "classes", "numbers"}, default="auto"
        ``"auto"`` takes y for numbers where some are not whole, or where it has several columns
        of them.
    labels_per_class : int or None, default=None
        How many labels of each class train the probe, drawn anew `n_draws` times; None takes all.
    n_draws : int, default=10
        Draws of few labels, whose mean is returned.
    test_rows : float or array-like, default=0.25
        Rows that judge: their share, drawn evenly of all classes, or indices or a mask.
    random_state : int, RandomState instance or None, default=None
        Source of the split, of the draws of labels, and of first weights.

    Returns
    -------
    score : float
        Accuracy of classes, R squared of numbers.

    Raises
    ------
    ValueError
        If a parameter or the data cannot be used.

    References
    ----------
    .. [1] R. D. Hjelm et al. (2019), "Learning deep representations by mutual information
       estimation and maximization", ICLR, arXiv:1808.06670.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skmist.representation import probe_score
    >>> X, y = load_iris(return_X_y=True)
    >>> probe_score(X, y, random_state=0) > 0.9
    True
    >>> probe_score(X, y, "knn", labels_per_class=5, random_state=0) > 0.8
    True
    """
    code, y = read_rows_flat(code, "code"), np.asarray(y)
    check_consistent_length(code, y)
    classes = _are_classes(y, target_kind)
    rng = check_random_state(random_state)
    train, test = rows_that_judge(test_rows, len(code), y if classes else None, rng)
    draws = [train]
    if labels_per_class is not None:
        _check_few(labels_per_class, n_draws, classes)
        draws = [_few(train, y, labels_per_class, rng) for _ in range(n_draws)]
    seed = rng.randint(np.iinfo(np.int32).max)
    # labels may be few, rows without them are not
    scaler = StandardScaler().set_output(transform="default").fit(code[train])
    seen = scaler.transform(code)
    scores = []
    for rows in draws:
        model = _make_probe(probe, classes, len(rows), seed).fit(seen[rows], y[rows])
        scores.append(model.score(seen[test], y[test]))
    return float(np.mean(scores))


def _are_classes(y: np.ndarray, target_kind: str) -> bool:
    check_choice("target_kind", target_kind, _KINDS)
    if target_kind == "auto":
        return type_of_target(y, input_name="y") in ("binary", "multiclass")
    return target_kind == "classes"


def _check_few(labels_per_class: int | None, n_draws: int, classes: bool) -> None:
    if not classes:
        raise ValueError(
            f"labels_per_class is {labels_per_class!r}, but y holds numbers, not classes. Pass "
            "labels_per_class=None, or target_kind='classes'."
        )
    for name, value in (("labels_per_class", labels_per_class), ("n_draws", n_draws)):
        check_integer(name, value, 1)


def _few(rows: np.ndarray, y: np.ndarray, count: int, rng: np.random.RandomState) -> np.ndarray:
    found = []
    for label in np.unique(y[rows]):
        places = rows[y[rows] == label]
        if len(places) < count:
            raise ValueError(
                f"labels_per_class is {count}, but class {label!r} has {len(places)} row(s) to "
                "train on. Pass at most that."
            )
        found.append(rng.choice(places, count, replace=False))
    return np.concatenate(found)


def _make_probe(probe: Any, classes: bool, n: int, seed: int) -> BaseEstimator:
    if isinstance(probe, BaseEstimator):
        return clone(probe)
    neighbors = min(_NEIGHBORS, n)
    if probe == "linear":
        return SVC(kernel="linear", random_state=seed) if classes else RidgeCV(_PENALTIES)
    if probe == "knn":
        kind = KNeighborsClassifier if classes else KNeighborsRegressor
        return kind(neighbors)
    if probe == "mlp":
        options = {"max_iter": _MOST_EPOCHS, "random_state": seed}
        if classes:
            return MLPClassifier(hidden_layer_sizes=_HIDDEN, **options)
        net = MLPRegressor(hidden_layer_sizes=_HIDDEN, **options)
        return TransformedTargetRegressor(net, transformer=StandardScaler())
    raise ValueError(f"probe is {probe!r}; pass one of {', '.join(PROBES)}, or an estimator.")
