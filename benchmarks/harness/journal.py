"""Answers of an unfinished or finished run, kept so that nothing is computed twice.

An answer is kept under a key of what it depends on and nothing else: a hash of the sample's
numbers, and a fingerprint of the estimator (the sources of its module and of all modules of ours
that it imports, ``peers.py`` beside this file, the weights, the device, the versions and the
processor). An edit of an unrelated module therefore discards nothing, and a change of a family's
draws or of an estimator is never overlooked.
"""

from __future__ import annotations

__all__ = [
    "Journal",
    "fingerprint",
    "processor",
    "script_mark",
    "sources",
    "versions",
    "weights_line",
]

import ast
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import skmist
from harness.peers import Peer
from skmist.weights import load_card

PACKAGE = Path(skmist.__file__).parent
PEERS = Path(__file__).with_name("peers.py")


class Journal:
    """A file of answers, one line per case.

    Parameters
    ----------
    path : Path
        The file; made when the first answer comes.
    fresh : bool
        Whether to forget what earlier runs have left.
    """

    def __init__(self, path: Path, fresh: bool = False):
        self.path = path
        self.answers: dict[str, dict[str, dict]] = {}
        self.asked = self.taken = 0
        for line in [] if fresh else self._read():
            self.answers.setdefault(line["case"], {}).update(line["answers"])
        # A line cut short by a kill must not swallow the next one.
        self._write(self.answers.items(), "w")

    def _read(self) -> Iterator[dict]:
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        for line in lines:
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                continue

    def _write(self, items: Iterable, mode: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open(mode) as file:
            for case, answers in items:
                file.write(json.dumps({"case": case, "answers": answers}) + "\n")

    def known(self, case: str) -> dict[str, dict]:
        """Return the kept answers about a case, by key."""
        return self.answers.get(case, {})

    def add(self, case: str, answers: dict[str, dict]) -> None:
        """Keep answers about a case that are not kept yet, and count those that are."""
        known = self.answers.setdefault(case, {})
        new = {key: row for key, row in answers.items() if key not in known}
        self.asked += len(answers)
        self.taken += len(answers) - len(new)
        if new:
            known.update(new)
            self._write([(case, new)], "a")

    def answer(self, case: str, key: str, ask: Callable[[], dict]) -> dict:
        """Return the answer about a case that is kept under a key, or ask for it and keep it."""
        known = self.known(case)
        found = known[key] if key in known else ask()
        self.add(case, {key: found})
        return found

    def remark(self) -> str:
        """Return the line of a table that says what earlier runs have answered."""
        return (
            f"answers: {self.asked - self.taken} of this run, {self.taken} of earlier runs "
            "with the same samples, estimators, versions and processor"
        )

    def finish(self) -> None:
        """Forget everything, so that the next run computes anew."""
        self.path.unlink(missing_ok=True)


def fingerprint(peer: Peer) -> str:
    """Return a hash of all that a peer's answer about a given sample depends on."""
    digest = hashlib.sha256()
    for path in (PEERS, *sources(peer.modules)):
        digest.update(path.read_bytes())
    weights = weights_line(peer.weights) if peer.weights else ""
    digest.update("\n".join([versions(), processor(), peer.device, weights]).encode())
    return digest.hexdigest()[:12]


@cache
def script_mark(script: str, modules: tuple[str, ...], *more: str) -> str:
    """Return a hash of all that the answers of a script depend on besides the case.

    Parameters
    ----------
    script : str
        Its file.
    modules : tuple of str
        Of ours, whose answers they are.
    *more : str
        What else they depend on, such as the device or the weights.
    """
    digest = hashlib.sha256(" ".join([versions(), *more]).encode())
    for path in (*sources(modules), Path(script)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def sources(modules: tuple[str, ...]) -> list[Path]:
    """Return the files of modules of ours, and of all of ours that they import in turn."""
    found, ahead = set(), [_file(name) for name in modules]
    if None in ahead:
        # It has moved: a mark without it would take answers of other sources for ours.
        raise ValueError(f"no such module: {modules[ahead.index(None)]}")
    while ahead:
        path = ahead.pop()
        if path not in found:
            found.add(path)
            ahead += [file for name in _imported(path) if (file := _file(name))]
    return sorted(found)


def _file(module: str) -> Path | None:
    top, *parts = module.split(".")
    if top != "skmist" or not parts:
        return None
    stem = PACKAGE.joinpath(*parts)
    files = stem.with_suffix(".py"), stem / "__init__.py"
    return next((file for file in files if file.exists()), None)


def _imported(path: Path) -> Iterator[str]:
    """Yield the names that a file imports, at its top or inside its functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def versions() -> str:
    """Return the versions of Python and of what the estimators compute with."""
    found = [f"python {platform.python_version()}"]
    for name in ("numpy", "scipy", "scikit-learn", "torch"):
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name} absent")
    return ", ".join(found)


@cache
def processor() -> str:
    """Return the name of the processor."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "unknown processor"


def weights_line(name: str) -> str:
    """Return the name of weights and the hash of their file."""
    try:
        return f"{name}, sha256 {load_card(name)['sha256']}"
    except skmist.WeightsError:
        return f"{name}, absent"
