"""Error, bias, spread, intervals and time of every estimator over families, dimensions and n.

Writes ``grid.csv`` (a row per cell, which is a family, its dimensions and n, and estimator),
``grid_losses.csv`` (the cells that mist loses, by how much, to whom) and ``grid_summary.csv``
(means over the cells by set, in training or held out, and n). All numbers are in nats. An
interrupted run resumes when it is started again; answers already given are taken up, also by a
later run with other options.
"""

from __future__ import annotations

__all__ = ["main"]

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from cases.cells import (
    DRAWS,
    SIZES,
    Cell,
    cells_of,
    draw_cell,
    export_samples,
    joined_rows,
    spread_out,
)
from cases.families import BLIND, EVERY, FAMILIES
from harness import common
from harness.peers import NEIGHBORS, OBJECTIVES, build_peers, default_names
from harness.summaries import TOLERANCE, with_errors
from harness.tables import MARGIN_NATS, MARGIN_RATIO, by_cell, by_set, losses

from skmist.datasets.suites.held_out import HALVES

MOST_ROWS = 5000
LEFT_OUT = [f"{kind}_k{k}" for kind in ("ksg", "ksg_scores") for k in NEIGHBORS if k != 3]
MEANING = (
    "nats; estimates are clipped at 0; mae = mean absolute error over the draws of a cell, whose "
    "strengths (weak, medium, strong) take turns; spread = standard deviation about the mean "
    "within a strength; an interval covers the truth if it misses it by at most "
    f"{TOLERANCE} nats; above n = {MOST_ROWS:,} KSG is asked at k = 3 only"
)
LOST = (
    f"cells where mae exceeds {MARGIN_RATIO} times that of the winner plus {MARGIN_NATS} nats; "
    "excess_se = standard error of the difference over the draws; the winner is chosen in "
    "hindsight among all estimators, the max rules included"
)
EFFICIENT = "efficient = error of the mean of the true pointwise MI; ratio = mae to it"
SUMMED = (
    "means over the cells; not every estimator answers every cell: mae_mist is the error of mist "
    "over the cells of the row"
)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--families", nargs="+", choices=list(EVERY), metavar="NAME", help="(default: all)"
    )
    parser.add_argument(
        "--half",
        choices=HALVES,
        help="the families that were frozen before a training, into tables of their own: "
        "validation to choose between nets, final for the last table alone",
    )
    parser.add_argument("--held-out-only", action="store_true", help="held-out families alone")
    parser.add_argument(
        "--n", type=int, nargs="+", default=list(SIZES), help=f"rows (default: {SIZES})"
    )
    parser.add_argument(
        "--draws",
        type=int,
        default=DRAWS,
        help=f"draws of a cell up to n = 1,000, a quarter above (default: {DRAWS})",
    )
    parser.add_argument(
        "--mine-cells",
        type=int,
        default=0,
        metavar="K",
        help="ask our MINE family about K draws, evenly spread over the grid (default: 0)",
    )
    parser.add_argument(
        "--export", type=Path, metavar="NPZ", help="write the samples for other peers, and stop"
    )
    parser.add_argument(
        "--join",
        type=Path,
        nargs="+",
        default=[],
        metavar="CSV",
        help="add answers of other peers about exported samples",
    )


def _cells(options: argparse.Namespace) -> list[Cell]:
    halves = {name: family for name, family in BLIND.items() if family.half == options.half}
    known = halves if options.half else FAMILIES
    names = [
        name
        for name in options.families or known
        if EVERY[name].held_out or not options.held_out_only
    ]
    if hidden := sorted(set(names) - set(known)):
        # the last half must be asked for by its own name, and never goes among the old families
        sys.exit(f"error: {hidden} are not of this set; --half says which")
    return cells_of(names, options.n, options.draws)


def _draws(run: common.Run, cells: Sequence[Cell]) -> pd.DataFrame:
    """Return one row per draw and estimator, those of other environments included."""
    options = run.options
    small, large = ([c for c in cells if (c.n > MOST_ROWS) == many] for many in (False, True))
    parts = [run.evaluate(small, draw_cell, "grid")] if small else []
    if large:
        names = [name for name in options.estimators if name not in LEFT_OUT]
        peers = build_peers(names, options.device, options.weights)
        parts.append(run.evaluate(large, draw_cell, "grid, many rows", peers))
    if options.mine_cells:
        mine = build_peers(OBJECTIVES, options.device, options.weights)
        asked = spread_out(cells, options.mine_cells)
        parts.append(run.evaluate(asked, draw_cell, "grid MINE", mine))
    parts += [with_errors(joined_rows(path, cells)) for path in options.join]
    return pd.concat(parts, ignore_index=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its tables."""
    run = common.start("grid", __doc__, arguments, default_names(), _add_options)
    cells = _cells(run.options)
    if run.options.export:
        export_samples(cells, run.options.export)
        return 0
    draws = _draws(run, cells)
    table = by_cell(draws)
    lost, summary = losses(table, draws), by_set(table)
    stem = f"grid_{run.options.half}" if run.options.half else "grid"
    common.write_table(draws, common.JOURNALS / f"{stem}_draws.csv", [*run.header, MEANING])
    run.write(table, f"{stem}.csv", MEANING, *([EFFICIENT] if run.options.half else []))
    run.write(lost, f"{stem}_losses.csv", MEANING, LOST)
    run.write(summary, f"{stem}_summary.csv", MEANING, SUMMED)
    print(summary[summary["n"] == "all"].round(4).to_string(index=False))
    print(f"mist loses {len(lost)} of {len(table.groupby(['family', 'p', 'q', 'n']))} cells")
    print(lost.head(20).round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
