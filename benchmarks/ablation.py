"""What each part of the net buys: several nets trained on the very same data sets.

All start from random weights and see the same fresh draws of the prior in the same order; each is
then asked about the samples of the grid's families, those held out of training among them (never
about the BMI tasks). Writes ``ablation.csv``: mean absolute error of the median in nats, coverage
of the 90 % interval, and seconds of a training step. The budget is far below that of shipped
weights, so the figures rank designs and say nothing about how good any can become.
"""

from __future__ import annotations

__all__ = ["examined", "main", "summary", "train"]

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from cases.ablation_variants import VARIANTS, Variant
from cases.cells import Cell, draw_cell
from cases.families import FAMILIES
from harness import common
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

import skmist.pretrain
from skmist._sample.sample import make_sample
from skmist.datasets import MetaDistribution
from skmist.nn import QUANTILE_LEVELS, SampleFrame, expand, sample_statistics
from skmist.nn.mist.statistics import Statistics
from skmist.pretrain.batches import batch_size, few_rows
from skmist.pretrain.config import RunConfig, TrainingConfig, load_config
from skmist.pretrain.learner import Learner
from skmist.pretrain.reading import TrainingBatch, read_batch
from skmist.pretrain.world import World

CONFIGS = Path(skmist.pretrain.__file__).parent / "configs"
SIZES = (100, 300, 1000)
# Beyond the draws that the grid itself shows.
_FIRST_DRAW = 600
_QUANTILES = tuple(QUANTILE_LEVELS.index(level) for level in (0.05, 0.5, 0.95))
MEANING = (
    "nats; mae = mean absolute error of the median; lost = geometric mean of the error over that "
    "of 'full', cell by cell; seconds = time of a training step of that net, without the data"
)


def reading_of(variant: Variant) -> str:
    """Name the statistics that a net reads."""
    return f"{variant.net.max_rows} {variant.encode.__name__}"


class SharedBatches(Dataset):
    """Batches of each step, once for every way in which the nets read them."""

    def __init__(self, config: RunConfig, variants: Sequence[Variant]) -> None:
        self.config, self.prior = config, MetaDistribution(**config.prior)
        self.readings = {reading_of(v): v.reading for v in variants}

    def __len__(self) -> int:
        return self.config.training.steps

    @torch.no_grad()
    def __getitem__(self, step: int) -> list[dict[str, TrainingBatch]]:
        return [self._batch(step, i) for i in range(self.config.training.micro_batches)]

    def _batch(self, step: int, number: int) -> dict[str, TrainingBatch]:
        training, rows = self.config.training, self.config.net.max_rows
        rng = random.Random(f"skmist ablation {training.seed} {step} {number}")
        generator = torch.Generator().manual_seed(rng.getrandbits(62))
        n, p, q = self.prior.sample_shape(rng)
        n = few_rows(n, rows)
        size = batch_size(self.config, n, p, q)
        drawn = self.prior.draw(size, n + training.n_masked, p, q, generator, rng=rng)
        weight = 1.0 / training.micro_batches
        return {
            name: read_batch(drawn, n, max_rows, encode)._replace(weight=weight)
            for name, (max_rows, encode) in self.readings.items()
        }


def _learner(variant: Variant, training: TrainingConfig) -> Learner:
    weights = {} if variant.row_losses else {"pointwise_weight": 0.0, "masked_weight": 0.0}
    settings = {**vars(training), **weights}
    return Learner(variant.net, TrainingConfig(**settings), World("cpu"))


def train(
    names: Sequence[str], config: RunConfig, workers: int
) -> tuple[dict[str, Learner], dict[str, float]]:
    """Train the nets side by side; they, and the seconds of a step of each.

    Parameters
    ----------
    names : sequence of str
        Some of ``VARIANTS``.
    config : RunConfig
        Its prior and how long and fast to train; the nets are those of the variants.
    workers : int
        Processes that draw data.
    """
    learners = {name: _learner(VARIANTS[name], config.training) for name in names}
    seconds = dict.fromkeys(names, 0.0)
    data = SharedBatches(config, [VARIANTS[name] for name in names])
    loader = DataLoader(data, batch_size=None, num_workers=workers, worker_init_fn=_one_thread)
    for step, batches in enumerate(tqdm(loader, desc="training", dynamic_ncols=True)):
        for name, learner in learners.items():
            start = time.perf_counter()
            learner.learn([_shown(VARIANTS[name], batch) for batch in batches], step)
            seconds[name] += time.perf_counter() - start
    return learners, {name: total / len(data) for name, total in seconds.items()}


def _one_thread(_: int) -> None:
    torch.set_num_threads(1)


def _shown(variant: Variant, batch: dict[str, TrainingBatch]) -> TrainingBatch:
    own = batch[reading_of(variant)]
    return own._replace(statistics=variant.sees(own.statistics))


def _cells(draws: int) -> list[Cell]:
    shapes = [(name, *dims) for name, family in FAMILIES.items() for dims in family.dims]
    numbers = range(_FIRST_DRAW, _FIRST_DRAW + draws)
    return [Cell(*shape, n, draw) for n in SIZES for shape in shapes for draw in numbers]


@torch.no_grad()
def _statistics(sample, max_rows: int, encode: Callable[..., Tensor]) -> Statistics:
    kinds, sides = sample.kinds, (sample.x, sample.y)
    values = (torch.as_tensor(side.values, dtype=torch.float64)[None] for side in sides)
    x, y = (encode(v, None, kind) for v, kind in zip(values, kinds, strict=True))
    frame = SampleFrame(x, y, *kinds)
    return sample_statistics(frame, max_rows)


@torch.no_grad()
def examined(learners: dict[str, Learner], draws: int) -> pd.DataFrame:
    """Ask the nets about samples of the grid's families; a row per sample and net.

    Parameters
    ----------
    learners : dict of str to Learner
    draws : int
        Samples of a family, shape and n.
    """
    rows = []
    for cell in tqdm(_cells(draws), desc="asking", dynamic_ncols=True):
        keys, case = draw_cell(cell)
        sample = make_sample(case.x, case.y, **case.masks()).informative()
        read: dict[str, Statistics] = {}
        for name, learner in learners.items():
            net, variant = learner.average, VARIANTS[name]
            key = reading_of(variant)
            read[key] = read.get(key) or _statistics(sample, *variant.reading)
            context = net.encode(variant.sees(read[key]))
            quantiles = expand(net.quantiles_of(context))[0].double().numpy()
            low, median, high = quantiles[list(_QUANTILES)]
            rows.append({**keys, "net": name, "low": low, "mi": median, "high": high})
    return pd.DataFrame(rows)


def summary(answers: pd.DataFrame, seconds: dict[str, float]) -> pd.DataFrame:
    """Return a row per net and set of families.

    Parameters
    ----------
    answers : DataFrame
        Of `examined`.
    seconds : dict of str to float
        Time of a training step of each net.
    """
    missed = (answers["mi"] - answers["mi_true"]).abs()
    inside = answers["mi_true"].between(answers["low"] - 1e-3, answers["high"] + 1e-3)
    table = answers.assign(error=missed, covered=inside)
    cells = table.groupby(["set", "family", "p", "q", "n", "net"])["error"].mean().unstack()
    ratio = cells.div(cells["full"], axis=0).clip(lower=1e-3).apply(np.log)
    rows = [
        {
            "net": name,
            "set": which,
            "mae": part["error"].mean(),
            **{f"mae_n{n}": part["error"][part["n"] == n].mean() for n in SIZES},
            "lost": float(np.exp(ratio.loc[which, name].mean())),
            "coverage_90": part["covered"].mean(),
            "seconds": seconds[name],
            "about": VARIANTS[name].about,
        }
        for (name, which), part in table.groupby(["net", "set"], sort=False)
    ]
    return pd.DataFrame(rows)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, default=CONFIGS / "mist-3.toml")
    parser.add_argument("--steps", type=int, default=400, help="of training (default: 400)")
    parser.add_argument("--draws", type=int, default=6, help="samples of a cell (default: 6)")
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS), choices=list(VARIANTS))
    parser.add_argument("--workers", type=int, default=1, help="processes that draw (default: 1)")
    parser.add_argument("--out", type=Path, default=common.RESULTS, metavar="DIR")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the nets, ask them, write the table."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser().parse_args(arguments)
    config = load_config(options.config)
    shorter = {"steps": options.steps, "decay_steps": None, "learning_rate": 1e-3}
    warm = min(100, options.steps // 5)
    training = TrainingConfig(**{**vars(config.training), **shorter, "warmup_steps": warm})
    config = RunConfig("ablation", config.net, training, config.prior)
    names = list(dict.fromkeys(["full", *options.variants]))
    learners, seconds = train(names, config, options.workers)
    table = summary(examined(learners, options.draws), seconds)
    header = common.provenance("ablation.py", arguments, "none")
    common.write_table(table, options.out / "ablation.csv", [*header, MEANING])
    print(table.drop(columns="about").round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
