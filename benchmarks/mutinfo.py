"""The set-up of the package mutinfo: absolute error at n = 10,000 on four laws of 1 to 8 nats.

Normal and Student (1 and 2 degrees of freedom) with the MI split at random over rotated pairs of
columns, log-gamma-exponential and smoothed uniform pairs, in 1 to 3 columns a side, as that
package draws them; beside the least of the published errors of its five estimators, each with the
setting that is best in hindsight. Writes ``mutinfo.csv``. All numbers are in nats. An interrupted
run resumes when it is started again.
"""

from __future__ import annotations

__all__ = ["LAWS", "Cell", "draw_cell", "main", "summarize"]

import argparse
import sys
import warnings
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from harness import common
from harness.peers import MIST, Case, build_peers
from scipy.optimize import brentq
from scipy.special import digamma, gammaln, lambertw
from scipy.stats import loggamma, ortho_group

N, DIMENSIONS, STRENGTHS = 10_000, (1, 2, 3), (1, 2, 4, 8)
SEED = 20_261_128
PUBLISHED = common.ROOT / "benchmarks" / "published" / "mutinfo.csv"
MEANING = (
    f"nats, mean absolute error over draws at n = {N:,} with its standard error; published = "
    "least error that is published for an estimator of the package mutinfo, best in hindsight"
)


class Cell(NamedTuple):
    """One draw of a law."""

    law: str
    strength: int
    dimension: int
    draw: int

    def __str__(self) -> str:
        """Return what names the cell."""
        return f"{self.law} {self.strength} nats {self.dimension} columns draw {self.draw}"


def _parts(mi: float, d: int, rng: np.random.Generator) -> np.ndarray:
    share = rng.exponential(size=d)
    return mi * share / share.sum()


def _normal(mi: float, d: int, rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    rho = np.sqrt(-np.expm1(-2.0 * _parts(mi, d, rng)))
    x, e = rng.standard_normal((2, n, d))
    turns = [ortho_group.rvs(d, random_state=rng) if d > 1 else np.eye(1) for _ in "xy"]
    return x @ turns[0], (rho * x + np.sqrt(1.0 - rho**2) * e) @ turns[1]


def _student(mi: float, d: int, rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    dof = int(rng.integers(1, 3))
    x, y = _normal(mi - student_excess(d, d, dof), d, rng, n)
    scale = np.sqrt(rng.chisquare(dof, size=(n, 1)) / dof)
    return x / scale, y / scale


def student_excess(p: int, q: int, dof: int) -> float:
    """What the shared scale of a Student law adds to the MI of its Gaussian."""

    def term(d: float) -> float:
        return float(gammaln(d / 2.0) - d / 2.0 * digamma(d / 2.0))

    return term(dof) + term(dof + p + q) - term(dof + p) - term(dof + q)


def _log_gamma(
    mi: float, d: int, rng: np.random.Generator, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Log scale x of gamma shape 1 / k, and y the log of an exponential of that rate."""
    ks = [_inverse_shape(part) for part in _parts(mi, d, rng)]
    x = [loggamma.rvs(1.0 / k, loc=-digamma(1.0 / k), size=n, random_state=rng) for k in ks]
    return np.stack(x, 1), loggamma.rvs(1.0, size=(n, d), random_state=rng) - np.stack(x, 1)


def _inverse_shape(mi: float) -> float:
    def excess(k: float) -> float:
        return float(digamma(1.0 / k) + k + np.log(k)) - mi

    return brentq(excess, 1e-6, np.exp(mi + 1.0))


def _smoothed(
    mi: float, d: int, rng: np.random.Generator, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """A uniform x, and y = x + uniform noise of width 1 / s."""
    parts = _parts(mi, d, rng)
    strong = -0.5 / np.real(lambertw(-0.5 * np.exp(-np.maximum(parts, 0.5))))
    s = np.where(parts < 0.5, 2.0 * parts, strong)
    x, u = rng.random((2, n, d))
    return x, x * s.clip(max=1.0) + u / s.clip(min=1.0)


LAWS = {
    "normal": _normal,
    "student": _student,
    "log_gamma_exponential": _log_gamma,
    "smoothed_uniform": _smoothed,
}


def draw_cell(cell: Cell) -> tuple[dict, Case]:
    """Draw the sample of a cell: what names it in a table, and the sample."""
    key = [SEED, zlib.crc32(cell.law.encode()), *cell[1:]]
    x, y = LAWS[cell.law](cell.strength, cell.dimension, np.random.default_rng(key), N)
    return cell._asdict() | {"mi_true": float(cell.strength)}, Case(x, y)


def summarize(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per law, strength and estimator, over all numbers of columns."""
    published = pd.read_csv(PUBLISHED, comment="#").groupby(["law", "mi"])["mae"].min()
    groups = table.groupby(["law", "strength", "estimator"], sort=False)["abs_error"]
    found = groups.agg(draws="count", mae="mean", se="sem").reset_index()
    found["published"] = published.loc[
        list(zip(found["law"], found["strength"], strict=True))
    ].to_numpy()
    found["ahead"] = np.where(found["mae"] < found["published"], "yes", "no")
    return found


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--draws", type=int, default=10, help="of each cell (default: 10)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    warnings.simplefilter("ignore", UserWarning)
    run = common.start("mutinfo", __doc__, arguments, [MIST], _add_options)
    cells = [
        Cell(law, mi, d, i)
        for i in range(run.options.draws)
        for law in LAWS
        for mi in STRENGTHS
        for d in DIMENSIONS
    ]
    peers = build_peers(run.options.estimators, run.options.device, run.options.weights)
    summary = summarize(run.evaluate(cells, draw_cell, "mutinfo", peers))
    run.write(summary, "mutinfo.csv", MEANING)
    print(summary.round(3).to_string(index=False))
    own = summary[summary["estimator"] == MIST]
    print(f"{(own['ahead'] == 'yes').sum()} of {len(own)} cells are ahead of the published best")
    return 0


if __name__ == "__main__":
    sys.exit(main())
