"""MutualInfoRankingDisplay: what is drawn, and what is refused."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import skmist
from skmist import MutualInfoRankingDisplay, mi_with

FRAME = pd.DataFrame(
    {"mi": [0.5, 0.2, 0.0], "low": [0.4, 0.15, 0.0], "high": [0.65, 0.3, 0.02]},
    index=pd.Index(["first", "second", "third"], name="column"),
)
FRAME.attrs = {"units": "bits", "level": 0.9, "target": "outcome"}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_bars_and_intervals_are_those_of_the_frame():
    display = MutualInfoRankingDisplay.from_frame(FRAME)
    assert [bar.get_width() for bar in display.bars_] == FRAME["mi"].tolist()
    (lines,) = display.interval_.lines[2]
    ends = np.array([segment[:, 0] for segment in lines.get_segments()])
    np.testing.assert_allclose(ends, FRAME[["low", "high"]])


def test_the_best_column_is_on_top():
    ax = MutualInfoRankingDisplay.from_frame(FRAME).ax_
    assert [label.get_text() for label in ax.get_yticklabels()] == FRAME.index.tolist()
    bottom, top = ax.get_ylim()
    assert top < 0 < 2 < bottom


def test_labels_say_unit_level_and_target():
    ax = MutualInfoRankingDisplay.from_frame(FRAME).ax_
    assert ax.get_xlabel() == "mutual information (bits); line: 90% interval"
    assert ax.get_title(loc="left") == "Mutual information with outcome"
    bare = FRAME.copy()
    bare.attrs = {}
    ax = MutualInfoRankingDisplay.from_frame(bare).ax_
    assert ax.get_xlabel() == "mutual information (nats)"
    assert ax.get_title(loc="left") == "Mutual information"


def test_columns_to_distrust_are_gray_and_the_title_says_who_asked_how_many_rows():
    y = np.random.default_rng(0).normal(size=90).cumsum()
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.round(50 * y), unit="D")
    df = pd.DataFrame({"outcome": y, "number": range(90), "day": days})
    with pytest.warns(skmist.SkmistWarning):
        frame = mi_with(df, "outcome", estimator="ksg")
    display = MutualInfoRankingDisplay.from_frame(frame)
    bars = zip(display.names, display.bars_, strict=True)
    gray = {name: bool(bar.get_hatch()) for name, bar in bars}
    # what was done to a column is no reason
    assert "holds dates" in frame.loc["day", "warnings"]
    assert gray == {"day": False, "number": True}
    assert display.ax_.get_xlabel().endswith("; gray: see the warnings of the ranking")
    title = "Mutual information with outcome\nksg, 90 rows"
    assert display.ax_.get_title(loc="left") == title


def test_without_intervals_there_are_bars_only():
    display = MutualInfoRankingDisplay.from_frame(FRAME.assign(low=np.nan, high=np.nan))
    assert display.interval_ is None
    assert len(display.bars_) == 3
    assert MutualInfoRankingDisplay(names=["a"], mi=[0.1]).plot().interval_ is None


def test_an_estimate_outside_its_interval_is_drawn():
    frame = FRAME.assign(low=[0.52, 0.15, 0.0])
    assert MutualInfoRankingDisplay.from_frame(frame).interval_ is not None


def test_long_rankings_are_cut_and_say_so():
    display = MutualInfoRankingDisplay.from_frame(FRAME, max_columns=2)
    assert len(display.bars_) == 2
    assert display.ax_.get_xlabel().endswith("\n(columns with less, not shown: 1)")
    assert len(MutualInfoRankingDisplay.from_frame(FRAME, max_columns=None).bars_) == 3


def test_given_axes_are_used_and_style_reaches_matplotlib():
    figure, ax = plt.subplots()
    there = plt.get_fignums()
    display = MutualInfoRankingDisplay.from_frame(
        FRAME, ax=ax, bar_kw={"color": "red"}, interval_kw={"ecolor": "black"}
    )
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert display.bars_[0].get_facecolor() == (1.0, 0.0, 0.0, 1.0)
    assert plt.get_fignums() == there


def test_plot_returns_self_and_can_be_repeated():
    display = MutualInfoRankingDisplay.from_frame(FRAME)
    first = display.ax_
    assert display.plot() is display
    assert display.ax_ is not first


def test_a_ranking_of_mi_with_is_drawn():
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(50, 3)), columns=["a", "b", "y"])
    display = MutualInfoRankingDisplay.from_frame(mi_with(df, "y", estimator="ksg"))
    assert display.ax_.get_xlabel() == "mutual information (nats)"


def test_refusals():
    with pytest.raises(TypeError, match=r"lacks the fields \['low', 'high'\]"):
        MutualInfoRankingDisplay.from_frame(FRAME[["mi"]])
    with pytest.raises(TypeError, match="skmist.mi_with"):
        MutualInfoRankingDisplay.from_frame([1, 2])
    with pytest.raises(ValueError, match="max_columns is 0, below 1"):
        MutualInfoRankingDisplay.from_frame(FRAME, max_columns=0)
    with pytest.raises(ValueError, match="the ranking is empty"):
        MutualInfoRankingDisplay.from_frame(FRAME.iloc[:0])
    with pytest.raises(ValueError, match=r"different lengths \[1, 2\]"):
        MutualInfoRankingDisplay(names=["a", "b"], mi=[0.1]).plot()
    assert plt.get_fignums() == []
