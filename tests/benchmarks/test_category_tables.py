"""The benchmark of categorical tables: its truths, and a tiny run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mutual_info_score


@pytest.fixture
def script(scripts):
    return scripts("category_tables")


def test_truths_agree_with_large_samples(script):
    for name, law in script.LAWS.items():
        assert law.joint.sum() == pytest.approx(1.0), name
        cells = np.random.default_rng(0).choice(law.joint.size, 400_000, p=law.joint.ravel())
        pointwise = law.pointwise.ravel()[cells]
        assert pointwise.mean() == pytest.approx(law.mi, abs=0.01), name
        error = np.sqrt(2 / np.pi) * pointwise.std() / 100**0.5
        assert law.efficient(100) == pytest.approx(error, abs=0.003), name


def test_what_is_drawn_holds_the_information(script):
    law = script.LAWS["cities and states"]
    x, y = law.draw(200_000, np.random.default_rng(0))
    assert x.shape[1] == 3 and y.shape[1] == 2
    assert (x[:, 1] == x[:, 0] % 6).all()
    assert mutual_info_score(x[:, 0], y[:, 0]) == pytest.approx(law.mi, abs=0.01)
    assert mutual_info_score(x[:, 2], y[:, 1]) < 1e-3


def test_a_tiny_run_writes_the_tables(script, tmp_path, capsys):
    options = ["--n", "60", "--draws", "2", "--estimators", "gaussian_copula"]
    assert script.main([*options, "--out", str(tmp_path)]) == 0
    table = pd.read_csv(tmp_path / "category_tables.csv", comment="#")
    assert set(table["law"]) == set(script.LAWS) and (table["draws"] == 2).all()
    assert (tmp_path / "category_tables_summary.csv").exists()
    assert "gaussian_copula" in capsys.readouterr().out
