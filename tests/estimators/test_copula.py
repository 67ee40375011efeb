"""GaussianCopulaEstimator: exact truths, an independent computation, then properties."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import digamma, ndtri
from scipy.stats import multivariate_normal, norm, rankdata

from skmist import GaussianCopulaEstimator, InvalidSampleError
from skmist._sample.sample import Sample, make_sample
from skmist.estimators.ask import estimate_values, fit_to
from skmist.estimators.copula.gaussian import wishart_bias

# Few rows for each label, and near functions: what is said of them is for test_remarks.py.
pytestmark = pytest.mark.filterwarnings("ignore::skmist.OutOfRangeWarning")

CONTINUOUS = {"discrete_features": False, "discrete_target": False}


def gaussian(n, seed=0, p=1, q=1, correlation=0.6):
    """Return x (n, p), y (n, q) and the MI; x_j and y_j correlate for j < min(p, q)."""
    rng = np.random.default_rng(seed)
    x, y, pairs = rng.normal(size=(n, p)), rng.normal(size=(n, q)), min(p, q)
    y[:, :pairs] *= np.sqrt(1.0 - correlation**2)
    y[:, :pairs] += correlation * x[:, :pairs]
    return x, y, -0.5 * pairs * np.log1p(-(correlation**2))


def mean_mi(seeds, **shape):
    samples = [gaussian(seed=seed, **shape)[:2] for seed in range(seeds)]
    return np.mean(GaussianCopulaEstimator(**CONTINUOUS).estimate_many(samples))


# Exact truths ---------------------------------------------------------------------------


@pytest.mark.parametrize("correlation", [0.0, 0.5, -0.9, 0.99])
def test_two_gaussian_columns(correlation):
    truth = gaussian(1, correlation=correlation)[2]
    assert mean_mi(5, n=5000, correlation=correlation) == pytest.approx(truth, abs=0.02)


@pytest.mark.parametrize(("n", "p", "q"), [(40, 1, 1), (60, 3, 5), (100, 10, 20), (50, 10, 10)])
@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_bias_is_corrected_in_small_samples(n, p, q, correlation):
    shape = {"n": n, "p": p, "q": q, "correlation": correlation}
    truth = gaussian(**shape)[2]
    # ranks cost a few percent of a large MI; the plug-in estimate is up to 2 nats too high
    assert mean_mi(100, **shape) == pytest.approx(truth, abs=0.04 + 0.08 * truth)
    plug_in = GaussianCopulaEstimator(bias_correction=False, **CONTINUOUS)
    assert plug_in.fit(*gaussian(**shape)[:2]).bias_ == 0.0


def test_monotone_margins_are_seen_through():
    x, y, truth = gaussian(5000)
    mi = GaussianCopulaEstimator().fit(np.exp(3.0 * x), y**3).mi_
    assert mi == pytest.approx(truth, abs=0.03)


def test_two_gaussian_classes():
    # close to the truth: half a nat at most is lost to the shape of the mixture
    def density(x):
        return 0.5 * (norm.pdf(x) + norm.pdf(x - 1.0))

    truth = quad(lambda x: -density(x) * np.log(density(x)), -9.0, 10.0)[0] - norm.entropy()
    rng = np.random.default_rng(0)
    label = rng.choice(["a", "b"], size=5000)
    x = rng.normal(size=5000) + (label == "b")
    for pair in ((x[:, None], label), (pd.DataFrame({"label": label}), x)):
        assert GaussianCopulaEstimator().fit(*pair).mi_ == pytest.approx(truth, abs=0.02)


def test_independent_categories_carry_nothing():
    rng = np.random.default_rng(0)
    samples = [(rng.integers(6, size=200), rng.integers(5, size=200)) for _ in range(40)]
    assert np.mean(GaussianCopulaEstimator().estimate_many(samples)) == pytest.approx(0, abs=0.01)


# Independent computation ------------------------------------------------------------------


def determinants(x, y):
    """Return the plug-in MI by log determinants, and its bias by the sums of Ince et al."""
    n, p, q = len(x), x.shape[1], y.shape[1]
    scores = ndtri(rankdata(np.hstack([x, y]), axis=0) / (n + 1))
    covariance = np.cov(scores.T)
    parts = covariance[:p, :p], covariance[p:, p:], covariance
    logdet = [np.linalg.slogdet(part)[1] for part in parts]
    psi = [digamma((n - np.arange(1, d + 1)) / 2.0).sum() / 2.0 for d in (p, q, p + q)]
    signs = np.array([1.0, 1.0, -1.0])
    return 0.5 * signs @ logdet, signs @ psi


@pytest.mark.parametrize(("n", "p", "q"), [(30, 1, 1), (200, 3, 2), (80, 12, 7), (19, 9, 4)])
def test_equals_log_determinants(n, p, q):
    x, y, _ = gaussian(n, p=p, q=q)
    x[:, 0] += x[:, -1]
    plug_in, bias = determinants(x, y)
    parameters = {"shrinkage": None, **CONTINUOUS}
    copula = GaussianCopulaEstimator(**parameters).fit(x, y)
    assert copula.mi_ == pytest.approx(plug_in - bias, abs=1e-10)
    assert copula.bias_ == pytest.approx(bias, abs=1e-10)
    raw = GaussianCopulaEstimator(bias_correction=False, **parameters).fit(x, y)
    assert raw.mi_ == pytest.approx(plug_in, abs=1e-10)


def test_pointwise_equals_densities():
    x, y, _ = gaussian(400, p=2, q=3)
    copula = GaussianCopulaEstimator(bias_correction=False).fit(x, y)
    scores = ndtri(rankdata(np.hstack([x, y]), axis=0) / 401)
    scores /= scores.std(axis=0)
    correlation = scores.T @ scores / 400
    both = multivariate_normal(cov=correlation).logpdf(scores)
    of_x = multivariate_normal(cov=correlation[:2, :2]).logpdf(scores[:, :2])
    of_y = multivariate_normal(cov=correlation[2:, 2:]).logpdf(scores[:, 2:])
    np.testing.assert_allclose(copula.score_samples(x, y), both - of_x - of_y, atol=1e-10)
    assert np.mean(copula.score_samples(x, y)) == pytest.approx(copula.mi_, abs=1e-10)


def test_predict_equals_divergence_of_gaussians():
    x, y, _ = gaussian(400, p=2, q=2)
    copula = GaussianCopulaEstimator(bias_correction=False).fit(x, y)
    scores = ndtri(rankdata(np.hstack([x, y]), axis=0) / 401)
    scores /= scores.std(axis=0)
    c = scores.T @ scores / 400
    gain = c[2:, :2] @ np.linalg.inv(c[:2, :2])
    mean, rest = scores[:, :2] @ gain.T, c[2:, 2:] - gain @ c[:2, 2:]
    inverse = np.linalg.inv(c[2:, 2:])
    logs = np.linalg.slogdet(c[2:, 2:])[1] - np.linalg.slogdet(rest)[1]
    squares = np.einsum("ij,jk,ik->i", mean, inverse, mean)
    expected = 0.5 * (np.trace(inverse @ rest) - 2.0 + squares + logs)
    np.testing.assert_allclose(copula.predict(x), expected, atol=1e-10)
    assert np.mean(copula.predict(x)) == pytest.approx(copula.mi_, abs=1e-12)


def test_bias_is_continuous_in_the_numbers_of_columns():
    assert wishart_bias(2.0, 3.0, 50) == pytest.approx(wishart_bias(2.001, 3.0, 50), rel=1e-3)
    assert wishart_bias(0.0, 3.0, 50) == pytest.approx(0.0, abs=1e-12)
    assert np.isfinite(wishart_bias(60.0, 3.0, 50)) and np.isfinite(wishart_bias(4.0, 4.0, 3))


# Properties ----------------------------------------------------------------------------------

generators = st.integers(0, 2**32 - 1).map(np.random.default_rng)
shapes = st.tuples(st.integers(5, 40), st.integers(1, 4), st.integers(1, 4))
kinds_of_data = st.sampled_from(["smooth", "lattice", "zeros", "category"])


def table(rng, kind, n, columns):
    values = rng.normal(size=(n, columns))
    if kind in ("lattice", "category"):
        values = np.round(2.0 * values)
    if kind == "zeros":
        values = np.where(rng.random((n, columns)) < 0.5, 0.0, values)
    # no column is constant
    values[0], values[1] = 7.0, -7.0
    return values


def fitted(x, y, kind, **parameters):
    discrete = kind == "category"
    return GaussianCopulaEstimator(
        discrete_features=discrete, discrete_target=False, **parameters
    ).fit(x, y)


@settings(max_examples=100, deadline=None)
@given(rng=generators, shape=shapes, kind=kinds_of_data)
def test_permutations_and_swap(rng, shape, kind):
    n, p, q = shape
    x, y = table(rng, kind, n, p), table(rng, "smooth", n, q)
    mi = fitted(x, y, kind).mi_
    order = rng.permutation(n)
    assert np.isfinite(mi)
    assert fitted(x[order], y[order], kind).mi_ == pytest.approx(mi, abs=1e-6)
    assert fitted(x[:, ::-1], y[:, ::-1], kind).mi_ == pytest.approx(mi, abs=1e-6)
    if kind != "category":
        assert fitted(y, x, kind).mi_ == pytest.approx(mi, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(
    rng=generators,
    shape=shapes,
    kind=kinds_of_data,
    increasing=st.sampled_from([np.exp, np.arctan, np.cbrt, lambda x: 3e4 * x - 7.0]),
)
def test_increasing_maps_change_nothing(rng, shape, kind, increasing):
    n, p, q = shape
    x, y = table(rng, kind, n, p), table(rng, "smooth", n, q)
    before, after = fitted(x, y, kind), fitted(x, increasing(y), kind)
    assert after.mi_ == before.mi_
    np.testing.assert_array_equal(after.predict(x), before.predict(x))
    np.testing.assert_array_equal(
        after.score_samples(x, increasing(y)), before.score_samples(x, y)
    )


@settings(max_examples=50, deadline=None)
@given(rng=generators, shape=shapes, kind=kinds_of_data)
def test_rows_do_not_depend_on_their_batch(rng, shape, kind):
    n, p, q = shape
    x, y = table(rng, kind, n, p), table(rng, "smooth", n, q)
    copula = fitted(x, y, kind)
    together = copula.predict(x[:5]), copula.score_samples(x[:5], y[:5])
    for i in range(5):
        row = slice(i, i + 1)
        assert copula.predict(x[row]) == pytest.approx(together[0][i], rel=1e-9, abs=1e-9)
        alone = copula.score_samples(x[row], y[row])
        assert alone == pytest.approx(together[1][i], rel=1e-6, abs=1e-6)
    assert np.mean(copula.predict(x)) == pytest.approx(copula.mi_, abs=1e-9)


def test_names_of_categories_do_not_matter():
    rng = np.random.default_rng(0)
    codes = rng.integers(5, size=300)
    y = rng.normal(size=300) + np.array([0.0, 3.0, 1.0, 2.0, -1.0])[codes]
    names = np.array(["p", "z", "a", "m", "k"])
    mi = GaussianCopulaEstimator().fit(codes[:, None], y).mi_
    again = GaussianCopulaEstimator().fit(pd.DataFrame({"name": names[codes]}), y).mi_
    assert again == pytest.approx(mi, abs=1e-10)


def test_repeated_columns_add_nothing():
    x, y, _ = gaussian(100, p=2, q=2)
    mi = GaussianCopulaEstimator().fit(x, y).mi_
    again = np.hstack([x, np.exp(x), x[:, :1] ** 3])
    assert GaussianCopulaEstimator().fit(again, y).mi_ == pytest.approx(mi, abs=1e-9)
    assert GaussianCopulaEstimator(shrinkage=None).fit(again, y).mi_ == pytest.approx(mi, abs=1e-9)


def test_constant_columns_add_nothing():
    x, y, _ = gaussian(100, p=2)
    mi = GaussianCopulaEstimator().fit(x, y).mi_
    assert GaussianCopulaEstimator().fit(np.insert(x, 1, 4.0, axis=1), y).mi_ == mi
    constant = GaussianCopulaEstimator().fit(np.ones_like(x), y)
    assert (constant.mi_, constant.bias_, constant.shrinkage_) == (0.0, 0.0, 0.0)
    assert constant.canonical_correlations_.shape == (0,)


# Few rows --------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns_per_row", [0.75, 0.9, 1.0, 1.5, 4.0, 20.0])
@pytest.mark.parametrize("correlation", [0.0, 0.8])
def test_few_rows_never_fail_and_never_run_wild(columns_per_row, correlation):
    n = 30
    p = max(int(columns_per_row * n / 2), 1)
    x, y, truth = gaussian(n, p=p, q=p, correlation=correlation)
    copula = GaussianCopulaEstimator().fit(x, y)
    assert 0.0 < copula.shrinkage_ < 1.0
    assert -1.0 < copula.mi_ < truth + 0.5
    assert np.isfinite(copula.predict(x)).all() and np.isfinite(copula.score_samples(x, y)).all()


def test_shrinkage_grows_as_rows_get_fewer():
    x, y, _ = gaussian(200, p=20, q=20)
    rows = (200, 58, 50, 40, 20, 10, 5)
    shrinkage = [GaussianCopulaEstimator().fit(x[:n], y[:n]).shrinkage_ for n in rows]
    assert shrinkage[:2] == [0.0, 0.0]
    assert shrinkage == sorted(shrinkage)
    assert np.all(np.diff(shrinkage[1:]) > 0)


def test_given_shrinkage_is_used():
    x, y, _ = gaussian(100, p=2, q=2)
    estimates = [
        GaussianCopulaEstimator(shrinkage=s, bias_correction=False).fit(x, y)
        for s in (None, 0, 0.2, 0.9, 1)
    ]
    values = [estimate.mi_ for estimate in estimates]
    assert values[0] == values[1] > values[2] > values[3] > values[4] == 0.0
    assert [estimate.shrinkage_ for estimate in estimates] == [0.0, 0.0, 0.2, 0.9, 1.0]


def test_a_deterministic_relation_is_finite():
    x, _, _ = gaussian(100)
    copula = GaussianCopulaEstimator().fit(x, np.exp(x))
    assert copula.mi_ == pytest.approx(1.5 * np.log(100), abs=0.1)
    assert np.isfinite(copula.score_samples(x, np.exp(x))).all()


def test_many_levels_are_merged():
    rng = np.random.default_rng(0)
    level = np.where(rng.random(3000) < 0.5, rng.integers(3, size=3000), np.arange(3000))
    frame = pd.DataFrame({"level": level.astype(str)})
    y = rng.normal(size=3000) + (level == 1)
    copula = GaussianCopulaEstimator().fit(frame, y)
    assert 0.03 < copula.mi_ < 0.3
    all_differ = pd.DataFrame({"level": np.arange(3000).astype(str)})
    assert GaussianCopulaEstimator().fit(all_differ, y).mi_ == 0.0


def many_levels(n_levels, seed=0):
    """Equally frequent categories, and a number that depends on them."""
    rng = np.random.default_rng(seed)
    level = np.repeat(np.arange(n_levels), 10)
    return level, rng.normal(size=n_levels)[level] + rng.normal(size=len(level))


@pytest.mark.parametrize("n_levels", [256, 257, 300])
def test_a_few_levels_too_many_lose_little(n_levels):
    level, _ = many_levels(n_levels)
    frame = pd.DataFrame({"level": level.astype(str)})
    copula = GaussianCopulaEstimator().fit(frame, level % 2)
    assert copula.mi_ == pytest.approx(np.log(2.0), abs=1e-3)


def test_which_levels_are_merged_depends_on_their_rows_not_their_names():
    level, y = many_levels(400)
    rng = np.random.default_rng(1)
    sides = [(level, y), (rng.permutation(400)[level], y)]
    order = rng.permutation(len(level))
    sides.append((level[order], np.exp(y[order])))
    found = []
    for names, number in sides:
        frame = pd.DataFrame({"name": names.astype(str)})
        copula = GaussianCopulaEstimator().fit(frame, number)
        found.append(copula.mi_)
        swapped = GaussianCopulaEstimator().fit(number[:, None], frame["name"])
        assert swapped.mi_ == pytest.approx(copula.mi_, abs=1e-9)
        assert copula.score_samples(frame, number).mean() == pytest.approx(copula.mi_, abs=1e-9)
        assert copula.estimate_many([(frame, number)])[0] == pytest.approx(copula.mi_, abs=1e-9)
    assert found == pytest.approx([found[0]] * 3, abs=1e-9)
    assert 0.1 < found[0] < 0.5 * np.log(2.0)  # the truth, were none merged


# Parameters ------------------------------------------------------------------------------------


@pytest.mark.parametrize("shrinkage", ["some", -0.1, 1.5, np.nan, True, [0.1]])
def test_bad_shrinkage(shrinkage):
    x, y, _ = gaussian(30)
    message = r"must be 'auto', None or a number from 0 to 1. Pass 'auto'"
    for X in (x, np.ones_like(x)):
        with pytest.raises(ValueError, match=message):
            GaussianCopulaEstimator(shrinkage=shrinkage).fit(X, y)


@pytest.mark.parametrize("shrinkage", [None, 0.0])
def test_too_few_rows_without_shrinkage(shrinkage):
    x, y, _ = gaussian(10, p=6, q=4)
    message = r"10 rows for 10 independent columns of scores.*Pass shrinkage='auto'"
    with pytest.raises(InvalidSampleError, match=message):
        GaussianCopulaEstimator(shrinkage=shrinkage, **CONTINUOUS).fit(x, y)


def test_pickle():
    x, y, _ = gaussian(60)
    copula = GaussianCopulaEstimator().fit(x, y)
    again = pickle.loads(pickle.dumps(copula))
    np.testing.assert_array_equal(again.score_samples(x, y), copula.score_samples(x, y))


@pytest.mark.parametrize("options", [{}, {"shrinkage": 0.1}, {"bias_correction": False}])
def test_many_pairs_at_once_answer_as_each_by_itself(options):
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(120, 14)) + rng.normal(size=(120, 1))
    columns = [
        *numbers.T,
        numbers[:, 0],
        numbers[:, 1].round(1),
        *np.digitize(numbers[:, :3], [-1, 0, 1]).T,
        np.arange(120) // 3,
        numbers[:, :3],
    ]
    sides = [make_sample(column, numbers[:, 0]).x for column in columns]
    samples = [Sample(a, b) for i, a in enumerate(sides) for b in sides[:i]]
    estimator = GaussianCopulaEstimator(**options)
    together = estimate_values(estimator, samples)
    alone = [fit_to(estimator, sample).mi_ for sample in samples]
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-12)
