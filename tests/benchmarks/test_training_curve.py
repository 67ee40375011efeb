"""The table of training curves, from logs."""

from __future__ import annotations

import pytest

LOG = """\
net step 50 130 s 2672 data sets: pinball 0.0524 pointwise 0.155 masked 0.282 cover 0.898 | \
error n<=100 0.512 n>1000 0.143
other step 50 130 s 2672 data sets: pinball 9.0 pointwise 9.0 masked 9.0 cover 0.1 | \
error n<=100 9.0
net step 100 188 s 5995 data sets: pinball 0.0637 pointwise 0.165 masked 0.312 cover 0.878 | \
error n<=100 0.429 n<=300 0.149 | 2 steps without a finite gradient
net step 100 190 s 5995 data sets: pinball 0.0600 pointwise 0.165 masked 0.312 cover 0.878 | \
error n<=100 0.429
"""


@pytest.fixture
def script(scripts):
    """Return the script."""
    return scripts("training_curve")


@pytest.fixture
def runs(tmp_path):
    """Return a folder of one run."""
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "log.txt").write_text(LOG)
    return tmp_path


def test_a_log_becomes_a_row_per_line_of_the_net(script, runs):
    table = script.read_log(runs / "net" / "log.txt", "net")
    assert list(table["step"]) == [50, 100]
    assert list(table["data_sets"]) == [2672, 5995]
    # A step that a resumed run repeats counts once, as it was last.
    assert list(table["quantile"]) == [0.0524, 0.06]
    assert table["error_above_1000"].iloc[0] == 0.143
    assert list(table["error_upto_100"]) == [0.512, 0.429]


def test_a_log_without_the_net_is_an_error(script, runs):
    with pytest.raises(ValueError, match="no line of the net 'absent'"):
        script.read_log(runs / "net" / "log.txt", "absent")


def test_the_curve_is_drawn_from_the_table(script, scripts, runs, tmp_path, monkeypatch):
    assert script.main(["--runs", str(runs), "--nets", "net", "--out", str(tmp_path)]) == 0
    plots = scripts("harness.plots")
    monkeypatch.setattr(plots, "SMOOTH", 2)
    figure = plots.training(tmp_path)
    curve = figure.axes[0].lines[0]
    assert list(curve.get_xdata()) == [2.672, 5.995]
    assert curve.get_ydata()[1] == pytest.approx((0.0524 + 0.06) / 2)
