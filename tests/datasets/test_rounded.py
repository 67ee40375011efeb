"""Rounded Gaussian pairs: truth against independent computations."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from skmist.datasets import CorrelatedGaussian, RoundedGaussian, Swapped
from tests.datasets.family_checks import check_derivative, check_truth

CASES = [
    RoundedGaussian(0.8, 1.0, 0.5),
    RoundedGaussian(-0.95, x_step=0.3, x_offset=0.2),
    RoundedGaussian(0.6, y_step=1.7, y_offset=-0.5),
    RoundedGaussian(0.9, 0.7, 1.1, 0.4, ordinal=True),
    RoundedGaussian(0.5, x_step=1.2, ordinal=True),
]
IDS = [f"{case.name}-{i}" for i, case in enumerate(CASES)]


def _entropy(p):
    p = p[p > 1e-300]
    return -float((p * np.log(p)).sum())


@pytest.mark.parametrize("family", CASES, ids=IDS)
def test_samples_agree_with_the_truth(family):
    check_truth(family)


@pytest.mark.parametrize("family", CASES, ids=IDS)
def test_derivative_integrates_to_one_under_independence(family):
    check_derivative(family)


@pytest.mark.parametrize("family", CASES, ids=IDS)
def test_discrete_columns_hold_codes_and_others_tie(family):
    X, y = family.sample(2000, random_state=0)
    for values, (discrete,) in ((X, family.x_discrete[:1]), (y, family.y_discrete)):
        column = values[:, 0]
        if discrete:
            assert np.all(column == np.round(column)) and column.min() >= 0.0
            assert column.max() < 40.0
    assert min(len(np.unique(X[:, 0])), len(np.unique(y))) < 200


def test_prior():
    def drawn(seed, dtype=torch.float32):
        generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
        family = RoundedGaussian.from_prior(12, 1, 1, generator, rng)
        return family, *family.draw_with_pointwise(4000, generator, dtype)

    seen = set()
    for seed in range(8):
        family, x, y, pmi = drawn(seed)
        seen.add((family.x_discrete[0], family.y_discrete[0]))
        assert x.shape == (12, 4000, 1) and y.shape == (12, 4000, 1)
        assert x.dtype == y.dtype == pmi.dtype == torch.float32
        assert bool(torch.isfinite(pmi).all()) and bool((family.mi >= 0.0).all())
        pmi = pmi.double()
        limit = 4.5 * pmi.std(1) / math.sqrt(4000) + 1e-3
        assert bool(((pmi.mean(1) - family.mi).abs() <= limit).all())
    for a, b in zip((x, y, pmi.float()), drawn(7)[1:], strict=True):
        assert torch.equal(a, b)
    family, x, y, pmi = drawn(7, torch.float64)
    np.testing.assert_allclose(family.log_ratio(x, y), pmi, atol=1e-6)
    assert len(seen) > 1 and RoundedGaussian.supports(1, 1) and not RoundedGaussian.supports(1, 2)


def _edges(step, offset):
    k = np.arange(-math.ceil(8.0 / step), math.ceil(8.0 / step) + 2)
    return (k - 0.5 + offset) * step


@pytest.mark.parametrize(
    "rho, step, offset",
    [
        (0.8, 1.0, 0.0),
        (-0.95, 0.5, 0.3),
        (0.02, 2.0, 0.0),
        (0.5, 0.1, 0.25),
        (0.999, 2.0, -0.5),
    ],
)
def test_one_rounded_side_against_quadrature(rho, step, offset):
    edges, spread = _edges(step, offset), math.sqrt(1.0 - rho**2)
    u = np.linspace(-8.0, 8.0, 2001)
    weights = stats.norm.pdf(u) / stats.norm.pdf(u).sum()
    given = np.diff(stats.norm.cdf((edges - rho * u[:, None]) / spread), axis=1)
    inside = np.array([_entropy(row) for row in given])
    expected = _entropy(np.diff(stats.norm.cdf(edges))) - float(weights @ inside)
    family = RoundedGaussian(rho, x_step=step, x_offset=offset)
    assert family.mutual_information == pytest.approx(expected, abs=1e-5)
    assert family.mutual_information > 0.7 * expected
    other = RoundedGaussian(rho, y_step=step, y_offset=offset)
    assert other.mutual_information == pytest.approx(family.mutual_information, abs=1e-12)


@pytest.mark.parametrize(
    "rho, x_step, y_step, x_offset",
    [
        (0.8, 1.0, 1.0, 0.0),
        (-0.97, 2.0, 0.9, 0.5),
        (0.3, 1.5, 4.0, -0.2),
    ],
)
def test_both_sides_rounded_against_the_distribution_function(rho, x_step, y_step, x_offset):
    x, y = _edges(x_step, x_offset), _edges(y_step, 0.0)
    points = np.stack(np.meshgrid(x, y, indexing="ij"), -1)
    below = stats.multivariate_normal(cov=[[1.0, rho], [rho, 1.0]]).cdf(points)
    joint = np.diff(np.diff(below, axis=0), axis=1).clip(0.0)
    expected = _entropy(joint.sum(1)) + _entropy(joint.sum(0)) - _entropy(joint)
    family = RoundedGaussian(rho, x_step, y_step, x_offset)
    assert family.mutual_information == pytest.approx(expected, abs=1e-4)
    # The likeliest pair of cells.
    i, j = np.unravel_index(joint.argmax(), joint.shape)
    at = 0.5 * (x[i] + x[i + 1]), 0.5 * (y[j] + y[j + 1])
    ratio = math.log(joint[i, j] / (joint.sum(1)[i] * joint.sum(0)[j]))
    assert family.pointwise_mi([at[0]], [at[1]])[0] == pytest.approx(ratio, abs=1e-4)


def test_one_rounded_derivative_against_scipy():
    family = RoundedGaussian(0.9, x_step=0.5, x_offset=0.2)
    for k, y in ((0, 0.1), (3, 1.0), (-4, -2.5), (6, -3.0)):
        low, high = (k - 0.3) * 0.5, (k + 0.7) * 0.5
        given = integrate.quad(
            lambda u, y=y: stats.norm.pdf(u, 0.9 * y, math.sqrt(0.19)), low, high, epsabs=0.0
        )[0]
        expected = math.log(given / (stats.norm.cdf(high) - stats.norm.cdf(low)))
        found = family.pointwise_mi([(k + 0.2) * 0.5], [y])[0]
        assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("rho", [0.3, -0.9])
def test_rounding_takes_information(rho):
    whole = CorrelatedGaussian(rho).mutual_information
    fine = RoundedGaussian(rho, 0.05, 0.05).mutual_information
    one = RoundedGaussian(rho, x_step=1.0).mutual_information
    both = RoundedGaussian(rho, 1.0, 1.0).mutual_information
    assert fine == pytest.approx(whole, abs=2e-3)
    assert both < one - 1e-3 < whole - 2e-3 and fine < whole
    # With this offset, every border of the coarse grid is one of the fine grid.
    halved = RoundedGaussian(rho, 0.5, 1.0, 0.5).mutual_information
    assert both < halved < one


def test_ordinal_is_the_same_data_by_number():
    values = RoundedGaussian(0.9, 0.7, 1.1, 0.4, -0.1)
    codes = RoundedGaussian(0.9, 0.7, 1.1, 0.4, -0.1, ordinal=True)
    assert codes.x_discrete == codes.y_discrete == (True,)
    assert values.x_discrete == values.y_discrete == (False,)
    assert codes.mutual_information == values.mutual_information
    (X, y), (i, j) = (family.sample(2000, random_state=0) for family in (values, codes))
    np.testing.assert_allclose(X - X[0], 0.7 * (i - i[0]), atol=1e-9)
    np.testing.assert_allclose(y - y[0], 1.1 * (j - j[0]), atol=1e-9)
    np.testing.assert_array_equal(values.pointwise_mi(X, y), codes.pointwise_mi(i, j))
    np.testing.assert_allclose(X / 0.7 - 0.4, np.round(X / 0.7 - 0.4), atol=1e-9)


@pytest.mark.parametrize("steps", [(0.4, 1.3), (None, 0.6)])
def test_swapped_sides(steps):
    family = Swapped(RoundedGaussian(-0.7, *steps, 0.1, 0.3))
    again = RoundedGaussian(-0.7, *steps[::-1], 0.3, 0.1)
    assert again.mutual_information == pytest.approx(family.mutual_information, abs=1e-9)
    X, y = again.sample(300, random_state=0)
    np.testing.assert_allclose(again.pointwise_mi(X, y), family.pointwise_mi(X, y), atol=1e-9)


@pytest.mark.parametrize("y_steps", [None, [0.4, 0.9]])
def test_rounded_batch_is_its_single_ones(y_steps):
    rho, x_steps = [0.9, -0.4], [0.3, 2.0]
    family = RoundedGaussian(rho, x_steps, y_steps)
    x, y, pmi = family.draw_with_pointwise(200, torch.Generator().manual_seed(0), torch.float64)
    for b in range(2):
        single = RoundedGaussian(rho[b], x_steps[b], y_steps and y_steps[b])
        assert single.mutual_information == pytest.approx(float(family.mi[b]), abs=1e-6)
        np.testing.assert_allclose(single.pointwise_mi(x[b], y[b]), pmi[b], atol=1e-6)


@pytest.mark.parametrize("steps", [(0.1, 0.15), (0.1, None), (1.6, 1.3)])
def test_rounded_rows_of_single_precision_fall_in_their_cells(steps):
    family = RoundedGaussian(0.8, *steps, 0.3, -0.4)
    exact = family.draw_with_pointwise(5000, torch.Generator().manual_seed(0), torch.float64)
    single = family.draw_with_pointwise(5000, torch.Generator().manual_seed(0), torch.float32)
    np.testing.assert_allclose(single[2], exact[2], atol=1e-4)


BAD = {
    "rho": (lambda: RoundedGaussian(1.0, 0.5), "rho must lie strictly"),
    "strong": (lambda: RoundedGaussian(0.99999, 0.5), "-0.9999 to 0.9999 .* got \\[0.99999\\]"),
    "no step": (lambda: RoundedGaussian(0.5), "give x_step, y_step or both"),
    "step": (lambda: RoundedGaussian(0.5, 0.01), "x_step must lie from 0.05 to 4.0, got"),
    "large step": (lambda: RoundedGaussian(0.5, 1.0, 5.0), "y_step must lie.*got \\[5.0\\]"),
    "offset": (lambda: RoundedGaussian(0.5, 1.0, x_offset=0.6), "x_offset must lie from -0.5"),
}


@pytest.mark.parametrize("make, message", BAD.values(), ids=BAD)
def test_bad_parameters(make, message):
    with pytest.raises(ValueError, match=message):
        make()
