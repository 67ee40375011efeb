"""Data sets of many rows, drawn once and learned from several times."""

from __future__ import annotations

import os
import random
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from skmist.datasets import FamilyPrior, MetaDistribution, PriorMixture
from skmist.nn import NetConfig
from skmist.nn.mist.statistics import MaskedRows, Rows, SetStatistics, Statistics
from skmist.nn.mist.tables import Table
from skmist.pretrain.config import LargeSamplesConfig
from skmist.pretrain.reading import TrainingBatch, as_found, read_batch

__all__ = ["LargeSamples"]

_HELD: list[Any] = [TrainingBatch, Statistics, SetStatistics, Rows, MaskedRows, Table]


class LargeSamples:
    """Single data sets of many rows for each step: a new one, and some of earlier steps.

    The statistics of 10,000 rows cost a hundred times what the net's step on them costs, so
    they are kept in files. Of a data set that is seen again other rows attend. What a step sees
    follows from the seed and the number of the step; a file that is missing or damaged is drawn
    anew.

    Parameters
    ----------
    config : LargeSamplesConfig
    prior : MetaDistribution, FamilyPrior or PriorMixture
    net : NetConfig
        What is read, and how many rows attend.
    seed : int
    folder : Path
        Where the data sets are kept.
    device : torch.device
    """

    def __init__(
        self,
        config: LargeSamplesConfig,
        prior: MetaDistribution | FamilyPrior | PriorMixture,
        net: NetConfig,
        seed: int,
        folder: Path,
        device: torch.device,
    ) -> None:
        self.config, self.prior, self.net = config, prior, net
        self.seed, self.folder, self.device = seed, Path(folder), device

    def numbers(self, step: int) -> list[int]:
        """Numbers of the data sets of a step: its own, then those of earlier steps."""
        config = self.config
        rng = random.Random(f"skmist large {self.seed} {step}")
        # The latest may still be in the making, by another process.
        earlier = [step - rng.randint(config.lag, config.window) for _ in range(config.uses - 1)]
        return [step, *(number for number in earlier if number >= 0)]

    def batch(self, step: int, place: int) -> TrainingBatch:
        """The data set at a place among the `numbers` of a step, with a share of its weight."""
        numbers = self.numbers(step)
        number = numbers[place]
        held = self._load(number) if place else None
        held = held or self._draw(number)
        rng = random.Random(f"skmist large {self.seed} {step} {place}")
        rows = held.pointwise.shape[1]
        chosen = sorted(rng.sample(range(rows), min(rows, self.net.max_rows)))
        return _with_rows(held, torch.tensor(chosen, device=self.device))._replace(
            weight=self.config.weight / len(numbers), again=place > 0
        )

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:07d}.pt"

    def _load(self, number: int) -> TrainingBatch | None:
        try:
            # tensors and the tuples that hold them: nothing that lies there can run
            with torch.serialization.safe_globals(_HELD):
                return torch.load(self._path(number), self.device, weights_only=True)
        except (OSError, EOFError, RuntimeError, UnpicklingError):
            return None

    def _draw(self, number: int) -> TrainingBatch:
        rng = random.Random(f"skmist large sample {self.seed} {number}")
        generator = torch.Generator(self.device).manual_seed(rng.getrandbits(62))
        n = self.config.draw_n(rng)
        prior = self.prior.choose(rng)
        _, p, q = prior.sample_shape(rng)
        # Two, since one may get the y of the other, which makes it independent.
        drawn = prior.draw(2, n, p, q, generator, rng=rng).first()
        drawn = as_found(drawn, n, generator, rng, self.net.extended)
        batch = read_batch(drawn, n, self.config.rows_kept, extended=self.net.extended)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(number)
        partial = path.with_suffix(f".{os.getpid()}")
        torch.save(batch, partial)
        partial.replace(path)
        self._path(number - self.config.window - self.config.lag).unlink(missing_ok=True)
        return batch


def _with_rows(batch: TrainingBatch, chosen: torch.Tensor) -> TrainingBatch:
    """The batch, of which only the chosen rows attend."""
    rows = batch.statistics.rows
    kept = Rows(
        rows.shared[:, chosen],
        (rows.roles[0][:, chosen], rows.roles[1][:, chosen]),
        rows.candidates[:, chosen],
        (rows.cells[0][:, chosen], rows.cells[1][:, chosen]),
    )
    return batch._replace(
        statistics=Statistics(batch.statistics.sample, kept),
        pointwise=batch.pointwise[:, chosen],
    )
