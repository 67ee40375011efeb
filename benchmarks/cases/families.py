"""Distributions with exact MI, in training and held out, by name: the axes of the benchmark.

A distribution is fixed by its family, its dimensions and its strength (weak, medium or strong),
so that the bias and the spread of an estimator have a meaning; only the sample is random. The
parameters are written here and not drawn from the prior of the training, so that figures stay
comparable when that prior changes. All MI is in nats.
"""

from __future__ import annotations

__all__ = ["BLIND", "EVERY", "FAMILIES", "STRENGTHS", "BenchFamily"]

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from harness.peers import Case

from cases.blind_families import pointwise_spread
from cases.held_out_families import HELD_OUT
from cases.strengths import Law, fixed_rng
from cases.trained_families import TRAINED
from skmist.datasets.suites.held_out import HELD_OUT as BLIND_SUITE
from skmist.datasets.suites.held_out import held_out_law

STRENGTHS = ("weak", "medium", "strong")
"""The strength of draw ``number`` is ``STRENGTHS[number % 3]``."""

Recipe = Callable[[int, int, int], Law]


class BenchFamily(NamedTuple):
    """A family of the benchmark.

    Attributes
    ----------
    name : str
    held_out : bool
        Whether no training run may see it.
    dims : tuple of (int, int)
        The dimensions (p, q) at which it is measured.
    draw : callable
        ``draw(n, p, q, number, seed)`` returns a `Case` of n rows and the true MI, nats. The
        parameters follow from ``(p, q, number % 3)`` alone, the sample from all arguments.
    half : str
        "validation" or "final" of the families that were frozen before a training, else "".
    spread : callable or None
        ``spread(p, q, number)`` is the standard deviation of the true pointwise MI, nats, where
        it is known.
    """

    name: str
    held_out: bool
    dims: tuple[tuple[int, int], ...]
    draw: Callable[[int, int, int, int, int], tuple[Case, float]]
    half: str = ""
    spread: Callable[[int, int, int], float] | None = None

    @property
    def set(self) -> str:
        """Name of the set in tables."""
        return self.half or ("held out" if self.held_out else "in training")


def _family(name: str, held_out: bool, dims: tuple, recipe: Recipe) -> BenchFamily:
    law_of = cache(recipe)

    def draw(n: int, p: int, q: int, number: int, seed: int) -> tuple[Case, float]:
        law = law_of(p, q, number % len(STRENGTHS))
        x, y = law.sample(n, fixed_rng(name, seed, n, p, q, number))
        return Case(x, y, law.x_discrete, law.y_discrete), law.mi

    return BenchFamily(name, held_out, dims, draw)


def _blind(name: str) -> BenchFamily:
    def recipe(p: int, q: int, level: int) -> Law:
        law = held_out_law(name, p, q, level)
        return Law(law.mutual_information, law.sample, law.x_discrete, law.y_discrete)

    def spread(p: int, q: int, number: int) -> float:
        return pointwise_spread(name, p, q, number % len(STRENGTHS))

    half, dims, _ = BLIND_SUITE[name]
    family = _family(name, True, dims, recipe)

    def draw(n: int, p: int, q: int, number: int, seed: int) -> tuple[Case, float]:
        law = held_out_law(name, p, q, number % len(STRENGTHS))
        case, mi = family.draw(n, p, q, number, seed)
        return case._replace(kinds=(law.x_kinds, law.y_kinds)), mi

    return family._replace(draw=draw, half=half, spread=spread)


FAMILIES: dict[str, BenchFamily] = {
    name: _family(name, held_out, dims, recipe)
    for held_out, recipes in ((False, TRAINED), (True, HELD_OUT))
    for name, (dims, recipe) in recipes.items()
}

BLIND: dict[str, BenchFamily] = {name: _blind(name) for name in BLIND_SUITE}
"""The families that were frozen before the training of mist-3."""
EVERY = FAMILIES | BLIND
