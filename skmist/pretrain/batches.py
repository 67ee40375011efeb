"""Batches of fresh data sets: shapes that fit the budgets, samples, statistics."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor
from torch.utils.data import Dataset

from skmist.datasets import MetaDistribution, SyntheticBatch
from skmist.nn import SampleFrame, encode_rows, masked_rows, sample_statistics
from skmist.nn.mist.neighbors import compile_counting
from skmist.nn.mist.statistics import MAX_NEIGHBOR_ROWS, MaskedRows, Statistics
from skmist.pretrain.config import RunConfig
from skmist.pretrain.world import World

if TYPE_CHECKING:
    from skmist.pretrain.large_samples import LargeSamples

__all__ = [
    "StepBatches",
    "TrainingBatch",
    "batch_size",
    "draw_batch",
    "few_rows",
    "read_batch",
    "rename_categories",
]

_BINNED_BUDGET = 60_000_000


class TrainingBatch(NamedTuple):
    """Data sets of one shape as the net reads them, and the truth in nats.

    ``pointwise`` (B, M) is the truth of the rows in ``statistics``, ``masked_pointwise``
    (B, m) that of the rows in ``masked``, which are no part of the sample. ``weight`` is the
    share of the step's loss, ``again`` whether an earlier step has seen these data sets.
    """

    n: int
    family: str
    statistics: Statistics
    masked: MaskedRows | None
    mi: Tensor
    pointwise: Tensor
    masked_pointwise: Tensor
    weight: float = 1.0
    again: bool = False


def batch_size(config: RunConfig, n: int, p: int, q: int) -> int:
    """Data sets of shape (n, p + q) that fit the budgets."""
    training = config.training
    rows = min(n, config.net.max_rows)
    limits = (
        training.pair_budget // (n * min(n, MAX_NEIGHBOR_ROWS)),
        training.token_budget // rows,
        training.cell_budget // (rows * (p + q)),
        _BINNED_BUDGET // (64 * p * q + 8 * n * (p + q)),
        training.max_batch,
    )
    return _round_down(max(1, min(limits)))


def _round_down(value: int) -> int:
    """The largest of 1, 2, 3, 4, 6, 8, 12, 16, ... that does not exceed a value.

    A CPU compiles a matrix kernel for every shape it meets, which costs more
    than the product itself, so the shapes had better be few.
    """
    power = 1 << (value.bit_length() - 1)
    return power + power // 2 if power > 1 and value >= power + power // 2 else power


def few_rows(n: int, rows: int) -> int:
    """Four values per octave up to the rows that attend; beyond, any number of rows."""
    if n >= rows:
        return n
    step = max(1, 1 << (n.bit_length() - 3))
    return n - n % step


def draw_batch(
    config: RunConfig,
    prior: MetaDistribution,
    generator: torch.Generator,
    rng: random.Random,
) -> TrainingBatch:
    """Fresh data sets of a random shape and family."""
    n, p, q = prior.sample_shape(rng)
    n = few_rows(n, config.net.max_rows)
    size = batch_size(config, n, p, q)
    # Two at least, since one may get the y of the other, which makes it independent.
    drawn = prior.draw(max(2, size), n + config.training.n_masked, p, q, generator, rng=rng)
    drawn = rename_categories(drawn if size > 1 else drawn.first(), generator)
    return read_batch(drawn, n, config.net.max_rows)


def rename_categories(drawn: SyntheticBatch, generator: torch.Generator) -> SyntheticBatch:
    """Give the categories of each data set the codes 0, 1, ... in random order.

    Families of counts and of roundings draw them in their natural order, of which nothing is left
    in what `skmist.MISTRegressor` shows the net: it must not learn to rely on it.
    """
    x = _renamed(drawn.x, drawn.x_discrete, generator)
    y = _renamed(drawn.y, drawn.y_discrete, generator)
    return replace(drawn, x=x, y=y)


def _renamed(values: Tensor, discrete: Sequence[bool], generator: torch.Generator) -> Tensor:
    renamed = values.clone()
    for j in (j for j, named in enumerate(discrete) if named):
        names, old = torch.unique(values[..., j], return_inverse=True)
        shape = len(values), len(names)
        keys = torch.rand(shape, generator=generator, device=values.device)
        there = torch.zeros(shape, dtype=torch.bool, device=values.device).scatter_(1, old, True)
        codes = keys.masked_fill(~there, torch.inf).argsort(1).argsort(1)
        renamed[..., j] = codes.gather(1, old).to(values.dtype)
    return renamed


def read_batch(
    drawn: SyntheticBatch, n: int, max_rows: int, encode: Callable[..., Tensor] = encode_rows
) -> TrainingBatch:
    """Turn data sets into what the net reads; rows after the first n, if any, are masked ones.

    Parameters
    ----------
    drawn : SyntheticBatch
    n, max_rows : int
        Rows of the sample, and of those the ones that attend.
    encode : callable
        Puts a side's columns on one scale, as :func:`skmist.nn.encode_rows` does.
    """
    x, y = drawn.x[:, :n], drawn.y[:, :n]
    kinds = drawn.x_discrete, drawn.y_discrete
    frame = SampleFrame(encode(x, None, kinds[0]), encode(y, None, kinds[1]), *kinds)
    rows = min(n, max_rows)
    statistics = sample_statistics(frame, rows)
    masked = None
    if drawn.x.shape[1] > n:
        hidden = encode(x, drawn.x[:, n:], kinds[0])
        masked = masked_rows(frame, 0, hidden, statistics.rows)
    return TrainingBatch(
        n,
        drawn.family,
        statistics,
        masked,
        drawn.mi.float(),
        drawn.pointwise_mi[:, :rows].float(),
        drawn.pointwise_mi[:, n:].float(),
    )


class StepBatches(Dataset):
    """The batches of each step, by the number of the step.

    Everything about a batch derives from the seed, the step and its number in the step, so any
    worker can make it, and a resumed run draws what it would have drawn.

    Parameters
    ----------
    config : RunConfig
    prior : MetaDistribution
    world : World
        Which share of a step's batches to make, and on which device.
    large : LargeSamples, optional
        Data sets of many rows, which follow the fresh batches.
    """

    def __init__(
        self,
        config: RunConfig,
        prior: MetaDistribution,
        world: World,
        large: LargeSamples | None = None,
    ) -> None:
        self.config, self.prior, self.world, self.large = config, prior, world, large
        if config.training.compile:
            compile_counting()

    def __len__(self) -> int:
        return self.config.training.steps

    @torch.no_grad()
    def __getitem__(self, step: int) -> list[TrainingBatch]:
        shares = range(self.world.rank, self.config.training.micro_batches, self.world.size)
        batches = [self._batch(step, number) for number in shares]
        if self.large is not None:
            places = range(self.world.rank, len(self.large.numbers(step)), self.world.size)
            batches += [self.large.batch(step, place) for place in places]
        return batches

    def _batch(self, step: int, number: int) -> TrainingBatch:
        rng = random.Random(f"skmist pretrain {self.config.training.seed} {step} {number}")
        generator = torch.Generator(self.world.device)
        generator.manual_seed(rng.getrandbits(62))
        batch = draw_batch(self.config, self.prior, generator, rng)
        return batch._replace(weight=1.0 / self.config.training.micro_batches)
