"""Tables that set errors beside the efficient error, in Markdown, from the CSVs."""

from __future__ import annotations

__all__ = ["BEFORE", "bars_table", "bmi_fresh_table", "half_table"]

import math
from pathlib import Path

import pandas as pd

from harness.common import read_table
from harness.markdown import markdown, number, percent
from harness.peers import MIST

BEFORE = "mist-2"
"""The weights that shipped before; what they said lies beside a table, in ``NAME_mist-2.csv``."""


def _read(path: Path) -> pd.DataFrame | None:
    """A table, with what the weights before it said as an estimator of their name."""
    if not path.exists():
        return None
    table, before = read_table(path), path.with_name(f"{path.stem}_{BEFORE}.csv")
    if not before.exists():
        return table
    old = read_table(before).query("estimator == @MIST").assign(estimator=BEFORE)
    return pd.concat([table, old], ignore_index=True)


def bmi_fresh_table(results: Path) -> str:
    """Return errors over fresh draws of the BMI tasks with their standard errors, or nothing."""
    table = _read(results / "bmi_fresh_summary.csv")
    if table is None:
        return ""
    sizes = sorted(table["n"].unique())
    held = table.set_index(["estimator", "n"])
    rows = []
    for name in table.sort_values(["n", "mae"])["estimator"].unique():
        found = [held.loc[(name, n)] if (name, n) in held.index else None for n in sizes]
        rows.append([name, *("" if row is None else _with_error(row) for row in found)])
        rows[-1] += ["" if row is None else number(row["ratio"], 1) for row in found]
    best = [number(table.loc[table["n"] == n, "efficient"].iloc[0], 4) for n in sizes]
    rows.append(["*efficient*", *best, *["1.0"] * len(sizes)])
    counts = [table.loc[table["n"] == n, "draws"].max() for n in sizes]
    head = [f"n = {n:,}, {count} draws" for n, count in zip(sizes, counts, strict=True)]
    return markdown(rows, ["estimator", *head, *(f"ratio at {n:,}" for n in sizes)])


def _with_error(row: pd.Series) -> str:
    return f"{row['mae']:.4f} ± {row['se']:.4f}"


def bars_table(results: Path) -> str:
    """Return the situations of issue 18 with what each estimator says, or nothing."""
    table = _read(results / "bars.csv")
    if table is None:
        return ""
    others = [name for name in table["estimator"].unique() if name != MIST]
    means = table.set_index(["situation", "n", "estimator"])["mean"]
    rows = []
    for _, row in table[table["estimator"] == MIST].iterrows():
        key = row["situation"], row["n"]
        errors = [number(row[name]) for name in ("mae", "efficient")]
        shares = [percent(row[name]) for name in ("holds", "warned")]
        beside = [number(means.get((*key, name), math.nan), 2) for name in others]
        told = [key[0].replace("_", " "), f"{key[1]:,}", number(row["truth"]), _mean(row)]
        rows.append([*told, *errors, *shares, *beside, "" if pd.isna(row["met"]) else row["met"]])
    head = ["situation", "n", "truth", MIST, "error", "efficient", "interval holds", "warns"]
    return markdown(rows, [*head, *others, "bar met"])


def _mean(row: pd.Series) -> str:
    return f"{row['mean']:.3f} ± {row['se']:.3f}"


def half_table(results: Path, half: str) -> str:
    """Return errors by family of a half of the frozen families, or nothing."""
    table = _read(results / f"grid_{half}.csv")
    if table is None:
        return ""
    sizes = sorted(table["n"].unique())
    rows = []
    for family, part in table.groupby("family", sort=False):
        mist = part[part["estimator"] == MIST].groupby("n")
        beside = part[~part["estimator"].isin([MIST, BEFORE])]
        other = beside.groupby(["estimator", "n"])["mae"].mean()
        before = part[part["estimator"] == BEFORE].groupby("n")["mae"].mean()
        errors, ratios = (mist[key].mean() for key in ("mae", "ratio"))
        cells = [f"{number(errors[n])} ({number(ratios[n], 1)})" for n in sizes]
        last = other.unstack()[sizes[-1]]
        best = f"{last.idxmin()} {number(last.min())}"
        old = [number(before.get(sizes[-1], math.nan))]
        rows.append([family, *cells, percent(mist["coverage_90"].mean().mean()), *old, best])
    head = ["family", *(f"n = {n:,}" for n in sizes), "90 % interval holds"]
    return markdown(rows, [*head, *(f"{who} at {sizes[-1]:,}" for who in (BEFORE, "best other"))])
