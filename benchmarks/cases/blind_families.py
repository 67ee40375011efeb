"""The held-out families that were frozen before the training of mist-3, for the grid.

The ``validation`` half is for choosing between candidates, the ``final`` half for the last table
alone. ``held_out.csv`` beside this file holds what was frozen: MI, spread of the pointwise MI, and
hashes of samples; ``python benchmarks/freeze.py`` writes it. All numbers are in nats.
"""

from __future__ import annotations

__all__ = ["MANIFEST", "blind_laws", "efficient_error", "manifest_rows", "pointwise_spread"]

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from skmist.datasets.suites.held_out import HELD_OUT, LEVELS, HeldOutLaw, held_out_law

MANIFEST = Path(__file__).with_name("held_out.csv")
SEEDS = (0, 1)
ROWS, SPREAD_ROWS = 300, 20_000


def blind_laws(half: str | None = None) -> list[tuple[str, int, int, int]]:
    """Return name, p, q and level of every law of a half, or of both."""
    return [
        (name, *dims, level)
        for name, family in HELD_OUT.items()
        if half in (None, family.half)
        for dims in family.dims
        for level in range(len(LEVELS))
    ]


def efficient_error(spread: float, n: int) -> float:
    """Return the mean absolute error, nats, of the mean of the true pointwise MI of n rows.

    Parameters
    ----------
    spread : float
        Standard deviation of the pointwise MI.
    n : int
    """
    return float(np.sqrt(2.0 / np.pi) * spread / np.sqrt(n))


@cache
def pointwise_spread(name: str, p: int, q: int, level: int) -> float:
    """Return the standard deviation of the pointwise MI of a law, as frozen."""
    table = pd.read_csv(MANIFEST, comment="#").set_index(["family", "p", "q", "strength"])
    return float(table.at[(name, p, q, LEVELS[level]), "pmi_std"])


def manifest_rows(laws: Iterable[tuple[str, int, int, int]], spreads: bool = True) -> Iterator:
    """Yield one row of the manifest per law, as a dict.

    Parameters
    ----------
    laws : iterable of (name, p, q, level)
    spreads : bool
        Whether to compute the spread of the pointwise MI, which takes some seconds for some.
    """
    for name, p, q, level in laws:
        law = held_out_law(name, p, q, level)
        row = {"half": HELD_OUT[name].half, "family": name, "p": p, "q": q}
        row |= {"strength": LEVELS[level], "mi": law.mutual_information}
        row["mi_se"] = float(law.mi_standard_error[0])
        if spreads:
            row["pmi_std"] = law.pointwise_mi(*law.sample(SPREAD_ROWS, random_state=9)).std()
        yield row | {f"sha256_{seed}": _mark(law, seed) for seed in SEEDS}


def _mark(law: HeldOutLaw, seed: int) -> str:
    """Hash of a sample and of its pointwise MI to five digits, which no processor changes."""
    x, y = law.sample(ROWS, random_state=seed)
    rows = np.column_stack([x, y, law.pointwise_mi(x, y)])
    text = "\n".join(",".join(f"{value:.5g}" for value in row) for row in rows)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
