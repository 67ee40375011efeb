"""Families of data with known mutual information: the truth against independent computations."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from sklearn.metrics import mutual_info_score

from skmist import datasets
from skmist.datasets import (
    AdditiveNoise,
    AdditiveUniform,
    Chain,
    CorrelatedGaussian,
    Coupling,
    Gaussian,
    GaussianClasses,
    GaussianMixture,
    Independent,
    JointTable,
    LinearMix,
    MetaDistribution,
    Monotone,
    MultiIndexRegression,
    NoiseColumns,
    Product,
    RadialScaling,
    Rotation,
    SingleIndexRegression,
    SoftmaxClasses,
    StudentT,
    Swapped,
    Transformed,
    get_family,
    list_families,
)
from skmist.datasets.parts import maps as maps_module
from skmist.datasets.parts.density_grid import convolved_density
from skmist.datasets.parts.monotone import MONOTONE

SHAPES = [(1, 1), (3, 1), (2, 3), (6, 6), (20, 1), (25, 25)]
PRIOR_CASES = [
    (name, p, q)
    for name in MetaDistribution().narrow
    for p, q in SHAPES
    if get_family(name).supports(p, q)
]
LAWS = {
    "normal": stats.norm,
    "laplace": stats.laplace,
    "logistic": stats.logistic,
    "exponential": stats.expon,
    "gumbel": stats.gumbel_r,
}
SIGNS = lambda u: torch.cat([3.0 * u, -3.0 * u], -1)  # noqa: E731


def _random_covariance(d, seed=0):
    root = np.random.default_rng(seed).normal(size=(d, d))
    return root @ root.T + 0.3 * np.eye(d)


def _prior(name, p, q, batch=8, seed=0):
    generator = torch.Generator().manual_seed(seed)
    family = get_family(name).from_prior(batch, p, q, generator, random.Random(seed))
    return family, generator


def _examples():
    """One public object of every family."""
    corners = np.array([[-1.5, -1.0, 0.0], [1.0, 1.5, 0.5], [0.0, -2.0, 2.0]])
    covariances = np.stack([_random_covariance(3, seed) / 3 for seed in range(3)])
    return [
        Gaussian(_random_covariance(5), p=2),
        CorrelatedGaussian(-0.7),
        StudentT(_random_covariance(4), dof=3.0, p=1),
        GaussianMixture([0.2, 0.3, 0.5], corners, covariances, p=2),
        AdditiveUniform(0.2),
        AdditiveUniform(2.0),
        AdditiveNoise(0.3, "gumbel"),
        AdditiveNoise(0.3, "exponential", uniform_noise=True),
        SingleIndexRegression(torch.sin, 0.3, direction=[1.0, -2.0, 0.0]),
        SingleIndexRegression(torch.zeros_like, lambda z: 0.5 + z.abs()),
        MultiIndexRegression(lambda u: u[..., 0] * u[..., 1], 2, 0.3, p=3),
        SoftmaxClasses(SIGNS, active=1, p=2),
        GaussianClasses([0.2, 0.3, 0.5], corners, covariances),
        JointTable([[1, 2, 3], [3, 0, 1]]),
        Independent(2, 1, "heavy", "discrete"),
        Product([CorrelatedGaussian(0.5), JointTable([[2, 1], [1, 3]])]),
        NoiseColumns(CorrelatedGaussian(0.5), extra_x=2, extra_y=1),
        Transformed(
            Gaussian(_random_covariance(4), p=2), RadialScaling(2.0), Monotone("wiggle", 0.5)
        ),
        Swapped(SoftmaxClasses(SIGNS, active=1)),
    ]


EXAMPLES = _examples()
EXAMPLE_IDS = [f"{example.name}-{i}" for i, example in enumerate(EXAMPLES)]


# Every family: its truth agrees with its own samples.


@pytest.mark.parametrize("name, p, q", PRIOR_CASES)
def test_mean_pointwise_mi_is_mi(name, p, q):
    n = 20_000 if p + q < 20 else 5_000
    for seed in range(2):
        family, generator = _prior(name, p, q, seed=seed)
        x, y, pmi = family.draw_with_pointwise(n, generator)
        assert x.shape == (8, n, p) and y.shape == (8, n, q) and pmi.shape == (8, n)
        for values in (x, y, pmi):
            assert values.dtype == torch.float32 and bool(torch.isfinite(values).all())
        assert family.mi.dtype == torch.float64 and bool((family.mi >= 0.0).all())
        assert bool((family.mi_standard_error <= 0.006).all())
        pmi = pmi.double()
        error = (pmi.mean(1) - family.mi).abs()
        limit = 4.5 * pmi.std(1) / math.sqrt(n) + 4.5 * family.mi_standard_error + 2e-3
        assert bool((error <= limit).all()), (error / limit).max()


@pytest.mark.parametrize("name, p, q", PRIOR_CASES)
def test_pointwise_mi_of_a_draw_is_its_log_ratio(name, p, q):
    family, generator = _prior(name, p, q)
    x, y, pmi = family.draw_with_pointwise(300, generator, torch.float64)
    np.testing.assert_allclose(family.log_ratio(x, y), pmi, atol=2e-4, rtol=1e-4)


@pytest.mark.parametrize("name, p, q", PRIOR_CASES)
def test_prior_is_determined_by_the_seeds(name, p, q):
    first, second = (_prior(name, p, q, batch=3) for _ in range(2))
    for a, b in zip(*(f.draw_with_pointwise(50, g) for f, g in (first, second)), strict=True):
        assert torch.equal(a, b)
    assert torch.equal(first[0].mi, second[0].mi)


@pytest.mark.parametrize("family", EXAMPLES, ids=EXAMPLE_IDS)
def test_numpy_methods(family):
    X, y = family.sample(4000, random_state=3)
    assert X.shape == (4000, family.x_dim) and y.shape == (4000, family.y_dim)
    assert X.dtype == y.dtype == np.float64
    pmi = family.pointwise_mi(X, y)
    assert pmi.shape == (4000,)
    limit = 4.5 * pmi.std() / math.sqrt(4000) + 0.01
    assert abs(pmi.mean() - family.mutual_information) <= limit
    again = family.sample(4000, random_state=3)
    np.testing.assert_array_equal(X, again[0])
    np.testing.assert_array_equal(y, again[1])
    described = family.describe()
    assert described["mi"] == family.mutual_information
    assert described["family"] in list_families() and described["truth"] and described["source"]


@pytest.mark.parametrize("family", EXAMPLES, ids=EXAMPLE_IDS)
def test_discrete_columns_hold_codes(family):
    X, y = family.sample(500, random_state=0)
    for values, flags in ((X, family.x_discrete), (y, family.y_discrete)):
        assert values.shape[1] == len(flags)
        for column, discrete in zip(values.T, flags, strict=True):
            whole = np.all(column == np.round(column)) and column.min() >= 0.0
            assert whole == discrete


# Every formula: against an independent computation.


@pytest.mark.parametrize("p, q", [(1, 1), (2, 3), (4, 1)])
def test_gaussian_against_determinants_and_scipy(p, q):
    covariance = _random_covariance(p + q)
    family = Gaussian(covariance, p)
    blocks = [covariance, covariance[:p, :p], covariance[p:, p:]]
    log_dets = [np.linalg.slogdet(block)[1] for block in blocks]
    assert family.mutual_information == pytest.approx(
        0.5 * (log_dets[1] + log_dets[2] - log_dets[0]), abs=1e-10
    )
    X, y = family.sample(50, random_state=0)
    parts = (np.hstack([X, y]), X, y)
    logs = [
        stats.multivariate_normal(cov=block).logpdf(part)
        for block, part in zip(blocks, parts, strict=True)
    ]
    np.testing.assert_allclose(family.pointwise_mi(X, y), logs[0] - logs[1] - logs[2], atol=1e-8)
    np.testing.assert_allclose(family.describe()["parameters"]["covariance"], covariance)


def test_gaussian_sample_has_its_covariance():
    covariance = _random_covariance(4)
    X, y = Gaussian(covariance, 2).sample(200_000, random_state=0)
    np.testing.assert_allclose(np.cov(np.hstack([X, y]).T), covariance, atol=0.1)


@pytest.mark.parametrize("seed", range(6))
def test_gaussian_prior_mi_is_that_of_its_covariance(seed):
    family, _ = _prior("gaussian", 5, 4, batch=16, seed=seed)
    covariance = family.pairs.covariance()
    again = Gaussian(covariance, 5)
    np.testing.assert_allclose(again.mi, family.mi, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("dof, p, q", [(1.0, 1, 1), (2.5, 2, 1), (7.0, 2, 3)])
def test_student_pointwise_against_scipy(dof, p, q):
    dispersion = _random_covariance(p + q)
    family = StudentT(dispersion, dof, p)
    X, y = family.sample(60, random_state=0)
    blocks = (dispersion, dispersion[:p, :p], dispersion[p:, p:])
    parts = (np.hstack([X, y]), X, y)
    logs = [
        stats.multivariate_t(shape=block, df=dof).logpdf(part)
        for block, part in zip(blocks, parts, strict=True)
    ]
    np.testing.assert_allclose(family.pointwise_mi(X, y), logs[0] - logs[1] - logs[2], atol=1e-8)


def test_student_known_values():
    # Bivariate Cauchy without correlation: log(8 pi) - 3.
    cauchy = StudentT(np.eye(2), 1.0)
    assert cauchy.mutual_information == pytest.approx(math.log(8 * math.pi) - 3, abs=1e-9)
    nearly_normal = StudentT(_random_covariance(3), 1e7)
    assert nearly_normal.mutual_information == pytest.approx(
        Gaussian(_random_covariance(3)).mutual_information, abs=1e-5
    )


def _mixture_grid_mi(family, low=-9.0, high=9.0, size=1201):
    """MI of a 1 x 1 family with densities from the mixture's parameters, on a grid."""
    given = family.describe()["parameters"]
    grid = np.linspace(low, high, size)
    xx, yy = np.meshgrid(grid, grid, indexing="ij")
    joint = sum(
        w * stats.multivariate_normal(m, c).pdf(np.dstack([xx, yy]))
        for w, m, c in zip(given["weights"], given["means"], given["covariances"], strict=True)
    )
    step = grid[1] - grid[0]
    x, y = joint.sum(1) * step, joint.sum(0) * step
    ratio = np.log(np.maximum(joint, 1e-300) / np.maximum(np.outer(x, y), 1e-300))
    return (joint * ratio).sum() * step**2


@pytest.mark.parametrize("separation", [0.5, 2.0, 4.0])
def test_mixture_mi_against_grid(separation):
    means = separation * np.array([[-1.0, 0.0], [1.0, 0.5], [0.0, -1.0]])
    covariances = [np.eye(2), [[0.6, 0.4], [0.4, 0.7]], [[0.5, -0.2], [-0.2, 0.3]]]
    family = GaussianMixture([0.2, 0.5, 0.3], means, covariances)
    assert family.mutual_information == pytest.approx(_mixture_grid_mi(family), abs=4e-3)
    assert family.mi_standard_error.item() < 0.005


def test_mixture_of_one_component_is_gaussian():
    covariance = _random_covariance(3)
    mixture = GaussianMixture([1.0], np.zeros((1, 3)), covariance[None], p=2)
    normal = Gaussian(covariance, p=2)
    assert mixture.mutual_information == pytest.approx(normal.mutual_information, abs=1e-6)


@pytest.mark.parametrize("epsilon", [0.05, 0.5, 0.75, 3.0])
def test_additive_uniform_against_quadrature(epsilon):
    def entropy_density(t):
        overlap = min(1.0, t + epsilon) - max(0.0, t - epsilon)
        density = overlap / (2 * epsilon)
        return -density * math.log(density) if density > 0 else 0.0

    bends = sorted([epsilon, 1 - epsilon])
    entropy = integrate.quad(entropy_density, -epsilon, 1 + epsilon, points=bends)[0]
    expected = entropy - math.log(2 * epsilon)
    assert AdditiveUniform(epsilon).mutual_information == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("law", sorted(LAWS))
@pytest.mark.parametrize("scale", [0.02, 0.3, 4.0])
def test_additive_noise_against_quadrature(law, scale):
    reference = LAWS[law](scale=scale)
    low, high = reference.ppf(1e-13), reference.ppf(1.0 - 1e-13) + 1.0
    grid = np.linspace(low, high, 400_001)
    density = np.maximum(reference.cdf(grid) - reference.cdf(grid - 1.0), 1e-300)
    entropy = integrate.trapezoid(-density * np.log(density), grid)
    for uniform_noise, conditional in ((False, reference.entropy()), (True, 0.0)):
        family = AdditiveNoise(scale, law, uniform_noise)
        assert family.mutual_information == pytest.approx(entropy - conditional, abs=1e-3)


@pytest.mark.parametrize("sigma", [0.05, 0.5, 3.0])
def test_linear_regression_is_gaussian(sigma):
    expected = 0.5 * math.log1p(1.0 / sigma**2)
    single = SingleIndexRegression(lambda z: z, sigma, direction=[3.0, 4.0])
    assert single.mutual_information == pytest.approx(expected, abs=1e-3)
    several = MultiIndexRegression(lambda u: u.sum(-1) / math.sqrt(2.0), 2, sigma)
    assert several.mutual_information == pytest.approx(expected, abs=4e-3)
    X, y = single.sample(200, random_state=0)
    z = X @ [0.6, 0.8]
    gap = stats.norm(z, sigma).logpdf(y[:, 0]) - stats.norm(0, math.hypot(1, sigma)).logpdf(
        y[:, 0]
    )
    np.testing.assert_allclose(single.pointwise_mi(X, y), gap, atol=2e-3)


def test_heteroscedastic_marginal_against_quad():
    def spread(z):
        return 0.3 + 0.5 * abs(z)

    family = SingleIndexRegression(torch.sin, spread)
    X, y = family.sample(8, random_state=1)

    def marginal(value):
        return integrate.quad(
            lambda z: stats.norm.pdf(z) * stats.norm.pdf(value, math.sin(z), spread(z)), -8, 8
        )[0]

    x, value = X[:, 0], y[:, 0]
    expected = stats.norm(np.sin(x), spread(x)).logpdf(value) - np.log(
        [marginal(v) for v in value]
    )
    np.testing.assert_allclose(family.pointwise_mi(X, y), expected, atol=2e-3)


def test_convolved_density_has_unit_mass_and_right_entropy():
    values = torch.tensor([[-1.0, 1.0]], dtype=torch.float64)
    sigma = torch.tensor([0.1], dtype=torch.float64)
    grid, error = convolved_density(values, None, sigma)
    assert error.item() == 0.0
    assert float(grid.table.exp().sum() * grid.step) == pytest.approx(1.0, abs=1e-9)
    expected = math.log(2.0) + 0.5 * math.log(2 * math.pi * math.e * 0.01)
    assert grid.entropy.item() == pytest.approx(expected, abs=1e-4)


def test_softmax_classes_against_quadrature():
    family = SoftmaxClasses(SIGNS, active=1, p=2)

    def gain(z):
        p = 1.0 / (1.0 + math.exp(-6.0 * z))
        return stats.norm.pdf(z) * sum(t * math.log(2 * t) for t in (p, 1 - p) if t > 0)

    expected = integrate.quad(gain, -8, 8)[0]
    assert family.mutual_information == pytest.approx(expected, abs=2e-3)


def test_gaussian_classes_against_quadrature():
    weights, centers, spreads = (0.3, 0.7), (-1.0, 0.5), (0.5, 1.5)
    family = GaussianClasses(weights, [[c] for c in centers], [[[s**2]] for s in spreads])
    grid = np.linspace(-12, 12, 200_001)
    parts = [
        w * stats.norm(c, s).pdf(grid) for w, c, s in zip(weights, centers, spreads, strict=True)
    ]
    total = sum(parts)
    expected = sum(
        integrate.trapezoid(part * np.log(np.maximum(part, 1e-300) / (w * total)), grid)
        for w, part in zip(weights, parts, strict=True)
    )
    assert family.mutual_information == pytest.approx(expected, abs=3e-3)


def test_table_against_scikit_learn():
    counts = np.random.default_rng(0).integers(0, 9, size=(4, 6))
    expected = mutual_info_score(None, None, contingency=counts)
    assert JointTable(counts).mutual_information == pytest.approx(expected, abs=1e-9)


def test_independence_is_exactly_zero():
    family, generator = _prior("independent", 3, 2, batch=4)
    _, _, pmi = family.draw_with_pointwise(100, generator)
    assert not bool(pmi.any()) and not bool(family.mi.any())


def test_leading_batch_axis_of_public_constructors():
    family = CorrelatedGaussian([0.1, 0.5, 0.9])
    x, y = family.draw(10, torch.Generator().manual_seed(0))
    assert family.batch_size == 3 and x.shape == y.shape == (3, 10, 1)
    single = [CorrelatedGaussian(rho).mutual_information for rho in (0.1, 0.5, 0.9)]
    np.testing.assert_allclose(family.mi, single)


# Wrappers and maps.

MAPS = [
    Rotation.from_prior,
    LinearMix.from_prior,
    Monotone.from_prior,
    Coupling.from_prior,
    RadialScaling.from_prior,
]


@pytest.mark.parametrize("make", MAPS, ids=lambda make: make.__self__.__name__)
@pytest.mark.parametrize("seed", range(4))
def test_maps_invert_and_leave_pointwise_mi(make, seed):
    generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
    x_map, y_map = make(5, 3, generator, rng), make(5, 2, generator, rng)
    base = Gaussian.from_prior(5, 3, 2, generator, rng)
    warped = Transformed(base, x_map, y_map)
    x, y, pmi = warped.draw_with_pointwise(200, generator, torch.float64)
    np.testing.assert_allclose(x_map.forward(x_map.inverse(x)), x, atol=1e-7, rtol=1e-7)
    np.testing.assert_allclose(warped.log_ratio(x, y), pmi, atol=1e-4, rtol=1e-4)
    assert torch.equal(warped.mi, base.mi)


@pytest.mark.parametrize("kind", sorted(MONOTONE))
def test_monotone_maps_increase(kind):
    step = Monotone(kind, 0.7)
    x = torch.linspace(-4, 4, 500, dtype=torch.float64)[None, :, None]
    image = step.forward(x)
    assert bool((image.diff(dim=1) > 0).all())
    np.testing.assert_allclose(step.inverse(image), x, atol=1e-9)


def test_radial_scaling_never_turns_a_point():
    """The spiral is held out of training: no map may rotate by an amount that depends on |x|."""
    x = torch.randn(2, 100, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    image = RadialScaling([0.5, 2.0]).forward(x)
    cosine = torch.nn.functional.cosine_similarity(image, x, dim=-1)
    np.testing.assert_allclose(cosine, 1.0, atol=1e-12)


def test_no_spiral_or_swiss_roll_by_name():
    names = [*datasets.__all__, *MONOTONE, *maps_module._SHIFTS, *list_families()]
    assert not [name for name in names if "spiral" in name.lower() or "swiss" in name.lower()]


def test_chain_and_coupling():
    couple = Coupling([0], [1, 2], [[0.5, -1.0]], "sine")
    chain = Chain([couple, Rotation(np.linalg.qr(_random_covariance(3))[0])])
    x = torch.randn(1, 50, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    np.testing.assert_allclose(chain.inverse(chain.forward(x)), x, atol=1e-10)
    assert torch.equal(couple.forward(x)[..., 0], x[..., 0])


def test_transformed_leaves_discrete_columns_alone():
    base = Product([JointTable([[2, 1], [1, 3]]), Gaussian(_random_covariance(4), p=2)])
    warped = Transformed(base, LinearMix([[1.0, 0.5], [0.0, 2.0]]), Monotone("exp"))
    X, y = warped.sample(300, random_state=0)
    assert set(X[:, 0]) | set(y[:, 0]) <= {0.0, 1.0}
    plain = base.sample(300, random_state=0)
    np.testing.assert_allclose(warped.pointwise_mi(X, y), base.pointwise_mi(*plain), atol=1e-8)


def test_product_adds():
    blocks = [CorrelatedGaussian(0.5), AdditiveUniform(0.3), JointTable([[2, 1], [1, 3]])]
    product = Product(blocks)
    total = sum(block.mutual_information for block in blocks)
    assert product.mutual_information == pytest.approx(total)
    assert product.x_discrete == (False, False, True)
    X, y = product.sample(100, random_state=0)
    pmi = sum(block.pointwise_mi(X[:, j], y[:, j]) for j, block in enumerate(blocks))
    np.testing.assert_allclose(product.pointwise_mi(X, y), pmi)


def test_noise_columns_keep_information():
    base = Product([CorrelatedGaussian(0.9), JointTable([[3, 1], [1, 3]])])
    wide = NoiseColumns(base, extra_x=3, extra_y=2, seed=5)
    assert (wide.x_dim, wide.y_dim) == (5, 4) and sum(wide.x_discrete) == 1
    assert wide.mutual_information == base.mutual_information
    X, y = wide.sample(400, random_state=0)
    x_signal = [wide.x_order.index(j) for j in range(2)]
    y_signal = [wide.y_order.index(j) for j in range(2)]
    np.testing.assert_allclose(
        wide.pointwise_mi(X, y), base.pointwise_mi(X[:, x_signal], y[:, y_signal])
    )


def test_swapped_exchanges_the_sides():
    base = SoftmaxClasses(SIGNS, active=1, p=2)
    swapped = Swapped(base)
    assert swapped.x_discrete == (True,) and swapped.y_discrete == (False, False)
    X, y = swapped.sample(100, random_state=0)
    np.testing.assert_array_equal(swapped.pointwise_mi(X, y), base.pointwise_mi(y, X))


# Registry and errors.


def test_registry():
    assert get_family("student_t") is StudentT
    assert set(MetaDistribution().narrow) <= set(list_families())
    with pytest.raises(KeyError, match="no family is called 'spiral'.*gaussian"):
        get_family("spiral")
    for name in datasets.__all__:
        assert getattr(datasets, name).__doc__ or name == "__doc__"


@pytest.mark.parametrize("state", [None, 3, np.random.default_rng(0), np.random.RandomState(0)])
def test_random_states(state):
    assert CorrelatedGaussian(0.5).sample(5, random_state=state)[0].shape == (5, 1)


PAIR = CorrelatedGaussian(0.5)
BAD = {
    "rho of one": (lambda: CorrelatedGaussian(1.0), "strictly between -1 and 1, got \\[1.0\\]"),
    "rho nan": (lambda: CorrelatedGaussian(math.nan), "rho holds a value that is not finite"),
    "not square": (lambda: Gaussian(np.ones((2, 3))), "must be square, got shape \\(2, 3\\)"),
    "not symmetric": (lambda: Gaussian([[1.0, 0.5], [0.2, 1.0]]), "must be symmetric"),
    "indefinite": (lambda: Gaussian([[1.0, 2.0], [2.0, 1.0]]), "smallest eigenvalue is -1"),
    "p too large": (lambda: Gaussian(np.eye(2), p=2), "whole number from 1 to 1.*got 2"),
    "axes": (lambda: Gaussian(np.ones(3)), "must have 2 axes"),
    "dof": (lambda: StudentT(np.eye(2), 0.0), "dof must be positive, got \\[0.0\\]"),
    "weights": (
        lambda: GaussianMixture([1.0, 0.0], np.zeros((2, 2)), [np.eye(2)] * 2),
        "weights must be positive",
    ),
    "mixture shapes": (
        lambda: GaussianMixture([1.0], np.zeros((2, 2)), [np.eye(2)] * 2),
        "disagree",
    ),
    "mixture covariance": (
        lambda: GaussianMixture([1.0], np.zeros((1, 2)), -np.eye(2)[None]),
        "positive definite",
    ),
    "mixture p": (lambda: GaussianMixture([1.0], [[0.0, 0.0]], [np.eye(2)], p=2), "p must be"),
    "epsilon": (lambda: AdditiveUniform(0.0), "epsilon must be positive"),
    "scale": (lambda: AdditiveNoise(-1.0), "scale must be positive"),
    "law": (lambda: AdditiveNoise(1.0, "cauchy"), "law must be one of.*got 'cauchy'"),
    "noise": (lambda: SingleIndexRegression(torch.sin, 0.0), "noise must be positive"),
    "tiny noise": (lambda: SingleIndexRegression(torch.sin, 1e-6), "must stay above"),
    "tiny spread": (
        lambda: SingleIndexRegression(torch.sin, lambda z: 1e-4 + z.abs()),
        "must stay above",
    ),
    "direction": (lambda: SingleIndexRegression(torch.sin, 1.0, [0.0]), "nonzero vector"),
    "active": (lambda: MultiIndexRegression(torch.sum, 3, 1.0, p=2), "from 1 to p = 2, got 3"),
    "sigma": (lambda: MultiIndexRegression(torch.sum, 1, 0.0), "sigma must be positive"),
    "softmax active": (lambda: SoftmaxClasses(SIGNS, 0), "active must be from 1"),
    "table": (lambda: JointTable([[1.0, -1.0]]), "nonnegative weights"),
    "margin": (lambda: Independent(1, 1, "cauchy"), "x_margin must be one of"),
    "dimension": (lambda: Independent(0, 1), "x_dim must be a whole number of at least 1"),
    "no blocks": (lambda: Product([]), "blocks must exist"),
    "batch sizes": (lambda: Product([PAIR, CorrelatedGaussian([0.1, 0.2])]), "one batch size"),
    "columns": (lambda: NoiseColumns(PAIR, -1), "must not be negative"),
    "noise family": (lambda: NoiseColumns(PAIR, 2, noise=PAIR), "noise has 1 and 1 columns"),
    "singular": (lambda: LinearMix(np.zeros((2, 2))), "must be invertible"),
    "not orthogonal": (lambda: Rotation(2 * np.eye(2)), "must be orthogonal"),
    "kind": (lambda: Monotone("square"), "kind must be one of"),
    "strength": (lambda: Monotone("wiggle", 1.0), "between 0 and 1.0"),
    "overlap": (lambda: Coupling([0], [0], [[1.0]]), "must be disjoint"),
    "coupling weights": (lambda: Coupling([0], [1], [[1.0, 2.0]]), "weights must have shape"),
    "power": (lambda: RadialScaling(0.0), "power must be positive"),
    "n": (lambda: PAIR.sample(0), "n must be a positive whole number, got 0"),
    "random state": (lambda: PAIR.sample(5, "x"), "random_state must be"),
    "X shape": (lambda: PAIR.pointwise_mi(np.zeros((3, 2)), np.zeros(3)), "shape \\(n, 1\\)"),
    "unpaired": (lambda: PAIR.pointwise_mi(np.zeros(3), np.zeros(4)), "3 rows and y has 4"),
    "batch": (lambda: CorrelatedGaussian([0.1, 0.2]).sample(3), "holds 2 distributions"),
    "device": (
        lambda: MetaDistribution().draw(2, 9, 1, 1, torch.Generator(), device="cuda"),
        "generator lives on cpu, not on cuda",
    ),
}


@pytest.mark.parametrize("make, message", BAD.values(), ids=BAD)
def test_bad_parameters(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_composed_families_have_no_prior():
    with pytest.raises(NotImplementedError, match="build it from its parts"):
        Product.from_prior(2, 1, 1, torch.Generator())
    assert not Product.supports(1, 1)
