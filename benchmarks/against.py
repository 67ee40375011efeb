"""How many times as fast as another version: the work that users wait for, in one run.

Writes ``against.csv``. Two processes, one for each copy of the sources, take turns, so that other
work on the machine slows both alike; the median of the turns' ratios counts, and its quartiles
stand beside it. The other copy: ``git worktree add /tmp/base 755cf2d``.
"""

from __future__ import annotations

__all__ = ["main", "measure"]

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from harness import common
from harness.worker import Worker, interleaved, ratio_with_spread

HERE = Path(__file__).resolve().parents[1]
MEANING = "seconds: medians over the turns; ratio: before over after, median and quartiles"
START = """
import numpy as np, pandas as pd, skmist
rng = np.random.default_rng(0)
def sides(n, d):
    z = rng.standard_normal((n, 1))
    return z + rng.standard_normal((n, d)), z + rng.standard_normal((n, d))
skmist.mutual_info(*sides(50, 1))
"""


class Case(NamedTuple):
    """A piece of work: what is made first, what is timed, and how often a turn and in all."""

    setup: str
    statement: str
    turns: int
    number: int = 1
    threads: int = 1


def _fit(estimator: str, n: int, d: int, turns: int, number: int = 1) -> Case:
    setup = f"x, y = sides({n}, {d}); e = skmist.{estimator}"
    return Case(setup, "e.fit(x, y)", turns, number)


CASES = {
    "mist 1+1 n=1,000": _fit("MISTRegressor()", 1000, 1, 15, 5),
    "mist 3+3 n=1,000": _fit("MISTRegressor()", 1000, 3, 15, 3),
    "mist 1+1 n=5,000": _fit("MISTRegressor()", 5000, 1, 9),
    "mist 3+3 n=5,000": _fit("MISTRegressor()", 5000, 3, 7),
    "mist 10+10 n=20,000": _fit("MISTRegressor()", 20_000, 10, 3),
    "mist batch of 64, 1+1 n=500": Case(
        "e = skmist.MISTRegressor(); s = [sides(500, 1) for _ in range(64)]",
        "e.estimate_many(s)",
        7,
    ),
    "ksg 1+1 n=200": _fit("KSGEstimator()", 200, 1, 15, 20),
    "ksg 1+1 n=1,000": _fit("KSGEstimator()", 1000, 1, 15, 10),
    "ksg 3+3 n=1,000": _fit("KSGEstimator()", 1000, 3, 15, 5),
    "ksg 3+3 n=10,000": _fit("KSGEstimator()", 10_000, 3, 7),
    "independence_test mist n=1,000": Case(
        "x, y = sides(1000, 1)",
        "skmist.independence_test(x, y, n_permutations=999, random_state=0)",
        1,
    ),
    "mi_with p-values 5 x 900": Case(
        "t = pd.DataFrame(np.hstack(sides(900, 3))[:, :6], columns=list('abcdet'))",
        "skmist.mi_with(t, 't', p_values=True)",
        1,
    ),
    "mi_matrix copula 200 x 1,000": Case(
        "t = pd.DataFrame(np.hstack(sides(1000, 100)))",
        "skmist.mi_matrix(t, method='gaussian_copula')",
        1,
    ),
    "mi_matrix ksg 100 x 1,000": Case(
        "t = pd.DataFrame(np.hstack(sides(1000, 50)))", "skmist.mi_matrix(t, method='ksg')", 2
    ),
}
LONG = {
    "mi_matrix mist 200 x 1,000, two threads": Case(
        "t = pd.DataFrame(np.hstack(sides(1000, 100)))\n"
        # earlier versions have no limits
        "import inspect\n"
        "known = inspect.signature(skmist.mi_matrix).parameters\n"
        "names = set(known) & {'max_estimates', 'max_rows'}",
        "skmist.mi_matrix(t, n_jobs=2, **dict.fromkeys(names))",
        1,
        1,
        2,
    ),
}


def measure(case: Case, trees: dict[str, Path]) -> dict[str, float]:
    """Seconds before and after, their ratio with its quartiles, and the peak memory.

    Parameters
    ----------
    case : Case
    trees : dict of str to Path
        ``before`` and ``after``.
    """
    workers = {name: Worker(tree, case.threads) for name, tree in trees.items()}
    with workers["before"], workers["after"]:
        spent = interleaved(workers, START + case.setup, case.statement, case.turns, case.number)
        peaks = {f"peak_mb_{name}": worker.peak() for name, worker in workers.items()}
    ratio, low, high = ratio_with_spread(spent["before"], spent["after"])
    seconds = {f"seconds_{name}": float(np.median(times)) for name, times in spent.items()}
    return {**seconds, "ratio": ratio, "low": low, "high": high, "turns": case.turns, **peaks}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--before", type=Path, default=Path("/tmp/base"), metavar="TREE")
    parser.add_argument("--long", action="store_true", help="also what takes minutes")
    parser.add_argument("--only", default="", help="cases whose name begins so")
    parser.add_argument("--out", type=Path, default=common.RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    trees = {"before": options.before, "after": HERE}
    rows = []
    for name, case in {**CASES, **(LONG if options.long else {})}.items():
        if name.startswith(options.only):
            rows.append({"work": name, **measure(case, trees)})
            print(pd.DataFrame(rows[-1:]).round(4).to_string(index=False, header=len(rows) == 1))
    if not options.only:
        header = common.provenance("against.py", arguments, "")
        common.write_table(pd.DataFrame(rows), options.out / "against.csv", [*header, MEANING])
    return 0


if __name__ == "__main__":
    sys.exit(main())
