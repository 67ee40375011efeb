"""The tables of the grid: one row per cell and estimator, what mist loses, means by set and n."""

from __future__ import annotations

__all__ = ["CELL", "by_cell", "by_set", "losses"]

import pandas as pd

from harness.peers import MIST
from harness.summaries import error_summary, spread

CELL = ["family", "set", "p", "q", "n"]
MARGIN_RATIO, MARGIN_NATS = 1.1, 0.02
_MEANS = ["efficient", "ratio", "bias", "spread"]
_MEANS += ["coverage_50", "width_50", "coverage_90", "width_90", "seconds"]


def by_cell(table: pd.DataFrame) -> pd.DataFrame:
    """Return error, bias, spread, coverage, width and time of each estimator in each cell.

    Parameters
    ----------
    table : DataFrame
        One row per draw and estimator.
    """
    rows = [
        {
            **dict(zip([*CELL, "estimator"], key, strict=True)),
            "mi_true": part["mi_true"].mean(),
            **error_summary(part),
            **_beside_efficient(part),
            "spread": spread(part, "strength"),
            "seconds": part["seconds"].mean(),
        }
        for key, part in table.groupby([*CELL, "estimator"], sort=False)
    ]
    return pd.DataFrame(rows).sort_values(CELL, kind="stable", ignore_index=True)


def _beside_efficient(part: pd.DataFrame) -> dict[str, float]:
    """Standard error of the mean error, the efficient error, and the ratio of the two."""
    if "efficient" not in part:
        return {}
    efficient = part["efficient"].mean()
    ratio = part["abs_error"].mean() / efficient
    return {"se": part["abs_error"].sem(), "efficient": efficient, "ratio": ratio}


def losses(cells: pd.DataFrame, draws: pd.DataFrame) -> pd.DataFrame:
    """Return the cells that mist loses by more than a tenth and 0.02 nats, the worst first.

    Parameters
    ----------
    cells : DataFrame
        What `by_cell` returns.
    draws : DataFrame
        What `by_cell` was given.

    Returns
    -------
    DataFrame
        One row per cell where the mean error of mist exceeds ``1.1`` times that of the best
        other estimator plus 0.02 nats, with the name and error of the winner; ``excess`` is the
        difference of the two errors and ``excess_se`` its standard error over the draws.
    """
    kept = ["mi_true", "draws", "mae", "bias", "spread", "coverage_90", "width_90"]
    kept = [name for name in kept if name in cells.columns]
    mist = cells[cells["estimator"] == MIST].set_index(CELL)[kept]
    others = cells[(cells["estimator"] != MIST) & cells["mae"].notna()]
    best = others.loc[others.groupby(CELL)["mae"].idxmin()].set_index(CELL)
    best = best[["estimator", "mae"]].set_axis(["winner", "mae_winner"], axis=1)
    table = mist.join(best, how="inner").assign(excess=lambda t: t["mae"] - t["mae_winner"])
    errors = draws.set_index([*CELL, "draw", "estimator"])["abs_error"].unstack()
    table["excess_se"] = [
        (part[MIST] - part[winner]).sem()
        for winner, part in ((table.at[cell, "winner"], errors.loc[cell]) for cell in table.index)
    ]
    lost = table["mae"] > MARGIN_RATIO * table["mae_winner"] + MARGIN_NATS
    return table[lost].sort_values("excess", ascending=False).reset_index()


def by_set(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the means over cells by set, n and estimator.

    Not every estimator answers every cell: ``mae_mist`` is the error of mist over the same cells.

    Parameters
    ----------
    cells : DataFrame
        What `by_cell` returns.
    """
    mist = cells[cells["estimator"] == MIST].set_index(CELL)["mae"].rename("mae_mist")
    table = cells.join(mist, on=CELL)
    both = pd.concat([table, table.assign(n="all")])
    means = ["mae", "mae_mist", *(name for name in _MEANS if name in table.columns)]
    rows = [
        {
            **dict(zip(["set", "n", "estimator"], key, strict=True)),
            "cells": part["mae"].notna().sum(),
            "draws": part["draws"].sum(),
            "failed": part["failed"].sum(),
            **part[means].mean().to_dict(),
        }
        for key, part in both.groupby(["set", "n", "estimator"], sort=False)
    ]
    order = {n: i for i, n in enumerate(both["n"].unique())}
    return pd.DataFrame(rows).sort_values(
        ["set", "n", "mae"], key=lambda c: c.map(order) if c.name == "n" else c, ignore_index=True
    )
