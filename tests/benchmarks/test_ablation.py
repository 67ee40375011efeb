"""The ablation: what each net is shown, and a tiny run of all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from skmist._sample.sample import make_sample
from skmist.nn import encode_rows
from tests.benchmarks.test_small import CONFIG

N = 60


@pytest.fixture
def script(scripts):
    return scripts("ablation")


def variants(script):
    return {name: script.VARIANTS[name] for name in ("full", "attention only", "no local kNN")}


def pair(seed, dependent):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(N, 2))
    y = x @ [[1.0], [0.5]] + 0.1 * rng.normal(size=(N, 1))
    return make_sample(x, y if dependent else y[rng.permutation(N)])


def both(script, seed, sees):
    return [sees(script._statistics(pair(seed, d), 32, encode_rows)) for d in (True, False)]


def test_attention_only_hides_all_that_was_computed_from_the_sample(script):
    bound, free = both(script, 0, variants(script)["attention only"].sees)
    assert torch.equal(bound.sample.shared, free.sample.shared)
    assert not bound.sample.candidates.any() and not bound.rows.candidates.any()
    for side in (0, 1):
        assert torch.equal(bound.sample.roles[side], free.sample.roles[side])
        assert bound.rows.cells[side].any()
    seen, other = both(script, 0, script.VARIANTS["full"].sees)
    assert not torch.equal(seen.sample.shared, other.sample.shared)


def test_without_neighborhoods_rows_keep_their_own_values(script):
    full, _ = both(script, 1, script.VARIANTS["full"].sees)
    bare, _ = both(script, 1, variants(script)["no local kNN"].sees)
    assert torch.equal(bare.sample.shared, full.sample.shared)
    changed = bare.rows.candidates != full.rows.candidates
    # The two Gaussian candidates stay, those of the neighborhoods go.
    assert changed[..., :-2].any() and not bare.rows.candidates[..., :-2].any()
    assert not changed[..., -2:].any()
    kept = bare.rows.shared == full.rows.shared
    assert kept[..., -11:].all() and not kept.all()


def test_z_scores(script):
    x = torch.tensor(np.random.default_rng(2).normal(3.0, 2.0, (1, 200, 2)))
    z = script.VARIANTS["z-scores"].encode(x, None, (False, False))
    assert torch.allclose(z.mean(1), torch.zeros(1, 2), atol=1e-5)
    assert torch.allclose(z.std(1), torch.ones(1, 2), atol=1e-5)
    rows = script.VARIANTS["z-scores"].encode(x, x[:, :5] + 1.0, (False, False))
    assert torch.allclose(rows, z[:, :5] + 1.0 / x.std(1, keepdim=True).float(), atol=1e-5)
    codes = torch.cat([x[..., :1], (x[..., 1:] > 3.0).double()], dim=-1)
    kept = script.VARIANTS["z-scores"].encode(codes, None, (False, True))
    assert torch.equal(kept[..., 1], codes[..., 1].float())


def test_summary_counts_errors_and_coverage(script):
    row = {"set": "held out", "family": "f", "p": 1, "q": 1, "n": 100, "mi_true": 0.5}
    answers = pd.DataFrame(
        [
            {**row, "net": "full", "low": 0.4, "mi": 0.6, "high": 0.7},
            {**row, "net": "attention only", "low": 0.6, "mi": 0.9, "high": 1.0},
        ]
    )
    table = script.summary(answers, {"full": 1.0, "attention only": 2.0}).set_index("net")
    assert table["mae"].tolist() == pytest.approx([0.1, 0.4])
    assert table["coverage_90"].tolist() == [1.0, 0.0]
    assert table["lost"].tolist() == pytest.approx([1.0, 4.0])
    assert table["seconds"].tolist() == [1.0, 2.0]


def test_a_tiny_run(script, monkeypatch, tmp_path):
    config = tmp_path / "small.toml"
    config.write_text(CONFIG)
    monkeypatch.setattr(script, "SIZES", (20,))
    kept = ("gaussian_sparse", "checkerboard")
    monkeypatch.setattr(script, "FAMILIES", {name: script.FAMILIES[name] for name in kept})
    arguments = ["--config", str(config), "--steps", "2", "--draws", "1", "--workers", "0"]
    chosen = ["--variants", "attention only", "--out", str(tmp_path)]
    assert script.main([*arguments, *chosen]) == 0
    table = pd.read_csv(tmp_path / "ablation.csv", comment="#")
    assert set(table["net"]) == {"full", "attention only"}
    assert (table["mae"] > 0.0).all() and (table["seconds"] > 0.0).all()
