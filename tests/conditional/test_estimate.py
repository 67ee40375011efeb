"""Conditional MI: exact truths first, then independent computations, then properties."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import digamma
from scipy.stats import norm

from skmist import (
    BootstrapCI,
    GaussianCopulaEstimator,
    InvalidSampleError,
    KSGEstimator,
    MINEEstimator,
    MISTRegressor,
    OutOfRangeWarning,
    conditional_mutual_info,
    mutual_info,
)
from skmist._sample.scores import NormalScores
from skmist._sample.side import Side
from skmist.conditional.chain import difference_interval
from skmist.conditional.estimate import prepare_conditional
from skmist.conditional.index import Index
from skmist.conditional.residuals import Residuals, shared_error
from skmist.conditional.smoothers import Nearby, Smooth, Straight

METHODS = ["mist", "ksg", "gaussian_copula"]
FAST = ["ksg", "gaussian_copula"]


def numbers(values):
    """A side of continuous columns."""
    return Side(values, np.zeros(values.shape[1], dtype=bool), tuple("abc"[: values.shape[1]]))


def covariance(p, q, r, strength, seed=0):
    """Correlation matrix of x, y, z that share latent factors."""
    rng = np.random.default_rng(seed)
    loads = strength * rng.normal(size=(p + q + r, 3))
    matrix = loads @ loads.T + np.eye(p + q + r)
    spread = np.sqrt(np.diag(matrix))
    return matrix / np.outer(spread, spread)


def gaussian_truth(matrix, p, q):
    """Conditional MI of Gaussians from determinants."""
    x, y, z = np.arange(p), np.arange(p, p + q), np.arange(p + q, len(matrix))

    def log_det(*blocks):
        index = np.concatenate(blocks)
        return np.linalg.slogdet(matrix[np.ix_(index, index)])[1]

    return 0.5 * (log_det(x, z) + log_det(y, z) - log_det(z) - log_det(x, y, z))


def gaussian_triple(p, q, r, strength, n, seed=0):
    matrix = covariance(p, q, r, strength, seed)
    rows = np.random.default_rng(seed).multivariate_normal(np.zeros(p + q + r), matrix, size=n)
    return *np.split(rows, [p, p + q], axis=1), gaussian_truth(matrix, p, q)


def mi_of(x, y, z, **options):
    return conditional_mutual_info(x, y, z, **options).mi


# Exact truths ---------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 1, 2)])
@pytest.mark.parametrize("strength", [0.0, 0.7, 1.5])
@pytest.mark.parametrize("method", METHODS)
def test_gaussian(method, strength, shape):
    errors = []
    for seed in range(1 if method == "mist" else 3):
        x, y, z, truth = gaussian_triple(*shape, strength, 1000, seed)
        errors.append(mi_of(x, y, z, estimator=method) - truth)
    assert np.mean(np.abs(errors)) < 0.06


@pytest.mark.parametrize("method", METHODS)
def test_exclusive_or_is_seen_only_given_the_condition(method):
    rng = np.random.default_rng(0)
    x, z = rng.integers(2, size=(2, 600))
    assert mi_of(x, x ^ z, z, estimator="ksg") == pytest.approx(np.log(2.0), abs=0.01)
    assert mi_of(x, x ^ z, rng.integers(2, size=600), estimator=method) < 0.03


def test_a_category_that_decides_between_noise_and_a_copy():
    rng = np.random.default_rng(0)
    z = np.repeat(["noise", "copy"], 1500)
    x = rng.integers(4, size=3000)
    y = np.where(z == "copy", x, rng.integers(4, size=3000))
    assert mi_of(x, y, z, estimator="ksg") == pytest.approx(0.5 * np.log(4.0), abs=0.03)


def test_a_number_given_a_category():
    rng = np.random.default_rng(1)
    z = rng.integers(3, size=2000)
    x = 10.0 * z + rng.normal(size=2000)
    y = x + rng.normal(size=2000)
    for method in FAST:
        mi = mi_of(x, y, pd.Series(z, dtype="category"), estimator=method)
        assert mi == pytest.approx(0.5 * np.log(2.0), abs=0.05)


@pytest.mark.parametrize("method", FAST)
def test_conditions_that_hold_x_leave_nothing(method):
    x, y, z, _ = gaussian_triple(2, 1, 1, 1.0, 300)
    assert mi_of(x, y, np.hstack([z, x]), estimator=method) == pytest.approx(0.0, abs=0.01)
    assert mi_of(x, y, np.hstack([y, z]), estimator=method) == pytest.approx(0.0, abs=0.01)


# Independent computations -----------------------------------------------------------------


def brute_force(x, y, z, k):
    """Frenzel and Pompe with the counts of Mesner and Shalizi, from all pairs of rows."""

    def distances(*sides):
        both = np.hstack(sides)
        both = both / both.std(axis=0)
        return np.abs(both[:, None] - both[None]).max(axis=2)

    xz, yz, only_z, joint = distances(x, z), distances(y, z), distances(z), distances(x, y, z)
    total = 0.0
    for i in range(len(x)):
        radius = np.sort(joint[i])[k]
        inside = [
            np.sum(d[i] < radius * (1 - 1e-11)) if radius else np.sum(d[i] == 0)
            for d in (joint, only_z, xz, yz)
        ]
        total += digamma(inside[0]) + digamma(inside[1]) - digamma(inside[2]) - digamma(inside[3])
    return total / len(x)


@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize("k", [1, 3])
def test_nearest_neighbors_against_all_pairs(k, rounded):
    x, y, z, _ = gaussian_triple(2, 1, 2, 1.0, 80)
    if rounded:
        x, y, z = (np.round(side, 0) for side in (x, y, z))
    kinds = dict.fromkeys(("discrete_features", "discrete_target", "discrete_conditions"), False)
    mi = mi_of(x, y, z, estimator=KSGEstimator(k), residualize=False, **kinds)
    assert mi == pytest.approx(brute_force(x, y, z, k), abs=1e-12)


def test_categories_against_all_counts():
    rng = np.random.default_rng(3)
    x, y, z = rng.integers(3, size=(3, 200))
    total = 0.0
    for row in np.column_stack([x, y, z]):
        same = np.column_stack([x, y, z]) == row
        counts = [same[:, cols].all(axis=1).sum() for cols in ([0, 1, 2], [2], [0, 2], [1, 2])]
        total += np.dot([1, 1, -1, -1], digamma(counts))
    assert mi_of(x, y, z, estimator="ksg") == pytest.approx(total / 200, abs=1e-12)


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 3, 2), (3, 1, 4)])
def test_copula_against_residuals(shape):
    x, y, z, _ = gaussian_triple(*shape, 1.0, 150)
    scores = [NormalScores().fit(side).transform(side) for side in (x, y, z)]
    left = [s - scores[2] @ np.linalg.lstsq(scores[2], s, rcond=None)[0] for s in scores[:2]]
    bases = [np.linalg.qr(residual)[0] for residual in left]
    partial = np.linalg.svd(bases[0].T @ bases[1], compute_uv=False)
    plain = -0.5 * np.log1p(-(partial**2)).sum()
    raw = mi_of(x, y, z, estimator=GaussianCopulaEstimator(bias_correction=False))
    assert raw == pytest.approx(plain, abs=1e-10)


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 3, 4)])
def test_copula_is_the_chain_rule_of_the_copula(shape):
    x, y, z, _ = gaussian_triple(*shape, 1.0, 100)
    copula = GaussianCopulaEstimator()
    both, given = copula.estimate_many([(x, np.hstack([y, z])), (x, z)])
    assert mi_of(x, y, z, estimator=copula) == pytest.approx(both - given, abs=1e-10)


def test_the_bias_of_the_copula_is_taken_out():
    rng = np.random.default_rng(0)
    found = [mi_of(*rng.normal(size=(3, 40, 2)), estimator="gaussian_copula") for _ in range(300)]
    error = np.std(found) / np.sqrt(len(found))
    assert abs(np.mean(found)) < 4 * error
    assert mi_of(*rng.normal(size=(3, 40, 2)), estimator=GaussianCopulaEstimator()) < 0.3


def test_no_sample_is_too_small_for_the_copula():
    rng = np.random.default_rng(0)
    x, y, z = rng.normal(size=(3, 20, 12))
    forth, back = (mi_of(*s, z, estimator="gaussian_copula") for s in ((x, y), (y, x)))
    assert abs(forth) < 0.6
    assert forth == pytest.approx(back, abs=1e-10)


def test_chain_rule_of_any_estimator():
    x, y, z, _ = gaussian_triple(1, 1, 1, 1.0, 60)
    mine = MINEEstimator(max_iter=2, n_folds=2, device="cpu", random_state=0)
    mi = mi_of(x, y, z, estimator=mine, residualize=False)
    pairs = [(x, np.hstack([y, z])), (x, z), (y, np.hstack([x, z])), (y, z)]
    assert mi == pytest.approx(0.5 * np.dot([1, -1, 1, -1], mine.estimate_many(pairs)), abs=1e-4)


# Properties -------------------------------------------------------------------------------


# in a few samples of a hundred what is subtracted is worth a note
@pytest.mark.filterwarnings("ignore:what is left of X and y given Z:UserWarning")
@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**20),
    load=st.floats(-2.0, 2.0),
    bend=st.sampled_from([np.sin, np.tanh, np.square, np.abs]),
    r=st.integers(1, 2),
    method=st.sampled_from(FAST),
)
def test_zero_where_y_depends_on_x_only_through_z(seed, load, bend, r, method):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(500, r))
    # the copula sees a bend in one direction only: bending both would confound
    x = load * z[:, 0] + rng.normal(size=500)
    y = (bend(z[:, 0]) if method == "ksg" else load * z[:, 0]) + rng.normal(size=500)
    assert abs(mi_of(x, y, z, estimator=method)) < 0.13


@pytest.mark.filterwarnings("ignore:what is left of X and y given Z:UserWarning")
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**20), load=st.floats(-1.5, 1.5))
def test_mist_reads_zero_where_y_depends_on_x_only_through_z(seed, load):
    rng = np.random.default_rng(seed)
    z, x, y = rng.normal(size=(3, 300))
    estimate = conditional_mutual_info(x + load * z, y + load * z, z, device="cpu")
    assert estimate.mi < 0.1
    assert estimate.low < 0.02


@pytest.mark.parametrize("method", METHODS)
def test_sides_rows_and_scale_do_not_matter(method):
    x, y, z, _ = gaussian_triple(2, 1, 2, 1.0, 120)
    mi = mi_of(x, y, z, estimator=method)
    order = np.random.default_rng(0).permutation(120)
    same = 1e-3 if method == "mist" else 1e-9
    assert mi_of(y, x, z, estimator=method) == pytest.approx(mi, abs=same)
    assert mi_of(x[order], y[order], z[order], estimator=method) == pytest.approx(mi, abs=same)
    assert mi_of(x[:, ::-1], y, z[:, ::-1], estimator=method) == pytest.approx(mi, abs=same)
    assert mi_of(5 * x - 3, y, 0.1 * z, estimator=method) == pytest.approx(mi, abs=same)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**20))
def test_copula_ignores_increasing_maps(seed):
    x, y, z, _ = gaussian_triple(1, 2, 1, 1.0, 50, seed)
    mi = mi_of(x, y, z, estimator="gaussian_copula")
    assert mi_of(np.exp(x), y**3, np.arctan(z), estimator="gaussian_copula") == pytest.approx(mi)


@pytest.mark.parametrize("method", METHODS)
def test_permutations_are_those_of_the_rows_of_x(method):
    x, y, z, _ = gaussian_triple(2, 1, 1, 1.0, 100)
    labels = np.where(x[:, 1] > 0, "a", "b")
    frame = pd.DataFrame({"number": x[:, 0], "label": labels})
    rng = np.random.default_rng(0)
    orders = np.array([np.arange(100), rng.permutation(100), rng.integers(100, size=100)])
    prepared = prepare_conditional(frame, y, z, estimator=method)
    found = prepared.estimate_permuted(orders)
    same = 1e-4 if method == "mist" else 1e-10
    assert found[0] == pytest.approx(prepared.estimate(), abs=same)
    for order, value in zip(orders[1:2], found[1:2], strict=True):
        anew = prepare_conditional(frame.iloc[order], y, z, estimator=method)
        assert value == pytest.approx(anew.estimate(), abs=same)
    apart = [prepared.estimate_permuted(order[None])[0] for order in orders]
    np.testing.assert_allclose(found, apart, atol=same)
    assert prepared.estimate_permuted(np.empty((0, 100), dtype=int)).shape == (0,)


def test_batches_of_permutations_do_not_matter(monkeypatch):
    x, y, z, _ = gaussian_triple(2, 1, 1, 1.0, 50)
    prepared = prepare_conditional(x, y, z, estimator="gaussian_copula")
    orders = np.random.default_rng(0).permuted(np.tile(np.arange(50), (9, 1)), axis=1)
    at_once = prepared.estimate_permuted(orders)
    monkeypatch.setattr("skmist.estimators.copula.conditional._BATCH", 200)
    np.testing.assert_allclose(prepared.estimate_permuted(orders), at_once, rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_constant_columns_carry_nothing(method):
    x, y, z, _ = gaussian_triple(1, 1, 1, 1.0, 60)
    ones = np.ones(60)
    assert mi_of(ones, y, z, estimator=method) == 0.0
    assert mi_of(x, ones, z, estimator=method) == 0.0
    with_ones = mi_of(x, y, np.column_stack([z, ones]), estimator=method)
    assert with_ones == pytest.approx(mi_of(x, y, z, estimator=method), abs=1e-6)
    prepared = prepare_conditional(x, ones, z, estimator=method)
    assert prepared.estimate_permuted(np.arange(60)[None]).tolist() == [0.0]


@pytest.mark.parametrize("method", FAST)
def test_without_conditions_it_is_mutual_information(method):
    x, y, _, _ = gaussian_triple(2, 1, 1, 1.0, 100)
    estimator = KSGEstimator() if method == "ksg" else GaussianCopulaEstimator()
    plain = estimator.fit(x, y).mi_
    found = mi_of(x, y, np.zeros(100), estimator=method)
    assert found == pytest.approx(plain, abs=1e-10)


@pytest.mark.parametrize("conditions", [np.zeros(60), ["a"] * 60], ids=["number", "text"])
@pytest.mark.parametrize(
    "method", ["mist", BootstrapCI(GaussianCopulaEstimator(), n_resamples=20)], ids=str
)
def test_the_interval_without_conditions_is_that_of_mutual_information(method, conditions):
    x, y, _, _ = gaussian_triple(2, 1, 1, 1.0, 60)
    found = conditional_mutual_info(x, y, conditions, estimator=method, level=0.8)
    plain = mutual_info(x, y, estimator=method, level=0.8)
    expected = (max(plain.mi, 0.0), plain.low, plain.high)
    assert (found.mi, found.low, found.high) == pytest.approx(expected, abs=1e-4)
    assert found.warnings == plain.warnings


def test_names_of_many_equally_frequent_conditions_do_not_matter():
    rng = np.random.default_rng(0)
    z = np.repeat(np.arange(300), 4)
    x, y = rng.normal(size=(2, 1200)) + rng.normal(size=300)[z]
    found = [
        mi_of(x, y, names.astype(str), estimator="gaussian_copula")
        for names in (z, rng.permutation(300)[z])
    ]
    assert found[0] == pytest.approx(found[1], abs=1e-9)
    assert found[0] < 0.5 * mi_of(x, y, np.zeros(1200), estimator="gaussian_copula")


def test_residuals_remove_the_dependence_on_the_conditions():
    truth = -0.5 * np.log1p(-(0.8**2))
    found = []
    for seed in range(4):
        z, x, noise = np.random.default_rng(seed).normal(size=(3, 1000))
        y = 0.8 * x + 0.6 * noise
        straight = (x + 10.0 * z, y + 10.0 * z, z)
        bent = (x + 3.0 * np.sin(2.0 * z), y + 2.0 * z**2, z)
        found.append(
            [
                mi_of(*s, estimator="ksg", residualize=c)
                for s in (straight, bent)
                for c in (False, True)
            ]
        )
    straight_plain, straight_left, bent_plain, bent_left = np.mean(found, axis=0)
    assert straight_plain < truth - 0.06
    assert straight_left == pytest.approx(truth, abs=0.03)
    assert bent_plain + 0.03 < bent_left < truth


def test_residuals_leave_categories_and_repeated_values():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(200, 2))
    mixture = np.where(rng.random(200) < 0.5, 0.0, rng.normal(size=200))
    x = np.column_stack([rng.integers(2, size=200), mixture, z[:, 0] + 0.1 * rng.normal(size=200)])
    (left,) = Residuals(numbers(z))(Side(x, np.array([True, False, False]), tuple("abc")))
    found = left.side.values
    np.testing.assert_array_equal(found[:, :2], x[:, :2])
    assert abs(np.corrcoef(found[:, 2], z[:, 0])[0, 1]) < 0.2


def test_residuals_of_what_the_conditions_determine_are_zero():
    z = np.random.default_rng(0).normal(size=(200, 2))
    (left,) = Residuals(numbers(z))(numbers(np.exp(z[:, :1])))
    np.testing.assert_array_equal(left.side.values, 0.0)


def test_lines_through_neighborhoods_against_all_pairs():
    rng = np.random.default_rng(0)
    z = rng.integers(12, size=(150, 2)).astype(float)
    values = rng.normal(size=(150, 1))
    found = next(Nearby(z).candidates(values)).left
    k = 8 * 3 // 2
    for i in range(150):
        distance = np.linalg.norm(z - z[i], axis=1)
        reach = np.sort(np.linalg.norm(np.unique(z, axis=0) - z[i], axis=1))[k]
        weight = np.maximum(1.0 - (distance / reach) ** 2, 0.0) ** 2
        weight[i] = 0.0
        weight /= weight.sum()
        offset = (z - z[i]) / reach
        middle = weight @ offset
        spread = (offset - middle).T @ ((offset - middle) * weight[:, None])
        slope = np.linalg.solve(
            spread + 0.003 * np.eye(2), (offset - middle).T @ (weight * values[:, 0])
        )
        predicted = weight @ values[:, 0] - middle @ slope
        assert found[i, 0] == pytest.approx(values[i, 0] - predicted, abs=1e-9)


def test_what_is_left_of_a_row_does_not_know_the_row():
    rng = np.random.default_rng(0)
    z, values = rng.normal(size=(120, 2)), rng.normal(size=(120, 1))
    moved = values.copy()
    moved[7] += 5.0
    for smoother in (Straight(z), Nearby(z), Smooth(z)):
        pairs = zip(smoother.candidates(values), smoother.candidates(moved), strict=True)
        for plain, other in pairs:
            # beside the mean, which all rows share
            gained = other.left[7, 0] - plain.left[7, 0]
            assert gained == pytest.approx(5.0, abs=0.35)


def test_steps_along_a_sum_are_seen_where_rows_nearby_are_too_far():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(300, 3))
    x = np.round(z.sum(axis=1))[:, None] + 0.05 * rng.normal(size=(300, 1))
    missed = [
        min(np.median(np.abs(found.left)) for found in smoother(z).candidates(x))
        for smoother in (Index, Nearby, Smooth)
    ]
    assert missed[0] < 0.1 < min(missed[1:])
    assert np.ptp(np.abs(np.corrcoef(Index(z).places(x)[:, 0], z.sum(axis=1)))) < 1e-3


def test_what_a_direction_leaves_of_a_row_does_not_know_the_row():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(120, 2))
    values = 3.0 * z[:, :1] + 0.3 * rng.normal(size=(120, 1))
    moved = values.copy()
    moved[7] += 1.0
    pairs = zip(Index(z).candidates(values), Index(z).candidates(moved), strict=True)
    gained = [other.left[7, 0] - plain.left[7, 0] for plain, other in pairs]
    # beside the direction, which all rows choose
    assert gained == pytest.approx(np.ones(len(gained)), abs=0.1)


def test_no_direction_is_sought_where_rows_repeat():
    z = np.random.default_rng(0).integers(5, size=(200, 3)).astype(float)
    assert list(Index(z).candidates(z[:, :1])) == []
    assert Index(z).places(z[:, :1]).shape == (200, 0)


CURVES = {
    "square": np.square,
    "abs": np.abs,
    "log": lambda z: np.log(np.abs(z)),
    "exp": lambda z: np.exp(2 * z),
    "cosine": lambda z: np.cos(2 * z),
    "sign": np.sign,
}


@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES)
def test_a_curved_confounder_is_not_information(curve):
    """Issue 19: 0.99 where nothing is shared, as both residuals held the same error."""
    found = []
    for seed in range(3):
        z, e, f = np.random.default_rng(seed).normal(size=(3, 500))
        x, y = curve(z) + 0.05 * e, curve(z) + 0.05 * f
        found.append(conditional_mutual_info(x, y, z, device="cpu"))
    assert np.median([estimate.mi for estimate in found]) < 0.05
    assert sum(estimate.low > 0.0 for estimate in found) <= 1


@pytest.mark.parametrize("seed", range(4))
def test_a_curved_confounder_hides_nothing(seed):
    z, e, f = np.random.default_rng(seed).normal(size=(3, 1000))
    f = 0.6 * e + 0.8 * f
    estimate = conditional_mutual_info(z**2 + 0.1 * e, z**2 + 0.1 * f, z, device="cpu")
    # Of the noise itself, which the sample has more or less of than its law.
    shared = -0.5 * np.log1p(-(np.corrcoef(e, f)[0, 1] ** 2))
    assert estimate.low < shared < estimate.high
    assert estimate.mi == pytest.approx(shared, abs=0.03)


@pytest.mark.parametrize("columns", [1, 2])
def test_functions_of_the_conditions_share_nothing(columns):
    z = np.random.default_rng(0).normal(size=(300, columns))
    x = np.cos(z.sum(axis=1))
    with pytest.warns(UserWarning, match="may be error of the regressions"):
        estimate = conditional_mutual_info(x, x, z, device="cpu")
    assert (estimate.mi, estimate.low) == (0.0, 0.0)
    with pytest.warns(UserWarning, match="may be error of the regressions"):
        assert mi_of(x, x, z, estimator="ksg") == 0.0


@pytest.mark.parametrize("seed", [21, 37])
def test_what_half_the_rows_make_of_noise_is_no_error(seed):
    """Half the rows predicted so badly that 0.12 and 0.02 nats were subtracted, of 0.83."""
    rng = np.random.default_rng([9, seed])
    z = rng.normal(size=(500, 2))
    u, v = rng.normal(size=(2, 500))
    x, y = z[:, 0] + u, np.sin(2 * z[:, 0]) + 0.9 * u + np.sqrt(0.19) * v
    _, sure = shared_error(*Residuals(numbers(z))(numbers(x[:, None]), numbers(y[:, None])))
    assert sure < 0.01


def test_a_regression_that_lacks_rows_says_how_much_it_may_err():
    def error_of(noise):
        rng = np.random.default_rng(0)
        z, e = rng.normal(size=(300, 2)), rng.normal(size=300)
        x = np.abs(z.sum(axis=1)) + noise * e
        return Residuals(numbers(z))(numbers(x[:, None]))[0].error.mean()

    assert error_of(0.01) > 0.5
    assert error_of(1.0) < 0.2


# Intervals ----------------------------------------------------------------------------------


def test_interval_of_a_difference_of_normals():
    def interval_of(mean, spread):
        return lambda level: (
            mean - spread * norm.ppf(0.5 + level / 2),
            mean + spread * norm.ppf(0.5 + level / 2),
        )

    low, high = difference_interval(interval_of(3.0, 0.3), interval_of(1.0, 0.4), 0.9)
    reach = 0.5 * norm.ppf(0.95)
    assert (low, high) == pytest.approx((2.0 - reach, 2.0 + reach), abs=0.005)


def test_mist_has_an_interval_and_the_others_none():
    x, y, z, truth = gaussian_triple(1, 1, 1, 1.5, 500)
    wide, narrow = (conditional_mutual_info(x, y, z, level=lev) for lev in (0.95, 0.5))
    assert 0.0 <= wide.low <= narrow.low <= narrow.mi <= narrow.high <= wide.high
    assert wide.low < truth < wide.high
    assert wide.level == 0.95
    for method in FAST:
        estimate = conditional_mutual_info(x, y, z, estimator=method)
        assert (estimate.low, estimate.high, estimate.level) == (None, None, None)


def test_an_estimator_with_resampling_has_an_interval():
    x, y, z, truth = gaussian_triple(1, 1, 1, 1.5, 200)
    method = BootstrapCI(GaussianCopulaEstimator(), n_resamples=50, random_state=0)
    estimate = conditional_mutual_info(x, y, z, estimator=method, residualize=False)
    plain = mi_of(x, y, z, estimator="gaussian_copula")
    assert estimate.mi == pytest.approx(plain, abs=1e-10)
    assert estimate.low < truth < estimate.high
    assert estimate.method == "BootstrapCI"


def test_resampling_takes_its_own_estimator_where_it_is_given_none():
    x, y, z, truth = gaussian_triple(1, 1, 1, 1.5, 100)
    estimate, same = (
        conditional_mutual_info(x, y, z, estimator=BootstrapCI(wrapped, n_resamples=20))
        for wrapped in (None, KSGEstimator(1))
    )
    assert (estimate.mi, estimate.low, estimate.high) == (same.mi, same.low, same.high)
    assert estimate.low < truth < estimate.high


def test_constant_side_has_an_interval_of_no_width():
    estimate = conditional_mutual_info(np.ones(30), np.arange(30.0), np.arange(30.0))
    assert (estimate.mi, estimate.low, estimate.high) == (0.0, 0.0, 0.0)


def test_what_the_net_was_not_trained_on_is_said_once():
    x, y, z = np.random.default_rng(0).normal(size=(3, 5))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        estimate = conditional_mutual_info(x, y, z, estimator=MISTRegressor(device="cpu"))
    assert len(estimate.warnings) == 1
    assert [str(w.message) for w in caught] == list(estimate.warnings)
    assert caught[0].category is OutOfRangeWarning
    assert caught[0].filename == __file__


# What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "d"), [(40, 14), (40, 60), (12, 5)])
@pytest.mark.parametrize("estimator", METHODS)
def test_conditions_of_many_columns_and_few_rows(estimator, n, d):
    rng = np.random.default_rng(n * d)
    z = rng.normal(size=(n, d))
    x, y = (z[:, 0] + rng.normal(size=n) for _ in range(2))
    found = conditional_mutual_info(x, y, z, estimator=estimator)
    assert abs(found.mi) < 0.4


def test_refusals():
    x, y, z = np.random.default_rng(0).normal(size=(3, 30))
    with pytest.raises(InvalidSampleError, match="Z has 29"):
        conditional_mutual_info(x, y, z[1:])
    with pytest.raises(InvalidSampleError, match="Z are None"):
        conditional_mutual_info(x, y, None)
    with pytest.raises(InvalidSampleError, match="Z column 'z0' contains NaN"):
        conditional_mutual_info(x, y, np.where(z > 0, np.nan, z))
    with pytest.raises(InvalidSampleError, match="discrete_conditions"):
        conditional_mutual_info(x, y, z, discrete_conditions=[3])
    with pytest.raises(ValueError, match="level is 90"):
        conditional_mutual_info(x, y, z, level=90)
    with pytest.raises(ValueError, match="estimator is 'pearson'"):
        conditional_mutual_info(x, y, z, estimator="pearson")
    with pytest.raises(ValueError, match="rectangular"):
        conditional_mutual_info(x, y, z, estimator=KSGEstimator(algorithm="ksg2"))
    with pytest.raises(InvalidSampleError, match="n_neighbors=30"):
        conditional_mutual_info(x, y, z, estimator=KSGEstimator(30))
    prepared = prepare_conditional(x, y, z, estimator="ksg")
    with pytest.raises(ValueError, match=r"orders has shape \(30,\)"):
        prepared.estimate_permuted(np.arange(30))


def test_the_kinds_of_an_estimator_are_kept():
    rng = np.random.default_rng(0)
    x, y, z = rng.integers(2, size=(3, 100))
    continuous = KSGEstimator(discrete_features=False, discrete_target=False)
    prepared = prepare_conditional(x, y, z, estimator=continuous)
    assert not prepared.sample.x.discrete.any()
    assert not prepared.sample.y.discrete.any()
    assert prepared.sample.z.discrete.all()
    frame = pd.DataFrame({"a": x, "b": rng.normal(size=100)})
    named = prepare_conditional(frame, y, frame, estimator="ksg", discrete_conditions=["b"])
    assert named.sample.z.discrete.tolist() == [False, True]
    assert named.sample.z.names == ("a", "b")


def passengers(n: int = 1000) -> tuple[pd.DataFrame, float]:
    """Sex and survival of passengers sorted by class and survival, whose ages are whole years."""
    rng = np.random.default_rng(0)
    rank, sex = rng.integers(3, size=n), rng.integers(2, size=n)
    chance = np.array([[0.35, 0.95], [0.15, 0.85], [0.1, 0.5]])
    lived = (rng.random(n) < chance[rank, sex]).astype(int)
    names = np.array(["first", "second", "third"])[rank]
    frame = pd.DataFrame({"rank": names, "age": rng.normal(30, 13, n).round(), "sex": sex})
    both = chance.mean(axis=1, keepdims=True)
    gain = chance * np.log(chance / both) + (1 - chance) * np.log((1 - chance) / (1 - both))
    return frame.assign(lived=lived).sort_values(["rank", "lived"]), float(gain.mean())


@pytest.mark.parametrize("estimator", ["ksg", "mist"])
def test_labels_of_rows_with_equal_conditions_are_no_error_of_regressions(estimator):
    df, truth = passengers()
    asked = [df, df.sample(frac=1, random_state=0)]
    found = [
        conditional_mutual_info(t["sex"], t["lived"], t[["rank", "age"]], estimator=estimator)
        for t in asked
    ]
    assert abs(found[0].mi - truth) < 0.05 and found[0].mi == pytest.approx(found[1].mi)
    assert not found[0].warnings
