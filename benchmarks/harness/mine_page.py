"""The page's table of MINE: beside its bars, and beside another package on the same samples."""

from __future__ import annotations

__all__ = ["mine_table"]

from pathlib import Path

import pandas as pd

from harness.common import read_table
from harness.markdown import markdown, number

OURS = ("donsker_varadhan", "nwj", "infonce")
PEERS = {
    "bmi_mine": "donsker_varadhan",
    "bmi_donsker_varadhan": "donsker_varadhan",
    "bmi_infonce": "infonce",
}
"""Each estimator of the BMI package, and the objective of ours that is nearest to it."""
CASE = ["d", "mi_true", "n"]


def mine_table(results: Path) -> str:
    """Return a row per case: largest errors over seeds, and errors and times of the first seed.

    Empty where `mine.py` or the peers have not been run.
    """
    paths = [results / name for name in ("mine.csv", "mine_summary.csv", "peers_mine.csv")]
    if not all(path.exists() for path in paths):
        return ""
    fits, summary, peers = map(read_table, paths)
    fits = fits[(fits["map"] == "none") & (fits["seed"] == peers["seed"].min())]
    fits = fits.set_index([*CASE, "objective"])
    summary = summary[summary["map"] == "none"].set_index([*CASE, "objective"])
    peers = peers.rename(columns={"p": "d"}).round({"mi_true": 4})
    peers = peers.set_index([*CASE, "estimator"])
    cases = list(dict.fromkeys(key[:3] for key in summary.index))
    rows = [_row(case, fits, summary, peers) for case in cases]
    head = ["columns", "MI", "n", "bar", "DV", "NWJ", "InfoNCE"]
    return markdown(rows, [*head, "BMI's MINE", "BMI's DV", "BMI's InfoNCE"])


def _row(case: tuple, fits: pd.DataFrame, summary: pd.DataFrame, peers: pd.DataFrame) -> list:
    d, mi, n = case
    errors = [number(summary.at[(*case, name), "largest_error"]) for name in OURS]
    bar = number(summary.at[(*case, OURS[0]), "bar"], 2)
    row = [d, number(mi, 2), f"{n:,}", bar, *errors]
    for name, objective in PEERS.items():
        if (d, mi, n, name) not in peers.index:
            row.append("")
            continue
        found = peers.loc[(d, mi, n, name)]
        times = found["seconds"] / fits.at[(*case, objective), "seconds"]
        row.append(f"{number(abs(found['mi'] - mi))} ({times:.1f} x)")
    return row
