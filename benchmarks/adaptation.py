"""Does adaptation pay? Error and coverage on the user's kind of data, before and after.

Each case of `cases/adapted.py` is a kind of data with known information. A sample of 1,000 rows is
handed to `skmist.adapt`, and fresh samples of it, of several strengths, are asked about with the
weights before and after, beside the draws that the adaptation itself measures by (``own``,
``general``). Writes ``adaptation.csv``, a row per case, data and time. A case takes ``--minutes``
(20) of two cores and a few more of asking; cases in the table that are not asked for stay there.
"""

from __future__ import annotations

__all__ = ["main"]

import argparse
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from cases.adapted import CASES, STRENGTHS, draw
from harness import common

import skmist
from skmist.weights import DEFAULT_WEIGHTS

N_ADAPTED, SIZES = 1000, (300, 1000)
MEANING = (
    "nats; data: case = fresh samples of it at n = 300 and 1,000 and five strengths, own and "
    "general = fresh draws of the two parts of the mixture; se: standard error of the error; "
    "efficient: sqrt(2 / pi) std(pointwise MI) / sqrt(n); ratio: error / efficient; bar: error at "
    "most half of before or 1.5 times efficient, and 90 % intervals that hold in 86 to 94 %"
)


def ask(name: str, weights: str, draws: int) -> dict[str, float]:
    """Error, efficient error, coverage and width on fresh samples of a case."""
    cells = [(n, s, seed) for n in SIZES for s in STRENGTHS for seed in range(1, draws + 1)]
    model = skmist.MISTRegressor(weights=weights, device="cpu", duplicates="count")
    rows = []
    for n, strength, seed in cells:
        drawn = draw(name, n, strength, seed)
        ((mi, low, high, _),) = model.estimate_intervals([(drawn.x, drawn.y)])
        efficient = np.sqrt(2.0 / np.pi / n) * drawn.pointwise.std()
        covered = low - 0.001 <= drawn.mi <= high + 0.001
        rows.append([abs(mi - drawn.mi), efficient, covered, high - low])
    found = np.array(rows, dtype=float)
    error, efficient, coverage, width = found.mean(axis=0)
    se = found[:, 0].std(ddof=1) / np.sqrt(len(found))
    figures = {"error": error, "se": se, "efficient": efficient, "coverage": coverage}
    return {**figures, "width": width, "draws": len(found)}


def adapted(name: str, options: argparse.Namespace, folder: Path) -> list[dict]:
    """Adapt to a case, and ask before and after."""
    sample = draw(name, N_ADAPTED, 0.6, 0)
    start = time.monotonic()
    outcome = skmist.adapt(
        sample.x,
        sample.y,
        folder=folder,
        weights=options.weights,
        max_minutes=options.minutes,
        device="cpu",
        workers=options.workers,
    )
    minutes = (time.monotonic() - start) / 60.0
    print(f"{name}: {minutes:.1f} minutes\n{outcome}", flush=True)
    keys = {"case": name, "weights": options.weights, "taken": outcome.accepted}
    rows = []
    for when, weights in (("before", options.weights), ("after", outcome.weights)):
        figures = {"before": outcome.before, "after": outcome.after}[when]
        rows.append({"data": "case", "when": when, **ask(name, weights, options.draws)})
        for data in ("own", "general"):
            kept = {k: figures[data][k] for k in ("error", "efficient", "coverage", "width")}
            rows.append({"data": data, "when": when, **kept, "draws": figures[data]["data_sets"]})
    return [{**keys, "minutes": round(minutes, 1), **row} for row in rows]


def judged(table: pd.DataFrame) -> pd.DataFrame:
    """The table with ratios, and whether the bar is met after the adaptation."""
    table = table.assign(ratio=table["error"] / table["efficient"].clip(lower=1e-4))
    keys = ["case", "weights", "data"]
    before = table[table["when"] == "before"].set_index(keys)["error"]
    old = before.reindex(pd.MultiIndex.from_frame(table[keys])).to_numpy()
    near = (table["error"] <= 0.5 * old) | (table["error"] <= 1.5 * table["efficient"])
    held = table["coverage"].between(0.86, 0.94)
    asked = (table["when"] == "after") & (table["data"] != "general")
    return table.assign(bar=np.where(asked, np.where(near & held, "met", "missed"), ""))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--minutes", type=float, default=20.0, help="of each adaptation (20)")
    parser.add_argument("--draws", type=int, default=10, help="samples per n and strength (10)")
    parser.add_argument("--weights", default=DEFAULT_WEIGHTS, help="to start from (%(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="processes that draw data (1)")
    parser.add_argument("--folder", type=Path, help="keep the runs here; goes on where it stopped")
    parser.add_argument("--out", type=Path, default=common.RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    path, rows = options.out / "adaptation.csv", pd.DataFrame()
    if path.exists():
        rows = common.read_table(path).drop(columns=["ratio", "bar"])
    header = common.provenance("adaptation.py", arguments, options.weights)
    for name in options.cases:
        with tempfile.TemporaryDirectory() as place, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            folder = (options.folder or Path(place)) / name.replace(" ", "-")
            new = pd.DataFrame(adapted(name, options, folder))
        if len(rows):
            rows = rows[(rows["case"] != name) | (rows["weights"] != options.weights)]
        rows = pd.concat([rows, new], ignore_index=True)
        table = judged(rows)
        # after each case: a run may be cut
        common.write_table(table, path, [*header, MEANING])
    print(table.round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
