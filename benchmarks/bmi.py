"""Accuracy on the tasks of the BMI benchmark (Czyz et al. 2023), beside the classical peers.

The 40 tasks at n = 1,000 and 5,000 are the benchmark's own samples, which ``shared/bmi_v1.npz``
holds; those at n = 10,000, and the 26 mixture tasks (``--mixtures``), are drawn from the same
laws in ``skmist.datasets`` with fixed seeds. The tasks share their noise, so that one or two draws
of each say little: ``--draws 10`` asks about ten fresh draws of every task, and the summary then
has their standard error, and the efficient error beside each error. Writes ``bmi_n1000.csv`` (one
row per task, seed and estimator; ``bmi_n5000.csv`` and ``bmi_n10000.csv`` likewise) and
``bmi_summary.csv`` of all such tables in the folder, or ``bmi_fresh_...``. All numbers are in
nats; estimates are clipped at 0 before their error is taken. An interrupted run resumes when it
is started again.
"""

from __future__ import annotations

__all__ = ["main", "write_summary"]

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
from cases.bmi_samples import (
    DATA,
    PROVIDED,
    SIZES,
    BmiSample,
    drawn_mixtures,
    drawn_samples,
    fresh_samples,
    read_samples,
    summarize,
    summarize_fresh,
)
from harness import common
from harness.peers import default_names

COLUMNS = "nats; abs_error = |max(mi, 0) - mi_true|; a failed estimate has no mi but an error"
MEANING = (
    "nats; abs_error is averaged over the seeds of a task, then over tasks (mae); "
    "held-out maps are the spiral and Swiss-roll tasks"
)
FRESH = (
    "se = standard error of mae over the draws, each the mean over the tasks; efficient = error "
    "of the mean of the true pointwise MI; ratio = mae to it"
)
DRAWN = "samples drawn by skmist.datasets from the law of each task, columns scaled to unit spread"


def write_summary(
    folder: Path, pattern: str, name: str, summed: Callable[..., pd.DataFrame] = summarize
) -> pd.DataFrame:
    """Summarize all tables of a pattern in a folder, and say where each came from."""
    paths = sorted(folder.glob(pattern), key=lambda path: int(path.stem.split("_n")[1]))
    tables = [common.read_table(path) for path in paths]
    summary = summed(pd.concat(tables, ignore_index=True))
    origins = [f"{path.name}: {common.table_source(path)}" for path in paths]
    remarks = [FRESH] if summed is summarize_fresh else []
    common.write_table(summary, folder / name, [*origins, MEANING, *remarks])
    return summary


def _add_options(parser: argparse.ArgumentParser) -> None:
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
    parser.add_argument(
        "--drawn",
        action="store_true",
        help="draw all samples here, into tables of their own (bmi_drawn_...): needs no file",
    )
    parser.add_argument(
        "--draws",
        type=int,
        default=0,
        metavar="K",
        help="K fresh draws of every task instead, into tables of their own (bmi_fresh_...)",
    )
    parser.add_argument("--mixtures", action="store_true", help="the 26 mixture tasks instead")


def _samples_of(options: argparse.Namespace) -> list[BmiSample]:
    if options.draws:
        return [sample for n in options.n for sample in fresh_samples(n, options.draws)]
    if options.mixtures:
        return [sample for n in options.n for sample in drawn_mixtures(n)]
    drawn = [n for n in options.n if options.drawn or n not in PROVIDED]
    provided = [n for n in options.n if n not in drawn]
    try:
        samples = read_samples(options.data, provided) if provided else []
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    return samples + [sample for n in drawn for sample in drawn_samples(n)]


def _stem(options: argparse.Namespace) -> str:
    if options.draws:
        return "bmi_fresh"
    if options.mixtures:
        return "bmi_mixtures"
    return "bmi_drawn" if options.drawn else "bmi"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its tables."""
    run = common.start("bmi", __doc__, arguments, default_names(), _add_options)
    samples = _samples_of(run.options)
    stem = _stem(run.options)
    table = run.evaluate(samples, BmiSample.case, stem)
    for n, part in table.groupby("n"):
        ours = stem != "bmi" or n not in PROVIDED
        run.write(part, f"{stem}_n{n}.csv", *([DRAWN] if ours else []), COLUMNS)
    summed = summarize_fresh if run.options.draws else summarize
    summary = write_summary(run.options.out, f"{stem}_n*.csv", f"{stem}_summary.csv", summed)
    print(summary.round(4).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
