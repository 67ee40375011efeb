"""Self-consistency after Song & Ermon (2020): independence, data processing, additivity.

X is a handwritten digit, each of its 8 pixel rows summarized by its first principal component,
and Y is X with all but the first t rows masked, plus Gaussian noise. Whatever the MI may be,

- ``masking``: I(X; Y_t) is 0 at t = 0 (independence) and never falls with t;
- ``processing``: I(X; [Y, h(Y)]) / I(X; Y) = 1, for h = the first rows again and h = squares;
- ``additivity``: I([X1, X2]; [Y1, Y2]) / I(X1; Y1) = 2 for two digits drawn independently.

The same is asked of a Gaussian twin, with the covariance of the digits, whose MI is known. Writes
``consistency.csv`` (a row per data, test, step, n and estimator) and ``consistency_summary.csv``
(the ideal beside what an estimator gives), and with ``--figure`` draws both. All numbers are in
nats. An interrupted run resumes.

References
----------
Song & Ermon (2020), Understanding the limitations of variational mutual information estimators,
ICLR.
"""

from __future__ import annotations

__all__ = ["by_step", "draw_figure", "main", "rows_of_digits", "summarize"]

import argparse
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from cases.strengths import fixed_rng
from harness import common
from harness.peers import MIST, Case
from sklearn.datasets import load_digits

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SEED = 20_261_123
ESTIMATORS = ("gaussian_copula", "ksg_scores_k5", MIST)
SIZES = (200, 800)
DRAWS = 3
SIDE = 8
NOISE = 1.0
"""Spread of the noise in Y, against unit spread of every row."""
SEEN = 4
"""Rows of Y in the tests of data processing and additivity."""
STEPS = {
    "masking": tuple(map(str, range(SIDE + 1))),
    "processing": ("alone", "copied", "squared"),
    "additivity": ("one", "both"),
}
CELL = ["data", "test", "step", "p", "q", "n"]
MEANING = (
    f"nats; noise {NOISE} against unit spread of every pixel row; {SEEN} rows seen in processing "
    "and additivity; mi_true is that of the Gaussian twin, unknown for digits; ratio = mean "
    "estimate over the mean estimate of the first step (processing, additivity) or of all rows "
    "(masking)"
)
IDEALS = {"at_zero": 0.0, "largest_fall": 0.0, "copied": 1.0, "squared": 1.0, "both": 2.0}


class Cell(NamedTuple):
    """One case: the data, the test, its step, the rows, and the number of the draw."""

    data: str
    test: str
    step: str
    n: int
    draw: int

    def __str__(self) -> str:
        return " ".join(map(str, self))


@cache
def rows_of_digits() -> np.ndarray:
    """Return the first principal component of each pixel row of 1,797 digits, (1797, 8).

    Every column has mean 0 and unit spread.
    """
    images = load_digits().images
    images = images - images.mean(axis=0)
    summaries = [images[:, i] @ np.linalg.svd(images[:, i])[2][0] for i in range(SIDE)]
    rows = np.column_stack(summaries)
    return rows / rows.std(axis=0)


def _rows(data: str, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw n rows: digits without replacement, or normal rows of the same covariance."""
    digits = rows_of_digits()
    if data == "digits":
        return digits[rng.permutation(len(digits))[:n]]
    return rng.multivariate_normal(np.zeros(SIDE), np.cov(digits.T, bias=True), n)


def _seen_mi(seen: int) -> float:
    """Return the MI of a Gaussian X with its first rows plus noise."""
    covariance = np.cov(rows_of_digits().T, bias=True)[:seen, :seen]
    return float(0.5 * np.linalg.slogdet(np.eye(seen) + covariance / NOISE**2)[1])


def _masking(x: np.ndarray, step: str, rng: np.random.Generator) -> tuple:
    seen = int(step)
    mask = np.arange(SIDE) < seen
    return x, x * mask + NOISE * rng.standard_normal(x.shape), _seen_mi(seen)


def _processing(x: np.ndarray, step: str, rng: np.random.Generator) -> tuple:
    y = x[:, :SEEN] + NOISE * rng.standard_normal((len(x), SEEN))
    more = {"alone": y[:, :0], "copied": y[:, :2], "squared": y[:, :2] ** 2}[step]
    return x, np.column_stack([y, more]), _seen_mi(SEEN)


def _additivity(x: np.ndarray, step: str, rng: np.random.Generator) -> tuple:
    """Ask about the first digit of each pair, or about both, side by side."""
    shown = x[:, :SEEN]
    y = shown + NOISE * rng.standard_normal(shown.shape)
    first, second = np.split(np.arange(len(x)), 2)
    if step == "one":
        return shown[first], y[first], _seen_mi(SEEN)
    pairs = (np.column_stack([side[first], side[second]]) for side in (shown, y))
    return *pairs, 2.0 * _seen_mi(SEEN)


_TESTS = {"masking": _masking, "processing": _processing, "additivity": _additivity}


def draw_cell(cell: Cell) -> tuple[dict, Case]:
    """Draw a case: what names it in a table, and the sample."""
    # The steps of a test share their digits and their noise.
    rng = fixed_rng("consistency", SEED, cell.n, cell.draw, list(_TESTS).index(cell.test))
    digits = 2 * cell.n if cell.test == "additivity" else cell.n
    x, y, mi = _TESTS[cell.test](_rows(cell.data, digits, rng), cell.step, rng)
    known = mi if cell.data == "gaussian" or mi == 0.0 else np.nan
    keys = cell._asdict() | {"p": x.shape[1], "q": y.shape[1], "mi_true": known}
    return keys, Case(x, y)


def by_step(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean estimate of each step, and its ratio to the step that it is held against."""
    groups = table.groupby([*CELL, "estimator"], sort=False)
    means = groups.agg(
        mi_true=("mi_true", "mean"),
        draws=("mi", "size"),
        failed=("mi", lambda mi: mi.isna().sum()),
        mi=("mi", "mean"),
        mae=("abs_error", "mean"),
    ).reset_index()
    last, first = str(SIDE), {"processing": "alone", "additivity": "one"}
    base = means[means["step"] == means["test"].map(first).fillna(last)]
    keys = ["data", "test", "n", "estimator"]
    joined = means.merge(base[[*keys, "mi"]], on=keys, suffixes=("", "_base"))
    return joined.assign(ratio=joined["mi"] / joined["mi_base"]).drop(columns="mi_base")


def summarize(steps: pd.DataFrame) -> pd.DataFrame:
    """Return what each estimator gives where the ideal is known, by data and n.

    ``at_zero`` is the mean estimate, nats, with all rows masked, and ``largest_fall`` how far
    the estimate falls at most, nats, when another row is shown; the others are ratios.
    """
    rows = [{"data": "ideal", "n": "", "estimator": "", **IDEALS}]
    for (data, n, name), part in steps.groupby(["data", "n", "estimator"], sort=False):
        masking = part[part["test"] == "masking"].sort_values("step")["mi"]
        ratios = part[part["test"] != "masking"].set_index("step")["ratio"]
        rows.append(
            {
                "data": data,
                "n": n,
                "estimator": name,
                "at_zero": masking.iloc[0],
                "largest_fall": max(0.0, -masking.diff().min()),
                **ratios[["copied", "squared", "both"]].to_dict(),
            }
        )
    return pd.DataFrame(rows)


def draw_figure(results: Path) -> Figure:
    """Draw masking curves and ratios by estimator from the table in a folder.

    Parameters
    ----------
    results : Path
        Folder of ``consistency.csv``.

    Returns
    -------
    Figure
        A row of two panels for each data, at the largest n of the table.
    """
    # matplotlib is an extra of the package, and only this needs it.
    from matplotlib.figure import Figure

    steps = common.read_table(results / "consistency.csv")
    steps = steps[steps["n"] == steps["n"].max()]
    figure = Figure(figsize=(10, 6), layout="constrained")
    axes = figure.subplots(2, 2, width_ratios=(3, 2))
    for (curve, bars), (data, part) in zip(axes, steps.groupby("data"), strict=True):
        masking = part[part["test"] == "masking"]
        masking = masking.pivot(index="step", columns="estimator", values="mi")
        masking.plot(ax=curve, marker=".", title=f"{data}: masking", xlabel="rows shown")
        curve.set_ylabel("estimate, nats")
        curve.axhline(0.0, color="gray", linewidth=0.5)
        ratios = part.pivot_table(index="step", columns="estimator", values="ratio")
        ratios = ratios.loc[["copied", "squared", "both"]]
        ratios.plot.bar(ax=bars, legend=False, rot=0, xlabel="", title="ratio, and its ideal")
        for place, step in enumerate(ratios.index):
            bars.plot([place - 0.4, place + 0.4], [IDEALS[step]] * 2, color="black")
    return figure


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--n", type=int, nargs="+", default=list(SIZES), help=f"rows (default: {SIZES})"
    )
    parser.add_argument(
        "--draws", type=int, default=DRAWS, help=f"samples of each step and n (default: {DRAWS})"
    )
    parser.add_argument("--figure", type=Path, metavar="PNG", help="draw the figure as well")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tests and write their tables."""
    run = common.start("consistency", __doc__, arguments, ESTIMATORS, _add_options)
    cells = [
        Cell(data, test, step, n, number)
        for data in ("digits", "gaussian")
        for test, steps in STEPS.items()
        for n in run.options.n
        for step in steps
        for number in range(run.options.draws)
    ]
    steps = by_step(run.evaluate(cells, draw_cell, "consistency"))
    summary = summarize(steps)
    run.write(steps, "consistency.csv", f"seed: {SEED}", MEANING)
    run.write(summary, "consistency_summary.csv", f"seed: {SEED}", MEANING)
    if run.options.figure:
        draw_figure(run.options.out).savefig(run.options.figure, dpi=120)
    print(summary.round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
