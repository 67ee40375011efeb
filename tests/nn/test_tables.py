"""Tables of categories: what their counts are worth, and how the answer follows from them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import digamma

from skmist import MISTRegressor
from skmist.nn import SampleFrame, sample_statistics
from skmist.nn.mist.heads import COUNTED, no_more_than_counts, no_surer_than_counts
from skmist.nn.mist.neighbors import FAR, local_information, neighborhoods
from skmist.nn.mist.tables import Table, readable, table_information, table_of
from skmist.nn.mist.views import VIEW_NAMES
from skmist.weights import load_weights


def _codes(n, columns, levels=2, batch=1, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(levels, (batch, n, columns), generator=generator).float()


def _table(by_x=0.5, alone=0.0, excess=0.0, trusted=1.0):
    return Table(*(torch.tensor([v]) for v in (by_x, alone, excess, excess, trusted)))


def _frame(x, y):
    kinds = [(True,) * side.shape[-1] for side in (x, y)]
    return SampleFrame(x, y, *kinds, ordered=tuple((False,) * len(kind) for kind in kinds))


def _chao_wang_jost(codes):
    """Return their entropy, by their formula, and its second part."""
    counts = np.unique(codes, axis=0, return_counts=True)[1]
    n, one, two = len(codes), (counts == 1).sum(), (counts == 2).sum()
    seen = sum(c / n * (digamma(n) - digamma(c)) for c in counts)
    if one == 0:
        return seen, 0.0
    a = 2 * two / ((n - 1) * one + 2 * two) if two else 2 / ((n - 1) * (one - 1) + 2)
    r = np.arange(n, n + 10_000_000 // n)
    unseen = one / n * np.sum(np.exp(np.log1p(-a) * (r - n + 1)) / r)
    return seen + unseen, unseen


@pytest.mark.parametrize("by_x", [0.0, 0.5, 1.0])
def test_a_table_is_judged_by_the_other_rows_of_each_cell(by_x):
    rng = np.random.default_rng(0)
    x, y = rng.integers(4, size=(40, 2)), rng.integers(3, size=(40, 1))
    sides = [torch.as_tensor(v).float()[None] * FAR for v in (x, y)]
    (found,) = neighborhoods(*sides, (3,))
    table = _table(by_x, alone=1.0)
    got = table_information(found, 40, table)[0, :, 0]
    for row in range(40):
        others = np.arange(40) != row
        same_x, same_y = ((v == v[row]).all(1) for v in (x, y))
        both = (same_x & same_y & others).sum()
        said = []
        for own, other in ((same_x, same_y), (same_y, same_x)):
            share = other.mean()
            said.append(np.log((both + share) / ((own & others).sum() + 1) / share))
        assert float(got[row]) == pytest.approx(by_x * said[0] + (1 - by_x) * said[1], abs=1e-5)


def test_rows_alone_in_their_cells_say_nothing():
    x = torch.stack([torch.arange(300), torch.arange(300) % 7], -1)[None].float()
    frame = _frame(x, _codes(300, 1))
    assert frame.table("raw").by_x == 1.0 and frame.table("raw").alone == 1.0
    raw = sample_statistics(frame, 64).sample.candidates[0, 0]
    assert float(raw) == pytest.approx(0.0, abs=1e-6)


def test_counts_of_a_dense_table_are_taken_nearly_as_they_are():
    x, y = _codes(400, 3, batch=2), _codes(400, 1, batch=2, seed=1)
    table = table_of(x, y)
    assert float(table.alone.max()) < 0.01 and float(table.excess.abs().max()) < 1e-3
    (found,) = neighborhoods(x * FAR, y * FAR, (3,))
    got = table_information(found, 400, table)
    torch.testing.assert_close(got, local_information(found, 400), atol=2e-3, rtol=0)


@pytest.mark.parametrize("n", [80, 700])
def test_what_was_not_seen_is_that_of_chao_wang_and_jost(n):
    # the rare levels of x are single rows, those of both more so
    rng = np.random.default_rng(n)
    x, y = rng.geometric(0.1, size=(n, 2)), rng.integers(3, size=(n, 1))
    (of_x, more_x), (of_y, more_y), (_, more) = map(_chao_wang_jost, (x, y, np.hstack([x, y])))
    table = table_of(*(torch.as_tensor(v)[None].float() for v in (x, y)))
    by_chance = float(table.excess) - (more - more_x - more_y)
    others = [
        of_x + of_y - _chao_wang_jost(np.hstack([x, y[rng.permutation(n)]]))[0] for _ in range(40)
    ]
    # the mean of four pairings
    assert by_chance == pytest.approx(max(np.mean(others), 0.0), abs=2 * np.std(others) + 0.01)


@pytest.mark.parametrize("rows_of_a_cell", [0.5, 1.0, 3.0])
def test_counts_of_independent_columns_say_nothing_in_the_mean(rows_of_a_cell):
    n = int(256 * rows_of_a_cell)
    x, y = _codes(n, 4, batch=40), _codes(n, 4, batch=40, seed=1)
    (found,) = neighborhoods(x * FAR, y * FAR, (3,))
    table = table_of(x, y)
    clear = table._replace(alone=torch.zeros(40))
    said = table_information(found, n, clear).mean((1, 2))
    assert local_information(found, n).mean() > 0.01
    assert abs(float(said.mean())) < 3 * float(said.std()) / 40**0.5 + 0.01


def test_a_table_is_the_same_in_any_order():
    x, y = _codes(200, 3, 4), _codes(200, 2, 3, seed=1)
    order = torch.randperm(200, generator=torch.Generator().manual_seed(2))
    table = table_of(x, y)
    assert float(table.excess) > 0.1
    for same in (
        table_of(x[:, order], y[:, order]),
        table_of(x[..., [2, 0, 1]], y[..., [1, 0]]),
        table_of(y, x)._replace(by_x=table.by_x),
    ):
        torch.testing.assert_close(same, table)
    assert table_of(y, x).by_x == 1 - table.by_x


def test_columns_that_hold_each_others_codes_are_told_apart():
    x = torch.tensor([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 0.0]])[None]
    (found,) = neighborhoods(x * FAR, x * FAR, (3,))
    assert float(table_of(x, x).alone) == pytest.approx(3 / 5)
    assert (found.k == torch.tensor([2, 1, 2, 1, 1])[None, :, None]).all()


def test_a_view_of_some_columns_has_counts_of_its_own():
    x, y = _codes(300, 6, 3), _codes(300, 5, 3, seed=1)
    frame = _frame(x, y)
    assert frame.table("norm") is frame.table("raw")
    assert float(frame.table("selected").alone) < float(frame.table("raw").alone)
    assert frame.table("learned") is None
    some = [side[..., index[0]] for side, index in zip((x, y), frame.selected, strict=True)]
    torch.testing.assert_close(frame.table("selected"), table_of(*some))


def test_counts_answer_only_where_all_columns_are_a_view():
    statistics = sample_statistics(_frame(_codes(200, 4), _codes(200, 2, seed=1)), 64)
    assert statistics.sample.head == COUNTED and statistics.sample.table is not None
    wide = sample_statistics(_frame(_codes(200, 17), _codes(200, 2, seed=1)), 64)
    assert wide.sample.head != COUNTED and wide.sample.table is None


@pytest.mark.parametrize(
    ("n", "levels", "trusted"),
    [(199, 2, 0.0), (200, 3, 1.0), (799, 100, 0.0), (800, 100, 1.0)],
)
def test_counts_of_two_columns_of_labels_are_trusted_where_rows_are_enough(n, levels, trusted):
    x = (torch.arange(n) % levels).float()[None, :, None]
    y = (torch.arange(n) % (levels // 2 + 1)).float()[None, :, None]
    for table in (table_of(x, y), table_of(y, x)):
        assert float(table.trusted) == pytest.approx(trusted)
    assert float(table_of(torch.cat([x, x], -1), y).trusted) == 1.0


def test_the_answer_goes_by_counts_where_they_are_trusted():
    # of one batch, one sample of eight labels and one of eighty
    net = load_weights("mist-3", device="cpu")
    x = torch.cat([_codes(400, 1, levels, seed=levels) for levels in (8, 80)])
    frame = _frame(x, _codes(400, 1, 6, batch=2, seed=1))
    found = sample_statistics(frame, 64)
    assert found.sample.head == COUNTED and found.sample.table.trusted.tolist() == [1.0, 0.0]
    context = net.encode(found)
    said, (read, candidates) = net.quantiles_of(context), net.read(context)
    table = found.sample.table._replace(trusted=torch.ones(2))
    counted = net.answer(read, candidates, found.sample.unit, COUNTED, table)
    torch.testing.assert_close(said[0], counted[0])
    torch.testing.assert_close(said[1], net.answer(read, candidates, found.sample.unit)[1])
    assert not torch.allclose(said[1], counted[1], atol=1e-3)


def test_estimates_beyond_the_counts_lose_their_weight_where_counts_can_be_read():
    candidates = torch.zeros(1, 3 * len(VIEW_NAMES))
    candidates[0, [0, len(VIEW_NAMES)]] = 0.5
    candidates[0, 2], candidates[0, 3] = 0.55, 0.8
    unit = torch.tensor([[0.1]])  # 0.06 nats
    logits = torch.zeros_like(candidates)
    lost = no_more_than_counts(logits, candidates, unit, _table(alone=0.2))[0]
    assert lost[:3].tolist() == [0.0, 0.0, 0.0] and float(lost[3]) == pytest.approx(-8.0)
    assert readable(_table(alone=0.9)) < 0.5
    assert (no_more_than_counts(logits, candidates, unit, _table(alone=0.9)) == 0).all()


def test_what_is_taken_off_the_counts_widens_the_interval():
    quantiles = torch.tensor([[1.7, 1.75, 1.8, 1.85, 1.9]])
    normal = torch.special.ndtri(torch.tensor([0.05, 0.25, 0.5, 0.75, 0.95]))
    candidates = torch.zeros(1, 64)
    candidates[:, [0, len(VIEW_NAMES)]] = 0.4

    def wide(excess):
        asked = quantiles, normal, candidates, torch.tensor([[0.01]]), 4, _table(excess=excess)
        return no_surer_than_counts(*asked)

    assert torch.equal(wide(0.0), quantiles)
    (found,) = wide(1.0)
    assert (found.diff() > 0).all() and found[2] == quantiles[0, 2]
    assert found[0] < 1.0 and found[-1] > 2.35
    # what the learned views say at least holds the low end up
    candidates[:, -20:-4] = 0.45
    assert 1.5 < float(wide(1.0)[0, 0]) < 1.7


@pytest.mark.parametrize("seed", range(2))
def test_a_sparse_table_is_read_as_what_it_holds(seed):
    # sixty-four cells a side: counts as they are say 0.43 nats, for 0.368
    rng = np.random.default_rng(seed)
    x, y = rng.integers(2, size=(2, 10_000, 6))
    y[:, 0] = x[:, 0] ^ x[:, 1] ^ (rng.random(10_000) < 0.1)
    truth = np.log(2) + 0.1 * np.log(0.1) + 0.9 * np.log(0.9)
    names = (
        pd.DataFrame(side).astype(str).add_prefix(side_) for side, side_ in ((x, "x"), (y, "y"))
    )
    mist = MISTRegressor(device="cpu").fit(*names)
    low, high = mist.interval()
    assert abs(mist.mi_ - truth) < 0.04 and low <= truth <= high


@pytest.mark.parametrize("seed", range(3))
def test_labels_of_many_pairs_are_read_as_what_they_hold(seed):
    # three thousand pairs, of which some hold most rows: half of it before counts answered
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.full(3000, 0.1)).reshape(100, 30)
    apart = joint.sum(1, keepdims=True) * joint.sum(0)
    truth = float((joint * np.log(np.where(joint > 0, joint / apart, 1.0))).sum())
    pairs = rng.choice(3000, size=1000, p=joint.ravel())
    x, y = np.divmod(pairs, 30)
    mist = MISTRegressor(discrete_features=True, discrete_target=True, device="cpu")
    mist.fit(x[:, None], y)
    low, high = mist.interval()
    assert abs(mist.mi_ - truth) < 0.2 * truth and low <= truth <= high
