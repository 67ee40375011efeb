"""KSGEstimator: exact truths first, then independent implementations, then properties."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import digamma
from scipy.stats import norm
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression
from sklearn.feature_selection._mutual_info import _compute_mi_cc, _compute_mi_cd
from sklearn.preprocessing import QuantileTransformer

from skmist import InvalidSampleError, KSGEstimator
from skmist._neighbors.radii import TIE

# Few rows for each label, and near functions: what is said of them is for test_remarks.py.
pytestmark = pytest.mark.filterwarnings("ignore::skmist.OutOfRangeWarning")

CONTINUOUS = {"discrete_features": False, "discrete_target": False}


def gaussian_pair(n, correlation, seed=0, p=1, q=1):
    """Return x (n, p), y (n, q) and the MI; x_j and y_j correlate for j < min(p, q)."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, p)), rng.normal(size=(n, q))
    pairs = min(p, q)
    y[:, :pairs] *= np.sqrt(1.0 - correlation**2)
    y[:, :pairs] += correlation * x[:, :pairs]
    return x, y, -0.5 * pairs * np.log1p(-(correlation**2))


def mean_mi(draw, seeds=6, **parameters):
    """Mean estimate over draws ``draw(rng) -> x, y``."""
    samples = [draw(np.random.default_rng(seed)) for seed in range(seeds)]
    return np.mean(KSGEstimator(**parameters).estimate_many(samples))


# Exact truths ---------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["auto", "ksg1", "ksg2", "mixed"])
@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9, 0.999])
def test_gaussian(algorithm, correlation):
    def draw(rng):
        return gaussian_pair(1000, correlation, rng)[:2]

    truth = gaussian_pair(1, correlation)[2]
    mi = mean_mi(draw, seeds=16, algorithm=algorithm, **CONTINUOUS)
    assert mi == pytest.approx(truth, abs=0.03)


@pytest.mark.parametrize("algorithm", ["ksg1", "ksg2"])
def test_gaussian_of_many_columns(algorithm):
    def draw(rng):
        return gaussian_pair(2000, 0.6, rng, p=2, q=3)[:2]

    truth = gaussian_pair(1, 0.6, p=2, q=3)[2]
    assert mean_mi(draw, seeds=3, algorithm=algorithm) == pytest.approx(truth, abs=0.06)


@pytest.mark.parametrize("width", [0.1, 0.4])
def test_additive_uniform_noise(width):
    def draw(rng):
        x = rng.uniform(size=1500)
        return x, x + rng.uniform(-width, width, size=1500)

    # the steep edges of the density cost 0.04 nats at this n
    assert mean_mi(draw) == pytest.approx(width - np.log(2.0 * width), abs=0.06)


@pytest.mark.parametrize("as_category", [True, False])
def test_discrete_and_uniform(as_category):
    # experiment I of Gao et al. (2017)
    m = 5

    def draw(rng):
        x = rng.integers(m, size=1500)
        return x, x + rng.uniform(0.0, 2.0, size=1500)

    truth = np.log(m) - (m - 1) / m * np.log(2.0)
    assert mean_mi(draw, discrete_features=as_category) == pytest.approx(truth, abs=0.03)


@pytest.mark.parametrize("as_category", [True, False])
def test_zero_inflated_poissonization(as_category):
    # experiment II of Gao et al. (2017)
    zeros, k = 0.15, np.arange(1, 200)
    truth = 2.0 * np.log(2.0) - np.euler_gamma - np.sum(np.log(k) * 0.5**k)

    def draw(rng):
        x = rng.exponential(size=4000)
        return x, np.where(rng.random(4000) < zeros, 0.0, rng.poisson(x))

    answer = mean_mi(draw, discrete_features=False, discrete_target=as_category)
    assert answer == pytest.approx((1.0 - zeros) * truth, abs=0.03)


ATOMS = np.array([[0.45, 0.05], [0.05, 0.45]])


def draw_atoms_and_density(rng, n=1000):
    """Experiment III of Gao et al. (2017): half a Gaussian, half four atoms (here far apart)."""
    x, y, _ = gaussian_pair(n, 0.9, rng)
    cell = rng.choice(4, p=ATOMS.ravel(), size=n)
    smooth = rng.random(n) < 0.5
    return (
        np.where(smooth, x[:, 0], cell // 2 * 10 - 5),
        np.where(smooth, y[:, 0], cell % 2 * 10 - 5),
    )


def test_mixture_of_atoms_and_density():
    of_atoms = np.sum(ATOMS * np.log(ATOMS / 0.25))
    truth = np.log(2.0) + 0.5 * gaussian_pair(1, 0.9)[2] + 0.5 * of_atoms
    assert mean_mi(draw_atoms_and_density) == pytest.approx(truth, abs=0.03)


def test_rounding_hardly_matters():
    # many rows share the k-th distance; counting k rows within it would give 1.16 nats
    def draw(rng):
        x, y, _ = gaussian_pair(1000, 0.9, rng)
        return np.round(x, 1), np.round(y, 1)

    assert mean_mi(draw) == pytest.approx(gaussian_pair(1, 0.9)[2], abs=0.1)


def test_independent_counts_carry_nothing():
    def draw(rng):
        return rng.poisson(50, size=1000), rng.normal(size=1000)

    assert mean_mi(draw, seeds=10, discrete_features=False) == pytest.approx(0.0, abs=0.03)


@pytest.mark.parametrize("swapped", [False, True])
def test_two_gaussian_classes(swapped):
    def draw(rng):
        label = rng.integers(2, size=1500)
        x = rng.normal(size=1500) + 2.0 * label
        return (label, x) if swapped else (x, label)

    def density(x):
        return 0.5 * (norm.pdf(x) + norm.pdf(x - 2.0))

    entropy = quad(lambda x: -density(x) * np.log(density(x)), -10.0, 12.0)[0]
    truth = entropy - norm.entropy()
    assert mean_mi(draw) == pytest.approx(truth, abs=0.02)


def test_label_that_names_disjoint_intervals():
    def draw(rng):
        label = rng.choice(["a", "b", "c"], size=900)
        return rng.uniform(size=900) + 2.0 * (label == "b") + 4.0 * (label == "c"), label

    assert mean_mi(draw) == pytest.approx(np.log(3.0), abs=0.01)


def test_two_categories():
    table = np.array([[0.3, 0.1, 0.1], [0.05, 0.05, 0.4]])

    def draw(rng):
        cell = rng.choice(6, p=table.ravel(), size=600)
        return cell // 3, np.array(["u", "v", "w"])[cell % 3]

    marginals = table.sum(axis=1, keepdims=True) * table.sum(axis=0)
    truth = np.sum(table * np.log(table / marginals))
    assert mean_mi(draw, seeds=20) == pytest.approx(truth, abs=0.01)


def test_independent_categories_have_no_bias():
    # the plug-in estimate would be (10 - 1) * (10 - 1) / (2 * 400) = 0.1 too high
    def draw(rng):
        return rng.integers(10, size=400), rng.integers(10, size=400)

    assert mean_mi(draw, seeds=30) == pytest.approx(0.0, abs=0.01)


def test_categories_beside_numbers():
    # y = z if flag else noise: the MI is half that of (z, y) given the flag
    def draw(rng):
        flag = rng.integers(2, size=3000)
        x, y, _ = gaussian_pair(3000, 0.9, rng)
        y = np.where(flag == 1, y[:, 0], rng.normal(size=3000))
        return pd.DataFrame({"flag": flag, "z": x[:, 0]}), y

    truth = 0.5 * gaussian_pair(1, 0.9)[2]
    assert mean_mi(draw, seeds=3) == pytest.approx(truth, abs=0.03)


def test_order_of_categories_does_not_matter():
    rng = np.random.default_rng(0)
    codes = rng.integers(6, size=600)
    x = rng.normal(size=600) + codes
    renamed = np.array([3, 0, 5, 1, 4, 2])[codes]
    assert KSGEstimator().fit(x[:, None], codes).mi_ == pytest.approx(
        KSGEstimator().fit(x[:, None], renamed).mi_, abs=1e-12
    )


# Independent implementations ---------------------------------------------------------------


@pytest.mark.parametrize("n", [20, 300, 4000])
@pytest.mark.parametrize("k", [1, 3, 7])
@pytest.mark.parametrize("correlation", [0.3, 0.95, 0.9999999])
def test_equals_scikit_learn_on_numbers(n, k, correlation):
    x, y, _ = gaussian_pair(n, correlation, seed=n)
    x, y = 3.0 * x + 40.0, np.exp(y[:, 0])
    mi = KSGEstimator(k, **CONTINUOUS).fit(x, y).mi_
    assert max(mi, 0.0) == pytest.approx(
        _compute_mi_cc(x[:, 0] / x.std(), y / y.std(), k), abs=1e-10
    )


def test_equals_mutual_info_regression():
    x, y, _ = gaussian_pair(700, 0.7)
    theirs = mutual_info_regression(x, y[:, 0], random_state=0)
    assert KSGEstimator().fit(x, y).mi_ == pytest.approx(theirs[0], abs=1e-10)


@pytest.mark.parametrize("k", [1, 3, 9])
def test_equals_scikit_learn_on_classes(k):
    x, y, _ = gaussian_pair(500, 0.7)
    label = np.digitize(y[:, 0], [-0.5, 0.5])
    mi = KSGEstimator(k).fit(x, label).mi_
    assert mi == pytest.approx(_compute_mi_cd(x[:, 0], label, k), abs=1e-10)
    theirs = mutual_info_classif(x, label, n_neighbors=k, random_state=0)
    assert mi == pytest.approx(theirs[0], abs=1e-10)


def test_a_class_with_fewer_rows_than_neighbors():
    x, y, _ = gaussian_pair(500, 0.7)
    label = np.digitize(y[:, 0], [-0.5, 0.5, 2.2])
    assert np.sum(label == 3) == 7
    # theirs counts some points at the radius, as its search of small classes rounds distances
    theirs = _compute_mi_cd(x[:, 0], label, 10)
    assert KSGEstimator(10).fit(x, label).mi_ == pytest.approx(theirs, abs=1e-3)


def brute_force(x, y, x_discrete, y_discrete, k):
    """Local information of each row, from all pairwise distances."""

    def distances(values, discrete):
        total = np.zeros((len(values), len(values)))
        for column, is_category in zip(values.T, discrete, strict=True):
            if not is_category:
                column = column / column.std()
            apart = np.abs(column[:, None] - column)
            total = np.maximum(total, np.where(apart > 0, np.inf, 0.0) if is_category else apart)
        return total

    dx, dy = distances(x, x_discrete), distances(y, y_discrete)
    both = np.maximum(dx, dy)
    local = np.empty(len(x))
    for i in range(len(x)):
        others = np.sort(np.delete(both[i], i))
        others = others[np.isfinite(others)][:k]
        if not len(others) and not (all(x_discrete) and all(y_discrete)):
            local[i] = 0.0
            continue
        radius = max(np.append(0.0, others)[-1] * (1.0 - TIE), 5e-324)
        counts = [np.sum(d[i] < radius) for d in (both, dx, dy)]
        local[i] = digamma(len(x)) + digamma(counts) @ [1.0, -1.0, -1.0]
    return local


def mixed_data(seed):
    rng = np.random.default_rng(seed)
    n = 120
    number, lattice, zeros = rng.normal(size=n), rng.integers(30, size=n), rng.normal(size=n)
    zeros[rng.random(n) < 0.4] = 0.0
    # some categories are rare
    category = rng.choice(8, p=[0.4, 0.3, 0.1, 0.1, 0.04, 0.03, 0.02, 0.01], size=n)
    flag = (number + rng.normal(size=n) > 0).astype(float)
    return {"number": number, "lattice": lattice, "zeros": zeros, "kind": category, "flag": flag}


DISCRETE = {"kind", "flag"}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("x_names", "y_names"),
    [
        (["number"], ["zeros"]),
        (["lattice"], ["zeros"]),
        (["number"], ["kind"]),
        (["kind"], ["flag"]),
        (["number", "kind"], ["zeros"]),
        (["zeros", "flag"], ["lattice", "kind"]),
        (["number", "zeros"], ["lattice"]),
        (["kind", "flag"], ["number", "lattice"]),
    ],
)
def test_equals_brute_force(seed, x_names, y_names):
    data = mixed_data(seed)
    x, y = (np.column_stack([data[name] for name in names]) for names in (x_names, y_names))
    kinds = [[name in DISCRETE for name in names] for names in (x_names, y_names)]
    ksg = KSGEstimator(discrete_features=kinds[0], discrete_target=kinds[1]).fit(x, y)
    local = brute_force(x, y, *kinds, k=3)
    assert ksg.mi_ == pytest.approx(local.mean(), abs=1e-12)
    np.testing.assert_allclose(ksg.score_samples(x, y), local, atol=1e-12)


def test_equals_the_published_code_of_gao_et_al():
    # theirs has log(n) where ours has digamma(n), the value without bias
    k, n = 5, 1000
    x, y = draw_atoms_and_density(np.random.default_rng(0), n)
    ours = KSGEstimator(k, **CONTINUOUS).fit(x[:, None], y).mi_
    dx, dy = (np.abs(a[:, None] - a) / a.std() for a in (x, y))
    both = np.maximum(dx, dy)
    distance = np.sort(both, axis=1)[:, k]
    ball = np.where(distance == 0, 1e-15, distance - 1e-15)[:, None]
    n_xy = np.where(distance == 0, np.sum(both <= ball, axis=1), k)
    terms = (
        digamma(n_xy) - digamma(np.sum(dx <= ball, axis=1)) - digamma(np.sum(dy <= ball, axis=1))
    )
    assert ours - digamma(n) == pytest.approx(np.mean(terms), abs=1e-12)


@pytest.mark.parametrize(("p", "q"), [(1, 1), (2, 3)])
def test_second_algorithm_equals_brute_force(p, q):
    k, n = 4, 150
    x, y, _ = gaussian_pair(n, 0.8, p=p, q=q)
    x, y = x / x.std(axis=0), y / y.std(axis=0)
    dx = np.abs(x[:, None] - x).max(axis=2)
    dy = np.abs(y[:, None] - y).max(axis=2)
    terms = []
    for i in range(n):
        near = np.argsort(np.maximum(dx[i], dy[i]))[1 : k + 1]
        n_x = np.sum(dx[i] <= dx[i, near].max()) - 1
        n_y = np.sum(dy[i] <= dy[i, near].max()) - 1
        terms.append(digamma(k) - 1.0 / k - digamma(n_x) - digamma(n_y) + digamma(n))
    ksg = KSGEstimator(k, algorithm="ksg2").fit(x, y)
    assert ksg.mi_ == pytest.approx(np.mean(terms), abs=1e-12)
    np.testing.assert_allclose(ksg.score_samples(x, y), terms, atol=1e-12)


def test_new_rows_count_as_one_row_more():
    x, y, _ = gaussian_pair(200, 0.8)
    ksg = KSGEstimator().fit(x, y)
    new_x, new_y, _ = gaussian_pair(5, 0.8, seed=9)
    for i in range(5):
        # the same form for all: columns of n + 1 rows are not standardized anew
        u = np.vstack([x, new_x[i : i + 1]]) / x.std()
        v = np.vstack([y, new_y[i : i + 1]]) / y.std()
        dx, dy = np.abs(u[:, 0] - u[-1, 0]), np.abs(v[:, 0] - v[-1, 0])
        radius = np.sort(np.maximum(dx, dy))[3]
        counts = np.array([np.sum(dx < radius), np.sum(dy < radius)])
        expected = digamma(201) + digamma(3) - digamma(counts).sum()
        answer = ksg.score_samples(new_x[i : i + 1], new_y[i : i + 1])
        assert answer == pytest.approx([expected], abs=1e-12)


# Properties ----------------------------------------------------------------------------------

tables = st.integers(0, 2**32 - 1).map(np.random.default_rng)
kinds_of_data = st.sampled_from(["smooth", "lattice", "zeros", "category"])


def table(rng, kind, n=40, columns=2):
    values = rng.normal(size=(n, columns))
    if kind == "lattice":
        return np.round(2.0 * values)
    if kind == "zeros":
        return np.where(rng.random((n, columns)) < 0.5, 0.0, values)
    return values


def fitted(x, y, kind, **parameters):
    discrete = kind == "category"
    if discrete:
        y = np.round(y)
    return KSGEstimator(discrete_features=False, discrete_target=discrete, **parameters).fit(x, y)


@settings(max_examples=60, deadline=None)
@given(rng=tables, kind=kinds_of_data)
def test_permutations_and_swap(rng, kind):
    x, y = table(rng, kind), table(rng, kind)
    mi = fitted(x, y, kind).mi_
    order = rng.permutation(len(x))
    assert fitted(x[order], y[order], kind).mi_ == pytest.approx(mi, abs=1e-10)
    assert fitted(x[:, ::-1], y[:, ::-1], kind).mi_ == pytest.approx(mi, abs=1e-10)
    if kind != "category":
        assert fitted(y, x, kind).mi_ == pytest.approx(mi, abs=1e-10)


@settings(max_examples=60, deadline=None)
@given(
    rng=tables,
    kind=kinds_of_data,
    algorithm=st.sampled_from(["auto", "ksg2"]),
    scale=st.floats(1e-6, 1e6),
    shift=st.floats(-1e3, 1e3),
)
def test_scale_and_shift(rng, kind, algorithm, scale, shift):
    algorithm = "auto" if kind == "category" else algorithm
    x, y = table(rng, kind), table(rng, kind)
    mi = fitted(x, y, kind, algorithm=algorithm).mi_
    moved = x * [scale, 1.0] + [shift * scale, -shift]
    assert fitted(moved, y, kind, algorithm=algorithm).mi_ == pytest.approx(mi, abs=1e-10)


@settings(max_examples=30, deadline=None)
@given(rng=tables, kind=kinds_of_data, algorithm=st.sampled_from(["auto", "ksg2"]))
def test_fitted_rows_average_to_the_estimate(rng, kind, algorithm):
    algorithm = "auto" if kind == "category" else algorithm
    x, y = table(rng, kind), table(rng, kind)
    if kind == "category":
        y = np.round(y)
    ksg = fitted(x, y, kind, algorithm=algorithm)
    assert np.mean(ksg.score_samples(x, y)) == pytest.approx(ksg.mi_, abs=1e-12)
    assert np.mean(ksg.predict(x)) == pytest.approx(ksg.mi_, abs=1e-12)
    assert ksg.score(x, y) == pytest.approx(ksg.mi_, abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(rng=tables, kind=kinds_of_data)
def test_rows_do_not_depend_on_their_batch(rng, kind):
    x, y = table(rng, kind), table(rng, kind)
    ksg = fitted(x, y, kind)
    new = table(rng, kind, n=10)
    together = ksg.predict(new)
    alone = [ksg.predict(row[None])[0] for row in new]
    np.testing.assert_allclose(together, alone, atol=1e-12)


@pytest.mark.parametrize("algorithm", ["ksg1", "ksg2"])
@pytest.mark.parametrize(("n", "p"), [(3000, 1), (600, 2)])
def test_threads_do_not_matter(algorithm, n, p):
    x, y, _ = gaussian_pair(n, 0.7, p=p)
    models = [KSGEstimator(algorithm=algorithm, n_jobs=jobs).fit(x, y) for jobs in (None, 1, 2, 4)]
    assert len({model.mi_ for model in models}) == 1
    for model in models[1:]:
        np.testing.assert_array_equal(model.score_samples(x, y), models[0].score_samples(x, y))
        np.testing.assert_allclose(model.predict(x), models[0].predict(x), atol=1e-12)


def test_extreme_magnitudes():
    x, y, _ = gaussian_pair(200, 0.8)
    mi = KSGEstimator().fit(x, y).mi_
    for scale in (1e300, 1e-300, 5e-308):
        assert KSGEstimator().fit(scale * x, y / scale).mi_ == pytest.approx(mi, abs=1e-6)
    assert KSGEstimator().fit(x + 1e9, y).mi_ == pytest.approx(mi, abs=0.02)


def test_a_far_outlier_hides_the_rest_and_ranks_find_it():
    x, noise = np.random.default_rng(0).normal(size=(2, 1000))
    y, clean = x + 0.5 * noise, KSGEstimator().fit(x[:, None], x + 0.5 * noise).mi_
    x[0] = 1e6
    # as the documentation says, and as scikit-learn does
    assert KSGEstimator().fit(x[:, None], y).mi_ < 0.01
    ranks = QuantileTransformer(n_quantiles=1000, output_distribution="normal")
    found = KSGEstimator().fit(ranks.fit_transform(x[:, None]), y).mi_
    assert found == pytest.approx(clean, abs=0.05)


def test_copies_of_the_sample_carry_much_but_finite_information():
    x, y, _ = gaussian_pair(300, 0.0)
    repeated = np.vstack([x] * 4), np.vstack([y] * 4)
    counted = KSGEstimator(duplicates="count")
    assert counted.fit(*repeated).mi_ == pytest.approx(np.log(300), abs=0.3)
    assert np.isfinite(counted.set_params(algorithm="ksg2").fit(*repeated).mi_)
    assert KSGEstimator().fit(x, x).mi_ == pytest.approx(digamma(300) - 1.0, abs=0.5)


# predict -------------------------------------------------------------------------------------


def test_predict_finds_what_a_row_says():
    correlation = 0.8
    x, y, truth = gaussian_pair(4000, correlation)
    ksg = KSGEstimator().fit(x, y)
    points = np.linspace(-2.0, 2.0, 41)[:, None]
    expected = truth + 0.5 * correlation**2 * (points[:, 0] ** 2 - 1.0)
    assert np.sqrt(np.mean((ksg.predict(points) - expected) ** 2)) < 0.15


def test_predict_of_a_category_is_the_mean_of_its_rows():
    rng = np.random.default_rng(0)
    kind = rng.choice(["a", "b", "c"], size=300)
    y = np.where(kind == "a", 5.0, 0.0) + rng.normal(size=300)
    frame = pd.DataFrame({"kind": kind})
    ksg = KSGEstimator().fit(frame, y)
    local = ksg.score_samples(frame, y)
    a, b = ksg.predict(pd.DataFrame({"kind": ["a", "b"]}))
    assert a == pytest.approx(local[kind == "a"].mean(), abs=1e-12)
    assert b == pytest.approx(local[kind == "b"].mean(), abs=1e-12)
    assert a > b + 0.3


def test_unseen_combinations_of_categories():
    frame = pd.DataFrame({"u": ["a", "a", "b"] * 20, "v": ["c", "d", "c"] * 20})
    y = np.arange(60.0)
    ksg = KSGEstimator().fit(frame, y)
    unseen = pd.DataFrame({"u": ["b"], "v": ["d"]})
    offset = ksg.mi_ - np.mean(ksg._row_information(ksg._sample.x.values))
    assert ksg.predict(unseen) == pytest.approx([ksg.mi_ + offset])
    assert ksg.score_samples(unseen, [3.0]) == pytest.approx([0.0])


def test_rows_alone_in_their_category_say_nothing():
    rng = np.random.default_rng(0)
    names = pd.DataFrame({"name": [f"row {i}" for i in range(50)]})
    ksg = KSGEstimator().fit(names, rng.normal(size=50))
    assert ksg.mi_ == 0.0
    np.testing.assert_array_equal(ksg.predict(names), np.zeros(50))


# Parameters ----------------------------------------------------------------------------------


def test_algorithm_by_kind_of_columns():
    x, y, _ = gaussian_pair(60, 0.5)
    assert KSGEstimator().fit(x, y).algorithm_ == "ksg1"
    assert KSGEstimator().fit(x, y > 0).algorithm_ == "mixed"
    assert KSGEstimator(algorithm="mixed").fit(x, y).mi_ == KSGEstimator().fit(x, y).mi_
    assert KSGEstimator(algorithm="ksg2").fit(np.ones_like(x), y).algorithm_ == "ksg2"


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"n_neighbors": 0}, ValueError, r"n_neighbors=0 must be an integer of at least 1.*Pass"),
        ({"n_neighbors": 2.5}, ValueError, r"n_neighbors=2.5 must be an integer"),
        ({"n_neighbors": True}, ValueError, r"n_neighbors=True must be an integer"),
        (
            {"n_neighbors": 30},
            InvalidSampleError,
            r"n_neighbors=30 needs at least 31 rows, but the sample has 30. Lower n_neighbors "
            r"to at most 29",
        ),
        ({"algorithm": "ksg3"}, ValueError, r"algorithm='ksg3' is not one of 'auto', 'ksg1'"),
        (
            {"algorithm": "ksg1", "discrete_target": True},
            InvalidSampleError,
            r"Column 'y0' is discrete, and algorithm='ksg1' takes 0 discrete columns. Pass "
            r"algorithm='mixed'",
        ),
    ],
)
def test_bad_parameters(parameters, error, message):
    x, y, _ = gaussian_pair(30, 0.5)
    estimator = KSGEstimator(**parameters)
    with pytest.raises(error, match=message):
        estimator.fit(x, y)
    with pytest.raises(error, match=message):
        estimator.estimate_many([(x, y)])
    with pytest.raises(error, match=message):
        estimator.fit(np.ones_like(x), y)


def test_as_many_neighbors_as_there_are():
    x, y, _ = gaussian_pair(30, 0.5)
    assert np.isfinite(KSGEstimator(29).fit(x, y).mi_)
    assert np.isfinite(KSGEstimator(29, algorithm="ksg2").fit(x, y).mi_)


def test_pickle():
    x, y, _ = gaussian_pair(60, 0.5)
    ksg = KSGEstimator().fit(x, y)
    again = pickle.loads(pickle.dumps(ksg))
    np.testing.assert_array_equal(again.predict(x), ksg.predict(x))


@pytest.mark.parametrize(("offset", "noise"), [(1e9, 1e-6), (-1e12, 1e-3)])
def test_the_order_of_rows_far_from_0_does_not_matter(offset, noise):
    rng = np.random.default_rng(0)
    z = rng.normal(size=300)
    far = offset + noise * (z + rng.normal(size=300))
    for x in (far[:, None], np.column_stack([far, rng.normal(size=300)])):
        orders = [rng.permutation(300) for _ in range(4)]
        found = [KSGEstimator().fit(x[rows], z[rows]).mi_ for rows in orders]
        assert np.ptp(found) < 1e-10
