"""What the benchmark scripts share: options, resumable runs, tables that name their origin."""

from __future__ import annotations

__all__ = [
    "JOURNALS",
    "RESULTS",
    "ROOT",
    "Run",
    "add_arguments",
    "evaluate",
    "other_weights",
    "provenance",
    "read_table",
    "start",
    "table_source",
    "tables_read",
    "write_table",
]

import argparse
import datetime
import multiprocessing
import os
import platform
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from threadpoolctl import threadpool_limits
from tqdm import tqdm

import skmist
from harness.journal import Journal, fingerprint, processor, versions, weights_line
from harness.peers import Case, Peer, ask, build_peers, peer_names
from harness.summaries import add_max_rule, with_errors
from skmist.weights import DEFAULT_WEIGHTS

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results"
JOURNALS = ROOT / "runs" / "benchmarks"
_WATCHED: list[list[Path]] = []
_WEIGHTS = re.compile(r"weights of mist: ([\w-]+),")
ONE_THREAD = "one thread for each estimate; seconds = processor time of the call"

Draw = Callable[[Any], tuple[dict, Case]]
Ask = tuple[Any, Draw, Sequence[tuple[Peer, str]], dict[str, dict]]


def add_arguments(
    parser: argparse.ArgumentParser, estimators: Sequence[str], out: Path = RESULTS
) -> None:
    """Add the options that all scripts share; ``estimators`` are those of a plain run."""
    parser.add_argument(
        "--estimators",
        nargs="+",
        default=list(estimators),
        choices=peer_names(),
        metavar="NAME",
        help=f"some of {', '.join(peer_names())} (default: {', '.join(estimators)})",
    )
    parser.add_argument(
        "--weights",
        default=DEFAULT_WEIGHTS,
        help=f"name or card of mist's weights (default: {DEFAULT_WEIGHTS})",
    )
    parser.add_argument("--device", default="auto", help="where mist runs (default: auto)")
    parser.add_argument("--workers", type=int, default=1, choices=(1, 2), help="processes")
    parser.add_argument(
        "--out",
        type=Path,
        default=out,
        metavar="DIR",
        help="folder of the tables (default: %(default)s)",
    )
    parser.add_argument(
        "--fresh", action="store_true", help="forget the answers that earlier runs have left"
    )


class Run(NamedTuple):
    """A started script: its options, its peers, its journal, and what its tables open with."""

    options: argparse.Namespace
    peers: list[Peer]
    journal: Journal
    header: list[str]

    def evaluate(
        self, cells: Sequence, draw: Draw, label: str, peers: Sequence[Peer] | None = None
    ) -> pd.DataFrame:
        """Ask the peers about the case of every cell, see `evaluate`."""
        asked = self.peers if peers is None else peers
        return evaluate(cells, draw, asked, self.journal, label, self.options.workers)

    def write(self, table: pd.DataFrame, name: str, *remarks: str) -> None:
        """Write a table into the folder of the options."""
        header = [*self.header, self.journal.remark(), *remarks]
        write_table(table, self.options.out / name, header)


def start(
    name: str,
    about: str,
    arguments: Sequence[str] | None,
    estimators: Sequence[str],
    add_own: Callable[[argparse.ArgumentParser], None],
    out: Path = RESULTS,
) -> Run:
    """Read the command line of a script and build what it works with.

    Parameters
    ----------
    name : str
        Of the script, without suffix; its journal has the same.
    about : str
        The script's docstring; the first line is shown by ``--help``.
    arguments : sequence of str or None
        The command line; None takes that of the process.
    estimators : sequence of str
        Peers of a plain run.
    add_own : callable
        Adds the script's own options to the parser.
    out : Path
        Where the tables go in a plain run.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    add_own(parser)
    add_arguments(parser, estimators, out)
    options = parser.parse_args(arguments)
    peers = build_peers(options.estimators, options.device, options.weights)
    journal = Journal(JOURNALS / f"{name}.jsonl", options.fresh)
    header = [*provenance(f"{name}.py", arguments, options.weights), ONE_THREAD]
    return Run(options, peers, journal, header)


def evaluate(
    cells: Sequence,
    draw: Draw,
    peers: Sequence[Peer],
    journal: Journal,
    label: str,
    workers: int = 1,
) -> pd.DataFrame:
    """Ask every peer that applies, and the max rules, about the case of every cell.

    Parameters
    ----------
    cells : sequence
        What ``draw`` takes; the ``str`` of a cell must name it.
    draw : callable
        Returns what names a case in the table (``mi_true``, ``n``, ...) and the case.
    peers : sequence of Peer
    journal : Journal
        Keeps the answers.
    label : str
        Of the progress bar; keeps cells of several calls apart in the journal.
    workers : int
        Processes. More than one needs a ``draw`` that other processes can import.

    Returns
    -------
    DataFrame
        One row per cell and estimator.
    """
    marked = [(peer, f"{peer.name} {fingerprint(peer)}") for peer in peers]
    names = [f"{label} {cell}" for cell in cells]
    tasks = [(c, draw, marked, journal.known(n)) for c, n in zip(cells, names, strict=True)]
    rows = []
    with _asked(tasks, peers, workers) as results:
        bar = tqdm(results, desc=label, total=len(tasks), dynamic_ncols=True)
        for name, (keys, answers) in zip(names, bar, strict=True):
            journal.add(name, answers)
            rows += [{**keys, "estimator": k.split()[0], **row} for k, row in answers.items()]
    table = pd.DataFrame(rows)
    keys = list(table.columns[: table.columns.get_loc("estimator")])
    return with_errors(add_max_rule(table, keys))


@contextmanager
def _asked(tasks: Sequence[Ask], peers: Sequence[Peer], workers: int) -> Iterator[Iterable]:
    """Answer the tasks in their order, here or in other processes."""
    if workers == 1:
        _prepare(peers)
        yield map(_ask_all, tasks)
        return
    # A forked process may hang in torch, whose threads do not survive the fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _prepare, (peers,)) as pool:
        yield pool.map(_ask_all, tasks)


def _prepare(peers: Sequence[Peer]) -> None:
    """Keep the process to one thread, and load weights and modules: no answer pays for them."""
    threadpool_limits(1)
    torch.set_num_threads(1)
    x, y = np.random.default_rng(0).standard_normal((2, 30, 1))
    for peer in peers:
        if not peer.name.startswith("mine"):
            ask(peer, Case(x, y, (False,), (False,)))


def _ask_all(task: Ask) -> tuple[dict, dict[str, dict]]:
    """Return what names the case, and the answers of all peers that apply to it."""
    cell, draw, marked, known = task
    keys, case = draw(cell)
    sample = case.digest()
    answers = {}
    for peer, mark in marked:
        key = f"{mark} {sample}"
        if key in known:
            answers[key] = known[key]
        elif peer.applies(case):
            answers[key] = ask(peer, case).row()
    return keys, answers


def _commit() -> str:
    def git(*arguments: str) -> str:
        command = ["git", "-C", str(ROOT), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", "skmist", "benchmarks/*.py")
        return git("rev-parse", "--short=12", "HEAD") + (" with changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def provenance(script: str, arguments: Sequence[str], weights: str) -> list[str]:
    """Return the lines that say how a table came about."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return [
        "command: " + shlex.join(["python", f"benchmarks/{script}", *arguments]),
        f"date: {today}; commit: {_commit()}",
        f"machine: {platform.system()} {platform.machine()}, {processor()}, {os.cpu_count()} CPUs",
        f"versions: skmist {skmist.__version__}, {versions()}",
        f"weights of mist: {weights_line(weights)}",
    ]


def write_table(table: pd.DataFrame, path: Path, header: Sequence[str]) -> None:
    """Write a CSV below comment lines; `read_table` reads it."""
    text = table.select_dtypes(exclude="number").columns
    # The comment mark inside a message would cut its line short for the reader.
    clean = table.assign(**{name: table[name].map(_plain) for name in text})
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("w", newline="") as file:
        file.writelines(f"# {line}\n" for line in header)
        clean.to_csv(file, index=False, float_format="%.6g", lineterminator="\n")
    partial.replace(path)


def _plain(value: object) -> str:
    return "" if pd.isna(value) else " ".join(str(value).replace("#", "No.").split())


def read_table(path: Path) -> pd.DataFrame:
    """Read a table of the benchmarks."""
    for paths in _WATCHED:
        paths.append(path)
    return pd.read_csv(path, comment="#")


@contextmanager
def tables_read() -> Iterator[list[Path]]:
    """The tables that are read meanwhile."""
    paths: list[Path] = []
    _WATCHED.append(paths)
    try:
        yield paths
    finally:
        _WATCHED.remove(paths)


def other_weights(paths: Iterable[Path]) -> list[str]:
    """The weights of before, if any, that tables say they were measured with."""
    found = {
        name
        for path in paths
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("#")
        for name in _WEIGHTS.findall(line)
    }
    return sorted(found - {DEFAULT_WEIGHTS, "none"})


def table_source(path: Path) -> str:
    """Return the comment lines of a table that say by what command and when it was made."""
    with path.open(encoding="utf-8") as file:
        lines = [line[2:].strip() for line in file if line.startswith("# ")]
    return "; ".join(line for line in lines if line.startswith(("command:", "date:", "weights")))
