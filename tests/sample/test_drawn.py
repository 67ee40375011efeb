"""Data sets on disk: rows drawn while they are read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skmist import InvalidSampleError, TableWarning, mi_matrix, mi_with
from skmist._sample.drawn import drawn_rows, unbuffered

dataset = pytest.importorskip("pyarrow.dataset")


@pytest.fixture
def df():
    rng = np.random.default_rng(0)
    x = rng.normal(size=3_000)
    df = pd.DataFrame({"row": np.arange(3_000), "x": x, "y": x + rng.normal(size=3_000)})
    return df.assign(kind=pd.Categorical(np.where(x > 0, "a", "b")))


@pytest.fixture
def data(df, tmp_path):
    """Of two files, in row groups that no file's end falls on."""
    df[:1_000].to_parquet(tmp_path / "a.parquet", row_group_size=300)
    df[1_000:].to_parquet(tmp_path / "b.parquet", row_group_size=300)
    return dataset.dataset(tmp_path)


def test_rows_are_drawn_whole_in_order_and_the_same_each_time(df, data):
    drawn, notes = drawn_rows(data, 500)
    assert notes == (
        "500 of 3000 rows of the data set were drawn at random: max_rows=None reads all",
    )
    assert len(drawn) == 500 and drawn["row"].is_monotonic_increasing
    expected = df.loc[drawn["row"]].reset_index(drop=True)
    pd.testing.assert_frame_equal(drawn, expected, check_categorical=False)
    pd.testing.assert_frame_equal(drawn_rows(data, 500)[0], drawn)
    # every part of it is drawn from alike
    counts = np.histogram(drawn["row"], bins=5, range=(0, 3_000))[0]
    assert counts.min() > 70


@pytest.mark.parametrize("max_rows", [None, "auto", 3_000])
def test_a_small_one_is_read_whole(df, data, max_rows):
    drawn, notes = drawn_rows(data, max_rows, ["y", "row"])
    assert notes == ()
    pd.testing.assert_frame_equal(drawn, df[["y", "row"]])


def test_parquet_is_not_buffered_whole(df, data, tmp_path):
    # ten million rows of 50 columns took 5.3 GB with pyarrow's default, and 0.7 without
    assert not unbuffered(data)["fragment_scan_options"].pre_buffer
    df.to_csv(tmp_path / "c.csv", index=False)
    assert unbuffered(dataset.dataset(tmp_path / "c.csv", format="csv")) == {}


def test_another_table_stays_as_it_is(df):
    assert drawn_rows(df, 5)[0] is df


def test_rankings_and_matrices_say_so(data):
    note = "500 of 3000 rows of the data set were drawn at random: max_rows=None reads all"
    options = {"estimator": "gaussian_copula", "max_rows": 500}
    with pytest.warns(TableWarning, match="500 of 3000 rows"):
        ranking = mi_with(data, "y", columns=["x", "kind"], **options)
    assert ranking.attrs["notes"][0] == note
    assert ranking["n_samples"].tolist() == [500, 500]
    assert ranking.loc["kind", "kind"] == "discrete"
    with pytest.warns(TableWarning, match="500 of 3000 rows"):
        pairs = mi_matrix(data, columns=["x", "y"], form="long", **options)
    assert pairs["mi"][0] == pytest.approx(ranking.loc["x", "mi"])
    with pytest.raises(InvalidSampleError, match="columns names 'z', which is none of the 4"):
        mi_matrix(data, columns=["x", "z"], **options)
