"""Nets on a device other than the CPU: the same answers, and nothing left behind on the CPU."""

from __future__ import annotations

import importlib
import inspect
import tempfile
import textwrap

import numpy as np
import pytest
import torch

from skmist import DeepInfoMax, InformationBottleneckClassifier, MINEEstimator, MISTRegressor
from skmist import _device as devices
from skmist.datasets import CorrelatedGaussian, FamilyPrior
from skmist.nn import MISTInformation
from skmist.pretrain.trainer import Trainer
from skmist.pretrain.world import World
from skmist.weights import DEFAULT_WEIGHTS, load_weights
from tests.pretend import NAME, OnDevice, pretended
from tests.pretrain.test_trainer import TINY

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 2))
NUMBERS = X[:, 0] + RNG.normal(size=120)
LABELS = np.digitize(NUMBERS, [-1, 0.5])
CURVE = np.column_stack([np.sin(2 * X[:, 0]) + 0.2 * RNG.normal(size=120)])
IMAGES = RNG.normal(size=(40, 8, 8))


def predicted(device):
    mist = MISTRegressor(device=device).fit(X, NUMBERS)
    samples = [(X, NUMBERS), (X[:50], LABELS[:50])]
    rows = mist.predict(X[:5]), mist.score_samples(X[:5], NUMBERS[:5])
    return mist.mi_, mist.interval(), *rows, mist.estimate_many(samples)


def differentiated(device):
    information = MISTInformation(load_weights(DEFAULT_WEIGHTS, device))
    found = []
    for target in (CURVE, LABELS):
        sides = [torch.as_tensor(side).to(device) for side in (X[:, :1], target)]
        leaves = [side.requires_grad_(side.is_floating_point()) for side in sides]
        mi, quantiles = information(*leaves)
        mi.backward()
        grads = [leaf.grad.cpu().numpy() for leaf in leaves if leaf.requires_grad]
        found += [quantiles.cpu().numpy(), *grads]
    return found


def critic(device):
    mine = MINEEstimator(max_iter=2, device=device).fit(X, NUMBERS)
    rows = mine.predict(X[:5]), mine.score_samples(X[:5], NUMBERS[:5])
    return mine.mi_, *rows, mine.score(X[::-1], NUMBERS)


def bottleneck(device, **settings):
    net = InformationBottleneckClassifier(max_iter=2, random_state=0, device=device, **settings)
    net.fit(X, LABELS)
    return net.predict_proba(X), net.transform(X), net.loss_curve_, net.mutual_information_


def rate(device):
    return bottleneck(device, regularizer="vib", early_stopping=True)


def told(device):
    return bottleneck(device, regularizer="mist")


def infomax(device):
    return DeepInfoMax(max_iter=2, random_state=0, device=device).fit(IMAGES).transform(IMAGES)


def trained(device):
    with tempfile.TemporaryDirectory() as folder:
        prior = FamilyPrior([CorrelatedGaussian(0.5)], n_range=(20, 60))
        trainer = Trainer(TINY, folder, World(device), prior=prior, quiet=True)
        trainer.run()
        average = trainer.learners["tiny"].average.state_dict()
    return [value.cpu().numpy() for value in average.values()]


WORK = {
    f.__name__: f for f in (predicted, differentiated, critic, bottleneck, rate, told, infomax)
}
WORK |= {"trained": trained}


def flat(found):
    parts = found if isinstance(found, (tuple, list)) else [found]
    return np.concatenate([np.asarray(part, dtype=float).ravel() for part in parts])


@pytest.mark.parametrize("name", WORK)
def test_another_device_has_the_answers_of_the_cpu(name):
    here = flat(WORK[name]("cpu"))
    with pretended():
        there = flat(WORK[name](NAME))
    assert np.isfinite(here).all()
    assert np.abs(here - there).max() < 5e-6


# where a transfer was taken out, or a source of random numbers is the CPU's
MUTATIONS = {
    "held sample": (
        "estimators.mist.held",
        "HeldSamples._tensor",
        ", device=self.device",
        "predicted",
    ),
    "law of a batch": ("nn.gradient.mixture", "_fit", ".to(rows.device)", "differentiated"),
    "critic": ("estimators.mine.training", "_Trainer.__init__", ".to(self.x.device)", "critic"),
    "noise": ("bottleneck.net", "BottleneckNet.noise_like", ", device=x.device", "bottleneck"),
    "generator": (
        "bottleneck.classifier",
        "InformationBottleneckClassifier._train",
        "(self.device_).manual_seed",
        "bottleneck",
        "().manual_seed",
    ),
    "images": ("infomax.training", "Trainer._tensor", "self.device, ", "infomax"),
    "answer": ("infomax.training", "Trainer.output", ".cpu()", "infomax"),
    "net": ("pretrain.learner", "Learner.__init__", ".to(world.device)", "trained"),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_transfer_that_is_missing_is_noticed(name, monkeypatch):
    module, path, piece, work, *instead = MUTATIONS[name]
    module = importlib.import_module(f"skmist.{module}")
    replace(monkeypatch, module, path, piece, "".join(instead))
    with pretended(), pytest.raises((RuntimeError, TypeError)):
        WORK[work](NAME)


def replace(monkeypatch, module, path, piece, instead):
    """Put a function of a module in place that has another piece of source."""
    owner = module
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    source = textwrap.dedent(inspect.getsource(getattr(owner, name)))
    assert piece in source
    scope = dict(vars(module))
    exec(compile(source.replace(piece, instead), module.__file__, "exec"), scope)
    monkeypatch.setattr(owner, name, scope[name])


@pytest.mark.parametrize(
    "mixed",
    [
        lambda x: x + torch.ones(3),
        lambda x: torch.cat([x, torch.ones(3)]),
        lambda x: torch.ones(3)[x > 0],
        lambda x: x.numpy(),
        lambda x: np.asarray(x),
        lambda x: torch.randn(3, generator=torch.Generator(), device=NAME),
        lambda x: x.normal_(generator=torch.Generator()),
        lambda x: torch.randn(3, generator=torch.Generator(NAME)),
        lambda x: torch.nn.Linear(3, 1)(x),
    ],
)
def test_the_pretended_device_refuses_what_a_gpu_refuses(mixed):
    with pretended():
        x = torch.ones(3, device=NAME)
        with pytest.raises((RuntimeError, TypeError)):
            mixed(x)


def test_the_pretended_device_allows_what_a_gpu_allows():
    with pretended():
        x = torch.arange(3.0).to(NAME)
        assert isinstance(x[torch.tensor([0, 2])] * torch.tensor(2.0), OnDevice)
        assert x.cpu().tolist() == x.tolist() == [0.0, 1.0, 2.0]
        assert torch.zeros(3).copy_(x).device.type == "cpu"
        assert x.device == torch.device("cuda:0") and torch.zeros_like(x).is_cuda


@pytest.mark.parametrize("device", ["cuda", "cuda:1"])
def test_a_gpu_that_is_not_there(device):
    if torch.cuda.is_available():
        pytest.skip("there is one")
    with pytest.raises(ValueError, match="torch finds 0 CUDA devices. Pass device='auto'"):
        MISTRegressor(device=device).fit(X, NUMBERS)


def test_a_device_without_double_precision(monkeypatch):
    def zeros(*shape, dtype=None, device=None):
        raise TypeError("Cannot convert a MPS Tensor to float64 dtype")

    devices._works.cache_clear()
    monkeypatch.setattr(torch, "zeros", zeros)
    with pytest.raises(ValueError, match="know float64, which 'mps' does not"):
        devices.resolve_device("mps")
    monkeypatch.undo()
    devices._works.cache_clear()
    with pytest.raises(ValueError, match="device='mps' is not a device that nets can run on"):
        MISTRegressor(device="mps").fit(X, NUMBERS)
