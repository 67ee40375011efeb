"""``python -m skmist.pretrain CONFIG.toml``: train, resume, export.

``torchrun --nproc-per-node 2 -m skmist.pretrain CONFIG.toml`` trains the same net with two
processes, each on its share of every step.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from pathlib import Path

# Every shape of a batch needs matrix kernels of its own; read when torch is imported.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "32768")

import torch  # noqa: E402

from skmist.pretrain.config import load_config  # noqa: E402
from skmist.pretrain.export import export_weights  # noqa: E402
from skmist.pretrain.trainer import Trainer  # noqa: E402
from skmist.pretrain.world import World  # noqa: E402

__all__ = ["main"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m skmist.pretrain", description=__doc__)
    parser.add_argument("config", type=Path, help="TOML file of the run")
    parser.add_argument("--folder", type=Path, help="run folder (default: runs/NAME)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--workers", type=int, default=0, help="processes that draw data")
    parser.add_argument("--threads", type=int, help="threads of the net (default: torch's)")
    parser.add_argument("--max-seconds", type=float, default=math.inf)
    parser.add_argument("--export", type=Path, metavar="FOLDER", help="write the weights there")
    return parser


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    options = _parser().parse_args(arguments)
    config = load_config(options.config)
    folder = options.folder or Path("runs") / config.name
    if options.export is not None:
        options.export.mkdir(parents=True, exist_ok=True)
    if options.device.startswith("cuda"):
        torch.set_float32_matmul_precision("high")
    if options.threads:
        torch.set_num_threads(options.threads)
    with World(options.device) as world:
        trainer = Trainer(config, folder, world, options.workers)
        trainer.resume()
        try:
            trainer.run(options.max_seconds)
        except KeyboardInterrupt:
            sys.exit(f"stopped at step {trainer.step}, which is saved in {folder}")
        if options.export is not None and world.leads:
            export_weights(trainer, options.export)


if __name__ == "__main__":
    main()
