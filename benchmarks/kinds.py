"""Every kind of side against every other: where an estimate is sure and wrong.

Twelve kinds of sides (categories, numbers, counts, columns that are mostly zero, and mixtures),
each with each, share a class of four: the laws of ``cases/kind_laws.py``. Writes ``kinds.csv``, a
row per pair of kinds, n and estimator. An interrupted run resumes when it is started again.
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
import pandas as pd
from cases.kind_laws import SIDES, ClassLaw
from harness import common
from harness.peers import MIST, Case
from harness.summaries import error_summary

SIZES = (1000, 5000)
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
    return {**cell._asdict(), "mi_true": law.mi}, Case(*law.draw(cell.n, rng), *masks, kinds=kinds)


def _by_pair(table: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for key, part in table.groupby(["x", "y", "n", "estimator"], sort=False):
        x, y, n, name = key
        law = _law(x, y)
        efficient = float(np.sqrt(2.0 / np.pi / n)) * law.spread
        found = {"x": x, "y": y, "n": n, "mi_true": law.mi, "estimator": name}
        found |= error_summary(part) | {"efficient": efficient}
        rows.append(found | {"ratio": found["mae"] / efficient})
    return pd.DataFrame(rows)


def _add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--n", type=int, nargs="+", default=list(SIZES), help=f"rows (default: {SIZES})")
    add("--draws", type=int, default=3, help="of a pair of kinds and n (default: 3)")
    add("--sides", nargs="+", default=list(SIDES), choices=list(SIDES), metavar="NAME")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    run = common.start("kinds", __doc__, arguments, [MIST], _add_options)
    options = run.options
    pairs = list(combinations_with_replacement(options.sides, 2))
    cells = [Cell(*pair, n, d) for n in options.n for pair in pairs for d in range(options.draws)]
    table = _by_pair(run.evaluate(cells, draw_cell, "kinds"))
    run.write(table, "kinds.csv", MEANING)
    worst = table.sort_values("ratio", ascending=False).head(20)
    print(worst.round(3).to_string(index=False))
    print(table.groupby(["n", "estimator"])[["mae", "efficient"]].mean().round(3).to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main())
