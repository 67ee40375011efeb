"""Accuracy on the 40 tasks of the BMI benchmark (Czyz et al. 2023), beside the classical peers.

Reads the samples that ``shared/bmi_v1.npz`` holds, asks every estimator about each, and writes
``bmi_n1000.csv`` (one row per task, seed and estimator; ``bmi_n5000.csv`` with ``--n 1000 5000``)
and ``bmi_summary.csv``. All numbers are in nats; estimates are clipped at 0 before their error is
taken. An interrupted run resumes when it is started again.
"""

from __future__ import annotations

__all__ = ["BmiSample", "main", "read_samples", "summarize"]

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import _common as common
import numpy as np
import pandas as pd
from _peers import Case, build_peers, interval_summary, peer_names

DATA = common.ROOT.parent / "shared" / "bmi_v1.npz"
SIZES = (1000, 5000)
HELD_OUT_MAPS = ("spiral", "swissroll")
COLUMNS = "nats; abs_error = |max(mi, 0) - mi_true|; a failed estimate has no mi but an error"
MEANING = (
    "nats; abs_error is averaged over the seeds of a task, then over tasks (mae); "
    "held-out maps are the spiral and Swiss-roll tasks"
)
KEYS = ["task", "p", "q", "n", "seed", "mi_true"]


class BmiSample(NamedTuple):
    """One sample of one task."""

    task: str
    seed: int
    mi_true: float
    x: np.ndarray
    y: np.ndarray

    def __str__(self) -> str:
        """Return what names the sample."""
        return f"{self.task} {self.seed}"

    def case(self) -> tuple[dict, Case]:
        """Return what names the sample in a table, and the sample."""
        values = (self.task, self.x.shape[1], self.y.shape[1], len(self.x), self.seed)
        keys = dict(zip(KEYS, (*values, self.mi_true), strict=True))
        return keys, Case(self.x, self.y)


def read_samples(path: Path, sizes: Sequence[int] = SIZES) -> list[BmiSample]:
    """Read the samples of the given sizes, in the order of the file.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The file holds no sample of one of the sizes.
    """
    if not path.exists():
        raise FileNotFoundError(
            f"no BMI samples at {path}; pass their place with --data (an .npz with the keys "
            "'TASK|mi', 'TASK|SEED|x' and 'TASK|SEED|y', see benchmarks/README.md)"
        )
    with np.load(path) as data:
        samples = list(_samples(data))
    missing = sorted(set(sizes) - {len(sample.x) for sample in samples})
    if missing:
        raise ValueError(f"{path} holds no sample of n = {missing}; choose other --n")
    return [sample for sample in samples if len(sample.x) in sizes]


def _samples(data: np.lib.npyio.NpzFile) -> Iterator[BmiSample]:
    for key in data.files:
        task, *rest = key.split("|")
        if rest[-1] == "x":
            x, y = (data[f"{task}|{rest[0]}|{side}"].astype(float) for side in "xy")
            yield BmiSample(task, int(rest[0]), float(data[f"{task}|mi"]), x, y)


def summarize(table: pd.DataFrame) -> pd.DataFrame:
    """Return the errors of each estimator at each n.

    The absolute error of a task is the mean over its seeds; ``mae`` is the mean of that over
    tasks. A failed estimate is left out of the means and counted in ``failed``.
    """
    groups = table.groupby(["n", "estimator"], sort=False)
    rows = [{"n": n, "estimator": name, **_summary(group)} for (n, name), group in groups]
    return pd.DataFrame(rows).sort_values(["n", "mae"], ignore_index=True)


def _summary(group: pd.DataFrame) -> dict:
    signed = group["mi"].clip(lower=0) - group["mi_true"]
    by_task = group["abs_error"].groupby(group["task"]).mean()
    held_out = by_task.index.str.startswith(HELD_OUT_MAPS)
    return {
        "mae": by_task.mean(),
        "mae_held_out_maps": by_task[held_out].mean(),
        "mae_other_tasks": by_task[~held_out].mean(),
        "bias": signed.groupby(group["task"]).mean().mean(),
        "worst": by_task.max(),
        "worst_task": "" if by_task.isna().all() else by_task.idxmax(),
        **interval_summary(group),
        "tasks": by_task.notna().sum(),
        "failed": group["mi"].isna().sum(),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", type=Path, default=DATA, metavar="NPZ", help=f"the BMI samples (default: {DATA})"
    )
    parser.add_argument(
        "--n",
        type=int,
        nargs="+",
        default=[SIZES[0]],
        choices=SIZES,
        help="sample sizes (default: 1000)",
    )
    common.add_arguments(parser, peer_names())
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its tables."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser().parse_args(arguments)
    try:
        samples = read_samples(options.data, options.n)
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    journal = common.Journal("bmi", options, [options.data])
    peers = build_peers(options.estimators, options.device, options.weights)
    table = common.evaluate(samples, BmiSample.case, peers, journal, "BMI")
    header = common.provenance("bmi.py", arguments, options.weights)
    for n, part in table.groupby("n"):
        common.write_table(part, options.out / f"bmi_n{n}.csv", [*header, COLUMNS])
    summary = summarize(table)
    common.write_table(summary, options.out / "bmi_summary.csv", [*header, MEANING])
    journal.finish()
    print(summary.round(4).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
