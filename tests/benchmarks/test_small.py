"""Benchmarks of MINE and of the throughput of training: a tiny run of each."""

from __future__ import annotations

import pandas as pd
import pytest

CONFIG = """
name = "small"
[net]
dim = 32
depth = 1
heads = 2
max_rows = 16
[training]
steps = 50
micro_batches = 2
max_batch = 2
n_masked = 2
[prior]
n_range = [10, 20]
max_dim = 2
"""


def test_mine_is_compared_with_its_bars(scripts, monkeypatch, tmp_path):
    script = scripts("mine")
    cases = (script.GaussianCase(1, 0.83, 400, 0.3), script.GaussianCase(1, 0.83, 300, 0.0))
    monkeypatch.setattr(script, "CASES", cases)
    some = ["--seeds", "0", "--mapped-seeds", "--objectives", "infonce", "--out", str(tmp_path)]
    assert script.main(some) == 0
    table = pd.read_csv(tmp_path / "mine.csv", comment="#")
    assert table["n"].tolist() == [400, 300] and (table["seconds"] > 0.0).all()
    summary = pd.read_csv(tmp_path / "mine_summary.csv", comment="#")
    assert summary["met"].tolist() == [True, False]
    assert summary["largest_error"].tolist() == pytest.approx(table["error"].abs().tolist())


def test_throughput_counts_every_stage(scripts, tmp_path, capsys):
    config = tmp_path / "small.toml"
    config.write_text(CONFIG)
    script = scripts("throughput")
    options = ["--config", str(config), "--steps", "3", "--device", "cpu", "--out", str(tmp_path)]
    assert script.main(options) == 0
    table = pd.read_csv(tmp_path / "throughput.csv", comment="#").set_index("stage")
    assert list(table.index) == ["prior", "prior and statistics", "net"]
    assert table.loc["net", "data_sets"] == table.loc["prior and statistics", "data_sets"] >= 6
    rate = table["data_sets"] / table["seconds"]
    assert table["data_sets_per_second"].tolist() == pytest.approx(rate.tolist(), rel=1e-4)
    assert table["matrix_share"].notna().tolist() == [False, False, True]
    assert 0.0 < table.loc["net", "matrix_share"] < 1.0
    # Rows that attend are at most those there are.
    assert 0.0 < table.loc["net", "tokens_per_second"] <= table.loc["net", "rows_per_second"]
    assert "prior and statistics" in capsys.readouterr().out
