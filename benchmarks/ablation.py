"""What each part of mist-3 buys: nets of other designs, trained on the very same data sets.

All start from random weights and see the same fresh draws of the prior in the same order, but for
the net of another prior; each is then asked about new samples of the grid's families, of the
validation half of those that were frozen before the training of mist-3, and of situations of
``bars.py`` (never about the BMI tasks). Writes ``ablation.csv``: mean absolute error of the median
in nats, coverage of the 90 % interval, and seconds of a training step. The budget is far below
that of shipped weights, so the figures rank designs and say nothing about how good any can become.
A run that was ended, or whose ``--minutes`` were over, goes on when it is started again.
"""

from __future__ import annotations

__all__ = ["SharedBatches", "SideBySide", "examined", "main", "summary"]

import argparse
import json
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from cases.ablation_questions import Question, asked_cells, draw_question
from cases.ablation_variants import VARIANTS, Reading, Variant
from harness import common
from harness.journal import Journal
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

import skmist.pretrain
from skmist._sample.sample import Sample, make_sample
from skmist.datasets import MetaDistribution
from skmist.estimators.mist.held import HeldSamples, in_own_order
from skmist.nn import QUANTILE_LEVELS, expand, sample_statistics
from skmist.nn.mist.statistics import Statistics
from skmist.pretrain.batches import StepBatches
from skmist.pretrain.checkpoint import Learned, load_checkpoints, save_checkpoints
from skmist.pretrain.config import RunConfig, load_config
from skmist.pretrain.learner import Learner
from skmist.pretrain.reading import TrainingBatch
from skmist.pretrain.stopping import told_to_stop
from skmist.pretrain.world import World

CONFIGS = Path(skmist.pretrain.__file__).parent / "configs"
LEAST = 0.01
"""Nats; a cell of less error counts for that where errors are compared."""
_SAVE_SECONDS = 300.0
_QUANTILES = tuple(QUANTILE_LEVELS.index(level) for level in (0.05, 0.5, 0.95))
MEANING = (
    "nats; mae = mean absolute error of the median; lost = geometric mean of the error over that "
    f"of 'full', cell by cell, an error below {LEAST} counting for that, and lost_se its standard "
    "error; seconds = processor time of a training step with its data, net_seconds without"
)


class SharedBatches(Dataset):
    """Batches of each step, once for every way in which the nets read them, and their seconds."""

    def __init__(self, config: RunConfig, variants: Sequence[Variant]) -> None:
        self.sources = {}
        for reading in {variant.reading: None for variant in variants}:
            own = reading.config(config)
            prior = MetaDistribution(**own.prior)
            self.sources[reading] = StepBatches(own, prior, World("cpu"))

    def __getitem__(self, step: int) -> dict[Reading, tuple[list[TrainingBatch], float]]:
        """Return batches and processor time by reading."""
        return {reading: _timed(source, step) for reading, source in self.sources.items()}


def _timed(source: StepBatches, step: int) -> tuple[list[TrainingBatch], float]:
    start = time.process_time()
    return source[step], time.process_time() - start


def _shown(variant: Variant, batch: TrainingBatch) -> TrainingBatch:
    statistics, masked = variant.sees(batch.statistics, batch.masked)
    return batch._replace(statistics=statistics, masked=masked)


def _learner(variant: Variant, config: RunConfig) -> Learner:
    training = replace(config.training, **variant.training)
    return Learner(replace(config.net, **variant.net), training, World("cpu"))


class SideBySide:
    """Nets in training on the same data, from where the checkpoints in a folder end.

    Parameters
    ----------
    names : sequence of str
        Some of ``VARIANTS``.
    config : RunConfig
        The full net, its prior, and how long and fast to train.
    folder : Path
    """

    def __init__(self, names: Sequence[str], config: RunConfig, folder: Path) -> None:
        self.config, self.folder = config, folder
        self.learners = {name: _learner(VARIANTS[name], config) for name in names}
        held = load_checkpoints(self._held()) or {"step": 0, "seconds": {}, "net_seconds": {}}
        none = dict.fromkeys(names, 0.0)
        self.step = held["step"]
        self.seconds, self.net_seconds = none | held["seconds"], none | held["net_seconds"]

    def _held(self) -> list[tuple[Path, Learned]]:
        return [(self.folder / name, k.learned) for name, k in self.learners.items()]

    def _save(self) -> None:
        spent = {"seconds": self.seconds, "net_seconds": self.net_seconds}
        save_checkpoints(self._held(), {"step": self.step, **spent})

    def train(self, minutes: float, workers: int) -> None:
        """Train to the last step, or until the time is over, with some processes that draw."""
        start = saved = time.monotonic()
        data = SharedBatches(self.config, [VARIANTS[name] for name in self.learners])
        steps = range(self.step, self.config.training.steps)
        loader = DataLoader(
            data, None, sampler=steps, num_workers=workers, worker_init_fn=_one_thread
        )
        with told_to_stop() as stop:
            for batches in tqdm(loader, desc="training", dynamic_ncols=True):
                self._learn(batches)
                if stop.is_set() or time.monotonic() - start > 60.0 * minutes:
                    break
                if time.monotonic() - saved > _SAVE_SECONDS:
                    self._save()
                    saved = time.monotonic()
        self._save()
        if stop.is_set():
            raise KeyboardInterrupt

    def _learn(self, batches: dict[Reading, tuple[list[TrainingBatch], float]]) -> None:
        for name, learner in self.learners.items():
            own, reading_seconds = batches[VARIANTS[name].reading]
            start = time.process_time()
            learner.learn([_shown(VARIANTS[name], batch) for batch in own], self.step)
            spent = time.process_time() - start
            self.net_seconds[name] += spent
            self.seconds[name] += spent + reading_seconds
        self.step += 1


def _one_thread(_: int) -> None:
    torch.set_num_threads(1)
    # Ctrl-C goes to all processes; the step that it meets is finished first
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _read(sample: Sample, extended: bool, max_rows: int) -> Statistics:
    held = HeldSamples([in_own_order(sample, extended)], "cpu", extended)
    return sample_statistics(held.frame(), max_rows)


@torch.inference_mode()
def _answers(question: Question, learners: dict[str, Learner]) -> dict[str, list[float]]:
    """Return low end, median and high end of each net."""
    sample = make_sample(question.x, question.y, **question.masks).informative()
    read: dict[bool, Statistics] = {}
    found = {}
    for name, learner in learners.items():
        net = learner.average
        extended = net.config.extended
        if extended not in read:
            read[extended] = _read(sample, extended, net.config.max_rows)
        context = net.encode(VARIANTS[name].sees(read[extended])[0])
        quantiles = expand(net.quantiles_of(context))[0].double()
        found[name] = quantiles[list(_QUANTILES)].tolist()
    return found


def examined(nets: SideBySide, draws: int) -> pd.DataFrame:
    """Ask the nets as they are; a row per sample and net.

    Parameters
    ----------
    nets : SideBySide
    draws : int
        Samples of a family, shape and n.
    """
    journal = Journal(nets.folder / f"answers_{nets.step}.jsonl")
    rows = []
    for cell in tqdm(asked_cells(draws), desc="asking", dynamic_ncols=True):
        question = draw_question(cell)
        known = journal.known(str(cell))
        new = {name: k for name, k in nets.learners.items() if name not in known}
        if new:
            journal.add(str(cell), _answers(question, new))
        for name, (low, median, high) in journal.known(str(cell)).items():
            row = {"net": name, "low": low, "mi": median, "high": high}
            rows.append({**question.keys, **row})
    return pd.DataFrame(rows)


def summary(answers: pd.DataFrame) -> pd.DataFrame:
    """Return a row per net and set of families.

    Parameters
    ----------
    answers : DataFrame
        Of `examined`.
    """
    missed = (answers["mi"] - answers["mi_true"]).abs()
    inside = answers["mi_true"].between(answers["low"] - 1e-3, answers["high"] + 1e-3)
    table = answers.assign(error=missed, covered=inside)
    cells = table.groupby(["set", "family", "p", "q", "n", "net"])["error"].mean().unstack()
    logs = np.log(cells.clip(lower=LEAST))
    ratio = logs.sub(logs["full"], axis=0)
    rows = []
    for (which, name), part in table.groupby(["set", "net"], sort=False):
        lost = float(np.exp(ratio.loc[which, name].mean()))
        by_n = part.groupby("n")["error"].mean()
        row = {"net": name, "set": which, "mae": part["error"].mean()}
        row |= {f"mae_n{n}": error for n, error in by_n.items()}
        row |= {"lost": lost, "lost_se": lost * ratio.loc[which, name].sem()}
        rows.append(row | {"coverage_90": part["covered"].mean()})
    return pd.DataFrame(rows)


def _with_facts(table: pd.DataFrame, nets: SideBySide) -> pd.DataFrame:
    """Add how long each net was trained, what a step takes, and what is different in it."""
    for column, spent in (("seconds", nets.seconds), ("net_seconds", nets.net_seconds)):
        table[column] = table["net"].map(spent) / nets.step
    about = table["net"].map(lambda name: VARIANTS[name].about)
    return table.assign(steps=nets.step, about=about)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--config", type=Path, default=CONFIGS / "mist-3.toml", help="the recipe of 'full'")
    add("--steps", type=int, default=600, help="of training (default: 600)")
    add("--minutes", type=float, default=np.inf, help="most that this call trains (default: all)")
    add("--draws", type=int, default=3, help="samples of a cell (default: 3)")
    add("--variants", nargs="+", default=list(VARIANTS), choices=list(VARIANTS))
    add("--workers", type=int, default=1, help="processes that draw (default: 1)")
    add("--folder", type=Path, default=common.JOURNALS / "ablation", help="of the checkpoints")
    add("--fresh", action="store_true", help="forget the nets that earlier runs have left")
    add("--out", type=Path, default=common.RESULTS, metavar="DIR", help="folder of the table")
    return parser


def _config(options: argparse.Namespace) -> RunConfig:
    """Return the recipe, from random weights and for fewer steps."""
    config = load_config(options.config)
    warm = min(100, options.steps // 5)
    shorter = {"steps": options.steps, "decay_steps": None, "learning_rate": 1e-3}
    training = replace(config.training, **shorter, warmup_steps=warm)
    return replace(config, name="ablation", training=training, initial="")


def _claim(folder: Path, config: RunConfig, names: Sequence[str], fresh: bool) -> None:
    """Make the folder of a run, or see that what lies there is of the same run."""
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    settings, path = json.dumps([names, config.to_dict()]), folder / "settings.json"
    if path.exists() and path.read_text() != settings:
        sys.exit(f"error: {folder} holds another run; take another --folder, or --fresh")
    path.write_text(settings)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the nets, ask them, write the table."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser().parse_args(arguments)
    config, names = _config(options), list(dict.fromkeys(["full", *options.variants]))
    _claim(options.folder, config, names, options.fresh)
    nets = SideBySide(names, config, options.folder)
    nets.train(options.minutes, options.workers)
    table = _with_facts(summary(examined(nets, options.draws)), nets)
    header = common.provenance("ablation.py", arguments, "none")
    common.write_table(table, options.out / "ablation.csv", [*header, MEANING])
    print(table.drop(columns="about").round(3).to_string(index=False))
    print(f"after {nets.step} of {options.steps} steps")
    return 0


if __name__ == "__main__":
    sys.exit(main())
