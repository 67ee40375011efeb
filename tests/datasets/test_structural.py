"""Random structural models: their truth against fresh rows, their columns, their draws."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch
from scipy import stats

from skmist.datasets import MetaDistribution, Structural
from skmist.datasets.families.structural import family as module
from skmist.datasets.families.structural.columns import KINDS, draw_kind, draw_levels
from skmist.datasets.families.structural.graph import Graph
from skmist.datasets.families.structural.noise import LAWS
from tests.datasets.family_checks import check_derivative, check_truth

TARGETS = ("continuous", "far", "classes", "counts", "steps", "several")
SCIPY_LAWS = {
    "normal": stats.norm(),
    "uniform": stats.uniform(-1.0, 2.0),
    "laplace": stats.laplace(),
    "exponential": stats.expon(),
    "gumbel": stats.gumbel_r(),
    "student_2": stats.t(2),
    "student_4": stats.t(4),
}


def drawn(seed, p=4, q=1, batch=6):
    generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
    return Structural.from_prior(batch, p, q, generator, rng), generator


@pytest.fixture
def plan(monkeypatch):
    """Let all families have a target of one kind."""

    def choose(kind, outputs=1):
        monkeypatch.setattr(module, "_draw_plan", lambda q, rng: (kind, outputs))

    return choose


def _given(target, inputs, y):
    """p(y_i | row j) of one distribution, (n, m), from the definition of the target."""
    if hasattr(target, "logits"):
        p = target._log_conditional(inputs)[0].exp()
        return p.T[y[:, 0].long()]
    if hasattr(target, "law"):
        signal, spread = target.signal(inputs)[0], target._spread(inputs)[0]
        return (target.law.log_density((y - signal) / spread) - spread.log()).exp()
    if hasattr(target, "signals"):
        parts = [
            torch.exp(-0.5 * ((y[:, k, None] - s(inputs)[0]) / sigma) ** 2) / sigma
            for k, (s, sigma) in enumerate(zip(target.signals, target.sigmas[0], strict=True))
        ]
        return parts[0] * parts[1] / (2.0 * math.pi)
    signal = target._cut(target.signal(inputs)).double().expand(len(y), -1)
    number = y.double().unsqueeze(1).expand(-1, signal.shape[1], -1)
    rows = [
        target._log_conditional(s[None, :, None], k[None])[0, :, 0]
        for s, k in zip(signal, number, strict=True)
    ]
    return torch.stack(rows).exp()


@pytest.mark.parametrize("kind", TARGETS)
def test_pointwise_mi_against_a_mixture_over_fresh_rows(kind, plan):
    plan(kind, 2 if kind == "several" else 1)
    misses, compared = 0, 0
    for seed in range(6):
        family, generator = drawn(seed, q=2 if kind == "several" else 1, batch=1)
        target = getattr(family.target, "base", family.target)
        scores, _ = family.graph.draw(60_000, generator, torch.float64)
        rows, tested = scores[..., family.active].split([59_800, 200], 1)
        y, pmi = target.draw(tested, generator)
        p = _given(target, rows, y[0])
        own = _given(target, tested, y[0]).diagonal()
        marginal, error = p.mean(1), p.std(1) / math.sqrt(p.shape[1])
        # The mixture is a rougher estimate than the grid where few of its rows lie near.
        clear = error < 0.05 * marginal
        off = (pmi[0] - (own / marginal).log()).abs()
        misses += int((off > 4.0 * error / marginal + 0.03)[clear].sum())
        compared += int(clear.sum())
    assert compared > 500 and misses <= 0.02 * compared


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("p", [1, 5])
def test_mean_pointwise_mi_is_mi(kind, p, plan):
    q = 3 if kind == "several" else 1
    plan(kind, q)
    for seed in range(4):
        family, generator = drawn(seed, p, q)
        x, y, pmi = family.draw_with_pointwise(10_000, generator)
        assert x.shape == (6, 10_000, p) and y.shape == (6, 10_000, q)
        for values in (x, y, pmi):
            assert values.dtype == torch.float32 and bool(torch.isfinite(values).all())
        pmi = pmi.double()
        limit = 4.0 * pmi.std(1) / 100.0 + 4.0 * family.mi_standard_error + 0.004
        # Edges of noise beside levels cost up to a hundredth of a nat where noise is very small.
        limit = limit + (0.01 if kind == "far" else 0.0)
        assert bool(((pmi.mean(1) - family.mi).abs() <= limit).all())


@pytest.mark.parametrize("kind", TARGETS)
def test_standard_errors(kind, plan):
    plan(kind, 2 if kind == "several" else 1)
    families = [drawn(seed, 6, 2, batch=8)[0] for seed in range(20)]
    errors = torch.cat([family.mi_standard_error for family in families])
    assert float(errors.median()) < 0.0015
    assert float((errors > 0.005).double().mean()) < 0.05 and float(errors.max()) < 0.02


@pytest.mark.parametrize("kind", TARGETS)
def test_four_times_the_rows_change_the_mi_by_its_standard_error(kind, plan, monkeypatch):
    plan(kind, 2 if kind == "several" else 1)
    usual = [drawn(seed, 4, 2)[0] for seed in range(6)]

    def large(batch, kinds, generator, rng, m=1024):
        return Graph(batch, kinds, generator, rng, 4 * m)

    monkeypatch.setattr(module, "Graph", large)
    same = 0
    for seed, one in enumerate(usual):
        other = drawn(seed, 4, 2)[0]
        spread = (one.mi_standard_error.square() + other.mi_standard_error.square()).sqrt()
        # Scales of a signal, and of the least noise, are those of its rows: the laws differ, too.
        allowed = 4.0 * spread + 0.005 + 2.0 * _change_of_scales(one, other)
        assert bool(((one.mi - other.mi).abs() <= allowed).all())
        same += int((_change_of_scales(one, other) < 0.01).sum())
    assert same > 6


def _change_of_scales(one, other):
    """How far the scales of two equal models are apart, as logarithms, added up."""
    total = 0.0
    for a, b in zip(_scales(one), _scales(other), strict=True):
        total = total + (a / b).log().abs().flatten(1).sum(-1)
    return total


def _scales(family):
    target = getattr(family.target, "base", family.target)
    signals = getattr(target, "signals", [target.signal] if hasattr(target, "signal") else [])
    ones = torch.ones(family.batch_size, 1)
    return [getattr(target, "sigmas", ones), *(s.scale for s in signals), ones]


@pytest.mark.parametrize("seed", range(8))
def test_public_object(seed):
    family = Structural(3, 1 + seed % 2, seed=seed)
    check_truth(family)
    assert repr(Structural(3, 1 + seed % 2, seed=seed)) == repr(family)


@pytest.mark.parametrize("kind", TARGETS[2:])
def test_derivative(kind, plan):
    plan(kind, 2 if kind == "several" else 1)
    check_derivative(Structural(3, 2, seed=1))


@pytest.mark.parametrize("p, q", [(1, 1), (5, 1), (3, 4), (20, 30)])
def test_pointwise_mi_of_a_draw_is_its_log_ratio(p, q):
    for seed in range(6):
        family, generator = drawn(seed, p, q, batch=3)
        x, y, pmi = family.draw_with_pointwise(200, generator, torch.float64)
        np.testing.assert_allclose(family.log_ratio(x, y), pmi, atol=1e-6)


@pytest.mark.parametrize("p, q", [(1, 1), (12, 1), (2, 9)])
def test_prior_is_determined_by_the_seeds(p, q):
    for seed in range(3):
        pair = [drawn(seed, p, q) for _ in range(2)]
        one, other = (f.draw_with_pointwise(50, g) for f, g in pair)
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
        assert torch.equal(pair[0][0].mi, pair[1][0].mi)


def test_columns_are_what_their_flags_say():
    ordered = unordered = most = mixed = 0
    for seed in range(80):
        family, generator = drawn(seed, 5, 3, batch=1)
        x, y = family.draw(1500, generator)
        mixed += 0 < sum(family.x_discrete) < 5
        sides = (x, family.x_discrete, family.x_ordered), (y, family.y_discrete, family.y_ordered)
        for values, discrete, order in sides:
            for column, d, o in zip(values.unbind(-1), discrete, order, strict=True):
                assert d or not o
                if d:
                    assert torch.equal(column, column.round()) and float(column.min()) >= 0.0
                    most = max(most, int(column.max()))
                ordered, unordered = ordered + o, unordered + (d and not o)
    assert ordered > 15 and unordered > 15 and 100 < most < 300 and mixed > 10


@pytest.mark.parametrize("name", KINDS)
def test_scores_follow_from_values(name):
    generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    for _ in range(5):
        kind = draw_kind(name, 3, 4, generator, rng)
        latent = torch.randn(3, 500, 4, generator=generator, dtype=torch.float64)
        scores, values = kind.show(latent)
        torch.testing.assert_close(kind.read(values), scores)
        if name not in ("plain", "heavy", "categorical"):
            order = latent[0, :, 0].argsort()
            assert bool((values[0, order, 0].diff() >= -1e-12).all())
        if name in ("zero_inflated", "constant"):
            assert float((values == 0.0).double().mean()) > 0.1


def test_levels_are_up_to_three_hundred():
    rng = random.Random(0)
    counts = [draw_levels(rng, 300) for _ in range(2000)]
    assert min(counts) == 2 and max(counts) > 280
    assert 0.15 < np.mean(np.array(counts) > 100) < 0.3


@pytest.mark.parametrize("name", LAWS)
def test_noise_against_scipy(name):
    law, reference = LAWS[name], SCIPY_LAWS[name]
    e = torch.linspace(-6.0, 6.0, 500, dtype=torch.float64)
    density = reference.pdf(e.numpy())
    np.testing.assert_allclose(law.log_density(e).exp(), density, atol=1e-8)
    np.testing.assert_allclose(law.below(e), reference.cdf(e.numpy()), atol=1e-12)
    assert law.entropy == pytest.approx(float(reference.entropy()), abs=1e-9)
    if name != "student_2":
        assert law.variance == pytest.approx(float(reference.var()), rel=1e-9)
    outside = reference.cdf(law.low) + reference.sf(law.high)
    assert outside < 4e-4
    sample = law.draw(torch.zeros(20_000).double(), torch.Generator().manual_seed(1))
    assert stats.kstest(sample.numpy(), reference.cdf).pvalue > 1e-3


def test_other_columns_add_nothing_and_depend_on_each_other(plan):
    plan("continuous")
    related = 0
    for seed in range(10):
        family, generator = drawn(seed, 12, 4, batch=2)
        x, y = family.draw(2000, generator, torch.float64)
        core = len(family.graph.nodes)
        other = [k for k, j in enumerate(family.x_order) if j >= core]
        ranks = torch.tensor(stats.rankdata(x[0, :, other].numpy(), axis=0)).T
        related += float(torch.corrcoef(ranks).fill_diagonal_(0.0).abs().max()) > 0.2
        # The truth reads the others nowhere.
        shuffled = x.clone()
        shuffled[..., other] = x[:, torch.randperm(2000, generator=generator)][..., other]
        torch.testing.assert_close(family.log_ratio(shuffled, y), family.log_ratio(x, y))
    assert related >= 4


def test_independent_entries_are_independent():
    prior = MetaDistribution(
        narrow={"structural": 1.0}, independence=1.0, copies=0.0, embed=0.0, erase=0.0
    )
    generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    smallest = []
    for _ in range(25):
        batch = prior.draw(4, 1500, 3, 2, generator, rng=rng)
        assert not bool(batch.mi.any()) and not bool(batch.pointwise_mi.any())
        for x, y in zip(batch.x.double().numpy(), batch.y.double().numpy(), strict=True):
            values = [stats.spearmanr(a, b).pvalue for a in x.T for b in y.T]
            smallest.append(np.nanmin(values) if not np.all(np.isnan(values)) else 1.0)
    # The least of six p values of 100 data sets.
    assert np.mean(np.array(smallest) < 0.01) < 0.15 and min(smallest) > 1e-6


def test_bad_dimensions():
    with pytest.raises(ValueError, match="p and q must be from 1 to 64, got 0 and 1"):
        Structural(0, 1)
