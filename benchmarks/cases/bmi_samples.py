"""Samples of the BMI benchmark (Czyz et al. 2023): the provided ones, and ours of the same laws.

Every number is in nats. For measuring only: never for training or for choosing weights.
"""

from __future__ import annotations

__all__ = [
    "DATA",
    "DRAWN_SEEDS",
    "PROVIDED",
    "SIZES",
    "BmiSample",
    "drawn_mixtures",
    "drawn_samples",
    "fresh_samples",
    "read_samples",
    "summarize",
    "summarize_fresh",
]

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from harness.common import ROOT
from harness.peers import Case
from harness.summaries import interval_summary

from cases.blind_families import efficient_error
from skmist import datasets

DATA = ROOT.parent / "shared" / "bmi_v1.npz"
PROVIDED = (1000, 5000)
SIZES = (*PROVIDED, 10_000)
DRAWN_SEEDS = {1000: (4, 5), 5000: (3,), 10_000: (2,)}
FRESH_SEED, SPREAD_ROWS = 1000, 20_000
HELD_OUT_MAPS = ("spiral", "swissroll")
KEYS = ["task", "p", "q", "n", "seed", "mi_true"]


class BmiSample(NamedTuple):
    """One sample of one task."""

    task: str
    seed: int
    mi_true: float
    x: np.ndarray
    y: np.ndarray
    x_discrete: tuple[bool, ...] | bool = False
    y_discrete: tuple[bool, ...] | bool = False

    def __str__(self) -> str:
        """Return what names the sample."""
        return f"{self.task} {self.seed} n={len(self.x)}"

    def case(self) -> tuple[dict, Case]:
        """Return what names the sample in a table, and the sample."""
        values = (self.task, self.x.shape[1], self.y.shape[1], len(self.x), self.seed)
        keys = dict(zip(KEYS, (*values, self.mi_true), strict=True))
        return keys, Case(self.x, self.y, self.x_discrete, self.y_discrete)


def read_samples(path: Path, sizes: Sequence[int] = PROVIDED) -> list[BmiSample]:
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
            "'TASK|mi', 'TASK|SEED|x' and 'TASK|SEED|y', see benchmarks/README.md), or draw "
            "samples here with --drawn"
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


def drawn_samples(n: int) -> list[BmiSample]:
    """Draw samples of the 40 tasks with n rows, as many as the benchmark's own have."""
    return [
        _drawn(name, datasets.bmi_task(name), n, seed)
        for name in datasets.list_bmi_tasks()
        for seed in DRAWN_SEEDS[n]
    ]


def drawn_mixtures(n: int) -> list[BmiSample]:
    """Draw samples of the 26 mixture tasks with n rows."""
    return [
        _drawn(name, datasets.bmi_mixture_task(name), n, seed)
        for name in datasets.list_bmi_mixture_tasks()
        for seed in DRAWN_SEEDS[n]
    ]


def fresh_samples(n: int, draws: int) -> Iterator[BmiSample]:
    """Yield so many fresh draws of each task with n rows, one draw of all tasks after the other.

    The tasks of a draw share their noise: they are one draw and not forty.
    """
    for seed in range(draws):
        for name in datasets.list_bmi_tasks():
            task = datasets.bmi_task(name)
            sides = task.sample(n, random_state=FRESH_SEED + seed)
            kinds = task.x_discrete, task.y_discrete
            yield BmiSample(name, FRESH_SEED + seed, task.mutual_information, *sides, *kinds)


@cache
def pointwise_spread(name: str) -> float:
    """Return the standard deviation of the true pointwise MI of a task, nats."""
    task = datasets.bmi_task(name)
    return float(task.pointwise_mi(*task.sample(SPREAD_ROWS, random_state=0)).std())


def _drawn(name: str, task: datasets.Family, n: int, seed: int) -> BmiSample:
    x, y = task.sample(n, np.random.default_rng([n, seed]))
    x = np.where(task.x_discrete, x, _rescaled(x))
    y = np.where(task.y_discrete, y, _rescaled(y))
    truth = task.mutual_information
    return BmiSample(name, seed, truth, x, y, task.x_discrete, task.y_discrete)


def _rescaled(a: np.ndarray) -> np.ndarray:
    """Scale columns to mean 0 and spread 1, as the benchmark's workflow does."""
    return (a - a.mean(axis=0)) / a.std(axis=0)


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


def summarize_fresh(table: pd.DataFrame) -> pd.DataFrame:
    """Return the errors of each estimator at each n beside the efficient error.

    ``se`` is the standard error of ``mae`` over the draws, each the mean over all tasks, which
    share their noise. ``efficient`` is the error of the mean of the true pointwise MI.
    """
    rows = []
    for (n, name), group in table.groupby(["n", "estimator"], sort=False):
        by_draw = group.groupby("seed")["abs_error"].mean()
        tasks = group.loc[group["abs_error"].notna(), "task"].unique()
        efficient = np.mean([efficient_error(pointwise_spread(task), n) for task in tasks])
        summary = _summary(group)
        beside = {"se": by_draw.sem(), "efficient": efficient, "ratio": summary["mae"] / efficient}
        row = {"n": n, "estimator": name, "draws": len(by_draw), "mae": summary.pop("mae")}
        rows.append({**row, **beside, **summary})
    return pd.DataFrame(rows).sort_values(["n", "mae"], ignore_index=True)
