"""Bounds where y has parts: against loops, against exact MI, what they refuse."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from skmist.nn import BOUNDS, DonskerVaradhan, InfoNCE, Interpolated, JensenShannon
from skmist.nn.bound import off_diagonal

WITH_PARTS = [name for name in BOUNDS if BOUNDS[name].takes_parts]


def draws(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def by_masks_of_infinity(scores):
    """InfoNCE as the paper writes it: each own location against all locations of the others."""
    n, _, k = scores.shape
    values = []
    for i in range(n):
        others = scores[i].clone()
        others[i] = -math.inf
        for part in range(k):
            candidates = torch.cat([scores[i, i, part][None], others.flatten()])
            values.append(torch.log_softmax(candidates, 0)[0] + math.log((n - 1) * k + 1))
    return torch.stack(values).mean()


def pairs_in_loops(scores):
    """Scores of pairs drawn together, and of all others, entry by entry."""
    n, _, k = scores.shape
    places = [(i, j, part) for i in range(n) for j in range(n) for part in range(k)]
    together = torch.stack([scores[p] for p in places if p[0] == p[1]])
    apart = torch.stack([scores[p] for p in places if p[0] != p[1]])
    return together, apart


@settings(max_examples=20, deadline=None)
@given(n=st.integers(2, 6), k=st.integers(1, 5), seed=st.integers(0, 99))
def test_infonce_with_all_locations_of_the_others(n, k, seed):
    scores = 3.0 * draws(n, n, k, seed=seed)
    torch.testing.assert_close(InfoNCE()(scores), by_masks_of_infinity(scores))


@settings(max_examples=20, deadline=None)
@given(n=st.integers(2, 6), k=st.integers(1, 5), seed=st.integers(0, 99))
def test_the_others_in_loops(n, k, seed):
    scores = 3.0 * draws(n, n, k, seed=seed)
    together, apart = pairs_in_loops(scores)
    value = together.mean() - apart.exp().mean().log()
    torch.testing.assert_close(DonskerVaradhan()(scores), value)
    loss = -together.sigmoid().log().mean() - (-apart).sigmoid().log().mean()
    torch.testing.assert_close(JensenShannon().loss(scores), loss)
    kept = off_diagonal(scores).flatten().sort().values
    torch.testing.assert_close(kept, apart.sort().values)


@pytest.mark.parametrize("name", WITH_PARTS)
def test_one_part_is_no_part(name):
    scores = draws(5, 5)
    for ask in (lambda b, s: b(s), lambda b, s: b.loss(s), lambda b, s: b.advantage(s)):
        alone = ask(BOUNDS[name](), scores)
        torch.testing.assert_close(ask(BOUNDS[name](), scores[..., None]), alone)


@pytest.mark.parametrize("name", WITH_PARTS)
def test_the_order_of_parts_does_not_matter(name):
    scores = draws(4, 4, 6)
    mixed = scores[:, :, torch.randperm(6, generator=torch.Generator().manual_seed(1))]
    torch.testing.assert_close(BOUNDS[name]()(scores), BOUNDS[name]()(mixed))


@pytest.mark.parametrize("name", WITH_PARTS)
def test_own_parts_are_no_negatives(name):
    scores = draws(4, 4, 3).requires_grad_()
    BOUNDS[name]().loss(scores).backward()
    own = scores.grad.diagonal()
    assert (own < 0.0).all()


def test_true_log_ratio_gives_the_mi_of_a_part():
    # each of 4 parts is a noisy copy of x, the noise of spread 1: MI = log(2) / 2
    n, k = 2000, 4
    x, noise = draws(n), draws(n, k, seed=1)
    y = x[:, None] + noise
    scores = -0.5 * (y[None] - x[:, None, None]) ** 2 + 0.25 * y[None] ** 2 + 0.5 * math.log(2)
    mi = 0.5 * math.log(2)
    assert DonskerVaradhan()(scores) == pytest.approx(mi, abs=0.03)
    assert InfoNCE()(scores) == pytest.approx(mi, abs=0.03)


def test_more_locations_lift_the_ceiling():
    scores = 100.0 * torch.eye(4)[..., None].expand(4, 4, 5)
    assert InfoNCE()(scores) == pytest.approx(math.log(3 * 5 + 1))


@pytest.mark.parametrize(
    ("bound", "shape"),
    [(Interpolated(), (3, 3, 2)), (InfoNCE(), (3, 4, 2)), (InfoNCE(), (1, 1, 2))],
    ids=["interpolated", "not square", "one row"],
)
def test_refusals(bound, shape):
    with pytest.raises(ValueError, match="square matrix of at least 2 rows"):
        bound(torch.zeros(shape))
