"""The training loop: fresh data every step, on a CPU or a GPU, resumable."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch.utils.data import DataLoader
from tqdm import tqdm

from skmist.datasets import MetaDistribution
from skmist.pretrain.batches import StepBatches, TrainingBatch
from skmist.pretrain.config import RunConfig
from skmist.pretrain.learner import Learner

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
    device : str
        ``"cpu"`` or ``"cuda"``.
    workers : int
        Processes that draw data; 0 draws in this one, as a GPU must.
    """

    def __init__(
        self, config: RunConfig, folder: str | Path, device: str, workers: int = 0
    ) -> None:
        self.config = config
        self.folder = Path(folder)
        self.device = torch.device(device)
        self.workers = workers if self.device.type == "cpu" else 0
        self.prior = MetaDistribution(**config.prior)
        self.learners = {
            name: Learner(net, config.training, self.device)
            for name, net in {config.name: config.net, **config.companions}.items()
        }
        self.step = 0
        self.seconds = 0.0
        self.data_sets = 0

    def resume(self) -> bool:
        """Continue from the folder's checkpoint; whether there was one."""
        states = [k.load(self.folder / name) for name, k in self.learners.items()]
        if states[0] is None:
            return False
        self.step = states[0]["step"]
        self.seconds, self.data_sets = states[0]["seconds"], states[0]["data_sets"]
        return True

    def save(self) -> None:
        """Write a checkpoint of every net."""
        state = {"step": self.step, "seconds": self.seconds, "data_sets": self.data_sets}
        for name, learner in self.learners.items():
            learner.save(self.folder / name, state)

    def run(self, max_seconds: float = math.inf, save_seconds: float = 120.0) -> None:
        """Train to the configured number of steps, or until the time is over; save.

        Parameters
        ----------
        max_seconds, save_seconds : float
            Time limit of this call, and time between checkpoints.
        """
        start = saved = last = time.monotonic()
        steps = self.config.training.steps
        shown = sys.stderr.isatty()
        with tqdm(total=steps, initial=self.step, disable=not shown, unit="step") as bar:
            for batches in self._batches():
                self._learn(batches)
                bar.update()
                now = time.monotonic()
                self.seconds, last = self.seconds + now - last, now
                if self.step % _LOG_EVERY == 0:
                    self._write_log()
                if now - start > max_seconds:
                    break
                if now - saved > save_seconds:
                    self.save()
                    saved = now
        self.save()

    def _batches(self) -> Iterator[list[TrainingBatch]]:
        data = StepBatches(self.config, self.prior, self.device)
        loader = DataLoader(
            data,
            batch_size=None,
            sampler=range(self.step, self.config.training.steps),
            num_workers=self.workers,
            prefetch_factor=_PREFETCH if self.workers else None,
            worker_init_fn=_one_thread,
        )
        yield from loader

    def _learn(self, batches: list[TrainingBatch]) -> None:
        for learner in self.learners.values():
            learner.learn(batches, self.step)
        self.data_sets += sum(len(batch.mi) for batch in batches)
        self.step += 1

    def _write_log(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "log.txt", "a", encoding="utf-8") as file:
            for name, learner in self.learners.items():
                line = f"{name} step {self.step} {self.seconds:.0f} s {self.data_sets} data sets: "
                line += learner.figures.flush()
                file.write(line + "\n")
                tqdm.write(line)


def _one_thread(_: int) -> None:
    torch.set_num_threads(1)
