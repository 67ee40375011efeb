"""Labelled mixtures: truth against independent computations."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from skmist.datasets import Gaussian, GaussianClasses, LabelledMixture, Swapped
from tests.datasets.family_checks import check_derivative, check_truth


def _covariance(d, seed=0):
    root = np.random.default_rng(seed).normal(size=(d, d))
    return root @ root.T + 0.3 * np.eye(d)


def _labelled(p, q, labels=3, seed=0):
    rng = np.random.default_rng(seed)
    d = p - 1 + q
    means = 1.5 * rng.normal(size=(labels, d))
    covariances = np.stack([_covariance(d, seed + k) for k in range(labels)])
    return LabelledMixture(rng.uniform(0.2, 1.0, labels), means, covariances, p)


CASES = [_labelled(1, 1), _labelled(1, 3), _labelled(2, 1), _labelled(4, 2, labels=5)]
IDS = [f"{case.name}-{i}" for i, case in enumerate(CASES)]


@pytest.mark.parametrize("family", CASES, ids=IDS)
def test_samples_agree_with_the_truth(family):
    check_truth(family)


@pytest.mark.parametrize("family", CASES, ids=IDS)
def test_derivative_integrates_to_one_under_independence(family):
    check_derivative(family)


@pytest.mark.parametrize("family", CASES, ids=IDS)
def test_columns_keep_their_flags(family):
    X, y = family.sample(500, random_state=0)
    for values, flags in ((X, family.x_discrete), (y, family.y_discrete)):
        assert values.shape[1] == len(flags)
        for column, discrete in zip(values.T, flags, strict=True):
            assert (np.all(column == np.round(column)) and column.min() >= 0.0) == discrete


def _label_information(family):
    """I(C; Y) for one column y, by quadrature."""
    given = family.describe()["parameters"]
    laws = [
        stats.norm(mean[-1], math.sqrt(covariance[-1, -1]))
        for mean, covariance in zip(given["means"], given["covariances"], strict=True)
    ]

    def gain(t):
        parts = given["weights"] * np.array([law.pdf(t) for law in laws])
        ratio = np.maximum(parts, 1e-300) / np.maximum(given["weights"] * parts.sum(), 1e-300)
        return float((parts * np.log(ratio)).sum())

    return integrate.quad(gain, -15.0, 15.0, limit=200)[0]


@pytest.mark.parametrize("p", [1, 2, 4])
@pytest.mark.parametrize("seed", range(2))
def test_labelled_mixture_against_quadrature_and_determinants(p, seed):
    family = _labelled(p, 1, seed=seed)
    given = family.describe()["parameters"]
    expected = _label_information(family)
    for weight, covariance in zip(given["weights"], given["covariances"], strict=True):
        blocks = covariance[: p - 1, : p - 1], covariance[p - 1 :, p - 1 :], covariance
        log_dets = [np.linalg.slogdet(block)[1] if block.size else 0.0 for block in blocks]
        expected += 0.5 * weight * (log_dets[0] + log_dets[1] - log_dets[2])
    error = 4.0 * float(family.mi_standard_error[0])
    assert error < 0.012
    assert family.mutual_information == pytest.approx(expected, abs=error + 1e-4)


def test_labelled_mixture_derivative_against_scipy():
    family = _labelled(3, 2)
    given = family.describe()["parameters"]
    X, y = family.sample(20, random_state=0)
    law = stats.multivariate_normal
    parts = list(zip(given["means"], given["covariances"], strict=True))
    for x_row, y_row, found in zip(X, y, family.pointwise_mi(X, y), strict=True):
        mean, covariance = parts[int(x_row[0])]
        row = np.concatenate([x_row[1:], y_row])
        margin = sum(
            w * law(m[2:], c[2:, 2:]).pdf(y_row)
            for w, (m, c) in zip(given["weights"], parts, strict=True)
        )
        expected = law(mean, covariance).logpdf(row) - math.log(margin)
        expected -= law(mean[:2], covariance[:2, :2]).logpdf(x_row[1:])
        assert found == pytest.approx(expected, abs=1e-8)


def test_label_alone_mirrors_gaussian_classes():
    weights, means = [0.2, 0.3, 0.5], [[-1.0, 0.0], [1.0, 1.0], [0.0, -2.0]]
    covariances = np.stack([_covariance(2, seed) for seed in range(3)])
    family = LabelledMixture(weights, means, covariances)
    mirrored = Swapped(GaussianClasses(weights, means, covariances))
    assert family.x_discrete == (True,) and family.y_discrete == (False, False)
    assert family.mutual_information == pytest.approx(mirrored.mutual_information, abs=1e-12)
    X, y = mirrored.sample(200, random_state=0)
    np.testing.assert_allclose(family.pointwise_mi(X, y), mirrored.pointwise_mi(X, y), atol=1e-9)


def test_a_label_without_effect_leaves_a_gaussian():
    covariance = _covariance(3)
    family = LabelledMixture([0.3, 0.7], np.zeros((2, 3)), [covariance] * 2, p=3)
    plain = Gaussian(covariance, p=2)
    assert family.mutual_information == pytest.approx(plain.mutual_information, abs=1e-5)
    X, y = family.sample(200, random_state=0)
    np.testing.assert_allclose(
        family.pointwise_mi(X, y), plain.pointwise_mi(X[:, 1:], y), atol=1e-9
    )
    assert np.mean(X[:, 0]) == pytest.approx(0.7, abs=0.12)


def test_labelled_batch_is_its_single_ones():
    singles = [_labelled(3, 2, seed=seed) for seed in range(2)]
    given = [single.describe()["parameters"] for single in singles]
    family = LabelledMixture(
        *(
            np.stack([each[name] for each in given])
            for name in ("weights", "means", "covariances")
        ),
        p=3,
    )
    x, y, pmi = family.draw_with_pointwise(100, torch.Generator().manual_seed(0), torch.float64)
    for b, single in enumerate(singles):
        assert single.mutual_information == pytest.approx(float(family.mi[b]), abs=1e-5)
        np.testing.assert_allclose(single.pointwise_mi(x[b], y[b]), pmi[b], atol=1e-8)


@pytest.mark.parametrize("p, q", [(1, 1), (1, 3), (2, 1), (6, 6), (16, 2)])
def test_labelled_prior(p, q):
    assert LabelledMixture.supports(p, q)

    def drawn(seed, dtype=torch.float32):
        generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
        family = LabelledMixture.from_prior(8, p, q, generator, rng)
        return family, *family.draw_with_pointwise(4000, generator, dtype)

    for seed in range(2):
        family, x, y, pmi = drawn(seed)
        assert x.shape == (8, 4000, p) and y.shape == (8, 4000, q)
        assert x.dtype == pmi.dtype == torch.float32 and bool(torch.isfinite(pmi).all())
        assert bool((family.mi_standard_error < 0.005).all())
        pmi = pmi.double()
        limit = 4.5 * pmi.std(1) / math.sqrt(4000) + 4.5 * family.mi_standard_error + 2e-3
        assert bool(((pmi.mean(1) - family.mi).abs() <= limit).all())
        for a, b in zip((x, y), drawn(seed)[1:], strict=False):
            assert torch.equal(a, b)


EYES = [np.eye(2)] * 2
BAD = {
    "p": (lambda: LabelledMixture([1, 1], np.zeros((2, 2)), EYES, p=3), "from 1 to 2, got 3"),
    "weights": (lambda: LabelledMixture([1, 0], np.zeros((2, 2)), EYES), "must be positive"),
    "shapes": (lambda: LabelledMixture([1, 1, 1], np.zeros((2, 2)), EYES), "disagree"),
    "covariance": (
        lambda: LabelledMixture([1, 1], np.zeros((2, 2)), -np.stack(EYES)),
        "positive definite",
    ),
}


@pytest.mark.parametrize("make, message", BAD.values(), ids=BAD)
def test_bad_parameters(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_supported_dimensions():
    assert LabelledMixture.supports(16, 6)
    assert not LabelledMixture.supports(1, 7) and not LabelledMixture.supports(17, 1)
