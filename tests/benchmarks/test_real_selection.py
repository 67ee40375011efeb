"""The benchmark of selection on real tables: its measures, and a tiny run."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def script(scripts):
    return scripts("real_selection")


def test_stability_is_one_of_the_same_choices_and_nothing_of_chance(script):
    assert script.nogueira([[0, 3], [0, 3], [0, 3]], 6) == pytest.approx(1.0)
    rng = np.random.default_rng(0)
    sets = [rng.permutation(40)[:10] for _ in range(200)]
    assert script.nogueira(sets, 40) == pytest.approx(0.0, abs=0.02)
    assert np.isnan(script.nogueira([[0, 1], [0, 1]], 2)) and np.isnan(script.nogueira([[0]], 2))


def test_rows_to_choose_from_are_none_to_be_judged_by(script):
    y = np.repeat([0, 1, 2], 40)
    for fold in range(3):
        train, test = script.split(y, True, fold)
        assert sorted([*train, *test]) == list(range(120))
        assert (np.bincount(y[test]) >= 13).all()
    assert len(script.split(np.zeros(4000), False, 0)[0]) == script.MOST_ROWS


def test_no_table_holds_its_target_or_is_named_twice(script):
    sources = [table.source for table in script.TABLES]
    assert len(sources) == len(set(sources)) >= 25
    assert {table.is_classes for table in script.TABLES} == {False, True}
    wine = next(table for table in script.TABLES if table.source == "sklearn.wine")
    x, y = script.load_table(wine)
    assert x.shape == (178, 13) and "target" not in x and sorted(set(y)) == [0, 1, 2]


PEER = """
import csv, sys
with open(sys.argv[3], "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["task", "method", "columns", "seconds", "error"])
    for method in sys.argv[sys.argv.index("--methods") + 1 :]:
        failed = method == "boruta"
        writer.writerow(["t", method, "" if failed else "0 6", 0.5, "no" if failed else ""])
"""


def test_a_tiny_run_writes_the_tables_and_goes_on(script, monkeypatch, tmp_path):
    monkeypatch.setattr(script, "_ours", lambda *_: [0, 6, 9])
    peer, python = tmp_path / "peer.py", tmp_path / "python"
    peer.write_text(PEER)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {peer} "$@"\n')
    python.chmod(0o755)
    arguments = ["--tables", "sklearn.wine", "--folds", "1", "--peers", str(python)]
    arguments += ["--methods", "kbest_mi", "mrmr", "boruta", "--out", str(tmp_path)]
    assert script.main(arguments) == 0
    head = (tmp_path / "real_selection.csv").read_text()
    assert "PARTIAL: 1 of 108 cells" in head
    table = pd.read_csv(tmp_path / "real_selection.csv", comment="#").set_index("method")
    assert list(table.index) == ["all", "joint_0.98", "kbest_mi", "mrmr", "boruta"]
    assert table["columns"].tolist()[:4] == [13, 3, 3, 2] and table.loc["boruta", "failed"] == 1
    assert table.loc["all", "lost"] == 0.0 and table.loc["joint_0.98", "score"] > 0.8
    summary = pd.read_csv(tmp_path / "real_selection_summary.csv", comment="#")
    assert set(summary["method"]) == {"all", "joint_0.98", "kbest_mi", "mrmr"}

    def fail(*_, **__):
        raise RuntimeError("asked again")

    monkeypatch.setattr(script, "answers", fail)
    assert script.main(arguments) == 0
    assert script.main([*arguments, "--fresh", "--minutes", "0"]) == 1
