"""Times statements in another copy of skmist, turn by turn with this one."""

from __future__ import annotations

__all__ = ["Worker", "interleaved", "ratio_with_spread"]

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_LOOP = """
import json, resource, sys, time, warnings
warnings.simplefilter("ignore")
for line in sys.stdin:
    ask = json.loads(line)
    if "setup" in ask:
        room = {}
        exec(ask["setup"], room)
        exec(ask["statement"], room)
        answer = 0.0
    else:
        code = compile(ask["statement"], "statement", "exec")
        start = time.perf_counter()
        for _ in range(ask["number"]):
            exec(code, room)
        answer = (time.perf_counter() - start) / ask["number"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print("answer", json.dumps([answer, peak]), flush=True)
"""


class Worker:
    """A Python of its own that imports skmist from a tree of sources.

    Parameters
    ----------
    tree : path-like
        Folder that holds ``skmist``.
    threads : int, default=1
        Of numpy and torch.
    """

    def __init__(self, tree: str | Path, threads: int = 1) -> None:
        names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
        environment = {**os.environ, "PYTHONPATH": str(tree), "SKMIST_CACHE": "off"}
        environment.update(dict.fromkeys(names, str(threads)))
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LOOP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=tree,
        )

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def _ask(self, **request: object) -> tuple[float, int]:
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("answer "):
                return tuple(json.loads(line[7:]))
        raise RuntimeError(f"the worker has died at {request}")

    def prepare(self, setup: str, warm_up: str) -> None:
        """Run the setup, and something that is not timed."""
        self._ask(setup=setup, statement=warm_up)

    def seconds(self, statement: str, number: int = 1) -> float:
        """Seconds of one run of the statement, in the mean over a number of them."""
        return self._ask(statement=statement, number=number)[0]

    def peak(self) -> float:
        """MB that the process has held at most."""
        return self._ask(statement="pass", number=1)[1] / 1024


def interleaved(
    workers: Mapping[str, Worker], setup: str, statement: str, turns: int, number: int = 1
) -> dict[str, list[float]]:
    """Seconds of a statement in each worker, turn by turn.

    Other work on the machine slows all alike, so their ratio holds where their times do not.
    """
    for worker in workers.values():
        # what is timed once takes long, and long enough not to mind a cold start
        worker.prepare(setup, statement if turns > 1 else "pass")
    spent: dict[str, list[float]] = {name: [] for name in workers}
    for _ in range(turns):
        for name, worker in workers.items():
            spent[name].append(worker.seconds(statement, number))
    return spent


def ratio_with_spread(before: list[float], after: list[float]) -> tuple[float, float, float]:
    """Median of the turns' ratios, and its quartiles."""
    ratios = [b / a for b, a in zip(before, after, strict=True)]
    if len(ratios) == 1:
        return ratios[0], ratios[0], ratios[0]
    low, median, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return median, low, high
