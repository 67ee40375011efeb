"""The benchmark of the tests of independence: its samples, its power, tiny runs, its picture."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def script(scripts):
    return scripts("independence_tests")


@pytest.mark.parametrize("part", ["power", "uniformity", "conditional"])
def test_marks_are_of_modules_that_are_there(script, part):
    assert len(script._version(*script.MODULES[part])) == 12


@pytest.fixture
def relations(scripts):
    return scripts("cases.relations")


def correlation(x, y):
    return np.corrcoef(x.ravel(), y.ravel())[0, 1]


def test_relations_are_what_their_names_say(relations):
    def drawn(name, noise=0.0):
        return relations.Cell(name, noise, 200).draw(100)

    x, y = drawn("linear", 1.0)
    spread = 1 / np.sqrt(3)
    assert correlation(x, y) == pytest.approx(spread / np.hypot(spread, 1.0), abs=0.03)
    for name in ("quadratic", "circle", "variance"):
        x, y = drawn(name)
        assert abs(correlation(x, y)) < 0.03, name
        assert abs(correlation(x**2, y**2)) > 0.2, name
    x, y = drawn("circle")
    np.testing.assert_allclose(x**2 + y**2, 1.0)
    x, y = drawn("sine")
    np.testing.assert_allclose(y, np.sin(4 * np.pi * x))


def test_cells_have_samples_of_their_own_and_the_same_each_time(relations):
    marks = [relations.checksum(*cell.draw(2)) for cell in relations.cells()]
    assert len(marks) == len(set(marks)) == 60
    cell = relations.Cell("sine", 0.3, 50)
    assert relations.checksum(*cell.draw(2)) == relations.checksum(*cell.draw(2))
    y = cell.draw(3)[1]
    np.testing.assert_array_equal(np.sort(cell.shuffled(y)), np.sort(y))
    assert not np.array_equal(cell.shuffled(y), y)


def test_power_of_tests_that_are_known(relations):
    cell = relations.Cell("linear", 0.01, 50)
    x, y = cell.draw(100)

    def slope(x, y):
        return (x * y).mean(axis=1)

    assert relations.power(cell, x, y, slope)["power"] == "1"
    assert relations.power(cell, x, y, lambda x, y: np.ones(len(x)))["power"] == "0"
    nothing = np.random.default_rng(0).standard_normal((2000, 50))
    x = relations.Cell("linear", 1.0, 50).draw(2000)[0]
    level = float(relations.power(cell, x, nothing, slope)["power"])
    assert level == pytest.approx(0.05, abs=0.025)


def test_rows_are_taken_up_again_and_others_kept(relations, tmp_path):
    path, asked = tmp_path / "table.csv", []

    def compute(value):
        asked.append(value)
        return {"value": value}

    for _ in range(2):
        rows = relations.Rows(path, ["command: x"])
        rows.add({"case": 1}, lambda: compute(0.5))
        assert len(pd.read_csv(path, comment="#")) == len(asked)
        rows.add({"case": 2}, lambda: compute(0.7))
        assert asked == [0.5, 0.7]
    assert pd.read_csv(path, comment="#")["value"].tolist() == [0.5, 0.7]
    relations.Rows(path, [], fresh=True).add({"case": 1}, lambda: compute(0.6))
    assert pd.read_csv(path, comment="#")["value"].tolist() == [0.6]


def test_chains_are_independent_given_z_alone(script):
    for link in script.CHAINS:
        x, y, z = script.chain(link, 2, 50_000, 0)
        along = z.sum(axis=1)
        assert correlation(x, y) > 0.1, link
        near = np.abs(along - 0.4) < 0.05
        assert abs(correlation(x[near], y[near])) < 0.1, link


@pytest.mark.parametrize("data", ["pair", "labels"])
def test_p_values_of_independent_data(script, data):
    row = script.uniformity(data, 30, "gaussian_copula", 19, 60)
    assert float(row["ks_pvalue"]) > 0.001
    assert float(row["early_rejected_05"]) == float(row["rejected_05"]) < 0.2


def test_p_values_of_dependent_data_are_not_uniform(script, monkeypatch):
    def dependent(data, n, seed):
        x = np.random.default_rng(seed).standard_normal(n)
        return x, x + np.random.default_rng(seed + 1000).standard_normal(n)

    monkeypatch.setattr(script, "independent", dependent)
    row = script.uniformity("pair", 40, "gaussian_copula", 19, 40)
    assert float(row["ks_pvalue"]) < 1e-6


def test_tiny_runs_and_the_picture(script, scripts, monkeypatch, tmp_path, capsys):
    cells = script.cells()[:2]
    monkeypatch.setattr(script, "cells", lambda: cells)
    monkeypatch.setattr(script, "UNIFORMITY", (("pair", 20, "ksg", 19),))
    monkeypatch.setattr(script, "CONDITIONAL", (("linear", 1, 40, "gaussian_copula"),))
    arguments = ["--draws", "25", "--tests", "3", "--out", str(tmp_path)]
    assert script.main(arguments) == 0
    power = pd.read_csv(tmp_path / "independence_power.csv", comment="#")
    assert power["test"].tolist() == 2 * list(script.ESTIMATORS)
    assert power["power"].iloc[0] > 0.5
    given = pd.read_csv(tmp_path / "independence_conditional.csv", comment="#")
    assert given["tests"].tolist() == [3]
    draw = scripts("figures").main
    pictures = ["--results", str(tmp_path), "--pages", str(tmp_path)]
    assert draw(pictures) == 0
    assert (tmp_path / "benchmark" / "independence_power.png").stat().st_size > 1000

    power.assign(samples="other", test="mgc").to_csv(tmp_path / script.PEERS, index=False)
    with pytest.raises(ValueError, match="not of the same samples"):
        draw(pictures)


def test_peers_ask_about_the_same_cells(monkeypatch, scripts, script, relations, tmp_path, capsys):
    peers = scripts("peers/tests")
    monkeypatch.setattr(peers, "_statistic", lambda name: lambda x, y: (x * y).mean(axis=1))
    monkeypatch.setattr(peers.importlib.metadata, "version", lambda name: "0")
    monkeypatch.setattr(peers, "cells", lambda: relations.cells()[:2])
    out = tmp_path / "peers.csv"
    assert peers.main(["--draws", "25", "--tests", "dcorr", "--out", str(out)]) == 0
    table = pd.read_csv(out, comment="#")
    assert table["samples"].tolist() == [
        relations.checksum(*cell.draw(25)) for cell in relations.cells()[:2]
    ]
    assert set(peers.TESTS) | set(script.ESTIMATORS) == set(script.COLORS)
