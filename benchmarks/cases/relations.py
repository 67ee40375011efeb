"""Relations of two columns, and how the power of a test is measured on them. Imports numpy only.

Other environments import it too, so that every test sees the very same samples.
"""

from __future__ import annotations

__all__ = [
    "DRAWS",
    "KEYS",
    "LEVEL",
    "RELATIONS",
    "SIZES",
    "Cell",
    "Rows",
    "cells",
    "checksum",
    "power",
]

import csv
import time
import zlib
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

SEED = 20_261_121
SIZES = (50, 100, 200)
DRAWS = 200
LEVEL = 0.05
RELATIONS = {
    "linear": (1.0, 2.0, 3.0, 4.0),
    "quadratic": (0.2, 0.4, 0.7, 1.0),
    "sine": (0.3, 0.6, 1.0, 1.5),
    "circle": (0.1, 0.2, 0.35, 0.5),
    "variance": (0.1, 0.3, 0.6, 1.0),
}
"""Names, and the spreads of the noise."""

KEYS = ("relation", "noise", "n", "test", "version", "samples")


class Cell(NamedTuple):
    """A relation at one noise and n."""

    relation: str
    noise: float
    n: int

    def draw(self, draws: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw x and y, shape (draws, n) each."""
        name = zlib.crc32(self.relation.encode())
        rng = np.random.default_rng([SEED, name, round(1000 * self.noise), self.n])
        u, v = rng.uniform(-1, 1, (2, draws, self.n))
        e, f = rng.standard_normal((2, draws, self.n))
        if self.relation == "circle":
            angle = np.pi * v
            return np.cos(angle) + self.noise * e, np.sin(angle) + self.noise * f
        if self.relation == "variance":
            return u, e * (self.noise + np.abs(u))
        curve = {"linear": u, "quadratic": u**2, "sine": np.sin(4 * np.pi * u)}[self.relation]
        return u, curve + self.noise * e

    def shuffled(self, y: np.ndarray) -> np.ndarray:
        """Each sample's y in another order."""
        return np.random.default_rng([SEED, self.n]).permuted(y, axis=1)


def cells() -> list[Cell]:
    """All cells, the small n first."""
    asked = [(relation, noise) for relation, noises in RELATIONS.items() for noise in noises]
    return [Cell(*one, n) for n, one in product(SIZES, asked)]


def checksum(x: np.ndarray, y: np.ndarray) -> str:
    """Mark by which two tables show that they are of the same samples."""
    return f"{zlib.crc32(np.stack([x, y]).round(9).tobytes()):08x}"


Statistic = Callable[[np.ndarray, np.ndarray], np.ndarray]


def power(cell: Cell, x: np.ndarray, y: np.ndarray, statistic: Statistic) -> dict:
    """Share of samples in which a test of level 5 % finds the relation.

    The null distribution comes from the samples of the cell with y in other orders, so from
    independent data with the same margins; one for all samples of the cell. An equal statistic
    of the null counts as larger.

    Parameters
    ----------
    cell : Cell
    x, y : ndarray of shape (draws, n)
    statistic : callable
        Takes x and y of shape (m, n), returns (m,); large where they depend.
    """
    start = time.process_time()
    own = np.asarray(statistic(x, y))
    null = np.sort(statistic(x, cell.shuffled(y)))
    seconds = (time.process_time() - start) / (len(own) + len(null))
    larger = len(null) - np.searchsorted(null, own, side="left")
    found = (larger + 1) / (len(null) + 1) <= LEVEL
    return {
        "power": f"{found.mean():.4g}",
        "draws": len(own),
        "null_draws": len(null),
        "ms": f"{1000 * seconds:.3g}",
    }


class Rows:
    """A CSV below comment lines, written anew after each row; a later run takes its rows up.

    Parameters
    ----------
    path : Path
    header : sequence of str
        Comment lines.
    fresh : bool
        Whether to forget the rows that are there.
    """

    def __init__(self, path: Path, header: Sequence[str], fresh: bool = False) -> None:
        self.path, self.header, self.rows, known = path, header, [], []
        if path.exists() and not fresh:
            with path.open(newline="", encoding="utf-8") as file:
                known = list(csv.DictReader(line for line in file if not line.startswith("#")))
        self.known = known

    def add(self, keys: dict, compute: Callable[[], dict]) -> dict:
        """Return the row of some keys: the known one, or a computed one."""
        named = {name: str(value) for name, value in keys.items()}
        row = next((r for r in self.known if named.items() <= r.items()), None)
        self.rows.append(row or {**named, **{k: str(v) for k, v in compute().items()}})
        self._write()
        return self.rows[-1]

    def _write(self) -> None:
        # rows that this run has not come to yet are kept for the next
        kept = [row for row in self.known if row not in self.rows]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".partial")
        with partial.open("w", newline="", encoding="utf-8") as file:
            file.writelines(f"# {line}\n" for line in self.header)
            writer = csv.DictWriter(file, list(self.rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows([*self.rows, *kept])
        partial.replace(self.path)
