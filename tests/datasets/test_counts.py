"""Regression of counts: truth against independent computations."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from skmist.datasets import CountRegression
from tests.datasets.family_checks import check_derivative, check_truth

CASES = [
    CountRegression(torch.sin, 1.0, 1.5),
    CountRegression(torch.sin, 2.0, direction=[1.0, -2.0, 0.0]),
    CountRegression(torch.abs, 0.5, 0.8, [3.0], dispersion=2.5),
    CountRegression(torch.tanh, 0.0, 1.0, discrete=True),
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


@pytest.mark.parametrize("p", [1, 4])
def test_prior(p):
    def drawn(seed, dtype=torch.float32):
        generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
        family = CountRegression.from_prior(12, p, 1, generator, rng)
        return family, *family.draw_with_pointwise(4000, generator, dtype)

    seen = set()
    for seed in range(8):
        family, x, y, pmi = drawn(seed)
        seen.add((family.x_discrete[0], family.y_discrete[0]))
        assert x.shape == (12, 4000, p) and y.shape == (12, 4000, 1)
        assert x.dtype == y.dtype == pmi.dtype == torch.float32
        assert bool(torch.isfinite(pmi).all()) and bool((family.mi >= 0.0).all())
        pmi = pmi.double()
        limit = 4.5 * pmi.std(1) / math.sqrt(4000) + 1e-3
        assert bool(((pmi.mean(1) - family.mi).abs() <= limit).all())
    for a, b in zip((x, y, pmi.float()), drawn(7)[1:], strict=True):
        assert torch.equal(a, b)
    family, x, y, pmi = drawn(7, torch.float64)
    np.testing.assert_allclose(family.log_ratio(x, y), pmi, atol=1e-6)
    assert len(seen) > 1 and CountRegression.supports(p, 1) and not CountRegression.supports(p, 2)


def _jump(z):
    return torch.sign(z - 0.1234) + torch.sign(z + 0.567)


COUNTS = {
    "linear": (lambda z: z, 1.0, 1.0, None),
    "fast wave": (lambda z: torch.sin(5.0 * z), 3.0, 1.0, None),
    "kink": (torch.abs, 1.0, 0.8, 3.0),
    "jumps": (_jump, 1.0, 1.0, None),
    "cut": (lambda z: z, 4.0, 2.0, None),
    "wide": (lambda z: z, 2.0, 1.0, 1.0),
}


def _conditional(rate, dispersion, counts):
    if dispersion is None:
        return stats.poisson.pmf(counts, rate)
    return stats.nbinom.pmf(counts, dispersion, dispersion / (dispersion + rate))


@pytest.mark.parametrize("curve, a, b, dispersion", COUNTS.values(), ids=COUNTS)
def test_counts_against_summation(curve, a, b, dispersion):
    z = np.linspace(-7.0, 7.0, 4001)
    weights = stats.norm.pdf(z) / stats.norm.pdf(z).sum()
    log_rate = a + b * curve(torch.tensor(z)).numpy()
    most = 100.0 if dispersion is None else 25.0
    rate = np.exp(np.clip(log_rate, math.log(1e-6), math.log(most)))[:, None]
    given = _conditional(rate, dispersion, np.arange(600))
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.nansum(given * np.log(given), 1)
    expected = _entropy(weights @ given) + float(weights @ inside)
    family = CountRegression(curve, a, b, dispersion=dispersion)
    tolerance = 1e-3 if curve is _jump else 1e-4
    assert family.mutual_information == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize("dispersion", [None, 2.5])
def test_counts_derivative_against_quadrature(dispersion):
    family = CountRegression(torch.tanh, 0.7, 1.3, [0.6, 0.8], dispersion=dispersion)

    def law(k, z):
        return _conditional(math.exp(0.7 + 1.3 * math.tanh(z)), dispersion, k)

    for x, k in (([0.5, -1.0], 0), ([1.5, 1.0], 9), ([-2.0, 0.3], 3)):
        margin = integrate.quad(lambda z, k=k: law(k, z) * stats.norm.pdf(z), -8.0, 8.0)[0]
        expected = math.log(law(k, 0.6 * x[0] + 0.8 * x[1]) / margin)
        assert family.pointwise_mi([x], [k])[0] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("options", [{}, {"dispersion": 1.0}, {"discrete": True}])
def test_no_count_lies_beyond_the_table(options):
    family = CountRegression(torch.zeros_like, 10.0, **options)
    assert float(family.log_marginal.exp().sum()) == pytest.approx(1.0, abs=1e-8)
    assert family.mutual_information == pytest.approx(0.0, abs=1e-9)
    most = 5.0 if "discrete" in options else 25.0 if options else 100.0
    y = family.sample(20_000, random_state=0)[1]
    variance = most + (most**2 if "dispersion" in options else 0.0)
    assert y.mean() == pytest.approx(most, abs=4.0 * math.sqrt(variance / 20_000))
    assert y.var() == pytest.approx(variance, rel=0.1)


def test_noise_of_the_counts_takes_information():
    values = [
        CountRegression(torch.sin, 1.0, dispersion=d).mutual_information
        for d in (1.0, 4.0, 1e6, None)
    ]
    assert values[0] < values[1] - 0.02 < values[2] - 0.04
    # Poisson is the limit of a large dispersion.
    assert values[2] == pytest.approx(values[3], abs=1e-4)


def test_counts_read_the_projection_only():
    narrow = CountRegression(torch.sin, 1.0)
    wide = CountRegression(torch.sin, 1.0, direction=[3.0, 0.0, -4.0])
    assert wide.mutual_information == narrow.mutual_information
    X, y = wide.sample(5000, random_state=0)
    z = X @ [0.6, 0.0, -0.8]
    np.testing.assert_allclose(wide.pointwise_mi(X, y), narrow.pointwise_mi(z, y), atol=1e-9)
    np.testing.assert_allclose(wide.describe()["parameters"]["direction"], [0.6, 0.0, -0.8])
    np.testing.assert_allclose(np.cov(X.T), np.eye(3), atol=0.08)


def test_count_prior_batch_is_its_single_ones():
    generator, rng = torch.Generator().manual_seed(3), random.Random(3)
    family = CountRegression.from_prior(3, 1, 1, generator, rng)
    x, y, pmi = family.draw_with_pointwise(50, generator, torch.float64)
    for b in range(3):
        single = CountRegression(
            lambda z, b=b: family.curve(z.expand(3, -1))[b : b + 1],
            float(family.intercept[b]),
            float(family.slope[b]),
            dispersion=family.dispersion,
            discrete=family.y_discrete[0],
        )
        assert single.mutual_information == pytest.approx(float(family.mi[b]), abs=1e-9)
        np.testing.assert_allclose(single.pointwise_mi(x[b], y[b]), pmi[b], atol=1e-6)


BAD = {
    "direction": (lambda: CountRegression(torch.sin, direction=[0.0]), "nonzero vector"),
    "slope": (lambda: CountRegression(torch.sin, slope=math.nan), "slope must be a finite"),
    "intercept": (lambda: CountRegression(torch.sin, math.inf), "intercept must be a finite"),
    "dispersion": (lambda: CountRegression(torch.sin, dispersion=0.5), "at least 1, got 0.5"),
    "levels": (
        lambda: CountRegression(torch.sin, dispersion=2.0, discrete=True),
        "too many levels",
    ),
}


@pytest.mark.parametrize("make, message", BAD.values(), ids=BAD)
def test_bad_parameters(make, message):
    with pytest.raises(ValueError, match=message):
        make()
