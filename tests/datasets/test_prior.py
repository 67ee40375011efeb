"""The meta-distribution: what it draws, its shapes, its reproducibility."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch

from skmist.datasets import (
    Copies,
    CorrelatedGaussian,
    JointTable,
    MetaDistribution,
    NoiseColumns,
    Product,
    Swapped,
    SyntheticBatch,
    Transformed,
    get_family,
)
from skmist.datasets.parts.target import draw_block_mi, draw_target_mi


@pytest.mark.parametrize("p, q", [(1, 1), (2, 5), (4, 4), (1, 40), (30, 2), (33, 50)])
def test_meta_distribution(p, q):
    prior = MetaDistribution()
    for seed in range(6):
        generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
        batch = prior.draw(6, 64, p, q, generator, device="cpu", rng=rng)
        assert batch.x.shape == (6, 64, p) and batch.y.shape == (6, 64, q)
        assert batch.mi.shape == (6,) and batch.pointwise_mi.shape == (6, 64)
        assert len(batch.x_discrete) == p and len(batch.y_discrete) == q and batch.family
        for values in (batch.x, batch.y, batch.pointwise_mi):
            assert values.dtype == torch.float32 and bool(torch.isfinite(values).all())
        for values, flags in ((batch.x, batch.x_discrete), (batch.y, batch.y_discrete)):
            codes = values[..., [j for j, flag in enumerate(flags) if flag]]
            assert torch.equal(codes, codes.round())
        assert not bool(batch.pointwise_mi[batch.mi == 0.0].any())


def test_meta_distribution_is_determined_by_the_seeds():
    def drawn(seed):
        generator = torch.Generator().manual_seed(seed)
        return MetaDistribution().draw(3, 40, 3, 2, generator, rng=random.Random(seed))

    for seed in range(5):
        first, second = drawn(seed), drawn(seed)
        assert first.family == second.family
        for name in ("x", "y", "mi", "pointwise_mi"):
            assert torch.equal(getattr(first, name), getattr(second, name))


def test_meta_distribution_without_rng_depends_on_the_generator():
    families = {
        MetaDistribution().draw(2, 20, 2, 2, torch.Generator().manual_seed(seed)).family
        for seed in range(12)
    }
    assert len(families) > 3


def test_prior_covers_independence_and_high_information():
    prior, generator, rng = MetaDistribution(), torch.Generator().manual_seed(0), random.Random(0)
    drawn = [prior.draw(12, 16, 1, 1, generator, rng=rng) for _ in range(150)]
    mi = torch.cat([batch.mi for batch in drawn])
    assert 0.08 < float((mi == 0.0).double().mean()) < 0.16
    assert 0.15 < float(mi.median()) < 0.5 and float(mi.max()) > 4.0
    discrete = {(batch.x_discrete[0], batch.y_discrete[0]) for batch in drawn}
    assert discrete == {(False, False), (True, False), (False, True), (True, True)}


def test_decoupled_entries_are_independent():
    prior = MetaDistribution(narrow={"gaussian": 1.0}, independence=1.0)
    batch = prior.draw(16, 4000, 1, 1, torch.Generator().manual_seed(0), rng=random.Random(0))
    x, y = batch.x[..., 0], batch.y[..., 0]
    correlation = ((x * y).mean(1) - x.mean(1) * y.mean(1)) / (x.std(1) * y.std(1))
    assert not bool(batch.mi.any()) and float(correlation.abs().max()) < 0.07


def _drawn_labels(prior, count, p, q):
    generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    return [prior.draw(4, 20, p, q, generator, rng=rng).family for _ in range(count)]


def test_every_family_is_drawn():
    words = set(" ".join(_drawn_labels(MetaDistribution(), 900, 1, 1)).split())
    alone = {name for name in MetaDistribution().narrow if get_family(name).supports(1, 1)}
    # Of 900 draws, a family of weight 0.005 is absent with a probability of 1 %.
    assert len(alone - words) <= 1
    wide = set(" ".join(_drawn_labels(MetaDistribution(), 120, 9, 8)).split())
    assert {"multi_index_regression", "student_t", "noise", "warped", "embedded"} <= wide


@pytest.mark.parametrize(
    "name, word",
    [("copies", "copies"), ("embed", "embedded"), ("erase", "erased"), ("warp", "warped")],
)
def test_each_composition_has_its_probability(name, word):
    settings = dict.fromkeys(("copies", "embed", "erase", "warp"), 0.0)
    families = {"gaussian": 1.0}
    never = MetaDistribution(narrow=families, **settings)
    assert not any(word in label for label in _drawn_labels(never, 20, 4, 4))
    always = MetaDistribution(narrow=families, **{**settings, name: 1.0})
    labels = _drawn_labels(always, 20, 4, 4)
    # An embedding may by chance have no column to add.
    assert sum(word in label for label in labels) >= (15 if name == "embed" else 20)


@pytest.mark.parametrize("p, q", [(1, 1), (3, 4), (9, 8)])
def test_pointwise_mi_has_the_mi_as_its_mean(p, q):
    prior, rng = MetaDistribution(), random.Random(1)
    generator = torch.Generator().manual_seed(1)
    misses = 0
    for _ in range(40):
        batch = prior.draw(2, 1000, p, q, generator, rng=rng)
        pmi = batch.pointwise_mi.double()
        limit = 4.0 * pmi.std(1) / math.sqrt(1000) + 0.01
        misses += int(((pmi.mean(1) - batch.mi).abs() > limit).sum())
    # Means of heavy-tailed ratios are not normal.
    assert misses <= 2


def test_copies_are_a_product():
    base = Product([CorrelatedGaussian(0.6), JointTable([[2, 1], [1, 3]])])
    copies, product = Copies(base, 3), Product([base] * 3)
    assert copies.mutual_information == pytest.approx(product.mutual_information)
    assert copies.x_discrete == product.x_discrete
    X, y = product.sample(50, random_state=0)
    np.testing.assert_allclose(copies.pointwise_mi(X, y), product.pointwise_mi(X, y))
    x, y, pmi = copies.draw_with_pointwise(40, torch.Generator().manual_seed(0), torch.float64)
    assert x.shape == y.shape == (1, 40, 6)
    torch.testing.assert_close(copies.log_ratio(x, y), pmi)
    with pytest.raises(ValueError, match="k must be a whole number of at least 1, got 0"):
        Copies(base, 0)


def test_copies_hold_no_more_than_blocks_may():
    prior = MetaDistribution(copies=1.0, embed=0.0, second_block=0.0)
    generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    most = [float(prior.draw(4, 20, 64, 64, generator, rng=rng).mi.max()) for _ in range(40)]
    assert 20.0 < max(most) <= 40.0


def test_copies_can_be_made_gaussian():
    generator = torch.Generator().manual_seed(0)
    for share in (0.0, 1.0):
        prior = MetaDistribution(
            narrow={"clayton": 1.0},
            copies=1.0,
            gaussian_copies=share,
            embed=0.0,
            second_block=0.0,
        )
        rng = random.Random(0)
        names = [prior.draw(2, 20, 8, 8, generator, rng=rng).family for _ in range(10)]
        assert {name.split()[0] for name in names} == {"gaussian" if share else "clayton"}


def test_sample_shape_follows_the_configuration():
    prior, rng = MetaDistribution(n_range=(20, 300), max_dim=32), random.Random(0)
    shapes = [prior.sample_shape(rng) for _ in range(2000)]
    n, p, q = map(np.array, zip(*shapes, strict=True))
    assert n.min() >= 20 and n.max() <= 300 and max(p.max(), q.max()) <= 32
    pairs, both = np.mean((p == 1) & (q == 1)), np.mean((p > 6) & (q > 6))
    assert 0.27 < pairs < 0.37 and 0.11 < both < 0.19


@pytest.mark.parametrize("p, q", [(6, 30), (7, 7)])
def test_wide_sides_can_have_a_share_of_copies_of_their_own(p, q):
    generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    prior = MetaDistribution(copies=0.0, wide_copies=1.0, embed=0.0, second_block=0.0)
    names = [prior.draw(1, 20, p, q, generator, rng=rng).family for _ in range(10)]
    assert ["copies" in name for name in names] == [min(p, q) > 6] * 10


def test_equal_sides_are_a_share_of_all_shapes():
    rng = random.Random(0)
    prior = MetaDistribution(n_range=(20, 5000), max_dim=32, equal_sides=1.0)
    n, p, q = map(np.array, zip(*(prior.sample_shape(rng) for _ in range(500)), strict=True))
    assert (p == q).all() and (p.min(), p.max()) == (7, 32)
    assert 30 <= n.min() < 35 and 900 < n.max() <= 1000
    few = MetaDistribution(n_range=(10, 200), max_dim=1, equal_sides=1.0)
    shapes = [few.sample_shape(rng) for _ in range(100)]
    assert max(shapes)[0] <= 200 and {shape[1:] for shape in shapes} == {(1, 1)}
    rare = MetaDistribution(equal_sides=0.1)
    plain = MetaDistribution()
    equal, usual = (
        np.mean([p == q > 6 for _, p, q in (prior.sample_shape(rng) for _ in range(4000))])
        for prior in (rare, plain)
    )
    assert equal - usual == pytest.approx(0.1 * (1 - usual), abs=0.025)


def test_target_prior_has_its_quantiles():
    target = draw_target_mi(40_000, torch.Generator().manual_seed(0))
    assert float(target.min()) >= 0.0 and float(target.max()) <= 6.0
    # 35 % uniform below 0.3 plus the parts of the other laws that fall there.
    expected = 0.35 + 0.40 * (1 - math.exp(-0.3 / 0.8)) + 0.15 * 0.1
    assert float((target < 0.3).double().mean()) == pytest.approx(expected, abs=0.01)
    assert float(draw_target_mi(5000, torch.Generator().manual_seed(0), upper=2.0).max()) <= 2.0


def test_blocks_have_more_information_where_there_are_more_pairs():
    one, many = (draw_block_mi(20_000, torch.Generator().manual_seed(0), k) for k in (1, 20))
    assert 9.0 < float(one.max()) <= 10.0 and 23.0 < float(many.max()) <= 24.0
    assert float((one > 6.0).double().mean()) == pytest.approx(0.025 * 4 / 6, abs=0.004)
    assert float((many > 10.0).double().mean()) == pytest.approx(0.15 * 14 / 24, abs=0.008)


BAD = {
    "prior family": ({"narrow": {"spiral": 1.0}}, "no such family"),
    "n range": ({"n_range": (5, 2)}, "n_range must increase"),
    "probability": ({"warp": 2.0}, "warp is a probability, got 2.0"),
    "copies": ({"copies": -0.1}, "copies is a probability, got -0.1"),
    "wide copies": ({"wide_copies": 1.5}, "wide_copies is a probability, got 1.5"),
}


@pytest.mark.parametrize("settings, message", BAD.values(), ids=BAD)
def test_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        MetaDistribution(**settings)


def test_ordered_columns_are_marked_through_every_wrapper():
    counts = get_family("count_regression")(torch.sin, 0.0, 1.0, discrete=True)
    table = JointTable([[2, 1], [1, 3]])
    pair = Swapped(Product([counts, table]))
    assert (pair.x_ordered, pair.y_ordered) == ((True, False), (False, False))
    assert pair.x_discrete == (True, True)
    assert Copies(counts, 2).y_ordered == (True, True)
    noisy = NoiseColumns(pair, 2, 1, seed=1)
    for flags, order in ((noisy.x_ordered, noisy.x_order), (noisy.y_ordered, noisy.y_order)):
        assert [j for flag, j in zip(flags, order, strict=True) if flag] == [0] * any(flags)
    assert Transformed(pair, None, None).x_ordered == pair.x_ordered


def test_families_with_an_order_say_so():
    found = {}
    for name in ("count_regression", "rounded_gaussian", "staircase_uniform", "joint_table"):
        found[name] = set()
        for seed in range(12):
            generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
            family = get_family(name).from_prior(2, 1, 1, generator, rng)
            discrete, ordered = (
                family.x_discrete + family.y_discrete,
                family.x_ordered + family.y_ordered,
            )
            found[name] |= {pair for pair in zip(discrete, ordered, strict=True) if pair[0]}
    assert found.pop("joint_table") == {(True, False)}
    assert all(pairs == {(True, True)} for pairs in found.values())


def test_a_batch_hands_on_what_is_ordered():
    prior = MetaDistribution(narrow={"rounded_gaussian": 1.0}, independence=0.0)
    generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    drawn = [prior.draw(2, 30, 1, 1, generator, rng=rng) for _ in range(20)]
    for batch in drawn:
        assert (batch.x_ordered, batch.y_ordered) == (batch.x_discrete, batch.y_discrete)
        assert batch.first().x_ordered == batch.x_ordered
    assert any(batch.x_ordered[0] for batch in drawn)
    bare = SyntheticBatch(
        batch.x, batch.y, batch.mi, batch.pointwise_mi, (False,), (False,), "any"
    )
    assert bare.x_ordered == bare.y_ordered == (False,)
