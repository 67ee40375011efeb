"""The script that asks other packages' estimators; without those packages."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from tests.benchmarks.conftest import load
from tests.paths import BENCHMARKS

SCRIPT = BENCHMARKS / "peers" / "estimate.py"


estimate = load("peers/estimate")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the script with three estimators of ours on two tasks; counts the calls."""
    rng = np.random.default_rng(0)
    arrays = {}
    for task, columns in (("narrow", 1), ("wide", 2)):
        arrays[f"{task}|mi"] = np.float64(0.25)
        for seed, n in ((4, 30), (5, 30), (3, 60)):
            for side in "xy":
                arrays[f"{task}|{seed}|{side}"] = rng.normal(size=(n, columns))
    data, out, calls = tmp_path / "samples.npz", tmp_path / "table.csv", []
    np.savez(data, **arrays)

    def size(x, y):
        calls.append(len(x))
        return x.shape[1] + y.shape[1]

    def fail(x, y):
        raise RuntimeError(f"cannot take #{len(x)} rows,\nreally")

    def wrong(x, y):
        return float("nan")

    fakes = {"size": size, "fail": fail, "wrong": wrong}
    monkeypatch.setattr(
        estimate,
        "ESTIMATORS",
        {name: estimate.Estimator(fake, "numpy", ("numpy",)) for name, fake in fakes.items()},
    )
    monkeypatch.setattr(estimate, "ONE_THREAD", {})

    def call(*options):
        status = estimate.main(["--data", str(data), "--out", str(out), "--n", "30", *options])
        assert status == 0
        return pd.read_csv(out, comment="#"), out.read_text(), calls

    return call


def test_a_row_for_each_sample_and_estimator(run):
    table, text, _ = run()
    assert list(table.columns) == list(estimate.Row._fields)
    assert len(table) == 2 * 2 * 3 and set(table["n"]) == {30}
    size = table[table["estimator"] == "size"]
    assert size["mi"].tolist() == [2.0, 2.0, 4.0, 4.0]
    assert size["seed"].tolist() == [4, 5, 4, 5] and size["error"].isna().all()
    assert (table["mi_true"] == 0.25).all() and (table["seconds"] >= 0.0).all()
    assert table["versions"].unique().tolist() == [f"numpy {np.__version__}"]
    assert text.startswith("# command: python benchmarks/peers/estimate.py --data")


def test_failures_are_rows(run):
    table, _, _ = run("--seeds", "4", "--tasks", "narrow")
    errors = table.set_index("estimator")["error"]
    assert errors["fail"] == "RuntimeError: cannot take No.30 rows, really"
    assert errors["wrong"] == "the estimate is nan"
    assert table.set_index("estimator")["mi"].notna().to_dict() == {
        "size": True,
        "fail": False,
        "wrong": False,
    }


def test_an_interrupted_run_goes_on(run, tmp_path):
    table, _, calls = run("--estimators", "size", "--limit", "3")
    assert len(table) == 3 and len(calls) == 3
    path = tmp_path / "table.csv"
    path.write_text(path.read_text()[:-40])
    table, text, calls = run("--estimators", "size")
    assert len(table) == 4 and len(calls) == 5
    assert not table.duplicated(["task", "seed", "estimator"]).any()
    assert text.count("# command: ") == 2 and "; resumed" in text


def test_every_other_sample(run):
    table, _, _ = run("--every", "2", "--estimators", "size")
    assert list(zip(table["task"], table["seed"], strict=True)) == [("narrow", 4), ("wide", 4)]


def test_unknown_task(run):
    with pytest.raises(ValueError, match="no sample of n = 30 of round"):
        run("--tasks", "round")


@pytest.mark.parametrize("path", sorted(SCRIPT.parent.glob("*.py")), ids=lambda path: path.stem)
def test_the_scripts_import_nothing_of_ours(path):
    """Their environment does not have it."""
    assert not re.search(r"^\s*(import|from) skmist", path.read_text(), re.MULTILINE)
