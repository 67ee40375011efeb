"""MutualInfoLagsDisplay: what is drawn, and what is refused."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from skmist import MutualInfoLagsDisplay

FRAME = pd.DataFrame(
    {"mi": [0.5, 0.2, 0.0], "low": [0.4, 0.15, 0.0], "high": [0.65, 0.3, 0.02]},
    index=pd.Index([1, 2, 3], name="lag"),
)
FRAME.attrs = {"units": "bits", "x": "rain", "y": "river", "step": "months", "past": 2}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_points_and_intervals_are_those_of_the_table():
    display = MutualInfoLagsDisplay.from_frame(FRAME)
    np.testing.assert_array_equal(display.line_.get_xydata(), FRAME["mi"].reset_index())
    edge = display.band_.get_paths()[0].vertices
    assert {tuple(row) for row in FRAME["high"].reset_index().to_numpy()} <= set(map(tuple, edge))


def test_labels_say_unit_step_names_and_past():
    ax = MutualInfoLagsDisplay.from_frame(FRAME).ax_
    assert ax.get_xlabel() == "lag (months)"
    assert ax.get_ylabel() == "mutual information (bits)"
    assert ax.get_title(loc="left") == "rain with river, later, given 2 steps of its own past"


def test_the_title_says_who_asked_how_many_rows():
    frame = FRAME.assign(n_samples=[99, 98, 97])
    frame.attrs = {**FRAME.attrs, "method": "ksg"}
    title = MutualInfoLagsDisplay.from_frame(frame).ax_.get_title(loc="left")
    assert title.endswith("steps of its own past\nksg, 99 rows")


def test_without_intervals_there_are_points_only():
    display = MutualInfoLagsDisplay.from_frame(FRAME.assign(low=np.nan, high=np.nan))
    assert display.band_ is None
    assert MutualInfoLagsDisplay(lags=[1], mi=[0.1]).plot().band_ is None


def test_lags_that_chance_may_have_made_are_hollow():
    tested = FRAME.assign(p_value=[0.01, 0.2, 0.5])
    ax = MutualInfoLagsDisplay.from_frame(tested).ax_
    assert ax.get_lines()[1].get_xdata().tolist() == [2, 3]


def test_refuses():
    with pytest.raises(TypeError, match="mi_lags"):
        MutualInfoLagsDisplay.from_frame(FRAME.drop(columns="mi"))
    with pytest.raises(ValueError, match="0 lags"):
        MutualInfoLagsDisplay.from_frame(FRAME.iloc[:0])
    with pytest.raises(ValueError, match="different lengths"):
        MutualInfoLagsDisplay(lags=[1, 2], mi=[0.1]).plot()
