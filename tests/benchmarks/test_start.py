"""The benchmark of the start runs end to end, against the very same sources."""

from __future__ import annotations

import pandas as pd

from tests.paths import ROOT


def test_help_is_timed_in_both_trees(scripts, tmp_path):
    script = scripts("start")
    asked = ["--before", str(ROOT), "--turns", "2", "--only", "skmist --help"]
    assert script.main([*asked, "--out", str(tmp_path)]) == 0
    table = pd.read_csv(tmp_path / "start.csv", comment="#")
    assert table["tree"].tolist() == ["before", "after"]
    assert (table.drop(columns=["work", "tree"]) > 0).all(axis=None)
    assert (table["seconds_low"] <= table["seconds_high"]).all()


def test_calls_are_timed_in_their_order(scripts, monkeypatch):
    script = scripts("start")
    told = "[[1, 0.5], [4, 2.0], [0.1, 0.1]]"
    monkeypatch.setattr(script, "_run", lambda tree, arguments: (told, 9.0, 9.0))
    table = script.measure({"before": ROOT, "after": ROOT}, script.CALLS, 3)
    after = table[table["tree"] == "after"].set_index("work")
    assert after["seconds"].tolist() == [1.0, 4.0, 0.1]
    assert after.loc["first mutual_info", ["processor", "ratio"]].tolist() == [2.0, 1.0]
