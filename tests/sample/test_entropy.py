"""Entropy of discrete rows and the limit that it sets to the MI."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from skmist import GaussianCopulaEstimator, MISTRegressor
from skmist._sample.entropy import discrete_entropy, entropy_limit, side_limit
from skmist._sample.sample import make_sample

SHARES = np.array([0.5, 0.3, 0.15, 0.05])
LABELS = {"discrete_features": True, "discrete_target": True}


def test_entropy_of_known_shares():
    rows = np.repeat(np.arange(4.0), (SHARES * 1000).astype(int))[:, None]
    entropy, error, most = discrete_entropy(rows)
    assert most == pytest.approx(math.log(4))
    assert entropy == pytest.approx(stats.entropy(SHARES) + 3 / 2000)
    spread = math.sqrt(SHARES @ np.log(SHARES) ** 2 - stats.entropy(SHARES) ** 2)
    assert error == pytest.approx(spread / math.sqrt(1000))


def test_entropy_and_its_error_agree_with_the_law():
    rng = np.random.default_rng(0)
    draws = [discrete_entropy(rng.choice(4, (300, 1), p=SHARES)) for _ in range(400)]
    entropy, error, _ = np.mean(draws, axis=0)
    found = np.std([value for value, *_ in draws])
    assert abs(entropy - stats.entropy(SHARES)) < 4 * found / math.sqrt(400)
    assert error == pytest.approx(found, rel=0.15)


def test_equal_shares_leave_no_doubt():
    rows = np.tile(np.arange(8), 20)[:, None]
    assert discrete_entropy(rows) == pytest.approx((math.log(8), 0.0, math.log(8)))


def test_the_limit_is_that_of_the_smaller_discrete_side():
    rng = np.random.default_rng(0)
    x, y = rng.integers(2, size=(400, 1)), rng.integers(5, size=400)
    both = make_sample(x, y, discrete_features=True, discrete_target=True)
    assert float(entropy_limit(both)) == pytest.approx(discrete_entropy(x)[0])
    z = np.array([-2.0, 0.0, 2.0])
    assert np.all(np.diff(entropy_limit(both, z)) >= 0.0)
    mixed = make_sample(np.column_stack([x, rng.normal(size=400)]), rng.normal(size=400))
    assert np.isinf(entropy_limit(mixed))


def limit_of(column):
    return side_limit(make_sample(column, column, discrete_features=False).x)


def test_numbers_that_repeat_are_limited_whatever_their_kind():
    rng = np.random.default_rng(0)
    codes = rng.integers(6, size=20)
    assert 1.0 < limit_of(codes) <= limit_of(7.0 * codes) <= math.log(6)
    assert limit_of(np.arange(60) // 2) == pytest.approx(math.log(30))
    assert limit_of(rng.normal(size=1000).round(1)) == pytest.approx(1.42 + math.log(10), abs=0.05)
    # a label beside a code: the combinations count
    both = np.column_stack([np.arange(60) // 2, np.arange(60) % 2])
    assert side_limit(make_sample(both, both).x) == math.inf
    assert limit_of(np.column_stack([codes, codes])) == pytest.approx(limit_of(codes))


def test_continuous_columns_are_not_limited():
    rng = np.random.default_rng(0)
    x = rng.normal(size=1000)
    assert math.isinf(limit_of(x))
    assert math.isinf(limit_of(x[rng.integers(1000, size=1000)]))
    for share in (0.1, 0.6, 0.95):
        assert math.isinf(limit_of(np.where(rng.random(1000) < share, 0.0, x)))
    assert math.isinf(limit_of(np.column_stack([np.arange(1000) % 3, x])))


@pytest.mark.parametrize(
    ("kinds", "n", "zipf"),
    [(10, 30, False), (30, 100, False), (100, 300, False), (40, 30, True), (40, 60, True)],
)
def test_an_upper_limit_reckons_with_categories_not_seen(kinds, n, zipf):
    shares = 1.0 / np.arange(1, kinds + 1) if zipf else np.ones(kinds)
    shares /= shares.sum()
    rng, z = np.random.default_rng(kinds), stats.norm.ppf(0.95)
    limits = []
    for _ in range(200):
        label = rng.choice(kinds, n, p=shares)
        limits.append(float(entropy_limit(make_sample(label, label, **LABELS), z)))
    assert np.mean(np.array(limits) < stats.entropy(shares)) < 0.16
    assert np.median(limits) < stats.entropy(shares) + 0.8


def test_five_rows_of_every_category_leave_no_others():
    label = np.random.default_rng(0).permutation(np.repeat(np.arange(4), [5, 20, 30, 45]))
    limit = entropy_limit(make_sample(label, label, **LABELS), np.array([0.5, 3.0, 30.0]))
    assert np.all(np.diff(limit) >= 0.0)
    assert limit[-1] == pytest.approx(math.log(4))


def test_no_level_puts_the_end_above_the_entropy():
    label = np.random.default_rng(2).integers(2, size=60)
    mist = MISTRegressor(device="cpu", **LABELS).fit(label[:, None], label)
    for level in (0.5, 0.9, 0.99, 0.999):
        low, high = mist.interval(level)
        assert low <= mist.mi_ <= high <= math.log(2) + 1e-9
        _, low, high, _ = mist.estimate_intervals([(label[:, None], label)], level)[0]
        assert low <= high <= math.log(2) + 1e-9


@pytest.mark.parametrize("estimator", [GaussianCopulaEstimator(), MISTRegressor(device="cpu")])
def test_no_estimate_exceeds_the_entropy_of_a_label(estimator):
    label = np.random.default_rng(1).choice(4, 500, p=SHARES)
    estimator.set_params(discrete_features=True, discrete_target=True).fit(label[:, None], label)
    entropy, *_ = discrete_entropy(label[:, None])
    assert estimator.mi_ <= entropy + 1e-9
    assert estimator.estimate_many([(label[:, None], label)])[0] <= entropy + 1e-9


def test_the_interval_of_a_label_with_itself_holds_its_entropy():
    truth, held = stats.entropy(SHARES), 0
    for seed in range(20):
        label = np.random.default_rng(seed).choice(4, 400, p=SHARES)
        mist = MISTRegressor(device="cpu", discrete_features=True, discrete_target=True)
        low, high = mist.fit(label[:, None], label).interval(0.9)
        held += low <= truth <= high
    assert held >= 14
