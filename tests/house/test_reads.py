"""What a user hands in is read once, and what an estimator remarks reaches every result."""

from __future__ import annotations

import warnings
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

import skmist
from skmist import (
    BootstrapCI,
    GaussianCopulaEstimator,
    KSGEstimator,
    MINEEstimator,
    MutualInfoFeatureSelector,
    OutOfRangeWarning,
)
from skmist._sample import sample, table_sides, triple

DOORS = [(sample, "read_columns"), (triple, "read_columns"), (table_sides, "read_series")]


@pytest.fixture
def reads(monkeypatch):
    """How often sides are read as a whole, and columns of tables."""
    counts = Counter()

    def counting(function, name):
        def read(*args, **kwargs):
            counts[name] += 1
            return function(*args, **kwargs)

        return read

    for module, name in DOORS:
        monkeypatch.setattr(module, name, counting(getattr(module, name), name))
    return counts


@pytest.fixture(scope="module")
def iris():
    return load_iris(as_frame=True).frame


def call(name: str, df: pd.DataFrame):
    X, y = df.iloc[:, :4], df["target"]
    if name == "mutual_info":
        return skmist.mutual_info(X, y, estimator="ksg")
    if name == "matrix":
        return skmist.mi_matrix(df, estimator="gaussian_copula")
    if name == "matrix with p-values":
        return skmist.mi_matrix(df, estimator="gaussian_copula", p_values=True, n_permutations=19)
    if name == "ranking":
        return skmist.mi_with(df, "target", estimator="ksg")
    if name == "selector":
        return MutualInfoFeatureSelector(2, estimator="ksg").fit(X, y)
    if name == "classif":
        return skmist.mutual_info_classif(X, y)
    if name == "bootstrap":
        return BootstrapCI(n_resamples=20).fit(X, y)
    if name == "conditional":
        return skmist.conditional_mutual_info(
            X[X.columns[0]], y, X[X.columns[1]], estimator="mist"
        )
    return skmist.independence_test(X, y, estimator="ksg", n_permutations=19)


@pytest.mark.parametrize(
    "name, sides, columns",
    [
        ("mutual_info", 2, 0),
        ("matrix", 0, 5),
        ("matrix with p-values", 0, 5),
        ("ranking", 0, 5),
        ("selector", 2, 0),
        # the target once, and the columns one by one: X may be sparse and wide
        ("classif", 1 + 4, 0),
        ("bootstrap", 2, 0),
        ("conditional", 3, 0),
        ("independence", 2, 0),
    ],
)
def test_each_side_is_read_once(reads, iris, name, sides, columns):
    call(name, iris)
    assert (reads["read_columns"], reads["read_series"]) == (sides, columns)


# Notes ----------------------------------------------------------------------------------


def test_conditional_results_carry_the_notes_of_mine():
    x, y, z = np.random.default_rng(0).normal(size=(3, 14))
    with pytest.warns(skmist.BoundWarning) as said:
        found = skmist.conditional_mutual_info(x, y, z, estimator=MINEEstimator(max_iter=2))
    assert found.warnings and [str(w.message) for w in said] == list(found.warnings)


def test_scores_of_columns_say_what_the_net_remarks():
    rng = np.random.default_rng(0)
    with pytest.warns(OutOfRangeWarning, match="8 rows"):
        skmist.mutual_info_regression(
            rng.normal(size=(8, 2)), rng.normal(size=8), estimator="mist"
        )


def test_many_estimates_say_each_note_once():
    rng = np.random.default_rng(0)
    samples = [rng.normal(size=(2, 8)) for _ in range(3)]
    with pytest.warns(OutOfRangeWarning) as said:
        skmist.MISTRegressor(device="cpu").estimate_many([tuple(pair) for pair in samples])
    assert len(said) == 1


def test_a_bootstrap_carries_the_notes_of_its_estimator():
    x, y = np.random.default_rng(0).normal(size=(2, 14))
    ci = BootstrapCI(MINEEstimator(max_iter=2), n_resamples=20)
    with pytest.warns(skmist.BoundWarning):
        ci.fit(x[:, None], y)
    with pytest.warns(skmist.BoundWarning):
        found = skmist.mutual_info(x, y, estimator=ci)
    assert found.warnings == ci.warnings_ and found.warnings


def test_what_has_nothing_to_say_is_silent(iris):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for estimator in (KSGEstimator(), GaussianCopulaEstimator()):
            found = skmist.mutual_info(iris.iloc[:, 0], iris.iloc[:, 1], estimator=estimator)
            assert found.warnings == () and found.method == type(estimator).__name__
