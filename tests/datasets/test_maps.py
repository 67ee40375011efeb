"""Maps of one side: exact inverses, unchanged pointwise MI, and what they must never do."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch
from scipy import stats

from skmist.datasets import (
    ClaytonCopula,
    CorrelatedGaussian,
    Coupling,
    Embedded,
    Gaussian,
    JointTable,
    Product,
    Transformed,
)
from skmist.datasets.parts.radial import RadialProfile, Reflection

PRIORS = [Coupling.from_prior, RadialProfile.from_prior, Reflection.from_prior]
AFFINE = Coupling([0], [1, 2], [[0.5, -1.0]], "sine", scale_weights=[[0.8, -0.4]])


def _sources(seed):
    return torch.Generator().manual_seed(seed), random.Random(seed)


def _points(batch, n, dim, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    return 2.0 * torch.randn(batch, n, dim, dtype=dtype, generator=generator)


@pytest.mark.parametrize("make", PRIORS, ids=lambda make: make.__self__.__name__)
@pytest.mark.parametrize("seed", range(6))
def test_maps_invert_exactly(make, seed):
    step = make(5, 3, *_sources(seed))
    x = _points(5, 300, 3, seed)
    np.testing.assert_allclose(step.inverse(step.forward(x)), x, atol=1e-11, rtol=1e-11)
    np.testing.assert_allclose(step.forward(step.inverse(x)), x, atol=1e-11, rtol=1e-11)
    single = step.forward(x.float())
    assert single.dtype == torch.float32
    np.testing.assert_allclose(single, step.forward(x), atol=2e-4, rtol=2e-4)
    np.testing.assert_allclose(step.inverse(single), x, atol=2e-4, rtol=2e-4)


@pytest.mark.parametrize("make", PRIORS, ids=lambda make: make.__self__.__name__)
def test_maps_leave_pointwise_mi(make):
    generator, rng = _sources(0)
    base = Gaussian.from_prior(5, 3, 2, generator, rng)
    warped = Transformed(base, make(5, 3, generator, rng), make(5, 2, generator, rng))
    x, y, pmi = warped.draw_with_pointwise(200, generator, torch.float64)
    np.testing.assert_allclose(warped.log_ratio(x, y), pmi, atol=1e-6, rtol=1e-6)
    assert torch.equal(warped.mi, base.mi)


def test_affine_coupling_scales_and_shifts():
    x = _points(1, 50, 3)
    image = AFFINE.forward(x)
    assert torch.equal(image[..., 0], x[..., 0])
    first, second, _ = x[0].numpy().T
    expected = second * np.exp(0.8 * np.tanh(first)) + 0.5 * np.sin(2.0 * first)
    np.testing.assert_allclose(image[0, :, 1], expected, atol=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_scales_of_the_prior_are_bounded(seed):
    step = Coupling.from_prior(20, 9, *_sources(seed))
    if step.scale_weights is not None:
        assert float(step.scale_weights.abs().sum(1).max()) <= 1.2 + 1e-12


def test_prior_draws_couplings_with_and_without_scales():
    drawn = {Coupling.from_prior(2, 3, *_sources(s)).scale_weights is None for s in range(12)}
    assert drawn == {True, False}


@pytest.mark.parametrize("gain", [-0.8, -0.3, 0.0, 1.0, 4.0])
@pytest.mark.parametrize("rate", [0.3, 3.0])
def test_radial_profile_increases_and_keeps_its_rays(gain, rate):
    step = RadialProfile(gain, rate)
    r = torch.linspace(0.0, 40.0, 4001, dtype=torch.float64)
    line = torch.stack([0.6 * r, -0.8 * r], -1)[None]
    norm = step.forward(line).norm(dim=-1)[0]
    ratio = r / math.sqrt(2.0)
    expected = r * (1.0 + gain * torch.tanh(rate * ratio))
    np.testing.assert_allclose(norm, expected, atol=1e-12)
    assert bool((norm.diff() > 0.0).all())
    x = _points(1, 100, 3)
    cosine = torch.nn.functional.cosine_similarity(step.forward(x), x, dim=-1)
    np.testing.assert_allclose(cosine, 1.0, atol=1e-12)
    origin = torch.zeros(1, 1, 3, dtype=torch.float64)
    assert not bool(step.forward(origin).any()) and not bool(step.inverse(origin).any())


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1e3, 1e8])
def test_radial_profile_inverts_at_every_scale(scale):
    step, x = RadialProfile([-0.8, 3.0], 1.0), scale * _points(2, 50, 2)
    np.testing.assert_allclose(step.inverse(step.forward(x)), x, rtol=1e-10)


def test_reflections_turn_a_copula():
    """Turned by 90 degrees, the dependence is that of u and 1 - v: the other sign of tau."""
    base = ClaytonCopula(3.0)
    turned = Transformed(base, Reflection([-1.0]), None)
    X, y = turned.sample(4000, random_state=0)
    plain = base.sample(4000, random_state=0)
    np.testing.assert_array_equal(X, -plain[0])
    np.testing.assert_array_equal(turned.pointwise_mi(X, y), base.pointwise_mi(*plain))
    tau = stats.kendalltau(X[:, 0], y[:, 0])[0]
    assert tau == pytest.approx(-0.6, abs=0.03)
    both = Transformed(base, Reflection([-1.0]), Reflection([-1.0]))
    X, y = both.sample(20_000, random_state=0)
    # The dependent tail of the Clayton copula is the lower one; turned, it is the upper one.
    upper, lower = X[:, 0] > np.quantile(X, 0.98), X[:, 0] < np.quantile(X, 0.02)
    assert np.mean(y[upper, 0] > np.quantile(y, 0.98)) > 0.6
    assert np.mean(y[lower, 0] < np.quantile(y, 0.02)) < 0.3


def test_reflection_prior_flips_both_ways():
    signs = torch.cat([Reflection.from_prior(50, 4, *_sources(s)).signs for s in range(6)])
    assert 0.35 < float((signs < 0.0).double().mean()) < 0.65


# Embeddings around a family.


@pytest.mark.parametrize("extra_x, extra_y", [(3, 0), (0, 4), (5, 2), (0, 0)])
def test_embedded_around_keeps_the_truth(extra_x, extra_y):
    generator, rng = _sources(1)
    base = Gaussian.from_prior(6, 2, 1, generator, rng)
    family = Embedded.around(base, extra_x, extra_y, generator, rng)
    assert (family.x_dim, family.y_dim) == (2 + extra_x, 1 + extra_y)
    assert torch.equal(family.mi, base.mi) and family.batch_size == 6
    x, y, pmi = family.draw_with_pointwise(500, generator, torch.float64)
    assert x.shape == (6, 500, 2 + extra_x) and y.shape == (6, 500, 1 + extra_y)
    np.testing.assert_allclose(family.log_ratio(x, y), pmi, atol=1e-7, rtol=1e-7)
    single, _, pmi = family.draw_with_pointwise(500, generator)
    assert single.dtype == pmi.dtype == torch.float32


def test_embedded_around_leaves_a_discrete_side_alone():
    generator, rng = _sources(0)
    base = Product([CorrelatedGaussian(0.5), JointTable([[2, 1], [1, 3]])])
    with pytest.raises(ValueError, match="x_map needs continuous columns"):
        Embedded.around(base, 1, 0, generator, rng)
    with pytest.raises(ValueError, match="must not be negative, got -1, 0"):
        Embedded.around(CorrelatedGaussian(0.5), -1, 0, generator, rng)


def test_embeddings_are_rotated_or_plain():
    base = CorrelatedGaussian([0.5, 0.9])
    drawn = [Embedded.around(base, 2, 0, *_sources(seed)) for seed in range(12)]
    eye = torch.eye(3, dtype=torch.float64)
    plain = [bool((family.x_map.rotation == eye).all()) for family in drawn]
    assert 0 < sum(plain) < 12


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Reflection([1.0, 0.5]), "signs must be 1 or -1, got"),
        (lambda: RadialProfile(-0.9, 1.0), "gain must be at least -0.8"),
        (lambda: RadialProfile(1.0, 0.0), "rate must be positive"),
        (
            lambda: Coupling([0], [1], [[1.0]], scale_weights=[[1.0, 2.0]]),
            "scale_weights must have shape \\(1, 1\\), got \\(1, 2\\)",
        ),
    ],
    ids=["signs", "gain", "rate", "scale weights"],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()
