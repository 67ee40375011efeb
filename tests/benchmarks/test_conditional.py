"""The benchmark of conditional MI: its truth, a tiny run, its summary."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def script(scripts):
    return scripts("conditional")


def test_truth_of_the_linear_cases_is_that_of_their_covariance(script):
    case = script.Case("linear", 2, 3, 1, 0.6, 1.0, 200_000)
    covariance = np.cov(np.hstack(case.draw(0)).T)

    def log_det(*columns):
        return np.linalg.slogdet(covariance[np.ix_(columns, columns)])[1]

    found = log_det(0, 1, 5) + log_det(2, 3, 4, 5) - log_det(5) - log_det(*range(6))
    assert 0.5 * found == pytest.approx(case.mi, abs=0.01)


def test_cases_without_a_load_are_asked_once(script):
    assert len(script.cases(100)) == len(set(script.cases(100))) == 6 * 4 * (3 + 2)


def test_a_tiny_run_writes_both_tables(script, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(script, "SHAPES", ((1, 1, 1),))
    monkeypatch.setattr(script, "CORRELATIONS", (0.6,))
    monkeypatch.setattr(script, "LOADS", (0.0, 1.0))
    assert script.main(["--n", "60", "--draws", "2", "--out", str(tmp_path)]) == 0
    table = pd.read_csv(tmp_path / "conditional.csv", comment="#")
    assert len(table) == 3 * len(script.METHODS)
    has_interval = table.groupby("method")["coverage_90"].count() > 0
    assert has_interval[has_interval].index.tolist() == ["mist", "mist_raw"]
    summary = pd.read_csv(tmp_path / "conditional_summary.csv", comment="#")
    overall = summary[(summary["by"] == "all") & (summary["link"] == "sine")]
    assert overall["draws"].tolist() == [4] * len(script.METHODS)
