"""Real margins, exact truth: errors on tables of scikit-learn whose MI is known by construction.

A column against a noisy copy of itself, a class label against itself (the truth is its entropy)
and against a label with known errors, a column against the class, all columns against a noisy
linear or nonlinear function of them, and columns of rows that are drawn independently (0).
`cases/real.py` says how the tables become laws with exact MI. Writes ``real_data.csv`` (a row per
kind, data set, columns, n and estimator) and ``real_data_summary.csv`` (by kind). All numbers
are in nats. An interrupted run resumes when it is started again.
"""

from __future__ import annotations

__all__ = ["main"]

import argparse
import sys
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
from cases.real import LAWS, SHARE
from cases.strengths import TARGETS, fixed_rng
from harness import common
from harness.peers import MIST, Case
from harness.summaries import TOLERANCE, error_summary

SEED = 20_261_122
ESTIMATORS = ("gaussian_copula", "ksg_scores_k5", MIST)
SIZES = (100, 300, 1000)
DRAWS = 3
CELL = ["kind", "dataset", "columns", "p", "q", "n"]
MEANING = (
    f"nats; laws smoothed with {SHARE} of Scott's bandwidth; draws cycle through weak, medium and "
    f"strong dependence ({', '.join(map(str, TARGETS))} nats where the kind can); mi_true = mean "
    "over the draws; estimates clipped at 0 for mae and bias; an interval covers the truth if it "
    f"misses it by at most {TOLERANCE} nats"
)


class Cell(NamedTuple):
    """One case: what the law is, the rows, and the number of the draw."""

    kind: str
    dataset: str
    columns: tuple[str, ...]
    n: int
    draw: int

    def __str__(self) -> str:
        return " ".join([self.kind, self.dataset, *self.columns, str(self.n), str(self.draw)])


def draw_cell(cell: Cell) -> tuple[dict, Case]:
    """Draw a case: what names it in a table, and the sample."""
    law = LAWS[cell[:3]](cell.draw % len(TARGETS))
    x, y = law.sample(cell.n, fixed_rng(str(cell), SEED))
    keys = cell._asdict() | {
        "columns": ", ".join(cell.columns) or "all",
        "p": x.shape[1],
        "q": y.shape[1],
        "mi_true": law.mi,
    }
    return keys, Case(x, y, law.x_discrete, law.y_discrete)


def _by_cell(table: pd.DataFrame) -> pd.DataFrame:
    groups = table.groupby([*CELL, "estimator"], sort=False)
    rows = [
        {
            **dict(zip([*CELL, "estimator"], key, strict=True)),
            "mi_true": part["mi_true"].mean(),
            **error_summary(part),
        }
        for key, part in groups
    ]
    return pd.DataFrame(rows).sort_values(CELL, kind="stable", ignore_index=True)


def _by_kind(table: pd.DataFrame) -> pd.DataFrame:
    """Return means by kind and over all kinds, those of two labels left out and not."""
    # An estimator for numbers answers two labels with infinity, which would drown the rest.
    numbers = table[~table["kind"].str.startswith("label")]
    parts = [table, numbers.assign(kind="all but labels"), table.assign(kind="all")]
    groups = pd.concat(parts).groupby(["kind", "estimator"], sort=False)
    rows = [
        {"kind": kind, "estimator": name, **error_summary(part)} for (kind, name), part in groups
    ]
    order = {kind: i for i, kind in enumerate(dict.fromkeys(row["kind"] for row in rows))}
    return pd.DataFrame(rows).sort_values("kind", key=lambda kind: kind.map(order), kind="stable")


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--n", type=int, nargs="+", default=list(SIZES), help=f"rows (default: {SIZES})"
    )
    parser.add_argument(
        "--draws", type=int, default=DRAWS, help=f"samples of each law and n (default: {DRAWS})"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its tables."""
    run = common.start("real_data", __doc__, arguments, ESTIMATORS, _add_options)
    options = run.options
    cells = [Cell(*law, n, d) for law in LAWS for n in options.n for d in range(options.draws)]
    table = run.evaluate(cells, draw_cell, "real data")
    summary = _by_kind(table)
    run.write(_by_cell(table), "real_data.csv", f"seed: {SEED}", MEANING)
    run.write(summary, "real_data_summary.csv", f"seed: {SEED}", MEANING)
    print(summary.round(4).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
