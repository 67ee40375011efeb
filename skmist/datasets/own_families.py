"""Priors of one's own: families in their own shapes, and mixtures of priors."""

from __future__ import annotations

import inspect
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch

from skmist.datasets.draws import SyntheticBatch, draw_data_sets
from skmist.datasets.parts.family import Family
from skmist.datasets.parts.random import python_random
from skmist.datasets.prior import MOST_COLUMNS, MetaDistribution, shapes_within

__all__ = ["FamilyPrior", "PriorMixture"]


@dataclass(frozen=True)
class FamilyPrior:
    """Families as they are, without composition: what nets can be adapted to.

    Parameters
    ----------
    families : sequence of Family and of type
        An object is drawn in its own shape, with new parameters each time where its `redrawn`
        gives new ones. A class is drawn in all shapes up to `max_dim` that it supports.
    n_range : tuple of int, default=(50, 2000)
        Range of the number of rows, log-uniform.
    independence : float, default=0.12
        Share of the data sets whose Y comes from the next one, which makes X and Y exactly
        independent with unchanged margins.
    weights : sequence of float or None, default=None
        How often each family is drawn; equally often by default.
    max_dim : int, default=64
        Most columns of a side that classes are asked for.

    Raises
    ------
    ValueError
        If there is no family, one is neither a family nor a class with a prior, there is not a
        weight for each, or `n_range` decreases.

    Examples
    --------
    >>> import random, torch
    >>> from skmist.datasets import CorrelatedGaussian, JointTable
    >>> prior = FamilyPrior([CorrelatedGaussian(0.5), JointTable])
    >>> generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    >>> drawn = prior.choose(rng)
    >>> n, p, q = drawn.sample_shape(rng)
    >>> drawn.draw(4, n, p, q, generator, rng=rng).x.shape == (4, n, 1)
    True
    """

    families: Sequence[Any]
    n_range: tuple[int, int] = (50, 2000)
    independence: float = 0.12
    weights: Sequence[float] | None = None
    max_dim: int = MOST_COLUMNS

    def __post_init__(self) -> None:
        if not 1 <= self.n_range[0] <= self.n_range[1]:
            raise ValueError(f"n_range must increase from at least 1, got {self.n_range}")
        if not self.families:
            raise ValueError("families is empty; pass at least one Family, object or class")
        if self.weights is not None and len(self.weights) != len(self.families):
            raise ValueError(
                f"weights has {len(self.weights)} entries and families {len(self.families)}; "
                "give one for each"
            )
        shapes = [_shapes(family, self.max_dim) for family in self.families]
        object.__setattr__(self, "_shapes", shapes)

    def choose(self, rng: random.Random) -> Self:
        """The prior of one family, drawn by its weight.

        Parameters
        ----------
        rng : random.Random
            Source of the choice.

        Returns
        -------
        FamilyPrior
        """
        if len(self.families) == 1:
            return self
        (family,) = rng.choices(self.families, self.weights)
        return type(self)([family], self.n_range, self.independence, None, self.max_dim)

    def sample_shape(self, rng: random.Random) -> tuple[int, int, int]:
        """Draw (n, p, q): the shape of an object, or one that a class supports.

        Parameters
        ----------
        rng : random.Random
            Source of the shape.

        Returns
        -------
        n, p, q : int
            Rows, columns of X, columns of Y.
        """
        low, high = self.n_range
        n = round(math.exp(rng.uniform(math.log(low), math.log(high))))
        shapes: Any = self._shapes  # type: ignore[attr-defined]
        p, q = rng.choices(shapes[0], [1.0 / (p * q) for p, q in shapes[0]])[0]
        return n, p, q

    def draw(
        self,
        batch: int,
        n: int,
        p: int,
        q: int,
        generator: torch.Generator,
        rng: random.Random | None = None,
    ) -> SyntheticBatch:
        """Draw data sets of the first family, which `choose` has chosen.

        Parameters
        ----------
        batch, n, p, q : int
            Number of data sets, rows, columns of X, columns of Y.
        generator : torch.Generator
            Source of parameters and samples.
        rng : random.Random, optional
            Source of the choices that the batch shares.

        Returns
        -------
        SyntheticBatch
        """
        rng = rng or python_random(generator)
        family: Any = self.families[0]
        drawn: Family
        if isinstance(family, Family):
            drawn = family.redrawn(batch, generator, rng)
        else:
            drawn = family.from_prior(batch, p, q, generator, rng)
        replicas = -(-batch // drawn.batch_size)
        label = drawn.name or type(drawn).__name__
        return draw_data_sets(drawn, label, batch, n, replicas, self.independence, generator)

    def describe(self) -> dict[str, Any]:
        """Names, shapes and ranges, for a model card.

        Returns
        -------
        dict
        """
        return {
            "families": [_label(family) for family in self.families],
            "n_range": list(self.n_range),
            "independence": self.independence,
            "weights": None if self.weights is None else list(self.weights),
        }


@dataclass(frozen=True)
class PriorMixture:
    """Several priors, each with its share of the data sets.

    Parameters
    ----------
    priors : sequence of MetaDistribution, FamilyPrior and PriorMixture
    weights : sequence of float
        How often each is drawn, positive.

    Raises
    ------
    ValueError
        If there is not a positive weight for each prior.

    Examples
    --------
    >>> from skmist.datasets import CorrelatedGaussian, MetaDistribution
    >>> own = FamilyPrior([CorrelatedGaussian(0.5)])
    >>> mixture = PriorMixture([MetaDistribution(), own], [0.7, 0.3])
    >>> mixture.n_range, mixture.max_dim
    ((10, 10000), 64)
    """

    priors: Sequence[MetaDistribution | FamilyPrior | PriorMixture]
    weights: Sequence[float]

    def __post_init__(self) -> None:
        if len(self.priors) != len(self.weights) or not all(w > 0.0 for w in self.weights):
            raise ValueError(
                f"{len(self.priors)} priors need as many positive weights, got {self.weights}"
            )

    @property
    def n_range(self) -> tuple[int, int]:
        """The fewest and the most rows of any prior."""
        ranges = [prior.n_range for prior in self.priors]
        return min(low for low, _ in ranges), max(high for _, high in ranges)

    @property
    def max_dim(self) -> int:
        """The most columns of a side of any prior."""
        return max(prior.max_dim for prior in self.priors)

    def choose(self, rng: random.Random) -> MetaDistribution | FamilyPrior:
        """Draw one of the priors, by its weight.

        Parameters
        ----------
        rng : random.Random
            Source of the choice.

        Returns
        -------
        MetaDistribution or FamilyPrior
        """
        return rng.choices(self.priors, self.weights)[0].choose(rng)

    def describe(self) -> dict[str, Any]:
        """What each prior says of itself, with its weight, for a model card.

        Returns
        -------
        dict
        """
        return {
            "mixture": [
                {"weight": weight, "prior": prior.describe()}
                for prior, weight in zip(self.priors, self.weights, strict=True)
            ]
        }


def _shapes(family: Any, most: int) -> list[tuple[int, int]]:
    """The numbers of columns of an object, or all that a class supports."""
    if isinstance(family, Family):
        return [(family.x_dim, family.y_dim)]
    if not (inspect.isclass(family) and issubclass(family, Family)):
        raise ValueError(f"families holds {family!r}, which is no Family; subclass Family")
    shapes = shapes_within(family, most, most)
    if not shapes:
        raise ValueError(
            f"{family.__name__} supports no numbers of columns up to {most}: define the class "
            "methods `supports` and `from_prior`, or pass an object of it"
        )
    return shapes


def _label(family: Any) -> str:
    if not isinstance(family, Family):
        return str(family.name or family.__name__)
    return f"{family.name or type(family).__name__} {family.x_dim} + {family.y_dim}"
