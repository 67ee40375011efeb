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


def test_the_copies_of_the_sources_take_turns(script, monkeypatch, tmp_path):
    works = {
        "a pair": script.Work("sides(50, 1)", 2),
        "flags": script.Work("flags(900)", 1, is_shared=False),
    }
    monkeypatch.setattr(script, "WORKS", works)
    assert script.main(["--against", str(script.ROOT), "--out", str(tmp_path)]) == 0
    table = pd.read_csv(tmp_path / "ksg_against.csv", comment="#").set_index("work")
    assert table.loc["a pair", ["seconds_before", "seconds_after", "ratio"]].gt(0).all()
    assert table.loc["flags", "seconds_after"] > 0 and table.loc["flags", "peak_mb"] > 50
    assert pd.isna(table.loc["flags", "ratio"])
