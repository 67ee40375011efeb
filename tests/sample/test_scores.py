"""Normal scores against scipy, and against their batched twin of the net."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import ndtri
from scipy.stats import rankdata

from skmist._sample.scores import NormalScores

columns = arrays(
    float,
    st.tuples(st.integers(1, 30), st.integers(1, 3)),
    elements=st.floats(-1e300, 1e300) | st.integers(-3, 3).map(float),
)


def scores(X):
    return NormalScores().fit(X).transform(X)


@settings(max_examples=200, deadline=None)
@given(columns)
def test_fitted_rows_get_the_scores_of_their_mean_ranks(X):
    np.testing.assert_array_equal(scores(X), ndtri(rankdata(X, axis=0) / (len(X) + 1)))


def test_twin_of_the_net():
    torch = pytest.importorskip("torch")
    from skmist.nn.mist.scores import normal_scores

    X = np.random.default_rng(0).normal(size=(200, 3))
    X[:, 1] = np.round(X[:, 1])
    theirs = normal_scores(torch.from_numpy(X)[None])[0].numpy()
    np.testing.assert_allclose(scores(X), theirs, atol=1e-6)


@settings(max_examples=100, deadline=None)
@given(columns, st.sampled_from([np.arctan, np.cbrt, lambda x: x / 1e3]))
def test_increasing_maps_change_nothing(X, increasing):
    X = np.clip(X, -1e3, 1e3).round(3)
    np.testing.assert_array_equal(scores(increasing(X)), scores(X))


@settings(max_examples=100, deadline=None)
@given(columns)
def test_a_decreasing_map_changes_the_sign(X):
    np.testing.assert_allclose(scores(-X), -scores(X), atol=1e-12)


def test_new_values_lie_between_their_neighbors():
    fitted = NormalScores().fit(np.array([[0.0], [1.0], [1.0], [3.0]]))
    low, middle, high = ndtri(np.array([1.0, 2.5, 4.0]) / 5)
    new = np.array([[-9.0], [0.0], [0.25], [1.0], [2.0], [3.0], [9.0]])
    expected = [low, low, 0.75 * low + 0.25 * middle, middle, (middle + high) / 2, high, high]
    np.testing.assert_allclose(fitted.transform(new).ravel(), expected, atol=1e-15)


@settings(max_examples=100, deadline=None)
@given(columns, st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_new_values_keep_their_order(X, new):
    new = np.sort(new)
    answer = NormalScores().fit(X[:, :1]).transform(new[:, None])
    assert np.isfinite(answer).all()
    assert (np.diff(answer[:, 0]) >= -1e-12).all()


def test_no_columns():
    assert scores(np.empty((4, 0))).shape == (4, 0)
