"""What every family of data with known information must pass."""

from __future__ import annotations

import math

import numpy as np

from skmist.datasets import get_family


def check_truth(family):
    """The mean pointwise MI of its own sample is its MI; samples repeat; it describes itself."""
    X, y = family.sample(20_000, random_state=3)
    pmi = family.pointwise_mi(X, y)
    error = abs(pmi.mean() - family.mutual_information)
    allowed = 3.0 * (pmi.std() / math.sqrt(len(pmi)) + float(family.mi_standard_error[0])) + 1e-4
    assert np.isfinite(pmi).all() and error <= allowed
    again = family.sample(20_000, random_state=3)
    np.testing.assert_array_equal(X, again[0])
    np.testing.assert_array_equal(y, again[1])
    described = family.describe()
    assert get_family(described["family"]) is type(family)
    assert described["parameters"] and described["truth"] and described["source"]
    assert described["mi_standard_error"] < 0.005


def check_derivative(family):
    """exp(pointwise MI) has mean 1 where the sides are independent."""
    X, y = family.sample(40_000, random_state=5)
    y = np.random.default_rng(0).permutation(y)
    derivative = np.exp(family.pointwise_mi(X, y))
    assert abs(derivative.mean() - 1.0) <= 4.0 * derivative.std() / math.sqrt(len(y)) + 1e-12
