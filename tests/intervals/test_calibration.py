"""Calibration tools: estimators whose calibration is known first, then counts by hand."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri
from scipy.stats import binom

from skmist import (
    BootstrapCI,
    GaussianCopulaEstimator,
    InvalidSampleError,
    KSGEstimator,
    MISTRegressor,
    MutualInfoCalibrationDisplay,
    conditional_mutual_info,
    interval_calibration,
    interval_results,
    sbc_ranks,
)


class Known:
    """The mean of y, known to have standard error 1; intervals too narrow by `shrink`."""

    def __init__(self, shrink=1.0, shift=0.0):
        self.shrink, self.shift = shrink, shift

    def get_params(self, deep=True):
        return {"shrink": self.shrink, "shift": self.shift}

    def fit(self, X, y):
        self.mi_ = float(np.mean(y)) + self.shift
        return self

    def interval(self, level):
        reach = self.shrink * ndtri(0.5 + level / 2)
        return self.mi_ - reach, self.mi_ + reach


def noisy_truths(count, seed=0):
    """Samples whose y is the truth plus standard normal noise."""
    rng = np.random.default_rng(seed)
    truths = rng.uniform(10.0, 20.0, size=count)
    return [(np.zeros((6, 2)), np.full(6, t + rng.normal())) for t in truths], truths


@pytest.fixture(scope="module")
def exact():
    samples, truths = noisy_truths(800)
    return interval_results(Known(), samples, truths, columns={"half": np.arange(800) % 2})


# Known calibration ----------------------------------------------------------------------


def test_coverage_of_exact_intervals_is_their_level(exact):
    found = interval_calibration(exact)
    assert found["level"].tolist() == pytest.approx(np.arange(0.05, 1.0, 0.05))
    chance = np.sqrt(found["level"] * (1 - found["level"]) / 800)
    assert ((found["coverage"] - found["level"]).abs() < 3.5 * chance).all()
    np.testing.assert_allclose(found["width"], 2 * ndtri(0.5 + found["level"] / 2))
    np.testing.assert_allclose(
        found["coverage_se"], np.sqrt(found["coverage"] * (1 - found["coverage"]) / 800)
    )
    assert found["error"].iloc[0] == pytest.approx(np.sqrt(2 / np.pi), abs=0.08)


def test_ranks_of_exact_intervals_are_uniform(exact):
    found = sbc_ranks(exact)
    assert found.p_value > 0.01
    assert found.expected.tolist() == pytest.approx([20.0] * 19 + [40.0] + [20.0] * 19)
    assert found.counts.sum() == 800


@pytest.mark.parametrize(
    ("wrong", "sign"), [(Known(shrink=0.6), 1), (Known(shrink=1.7), -1), (Known(shift=0.5), None)]
)
def test_wrong_intervals_are_found_out(wrong, sign):
    results = interval_results(wrong, *noisy_truths(300))
    ranks = sbc_ranks(results)
    assert ranks.p_value < 1e-4
    tails = ranks.counts[[0, -1]]
    if sign is None:
        assert tails[0] > 3 * max(tails[1], 1)
    else:
        assert np.sign(tails.sum() - ranks.expected[[0, -1]].sum()) == sign


def test_p_values_of_calibrated_estimators_are_spread_out():
    p_values = []
    for seed in range(100):
        results = interval_results(Known(), *noisy_truths(60, seed), levels=[0.25, 0.5, 0.75])
        p_values.append(sbc_ranks(results).p_value)
    assert 1 <= np.sum(np.array(p_values) < 0.1) <= 20
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.12)


# Counts by hand ---------------------------------------------------------------------------


def by_hand():
    return pd.DataFrame(
        {
            "sample": [0, 1, 2, 3, 4],
            "family": ["a", "a", "a", "b", "b"],
            "mi_true": [0.0, 0.3, 0.3, 0.3, 0.3],
            "mi": [0.1, 0.4, np.nan, 0.3, 0.1],
            "level": 0.9,
            "low": [0.0005, 0.35, np.nan, 0.2, np.nan],
            "high": [0.2, 0.5, np.nan, 0.6, np.nan],
        }
    )


def test_figures_by_hand():
    found = interval_calibration(by_hand(), by=["family"]).set_index("family")
    assert found["samples"].tolist() == [3, 2]
    assert found["failed"].tolist() == [1, 0]
    # 0.0005 above the truth of 0 is within the tolerance
    assert found["coverage"].tolist() == [0.5, 1.0]
    assert found["coverage_se"].tolist() == pytest.approx([np.sqrt(0.125), 0.0])
    assert found["width"].tolist() == pytest.approx([0.17475, 0.4])
    assert found["bias"].tolist() == pytest.approx([0.1, -0.1])
    assert found["error"].tolist() == pytest.approx([0.1, 0.1])
    below = by_hand().assign(mi_true=[0.2008, 0.3, 0.3, 0.6008, 0.3])
    assert interval_calibration(below, by="family")["coverage"].tolist() == [0.5, 1.0]
    strict = interval_calibration(by_hand(), by="family", tolerance=0.0)
    assert strict["coverage"].tolist() == [0.0, 1.0]


def test_groups_without_intervals_have_no_coverage():
    results = by_hand().assign(low=np.nan, high=np.nan)
    found = interval_calibration(results)
    assert np.isnan(found[["coverage", "coverage_se", "width"]].to_numpy()).all()
    assert found["error"].iloc[0] == pytest.approx(0.1)


def test_ranks_by_hand():
    sample = np.repeat(np.arange(20), 2)
    truth = np.repeat(np.linspace(0.13, 2.03, 20), 2)
    level = np.tile([0.5, 0.8], 20)
    ends = {"low": 1.0 - level, "high": 1.0 + level}
    results = pd.DataFrame({"sample": sample, "mi_true": truth, "level": level, **ends})
    found = sbc_ranks(results)
    expected = [np.sum(np.array([0.2, 0.5, 1.5, 1.8]) < t) for t in truth[::2]]
    assert found.ranks.tolist() == expected
    np.testing.assert_allclose(found.edges, [0.0, 0.25, 0.75, 1.0])
    np.testing.assert_allclose(found.expected, [5.0, 10.0, 5.0])
    assert found.counts.tolist() == np.bincount(np.digitize(found.ranks, [2, 3])).tolist()


def test_truths_on_the_boundary_have_no_rank(exact):
    zero = exact.assign(mi_true=exact["mi_true"].where(exact["sample"] > 99, 0.0))
    assert len(sbc_ranks(zero).ranks) == 700


# Estimators ---------------------------------------------------------------------------------


def gaussian_samples(count, n=60):
    rng = np.random.default_rng(0)
    x, noise = rng.normal(size=(2, count, n))
    return [(a[:, None], a + b) for a, b in zip(x, noise, strict=True)], np.full(count, 0.3466)


@pytest.mark.parametrize(
    "estimator",
    [
        MISTRegressor(device="cpu"),
        BootstrapCI(GaussianCopulaEstimator(), n_resamples=20, random_state=0),
    ],
    ids=["mist", "bootstrap"],
)
def test_results_are_those_of_the_estimator(estimator):
    samples, truths = gaussian_samples(3)
    labels = pd.DataFrame({"family": ["g", "h", "g"]})
    results = interval_results(estimator, iter(samples), truths, levels=[0.5, 0.9], columns=labels)
    assert results["sample"].tolist() == [0, 0, 1, 1, 2, 2]
    assert results["family"].tolist() == ["g", "g", "h", "h", "g", "g"]
    assert (results[["n", "p", "q"]] == [60, 1, 1]).all(axis=None)
    estimator.fit(*samples[1])
    row = results.iloc[3]
    assert (row["low"], row["high"]) == estimator.interval(0.9)
    assert row["mi"] == estimator.mi_


def test_the_net_runs_once_for_all_levels(monkeypatch):
    passes = []
    run = MISTRegressor._quantiles
    monkeypatch.setattr(
        MISTRegressor, "_quantiles", lambda self, s: passes.append(len(s)) or run(self, s)
    )
    interval_results(MISTRegressor(device="cpu"), *gaussian_samples(2))
    assert passes == [1, 1]


def test_a_function_of_three_sides():
    rng = np.random.default_rng(0)
    samples = [tuple(rng.normal(size=(3, 80, 2))) for _ in range(2)]
    results = interval_results(conditional_mutual_info, samples, [0.0, 0.0], levels=[0.9])
    estimate = conditional_mutual_info(*samples[1])
    assert results["high"].iloc[1] == estimate.high
    assert results["p"].tolist() == [2, 2]


def test_a_function_without_intervals():
    def no_interval(x, y, level):
        return SimpleNamespace(mi=0.4, low=None, high=None)

    results = interval_results(no_interval, *gaussian_samples(2), levels=[0.5])
    assert np.isnan(interval_calibration(results)["coverage"].iloc[0])


def test_refusals():
    samples, truths = gaussian_samples(2)
    with pytest.raises(TypeError, match=r"BootstrapCI\(KSGEstimator\(\)\)"):
        interval_results(KSGEstimator(), samples, truths)
    with pytest.raises(TypeError, match="of type str"):
        interval_results("mist", samples, truths)
    with pytest.raises(ValueError, match="1 truths and more samples"):
        interval_results(Known(), samples, truths[:1])
    with pytest.raises(ValueError, match="3 truths for 2 samples"):
        interval_results(Known(), samples, [0.0] * 3)
    with pytest.raises(ValueError, match="finite numbers"):
        interval_results(Known(), samples, [0.0, np.nan])
    with pytest.raises(ValueError, match="level is 95"):
        interval_results(Known(), samples, truths, levels=[95])
    with pytest.raises(ValueError, match="at least one level"):
        interval_results(Known(), samples, truths, levels=[])
    with pytest.raises(ValueError, match="'n', which the results have anyway"):
        interval_results(Known(), samples, truths, columns={"n": [1, 2]})
    with pytest.raises(ValueError, match="1 values for 2 truths"):
        interval_results(Known(), samples, truths, columns={"family": ["a"]})
    bad = [samples[0], (samples[1][0][:3], samples[1][1][:3])]
    with pytest.raises(InvalidSampleError, match="^Sample 1: X has 3 sample"):
        interval_results(MISTRegressor(device="cpu"), bad, truths)
    with pytest.raises(TypeError, match="lack the columns"):
        interval_calibration(by_hand(), by="rows")
    with pytest.raises(ValueError, match="0 rows"):
        interval_calibration(by_hand().iloc[:0])
    with pytest.raises(TypeError, match="lack the columns"):
        sbc_ranks([1, 2])
    with pytest.raises(ValueError, match="^2 samples have an interval"):
        sbc_ranks(by_hand())


def test_ranks_need_the_same_levels(exact):
    with pytest.raises(ValueError, match="different levels"):
        sbc_ranks(exact.iloc[1:])


# The picture ----------------------------------------------------------------------------------


def test_reliability_diagram_draws_the_coverage(exact):
    display = MutualInfoCalibrationDisplay.from_results(exact, name="known")
    (line,) = display.lines_
    calibration = interval_calibration(exact)
    np.testing.assert_allclose(line.get_xdata(), calibration["level"])
    np.testing.assert_allclose(line.get_ydata(), calibration["coverage"])
    assert line.get_label() == "known"
    band = display.band_.get_paths()[0].vertices
    at_half = band[np.isclose(band[:, 0], 0.5), 1]
    low, high = binom.interval(0.9, 800, 0.5)
    assert (at_half.min(), at_half.max()) == pytest.approx((low / 800, high / 800))
    assert display.figure_ is display.ax_.figure
    plt.close(display.figure_)


def test_a_line_for_each_group_on_given_axes(exact):
    figure, ax = plt.subplots()
    display = MutualInfoCalibrationDisplay.from_results(exact, by="half", ax=ax, color="k")
    assert display.ax_ is ax
    assert [line.get_label() for line in display.lines_] == ["half = 0", "half = 1"]
    assert {line.get_color() for line in display.lines_} == {"k"}
    assert "400 samples" in display.band_.get_label()
    plt.close(figure)


def test_groups_keep_the_order_of_their_categories(exact):
    size = pd.Categorical.from_codes(exact["half"], ["small", "large"])
    found = interval_calibration(exact.assign(size=size), by="size")
    assert found["size"].unique().tolist() == ["small", "large"]
    display = MutualInfoCalibrationDisplay.from_results(exact.assign(size=size), by="size")
    assert [line.get_label() for line in display.lines_] == ["size = small", "size = large"]
    plt.close(display.figure_)


def test_histogram_of_ranks_has_area_one(exact):
    display = MutualInfoCalibrationDisplay.from_results(exact, kind="ranks")
    area = sum(bar.get_width() * bar.get_height() for bar in display.bars_)
    assert area == pytest.approx(1.0)
    assert f"p = {sbc_ranks(exact).p_value:.2g}" in display.ax_.get_title(loc="left")
    plt.close(display.figure_)


def test_from_estimator_names_the_estimator():
    display = MutualInfoCalibrationDisplay.from_estimator(
        Known(), *noisy_truths(20), levels=[0.5, 0.9]
    )
    assert display.lines_[0].get_label() == "Known"
    assert len(display.lines_[0].get_xdata()) == 2
    plt.close(display.figure_)


def test_pictures_that_cannot_be_drawn(exact, monkeypatch):
    with pytest.raises(ValueError, match="kind='pie'"):
        MutualInfoCalibrationDisplay.from_results(exact, kind="pie")
    without = MutualInfoCalibrationDisplay(calibration=interval_calibration(exact))
    with pytest.raises(ValueError, match="no ranks"):
        without.plot(kind="ranks")
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match="pip install matplotlib"):
        without.plot()
