"""Draw doc/pictures/adaptation.png from benchmarks/results/adaptation.csv.

``python doc/draw_adaptation.py`` after ``python benchmarks/adaptation.py``; needs matplotlib.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib
import pandas as pd

__all__ = ["draw", "main"]

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "benchmarks" / "results" / "adaptation.csv"
PICTURE = ROOT / "doc" / "pictures" / "adaptation.png"
COLORS = {"before": "#9aa5b1", "after": "#1f6f8b"}


def main() -> int:
    """Draw the picture."""
    draw(pd.read_csv(sys.argv[1] if len(sys.argv) > 1 else TABLE, comment="#"), PICTURE)
    return 0


def draw(table: pd.DataFrame, path: Path) -> None:
    """Error and coverage on fresh samples of each case, before and after."""
    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    cases = table[table["data"] == "case"]
    names = list(dict.fromkeys(cases["case"] + " (" + cases["weights"].map(_stem) + ")"))
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(9.0, 1.4 + 0.6 * len(names)), sharey=True, layout="constrained"
    )
    for k, when in enumerate(("before", "after")):
        rows = cases[cases["when"] == when]
        places = [i + 0.36 * (k - 0.5) for i in range(len(rows))]
        style = {"height": 0.32, "color": COLORS[when], "label": when}
        left.barh(places, rows["error"], xerr=rows["se"], **style)
        right.barh(places, 100.0 * rows["coverage"], **style)
        left.plot(rows["efficient"], places, "|", color="black", markersize=10)
    right.axvspan(86.0, 94.0, color="#d9ead3", zorder=0)
    left.set(xlabel="mean absolute error, nats\n(|: efficient error)")
    left.set_yticks(range(len(names)), names)
    left.invert_yaxis()
    right.set(xlabel="90 % intervals that hold the truth, %\n(green: 86 to 94)", xlim=(0.0, 100.0))
    figure.legend(*right.get_legend_handles_labels(), loc="outside upper right", ncols=2)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _stem(weights: str) -> str:
    return Path(weights).stem


if __name__ == "__main__":
    sys.exit(main())
