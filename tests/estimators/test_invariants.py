"""Invariances that the theory of MI promises, on random samples, for every estimator."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from skmist import KSGEstimator
from tests.siblings import ESTIMATORS

# Too few rows to train a critic on: MINE says so.
pytestmark = pytest.mark.filterwarnings("ignore::skmist.BoundWarning")
TOLERANCE = 1e-4
# Estimators that see ranks only; KSG's distances change under a bent margin.
RANK_BASED = [e for e in ESTIMATORS if not isinstance(e, KSGEstimator)]

samples = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32 - 1),
        "n": st.integers(12, 60),
        "p": st.integers(1, 3),
        "q": st.integers(1, 2),
        "labels": st.booleans(),
    }
)
each = pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
often = settings(max_examples=12, deadline=None)


def draw(seed, n, p, q, labels):
    """A random generator, and a dependent sample; labels make the last column of y a class."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p))
    y = rng.normal(size=(n, q)) + rng.uniform(0, 2) * np.sin(x[:, :1])
    if labels:
        y[:, -1] = y[:, -1] > 0
    return rng, x, y


def mi(estimator, x, y):
    return clone(estimator).fit(x, y).mi_


@each
@often
@given(sample=samples)
def test_rows_are_a_set(estimator, sample):
    rng, x, y = draw(**sample)
    rows = rng.permutation(len(x))
    assert mi(estimator, x[rows], y[rows]) == pytest.approx(mi(estimator, x, y), abs=TOLERANCE)


@each
@often
@given(sample=samples)
def test_columns_of_a_side_are_a_set(estimator, sample):
    rng, x, y = draw(**sample)
    permuted = x[:, rng.permutation(x.shape[1])], y[:, rng.permutation(y.shape[1])]
    assert mi(estimator, *permuted) == pytest.approx(mi(estimator, x, y), abs=TOLERANCE)


@each
@often
@given(sample=samples)
def test_sides_may_be_swapped(estimator, sample):
    _, x, y = draw(**sample)
    assert mi(estimator, y, x) == pytest.approx(mi(estimator, x, y), abs=TOLERANCE)


@each
@often
@given(sample=samples)
def test_scale_and_shift_of_a_margin_do_not_matter(estimator, sample):
    rng, x, y = draw(**sample)
    moved = x * rng.uniform(0.01, 100, x.shape[1]) + rng.normal(size=x.shape[1])
    assert mi(estimator, moved, y) == pytest.approx(mi(estimator, x, y), abs=TOLERANCE)


@pytest.mark.parametrize("estimator", RANK_BASED, ids=lambda e: type(e).__name__)
@often
@given(sample=samples, kind=st.sampled_from(["exp", "arctan", "cube"]))
def test_increasing_maps_of_a_margin_do_not_matter(estimator, sample, kind):
    _, x, y = draw(**sample)
    bent = {"exp": np.exp, "arctan": np.arctan, "cube": lambda v: v**3}[kind](x)
    assert mi(estimator, bent, y) == pytest.approx(mi(estimator, x, y), abs=TOLERANCE)


@each
@often
@given(sample=samples)
def test_a_constant_column_adds_nothing(estimator, sample):
    _, x, y = draw(**sample)
    wider = np.column_stack([x, np.full(len(x), 7.0)])
    assert mi(estimator, wider, y) == pytest.approx(mi(estimator, x, y), abs=TOLERANCE)
