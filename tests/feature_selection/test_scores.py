"""The scores of single columns against scikit-learn's, and where those are wrong."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from scipy.sparse import csr_matrix
from sklearn import feature_selection as reference
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.feature_selection import SelectKBest

from skmist import KSGEstimator, mutual_info_classif, mutual_info_regression

OURS = {"regression": mutual_info_regression, "classif": mutual_info_classif}
THEIRS = {
    "regression": reference.mutual_info_regression,
    "classif": reference.mutual_info_classif,
}


def table(kind, n=200, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 5))
    X[:, 3:] = rng.integers(0, 4, size=(n, 2))
    y = X[:, 0] + 0.5 * X[:, 3] + rng.normal(size=n)
    return X, y if kind == "regression" else np.digitize(y, [-1.0, 0.5])


@pytest.mark.parametrize("kind", OURS)
@pytest.mark.parametrize("n_neighbors", [1, 3, 10])
@pytest.mark.parametrize("choice", [[3, 4], np.array([False, False, False, True, True])])
def test_equal_to_scikit_learn(kind, n_neighbors, choice):
    X, y = table(kind)
    settings = {"discrete_features": choice, "n_neighbors": n_neighbors, "random_state": 0}
    found, expected = OURS[kind](X, y, **settings), THEIRS[kind](X, y, **settings)
    # scikit-learn adds noise of 1e-10 to the columns
    np.testing.assert_allclose(found, expected, atol=1e-8)


@pytest.mark.parametrize("kind", OURS)
@pytest.mark.parametrize("discrete", [True, False, "auto"])
def test_equal_where_all_columns_are_of_a_kind(kind, discrete):
    X, y = table(kind)
    X = X[:, 3:] if discrete is True else X[:, :3]
    settings = {"discrete_features": discrete, "random_state": 0}
    found, expected = OURS[kind](X, y, **settings), THEIRS[kind](X, y, **settings)
    np.testing.assert_allclose(found, expected, atol=1e-8)


def test_equal_on_real_columns_without_ties():
    X, y = load_breast_cancer(return_X_y=True)
    few_ties = [k for k in range(X.shape[1]) if len(np.unique(X[:, k])) > 0.9 * len(X)]
    found = mutual_info_classif(X[:, few_ties], y)
    expected = reference.mutual_info_classif(X[:, few_ties], y, random_state=0)
    assert len(few_ties) > 10
    np.testing.assert_allclose(found, expected, atol=0.02)


def test_sparse_columns_are_discrete():
    X, y = table("classif")
    counts = csr_matrix(X[:, 3:])
    expected = reference.mutual_info_classif(counts, y)
    np.testing.assert_allclose(mutual_info_classif(counts, y), expected, atol=1e-12)
    with pytest.raises(ValueError, match="Sparse matrix X can't have continuous"):
        mutual_info_classif(counts, y, discrete_features=False)


def test_a_constant_column_scores_0_and_not_more_than_the_entropy():
    rng = np.random.default_rng(0)
    X = np.column_stack([np.full(100, 3.0), rng.normal(size=100)])
    y = (np.arange(100) == 0).astype(int) + 2 * (np.arange(100) == 1)
    for score in (mutual_info_classif(X, y), mutual_info_regression(X, y + X[:, 1])):
        assert score[0] == 0.0


def test_nothing_is_random():
    X, y = table("regression")
    X = np.round(X)
    states = [None, 0, 1]
    found = [mutual_info_regression(X, y, random_state=state) for state in states]
    assert all(np.array_equal(scores, found[0]) for scores in found)
    theirs = [reference.mutual_info_regression(X, y, random_state=state) for state in states]
    assert not all(np.array_equal(scores, theirs[0]) for scores in theirs)


def test_the_data_are_not_changed():
    X, y = table("regression")
    before = X.copy(), y.copy()
    mutual_info_regression(X, y, copy=False)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])


@pytest.mark.parametrize("estimator", ["mist", KSGEstimator(n_neighbors=5), "gaussian_copula"])
def test_other_estimators_score_too(estimator):
    X, y = table("regression")
    select = SelectKBest(partial(mutual_info_regression, estimator=estimator), k=1).fit(X, y)
    assert select.get_support(indices=True).tolist() == [0]


def test_neighbors_are_those_of_the_estimator():
    X, y = load_diabetes(return_X_y=True)
    found = mutual_info_regression(X[:, :3], y, n_neighbors=7, discrete_features=[1])
    asked = mutual_info_regression(
        X[:, :3], y, estimator=KSGEstimator(n_neighbors=7), discrete_features=[1]
    )
    np.testing.assert_array_equal(found, asked)


def test_processes_do_not_change_the_answer():
    X, y = table("classif", n=60)
    with parallel_config("threading"):
        one, two = (mutual_info_classif(X, y, n_jobs=n_jobs) for n_jobs in (None, 2))
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("choice", ["some", [True, False]])
def test_choices_of_discrete_columns_are_checked(choice):
    with pytest.raises(ValueError, match="discrete_features"):
        mutual_info_regression(*table("regression"), discrete_features=choice)


def test_classes_must_be_classes():
    X, y = table("regression")
    with pytest.raises(ValueError, match="Unknown label type"):
        mutual_info_classif(X, y)


@pytest.mark.parametrize("estimator", ["ksg", "mist", "gaussian_copula"])
def test_columns_of_text_are_discrete(estimator):
    X, y = table("classif")
    words = np.array(["c", "a", "d", "b"])[X[:, 3].astype(int)]
    frame = pd.DataFrame({"a": X[:, 0], "word": words, "b": X[:, 1]})
    found = mutual_info_classif(frame, y, estimator=estimator)
    coded = mutual_info_classif(X[:, [0, 3, 1]], y, discrete_features=[1], estimator=estimator)
    # codes that are numbers have an order, which MIST reads; without one it goes by counts
    np.testing.assert_allclose(found, coded, atol=2e-2 if estimator == "mist" else 1e-6)
    as_array = mutual_info_classif(frame.to_numpy(), y, estimator=estimator)
    np.testing.assert_array_equal(found, as_array)
    assert mutual_info_regression(frame, X[:, 2], estimator=estimator)[1] < 0.1
    assert mutual_info_classif(words[:, None], y, estimator=estimator) == pytest.approx(found[1])


CATEGORIES = {
    "pandas": lambda a, codes: pd.DataFrame({"a": a, "code": pd.Categorical(codes)}),
    "pandas, ordered": lambda a, codes: pd.DataFrame(
        {"a": a, "code": pd.Categorical(codes, ordered=True)}
    ),
    "polars": lambda a, codes: pytest.importorskip("polars").DataFrame(
        {"a": a, "code": codes.astype(str)}, schema_overrides={"code": polars_category()}
    ),
}


def polars_category():
    return pytest.importorskip("polars").Categorical


@pytest.mark.parametrize("kind", CATEGORIES)
@pytest.mark.parametrize("estimator", ["ksg", "mist", "gaussian_copula"])
def test_categories_of_whole_numbers_are_discrete(kind, estimator):
    """Codes in an order that says nothing: as numbers of a line they would tell less."""
    rng = np.random.default_rng(0)
    codes = rng.integers(9, size=300)
    y = rng.permutation(9)[codes] + 0.1 * rng.normal(size=300)
    a = rng.normal(size=300)
    found = mutual_info_regression(CATEGORIES[kind](a, codes), y, estimator=estimator)
    plain = pd.DataFrame({"a": a, "code": codes})
    declared = mutual_info_regression(plain, y, discrete_features=[1], estimator=estimator)
    # an order that is declared, or that of numbers, is one that MIST reads
    is_unordered = estimator == "mist" and "ordered" not in kind
    np.testing.assert_allclose(found, declared, atol=0.3 if is_unordered else 1e-6)
    classes = mutual_info_classif(CATEGORIES[kind](a, codes), codes, estimator=estimator)
    assert classes[1] == pytest.approx(np.log(9), abs=0.1)


def test_several_columns_of_labels_are_one_target():
    X, y = table("classif")
    other = X[:, 4].astype(int)
    both = np.column_stack([y, other])
    joint = np.unique(both, axis=0, return_inverse=True)[1]
    found = SelectKBest(mutual_info_classif, k=2).fit(X, both).scores_
    np.testing.assert_allclose(found, mutual_info_classif(X, joint))
    words = pd.DataFrame({"y": y.astype(str), "other": other})
    np.testing.assert_allclose(mutual_info_classif(X, words), found)
    kinds = {"discrete_features": [3, 4]}
    plug_in = mutual_info_classif(X, words, **kinds)
    np.testing.assert_allclose(plug_in, mutual_info_classif(X, joint, **kinds))
    assert SelectKBest(mutual_info_regression, k=1).fit(X, both).get_support()[4]
    with pytest.raises(ValueError, match="continuous"):
        mutual_info_classif(X, X[:, :2])
