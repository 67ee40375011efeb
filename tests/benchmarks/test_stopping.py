"""The benchmark of where selection stops: its true columns, its counts, a tiny run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor


@pytest.fixture
def script(scripts):
    return scripts("stopping")


def test_every_true_column_is_in_its_table_and_no_other_says_anything(script):
    for name, recipe in script.RECIPES.items():
        tables = [recipe.draw(seed) for seed in range(100, 106)]
        x, y = (np.concatenate(parts) for parts in zip(*tables, strict=True))
        is_classes = y.dtype.kind in "biUO"
        forest = ExtraTreesClassifier if is_classes else ExtraTreesRegressor
        fitted = forest(40, max_features=None, min_samples_leaf=10, random_state=0).fit(x, y)
        order = np.argsort(-fitted.feature_importances_)
        strongest = set(order[: len(recipe.true)].tolist())
        assert strongest == recipe.true, name


def test_counts_of_columns(script):
    columns = ["0 3", "3 0", "0", "0 3 1 2"]
    (row,) = script.summarize(pd.DataFrame({"recipe": "mixes", "columns": columns})).to_dict(
        "records"
    )
    assert (row["all"], row["exact"], row["found"], row["noise"]) == (0.75, 0.5, 1.75, 0.5)
    assert row["noise_se"] == pytest.approx(0.5)
    assert (row["n"], row["true"], row["others"], row["samples"]) == (600, 2, 2, 4)


def test_a_tiny_run_writes_the_table_and_goes_on(script, tmp_path, capsys, monkeypatch):
    options = ["--recipes", "product", "--samples", "1", "--out", str(tmp_path)]
    assert script.main(options) == 0
    (row,) = pd.read_csv(tmp_path / "stopping.csv", comment="#").to_dict("records")
    assert row["recipe"] == "product" and row["exact"] == 1
    monkeypatch.setattr(script, "ask", None)
    assert script.main(options) == 0
    assert "1 of earlier runs" in (tmp_path / "stopping.csv").read_text()
    assert "product" in capsys.readouterr().out
