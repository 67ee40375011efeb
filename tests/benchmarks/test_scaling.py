"""The curves of time against rows and columns: a tiny run, and what a slope is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


def test_every_estimator_has_every_curve(scripts, tmp_path):
    script, page = scripts("scaling"), scripts("harness.speed_page")
    sizes = ["--rows", "50", "1000", "1200", "--columns", "1", "2", "3"]
    assert script.main([*sizes, "--turns", "1", "--out", str(tmp_path)]) == 0
    table = pd.read_csv(tmp_path / "scaling.csv", comment="#")
    assert len(table) == 3 * 3 * 3 and (table["ms"] > 0.0).all() and table["slope"].notna().all()
    assert table.groupby(["estimator", "curve"])["slope"].nunique().eq(1).all()
    shown = page.scaling_table(tmp_path)
    assert "1 + 1 columns; n =" in shown and "1,200" in shown and "mist" in shown


@pytest.mark.parametrize("along", ["n", "columns"])
def test_a_slope_is_the_power_of_what_grows(scripts, along):
    sizes = np.array([1, 10, 1000, 2000, 4000, 8000])
    ms = np.where(sizes < scripts("scaling").FEWEST[along], 7.0, 0.1 * sizes**1.5)
    curve = pd.DataFrame({"along": along, "ms": ms, along: sizes})
    assert scripts("scaling")._slope(curve) == pytest.approx(1.5)


def test_nothing_is_shown_that_was_not_measured(scripts, tmp_path):
    assert scripts("harness.speed_page").scaling_table(tmp_path) == ""
