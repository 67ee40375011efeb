"""The benchmark of Deep InfoMax: a tiny run, what is remembered, and its measures."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

from skmist import DeepInfoMax


@pytest.fixture
def modules(scripts, monkeypatch, tmp_path):
    """Return the script and its variants; what they keep lies in a temporary folder."""
    script, variants = map(scripts, ("infomax", "cases.infomax_variants"))
    monkeypatch.setattr(variants, "MODELS", tmp_path / "models")
    return script, variants


def few(variants):
    small = {"hidden_layer_sizes": (16,), "max_iter": 1, "device": "cpu"}
    found = [
        variants.Variant("PCA 16", "baseline", (0,), PCA(16)),
        variants.Variant("DIM(L) JSD", "main", (0, 1), DeepInfoMax(8, gamma=0.1, **small)),
    ]
    return {variant.name: variant for variant in found}


def third(data):
    return [values[::3] for values in data]


def test_a_run_and_its_memory(modules, monkeypatch, tmp_path):
    script, variants = modules
    monkeypatch.setattr(script, "variants", lambda: few(variants))
    whole = variants.digits
    for module in modules:  # a third of the images
        monkeypatch.setattr(module, "digits", lambda seed: variants.Digits(*third(whole(seed))))
    command = ["--out", str(tmp_path), "--parts", "images"]
    assert script.main([*command, "--judged"]) == 0
    assert not (tmp_path / "infomax.csv").exists()
    assert script.main(command) == 0
    table = pd.read_csv(tmp_path / "infomax.csv", comment="#")
    assert table["variant"].tolist() == ["PCA 16", "DIM(L) JSD", "DIM(L) JSD"]
    assert table["seed"].tolist() == [0, 0, 1]
    assert (table["accuracy_Y"] > 0.3).all()
    trained = table["variant"] == "DIM(L) JSD"
    for column in ("accuracy_fc", "few_fc", "ks_test"):
        assert table[column].notna().tolist() == trained.tolist()
    assert len(list((tmp_path / "models").glob("*.pkl"))) == 3
    monkeypatch.setattr(script, "judge", lambda *cell: pytest.fail(f"{cell} was judged again"))
    assert script.main(command) == 0
    again = pd.read_csv(tmp_path / "infomax.csv", comment="#")
    pd.testing.assert_frame_equal(again, table)
    summary = pd.read_csv(tmp_path / "infomax_summary.csv", comment="#").set_index("variant")
    assert summary["seeds"].to_dict() == {"PCA 16": 1, "DIM(L) JSD": 2}
    mean = table.loc[trained, "accuracy_Y"].mean()
    assert summary.at["DIM(L) JSD", "accuracy_Y"] == pytest.approx(mean, abs=1e-5)


def test_the_page_shows_what_was_measured(scripts, tmp_path):
    page = scripts("figures")
    text = "<!-- begin images -->\nold\n<!-- end images -->\n"
    path = tmp_path / "infomax.md"
    path.write_text(text)
    command = ["--pages", str(tmp_path), "--results", str(tmp_path)]
    assert page.main([*command, "--check"]) == 1
    assert path.read_text() == text
    assert page.main(command) == 0
    assert "Not measured yet" in path.read_text()
    names = ["seeds", "accuracy_Y", "spread_Y", "accuracy_fc", "accuracy_conv", "few_Y", "few_fc"]
    row = {"variant": "DIM", **dict.fromkeys([*names, "ks_train", "ks_test", "seconds"], 0.5)}
    table = pd.DataFrame([{**row, "accuracy_Y": 0.9876, "few_fc": None}])
    common = scripts("harness.common")
    common.write_table(table, tmp_path / "infomax_summary.csv", ["command: this", "x"])
    assert page.main(command) == 0
    assert "| DIM | 0 | 0.988 | 0.500 | 0.500 | 0.500 | 0.500 |  |" in path.read_text()
    assert "(command: this)" in path.read_text()
    assert page.main([*command, "--check"]) == 0


def test_the_digits_are_split_by_the_seed(modules):
    _, variants = modules
    first, again, other = (variants.digits(seed) for seed in (0, 0, 1))
    assert first.train.shape == (1347, 8, 8)
    assert first.test.shape == (450, 8, 8)
    np.testing.assert_array_equal(first.test, again.test)
    assert not np.array_equal(first.test, other.test)
    assert np.bincount(first.y_test).min() >= 43


def test_every_variant_has_its_own_mark(modules):
    _, variants = modules
    found = variants.variants()
    marks = {variants.mark(variant, seed) for variant in found.values() for seed in (0, 1)}
    assert len(marks) == 2 * len(found)


def test_distance_from_the_prior(modules):
    script, _ = modules
    even = (np.arange(1000) + 0.5) / 1000
    codes = np.stack([even, even**2], axis=1)
    model = DeepInfoMax(gamma=1.0)
    model.n_iter_ = 1
    judged = SimpleNamespace(
        model=SimpleNamespace(transformer=model), train={"Y": codes}, test={"Y": codes[:, :1]}
    )
    found = script.match_of_prior(judged)
    assert found["ks_test"] == pytest.approx(0.0005)
    assert found["ks_train"] == pytest.approx(0.25, abs=0.002)  # sup of sqrt(u) - u


def test_tables_have_a_row_per_draw(modules, monkeypatch):
    script, _ = modules
    monkeypatch.setattr(script, "DRAWS", 2)
    monkeypatch.setattr(script, "TABLE_LABELS", (3,))
    monkeypatch.setattr(script, "DeepInfoMax", lambda k, **more: PCA(2))
    rows = script.judge_table("wine", 0)["rows"]
    assert len(rows) == 5 * 2
    summary = script.summarize_tables(pd.DataFrame(rows))
    assert summary["accuracy"].between(0.6, 1.0).all()
