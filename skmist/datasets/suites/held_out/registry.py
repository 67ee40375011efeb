"""The held-out families by name, and which half of them each is in."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from skmist.datasets.parts.lookup import find
from skmist.datasets.suites.held_out.bars import Bars
from skmist.datasets.suites.held_out.chaos import Chaos
from skmist.datasets.suites.held_out.composition import Composition
from skmist.datasets.suites.held_out.directions import Directions
from skmist.datasets.suites.held_out.experts import Experts
from skmist.datasets.suites.held_out.gas import Gas
from skmist.datasets.suites.held_out.genotype import Genotype
from skmist.datasets.suites.held_out.lattice import Lattice
from skmist.datasets.suites.held_out.law import HeldOutLaw
from skmist.datasets.suites.held_out.rankings import Rankings
from skmist.datasets.suites.held_out.ratings import Ratings
from skmist.datasets.suites.held_out.regimes import Regimes
from skmist.datasets.suites.held_out.stable import Stable
from skmist.datasets.suites.held_out.survival import Survival
from skmist.datasets.suites.held_out.words import Words

__all__ = ["HALVES", "HELD_OUT", "LEVELS", "HeldOutFamily", "held_out_law"]

HALVES = ("validation", "final")
LEVELS = ("weak", "medium", "strong")


class HeldOutFamily(NamedTuple):
    """A family of the suite: its half, its dimensions (p, q), and the class of its laws."""

    half: str
    dims: tuple[tuple[int, int], ...]
    law: type[HeldOutLaw]


HELD_OUT: dict[str, HeldOutFamily] = {
    "chaos": HeldOutFamily("validation", ((1, 1), (3, 2)), Chaos),
    "composition": HeldOutFamily("validation", ((3, 3), (6, 6)), Composition),
    "survival": HeldOutFamily("validation", ((2, 2), (5, 2)), Survival),
    "rankings": HeldOutFamily("validation", ((3, 3), (6, 6)), Rankings),
    "genotype": HeldOutFamily("validation", ((5, 1), (20, 1)), Genotype),
    "bars": HeldOutFamily("validation", ((9, 1), (16, 1)), Bars),
    "stable": HeldOutFamily("validation", ((1, 1), (2, 2)), Stable),
    "directions": HeldOutFamily("final", ((1, 1), (2, 1), (2, 2)), Directions),
    "regimes": HeldOutFamily("final", ((1, 1), (3, 3)), Regimes),
    "words": HeldOutFamily("final", ((1, 1), (12, 1), (40, 1)), Words),
    "lattice": HeldOutFamily("final", ((4, 1), (4, 4), (8, 8)), Lattice),
    "experts": HeldOutFamily("final", ((4, 1), (9, 1)), Experts),
    "ratings": HeldOutFamily("final", ((1, 1), (5, 1), (4, 4)), Ratings),
    "gas": HeldOutFamily("final", ((2, 1), (3, 1)), Gas),
}
"""By name. The validation half is to choose candidates by, the final half for the last table."""


@cache
def held_out_law(name: str, p: int, q: int, level: int) -> HeldOutLaw:
    """The law of a family with p + q columns.

    Parameters
    ----------
    name : str
        One of `HELD_OUT`.
    p, q : int
        One of the family's dimensions.
    level : int
        Of `LEVELS`, counted from 0.

    Returns
    -------
    HeldOutLaw

    Raises
    ------
    KeyError
        If there is no such family, or not with these dimensions.
    """
    family = find(HELD_OUT, name, "no held-out family is called", f"known: {list(HELD_OUT)}")
    if (p, q) not in family.dims:
        raise KeyError(f"{name} has no law with {p} + {q} columns; it has {family.dims}")
    return family.law(p, q, level)  # type: ignore[call-arg]
