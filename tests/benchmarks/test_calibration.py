"""The benchmark of calibration: a tiny run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def script(scripts):
    return scripts("calibration")


def test_gaussian_draws_have_their_mi(script, monkeypatch):
    monkeypatch.setattr(script, "GAUSSIAN_ROWS", (100_000,))
    (x, y), truth = script.draw_gaussian(3)
    correlation = np.corrcoef(x[:, 0], y[:, 0])[0, 1]
    assert -0.5 * np.log1p(-(correlation**2)) == pytest.approx(truth, abs=0.02)


def test_a_tiny_run_writes_tables_and_picture(script, monkeypatch, tmp_path, capsys):
    prior = script.training_prior("none").__class__(n_range=(20, 40), max_dim=2)
    monkeypatch.setattr(script, "training_prior", lambda weights: prior)
    monkeypatch.setattr(script, "GAUSSIAN_ROWS", (30, 120))
    out = ["--out", str(tmp_path), "--pictures", str(tmp_path)]
    assert script.main(["--draws", "20", *out]) == 0
    table = pd.read_csv(tmp_path / "calibration.csv", comment="#")
    overall = table[table["rows"] == "all"]
    assert overall.groupby("estimator")["samples"].unique().explode().tolist() == [20, 20]
    assert table["coverage"].between(0.0, 1.0).all()
    ranks = pd.read_csv(tmp_path / "calibration_ranks.csv", comment="#")
    assert ranks.groupby("estimator")["count"].sum()[script.COPULA] == 20
    assert (tmp_path / "calibration.png").stat().st_size > 10_000
