"""How long things take beside another version, as the page shows it."""

from __future__ import annotations

__all__ = ["against_table", "scaling_table", "start_table"]

from pathlib import Path

from harness.common import read_table
from harness.markdown import markdown, number


def start_table(results: Path) -> str:
    """Seconds of the processor of a start, before and after; empty where not measured."""
    path = results / "start.csv"
    if not path.exists():
        return ""
    table = read_table(path)
    times = table.pivot(index="work", columns="tree", values="processor")
    rows = [
        [row["work"], *(number(times.loc[row["work"], tree]) for tree in ("before", "after"))]
        + [f"{row['ratio']:.1f} ({row['ratio_low']:.1f} to {row['ratio_high']:.1f})"]
        for _, row in table[table["tree"] == "after"].iterrows()
    ]
    return markdown(rows, ["processor seconds", "before", "now", "times as fast (quartiles)"])


def against_table(results: Path) -> str:
    """Times of pieces of work, before and after; empty where not measured."""
    path = results / "against.csv"
    if not path.exists():
        return ""
    rows = [
        [row["work"], *(_duration(row[f"seconds_{tree}"]) for tree in ("before", "after"))]
        + [f"{row['ratio']:.1f} ({row['low']:.1f} to {row['high']:.1f})", row["turns"]]
        for _, row in read_table(path).iterrows()
    ]
    return markdown(rows, ["work", "before", "now", "times as fast (quartiles)", "turns"])


def scaling_table(results: Path) -> str:
    """Times of estimates by rows and by columns, with slopes; empty where not measured."""
    path = results / "scaling.csv"
    if not path.exists():
        return ""
    parts = []
    for (along, curve), points in read_table(path).groupby(["along", "curve"], sort=False):
        rows = [
            [name, *(_duration(ms / 1000) for ms in part["ms"]), number(part["slope"].iloc[0])]
            for name, part in points.groupby("estimator", sort=False)
        ]
        at = [f"{value:,}" for value in points[along].unique()]
        titles = [f"{curve}; {'n' if along == 'n' else 'columns a side'} =", *at, "slope"]
        parts.append(markdown(rows, titles))
    return "\n\n".join(parts)


def _duration(seconds: float) -> str:
    return f"{1000 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"
