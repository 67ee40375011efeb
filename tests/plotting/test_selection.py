"""MutualInfoSelectionDisplay: what is drawn, and what is refused."""

from __future__ import annotations

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from skmist import MutualInfoSelectionDisplay

PATH = pd.DataFrame(
    {
        "columns": ["bmi", "s5 + bp"],
        "information": [0.2, 0.3],
        "low": [0.15, 0.22],
        "high": [0.26, 0.4],
    }
)
SELECTOR = SimpleNamespace(path_=PATH, explained_information_=0.75)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_the_line_is_the_path():
    display = MutualInfoSelectionDisplay.from_selector(SELECTOR)
    np.testing.assert_array_equal(display.line_.get_ydata(), PATH["information"])
    assert [t.get_text() for t in display.ax_.get_xticklabels()] == ["bmi", "s5 + bp"]
    ends = display.band_.get_paths()[0].vertices[:, 1]
    assert ends.min() == 0.15 and ends.max() == 0.4


def test_the_dashed_line_is_what_all_columns_say():
    ax = MutualInfoSelectionDisplay.from_selector(SELECTOR).ax_
    dashed = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert dashed[0].get_ydata()[0] == pytest.approx(0.4)
    assert "75 %" in ax.texts[0].get_text()


@pytest.mark.parametrize("explained", [0.75, 0.99])
def test_title_and_note_do_not_overlap(explained):
    selector = SimpleNamespace(path_=PATH, explained_information_=explained, estimator="mist")
    display = MutualInfoSelectionDisplay.from_selector(selector, target_name="progression")
    display.figure_.canvas.draw()
    wanted = "What the chosen columns say together about progression\nmist"
    assert display.ax_.get_title(loc="left") == wanted
    note = display.ax_.texts[0].get_window_extent()
    # all of the note lies within the axes, and the title above these
    assert note.y1 <= display.ax_.get_window_extent().y1


def test_it_draws_on_given_axes():
    _, ax = plt.subplots()
    assert MutualInfoSelectionDisplay.from_selector(SELECTOR, ax=ax).ax_ is ax


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(TypeError, match="has no path_"):
        MutualInfoSelectionDisplay.from_selector(object())
    empty = SimpleNamespace(path_=PATH.iloc[:0], explained_information_=np.nan)
    with pytest.raises(ValueError, match="no column was chosen"):
        MutualInfoSelectionDisplay.from_selector(empty)
    with pytest.raises(ValueError, match="different lengths"):
        MutualInfoSelectionDisplay(
            names=["a"], information=[1.0, 2.0], low=[0.0], high=[2.0]
        ).plot()
