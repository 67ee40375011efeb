"""What answers for samples of which something is learned, and how it is fitted."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from skmist import mutual_info
from skmist.nn.mist.heads import COMPRESSED, PAIRED, PLAIN
from skmist.pretrain.config import load_config
from skmist.pretrain.learned_heads import fit_head, joined, main, read_samples
from skmist.weights import load_card, load_weights
from tests.paths import ROOT

RECIPE = ROOT / "skmist" / "pretrain" / "configs" / "mist-3.toml"


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return replace(load_config(RECIPE), initial="mist-3")


@pytest.fixture(scope="module")
def folder(config, tmp_path_factory):
    folder = tmp_path_factory.mktemp("read")
    old = load_weights("mist-3", "cpu").eval()
    read_samples(old, config, folder, 1, 4.0)
    return folder


def test_what_is_fitted_learns_from_its_samples_and_all_else_stays(folder):
    samples = joined(folder)
    assert len(samples.mi) > 20
    assert len(samples.law.unique()) > 5
    assert 0 < int(samples.paired.sum()) < len(samples.mi)
    net = copy.deepcopy(load_weights("mist-3", "cpu")).eval()
    asked = samples.read, samples.candidates, samples.unit
    moderate = samples.mi < 12.0
    everything = samples._replace(law=torch.arange(len(samples.mi)) % 12)
    for head, other in ((PAIRED, COMPRESSED), (COMPRESSED, PAIRED)):
        before, others, plain = (net.answer(*asked, kind) for kind in (head, other, PLAIN))
        losses = fit_head(net, everything, head, epochs=20, learning_rate=1e-3)
        assert losses["before"] > 0
        assert losses["data_sets"] == int((moderate & (samples.paired == (head == PAIRED))).sum())
        learned = net.answer(*asked, head).detach()
        assert float((learned - before).abs().max()) > 0.01
        assert torch.equal(net.answer(*asked, other), others)
        assert torch.equal(net.answer(*asked), plain)
        if head == COMPRESSED:
            assert torch.equal(learned[:, 5], before[:, 5])


def test_weights_with_it_are_read_like_others(folder, tmp_path):
    recipe = tmp_path / "recipe.toml"
    text = RECIPE.read_text()
    recipe.write_text(text.replace('"skmist/weights/mist-3.json"', '"mist-3"'))
    main([str(recipe), "--folder", str(folder), "--export", str(tmp_path)])
    card = load_card(tmp_path / "mist-3.json")
    told, old = (c["learned_heads"] for c in (card, load_card("mist-3")))
    read = sum(
        told[head]["data_sets"] - old[head]["data_sets"] for head in ("compressed", "paired")
    )
    assert read == int((joined(folder).mi < 12.0).sum())
    rng = np.random.default_rng(0)
    x, noise = rng.normal(size=(2, 200, 2))
    y = x + noise
    own = {"weights": tmp_path / "mist-3.json", "device": "cpu"}
    assert mutual_info(x[:, :1], y, **own).mi == mutual_info(x[:, :1], y, device="cpu").mi
    assert mutual_info(x, y, **own).mi == pytest.approx(mutual_info(x, y).mi, abs=0.4)
