"""The benchmark on the reference paper's sets: its cells, its arithmetic, and a tiny run."""

from __future__ import annotations

import pandas as pd
import pytest


@pytest.fixture
def script(scripts):
    return scripts("paper_sets")


def test_cells_lie_in_their_bin_and_go_on_with_another_draw(script):
    cells = script.cells_of("imd", "10-100", 300)
    assert len(set(cells)) == 300
    assert [cell.seed for cell in cells] == [script.SEED] * 216 + [script.SEED + 1] * 84
    assert {script.draw_cell(cell)[0]["n"] for cell in cells[:40]} == {10, 35, 61, 87}
    assert script.cells_of("imd", "10-100", 7) == cells[:7]
    every = [cell for n_bin in script.BINS for cell in script.cells_of("oomd", n_bin, 252)]
    assert len({(cell.seed, cell.index) for cell in every}) == 3 * 252


def test_summary_squares_the_clipped_error_and_stands_beside_the_published_figures(script):
    truth = [1.0, 2.0, 0.5]
    table = pd.DataFrame(
        {
            "set": "oomd",
            "n_bin": "100-300",
            "family": ["a", "a", "b"],
            "estimator": "mist",
            "mi_true": truth,
            "mi": [1.5, 1.0, -3.0],
            "abs_error": [0.5, 1.0, 0.5],
            "low_90": [0.9, 0.5, 0.1],
            "high_90": [1.6, 1.2, 0.6],
        }
    )
    summary = script.summarize(table).set_index("family")
    row = summary.loc["all"]
    assert (row["mse"], row["mae"]) == pytest.approx((0.5, 2 / 3))
    assert row["coverage_90"] == pytest.approx(2 / 3)
    assert (row["published_mse_mist"], row["published_mse_mist_qr"]) == (7.3, 9.9)
    assert summary.loc["a", "mse"] == pytest.approx(0.625)
    assert summary.loc["a", "mse_standard_error"] == pytest.approx(0.375)
    assert pd.isna(summary.loc["b", "published_mse_mist"])


def test_published_figures_name_their_source(script):
    table = pd.read_csv(script.PUBLISHED, comment="#")
    columns = ["source", "table", "set", "n_bin", "estimator", "metric", "value"]
    assert list(table.columns) == columns and table.notna().all(axis=None)
    assert set(table["n_bin"]) == set(script.BINS)
    best = table[table["source"] == "issue 4"].set_index(["set", "n_bin"])["value"]
    found = table[(table["source"] != "issue 4") & (table["metric"] == "mse")]
    assert found["source"].str.startswith("https://github.com/grgera/mist/").all()
    pd.testing.assert_series_equal(
        found.groupby(["set", "n_bin"])["value"].min(), best.sort_index()
    )


def test_a_tiny_run_writes_its_table(script, tmp_path, capsys):
    arguments = ["--items", "2", "--estimators", "gaussian_copula", "--out", str(tmp_path)]
    assert script.main(arguments) == 0
    table = pd.read_csv(tmp_path / "paper_sets.csv", comment="#")
    over_all = table[table["family"] == "all"]
    assert over_all["draws"].tolist() == [2] * 6
    assert over_all["published_mse_mist"].tolist() == [3.1, 0.34, 0.28, 8.0, 7.3, 8.8]
    header = (tmp_path / "paper_sets.csv").read_text().split("set,")[0]
    assert "# command: python benchmarks/paper_sets.py --items 2" in header
    assert "gaussian_copula" in capsys.readouterr().out
