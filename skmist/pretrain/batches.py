"""Batches of data sets for each step: shapes that fit the budgets, and their draws."""

from __future__ import annotations

import random

import torch
from torch.utils.data import Dataset

from skmist.datasets import FamilyPrior, MetaDistribution, PriorMixture
from skmist.nn.mist.neighbors import MAX_NEIGHBOR_ROWS
from skmist.pretrain.config import RunConfig
from skmist.pretrain.large_samples import LargeSamples
from skmist.pretrain.reading import TrainingBatch, as_found, read_batch
from skmist.pretrain.world import World

__all__ = ["Prior", "StepBatches", "batch_size", "draw_batch", "few_rows"]

Prior = MetaDistribution | FamilyPrior | PriorMixture

_BINNED_BUDGET = 60_000_000


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
    prior: Prior,
    generator: torch.Generator,
    rng: random.Random,
) -> TrainingBatch:
    """Fresh data sets of a random shape and family."""
    chosen = prior.choose(rng)
    n, p, q = chosen.sample_shape(rng)
    n = few_rows(n, config.net.max_rows)
    size = batch_size(config, n, p, q)
    # Two at least, since one may get the y of the other, which makes it independent.
    drawn = chosen.draw(max(2, size), n + config.training.n_masked, p, q, generator, rng=rng)
    drawn = drawn if size > 1 else drawn.first()
    drawn = as_found(drawn, n, generator, rng, config.net.extended)
    return read_batch(drawn, n, config.net.max_rows, extended=config.net.extended)


class StepBatches(Dataset):
    """The batches of each step, by the number of the step.

    Everything about a batch derives from the seed, the step and its number in the step, so any
    worker can make it, and a resumed run draws what it would have drawn.

    Parameters
    ----------
    config : RunConfig
    prior : MetaDistribution, FamilyPrior or PriorMixture
    world : World
        Which share of a step's batches to make, and on which device.
    large : LargeSamples, optional
        Data sets of many rows, which follow the fresh batches.
    """

    def __init__(
        self,
        config: RunConfig,
        prior: Prior,
        world: World,
        large: LargeSamples | None = None,
    ) -> None:
        self.config, self.prior, self.world, self.large = config, prior, world, large

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
