"""Of more rows than a net was trained on, a part stands for all, and is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skmist import MISTRegressor
from skmist._sample.order import _ranks_of_few, _ranks_of_many

pytestmark = pytest.mark.filterwarnings("ignore::skmist.OutOfRangeWarning")
N = 60_000


@pytest.fixture(scope="module")
def pair():
    rng = np.random.default_rng(0)
    x = pd.DataFrame({"a": rng.normal(size=N), "b": rng.normal(size=N)})
    return rng, x, x["a"] + rng.normal(size=N)


def test_the_estimate_is_that_of_a_part_and_says_so(pair):
    rng, x, y = pair
    with pytest.warns(UserWarning, match="40000 of 60000 rows, drawn at random, stand for all"):
        mist = MISTRegressor(device="cpu").fit(x, y)
    assert mist.mi_ == pytest.approx(0.5 * np.log(2), abs=0.02) and mist.n_samples_fit_ == N
    rows = rng.permutation(N)
    other = MISTRegressor(device="cpu").fit(np.exp(x.iloc[rows, ::-1]), y.iloc[rows])
    assert other.mi_ == pytest.approx(mist.mi_, abs=1e-6)
    assert mist.predict(x[:100]).shape == (100,)


def test_a_label_that_the_part_lacks_is_no_error(pair):
    _, x, y = pair
    rare = np.where(np.arange(N) == 7, "once", np.where(y > 0, "up", "down"))
    found = [MISTRegressor(device="cpu").fit(x[["a"]].iloc[k:], rare[k:]) for k in (0, 8)]
    assert found[0].mi_ == pytest.approx(found[1].mi_, abs=0.01)
    once = np.where(np.arange(N) == 7, "once", "else")
    assert 0.0 <= MISTRegressor(device="cpu").fit(x[["a"]], once).mi_ < 0.001


def test_ranks_of_many_are_those_of_few():
    rng = np.random.default_rng(0)
    for column in (rng.normal(size=300), rng.integers(5, size=300).astype(float), np.zeros(3)):
        few, many = (np.empty((len(column), 2), dtype=np.int32) for _ in range(2))
        _ranks_of_few(column, few)
        _ranks_of_many(column, many)
        np.testing.assert_array_equal(few, many)
