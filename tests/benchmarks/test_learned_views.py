"""The comparison of learned views runs end to end on tiny data."""

from __future__ import annotations

import pandas as pd
import pytest


@pytest.fixture
def script(scripts):
    return scripts("learned_views")


def test_writes_a_row_per_law_size_and_method(script, tmp_path, capsys):
    laws = ["moons", "friedman", "independent"]
    options = ["--sizes", "80", "--draws", "2", "--out", str(tmp_path)]
    assert script.main([*options, "--laws", *laws]) == 0
    table = pd.read_csv(tmp_path / "learned_views.csv", comment="#")
    assert table["law"].tolist() == [law for law in laws for _ in script.METHODS]
    assert table["estimate"].notna().all()
    assert table.loc[table["law"] == "friedman", "truth"].between(1.55, 1.65).all()
    assert "learned3" in capsys.readouterr().out


def test_every_law_has_a_truth(script):
    for name in [*script.FUNCTIONS, *script.LAWS]:
        assert 0.0 <= script.truth_of(name) < 3.0
