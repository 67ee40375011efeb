"""Transfer entropy of a bivariate autoregression against its exact value, and false alarms.

``x[t] = a x[t-1] + c y[t-1] + e``, ``y[t] = b y[t-1] + d x[t-1] + f`` with unit normal noises. The
transfer entropy at lag 1 given one step of the past is exact: half the logarithm of the ratio of
the variances of the target given its past alone, and with the other's. ``independent`` are two
autoregressions that share nothing: here it is the plain information at lag 0, by blocks. Writes
``lags.csv``, a row per case and direction; draws go on until ``--minutes`` are over.
"""

from __future__ import annotations

__all__ = ["CASES", "Process", "main"]

import argparse
import sys
import time
import warnings
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from harness import common
from scipy.linalg import solve_discrete_lyapunov
from threadpoolctl import threadpool_limits

import skmist

MEANING = (
    "nats; mi: mean estimate; covered: share of the 90 % intervals that hold the truth; width: "
    "theirs; rejected: share of the tests at 5 % (KSG, 99 permutations)"
)


class Process(NamedTuple):
    """Memory of x and y, what y's past adds to x, what x's past adds to y, rows."""

    a: float
    b: float
    c: float
    d: float
    n: int

    @property
    def matrix(self) -> np.ndarray:
        """Coefficients of one step."""
        return np.array([[self.a, self.c], [self.d, self.b]])

    def truth(self, target: int) -> float:
        """Transfer entropy at lag 1 to x (0) or to y (1), nats."""
        now = solve_discrete_lyapunov(self.matrix, np.eye(2))
        both = self.matrix @ now
        own = now[target, target] - both[target, target] ** 2 / now[target, target]
        return 0.5 * float(np.log(own))

    def draw(self, seed: int) -> np.ndarray:
        """Draw the process (n, 2), after 500 steps."""
        rng = np.random.default_rng([self.n, round(100 * self.a), round(100 * self.d), seed])
        noise, rows = rng.normal(size=(self.n + 500, 2)), np.zeros((self.n + 500, 2))
        for t in range(1, len(rows)):
            rows[t] = self.matrix @ rows[t - 1] + noise[t]
        return rows[500:]


CASES = [
    Process(0.5, 0.7, 0.0, 0.5, 500),
    Process(0.5, 0.7, 0.0, 0.2, 500),
    Process(0.3, 0.3, 0.4, 0.4, 500),
    Process(0.8, 0.9, 0.05, 0.1, 1000),
    Process(0.9, 0.9, 0.0, 0.0, 400),
    Process(0.98, 0.98, 0.0, 0.0, 1000),
]


def ask(process: Process, seed: int) -> list[dict]:
    """Estimate and test one draw, in both directions where one has an effect."""
    rows, keys, answers = process.draw(seed), process._asdict(), []
    independent = not (process.c or process.d)
    how = {"lags": [0 if independent else 1], "past": int(not independent)}
    for target in (1,) if independent else (1, 0):
        x, y = rows[:, 1 - target], rows[:, target]
        found = skmist.mi_lags(x, y, **how, device="cpu").iloc[0]
        test = {"p_values": True, "n_permutations": 99, "random_state": seed}
        p = skmist.mi_lags(x, y, **how, **test, estimator="ksg").iloc[0]["p_value"]
        truth = 0.0 if independent else process.truth(target)
        named = {**keys, "target": "xy"[target], "past": how["past"], "mi_true": truth}
        answers.append({**named, **found[["mi", "low", "high"]], "rejected": p <= 0.05})
    return answers


def summarize(rows: pd.DataFrame) -> pd.DataFrame:
    """Means over the draws of each case."""
    rows = rows.assign(
        covered=rows["mi_true"].between(rows["low"], rows["high"]),
        width=rows["high"] - rows["low"],
        draws=1,
    )
    groups = rows.groupby([*Process._fields, "target", "past", "mi_true"], sort=False)
    answer = groups[["mi", "covered", "width", "rejected"]].mean().astype(float)
    return answer.assign(draws=groups.size()).reset_index()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5.0, help="then no more draws (5)")
    parser.add_argument("--out", type=Path, default=common.RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    rows, end = [], time.monotonic() + 60 * options.minutes
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in count():
            if time.monotonic() > end:
                break
            rows += [row for process in CASES for row in ask(process, seed)]
    table = summarize(pd.DataFrame(rows).astype({"mi": float, "low": float, "high": float}))
    header = common.provenance("lags.py", arguments, skmist.MISTRegressor().weights)
    common.write_table(table, options.out / "lags.csv", [*header, MEANING])
    print(table.round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
