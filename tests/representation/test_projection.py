"""Directions that say most about y: found where they are known, told honestly, in pipelines."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmist import InvalidSampleError, MutualInformationProjection


def projection(k=1, **parameters):
    return MutualInformationProjection(k, device="cpu", **parameters)


def nearness(components, w):
    """Least cosine of the angles between the spaces of two sets of rows."""
    one, two = np.linalg.qr(components.T)[0], np.linalg.qr(w)[0]
    return np.linalg.svd(one.T @ two, compute_uv=False).min()


def rows(n, p, seed=0):
    rng = np.random.default_rng(seed)
    return rng, rng.normal(size=(n, p)), np.linalg.qr(rng.normal(size=(p, 1)))[0]


@pytest.mark.parametrize("curve", [np.sin, lambda z: np.sin(2 * z), lambda z: np.cos(1.5 * z)])
def test_a_function_of_one_direction(curve):
    rng, X, w = rows(500, 6)
    y = curve(X @ w)[:, 0] + 0.2 * rng.normal(size=500)
    found = projection().fit(X, y)
    assert nearness(found.components_, w) > 0.995
    assert found.explained_information_ > 0.9


def test_classes_that_differ_in_spread_alone():
    rng, X, w = rows(600, 6)
    y = rng.integers(2, size=600)
    X = X + (np.where(y, 2.0, 0.5) - 1)[:, None] * (X @ w) * w.T
    assert nearness(projection().fit(X, y).components_, w) > 0.97


def test_a_product_of_two_directions():
    rng, X, _ = rows(500, 5)
    w = np.linalg.qr(rng.normal(size=(5, 2)))[0]
    y = np.prod(X @ w, axis=1) + 0.2 * rng.normal(size=500)
    assert nearness(projection(2).fit(X, y).components_, w) > 0.99


def test_several_outputs_of_mixed_kinds():
    rng, X, _ = rows(400, 5)
    y = pd.DataFrame({"a": X[:, 0] + 0.3 * rng.normal(size=400), "b": X[:, 1] > 0})
    w = np.eye(5)[:, :2]
    assert nearness(projection(2).fit(X, y).components_, w) > 0.98


def test_coordinates_are_uncorrelated_and_spread_by_what_they_tell():
    X, y = load_iris(return_X_y=True)
    one = projection(2).fit(X, y)
    covariance = np.cov(one.transform(X).T, bias=True)
    spread = np.sqrt(np.diagonal(covariance))
    assert abs(covariance[0, 1]) < 1e-8
    # the first tells all classes apart, and nothing is left for the second
    assert 2.5 < spread[0] < 3.1 and 1.0 <= spread[1] < 1.6
    moved = X * [1, 1e6, 1e-6, 3] + [0, 5, -7, 1e3]
    other = projection(2).fit(moved, y)
    assert np.allclose(other.transform(moved).std(axis=0), spread, rtol=0.05)
    # of the first, since what tells nothing may lie anywhere
    units = [
        found.components_[0] / found.transform(Z)[:, 0].std()
        for found, Z in ((one, X), (other, moved))
    ]
    assert np.allclose(units[1] * [1, 1e6, 1e-6, 3], units[0], atol=0.05)


def test_factors_that_tell_nothing_alone_are_spread_alike():
    rng, X, _ = rows(500, 3)
    y = X[:, 0] * X[:, 1] + 0.2 * rng.normal(size=500)
    spread = projection(2).fit(X, y).transform(X).std(axis=0)
    assert spread.min() > 1.5 and spread.max() < 1.5 * spread.min()


def test_what_is_explained():
    X, y = load_iris(return_X_y=True)
    found = projection(2).fit(X, y)
    assert found.information_.shape == (2, 3)
    mi, low, high = found.information_.T
    assert (low <= mi).all() and (mi <= high).all() and mi[1] >= mi[0] - 0.05
    assert 0.9 < found.explained_information_ <= 1
    low, high = found.explained_interval_
    assert 0 < low <= found.explained_information_ <= high <= 1


def test_same_data_same_answer_and_more_rows_than_are_looked_at():
    rng, X, w = rows(1500, 3)
    y = (X @ w)[:, 0] + rng.normal(size=1500)
    one, other = (projection().fit(X, y).components_ for _ in range(2))
    assert np.array_equal(one, other)
    assert nearness(one, w) > 0.99


def test_in_a_pipeline_and_as_a_frame():
    data = load_iris(as_frame=True)
    model = make_pipeline(StandardScaler(), projection(1), KNeighborsClassifier(15))
    assert model.fit(data.data, data.target).score(data.data, data.target) > 0.93
    step = projection(2).set_output(transform="pandas")
    out = step.fit_transform(data.data, data.target)
    assert list(out) == ["mutualinformationprojection0", "mutualinformationprojection1"]
    assert step.feature_names_in_.tolist() == list(data.data)


def test_fewer_rows_than_columns():
    rng, X, _ = rows(40, 60)
    found = projection().fit(X, X[:, 0] > 0)
    assert found.components_.shape == (1, 60) and np.isfinite(found.components_).all()


@pytest.mark.parametrize(
    ("X", "y", "error", "message"),
    [
        (np.ones((20, 2)), np.arange(20.0), ValueError, "varies in 0 directions only"),
        (np.eye(20)[:, :1], np.arange(20.0), ValueError, "n_components is 2, but X of n_features"),
        (np.eye(20), None, InvalidSampleError, "requires y to be passed"),
        (np.eye(20), np.arange(19.0), InvalidSampleError, "X has 20 rows and y has 19"),
        (np.eye(9), np.arange(9.0), ValueError, "minimum of 10 is required"),
    ],
)
def test_what_cannot_be_used_is_refused(X, y, error, message):
    with pytest.raises(error, match=message):
        projection(2).fit(X, y)
