"""Functions of the other side are known as such, and chance is not taken for one."""

from __future__ import annotations

import numpy as np
import pytest

from skmist._sample.functions import followers
from skmist._sample.sample import make_sample

LABELS = {"discrete_features": True}


def found(x, y, **kinds):
    return [f and f.by_values for f in followers(make_sample(x, y, **kinds))]


def test_functions_by_values_and_by_order():
    rng = np.random.default_rng(0)
    label = np.repeat(np.arange(30), 2)
    assert found(label, label, **LABELS) == [True, True]
    assert found(label, 7.5 * label**2) == [True, True]
    assert found(label, label // 5, discrete_features=True, discrete_target=True) == [None, True]
    assert found(label, label + 0.9 * rng.random(60), **LABELS) == [False, None]
    assert found(label, label + 1.5 * rng.random(60), **LABELS) == [None, None]


def test_tests_are_the_rows_that_could_have_shown_otherwise():
    label = np.repeat(np.arange(30), 2)
    of_x, of_y = followers(make_sample(label, label, **LABELS))
    assert of_x.n_tests == of_y.n_tests == 30
    assert (
        followers(make_sample(label, label + np.linspace(0, 0.9, 60), **LABELS))[0].n_tests == 30
    )


@pytest.mark.parametrize("seed", range(5))
def test_chance_is_no_function(seed):
    rng = np.random.default_rng(seed)
    flag, label = rng.random(60) < 0.05, rng.integers(30, size=60)
    assert found(flag, label, discrete_target=True) == [None, None]
    assert found(np.arange(6) > 2, np.arange(6.0)) == [None, None]
    assert found(rng.normal(size=200), rng.normal(size=200)) == [None, None]


def test_a_few_rows_that_agree_by_the_way_make_no_function():
    """Six pixels of 17 levels: 16 of 1,200 rows had been seen before, with the same of 10 digits.

    Their MI with the digit was read as its entropy, 2.30 nats, where it is 1.84.
    """
    rng = np.random.default_rng(0)
    label = np.arange(1200) % 1184
    y = rng.integers(10, size=1184)[label]
    kinds = {"discrete_features": True, "discrete_target": True}
    assert found(label, y, **kinds) == [None, None]
    # a quarter, or 60, are enough
    for repeats in (2, 60):
        label = np.arange(80) % 40 if repeats == 2 else np.arange(1200) % (1200 - repeats)
        y = rng.integers(10, size=1200)[label]
        assert found(label, y, **kinds)[1] is True


def test_a_shared_state_with_sizes_of_its_own_is_no_function():
    # sixteen sizes in 300 rows, none twice: what they have in common is only that they are there
    rng = np.random.default_rng(0)
    on = np.arange(300) < 16
    x, y = (np.where(on, rng.lognormal(size=300), 0.0) for _ in range(2))
    assert found(x, y) == [None, None]
