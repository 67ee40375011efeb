"""What an extended net reads beside, and the unit in which it answers."""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import pytest
import torch

from skmist.nn import (
    QUANTILE_LEVELS,
    MISTNet,
    NetConfig,
    SampleFrame,
    encode_rows,
    masked_rows,
    sample_statistics,
    visible_rows,
)
from skmist.nn.mist.evidence import unit_of
from skmist.nn.mist.heads import COMPRESSED, COUNTED, PAIRED, PLAIN, held_back, less_lossy
from skmist.pretrain.transplant import transplant

TINY = NetConfig(dim=32, depth=2, heads=2, cell_dim=8, cell_heads=2, max_rows=32)
NONE = (False, False, False), (False, False)


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    net = MISTNet(replace(TINY, extended=True)).eval().requires_grad_(False)
    torch.nn.init.normal_(net.quantiles.weight, std=0.1)
    return net


def sides(n=90, seed=0):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2, n, 3, generator=generator)
    y = torch.randn(2, n, 2, generator=generator)
    y[..., 0] += x[..., 0] * x[..., 1]
    x[..., 2] = (2 * x[..., 2]).round()
    return [encode_rows(s, None, kinds) for s, kinds in zip((x, y), NONE, strict=True)]


def frame(x, y, ordered=((False, False, True), (False, False))):
    return SampleFrame(x, y, *NONE, ordered=ordered)


@pytest.mark.parametrize("n", [20, 90])
def test_shapes_and_quantiles_that_never_cross(net, n):
    x, y = sides(n)
    statistics = sample_statistics(frame(x, y), 32)
    masked = masked_rows(frame(x, y), 0, x[:, :5], statistics.rows)
    quantiles, pointwise, hidden = net(statistics, masked)
    assert quantiles.shape == (2, len(QUANTILE_LEVELS))
    assert pointwise.shape == (2, min(n, 32))
    assert hidden.shape == (2, 5)
    assert bool((quantiles.diff(dim=-1) > 0).all())


def test_swapping_sides_and_columns_changes_nothing(net):
    x, y = sides()
    one = net(sample_statistics(frame(x, y), 32))
    swapped = SampleFrame(y, x, *NONE[::-1], ordered=((False, False), (False, False, True)))
    moved = frame(x[..., [2, 0, 1]], y, ((True, False, False), (False, False)))
    for other in (swapped, moved):
        found = net(sample_statistics(other, 32))
        torch.testing.assert_close(one[0], found[0], atol=2e-4, rtol=2e-4)
        torch.testing.assert_close(one[1], found[1], atol=2e-3, rtol=2e-3)


def test_a_row_of_the_sample_gets_what_it_has_there(net):
    x, y = sides()
    context = net.encode(sample_statistics(frame(x, y), 32))
    again = net.score_rows(context, visible_rows(frame(x, y), x[:, 3:9], y[:, 3:9]))
    torch.testing.assert_close(again, context.pointwise[:, 3:9], atol=1e-5, rtol=1e-5)


def test_it_is_told_which_columns_are_ordered():
    x, y = sides()
    with_order, without = (
        sample_statistics(frame(x, y, flags), 32)
        for flags in (((False, False, True), NONE[1]), NONE)
    )
    assert not torch.equal(with_order.rows.cells[0], without.rows.cells[0])
    assert not torch.equal(with_order.sample.columns[0], without.sample.columns[0])


def test_more_rows_make_the_unit_smaller():
    spread, information = torch.ones(2), torch.tensor([0.1, 1.0])
    few, many = (unit_of(spread, information, n) for n in (100, 10_000))
    torch.testing.assert_close(few / many, torch.full((2, 1), 10.0), rtol=0.01, atol=0)
    # on the compressed scale an error of one nat in ten is as much as one of 0.1 in one
    assert float(few[0]) > float(few[1])


def test_known_means_of_all_rows_take_the_noise_of_the_attending_ones_away():
    x, y = sides(400, seed=2)  # where one view is the best in both halves of the rows
    statistics = sample_statistics(frame(x, y), 32)
    means = statistics.sample.row_means
    whole = sample_statistics(frame(x, y), 400).rows.candidates.mean(1)
    torch.testing.assert_close(means, whole, atol=1e-4, rtol=1e-4)


def test_a_transplanted_net_says_of_rows_what_the_old_one_said():
    torch.manual_seed(0)
    old, new = MISTNet(TINY).eval(), MISTNet(replace(TINY, extended=True)).eval()
    with pytest.raises(ValueError, match="other parts"):
        transplant(MISTNet(replace(TINY, depth=0)), new)
    transplant(old, new)
    x, y = sides(20)
    with torch.no_grad():
        for gate in (new.row_gate, new.masked_gate):
            # as if the new estimates had no weight at all
            gate.bias[gate.bias == -2.0] = -1e9
        _, expected, _ = old(sample_statistics(SampleFrame(x, y, *NONE), 32))
        _, found, _ = new(sample_statistics(frame(x, y, NONE), 32))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def continuous():
    """Statistics of two compressed sides of continuous columns."""
    x, y = sides()
    kinds = (False,) * 2, NONE[1]
    return sample_statistics(SampleFrame(x[..., :2], y, *kinds, kinds), 32)


def test_two_compressed_sides_are_answered_by_a_head_of_their_own(net):
    own = copy.deepcopy(net)
    x, y = sides()
    rounded = frame(x, y)
    few = frame(x[:, :50], y[:, :50])
    asked = [sample_statistics(few, 32), sample_statistics(rounded, 32), continuous()]
    assert [each.sample.head for each in asked] == [PLAIN, COMPRESSED, PAIRED]
    for statistics in asked:
        assert torch.equal(own(statistics)[0], net(statistics)[0])
    torch.nn.init.normal_(own.paired["quantiles"].bias)
    *as_before, anew = (own(s)[0] - net(s)[0] for s in asked)
    assert not any(bool(change.any()) for change in as_before)
    assert bool(anew.any())


def test_sides_compressed_apart_have_intervals_that_are_wider(net):
    own = copy.deepcopy(net)
    x, y = sides()
    compressed = sample_statistics(frame(x, y), 32)
    median = QUANTILE_LEVELS.index(0.5)
    wide = own(compressed)[0]
    plain = own.train()(compressed)[0]
    torch.testing.assert_close(wide[:, median], plain[:, median])
    unit = compressed.sample.unit
    wider = 1.1 * (1 + (0.01 / unit) ** 2).sqrt()
    torch.testing.assert_close(wide.diff(dim=-1), wider * plain.diff(dim=-1), atol=1e-5, rtol=1e-4)
    narrow = compressed.sample._replace(unit=torch.full_like(unit, 1e-6))
    steps = own.eval()(compressed._replace(sample=narrow))[0].diff(dim=-1)
    torch.testing.assert_close(
        steps, 0.01 * wide.diff(dim=-1) / unit / wider * 1.1, rtol=1e-2, atol=1e-5
    )


def test_an_estimate_that_says_less_than_the_learned_views_counts_for_little():
    # 42 classical estimates, four views at four numbers of neighbors, and four of the net's own
    candidates, unit = torch.full((4, 62), 0.5), torch.tensor([[0.02], [0.02], [1.0], [0.005]])
    more = candidates[:, 42:58].unflatten(1, (4, 4))
    more[:, 1:, 1] = 0.9
    candidates[1, :42] = 5.0
    # broken by ties, the local estimate of all columns says much, and the unit is small by it
    candidates[3] = 0.0
    candidates[3, 8], candidates[3, 47] = 2.0, 0.02
    logits = less_lossy(torch.zeros(4, 62), candidates, unit, 4)
    # thirty units below is no less likely than ten
    torch.testing.assert_close(logits[0, :42], torch.full((42,), -0.5 * 9.0**2))
    torch.testing.assert_close(logits[0, [47, 51, 55]], torch.zeros(3))
    assert not bool(logits[1, :42].any())
    # in few rows nothing can be told from it
    assert not bool(logits[2].any())
    # no view says it with any number of neighbors
    assert not bool(logits[3].any())


def test_two_compressed_sides_are_answered_near_the_mixture(net):
    own = copy.deepcopy(net)
    asked = continuous()
    median = QUANTILE_LEVELS.index(0.5)
    middle, unit = own.paired["quantiles"].bias, asked.sample.unit[:, 0]
    middle[median] = 0.0
    mixture = own(asked)[0][:, median]
    middle[median] = 1.0
    added = 5 * math.tanh(0.2) * unit
    torch.testing.assert_close(own(asked)[0][:, median], mixture + added, atol=1e-4, rtol=0)
    middle[median] = 1e6
    torch.testing.assert_close(own(asked)[0][:, median], mixture + 5 * unit)


@pytest.mark.parametrize(("head", "most"), [(PAIRED, 5.0), (COMPRESSED, 1.5), (COUNTED, 0.5)])
def test_the_net_itself_has_less_weight_where_more_is_possible(head, most):
    weights = torch.softmax(torch.randn(3, 62, generator=torch.Generator().manual_seed(0)), dim=-1)
    unit, added = torch.tensor([[0.1], [0.05], [0.01]]), torch.full((3, 1), 50.0)
    found, bounded = held_back(weights, torch.ones(3, 62), added, unit, 4, head)
    torch.testing.assert_close(bounded, torch.full((3, 1), most))
    torch.testing.assert_close(found.sum(-1), torch.ones(3))
    torch.testing.assert_close(found[:2], weights[:2])
    torch.testing.assert_close(found[2, -4:], 0.04 * weights[2, -4:])
    others = found[2, :-4] / weights[2, :-4]
    torch.testing.assert_close(others, others[:1].expand(58))
    # of strong relations no local estimate says all, but counts do
    for told, free in ((5.0, 1.0), (3.25, 0.5)):
        free *= head != COUNTED
        found, bounded = held_back(weights, torch.full((3, 62), told), added, unit, 4, head)
        torch.testing.assert_close(found[2, -4:], max(free, 0.04) * weights[2, -4:])
        torch.testing.assert_close(bounded, torch.full((3, 1), most + free * (50.0 - most)))


def test_quantiles_of_two_compressed_sides_lie_as_far_apart_as_both_heads_say(net):
    own = copy.deepcopy(net)
    for name, module in own.paired.items():
        module.load_state_dict(getattr(own, name).state_dict())
    asked = continuous()
    plain = own(asked)[0].diff(dim=-1)
    own.paired["quantiles"].bias -= 1e6
    torch.testing.assert_close(own(asked)[0].diff(dim=-1), 0.5 * plain, atol=1e-4, rtol=0)
    own.train()
    assert float(own(asked)[0].diff(dim=-1).max()) == 0.0
