"""The benchmark scripts run end to end on tiny data, and their arithmetic is right."""

from __future__ import annotations

import importlib
import importlib.util
import json
import warnings
from argparse import Namespace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import skmist

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"
OPTIONS = Namespace(device="cpu", weights="mist-0", fresh=False)
CLASSICAL = ["gaussian_copula", "ksg_scores_k3"]


@pytest.fixture
def scripts(monkeypatch, tmp_path):
    """Return an importer of the scripts whose journals lie in a temporary folder."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    common = importlib.import_module("_common")
    monkeypatch.setattr(common, "JOURNALS", tmp_path / "journals")
    return _load


def _load(name):
    # A plain import of "coverage" could find the well-known package of that name.
    if name.startswith("_"):
        return importlib.import_module(name)
    path = BENCHMARKS / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def bmi_file(tmp_path):
    """Write samples of two tasks in the layout of the BMI file."""
    rng = np.random.default_rng(0)
    arrays = {}
    for task, rho in (("1v1-normal", 0.8), ("spiral-normal", 0.0)):
        arrays[f"{task}|mi"] = -0.5 * np.log1p(-(rho**2))
        for seed in (4, 5):
            x, noise = rng.standard_normal((2, 1000, 1))
            arrays[f"{task}|{seed}|x"] = x.astype(np.float32)
            arrays[f"{task}|{seed}|y"] = (rho * x + np.sqrt(1 - rho**2) * noise).astype(np.float32)
    path = tmp_path / "bmi.npz"
    np.savez(path, **arrays)
    return path


def _read(path):
    return pd.read_csv(path, comment="#", keep_default_na=True)


def test_bmi_writes_a_row_for_each_sample_and_estimator(scripts, bmi_file, tmp_path, capsys):
    arguments = ["--data", str(bmi_file), "--out", str(tmp_path), "--estimators", *CLASSICAL]
    assert scripts("bmi").main(arguments) == 0

    table = _read(tmp_path / "bmi_n1000.csv")
    assert sorted(table["estimator"].unique()) == [*CLASSICAL, "max_rule_k3"]
    assert len(table) == 2 * 2 * 3
    assert table["abs_error"].max() < 0.15
    header = (tmp_path / "bmi_n1000.csv").read_text().split("task,")[0]
    for word in ("command: python benchmarks/bmi.py", "machine:", "versions:", "weights of mist:"):
        assert word in header

    summary = _read(tmp_path / "bmi_summary.csv").set_index("estimator")
    rule = table[table["estimator"] == "max_rule_k3"]
    assert summary.loc["max_rule_k3", "mae"] == pytest.approx(rule["abs_error"].mean(), rel=1e-4)
    assert summary.loc["max_rule_k3", "tasks"] == 2
    assert "max_rule_k3" in capsys.readouterr().out


def test_bmi_without_samples_says_where_it_looked(scripts, tmp_path):
    with pytest.raises(SystemExit, match=r"no BMI samples at .*absent\.npz.*--data"):
        scripts("bmi").main(["--data", str(tmp_path / "absent.npz")])


def test_bmi_names_a_size_that_the_file_lacks(scripts, bmi_file):
    with pytest.raises(SystemExit, match=r"no sample of n = \[5000\]"):
        scripts("bmi").main(["--data", str(bmi_file), "--n", "5000"])


def test_unknown_estimator_is_named(scripts, capsys):
    with pytest.raises(SystemExit):
        scripts("bmi").main(["--estimators", "ksg_k4"])
    assert "invalid choice: 'ksg_k4'" in capsys.readouterr().err


def test_failures_become_rows_and_are_counted(scripts):
    peers, bmi = scripts("_peers"), scripts("bmi")

    def fragile(case):
        if len(case.x) == 1:
            raise ValueError("too few rows: 1")
        return peers.Answer(0.5)

    samples = [bmi.BmiSample("t", n, 0.4, np.zeros((n, 1)), np.zeros((n, 1))) for n in (1, 3)]
    common, peer = scripts("_common"), peers.Peer("fragile", fragile)
    journal = common.Journal("x", OPTIONS)
    table = common.evaluate(samples, bmi.BmiSample.case, [peer], journal, "failures")
    assert table["error"].tolist() == ["ValueError: too few rows: 1", ""]
    summary = bmi.summarize(table.assign(n=4)).iloc[0]
    assert (summary["tasks"], summary["failed"]) == (1, 1)
    assert summary["mae"] == pytest.approx(0.1)


def test_mist_answers_with_both_intervals_and_its_remarks(scripts, monkeypatch):
    class Stub:
        def __init__(self, **parameters):
            assert parameters == {
                "weights": "tiny",
                "device": "cpu",
                "discrete_features": (False,),
                "discrete_target": (True,),
            }

        def fit(self, x, y):
            self.mi_, self.warnings_ = 0.4, ("too few rows",)
            warnings.warn("too few rows", skmist.OutOfRangeWarning, stacklevel=2)

        def interval(self, level):
            return 0.4 - level / 4, 0.4 + level / 4

    monkeypatch.setattr(skmist, "MISTRegressor", Stub, raising=False)
    peers = scripts("_peers")
    (mist,) = peers.build_peers(["mist"], "cpu", "tiny")
    case = peers.Case(np.zeros((5, 1)), np.zeros((5, 1)), (False,), (True,))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        row = peers.ask(mist, case).row()
    assert (row["mi"], row["warnings"], row["error"]) == (0.4, "too few rows", "")
    bounds = [row[name] for name in ("low_50", "high_50", "low_90", "high_90")]
    assert bounds == pytest.approx([0.275, 0.525, 0.175, 0.625])


def test_only_continuous_columns_become_scores(scripts):
    peers = scripts("_peers")
    x = np.column_stack([[0.0, 1.0, 1.0, 2.0], [10.0, 30.0, 20.0, 40.0]])
    case = peers.Case(x, x[:, :1], (True, False), (True,)).mapped(lambda a: a / 10)
    assert case.x.T.tolist() == [[0.0, 1.0, 1.0, 2.0], [1.0, 3.0, 2.0, 4.0]]
    assert case.y[:, 0].tolist() == [0.0, 1.0, 1.0, 2.0]


def test_max_rule_clips_and_fails_with_its_halves(scripts):
    peers = scripts("_peers")
    table = pd.DataFrame(
        {
            "task": ["a", "a", "b", "b", "c", "c"],
            "estimator": CLASSICAL * 3,
            "mi": [0.2, 0.5, -0.2, -0.1, np.nan, 0.3],
            "error": ["", "", "", "", "ValueError", ""],
        }
    )
    rule = peers.add_max_rule(table, ["task"]).query("estimator == 'max_rule_k3'")
    assert rule["mi"].fillna(-1).tolist() == [0.5, 0.0, -1]
    assert rule["error"].astype(bool).tolist() == [False, False, True]


def test_interval_summary_counts_truths_inside(scripts):
    table = pd.DataFrame(
        {"mi_true": [0.0, 0.5, 1.0], "low_90": [0.0, 0.6, np.nan], "high_90": [0.2, 0.8, np.nan]}
    )
    summary = scripts("_peers").interval_summary(table)
    assert summary["coverage_90"] == 0.5
    assert summary["width_90"] == pytest.approx(0.2)
    assert "coverage_50" not in summary


def test_journal_resumes_past_a_torn_line(scripts):
    journal_class = scripts("_common").Journal
    first = journal_class("run", OPTIONS)
    first.get("a", lambda: [{"mi": 1.0}])
    with first.path.open("a") as file:
        file.write('{"key": "b", "rows": [{"m')

    second = journal_class("run", OPTIONS)
    assert second.get("a", lambda: pytest.fail("computed twice")) == [{"mi": 1.0}]
    assert second.get("b", lambda: [{"mi": 2.0}]) == [{"mi": 2.0}]
    assert [json.loads(line)["key"] for line in second.path.read_text().splitlines()] == ["a", "b"]
    assert journal_class("run", OPTIONS, ["other inputs"]).rows == {}
    assert journal_class("run", Namespace(**{**vars(OPTIONS), "fresh": True})).rows == {}


def test_table_survives_comment_marks_and_line_breaks(scripts, tmp_path):
    table = pd.DataFrame({"mi": [0.5], "error": ["a # b\nc"]})
    scripts("_common").write_table(table, tmp_path / "t.csv", ["header"])
    assert _read(tmp_path / "t.csv").iloc[0].tolist() == [0.5, "a No. b c"]


def test_coverage_writes_both_tables(scripts, tmp_path, capsys):
    script = scripts("coverage")
    arguments = ["--draws", "4", "--independent", "5", "--out", str(tmp_path)]
    assert script.main([*arguments, "--estimators", "gaussian_copula", "ksg_scores_k5"]) == 0

    table = _read(tmp_path / "coverage.csv")
    everything = table[table["by"] == "all"].set_index("estimator")
    assert sorted(everything.index) == ["gaussian_copula", "ksg_scores_k5", "max_rule_k5"]
    assert (everything["draws"] == 4).all() and (everything["failed"] == 0).all()
    assert set(table["by"]) == {"all", "dependence", "n", "columns", "family"}
    independence = _read(tmp_path / "independence.csv").query("columns == 'all'")
    assert (independence["draws"] == 5).all() and (independence["failed"] == 0).all()
    assert "max_rule_k5" in capsys.readouterr().out


def test_draws_repeat_and_differ(scripts):
    script = scripts("coverage")
    prior = script.MetaDistribution(n_range=(20, 40), max_dim=3)
    (first, case), (again, same), (other, _) = (script.draw_case(prior, i) for i in (7, 7, 8))
    assert first == again
    assert np.array_equal(case.x, same.x) and np.array_equal(case.y, same.y)
    assert first["mi_true"] != other["mi_true"] or first["n"] != other["n"]
    assert case.x.shape == (first["n"], first["p"])


def test_coverage_draws_from_the_prior_of_the_card(scripts, monkeypatch):
    script = scripts("coverage")
    card = {"config": {"prior": {"n_range": [20, 30], "warp": 0.1}}}
    monkeypatch.setattr(script, "load_card", lambda name: card)
    assert script.training_prior("any") == script.MetaDistribution(n_range=(20, 30), warp=0.1)


def test_coverage_groups_by_first_family_rows_and_columns(scripts):
    table = pd.DataFrame(
        {
            "family": ["gaussian + noise", "gaussian warped", "student_t * gaussian"],
            "n": [50, 51, 1500],
            "p": [1, 2, 64],
            "q": [1, 3, 1],
            "mi_true": [0.0, 0.5, 1.0],
            "estimator": "mist",
            "mi": [0.1, 0.5, 0.7],
            "low_90": [0.0005, 0.6, 0.5],
            "high_90": [0.2, 0.8, 1.5],
            "abs_error": [0.1, 0.0, 0.3],
        }
    )
    groups = scripts("coverage").summarize(table).set_index(["by", "group"])
    assert groups.loc[("all", "all"), "coverage_90"] == pytest.approx(2 / 3)
    assert groups.loc[("dependence", "independent"), "coverage_90"] == 1.0
    assert groups.loc[("family", "gaussian"), "draws"] == 2
    assert groups.loc["n"].index.tolist() == ["1-50", "51-150", "501-1500"]
    assert groups.loc["columns"].index.tolist() == ["1", "2-3", "over 20"]


def test_noisy_mi_is_exact_where_theory_is(scripts):
    script = scripts("held_out")
    z = np.random.default_rng(0).standard_normal(200_000)
    assert script.noisy_mi(z, 0.75) == pytest.approx(0.5 * np.log1p(1 / 0.75**2), abs=0.004)
    # Two values far apart against the noise are one bit.
    assert script.noisy_mi(np.array([-1.0, 1.0]), 0.05) == pytest.approx(np.log(2), abs=1e-4)


def test_held_out_writes_a_row_for_each_family(scripts, tmp_path, monkeypatch):
    script = scripts("held_out")
    monkeypatch.setattr(script, "TRUTH_DRAWS", 10_000)
    arguments = ["--draws", "1", "--out", str(tmp_path), "--estimators", "gaussian_copula"]
    assert script.main(arguments) == 0
    table = _read(tmp_path / "held_out.csv")
    assert set(table["family"]) == {*script.FAMILIES, "all"}
    assert (table["failed"] == 0).all()


def test_card_is_filled_from_the_tables_of_a_run(scripts, bmi_file, tmp_path, monkeypatch):
    out = ["--out", str(tmp_path), "--estimators", "mist"]
    scripts("bmi").main(["--data", str(bmi_file), *out])
    scripts("coverage").main(["--draws", "3", "--independent", "5", *out])
    held_out = scripts("held_out")
    monkeypatch.setattr(held_out, "SIZES", (60,))
    monkeypatch.setattr(held_out, "TRUTH_DRAWS", 2000)
    held_out.main(["--draws", "1", *out])
    card = tmp_path / "card.json"
    card.write_text(json.dumps({"name": "net"}))
    scripts("_card").main([str(card), str(tmp_path), "--ablation", "plain", str(tmp_path)])
    filled = json.loads(card.read_text())
    assert filled["results"]["bmi_40_tasks"]["1000"]["mae"] >= 0
    assert "all" in filled["results"]["fresh_draws_of_the_training_families"]["all"]
    assert filled["results"]["held_out_families"]
    assert filled["ablation"]["plain"] == filled["results"]
