"""Tests of independence: are their p-values uniform, how often do they find a relation?

Three parts. ``uniformity``: p-values on 500 independent data sets, without early stopping.
``power``: share of samples in which a relation is found, by noise and n; the tests of hyppo see
the same samples in ``peers/tests.py``. ``conditional``: how often the conditional test rejects
where X and y are independent given Z. Each writes ``independence_PART.csv``; ``figures.py`` draws
the picture of the power from the tables. An interrupted run goes on when it is started again.
"""

from __future__ import annotations

__all__ = ["CHAINS", "chain", "draw_figure", "independent", "main", "uniformity"]

import argparse
import hashlib
import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from cases.relations import DRAWS, KEYS, RELATIONS, SIZES, Rows, cells, checksum, power
from harness import common
from harness.journal import sources, weights_line
from scipy.stats import kstest
from threadpoolctl import threadpool_limits

import skmist
from skmist._sample.sample import make_sample
from skmist.estimators.ask import statistics
from skmist.estimators.methods import make_estimator

_PAIR = (
    "skmist.independence.permutation",
    *(f"skmist.estimators.{name}.estimator" for name in ("copula", "ksg", "mist")),
)
MODULES = {
    "power": _PAIR,
    "uniformity": _PAIR,
    "conditional": (
        "skmist.independence.permutation",
        "skmist.independence.orders",
        "skmist.conditional.estimate",
    ),
}
PARTS = tuple(MODULES)
ESTIMATORS = ("gaussian_copula", "ksg", "ksg_k20", "mist")
PEERS = "independence_power_peers.csv"
ENOUGH = 20
UNIFORMITY = (
    *product(("pair", "labels"), (50,), ("gaussian_copula", "ksg"), (199,)),
    ("pair", 50, "mist", 99),
)
CONDITIONAL = (
    *product(("linear", "square", "sine"), (1, 2, 3), (200, 500), ("gaussian_copula",)),
    *product(("linear", "square", "sine"), (1, 3), (200,), ("ksg",)),
    ("linear", 2, 200, "ksg"),
    *product(("linear", "square"), (3,), (500,), ("ksg",)),
)
PERMUTATIONS_GIVEN_Z = 39
COLORS = {
    "mist": "#1d3d5c",
    "ksg": "#8a6fae",
    "ksg_k20": "#c9b6e4",
    "gaussian_copula": "#5a9a5a",
    "dcorr": "#c46a2b",
    "hsic": "#d9a441",
    "mgc": "#a03b3b",
}


def independent(data: str, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw independent X and y: a normal and an exponential column, or a column and labels."""
    rng = np.random.default_rng([n, seed])
    x = rng.standard_normal(n)
    return x, rng.exponential(size=n) if data == "pair" else rng.choice(["a", "b", "c"], n)


def uniformity(data: str, n: int, estimator: str, permutations: int, tests: int) -> dict:
    """Test whether p-values on independent data are uniform.

    A p-value is a multiple of ``1 / (permutations + 1)``. For Kolmogorov-Smirnov its steps, and
    the statistics equal to the sample's, are filled by uniform random numbers, which makes the
    p-values of an exact test exactly uniform.
    """
    rng, plain, filled, early = np.random.default_rng(0), [], [], []
    for seed in range(tests):
        found = skmist.independence_test(
            *independent(data, n, seed),
            estimator=_own(estimator),
            n_permutations=permutations,
            early_stopping=False,
            random_state=seed,
        )
        larger = (found.null_distribution > found.statistic + 1e-6).sum()
        reached = round(found.pvalue * (permutations + 1)) - 1
        plain.append(found.pvalue)
        filled.append((larger + rng.uniform() * (reached - larger + 1)) / (permutations + 1))
        early.append(_stopped(found))
    fit = kstest(filled, "uniform")
    return {
        "tests": tests,
        "ks": f"{fit.statistic:.4g}",
        "ks_pvalue": f"{fit.pvalue:.4g}",
        "rejected_05": f"{np.mean(np.array(plain) <= 0.05):.4g}",
        "rejected_10": f"{np.mean(np.array(plain) <= 0.1):.4g}",
        "early_rejected_05": f"{np.mean([p <= 0.05 for p, _ in early]):.4g}",
        "early_permutations": f"{np.mean([drawn for _, drawn in early]):.4g}",
    }


def _stopped(found: skmist.independence.functions.PermutationTestResult) -> tuple[float, int]:
    """The p-value, and the orders drawn, had the test stopped early."""
    reached = found.null_distribution >= found.statistic - 1e-6
    at = np.flatnonzero(reached)[ENOUGH - 1 : ENOUGH]
    return (ENOUGH / (at[0] + 1), at[0] + 1) if len(at) else (found.pvalue, len(reached))


CHAINS = {
    "linear": lambda z, noise: z + noise,
    "square": lambda z, noise: (z + noise) ** 2,
    "sine": lambda z, noise: np.sqrt(2) * np.sin(2 * z) + noise,
}
"""How x and y follow the scaled sum of the columns of Z, and noise; all of unit spread."""


def chain(link: str, columns: int, n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw x, y and Z (n, columns), where x and y are independent given Z."""
    rng = np.random.default_rng([columns, n, seed])
    z = rng.standard_normal((n, columns))
    along = z.sum(axis=1) / np.sqrt(columns)
    x, y = (CHAINS[link](along, noise) for noise in rng.standard_normal((2, n)))
    return x, y, z


def _conditional(link: str, columns: int, n: int, estimator: str, tests: int) -> dict:
    test = skmist.conditional_independence_test
    settings = {"estimator": _own(estimator), "n_permutations": PERMUTATIONS_GIVEN_Z}
    samples = ((seed, chain(link, columns, n, seed)) for seed in range(tests))
    p = np.array([test(*sample, random_state=seed, **settings).pvalue for seed, sample in samples])
    shares = {f"rejected_{round(100 * a):02d}": f"{np.mean(p <= a):.4g}" for a in (0.05, 0.1)}
    return {"tests": tests, "permutations": PERMUTATIONS_GIVEN_Z, **shares}


def _own(name: str) -> str | skmist.KSGEstimator:
    """What the tests take as estimator: one thread each. KSG has 3 neighbors, or as it says."""
    if not name.startswith("ksg"):
        return name
    return skmist.KSGEstimator(int(name.partition("_k")[2] or 3), n_jobs=1)


def _power(cell, x: np.ndarray, y: np.ndarray, name: str) -> dict:
    estimator = make_estimator(_own(name), device="cpu")

    def statistic(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        kinds = {"discrete_features": False, "discrete_target": False}
        pairs = zip(first, second, strict=True)
        return statistics(estimator, [make_sample(*pair, **kinds) for pair in pairs])

    return power(cell, x, y, statistic)


def _version(*modules: str) -> str:
    """Hash of the sources of modules, of all that they import, and of the weights."""
    digest = hashlib.sha256(weights_line(skmist.MISTRegressor().weights).encode())
    for path in sources(modules):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


# The parts ------------------------------------------------------------------------------


def run_power(rows: Rows, options: argparse.Namespace) -> None:
    """Measure the power of our tests in every cell."""
    for cell in cells():
        x, y = cell.draw(options.draws)
        for name in ESTIMATORS:
            keys = (*cell, name, options.version, checksum(x, y))
            found = rows.add(
                dict(zip(KEYS, keys, strict=True)),
                lambda x=x, y=y, c=cell, name=name: _power(c, x, y, name),
            )
            print(*cell, name, found["power"], flush=True)


def run_uniformity(rows: Rows, options: argparse.Namespace) -> None:
    """Measure the uniformity of p-values."""
    names = ("data", "n", "estimator", "permutations", "version", "tests")
    for case in UNIFORMITY:
        keys = dict(zip(names, (*case, options.version, options.tests), strict=True))
        found = rows.add(keys, lambda case=case: uniformity(*case, options.tests))
        print(*case, "KS p", found["ks_pvalue"], flush=True)


def run_conditional(rows: Rows, options: argparse.Namespace) -> None:
    """Measure the type-I error of the conditional test."""
    names = ("link", "columns", "n", "estimator", "version", "tests")
    for case in CONDITIONAL:
        keys = dict(zip(names, (*case, options.version, options.tests), strict=True))
        found = rows.add(keys, lambda case=case: _conditional(*case, options.tests))
        print(*case, "rejected", found["rejected_05"], flush=True)


# The picture ----------------------------------------------------------------------------


def draw_figure(results: Path):
    """Draw power against noise: a column for each relation, a row for each n."""
    from matplotlib import pyplot as plt

    paths = [results / name for name in ("independence_power.csv", PEERS)]
    table = pd.concat([common.read_table(path) for path in paths if path.exists()])
    marks = table.groupby(list(KEYS[:3]))["samples"].nunique()
    if (marks > 1).any():
        raise ValueError(
            f"{paths[0]} and {paths[1]} are not of the same samples; run both scripts with the "
            "same --draws"
        )
    shape = len(SIZES), len(RELATIONS)
    figure, axes = plt.subplots(*shape, figsize=(12, 6.5), sharey=True, layout="constrained")
    for (n, relation), ax in zip(product(SIZES, RELATIONS), axes.flat, strict=True):
        part = table[(table["n"] == n) & (table["relation"] == relation)]
        for name, color in COLORS.items():
            line = part[part["test"] == name].sort_values("noise")
            style = "o-" if name in ESTIMATORS else "s--"
            ax.plot(line["noise"], line["power"], style, color=color, ms=3, lw=1.2, label=name)
        ax.axhline(0.05, color="gray", lw=0.6)
        ax.set(ylim=(0, 1.03))
        if n == SIZES[0]:
            ax.set_title(relation, fontsize=10)
        if n == SIZES[-1]:
            ax.set_xlabel("noise")
        if relation == "linear":
            ax.set_ylabel(f"power, n = {n}")
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=7, frameon=False)
    return figure


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its tables."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=PARTS)
    parser.add_argument("--draws", type=int, default=DRAWS, help=f"of a relation ({DRAWS})")
    parser.add_argument("--tests", type=int, default=500, help="where H0 holds (500)")
    parser.add_argument("--out", type=Path, default=common.RESULTS, metavar="DIR")
    parser.add_argument("--fresh", action="store_true", help="forget the rows of earlier runs")
    options = parser.parse_args(arguments)
    weights = skmist.MISTRegressor().weights
    header = common.provenance("independence_tests.py", arguments, weights)
    run = {"power": run_power, "uniformity": run_uniformity, "conditional": run_conditional}
    with threadpool_limits(1):
        for part in options.parts:
            options.version = _version(*MODULES[part])
            rows = Rows(options.out / f"independence_{part}.csv", header, options.fresh)
            run[part](rows, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
