"""Weights and cards that are damaged in any way are refused, and say so."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import skmist.weights
from skmist import MISTRegressor, WeightsError
from skmist.weights import DEFAULT_WEIGHTS, list_weights, load_card, load_null, load_weights
from skmist.weights.card import read_card, write_card

FOLDER = skmist.weights._FOLDER


@pytest.fixture
def own(tmp_path):
    """The path of a card of one's own, its weights beside it."""
    for suffix in (".json", ".safetensors"):
        shutil.copy(FOLDER / f"{DEFAULT_WEIGHTS}{suffix}", tmp_path / f"own{suffix}")
    return tmp_path / "own.json"


def refused(weights, match=None):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 1))
    with pytest.raises(WeightsError, match=match) as found:
        MISTRegressor(weights=weights, device="cpu").fit(x, x[:, 0] + rng.normal(size=30))
    remedies = ("einstall", "ass ", "Take")
    assert any(remedy in str(found.value) for remedy in remedies)


def altered(path, **fields):
    """The card with other fields, signed anew; without those that are None."""
    card = {**json.loads(path.read_text()), **fields}
    write_card(path, {key: value for key, value in card.items() if value is not None})


TEXTS = ["", "[]", "null", "{}", "3", '"text"', "{", '{"name": 1}', "[" * 100_000, "9" * 5_000]


@pytest.mark.parametrize("text", TEXTS, ids=[text[:12] for text in TEXTS])
def test_what_is_no_card(own, text):
    own.write_text(text)
    refused(str(own), "is not a model card")


def test_bytes_and_folders_in_place_of_a_card(own):
    own.write_bytes(b"\xff\xfe\x00")
    refused(str(own), "is not a model card")
    own.unlink()
    own.mkdir()
    refused(str(own), "is not a model card")


NET = load_card(DEFAULT_WEIGHTS)["net"]
OTHER_NETS = [{"dim": 10**9}, {"dim": -1}, {"dim": "a"}, {"width": 3}, {"heads": 7}, {"heads": 0}]
LEVELS = load_card(DEFAULT_WEIGHTS)["quantile_levels"]
FIELDS = {
    "sha256": [None, 3, ""],
    "name": [None, 3],
    "net": [None, [], {}, *({**NET, **other} for other in OTHER_NETS)],
    "quantile_levels": [
        None,
        {},
        [],
        LEVELS[1:],
        LEVELS[::-1],
        [0.5] * 11,
        ["a"] * 11,
        [math.nan],
    ],
    "trained": [
        None,
        {},
        {"n": [10, 20]},
        {"n": [20, 10], "columns": [1, 2], "categories": [2, 3]},
    ],
}


@pytest.mark.parametrize("field", FIELDS)
def test_fields_that_no_net_has(own, field):
    for value in FIELDS[field]:
        shutil.copy(FOLDER / f"{DEFAULT_WEIGHTS}.json", own)
        altered(own, **{field: value})
        refused(str(own))


def test_a_number_that_was_altered_is_seen(own):
    own.write_text(own.read_text().replace("40000", "99999", 1))
    refused(str(own), "was altered: its digest")


def test_cards_of_before_have_no_digest(own):
    card = json.loads(own.read_text())
    del card["card_sha256"]
    own.write_text(json.dumps(card))
    assert read_card(own) == card


@pytest.mark.parametrize("name", list_weights())
def test_shipped_cards_are_signed(name):
    assert json.loads((FOLDER / f"{name}.json").read_text())["card_sha256"]
    assert load_card(name)["name"] == name


def test_files_under_the_name_of_others(tmp_path, monkeypatch):
    for suffix in (".json", ".safetensors"):
        shutil.copy(FOLDER / f"{DEFAULT_WEIGHTS}{suffix}", tmp_path / f"mist-9{suffix}")
    monkeypatch.setattr(skmist.weights, "_FOLDER", tmp_path)
    refused("mist-9", f"is the card of '{DEFAULT_WEIGHTS}'")


def test_damaged_files(own):
    file = own.with_suffix(".safetensors")
    whole = file.read_bytes()
    file.unlink()
    refused(str(own), "is missing")
    file.mkdir()
    refused(str(own), "cannot be read")
    file.rmdir()
    for data in (b"", whole[:1000], whole[:-1], bytes(8) + whole[8:]):
        file.write_bytes(data)
        refused(str(own), "was altered")
        altered(own, sha256=hashlib.sha256(data).hexdigest())
        refused(str(own), "cannot be read")
        shutil.copy(FOLDER / f"{DEFAULT_WEIGHTS}.json", own)


def with_tensors(own, change):
    file = own.with_suffix(".safetensors")
    tensors = load_file(file)
    change(tensors)
    save_file(tensors, file)
    altered(own, sha256=hashlib.sha256(file.read_bytes()).hexdigest())


def test_numbers_that_are_none(own):
    def spoil(tensors):
        first = next(iter(tensors))
        tensors[first] = torch.full_like(tensors[first], math.nan)

    with_tensors(own, spoil)
    refused(str(own), "NaN or infinite")


def test_tensors_of_another_net(own):
    with_tensors(own, lambda tensors: tensors.pop(next(iter(tensors))))
    refused(str(own), "does not fit the net of its card")


def test_weights_by_a_path_or_by_nothing(own):
    x = np.random.default_rng(0).normal(size=(30, 2))
    as_text, as_path = (
        MISTRegressor(weights=w, device="cpu").fit(x[:, :1], x[:, 1]).mi_ for w in (str(own), own)
    )
    assert as_text == as_path
    for weights in (None, 3, b"mist-3", "", "a\0b", ["mist-3"], "..", "x" * 5_000):
        refused(weights)


@pytest.mark.parametrize("spoiled", [b"", bytes(8)], ids=["cut short", "written over"])
def test_what_becomes_of_a_file_that_was_read_changes_no_answer(own, spoiled):
    # in a process of its own, which a mapped file that is cut short would end
    code = f"""
        import numpy as np
        from pathlib import Path
        from skmist import MISTRegressor
        x = np.random.default_rng(0).normal(size=(30, 2))
        net = MISTRegressor(weights={str(own)!r}, device="cpu")
        before = net.fit(x[:, :1], x[:, 1]).mi_
        file = Path({str(own)!r}).with_suffix(".safetensors")
        with file.open("r+b") as opened:
            size = len(opened.read())
            opened.seek(0)
            opened.write({spoiled!r} * (size // max(len({spoiled!r}), 1)))
            opened.truncate()
        assert net.fit(x[:, :1], x[:, 1]).mi_ == before
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)


def test_other_weights_at_the_same_path_are_read(own):
    before = load_weights(str(own), "cpu").state_dict()
    with_tensors(own, lambda tensors: tensors.update({k: v * 2 for k, v in tensors.items()}))
    after = load_weights(str(own), "cpu").state_dict()
    assert any(not torch.equal(before[name], after[name]) for name in before)


def test_a_damaged_table_of_nulls(own):
    table = own.with_suffix(".null.npz")
    table.write_bytes(b"PK")
    with pytest.raises(WeightsError, match="cannot be read"):
        load_null(own)
