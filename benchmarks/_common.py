"""What the benchmark scripts share: resumable runs, and tables that say where they come from."""

from __future__ import annotations

__all__ = [
    "Journal",
    "RESULTS",
    "ROOT",
    "add_arguments",
    "evaluate",
    "provenance",
    "write_table",
]

import argparse
import datetime
import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from _peers import Case, Peer, add_max_rule, ask, peer_names, with_errors
from tqdm import tqdm

import skmist
from skmist.weights import load_card

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
JOURNALS = ROOT / "runs" / "benchmarks"


class Journal:
    """Rows of an unfinished run, appended to a file so that an interrupted run resumes.

    The file's name carries a hash of the package, these scripts, the weights, the device and
    ``inputs``: a row computed by other code or from other inputs is never taken up.

    Parameters
    ----------
    name : str
        The run's name.
    options : Namespace
        The options of `add_arguments`.
    inputs : sequence of str or Path
        What else the rows depend on: a path counts with its content.
    """

    def __init__(self, name: str, options: argparse.Namespace, inputs: Sequence[str | Path] = ()):
        inputs = [_versions(), options.device, _weights(options.weights), *inputs]
        self.path = JOURNALS / f"{name}-{_fingerprint(inputs)}.jsonl"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if options.fresh:
            self.path.unlink(missing_ok=True)
        self.rows = {row["key"]: row["rows"] for row in self._read()}
        # A line cut short by a kill must not swallow the next one.
        self._write(self.rows.items(), "w")

    def _read(self) -> Iterator[dict]:
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        for line in lines:
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                continue

    def _write(self, items: Iterable, mode: str) -> None:
        with self.path.open(mode) as file:
            for key, rows in items:
                file.write(json.dumps({"key": key, "rows": rows}) + "\n")

    def get(self, key: str, compute: Callable[[], list[dict]]) -> list[dict]:
        """Return the rows of ``key``, computed only where an earlier run has not."""
        if key not in self.rows:
            self.rows[key] = compute()
            self._write([(key, self.rows[key])], "a")
        return self.rows[key]

    def finish(self) -> None:
        """Remove the file: the run's tables are written."""
        self.path.unlink(missing_ok=True)


def _fingerprint(inputs: Sequence[str | Path]) -> str:
    folders = Path(skmist.__file__).parent, Path(__file__).parent
    files = sorted(file for folder in folders for file in folder.rglob("*.py"))
    digest = hashlib.sha256()
    for item in [*files, *inputs]:
        digest.update(item.read_bytes() if isinstance(item, Path) else item.encode())
    return digest.hexdigest()[:12]


def evaluate(
    cells: Sequence,
    draw: Callable[[Any], tuple[dict, Case]],
    peers: Sequence[Peer],
    journal: Journal,
    label: str,
) -> pd.DataFrame:
    """Ask every peer, and the max rules, about the case of every cell.

    Parameters
    ----------
    cells : sequence
        What ``draw`` takes; the ``str`` of a cell must name it.
    draw : callable
        Returns what names a case in the table (``mi_true``, ``n``, ...) and the case.
    peers : sequence of Peer
    journal : Journal
        Keeps the rows of finished cells.
    label : str
        Of the progress bar; keeps cells of several calls apart in the journal.

    Returns
    -------
    DataFrame
        One row per cell and estimator.
    """

    def rows_of(cell: Any) -> list[dict]:
        keys, case = draw(cell)
        return [{**keys, "estimator": peer.name, **ask(peer, case).row()} for peer in peers]

    rows = []
    for cell in tqdm(cells, desc=label, dynamic_ncols=True):
        key = " ".join([label, str(cell), *(peer.name for peer in peers)])
        rows += journal.get(key, lambda cell=cell: rows_of(cell))
    table = pd.DataFrame(rows)
    names = list(table.columns[: table.columns.get_loc("estimator")])
    return with_errors(add_max_rule(table, names))


def _versions() -> str:
    found = [f"python {platform.python_version()}", f"skmist {skmist.__version__}"]
    for name in ("numpy", "scipy", "scikit-learn", "torch"):
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name} absent")
    return ", ".join(found)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "unknown processor"


def _commit() -> str:
    def git(*arguments: str) -> str:
        command = ["git", "-C", str(ROOT), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", "skmist", "benchmarks/*.py")
        return git("rev-parse", "--short=12", "HEAD") + (" with changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _weights(name: str) -> str:
    try:
        return f"{name}, sha256 {load_card(name)['sha256']}"
    except skmist.WeightsError:
        return f"{name}, absent"


def provenance(script: str, arguments: Sequence[str], weights: str) -> list[str]:
    """Return the lines that say how a table came about."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return [
        "command: " + " ".join(["python", f"benchmarks/{script}", *arguments]),
        f"date: {today}; commit: {_commit()}",
        f"machine: {platform.system()} {platform.machine()}, {_processor()}, "
        f"{os.cpu_count()} CPUs",
        f"versions: {_versions()}",
        f"weights of mist: {_weights(weights)}",
    ]


def write_table(table: pd.DataFrame, path: Path, header: Sequence[str]) -> None:
    """Write a CSV below comment lines; ``pandas.read_csv(path, comment="#")`` reads it."""
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


def add_arguments(parser: argparse.ArgumentParser, estimators: Sequence[str]) -> None:
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
        "--weights", default="mist-0", help="name or card of mist's weights (default: mist-0)"
    )
    parser.add_argument("--device", default="auto", help="where mist runs (default: auto)")
    parser.add_argument(
        "--out",
        type=Path,
        default=RESULTS,
        metavar="DIR",
        help="folder of the tables (default: benchmarks/results)",
    )
    parser.add_argument(
        "--fresh", action="store_true", help="forget what an interrupted run has left"
    )
