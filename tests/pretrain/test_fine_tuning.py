"""Fine-tuning: from weights to weights, with what was measured, and on after a stop."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from skmist import MISTRegressor, mutual_info
from skmist.datasets import (
    CorrelatedGaussian,
    FamilyPrior,
    JointTable,
    MetaDistribution,
    Transformed,
)
from skmist.pretrain import fine_tune
from skmist.pretrain import fine_tuning as module
from skmist.pretrain.export import export_weights
from skmist.pretrain.measure import measure
from skmist.pretrain.trainer import Trainer
from skmist.pretrain.world import World
from skmist.weights import load_card, load_weights
from tests.pretrain.test_trainer import TINY

CPU = World("cpu")
OWN = FamilyPrior([CorrelatedGaussian(0.5), JointTable], n_range=(20, 60))


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Weights of a tiny net."""
    folder = tmp_path_factory.mktemp("start")
    trainer = Trainer(TINY, folder / "run", CPU)
    trainer.run()
    return export_weights(trainer, folder)


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    monkeypatch.setattr(module, "_MOST_DRAWS", 4)


def tuned(start, folder, **settings):
    settings = {"steps": 12, "device": "cpu", **settings}
    return fine_tune(start, OWN, folder=folder, **settings)


def test_weights_and_card_are_written(start, tmp_path):
    path = tuned(start, tmp_path)
    card = load_card(path)
    assert card["steps"] == 12 and card["trained"]["n"] == [10, 60]
    assert card["adapted"]["sha256"] == load_card(start)["sha256"]
    assert card["adapted"]["to"]["mixture"][1]["prior"]["families"][1] == "joint_table"
    figures = card["results"]["fine_tuning"]
    for when in ("before", "after"):
        for prior in ("general", "own"):
            assert figures[when][prior]["draws"] == 4
            assert 0.0 <= figures[when][prior]["coverage"] <= 1.0
    assert figures["before"] != figures["after"]
    before, after = (load_weights(p, "cpu").state_dict() for p in (start, path))
    assert any(not torch.equal(before[k], after[k]) for k in before)
    # the general prior is still that of the recipe, to go on from
    assert MetaDistribution(**card["config"]["prior"]).n_range == [10, 40]
    assert not (tmp_path / "trial").exists()


def test_estimators_take_the_path(start, tmp_path):
    path = tuned(start, tmp_path)
    x = np.random.default_rng(0).normal(size=(40, 2))
    found = mutual_info(x[:, :1], x.sum(1), weights=path, device="cpu")
    fitted = MISTRegressor(weights=path, device="cpu").fit(x[:, :1], x.sum(1))
    assert found.mi == pytest.approx(fitted.mi_)
    assert found == mutual_info(x[:, :1], x.sum(1), weights=str(path), device="cpu")
    assert found.mi != mutual_info(x[:, :1], x.sum(1), weights=start, device="cpu").mi
    with pytest.raises(ValueError, match="estimator='ksg' takes none"):
        mutual_info(x[:, :1], x.sum(1), estimator="ksg", weights=path)


def test_a_stopped_run_goes_on(start, tmp_path):
    whole = tuned(start, tmp_path / "whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_export", lambda trainer, *_: trainer.step)
        # time for one step
        assert tuned(start, tmp_path / "parts", max_minutes=1e-9) == 1
    parts = tuned(start, tmp_path / "parts")
    one, other = (load_weights(p, "cpu").state_dict() for p in (whole, parts))
    for name, value in one.items():
        torch.testing.assert_close(value, other[name], atol=1e-6, rtol=1e-5)
    # and a finished one has nothing to do
    again = tuned(start, tmp_path / "parts")
    assert load_card(again)["sha256"] == load_card(parts)["sha256"]


def test_the_steps_fit_the_time(start, tmp_path):
    path = tuned(start, tmp_path, steps=None, max_minutes=0.05)
    assert load_card(path)["steps"] >= 1
    assert json.loads((tmp_path / "plan.json").read_text())["steps"] >= 10
    # a run of many steps keeps a log
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != "log.txt") == [
        "adapted",
        "adapted.json",
        "adapted.safetensors",
        "plan.json",
    ]


def test_it_learns_what_it_is_shown(start, tmp_path, monkeypatch):
    # one law, always the same; from almost nothing, so as fast as a first training
    monkeypatch.setattr(module, "_RATES", {"learning_rate": 3e-3, "final_learning_rate": 1e-4})
    own = FamilyPrior([Transformed(CorrelatedGaussian(0.9))], (40, 60), independence=0.0)
    path = fine_tune(start, own, folder=tmp_path, steps=30, device="cpu")
    figures = load_card(path)["results"]["fine_tuning"]
    before, after = (figures[when]["own"] for when in ("before", "after"))
    assert after["error"] < 0.8 * before["error"]


def test_draws_are_determined_by_the_seed(start):
    net = load_weights(start, "cpu")
    first, same, other = (measure(net, TINY, OWN, 3, CPU.device, seed=seed) for seed in (0, 0, 1))
    assert first == same and first != other and first.draws == 3
    assert measure(net, TINY, OWN, 3, CPU.device, max_seconds=0.0).draws == 1


def test_another_run_is_not_overwritten(start, tmp_path):
    tuned(start, tmp_path)
    with pytest.raises(ValueError, match="holds a fine-tuning with another 'to'"):
        fine_tune(start, JointTable, folder=tmp_path, steps=12, device="cpu")
    with pytest.raises(ValueError, match="another 'from'"):
        fine_tune("mist-3", OWN, folder=tmp_path, steps=12, device="cpu")


@pytest.mark.parametrize(
    "settings, match",
    [
        ({"general_share": 0.4}, "at least 0.5"),
        ({"general_share": 1.0}, "below 1"),
        ({"max_minutes": 0.0}, "positive number of minutes"),
    ],
)
def test_bad_settings(start, tmp_path, settings, match):
    with pytest.raises(ValueError, match=match):
        tuned(start, tmp_path, **settings)
    with pytest.raises(AttributeError, match="no attribute 'coarse_tune'"):
        from skmist import pretrain

        _ = pretrain.coarse_tune
