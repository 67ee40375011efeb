"""Coverage of the true MI by 90 % intervals on pairs of columns: resampling against mist.

Five families, three sizes, MI evenly spread from 0.05 to 1.5 nats within each cell. Asks
``BootstrapCI`` (subsampling) about the KSG estimator with 1 neighbor, its default, and with 3, and
about the Gaussian copula where that is right; the naive bootstrap about KSG; and mist. Writes
``intervals.csv`` (a row per cell and estimator) and ``intervals_summary.csv``. All numbers are in
nats. An interrupted run resumes when it is started again.
"""

from __future__ import annotations

__all__ = [
    "FAMILIES",
    "Draw",
    "draw_case",
    "main",
    "summarize",
    "summarize_cells",
]

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from cases.strengths import fixed_rng, knob_for
from harness import common
from harness.peers import MIST, Answer, Case, Peer
from harness.summaries import TOLERANCE, error_summary

import skmist
from skmist import datasets as ds

SIZES = (100, 300, 1000)
TARGETS = np.linspace(0.05, 1.5, 10)
LEVEL = 0.9
N_RESAMPLES = 100
BAR = (0.85, 0.95)
WELL_SPECIFIED = "gaussian"
MEANING = (
    f"nats; {N_RESAMPLES} resamples; seconds = mean per sample; an interval covers the truth if "
    f"it misses it by at most {TOLERANCE} nats"
)


def _tuned(build: Callable[[float], ds.Family], low: float, high: float, target: float):
    return build(knob_for(lambda knob: build(knob).mutual_information, target, low, high))


def _pair(rho: float) -> np.ndarray:
    return np.array([[1.0, rho], [rho, 1.0]])


def _student_copula(target: float) -> ds.Family:
    """Half of the MI comes from the common scale, as in the grid."""
    dof = knob_for(
        lambda knob: ds.StudentCopula(_pair(0.0), knob, 1).mutual_information,
        0.5 * target,
        1.0,
        1e3,
    )
    return _tuned(lambda rho: ds.StudentCopula(_pair(rho), dof, 1), 1e-4, 0.9999, target)


def _mixture(target: float) -> ds.Family:
    """Eight round clusters, no two in the same row or column."""
    means = np.array([(0, 1), (1, 4), (2, 2), (3, 3), (4, 7), (5, 5), (6, 6), (7, 0)], float)
    spheres = np.broadcast_to(np.eye(2), (8, 2, 2)).copy()
    weights = np.full(8, 1.0 / 8.0)
    return _tuned(
        lambda apart: ds.GaussianMixture(weights, apart * means, spheres, 1), 1e-2, 30.0, target
    )


FAMILIES: dict[str, Callable[[float], ds.Family]] = {
    "gaussian": lambda mi: ds.CorrelatedGaussian(float(np.sqrt(-np.expm1(-2.0 * mi)))),
    "student_copula": _student_copula,
    "additive_uniform": partial(_tuned, ds.AdditiveUniform, 1e-3, 1e2),
    "clayton": partial(_tuned, ds.ClaytonCopula, 1e-3, 1e2),
    "gaussian_mixture": _mixture,
}
"""By name, the distribution of a given MI."""


@cache
def _law(family: str, level: int) -> ds.Family:
    return FAMILIES[family](float(TARGETS[level]))


class Draw(NamedTuple):
    """One sample of the benchmark."""

    family: str
    n: int
    number: int

    def __str__(self) -> str:
        """Return what names the sample."""
        return f"{self.family} n={self.n} draw {self.number}"


def draw_case(seed: int, draw: Draw) -> tuple[dict, Case]:
    """Return what names a sample in the table, truth included, and the sample."""
    law = _law(draw.family, draw.number % len(TARGETS))
    rng = fixed_rng(f"intervals {draw.family}", seed, draw.n, draw.number)
    x, y = law.sample(draw.n, rng)
    return {**draw._asdict(), "mi_true": law.mutual_information}, Case(x, y)


def _subsampling(estimator: skmist.KSGEstimator, case: Case) -> Answer:
    ci = skmist.BootstrapCI(estimator, n_resamples=N_RESAMPLES)
    ci.set_params(**case.masks()).fit(case.x, case.y)
    return Answer(ci.mi_, ((LEVEL, *ci.interval(LEVEL)),))


def _naive(case: Case) -> Answer:
    """The percentile bootstrap over KSG, which `BootstrapCI` refuses."""
    ksg = skmist.KSGEstimator(duplicates="count", **case.masks())
    rng = np.random.default_rng(0)
    drawn = (rng.integers(len(case.x), size=len(case.x)) for _ in range(N_RESAMPLES))
    resamples = ksg.estimate_many((case.x[rows], case.y[rows]) for rows in drawn)
    low, high = np.quantile(resamples, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return Answer(ksg.fit(case.x, case.y).mi_, ((LEVEL, float(low), float(high)),))


def _peer(name: str, estimate: Callable[[Case], Answer], *modules: str) -> Peer:
    return Peer(name, estimate, modules=("skmist.intervals.bootstrap", *modules))


OVER_KSG = [
    _peer(
        f"subsampling_ksg_k{k}",
        partial(_subsampling, skmist.KSGEstimator(k)),
        "skmist.estimators.ksg.estimator",
    )
    for k in (1, 3)
]
OVER_COPULA = [
    _peer(
        "subsampling_copula",
        partial(_subsampling, skmist.GaussianCopulaEstimator()),
        "skmist.estimators.copula.estimator",
    )
]
NAIVE = [_peer("naive_ksg_k3", _naive, "skmist.estimators.ksg.estimator")]


def summarize_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return coverage, width, error and time of each estimator in each cell."""
    parts = [
        {"family": family, "n": n, "estimator": name, **_cell(part)}
        for (family, n, name), part in table.groupby(["family", "n", "estimator"], sort=False)
    ]
    return pd.DataFrame(parts)


def _cell(part: pd.DataFrame) -> dict:
    summary = error_summary(part)
    kept = ("draws", "failed", "mae", "bias", "coverage_90", "width_90")
    return {**{name: summary[name] for name in kept}, "seconds": part["seconds"].mean()}


def summarize(cells: pd.DataFrame) -> pd.DataFrame:
    """Return what the cells say of each estimator, and how it compares with mist.

    ``width_ratio`` and ``time_ratio`` are sums over its cells, divided by those of mist in the
    same cells.
    """
    mist = cells[cells["estimator"] == MIST].set_index(["family", "n"])
    rows = []
    for name, part in cells.groupby("estimator", sort=False):
        coverage = part["coverage_90"]
        own = mist.reindex(pd.MultiIndex.from_frame(part[["family", "n"]]))
        rows.append(
            {
                "estimator": name,
                "cells": len(part),
                "in_bar": int(coverage.between(*BAR).sum()),
                "coverage": coverage.mean(),
                "lowest": coverage.min(),
                "highest": coverage.max(),
                "width": part["width_90"].mean(),
                "width_ratio": part["width_90"].sum() / own["width_90"].sum(),
                "seconds": part["seconds"].mean(),
                "time_ratio": part["seconds"].sum() / own["seconds"].sum(),
            }
        )
    return pd.DataFrame(rows)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--draws", type=int, default=300, help="a cell (default: 300)")
    parser.add_argument(
        "--naive", type=int, default=60, help="of them for the naive bootstrap (default: 60)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the samples (default: 0)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its tables."""
    run = common.start("intervals", __doc__, arguments, (MIST,), _add_options)
    options = run.options
    draw = partial(draw_case, options.seed)
    tables = []
    for family in FAMILIES:
        for n in SIZES:
            draws = [Draw(family, n, number) for number in range(options.draws)]
            copula = OVER_COPULA if family == WELL_SPECIFIED else []
            label = f"intervals {family} {n}"
            tables.append(run.evaluate(draws, draw, label, [*OVER_KSG, *copula, *run.peers]))
            tables.append(run.evaluate(draws[: options.naive], draw, label, NAIVE))
    cells = summarize_cells(pd.concat(tables, ignore_index=True))
    summary = summarize(cells)
    remarks = (f"seed: {options.seed}", MEANING)
    run.write(cells, "intervals.csv", *remarks)
    run.write(summary, "intervals_summary.csv", *remarks)
    print(cells.round(3).to_string(index=False))
    print(summary.round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
