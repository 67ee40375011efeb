"""The benchmark of all kinds of sides: its truths, and a tiny run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skmist import KSGEstimator


@pytest.fixture
def script(scripts):
    return scripts("kinds")


@pytest.mark.parametrize("side", ["1 category", "1 number", "1 count", "1 mostly zero"])
def test_truths_agree_with_neighbors_in_large_samples(script, side):
    law = script.ClassLaw(side, "1 number")
    x, y = law.draw(20_000, np.random.default_rng(0))
    kinds = {"discrete_features": side in ("1 category", "1 count"), "discrete_target": False}
    found = KSGEstimator(5, **kinds).fit(x, y).mi_
    assert found == pytest.approx(law.mi, abs=0.02)
    assert law.pointwise(x, y).mean() == pytest.approx(law.mi, abs=4 * law.spread / 20_000**0.5)


def test_a_tiny_run_writes_the_table(script, tmp_path, capsys):
    options = ["--n", "60", "--draws", "1", "--estimators", "gaussian_copula"]
    sides = ["--sides", "1 number", "2 categories, 2 counts", "--out", str(tmp_path)]
    assert script.main([*options, *sides]) == 0
    table = pd.read_csv(tmp_path / "kinds.csv", comment="#")
    assert len(table) == 3 and (table["efficient"] > 0).all()
    assert "gaussian_copula" in capsys.readouterr().out
