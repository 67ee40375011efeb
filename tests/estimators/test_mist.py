"""MISTRegressor on its shipped weights."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest

from skmist import MISTRegressor, mutual_info
from skmist._errors import OutOfRangeWarning, WeightsError
from skmist._sample.order import canonical
from skmist.weights import DEFAULT_WEIGHTS, load_card

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 2))
Y = np.stack([X[:, 0] + RNG.normal(size=200), RNG.normal(size=200)], axis=1)
LABELS = np.where(X[:, 0] > 0, "yes", "no")


def _mi(x, y, **options):
    return MISTRegressor(device="cpu", **options).fit(x, y).mi_


@pytest.fixture(scope="module")
def fitted():
    return MISTRegressor(device="cpu").fit(X, Y)


def test_rows_beyond_those_that_attend_come_in_an_order_of_their_own():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(700, 1))
    y = np.sin(3 * x[:, 0]) + 0.3 * rng.normal(size=700)
    rows = rng.permutation(700)
    assert _mi(x[rows], y[rows]) == pytest.approx(_mi(x, y), abs=1e-4)


def test_canonical_order_ignores_order_columns_maps_and_names():
    x = np.column_stack([RNG.normal(size=(50, 2)), RNG.integers(0, 3, 50)])
    kinds = np.array([False, False, True])
    order = canonical(x, kinds, 1).order
    rows = RNG.permutation(50)
    np.testing.assert_array_equal(rows[canonical(x[rows], kinds, 1).order], order)
    np.testing.assert_array_equal(canonical(x[:, ::-1], kinds[::-1], 2).order, order)
    other = np.column_stack([np.exp(x[:, :2]), (x[:, 2] + 1) % 3])
    np.testing.assert_array_equal(canonical(other, kinds, 1).order, order)


@pytest.mark.parametrize("discrete", [True, False])
def test_any_part_of_the_canonical_order_is_a_fair_sample_of_repeated_rows(discrete):
    rows = np.random.default_rng(2).integers(0, 4, (4000, 2)).astype(float)
    kinds = np.array([discrete, discrete])
    ordered = rows[canonical(rows, kinds, 1).order]
    for part in (ordered[:400], ordered[-400:], ordered[1800:2200]):
        counts = np.unique(part, axis=0, return_counts=True)[1]
        # 16 cells of 25 rows each, give or take five standard deviations.
        assert len(counts) == 16
        assert counts.min() > 5 and counts.max() < 50


@pytest.mark.filterwarnings("ignore::skmist.OutOfRangeWarning")
def test_many_repeated_rows():
    rng = np.random.default_rng(3)
    x = rng.integers(0, 4, 6000)
    y = np.where(rng.random(6000) < 0.7, x, rng.integers(0, 4, 6000))
    joint = np.full((4, 4), 0.3 / 16) + 0.7 / 4 * np.eye(4)
    truth = float((joint * np.log(joint * 16)).sum())
    mist = MISTRegressor(device="cpu", discrete_features=True, discrete_target=True)
    assert mist.fit(x[:, None], y).mi_ == pytest.approx(truth, abs=0.05)


def test_quantiles_rise_and_give_interval_and_estimate(fitted):
    assert np.all(np.diff(fitted.quantiles_) >= 0)
    assert np.all(fitted.quantiles_ >= 0)
    low, high = fitted.interval(0.9)
    assert low < fitted.mi_ < high
    assert fitted.interval(0.5)[0] >= low
    wide = fitted.interval(0.999)
    assert wide[0] <= low
    assert wide[1] >= high
    at = np.interp([0.05, 0.95], fitted.quantile_levels_, fitted.quantiles_)
    np.testing.assert_allclose([low, high], at, rtol=1e-9)


def test_many_estimates_equal_single_ones():
    samples = [(X, Y), (X[:, 0], LABELS), (X[:100], Y[:100]), (Y, X), (X[:, 0], np.ones(200))]
    together = MISTRegressor(device="cpu").estimate_intervals(samples)
    assert together[4][:3] == (0.0, 0.0, 0.0)
    for (mi, low, high, _), (x, y) in zip(together[:4], samples[:4], strict=True):
        one = mutual_info(x, y, device="cpu")
        assert mi == pytest.approx(one.mi, abs=1e-5)
        assert (low, high) == pytest.approx((one.low, one.high), abs=1e-5)
    np.testing.assert_allclose(
        MISTRegressor(device="cpu").estimate_many(samples), [t[0] for t in together], atol=1e-6
    )


def test_an_answer_does_not_depend_on_what_it_is_batched_with():
    few, many = np.digitize(X[:, 0], [0.0]), np.digitize(X[:, 0], np.linspace(-1, 1, 7))
    mist = MISTRegressor(device="cpu", discrete_target=True)
    together = mist.estimate_many([(X, few), (X, many), (Y, few)])
    alone = [mist.estimate_many([pair])[0] for pair in ((X, few), (X, many), (Y, few))]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_rows_of_the_sample_carry_its_information(fitted):
    information = fitted.predict(X)
    assert information.mean() == pytest.approx(fitted.mi_, abs=1e-6)
    alone = np.concatenate([fitted.predict(X[i : i + 1]) for i in range(5)])
    np.testing.assert_allclose(alone, information[:5], atol=1e-6)


def test_pointwise_information_follows_the_truth():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(600, 1))
    y = 0.9 * x[:, 0] + np.sqrt(1 - 0.81) * rng.normal(size=600)
    mist = MISTRegressor(device="cpu").fit(x, y)
    truth = -0.5 * np.log(1 - 0.81) - (0.81 * (x[:, 0] ** 2 + y**2) - 2 * 0.9 * x[:, 0] * y) / (
        2 * (1 - 0.81)
    )
    assert np.corrcoef(mist.score_samples(x, y), truth)[0, 1] > 0.8
    expected = 0.5 * (0.81 * (x[:, 0] ** 2 - 1) - np.log(1 - 0.81))
    assert np.corrcoef(mist.predict(x), expected)[0, 1] > 0.6


def test_information_never_exceeds_the_entropy_of_a_label():
    quantiles = MISTRegressor(device="cpu").fit(X[:, :1], LABELS).quantiles_
    assert quantiles.max() <= np.log(2)
    same = MISTRegressor(device="cpu").fit((LABELS == "yes").reshape(-1, 1), LABELS)
    assert same.mi_ == pytest.approx(np.log(2), abs=0.1)


@pytest.mark.parametrize("levels", [2, 3, 7, 12])
def test_names_of_categories_do_not_matter(levels):
    codes = np.digitize(X[:, 0] + 0.3 * X[:, 1], np.linspace(-1.5, 1.5, levels - 1))
    names = np.random.default_rng(levels).permutation(list("abcdefghijklmnop"))
    one = MISTRegressor(device="cpu", discrete_target=True).fit(X, codes)
    other = MISTRegressor(device="cpu").fit(X, names[codes])
    assert other.mi_ == pytest.approx(one.mi_, abs=1e-4)
    found = other.score_samples(X[:5], names[codes[:5]])
    np.testing.assert_allclose(found, one.score_samples(X[:5], codes[:5]), atol=1e-3)


def test_outside_the_trained_range_there_is_a_warning():
    wide = load_card(DEFAULT_WEIGHTS)["trained"]["columns"][1]
    x = np.random.default_rng(3).normal(size=(60, wide + 1))
    with pytest.warns(OutOfRangeWarning, match=f"{wide + 1} columns on one side"):
        mist = MISTRegressor(device="cpu").fit(x, X[:60, 0])
    assert mist.warnings_
    assert np.isfinite(mist.mi_)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        MISTRegressor(device="cpu").fit(X, Y)


def test_more_categories_than_trained_on_are_a_warning():
    most = load_card(DEFAULT_WEIGHTS)["trained"]["categories"][1]
    label = np.tile(np.arange(most + 1), 6)
    x = label + np.random.default_rng(4).normal(size=len(label))
    with pytest.warns(OutOfRangeWarning, match=f"{most + 1} categories in one column"):
        MISTRegressor(device="cpu", discrete_target=True).fit(x[:, None], label)
    fewer = label < most
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        MISTRegressor(device="cpu", discrete_target=True).fit(x[fewer, None], label[fewer])


def test_a_pickled_estimator_answers_the_same(fitted):
    information = fitted.predict(X[:10])
    data = pickle.dumps(fitted)
    assert len(data) < 200_000
    np.testing.assert_allclose(pickle.loads(data).predict(X[:10]), information, atol=1e-6)


def test_an_estimator_fitted_on_a_gpu_wakes_up_without_one(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    mist = MISTRegressor(device="auto").fit(X, Y)
    mist.device_ = "cuda"
    assert np.isfinite(pickle.loads(pickle.dumps(mist)).predict(X[:3])).all()


def test_unknown_weights_are_an_error():
    with pytest.raises(WeightsError, match="no card"):
        MISTRegressor(weights="mist-99").fit(X, Y)


@pytest.mark.parametrize("rho", [0.0, 0.7])
def test_rounded_numbers_are_read_like_exact_ones(rho):
    truth, errors = -0.5 * np.log(1 - rho**2), []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=500)
        y = rho * x + np.sqrt(1 - rho**2) * rng.normal(size=500)
        errors.append(_mi(np.round(x, 1).reshape(-1, 1), np.round(y, 1)) - truth)
    assert abs(np.mean(errors)) < 0.05


def test_a_device_that_is_not_there_is_an_error(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(ValueError, match="0 CUDA devices.*device='cpu'"):
        MISTRegressor(device="cuda").fit(X, Y)


@pytest.mark.parametrize("level", [0, 1, 1.5, "high"])
def test_a_level_that_is_none_is_an_error(fitted, level):
    for ask in (fitted.interval, lambda v: fitted.estimate_intervals([(X, Y)], level=v)):
        with pytest.raises(ValueError, match="level"):
            ask(level)


@pytest.mark.parametrize("curve", [np.copy, np.square, np.abs, np.sin, np.exp])
@pytest.mark.parametrize("n", [50, 1000])
def test_a_function_of_the_other_side_is_noted(curve, n):
    x = np.random.default_rng(0).normal(size=(n, 1))
    for sides in ((x, curve(x)), (curve(x), x)):
        with pytest.warns(OutOfRangeWarning, match="cannot show how much information"):
            MISTRegressor().fit(*sides)


@pytest.mark.parametrize("noise", [0.03, 0.3, 30.0])
def test_noise_that_rows_can_show_is_not(noise):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1000, 1))
    assert MISTRegressor().fit(x, np.sin(x) + noise * rng.normal(size=(1000, 1))).warnings_ == ()


def test_a_side_of_categories_limits_the_information_itself():
    x = np.random.default_rng(0).normal(size=(300, 1))
    assert MISTRegressor().fit(x, x > 0).warnings_ == ()
