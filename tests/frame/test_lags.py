"""mi_lags: exact information of autoregressions, dates and gaps, dependent rows, refusals."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from skmist import InvalidSampleError, conditional_mutual_info, mi_lags, mutual_info
from skmist.cli.main import main

COPULA = {"estimator": "gaussian_copula"}


def autoregression(seed, n=500, memory=(0.5, 0.5), effect=0.0):
    """Two series, of which the first acts on the second one step later."""
    rng = np.random.default_rng(seed)
    noise, rows = rng.normal(size=(n + 200, 2)), np.zeros((n + 200, 2))
    for t in range(1, len(rows)):
        rows[t] = np.multiply(memory, rows[t - 1]) + noise[t]
        rows[t, 1] += effect * rows[t - 1, 0]
    return rows[200:].T


# Values ---------------------------------------------------------------------------------


def test_the_lag_at_which_one_follows_the_other():
    x = np.random.default_rng(0).normal(size=400)
    y = np.r_[np.zeros(3), x[:-3]] + np.random.default_rng(1).normal(size=400)
    table = mi_lags(x, y, range(-4, 5), **COPULA)
    assert table.index.tolist() == list(range(-4, 5))
    assert table["mi"].idxmax() == 3
    assert table["mi"][3] == pytest.approx(0.5 * np.log(2.0), abs=0.07)
    assert table["mi"].drop(3).max() < 0.03
    assert table["n_samples"].tolist() == [400 - abs(k) for k in range(-4, 5)]


def test_a_lag_is_the_information_of_the_shifted_rows():
    x, y = np.random.default_rng(0).normal(size=(2, 200))
    ((_, row),) = mi_lags(x, y, [2], device="cpu").iterrows()
    plain = mutual_info(x[:-2], y[2:], device="cpu")
    assert (row["mi"], row["low"], row["high"]) == pytest.approx(
        (plain.mi, plain.low, plain.high), abs=1e-6
    )
    row = mi_lags(x, y, [-2], past=1, **COPULA).iloc[0]
    given = conditional_mutual_info(x[3:], y[1:-2], y[:-3], estimator="gaussian_copula")
    assert row["mi"] == pytest.approx(max(given.mi, 0.0), abs=1e-9)


def test_transfer_entropy_goes_one_way():
    # y[t] given y[t-1] is normal, so the truth follows from variances
    x, y = autoregression(0, 2000, effect=0.5)
    forth = mi_lags(x, y, 1, past=1, **COPULA)["mi"][1]
    back = mi_lags(y, x, 1, past=1, **COPULA)["mi"][1]
    now = np.cov(x[:-1], y[:-1])
    own = 1.0 + 0.25 * (now[0, 0] - now[0, 1] ** 2 / now[1, 1])
    assert forth == pytest.approx(0.5 * np.log(own), abs=0.03)
    assert back < 0.01


def test_a_series_with_itself():
    (x, _) = autoregression(0, 1000, memory=(0.8, 0.0))
    table = mi_lags(x, lags=3, **COPULA)
    assert table.index.tolist() == [1, 2, 3]
    truth = [-0.5 * np.log1p(-(0.8 ** (2 * k))) for k in (1, 2, 3)]
    np.testing.assert_allclose(table["mi"], truth, atol=0.12)
    assert mi_lags(x, lags=3, past=1, **COPULA)["mi"].max() < 0.02


# Dependent rows -------------------------------------------------------------------------


def test_rows_that_depend_count_as_fewer():
    x, y = autoregression(0, 1000, memory=(0.9, 0.9))
    row = mi_lags(x, y, [0], **COPULA).iloc[0]
    # Bartlett: 1 + 2 sum 0.81^k = 9.5
    assert 60 < row["n_effective"] < 200
    assert "(n_effective)" in row["warnings"]
    free = mi_lags(*np.random.default_rng(0).normal(size=(2, 1000)), [0], **COPULA).iloc[0]
    assert (free["n_effective"], free["warnings"]) == (1000, "")


def test_two_series_with_a_memory_share_nothing():
    found = [
        mi_lags(
            *autoregression(seed, 400, memory=(0.9, 0.9)),
            [0],
            p_values=True,
            n_permutations=39,
            random_state=0,
            **COPULA,
        ).iloc[0]
        for seed in range(30)
    ]
    # 5 % of 30, and 13 of 20 for rows that are taken as independent
    assert sum(row["p_value"] <= 0.05 for row in found) <= 6


def test_the_interval_of_two_series_with_a_memory_holds_zero():
    lows = [
        mi_lags(*autoregression(seed, 400, memory=(0.9, 0.9)), [0], device="cpu")["low"][0]
        for seed in range(4)
    ]
    assert sum(low > 0.001 for low in lows) <= 1


def test_p_values_find_what_there_is():
    x, y = autoregression(0, 300, effect=0.6)
    how = {"p_values": True, "n_permutations": 39, "random_state": 0, **COPULA}
    assert mi_lags(x, y, [1], **how)["p_value"][1] == 1 / 40
    table = mi_lags(x, y, [1], past=1, **how)
    assert table["p_value"][1] == 1 / 40
    assert table["q_value"][1] == 1 / 40
    assert mi_lags(x, y, [1], block_size=20, **how)["p_value"][1] <= 0.1


# Dates ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frequency", "step"),
    [("D", "steps of 1 days 00:00:00"), ("MS", "months"), ("QE", "quarters"), ("YE", "years")]
    + [("B", "business days"), ("15min", "steps of 0 days 00:15:00")],
)
def test_gaps_break_pairs(frequency, step):
    dates = pd.date_range("1901-03-05", periods=60, freq=frequency)
    x = pd.Series(np.random.default_rng(0).normal(size=60), dates, name="x")
    y = x.shift(1).rename("y")
    missing = x.drop(dates[[20, 40]])
    table = mi_lags(missing, y, [0, 1], **COPULA)
    assert table.attrs["step"] == step
    # y has no first value; at lag 1 two pairs lack their x
    assert table["n_samples"].tolist() == [57, 57]
    alone = mi_lags(missing, lags=[1], **COPULA)
    assert alone["n_samples"].tolist() == [55]
    assert alone["warnings"][1] == "2 of 60 steps have no row"


def test_order_and_kind_of_dates_do_not_matter():
    dates = pd.date_range("2020-01-01", periods=50, freq="MS")
    x = pd.Series(np.random.default_rng(0).normal(size=50).cumsum(), dates)
    plain = mi_lags(x, lags=3, **COPULA)["mi"].tolist()
    assert mi_lags(x.sample(frac=1, random_state=0), lags=3, **COPULA)["mi"].tolist() == plain
    assert mi_lags(x.to_period("M"), lags=3, **COPULA)["mi"].tolist() == plain
    assert mi_lags(x.to_numpy(), lags=3, **COPULA)["mi"].tolist() == plain
    assert mi_lags(x, x.to_numpy(), [2], **COPULA)["mi"].tolist() == plain[1:2]


def test_labels_and_missing_values():
    rng = np.random.default_rng(0)
    label = rng.choice(["dry", "wet"], 300)
    x = pd.Series(label).where(rng.random(300) < 0.9)
    y = np.r_[0.0, (label[:-1] == "wet") * 2.0] + 0.3 * rng.normal(size=300)
    table = mi_lags(x, y, 2, estimator="ksg")
    assert table["mi"].idxmax() == 1
    assert table["mi"][1] == pytest.approx(np.log(2.0), abs=0.1)
    assert table["n_samples"][0] == x.notna().sum()


# Refusals -------------------------------------------------------------------------------


def test_lags_in_processes_are_the_same():
    x, y = np.random.default_rng(0).normal(size=(2, 80))
    how = {"estimator": "gaussian_copula", "p_values": True, "n_permutations": 19}
    found = [
        mi_lags(x, y, 3, n_jobs=n, random_state=np.random.RandomState(0), **how) for n in (1, 2)
    ]
    pd.testing.assert_frame_equal(*found)


def test_refuses():
    x = np.arange(50.0)
    dates = pd.date_range("2020-01-01", periods=50)
    dated = pd.Series(x, dates)
    with pytest.raises(ValueError, match="compared with what is given or with itself"):
        mi_lags(x, lags=[0, 1])
    with pytest.raises(ValueError, match="compared with"):
        mi_lags(x, lags=[1], past=2)
    with pytest.raises(ValueError, match="lags is empty"):
        mi_lags(x, lags=[])
    with pytest.raises(ValueError, match="past=-1 must be"):
        mi_lags(x, past=-1)
    with pytest.raises(InvalidSampleError, match="at lag 45 there are 5 pairs"):
        mi_lags(x, lags=[45])
    with pytest.raises(InvalidSampleError, match="1 dimension"):
        mi_lags(np.ones((20, 2)))
    with pytest.raises(InvalidSampleError, match="different index labels"):
        mi_lags(dated, x[:40])
    with pytest.raises(InvalidSampleError, match="different index labels"):
        mi_lags(pd.Series(x), pd.Series(x, range(1, 51)))
    with pytest.raises(InvalidSampleError, match="1 dates twice"):
        mi_lags(pd.Series(x, dates[[0, *range(49)]]))
    uneven = dates[0] + pd.to_timedelta(np.cumsum(1 + x**2 / 7), "h")
    with pytest.raises(InvalidSampleError, match="the dates follow no step"):
        mi_lags(pd.Series(x, uneven))


# Command --------------------------------------------------------------------------------


def test_command(tmp_path, capsys):
    x, y = autoregression(0, 120, effect=0.8)
    dates = pd.date_range("2020-01-01", periods=120, freq="MS")
    path = tmp_path / "series.csv"
    pd.DataFrame({"month": dates, "rain": x, "river": y}).drop(index=7).to_csv(path, index=False)
    asked = ["lags", str(path), "--x", "rain", "--estimator", "gaussian_copula"]
    both = [*asked, "--y", "river", "--date", "month", "--lags", "0:3"]
    assert main(both) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Information of rain about river, later" in text
    assert "lags in months" in text
    assert "1 of 120 steps have no row" in text
    assert main([*both, "--format", "json", "--p-values", "--past", "1"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["past"] == 1
    assert [row["lag"] for row in found["lags"]] == [0, 1, 2, 3]
    picture = tmp_path / "lags.png"
    assert main([*asked, "--lags", "4", "--format", "csv", "--plot", str(picture)]) == 0
    assert capsys.readouterr().out.startswith("lag,mi,low,high,n_samples,n_effective,warnings,")
    assert picture.stat().st_size > 1000
    assert main([*asked, "--date", "river"]) == 2
    assert "rain" not in capsys.readouterr().out
