"""The comparison of refined views runs end to end, and its laws are what they are said to be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skmist import GaussianCopulaEstimator


@pytest.fixture
def script(scripts):
    return scripts("refined_views")


def test_writes_a_row_per_law_columns_and_size(script, tmp_path, capsys):
    options = ["--sizes", "100", "--columns", "2", "3", "--draws", "2", "--out", str(tmp_path)]
    assert script.main([*options, "--laws", "corner", "independent"]) == 0
    table = pd.read_csv(tmp_path / "refined_views.csv", comment="#")
    assert table["law"].tolist() == ["corner"] * 2 + ["independent"] * 2
    # nothing is refined of 100 rows
    assert (table["mae_plain"] == table["mae_refined"]).all()
    assert (table["truth"] > 0).tolist() == [True, True, False, False]
    assert "coverage_90_refined" in capsys.readouterr().out


def test_turning_is_undone_by_turning_back(script):
    rng = np.random.default_rng(0)
    side, center = rng.normal(size=(50, 3)), np.array([0.5, -0.2, 0.1])
    moved = script.turned(side, center, 0.7, 1.0)
    back = script.turned(moved, np.zeros(3), -0.7, -1.0)
    np.testing.assert_allclose(back, side - center)


def test_truths(script):
    x, y, mi = script.draw("normal", 3, 5000, 0)
    assert GaussianCopulaEstimator().fit(x, y).mi_ == pytest.approx(mi, abs=0.04)
    # by quadrature, one column a side
    assert script.student_excess(1) == pytest.approx(0.04241, abs=1e-5)
