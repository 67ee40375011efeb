"""Bounds: against loops over their definitions, finite differences, extremes, Gaussians."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from skmist.nn import (
    BOUNDS,
    CLUB,
    NWJ,
    SMILE,
    DonskerVaradhan,
    InfoNCE,
    Interpolated,
    JensenShannon,
    make_bound,
)
from skmist.nn.bound import log_mean_exp, off_diagonal

ALPHAS = (0.0, 0.3, 1.0)


def pairs(n):
    return [(i, j) for i in range(n) for j in range(n) if i != j]


def joint(s):
    return np.mean([s[i, i] for i in range(len(s))])


def by_hand_dv(s):
    return joint(s) - math.log(np.mean([math.exp(s[i, j]) for i, j in pairs(len(s))]))


def by_hand_nwj(s):
    return joint(s) - np.mean([math.exp(s[i, j] - 1.0) for i, j in pairs(len(s))])


def by_hand_js(s):
    return by_hand_nwj(s + 1.0)


def by_hand_infonce(s):
    n = len(s)
    terms = [s[i, i] - math.log(sum(math.exp(s[i, j]) for j in range(n)) / n) for i in range(n)]
    return np.mean(terms)


def by_hand_smile(s, clip=5.0):
    clipped = [math.exp(min(max(s[i, j], -clip), clip)) for i, j in pairs(len(s))]
    return joint(s) - math.log(np.mean(clipped))


def by_hand_interpolated(s, alpha=0.5):
    """Every choice of n - 1 draws of x, one by one."""
    n = len(s)

    def baseline(rows, j):
        return alpha * np.mean([math.exp(s[i, j]) for i in rows]) + 1.0 - alpha

    own, product = [], []
    for j in range(n):
        for left_out in range(n):
            rows = [i for i in range(n) if i != left_out]
            if left_out == j:
                a = baseline(rows, j)
                product += [math.exp(s[i, j]) / a for i in rows]
            else:
                own.append(s[j, j] - math.log(baseline(rows, j)))
    return 1.0 + np.mean(own) - np.mean(product)


def by_hand_club(s):
    return joint(s) - np.mean([s[i, j] for i, j in pairs(len(s))])


CASES = [
    (DonskerVaradhan(), by_hand_dv),
    (NWJ(), by_hand_nwj),
    (JensenShannon(), by_hand_js),
    (InfoNCE(), by_hand_infonce),
    (SMILE(), by_hand_smile),
    (SMILE(clip=0.5), lambda s: by_hand_smile(s, 0.5)),
    *[(Interpolated(a), lambda s, a=a: by_hand_interpolated(s, a)) for a in ALPHAS],
    (CLUB(), by_hand_club),
]
each = pytest.mark.parametrize(
    ("bound", "by_hand"), CASES, ids=[f"{type(b).__name__}-{i}" for i, (b, _) in enumerate(CASES)]
)


def random_scores(n=6, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return 1.2 * torch.randn(n, n, generator=generator, dtype=torch.float64)


@each
@pytest.mark.parametrize("n", [2, 3, 7])
def test_value_is_its_definition(bound, by_hand, n):
    scores = random_scores(n, n)
    assert float(bound(scores)) == pytest.approx(by_hand(scores.numpy()), abs=1e-12)


@each
def test_gradient_of_the_value(bound, by_hand):
    scores = random_scores().requires_grad_()
    torch.autograd.gradcheck(bound, (scores,), eps=1e-6, atol=1e-7)


@pytest.mark.parametrize("bound", [NWJ(), JensenShannon(), InfoNCE(), Interpolated(), CLUB()])
def test_gradient_of_the_loss(bound):
    torch.autograd.gradcheck(bound.loss, (random_scores().requires_grad_(),), eps=1e-6, atol=1e-7)


@each
@pytest.mark.parametrize("size", [1e3, 1e6])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_nothing_overflows(bound, by_hand, size, dtype):
    del by_hand
    for pattern in (random_scores(), -random_scores(), 1.0 - torch.eye(6), torch.eye(6)):
        scores = (size * pattern).to(dtype).requires_grad_()
        value, loss = bound(scores), make_bound(bound).loss(scores)
        slopes = torch.autograd.grad(value, scores, retain_graph=True)[0]
        slopes_of_loss = torch.autograd.grad(loss, scores)[0]
        for found in (value, loss, slopes, slopes_of_loss):
            assert torch.isfinite(found).all()


@pytest.mark.parametrize("size", [7.0, 20.0, 300.0])
def test_nwj_of_a_bad_critic_has_a_bounded_slope_and_stays_a_lower_bound(size):
    scores = torch.full((4, 4), size, dtype=torch.float64, requires_grad=True)
    value = NWJ()(scores)
    (slope,) = torch.autograd.grad(value, scores)
    assert slope.abs().sum() < 1.0 + math.exp(5.0) + 1e-9
    # Donsker-Varadhan's value, which is no larger than the MI
    assert value.item() < float(DonskerVaradhan()(scores.detach()))


def test_one_draw_that_is_nearly_all_of_a_sum_can_be_left_out():
    scores = random_scores()
    scores[2, 4] = 60.0
    value = float(Interpolated(0.5)(scores))
    assert value == pytest.approx(by_hand_interpolated(scores.numpy(), 0.5), rel=1e-9)


def test_interpolated_ends_at_nwj_and_at_infonce_of_fewer_draws():
    scores = random_scores()
    assert float(Interpolated(0.0)(scores)) == pytest.approx(float(NWJ()(scores + 1.0)), abs=1e-12)
    s, n = scores.numpy(), 6
    fewer = [
        s[j, j] - math.log(np.mean([math.exp(s[i, j]) for i in range(n) if i != left_out]))
        for j in range(n)
        for left_out in range(n)
        if left_out != j
    ]
    assert float(Interpolated(1.0)(scores)) == pytest.approx(np.mean(fewer), abs=1e-12)


def test_donsker_varadhan_divides_by_the_moving_average():
    bound, rate, average = DonskerVaradhan(rate=0.2), 0.2, None
    for seed in range(4):
        scores = random_scores(seed=seed).requires_grad_()
        s = scores.detach().numpy()
        partition = np.mean([math.exp(s[i, j]) for i, j in pairs(6)])
        average = partition if average is None else (1 - rate) * average + rate * partition
        (gradient,) = torch.autograd.grad(bound.loss(scores), scores)
        expected = np.exp(s) / 30 / average
        np.fill_diagonal(expected, -1 / 6)
        np.testing.assert_allclose(gradient.numpy(), expected, rtol=1e-10)
        assert float(bound.log_average) == pytest.approx(math.log(average), abs=1e-12)


def test_an_average_of_one_batch_leaves_the_gradient_as_it_is():
    bound = DonskerVaradhan(rate=1.0)
    for seed in range(2):
        scores = random_scores(seed=seed).requires_grad_()
        (of_loss,) = torch.autograd.grad(bound.loss(scores), scores)
        (of_value,) = torch.autograd.grad(bound(scores), scores)
        np.testing.assert_allclose(of_loss.numpy(), -of_value.numpy(), atol=1e-14)


def test_the_average_is_kept_where_the_partition_overflows():
    bound = DonskerVaradhan()
    for shift in (0.0, 5000.0, -5000.0):
        loss = bound.loss(random_scores() + shift)
        assert torch.isfinite(loss)
    assert math.isfinite(float(bound.log_average))


@pytest.mark.parametrize("bound", [JensenShannon(), SMILE()])
def test_jensen_shannon_loss_is_the_cross_entropy(bound):
    s = random_scores().numpy()
    share = 1.0 / (1.0 + np.exp(-s))
    positive = -np.mean(np.log(np.diagonal(share)))
    negative = -np.mean([math.log(1.0 - share[i, j]) for i, j in pairs(6)])
    assert float(bound.loss(random_scores())) == pytest.approx(positive + negative, abs=1e-12)


@pytest.mark.parametrize("bound", [JensenShannon(), SMILE()])
def test_advantage_of_jensen_shannon_is_its_divergence(bound):
    scores = random_scores()
    nothing = float(bound.loss(torch.zeros_like(scores)))
    assert float(bound.advantage(scores)) == pytest.approx(nothing - float(bound.loss(scores)))
    assert float(bound.advantage(torch.zeros_like(scores))) == pytest.approx(0.0, abs=1e-12)


@each
def test_a_critic_that_knows_nothing_has_no_advantage(bound, by_hand):
    del by_hand
    scores = torch.full((5, 5), bound.offset, dtype=torch.float64)
    assert float(bound.advantage(scores)) == pytest.approx(0.0, abs=1e-12)


def gaussian_scores(rho, n, seed):
    """Log-ratios of a Gaussian pair, and the log conditional densities, all n * n of them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = rho * x + math.sqrt(1 - rho**2) * rng.normal(size=n)
    unexplained = 1 - rho**2
    conditional = -0.5 * (y - rho * x[:, None]) ** 2 / unexplained
    conditional -= 0.5 * math.log(2 * math.pi * unexplained)
    ratio = conditional + 0.5 * y**2 + 0.5 * math.log(2 * math.pi)
    return torch.as_tensor(ratio), torch.as_tensor(conditional)


@pytest.mark.parametrize("name", [name for name in BOUNDS if name != "club"])
def test_the_best_critic_reaches_the_mi_of_a_gaussian(name):
    bound, rho = make_bound(name), 0.8
    values = [float(bound(gaussian_scores(rho, 600, s)[0] + bound.offset)) for s in range(4)]
    assert np.mean(values) == pytest.approx(-0.5 * math.log(1 - rho**2), abs=0.04)


@pytest.mark.parametrize("name", ["donsker_varadhan", "nwj", "infonce", "interpolated"])
def test_another_critic_stays_below(name):
    bound = make_bound(name)
    best = gaussian_scores(0.8, 500, 0)[0]
    for wrong in (0.5 * best, 1.3 * best, best + torch.sin(3 * best)):
        assert float(bound(wrong + bound.offset)) < float(bound(best + bound.offset)) + 0.01


def test_club_lies_above_the_mi():
    values = [float(CLUB()(gaussian_scores(0.8, 500, seed)[1])) for seed in range(3)]
    # E of the bound at the true density: rho^2 / (1 - rho^2)
    assert np.mean(values) == pytest.approx(0.64 / 0.36, abs=0.15)
    assert min(values) > -0.5 * math.log(0.36)


def test_ceilings():
    scores = 1000.0 * torch.eye(8)
    assert float(InfoNCE()(scores)) == pytest.approx(math.log(8), abs=1e-4)
    assert InfoNCE().ceiling(8) == math.log(8)
    assert float(Interpolated(0.5)(scores)) <= Interpolated(0.5).ceiling(8) + 1e-3
    assert float(Interpolated(0.5)(scores)) == pytest.approx(math.log(7 / 0.5), abs=1e-3)
    assert DonskerVaradhan().ceiling(8) == Interpolated(0.0).ceiling(8) == math.inf


def test_helpers():
    matrix = torch.arange(9.0).view(3, 3)
    assert off_diagonal(matrix).tolist() == [[1, 2], [3, 5], [6, 7]]
    assert float(log_mean_exp(matrix)) == pytest.approx(math.log(np.exp(np.arange(9)).mean()))
    assert log_mean_exp(matrix, 1).shape == (3,)


def test_unknown_names_and_shapes_are_refused():
    with pytest.raises(ValueError, match="bound is 'mine'; pass one of donsker_varadhan, nwj"):
        make_bound("mine")
    for shape in ((3,), (2, 3), (1, 1)):
        with pytest.raises(ValueError, match="square matrix of at least 2 rows"):
            NWJ()(torch.zeros(shape))
        with pytest.raises(ValueError, match="square matrix of at least 2 rows"):
            NWJ().loss(torch.zeros(shape))
    for wrong in (lambda: DonskerVaradhan(0.0), lambda: SMILE(0.0), lambda: Interpolated(1.5)):
        with pytest.raises(ValueError, match="Pass for example"):
            wrong()
    assert make_bound("nwj") is not make_bound("nwj")
