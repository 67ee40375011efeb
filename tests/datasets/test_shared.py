"""Labels, groups, shared rates and states, near functions, curves: truth against others."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch
from scipy import special, stats

from skmist.datasets import (
    CorrelatedGaussian,
    GaussianClasses,
    GroupMeans,
    JointTable,
    LabelChannel,
    NearFunction,
    NoisyCurve,
    SharedRate,
    SharedState,
    SingleIndexRegression,
    get_family,
)
from tests.datasets.family_checks import check_derivative, check_truth


def _lines(t):
    return torch.stack([torch.stack([t, 0.0 * t], -1), torch.stack([t, t.square()], -1)])


def _arc(t):
    return torch.stack([torch.stack([torch.sin(4.0 * t), t], -1)])


CASES = [
    LabelChannel(0.5, [1.0] * 20),
    LabelChannel(0.3, [3.0, 2.0, 1.0, 1.0], [0, 1, 0, 1], [1.0, 4.0]),
    LabelChannel(0.0, [1.0, 2.0, 1.0]),
    GroupMeans([-3.0, 3.0]),
    GroupMeans(np.linspace(0.0, 1.0, 200), 0.05, np.arange(1.0, 201.0)),
    SharedRate([1.0, 1.0], [0.7, 0.7]),
    SharedRate([0.0, 1.5], [0.7, -0.5], dispersion=3.0),
    SharedRate([0.5, 0.0], [0.9, 0.9], discrete=True),
    SharedState([[0.95, 0.0], [0.0, 0.05]]),
    SharedState([[0.7, 0.05], [0.05, 0.2]], 3, 2, "counts"),
    NearFunction(None, [0.01]),
    NearFunction(lambda z: torch.sin(2.0 * z), [1e-3, 0.2]),
    NoisyCurve(_lines, 0.1, [0.4, 0.6]),
    NoisyCurve(_arc, 0.05),
]
IDS = [f"{case.name}-{i}" for i, case in enumerate(CASES)]
PRIORS = [
    ("label_channel", 1, 1),
    ("group_means", 1, 1),
    ("shared_rate", 1, 1),
    ("shared_state", 1, 1),
    ("shared_state", 4, 2),
    ("near_function", 1, 1),
    ("near_function", 3, 3),
    ("noisy_curve", 1, 1),
    ("noisy_curve", 2, 1),
    ("noisy_curve", 5, 1),
]


@pytest.mark.parametrize("family", CASES, ids=IDS)
def test_samples_agree_with_the_truth(family):
    check_truth(family)


@pytest.mark.parametrize("family", [c for c in CASES if c.name not in ("near_function",)])
def test_derivative_integrates_to_one_under_independence(family):
    check_derivative(family)


@pytest.mark.parametrize("name, p, q", PRIORS)
def test_prior(name, p, q):
    def drawn(seed):
        generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
        family = get_family(name).from_prior(8, p, q, generator, rng)
        return family, *family.draw_with_pointwise(6000, generator, torch.float64)

    for seed in range(8):
        family, x, y, pmi = drawn(seed)
        assert x.shape == (8, 6000, p) and y.shape == (8, 6000, q)
        assert bool(torch.isfinite(pmi).all()) and bool((family.mi >= 0.0).all())
        assert float(family.mi_standard_error.max()) < 0.015
        assert float(family.mi_standard_error.median()) < 0.005
        limit = 4.5 * pmi.std(1) / math.sqrt(6000) + 4.0 * family.mi_standard_error + 2e-3
        assert bool(((pmi.mean(1) - family.mi).abs() <= limit).all())
        torch.testing.assert_close(family.log_ratio(x, y), pmi, atol=1e-4, rtol=1e-4)
    for a, b in zip((x, y, pmi), drawn(7)[1:], strict=True):
        assert torch.equal(a, b)


FLOATS = ["label_channel", "group_means", "shared_rate", "shared_state", "noisy_curve"]


@pytest.mark.parametrize("name", FLOATS)
def test_float_draws_have_the_same_values(name):
    for seed in range(4):
        generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
        p = 3 if name == "noisy_curve" else 1
        family = get_family(name).from_prior(4, p, 1, generator, rng)
        x, y, pmi = family.draw_with_pointwise(300, generator)
        assert x.dtype == y.dtype == pmi.dtype == torch.float32
        assert bool(torch.isfinite(pmi).all())


def test_label_channel_against_its_table():
    rng = np.random.default_rng(0)
    weights, anew = rng.dirichlet(np.ones(7)), rng.dirichlet(np.ones(4))
    mapped, kept = rng.integers(4, size=7), 0.35
    table = weights[:, None] * (kept * (mapped[:, None] == np.arange(4)) + (1 - kept) * anew)
    family, same = LabelChannel(kept, weights, mapped, anew), JointTable(table)
    assert family.mutual_information == pytest.approx(same.mutual_information, abs=1e-12)
    X, y = family.sample(200, random_state=0)
    np.testing.assert_allclose(family.pointwise_mi(X, y), same.pointwise_mi(X, y), atol=1e-12)


@pytest.mark.parametrize("k, share", [(30, 0.3), (300, 0.6)])
def test_kept_labels(k, share):
    p = share + (1 - share) / k
    expected = np.log(k) + p * np.log(p) + (1 - p) * np.log((1 - p) / (k - 1))
    assert LabelChannel(share, np.ones(k)).mutual_information == pytest.approx(expected)


def test_group_means_against_classes():
    means, weights = [-2.0, 0.5, 4.0], [1.0, 2.0, 1.0]
    classes = GaussianClasses(weights, np.reshape(means, (3, 1)), np.full((3, 1, 1), 0.49))
    family = GroupMeans(means, 0.7, weights)
    error = float(classes.mi_standard_error)
    assert family.mutual_information == pytest.approx(
        classes.mutual_information, abs=4.0 * error + 1e-4
    )


def test_prior_of_groups_reaches_three_hundred():
    sizes = []
    for seed in range(60):
        generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
        family = GroupMeans.from_prior(4, 1, 1, generator, rng)
        sizes.append(family.means.shape[-1])
        assert bool((family.mi <= math.log(sizes[-1]) + 1e-3).all())
    assert min(sizes) < 8 and np.mean(np.array(sizes) > 100) > 0.15


def test_prior_of_labels_reaches_three_hundred_and_independence():
    sizes, nothing = [], 0
    for seed in range(80):
        generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
        family = LabelChannel.from_prior(4, 1, 1, generator, rng)
        sizes.append(family.weights.shape[-1])
        nothing += int((family.mi < 1e-12).sum())
    assert min(sizes) < 5 and max(sizes) > 250 and np.mean(np.array(sizes) > 100) > 0.1
    assert 0.1 < nothing / 320 < 0.45


@pytest.mark.parametrize("dispersion", [None, 3.0])
def test_shared_rate_against_summation(dispersion):
    z = np.linspace(-8.0, 8.0, 2001)
    weights = stats.norm.pdf(z) / stats.norm.pdf(z).sum()
    sides = []
    for a, b in ((1.0, 0.7), (0.3, -0.4)):
        most = 60.0 if dispersion is None else 15.0
        rate = np.exp(np.minimum(a + b * z, math.log(most)))[:, None]
        counts = np.arange(300)
        law = stats.poisson(rate)
        if dispersion is not None:
            law = stats.nbinom(dispersion, dispersion / (dispersion + rate))
        sides.append(law.pmf(counts))
    joint = (sides[0] * weights[:, None]).T @ sides[1]
    product = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    expected = special.rel_entr(joint, product).sum()
    family = SharedRate([1.0, 0.3], [0.7, -0.4], dispersion)
    assert family.mutual_information == pytest.approx(expected, abs=1e-5)


def test_shared_state_is_the_entropy_of_the_state():
    share = 0.05
    entropy = -(share * math.log(share) + (1 - share) * math.log(1 - share))
    family = SharedState([[1.0 - share, 0.0], [0.0, share]], 2, 3)
    assert family.mutual_information == pytest.approx(entropy)
    X, y = family.sample(4000, random_state=0)
    on = X[:, 0] != 0.0
    assert 0.03 < on.mean() < 0.07
    np.testing.assert_array_equal((X != 0.0).all(1), on)
    np.testing.assert_array_equal((y != 0.0).all(1), on)
    assert abs(stats.spearmanr(X[on, 0], y[on, 0]).statistic) < 0.25


@pytest.mark.parametrize("sigma", [0.3, 1e-2, 1e-5])
def test_near_function_of_a_line_is_a_gaussian_pair(sigma):
    family = NearFunction(None, [sigma])
    rho = 1.0 / math.sqrt(1.0 + sigma**2)
    pair = CorrelatedGaussian(rho) if sigma > 1e-3 else None
    assert family.mutual_information == pytest.approx(0.5 * math.log1p(sigma**-2))
    # The boxes know nothing of the normal law.
    boxes = NearFunction(lambda z: z, [sigma])
    scale = float(1.0 / boxes._curve(torch.ones(1, 1)).double())
    close = 0.5 * math.log1p((sigma * scale) ** -2)
    assert boxes.mutual_information == pytest.approx(close, abs=0.004)
    if pair:
        X, y = family.sample(300, random_state=0)
        np.testing.assert_allclose(
            family.pointwise_mi(X, y), pair.pointwise_mi(X, rho * y), atol=1e-6
        )


def test_near_function_against_quadrature():
    family = NearFunction(lambda z: torch.sin(2.0 * z), [0.05])
    scaled = family._curve
    same = SingleIndexRegression(lambda z: scaled(z.reshape(1, -1)).view_as(z), 0.05)
    assert family.mutual_information == pytest.approx(same.mutual_information, abs=0.006)
    X, y = family.sample(500, random_state=0)
    off = np.abs(family.pointwise_mi(X, y) - same.pointwise_mi(X, y))
    # Beside the folds of the sine, uniform noises are not quite normal ones.
    assert np.median(off) < 1e-4 and np.quantile(off, 0.9) < 0.05 and off.max() < 0.5


def test_near_functions_reach_a_dozen_nats():
    found = []
    for seed in range(10):
        generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
        found.append(NearFunction.from_prior(16, 2, 2, generator, rng).mi)
    mi = torch.cat(found)
    assert float(mi.min()) > 2.0 and float((mi > 8.0).double().mean()) > 0.2
    assert 10.5 < float(mi.max()) < 13.0


@pytest.mark.parametrize("labels", [True, False])
def test_noisy_curve_against_fresh_places(labels):
    family = NoisyCurve(_lines, 0.1, [0.4, 0.6]) if labels else NoisyCurve(_arc, 0.05)
    curves, sigma = (_lines, 0.1) if labels else (_arc, 0.05)
    X, y = family.sample(2000, random_state=0)
    t = (torch.arange(5000, dtype=torch.float64) + 0.5) / 5000
    square = ((X[:, None, None] - curves(t).numpy()) ** 2).sum(-1)
    given = np.exp(-0.5 * square / sigma**2).mean(-1)
    if labels:
        shares = np.array([0.4, 0.6])
        expected = np.log(given[np.arange(2000), y[:, 0].astype(int)] / (given @ shares))
    else:
        at = curves(torch.tensor(y[:, 0])).numpy()[0]
        expected = -0.5 * ((X - at) ** 2).sum(-1) / sigma**2 - np.log(given[:, 0])
    np.testing.assert_allclose(family.pointwise_mi(X, y), expected, atol=8e-3)
    error = 4.0 * expected.std() / math.sqrt(2000) + 0.005
    assert abs(expected.mean() - family.mutual_information) < error


BAD = {
    "means": (lambda: GroupMeans([0.0, 1.0], 1.0, [1.0]), "of one length, got 2 and 1"),
    "group weights": (lambda: GroupMeans([0.0, 1.0], 1.0, [1.0, 0.0]), "must be positive"),
    "group noise": (lambda: GroupMeans([0.0, 1.0], 1e-4), "noise must be above 0.001"),
    "kept": (lambda: LabelChannel(1.5, [1.0, 1.0]), "kept must lie from 0 to 1"),
    "weights": (lambda: LabelChannel(0.5, [1.0, 0.0]), "must be positive"),
    "mapped": (lambda: LabelChannel(0.5, [1.0, 1.0], [0, 2]), "2 labels from 0 to 1"),
    "dispersion": (lambda: SharedRate([0, 0], [1, 1], 0.5), "at least 2, got 0.5"),
    "slopes": (lambda: SharedRate([0.0], [1.0]), "a number for x and one for y"),
    "table": (lambda: SharedState([[1.0, -1.0], [0.0, 1.0]]), "not negative"),
    "state": (lambda: SharedState([[1.0, 0.0], [1.0, 0.0]]), "needs a weight"),
    "sizes": (lambda: SharedState(np.eye(2), sizes="odd"), "sizes must be one of"),
    "noise": (lambda: NearFunction(None, [1e-9]), "noise must be at least 1e-7"),
    "curves": (lambda: NoisyCurve(_lines, 0.1), "2 curves; give as many weights"),
    "sigma": (lambda: NoisyCurve(_arc, 1e-4), "sigma must be at least"),
}


@pytest.mark.parametrize("make, message", BAD.values(), ids=BAD)
def test_bad_parameters(make, message):
    with pytest.raises(ValueError, match=message):
        make()
