"""The benchmark of representations: a tiny run, and what is remembered of it."""

from __future__ import annotations

import pandas as pd
import pytest
from sklearn.decomposition import PCA

from skmist import DeepInfoMax


@pytest.fixture
def script(scripts, monkeypatch, tmp_path):
    """Return the script with two small variants; what it keeps lies in a temporary folder."""
    script, variants = map(scripts, ("representation", "cases.infomax_variants"))
    monkeypatch.setattr(variants, "MODELS", tmp_path / "models")
    small = DeepInfoMax(8, gamma=0.1, hidden_layer_sizes=(16,), max_iter=1, device="cpu")
    found = [
        variants.Variant("PCA 16", "baseline", (0,), PCA(16)),
        variants.Variant("DIM(L) JSD", "main", (0,), small),
    ]
    monkeypatch.setattr(script, "variants", lambda: {v.name: v for v in found})
    return script


def test_a_run_and_its_memory(script, monkeypatch, tmp_path):
    cheap = (script._separability, script._match_of_prior)
    monkeypatch.setattr(script, "MEASURES", cheap)
    assert script.main(["--out", str(tmp_path)]) == 0
    table = pd.read_csv(tmp_path / "representation.csv", comment="#").set_index("variant")
    assert table.index.tolist() == ["PCA 16", "DIM(L) JSD"]
    assert table["svm_Y"]["PCA 16"] > 0.9
    assert (table.loc["DIM(L) JSD", ["svm_conv", "svm_fc", "svm_Y", "ks"]] > 0.0).all()
    assert table.loc["PCA 16", ["svm_conv", "ks"]].isna().all()
    monkeypatch.setattr(script, "measure", lambda *cell: pytest.fail(f"{cell} measured again"))
    assert script.main(["--out", str(tmp_path), "--only", "PCA 16"]) == 0
    again = pd.read_csv(tmp_path / "representation.csv", comment="#").set_index("variant")
    assert again.index.tolist() == ["PCA 16"]
    assert again["svm_Y"]["PCA 16"] == table["svm_Y"]["PCA 16"]


def test_every_measure_of_a_code(script, monkeypatch):
    """All columns of the table, on a quarter of the images."""
    pytest.importorskip("torchmetrics")
    whole = script.digits
    monkeypatch.setattr(
        script, "digits", lambda seed: script.Digits(*(part[::4] for part in whole(seed)))
    )
    row = script.measure(script.variants()["PCA 16"], 0)
    assert 0.8 < row["svm_Y"] <= 1.0
    assert 0.5 < row["few_Y"] <= row["svm_Y"]
    assert min(row["knn"], row["mlp"], row["ms_ssim"]) > 0.7
    assert row["ndm"] > 0.3
    assert 1.0 < row["mine"] < 5.5
    assert row["mist"] > 1.0
