"""The grid runs end to end on tiny data, its tables add up, and the page says what they say."""

from __future__ import annotations

import pickle
import re
import shutil

import numpy as np
import pandas as pd
import pytest

from skmist.weights import DEFAULT_WEIGHTS
from tests.paths import ROOT

BLOCK = re.compile(r"<!-- begin (\w+) -->")
SMALL = ["--families", "independent", "gamma_exponential", "--n", "50", "--draws", "3"]
CLASSICAL = ["--estimators", "gaussian_copula", "ksg_scores_k3", "sklearn_k3"]


def _read(path):
    return pd.read_csv(path, comment="#")


@pytest.fixture
def table():
    """Return two cells: mist loses the first to the copula, and wins the second."""
    errors = {
        ("ring", "held out", "mist"): (0.30, 0.34),
        ("ring", "held out", "gaussian_copula"): (0.10, 0.10),
        ("ring", "held out", "ksg_k3"): (0.20, 0.30),
        ("gauss", "in training", "mist"): (0.10, 0.12),
        ("gauss", "in training", "gaussian_copula"): (0.09, 0.10),
    }
    return pd.DataFrame(
        {
            "family": family,
            "set": kind,
            "p": 1,
            "q": 1,
            "n": 100,
            "draw": draw,
            "strength": "weak",
            "mi_true": 0.5,
            "estimator": name,
            "mi": 0.5 - error,
            "low_90": 0.1 if name == "mist" else np.nan,
            "high_90": 0.4 + draw if name == "mist" else np.nan,
            "abs_error": error,
            "seconds": 0.01,
        }
        for (family, kind, name), pair in errors.items()
        for draw, error in enumerate(pair)
    )


def test_grid_writes_its_three_tables(scripts, tmp_path, capsys):
    assert scripts("grid").main([*SMALL, *CLASSICAL, "mist", "--out", str(tmp_path)]) == 0
    table = _read(tmp_path / "grid.csv")
    pairs = table[(table["p"] == 1) & (table["q"] == 1)]
    assert set(pairs["estimator"]) == {
        "gaussian_copula", "ksg_scores_k3", "sklearn_k3", "mist", "max_rule_k3"
    }  # fmt: skip
    # scikit-learn takes one column a side: elsewhere its row is absent, not failed.
    assert "sklearn_k3" not in set(table[table["p"] > 1]["estimator"])
    assert (table["failed"] == 0).all() and (table["draws"] == 3).all()
    assert (table["seconds"] > 0).all()
    summary = _read(tmp_path / "grid_summary.csv")
    assert set(summary["set"]) == {"in training", "held out"}
    assert set(summary["n"].astype(str)) == {"50", "all"}
    lost = _read(tmp_path / "grid_losses.csv")
    assert (lost["mae"] > 1.1 * lost["mae_winner"] + 0.02 - 1e-6).all()
    assert "mist loses" in capsys.readouterr().out
    head = (tmp_path / "grid.csv").read_text()
    assert "python benchmarks/grid.py --families independent" in head
    assert "0 of earlier runs" in head


def test_another_process_can_be_asked(scripts):
    common, peers, cells = (
        scripts("harness.common"),
        scripts("harness.peers"),
        scripts("cases.cells"),
    )
    every = peers.build_peers(peers.default_names(), "cpu", DEFAULT_WEIGHTS)
    (cell,) = cells.cells_of(["ring"], [50], 1)
    task = cell, cells.draw_cell, [(peer, peer.name) for peer in every[:-1]], {}
    keys, answers = common._ask_all(pickle.loads(pickle.dumps(task)))
    here = common._ask_all(task)
    assert keys == here[0] and answers.keys() == here[1].keys()
    assert [row["mi"] for row in answers.values()] == [row["mi"] for row in here[1].values()]
    assert pickle.loads(pickle.dumps(every[-1])).weights == DEFAULT_WEIGHTS


def test_losses_name_the_winner_the_margin_and_the_noise(scripts, table):
    tables = scripts("harness.tables")
    lost = tables.losses(tables.by_cell(table), table)
    assert lost["family"].tolist() == ["ring"]
    row = lost.iloc[0]
    assert (row["winner"], row["mae_winner"]) == ("gaussian_copula", pytest.approx(0.1))
    assert row["excess"] == pytest.approx(0.22)
    assert row["excess_se"] == pytest.approx(0.02)
    assert row["coverage_90"] == 0.5


def test_cells_have_bias_spread_and_coverage(scripts, table):
    cells = scripts("harness.tables").by_cell(table).set_index(["family", "estimator"])
    mist = cells.loc[("ring", "mist")]
    assert mist["mae"] == pytest.approx(0.32) and mist["bias"] == pytest.approx(-0.32)
    assert mist["spread"] == pytest.approx(np.std([0.30, 0.34], ddof=1))
    assert mist["width_90"] == pytest.approx(0.8)
    assert np.isnan(cells.loc[("ring", "ksg_k3"), "coverage_90"])


def test_summary_compares_mist_on_the_cells_of_the_other(scripts, table):
    tables = scripts("harness.tables")
    more = table[(table["family"] == "ring") & (table["estimator"] == "mist")]
    more = more.assign(family="spiral", abs_error=0.5)
    cells = tables.by_cell(pd.concat([table, more]))
    summary = tables.by_set(cells).query("n == 'all'").set_index(["set", "estimator"])
    assert summary.loc[("held out", "mist"), "mae"] == pytest.approx((0.32 + 0.5) / 2)
    assert summary.loc[("held out", "ksg_k3"), "mae_mist"] == pytest.approx(0.32)
    assert summary.loc[("held out", "ksg_k3"), "cells"] == 1


def test_draws_fall_with_n_and_keep_every_strength(scripts):
    cells = scripts("cases.cells")
    assert [cells.draws_at(n, 24) for n in (50, 1000, 5000, 10_000)] == [24, 24, 6, 6]
    assert [cells.draws_at(n, 3) for n in (1000, 5000, 10_000)] == [3, 3, 3]
    assert [cells.draws_at(n, 1) for n in (1000, 10_000)] == [1, 1]
    drawn = cells.cells_of(["spiral"], [10_000, 50], 12)
    assert [cell.n for cell in drawn] == [50] * 12 + [10_000] * 3
    assert {cell.strength for cell in drawn[-3:]} == {"weak", "medium", "strong"}


def test_a_cell_repeats_and_another_draw_differs(scripts):
    cells = scripts("cases.cells")
    first, other = cells.cells_of(["ring"], [50], 2)
    (keys, case), (_, same), (_, changed) = map(cells.draw_cell, (first, first, other))
    assert keys["set"] == "held out" and case.x.shape == (50, 1)
    assert case.digest() == same.digest() != changed.digest()


def test_mine_is_asked_about_cells_from_the_whole_grid(scripts):
    cells = scripts("cases.cells")
    drawn = cells.cells_of(["ring", "spiral"], [50, 100], 3)
    some = cells.spread_out(drawn, 4)
    assert some[0] == drawn[0] and some[-1] == drawn[-1]
    assert len(set(some)) == 4
    assert cells.spread_out(drawn, 99) == drawn


def test_exported_samples_come_back_as_rows_of_the_grid(scripts, tmp_path):
    cells, grid = scripts("cases.cells"), scripts("grid")
    npz, csv = tmp_path / "samples.npz", tmp_path / "others.csv"
    small = ["--families", "ring", "--n", "50", "--draws", "3"]
    assert grid.main([*small, "--export", str(npz)]) == 0

    rows = []
    with np.load(npz) as data:
        samples = [key for key in data.files if key.endswith("|x")]
        assert len(samples) == 3
        for key in samples:
            task, seed, _ = key.split("|")
            x, y = data[key], data[f"{task}|{seed}|y"]
            (cell,) = [c for c in cells.cells_of(["ring"], [50], 3) if str(c.seed) == seed]
            keys, case = cells.draw_cell(cell)
            assert np.array_equal(x, case.x) and np.array_equal(y, case.y)
            assert float(data[f"{task}|mi"]) == keys["mi_true"] and cell.task == task
            row = {"task": task, "seed": seed, "mi": keys["mi_true"] + 0.1, "seconds": 1.0}
            rows.append({**row, "estimator": "of others", "error": "", "mi_true": 9.0})
    pd.DataFrame(rows).to_csv(csv, index=False)

    out = ["--out", str(tmp_path), "--estimators", "gaussian_copula", "--join", str(csv)]
    assert grid.main([*small, *out]) == 0
    table = _read(tmp_path / "grid.csv").set_index("estimator")
    assert table.loc["of others", "mae"] == pytest.approx(0.1)
    assert table.loc["of others", "draws"] == 3


def test_a_joined_table_of_other_samples_is_refused(scripts, tmp_path):
    cells = scripts("cases.cells")
    csv = tmp_path / "others.csv"
    row = {"task": "x", "seed": 1, "estimator": "e", "mi": 0.0, "seconds": 1.0, "error": ""}
    pd.DataFrame([row]).to_csv(csv, index=False)
    with pytest.raises(ValueError, match="about no sample of this grid"):
        cells.joined_rows(csv, cells.cells_of(["ring"], [50], 1))
    pd.DataFrame([row]).drop(columns="seed").to_csv(csv, index=False)
    with pytest.raises(ValueError, match=r"lacks the columns \['seed'\]"):
        cells.joined_rows(csv, [])


@pytest.fixture
def results(scripts, table, tmp_path):
    """Write the tables of the grid from hand-made draws."""
    tables, common = scripts("harness.tables"), scripts("harness.common")
    draws = table.assign(low_50=table["low_90"], high_50=table["high_90"])
    ours = draws[draws["estimator"] == "gaussian_copula"]
    draws = pd.concat([draws, *(ours.assign(estimator=e) for e in ("ksg_k1", "max_rule_k3"))])
    cells = tables.by_cell(draws)
    folder = tmp_path / "results"
    common.write_table(cells, folder / "grid.csv", ["command: test"])
    common.write_table(tables.losses(cells, draws), folder / "grid_losses.csv", [])
    common.write_table(tables.by_set(cells), folder / "grid_summary.csv", [])
    bmi = pd.DataFrame(
        {"task": "a", "estimator": ["mist", "max_rule_k3"], "abs_error": [0.1, 0.2], "n": 1000}
    )
    common.write_table(bmi, folder / "bmi_n1000.csv", [])
    for name in ("consistency.csv", "consistency_summary.csv", "training.csv"):
        shutil.copy(ROOT / "benchmarks" / "results" / name, folder / name)
    return folder


def test_figures_are_drawn_and_the_page_is_filled(scripts, results, tmp_path):
    page = tmp_path / "doc" / "benchmark.md"
    page.parent.mkdir()
    page.write_text((ROOT / "doc" / "benchmark.md").read_text(encoding="utf-8"), encoding="utf-8")
    arguments = ["--results", str(results), "--pages", str(page.parent)]
    assert scripts("figures").main([*arguments, "--check"]) == 1
    assert scripts("figures").main(arguments) == 0
    assert scripts("figures").main([*arguments, "--check"]) == 0
    text = page.read_text(encoding="utf-8")
    shown = set(scripts("harness.pages").FIGURES) & set(BLOCK.findall(text))
    assert len(shown) == 6
    for name in shown:
        assert f"(benchmark/{name}.png)" in text
        assert 1000 < (page.parent / "benchmark" / f"{name}.png").stat().st_size < 60_000
    assert "| ring | held out | 1 + 1 | 100 | 0.320 | -0.320 | 50 % |" in text
    assert "| gaussian_copula | 0.100 | 0.220 ± 0.020 |" in text
    assert "| held out | 100 | 1 of 1 | 0.220 | gaussian_copula 1 |" in text


def test_a_table_over_fewer_cells_says_so(scripts, results):
    text = scripts("harness.pages").TABLES["errors_held_out"](results)
    assert "| mist | 0.320 | 0.320 |" in text
    summary = _read(results / "grid_summary.csv")
    summary.loc[summary["estimator"] == "mist", "cells"] = 2
    summary.to_csv(results / "grid_summary.csv", index=False)
    assert "ksg_k3 (1 of 2 cells)" in scripts("harness.pages").TABLES["errors_held_out"](results)


def test_the_pages_have_every_table_and_picture(scripts):
    pages = scripts("harness.pages")
    texts = [(ROOT / "doc" / name).read_text(encoding="utf-8") for name in pages.PAGES]
    names = [name for text in texts for name in BLOCK.findall(text)]
    assert sorted(names) == sorted([*pages.TABLES, *pages.FIGURES])


def test_the_pages_say_what_the_committed_tables_say(scripts):
    assert scripts("figures").main(["--check"]) == 0, "run: python benchmarks/figures.py"
    text = (ROOT / "doc" / "benchmark.md").read_text(encoding="utf-8")
    for picture in re.findall(r"\((benchmark/\w+\.png)\)", text):
        assert (ROOT / "doc" / picture).stat().st_size < 60_000


HALF = ["--n", "50", "--draws", "3", "--families", "stable", "rankings"]


def test_a_frozen_half_has_tables_of_its_own(scripts, tmp_path):
    arguments = ["--half", "validation", *HALF, *CLASSICAL, "--out", str(tmp_path)]
    assert scripts("grid").main(arguments) == 0
    table = _read(tmp_path / "grid_validation.csv")
    assert set(table["family"]) == {"stable", "rankings"} and set(table["set"]) == {"validation"}
    assert table["ratio"].to_numpy() == pytest.approx(table["mae"] / table["efficient"], rel=1e-4)
    frozen = _read(scripts("cases.blind_families").MANIFEST)
    spreads = frozen[(frozen["family"] == "stable") & (frozen["p"] == 1)]["pmi_std"]
    efficient = table[(table["family"] == "stable") & (table["p"] == 1)]["efficient"].iloc[0]
    assert efficient == pytest.approx(np.sqrt(2 / np.pi / 50) * spreads.mean(), rel=1e-4)
    assert not (tmp_path / "grid.csv").exists()


@pytest.mark.parametrize("half", [[], ["--half", "final"]])
def test_a_frozen_half_is_asked_by_its_own_name_alone(scripts, tmp_path, half):
    with pytest.raises(SystemExit, match="rankings', 'stable'. are not of this set"):
        scripts("grid").main([*half, *HALF, "--out", str(tmp_path)])


def test_a_plain_run_leaves_the_frozen_families_alone(scripts):
    families = scripts("cases.families")
    assert not set(families.FAMILIES) & set(families.BLIND)
    assert {family.set for family in families.BLIND.values()} == {"validation", "final"}
