"""Recipes that last: what the configuration of shipped weights draws does not change."""

from __future__ import annotations

import hashlib
import random
import tomllib
from dataclasses import asdict, replace

import pytest
import torch

from skmist.datasets import CorrelatedGaussian, MetaDistribution, get_family, list_families
from skmist.datasets.parts import family as registry
from skmist.pretrain.config import load_config
from skmist.pretrain.export import export_weights
from skmist.pretrain.trainer import Trainer
from skmist.weights import list_weights, load_card
from tests.pretrain.test_trainer import CONFIGS, CPU, TINY

RECIPES = sorted(path.stem for path in CONFIGS.glob("mist-*.toml"))
# Of the shapes and labels of forty draws: the order of the weights counts, too.
DRAWN = {
    "mist-3": "d60d820e4beb097b",
}


def recipe(name):
    return load_config(CONFIGS / f"{name}.toml")


def draws(prior, count=40):
    for seed in range(count):
        generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
        n, p, q = prior.sample_shape(rng)
        yield (n, p, q), prior.draw(2, 20, min(p, 12), min(q, 12), generator, rng=rng)


def same(one, other):
    tensors = ("x", "y", "mi", "pointwise_mi")
    alike = all(torch.equal(getattr(one, t), getattr(other, t)) for t in tensors)
    return alike and one.family == other.family


@pytest.fixture
def new_family(monkeypatch):
    monkeypatch.setattr(registry, "_REGISTRY", dict(registry._REGISTRY))

    class Newcomer(CorrelatedGaussian):
        name = "aaa_newcomer"

        @classmethod
        def from_prior(cls, batch, p, q, generator, rng=None):
            return cls(0.5 * torch.ones(batch).double())

    return Newcomer


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_names_its_families_and_their_categories(name):
    raw = tomllib.loads((CONFIGS / f"{name}.toml").read_text())
    assert raw["prior"]["narrow"] and raw["prior"]["wide"]
    assert raw["categories"] == list(recipe(name).categories)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_draws_what_it_always_drew(name):
    told = [
        (shape, batch.family) for shape, batch in draws(MetaDistribution(**recipe(name).prior))
    ]
    assert hashlib.sha256(repr(told).encode()).hexdigest()[:16] == DRAWN[name]


@pytest.mark.parametrize("name", RECIPES)
def test_a_new_family_changes_nothing_in_an_old_recipe(name, request):
    prior = MetaDistribution(**recipe(name).prior)
    before = [batch for _, batch in draws(prior, 15)]
    family = request.getfixturevalue("new_family")
    assert get_family("aaa_newcomer") is family and "aaa_newcomer" in list_families()
    after = [batch for _, batch in draws(MetaDistribution(**recipe(name).prior), 15)]
    assert all(same(one, other) for one, other in zip(before, after, strict=True))


def test_a_new_family_needs_no_more_than_a_weight_in_a_new_recipe(new_family):
    prior = MetaDistribution(narrow={"aaa_newcomer": 1.0}, warp=0.0, erase=0.0, independence=0.0)
    batch = prior.draw(3, 10, 1, 1, torch.Generator().manual_seed(0), rng=random.Random(0))
    assert batch.family == "aaa_newcomer"
    with pytest.raises(ValueError, match="no such family: .*'newcomer'.*'aaa_newcomer'"):
        MetaDistribution(narrow={"newcomer": 1.0})


def test_a_name_belongs_to_one_family(new_family):
    with pytest.raises(ValueError, match="'gaussian' belongs to Gaussian already"):
        type("Other", (CorrelatedGaussian,), {"name": "gaussian"})
    # a class that is defined again, as in a notebook, takes its own place
    again = {"name": "aaa_newcomer", "__module__": new_family.__module__}
    again["__qualname__"] = new_family.__qualname__
    newer = type("Newcomer", (CorrelatedGaussian,), again)
    assert get_family("aaa_newcomer") is newer is not new_family


@pytest.mark.parametrize("of", RECIPES)
def test_no_family_of_the_prior_draws_more_categories_than_the_recipe_says(of):
    low, high = recipe(of).categories
    most = 0
    for name in MetaDistribution(**recipe(of).prior).narrow:
        for seed in range(12):
            generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
            family = get_family(name).from_prior(8, 1, 1, generator, rng)
            x, y = family.draw(600, generator)
            sides = [(x, family.x_discrete), (y, family.y_discrete)]
            counts = [len(v.unique()) for side, flags in sides if any(flags) for v in side]
            most = max([most, *counts])
    assert low < most <= high


def test_mist_3_draws_structural_models_and_keeps_the_order():
    config = recipe("mist-3")
    assert config.net.extended
    drawn = [batch for _, batch in draws(MetaDistribution(**config.prior), 60)]
    assert 0.15 < sum("structural" in batch.family for batch in drawn) / 60 < 0.5
    assert any(any(batch.x_ordered + batch.y_ordered) for batch in drawn)
    for batch in drawn:
        tensors = batch.x, batch.y, batch.mi, batch.pointwise_mi
        assert all(bool(torch.isfinite(values).all()) for values in tensors)


@pytest.mark.parametrize("name", list_weights())
def test_a_shipped_card_holds_the_prior_of_its_recipe(name):
    config, card = recipe(name), load_card(name)
    prior = asdict(MetaDistribution(**config.prior))
    held = card["config"]["prior"]
    assert {key: held[key] for key in prior} == {
        key: list(value) if isinstance(value, tuple) else value for key, value in prior.items()
    }
    for side in ("narrow", "wide"):
        assert list(held[side].items()) == list(prior[side].items())
    assert card["trained"]["categories"] == card["config"]["categories"] == list(config.categories)


def test_an_exported_card_holds_the_weights_of_the_families(tmp_path):
    run = Trainer(replace(TINY, categories=(2, 7)), tmp_path, CPU)
    card = load_card(str(export_weights(run, tmp_path)))
    assert card["config"]["prior"]["narrow"] == MetaDistribution().narrow
    assert card["config"]["prior"]["max_dim"] == 3
    assert card["trained"]["categories"] == card["config"]["categories"] == [2, 7]
