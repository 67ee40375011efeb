"""What the trainings share: folds, batches, learning rates, early stopping, averaged weights."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from skmist import MINEEstimator
from skmist.nn.training import (
    AveragedTrainer,
    EarlyStopping,
    batches,
    cosine,
    count_batches,
    folds,
    set_rates,
)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_every_row_is_held_out_once_and_seen_in_all_other_folds():
    found = list(folds(23, 4, generator()))
    assert [len(held_out) for _, held_out in found] == [6, 6, 6, 5]
    assert sorted(torch.cat([held_out for _, held_out in found]).tolist()) == list(range(23))
    for seen, held_out in found:
        assert sorted([*seen.tolist(), *held_out.tolist()]) == list(range(23))


def test_folds_go_on_drawing_from_the_generator_that_the_training_uses():
    source = generator()
    next(folds(10, 2, source))
    assert torch.equal(torch.randperm(10, generator=source), _second_order())


def _second_order():
    source = generator()
    torch.randperm(10, generator=source)
    return torch.randperm(10, generator=source)


@pytest.mark.parametrize("size", [2, 3, 5, 16])
def test_no_batch_has_one_row(size):
    for n in range(2, 70):
        parts = list(batches(n, size, generator()))
        assert len(parts) == count_batches(n, size)
        assert min(len(part) for part in parts) >= 2
        assert max(len(part) for part in parts) < 2 * size or n < 4
        assert sorted(torch.cat(parts).tolist()) == list(range(n))


@pytest.mark.filterwarnings("ignore::skmist.BoundWarning")
def test_the_smallest_batches_train():
    # 39 rows and batches of 2 once left a batch of 1, which no bound takes
    x = torch.randn(39, 1, generator=generator()).numpy()
    MINEEstimator(batch_size=2, max_iter=1, n_folds=2, device="cpu").fit(x, x[:, 0])


def test_rates_warm_up_and_fall_to_0():
    weight = nn.Parameter(torch.zeros(1))
    slow = nn.Parameter(torch.zeros(1))
    groups = [{"params": [weight]}, {"params": [slow], "full_lr": 0.2}]
    optimizer = torch.optim.SGD(groups, lr=1.0)
    rates = []
    for step in range(1, 101):
        set_rates(optimizer, step, cosine(step, 100))
        rates.append([group["lr"] for group in optimizer.param_groups])
    main = [rate for rate, _ in rates]
    assert main[0] == pytest.approx(1 / 20, rel=1e-3)
    assert main[9] == pytest.approx(0.5 * cosine(10, 100))
    assert max(main) <= 1.0
    assert main[49] == pytest.approx(0.5)
    assert main[-1] == 0.0
    assert all(other == pytest.approx(0.2 * rate) for rate, other in rates)


def stopped(values, patience, tol=0.0):
    """Number of values seen until it is over, and the weight that is kept."""
    net = nn.Linear(1, 1, bias=False)
    stopping = EarlyStopping(net, patience, tol)
    for count, value in enumerate(values, 1):
        nn.init.constant_(net.weight, float(count))
        stopping.see(value)
        if stopping.is_over:
            break
    stopping.restore()
    return count, net.weight.item()


@pytest.mark.parametrize(
    ("values", "patience", "tol", "seen", "kept"),
    [
        ([1.0, 3.0, 2.0, 2.5, 9.0], 2, 0.0, 4, 2.0),
        ([1.0, 3.0, 2.0, 4.0, 0.0], 2, 0.0, 5, 4.0),
        ([1.0, 1.0], 1, 0.0, 2, 1.0),  # as good is not better
        ([1.0, 1.4, 1.6], 2, 0.5, 3, 3.0),
        ([1.0, 1.4, 1.5], 2, 0.5, 3, 1.0),
        ([math.nan, 0.0, math.nan], 2, 0.0, 3, 2.0),
        ([math.nan, math.nan], 2, 0.0, 2, 2.0),  # nothing was kept
        ([-math.inf, -5.0], 2, 0.0, 2, 2.0),
        ([3.0, 2.0, 1.0], None, 0.0, 3, 3.0),
    ],
)
def test_early_stopping(values, patience, tol, seen, kept):
    assert stopped(values, patience, tol) == (seen, kept)


def test_what_is_kept_does_not_train_on():
    net = nn.Linear(1, 1)
    stopping = EarlyStopping(net, 3)
    stopping.see(1.0)
    best = net.weight.detach().clone()
    with torch.no_grad():
        net.weight += 1.0
    stopping.restore()
    assert torch.equal(net.weight, best)
    assert stopping.value == 1.0


class Toy(AveragedTrainer):
    """Pulls one weight to 1, and notes the rows of its batches."""

    def __init__(self, max_iter, batch_size=4):
        net = nn.Linear(1, 1, bias=False)
        nn.init.zeros_(net.weight)
        plan = SimpleNamespace(learning_rate_init=0.1, batch_size=batch_size, max_iter=max_iter)
        super().__init__(net, plan, generator())
        self.rows, self.weights = [], []

    def loss(self, rows):
        self.rows.append(rows)
        self.weights.append(self.net.weight.item())
        return (self.net.weight - 1.0).square().sum()


def test_an_epoch_sees_every_row_once_and_gives_its_mean_loss():
    toy = Toy(3)
    losses = list(toy.epochs(10))
    assert len(losses) == 3
    assert len(toy.rows) == 6
    for epoch in range(3):
        assert sorted(torch.cat(toy.rows[2 * epoch : 2 * epoch + 2]).tolist()) == list(range(10))
        mean = sum((w - 1.0) ** 2 for w in toy.weights[2 * epoch : 2 * epoch + 2]) / 2
        assert losses[epoch] == pytest.approx(mean)


def test_the_average_lags_behind_the_net():
    toy = Toy(1, batch_size=10)
    list(toy.epochs(10))
    # one step counts half; the learning rate is 0 at the last step, which here is the first
    assert toy.net.weight.item() == toy.average.weight.item() == 0.0
    toy = Toy(60)
    list(toy.epochs(10))
    assert 0.0 < toy.average.weight.item() < toy.net.weight.item()


def test_two_steps_average_by_hand():
    toy = Toy(1)
    list(toy.epochs(8))
    first, last = toy.weights[1], toy.net.weight.item()
    by_hand = 0.5 * first  # after a step, from 0
    by_hand += (1.0 - 2 / 3) * (last - by_hand)
    assert toy.average.weight.item() == pytest.approx(by_hand)


def test_no_loss_of_its_own():
    plain = AveragedTrainer(
        nn.Linear(1, 1),
        SimpleNamespace(learning_rate_init=0.1, batch_size=2, max_iter=1),
        generator(),
    )
    with pytest.raises(NotImplementedError):
        next(plain.epochs(4))
