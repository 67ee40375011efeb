"""Error and coverage on families that no training run has seen: Friedman and checkerboard.

Each is y = f(X) + Gaussian noise, so that MI is the entropy of y less that of the noise, exact
up to a one-dimensional integral. Writes ``held_out.csv`` (error, coverage and width by family, n
and estimator). All numbers are in nats. An interrupted run resumes when it is started again.
"""

from __future__ import annotations

__all__ = ["FAMILIES", "checkerboard", "main", "noisy_mi", "summarize"]

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import cache
from itertools import product

import _common as common
import numpy as np
import pandas as pd
from _peers import MIST, TOLERANCE, Case, build_peers, error_summary
from scipy.signal import fftconvolve
from sklearn.datasets import make_friedman1, make_friedman2, make_friedman3

SEED = 20_261_121
ESTIMATORS = ("gaussian_copula", "ksg_scores_k5", MIST)
SIZES = (200, 1000)
NOISES = (0.3, 1.0)
TRUTH_DRAWS = 1_000_000
KEYS = ["family", "noise", "n", "p", "q", "draw", "mi_true"]
MEANING = (
    "nats; noise = its spread over that of f(X); estimates clipped at 0 for abs_error; an "
    f"interval covers the truth if it misses it by at most {TOLERANCE} nats; "
    "standard error of the truth below 0.003 nats"
)

Signal = Callable[[int, np.random.RandomState], tuple[np.ndarray, np.ndarray]]


def checkerboard(n: int, random_state: np.random.RandomState) -> tuple[np.ndarray, np.ndarray]:
    """Draw f = +1 and -1 on the fields of a 4 x 4 board, x uniform on it."""
    x = random_state.uniform(0, 4, (n, 2))
    return x, 1.0 - 2.0 * (np.floor(x).sum(axis=1) % 2)


FAMILIES: dict[str, Signal] = {
    "friedman1": lambda n, rng: make_friedman1(n, 10, random_state=rng),
    "friedman2": lambda n, rng: make_friedman2(n, random_state=rng),
    "friedman3": lambda n, rng: make_friedman3(n, random_state=rng),
    "checkerboard": checkerboard,
}


def noisy_mi(signal: np.ndarray, spread: float, cells: int = 1 << 14) -> float:
    """Return the MI between f(X) and f(X) + noise.

    Parameters
    ----------
    signal : ndarray of shape (m,)
        Draws of f(X); the standard error of the answer falls with ``m ** -0.5``.
    spread : float
        Standard deviation of the Gaussian noise.
    cells : int
        Cells of the grid on which the density of y is integrated.

    Returns
    -------
    float
        Nats.
    """
    counts, edges = np.histogram(signal, bins=cells)
    width = edges[1] - edges[0]
    reach = np.arange(-8 * spread, 8 * spread + width, width)
    noise = np.exp(-0.5 * (reach / spread) ** 2)
    noise /= noise.sum() * width
    density = fftconvolve(counts / counts.sum(), noise).clip(1e-300)
    entropy = -(density * np.log(density)).sum() * width
    return float(entropy - 0.5 * np.log(2 * np.pi * np.e * spread**2))


@cache
def _truth(family: str, noise: float) -> tuple[float, float]:
    """Return the spread of the noise, in units of y, and the true MI."""
    signal = FAMILIES[family](TRUTH_DRAWS, np.random.RandomState(0))[1]
    spread = noise * signal.std()
    return spread, noisy_mi(signal, spread)


def draw_case(family: str, noise: float, n: int, number: int) -> tuple[dict, Case]:
    """Draw a data set: what names it in a table, and the sample."""
    spread, mi = _truth(family, noise)
    entropy = np.random.SeedSequence([SEED, list(FAMILIES).index(family), n, number])
    rng = np.random.RandomState(np.random.MT19937(entropy))
    x, signal = FAMILIES[family](n, rng)
    y = (signal + spread * rng.standard_normal(n))[:, None]
    values = (family, noise, n, x.shape[1], 1, number, mi)
    return dict(zip(KEYS, values, strict=True)), Case(x, y)


def summarize(table: pd.DataFrame) -> pd.DataFrame:
    """Return error, coverage and width of each estimator by family, noise and n, and over all."""
    names = ["family", "noise", "n", "estimator"]
    totals = [
        {"family": "all", "noise": "all", "n": "all", "estimator": name, **error_summary(part)}
        for name, part in table.groupby("estimator")
    ]
    parts = [
        {
            **dict(zip(names, key, strict=True)),
            "mi_true": part["mi_true"].iloc[0],
            **error_summary(part),
        }
        for key, part in table.groupby(names)
    ]
    return pd.DataFrame([*parts, *totals])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--draws", type=int, default=20, help="data sets per family, noise and n (default: 20)"
    )
    common.add_arguments(parser, ESTIMATORS)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser().parse_args(arguments)
    peers = build_peers(options.estimators, options.device, options.weights)
    journal = common.Journal("held_out", options)
    cells = list(product(FAMILIES, NOISES, SIZES, range(options.draws)))
    table = common.evaluate(cells, lambda cell: draw_case(*cell), peers, journal, "held out")
    summary = summarize(table)
    header = common.provenance("held_out.py", arguments, options.weights)
    header += [f"seed: {SEED}", MEANING]
    common.write_table(summary, options.out / "held_out.csv", header)
    journal.finish()
    print(summary.round(4).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
