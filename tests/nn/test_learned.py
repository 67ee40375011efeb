"""Learned, cross-fitted views: what they see, that they see nothing where nothing is."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import mutual_info_score

from skmist.nn import SampleFrame, encode_rows, sample_statistics
from skmist.nn.mist import learned
from skmist.nn.mist.dictionary import Dictionary
from skmist.nn.mist.evidence import LEARNED_VIEWS, N_MORE_VIEWS
from skmist.nn.mist.learned import MIN_LEARNED_ROWS, LearnedPairs, learns
from skmist.nn.mist.neighbors import local_information, neighborhoods
from skmist.nn.mist.row_folds import RowFolds, RowIndex, keys_of_both, row_keys
from skmist.nn.mist.scores import normal_scores
from skmist.nn.mist.side import Side
from skmist.nn.mist.turned import TurnedColumns


def _side(values, discrete=False):
    values = torch.as_tensor(np.asarray(values), dtype=torch.float64)
    values = values[None] if values.ndim == 2 else values
    kinds = discrete if isinstance(discrete, tuple) else (discrete,) * values.shape[-1]
    return Side(encode_rows(values, None, kinds), kinds)


def _local(pairs, width=3, k=5):
    """Local estimates (B,) of the MI of the leading coordinates of both sides."""
    x, y = (own[..., :width].contiguous() for own in pairs.own)
    return local_information(neighborhoods(x, y, (k,))[0], x.shape[1]).mean((1, 2))


def _normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


def _curved(n=300, batch=2, seed=0):
    x, y = _normal(batch, n, 3, seed=seed), _normal(batch, n, 2, seed=seed + 1)
    y[..., 0] += 2 * x[..., 0] * x[..., 1]
    y[..., 1] += x[..., 2] ** 2
    return _side(x), _side(y)


def test_keys_tell_rows_apart_and_ignore_the_order_of_columns():
    x = torch.tensor([[[0.0, 1.0], [1.0, 0.0], [-0.0, 1.0], [1.0, 1.0], [0.0, 0.0]]])
    keys = row_keys(x)[0].tolist()
    assert keys[0] == keys[1] == keys[2]
    assert len(set(keys)) == 3


def test_keys_by_column_tell_codes_apart_that_are_in_other_columns():
    codes = torch.cartesian_prod(*[torch.arange(4.0)] * 4)[None]
    assert len(set(row_keys(codes, by_column=True)[0].tolist())) == 256
    assert len(set(row_keys(codes)[0].tolist())) == 35


def test_codes_in_other_columns_are_other_rows():
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(3, (1, 400, 4), generator=generator)
    y = 3.0 * (x[..., :1] == 0) - 1.0 * (x[..., 1:2] == 0) + _normal(1, 400, 1)
    side = _side(x.double(), True)
    pairs = LearnedPairs(side, _side(y))
    asked = pairs.coordinates(0, side.values)[0, :, 0]
    # Which of equal rows is found is open, but not that a row is taken for another.
    apart = torch.tensor([[0.0, 1, 2, 2], [1, 0, 2, 2]])[None]
    first, second = pairs.coordinates(0, apart)[0, :, 0]
    assert abs(float(first - second)) > 0.5
    assert float(torch.corrcoef(torch.stack([asked, pairs.own[0][0, :, 0]]))[0, 1]) > 0.95


def test_index_finds_rows_of_the_sample_only():
    keys = row_keys(_normal(2, 50, 2).float())
    index = RowIndex(keys)
    place, there = index.find(keys[:, 7:9])
    assert place.tolist() == [[7, 8], [7, 8]]
    assert bool(there.all())
    assert not bool(index.find(keys[:, :3] + 1)[1].any())


def test_folds_keep_copies_together_and_halve_one_another():
    x = _normal(1, 60, 2).float()
    x[:, 40:45] = x[:, 40:41]
    index = RowIndex(row_keys(x))
    folds = RowFolds(index, (3, 2))
    assert folds.n_training[:, 0].tolist() == [40, 40, 40, 30, 30]
    place = folds.sorted(torch.arange(60.0).view(1, -1, 1))[0, :, 0]
    cell = torch.arange(60) // folds.size
    copies = cell[(place >= 40) & (place < 45)]
    assert int(copies.max() - copies.min()) <= 1


@pytest.mark.parametrize("share, natural", [(0.5, False), (0.1, True), (0.1, False)])
def test_copies_lie_apart_where_rows_repeat_by_nature(share, natural):
    x = _normal(1, 600, 2).float()
    count = int(600 * share)
    x[:, :count] = x[:, :1]
    index = RowIndex(row_keys(x))
    folds = RowFolds(index, (4,), natural=torch.tensor([natural]))
    place = folds.sorted(torch.arange(600.0).view(1, -1, 1))[0, :, 0]
    held = torch.bincount(torch.arange(600)[place < count] // folds.size, minlength=4)
    assert held.sum() == count
    assert 0.5 * count / 4 < int(held.min()) <= int(held.max()) < 1.6 * count / 4


def test_numbers_that_repeat_do_not_tell_the_others_by_their_fold():
    # three hundred values of x and of y: rows repeat by nature, though seldom
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(300, (4, 3000, 2), generator=generator).float()
    x[..., 1] = x[..., 0].remainder(5.0)
    y = torch.randint(300, (4, 3000, 1), generator=generator).float()
    pairs = LearnedPairs(*(Side(normal_scores(v), (False,) * v.shape[-1]) for v in (x, y)))
    coordinates, numbers = pairs.own
    row = coordinates[..., 0].double().unsqueeze(-1)
    for i in range(4):
        tied = (row[i] == row[i].mT) & (numbers[i] == numbers[i].mT)
        same_x, same_y = (int((v == v.mT).sum() - 3000) for v in (row[i], numbers[i].double()))
        by_chance = same_x * same_y / (3000 * 2999)
        assert int(tied.sum() - 3000) < by_chance + 4 * by_chance**0.5


def test_rows_that_are_mostly_zero_do_not_tell_the_label_by_their_fold():
    # three columns, zero in half of the rows: of a label of four they know nothing
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(4, 3000, 3, generator=generator)
    x = torch.where(torch.rand(4, 3000, 3, generator=generator) < 0.5, -1.0, x)
    y = torch.randint(4, (4, 3000, 1), generator=generator).float()
    frame = SampleFrame(x, y, (False,) * 3, (True,), ordered=((False,) * 3, (False,)))
    keys = [row_keys(side) for side in (x, y)]
    folds = RowFolds(RowIndex(keys_of_both(*keys)), (4,))
    zero = (x == -1.0).all(-1)
    for sample in range(4):
        fold = torch.empty(3000, dtype=torch.long)
        fold[folds.order[sample]] = torch.arange(3000) // folds.size
        told = mutual_info_score(fold[zero[sample]], y[sample, :, 0][zero[sample]])
        # twelve cells fewer than their margins: 9 / 2 n in the mean
        assert told < 30 / 2 / int(zero[sample].sum())
    found = sample_statistics(frame, 64).sample
    learned = found.candidates[:, -4 * N_MORE_VIEWS :].unflatten(1, (4, N_MORE_VIEWS))
    assert float(learned[:, 1:, : len(LEARNED_VIEWS)].amax()) < 0.04


def test_moments_leave_the_fold_out():
    a, b = _normal(2, 4, 50).float(), _normal(2, 3, 50, seed=1).float()
    folds = RowFolds(RowIndex(row_keys(_normal(2, 50, 2).float())), (3, 3))
    found = folds.moments(folds.padded(a), folds.padded(b))
    for fold, out in _outside(folds):
        expected = a[..., out].double() @ b[..., out].mT.double() / out.sum()
        torch.testing.assert_close(found[:, fold], expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("turned", [None, False, True])
def test_a_row_is_shown_by_models_that_have_not_seen_it(turned):
    turned = None if turned is None else torch.tensor([turned])
    folds = RowFolds(RowIndex(row_keys(_normal(1, 50, 2).float())), (3, 3), turned)
    features, shown = folds.padded(torch.ones(1, 1, 50)), [[], []]
    for fold, out in _outside(folds):
        weights = torch.zeros(1, 6, 1, 1, dtype=torch.float64)
        weights[:, fold] = 1
        for i in (0, 1):
            one = folds.own(features, weights, i)[0, :, 0]
            assert not one[out].any()
            shown[i].append(one)
    for each in shown:
        assert torch.equal(sum(each), torch.ones(50))
    if turned is not None:
        x, y = (torch.stack(each).sum(1) > 0 for each in shown)
        assert not bool((x & y).any())  # no fold shows on both sides


def _outside(folds):
    """Each fold and which of 50 sorted rows lie outside it; three folds a division."""
    cells = torch.arange(50) // folds.size
    for fold in range(3):
        yield fold, cells // 3 != fold
        yield 3 + fold, cells % 3 != fold


@pytest.mark.parametrize("d", [3, 4, 9, 30])
def test_new_rows_get_the_functions_of_the_sample(d):
    side = _side(_normal(2, 80, d))
    dictionary = Dictionary(side, side.values, 48, 102)
    chosen = None
    if dictionary.crowded:
        chosen = torch.arange(dictionary.n_taken) + torch.tensor([[0], [3]])
    products = dictionary.take(chosen)
    for own, again in zip((dictionary.singles, products), dictionary.of(side.values), strict=True):
        torch.testing.assert_close(own, again)
        assert float(own.mean(-1).abs().max()) < 1e-4
    most = 102 + 80 + 2 * (d <= 10) * 84
    assert products.shape[1] == len(dictionary.product_groups.number) <= most
    assert len(dictionary.single_groups.number) == dictionary.singles.shape[1]


@pytest.mark.parametrize("n", range(121, 137))
def test_turned_columns_are_the_same_to_the_last_bit_wherever_a_sample_stands(n):
    values = _normal(1, n, 2).float()
    found = [
        TurnedColumns(_side(v), v.mT).of(v.mT) for v in (values, values.repeat(5, 1, 1).clone())
    ]
    assert torch.equal(found[0].expand(5, -1, -1), found[1])


@pytest.mark.parametrize("d, each", [(30, 1), (20, 2), (13, 3)])
def test_wide_sides_keep_the_scores_themselves(d, each):
    side = _side(_normal(2, 80, d))
    singles = Dictionary(side, side.values, 48, 102).singles
    scores = side.values - side.values.mean(1, keepdim=True)
    ratio = singles[:, ::each] / scores.mT
    torch.testing.assert_close(ratio, ratio[..., :1].expand_as(ratio), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("outer", [False, True])
def test_turned_columns_are_continuous_ones_times_waves_of_their_distance(outer):
    side = _side(_normal(2, 80, 4), (False, True, False, False))
    scores = side.values.mT
    turned = TurnedColumns(side, scores, outer)
    assert (turned.n_columns, turned.n_waves) == (3, 4)
    ratio = turned.of(scores).unflatten(1, (4, 3)) / scores[:, None, [0, 2, 3]]
    torch.testing.assert_close(ratio, ratio[:, :, :1].expand_as(ratio))  # one wave for a row
    far = (scores[:, [0, 2, 3]] ** 2).sum(1)
    first = ratio[:, 0, 0].gather(-1, far.argsort(-1))
    assert bool((first.diff(dim=-1) < 0).all())  # the first falls with the distance
    assert TurnedColumns(_side(_normal(2, 80, 40)), _normal(2, 40, 80)).n_waves == 2
    many = _normal(1, 5000, 3).float()
    assert [TurnedColumns(_side(many), many.mT, o).n_waves for o in (False, True)] == [4, 8]
    alone = TurnedColumns(_side(_normal(2, 80, 2), (False, True)), _normal(2, 2, 80))
    assert alone.n_columns == alone.n_waves == alone.of(_normal(2, 2, 80)).shape[1] == 0


def test_a_chosen_pair_gives_products_of_its_columns():
    side = _side(_normal(2, 80, 30))
    dictionary = Dictionary(side, side.values, 80, 40)
    pair = torch.tensor([[0, 5], [7, 434]])  # of 435, the last one is (28, 29)
    assert dictionary.n_taken == 2
    products = dictionary.take(pair)
    clean = [torch.special.ndtr(side.values[1, :, k]) for k in (28, 29)]
    waves = torch.stack([torch.cos(torch.pi * c) for c in clean])
    waves = (waves - waves.mean(1, keepdim=True)) / waves.std(1, correction=0, keepdim=True)
    expected = waves.prod(0)
    found = products[1, 16]  # the first of the second pair's
    torch.testing.assert_close(found, expected - expected.mean(), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("p", "q"), [(3, 3), (2, 2), (8, 1), (25, 1), (12, 12)])
def test_independent_sides_share_nothing(p, q):
    batch = 60
    sides = _side(_normal(batch, 300, p)), _side(_normal(batch, 300, q, seed=1))
    pairs = LearnedPairs(*sides)
    for width in (1, 3):
        found = _local(pairs, width)
        assert float(found.mean()) < 0.005 + 3 * float(found.std()) / batch**0.5
        assert float(found.mean()) > -0.02
    assert float(pairs.rho.mean(0).max()) < 0.08


def test_folds_of_few_levels_are_not_shared(monkeypatch):
    generator = torch.Generator().manual_seed(0)
    sides = [_side(torch.randint(2, (20, 1000, 2), generator=generator), True) for _ in range(2)]
    assert float(_local(LearnedPairs(*sides)).mean()) < 0.01

    def shared(index, counts, turned, natural):
        return RowFolds(index, counts, None, natural)

    monkeypatch.setattr(learned, "RowFolds", shared)
    assert float(_local(LearnedPairs(*sides)).mean()) > 1


def test_two_models_show_much_and_no_more_than_there_is():
    rng = np.random.default_rng(0)
    x, noise = rng.normal(size=(2, 300, 4))
    y = 0.9 * x + np.sqrt(0.19) * noise
    turned = _side(_swirled(x, 0, 1, 0.8)), _side(_swirled(y, 1, 2, 0.8))
    two = LearnedPairs(*turned).rho[0]
    assert float(two.min()) > 0.8
    assert float(two.max()) < 0.92


def test_a_choice_among_equally_strong_pairs_does_not_show_the_fold(monkeypatch):
    # the third pair is one of three products of the first two, which each fold chooses anew
    generator = torch.Generator().manual_seed(3)
    x, y = (torch.randn(1, 6000, 8, generator=generator, dtype=torch.float64) for _ in range(2))
    y[..., :2] = 0.87 * x[..., :2] + (1 - 0.87**2) ** 0.5 * y[..., :2]
    sides, truth = (_side(x), _side(y)), -np.log1p(-(0.87**2))
    assert float(_local(LearnedPairs(*sides)).max()) < truth + 0.06

    def kept(self, fit):
        return torch.ones_like(self.rho[:, None]).float()

    monkeypatch.setattr(LearnedPairs, "_resolved", kept)
    assert float(_local(LearnedPairs(*sides)).max()) > truth + 0.15


def test_an_independent_label_stays_independent():
    label = (_normal(60, 400, 1) > 0.8).double()
    pairs = LearnedPairs(_side(_normal(60, 400, 6, seed=1)), _side(label, True))
    assert float(_local(pairs).mean()) < 0.01


def test_the_fold_does_not_tell_the_label(monkeypatch):
    # rows in the order of a number that adds one of few to one of many would
    generator = torch.Generator().manual_seed(0)
    label = torch.randint(20, (8, 2000, 1), generator=generator).double()
    sides = _side(_normal(8, 2000, 2, seed=1)), _side(label, True)
    assert float(_local(LearnedPairs(*sides)).mean()) < 0.01
    monkeypatch.setattr(learned, "keys_of_both", lambda x, y: x + y)
    assert float(_local(LearnedPairs(*sides)).mean()) > 0.03


def test_a_strong_pair_and_its_harmonics_do_not_tell_the_fold():
    # three coordinates are one curve, which models of other folds draw a little differently
    rho, truth = 0.975, -0.5 * math.log(1 - 0.975**2)
    x, y = _normal(1, 5000, 3), _normal(1, 5000, 3, seed=1)
    y[..., 0] = rho * x[..., 0] + math.sqrt(1 - rho**2) * y[..., 0]
    turns = [torch.linalg.qr(_normal(3, 3, seed=seed)).Q for seed in (2, 3)]
    pairs = LearnedPairs(_side(x @ turns[0]), _side(y @ turns[1]))
    assert pairs.paired
    for width in (1, 3):
        assert truth - 0.15 < float(_local(pairs, width)) < truth + 0.04


@pytest.mark.parametrize("levels", [3, 6, 12])
def test_independent_codes_stay_independent(levels):
    generator = torch.Generator().manual_seed(levels)
    codes = [
        torch.randint(size, (8, 1000, d), generator=generator).float()
        for size, d in ((levels, 2), (8, 1))
    ]
    sides = [Side(c, (False,) * c.shape[-1], (True,) * c.shape[-1]) for c in codes]
    pairs = LearnedPairs(*sides)
    assert float(_local(pairs).mean()) < 0.03


@pytest.mark.parametrize(("p", "q"), [(20, 1), (8, 3)])
def test_many_independent_categories_stay_independent(p, q):
    generator = torch.Generator().manual_seed(p)
    x, y = (torch.randint(3, (12, 500, d), generator=generator).double() for d in (p, q))
    found = _local(LearnedPairs(_side(x, True), _side(y, True)))
    assert float(found.mean()) < 0.005 + 3 * float(found.std()) / 12**0.5


def test_what_was_fitted_says_more_than_what_was_not_and_less_so_with_more_rows():
    def gap(n):
        x, y = _normal(20, n, 4), _normal(20, n, 1, seed=1)
        y = y + torch.sin(2 * x[..., :1]) * x[..., 1:2]
        pairs = LearnedPairs(_side(x), _side(y))
        return float((pairs.fitted - pairs.rho)[:, 0].mean())

    few, many = gap(200), gap(2000)
    assert few > 0.15
    assert 0 < many < 0.4 * few


def test_pairs_that_tell_nothing_have_finite_correlations():
    codes = (_normal(4, 300, 3) > 0).float()
    pairs = LearnedPairs(_side(codes), _side(torch.zeros(4, 300, 1), True))
    assert bool(torch.isfinite(torch.cat([pairs.fitted, pairs.rho], -1)).all())


def _sign_product(rng, n):
    x = rng.uniform(-1, 1, (n, 4))
    return x, np.sign(x[:, :1] * x[:, 1:2]) + 0.35 * rng.normal(size=(n, 1)), False


def _parity(rng, n):
    x = rng.uniform(-1, 1, (n, 6))
    return x, ((x[:, :3].prod(1) > 0) ^ (rng.random(n) < 0.0031))[:, None].astype(float), True


def _friedman(rng, n):
    x = rng.random((n, 10))
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2
    return x, (y + 10 * x[:, 3] + 5 * x[:, 4] + rng.normal(size=n))[:, None], False


def _moons(rng, n):
    label, angle = rng.integers(2, size=n), rng.random(n) * np.pi
    upper = np.stack([np.cos(angle), np.sin(angle)], 1)
    x = np.where(label[:, None] == 0, upper, np.array([1, 0.5]) - upper)
    return x + 0.25 * rng.normal(size=(n, 2)), label[:, None].astype(float), True


def _one_of_two_among_many(rng, n):
    x = rng.choice([-1.0, 0.0, 1.0], p=[0.25, 0.5, 0.25], size=(n, 20))
    mixed = (x[:, 3] == 0) != (x[:, 11] == 0)
    return x + 1.0, (3.0 * mixed + rng.normal(size=n))[:, None], False


def test_categories_that_say_something_together_are_found_among_many():
    rng = np.random.default_rng(0)
    x, y, discrete = _one_of_two_among_many(rng, 1000)
    truth = 0.527  # of two equal normal laws three apart, by quadrature
    for named in (True, False):
        found = float(_local(LearnedPairs(_side(x, named), _side(y, discrete)), width=1))
        assert truth - 0.1 < found < truth + 0.08


@pytest.mark.parametrize(
    ("law", "truth", "short"),
    [
        (_sign_product, 0.687, (0.12, 0.08)),
        (_parity, 0.676, (0.17, 0.10)),
        (_friedman, 1.60, (0.25, 0.20)),
        (_moons, 0.551, (0.08, 0.06)),
    ],
)
def test_what_no_linear_view_sees(law, truth, short):
    for n, missing in zip((1000, 3000), short, strict=True):
        x, y, discrete = law(np.random.default_rng(n), n)
        found = float(_local(LearnedPairs(_side(x), _side(y, discrete)), width=1))
        assert truth - missing < found < truth + 0.05


def test_products_on_both_sides():
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-1, 1, (2, 1500, 2))
    y[:, 0] = np.sign(x.prod(1)) * np.abs(y[:, 0]) * np.sign(y[:, 1])
    assert float(_local(LearnedPairs(_side(x), _side(y)), width=1)) > 0.4


def _swirled(rows, first, second, speed):
    angle = speed * (rows**2).mean(1)
    a, b = rows[:, first].copy(), rows[:, second].copy()
    rows[:, first] = np.cos(angle) * a - np.sin(angle) * b
    rows[:, second] = np.sin(angle) * a + np.cos(angle) * b
    return rows


def test_swirls_of_many_columns_are_unwound():
    rng = np.random.default_rng(0)
    x, noise = rng.normal(size=(2, 4000, 6))
    y = noise.copy()
    y[:, 3] = 0.9 * x[:, 0] + np.sqrt(0.19) * noise[:, 3]
    turned = LearnedPairs(_side(_swirled(x, 0, 1, 1.2)), _side(_swirled(y, 3, 4, -1.2)))
    assert float(turned.rho[0, 0]) > 0.8


def _wide(n=300, batch=2, seed=0):
    x, y = _normal(batch, n, 12, seed=seed), _normal(batch, n, 9, seed=seed + 1)
    x[..., 5:9] = (2 * x[..., 5:9]).round().clamp(-2, 2) + 2
    y[..., 0] += 2 * x[..., 0] * x[..., 10]
    return _side(x, (False,) * 5 + (True,) * 4 + (False,) * 3), _side(y)


@pytest.mark.parametrize("law", [_curved, _wide])
def test_the_order_of_rows_changes_nothing(law):
    x, y = law()
    order = torch.randperm(300, generator=torch.Generator().manual_seed(3))
    whole = LearnedPairs(x, y)
    turned = LearnedPairs(*(Side(s.values[:, order], s.discrete) for s in (x, y)))
    for one, other in zip(whole.own, turned.own, strict=True):
        assert torch.equal(one[:, order], other)


@pytest.mark.parametrize("law", [_curved, _wide])
def test_the_order_of_columns_and_of_sides_changes_nothing(law):
    x, y = law()
    whole = LearnedPairs(x, y)
    order = torch.randperm(x.d, generator=torch.Generator().manual_seed(1)).tolist()
    turned = Side(x.values[..., order], tuple(x.discrete[j] for j in order))
    torch.testing.assert_close(_local(LearnedPairs(turned, y)), _local(whole), atol=1e-3, rtol=0)
    swapped = LearnedPairs(y, x)
    torch.testing.assert_close(_local(swapped), _local(whole), atol=1e-3, rtol=0)
    torch.testing.assert_close(swapped.rho, whole.rho, atol=1e-4, rtol=0)


@pytest.mark.parametrize("law", [_curved, _wide])
def test_samples_of_a_batch_do_not_see_each_other(law):
    x, y = law(batch=3)
    together = LearnedPairs(x, y)
    alone = LearnedPairs(*(Side(s.values[1:2], s.discrete) for s in (x, y)))
    for one, other in zip(together.own, alone.own, strict=True):
        torch.testing.assert_close(one[1:2].abs(), other.abs(), atol=2e-3, rtol=1e-3)


@pytest.mark.parametrize("law", [_curved, _wide])
def test_rows_of_the_sample_are_recognized_and_new_ones_stand_alone(law):
    x, y = law()
    pairs = LearnedPairs(x, y)
    found = pairs.pairs(x.values[:, 5:9], y.values[:, 5:9])
    for i in (0, 1):
        assert torch.equal(found[i], pairs.own[i][:, 5:9])
        assert torch.equal(pairs.coordinates(i, (x, y)[i].values[:, :7]), pairs.own[i][:, :7])
    new = x.values[:, :20] + 0.01
    together = pairs.coordinates(0, new)
    assert torch.equal(together[:, 3:4], pairs.coordinates(0, new[:, 3:4]))
    # The mean of all models is near what each says.
    near = torch.corrcoef(torch.stack([together[0, :, 0], pairs.own[0][0, :20, 0]]))[0, 1]
    assert float(near) > 0.8


def test_one_column_stays_as_it_is():
    x, label = _side(_normal(2, 100, 3)), _side((_normal(2, 100, 1) > 0).double(), True)
    pairs = LearnedPairs(label, x)
    assert pairs.width(0) == 1
    assert torch.equal(pairs.own[0], label.metric(label.values))
    assert torch.equal(pairs.coordinates(0, label.values[:, :4]), pairs.own[0][:, :4])
    y = _side(_normal(2, 100, 1))
    assert not learns(y, label)
    assert learns(x, y)
    assert not learns(*(Side(s.values[:, : MIN_LEARNED_ROWS - 1], s.discrete) for s in (x, y)))


@pytest.mark.parametrize(("n", "p", "q"), [(60, 64, 40), (200, 30, 1), (61, 3, 2)])
def test_any_shape_and_kind_gives_finite_coordinates(n, p, q):
    x, y = _normal(2, n, p), _normal(2, n, q, seed=1)
    x[..., 0] = (x[..., 0] * 3).round().clamp(0, 20)
    x[..., 1] = 1.0  # constant
    kinds = (True,) + (False,) * (p - 1)
    pairs = LearnedPairs(_side(x, kinds), _side(y))
    for i in (0, 1):
        assert pairs.own[i].shape == (2, n, pairs.width(i))
        assert bool(pairs.own[i].isfinite().all())
    assert bool(pairs.rho.isfinite().all())
