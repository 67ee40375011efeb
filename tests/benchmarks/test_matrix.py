"""Benchmark of matrices: a tiny run, and that it resumes."""

from __future__ import annotations

import pandas as pd
import pytest


@pytest.fixture
def script(scripts, monkeypatch):
    module = scripts("matrix")
    monkeypatch.setattr(module, "PLAN", (("ksg", 6, 1), (module.SKLEARN, 6, 1)))
    # in this process: starting others would take most of the time
    monkeypatch.setattr(module, "_in_own_process", lambda task: module.measure(*task))
    return module


def test_every_way_is_timed_once(script, tmp_path, monkeypatch, capsys):
    options = ["--rows", "60", "--out", str(tmp_path)]
    assert script.main([*options, "--methods", "ksg"]) == 0
    monkeypatch.setitem(vars(script), "_by_skmist", None)
    assert script.main(options) == 0
    table = pd.read_csv(tmp_path / "matrix.csv", comment="#")
    assert table["method"].tolist() == ["ksg", script.SKLEARN]
    assert table["pairs"].tolist() == [15, 15]
    assert (table[["wall_s", "cpu_s", "ms_per_pair", "peak_mb"]] > 0.0).all(axis=None)


def test_other_weights_are_measured_anew(script, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(script, "PLAN", (("ksg", 6, 1), ("mist", 6, 1)))
    monkeypatch.setattr(script, "_by_skmist", lambda df, method, n_jobs: None)
    options = ["--rows", "60", "--out", str(tmp_path)]
    for weights in ("of-yesterday", "of-today"):
        monkeypatch.setattr(script, "DEFAULT_WEIGHTS", weights)
        assert script.main(options) == 0
    monkeypatch.setattr(script, "_in_own_process", None)
    assert script.main(options) == 0
    table = pd.read_csv(tmp_path / "matrix.csv", comment="#", keep_default_na=False)
    found = table[["method", "weights"]].to_numpy().tolist()
    assert found == [["ksg", ""], ["mist", "of-today"]]


@pytest.mark.parametrize("seconds, turns", [(8.0, 3), (61.0, 1)])
def test_two_copies_take_turns(script, tmp_path, monkeypatch, capsys, seconds, turns):
    asked = []

    def measured(task, tree=None):
        asked.append(tree)
        row = dict(zip(script.KEYS, (*task, ""), strict=True))
        wall = 2.0 if tree is None else seconds
        return {**row, "wall_s": wall, "cpu_s": wall, "peak_mb": 1.0}

    monkeypatch.setattr(script, "_in_own_process", measured)
    options = ["--rows", "60", "--out", str(tmp_path), "--before", str(tmp_path)]
    assert script.main([*options, "--methods", "ksg"]) == 0
    assert asked == [tmp_path, None] * turns
    row = pd.read_csv(tmp_path / "matrix.csv", comment="#").iloc[0]
    assert row[["wall_s", "before_wall_s", "turns"]].tolist() == [2.0, seconds, turns]
    assert row["ratio"] == row["low"] == row["high"] == seconds / 2.0


def test_columns_depend_on_each_other(script):
    table = script.table_of(20, 300)
    correlation = table.corr().abs().to_numpy()
    assert table.shape == (300, 20)
    assert (correlation > 0.3).sum() > 2 * 20
