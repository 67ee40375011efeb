"""Rows with missing values left out of all sides, whatever library holds them."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from skmist import (
    InvalidSampleError,
    conditional_independence_test,
    conditional_mutual_info,
    independence_test,
    mi_lags,
    mi_with,
    mutual_info,
)
from skmist._sample.sample import make_sample

RNG = np.random.default_rng(0)
N = 60
Z = RNG.normal(size=N)
X, Y = Z + RNG.normal(size=N), Z + RNG.normal(size=N)
FORMS = {
    "array": lambda v: v,
    "list": lambda v: v.tolist(),
    "series": lambda v: pd.Series(v, name="a"),
    "frame": lambda v: pd.DataFrame({"a": v}),
    "index": lambda v: pd.Index(v),
    "pandas array": lambda v: pd.array(v),
    "polars": lambda v: pl.Series("a", v),
    "polars frame": lambda v: pl.DataFrame({"a": v}),
    "arrow": lambda v: pa.chunked_array([v]),
    "arrow table": lambda v: pa.table({"a": v}),
}
PAIRS = list(itertools.product(FORMS, FORMS))
COPULA = {"estimator": "gaussian_copula"}


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_sides_pair_in_any_form(one, other):
    sample = make_sample(FORMS[one](X), FORMS[other](Y))
    assert np.array_equal(sample.x.values[:, 0], X)
    assert np.array_equal(sample.y.values[:, 0], Y)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_rows_that_miss_a_value_are_left_out(one, other):
    x, y = X.copy(), Y.copy()
    x[3], y[[5, 6]] = np.nan, np.nan
    kept = np.delete(np.arange(N), [3, 5, 6])
    found = mutual_info(FORMS[one](x), FORMS[other](y), missing="drop", **COPULA)
    assert found == mutual_info(X[kept], Y[kept], **COPULA)


@pytest.mark.parametrize("form", sorted(set(FORMS) - {"list"}))
def test_values_of_a_target_in_any_form(form):
    df = pd.DataFrame({"x": X, "z": Z})
    found = mi_with(df, FORMS[form](Y), **COPULA)
    expected = mi_with(df.assign(y=Y), "y", **COPULA)
    assert found["mi"].to_dict() == expected["mi"].to_dict()
    assert found.attrs["target"] in ("a", "target")


def test_a_frame_of_targets_is_one_target():
    df = pd.DataFrame({"x": X})
    found = mi_with(df, pd.DataFrame({"y": Y, "z": Z}), **COPULA)
    expected = mutual_info(X, np.column_stack([Y, Z]), **COPULA).mi
    assert found.loc["x", "mi"] == pytest.approx(expected)
    assert found.attrs["target"] == "y, z"


@pytest.mark.parametrize("form", FORMS)
def test_a_series_in_any_form(form):
    found = mi_lags(FORMS[form](X), FORMS[form](Y), 2, **COPULA)
    assert found["mi"].tolist() == mi_lags(X, Y, 2, **COPULA)["mi"].tolist()


def test_labels_dependent_rows_and_conditions():
    labels = np.where(Y > 0, "a", "b").astype(object)
    labels[7] = None
    kept, groups = np.delete(np.arange(N), 7), np.arange(N) // 3
    found = mutual_info(X, labels, missing="drop", groups=groups, **COPULA)
    assert found == mutual_info(X[kept], labels[kept], groups=groups[kept], **COPULA)
    how = {**COPULA, "random_state": 0, "n_permutations": 19}
    found = independence_test(X, labels, missing="drop", groups=groups, **how)
    assert (
        found.pvalue == independence_test(X[kept], labels[kept], groups=groups[kept], **how).pvalue
    )
    z = Z.copy()
    z[2] = np.nan
    kept = np.delete(np.arange(N), [2, 7])
    sides = X[kept], labels[kept], Z[kept]
    assert conditional_mutual_info(X, labels, z, missing="drop", **COPULA) == (
        conditional_mutual_info(*sides, **COPULA)
    )
    found = conditional_independence_test(X, labels, z, missing="drop", **how)
    assert found.n_samples == N - 2


def test_refusals():
    x = np.append(X[1:], np.nan)
    with pytest.raises(InvalidSampleError, match="1 of 60 values are missing .* missing='drop'"):
        mutual_info(x, Y, **COPULA)
    with pytest.raises(ValueError, match="missing is 'category'; pass one of 'error', 'drop'"):
        mutual_info(x, Y, missing="category", **COPULA)
    with pytest.raises(InvalidSampleError, match="60 and 59 rows"):
        mutual_info(x, Y[1:], missing="drop", **COPULA)


def test_text_and_bare_categories_are_labels():
    words, cut = np.where(X > 0, "up", "down"), pd.cut(X, 3)
    sample = make_sample(words, cut)
    assert (sample.x.discrete.all(), sample.y.discrete.all()) == (True, True)
    assert np.array_equal(sample.x.values[:, 0] == sample.x.values[0, 0], words == words[0])
    series = make_sample(words, pd.Series(cut))
    assert np.array_equal(sample.y.values, series.y.values)
    assert sample.y.column_kinds == series.y.column_kinds


def test_row_labels_of_conditions_count_too():
    frames = [pd.Series(v, index=np.arange(N) + 5) for v in (X, Y)]
    with pytest.raises(InvalidSampleError, match="row labels of X and Z differ"):
        conditional_mutual_info(*frames, pd.Series(Z, index=np.arange(N) + 7), **COPULA)
