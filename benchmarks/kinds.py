"""Every kind of side against every other: where an estimate is sure and wrong.

Twelve kinds of sides (categories, numbers, counts, columns that are mostly zero, and mixtures),
each with each, share a class of four: the laws of ``cases/kind_laws.py``. Writes ``kinds.csv``, a
row per pair of kinds, n and estimator, and ``kinds_summary.csv``, the means over the pairs. An
interrupted run resumes when it is started again.
"""

from __future__ import annotations

__all__ = ["Cell", "draw_cell", "main"]

import argparse
import sys
from collections.abc import Sequence
from functools import cache
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np
from cases.kind_laws import SIDES, ClassLaw
from harness import common
from harness.peers import MIST, Case
from harness.summaries import errors_beside_efficient

ESTIMATORS = (MIST, "ksg_k3", "gaussian_copula")
SIZES = (300, 1000, 5000)
MEANING = (
    "nats; truth: mean of the exact pointwise MI of 100,000 rows; efficient = error of the mean "
    "of the true pointwise MI; ratio = mae to it"
)


class Cell(NamedTuple):
    """One draw of a pair of kinds."""

    x: str
    y: str
    n: int
    draw: int

    def __str__(self) -> str:
        """Return what names the cell."""
        return f"{self.x} / {self.y} n={self.n} draw {self.draw}"


_law = cache(ClassLaw)


def draw_cell(cell: Cell) -> tuple[dict, Case]:
    """Draw the sample of a cell: what names it in a table, and the sample."""
    law, number = _law(cell.x, cell.y), list(SIDES).index
    rng = np.random.default_rng([number(cell.x), number(cell.y), cell.n, cell.draw])
    kinds = law.kinds
    masks = [tuple(kind != "continuous" for kind in side) for side in kinds]
    efficient = float(np.sqrt(2.0 / np.pi / cell.n)) * law.spread
    keys = {**cell._asdict(), "mi_true": law.mi, "efficient": efficient}
    return keys, Case(*law.draw(cell.n, rng), *masks, kinds=kinds)


def _add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--n", type=int, nargs="+", default=list(SIZES), help=f"rows (default: {SIZES})")
    add("--draws", type=int, default=3, help="of a pair of kinds and n (default: 3)")
    add("--sides", nargs="+", default=list(SIDES), choices=list(SIDES), metavar="NAME")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    run = common.start("kinds", __doc__, arguments, ESTIMATORS, _add_options)
    options = run.options
    pairs = list(combinations_with_replacement(options.sides, 2))
    cells = [Cell(*pair, n, d) for n in options.n for pair in pairs for d in range(options.draws)]
    table = run.evaluate(cells, draw_cell, "kinds")
    by_pair = errors_beside_efficient(table, ["x", "y", "n"])
    summary = errors_beside_efficient(table, ["n"])
    run.write(by_pair, "kinds.csv", MEANING)
    run.write(summary, "kinds_summary.csv", MEANING)
    ours = by_pair[by_pair["estimator"] == MIST]
    print(ours.sort_values("ratio", ascending=False).head(20).round(3).to_string(index=False))
    print(summary.round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
