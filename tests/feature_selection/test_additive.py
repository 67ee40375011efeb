"""What columns add to a regression: right where effects add up, no more than chance in noise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from skmist._sample.sample import make_sample
from skmist.feature_selection.additive import AdditiveGains


def gains_of(X, y, **kinds):
    sample = make_sample(X, y, **kinds)
    return AdditiveGains(sample, range(sample.p))


def test_gaussian_columns_add_their_conditional_information():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(4000, 3))
    y = X[:, 0] + 0.5 * X[:, 1] + rng.normal(size=4000)
    gains = gains_of(X, y)
    first, second, noise = gains.of([(0,), (1,), (2,)])
    assert first.gain == pytest.approx(0.5 * np.log(2.25 / 1.25), abs=3 * first.error)
    assert second.gain == pytest.approx(0.5 * np.log(2.25 / 2.0), abs=3 * second.error)
    assert noise.gain == pytest.approx(0.0, abs=0.001) and noise.pvalue > 0.01
    gains.take([0])
    again, second, both = gains.of([(0,), (1,), (0, 1, 2)])
    assert again.gain == 0.0 and again.pvalue == 1.0
    assert second.gain == pytest.approx(0.5 * np.log(1.25), abs=3 * second.error)
    assert both.gain == pytest.approx(second.gain, abs=0.002)


def test_labels_on_either_side():
    rng = np.random.default_rng(1)
    x = rng.normal(size=3000)
    wide = (np.abs(x) > 1.0).astype(int)
    (by_square,) = gains_of(x, wide, discrete_target=True).of([(0,)])
    # a correlation ratio: of x**2, or of its scores, with two classes
    assert by_square.gain > 0.3 and by_square.pvalue < 1e-100
    labels = rng.integers(5, size=3000)
    y = np.array([0.0, 3.0, 1.0, -2.0, 0.5])[labels] + rng.normal(size=3000)
    # as text, and as codes whose order says nothing
    for codes in (labels.astype(str), labels):
        (by_label,) = gains_of(codes, y).of([(0,)])
        assert by_label.gain > 0.5


def test_products_are_not_seen():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(1000, 2))
    (both,) = gains_of(X, X[:, 0] * X[:, 1]).of([(0, 1)])
    assert both.gain < 0.02


@pytest.mark.parametrize("classes", [None, 2, 4])
def test_chances_of_noise_are_uniform(classes):
    chances = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        X = rng.standard_t(4, size=(60, 8))
        y = X[:, 7] + rng.normal(size=60)
        if classes:
            y = np.digitize(y, np.quantile(y, np.arange(1, classes) / classes))
        gains = gains_of(X, y, discrete_target="auto" if classes is None else True)
        gains.take([7])
        alone, many = gains.of([(0,), range(1, 7)])
        chances.append([alone.pvalue, many.pvalue])
    for column in np.transpose(chances):
        assert kstest(column, "uniform").pvalue > 0.001


def test_more_columns_than_rows():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(40, 60))
    gains = gains_of(X, X[:, 0] + 0.1 * rng.normal(size=40))
    (whole,) = gains.of([range(60)])
    assert np.isfinite(whole).all()
    gains.take(range(60))
    (left,) = gains.of([(5,)])
    assert np.isfinite(left).all()


def test_a_constant_adds_nothing():
    X = np.column_stack([np.ones(50), np.arange(50.0)])
    constant, line, none = gains_of(X, np.arange(50.0)).of([(0,), (1,), ()])
    assert constant == none == (0.0, 0.0, 1.0)
    assert np.isfinite(line).all() and line.gain > 3.0


def test_only_what_varies_within_groups_counts():
    rng = np.random.default_rng(4)
    groups = np.repeat(np.arange(40), 10)
    between = rng.normal(size=40)[groups]
    X = np.column_stack([between + 0.1 * rng.normal(size=400), rng.normal(size=400)])
    y = between + 0.5 * X[:, 1] + 0.5 * rng.normal(size=400)
    sample = make_sample(X, y, groups=groups)
    first, second = AdditiveGains(sample, [0, 1]).of([(0,), (1,)])
    assert first.pvalue > 0.01
    assert second.gain == pytest.approx(0.5 * np.log(2.0), abs=3 * second.error)


def test_what_is_told_of_classes_stays_below_their_entropy():
    rng = np.random.default_rng(5)
    labels = rng.integers(3, size=2000)
    X = rng.normal(size=(2000, 4))
    X[:, :2] += 4.0 * np.eye(3)[labels, :2]
    X[:, 2] += 1.5 * (labels == 2)
    gains = gains_of(X, labels.astype(str))
    whole, noise = gains.of([range(4), (3,)])
    # normal classes: by Monte Carlo of the true posterior
    means = np.hstack([4.0 * np.eye(3)[:, :2], 1.5 * np.eye(3)[:, 2:]])
    scores = X[:, :3] @ means.T - 0.5 * (means**2).sum(axis=1)
    pointwise = scores[np.arange(2000), labels] - np.log(np.exp(scores).mean(axis=1))
    assert whole.gain == pytest.approx(pointwise.mean(), abs=0.1)
    assert whole.gain < np.log(3) and abs(noise.gain) < 0.005
    gains.take([0, 1])
    (third,) = gains.of([(2,)])
    assert third.pvalue < 1e-6 and 0.0 < third.gain < 0.05
