"""Adaptation to a sample: data like it, what is taken and what is refused."""

from __future__ import annotations

import json
import random
import sys

import numpy as np
import pandas as pd
import pytest
import torch

from skmist import InvalidSampleError, adapt, mutual_info
from skmist._sample.sample import make_sample
from skmist.adaptation import call
from skmist.adaptation import families as families_module
from skmist.adaptation.families import families_like
from skmist.adaptation.report import objections
from skmist.cli.main import main
from skmist.pretrain import fine_tuning
from skmist.pretrain.export import export_weights
from skmist.pretrain.trainer import Trainer
from skmist.pretrain.world import World
from skmist.weights import load_card
from tests.pretrain.test_trainer import TINY

RNG = np.random.default_rng(0)
X = RNG.normal(size=(220, 2))
Y = np.column_stack([X[:, 0] + RNG.normal(size=220), RNG.normal(size=220)])
LABELS = np.where(X[:, 0] > 0.0, "high", "low")
WARNED = pytest.mark.filterwarnings("ignore:.*the net 'adapted' was trained:UserWarning")


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Weights of a tiny net."""
    folder = tmp_path_factory.mktemp("start")
    trainer = Trainer(TINY, folder / "run", World("cpu"))
    trainer.run()
    return export_weights(trainer, folder)


def names(prior):
    return [family.describe()["family"] for family in prior.families]


def draws(prior, p, q):
    generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    for _ in range(12):
        chosen = prior.choose(rng)
        n, *columns = chosen.sample_shape(rng)
        batch = chosen.draw(3, n, p, q, generator, rng=rng)
        assert columns == [p, q] and n >= 30 and batch.x.shape == (3, n, p)
        assert batch.y.shape == (3, n, q) and bool(torch.isfinite(batch.pointwise_mi).all())
        yield batch


def test_data_like_numbers(tmp_path):
    pytest.importorskip("zuko")
    prior, notes = families_like(make_sample(X, Y), tmp_path, 0.0, 0)
    rows = ["empirical_regression", "swapped", "coupled_rows"]
    assert names(prior) == rows + 2 * ["flow_transformed"]
    assert notes == [] and prior.n_range == (44, 220)
    assert not any(any(b.x_discrete) for b in draws(prior, 2, 2))
    assert (tmp_path / "X.flow").exists() and (tmp_path / "y.flow").exists()


def test_data_like_a_table_with_classes(tmp_path):
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1].round(), "c": LABELS})
    target = np.where(X[:, 1] > 0.5, "yes", "no")
    prior, notes = families_like(make_sample(frame, target), tmp_path, 0.0, 0)
    assert names(prior) == ["empirical_regression", "coupled_rows"]
    for batch in draws(prior, 3, 1):
        assert batch.y_discrete == (True,) and batch.x_discrete[2]
    if not notes[0].startswith("without flows"):
        assert notes == ["without a flow of X: a column holds categories, or few distinct values"]


def test_a_single_number_needs_no_flow(tmp_path):
    pytest.importorskip("zuko")
    prior, notes = families_like(make_sample(X[:, 0], Y[:, 0]), tmp_path, 0.0, 0)
    assert names(prior) == ["empirical_regression", "coupled_rows"] and notes == []
    wide = np.tile(X, 10) + RNG.normal(size=(220, 20))
    prior, notes = families_like(make_sample(wide, LABELS), tmp_path, 0.0, 0)
    assert names(prior) == ["empirical_regression", "coupled_rows"]
    assert notes == ["without a flow of X: 20 columns, at most 16 are fitted"]


def test_without_zuko_there_is_a_note(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "zuko", None)
    monkeypatch.setattr(families_module.importlib.util, "find_spec", lambda name: None)
    prior, notes = families_like(make_sample(X, Y), tmp_path, 0.0, 0)
    assert notes == ["without flows: pip install skmist[flows] adds them"]
    assert names(prior) == ["empirical_regression", "swapped", "coupled_rows"]


def figures(general, general_cover, own, own_cover):
    return {
        "general": {"relative": general, "coverage": general_cover},
        "own": {"relative": own, "coverage": own_cover},
    }


@pytest.mark.parametrize(
    "after, words",
    [
        (figures(0.40, 0.90, 0.20, 0.88), []),
        (figures(0.43, 0.88, 0.20, 0.88), []),
        (figures(0.45, 0.90, 0.20, 0.88), ["error on general"]),
        (figures(0.40, 0.86, 0.20, 0.88), ["intervals on general"]),
        (figures(0.40, 0.90, 0.31, 0.88), ["error on own"]),
        (figures(0.40, 0.90, 0.20, 0.55), ["intervals on own"]),
        (figures(0.40, float("nan"), 0.31, 0.88), ["intervals on general", "error on own"]),
    ],
)
def test_what_is_worse_is_refused(after, words):
    found = objections(figures(0.40, 0.92, 0.30, 0.60), after)
    assert [any(word in text for text in found) for word in words] == [True] * len(found)
    assert len(found) == len(words)


@WARNED
def test_taken_weights_are_used(start, tmp_path, monkeypatch):
    monkeypatch.setattr(fine_tuning, "_MOST_DRAWS", 2)
    monkeypatch.setattr(call, "objections", lambda before, after: ())
    adapted = adapt(X, Y, folder=tmp_path, weights=start, max_minutes=0.05, device="cpu")
    assert adapted.accepted and adapted.reasons == ()
    assert adapted.weights == str(tmp_path / "adapted.json")
    assert load_card(adapted.weights)["adapted"]["from"] == str(start)
    assert mutual_info(X, Y, weights=adapted.weights, device="cpu").mi >= 0.0
    report = adapted.report
    assert report.index.tolist()[0] == ("general", "before") and len(report) == 4
    assert "taken" in str(adapted) and adapted.before["own"]["families"]
    # again: nothing is left to do, and the answer is the same
    again = adapt(X, Y, folder=tmp_path, weights=start, max_minutes=0.05, device="cpu")
    assert again.before == adapted.before
    with pytest.raises(ValueError, match="holds an adaptation to other data"):
        adapt(X + 1.0, Y, folder=tmp_path, weights=start, device="cpu")


def test_refused_weights_are_removed(start, tmp_path, monkeypatch):
    monkeypatch.setattr(fine_tuning, "_MOST_DRAWS", 2)
    monkeypatch.setattr(call, "objections", lambda before, after: ("it is worse",))
    with pytest.warns(UserWarning, match="were refused, .* stays: it is worse"):
        adapted = adapt(X, LABELS, folder=tmp_path, weights=start, max_minutes=0.02, device="cpu")
    assert not adapted.accepted and adapted.weights == str(start)
    assert not list(tmp_path.glob("adapted.*")) and "it is worse" in str(adapted)


@WARNED
def test_the_command_adapts_and_estimates(start, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fine_tuning, "_MOST_DRAWS", 2)
    monkeypatch.setattr(call, "objections", lambda before, after: ())
    data, folder = tmp_path / "table.csv", tmp_path / "run"
    pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": LABELS}).to_csv(data, index=False)
    groups = [str(data), "--x", "a,b", "--y", "c"]
    own = ["--weights", str(start), "--folder", str(folder), "--device", "cpu"]
    assert main(["fine-tune", *groups, *own, "--minutes", "0.02"]) == 0
    assert "taken: weights=" in capsys.readouterr().out
    weights = ["--weights", str(folder / "adapted.json")]
    assert main(["mi", *groups, *weights, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["mi"] >= 0.0
    assert main(["mi", *groups, *weights, "--method", "ksg"]) == 2
    assert "--weights are of --estimator mist" in capsys.readouterr().err
    assert main(["fine-tune", *groups[:-1], "b", *own]) == 2
    for option in (["--minutes", "soon"], ["--workers", "many"]):
        with pytest.raises(SystemExit):
            main(["fine-tune", *groups, *own, *option])


def test_few_rows_are_refused(tmp_path):
    with pytest.raises(InvalidSampleError, match="has 50 rows that differ, and 64 are needed"):
        adapt(X[:50], Y[:50], folder=tmp_path)
