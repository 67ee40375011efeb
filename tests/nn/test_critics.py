"""Critics, and MI as a loss term: pairs against all pairs, Gaussian truth, who gets which sign."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from skmist.nn import (
    CLUB,
    NWJ,
    SMILE,
    CompressedCritic,
    DonskerVaradhan,
    GaussianConditional,
    GaussianShortcut,
    InfoNCE,
    JensenShannon,
    JointCritic,
    MutualInfoLoss,
    SeparableCritic,
    adaptive_clip,
    backward_with_adaptive_clip,
    chunked_scores,
)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def rows(n, d, seed=0):
    return torch.randn(n, d, generator=generator(seed), dtype=torch.float64)


def shaken(critic):
    """The critic with weights that are nowhere zero, in float64."""
    source = generator(9)
    with torch.no_grad():
        for parameter in critic.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=source))
    return critic.double()


CRITICS = {
    "separable": lambda: SeparableCritic(3, 2, (8,), n_embedding=4, generator=generator()),
    "deep": lambda: SeparableCritic(3, 2, (8, 6, 5), generator=generator()),
    "bare": lambda: SeparableCritic(3, 2, (8,), shortcut=False, generator=generator()),
    "joint": lambda: JointCritic(3, 2, (8, 6), generator=generator()),
    "joint_bare": lambda: JointCritic(3, 2, (8,), shortcut=False, generator=generator()),
    "conditional": lambda: GaussianConditional(3, 2, (8,), generator=generator()),
    "compressed": lambda: CompressedCritic(SeparableCritic(3, 2, (8,)), 0.1),
}
each = pytest.mark.parametrize("make", CRITICS.values(), ids=CRITICS)


@each
def test_all_pairs_are_the_pairs(make):
    critic, x, y = shaken(make()), rows(5, 3), rows(4, 2, 1)
    scores = critic.scores(x, y)
    assert scores.shape == (5, 4) and scores.std() > 0
    for j in range(4):
        torch.testing.assert_close(critic(x, y[j].expand(5, 2)), scores[:, j])


@each
@pytest.mark.parametrize("pairs_at_once", [1, 7, None])
def test_chunks_change_nothing(make, pairs_at_once):
    critic, x, y = shaken(make()), rows(5, 3), rows(4, 2, 1)
    chunked = chunked_scores(critic, x, y, pairs_at_once=pairs_at_once)
    torch.testing.assert_close(chunked, critic.scores(x, y))
    assert not chunked.requires_grad


@pytest.mark.parametrize("name", ["separable", "deep", "bare", "joint", "joint_bare"])
def test_a_new_critic_knows_nothing_and_can_learn(name):
    critic = CRITICS[name]().double()
    x, y = rows(30, 3), rows(30, 2, 1)
    scores = critic.scores(x, y)
    assert not scores.any()
    InfoNCE().loss(scores + 0.0).backward()
    slopes = [p.grad for p in critic.parameters() if p.grad is not None]
    assert sum(float(slope.abs().sum()) for slope in slopes) > 0


@each
def test_weights_come_from_the_generator_alone(make):
    before = torch.random.get_rng_state()
    first, second = make(), make()
    if not isinstance(first, CompressedCritic):
        assert torch.equal(before, torch.random.get_rng_state())
        for a, b in zip(first.parameters(), second.parameters(), strict=True):
            assert torch.equal(a, b)


def test_the_shortcut_is_the_log_ratio_of_a_gaussian():
    rng = np.random.default_rng(0)
    root = rng.normal(size=(5, 5))
    covariance = root @ root.T + np.eye(5)
    mean = rng.normal(size=5)
    x, y = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))

    def log_density(z, index):
        block = covariance[np.ix_(index, index)]
        z = z - mean[index]
        quadratic = np.einsum("ni,ij,nj->n", z, np.linalg.inv(block), z)
        return -0.5 * (quadratic + np.linalg.slogdet(2 * np.pi * block)[1])

    of_x, of_y = [0, 1, 2], [3, 4]
    expected = log_density(np.hstack([x, y]), of_x + of_y) - log_density(x, of_x)
    expected -= log_density(y, of_y)

    whiten_x, whiten_y = (
        np.linalg.inv(np.linalg.cholesky(covariance[np.ix_(i, i)])).T for i in (of_x, of_y)
    )
    left, rho, right = np.linalg.svd(whiten_x.T @ covariance[np.ix_(of_x, of_y)] @ whiten_y)
    shortcut = GaussianShortcut(3, 2).double()
    to_tensor = torch.as_tensor
    shortcut.set_gaussian(
        to_tensor(rho),
        (to_tensor(whiten_x @ left[:, :2]), to_tensor(whiten_y @ right.T)),
        (to_tensor(mean[of_x]), to_tensor(mean[of_y])),
    )
    found = shortcut(to_tensor(x), to_tensor(y))
    np.testing.assert_allclose(found.detach().numpy(), expected, atol=1e-10)


def test_the_conditional_density_integrates_to_1():
    q = shaken(GaussianConditional(1, 1, (4,)))
    grid = torch.linspace(-60, 60, 60_001, dtype=torch.float64)[:, None]
    density = q.scores(rows(3, 1), grid).exp()
    np.testing.assert_allclose(density.sum(1).detach().numpy() * 0.002, 1.0, atol=1e-6)


def test_compression_is_smooth_and_leaves_scores_within_its_limits():
    critic = CompressedCritic(shaken(SeparableCritic(1, 1, (4,))), 2.0)
    within, high = torch.tensor([-2.0, 0.0, 2.0]), torch.tensor([3.0, 1e6], requires_grad=True)
    assert critic._compressed(within).tolist() == within.tolist()
    found = critic._compressed(high)
    assert found.tolist() == pytest.approx([2 + math.log(2), 2 + math.log(1e6 - 1)], abs=1e-4)
    assert torch.equal(critic._compressed(-high), -found)
    (slope,) = torch.autograd.grad(found.sum(), high)
    assert slope[0].item() == pytest.approx(0.5)


@pytest.mark.parametrize("wrong", [lambda: SeparableCritic(0, 1), lambda: JointCritic(1, 0)])
def test_a_critic_needs_columns(wrong):
    with pytest.raises(ValueError, match="is 0, but a critic needs at least 1 column"):
        wrong()


def test_a_joint_critic_needs_a_layer():
    with pytest.raises(ValueError, match="hidden_layer_sizes is empty"):
        JointCritic(1, 1, ())


# Loss terms -------------------------------------------------------------------------------


def term_and_slopes(bound, critic, direction):
    """The term, its gradient by x, and by the critic; and those of the bound's own loss."""
    x, y = rows(12, 3).requires_grad_(), rows(12, 2, 1)
    term = MutualInfoLoss(bound, critic, direction=direction)(x, y)
    parameters = list(critic.parameters())
    options = {"allow_unused": True, "materialize_grads": True}
    of_x, *of_critic = torch.autograd.grad(term.loss, [x, *parameters], **options)
    plain = torch.autograd.grad(bound.loss(critic.scores(x, y)), [x, *parameters], **options)
    return term, of_x, of_critic, plain[0], plain[1:]


@pytest.mark.parametrize("bound", [DonskerVaradhan(1.0), NWJ(), InfoNCE()])
@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_who_gets_which_sign(bound, direction, monkeypatch):
    monkeypatch.setattr(type(bound), "advantage", lambda self, scores: torch.ones(()))
    critic = shaken(SeparableCritic(3, 2, (8,)))
    term, of_x, of_critic, plain_x, plain_critic = term_and_slopes(bound, critic, direction)
    sign = 1.0 if direction == "maximize" else -1.0
    assert plain_x.abs().max() > 0
    torch.testing.assert_close(of_x, sign * plain_x)
    for found, expected in zip(of_critic, plain_critic, strict=True):
        torch.testing.assert_close(found, expected)
    assert not term.estimate.requires_grad
    assert float(term.loss.detach()) == pytest.approx(-sign * float(term.estimate))


@pytest.mark.parametrize("bound", [DonskerVaradhan(), NWJ(), InfoNCE(), JensenShannon(), SMILE()])
def test_an_encoder_is_not_led_by_a_critic_worse_than_none(bound):
    critic = shaken(SeparableCritic(3, 2, (8,)))
    with torch.no_grad():
        critic.shortcut.cross.fill_(9.0)
    _, of_x, of_critic, plain_x, plain_critic = term_and_slopes(bound, critic, "minimize")
    assert plain_x.abs().max() > 0 and not of_x.any()
    assert max(slope.abs().max() for slope in of_critic) > 0
    _, of_x, *_ = term_and_slopes(bound, critic, "maximize")
    assert of_x.any()


def test_an_upper_bound_is_lowered_by_the_encoder_and_fitted_by_the_critic(monkeypatch):
    monkeypatch.setattr(CLUB, "advantage", lambda self, scores: torch.ones(()))
    critic = shaken(GaussianConditional(3, 2, (8,)))
    term, of_x, of_critic, _, plain_critic = term_and_slopes(CLUB(), critic, "minimize")
    x, y = rows(12, 3).requires_grad_(), rows(12, 2, 1)
    value = CLUB()(critic.scores(x, y))
    torch.testing.assert_close(of_x, torch.autograd.grad(value, x)[0])
    for found, expected in zip(of_critic, plain_critic, strict=True):
        torch.testing.assert_close(found, expected)
    assert float(term.loss.detach()) == float(term.estimate) == pytest.approx(value.item())


@pytest.mark.parametrize(("bound", "make"), [
    ("infonce", lambda: SeparableCritic(1, 1, (8,), generator=generator())),
    ("jensen_shannon", lambda: SeparableCritic(1, 1, (8,), generator=generator())),
    ("club", lambda: GaussianConditional(1, 1, (8,), generator=generator())),
])  # fmt: skip
def test_a_bottleneck_closes(bound, make):
    """The gain of a noisy channel falls under the term alone."""
    source = generator(1)
    gain = nn.Parameter(torch.tensor(1.5))
    critic = make()
    term = MutualInfoLoss(bound, critic, direction="minimize")
    optimizer = torch.optim.Adam([
        {"params": [gain], "lr": 0.01}, {"params": critic.parameters(), "lr": 0.03},
    ])  # fmt: skip
    first = None
    for _ in range(300):
        x = torch.randn(64, 1, generator=source)
        z = gain * x + torch.randn(64, 1, generator=source)
        optimizer.zero_grad()
        loss, _ = term(x, z)
        loss.backward()
        optimizer.step()
        first = gain.item() if first is None else first
    assert abs(gain.item()) < 1.0 < first


def test_maximizing_opens_a_channel():
    source = generator(1)
    gain = nn.Parameter(torch.tensor(0.5))
    critic = SeparableCritic(1, 1, (8,), generator=generator())
    term = MutualInfoLoss("infonce", critic, direction="maximize")
    optimizer = torch.optim.Adam([gain, *critic.parameters()], lr=0.01)
    for _ in range(150):
        x = torch.randn(64, 1, generator=source)
        optimizer.zero_grad()
        term(x, gain * x + torch.randn(64, 1, generator=source)).loss.backward()
        optimizer.step()
    assert gain.item() > 1.0


def test_directions_are_explicit():
    critic = SeparableCritic(1, 1)
    with pytest.raises(TypeError):
        MutualInfoLoss("nwj", critic)
    with pytest.raises(ValueError, match="direction is 'up'; pass 'maximize'"):
        MutualInfoLoss("nwj", critic, direction="up")
    with pytest.raises(ValueError, match="CLUB is an upper bound"):
        MutualInfoLoss("club", GaussianConditional(1, 1), direction="maximize")


def test_adaptive_clip_follows_the_paper():
    main = [torch.tensor([3.0]), torch.tensor([[4.0]])]
    long = [torch.tensor([6.0]), torch.tensor([[8.0]])]
    short = [torch.tensor([0.6]), torch.tensor([[0.8]])]
    zero = [torch.zeros(1), torch.zeros(1, 1)]
    assert [g.item() for g in adaptive_clip(main, long)] == pytest.approx([3.0, 4.0])
    assert [g.item() for g in adaptive_clip(main, short)] == pytest.approx([0.6, 0.8])
    assert [g.item() for g in adaptive_clip(main, zero)] == [0.0, 0.0]
    assert [g.item() for g in adaptive_clip(zero, long)] == [0.0, 0.0]


def test_backward_with_adaptive_clip_adds_to_grad():
    a, b = nn.Parameter(torch.tensor([1.0])), nn.Parameter(torch.tensor([2.0]))
    a.grad = torch.tensor([10.0])
    backward_with_adaptive_clip(2 * a.sum(), 30 * b.sum() + 40 * a.sum(), [a, b])
    assert a.grad.item() == pytest.approx(10 + 2 + 2 * 0.8)
    assert b.grad.item() == pytest.approx(2 * 0.6)
