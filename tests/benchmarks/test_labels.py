"""The benchmark of labels runs end to end on tiny data, and its truths are right."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mutual_info_score


@pytest.fixture
def script(scripts):
    return scripts("labels")


def test_nothing_lies_above_the_entropy(script, tmp_path, capsys):
    options = ["--labels", "4", "--rows-each", "3", "--draws", "2", "--out", str(tmp_path)]
    assert script.main(options) == 0
    table = pd.read_csv(tmp_path / "labels.csv", comment="#")
    assert len(table) == len(script.LAWS) * len(script.ESTIMATORS)
    assert (table[["above_limit", "low_above_limit"]] == 0).all(axis=None)
    assert "gaussian_copula" in capsys.readouterr().out


def test_truths_agree_with_large_samples(script):
    for law in script.LAWS:
        x, y, truth = script.draw(law, 5, 20_000, np.random.default_rng(0))
        y = np.floor(y) if law.startswith("n") else y
        assert mutual_info_score(x, y) == pytest.approx(truth, abs=0.02), law
