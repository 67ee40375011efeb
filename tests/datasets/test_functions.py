"""Random curves and surfaces: what they look like, and the truth of what is built on them."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch
from scipy import stats

from skmist.datasets import (
    Gaussian,
    MultiIndexRegression,
    NoiseColumns,
    Rotation,
    SingleIndexRegression,
    SoftmaxClasses,
    Transformed,
)
from skmist.datasets.families import classification
from skmist.datasets.families.multi_output import MultiOutputRegression
from skmist.datasets.parts.canonical import random_pairs
from skmist.datasets.parts.functions import APERIODIC, CURVES, GENTLE, random_curve
from skmist.datasets.parts.mixing import _ROOTS, random_mixing
from skmist.datasets.parts.surfaces import SURFACES, random_surface


def _sources(seed):
    return torch.Generator().manual_seed(seed), random.Random(seed)


def _surface(kind, inputs, seed, batch=4):
    generator, rng = _sources(seed)
    return SURFACES[kind](batch, inputs, generator, rng), generator


@pytest.mark.parametrize("kind", SURFACES)
@pytest.mark.parametrize("inputs", [2, 5, 12])
def test_surfaces_read_rows_one_by_one(kind, inputs):
    for seed in range(3):
        surface, generator = _surface(kind, inputs, seed)
        u = torch.randn(4, 200, inputs, generator=generator, dtype=torch.float64)
        value = surface(u)
        assert value.shape == (4, 200) and bool(torch.isfinite(value).all())
        order = torch.randperm(200, generator=generator)
        torch.testing.assert_close(surface(u[:, order]), value[:, order])
        assert float(value.std(1).max()) > 0.0
        single = surface(u.float())
        assert single.dtype == torch.float32
        close = (single - value).abs() < 1e-3 * (1.0 + value.abs())
        assert float(close.double().mean()) > 0.99


@pytest.mark.parametrize("kind", CURVES)
def test_curves_are_elementwise(kind):
    generator, rng = _sources(1)
    curve = random_curve(5, generator, rng, (kind,))
    z = torch.randn(5, 100, generator=generator, dtype=torch.float64)
    value = curve(z)
    assert value.shape == (5, 100) and bool(torch.isfinite(value).all())
    torch.testing.assert_close(curve(z.flip(1)), value.flip(1))


@pytest.mark.parametrize("seed", range(5))
def test_tree_is_constant_on_boxes(seed):
    surface, generator = _surface("tree", 5, seed, batch=16)
    u = torch.randn(16, 5000, 5, generator=generator, dtype=torch.float64)
    value = surface(u)
    levels = [len(np.unique(row)) for row in value.numpy()]
    assert max(levels) <= 16 and np.mean(levels) > 2.0
    # A small step leaves all but the rows beside a border where they are.
    assert float((surface(u + 1e-6) == value).double().mean()) > 0.999
    # Along any one input, with the others fixed, the level changes at most once per node.
    line = u[:, :1].repeat(1, 2000, 1)
    line[..., 0] = torch.linspace(-4.0, 4.0, 2000, dtype=torch.float64)
    changes = (surface(line).diff(dim=1) != 0.0).sum(1)
    assert int(changes.max()) <= 15


def test_pieces_are_constant_and_exact():
    worst = 0.0
    for seed in range(6):
        generator, rng = _sources(seed)
        curve = random_curve(1, generator, rng, ("pieces",))
        z = torch.linspace(-6.0, 6.0, 400_001, dtype=torch.float64)[None]
        value = curve(z)[0].numpy()
        jumps = np.flatnonzero(np.diff(value))
        assert len(jumps) <= 7
        edges = np.concatenate([[-np.inf], 0.5 * (z[0, jumps] + z[0, jumps + 1]), [np.inf]])
        levels = value[np.append(jumps, len(value) - 1)]
        weights = np.diff(stats.norm.cdf(edges))
        y = np.linspace(levels.min() - 2.0, levels.max() + 2.0, 20_001)
        density = (weights[:, None] * stats.norm.pdf(y, levels[:, None], 0.2)).sum(0)
        entropy = -np.sum(density * np.log(np.maximum(density, 1e-300))) * (y[1] - y[0])
        expected = entropy - 0.5 * math.log(2 * math.pi * math.e * 0.04)
        found = SingleIndexRegression(curve, 0.2).mutual_information
        worst = max(worst, abs(found - expected))
    assert worst < 1e-3


def test_sign_product_is_xor_of_two_factors():
    """Neither input of a plain product says anything alone; the sign of both does."""
    seen = []
    for seed in range(12):
        surface, _ = _surface("sign_product", 6, seed, batch=8)
        u = torch.randn(8, 10_000, 6, generator=_sources(seed)[0], dtype=torch.float64)
        value = surface(u)
        moved = u.clone()
        moved[..., 2:] = 0.0
        torch.testing.assert_close(surface(moved), value)
        both = (value * u[..., 0].sign() * u[..., 1].sign()).mean(1)
        either = (value.unsqueeze(-1) * u[..., :2]).mean(1).abs().amax(-1)
        seen += zip(both.tolist(), either.tolist(), strict=True)
    assert any(both > 0.8 and either < 0.06 for both, either in seen)


def _fields(surface, cuts):
    """Mean of a surface on the fields of a board with these cuts in the first two inputs."""
    u = torch.randn(1, 30_000, 2, generator=_sources(0)[0], dtype=torch.float64)
    rows, columns = (torch.searchsorted(cuts, u[0, :, j].contiguous()) for j in (0, 1))
    field, value = rows * 4 + columns, surface(u)[0]
    total = torch.zeros(16, dtype=value.dtype).index_add_(0, field, value)
    return (total / torch.bincount(field, minlength=16)).view(4, 4)


def test_no_surface_is_a_checkerboard():
    """Held out of training: alternating signs on a regular board of four by four fields."""
    cuts = torch.tensor(stats.norm.ppf([0.25, 0.5, 0.75]))
    sign = 1.0 - 2.0 * (torch.arange(4)[:, None] + torch.arange(4)).remainder(2).double()
    board = sign / 4.0

    def resemblance(surface):
        means = _fields(surface, cuts)
        means = means - means.mean()
        return abs(float((means * board).sum() / means.norm().clamp_min(1e-12)))

    def held_out(u):
        rows, columns = (torch.searchsorted(cuts, u[..., j].contiguous()) for j in (0, 1))
        return sign[rows, columns]

    assert resemblance(held_out) > 0.99
    for kind in SURFACES:
        drawn = [resemblance(_surface(kind, 2, seed, batch=1)[0]) for seed in range(4)]
        assert max(drawn) < 0.7, kind
    assert not {"sine", "wave", "net"} & set(APERIODIC)


def test_ridge_sum_reads_projections_only():
    """Moving across all of at most six directions in twelve inputs changes nothing."""
    surface, _ = _surface("ridge_sum", 12, 3, batch=1)
    u = torch.randn(1, 30, 12, dtype=torch.float64, generator=_sources(0)[0])
    # A gradient at each row: together they span no more than the directions.
    steps = 1e-5 * torch.eye(12, dtype=torch.float64)
    gradient = torch.stack([(surface(u + s) - surface(u - s))[0] / 2e-5 for s in steps], -1)
    typical = gradient[gradient.norm(dim=-1) < 50.0]
    assert int(torch.linalg.matrix_rank(typical, rtol=1e-4)) <= 6


# Regression.


@pytest.mark.parametrize("p", [1, 3, 12, 64])
def test_multi_index_truth_stays_within_its_standard_error(p):
    worst, most = 0.0, 0
    for seed in range(8):
        generator, rng = _sources(seed)
        family = MultiIndexRegression.from_prior(4, p, 1, generator, rng)
        worst, most = max(worst, float(family.mi_standard_error.max())), max(most, family.active)
    assert worst < 0.005 and most <= 12
    assert most > 6 or p < 12


def test_additive_function_of_twelve_inputs_is_gaussian():
    family = MultiIndexRegression(lambda u: u.sum(-1) / math.sqrt(12.0), 12, 0.5)
    assert family.mutual_information == pytest.approx(0.5 * math.log(5.0), abs=0.004)


@pytest.mark.parametrize("q", [1, 3, 40])
@pytest.mark.parametrize("p", [1, 8])
def test_multi_output_prior(p, q):
    for seed in range(3):
        generator, rng = _sources(seed)
        family = MultiOutputRegression.from_prior(4, p, q, generator, rng)
        x, y, pmi = family.draw_with_pointwise(4000, generator, torch.float64)
        assert x.shape == (4, 4000, p) and y.shape == (4, 4000, q)
        np.testing.assert_allclose(family.log_ratio(x, y), pmi, atol=2e-4, rtol=1e-4)
        error = (pmi.mean(1) - family.mi).abs()
        limit = 4.5 * pmi.std(1) / math.sqrt(4000) + 4.5 * family.mi_standard_error + 2e-3
        assert bool((error <= limit).all())


def test_multi_output_linear_regression_is_gaussian():
    """The joint covariance is known, and so is the MI by determinants."""
    sigma, mixing = 0.7, np.array([[1.0, 0.3, 0.0], [0.5, -1.0, 0.2], [-0.4, 0.1, 2.0]])
    base = SingleIndexRegression(lambda z: z, sigma, direction=[1.0, 2.0])
    family = MultiOutputRegression(base, mixing)
    direction = np.array([1.0, 2.0]) / math.sqrt(5.0)
    cross = np.outer(direction, mixing[:, 0])
    outputs = mixing @ np.diag([1.0 + sigma**2, 1.0, 1.0]) @ mixing.T
    covariance = np.block([[np.eye(2), cross], [cross.T, outputs]])
    normal = Gaussian(covariance, p=2)
    assert family.mutual_information == pytest.approx(normal.mutual_information, abs=1e-3)
    X, y = family.sample(200_000, random_state=0)
    np.testing.assert_allclose(np.cov(np.hstack([X, y]).T), covariance, atol=0.05)
    np.testing.assert_allclose(
        family.pointwise_mi(X[:500], y[:500]), normal.pointwise_mi(X[:500], y[:500]), atol=2e-3
    )


def test_multi_output_of_a_rotation_is_a_rotation_of_noise_columns():
    base = SingleIndexRegression(torch.sin, 0.4)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    family = MultiOutputRegression(base, turn)
    noisy = Transformed(NoiseColumns(base, extra_y=2, seed=0), None, Rotation(turn))
    X, y = family.sample(100, random_state=0)
    response = y @ turn
    again = response[:, noisy.base.y_order] @ turn.T
    np.testing.assert_allclose(family.pointwise_mi(X, y), noisy.pointwise_mi(X, again), atol=1e-9)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda b: MultiOutputRegression(Gaussian(np.eye(2)), np.eye(2)), "got Gaussian"),
        (lambda b: MultiOutputRegression(b, np.ones((2, 3))), "must be square"),
        (lambda b: MultiOutputRegression(b, np.zeros((2, 2))), "must be invertible"),
        (lambda b: MultiOutputRegression(b, np.stack([np.eye(2)] * 3)), "3 matrices for 1"),
    ],
    ids=["base", "square", "singular", "batch"],
)
def test_multi_output_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make(SingleIndexRegression(torch.sin, 0.4))


# Classes.


@pytest.mark.parametrize("p", [1, 2, 20, 64])
def test_class_targets_of_every_width(p):
    counts, shares, worst = set(), [], 0.0
    for seed in range(10):
        generator, rng = _sources(seed)
        family = SoftmaxClasses.from_prior(4, p, 1, generator, rng)
        x, y, pmi = family.draw_with_pointwise(200, generator)
        assert x.shape == (4, 200, p) and bool(torch.isfinite(pmi).all())
        counts.add(family.log_marginal.shape[-1])
        shares.append(float(family.log_marginal.exp().min()))
        worst = max(worst, float(family.mi_standard_error.max()))
    assert counts <= set(range(2, 11)) and len(counts) > 2
    assert min(shares) < 0.02 and worst < 0.006


def test_classes_of_a_soft_sign_product_against_quadrature():
    """XOR: log 2 less the mean entropy of the classes, by a product rule."""

    def logits(u):
        value = 4.0 * torch.tanh(3.0 * u[..., 0]) * torch.tanh(3.0 * u[..., 1])
        return torch.stack([value, -value], -1)

    family = SoftmaxClasses(logits, active=2)
    grid = np.linspace(-6, 6, 601)
    weight = stats.norm.pdf(grid) * (grid[1] - grid[0])
    value = 4.0 * np.outer(np.tanh(3.0 * grid), np.tanh(3.0 * grid))
    p = 1.0 / (1.0 + np.exp(-2.0 * value))
    entropy = -p * np.log(p) - (1.0 - p) * np.log(1.0 - p)
    expected = math.log(2.0) - weight @ entropy @ weight
    assert family.mutual_information == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("kind", classification._LOGITS)
def test_logits_have_their_shape(kind):
    for active in (1, 2, 8):
        generator, rng = _sources(active)
        logits = classification._LOGITS[kind](3, active, 5, generator, rng)
        u = torch.randn(3, 40, active, generator=generator)
        assert logits(u).shape == (3, 40, 5) and logits(u).dtype == torch.float32


# Gaussian dependence.


def test_no_pair_carries_more_than_single_precision_holds():
    target = torch.linspace(0.01, 40.0, 64, dtype=torch.float64)
    for seed in range(8):
        pairs = random_pairs(64, 8, 9, *_sources(seed), target=target)
        assert float(pairs.uniqueness.min()) >= math.exp(-24.0) * (1.0 - 1e-9)
        u, v, e = pairs.draw(4000, _sources(seed)[0], torch.float32)
        noise = v[..., :8].double() - pairs.correlations.unsqueeze(1) * u[..., :8].double()
        found = noise.std(1) / pairs.uniqueness.sqrt()
        np.testing.assert_allclose(found, 1.0, atol=0.06)


@pytest.mark.parametrize("kind", _ROOTS)
@pytest.mark.parametrize("dim", [2, 7])
def test_mixing_has_unit_rows_and_an_inverse(kind, dim):
    for seed in range(3):
        generator, rng = _sources(seed)
        mixing = random_mixing(50, dim, generator, rng, kind)
        torch.testing.assert_close(mixing.norm(dim=-1), torch.ones(50, dim).double())
        assert float(torch.linalg.cond(mixing).max()) < 1e5


def test_collinear_columns_are_nearly_copies():
    generator, rng = _sources(0)
    mixing = _ROOTS["collinear"](200, 4, generator, rng)
    covariance = mixing @ mixing.mT
    variance = torch.diagonal(covariance, dim1=-2, dim2=-1)
    rho = covariance[:, 0, 1] / (variance[:, 0] * variance[:, 1]).sqrt()
    assert float(rho.max()) > 0.999 and float(rho.min()) > 0.85
    assert 1e3 < float(torch.linalg.cond(covariance).max()) < 1e5


def test_block_mixes_some_columns_only():
    generator, rng = _sources(4)
    mixing = _ROOTS["block"](5, 12, generator, rng)
    alone = (mixing == torch.eye(12)).all(0).all(0)
    assert 0 < int(alone.sum()) < 12
    torch.testing.assert_close(mixing @ mixing.mT, torch.eye(12).double().expand(5, 12, 12))


@pytest.mark.parametrize("p", [1, 3])
def test_prior_of_gaussian_mi_reaches_the_tail(p):
    drawn = [random_pairs(50, p, p, *_sources(seed)).mi for seed in range(40)]
    mi = torch.cat(drawn)
    assert 0.35 < float((mi < 0.3).double().mean()) < 0.55
    assert 0.04 < float((mi > 4.0).double().mean()) < 0.12
    assert float(mi.max()) > 8.0


def test_gentle_kinds_and_surfaces_of_one_input():
    assert set(CURVES) - set(GENTLE) == {"pieces", "wave"}
    generator, rng = _sources(0)
    surface = random_surface(2, 1, generator, rng)
    assert surface(torch.zeros(2, 5, 1)).shape == (2, 5)
