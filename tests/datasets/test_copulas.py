"""Copulas: density, truth and samples against independent computations."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch
from scipy import integrate, special, stats

from skmist.datasets import (
    ArchimedeanCopula,
    ClaytonCopula,
    Embedded,
    FrankCopula,
    GumbelCopula,
    JoeCopula,
    ManifoldEmbedding,
    StudentCopula,
    StudentT,
    get_family,
)

KINDS = [ClaytonCopula, FrankCopula, GumbelCopula, JoeCopula]
CASES = [
    ClaytonCopula(0.3),
    ClaytonCopula(2.0),
    ClaytonCopula(40.0),
    FrankCopula(1.0),
    FrankCopula(-6.0),
    FrankCopula(80.0),
    GumbelCopula(1.1),
    GumbelCopula(2.5),
    GumbelCopula(25.0),
    JoeCopula(1.1),
    JoeCopula(3.0),
    JoeCopula(50.0),
    StudentCopula([[4.0, 1.2], [1.2, 1.0]], 2.5),
]
IDS = [f"{case.name}-{i}" for i, case in enumerate(CASES)]

# Distribution functions as in Nelsen (2006), table 4.1.
CDF = {
    ClaytonCopula: lambda u, v, a: (u**-a + v**-a - 1) ** (-1 / a),
    FrankCopula: lambda u, v, a: -np.log1p(np.expm1(-a * u) * np.expm1(-a * v) / np.expm1(-a)) / a,
    GumbelCopula: lambda u, v, a: np.exp(-(((-np.log(u)) ** a + (-np.log(v)) ** a) ** (1 / a))),
    JoeCopula: lambda u, v, a: (
        1 - ((1 - u) ** a + (1 - v) ** a - (1 - u) ** a * (1 - v) ** a) ** (1 / a)
    ),
}


def _density(kind, u, v, theta, h=1e-4):
    """Density from the distribution function by a difference quotient of fourth order."""
    total = 0.0
    for step, weight in ((h, 4.0 / 3.0), (2.0 * h, -1.0 / 3.0)):
        corners = [
            a * b * CDF[kind](u + a * step, v + b * step, theta) for a in (-1, 1) for b in (-1, 1)
        ]
        total = total + weight * sum(corners) / (4.0 * step**2)
    return total


@pytest.mark.parametrize(
    "kind, theta",
    [
        (ClaytonCopula, 2.0),
        (FrankCopula, 5.0),
        (FrankCopula, -4.0),
        (GumbelCopula, 1.7),
        (JoeCopula, 2.4),
    ],
)
def test_density_against_the_distribution_function(kind, theta):
    u, v = np.random.default_rng(0).uniform(0.1, 0.9, (2, 50))
    expected = np.log(_density(kind, u, v, theta))
    np.testing.assert_allclose(kind(theta).pointwise_mi(u, v), expected, atol=2e-5)


@pytest.mark.parametrize("family", CASES, ids=IDS)
def test_mi_against_two_dimensional_quadrature(family):
    # Rows and columns in logit coordinates; a narrow ridge needs many nodes.
    s = np.linspace(-22.0, 22.0, 1501)
    u, width = special.expit(s), special.expit(s) * special.expit(-s) * (s[1] - s[0])
    xx, yy = (grid.ravel() for grid in np.meshgrid(u, u, indexing="ij"))
    log_c = family.pointwise_mi(xx, yy).reshape(len(s), -1)
    mass = np.exp(log_c) * width[:, None] * width
    assert mass.sum() == pytest.approx(1.0, abs=1e-3)
    np.testing.assert_allclose(mass.sum(0), width, atol=1e-5)
    assert family.mutual_information == pytest.approx((mass * log_c).sum(), abs=1e-3)


@pytest.mark.parametrize("theta", [1.05, 1.5, 4.0, 30.0])
def test_gumbel_against_its_closed_form(theta):
    a = theta - 1.0
    tail = special.exp1(a) * math.exp(a) / theta
    expected = np.euler_gamma - 1.0 + 1.0 / theta + math.log(a) + tail
    assert GumbelCopula(theta).mutual_information == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("theta", [0.1, 1.0, 30.0, 500.0])
def test_clayton_closed_form_against_the_general_quadrature(theta):
    general = ArchimedeanCopula._mutual_information.__func__
    value = general(ClaytonCopula, torch.tensor([[theta]], dtype=torch.float64))
    assert ClaytonCopula(theta).mutual_information == pytest.approx(float(value), abs=1e-9)


def _frank_tau(theta):
    debye = integrate.quad(lambda t: t / math.expm1(t), 0.0, theta)[0] / theta
    return 1.0 - 4.0 / theta * (1.0 - debye)


def _joe_tau(theta):
    k = np.arange(1, 200_000)
    return 1.0 - 4.0 * (1.0 / (k * (theta * k + 2.0) * (theta * (k - 1.0) + 2.0))).sum()


@pytest.mark.parametrize(
    "family, tau",
    [
        (ClaytonCopula(3.0), 0.6),
        (GumbelCopula(2.5), 0.6),
        (FrankCopula(6.0), _frank_tau(6.0)),
        (FrankCopula(-6.0), -_frank_tau(6.0)),
        (JoeCopula(3.0), _joe_tau(3.0)),
        (StudentCopula([[1.0, 0.5], [0.5, 1.0]], 3.0), 1.0 / 3.0),
    ],
)
def test_samples_have_kendalls_tau(family, tau):
    X, y = family.sample(20_000, random_state=1)
    assert stats.kendalltau(X[:, 0], y[:, 0]).statistic == pytest.approx(tau, abs=0.02)


@pytest.mark.parametrize("family", CASES, ids=IDS)
def test_samples_agree_with_the_truth(family):
    X, y = family.sample(20_000, random_state=3)
    for side in (X[:, 0], y[:, 0]):
        assert side.min() > 0.0 and side.max() < 1.0
        assert stats.kstest(side, "uniform").pvalue > 1e-3
    pmi = family.pointwise_mi(X, y)
    error = abs(pmi.mean() - family.mutual_information)
    assert error <= 4.0 * pmi.std() / math.sqrt(len(pmi))
    again = family.sample(20_000, random_state=3)
    np.testing.assert_array_equal(X, again[0])
    np.testing.assert_array_equal(y, again[1])
    described = family.describe()
    assert get_family(described["family"]) is type(family)
    assert described["parameters"] and described["truth"] and described["source"]


@pytest.mark.parametrize(
    "kind, theta",
    [
        (ClaytonCopula, 1e-3),
        (FrankCopula, 1e-3),
        (GumbelCopula, 1.0),
        (JoeCopula, 1.0),
    ],
)
def test_weakest_parameter_is_independence(kind, theta):
    family = kind(theta)
    X, y = family.sample(500, random_state=0)
    assert family.mutual_information == pytest.approx(0.0, abs=1e-6)
    np.testing.assert_allclose(family.pointwise_mi(X, y), 0.0, atol=1e-2)


@pytest.mark.parametrize("kind", KINDS)
def test_strongest_parameter_stays_exact(kind):
    family = kind(1000.0)
    X, y = family.sample(5000, random_state=0)
    pmi = family.pointwise_mi(X, y)
    assert np.isfinite(pmi).all() and family.mutual_information > 4.5
    error = abs(pmi.mean() - family.mutual_information)
    assert error <= 4.0 * pmi.std() / math.sqrt(len(pmi))


@pytest.mark.parametrize("kind", KINDS)
def test_corners_are_finite(kind):
    edge = np.array([1e-300, 1e-12, 0.5, 1.0 - 1e-12, 1.0])
    u, v = (grid.ravel() for grid in np.meshgrid(edge, edge))
    assert np.isfinite(kind(5.0).pointwise_mi(u, v)).all()


@pytest.mark.parametrize(
    "name, p, q",
    [
        ("clayton", 1, 1),
        ("frank", 1, 1),
        ("gumbel", 1, 1),
        ("joe", 1, 1),
        ("student_copula", 1, 1),
        ("student_copula", 3, 2),
    ],
)
def test_prior(name, p, q):
    cls = get_family(name)
    assert cls.supports(p, q) and (name == "student_copula" or not cls.supports(2, 1))

    def drawn():
        generator = torch.Generator().manual_seed(5)
        family = cls.from_prior(64, p, q, generator, random.Random(5))
        return family, *family.draw_with_pointwise(4000, generator)

    family, x, y, pmi = drawn()
    assert x.shape == (64, 4000, p) and y.shape == (64, 4000, q) and pmi.dtype == torch.float32
    assert bool(torch.isfinite(pmi).all())
    assert bool(((x > 0.0) & (x < 1.0)).all()) and bool(((y > 0.0) & (y < 1.0)).all())
    if name != "student_copula":
        assert float(family.mi.min()) >= 0.0099 and 2.5 < float(family.mi.max()) <= 3.001
    pmi = pmi.double()
    limit = 4.5 * pmi.std(1) / math.sqrt(4000) + 1e-3
    assert bool(((pmi.mean(1) - family.mi).abs() <= limit).all())
    for a, b in zip((x, y, pmi.float()), drawn()[1:], strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("name", ["clayton", "frank", "gumbel", "joe", "student_copula"])
def test_pointwise_mi_of_a_draw_is_its_log_ratio(name):
    generator = torch.Generator().manual_seed(0)
    family = get_family(name).from_prior(32, 1, 1, generator, random.Random(0))
    x, y, pmi = family.draw_with_pointwise(300, generator, torch.float64)
    np.testing.assert_allclose(family.log_ratio(x, y), pmi, atol=1e-6)


def test_frank_prior_has_both_signs():
    family = FrankCopula.from_prior(64, 1, 1, torch.Generator().manual_seed(0))
    assert 10 < int((family.theta > 0.0).sum()) < 54
    assert torch.allclose(FrankCopula(family.theta).mi, family.mi)


def test_student_copula_is_the_student_with_other_margins():
    dispersion = np.array([[2.0, 0.3, 0.5], [0.3, 1.0, -0.2], [0.5, -0.2, 0.5]])
    copula, student = StudentCopula(dispersion, 3.0, p=2), StudentT(dispersion, 3.0, p=2)
    assert copula.mutual_information == student.mutual_information
    (U, v), (X, y) = (family.sample(200, random_state=0) for family in (copula, student))
    scale = np.sqrt(np.diag(dispersion))
    np.testing.assert_allclose(U, stats.t(3.0).cdf(X / scale[:2]), atol=1e-9)
    np.testing.assert_allclose(v, stats.t(3.0).cdf(y / scale[2:]), atol=1e-9)
    np.testing.assert_allclose(copula.pointwise_mi(U, v), student.pointwise_mi(X, y), atol=1e-6)


# Manifold embeddings.


def test_embedding_keeps_information_and_finds_the_coordinates():
    base = StudentT(np.eye(3) + 0.3, 4.0, p=2)
    surface = ManifoldEmbedding([[1.0, 0.5], [-2.0, 1.0], [0.3, 3.0]], [0.1, 0.2, 0.3], seed=4)
    family = Embedded(base, surface, ManifoldEmbedding([[2.0]], amplitudes=[0.5]))
    assert (family.x_dim, family.y_dim) == (5, 2)
    assert family.mutual_information == base.mutual_information
    (X, y), (Z, w) = (f.sample(300, random_state=0) for f in (family, base))
    np.testing.assert_allclose(surface.inverse(torch.as_tensor(X)[None])[0], Z, atol=1e-10)
    np.testing.assert_allclose(family.pointwise_mi(X, y), base.pointwise_mi(Z, w), atol=1e-9)
    np.testing.assert_array_equal(X, family.sample(300, random_state=0)[0])
    # Curved: the points fill all five columns, not a plane.
    assert np.linalg.matrix_rank(X - X.mean(0), tol=1.0) == 5
    assert family.describe()["parameters"]["x_dim"] == 5


def test_embedding_prior_is_batched():
    generator = torch.Generator().manual_seed(0)
    base = StudentT.from_prior(8, 2, 1, generator, random.Random(0))
    family = Embedded(base, ManifoldEmbedding.from_prior(8, 2, 6, generator))
    x, y, pmi = family.draw_with_pointwise(50, generator, torch.float64)
    assert x.shape == (8, 50, 6) and y.shape == (8, 50, 1)
    np.testing.assert_allclose(family.log_ratio(x, y), pmi, atol=1e-6)
    shared = Embedded(base, ManifoldEmbedding([[1.0, 2.0]]))
    assert shared.draw(50, generator)[0].shape == (8, 50, 3)


CURVE = ManifoldEmbedding([[1.0]])
BAD = {
    "clayton zero": (lambda: ClaytonCopula(0.0), "theta must be positive.*0 is Independent"),
    "clayton negative": (lambda: ClaytonCopula(-1.0), "from 0 to 1000, got \\[-1.0\\]"),
    "gumbel": (lambda: GumbelCopula(0.9), "from 1 to 1000, got \\[0.9\\]"),
    "joe": (lambda: JoeCopula(2000.0), "from 1 to 1000, got \\[2000.0\\]"),
    "frank": (lambda: FrankCopula(0.0), "theta must not be 0"),
    "frank large": (lambda: FrankCopula(-2000.0), "must lie from"),
    "nan": (lambda: JoeCopula(math.nan), "theta holds a value that is not finite"),
    "student dof": (lambda: StudentCopula(np.eye(2), 0.0), "dof must be positive"),
    "batch": (lambda: JoeCopula([2.0, 3.0]).sample(4), "holds 2 distributions"),
    "phases": (lambda: ManifoldEmbedding([[1.0]], [0.0, 1.0]), "need 1 phases"),
    "amplitudes": (lambda: ManifoldEmbedding([[1.0]], amplitudes=[1.0, 2.0]), "need 1 amplitudes"),
    "rotation": (
        lambda: ManifoldEmbedding([[1.0]], rotation=2 * np.eye(2)),
        "rotation must be orthogonal",
    ),
    "rotation shape": (
        lambda: ManifoldEmbedding([[1.0]], rotation=np.eye(3)),
        "rotation of shape \\(2, 2\\)",
    ),
    "coordinates": (lambda: Embedded(StudentT(np.eye(3), 3.0, 2), CURVE), "X of the base has 2"),
    "codes": (
        lambda: Embedded(get_family("staircase_uniform")(3), CURVE),
        "X of the base has codes",
    ),
}


@pytest.mark.parametrize("make, message", BAD.values(), ids=BAD)
def test_bad_parameters(make, message):
    with pytest.raises(ValueError, match=message):
        make()
