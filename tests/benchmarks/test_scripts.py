"""The benchmark scripts run end to end on tiny data, and their arithmetic is right."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pandas as pd
import pytest

import skmist

CLASSICAL = ["gaussian_copula", "ksg_scores_k3"]


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
    peers, bmi = scripts("harness.peers"), scripts("cases.bmi_samples")

    def fragile(case):
        if len(case.x) == 1:
            raise ValueError("too few rows: 1")
        return peers.Answer(0.5)

    samples = [bmi.BmiSample("t", n, 0.4, np.zeros((n, 1)), np.zeros((n, 1))) for n in (1, 3)]
    common, peer = scripts("harness.common"), peers.Peer("fragile", fragile)
    journal = common.Journal(common.JOURNALS / "x.jsonl")
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
    peers = scripts("harness.peers")
    (mist,) = peers.build_peers(["mist"], "cpu", "tiny")
    case = peers.Case(np.zeros((5, 1)), np.zeros((5, 1)), (False,), (True,))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        row = peers.ask(mist, case).row()
    assert (row["mi"], row["warnings"], row["error"]) == (0.4, "too few rows", "")
    bounds = [row[name] for name in ("low_50", "high_50", "low_90", "high_90")]
    assert bounds == pytest.approx([0.275, 0.525, 0.175, 0.625])


def test_only_continuous_columns_become_scores(scripts):
    peers = scripts("harness.peers")
    x = np.column_stack([[0.0, 1.0, 1.0, 2.0], [10.0, 30.0, 20.0, 40.0]])
    case = peers.Case(x, x[:, :1], (True, False), (True,)).mapped(lambda a: a / 10)
    assert case.x.T.tolist() == [[0.0, 1.0, 1.0, 2.0], [1.0, 3.0, 2.0, 4.0]]
    assert case.y[:, 0].tolist() == [0.0, 1.0, 1.0, 2.0]


def test_max_rule_clips_and_fails_with_its_halves(scripts):
    summaries = scripts("harness.summaries")
    table = pd.DataFrame(
        {
            "task": ["a", "a", "b", "b", "c", "c"],
            "estimator": CLASSICAL * 3,
            "mi": [0.2, 0.5, -0.2, -0.1, np.nan, 0.3],
            "error": ["", "", "", "", "ValueError", ""],
            "seconds": [1.0, 2.0] * 3,
        }
    )
    rule = summaries.add_max_rule(table, ["task"]).query("estimator == 'max_rule_k3'")
    assert rule["seconds"].tolist() == [3.0, 3.0, 3.0]
    assert rule["mi"].fillna(-1).tolist() == [0.5, 0.0, -1]
    assert rule["error"].astype(bool).tolist() == [False, False, True]


def test_interval_summary_counts_truths_inside(scripts):
    table = pd.DataFrame(
        {"mi_true": [0.0, 0.5, 1.0], "low_90": [0.0, 0.6, np.nan], "high_90": [0.2, 0.8, np.nan]}
    )
    summary = scripts("harness.summaries").interval_summary(table)
    assert summary["coverage_90"] == 0.5
    assert summary["width_90"] == pytest.approx(0.2)
    assert "coverage_50" not in summary


def test_journal_resumes_past_a_torn_line(scripts, tmp_path):
    journal, path = scripts("harness.journal").Journal, tmp_path / "run.jsonl"
    first = journal(path)
    first.add("case a", {"copula 1": {"mi": 1.0}})
    with path.open("a") as file:
        file.write('{"case": "case b", "answers": {"cop')

    second = journal(path)
    assert second.known("case a") == {"copula 1": {"mi": 1.0}}
    second.add("case a", {"copula 1": {"mi": 1.0}, "copula 2": {"mi": 2.0}})
    assert (second.asked, second.taken) == (2, 1)
    assert [json.loads(line)["case"] for line in path.read_text().splitlines()] == ["case a"] * 2
    assert len(journal(path).known("case a")) == 2
    assert journal(path, fresh=True).known("case a") == {}


def test_only_a_changed_sample_or_estimator_is_asked_again(scripts, tmp_path):
    peers, common = scripts("harness.peers"), scripts("harness.common")
    calls = []

    def count(case):
        calls.append(case.x[0, 0])
        return peers.Answer(0.5)

    def run(start, weights=""):
        peer = peers.Peer("counted", count, weights=weights)
        journal = common.Journal(tmp_path / "run.jsonl")

        def draw(cell):
            x, y = np.full((2, 3, 1), start + cell)
            return {"draw": cell, "mi_true": 0.0}, peers.Case(x, y)

        common.evaluate([0, 1], draw, [peer], journal, "run")

    run(0.0)
    warm = calls.pop(0)
    assert calls == [0.0, 1.0] and warm not in calls
    calls.clear()
    run(0.0)
    assert calls == [warm]
    run(1.0)
    assert calls == [warm, warm, 1.0, 2.0]
    run(1.0, weights="mist-3")
    assert calls[4:] == [warm, 1.0, 2.0]


def test_an_estimator_depends_on_what_its_module_imports_and_on_nothing_else(scripts):
    journal = scripts("harness.journal")
    found = {
        path.relative_to(journal.PACKAGE).as_posix()
        for path in journal.sources(("skmist.estimators.mist.estimator",))
    }
    assert {
        "estimators/mist/estimator.py",
        "estimators/base.py",
        "nn/mist/net.py",
        "nn/mist/statistics.py",
        "weights/__init__.py",
    } <= found
    others = {"__init__.py", "cli/main.py", "frame/matrix.py", "datasets/prior.py"}
    assert not found & {*others, "estimators/ksg/estimator.py"}
    assert journal.sources(()) == []
    with pytest.raises(ValueError, match="no such module: skmist.nowhere"):
        journal.sources(("skmist.estimators.mist.estimator", "skmist.nowhere"))


def test_a_digest_tells_samples_apart(scripts):
    case = scripts("harness.peers").Case
    x, y = np.arange(6.0).reshape(2, 3, 1)
    same, other = case(x.copy(), y), case(x, y + 1e-12)
    assert case(x, y).digest() == same.digest() != other.digest()
    assert case(x, y).digest() != case(x, y, (True,)).digest()
    assert case(x, y).digest() != case(x.T, y.T).digest()


def test_scikit_learn_answers_pairs_of_columns_alone(scripts):
    peers = scripts("harness.peers")
    (sklearn,) = peers.build_peers(["sklearn_k3"], "cpu", "mist-3")
    rng = np.random.default_rng(0)
    x = rng.standard_normal((200, 1))
    noisy = x + rng.standard_normal((200, 1))
    # Ours is limited by the entropy of the labels, which the noise keeps it from.
    labels = (noisy > 0).astype(float)
    assert not sklearn.applies(peers.Case(np.hstack([x, x]), x))
    for y, discrete in ((noisy, (False,)), (labels, (True,))):
        case = peers.Case(x, y, (False,), discrete)
        ours = skmist.KSGEstimator(3, **case.masks()).fit(x, y).mi_
        answer = peers.ask(sklearn, case)
        assert answer.error == "" and answer.seconds > 0
        # It perturbs what is continuous, and clips at 0.
        assert answer.mi == pytest.approx(max(ours, 0.0), abs=1e-6)


def test_spread_is_about_the_mean_of_a_group_and_of_its_truth(scripts):
    table = pd.DataFrame(
        {
            "strength": ["weak", "weak", "strong", "strong", "medium"],
            "mi_true": [0.1, 0.1, 1.0, 2.0, 0.5],
            "mi": [0.1, 0.3, 1.0, 2.0, 0.5],
        }
    )
    # Squares 2 * 0.1 ** 2 over two degrees of freedom; the lone draw has none.
    assert scripts("harness.summaries").spread(table, "strength") == pytest.approx(0.1)


def test_table_survives_comment_marks_and_line_breaks(scripts, tmp_path):
    table = pd.DataFrame({"mi": [0.5], "error": ["a # b\nc"]})
    scripts("harness.common").write_table(table, tmp_path / "t.csv", ["header"])
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
    script = scripts("cases.prior_draws")
    prior = script.MetaDistribution(n_range=(20, 40), max_dim=3)
    (first, case), (again, same), (other, _) = (script.draw_case(prior, i) for i in (7, 7, 8))
    assert first == again
    assert np.array_equal(case.x, same.x) and np.array_equal(case.y, same.y)
    assert first["mi_true"] != other["mi_true"] or first["n"] != other["n"]
    assert case.x.shape == (first["n"], first["p"])


def test_coverage_draws_from_the_prior_of_the_card(scripts, monkeypatch):
    script = scripts("cases.prior_draws")
    card = {"config": {"prior": {"n_range": [20, 30], "warp": 0.1}}}
    monkeypatch.setattr(script, "load_card", lambda name: card)
    assert script.training_prior("any") == script.MetaDistribution(n_range=(20, 30), warp=0.1)
    card["config"]["large"] = {"uses": 6, "n_usual": [25, 90]}
    assert script.training_prior("any") == script.MetaDistribution(n_range=(20, 90), warp=0.1)


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


def test_bmi_draws_the_tasks_that_no_file_has(scripts, monkeypatch, tmp_path):
    samples = scripts("cases.bmi_samples")
    names = ["1v1-normal-0.75", "multinormal-sparse-3-3-2-2.0"]
    monkeypatch.setattr(samples.datasets, "list_bmi_tasks", lambda: names)
    monkeypatch.setitem(samples.DRAWN_SEEDS, 10_000, (2,))
    out = ["--out", str(tmp_path), "--estimators", "gaussian_copula"]
    assert scripts("bmi").main(["--n", "10000", *out]) == 0
    table = _read(tmp_path / "bmi_n10000.csv")
    assert table["task"].tolist() == names and (table["n"] == 10_000).all()
    assert table["abs_error"].max() < 0.03
    first, again = (samples.drawn_samples(10_000)[0] for _ in range(2))
    assert np.array_equal(first.x, again.x)
    assert first.x.std(axis=0) == pytest.approx(1.0)
    summary = _read(tmp_path / "bmi_summary.csv")
    assert summary["mae"].iloc[0] == pytest.approx(table["abs_error"].mean(), rel=1e-4)


def test_bmi_summary_holds_every_table_of_the_folder(scripts, bmi_file, tmp_path):
    out = ["--out", str(tmp_path), "--estimators", "gaussian_copula"]
    bmi = scripts("bmi")
    bmi.main(["--data", str(bmi_file), *out])
    table = tmp_path / "bmi_n1000.csv"
    (tmp_path / "bmi_n5000.csv").write_text(table.read_text().replace(",1000,", ",5000,"))
    summary = bmi.write_summary(tmp_path, "bmi_n*.csv", "bmi_summary.csv")
    assert summary["n"].tolist() == [1000, 5000]
    head = (tmp_path / "bmi_summary.csv").read_text()
    assert "# bmi_n5000.csv: command: python benchmarks/bmi.py" in head


@pytest.fixture
def committed(tmp_path):
    """Write committed tables of one estimator."""
    folder = tmp_path / "committed"
    folder.mkdir()
    line = {"estimator": "gaussian_copula", "mae": 0.2}
    pd.DataFrame([{"n": 1000, **line}]).to_csv(folder / "bmi_summary.csv", index=False)
    pd.DataFrame([{"by": "all", **line}]).to_csv(folder / "coverage.csv", index=False)
    frame = pd.DataFrame([{"columns": "all", "estimator": "mist", "median": 0, "q90": 0}])
    frame.to_csv(folder / "independence.csv", index=False)
    return folder


def test_quick_run_says_what_agrees(scripts, committed):
    key = ("n", "1000")
    rows = [
        ("bmi_summary.csv", key, "gaussian_copula", "mae", 0.25, 0.06),
        ("bmi_summary.csv", key, "gaussian_copula", "mae", 0.25, 0.04),
        ("bmi_summary.csv", key, "gaussian_copula", "mae", 0.2019, 0.0),
        ("bmi_summary.csv", key, "absent", "mae", 0.2, 1.0),
    ]
    table = scripts("quick").agreement(rows, committed)
    assert table["agrees"].tolist() == [True, False, True, False]
    assert table["difference"].iloc[0] == pytest.approx(0.05)


def test_quick_run_ends_with_its_verdict(scripts, committed, bmi_file, tmp_path, capsys):
    quick = scripts("quick")
    some = ["--draws", "3", "--independent", "3", "--data", str(bmi_file)]
    out = ["--committed", str(committed), "--out", str(tmp_path)]
    assert quick.main([*some, *out, "--estimators", "gaussian_copula"]) == 1
    printed = capsys.readouterr().out
    assert "figures agree with" in printed and "independence.csv" in printed
    table = _read(tmp_path / "quick.csv")
    assert table["here"].notna().all()
    assert not (scripts("harness.common").JOURNALS / "quick.jsonl").exists()


def test_chance_of_a_mean_is_that_of_theory(scripts):
    table = pd.DataFrame({"abs_error": np.random.default_rng(0).standard_normal(400)})
    chance = scripts("quick")._chance(table, lambda part: part["abs_error"].mean())
    assert chance == pytest.approx(3.0 * np.sqrt(2.0 / 400), rel=0.2)


def test_card_is_filled_from_the_tables_of_a_run(scripts, bmi_file, tmp_path, monkeypatch):
    out = ["--out", str(tmp_path), "--estimators", "mist"]
    scripts("bmi").main(["--data", str(bmi_file), *out])
    fresh = {"n": 1000, "estimator": "mist", "draws": 10, "mae": 0.0389, "se": 0.0022}
    fresh |= dict.fromkeys(("efficient", "ratio", "mae_held_out_maps", "mae_other_tasks"), 0.02)
    fresh |= {"coverage_90": 0.9, "width_90": 0.3}
    pd.DataFrame([fresh]).to_csv(tmp_path / "bmi_fresh_summary.csv", index=False)
    scripts("coverage").main(["--draws", "3", "--independent", "5", *out])
    cell = {"family": "ring", "set": "held out", "p": 1, "q": 1, "n": 60}
    figures = {"estimator": "mist", "mae": 0.1, "coverage_90": 0.5, "width_90": 0.2}
    pd.DataFrame([{**cell, **figures}]).to_csv(tmp_path / "grid.csv", index=False)
    ablation = {"net": "full", "set": "held out", "mae": 0.123456, "coverage_90": 0.8}
    pd.DataFrame([ablation]).to_csv(tmp_path / "ablation.csv", index=False)
    card = tmp_path / "card.json"
    card.write_text(json.dumps({"name": "net"}))
    scripts("harness.card").main([str(card), str(tmp_path)])
    filled = json.loads(card.read_text())
    assert filled["results"]["bmi_40_tasks"]["1000"]["mae"] >= 0
    assert filled["results"]["bmi_40_tasks_fresh_draws"]["1000"]["se"] == 0.0022
    assert "all" in filled["results"]["fresh_draws_of_the_training_families"]["all"]
    assert filled["results"]["held_out_families"]
    assert filled["ablation"]["nets"] == [{**ablation, "mae": 0.1235}]


def test_bmi_fresh_draws_count_shared_noise_once(scripts, monkeypatch, tmp_path):
    samples = scripts("cases.bmi_samples")
    names = ["1v1-normal-0.75", "asinh-student-identity-1-1-1", "multinormal-dense-2-2-0.5"]
    monkeypatch.setattr(samples.datasets, "list_bmi_tasks", lambda: names)
    out = ["--out", str(tmp_path), "--estimators", "gaussian_copula"]
    assert scripts("bmi").main(["--n", "1000", "--draws", "4", *out]) == 0
    table = _read(tmp_path / "bmi_fresh_n1000.csv")
    assert sorted(table["seed"].unique()) == [1000, 1001, 1002, 1003] and len(table) == 12
    first = samples.datasets.bmi_task(names[0]).sample(1000, random_state=1002)
    copula = skmist.GaussianCopulaEstimator(discrete_features=False, discrete_target=False)
    row = table[(table["task"] == names[0]) & (table["seed"] == 1002)]
    assert row["mi"].item() == pytest.approx(copula.fit(*first).mi_, rel=1e-5)
    summary = _read(tmp_path / "bmi_fresh_summary.csv").iloc[0]
    by_draw = table.groupby("seed")["abs_error"].mean()
    assert summary["mae"] == pytest.approx(by_draw.mean(), rel=1e-5)
    assert summary["se"] == pytest.approx(by_draw.std() / 2, rel=1e-5)
    assert summary["ratio"] == pytest.approx(summary["mae"] / summary["efficient"], rel=1e-4)
    assert not (tmp_path / "bmi_summary.csv").exists()


def test_the_efficient_error_is_that_of_the_true_pointwise_mi(scripts):
    samples = scripts("cases.bmi_samples")
    task = samples.datasets.bmi_task("1v1-normal-0.75")
    draws = [task.sample(1000, random_state=seed) for seed in range(200)]
    errors = [abs(task.pointwise_mi(*d).mean() - task.mutual_information) for d in draws]
    expected = samples.efficient_error(samples.pointwise_spread("1v1-normal-0.75"), 1000)
    assert expected == pytest.approx(np.mean(errors), abs=4 * np.std(errors) / np.sqrt(200))
