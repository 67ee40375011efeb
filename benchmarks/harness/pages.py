"""The pages that show results, and their tables in Markdown, from the CSVs alone."""

from __future__ import annotations

__all__ = ["FIGURES", "PAGES", "TABLES", "fill", "result_table"]

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from harness.common import other_weights, read_table, tables_read
from harness.efficient_page import BEFORE, bars_table, bmi_fresh_table, half_table
from harness.infomax_page import images_table, labels_table
from harness.intervals_page import intervals_tables
from harness.markdown import markdown, number, percent
from harness.mine_page import mine_table
from harness.peers import MIST
from harness.speed_page import against_table, scaling_table, start_table
from harness.summaries import with_errors

SETS = ("in training", "held out")
LOSSES_SHOWN = 25
PAGES = ("benchmark.md", "bootstrap.md", "independence.md", "infomax.md")
FIGURES = {
    "error_by_n": ("grid_summary.csv", "Mean absolute error against n, by set"),
    "ratio_by_family": ("grid.csv", "Error of MIST relative to the best other, by family and n"),
    "coverage_by_n": ("grid_summary.csv", "Coverage of the intervals against n, by set"),
    "bmi_by_task": ("bmi_n1000.csv", "Error by task of the BMI benchmark at n = 1,000"),
    "training": ("training.csv", "Losses of the nets against the data sets seen"),
    "consistency_steps": ("consistency.csv", "Masked rows, and ratios that should be 1, 1 and 2"),
    "independence_power": ("independence_power.csv", "Power against noise"),
}
"""Each figure of the pages: the table that it is drawn from, and its description."""

_BLOCK = re.compile(r"(<!-- begin (\w+) -->\n)(.*?)(<!-- end \2 -->)", re.DOTALL)
_ABSENT = "*Not measured yet: benchmarks/results has no such table.*"


def result_table(results: Path, name: str) -> pd.DataFrame | None:
    """Read a table of the results, or return None where it was not made."""
    path = results / name
    return read_table(path) if path.exists() else None


def fill(page: str, results: Path, pictures: str = "benchmark") -> str:
    """Return the page with the text between its markers written anew.

    Parameters
    ----------
    page : str
        Markdown with blocks ``<!-- begin NAME -->`` ... ``<!-- end NAME -->``, where NAME is one
        of `TABLES` or `FIGURES`.
    results : Path
        Folder of the CSVs.
    pictures : str
        Folder of the pictures, as the page links it.

    Returns
    -------
    str
        Tables that were measured with other weights than those of today say so.
    """

    def block(match: re.Match) -> str:
        name = match[2]
        if name in FIGURES:
            source, about = FIGURES[name]
            made = (results / source).exists()
            body = f"![{about}]({pictures}/{name}.png)" if made else _ABSENT
        else:
            with tables_read() as paths:
                body = TABLES[name](results) or _ABSENT
            own = [path for path in paths if not path.stem.endswith(BEFORE)]
            if older := other_weights(own):
                body += f"\n\n*Measured with the weights of before, {', '.join(older)}.*"
        return f"{match[1]}{body}\n{match[4]}"

    return _BLOCK.sub(block, page)


def _rows(n: str) -> str:
    return "all n" if n == "all" else f"n = {int(float(n)):,}"


def _errors(results: Path, chosen: str) -> str:
    table = result_table(results, "grid_summary.csv")
    if table is None or not (part := table[table["set"] == chosen])["mae"].notna().any():
        return ""
    sizes = list(part["n"].unique())
    wide = part.pivot(index="estimator", columns="n", values="mae")[sizes]
    cells = part[part["n"].astype(str) == "all"].set_index("estimator")["cells"]
    most = cells.max()
    # A mean over fewer cells is another figure: it goes below, and says so.
    names = sorted(wide.sort_values(sizes[-1]).index, key=lambda name: cells[name] < most)
    rows = [
        [name if cells[name] == most else f"{name} ({cells[name]} of {most} cells)"]
        + [number(value) for value in wide.loc[name]]
        for name in names
    ]
    return markdown(rows, ["estimator", *map(_rows, sizes)])


def _coverage(results: Path) -> str:
    table = result_table(results, "grid_summary.csv")
    if table is None or "coverage_90" not in table:
        return ""
    mist = table[table["estimator"] == MIST]
    rows = [
        [row["set"], _rows(row["n"]), percent(row["coverage_50"]), number(row["width_50"], 2)]
        + [percent(row["coverage_90"]), number(row["width_90"], 2)]
        for _, row in mist.iterrows()
    ]
    head = ["set", "rows", "50 % interval holds", "width", "90 % interval holds", "width"]
    return markdown(rows, head)


def _seconds(results: Path) -> str:
    table = result_table(results, "grid_summary.csv")
    if table is None:
        return ""
    sizes = [n for n in table["n"].unique() if n != "all"]
    part = table[table["n"] != "all"]
    weighted = part.assign(total=part["seconds"] * part["cells"])
    sums = weighted.groupby(["estimator", "n"])[["total", "cells"]].sum()
    wide = (1000 * sums["total"] / sums["cells"]).unstack()[sizes].sort_values(sizes[-1])
    rows = [
        [name, *(number(value, 0 if value >= 10 else 1) for value in row)]
        for name, row in zip(wide.index, wide.values, strict=True)
    ]
    return markdown(rows, ["milliseconds", *map(_rows, sizes)])


def _losses(results: Path) -> str:
    lost = result_table(results, "grid_losses.csv")
    if lost is None:
        return ""
    rows = [
        [row["family"], row["set"], f"{row['p']} + {row['q']}", f"{row['n']:,}"]
        + [number(row[name]) for name in ("mae", "bias")]
        + [percent(row["coverage_90"]), row["winner"], number(row["mae_winner"])]
        + [f"{row['excess']:.3f} ± {row['excess_se']:.3f}"]
        for _, row in lost.head(LOSSES_SHOWN).iterrows()
    ]
    head = ["family", "set", "columns", "n", "error of MIST", "bias", "90 % interval holds"]
    return markdown(rows, [*head, "winner", "its error", "difference ± SE"])


def _losses_by_n(results: Path) -> str:
    lost, cells = (result_table(results, f"grid{end}.csv") for end in ("_losses", ""))
    if lost is None or cells is None:
        return ""
    every = cells[cells["estimator"] == MIST].groupby(["set", "n"]).size()
    rows = []
    for (name, n), total in every.items():
        part = lost[(lost["set"] == name) & (lost["n"] == n)]
        winners = part["winner"].value_counts().head(3)
        named = ", ".join(f"{winner} {count}" for winner, count in winners.items())
        excess = number(part["excess"].max()) if len(part) else ""
        rows.append([name, f"{n:,}", f"{len(part)} of {total}", excess, named])
    return markdown(rows, ["set", "n", "cells lost", "worst by (nats)", "most often to"])


def _bmi(results: Path, stem: str) -> str:
    table = result_table(results, f"{stem}_summary.csv")
    if table is None:
        return ""
    sizes = sorted(table["n"].unique())
    wide = table.pivot(index="estimator", columns="n", values="mae")[sizes].sort_values(sizes[0])
    tasks = table.groupby("estimator")["tasks"].max()
    most = tasks.max()
    # A mean over fewer tasks is another figure: it goes below, and says so.
    names = sorted(wide.index, key=lambda name: tasks[name] < most)
    rows = [
        [name if tasks[name] == most else f"{name} ({tasks[name]} of {most} tasks)"]
        + [number(value) for value in wide.loc[name]]
        for name in names
    ]
    return markdown(rows, ["estimator", *map(_rows, sizes)])


def _independence(results: Path) -> str:
    table = result_table(results, "independence.csv")
    if table is None:
        return ""
    rows = [
        [row["columns"], row["estimator"], number(row["median"], 4), number(row["q90"], 4)]
        for _, row in table[table["columns"] == "all"].sort_values("q90").iterrows()
    ]
    return markdown(rows, ["columns", "estimator", "median", "nine in ten below"])


def _ablation(results: Path) -> str:
    table = result_table(results, "ablation.csv")
    if table is None:
        return ""
    sets = list(dict.fromkeys(table["set"]))
    wide = table.set_index(["net", "set"])
    facts = table.drop_duplicates("net").set_index("net")
    rows = []
    for name, fact in facts.iterrows():
        row = [fact["about"], number(1e3 * fact["seconds"], 0)]
        for which in sets:
            found = wide.loc[(name, which)]
            ratio = f"{number(found['lost'], 2)} ± {number(found['lost_se'], 2)}"
            row += [number(found["mae"]), ratio]
        rows.append(row)
    head = ["net", "ms a step"]
    head += [f"{which}: {what}" for which in sets for what in ("error", "ratio to the first")]
    return markdown(rows, head)


def _bmi_peers(results: Path) -> str:
    rows = []
    for path in results.glob("peers_bmi_n*.csv"):
        table = with_errors(read_table(path))
        for (n, name), part in table.groupby(["n", "estimator"]):
            by_task = part.groupby("task")["abs_error"].mean()
            counts = by_task.notna().sum(), part["mi"].isna().sum()
            rows.append((n, -counts[0], by_task.mean(), name, *counts, part["seconds"].mean()))
    # A mean over fewer tasks is another figure: it goes below.
    shown = [
        [name, f"{n:,}", number(mae), tasks, failed, number(seconds, 2)]
        for n, _, mae, name, tasks, failed, seconds in sorted(rows)
    ]
    head = ["estimator", "n", "mean absolute error", "tasks", "failed samples", "seconds a sample"]
    return markdown(shown, head) if shown else ""


def _real_data(results: Path) -> str:
    table = result_table(results, "real_data_summary.csv")
    if table is None:
        return ""
    wide = table.pivot(index="kind", columns="estimator", values="mae")
    mist = table[table["estimator"] == MIST].set_index("kind")
    names = [MIST, *sorted(set(wide.columns) - {MIST})]
    rows = [
        [kind, mist.at[kind, "draws"], *map(number, wide.loc[kind, names])]
        + [percent(mist.at[kind, "coverage_90"]), number(mist.at[kind, "width_90"], 2)]
        for kind in table["kind"].unique()
    ]
    return markdown(rows, ["kind", "samples", *names, "90 % interval holds", "width"])


def _by_rows(
    results: Path,
    name: str,
    head: Sequence[str],
    shown: Callable[[pd.Series], str],
    facts: Callable[[pd.Series], Sequence[str]],
) -> str:
    """By n, what is shown of every estimator, and facts of mist under a head of their own."""
    table = result_table(results, name)
    if table is None:
        return ""
    wide = table.set_index(["n", "estimator"])
    names = [MIST, *sorted(set(table["estimator"]) - {MIST})]
    rows = [
        [f"{n:,}", *(shown(wide.loc[(n, name)]) for name in names), *facts(wide.loc[(n, MIST)])]
        for n in table["n"].unique()
    ]
    return markdown(rows, ["n", *names, *head])


def _errors_by_rows(results: Path, name: str) -> str:
    return _by_rows(
        results,
        name,
        ["efficient", "90 % interval of mist holds", "width"],
        lambda row: f"{number(row['mae'])} ± {number(row['mae_se'])}",
        lambda mist: [
            number(mist["efficient"]),
            percent(mist["coverage_90"]),
            number(mist["width_90"], 2),
        ],
    )


def _said_of_nothing(results: Path) -> str:
    return _by_rows(
        results,
        "known_targets_independent.csv",
        ["19 in 20 of mist below", "intervals above 0.001"],
        lambda row: number(row["mean"], 4),
        lambda mist: [number(mist["percentile_95"], 4), percent(mist["low_above"])],
    )


def _consistency(results: Path) -> str:
    table = result_table(results, "consistency_summary.csv")
    if table is None:
        return ""
    rows = [
        [row["data"], "" if pd.isna(row["n"]) else f"{row['n']:,.0f}", row["estimator"]]
        + [number(row[name]) for name in table.columns[3:]]
        for _, row in table.astype({"estimator": object}).fillna({"estimator": ""}).iterrows()
    ]
    return markdown(rows, [name.replace("_", " ") for name in table.columns])


def _paper_sets(results: Path) -> str:
    table = result_table(results, "paper_sets.csv")
    if table is None:
        return ""
    table = table[table["family"] == "all"]
    wide = table.pivot(index=["set", "n_bin"], columns="estimator", values="mse")
    told = table[table["estimator"] == MIST].set_index(["set", "n_bin"])
    names = [MIST, *sorted(set(wide.columns) - {MIST})]
    published = ["published_mse_mist", "published_mse_mist_qr"]
    rows = [
        [*key, *(number(value) for value in wide.loc[key, names])]
        + [number(told.at[key, name], 2) for name in published]
        for key in told.index
    ]
    head = ["set", "n", *names, "their MIST (published)", "their MIST QR (published)"]
    return markdown(rows, head)


def _published(results: Path) -> str:
    paths = sorted((results.parent / "published").glob("*.csv"))
    parts = []
    for path in paths:
        # figures as they were printed
        table = pd.read_csv(path, comment="#", dtype=str, keep_default_na=False)
        shown = table.drop(columns="source", errors="ignore")
        parts += [f"**Published, not run here** ({path.name}). {_notes(path)}", ""]
        parts += [markdown(shown.values.tolist(), list(shown.columns)), ""]
        if "source" in table:
            parts += ["Source: " + ", ".join(f"<{url}>" for url in table["source"].unique()), ""]
    return "\n".join(parts).strip()


def _notes(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return " ".join(line[1:].strip() for line in lines if line.startswith("#"))


TABLES: dict[str, Callable[[Path], str]] = {
    "errors_in_training": lambda results: _errors(results, SETS[0]),
    "errors_held_out": lambda results: _errors(results, SETS[1]),
    "coverage": _coverage,
    "seconds": _seconds,
    "start": start_table,
    "against": against_table,
    "scaling": scaling_table,
    "losses": _losses,
    "losses_by_n": _losses_by_n,
    "bars": bars_table,
    "frozen_validation": lambda results: half_table(results, "validation"),
    "frozen_final": lambda results: half_table(results, "final"),
    "bmi_fresh": bmi_fresh_table,
    "bmi": lambda results: _bmi(results, "bmi"),
    "bmi_mixtures": lambda results: _bmi(results, "bmi_mixtures"),
    "bmi_peers": _bmi_peers,
    "independence": _independence,
    "ablation": _ablation,
    "real_data": _real_data,
    "category_tables": lambda results: _errors_by_rows(results, "category_tables_summary.csv"),
    "kinds": lambda results: _errors_by_rows(results, "kinds_summary.csv"),
    "known_targets_independent": _said_of_nothing,
    "known_targets": lambda results: _errors_by_rows(results, "known_targets.csv"),
    "consistency": _consistency,
    "paper_sets": _paper_sets,
    "mine": mine_table,
    "published": _published,
    "intervals": intervals_tables,
    "images": images_table,
    "tables": labels_table,
}
"""Each table of the pages: from the folder of the results to Markdown, empty where unmeasured."""
