"""The information bottleneck: exact bounds, what beta does, scikit-learn's checks."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
import torch
from sklearn.datasets import load_wine
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmist import InformationBottleneckClassifier
from skmist.bottleneck.net import BottleneckNet
from skmist.bottleneck.training import BottleneckTrainer, Recipe, density_bound, vib_rate

QUICK = {
    "hidden_layer_sizes": (16,),
    "n_components": 3,
    "learning_rate_init": 0.01,
    "batch_size": 64,
    "max_iter": 30,
    "device": "cpu",
}
ENCODERS = ("gaussian", "additive", "propagated")


def blobs(n=240, seed=0):
    """Three classes around the corners of a triangle, and a column of noise."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    corners = np.array([[0.0, 0.0, 0.0], [3.0, 0.0, 0.0], [0.0, 3.0, 0.0]])
    return corners[y] + rng.normal(size=(n, 3)), y


def classifier(**parameters):
    return InformationBottleneckClassifier(**{**QUICK, "random_state": 0, **parameters})


def additive_net(n_columns, noise_scale):
    """An encoder that passes X on and adds noise."""
    net = BottleneckNet("additive", (n_columns, n_columns), 2, 0.0, noise_scale).double()
    with torch.no_grad():
        net.encoder.of_x[0].weight.copy_(torch.eye(n_columns))
        net.encoder.of_x[0].bias.zero_()
    net.encoder.scale = torch.nn.Identity()
    return net


# The defaults pass as well, in 30 seconds.
@parametrize_with_checks([InformationBottleneckClassifier(**QUICK)])
def test_scikit_learn(estimator, check):
    check(estimator)


# What it measures ---------------------------------------------------------------------------


@pytest.mark.parametrize(("n_columns", "noise"), [(1, 1.0), (2, 0.5), (3, 1.5)])
def test_the_density_bound_is_the_mi_of_a_gaussian_channel(n_columns, noise, monkeypatch):
    monkeypatch.setattr("skmist.bottleneck.training._BLOCK", 800)  # two blocks of 750 rows
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(1500, n_columns, generator=generator, dtype=torch.float64)
    truth = 0.5 * n_columns * math.log1p(noise**-2)
    value = density_bound(additive_net(n_columns, noise), x, generator)
    assert value == pytest.approx(truth, abs=0.05)


def test_the_density_bound_is_at_most_the_logarithm_of_the_rows():
    x = torch.arange(20.0, dtype=torch.float64)[:, None]
    value = density_bound(additive_net(1, 1e-3), x, torch.Generator().manual_seed(0))
    assert value == pytest.approx(math.log(20), abs=1e-9)


def test_the_rate_is_the_divergence_from_the_standard_normal():
    net = additive_net(2, 0.7)
    x = torch.tensor([[0.5, -1.0], [2.0, 0.0]], dtype=torch.float64)
    ours = torch.distributions.Normal(x, 0.7)
    standard = torch.distributions.Normal(torch.zeros(2), torch.ones(2))
    expected = torch.distributions.kl_divergence(ours, standard).sum(1).mean()
    assert float(vib_rate(net, x)) == pytest.approx(float(expected))


def test_the_rate_is_above_the_information():
    net = classifier(regularizer="vib").fit(*blobs())
    X = blobs(600, seed=1)[0]
    rate = vib_rate(net.net_, net.net_.encoder.channel(torch.as_tensor(X))).detach()
    assert float(rate) > net.mutual_information(X) - 0.05


def test_a_propagated_code_is_measured_by_a_critic():
    X, y = blobs(900)
    net = classifier(encoder="propagated", regularizer=None, max_iter=5).fit(X, y)
    net.net_.encoder.scale = torch.nn.Identity()
    with torch.no_grad():  # make of it a known channel: Z = X + noise
        first, last = net.net_.encoder.of_both[0], net.net_.encoder.of_both[-1]
        first.weight.zero_()
        first.weight[:3, :3] = first.weight[:3, 3:] = torch.eye(3)
        first.bias.fill_(20.0)  # keeps ReLU out of the way
        last.weight.zero_()
        last.weight[:3, :3] = torch.eye(3)
        last.bias.fill_(-20.0)
    rng = np.random.default_rng(2)
    net._rows = (rng.normal(size=(2000, 3)), net._rows[1])
    truth = 1.5 * math.log(2.0)
    assert net.mutual_information(rng.normal(size=(1500, 3))) == pytest.approx(truth, abs=0.15)


def test_no_noise_is_infinite_information():
    net = classifier(encoder="additive", noise_scale=0.0, regularizer=None).fit(*blobs())
    assert net.mutual_information_ == math.inf
    assert net.score(*blobs(seed=1)) > 0.85


# What beta does -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("regularizer", "encoder"),
    [
        *(("vib", encoder) for encoder in ENCODERS[:2]),
        *(("mine", encoder) for encoder in ENCODERS),
        *(("mist", encoder) for encoder in ENCODERS),
    ],
)
@pytest.mark.filterwarnings("ignore::skmist.BoundWarning")
def test_a_heavy_beta_lowers_the_information(regularizer, encoder):
    X, y = blobs()
    held = blobs(400, seed=1)[0]
    light, heavy = (
        classifier(regularizer=regularizer, encoder=encoder, beta=beta).fit(X, y)
        for beta in (0.0, 1.0)
    )
    assert heavy.mutual_information(held) < light.mutual_information(held) - 0.3


@pytest.mark.parametrize("encoder", ENCODERS[:2])
def test_the_pretrained_net_tells_what_the_code_keeps(encoder):
    net = classifier(regularizer="mist", encoder=encoder, beta=0.1).fit(*blobs(600))
    told = np.mean(net.information_curve_[-5:])
    assert told == pytest.approx(net.mutual_information(blobs(1000, seed=1)[0]), abs=0.3)


@pytest.mark.parametrize("bound", ["infonce", "donsker_varadhan"])
def test_the_encoder_does_not_run_from_its_critic(bound):
    net = classifier(bound=bound, beta=3.0, max_iter=60).fit(*blobs())
    assert np.isfinite(net.loss_curve_).all()
    assert min(net.information_curve_[10:]) > -0.5  # runs to -10,000 where nothing holds it


@pytest.mark.filterwarnings("ignore::skmist.BoundWarning")
@pytest.mark.parametrize("beta", [0.0, 1.0])
def test_the_encoder_lowers_what_its_critic_raises(beta):
    net = additive_net(2, 0.5).float()
    recipe = Recipe("mine", beta, "infonce", (16,), 0.0, 1e-2, 64, None)
    trainer = BottleneckTrainer(net, recipe, torch.Generator().manual_seed(0))
    x = torch.randn(512, 2, generator=torch.Generator().manual_seed(1))
    y = torch.arange(512) % 2  # nothing to learn about the labels
    information = [trainer.epoch(x, y)[1] for _ in range(12)]
    truth = density_bound(net, x, torch.Generator().manual_seed(2))
    if beta == 0.0:
        assert truth > 1.0
        assert information[-1] == pytest.approx(truth, abs=0.3)
    else:
        assert truth < 0.5


@pytest.mark.parametrize("encoder", ENCODERS[:2])
def test_columns_of_far_scales_are_learned_as_fast(encoder):
    torch.manual_seed(0)
    net = BottleneckNet(encoder, (3, 2), 3, 0.0, 1.0)
    with torch.no_grad():
        net.encoder.of_x[0].weight[:2] *= torch.tensor([[0.1], [1e3]])
    X = torch.as_tensor(blobs(600)[0], dtype=torch.float32)
    net.train()
    net.begin_pass()
    means = net.encoder.law(net.encoder.channel(X))[0]
    torch.testing.assert_close(means.std(0), torch.ones(2), atol=0.2, rtol=0)
    net.eval()  # a pass of one batch leaves the means of that batch
    torch.testing.assert_close(
        net.encoder.law(net.encoder.channel(X))[0], means, atol=0.01, rtol=0
    )


def test_a_code_without_density_is_learned_under_the_pretrained_net():
    X, y = load_wine(return_X_y=True)
    X = (X - X.mean(0)) / X.std(0)
    settings = {"encoder": "propagated", "regularizer": "mist", "random_state": 0, "device": "cpu"}
    net = InformationBottleneckClassifier(**settings, max_iter=40).fit(X[::2], y[::2])
    assert net.score(X[1::2], y[1::2]) > 0.9  # where a scale was left to drift: 0.6


# scikit-learn's shape -----------------------------------------------------------------------


@pytest.mark.parametrize("encoder", ENCODERS)
def test_classifies_and_transforms(encoder):
    X, y = blobs()
    labels = np.array(["c", "a", "b"])[y]
    net = classifier(encoder=encoder, beta=0.01).fit(X, labels)
    new, truth = blobs(300, seed=1)
    assert net.score(new, np.array(["c", "a", "b"])[truth]) > 0.85
    probabilities = net.predict_proba(new)
    np.testing.assert_allclose(probabilities.sum(1), 1.0)
    np.testing.assert_allclose(np.log(probabilities), net.predict_log_proba(new))
    assert net.transform(new).shape == (300, 3)
    assert len(net.get_feature_names_out()) == 3
    assert len(net.loss_curve_) == len(net.information_curve_) == net.n_iter_ == 30


@pytest.mark.parametrize("encoder", ENCODERS)
def test_an_answer_does_not_depend_on_its_batch(encoder):
    X, y = blobs()
    net = classifier(encoder=encoder, max_iter=3).fit(X, y)
    alone = np.vstack([net.predict_proba(row[None]) for row in X[:20]])
    np.testing.assert_allclose(alone, net.predict_proba(X)[:20], atol=1e-12)


def test_the_seed_decides_and_torch_is_left_alone():
    X, y = blobs()
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first, second = (classifier(dropout=0.2, max_iter=3).fit(X, y) for _ in range(2))
    assert torch.rand(1) == expected
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))
    assert first.mutual_information_ == second.mutual_information_ > 0.0
    other = classifier(dropout=0.2, max_iter=3, random_state=1).fit(X, y)
    assert not np.array_equal(first.predict_proba(X), other.predict_proba(X))


def test_early_stopping_keeps_the_best_net():
    X, y = blobs()
    net = classifier(
        early_stopping=True, max_iter=200, n_iter_no_change=3, validation_fraction=0.4
    ).fit(X, y)
    assert net.n_iter_ < 200
    best = int(np.argmax(net.validation_scores_))
    assert net.n_iter_ == best + 1 + 3
    held = net._rows[1]
    kept = {tuple(row) for row in held}
    labels = y[[tuple(row) in kept for row in X]]
    rows = X[[tuple(row) in kept for row in X]]
    assert net.score(rows, labels) == pytest.approx(max(net.validation_scores_))


def test_label_smoothing_and_dropout_temper_the_probabilities():
    X, y = blobs()
    plain = classifier(regularizer=None).fit(X, y).predict_proba(X).max(1).mean()
    for parameter, gap in (("label_smoothing", 0.1), ("dropout", 0.02)):
        net = classifier(regularizer=None, **{parameter: 0.4}).fit(X, y)
        assert net.score(X, y) > 0.85
        assert net.predict_proba(X).max(1).mean() < plain - gap


def test_a_copy_answers_alike():
    X, y = blobs()
    net = classifier(encoder="propagated", max_iter=3).fit(X, y)
    copy = pickle.loads(pickle.dumps(net))
    np.testing.assert_array_equal(copy.predict_proba(X), net.predict_proba(X))


def test_unfitted():
    assert not hasattr(InformationBottleneckClassifier(), "mutual_information_")
    with pytest.raises(NotFittedError):
        InformationBottleneckClassifier().predict(blobs()[0])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"encoder": "uniform"}, "encoder is 'uniform'; pass one of 'gaussian'"),
        ({"regularizer": "kl"}, "regularizer is 'kl'; pass one of 'mine', 'vib', 'mist', None"),
        ({"regularizer": "vib", "encoder": "propagated"}, "Pass regularizer='mine'"),
        ({"noise_scale": 0.0}, "without noise I\\(X; Z\\) is infinite"),
        ({"beta": -1.0}, "beta is -1.0, but must be a number at least 0"),
        ({"dropout": 1.0}, "dropout is 1.0, but must be a number at least 0 and below 1"),
        ({"batch_size": 3}, "batch_size is 3, but must be a whole number of at least 4"),
        ({"hidden_layer_sizes": (8, 0)}, "hidden_layer_sizes is \\(8, 0\\)"),
        ({"bound": "best"}, "bound is 'best'"),
        ({"device": "cuda:99"}, "device"),
    ],
)
def test_refuses_parameters(parameters, message):
    with pytest.raises((ValueError, RuntimeError), match=message):
        classifier(**parameters).fit(*blobs())


def test_refuses_too_few_rows():
    net = classifier(max_iter=1).fit(*blobs())
    with pytest.raises(ValueError, match="X has 4 row"):
        net.mutual_information(blobs()[0][:4])
