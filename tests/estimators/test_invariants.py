"""Invariances that the theory of MI promises, on random samples, for every estimator."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from skmist import KSGEstimator, MINEEstimator
from tests.siblings import ESTIMATORS

# Too few rows to train a critic on: MINE says so.
pytestmark = pytest.mark.filterwarnings(
    "ignore::skmist.BoundWarning", "ignore::skmist.OutOfRangeWarning"
)
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


# Columns of any kinds, few rows and many ------------------------------------------------------

# from the fewest rows, across those that attend and those whose neighbors are searched
SIZES = [5, 6, 7, 9, 13, 30, 60, 127, 129, 140, 260]
MANY = [4095, 4097]
KINDS = ["number", "rounded", "count", "zeros", "label", "class", "half", "mirror"]


def column(rng, kind, z):
    """A column of some kind that depends on z, or not."""
    n = len(z)
    if kind in ("number", "mirror"):
        return z + rng.normal(size=n) if kind == "number" else -z
    if kind in ("rounded", "count"):
        return np.round(z, 1) if kind == "rounded" else rng.poisson(2, n).astype(float)
    if kind == "zeros":
        return np.where(rng.random(n) < 0.5, 0.0, z)
    codes = {
        "label": rng.integers(4, size=n),
        "class": np.argsort(np.argsort(z)) * 4 // n,
        "half": rng.integers(max(2, n // 2), size=n),
    }[kind]
    return np.array([f"{kind} {code}" for code in codes], dtype=object)


def any_kinds(seed, n, x_kinds, y_kinds, twins):
    """A random generator, and two frames; of twins each row is there both ways round."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)
    x = pd.DataFrame({f"x{j}": column(rng, kind, z) for j, kind in enumerate(x_kinds)})
    y = pd.DataFrame({f"y{j}": column(rng, kind, z) for j, kind in enumerate(y_kinds)})
    if twins:
        # of one kind, as numbers and text do not mix
        a, b = (column(rng, x_kinds[0], v) for v in (z, z + rng.normal(size=n)))
        x, y = pd.DataFrame({"x": np.r_[a, b]}), pd.DataFrame({"y": np.r_[b, a]})
    return rng, x, y


def told(frame):
    """The frame with whole numbers declared ordered: undeclared, a target's are class labels."""
    whole = [c for c, v in frame.items() if v.dtype != object and (v == v.round()).all()]
    return frame.astype({c: pd.CategoricalDtype(np.unique(frame[c]), ordered=True) for c in whole})


def renamed(rng, frame):
    """The frame with other names of its labels."""
    named = {}
    for name, values in frame.items():
        found = values.unique()
        names = (f"name {i}" for i in rng.permutation(len(found)))
        is_text = isinstance(found[0], str)
        named[name] = values.map(dict(zip(found, names, strict=True))) if is_text else values
    return pd.DataFrame(named)


some_kinds = st.lists(st.sampled_from(KINDS), min_size=1, max_size=3)
mixed = {
    "seed": st.integers(0, 2**32 - 1),
    "x_kinds": some_kinds,
    "y_kinds": some_kinds,
    "twins": st.booleans(),
}
PLAIN = [e for e in ESTIMATORS if not isinstance(e, MINEEstimator)]


def check_any_kinds(estimator, sample):
    rng, *sides = any_kinds(**sample)
    x, y = map(told, sides)
    rows = rng.permutation(len(x))
    others = {
        "rows": (x.iloc[rows], y.iloc[rows]),
        "columns": (x[rng.permutation(x.columns)], y[rng.permutation(y.columns)]),
        "sides": (y, x),
        "names": (renamed(rng, x), renamed(rng, y)),
    }
    expected, *found = estimator.estimate_many([(x, y), *others.values()])
    assert dict(zip(others, found, strict=True)) == pytest.approx(
        dict.fromkeys(others, expected), abs=1e-5
    )


@pytest.mark.parametrize("estimator", PLAIN, ids=lambda e: type(e).__name__)
@settings(max_examples=40, deadline=None)
@given(sample=st.fixed_dictionaries({**mixed, "n": st.sampled_from(SIZES)}))
def test_order_and_names_do_not_matter_whatever_the_kinds(estimator, sample):
    check_any_kinds(estimator, sample)


@pytest.mark.parametrize("estimator", PLAIN, ids=lambda e: type(e).__name__)
@settings(max_examples=3, deadline=None)
@given(sample=st.fixed_dictionaries({**mixed, "n": st.sampled_from(MANY)}))
def test_nor_in_many_rows(estimator, sample):
    check_any_kinds(estimator, sample)
