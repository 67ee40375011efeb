"""How fast the meta-distribution draws, beside how fast the net trains on what it draws.

Times three things for the steps of a training run: the prior alone, the prior with the
statistics that the net reads (what a worker does), and the net's own step on finished batches.
Training waits for data where the second figure, times the workers, falls below the third.
The arithmetic of the net's step is counted, and its rate compared with that of a large matrix
product in the same run. Writes ``throughput.csv``; rates are per second of processor time, or on
a GPU of time.
"""

from __future__ import annotations

__all__ = ["main", "measure"]

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import torch
from harness import common
from torch.utils.flop_counter import FlopCounterMode
from tqdm import tqdm

import skmist.pretrain
from skmist.datasets import MetaDistribution
from skmist.pretrain.batches import StepBatches, batch_size
from skmist.pretrain.config import RunConfig, load_config
from skmist.pretrain.learner import Learner
from skmist.pretrain.world import World

CONFIGS = Path(skmist.pretrain.__file__).parent / "configs"
MATRIX = 2048
MEANING = (
    "rates per processor second (CPU) or second (GPU); rows: without the hidden ones; tokens: "
    "rows that attend; matrix_share: arithmetic of the step per second over that of a product of "
    f"two {MATRIX} x {MATRIX} matrices in the precision of the run"
)


def _draw_only(config: RunConfig, prior: MetaDistribution, step: int, device: torch.device):
    """Draw the data sets of as many batches as a step has, without their statistics."""
    rng = random.Random(f"throughput {step}")
    generator = torch.Generator(device).manual_seed(rng.getrandbits(62))
    sizes = []
    for _ in range(config.training.micro_batches):
        n, p, q = prior.sample_shape(rng)
        size = batch_size(config, n, p, q)
        prior.draw(size, n + config.training.n_masked, p, q, generator, rng=rng)
        sizes.append((size, size * n))
    return sizes


def _sizes(batches: Sequence) -> list[tuple[int, int]]:
    return [(len(batch.mi), len(batch.mi) * batch.n) for batch in batches]


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def matrix_rate(device: torch.device, precision: torch.dtype) -> float:
    """Operations per second of a product of two large matrices.

    Parameters
    ----------
    device : torch.device
    precision : torch.dtype
    """
    clock = _clock(device)
    a = torch.randn(MATRIX, MATRIX, device=device, dtype=precision)
    best = 0.0
    for _ in range(5):
        _wait(device)
        start = clock()
        torch.mm(a, a)
        _wait(device)
        best = max(best, 2.0 * MATRIX**3 / (clock() - start))
    return best


def _clock(device: torch.device) -> Callable[[], float]:
    # Other work on the machine does not lengthen processor time.
    return time.perf_counter if device.type == "cuda" else time.process_time


def measure(config: RunConfig, world: World, steps: int) -> pd.DataFrame:
    """Return a row per stage: data sets, rows, steps and seconds, and their rates.

    Parameters
    ----------
    config : RunConfig
        The run whose steps are timed.
    world : World
        Where it draws and trains.
    steps : int
        How many steps, after two that warm up.
    """
    device, prior = world.device, MetaDistribution(**config.prior)
    data = StepBatches(config, prior, world)
    learner = Learner(config.net, config.training, world)
    clock, tokens, operations = _clock(device), 0, 0
    seconds = {"prior": 0.0, "prior and statistics": 0.0, "net": 0.0}
    counts = {stage: [0, 0] for stage in seconds}

    def timed(stage: str, call, keep: bool):
        _wait(device)
        start = clock()
        result = call()
        _wait(device)
        if keep:
            seconds[stage] += clock() - start
        return result

    for step in tqdm(range(-2, steps), desc="throughput", dynamic_ncols=True):
        keep = step >= 0
        drawn = timed("prior", lambda s=step: _draw_only(config, prior, s, device), keep)
        batches = timed("prior and statistics", lambda s=step: data[s + 2], keep)
        timed("net", lambda b=batches: learner.learn(b, 1), keep)
        if keep:
            with FlopCounterMode(display=False) as counter:
                learner.learn(batches, 1)
            operations += counter.get_total_flops()
            tokens += sum(batch.pointwise.numel() for batch in batches)
        stages = (drawn, _sizes(batches), _sizes(batches))
        for stage, sizes in zip(seconds, stages, strict=True):
            for size, rows in sizes if keep else ():
                counts[stage][0] += size
                counts[stage][1] += rows
    rows = [
        {
            "stage": stage,
            "device": str(device),
            "threads": torch.get_num_threads(),
            "steps": steps,
            "data_sets": counts[stage][0],
            "seconds": spent,
            "data_sets_per_second": counts[stage][0] / spent,
            "rows_per_second": counts[stage][1] / spent,
            "steps_per_second": steps / spent,
        }
        for stage, spent in seconds.items()
    ]
    table = pd.DataFrame(rows)
    net = table["stage"] == "net"
    table.loc[net, "tokens_per_second"] = tokens / seconds["net"]
    rate = operations / seconds["net"] / matrix_rate(device, learner.precision)
    table.loc[net, "matrix_share"] = rate
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    newest = max(CONFIGS.glob("*.toml"), key=lambda path: path.stem)
    parser.add_argument("--config", type=Path, default=newest, help=f"default: {newest.name}")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--out", type=Path, default=common.RESULTS, metavar="DIR")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser().parse_args(arguments)
    config = load_config(options.config)
    table = measure(config, World(options.device), options.steps)
    header = common.provenance("throughput.py", arguments, config.initial or config.name)
    common.write_table(table, options.out / "throughput.csv", [*header, MEANING])
    print(table.round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
