"""The benchmark of feature selection: its truths, what is left out, a tiny run."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def script(scripts):
    module = scripts("selection")
    module.problem.cache_clear()
    return module


def test_true_columns_are_where_the_table_says(script):
    rng = np.random.default_rng(0)
    x, y, truth = script.SYNTHETIC["xor"].draw(500, rng)
    first, second = (min(group) for group in truth)
    np.testing.assert_array_equal(y, x[:, first] * x[:, second] > 0)
    x, y, truth = script.SYNTHETIC["friedman1"].draw(5000, rng)
    scales = np.abs([np.corrcoef(x[:, k], y)[0, 1] for k in range(x.shape[1])])
    seen = {min(group) for group in truth if scales[min(group)] > 0.2}
    # the third enters as a parabola about its mean: no correlation
    assert set(np.argsort(scales)[-4:]) == seen and x.shape == (5000, 20)


def test_a_source_and_its_copies_count_once(script):
    x, _, truth = script.SYNTHETIC["copies"].draw(5000, np.random.default_rng(1))
    assert [len(group) for group in truth] == [4, 4, 4]
    correlations = np.abs(np.corrcoef(x.T))
    for group in truth:
        assert (correlations[np.ix_(list(group), list(group))] > 0.85).all()
    three = [min(group) for group in truth]
    assert script.found_share(three, truth) == 1.0
    assert script.found_share(list(truth[0]), truth) == pytest.approx(1 / 3)


def test_a_split_keeps_rows_apart(script):
    x, y, x_new, y_new = script.REAL["wine"].split(100, 0)
    rows = {tuple(row) for row in x}
    assert len(x) == len(y) == 100 and len(x_new) == len(y_new) == 78
    assert not rows & {tuple(row) for row in x_new}


def test_every_cell_is_asked_once_and_wide_tables_by_the_quick(script):
    asked = script.cells(2, 1)
    assert len(asked) == len(set(asked))
    wide = script.Cell("madelon 500", 100, 0)
    methods = [name for name in script.METHODS if script.applies(name, wide)]
    assert methods == ["mist_mim", "ksg_mim", "sklearn_mi", "sklearn_f"]


PEER = """
import csv, sys
import numpy as np
with np.load(sys.argv[2]) as tables, open(sys.argv[3], "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["task", "method", "columns", "seconds", "error"])
    for task in dict.fromkeys(key.rpartition("|")[0] for key in tables.files):
        k = int(tables[f"{task}|k"])
        writer.writerow([task, "first", " ".join(map(str, range(k))), 0.5, ""])
        writer.writerow([task, "broken", "", 0.5, "ValueError: no"])
"""


def test_a_tiny_run_writes_the_tables_and_goes_on(script, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(script, "ROWS", (60,))
    peer = tmp_path / "peer.py"
    peer.write_text(PEER)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {peer} "$@"\n')
    python.chmod(0o755)
    chosen = ["--tasks", "xor", "wine", "--n", "60", "--seeds", "2", "--peers", str(python)]
    methods = ["--methods", "ksg_jmi", "sklearn_f", "--out", str(tmp_path)]
    assert script.main([*chosen, *methods]) == 0
    table = pd.read_csv(tmp_path / "selection.csv", comment="#").set_index("method")
    assert sorted(table.index) == ["broken", "first", "ksg_jmi", "sklearn_f"]
    assert table.loc["ksg_jmi", "draws"] == 2 and np.isnan(table.loc["broken", "found"])
    real = pd.read_csv(tmp_path / "selection_real.csv", comment="#").set_index("method")
    assert 0.5 < real.loc["sklearn_f", "score"] <= 1.0

    def fail(*_):
        raise RuntimeError("asked again")

    monkeypatch.setattr(script, "choose", fail)
    assert script.main([*chosen, *methods]) == 0


def test_no_more_is_asked_when_the_time_is_over(script, tmp_path):
    common = ["--tasks", "xor", "--n", "100", "--seeds", "1", "--peers", str(tmp_path / "none")]
    with pytest.raises(ValueError, match="0 minutes"):
        script.main([*common, "--minutes", "0", "--out", str(tmp_path)])
