"""The training loop: fresh data every step, on a CPU or a GPU, resumable."""

from __future__ import annotations

import math
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch.utils.data import DataLoader
from tqdm import tqdm

from skmist.datasets import MetaDistribution
from skmist.pretrain.batches import Prior, StepBatches
from skmist.pretrain.checkpoint import Learned, load_checkpoints, save_checkpoints
from skmist.pretrain.config import RunConfig
from skmist.pretrain.large_samples import LargeSamples
from skmist.pretrain.learner import Learner
from skmist.pretrain.reading import TrainingBatch
from skmist.pretrain.stopping import told_to_stop
from skmist.pretrain.world import World
from skmist.weights import load_weights

__all__ = ["Trainer"]

_LOG_EVERY = 50
_PREFETCH = 6


class Trainer:
    """Trains a net, and its companions, on fresh draws of the meta-distribution.

    Parameters
    ----------
    config : RunConfig
    folder : path-like
        Where checkpoints and the log go, and where a run resumes from.
    world : World
        Device, and the other processes of a data-parallel run.
    workers : int
        Processes that draw data; 0 draws in this one, as a GPU must.
    prior : MetaDistribution, FamilyPrior or PriorMixture, optional
        Where data sets come from; the recipe's by default.
    quiet : bool, default=False
        Whether the log is written to its file alone.

    Raises
    ------
    ValueError
        If there are more processes than micro-batches in a step.
    """

    def __init__(
        self,
        config: RunConfig,
        folder: str | Path,
        world: World,
        workers: int = 0,
        prior: Prior | None = None,
        quiet: bool = False,
    ) -> None:
        if world.size > config.training.micro_batches:
            raise ValueError(
                f"{world.size} processes share micro_batches={config.training.micro_batches} "
                "a step; start fewer, or raise micro_batches"
            )
        self.config = config
        self.folder = Path(folder)
        self.world = world
        self.workers = workers if world.device.type == "cpu" else 0
        self.prior = MetaDistribution(**config.prior) if prior is None else prior
        self.quiet = quiet
        self.learners = {
            name: Learner(net, config.training, world)
            for name, net in {config.name: config.net, **config.companions}.items()
        }
        if config.initial:
            self.learners[config.name].start_from(load_weights(config.initial, "cpu"))
        self.step = 0
        self.seconds = 0.0
        self.data_sets = 0

    def resume(self) -> bool:
        """Continue from the folder's checkpoint; whether there was one."""
        state = load_checkpoints(self._held())
        if state is None:
            return False
        self.step, self.seconds = state["step"], state["seconds"]
        self.data_sets = state["data_sets"]
        return True

    def _held(self) -> list[tuple[Path, Learned]]:
        return [(self.folder / name, k.learned) for name, k in self.learners.items()]

    def save(self) -> None:
        """Write a checkpoint of every net, where this process leads."""
        if not self.world.leads:
            return
        state = {"step": self.step, "seconds": self.seconds, "data_sets": self.data_sets}
        save_checkpoints(self._held(), state)

    def run(self, max_seconds: float = math.inf, save_seconds: float = 120.0) -> None:
        """Train to the configured number of steps, or until the time is over; save.

        Parameters
        ----------
        max_seconds, save_seconds : float
            Time limit of this call, and time between checkpoints.

        Raises
        ------
        KeyboardInterrupt
            If Ctrl-C, or a request to end, came meanwhile; the step is finished and saved first.
        """
        with told_to_stop() as stop:
            self._run(max_seconds, save_seconds, stop)
        if stop.is_set():
            raise KeyboardInterrupt

    def _run(self, max_seconds: float, save_seconds: float, stop: threading.Event) -> None:
        start = saved = last = time.monotonic()
        steps = self.config.training.steps
        shown = self.world.leads and sys.stderr.isatty()
        with tqdm(total=steps, initial=self.step, disable=not shown, unit="step") as bar:
            for batches in self._batches():
                over = stop.is_set() or time.monotonic() - start > max_seconds
                late = self._learn(batches, over)
                bar.update()
                now = time.monotonic()
                self.seconds, last = self.seconds + now - last, now
                if self.step % _LOG_EVERY == 0:
                    self._write_log()
                if late:
                    break
                if now - saved > save_seconds:
                    self.save()
                    saved = now
        self.save()

    def _batches(self) -> Iterator[list[TrainingBatch]]:
        data = StepBatches(self.config, self.prior, self.world, self._large_samples())
        loader = DataLoader(
            data,
            batch_size=None,
            sampler=range(self.step, self.config.training.steps),
            num_workers=self.workers,
            prefetch_factor=_PREFETCH if self.workers else None,
            worker_init_fn=_one_thread,
        )
        yield from loader

    def _large_samples(self) -> LargeSamples | None:
        config = self.config
        if not config.large.uses:
            return None
        seed = config.training.seed
        folder, device = self.folder / "large", self.world.device
        return LargeSamples(config.large, self.prior, config.net, seed, folder, device)

    def _learn(self, batches: list[TrainingBatch], late: bool) -> bool:
        """One step of every net; whether the time of any process is over."""
        for learner in self.learners.values():
            learner.learn(batches, self.step)
        drawn, stops = self.world.sum(
            sum(len(batch.mi) for batch in batches if not batch.again), late
        )
        self.data_sets += int(drawn)
        self.step += 1
        return stops > 0

    def _write_log(self) -> None:
        if not self.world.leads:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "log.txt", "a", encoding="utf-8") as file:
            for name, learner in self.learners.items():
                line = f"{name} step {self.step} {self.seconds:.0f} s {self.data_sets} data sets: "
                line += learner.figures.flush()
                file.write(line + "\n")
                if not self.quiet:
                    tqdm.write(line)


def _one_thread(_: int) -> None:
    torch.set_num_threads(1)
    # Ctrl-C goes to all processes; it is the trainer that ends, and then ends these
    signal.signal(signal.SIGINT, signal.SIG_IGN)
