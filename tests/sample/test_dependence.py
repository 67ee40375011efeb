"""Rows that depend on those before them are told, sorted ones are not, and blocks take account."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

import skmist
from skmist import BootstrapCI, DependentRowsWarning, InvalidSampleError
from skmist._sample.sample import make_sample


def series(seed: int, memory: float, n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    noise = np.random.default_rng(seed).normal(size=(2, n + 200))
    x, y = lfilter([1.0], [1.0, -memory], noise, axis=1)[:, 200:]
    return x, y


def told(x, y) -> bool:
    return any("Rows depend" in note for note in make_sample(x, y).notes)


@pytest.mark.parametrize("memory", [0.9, 0.98])
def test_series_are_told(memory):
    assert sum(told(*series(seed, memory)) for seed in range(20)) >= 19
    x, y = series(0, memory, 2000)
    assert told(x, y > 0) and told(np.exp(x), np.where(y > 0, "up", "down"))


def test_sorted_and_independent_rows_are_not():
    for seed in range(20):
        x, y = series(seed, 0.0)
        for rows in (slice(None), np.argsort(x), np.argsort(y), np.argsort(x + y)):
            assert not told(x[rows], y[rows]) and not told(x[rows], (x + 0.5 * y)[rows])
            assert not told(x[rows], y[rows] > 0)
        assert not told(*(series(seed, 0.9)[0], y))  # one side alone does no harm
    labels = np.repeat([0, 1, 2, 3], [90, 60, 70, 80])
    assert not told(labels % 2, labels > 1)


def test_the_worth_of_rows():
    x, y = series(0, 0.9, 5000)
    (note,) = make_sample(x, y).notes
    count = int(note.split("about ")[1].split()[0])
    assert 300 < count < 900  # (1 - 0.81) / (1 + 0.81) of 5000: 525


def test_blocks_widen_the_interval_and_end_the_warning():
    x, y = series(0, 0.95, 600)
    with pytest.warns(DependentRowsWarning, match="Pass block_size"):
        plain = skmist.mutual_info(x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        blocks = skmist.mutual_info(x, y, block_size=30)
        groups = skmist.mutual_info(x, y, groups=np.arange(600) // 30)
    assert blocks == groups and blocks.n_samples == 20
    assert blocks.low < 0.001 and blocks.high - blocks.low > plain.high - plain.low


def test_tables_with_blocks():
    x, y = series(1, 0.95, 600)
    table = pd.DataFrame({"x": x, "z": np.random.default_rng(0).normal(size=600), "y": y})
    with pytest.warns(DependentRowsWarning, match="column 'x'"):
        ranking = skmist.mi_with(table, "y", estimator="ksg")
    assert ranking["warnings"].str.contains("depend")["x"]
    assert not ranking["warnings"].str.contains("depend")["z"]
    how = {
        "estimator": "gaussian_copula",
        "p_values": True,
        "n_permutations": 39,
        "random_state": 0,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = skmist.mi_with(table, "y", block_size=30, **how)
        pairs = skmist.mi_matrix(table, block_size=30, form="long", **how)
    one = skmist.mutual_info(x, y, estimator="gaussian_copula", block_size=30).mi
    assert found.loc["x", "mi"] == pytest.approx(max(one, 0.0))
    assert pairs["p_value"].between(0.02, 1.0).all()


def test_bootstrap_draws_blocks():
    x, y = series(2, 0.95, 600)
    plain = BootstrapCI(n_resamples=30, block_size=30).fit(x[:, None], y)
    groups = BootstrapCI(n_resamples=30).fit(x[:, None], y, groups=np.arange(600) // 30)
    assert (plain.low_, plain.high_, plain.mi_) == (groups.low_, groups.high_, groups.mi_)
    with pytest.warns(DependentRowsWarning):
        free = BootstrapCI(n_resamples=30).fit(x[:, None], y)
    assert plain.high_ - plain.low_ > free.high_ - free.low_
    with pytest.raises(ValueError, match="method='delta' takes rows for independent"):
        BootstrapCI(method="delta", block_size=30).fit(x[:, None], y)


def test_refusals():
    x, y = series(0, 0.0, 40)
    with pytest.raises(ValueError, match="both given"):
        skmist.mutual_info(x, y, block_size=2, groups=np.arange(40))
    with pytest.raises(InvalidSampleError, match="leaves 4 blocks of 40 rows"):
        skmist.mutual_info(x, y, block_size=10)
    with pytest.raises(InvalidSampleError, match="of 3 groups or blocks"):
        skmist.mutual_info(x, y, groups=np.arange(40) % 3)
    with pytest.raises(InvalidSampleError, match="groups has shape"):
        skmist.mi_with(pd.DataFrame({"x": x, "y": y}), "y", groups=[1, 2])
