"""Probes, information, distances and the table: exact answers first."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

import skmist
from skmist import BoundWarning, MINEEstimator
from skmist.representation import (
    MEASURES,
    input_information,
    ks_distances,
    probe_score,
    representation_report,
)
from skmist.representation.information import _most_columns, _reduced
from skmist.representation.rows import read_rows_flat, rows_that_judge


@pytest.fixture(scope="module")
def digits():
    images, labels = load_digits(return_X_y=True)
    return images[:300], labels[:300]


def separable(n=200, seed=0):
    """An invertible linear map of indicators of 4 classes, with a little noise."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 4
    return (np.eye(4)[y] + 0.01 * rng.normal(size=(n, 4))) @ rng.normal(size=(4, 4)), y


def xor(n=400, seed=0):
    signs = np.random.default_rng(seed).uniform(-1, 1, size=(n, 2))
    return signs, (signs[:, 0] * signs[:, 1] > 0).astype(int)


# Probes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("probe", ["linear", "knn", "mlp"])
def test_separable_classes_are_told_apart(probe):
    assert probe_score(*separable(), probe, random_state=0) == 1.0


def test_only_nonlinear_probes_see_parity():
    code, y = xor()
    assert probe_score(code, y, "linear", random_state=0) < 0.65
    assert probe_score(code, y, "knn", random_state=0) > 0.85
    assert probe_score(code, y, "mlp", random_state=0) > 0.85


def test_labels_that_are_noise_are_guessed():
    rng = np.random.default_rng(0)
    code, y = rng.normal(size=(2000, 3)), rng.integers(0, 2, 2000)
    assert probe_score(code, y, random_state=0) == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("probe", ["linear", "mlp"])
def test_numbers_are_judged_by_r_squared(probe):
    rng = np.random.default_rng(0)
    code = rng.normal(size=(1500, 3))
    signal = code @ [1.0, 2.0, -1.0]
    y = 100.0 * (signal + np.sqrt(6.0) * rng.normal(size=1500))  # half the variance is noise
    assert probe_score(code, y, probe, random_state=0) == pytest.approx(0.5, abs=0.1)
    both = np.column_stack([signal, -signal])
    assert probe_score(code, both, probe, random_state=0) > 0.98


def test_whole_numbers_can_be_declared_numbers():
    code = np.arange(120.0)[:, None]
    y = np.arange(120)
    assert probe_score(code, y, target_kind="numbers", random_state=0) > 0.999


@pytest.mark.parametrize("probe", ["linear", "knn"])
def test_the_scale_of_a_column_does_not_matter(probe):
    code, y = separable() if probe == "linear" else xor()
    scaled = code * np.geomspace(1e-6, 1e6, code.shape[1])
    first = probe_score(code, y, probe, random_state=0)
    assert first > 0.85
    assert probe_score(scaled, y, probe, random_state=0) == first


def test_few_labels_are_drawn_of_each_class():
    code, y = separable()
    assert probe_score(code, y, labels_per_class=1, random_state=0) > 0.95
    few = probe_score(*xor(), "knn", labels_per_class=3, random_state=0)
    assert few < probe_score(*xor(), "knn", random_state=0)


def test_a_probe_of_the_users_own_is_that_of_scikit_learn():
    code, y = xor()
    test = np.arange(0, 400, 3)
    train = np.setdiff1d(np.arange(400), test)
    mean, spread = code[train].mean(0), code[train].std(0)
    scaled = (code - mean) / spread
    expected = KNeighborsClassifier(1).fit(scaled[train], y[train]).score(scaled[test], y[test])
    assert probe_score(code, y, KNeighborsClassifier(1), test_rows=test) == expected
    assert probe_score(code, y, LogisticRegression(), test_rows=test) < 0.7


def test_test_rows_do_not_train():
    """A neighbor that has seen a row knows even labels that are noise."""
    rng = np.random.default_rng(0)
    code, y = rng.normal(size=(600, 3)), rng.integers(0, 2, 600)
    nearest = KNeighborsClassifier(1)
    assert nearest.fit(code, y).score(code, y) == 1.0
    assert probe_score(code, y, nearest, test_rows=np.arange(300)) < 0.6


def test_probes_are_reproducible():
    code, y = xor(120)
    for probe in ("linear", "mlp"):
        values = {probe_score(code, y, probe, random_state=3) for _ in range(2)}
        assert len(values) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"probe": "tree"}, "probe is 'tree'"),
        ({"target_kind": "words"}, "target_kind is 'words'"),
        ({"labels_per_class": 0}, "labels_per_class is 0"),
        ({"labels_per_class": 51}, "class .* has 37 row"),
        ({"n_draws": 0, "labels_per_class": 1}, "n_draws is 0"),
        ({"labels_per_class": 2, "target_kind": "numbers"}, "y holds numbers"),
        ({"test_rows": 1.5}, "test_rows is 1.5"),
        ({"test_rows": [200]}, "indices from 0 to 199"),
        ({"test_rows": np.ones(200, bool)}, "has 200 of 200 rows"),
    ],
)
def test_probes_refuse_what_they_cannot_use(arguments, message):
    with pytest.raises(ValueError, match=message):
        probe_score(*separable(), **{"random_state": 0, **arguments})


# Rows -----------------------------------------------------------------------------------------


def test_rows_are_split_without_overlap():
    labels = np.repeat([0, 1], [300, 100])
    train, test = rows_that_judge(0.25, 400, labels, 0)
    assert sorted([*train, *test]) == list(range(400))
    assert labels[test].mean() == 0.25
    same = rows_that_judge(np.isin(np.arange(400), test), 400, None, None)
    np.testing.assert_array_equal(same[0], train)
    np.testing.assert_array_equal(rows_that_judge(test, 400, None, None)[1], test)


def test_rows_are_flattened_and_checked():
    assert read_rows_flat(np.zeros((3, 2, 2)), "code").shape == (3, 4)
    assert read_rows_flat([1, 2, 3], "code").shape == (3, 1)
    with pytest.raises(ValueError, match="NaN"):
        read_rows_flat([[np.nan], [1.0]], "code")


# Information ----------------------------------------------------------------------------------


def channel(n=1000, seed=0):
    """Two Gaussian pairs of correlation 0.8: -log(0.6) nats, the rest is noise."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, 0.8 * X[:, :1] + 0.6 * rng.normal(size=(n, 1))


@pytest.mark.parametrize(("method", "error"), [("mine", 0.12), ("mist", 0.12), ("ksg", 0.12)])
def test_information_of_a_gaussian_channel(method, error):
    found = input_information(*channel(), estimator=method, random_state=0, device="cpu")
    assert found == pytest.approx(-np.log(0.6), abs=error)


def test_the_estimator_may_be_given():
    quick = MINEEstimator(max_iter=1, n_folds=2, device="cpu")
    x, y = channel(300)
    assert input_information(x, y, estimator=quick) == quick.fit(x, y).mi_


def test_a_copy_stays_below_the_log_of_a_fold():
    X = np.random.default_rng(0).normal(size=(300, 4))
    with pytest.warns(BoundWarning, match="at the ceiling of 4.09 nats"):
        found = input_information(X, X, random_state=0, device="cpu")
    assert np.log(60) - 1.0 < found < np.log(60) + 1e-9


def test_gray_levels_are_continuous(digits):
    """As categories, 64 pixels would be a thousand columns."""
    images, _ = digits
    few = images[:, 20:24]
    found = input_information(few, few[:, :1] // 4, estimator="ksg")
    assert np.isfinite(found)


def test_wide_sides_are_projected_for_mist():
    mist = skmist.MISTRegressor()
    assert _most_columns("auto", mist) == 64
    assert _most_columns("auto", MINEEstimator()) is None
    assert _most_columns(5, mist) == 5
    wide = np.random.default_rng(0).normal(size=(100, 70))
    assert _reduced(wide, 64, 0).shape == (100, 64)
    assert _reduced(wide, 70, 0) is wide


def test_a_projection_loses_information():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 3)) * [3.0, 2.0, 1.0]
    code = X + 0.5 * rng.normal(size=(500, 3))
    whole = input_information(X, code, estimator="gaussian_copula")
    part = input_information(X, code, estimator="gaussian_copula", max_columns=2)
    assert 0 < part < whole - 0.3


@pytest.mark.parametrize("value", [0, True, 2.5, "all"])
def test_impossible_limits_are_refused(value):
    with pytest.raises(ValueError, match="max_columns is"):
        input_information(*channel(50), max_columns=value)


# Distances ------------------------------------------------------------------------------------


def test_distances_are_those_of_exact_laws():
    even = (np.arange(200) + 0.5) / 200
    columns = np.column_stack([even, np.sqrt(even), np.full(200, 0.3)])
    # F(u) - u is u^2 - u for the square root, at most 1/4 away; all rows lie at 0.3
    np.testing.assert_allclose(ks_distances(columns), [0.0025, 0.2525, 0.7], atol=0.003)
    np.testing.assert_allclose(ks_distances(norm.ppf(even), "gaussian"), 0.0025, atol=1e-9)
    np.testing.assert_allclose(ks_distances(even, lambda v: v**2), [0.25], atol=0.003)


def test_unknown_priors_are_refused():
    with pytest.raises(ValueError, match="prior is 'cauchy'"):
        ks_distances(np.zeros((3, 1)), "cauchy")


# The table ------------------------------------------------------------------------------------


def test_the_table_has_what_the_functions_say(digits):
    images, labels = digits
    pca = PCA(5, random_state=0).fit(images)
    test = np.arange(0, 300, 4)
    asked = ["linear", "knn", "few_labels", "ks"]
    report = representation_report(
        {"raw": images, "PCA": pca},
        images,
        labels,
        measures=asked,
        prior="uniform",
        labels_per_class=5,
        test_rows=test,
        random_state=0,
    )
    assert list(report.columns) == asked
    assert list(report.index) == ["raw", "PCA"]
    code = pca.transform(images)
    assert report.loc["PCA", "ks"] == ks_distances(code).max()
    assert report.loc["PCA", "knn"] == probe_score(code, labels, "knn", test_rows=test)
    assert (report["few_labels"] < report["linear"]).all()


@pytest.mark.filterwarnings("ignore::skmist.BoundWarning")
@pytest.mark.filterwarnings("ignore::skmist.OutOfRangeWarning")
def test_auto_takes_what_the_arguments_allow():
    code = np.random.default_rng(0).normal(size=(60, 2))
    report = representation_report({"a": code}, code, random_state=0, device="cpu")
    assert list(report.columns) == ["mine", "mist", "ndm"]
    assert set(report.columns) < set(MEASURES)


@pytest.mark.filterwarnings("ignore::skmist.BoundWarning")
@pytest.mark.filterwarnings("ignore::skmist.OutOfRangeWarning")
def test_numbers_have_no_few_labels():
    code = np.random.default_rng(0).normal(size=(80, 2))
    report = representation_report(
        {"a": code}, code, code[:, 0], prior="gaussian", random_state=0, device="cpu"
    )
    assert list(report.columns) == ["linear", "knn", "mlp", "mine", "mist", "ndm", "ks"]
    assert report.loc["a", "linear"] > 0.99


def test_all_representations_are_judged_by_the_same_rows(digits):
    images, labels = digits
    report = representation_report(
        {"a": images, "b": images}, images, labels, measures=["linear", "knn"], random_state=1
    )
    assert (report.loc["a"] == report.loc["b"]).all()


@pytest.mark.parametrize(
    ("codes", "arguments", "message"),
    [
        ({}, {}, "dict with nothing"),
        ([1], {}, "codes is list"),
        ({"a": np.zeros((5, 1))}, {"measures": ["ndm"]}, "has 5 rows and X has 30"),
        ({"a": np.zeros((30, 1))}, {"measures": ["beauty"]}, "measures has 'beauty'"),
        ({"a": np.zeros((30, 1))}, {"measures": "linear"}, "y is None"),
        ({"a": np.zeros((30, 1))}, {"measures": ["ks"]}, "prior is None"),
    ],
)
def test_the_table_refuses_what_it_cannot_measure(codes, arguments, message):
    with pytest.raises(ValueError, match=message):
        representation_report(codes, np.zeros((30, 2)), **arguments)


def test_transformers_must_be_fitted(digits):
    with pytest.raises(NotFittedError):
        representation_report({"a": PCA(2)}, digits[0], digits[1], measures=["linear"])
