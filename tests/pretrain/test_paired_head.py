"""The head for samples of which both sides are compressed."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from skmist import mutual_info
from skmist.nn.mist.heads import PAIRED
from skmist.pretrain.config import load_config
from skmist.pretrain.paired_head import fit_head, joined, main, read_pairs
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
    read_pairs(old, config, folder, 1, 4.0)
    return folder


def test_a_head_learns_from_what_was_read_and_all_else_stays(folder):
    pairs = joined(folder)
    assert len(pairs.mi) > 20
    assert len(pairs.law.unique()) > 5
    net = copy.deepcopy(load_weights("mist-3", "cpu")).eval()
    asked = pairs.read, pairs.candidates, pairs.unit
    plain, before = net.answer(*asked), net.answer(*asked, PAIRED)
    everything = pairs._replace(law=torch.arange(len(pairs.mi)) % 12)
    losses = fit_head(net, everything, epochs=20, learning_rate=1e-3)
    assert losses["before"] > 0
    learned = net.answer(*asked, PAIRED).detach()
    assert float((learned - before).abs().max()) > 0.01
    assert torch.equal(net.answer(*asked), plain)


def test_weights_with_it_are_read_like_others(folder, tmp_path):
    recipe = tmp_path / "recipe.toml"
    text = RECIPE.read_text()
    recipe.write_text(text.replace('"skmist/weights/mist-3.json"', '"mist-3"'))
    main([str(recipe), "--folder", str(folder), "--export", str(tmp_path)])
    card = load_card(tmp_path / "mist-3.json")
    read = card["paired_head"]["data_sets"] - load_card("mist-3")["paired_head"]["data_sets"]
    assert read == len(joined(folder).mi)
    rng = np.random.default_rng(0)
    x, noise = rng.normal(size=(2, 200, 2))
    y = x + noise
    own = {"weights": tmp_path / "mist-3.json", "device": "cpu"}
    assert mutual_info(x[:, :1], y, **own).mi == mutual_info(x[:, :1], y, device="cpu").mi
    assert mutual_info(x, y, **own).mi == pytest.approx(mutual_info(x, y).mi, abs=0.4)
