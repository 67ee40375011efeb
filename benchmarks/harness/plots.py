"""The pictures of the pages, from the CSVs alone."""

from __future__ import annotations

__all__ = ["PLOTS", "save"]

from collections.abc import Callable
from pathlib import Path

import consistency
import independence_tests
import matplotlib
import numpy as np
import pandas as pd
from PIL import Image

from harness.common import read_table
from harness.peers import MIST
from harness.tables import CELL

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

DPI = 100
COLOR_COUNT = 256
COLORS = {MIST: "#1d3d5c", "max_rule": "#c46a2b", "gaussian_copula": "#5a9a5a", "ksg": "#8a6fae"}
SETS = ("in training", "held out")
RULE = "max_rule_k3"
PALE = 1.3
SMOOTH = 12
"""Lines of a training log, of 50 steps each, that a curve's point averages."""
OFFSET = 0.02
"""Nats added to both errors of a ratio, so that a quotient of two tiny errors says nothing."""


def save(figure: Figure, path: Path) -> None:
    """Write a picture in few colors and without metadata: small, and the same file each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.set_dpi(DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    picture.quantize(COLOR_COUNT).save(path, optimize=True)
    plt.close(figure)


def _by_set(results: Path) -> dict[str, pd.DataFrame]:
    table = read_table(results / "grid_summary.csv")
    table = table[table["n"].astype(str) != "all"].assign(n=lambda t: t["n"].astype(int))
    parts = {name: table[table["set"] == name].sort_values("n") for name in SETS}
    return {name: part for name, part in parts.items() if len(part)}


def _panels(count: int, **options) -> tuple[Figure, list]:
    figure, axes = plt.subplots(
        1, count, figsize=(4 * count, 3.4), squeeze=False, layout="constrained", **options
    )
    return figure, list(axes[0])


def _best_ksg(part: pd.DataFrame) -> str:
    """Return the KSG that has the least mean error over all n."""
    ksg = part[part["estimator"].str.startswith("ksg")]
    return ksg.groupby("estimator")["mae"].mean().idxmin()


def error_by_n(results: Path) -> Figure:
    """Draw mean absolute error against n on logarithmic axes, a panel for each set."""
    sets = _by_set(results)
    figure, axes = _panels(len(sets), sharey=True)
    for ax, (name, part) in zip(axes, sets.items(), strict=True):
        ksg = _best_ksg(part)
        keys = {MIST: MIST, RULE: "max_rule", "gaussian_copula": "gaussian_copula", ksg: "ksg"}
        for estimator, key in keys.items():
            line = part[part["estimator"] == estimator]
            label = f"{estimator} (best KSG)" if key == "ksg" else estimator
            ax.loglog(line["n"], line["mae"], "o-", color=COLORS[key], ms=4, label=label)
        ax.set(title=name, xlabel="n")
        ax.xaxis.set_major_formatter("{x:,.0f}")
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_formatter(lambda y, _: f"{y:g}" if f"{y:e}"[0] in "235" else "")
        ax.legend(frameon=False, fontsize=7)
    axes[0].set_ylabel("mean absolute error, nats")
    return figure


def ratio_by_family(results: Path) -> Figure:
    """Draw the error of mist relative to that of the best other estimator, by family and n."""
    table = read_table(results / "grid.csv")
    mist = table[table["estimator"] == MIST].set_index(CELL)["mae"]
    best = table[table["estimator"] != MIST].groupby(CELL)["mae"].min()
    both = pd.DataFrame({"mist": mist, "best": best}).groupby(["set", "family", "n"]).mean()
    ratio = ((both["mist"] + OFFSET) / (both["best"] + OFFSET)).unstack()
    ratio = ratio.loc[[name for name in SETS if name in ratio.index.get_level_values(0)]]
    figure, ax = plt.subplots(figsize=(6, 0.24 * len(ratio) + 1.3), layout="constrained")
    image = ax.imshow(np.log2(ratio), cmap="RdBu_r", vmin=-2, vmax=2, aspect="auto")
    for (row, column), value in np.ndenumerate(ratio.to_numpy()):
        ink = "white" if abs(np.log2(value)) > PALE else "black"
        ax.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=7, color=ink)
    names = [f"{family} *" if name == SETS[1] else family for name, family in ratio.index]
    ax.set_yticks(range(len(names)), names, fontsize=7)
    ax.set_xticks(range(ratio.shape[1]), [f"{n:,}" for n in ratio.columns], fontsize=7)
    ax.set_xlabel("n   (* = held out of training)")
    ax.set_title("error of mist / error of the best other", fontsize=9)
    figure.colorbar(image, ax=ax, label="log2 (red: mist is worse)")
    return figure


def coverage_by_n(results: Path) -> Figure:
    """Draw how often the intervals of mist hold the truth against n, a panel for each set."""
    sets = _by_set(results)
    figure, axes = _panels(len(sets), sharey=True)
    for ax, (name, part) in zip(axes, sets.items(), strict=True):
        line = part[part["estimator"] == MIST]
        for level, color in ((90, COLORS[MIST]), (50, COLORS["max_rule"])):
            ax.axhline(level / 100, color=color, lw=0.8, ls="--")
            label = f"{level} % interval"
            ax.semilogx(line["n"], line[f"coverage_{level}"], "o-", color=color, label=label)
        ax.xaxis.set_major_formatter("{x:,.0f}")
        ax.set(title=name, xlabel="n", ylim=(0, 1.02))
        ax.legend(frameon=False, fontsize=8)
    axes[0].set_ylabel("share of true values inside")
    return figure


def bmi_by_task(results: Path) -> Figure:
    """Draw the error of mist and of the max rule on each task of the BMI benchmark."""
    table = read_table(results / "bmi_n1000.csv")
    error = table.groupby(["task", "estimator"], sort=False)["abs_error"].mean().unstack()
    shown = error[[name for name in (MIST, RULE) if name in error]].sort_values(RULE)
    figure, ax = plt.subplots(figsize=(7, 0.19 * len(shown) + 1), layout="constrained")
    at = np.arange(len(shown))
    for i, name in enumerate(shown.columns):
        color = COLORS[name] if name == MIST else COLORS["max_rule"]
        ax.barh(at + 0.4 * (0.5 - i), shown[name], height=0.4, color=color, label=name)
    ax.set_yticks(at, shown.index, fontsize=6)
    ax.set(xlabel="absolute error, nats", ylim=(-1, len(shown)))
    ax.legend(frameon=False, fontsize=8, loc="lower right")
    return figure


def training(results: Path) -> Figure:
    """Draw the losses of the nets against the data sets seen, one run after the other."""
    table = read_table(results / "training.csv")
    losses = {"quantile": "pinball loss of the quantiles", "pointwise": "loss of the rows"}
    figure, axes = _panels(len(losses))
    seen = 0.0
    for net, color in zip(table["net"].unique(), COLORS.values(), strict=False):
        run = table[table["net"] == net]
        smooth = run[list(losses)].rolling(SMOOTH, min_periods=SMOOTH // 2).mean()
        for ax, loss in zip(axes, losses, strict=True):
            ax.plot((seen + run["data_sets"]) / 1000, smooth[loss], color=color, label=net)
        seen += run["data_sets"].iloc[-1]
    for ax, about in zip(axes, losses.values(), strict=True):
        ax.set(title=about, xlabel="data sets seen, thousands")
        ax.legend(frameon=False, fontsize=8)
    return figure


PLOTS: dict[str, Callable[[Path], Figure]] = {
    "error_by_n": error_by_n,
    "ratio_by_family": ratio_by_family,
    "coverage_by_n": coverage_by_n,
    "bmi_by_task": bmi_by_task,
    "consistency_steps": consistency.draw_figure,
    "training": training,
    "independence_power": independence_tests.draw_figure,
}
"""Each picture: from the folder of the results to a figure."""
