"""The tests of self-consistency: their data, their arithmetic, and the script on tiny data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skmist import GaussianCopulaEstimator


@pytest.fixture
def script(scripts):
    return scripts("consistency")


def _case(script, *cell):
    return script.draw_cell(script.Cell(*cell))


def test_rows_of_digits_are_their_strongest_components(script):
    rows = script.rows_of_digits()
    assert rows.shape == (1797, 8)
    assert np.allclose(rows.mean(axis=0), 0.0) and np.allclose(rows.std(axis=0), 1.0)
    assert np.linalg.matrix_rank(rows) == 8


@pytest.mark.parametrize("data", ["digits", "gaussian"])
def test_masked_rows_are_noise_and_shown_rows_are_not(script, data):
    shown = [_case(script, data, "masking", str(t), 900, 0)[1] for t in (0, 3, 8)]
    for t, case in zip((0, 3, 8), shown, strict=True):
        noise = case.y - case.x * (np.arange(8) < t)
        assert noise.std() == pytest.approx(script.NOISE, rel=0.05)
        assert np.abs(np.corrcoef(case.x.T, noise.T)[:8, 8:]).max() < 0.15
    assert np.array_equal(shown[0].x, shown[2].x)
    if data == "digits":
        assert len(np.unique(shown[0].x, axis=0)) == 900


def test_truth_of_the_gaussian_twin(script):
    masks = {"discrete_features": False, "discrete_target": False}
    truths = []
    for t in (0, 1, 4, 8):
        keys, case = _case(script, "gaussian", "masking", str(t), 6000, 0)
        estimate = GaussianCopulaEstimator(**masks).fit(case.x, case.y).mi_
        assert estimate == pytest.approx(keys["mi_true"], abs=0.05)
        truths.append(keys["mi_true"])
    assert truths[0] == 0.0 and np.all(np.diff(truths) > 0.0)
    one, both = (_case(script, "gaussian", "additivity", s, 100, 0)[0] for s in ("one", "both"))
    assert both["mi_true"] == pytest.approx(2.0 * one["mi_true"])
    assert np.isnan(_case(script, "digits", "masking", "3", 100, 0)[0]["mi_true"])


def test_additivity_pairs_digits_that_differ(script):
    _, one = _case(script, "digits", "additivity", "one", 300, 1)
    _, both = _case(script, "digits", "additivity", "both", 300, 1)
    assert np.array_equal(both.x[:, :4], one.x) and np.array_equal(both.y[:, :4], one.y)
    assert both.x.shape == both.y.shape == (300, 8)
    rows = np.vstack([both.x[:, :4], both.x[:, 4:]])
    assert len(np.unique(rows, axis=0)) == 600


def test_processing_adds_functions_of_what_was_there(script):
    alone, copied, squared = (
        _case(script, "digits", "processing", step, 50, 0)[1]
        for step in ("alone", "copied", "squared")
    )
    for case in (copied, squared):
        assert np.array_equal(case.y[:, :4], alone.y) and np.array_equal(case.x, alone.x)
    assert np.array_equal(copied.y[:, 4:], alone.y[:, :2])
    assert np.array_equal(squared.y[:, 4:], alone.y[:, :2] ** 2)


def _steps(script, masking):
    rows = [("masking", str(t), mi) for t, mi in enumerate(masking)]
    rows += [("processing", "alone", 0.5), ("processing", "copied", 0.6)]
    rows += [("processing", "squared", 0.4), ("additivity", "one", 0.5)]
    rows += [("additivity", "both", 0.9)]
    table = pd.DataFrame(rows, columns=["test", "step", "mi"])
    return table.assign(
        data="digits", estimator="any", n=100, p=8, q=8, mi_true=np.nan, abs_error=np.nan
    )


def test_summary_holds_estimates_against_their_ideals(script):
    table = _steps(script, [0.1, 0.5, 0.4, 0.6, 0.3, 0.7, 0.8, 0.9, 1.0])
    steps = script.by_step(table)
    assert len(steps) == len(table)
    summary = script.summarize(steps).set_index("data")
    assert dict(summary.loc["digits", list(script.IDEALS)]) == pytest.approx(
        {"at_zero": 0.1, "largest_fall": 0.3, "copied": 1.2, "squared": 0.8, "both": 1.8}
    )
    assert dict(summary.loc["ideal", list(script.IDEALS)]) == script.IDEALS
    rising = script.by_step(_steps(script, np.linspace(0, 1, 9)))
    assert script.summarize(rising)["largest_fall"].tolist() == [0.0, 0.0]


def test_script_writes_both_tables(script, tmp_path, capsys):
    arguments = ["--n", "80", "--draws", "1", "--estimators", "gaussian_copula", "ksg_scores_k5"]
    arguments += ["--out", str(tmp_path), "--figure", str(tmp_path / "f.png")]
    assert script.main(arguments) == 0
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    table = pd.read_csv(tmp_path / "consistency.csv", comment="#")
    steps = sum(map(len, script.STEPS.values()))
    assert len(table) == 2 * steps * 3 and (table["failed"] == 0).all()
    assert table.query("data == 'gaussian'")["mae"].notna().all()
    summary = pd.read_csv(tmp_path / "consistency_summary.csv", comment="#")
    assert len(summary) == 1 + 2 * 3 and summary["both"].notna().all()
    assert "max_rule_k5" in capsys.readouterr().out
