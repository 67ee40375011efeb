"""What a user waits for before anything is computed, beside another version in the same run.

Writes ``start.csv``: seconds by time of day and of the processor, medians over the turns with
their quartiles. Each turn starts fresh processes of both copies of the sources, one after the
other, so that other work on the machine slows both alike. The other copy: ``git worktree add
/tmp/base 755cf2d``.
"""

from __future__ import annotations

__all__ = ["main", "measure"]

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from harness import common
from harness.worker import ratio_with_spread

MEANING = (
    "seconds of the day and of the processor: medians over the turns and their quartiles; "
    "ratio: processor seconds before over after, median of the turns' ratios and its quartiles"
)
TABLE = "a,b,c,d\n" + "".join(
    f"{i % 7},{i * i % 101},{i % 13},{(7 * i) % 31}\n" for i in range(300)
)
COMMANDS = {
    "skmist --help": ["--help"],
    "skmist matrix --help": ["matrix", "--help"],
    "skmist matrix, 3 columns x 300": ["matrix", "-"],
}
CALLS = ("import skmist", "first mutual_info", "second mutual_info")
ASK = """
import json, time
found = []
def timed(call):
    day, processor = time.perf_counter(), time.process_time()
    call()
    found.append((time.perf_counter() - day, time.process_time() - processor))
def load():
    global skmist
    import skmist
timed(load)
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=1000)
y = x + rng.normal(size=1000)
for _ in range(2):
    timed(lambda: skmist.mutual_info(x, y))
print(json.dumps(found))
"""


def _run(tree: Path, arguments: list[str]) -> tuple[str, float, float]:
    """What a Python that imports skmist from a tree prints, and the seconds of both kinds."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    environment = {**os.environ, **threads, "PYTHONPATH": str(tree), "SKMIST_CACHE": "off"}
    before, day = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments],
        input=TABLE,
        capture_output=True,
        text=True,
        check=True,
        cwd=tree,
        env=environment,
    )
    seconds, after = time.perf_counter() - day, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, seconds, processor


def _turn(tree: Path, works: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Seconds of the day and of the processor of each piece of work, once."""
    spent = {}
    for work, arguments in COMMANDS.items():
        if work in works:
            spent[work] = _run(tree, ["-m", "skmist", *arguments])[1:]
    if set(works) & set(CALLS):
        spent.update(zip(CALLS, json.loads(_run(tree, ["-c", ASK])[0]), strict=True))
    return spent


def measure(trees: dict[str, Path], works: Sequence[str], turns: int) -> pd.DataFrame:
    """Time some work in two trees, turn by turn.

    Parameters
    ----------
    trees : dict of str to Path
        ``before`` and ``after``.
    works : sequence of str
        Of `COMMANDS` and `CALLS`.
    turns : int

    Returns
    -------
    DataFrame
        A row for each piece of work and tree.
    """
    for tree in trees.values():
        _turn(tree, works)  # what is compiled and cached once is not what is asked about
    spent = [{name: _turn(tree, works) for name, tree in trees.items()} for _ in range(turns)]
    rows = []
    for work in works:
        times = {name: np.array([turn[name][work] for turn in spent]).T for name in trees}
        ratio = ratio_with_spread(*(times[name][1].tolist() for name in ("before", "after")))
        for name, kinds in times.items():
            row = {"work": work, "tree": name}
            for kind, seconds in zip(("seconds", "processor"), kinds, strict=True):
                low, median, high = np.quantile(seconds, (0.25, 0.5, 0.75))
                row |= {kind: median, f"{kind}_low": low, f"{kind}_high": high}
            told = ratio if name == "after" else (1.0, 1.0, 1.0)
            rows.append(row | dict(zip(("ratio", "ratio_low", "ratio_high"), told, strict=True)))
    return pd.DataFrame(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--before", type=Path, default=Path("/tmp/base"), metavar="TREE")
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--only", default="", help="work whose name begins so")
    parser.add_argument("--out", type=Path, default=common.RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    works = [work for work in (*COMMANDS, *CALLS) if work.startswith(options.only)]
    table = measure({"before": options.before, "after": common.ROOT}, works, options.turns)
    print(table.round(3).to_string(index=False))
    header = common.provenance("start.py", arguments, "")
    common.write_table(table, options.out / "start.csv", [*header, MEANING])
    return 0


if __name__ == "__main__":
    sys.exit(main())
