"""The Clayton copula of several columns: against the copula's definition and special functions."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest
import torch
from scipy import special, stats

from skmist.datasets import ClaytonCopula
from skmist.datasets.families.clayton import MultivariateClayton

SHAPES = [(1, 1), (3, 2), (1, 64), (64, 64)]


def _prior(p, q, seed=0, batch=8):
    generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
    return MultivariateClayton.from_prior(batch, p, q, generator, rng), generator


def _cdf(u, theta):
    """Distribution function of Nelsen (2006), example 4.23; rows of u."""
    return (np.sum(u**-theta - 1.0, -1) + 1.0) ** (-1.0 / theta)


def _density(u, theta, h=2e-3):
    """Mixed derivative of the distribution function by central differences of fourth order."""
    weights = {-2: 1.0 / 12.0, -1: -8.0 / 12.0, 1: 8.0 / 12.0, 2: -1.0 / 12.0}
    total = 0.0
    for offsets in itertools.product(weights, repeat=u.shape[-1]):
        weight = math.prod(weights[o] for o in offsets)
        total = total + weight * _cdf(u + h * np.array(offsets), theta)
    return total / h ** u.shape[-1]


@pytest.mark.parametrize("theta", [0.5, 2.0])
@pytest.mark.parametrize("p, q", [(1, 1), (2, 1), (1, 2)])
def test_pointwise_mi_against_derivatives_of_the_distribution(theta, p, q):
    u = np.random.default_rng(0).uniform(0.2, 0.9, (40, p + q))
    expected = np.log(_density(u, theta))
    for side in (u[:, :p], u[:, p:]):
        if side.shape[1] > 1:
            expected = expected - np.log(_density(side, theta))
    family = MultivariateClayton(theta, p, q)
    np.testing.assert_allclose(family.pointwise_mi(u[:, :p], u[:, p:]), expected, atol=1e-4)


@pytest.mark.parametrize("theta", [1e-3, 0.3, 2.0, 40.0, 1e3])
def test_one_column_each_is_the_copula_of_two(theta):
    pair, family = ClaytonCopula(theta), MultivariateClayton(theta)
    assert family.mutual_information == pytest.approx(pair.mutual_information, rel=1e-6)
    u, v = np.random.default_rng(0).uniform(0.01, 0.99, (2, 200))
    np.testing.assert_allclose(
        family.pointwise_mi(u, v), pair.pointwise_mi(u, v), atol=1e-9, rtol=1e-9
    )


@pytest.mark.parametrize("theta", [0.2, 2.0, 30.0])
@pytest.mark.parametrize("p, q", SHAPES)
def test_mi_against_the_formula_in_gamma_functions(theta, p, q):
    def g(s):
        return special.gammaln(s) - s * special.digamma(s)

    a = 1.0 / theta
    expected = g(a + p + q) + g(a) - g(a + p) - g(a + q)
    found = MultivariateClayton(theta, p, q).mutual_information
    assert found == pytest.approx(expected, abs=1e-9)


def test_mi_of_a_weak_dependence_has_all_its_digits():
    # I = p q theta^2 / 2 to first order; the formula in gamma functions cancels there.
    found = MultivariateClayton(1e-6, 3, 4).mutual_information
    assert found == pytest.approx(6e-12, rel=1e-4)


@pytest.mark.parametrize("p, q, r", [(1, 1, 1), (3, 2, 4)])
def test_chain_rule(p, q, r):
    """I(X; Y, Z) + I(Y; Z) is symmetric: both sides are the total dependence of three blocks."""

    def mi(a, b):
        return MultivariateClayton(1.7, a, b).mutual_information

    assert mi(p, q + r) + mi(q, r) == pytest.approx(mi(p + q, r) + mi(p, q), abs=1e-12)


@pytest.mark.parametrize("p, q", SHAPES)
def test_prior_agrees_with_its_samples(p, q):
    n = 4000
    for seed in range(2):
        family, generator = _prior(p, q, seed)
        assert bool(((family.mi > 0.009) & (family.mi < 3.01)).all())
        x, y, pmi = family.draw_with_pointwise(n, generator, torch.float64)
        assert x.shape == (8, n, p) and y.shape == (8, n, q)
        assert bool(((x > 0.0) & (x < 1.0)).all()) and bool(((y > 0.0) & (y < 1.0)).all())
        np.testing.assert_allclose(family.log_ratio(x, y), pmi, atol=1e-6)
        error = (pmi.mean(1) - family.mi).abs()
        assert bool((error <= 4.5 * pmi.std(1) / math.sqrt(n)).all())


@pytest.mark.parametrize("p, q", SHAPES)
def test_single_precision_stays_finite(p, q):
    family, generator = _prior(p, q, 3)
    x, y, pmi = family.draw_with_pointwise(2000, generator)
    assert x.dtype == y.dtype == pmi.dtype == torch.float32
    assert bool(torch.isfinite(pmi).all()) and bool(((x > 0.0) & (x < 1.0)).all())
    assert float((family.log_ratio(x, y) - pmi).abs().max()) < 1e-3


def test_margins_are_uniform_and_every_pair_has_its_tau():
    theta = 1.5
    X, y = MultivariateClayton(theta, 3, 2).sample(5000, random_state=0)
    columns = np.hstack([X, y]).T
    for column in columns:
        assert stats.kstest(column, "uniform").pvalue > 1e-4
    for i, j in itertools.combinations(range(5), 2):
        tau = stats.kendalltau(columns[i], columns[j])[0]
        assert tau == pytest.approx(theta / (theta + 2.0), abs=0.04)


@pytest.mark.parametrize("theta", [1e-4, 100.0, 1e3])
def test_extreme_strengths_draw_what_they_say(theta):
    family = MultivariateClayton(theta, 4, 4)
    X, y = family.sample(4000, random_state=0)
    pmi = family.pointwise_mi(X, y)
    assert np.isfinite(pmi).all()
    limit = 4.5 * pmi.std() / math.sqrt(4000) + 1e-9
    assert abs(pmi.mean() - family.mutual_information) < limit


def test_prior_is_determined_by_the_seeds():
    first, second = (_prior(3, 5, 7) for _ in range(2))
    assert torch.equal(first[0].theta, second[0].theta)
    for a, b in zip(first[0].draw(20, first[1]), second[0].draw(20, second[1]), strict=True):
        assert torch.equal(a, b)


def test_description():
    described = MultivariateClayton(2.0, 3, 2).describe()
    assert described["parameters"] == {"theta": 2.0, "p": 3, "q": 2}
    assert described["family"] == "multivariate_clayton"
    assert MultivariateClayton.supports(64, 64) and not MultivariateClayton.supports(65, 1)


@pytest.mark.parametrize(
    "make, message",
    [
        (
            lambda: MultivariateClayton(0.0),
            "theta must be positive.*got \\[0.0\\]; 0 is Independent",
        ),
        (lambda: MultivariateClayton(2e3), "at most 1000"),
        (lambda: MultivariateClayton(1.0, p=0), "p must be a positive whole number, got 0"),
        (lambda: MultivariateClayton(1.0, q=1.5), "q must be a positive whole number, got 1.5"),
    ],
    ids=["zero", "large", "p", "q"],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()
