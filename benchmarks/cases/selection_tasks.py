"""Tables whose true columns are known, and real tables with splits, for feature selection."""

from __future__ import annotations

__all__ = ["REAL", "SYNTHETIC", "RealTask", "SyntheticTask", "found_share"]

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_wine,
    make_classification,
    make_friedman1,
    make_friedman2,
    make_friedman3,
)

COLUMNS = 20
FRIEDMAN_NOISE = {make_friedman1: 1.0, make_friedman2: 125.0, make_friedman3: 0.1}


class Table(NamedTuple):
    """Columns, a target, and the true columns: each group counts once."""

    x: np.ndarray
    y: np.ndarray
    truth: tuple[frozenset[int], ...]


class SyntheticTask(NamedTuple):
    """Draws tables of n rows; their true columns are as many as are to be chosen."""

    name: str
    draw: Callable[[int, np.random.Generator], Table]
    is_classes: bool
    n_columns: int


class RealTask(NamedTuple):
    """A real table and how many of its columns are to be chosen."""

    name: str
    load: Callable
    is_classes: bool
    k: int

    def split(self, n: int, seed: int) -> tuple[np.ndarray, ...]:
        """Columns and target of n rows to choose and train on, and of all the others."""
        x, y = self.load(return_X_y=True)
        order = np.random.default_rng(seed).permutation(len(x))
        train, test = order[:n], order[n:]
        return x[train], y[train], x[test], y[test]


def found_share(chosen: Sequence[int], truth: Sequence[frozenset[int]]) -> float:
    """Share of the groups of true columns of which one was chosen."""
    return float(np.mean([bool(group & set(chosen)) for group in truth]))


def _singles(columns) -> tuple[frozenset[int], ...]:
    return tuple(frozenset([int(k)]) for k in columns)


def _shuffled(x, y, truth, rng) -> Table:
    """The table with its columns in random order."""
    order = rng.permutation(x.shape[1])
    place = {int(old): new for new, old in enumerate(order)}
    groups = tuple(frozenset(place[k] for k in group) for group in truth)
    return Table(x[:, order], y, groups)


def _parity(n: int, rng: np.random.Generator, n_pairs: int) -> Table:
    x = rng.standard_normal((n, COLUMNS))
    bits = [x[:, 2 * i] * x[:, 2 * i + 1] > 0 for i in range(n_pairs)]
    y = sum(bit.astype(int) << i for i, bit in enumerate(bits))
    return _shuffled(x, y, _singles(range(2 * n_pairs)), rng)


def _xor(n: int, rng: np.random.Generator) -> Table:
    return _parity(n, rng, 1)


def _two_parities(n: int, rng: np.random.Generator) -> Table:
    return _parity(n, rng, 2)


def _copies(n: int, rng: np.random.Generator) -> Table:
    sources = rng.standard_normal((n, 3))
    copies = [sources + 0.3 * rng.standard_normal((n, 3)) for _ in range(3)]
    noise = rng.standard_normal((n, COLUMNS - 12))
    y = sources @ [1.0, 0.7, 0.5] + 0.3 * rng.standard_normal(n)
    groups = [frozenset(range(k, 12, 3)) for k in range(3)]
    return _shuffled(np.hstack([sources, *copies, noise]), y, groups, rng)


def _friedman(make, n_true: int):
    def draw(n: int, rng: np.random.Generator) -> Table:
        seed = int(rng.integers(2**31))
        x, y = make(n, noise=FRIEDMAN_NOISE[make], random_state=seed)
        extra = rng.random((n, COLUMNS - x.shape[1]))
        return _shuffled(np.hstack([x, extra]), y, _singles(range(n_true)), rng)

    return draw


def _madelon(n_columns: int):
    def draw(n: int, rng: np.random.Generator) -> Table:
        x, y = make_classification(
            n,
            n_columns,
            n_informative=5,
            n_redundant=5,
            n_clusters_per_class=4,
            flip_y=0.01,
            shuffle=False,
            random_state=int(rng.integers(2**31)),
        )
        return _shuffled(x, y, _singles(range(10)), rng)

    return draw


SYNTHETIC = {
    task.name: task
    for task in (
        SyntheticTask("xor", _xor, True, COLUMNS),
        SyntheticTask("two parities", _two_parities, True, COLUMNS),
        SyntheticTask("copies", _copies, False, COLUMNS),
        SyntheticTask("friedman1", _friedman(make_friedman1, 5), False, COLUMNS),
        SyntheticTask("friedman2", _friedman(make_friedman2, 4), False, COLUMNS),
        SyntheticTask("friedman3", _friedman(make_friedman3, 4), False, COLUMNS),
        SyntheticTask("madelon 50", _madelon(50), True, 50),
        SyntheticTask("madelon 500", _madelon(500), True, 500),
    )
}
REAL = {
    task.name: task
    for task in (
        RealTask("breast cancer", load_breast_cancer, True, 5),
        RealTask("wine", load_wine, True, 4),
        RealTask("digits", load_digits, True, 10),
        RealTask("diabetes", load_diabetes, False, 4),
    )
}
