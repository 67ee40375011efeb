"""The speed benchmark of KSGEstimator runs end to end on tiny data."""

from __future__ import annotations

import pandas as pd
import pytest


@pytest.fixture
def script(scripts):
    return scripts("bench_ksg_speed")


def test_writes_a_row_per_kind_of_data_and_size(script, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(script, "MOST_REPEATS", 3)
    assert script.main(["--sizes", "60", "80", "--out", str(tmp_path)]) == 0
    table = pd.read_csv(tmp_path / "ksg_speed.csv", comment="#")
    assert table["n"].tolist() == [60, 80] * len(script.DATA)
    assert (table[["ratio_to_inner", "ratio_to_public"]] > 0).all(axis=None)
    assert table["difference"].max() < 1e-10
    header = (tmp_path / "ksg_speed.csv").read_text().splitlines()
    assert header[0] == "# command: python benchmarks/bench_ksg_speed.py --sizes 60 80"
    assert "ratio_to_public" in capsys.readouterr().out
