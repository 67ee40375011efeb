"""The cells of the grid, their samples, and how other environments see the very same samples."""

from __future__ import annotations

__all__ = [
    "DRAWS",
    "KEYS",
    "SIZES",
    "Cell",
    "cells_of",
    "draw_cell",
    "draws_at",
    "export_samples",
    "joined_rows",
    "spread_out",
]

import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import numpy as np
import pandas as pd
from harness.peers import Case
from tqdm import tqdm

from cases.blind_families import efficient_error
from cases.families import EVERY, STRENGTHS

SEED = 20_261_121
SIZES = (50, 100, 200, 500, 1000, 5000, 10_000)
DRAWS = 24
KEYS = ["family", "set", "p", "q", "n", "draw", "strength", "mi_true"]
# A task's seeds tell its draws apart, over all n.
_SEEDS_PER_SIZE = 1000


class Cell(NamedTuple):
    """One draw of the grid."""

    family: str
    p: int
    q: int
    n: int
    draw: int

    def __str__(self) -> str:
        """Return what names the cell."""
        return f"{self.family} {self.p}x{self.q} n={self.n} draw {self.draw}"

    @property
    def strength(self) -> str:
        """Strength of the dependence; the draws take turns."""
        return STRENGTHS[self.draw % len(STRENGTHS)]

    @property
    def task(self) -> str:
        """Name of the distribution; its MI is that of all its samples."""
        return f"{self.family}/{self.p}/{self.q}/{self.strength}"

    @property
    def seed(self) -> int:
        """Number of the sample among those of its task."""
        return self.n * _SEEDS_PER_SIZE + self.draw


def draws_at(n: int, draws: int) -> int:
    """Return the draws of a cell with n rows: all up to 1,000, a quarter above."""
    return draws if n <= 1000 else max(min(draws, len(STRENGTHS)), draws // 4)


def cells_of(
    families: Iterable[str], sizes: Sequence[int] = SIZES, draws: int = DRAWS
) -> list[Cell]:
    """Return the cells of families, the small ones first so that an early stop has whole tables.

    Parameters
    ----------
    families : iterable of str
        Some of ``EVERY``.
    sizes : sequence of int
        Rows.
    draws : int
        Draws of a cell of up to 1,000 rows, see `draws_at`.
    """
    shapes = [(name, *dims) for name in families for dims in EVERY[name].dims]
    return [
        Cell(*shape, n, draw)
        for n in sorted(sizes)
        for shape in shapes
        for draw in range(draws_at(n, draws))
    ]


def draw_cell(cell: Cell) -> tuple[dict, Case]:
    """Draw the sample of a cell: what names it in a table, and the sample.

    Where it is known, the efficient error is among what names it: that of the mean of the true
    pointwise MI.
    """
    family = EVERY[cell.family]
    seed = zlib.crc32(f"skmist grid {SEED} {cell}".encode()) >> 1
    case, mi = family.draw(cell.n, cell.p, cell.q, cell.draw, seed)
    values = (cell.family, family.set, *cell[1:], cell.strength, float(mi))
    keys = dict(zip(KEYS, values, strict=True))
    if family.spread:
        keys["efficient"] = efficient_error(family.spread(cell.p, cell.q, cell.draw), cell.n)
    return keys, case


def spread_out(cells: Sequence[Cell], most: int) -> list[Cell]:
    """Return at most so many cells, evenly spread over all."""
    steps = np.linspace(0, len(cells) - 1, min(most, len(cells)))
    return [cells[round(step)] for step in steps]


def export_samples(cells: Sequence[Cell], path: Path) -> None:
    """Write the samples of cells in the layout of ``bmi_v1.npz``.

    The keys are ``TASK|mi`` (nats), ``TASK|SEED|x`` and ``TASK|SEED|y``, with `Cell.task` and
    `Cell.seed`. Numbers keep their full precision: other peers see the very same samples.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    known = set()
    with ZipFile(path, "w") as file:
        for cell in tqdm(cells, desc="export", dynamic_ncols=True):
            keys, case = draw_cell(cell)
            if cell.task not in known:
                known.add(cell.task)
                _add_array(file, f"{cell.task}|mi", np.array(keys["mi_true"]))
            for side, values in zip("xy", case[:2], strict=True):
                _add_array(file, f"{cell.task}|{cell.seed}|{side}", np.asarray(values))


def _add_array(file: ZipFile, key: str, values: np.ndarray) -> None:
    with file.open(f"{key}.npy", "w", force_zip64=True) as entry:
        np.lib.format.write_array(entry, values, allow_pickle=False)


def joined_rows(path: Path, cells: Sequence[Cell]) -> pd.DataFrame:
    """Read the answers of peers that ran elsewhere on exported samples.

    Parameters
    ----------
    path : Path
        A CSV with the columns ``task``, ``seed``, ``estimator``, ``mi``, ``seconds`` and
        ``error``, as ``benchmarks/peers/estimate.py`` writes it.
    cells : sequence of Cell
        The grid; answers about other samples are left out.

    Returns
    -------
    DataFrame
        One row per cell and estimator, with the keys of the grid and its own truth.

    Raises
    ------
    ValueError
        If the table lacks a column, or is about none of the cells.
    """
    table = pd.read_csv(path, comment="#")
    needed = ["task", "seed", "estimator", "mi", "seconds", "error"]
    missing = sorted(set(needed) - set(table.columns))
    if missing:
        raise ValueError(f"{path} lacks the columns {missing}; it needs {needed}")
    named = {(cell.task, cell.seed): cell for cell in cells}
    asked = set(zip(table["task"], table["seed"], strict=True)) & set(named)
    if not asked:
        raise ValueError(
            f"{path} is about no sample of this grid; export them with grid.py --export and "
            "the same --families, --n and --draws"
        )
    keys = [{"task": t, "seed": s, **draw_cell(named[t, s])[0]} for t, s in sorted(asked)]
    rows = pd.DataFrame(keys).merge(table[needed], on=["task", "seed"])
    return rows.drop(columns=["task", "seed"])
