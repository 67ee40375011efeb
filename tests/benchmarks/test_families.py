"""The families of the benchmark: fixed parameters, and truths found again in another way."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy import integrate, special, stats
from sklearn.datasets import make_friedman1, make_friedman2, make_friedman3
from sklearn.feature_selection import mutual_info_classif

from skmist import GaussianCopulaEstimator, KSGEstimator
from skmist.datasets import AdditiveNoise
from tests.paths import BENCHMARKS

LEVELS = range(3)
ROWS = 20_000


def _all_names():
    texts = (
        (BENCHMARKS / f"cases/{half}_families.py").read_text() for half in ("trained", "held_out")
    )
    row = re.compile(r'^    "(\w+)": \((?:\(\(|_SQUARE)', re.MULTILINE)
    return [name for text in texts for name in row.findall(text)]


def _scores(a):
    return stats.norm.ppf(stats.rankdata(a, axis=0) / (len(a) + 1))


def _ksg(x, y):
    masks = {"discrete_features": False, "discrete_target": False}
    return KSGEstimator(n_neighbors=5, **masks).fit(_scores(x), _scores(y)).mi_


@pytest.mark.parametrize("name", _all_names())
def test_strengths_are_fixed_and_samples_differ(scripts, name):
    family = scripts("cases.families").FAMILIES[name]
    targets = scripts("cases.strengths").TARGETS
    for p, q in family.dims:
        truths = []
        for number in LEVELS:
            case, mi = family.draw(30, p, q, number, 7)
            again = family.draw(30, p, q, number, 7)
            next_one = family.draw(30, p, q, number + 3, 7)
            assert case.x.shape == (30, p) and case.y.shape == (30, q)
            assert np.isfinite(case.x).all() and np.isfinite(case.y).all()
            assert np.array_equal(case.x, again[0].x) and np.array_equal(case.y, again[0].y)
            assert not np.array_equal(case.x, next_one[0].x) and next_one[1] == mi
            truths.append(mi)
        if name == "independent":
            assert truths == [0.0, 0.0, 0.0]
        else:
            ceiling = 0.9 * np.log(2) if name in ("checkerboard", "parity") else np.inf
            assert truths == pytest.approx(np.minimum(targets, ceiling), abs=2e-3)


def test_every_family_is_in_one_half(scripts):
    families = scripts("cases.families").FAMILIES
    assert list(families) == _all_names() and len(families) == 29
    held_out = [name for name, family in families.items() if family.held_out]
    assert held_out == list(scripts("cases.held_out_families").HELD_OUT)
    assert all(name == family.name for name, family in families.items())


PAIRS = ("gaussian_dense", "student_t", "gaussian_mixture", "additive_uniform", "additive_noise")
PAIRS += ("single_index_regression", "archimedean", "censored", "ring", "gamma_exponential")
PAIRS += ("weinman_exponential",)


@pytest.mark.parametrize("name", PAIRS)
def test_pairs_agree_with_neighbors(scripts, name):
    for number in LEVELS:
        case, mi = scripts("cases.families").FAMILIES[name].draw(ROWS, 1, 1, number, 0)
        if name == "censored":
            estimate = KSGEstimator(discrete_features=False, discrete_target=False)
            assert estimate.fit(case.x, case.y).mi_ == pytest.approx(mi, abs=0.06)
        else:
            assert _ksg(case.x, case.y) == pytest.approx(mi, abs=0.04)


@pytest.mark.parametrize("name", ["friedman1", "friedman2", "friedman3"])
def test_functions_are_those_of_scikit_learn_and_carry_all_information(scripts, name):
    make = {"friedman1": make_friedman1, "friedman2": make_friedman2, "friedman3": make_friedman3}
    x, y = make[name](500, random_state=0)
    function = scripts("cases.held_out_families").FUNCTIONS[name][1]
    assert np.allclose(function(x), y)
    family = scripts("cases.families").FAMILIES[name]
    for number in LEVELS:
        case, mi = family.draw(ROWS, *family.dims[0], number, 0)
        # The inputs are those of scikit-learn too, and f(x) is sufficient for y.
        assert stats.ks_2samp(function(case.x[:5000]), y).pvalue > 1e-4
        assert _ksg(function(case.x)[:, None], case.y) == pytest.approx(mi, abs=0.04)


@pytest.mark.parametrize("scale", [0.05, 0.3, 2.0])
def test_signal_mi_of_a_uniform_signal(scripts, scale):
    signal = (np.arange(1 << 18) + 0.5) / (1 << 18)
    truth = AdditiveNoise(scale, "normal").mutual_information
    assert scripts("cases.held_out_families").signal_mi(signal, scale) == pytest.approx(
        truth, abs=2e-4
    )


@pytest.mark.parametrize("scale", [0.05, 0.5, 2.0])
def test_signal_mi_of_two_values(scripts, scale):
    def loss(z):
        return stats.norm.pdf(z) * np.logaddexp(0.0, -2.0 * (1.0 + scale * z) / scale**2)

    truth = np.log(2.0) - integrate.quad(loss, -9, 9, limit=200)[0]
    signal = np.array([-1.0, 1.0])
    assert scripts("cases.held_out_families").signal_mi(signal, scale) == pytest.approx(
        truth, abs=1e-4
    )


def test_checkerboard_board_and_parity_are_sufficient(scripts):
    families = scripts("cases.families").FAMILIES
    for number in LEVELS:
        case, mi = families["checkerboard"].draw(ROWS, 2, 1, number, 0)
        board = np.prod(np.where(np.floor(case.x) % 2 == 0, 1, -1), axis=1)
        estimate = mutual_info_classif(case.y, board, random_state=0)[0]
        assert estimate == pytest.approx(mi, abs=0.03)
        case, mi = families["parity"].draw(ROWS, 6, 1, number, 0)
        agree = np.mean((np.prod(case.x[:, :3], axis=1) < 0) == (case.y[:, 0] == 1))
        assert np.log(2.0) - stats.entropy([agree, 1 - agree]) == pytest.approx(mi, abs=0.02)
        assert set(case.y[:, 0]) == {0.0, 1.0} and case.y_discrete == (True,)


@pytest.mark.parametrize("spread", [0.1, 0.5, 2.0])
def test_ring_by_quadrature_in_the_plane(scripts, spread):
    x, step = np.linspace(-1 - 8 * spread, 1 + 8 * spread, 401, retstep=True)
    t = np.arange(400) * 2 * np.pi / 400
    by_angle = [stats.norm.pdf(x[:, None], side, spread) for side in (np.cos(t), np.sin(t))]
    joint = by_angle[0] @ by_angle[1].T / len(t)
    margins = np.outer(*(side.mean(axis=1) for side in by_angle))
    truth = np.sum(joint * np.log(joint.clip(1e-300) / margins.clip(1e-300))) * step**2
    assert scripts("cases.held_out_families")._ring_mi(spread) == pytest.approx(truth, abs=1e-4)


def _mean_log_ratio(log_ratio, truth):
    error = log_ratio.std() / np.sqrt(len(log_ratio))
    assert error < 0.005 and abs(log_ratio.mean() - truth) < 4 * error


@pytest.mark.parametrize("theta", [0.4, 2.0, 7.0])
def test_gamma_exponential_by_its_densities(scripts, theta):
    rng = np.random.default_rng(0)
    x = rng.gamma(theta, size=400_000)
    y = rng.exponential(size=len(x)) / x
    log_ratio = np.log(x) - x * y - stats.lomax.logpdf(y, theta)
    _mean_log_ratio(log_ratio, scripts("cases.held_out_families")._gamma_exponential_mi(theta))


@pytest.mark.parametrize("theta", [0.1, 0.5, 0.5000001, 3.0])
def test_weinman_exponential_by_quadrature(scripts, theta):
    def density(y):
        gap = 2.0 - 1.0 / theta
        share = y if abs(gap) < 1e-5 else -np.expm1(-gap * y) / gap
        return 2.0 / theta * share * np.exp(-y / theta)

    def bits(y):
        value = density(y)
        return -value * np.log(value) if value > 0 else 0.0

    entropy = integrate.quad(bits, 0, 20 + 40 * theta, limit=500)[0]
    mi = scripts("cases.held_out_families")._weinman_mi(theta)
    assert mi == pytest.approx(entropy - 1.0 - np.log(theta), abs=1e-5)


@pytest.mark.parametrize("side", [1, 2, 3])
def test_dirichlet_by_its_densities(scripts, side):
    """A block of ones: its sum is beta distributed, and it is uniform given the sum."""

    def log_density(block, total):
        left, columns = 1.0 - block.sum(axis=1), block.shape[1]
        volume = (columns - 1) * np.log1p(-left) - special.gammaln(columns)
        return stats.beta.logpdf(left, total - columns, columns) - volume

    for number in LEVELS:
        case, mi = (
            scripts("cases.families").FAMILIES["dirichlet"].draw(ROWS, side, side, number, 0)
        )
        # The truth is a decreasing function of the share that is left over: solve it anew.
        rest = np.mean(1.0 - case.x.sum(axis=1) - case.y.sum(axis=1))
        rest = 2 * side * rest / (1.0 - rest)
        both = np.column_stack([case.x, case.y])
        total = 2 * side + rest
        log_ratio = log_density(both, total)
        log_ratio -= log_density(case.x, total) + log_density(case.y, total)
        assert log_ratio.mean() == pytest.approx(mi, abs=5 * log_ratio.std() / np.sqrt(ROWS))


def test_dirichlet_pairs_agree_with_neighbors(scripts):
    # The strong pair is singular at its edge, where the neighbors are far too few.
    for number in (0, 1):
        case, mi = scripts("cases.families").FAMILIES["dirichlet"].draw(ROWS, 1, 1, number, 0)
        assert _ksg(case.x, case.y) == pytest.approx(mi, abs=0.04)


@pytest.mark.parametrize("spread", [0.3, 2.0])
def test_multiplicative_by_direct_integration(scripts, spread):
    x = np.linspace(-20.0, 2.5, 4501)
    p_x = 2.0 * stats.norm.pdf(np.exp(x)) * np.exp(x)
    y = np.linspace(-12.0 - 6.0 * spread, 2.0 + 6.0 * spread, 401)
    p_y = integrate.simpson(p_x * stats.norm.pdf(y[:, None], x, spread), x=x)
    entropy = integrate.simpson(-p_y * np.log(p_y.clip(1e-300)), x=y)
    truth = entropy - 0.5 * np.log(2.0 * np.pi * np.e * spread**2)
    mi = scripts("cases.held_out_families")._multiplicative_mi(spread)
    assert mi == pytest.approx(truth, abs=1e-3)


def test_multiplicative_in_logarithms_agrees_with_neighbors(scripts):
    for number in LEVELS:
        case, mi = scripts("cases.families").FAMILIES["multiplicative"].draw(ROWS, 1, 1, number, 0)
        assert _ksg(np.abs(case.x), np.abs(case.y)) == pytest.approx(mi, abs=0.04)
        assert abs(np.mean(np.sign(case.x * case.y))) < 0.03


def test_spiral_turned_back_is_gaussian(scripts):
    for number in LEVELS:
        case, mi = scripts("cases.families").FAMILIES["spiral"].draw(5000, 3, 3, number, 0)
        sides = []
        for side, (i, j) in ((case.x, (0, 1)), (case.y, (1, 2))):
            angle = -(side**2).sum(axis=1) / 3
            turned = side.copy()
            turned[:, i] = np.cos(angle) * side[:, i] - np.sin(angle) * side[:, j]
            turned[:, j] = np.sin(angle) * side[:, i] + np.cos(angle) * side[:, j]
            sides.append(turned)
        masks = {"discrete_features": False, "discrete_target": False}
        assert GaussianCopulaEstimator(**masks).fit(*sides).mi_ == pytest.approx(mi, abs=0.05)


def test_tables_agree_with_counts(scripts):
    for number in LEVELS:
        case, mi = scripts("cases.families").FAMILIES["joint_table"].draw(ROWS, 1, 1, number, 0)
        table = np.unique(np.column_stack([case.x, case.y]), axis=0, return_counts=True)[1]
        sides = (np.unique(side, return_counts=True)[1] for side in (case.x, case.y))
        counted = sum(stats.entropy(side) for side in sides) - stats.entropy(table)
        assert counted == pytest.approx(mi, abs=0.03)


def test_knob_stops_at_the_end_that_comes_closest(scripts):
    knob_for = scripts("cases.strengths").knob_for
    assert knob_for(lambda at: at, 9.0, 0.1, 2.0) == 2.0
    assert knob_for(lambda at: -at, 0.0, 0.1, 2.0) == 0.1
    assert knob_for(lambda at: 1.0 / at, 0.8, 0.1, 2.0) == pytest.approx(1.25)


def test_fixed_generator_depends_on_all_arguments(scripts):
    fixed_rng = scripts("cases.strengths").fixed_rng
    draws = {fixed_rng(*key).random() for key in (("a", 1), ("a", 2), ("b", 1), ("a", 1, 0))}
    assert len(draws) == 4
    assert fixed_rng("a", 1).random() == fixed_rng("a", np.int64(1)).random()
