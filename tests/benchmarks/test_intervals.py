"""benchmarks/intervals.py: its truths, a tiny run, and what its tables mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def script(scripts):
    return scripts("intervals")


def test_every_family_has_the_mi_of_its_target(script):
    for name, build in script.FAMILIES.items():
        for target in (0.05, 1.5):
            assert build(target).mutual_information == pytest.approx(target, abs=1e-4), name


def test_draws_differ_by_seed_and_number_and_repeat(script):
    draw = script.Draw("clayton", 50, 3)
    keys, case = script.draw_case(0, draw)
    assert keys["mi_true"] == pytest.approx(script.TARGETS[3])
    assert np.array_equal(script.draw_case(0, draw)[1].x, case.x)
    for other in (script.draw_case(1, draw), script.draw_case(0, draw._replace(number=13))):
        assert not np.array_equal(other[1].x, case.x)


def test_a_tiny_run(script, monkeypatch, tmp_path):
    monkeypatch.setattr(script, "SIZES", (40,))
    monkeypatch.setattr(script, "N_RESAMPLES", 20)
    kept = {name: script.FAMILIES[name] for name in ("gaussian", "clayton")}
    monkeypatch.setattr(script, "FAMILIES", kept)
    assert script.main(["--draws", "10", "--naive", "4", "--out", str(tmp_path)]) == 0
    cells = pd.read_csv(tmp_path / "intervals.csv", comment="#")
    counts = cells.pivot(index="estimator", columns="family", values="draws")
    assert (counts.drop(["naive_ksg_k3", "subsampling_copula"]) == 10).all(axis=None)
    assert (counts.loc["naive_ksg_k3"] == 4).all()
    assert np.isnan(counts.loc["subsampling_copula", "clayton"])
    assert (cells["failed"] == 0).all()
    assert cells["coverage_90"].between(0, 1).all()
    summary = pd.read_csv(tmp_path / "intervals_summary.csv", comment="#").set_index("estimator")
    assert summary.loc["mist", ["width_ratio", "time_ratio"]].tolist() == [1.0, 1.0]
    assert summary.loc["subsampling_ksg_k1", "width_ratio"] > 1.0


def test_the_summary_counts_cells_within_the_bar(script):
    cells = pd.DataFrame(
        {
            "family": ["a", "b", "c"] * 2,
            "n": 100,
            "estimator": ["mist"] * 3 + ["other"] * 3,
            "coverage_90": [0.9, 0.9, 0.9, 0.84, 0.9, 0.96],
            "width_90": [1.0, 1.0, 2.0, 2.0, 2.0, 4.0],
            "seconds": [0.1, 0.1, 0.2, 0.4, 0.8, 0.8],
        }
    )
    mist, other = script.summarize(cells).to_dict("records")
    assert (mist["in_bar"], other["in_bar"], other["cells"]) == (3, 1, 3)
    assert (other["lowest"], other["highest"]) == (0.84, 0.96)
    assert (other["width_ratio"], other["time_ratio"]) == pytest.approx((2.0, 5.0))


def test_the_naive_bootstrap_reads_too_much(script):
    rng = np.random.default_rng(0)
    ((_, low, _),) = script._naive(script.Case(*rng.normal(size=(2, 200, 1)))).intervals
    assert low > 0.1


def test_the_page_of_a_table(script, scripts, tmp_path):
    page = scripts("harness.intervals_page")
    names = list(page.NAMES)[:5]
    cells = pd.DataFrame(
        {
            "family": "student_copula",
            "n": 1000,
            "estimator": names,
            "coverage_90": [0.9, 0.8, None, 0.1, 0.94],
            "width_90": [0.3, 0.2, None, 0.5, 0.25],
            "seconds": [0.2, 0.2, 0.1, 0.4, 0.1],
        }
    )
    header = ["command: python x", "date: today", "MI in nats"]
    script.common.write_table(cells, tmp_path / "intervals.csv", header)
    summary = script.summarize(cells)
    script.common.write_table(summary, tmp_path / "intervals_summary.csv", header)
    text = page.intervals_tables(tmp_path)
    assert (
        "| subsampling, KSG k = 1 (default) | 1 of 1 | 90 % | 90 % to 90 % | 0.300 | 1.20 |"
        in text
    )
    assert "| student copula | 1,000 | 90 % (0.30) | 80 % (0.20) |  | 10 % (0.50) |" in text
    assert "*command: python x; date: today*" in text
    begin, end = "<!-- begin intervals -->\n", "<!-- end intervals -->"
    filled = scripts("harness.pages").fill(f"before {begin}old{end} after", tmp_path)
    assert filled == f"before {begin}{text}\n{end} after"
    said = "weights of mist: mist-1, sha256 0"
    script.common.write_table(cells, tmp_path / "intervals.csv", [*header, said])
    filled = scripts("harness.pages").fill(f"before {begin}old{end} after", tmp_path)
    assert f"*Measured with the weights of before, mist-1.*\n{end}" in filled
