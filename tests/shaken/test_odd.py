"""Columns, labels and settings that are odd one by one, each of a kind that once broke a call."""

from __future__ import annotations

import datetime
import time
import uuid
import warnings
from decimal import Decimal

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sklearn
import torch

import skmist
from skmist import InvalidSampleError
from skmist._parallel import n_workers

RNG = np.random.default_rng(0)
N = 60
X, Y = RNG.normal(size=(N, 2)), RNG.normal(size=N)
LABELS = RNG.choice(["a", "b"], N)
KSG = {"estimator": "ksg"}
SIGNAL = np.array([*[Decimal(1), Decimal(2)] * (N // 2 - 1), Decimal(3), Decimal("sNaN")])


def arrow(values, dtype=None):
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.array(values, type=dtype)))


def objects(values):
    return pd.Series(list(values), dtype=object)


DAYS = [datetime.date(2020, 1, 1 + k % 28) for k in range(N)]
# What a table may hold: it is answered, with a reason where a column tells nothing.
COLUMNS = {
    "sparse text": lambda: pd.Series(LABELS, dtype=object).astype("Sparse[object]"),
    "half characters": lambda: objects(np.where(LABELS == "a", "\ud800", "b\udfff")),
    "endless digits": lambda: objects(10**5000 * k for k in range(N)),
    "endless digits and text": lambda: objects([10**5000, 10**5000 + 1, "a"] * (N // 3)),
    "a signal": lambda: objects(SIGNAL),
    "bytes of another machine": lambda: pd.Series(Y.astype(Y.dtype.newbyteorder("S"))),
    "lists of Arrow": lambda: arrow([[1, k] for k in range(N)]),
    "structures of Arrow": lambda: arrow([{"a": k} for k in range(N)]),
    "dates of Arrow": lambda: arrow(DAYS, pa.date32()),
    "ids of Arrow": lambda: arrow([uuid.UUID(int=k % 3).bytes for k in range(N)], pa.uuid()),
    "far": lambda: pd.Series(1e9 + 1e-6 * Y),
    "the ends of float64": lambda: pd.Series(np.resize([1.7e308, -1.7e308, 5e-324, 0.0], N)),
    "long text": lambda: objects(np.where(LABELS == "a", "a" * 10**6, "b" * 10**6)),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_no_column_stops_a_table(name):
    df = pd.DataFrame({"a": X[:, 0], "odd": COLUMNS[name](), "y": Y})
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("ignore", skmist.SkmistWarning)
        assert len(skmist.mi_with(df, "y", **KSG)) == 2
        assert skmist.mi_matrix(df, **KSG).shape == (3, 3)
        page = skmist.report(df, "y", estimator="gaussian_copula").page
    assert page.rstrip().endswith("</html>") and len(page) < 200_000


def test_whole_numbers_of_128_bits():
    wide = pl.Series("p", [2**100 + k for k in range(N)], dtype=pl.Int128)
    df = pl.DataFrame([wide, pl.Series("y", np.arange(N) + 0.1 * Y)])
    with pytest.warns(skmist.TableWarning, match="numbers beyond 2\\*\\*53"):
        assert skmist.mi_with(df, "y", **KSG)["mi"].iloc[0] > 1.0
    narrow = pl.DataFrame([pl.Series("p", range(N), dtype=pl.Int128)])
    found = [
        skmist.mutual_info(side, Y, missing="drop", **KSG).mi
        for side in (narrow, narrow["p"], narrow.select(pl.col("p").cast(pl.Int64)))
    ]
    assert found[0] == found[1] == found[2]


# Missing, and what is none of the kind ---------------------------------------------------


def test_rows_with_a_signal_are_dropped():
    kept = skmist.mutual_info(SIGNAL[:-1].astype(float), Y[:-1], **KSG).mi
    for side in (SIGNAL, pd.Series(SIGNAL), pd.DataFrame({"a": SIGNAL})):
        assert skmist.mutual_info(side, Y, missing="drop", **KSG).mi == kept


@pytest.mark.parametrize(
    "values", [LABELS, np.round(3 * Y).astype(int), X[:, 0]], ids=["text", "integers", "floats"]
)
def test_what_a_mask_hides_is_missing(values):
    hidden = np.arange(N) < 7
    masked = np.ma.array(values, mask=hidden)
    with pytest.raises(InvalidSampleError, match=r"row 0 is .* \(7 of 60 values are missing"):
        skmist.mutual_info(masked, Y, **KSG)
    kept = skmist.mutual_info(values[7:], Y[7:], **KSG)
    assert skmist.mutual_info(masked, Y, missing="drop", **KSG).mi == kept.mi


def test_tensors_of_any_kind_lose_rows_like_arrays():
    half = torch.tensor(X[:, 0], dtype=torch.bfloat16)
    expected = skmist.mutual_info(half.double().numpy(), Y, **KSG).mi
    assert skmist.mutual_info(half, Y, missing="drop", **KSG).mi == expected
    assert skmist.mi_lags(half, Y, 0, **KSG)["mi"].iloc[0] == pytest.approx(max(expected, 0.0))
    with pytest.raises(InvalidSampleError, match="whose numbers cannot be read"):
        skmist.mutual_info(torch.empty(N, device="meta"), Y, missing="drop", **KSG)


@pytest.mark.parametrize(
    "values",
    [
        objects([10**400, *range(N - 1)]),
        np.array([np.longdouble("1e4000"), *range(N - 1)], dtype=np.longdouble),
        objects([Decimal("1e400"), *map(Decimal, range(N - 1))]),
    ],
    ids=["int", "longdouble", "decimal"],
)
def test_a_number_beyond_float64_is_not_called_infinite(values):
    if values.dtype == np.float64:
        pytest.skip("long doubles are doubles here")
    with pytest.raises(InvalidSampleError, match=r"beyond those of float64, 1.8e\+308: row 0 is"):
        skmist.mutual_info(values, Y, **KSG)


def test_a_name_or_value_of_any_length_makes_a_short_message():
    long = "n" * 10**6
    mixed = pd.DataFrame({long: [long, 1] * (N // 2)}, dtype=object)
    other = pd.Series(Y, index=[f"{long}{k}" for k in range(N)])
    samples = {
        "mixes types": (mixed, Y),
        "more than one column": (pd.DataFrame(X, columns=[long] * 2), Y),
        "row labels of X and y differ": (other, other.set_axis([f"m{k}" for k in range(N)])),
        "must be a string or a number": (pd.Series([{"a": long}] * N), Y),
    }
    for said, sample in samples.items():
        with pytest.raises(InvalidSampleError, match=said) as refused:
            skmist.mutual_info(*sample, **KSG)
        assert len(str(refused.value)) < 600
    fitted = skmist.KSGEstimator().fit(pd.DataFrame({"a": LABELS}), Y)
    with pytest.raises(InvalidSampleError, match="was not seen in fit") as refused:
        fitted.predict(pd.DataFrame({"a": [long] * N}))
    assert len(str(refused.value)) < 600


# Labels ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "label", [pd.NA, np.nan, ("g", 1), 1.5, np.int64(3), "\ud800", True, b"x"]
)
def test_a_report_about_a_label_of_any_kind(label):
    columns = pd.Index(["a", None, label], dtype=object, tupleize_cols=False)
    df = pd.DataFrame(np.c_[X, X[:, 0] + 0.1 * Y]).set_axis(columns, axis=1)
    found = skmist.report(df, label, estimator="gaussian_copula")
    about = found.to_frame()
    assert len(about) == 2 and about["mi"].iloc[0] > 1.0


def test_a_report_is_whole_or_what_it_was(tmp_path, monkeypatch):
    found = skmist.report(pd.DataFrame({"a": X[:, 0], "y": Y}), estimator="gaussian_copula")
    path = tmp_path / "page.html"
    path.write_text("before")
    with monkeypatch.context() as patch:

        def full(place, content):
            with place.open("wb") as file:
                file.write(content[:100])
            raise OSError(28, "No space left on device")

        patch.setattr(type(path), "write_bytes", full)
        with pytest.raises(OSError, match="No space left"):
            found.save(path)
    assert path.read_text() == "before" and len(list(tmp_path.iterdir())) == 1
    found.save(path)
    assert path.read_text(encoding="utf-8") == found.page


# Settings and parameters -----------------------------------------------------------------

READERS = {
    "infomax": skmist.DeepInfoMax(n_components=1, max_iter=1, device="cpu"),
    "bottleneck": skmist.InformationBottleneckClassifier(n_components=1, max_iter=1, device="cpu"),
    "projection": skmist.MutualInformationProjection(1, device="cpu"),
    "selector": skmist.MutualInfoFeatureSelector(1, **KSG),
}


@pytest.mark.parametrize("name", READERS)
def test_numbers_are_finite_whatever_is_assumed(name):
    with sklearn.config_context(assume_finite=True):
        with pytest.raises(ValueError, match="NaN"):
            sklearn.clone(READERS[name]).fit(np.where(X > 2.0, np.nan, X), LABELS)
        with pytest.raises(ValueError, match="NaN"):
            skmist.feature_selection.mutual_info_regression(np.full_like(X, np.nan), Y)


def test_a_projection_takes_names_of_mixed_types():
    mixed = pd.DataFrame(X, columns=[1, "a"])
    plain, named = (sklearn.clone(READERS["projection"]).fit(x, Y) for x in (X, mixed))
    np.testing.assert_allclose(named.transform(mixed), plain.transform(X), atol=1e-12)


def test_a_constant_column_is_in_no_group():
    x = RNG.normal(size=(7, 2))
    y = (x[:, 0] * x[:, 1] > 0).astype(int)
    x = np.c_[x, np.zeros(7)]
    found = skmist.MutualInfoFeatureSelector(estimator="gaussian_copula").fit(x, y)
    assert not found.get_support()[2]


def test_categories_named_by_endless_digits_are_transformed():
    names = pd.Categorical([10**5000 * (k % 3) for k in range(N)])
    df = pd.DataFrame({"a": names, "b": Y})
    fitted = skmist.MutualInfoFeatureSelector(1, **KSG).fit(df, LABELS)
    assert fitted.transform(df).shape == (N, 1)


@pytest.mark.parametrize("backend", ["threading", "multiprocessing"])
def test_backends_of_joblib(backend):
    df = pd.DataFrame(np.c_[X, Y])
    alone = skmist.mi_matrix(df, form="long", **KSG)["mi"]
    with joblib.parallel_backend(backend):
        np.testing.assert_array_equal(
            skmist.mi_matrix(df, form="long", n_jobs=2, **KSG)["mi"], alone
        )


@pytest.mark.parametrize("n_jobs", [0, "a", 2.0, True])
def test_what_is_no_number_of_jobs_is_refused(n_jobs):
    for ask in (
        lambda: skmist.mi_matrix(pd.DataFrame(X), n_jobs=n_jobs, **KSG),
        lambda: skmist.KSGEstimator(n_jobs=n_jobs).fit(X, Y),
    ):
        with pytest.raises(ValueError, match="must be an integer other than 0, or None"):
            ask()


def test_no_number_of_jobs_fills_the_memory():
    assert n_workers(10**30) == max(64, joblib.cpu_count())
    assert n_workers(-(10**30)) == 1 and n_workers(2) == 2


@pytest.mark.parametrize("lags", [10**12, range(10**12), [10**30], [-(10**9)], N])
def test_lags_beyond_the_series_are_refused_before_they_are_counted(lags):
    start = time.process_time()
    with pytest.raises(InvalidSampleError, match=f"the series has {N} steps. Pass lags below {N}"):
        skmist.mi_lags(X[:, 0], Y, lags, **KSG)
    assert time.process_time() - start < 1.0


@pytest.mark.parametrize("lags", ["12", [1.5], None])
def test_what_is_no_lag_is_refused(lags):
    with pytest.raises(ValueError, match="lags.* must be an integer"):
        skmist.mi_lags(X[:, 0], Y, lags, **KSG)


def test_what_is_no_table_is_refused_where_rows_are_dropped():
    lists = [[[1, 2]]] * N
    for side in (lists, np.zeros((N, 1, 2)), 3.0):
        with pytest.raises(InvalidSampleError, match="Expected 2D array"):
            skmist.mutual_info(side, Y, missing="drop", **KSG)


def test_no_row_that_is_left_is_said():
    gone = pd.DataFrame({"a": np.full(N, np.nan)}, index=[f"r{k}" for k in range(N)])
    with pytest.raises(InvalidSampleError, match="has 0 sample"):
        skmist.mutual_info(gone, pd.Series(Y), missing="drop", **KSG)


def test_series_of_rows_of_several_lengths_are_refused():
    with pytest.raises(InvalidSampleError, match="must be a string or a number, not list"):
        skmist.mi_lags([[1, 2], [1]] * 30, Y, 1, **KSG)
