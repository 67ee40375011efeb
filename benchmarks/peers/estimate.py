"""Ask estimators of other packages about stored samples, in an environment of their own.

Runs inside ``runs/peers-venv`` (``make peers``) and imports nothing of skmist: these packages need
versions of jax and numpy that skmist does not. Reads an ``.npz`` with the keys ``TASK|mi``,
``TASK|SEED|x`` and ``TASK|SEED|y`` and adds one row per sample and estimator to a CSV. All numbers
are in nats, as the packages return them (not clipped). Every estimator runs on one thread, with
the settings that its package has by default; ``seconds`` is the processor time of the call, with
compilation, so that other programs on the machine do not lengthen it. A failure is a row with its
message. A run that was interrupted goes on when it is started again.
"""

from __future__ import annotations

__all__ = ["ESTIMATORS", "Row", "Sample", "Table", "ask", "main", "read_samples"]

import argparse
import contextlib
import csv
import datetime
import importlib
import importlib.metadata
import io
import math
import os
import platform
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "bmi_v1.npz"
MEANING = (
    "nats, as the package returns them (not clipped); one thread; seconds of processor time with "
    "compilation, empty where not measured; a failed estimate has no mi but an error"
)
ONE_THREAD = {
    "JAX_PLATFORMS": "cpu",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


class Sample(NamedTuple):
    """One stored sample of one task."""

    task: str
    seed: int
    mi_true: float
    x: np.ndarray
    y: np.ndarray


class Row(NamedTuple):
    """One line of the table."""

    task: str
    seed: int
    p: int
    q: int
    n: int
    mi_true: str
    estimator: str
    mi: str
    seconds: str
    error: str
    versions: str


class Estimator(NamedTuple):
    """A function of (x, y), the module that it calls and the packages behind it."""

    estimate: Callable[[np.ndarray, np.ndarray], float]
    module: str
    packages: tuple[str, ...]


def _bmi(name: str, x: np.ndarray, y: np.ndarray, **settings) -> float:
    from bmi import estimators

    return getattr(estimators, name)(**settings).estimate(x, y)


def _ennemi(x: np.ndarray, y: np.ndarray) -> float:
    import ennemi

    if x.shape[1] > 1 or y.shape[1] > 1:
        raise ValueError(
            f"ennemi.estimate_mi takes one column a side, not {x.shape[1]} and {y.shape[1]}"
        )
    return ennemi.estimate_mi(y[:, 0], x[:, 0]).item()


def _torch_mist(name: str, x: np.ndarray, y: np.ndarray) -> float:
    import torch
    import torch_mist

    torch.set_num_threads(1)
    torch.manual_seed(0)
    sides = {"x": x.astype(np.float32), "y": y.astype(np.float32)}
    answer = torch_mist.estimate_mi(sides, estimator=name, verbose=False)
    return answer[0] if isinstance(answer, tuple) else answer


def _of_bmi(name: str, **settings) -> Estimator:
    packages = ("benchmark-mi", "jax", "numpy", "scikit-learn")
    return Estimator(partial(_bmi, name, **settings), "bmi", packages)


def _of_torch_mist(name: str) -> Estimator:
    return Estimator(partial(_torch_mist, name), "torch_mist", ("torch-mist", "torch", "numpy"))


ESTIMATORS = {
    "bmi_ksg": _of_bmi("KSGEnsembleFirstEstimator", neighborhoods=(10,)),
    "bmi_cca": _of_bmi("CCAMutualInformationEstimator"),
    "ennemi_ksg": Estimator(_ennemi, "ennemi", ("ennemi", "numpy", "scipy")),
    "bmi_mine": _of_bmi("MINEEstimator", verbose=False),
    "bmi_infonce": _of_bmi("InfoNCEEstimator", verbose=False),
    "bmi_donsker_varadhan": _of_bmi("DonskerVaradhanEstimator", verbose=False),
    "bmi_nwj": _of_bmi("NWJEstimator", verbose=False),
    **{
        f"torch_mist_{name}": _of_torch_mist(name)
        for name in ("smile", "mine", "infonce", "nwj", "js")
    },
}


def read_samples(path: Path) -> Iterator[Sample]:
    """Read the samples in the order of the file.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    """
    if not path.exists():
        raise FileNotFoundError(f"no samples at {path}; pass their place with --data")
    with np.load(path) as data:
        for key in data.files:
            task, *rest = key.split("|")
            if rest[-1] == "x":
                x, y = (data[f"{task}|{rest[0]}|{side}"].astype(float) for side in "xy")
                yield Sample(task, int(rest[0]), float(data[f"{task}|mi"]), x, y)


def ask(sample: Sample, name: str) -> Row:
    """Ask one estimator about one sample; what it raises becomes the row's error."""
    estimator = ESTIMATORS[name]
    mi, error = math.nan, ""
    start = time.process_time()
    try:
        importlib.import_module(estimator.module)
        start = time.process_time()
        # What the packages print would tear the progress bar.
        with (
            contextlib.redirect_stdout(io.StringIO()),
            warnings.catch_warnings(),
            threadpool_limits(1),
        ):
            warnings.simplefilter("ignore")
            mi = float(estimator.estimate(sample.x, sample.y))
        error = "" if math.isfinite(mi) else f"the estimate is {mi}"
    except Exception as problem:
        error = f"{type(problem).__name__}: {problem}"
    seconds = time.process_time() - start
    return Row(
        sample.task,
        sample.seed,
        sample.x.shape[1],
        sample.y.shape[1],
        len(sample.x),
        f"{sample.mi_true:.6g}",
        name,
        "" if error else f"{mi:.6g}",
        f"{seconds:.3g}",
        " ".join(error.replace("#", "No.").split()),
        "; ".join(f"{package} {_version(package)}" for package in estimator.packages),
    )


class Table:
    """A CSV below comment lines that grows row by row and is taken up again by a later run.

    Parameters
    ----------
    path : Path
    command : str
        The command of this run; the lines of earlier runs are kept beside it.
    """

    def __init__(self, path: Path, command: str):
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        rows = list(csv.reader(line for line in lines if not line.startswith("#")))[1:]
        # A line cut short by a kill is computed again.
        self.rows = [row for row in rows if len(row) == len(Row._fields)]
        self.done = {(row[0], row[1], row[6]) for row in self.rows}
        marks = ("# command: ", "# run: ")
        earlier = [line for line in lines if line.startswith(marks)]
        path.parent.mkdir(parents=True, exist_ok=True)
        partial_path = path.with_suffix(".partial")
        with partial_path.open("w", newline="", encoding="utf-8") as file:
            header = [*earlier, *_header(command, bool(earlier))]
            file.writelines(f"{line}\n" for line in [*dict.fromkeys(header), f"# {MEANING}"])
            csv.writer(file, lineterminator="\n").writerows([Row._fields, *self.rows])
        partial_path.replace(path)

    def __contains__(self, key: tuple[Sample, str]) -> bool:
        sample, name = key
        return (sample.task, str(sample.seed), name) in self.done

    def add(self, row: Row) -> None:
        """Append a row to the file."""
        with self.path.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerow(row)


def _header(command: str, resumed: bool) -> list[str]:
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()  # noqa: UP017
    machine = (
        f"{platform.system()} {platform.machine()}, {_processor()}, {os.cpu_count()} CPUs, "
        f"python {platform.python_version()}"
    )
    return [
        f"# command: {command}",
        f"# run: {today}; commit {_commit()}; {machine}" + ("; resumed" if resumed else ""),
    ]


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "unknown processor"


def _commit() -> str:
    command = ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--data", type=Path, default=DATA, metavar="NPZ", help=f"samples (default: {DATA})")
    add("--n", type=int, default=1000, help="rows of the samples to use (default: 1000)")
    add("--seeds", type=int, nargs="+", metavar="SEED", help="some of the samples' seeds")
    add("--tasks", nargs="+", metavar="TASK", help="some of the tasks (default: all)")
    add(
        "--estimators",
        nargs="+",
        default=list(ESTIMATORS),
        choices=list(ESTIMATORS),
        metavar="NAME",
        help=f"some of {', '.join(ESTIMATORS)} (default: all, in this order)",
    )
    add("--every", type=int, default=1, metavar="K", help="take every K-th sample, from the first")
    add("--limit", type=int, help="stop after so many new rows")
    add(
        "--out",
        type=Path,
        metavar="CSV",
        help="the table (default: benchmarks/results/peers_bmi_nN.csv)",
    )
    return parser


def _chosen(options: argparse.Namespace) -> list[Sample]:
    samples = [
        sample
        for sample in read_samples(options.data)
        if len(sample.x) == options.n
        and (not options.seeds or sample.seed in options.seeds)
        and (not options.tasks or sample.task in options.tasks)
    ]
    unknown = sorted(set(options.tasks or ()) - {sample.task for sample in samples})
    if unknown or not samples:
        raise ValueError(
            f"{options.data} holds no sample of n = {options.n} of "
            f"{', '.join(unknown) or 'these seeds'}; choose other --n, --tasks or --seeds"
        )
    return samples[:: options.every]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    # The libraries read these when they are first imported, which happens below.
    os.environ.update(ONE_THREAD)
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(arguments)
    out = options.out or ROOT / "benchmarks" / "results" / f"peers_bmi_n{options.n}.csv"
    samples = _chosen(options)
    table = Table(out, " ".join(["python benchmarks/peers/estimate.py", *arguments]))
    # Estimator by estimator: an interrupted run has the quick ones whole.
    pairs = [(sample, name) for name in options.estimators for sample in samples]
    waiting = [pair for pair in pairs if pair not in table][: options.limit]
    with tqdm(waiting, dynamic_ncols=True) as bar:
        for sample, name in bar:
            bar.set_postfix_str(f"{name} {sample.task}")
            table.add(ask(sample, name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
