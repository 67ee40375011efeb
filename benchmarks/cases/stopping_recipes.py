"""Tables whose true columns are known, for a selection that stops by itself.

In none of them is any other column of use: what is chosen beside the true ones is noise.
"""

from __future__ import annotations

__all__ = ["RECIPES", "Recipe", "Table"]

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.datasets import make_classification, make_friedman1


class Table(NamedTuple):
    """Columns and a target."""

    x: np.ndarray
    y: np.ndarray


class Recipe(NamedTuple):
    """Draws tables from a seed.

    Parameters
    ----------
    about : str
    true : frozenset of int
        The columns that the target follows.
    samples : int
        How many are asked about by default.
    draw : callable
        From a seed to a table.
    """

    about: str
    true: frozenset[int]
    samples: int
    draw: Callable[[int], Table]


def _friedman(seed: int) -> Table:
    return Table(*make_friedman1(500, 12, noise=1.0, random_state=seed))


def _mixes(seed: int) -> Table:
    """Draw mixes, of concrete say, that are measured at four ages; two columns say nothing."""
    rng = np.random.default_rng(seed)
    recipe = rng.normal(size=(150, 3)).round(2)[np.repeat(np.arange(150), 4)]
    age = np.tile([1.0, 2.0, 4.0, 8.0], 150) + rng.integers(0, 30, 600)
    y = (recipe[:, 0] + 0.1 * age + 0.3 * rng.normal(size=600)).round(1)
    return Table(np.column_stack([recipe, age]), y)


def _sign(rows: int, columns: int, factors: list[int]) -> Callable[[int], Table]:
    def draw(seed: int) -> Table:
        x = np.random.default_rng(seed).normal(size=(rows, columns))
        return Table(x, x[:, factors].prod(axis=1) > 0)

    return draw


def _two_signs(seed: int) -> Table:
    x = np.random.default_rng(seed).normal(size=(500, 12))
    first, second = x[:, 0] * x[:, 1] > 0, x[:, 2] * x[:, 3] > 0
    return Table(x, first + 2 * second)


def _linear(rows: int, columns: int, weights: dict[int, float], noise: float):
    def draw(seed: int) -> Table:
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(rows, columns))
        signal = x[:, list(weights)] @ list(weights.values())
        return Table(x, signal + noise * rng.normal(size=rows))

    return draw


def _eight_of_a_class(seed: int) -> Table:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(600, 15))
    return Table(x, 0.35 * x[:, :8].sum(axis=1) + 0.6 * rng.logistic(size=600) > 0)


def _classes(seed: int) -> Table:
    x, y = make_classification(
        400,
        12,
        n_informative=4,
        n_redundant=0,
        n_classes=3,
        n_clusters_per_class=2,
        shuffle=False,
        random_state=seed,
    )
    return Table(x, y.astype(str))


def _curves(seed: int) -> Table:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(400, 10))
    y = np.sin(2 * x[:, 0]) + 0.5 * x[:, 1] ** 2 + 0.5 * x[:, 2] * x[:, 3]
    return Table(x, y + 0.3 * rng.normal(size=400))


def _waves(seed: int) -> Table:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1000, 12))
    return Table(x, 0.6 * np.cos(3 * x[:, :6]).sum(axis=1) + 0.3 * rng.normal(size=1000))


def _switched(seed: int) -> Table:
    rng = np.random.default_rng(seed)
    category = rng.integers(0, 4, 400)
    x = np.column_stack([rng.normal(size=(400, 8)), category, rng.integers(0, 3, 400)])
    y = np.where(category % 2 > 0, 1.0, -1.0) * x[:, 0] + 0.5 * x[:, 1]
    return Table(x, y + 0.4 * rng.normal(size=400))


def _opened(seed: int) -> Table:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(500, 12))
    y = x[:, 0] * (x[:, 1:6] @ [1.0, 0.7, 0.5, 0.4, 0.3])
    return Table(x, y + 0.3 * rng.normal(size=500))


def _first(count: int) -> frozenset[int]:
    return frozenset(range(count))


RECIPES = {
    "friedman 1": Recipe("Friedman 1", _first(5), 36, _friedman),
    "mixes": Recipe("mixes measured four times each", frozenset({0, 3}), 20, _mixes),
    "product": Recipe("sign of a product", frozenset({1, 3}), 20, _sign(200, 5, [1, 3])),
    "product among many": Recipe("the same among many", _first(2), 12, _sign(300, 20, [0, 1])),
    "product of three": Recipe(
        "sign of a product of three", frozenset({2, 5, 7}), 10, _sign(600, 10, [2, 5, 7])
    ),
    "two products": Recipe("signs of two products", _first(4), 6, _two_signs),
    "two effects": Recipe(
        "two effects that add up", frozenset({1, 4}), 14, _linear(300, 8, {1: 1.0, 4: 0.7}, 0.5)
    ),
    "five effects": Recipe(
        "five effects, the weakest a fifth of the strongest",
        _first(5),
        8,
        _linear(400, 40, dict(enumerate([1.0, 0.5, 0.3, 0.25, 0.2])), 0.7),
    ),
    "twelve weak": Recipe(
        "twelve weak ones", _first(12), 6, _linear(800, 20, dict.fromkeys(range(12), 0.25), 1.0)
    ),
    "twenty weak": Recipe(
        "twenty weak ones", _first(20), 4, _linear(500, 20, dict.fromkeys(range(20), 0.2), 1.0)
    ),
    "eight of a class": Recipe("eight weak ones of a class", _first(8), 6, _eight_of_a_class),
    "classes": Recipe("clusters of three classes", _first(4), 12, _classes),
    "curves": Recipe("a sine, a square, a product", _first(4), 12, _curves),
    "waves": Recipe("six waves that add up", _first(6), 5, _waves),
    "switched": Recipe("a sign by a category", frozenset({0, 1, 8}), 12, _switched),
    "opened": Recipe("a column that opens five others", _first(6), 8, _opened),
}
"""By name."""
