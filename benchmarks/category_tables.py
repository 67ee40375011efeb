"""Several columns of categories a side: the error, and whether intervals hold.

The laws of ``cases/category_laws.py`` have cells without number and exact information. Writes
``category_tables.csv``, a row per law, n and estimator, and ``category_tables_summary.csv``, the
means over the laws. An interrupted run resumes when it is started again.
"""

from __future__ import annotations

__all__ = ["Cell", "draw_cell", "main"]

import argparse
import sys
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from cases.category_laws import LAWS
from harness import common
from harness.peers import Case
from harness.summaries import errors_beside_efficient

ESTIMATORS = ("mist", "ksg_k3", "gaussian_copula")
SIZES = (100, 300, 1000, 3000, 10_000)
SEED = 20_261_201
MEANING = "nats; efficient = error of the mean of the true pointwise MI; ratio = mae to it"


class Cell(NamedTuple):
    """One draw of a law."""

    law: str
    n: int
    draw: int

    def __str__(self) -> str:
        """Return what names the cell."""
        return f"{self.law} n={self.n} draw {self.draw}"


def draw_cell(cell: Cell) -> tuple[dict, Case]:
    """Draw the sample of a cell: what names it in a table, and the sample."""
    law = LAWS[cell.law]
    key = [SEED, zlib.crc32(cell.law.encode()), cell.n, cell.draw]
    x, y = law.draw(cell.n, np.random.default_rng(key))
    kinds = [("categorical",) * side.shape[1] for side in (x, y)]
    masks = [(True,) * side.shape[1] for side in (x, y)]
    keys = {**cell._asdict(), "p": x.shape[1], "q": y.shape[1], "mi_true": law.mi}
    keys["efficient"] = law.efficient(cell.n)
    return keys, Case(x.astype(float), y.astype(float), *masks, kinds=tuple(kinds))


def _add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--n", type=int, nargs="+", default=list(SIZES), help=f"rows (default: {SIZES})")
    add("--draws", type=int, default=10, help="of a law and n, half above 1,000 (default: 10)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its tables."""
    run = common.start("category_tables", __doc__, arguments, ESTIMATORS, _add_options)
    draws = {n: run.options.draws // (1 + (n > 1000)) for n in run.options.n}
    cells = [Cell(law, n, d) for law in LAWS for n, count in draws.items() for d in range(count)]
    table = run.evaluate(cells, draw_cell, "category tables")
    by_law = errors_beside_efficient(table, ["law", "p", "q", "n"])
    summary = errors_beside_efficient(table, ["n"])
    run.write(by_law, "category_tables.csv", MEANING)
    run.write(summary, "category_tables_summary.csv", MEANING)
    print(summary.round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
