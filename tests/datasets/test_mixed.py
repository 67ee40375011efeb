"""Zero-inflated, censored and other mixed pairs: truth against independent computations."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from skmist.datasets import (
    CensoredGaussian,
    CorrelatedGaussian,
    GaussianWithAtoms,
    StaircaseUniform,
    ZeroInflatedGaussian,
    ZeroInflatedPoisson,
    get_family,
)

NAMES = [
    "censored_gaussian",
    "gaussian_with_atoms",
    "staircase_uniform",
    "zero_inflated_gaussian",
    "zero_inflated_poisson",
]
TABLE = [[0.45, 0.05], [0.05, 0.45]]
CASES = [
    ZeroInflatedPoisson(0.0),
    ZeroInflatedPoisson(0.15),
    ZeroInflatedPoisson(0.6, 30.0),
    ZeroInflatedGaussian(0.8, 0.0),
    ZeroInflatedGaussian(-0.7, 0.6),
    CensoredGaussian(0.8),
    CensoredGaussian(-0.6, 0.5, -1.0),
    GaussianWithAtoms(0.7, TABLE),
    GaussianWithAtoms(-0.5, [[1.0, 2.0, 0.5]], share=0.1),
    StaircaseUniform(5),
]
IDS = [f"{case.name}-{i}" for i, case in enumerate(CASES)]


def _table_mi(joint):
    margins = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    inside = joint > 1e-150
    return float((joint[inside] * np.log(joint[inside] / margins[inside])).sum())


def _gaussian_cells(rho, size=1600):
    """Masses of small cells of a Gaussian pair, and the centers of the cells."""
    edges = np.linspace(-8.0, 8.0, size + 1)
    at = 0.5 * (edges[1:] + edges[:-1])
    u, v = at[:, None], at[None, :]
    joint = np.exp(-(u**2 - 2.0 * rho * u * v + v**2) / (2.0 * (1.0 - rho**2)))
    return joint / joint.sum(), at


def _merged(joint, at, threshold):
    """Rows up to the threshold become one."""
    tied = at <= threshold
    return np.vstack([joint[tied].sum(0), joint[~tied]])


@pytest.mark.parametrize(
    "rho, a, b",
    [
        (0.8, 0.0, 0.0),
        (-0.6, 0.5, -1.0),
        (0.95, 1.0, 1.0),
        (0.5, -8.0, 1.5),
    ],
)
def test_censored_gaussian_against_cells(rho, a, b):
    joint, at = _gaussian_cells(rho)
    expected = _table_mi(_merged(_merged(joint, at, a).T, at, b))
    assert CensoredGaussian(rho, a, b).mutual_information == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("rho, a, b", [(0.8, 0.3, -0.5), (-0.9, 1.0, 0.0)])
def test_censored_gaussian_derivative_against_scipy(rho, a, b):
    family = CensoredGaussian(rho, a, b)
    both = stats.multivariate_normal(cov=[[1.0, rho], [rho, 1.0]]).cdf([a, b])
    phi = stats.norm.cdf
    expected = math.log(both / (phi(a) * phi(b)))
    assert family.pointwise_mi([a], [b])[0] == pytest.approx(expected, abs=1e-4)
    y = b + 0.7
    above = integrate.quad(
        lambda u: stats.norm.pdf(y, rho * u, math.sqrt(1 - rho**2)) * stats.norm.pdf(u), -12.0, a
    )[0]
    expected = math.log(above / (phi(a) * stats.norm.pdf(y)))
    assert family.pointwise_mi([a], [y])[0] == pytest.approx(expected, abs=1e-6)
    swapped = CensoredGaussian(rho, b, a)
    assert swapped.pointwise_mi([y], [a])[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("rho", [0.3, -0.95, 0.998])
def test_censored_gaussian_limits(rho):
    full = CorrelatedGaussian(rho)
    loose = CensoredGaussian(rho, -8.0, -8.0)
    assert loose.mutual_information == pytest.approx(full.mutual_information, abs=1e-6)
    X, y = full.sample(100, random_state=0)
    np.testing.assert_allclose(loose.pointwise_mi(X, y), full.pointwise_mi(X, y), atol=1e-9)
    assert CensoredGaussian(rho, 8.0, 8.0).mutual_information == pytest.approx(0.0, abs=1e-9)
    assert CensoredGaussian(0.0).mutual_information == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("dropout, rate", [(0.0, 1.0), (0.15, 1.0), (0.5, 12.0), (0.9, 0.3)])
def test_zero_inflated_poisson_against_summation(dropout, rate):
    nodes = np.exp(np.linspace(-16.0, math.log(45.0), 1200))
    weights = np.exp(-nodes) * nodes * math.log(nodes[1] / nodes[0])
    counts = np.arange(0, 800)
    conditional = (1.0 - dropout) * stats.poisson.pmf(counts, rate * nodes[:, None])
    conditional[:, 0] += dropout
    expected = _table_mi(weights[:, None] * conditional)
    family = ZeroInflatedPoisson(dropout, rate)
    assert family.mutual_information == pytest.approx(expected, abs=1e-5)


def test_zero_inflated_poisson_and_the_published_value():
    k = np.arange(1, 80)
    published = 2.0 * math.log(2.0) - np.euler_gamma - (np.log(k) * 0.5**k).sum()
    assert ZeroInflatedPoisson(0.0).mutual_information == pytest.approx(published, abs=1e-9)
    # With dropout the published value is a bound: it sees which zeros are dropouts.
    value = ZeroInflatedPoisson(0.15).mutual_information
    assert 0.2 < value < 0.85 * published - 0.02


@pytest.mark.parametrize("rate", [0.01, 100.0])
def test_zero_inflated_poisson_sample(rate):
    X, y = ZeroInflatedPoisson(0.3, rate).sample(50_000, random_state=0)
    assert stats.kstest(X[:, 0], "expon").pvalue > 1e-3
    assert np.mean(y == 0.0) == pytest.approx(0.3 + 0.7 / (1.0 + rate), abs=0.01)
    assert y.mean() == pytest.approx(0.7 * rate, rel=0.1)


@pytest.mark.parametrize("rho, dropout", [(0.8, 0.3), (-0.5, 0.8)])
def test_zero_inflated_gaussian_against_cells(rho, dropout):
    joint, _ = _gaussian_cells(rho)
    zero = dropout * joint.sum(1, keepdims=True)
    expected = _table_mi(np.hstack([(1.0 - dropout) * joint, zero]))
    family = ZeroInflatedGaussian(rho, dropout)
    assert family.mutual_information == pytest.approx(expected, abs=1e-3)
    X, y = family.sample(20_000, random_state=0)
    drop = y[:, 0] == 0.0
    assert drop.mean() == pytest.approx(dropout, abs=0.015)
    assert not family.pointwise_mi(X, y)[drop].any()
    assert stats.kstest(y[~drop, 0], "norm").pvalue > 1e-3
    assert np.corrcoef(X[~drop, 0], y[~drop, 0])[0, 1] == pytest.approx(rho, abs=0.05)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_gaussian_with_atoms_against_cells(share):
    joint, _ = _gaussian_cells(0.8)
    table, size = np.array(TABLE), len(joint)
    cells = np.zeros((size + 2, size + 2))
    cells[:size, :size], cells[size:, size:] = (1.0 - share) * joint, share * table
    family = GaussianWithAtoms(0.8, TABLE, share)
    assert family.mutual_information == pytest.approx(_table_mi(cells), abs=1e-3)
    X, y = family.sample(20_000, random_state=0)
    for a in (0, 1):
        for b in (0, 1):
            seen = np.mean((X[:, 0] == a) & (y[:, 0] == b))
            assert seen == pytest.approx(share * table[a, b], abs=0.015)


@pytest.mark.parametrize("levels", [1, 2, 7])
def test_staircase_against_cells(levels):
    joint = np.zeros((levels, levels + 1))
    for level in range(levels):
        joint[level, level : level + 2] = 0.5 / levels
    family = StaircaseUniform(levels)
    assert family.mutual_information == pytest.approx(_table_mi(joint), abs=1e-12)
    assert family.x_discrete == (True,) and family.y_discrete == (False,)
    assert set(family.sample(500, random_state=0)[0][:, 0]) == set(range(levels))


# Every family.


@pytest.mark.parametrize("family", CASES, ids=IDS)
def test_samples_agree_with_the_truth(family):
    X, y = family.sample(20_000, random_state=3)
    pmi = family.pointwise_mi(X, y)
    assert np.isfinite(pmi).all()
    error = abs(pmi.mean() - family.mutual_information)
    assert error <= 4.0 * pmi.std() / math.sqrt(len(pmi)) + 1e-12
    again = family.sample(20_000, random_state=3)
    np.testing.assert_array_equal(X, again[0])
    np.testing.assert_array_equal(y, again[1])
    described = family.describe()
    assert get_family(described["family"]) is type(family)
    assert described["parameters"] and described["truth"] and described["source"]


@pytest.mark.parametrize("family", CASES[:-3] + CASES[-1:], ids=IDS[:-3] + IDS[-1:])
def test_derivative_integrates_to_one_under_independence(family):
    # Pairs off the support of the joint law have derivative 0; the staircase has such pairs.
    X, y = family.sample(40_000, random_state=5)
    y = np.random.default_rng(0).permutation(y)
    derivative = np.exp(family.pointwise_mi(X, y))
    if isinstance(family, StaircaseUniform):
        derivative = derivative * ((y >= X) & (y <= X + 2.0))[:, 0]
    limit = 4.0 * derivative.std() / math.sqrt(len(y))
    assert abs(derivative.mean() - 1.0) <= limit + 1e-12


@pytest.mark.parametrize("name", NAMES)
def test_prior(name):
    cls = get_family(name)
    assert cls.supports(1, 1) and not cls.supports(2, 1)

    def drawn(dtype=torch.float32):
        generator = torch.Generator().manual_seed(5)
        family = cls.from_prior(48, 1, 1, generator, random.Random(5))
        return family, *family.draw_with_pointwise(4000, generator, dtype)

    family, x, y, pmi = drawn()
    assert x.shape == y.shape == (48, 4000, 1) and x.dtype == pmi.dtype == torch.float32
    assert bool(torch.isfinite(pmi).all()) and bool((family.mi >= 0.0).all())
    pmi = pmi.double()
    limit = 4.5 * pmi.std(1) / math.sqrt(4000) + 2e-3
    assert bool(((pmi.mean(1) - family.mi).abs() <= limit).all())
    for a, b in zip((x, y, pmi.float()), drawn()[1:], strict=True):
        assert torch.equal(a, b)
    # Single precision keeps atoms and ties.
    exact = drawn(torch.float64)[3]
    assert float((exact - pmi).abs().max()) < 0.02


def test_staircase_batch():
    family = StaircaseUniform(4, batch=3)
    x, y = family.draw(20, torch.Generator().manual_seed(0))
    assert x.shape == y.shape == (3, 20, 1)


BAD = {
    "dropout": (lambda: ZeroInflatedPoisson(1.0), "dropout must lie in \\[0, 1\\), got \\[1.0\\]"),
    "rate": (lambda: ZeroInflatedPoisson(0.1, 0.0), "in \\(0, 100\\], got \\[0.0\\]"),
    "rate large": (lambda: ZeroInflatedPoisson(0.1, 101.0), "got \\[101.0\\]"),
    "rho": (lambda: ZeroInflatedGaussian(1.0, 0.5), "rho must lie strictly"),
    "gaussian dropout": (lambda: ZeroInflatedGaussian(0.5, -0.1), "dropout must lie"),
    "censored rho": (lambda: CensoredGaussian(-1.0), "rho must lie strictly"),
    "threshold": (lambda: CensoredGaussian(0.5, 9.0), "thresholds must lie from -8 to 8"),
    "atoms rho": (lambda: GaussianWithAtoms(2.0, TABLE), "rho must lie strictly"),
    "share": (lambda: GaussianWithAtoms(0.5, TABLE, 1.0), "share must lie strictly"),
    "table": (lambda: GaussianWithAtoms(0.5, [[1.0, 0.0]]), "table must hold positive weights"),
    "levels": (lambda: StaircaseUniform(0), "levels must be a positive whole number, got 0"),
    "batch": (lambda: StaircaseUniform(2, batch=1.5), "batch must be a positive whole number"),
}


@pytest.mark.parametrize("make, message", BAD.values(), ids=BAD)
def test_bad_parameters(make, message):
    with pytest.raises(ValueError, match=message):
        make()
