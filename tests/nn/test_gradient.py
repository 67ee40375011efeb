"""Gradients of the MI against exact ones, and the module that gives them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn.functional import cosine_similarity

from skmist.datasets import (
    CorrelatedGaussian,
    Gaussian,
    GaussianClasses,
    GaussianMixture,
    SingleIndexRegression,
    StudentT,
)
from skmist.nn import MISTInformation, MISTLoss, MISTNet, NetConfig
from skmist.nn.gradient.law import Law
from skmist.weights import load_weights

FIVE = torch.diag(torch.tensor([0.8, 0.7, 0.5, 0.4, 0.2]))
FIVE = torch.cat([torch.cat([torch.eye(5), FIVE], 1), torch.cat([FIVE, torch.eye(5)], 1)])


@pytest.fixture(scope="module")
def information():
    return MISTInformation(load_weights("mist-3", "cpu"))


def draw(family, n=1000, seed=0):
    x, y = family.draw(n, torch.Generator().manual_seed(seed), torch.float64)
    return x[0], y[0]


def exact(family, x, y, side, step=1e-4):
    """Gradient of the true pointwise MI in one side, by central differences."""
    found = torch.zeros_like((x, y)[side])
    for j in range(found.shape[1]):
        above, below = [x.clone(), y.clone()], [x.clone(), y.clone()]
        above[side][:, j] += step
        below[side][:, j] -= step
        apart = [family.log_ratio(a[None], b[None])[0] for a, b in (above, below)]
        found[:, j] = (apart[0] - apart[1]) / (2 * step)
    return found


def gradients(information, x, y):
    leaves = [side.clone().requires_grad_(side.is_floating_point()) for side in (x, y)]
    mi = information(*leaves).mi
    wanted = [leaf for leaf in leaves if leaf.requires_grad]
    return [len(x) * g for g in torch.autograd.grad(mi, wanted)]


CASES = {
    "gaussian": (CorrelatedGaussian(0.7), 0.99, 0.99),
    "narrow gaussian": (CorrelatedGaussian(0.95), 0.99, 0.99),
    "gaussian of five columns": (Gaussian(FIVE, 5), 0.98, 0.98),
    "student": (StudentT([[1.0, 0.6], [0.6, 1.0]], 3.0), 0.98, 0.98),
    "sine": (SingleIndexRegression(lambda z: torch.sin(2 * z), 0.5), 0.97, 0.95),
}


@pytest.mark.parametrize("name", CASES)
def test_gradients_of_both_sides_are_near_the_exact_ones(information, name):
    family, *least = CASES[name]
    x, y = draw(family)
    for side, found in enumerate(gradients(information, x, y)):
        truth = exact(family, x, y, side)
        assert cosine_similarity(found.flatten(), truth.flatten(), dim=0) > least[side]
        assert 0.9 < found.norm() / truth.norm() < 1.1


@pytest.mark.parametrize("seed", range(3))
def test_few_rows_of_many_columns_do_not_hide_a_curve(information, seed):
    family = SingleIndexRegression(torch.sin, 0.3, (1.0, -1.0, 0.5, 0.0, 0.0))
    x, y = draw(family, 500, seed=10 + seed)  # for which BIC takes one Gaussian
    for side, found in enumerate(gradients(information, x, y)):
        truth = exact(family, x, y, side)
        assert cosine_similarity(found.flatten(), truth.flatten(), dim=0) > 0.87


@pytest.mark.parametrize("family", [Gaussian(FIVE, 5), StudentT(FIVE.numpy(), 4.0, 5)])
@pytest.mark.parametrize("n", [40, 500])
def test_straight_laws_are_not_taken_for_curves(family, n):
    for seed in range(5):
        law = Law(*draw(family, n, seed), torch.Generator().manual_seed(0))
        assert law.name.startswith("1 ")


def test_classes_that_differ_in_spread_alone(information):
    spreads = [torch.diag(torch.tensor([s, 1.0, 1.0])).numpy() for s in (0.3, 2.0)]
    family = GaussianClasses([0.5, 0.5], [[0.0] * 3] * 2, spreads)
    x, y = draw(family)
    (found,) = gradients(information, x, y.long())
    truth = exact(family, x, y, 0)
    assert cosine_similarity(found.flatten(), truth.flatten(), dim=0) > 0.95


def test_gradient_along_a_motion_is_the_derivative_of_the_true_information(information):
    # x + t y has with y the correlation (rho + t) / sqrt(1 + 2 rho t + t^2)
    rho, step = 0.6, 1e-4
    x, y = draw(CorrelatedGaussian(rho), 2000)

    def mi(t):
        r = (rho + t) / math.sqrt(1 + 2 * rho * t + t * t)
        return -0.5 * math.log1p(-r * r)

    truth = (mi(step) - mi(-step)) / (2 * step)
    found = gradients(information, x, y)[0]
    assert (found * y).mean() == pytest.approx(truth, rel=0.1)


def test_moving_x_along_functions_of_x_changes_nothing(information):
    x, y = draw(CorrelatedGaussian(0.8), 2000)
    found = gradients(information, x, y)[0]
    size = found.norm() / len(x) ** 0.5
    for motion in (torch.ones_like(x), x, torch.sin(x)):
        assert abs((found * motion).mean()) < 0.1 * size


def test_value_is_near_that_of_the_estimator_and_lies_among_its_quantiles(information):
    family = CorrelatedGaussian(0.8)
    x, y = draw(family, 1000)
    mi, quantiles = information(x, y)
    assert quantiles.shape == (11,) and quantiles[5] == mi
    assert (quantiles.diff() >= 0).all() and quantiles[1] < family.mutual_information
    assert family.mutual_information < quantiles[-2]


def test_same_batch_in_another_order_has_the_same_answer(information):
    x, y = draw(SingleIndexRegression(torch.sin, 0.3, (1.0, 0.5)), 300)
    order = torch.randperm(300, generator=torch.Generator().manual_seed(1))
    one, other = gradients(information, x, y), gradients(information, x[order], y[order])
    assert information(x, y).mi == information(x[order], y[order]).mi
    for a, b in zip(one, other, strict=True):
        assert torch.equal(a[order], b)


def test_batches_get_what_each_gets_alone(information):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(3, 200, 2, generator=generator)
    y = x[..., :1] + torch.randn(3, 200, 1, generator=generator)
    x.requires_grad_()
    mi, quantiles = information(x, y)
    assert mi.shape == (3,) and quantiles.shape == (3, 11)
    (together,) = torch.autograd.grad(mi.sum(), x)
    for a, b, c, value in zip(x, y, together, mi, strict=True):
        leaf = a.detach().requires_grad_()
        alone = information(leaf, b).mi
        assert alone.item() == pytest.approx(value.item(), abs=1e-5)
        assert torch.allclose(torch.autograd.grad(alone, leaf)[0], c, atol=1e-6)


def test_either_side_may_be_categories(information):
    generator = torch.Generator().manual_seed(0)
    y = torch.randint(3, (300,), generator=generator)
    x = (torch.randn(300, 2, generator=generator) + y[:, None]).requires_grad_()
    one, other = information(x, y).mi, information(y, x).mi
    assert one.item() == pytest.approx(other.item(), abs=1e-3)
    first, second = (torch.autograd.grad(mi, x)[0] for mi in (one, other))
    assert torch.allclose(first, second)
    assert information(y, y).mi == pytest.approx(math.log(3), abs=0.02)


def test_labels_of_several_columns_count_together(information):
    generator = torch.Generator().manual_seed(0)
    signs = torch.randint(2, (400, 2), generator=generator)
    x = torch.randn(400, 1, generator=generator) + 3 * signs[:, :1].logical_xor(signs[:, 1:])
    x.requires_grad_()
    mi = information(x, signs).mi
    mi.backward()
    assert mi > 0.3 and x.grad.norm() > 0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_get_gradients_of_their_own(information, dtype):
    x, y = draw(CorrelatedGaussian(0.8), 200)
    leaf = x.to(dtype).requires_grad_()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mi = information(leaf, y).mi
    mi.backward()
    assert mi.dtype == torch.float32 and leaf.grad.dtype == dtype
    assert torch.isfinite(leaf.grad).all()


def test_columns_without_news_get_finite_gradients(information):
    x, y = draw(CorrelatedGaussian(0.8), 200)
    repeated = torch.cat([x, torch.ones_like(x), 2 * x], dim=1).requires_grad_()
    information(repeated, y).mi.backward()
    assert torch.isfinite(repeated.grad).all() and repeated.grad[:, 1].abs().max() == 0


def test_an_extended_net_serves_as_well():
    net = MISTNet(NetConfig(dim=16, depth=1, heads=2, cell_dim=8, extended=True, max_rows=32))
    x, y = draw(CorrelatedGaussian(0.8), 200)
    leaf = x.requires_grad_()
    MISTInformation(net)(leaf, y).mi.backward()
    assert leaf.grad.norm() > 0


def _channel(x, y):
    """Log density of y = x + 0.3 noise, both of one column."""
    return torch.distributions.Normal(x[:, 0], 0.3).log_prob(y[:, 0])


def test_a_known_channel_leaves_only_the_law_of_y_to_be_fitted(information):
    generator = torch.Generator().manual_seed(0)
    bumps = 2.0 * (torch.arange(1000) % 2 * 2 - 1)[:, None]
    x = bumps + 0.5 * torch.randn(1000, 1, generator=generator)
    y = x + 0.3 * torch.randn(1000, 1, generator=generator)
    leaves = [side.double().requires_grad_() for side in (x, y)]
    mi = information(*leaves, _channel).mi
    found = torch.autograd.grad(mi, leaves)
    spread = math.hypot(0.5, 0.3)
    bumps = [torch.distributions.Normal(center, spread) for center in (-2.0, 2.0)]
    marginal = torch.logaddexp(*(bump.log_prob(leaves[1][:, 0]) for bump in bumps))
    exact = torch.autograd.grad((_channel(*leaves) - marginal).mean(), leaves)
    for ours, truth in zip(found, exact, strict=True):
        assert cosine_similarity(ours.flatten(), truth.flatten(), dim=0) > 0.998
        assert float(ours.norm() / truth.norm()) == pytest.approx(1.0, abs=0.02)
    assert torch.equal(mi.detach(), information(*(leaf.detach() for leaf in leaves)).mi)


def test_a_channel_that_moves_with_its_code_has_no_noise_in_its_gradient(information):
    generator = torch.Generator().manual_seed(0)
    mean, noise = torch.randn(2, 300, 1, generator=generator)
    log_spread = torch.tensor(-2.0, requires_grad=True)
    channel = torch.cat([mean, log_spread.expand(300, 1)], dim=1)

    def density(rows, z):
        return torch.distributions.Normal(rows[:, 0], rows[:, 1].exp()).log_prob(z[:, 0])

    information(channel, mean + log_spread.exp() * noise, density).mi.backward()
    # I = log(1 + exp(-2 log_spread)) / 2
    assert float(log_spread.grad) == pytest.approx(-1 / (1 + math.exp(-4.0)), abs=0.03)


def test_without_gradients_nothing_is_fitted(information, monkeypatch):
    monkeypatch.setattr("skmist.nn.gradient.information.Law", None)
    x, y = draw(CorrelatedGaussian(0.8), 100)
    assert not information(x, y).mi.requires_grad
    with torch.no_grad():
        information(x.requires_grad_(), y)


def test_the_net_is_a_frozen_copy():
    net = load_weights("mist-3", "cpu")
    information = MISTInformation(net).to(torch.float64)
    assert not [p for p in information.parameters() if p.requires_grad]
    assert {p.dtype for p in net.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (torch.zeros(20, 1), torch.zeros(19, 1), "as many batches and rows"),
        (torch.zeros(20, 0), torch.zeros(20, 1), "at least one column"),
        (torch.zeros(9, 1), torch.zeros(9, 1), "9 rows, but the net needs 10"),
        (torch.zeros(20, 1), torch.zeros(20, 1, device="meta"), "y on meta and the net on cpu"),
        (torch.full((20, 1), torch.nan), torch.zeros(20, 1), "x has values that are not finite"),
        (torch.rand(200, 1, requires_grad=True), torch.arange(200) % 65, "65 categories"),
    ],
)
def test_what_cannot_be_used_is_refused(information, x, y, message):
    with pytest.raises(ValueError, match=message):
        information(x, y)


def test_a_channel_that_cannot_be_used_is_refused(information):
    x = torch.randn(20, 1, requires_grad=True)
    with pytest.raises(ValueError, match=r"returned shape \(20, 1\) for 20 rows: return \(20,\)"):
        information(x, x.detach() + 1.0, lambda x, y: -((x - y) ** 2))
    with pytest.raises(ValueError, match="a side has categories: leave it out"):
        information(x, torch.arange(20) % 2, _channel)


@pytest.mark.parametrize("maximize", [True, False])
def test_a_step_along_the_loss_raises_or_lowers_the_information(maximize):
    term = MISTLoss(load_weights("mist-3", "cpu"), maximize=maximize)
    x, y = draw(CorrelatedGaussian(0.6), 500)
    leaf = x.requires_grad_()
    loss, before = term(leaf, y)
    loss.backward()
    after = term(x.detach() - 50.0 * leaf.grad, y).estimate
    assert loss.item() == pytest.approx(-before.item() if maximize else before.item())
    assert not before.requires_grad and (after > before) == maximize


def test_independent_components_are_found():
    generator = torch.Generator().manual_seed(0)
    sources = torch.rand(500, 2, generator=generator) - 0.5
    whole = sources @ torch.tensor([[1.0, 0.6], [0.3, 1.0]])
    values, vectors = torch.linalg.eigh(torch.cov(whole.T))
    white = whole @ vectors / values.sqrt()
    term = MISTLoss(load_weights("mist-3", "cpu"), maximize=False)
    angle = torch.tensor(0.3, requires_grad=True)
    optimizer = torch.optim.Adam([angle], lr=0.15)
    for _ in range(12):
        optimizer.zero_grad()
        c, s = angle.cos(), angle.sin()
        turned = white @ torch.stack([torch.stack([c, -s]), torch.stack([s, c])])
        term(turned[:, 0], turned[:, 1]).loss.backward()
        optimizer.step()
    outputs = turned.detach()
    found = torch.corrcoef(torch.cat([outputs, sources], dim=1).T)[:2, 2:].abs()
    assert found.amax(1).min() > 0.99


def test_the_law_does_not_hang_on_where_its_fit_starts():
    family = GaussianMixture([0.25] * 4, *_overlapping(), 2)
    x, y = draw(family, seed=1)
    found = {Law(x, y, torch.Generator().manual_seed(seed)).name for seed in range(4)}
    assert found == {"4 Gaussian"}


def _overlapping():
    rng = np.random.default_rng(2)
    means, roots = 1.5 * rng.normal(size=(4, 4)), 0.5 * rng.normal(size=(4, 4, 4))
    return means, roots @ roots.transpose(0, 2, 1) + 0.3 * np.eye(4)
