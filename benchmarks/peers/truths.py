"""Write the true MI that the BMI package gives for its own tasks, for the tests of skmist.

Runs inside ``runs/peers-venv`` (``make peers``) and imports nothing of skmist. Writes two files:

``bmi_truths.csv``
    Task, benchmarks that have it (v1: 40 tasks, Czyz et al. 2023, arXiv 2306.11078; v2: 26 tasks,
    arXiv 2310.10240), true MI in nats, its standard error, and how the package knows it. For a
    mixture that is the Monte Carlo mean of its pointwise MI, here in float64 and on more rows
    than the package takes by default (100,000 in float32).
``bmi_mixture_points.npz``
    For every mixture ``TASK|x``, ``TASK|y`` and ``TASK|pmi``: rows of the task, half of them with
    the y of another row, and their pointwise MI.
"""

from __future__ import annotations

__all__ = ["main"]

import argparse
import csv
import datetime
import importlib.metadata
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import jax
import numpy as np
from bmi import BENCHMARK_TASKS
from bmi.benchmark import Task, tasks
from bmi.samplers import TransformedSampler, bmm
from tqdm import tqdm

REFERENCE = Path(__file__).resolve().parents[2] / "tests" / "reference"
ROWS_AT_ONCE = 50_000
COLUMNS = ("task", "benchmarks", "mi", "standard_error", "how")
# Of the first benchmark's tasks those that the second one took over.
TAKEN_OVER = (
    "1v1-additive-0.75",
    "asinh-student-identity-1-1-1",
    "swissroll_x-normal_cdf-1v1-normal-0.75",
    "multinormal-dense-5-5-0.5",
    "multinormal-dense-25-25-0.5",
    "multinormal-dense-50-50-0.5",
    "multinormal-sparse-5-5-2-2.0",
    "multinormal-sparse-25-25-2-2.0",
    "asinh-student-identity-2-2-1",
    "asinh-student-identity-3-3-2",
    "asinh-student-identity-5-5-2",
    "spiral-multinormal-sparse-3-3-2-2.0",
    "spiral-multinormal-sparse-5-5-2-2.0",
)


def _mixtures() -> list[Task]:
    """Return the tasks that are new in the second benchmark, as its workflow sets them."""
    concentric = ((3, 5), (5, 5), (3, 10), (5, 10), (25, 5))
    return [
        tasks.task_x(),
        tasks.task_ai(),
        tasks.task_waves(),
        tasks.task_galaxy(),
        *(tasks.task_concentric_multinormal(dim_x=d, n_components=k) for d, k in concentric),
        *(
            tasks.task_multinormal_sparse_w_inliers(dim_x=d, dim_y=d, inlier_fraction=fraction)
            for fraction in (0.2, 0.5)
            for d in (5, 25)
        ),
    ]


def _identifier(task: Task) -> str:
    # Its public property computes the MI first.
    return task._task_id


def _layers(task: Task) -> tuple[bmm.JointDistribution, list[TransformedSampler]]:
    """Return the mixture under a task, and the maps above it, the first one first."""
    sampler, maps = task.sampler, []
    while isinstance(sampler, TransformedSampler):
        maps.insert(0, sampler)
        sampler = sampler._base_sampler
    return sampler._dist, maps


def _profile(task: Task, rows: int) -> np.ndarray:
    """Draw the pointwise MI of rows of the mixture under a task."""
    model, _ = _layers(task)

    @jax.jit
    def draw(key):
        return bmm.pmi_profile(key, model, ROWS_AT_ONCE)

    keys = jax.random.split(jax.random.PRNGKey(1), math.ceil(rows / ROWS_AT_ONCE))
    return np.concatenate([np.asarray(draw(key)) for key in keys])


def _points(task: Task, rows: int) -> dict[str, np.ndarray]:
    model, maps = _layers(task)
    x, y = model.sample(rows, jax.random.PRNGKey(2))
    half = rows // 2
    y = jax.numpy.concatenate([y[:half], jax.numpy.roll(y[half:], 1, 0)])
    pmi = model.pmi(x, y)
    for step in maps:
        x, y = step.transform(x, y)
    name = _identifier(task)
    kept = {"x": x, "y": y, "pmi": pmi}
    return {f"{name}|{key}": np.asarray(value) for key, value in kept.items()}


def _closed_form(task: Task) -> tuple:
    benchmarks = "v1 v2" if _identifier(task) in TAKEN_OVER else "v1"
    return _identifier(task), benchmarks, float(task.mutual_information), 0.0, "closed form"


def _monte_carlo(task: Task, rows: int) -> tuple:
    profile = _profile(task, rows)
    error = profile.std() / math.sqrt(len(profile))
    how = f"mean pointwise MI of {len(profile)} rows"
    return _identifier(task), "v2", profile.mean(), error, how


def _header(arguments: Sequence[str]) -> list[str]:
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()  # noqa: UP017
    packages = ("benchmark-mi", "jax", "tensorflow-probability", "numpy")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    return [
        "# command: " + " ".join(["python benchmarks/peers/truths.py", *arguments]),
        f"# date: {today}; versions: {versions}; float64",
        "# nats; v1: arXiv 2306.11078, 40 tasks; v2: arXiv 2310.10240, 26 tasks",
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--rows", type=int, default=1_000_000, help="rows for a mixture (default: 1,000,000)")
    add("--points", type=int, default=16, help="rows of a mixture to keep (default: 16)")
    add("--out", type=Path, default=REFERENCE, metavar="DIR", help="default: tests/reference")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(arguments)
    jax.config.update("jax_enable_x64", True)
    lines = [_closed_form(task) for task in BENCHMARK_TASKS.values()]
    points = {}
    for task in tqdm(_mixtures(), dynamic_ncols=True):
        lines.append(_monte_carlo(task, options.rows))
        points |= _points(task, options.points)
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "bmi_truths.csv").open("w", newline="", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in _header(arguments))
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *lines])
    np.savez_compressed(options.out / "bmi_mixture_points.npz", **points)
    return 0


if __name__ == "__main__":
    sys.exit(main())
