"""What local estimates say by chance, where values repeat or categories confine."""

from __future__ import annotations

import pytest
import torch

from skmist.nn import SampleFrame, sample_statistics
from skmist.nn.mist.chance import information_by_chance, order_by_chance, says_by_chance
from skmist.nn.mist.neighbors import FAR, local_information, neighborhoods
from skmist.nn.mist.row_folds import row_keys
from skmist.nn.mist.scores import normal_scores
from skmist.nn.mist.side import Side

KS = (1, 3, 5, 10)


def _codes(n, columns, levels=2, batch=1, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(levels, (batch, n, columns), generator=generator).float()


def _numbers(n, columns, batch=1, seed=5):
    return torch.randn(batch, n, columns, generator=torch.Generator().manual_seed(seed))


def _mixed(n, batch=1):
    """Five categories beside two categories and a number, independent."""
    x, y = _codes(n, 5, 4, batch), _codes(n, 2, 4, batch, seed=1)
    return x, torch.cat([y, _numbers(n, 1, batch)], -1)


def _far(x, y):
    """Return the categories of these sides far apart."""
    return x * FAR, torch.cat([y[..., :2] * FAR, y[..., 2:]], -1)


def _frame(x, y, x_codes=0, y_codes=0, ordered=False):
    kinds = [
        tuple(j < codes for j in range(side.shape[-1]))
        for side, codes in ((x, x_codes), (y, y_codes))
    ]
    return SampleFrame(x, y, *kinds, ordered=tuple((ordered,) * len(kind) for kind in kinds))


def _by_chance(x, y, ks):
    return information_by_chance(x, y, order_by_chance(row_keys(x), row_keys(y)), ks)


@pytest.mark.parametrize(
    ("sides", "codes"),
    [
        (_mixed(1200, batch=8), (5, 2)),
        ([normal_scores(_codes(1200, 4, 5, 30, seed)) for seed in (0, 1)], (0, 0)),
        ([normal_scores(_codes(1200, 4, 5, 30)), _numbers(1200, 4, 30)], (0, 0)),
    ],
    ids=["categories", "counts", "counts beside numbers"],
)
def test_columns_say_nothing_by_chance(sides, codes):
    frame = _frame(*sides, *codes)
    (found,) = neighborhoods(*frame.own_view("raw"), KS)
    plain = local_information(found, 1200).mean(1)
    raw = sample_statistics(frame, 64).sample.candidates[:, [0, 8, 16, 24]]
    torch.testing.assert_close(raw, plain - frame.chance("raw", KS))
    assert float(plain[:, 0].mean()) > 0.1
    assert float(raw.mean(0).abs().max()) < 0.03
    assert frame.chance("kernel", KS) is None


@pytest.mark.parametrize("view", ["pair1", "pair5", "kernel"])
def test_mixtures_of_columns_say_nothing_by_chance_where_all_are_ordered(view):
    x, y = (normal_scores(_codes(1200, 4, 5, 30, seed)) for seed in (0, 1))
    frame = _frame(x, y, ordered=True)
    (found,) = neighborhoods(*frame.own_view(view), (1,))
    said = local_information(found, 1200).mean(1) - frame.chance(view, (1,))[:, 0]
    assert float(said.mean().abs()) < 0.05
    assert frame.chance("norm", KS) is None
    assert frame.chance("learned", KS).shape == (30, 4)
    assert _frame(x, y).chance(view, KS) is None


def test_of_few_rows_a_part_is_taken_off():
    x, y = (normal_scores(_codes(501, 4, 5, 8, seed)) for seed in (0, 1))
    frame = _frame(x, y)
    (found,) = neighborhoods(*frame.own_view("raw"), (1,))
    said = local_information(found, 501).mean()
    assert 0.4 * said < frame.chance("raw", (1,)).mean() < 0.6 * said


def test_only_what_repeats_or_confines_says_something_by_chance():
    numbers, codes = _numbers(60, 2), _codes(60, 2)
    rounded = numbers.round()
    once_each, often = (
        torch.cat([part, numbers], dim=0) for part in (rounded, _numbers(60, 2, seed=6))
    )

    def says(x, y, x_codes=0, y_codes=0):
        return says_by_chance(*_frame(x, y, x_codes, y_codes).sides).tolist()

    assert says(rounded, numbers) == says(numbers, rounded) == [True]
    for labels in (codes, codes[..., :1]):
        assert says(labels, torch.cat([codes, numbers], -1), labels.shape[-1], 2) == [True]
    assert says(once_each, often) == [True, False]
    for x, y, *kinds in (
        (numbers, numbers),
        (codes, numbers, 2),
        (codes, codes, 2, 2),
        (rounded, codes[..., :1], 0, 1),
        (rounded[..., :1], numbers[..., :1]),
    ):
        assert says(x, y, *kinds) == [False]
        assert _frame(x, y, *kinds).chance("raw", KS) is None


def test_numbers_repeat_that_occur_four_times_each():
    values = torch.arange(40.0)[:, None].expand(-1, 2).clone()
    values[:, 1] = values[:, 1] // 4
    assert Side(values[None], (False, False)).repeats.tolist() == [True]
    assert Side(values[None, :, :1], (False,)).repeats.tolist() == [False]
    assert Side(values[None], (False, True)).repeats.tolist() == [False]
    assert Side(values[None, :39], (False, False)).repeats.tolist() == [False]


def test_fewer_rows_stand_for_all_of_them():
    x, y = _far(*_mixed(11_000))
    few, many = (_by_chance(x[:, :n], y[:, :n], (3,)) for n in (10_240, 11_000))
    torch.testing.assert_close(few, many, atol=0.05, rtol=0)


@pytest.mark.parametrize("n", [300, 301])
def test_what_chance_gives_is_the_same_in_any_order(n):
    x, y = _far(*_mixed(n))
    order = torch.randperm(n, generator=torch.Generator().manual_seed(2))
    said = _by_chance(x, y, (1, 3))
    assert float(said.max()) > 0.1
    for same in (
        _by_chance(x[:, order], y[:, order], (1, 3)),
        _by_chance(x[..., [3, 1, 4, 0, 2]], y[..., [2, 0, 1]], (1, 3)),
        _by_chance(y, x, (1, 3)),
    ):
        torch.testing.assert_close(same, said)
