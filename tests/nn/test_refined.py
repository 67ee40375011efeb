"""Nets that are trained on the sample itself: what they see, and that they have not seen it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import skmist.nn.mist.refined as refined
from skmist import MISTRegressor, MutualInfoFeatureSelector, mutual_info
from skmist.estimators.ask import for_search
from skmist.nn import MIN_REFINED_ROWS
from skmist.nn.mist.learned import LearnedPairs
from skmist.nn.mist.refined import refine
from skmist.nn.mist.side import Side

N = MIN_REFINED_ROWS
RHO = 0.8
TRUTH = -np.log(1 - RHO**2)


def turned(n=N, d=3, seed=0):
    """Two pairs among d uniform columns, turned the faster the farther from a corner."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, n, d))
    y[:, :2] = RHO * x[:, :2] + np.sqrt(1 - RHO**2) * y[:, :2]
    return tuple(_turn(torch.special.ndtr(torch.tensor(side)).numpy(), 3.0) for side in (x, y))


def _turn(side, speed):
    angle = speed * (side**2).sum(1) / side.shape[1]
    a, b = side[:, 0].copy(), side[:, 1].copy()
    side[:, 0], side[:, 1] = (
        np.cos(angle) * a - np.sin(angle) * b,
        np.sin(angle) * a + np.cos(angle) * b,
    )
    return side


def scores(values):
    ranks = values.argsort(0).argsort(0) + 0.5
    return torch.special.ndtri(torch.tensor(ranks / len(values))).float()


def nothing(n):
    """Coordinates of a dictionary that knows nothing."""
    generator = torch.Generator().manual_seed(1)
    return tuple(torch.randn(n, 3, generator=generator, dtype=torch.float64) for _ in range(2))


@pytest.fixture(scope="module")
def sample():
    return turned()


@pytest.fixture(scope="module")
def fitted(sample):
    return MISTRegressor(device="cpu").fit(*sample)


# What they see ------------------------------------------------------------------------------


def test_what_a_dictionary_misses_is_seen(sample, fitted):
    plain = MISTRegressor(device="cpu", refine=False).fit(*sample)
    assert abs(fitted.mi_ - TRUTH) < 0.5 * abs(plain.mi_ - TRUTH)
    low, high = fitted.interval()
    assert low < TRUTH < high


def test_independent_sides_are_not_refined(sample):
    x, y = map(scores, sample)
    assert refine(x, y[torch.randperm(N, generator=torch.manual_seed(0))], nothing(N), 0.0) is None


def test_nets_that_add_nothing_are_left_out(sample):
    x, y = map(scores, sample)
    assert refine(x, y, nothing(N), 5.0) is None


def test_a_function_without_noise_does_no_harm():
    rng = np.random.default_rng(0)
    x = rng.standard_cauchy(size=(N, 2))
    with pytest.warns(UserWarning, match="infinite"):
        found = mutual_info(x, np.column_stack([np.exp(x[:, 0] / 1e3), x[:, 1] ** 3]))
    assert np.isfinite(found.mi) and found.mi > 3.0


# What they have not seen ---------------------------------------------------------------------


def test_batches_are_of_rows_outside_each_fold():
    n = 1003
    inside = refined._inside(n, torch.device("cpu"))
    assert (inside.sum(0) == 1).all()
    index = torch.cat([refined._batch(n, torch.manual_seed(k)) for k in range(30)], dim=1)
    for rows, own in zip(index, inside, strict=True):
        assert not own[rows].any()
        assert len(rows.unique()) == (~own).sum()


def test_a_fold_is_unseen_by_its_nets(sample, monkeypatch):
    monkeypatch.setattr(refined, "_STEPS", 50)
    x, y = map(scores, sample)
    other = y.clone()
    other[: N // 4] = other[: N // 4].flip(0)
    one, two = (refine(x, side, nothing(N), -1.0).nets[1] for side in (y, other))
    same = [
        [torch.equal(a[k], b[k]) for a, b in zip(one.parameters, two.parameters, strict=True)]
        for k in range(4)
    ]
    assert all(same[0])
    assert not any(any(fold) for fold in same[1:])


def test_rows_of_the_sample_keep_what_they_have_and_new_ones_are_placed_beside(sample):
    x, y = (scores(side)[None] for side in sample)
    sides = [Side(side, (False,) * 3) for side in (x, y)]
    learned = LearnedPairs(*sides, refined=True)
    assert learned._refined[0] is not None
    own = learned.coordinates(0, x)
    torch.testing.assert_close(own, learned.own[0], rtol=0, atol=0)
    moved = learned.coordinates(0, x + 1e-4)
    assert not torch.equal(moved, own)
    for one, two in zip(moved[0].T[:2], own[0].T[:2], strict=True):
        assert torch.corrcoef(torch.stack([one, two]))[0, 1] > 0.9
    plain = LearnedPairs(*sides)
    assert learned.rho[0].prod() > plain.rho[0].prod()


# As all of the net's answers ------------------------------------------------------------------


@pytest.mark.parametrize("change", ["rows", "columns", "sides", "scales"])
def test_nothing_but_the_sample_matters(sample, fitted, change):
    x, y = sample
    order = np.random.default_rng(1).permutation(N)
    asked = {
        "rows": (x[order], y[order]),
        "columns": (x[:, ::-1], y),
        "sides": (y, x),
        "scales": (np.exp(x), y**3),
    }
    assert MISTRegressor(device="cpu").fit(*asked[change]).mi_ == fitted.mi_


def test_many_at_once_say_the_same_and_draw_nothing_of_the_callers(sample, fitted):
    x, y = sample
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    many = MISTRegressor(device="cpu").estimate_many([(x[:500], y[:500]), (x, y)])
    assert many[1] == fitted.mi_
    assert torch.equal(torch.rand(1), expected)


def test_rows_are_read_by_the_same_views(sample, fitted):
    plain = MISTRegressor(device="cpu", refine=False).fit(*sample)
    few = [side[:50] for side in sample]
    assert not np.allclose(fitted.score_samples(*few), plain.score_samples(*few))
    assert fitted.predict(sample[0]).mean() == pytest.approx(fitted.mi_)


def test_tests_and_searches_do_without(sample, monkeypatch):
    def refuse(*_):
        raise AssertionError("refined")

    monkeypatch.setattr("skmist.nn.mist.learned.refine", refuse)
    x, y = sample
    net = MISTRegressor(device="cpu")
    with pytest.raises(AssertionError, match="refined"):
        net.estimate_many([(x, y)])
    assert not for_search(net).refine
    assert np.isfinite(net._statistic([net._read_samples([(x, y)])[0]])).all()
    selector = MutualInfoFeatureSelector(1, estimator=net, criterion="mim")
    assert selector.fit(np.hstack([x[:, :1], y[:, 2:]]), y[:, :2]).n_features_ == 1
    small = x[: N - 1], y[: N - 1]
    assert np.isfinite(net.estimate_many([small])).all()
