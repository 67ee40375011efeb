"""The five displays look as they did: ``python -m tests.plotting.test_images`` draws them anew."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.testing.compare import compare_images

from skmist.plotting import (
    MutualInfoLagsDisplay,
    MutualInfoMatrixDisplay,
    MutualInfoRankingDisplay,
    MutualInfoSelectionDisplay,
    PointwiseInformationDisplay,
)
from skmist.plotting.fields import Field

EXPECTED = Path(__file__).with_name("images")
# Root mean square of 0 to 255: letters differ a little between versions, a lost part by more.
TOLERANCE = 9.0


def matrix():
    mi = np.array([[0, 0.8, 0.02, 0], [0.8, 0, 0, 0.3], [0.02, 0, 0, 3.7], [0, 0.3, 3.7, 0]])
    names, ends = ["one", "two", "three", "four"], {"low": 0.9 * mi, "high": 1.1 * mi}
    told = {"level": 0.9, "method": "mist", "n_rows": 200}
    return MutualInfoMatrixDisplay(names=names, mi=mi, **ends, **told).plot()


def ranking():
    parts = {"mi": [0.5, 0.3, 0.1], "low": [0.4, 0.2, 0.0], "high": [0.6, 0.35, 0.2]}
    told = {"level": 0.9, "target_name": "outcome", "method": "mist", "n_rows": 200}
    names, flagged = ["first", "second", "third"], [False, True, False]
    return MutualInfoRankingDisplay(names=names, flagged=flagged, **parts, **told).plot()


def selection():
    parts = {"information": [0.2, 0.3, 0.35], "low": [0.15, 0.22, 0.3], "high": [0.26, 0.4, 0.42]}
    told = {"explained": 0.9, "target_name": "outcome", "method": "mist"}
    return MutualInfoSelectionDisplay(names=["a", "b + c", "d"], **parts, **told).plot()


def lags():
    parts = {"mi": [0.1, 0.5, 0.2], "low": [0.0, 0.4, 0.1], "high": [0.2, 0.6, 0.3]}
    told = {"p_value": [0.3, 0.001, 0.01], "title": "rain with river, later"}
    return MutualInfoLagsDisplay(lags=[0, 1, 2], **parts, **told).plot()


def pointwise():
    x = np.linspace(-2.0, 2.0, 40)
    groups = Field("group", (x > 0).astype(float), ("low", "high"))
    return PointwiseInformationDisplay(x=Field("x", x), y=groups, information=np.sin(3 * x)).plot()


DISPLAYS = {f.__name__: f for f in (matrix, ranking, selection, lags, pointwise)}


def save(make, path: Path) -> Path:
    """Draw a display small, with the settings that matplotlib comes with."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        display = make()
        display.figure_.savefig(path, dpi=50)
    plt.close(display.figure_)
    return path


@pytest.mark.parametrize("name", DISPLAYS)
def test_a_display_looks_as_it_did(name, tmp_path):
    drawn = save(DISPLAYS[name], tmp_path / "drawn.png")
    told = compare_images(EXPECTED / f"{name}.png", drawn, TOLERANCE)
    assert told is None, told


def test_a_lost_part_is_told(tmp_path):
    def without_intervals():
        display = ranking()
        display.interval_.remove()
        return display

    drawn = save(without_intervals, tmp_path / "drawn.png")
    assert compare_images(EXPECTED / "ranking.png", drawn, TOLERANCE) is not None


if __name__ == "__main__":
    matplotlib.use("Agg")
    EXPECTED.mkdir(exist_ok=True)
    for each, make_one in DISPLAYS.items():
        save(make_one, EXPECTED / f"{each}.png")
