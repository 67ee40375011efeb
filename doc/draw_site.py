"""Draw the drawings of the site: ``python doc/draw_site.py`` writes them to doc/drawings.

The flowchart has its figures from benchmarks/results/grid.csv, so it is to be drawn again after a
new measurement; tests/house/test_site.py compares.
"""

from __future__ import annotations

__all__ = ["drawings", "errors_by_width", "main"]

import csv
import math
import random
from collections import defaultdict
from html import escape
from pathlib import Path
from statistics import mean

HERE = Path(__file__).parent
GRID = HERE.parent / "benchmarks" / "results" / "grid.csv"
WIDTHS = {"1 + 1": (2, 2), "3 to 6 columns": (3, 6), "7 to 12": (7, 12), "over 12": (13, 999)}
ESTIMATORS = ("mist", "ksg_k3", "gaussian_copula")
_FONT = 'system-ui, "Segoe UI", Helvetica, Arial, sans-serif'
_STYLE = f"""
  .page {{ fill: #ffffff }}
  .ask {{ fill: #f4f1ea; stroke: #a3977e; stroke-width: 1.2 }}
  .do {{ fill: #e3eef6; stroke: #1f5f8b; stroke-width: 1.4 }}
  .part {{ fill: #eef3f8; stroke: #5b7083; stroke-width: 1.2 }}
  .soft {{ fill: #1f5f8b; fill-opacity: 0.12; stroke: #1f5f8b; stroke-width: 1.2 }}
  .warm {{ fill: #c2571a; fill-opacity: 0.12; stroke: none }}
  .dot {{ fill: #5b7083 }}
  .hot {{ fill: #c2571a }}
  .line {{ fill: none; stroke: #5b7083; stroke-width: 1.4 }}
  .arrow {{ fill: none; stroke: #5b7083; stroke-width: 1.6; marker-end: url(#tip) }}
  text {{ font: 14px {_FONT}; fill: #26333d }}
  .head {{ font-weight: 600 }}
  .note {{ font-size: 12.5px; fill: #4a5a66 }}
"""


def main() -> None:
    """Write all drawings."""
    folder = HERE / "drawings"
    folder.mkdir(exist_ok=True)
    for name, svg in drawings().items():
        (folder / name).write_text(svg, encoding="utf-8")


def drawings() -> dict[str, str]:
    """Each drawing by the name of its file."""
    return {
        "choice.svg": choice(),
        "net.svg": net(),
        "neighbors.svg": neighbors(),
        "attention.svg": attention(),
        "interval.svg": interval(),
        "training.svg": training(),
    }


def errors_by_width() -> dict[str, dict[str, float]]:
    """Mean absolute error over the cells of the grid, nats, by columns of both sides together."""
    found: dict[str, dict[str, list[float]]] = {w: defaultdict(list) for w in WIDTHS}
    with GRID.open(encoding="utf-8") as lines:
        for row in csv.DictReader(line for line in lines if not line.startswith("#")):
            columns = int(row["p"]) + int(row["q"])
            width = next(w for w, (low, high) in WIDTHS.items() if low <= columns <= high)
            if row["estimator"] in ESTIMATORS:
                found[width][row["estimator"]].append(float(row["mae"]))
    return {w: {e: mean(errors[e]) for e in ESTIMATORS} for w, errors in found.items()}


def choice() -> str:
    """The flowchart: which estimator when."""
    errors = errors_by_width()
    narrow, wide = errors["1 + 1"], errors["over 12"]
    asks = [
        [
            "Do you want the number and how sure it is,",
            "and have you no reason to doubt the default?",
        ],
        ["Must no learned prior enter,", "and is it one column against one or two?"],
        [
            "Do the relations rise or fall only,",
            "or are there more columns than the net was trained on?",
        ],
        [
            "Do you need a lower bound that can be proved",
            "on rows held out, and have seconds and 2,000 rows?",
        ],
    ]
    takes = [
        (
            "MIST, the default",
            f"error {narrow['mist']:.2f} nats for 1 + 1 columns,",
            f"{wide['mist']:.2f} for more than 12; interval included",
        ),
        (
            "KSGEstimator",
            f"error {narrow['ksg_k3']:.2f} for 1 + 1, {wide['ksg_k3']:.2f} for more than 12;",
            "interval by BootstrapCI",
        ),
        (
            "GaussianCopulaEstimator",
            f"error {wide['gaussian_copula']:.2f} for more than 12 columns, but",
            f"{narrow['gaussian_copula']:.2f} for 1 + 1: blind to curves",
        ),
        ("MINEEstimator", "trains a net on your sample; reads low", "where rows are few"),
    ]
    parts = []
    for i, (ask, take) in enumerate(zip(asks, takes, strict=True)):
        y = 20 + 118 * i
        parts += [_box(20, y, 420, 74, ask, "ask"), _box(510, y, 350, 74, take, "do")]
        parts += [_arrow((440, y + 37), (510, y + 37)), _text(460, y + 30, ["yes"], "note")]
        if i < len(asks) - 1:
            parts += [_arrow((200, y + 74), (200, y + 118)), _text(210, y + 101, ["no"], "note")]
    y = 20 + 118 * len(asks)
    parts += [_arrow((200, y - 44), (200, y)), _text(210, y - 17, ["no"], "note")]
    end = (
        "Ask two of them",
        "Where they differ by more than MIST's interval, the relation is hard to",
        "estimate from these rows: say so rather than choosing the number that suits.",
    )
    parts.append(_box(20, y, 840, 74, end, "do"))
    return _page(880, y + 94, parts)


def net() -> str:
    """What happens to a sample on its way through the net."""
    steps = [
        ("Your columns", "n rows of X and y,", "numbers or labels"),
        ("Ranks", "only the order counts,", "so scale and units do not"),
        ("Columns attend", "in each row, what do its", "columns say together?"),
        ("Rows attend", "how do 128 of the rows", "lie to each other?"),
        ("Eleven quantiles", "the middle is the estimate,", "the outer ones the interval"),
    ]
    parts = []
    for i, step in enumerate(steps):
        x = 16 + 216 * i
        parts.append(_box(x, 20, 188, 78, step, "part" if i < 4 else "do"))
        if i:
            parts.append(_arrow((x - 28, 59), (x, 59)))
    statistics = (
        "Classical estimates from all rows",
        "correlations of ranks, nearest neighbors, kernels:",
        "the net starts from their mixture and corrects it",
    )
    parts += [_box(232, 140, 620, 78, statistics, "ask"), _arrow((110, 98), (232, 179), bend=True)]
    parts += [_arrow((852, 179), (974, 98), bend=True), _arrow((758, 140), (758, 98))]
    return _page(1085, 238, parts)


def neighbors() -> str:
    """The ball around a row, and the strips that count rows in x and in y alone."""
    points, size = _cloud(), 340
    place = [(60 + size * x, 20 + size * (1 - y)) for x, y in points]
    cx, cy = place[0]
    radius = sorted(max(abs(x - cx), abs(y - cy)) for x, y in place)[3] + 1
    low, top, side = cx - radius, cy - radius, 2 * radius
    parts = [
        _rect("warm", low, 20, side, size),
        _rect("warm", 60, top, size, side),
        _rect("soft", low, top, side, side),
        _rect("line", 60, 20, size, size),
    ]
    parts += [f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3.4"/>' for x, y in place[1:]]
    parts.append(f'<circle class="hot" cx="{cx:.1f}" cy="{cy:.1f}" r="5"/>')
    parts += [_text(224, 386, ["x"], "note"), _text(40, 196, ["y"], "note")]
    columns = sum(abs(x - cx) < radius for x, _ in place) - 1
    rows = sum(abs(y - cy) < radius for _, y in place) - 1
    say = [
        ("head", "One row (orange) and its 3 nearest (the blue square)"),
        ("note", f"{columns} rows have an x as near as that (upright strip),"),
        ("note", f"{rows} have a y as near (the other strip)."),
        ("note", ""),
        ("note", f"Were x and y independent, one row in {len(place) // columns} would have"),
        ("note", "such an x whatever its y, so of those with such a y"),
        ("note", f"about {columns * rows / len(place):.1f} would lie in the square. There are 3."),
        ("note", ""),
        ("head", "The more the square beats the strips,"),
        ("head", "averaged over all rows, the more information."),
    ]
    parts += [_text(430, 90 + 24 * i, [line], kind) for i, (kind, line) in enumerate(say)]
    return _page(880, 400, parts)


def _cloud(count: int = 70) -> list[tuple[float, float]]:
    """Points along an arch."""
    draw = random.Random(4)
    points = [(0.7, 0.62)]
    while len(points) < count:
        x = draw.random()
        y = 0.85 - 2.6 * (x - 0.42) ** 2 + draw.gauss(0, 0.07)
        if 0.03 < x < 0.97 and 0.03 < y < 0.97:
            points.append((x, y))
    return points


def attention() -> str:
    """A row that looks at others: the wider the line, the more it takes from there."""
    parts = [_text(20, 30, ["1  Columns of one row look at each other"], "head")]
    cells = ["age", "bmi", "bp", "target"]
    for i, name in enumerate(cells):
        parts.append(_box(20 + 100 * i, 104, 84, 40, [name], "part"))
    for i, j, width in ((0, 3, 1), (1, 3, 5), (2, 3, 2.5), (1, 2, 1.5)):
        a, b = 62 + 100 * i, 62 + 100 * j
        top = 104 - 17 * (j - i)
        parts.append(_line(width, f"M{a} 104 C{a} {top} {b} {top} {b} 104"))
    parts.append(
        _text(20, 172, ["bmi tells most about the target in this row: thick line"], "note")
    )
    parts.append(_text(480, 30, ["2  Rows look at each other"], "head"))
    ys = [48 + 38 * i for i in range(5)]
    for i, (y, width) in enumerate(zip(ys, (0, 4.5, 1, 3, 0.6), strict=True)):
        kind = "do" if i == 0 else "part"
        parts.append(_box(480, y, 150, 28, [f"row {i + 1}"], kind))
        if i:
            middle = f"C{660 + 22 * i} {y + 14} {660 + 22 * i} {ys[0] + 14} 630 {ys[0] + 14}"
            parts.append(_line(width, f"M630 {y + 14} {middle}"))
    say = [
        "Row 1 takes most from rows",
        "that are like it in x, and sees",
        "whether they are in y too.",
    ]
    parts += [_text(750, 110, say, "note")]
    return _page(960, 250, parts)


def interval() -> str:
    """Eleven quantiles, the median and the interval."""
    levels = [0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.975]
    places = [0.17, 0.185, 0.2, 0.215, 0.232, 0.246, 0.26, 0.278, 0.298, 0.313, 0.33]
    at = [80 + 4200 * (p - 0.15) for p in places]
    parts = [f'<path class="line" d="M60 150 H{at[-1] + 50:.0f}"/>']
    parts.append(
        f'<rect class="soft" x="{at[1]:.1f}" y="60" width="{at[9] - at[1]:.1f}" height="90"/>'
    )
    for x, level in zip(at, levels, strict=True):
        middle = level == 0.5
        parts.append(_line(4 if middle else 1.4, f"M{x:.1f} 60 V150"))
        parts.append(_text(x - 14, 168 + 16 * (levels.index(level) % 2), [f"{level:g}"], "note"))
    parts.append(_text(at[1], 40, ["90 % interval: from the 5 % to the 95 % quantile"], "head"))
    parts.append(_text(at[5] + 8, 78, ["the estimate"], "note"))
    parts.append(
        _text(
            80,
            216,
            ["Of data sets like yours to the net, 5 % have less than the quantile at 0.05."],
            "note",
        )
    )
    return _page(900, 236, parts)


def training() -> str:
    """The loop of training."""
    steps = [
        ("Draw a law", "its information is known", "to the last digit"),
        ("Draw a sample", "10 to 40,000 rows,", "1 to 64 columns a side"),
        ("Ask the net", "it sees the rows", "and not the law"),
        ("Compare", "too high or too low?", "move the weights a little"),
    ]
    parts = []
    for i, step in enumerate(steps):
        parts.append(_box(20 + 230 * i, 20, 190, 78, step, "do" if i == 2 else "part"))
        if i:
            parts.append(_arrow((230 * i - 20, 59), (20 + 230 * i, 59)))
    parts.append('<path class="arrow" d="M805 98 V140 H115 V100"/>')
    parts.append(_text(330, 132, ["again, with a law that never came before"], "note"))
    return _page(930, 160, parts)


# SVG -------------------------------------------------------------------------------------


def _box(x: float, y: float, width: float, height: float, lines: object, kind: str) -> str:
    rows = list(lines)  # type: ignore[call-overload]
    first = y + height / 2 - 9.5 * (len(rows) - 1) + 5
    parts = [f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="7"/>']
    for i, row in enumerate(rows):
        style = "head" if i == 0 and kind != "ask" or len(rows) == 3 and i == 0 else "note"
        style = "" if kind == "ask" and len(rows) == 2 else style
        parts.append(
            f'<text class="{style}" x="{x + width / 2}" y="{first + 19 * i:.1f}" '
            f'text-anchor="middle">{escape(row)}</text>'
        )
    return "".join(parts)


def _rect(kind: str, x: float, y: float, width: float, height: float) -> str:
    size = f'width="{width:.1f}" height="{height:.1f}"'
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" {size}/>'


def _line(width: float, path: str) -> str:
    return f'<path class="line" style="stroke-width:{width}" d="{path}"/>'


def _text(x: float, y: float, lines: list[str], kind: str) -> str:
    return "".join(
        f'<text class="{kind}" x="{x:.1f}" y="{y + 20 * i:.1f}">{escape(line)}</text>'
        for i, line in enumerate(lines)
    )


def _arrow(start: tuple[float, float], end: tuple[float, float], bend: bool = False) -> str:
    (a, b), (c, d) = start, end
    path = f"M{a} {b} L{c} {d}"
    if bend:
        path = f"M{a} {b} V{d} H{c}" if d > b else f"M{a} {b} H{c} V{d}"
    return f'<path class="arrow" d="{path}"/>'


def _page(width: float, height: float, parts: list[str]) -> str:
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    tip = (
        '<marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0 L10 5 L0 10 z" fill="#5b7083"/></marker>'
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
            f"<style>{_STYLE}</style><defs>{tip}</defs>",
            f'<rect class="page" width="{math.ceil(width)}" height="{math.ceil(height)}"/>',
            *parts,
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    main()
