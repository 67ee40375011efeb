"""The prior over data sets that nets are pretrained on: families, compositions and shapes."""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import asdict, dataclass, field
from typing import Any

import torch

from skmist.datasets.draws import SyntheticBatch, draw_data_sets
from skmist.datasets.families.copies import Copies
from skmist.datasets.families.embedding import Embedded
from skmist.datasets.families.erased import Erased
from skmist.datasets.families.gaussian import Gaussian
from skmist.datasets.families.independent import Independent
from skmist.datasets.families.wrappers import NoiseColumns, Product, Swapped, Transformed
from skmist.datasets.parts.family import Family, get_family, list_families
from skmist.datasets.parts.maps import (
    Chain,
    Coupling,
    InvertibleMap,
    LinearMix,
    Monotone,
    RadialScaling,
    Rotation,
)
from skmist.datasets.parts.radial import RadialProfile, Reflection
from skmist.datasets.parts.random import python_random
from skmist.datasets.parts.target import MOST_INFORMATION

__all__ = ["MOST_COLUMNS", "MetaDistribution", "SyntheticBatch", "shapes_within"]

MOST_COLUMNS = 64
"""Columns of a side that priors are asked for at most."""

# Columns of the wide side of `one_target`.
_MOST_OF_TABLE = 20


_PROBABILITIES = (
    "independence",
    "full_width",
    "second_block",
    "warp",
    "wide_warp",
    "copies",
    "wide_copies",
    "gaussian_copies",
    "equal_sides",
    "one_target",
    "embed",
    "erase",
    "core_share",
)


def _narrow_weights() -> dict[str, float]:
    return {
        "gaussian": 0.12,
        "student_t": 0.06,
        "gaussian_mixture": 0.16,
        "additive_uniform": 0.02,
        "additive_noise": 0.04,
        "single_index_regression": 0.11,
        "multi_index_regression": 0.14,
        "multi_output_regression": 0.03,
        "softmax_classes": 0.07,
        "gaussian_classes": 0.05,
        "joint_table": 0.03,
        "labelled_mixture": 0.03,
        "multivariate_clayton": 0.02,
        "clayton": 0.01,
        "frank": 0.01,
        "gumbel": 0.01,
        "joe": 0.01,
        "student_copula": 0.01,
        "count_regression": 0.02,
        "rounded_gaussian": 0.01,
        "zero_inflated_poisson": 0.005,
        "zero_inflated_gaussian": 0.005,
        "censored_gaussian": 0.01,
        "gaussian_with_atoms": 0.005,
        "staircase_uniform": 0.005,
        "independent": 0.02,
    }


def _wide_weights() -> dict[str, float]:
    return {
        "gaussian": 0.46,
        "student_t": 0.10,
        "gaussian_mixture": 0.06,
        "single_index_regression": 0.08,
        "multi_index_regression": 0.10,
        "multi_output_regression": 0.03,
        "softmax_classes": 0.05,
        "gaussian_classes": 0.03,
        "labelled_mixture": 0.02,
        "multivariate_clayton": 0.02,
        "count_regression": 0.01,
        "independent": 0.04,
    }


@dataclass(frozen=True)
class MetaDistribution:
    """The pretraining prior.

    Every batch has one family or composition and one shape; parameters differ between its
    entries.

    Parameters
    ----------
    narrow, wide : dict of str to float
        Weights of the families up to 6 columns on each side, and above.
    independence : float, default=0.12
        Share of the entries whose Y comes from the next entry, which makes X and Y exactly
        independent with unchanged margins (beside the family "independent").
    full_width : float, default=0.5
        Probability that the base family takes all columns, where it can.
    second_block : float, default=0.5
        Probability that free columns hold a second family rather than noise.
    warp : float, default=0.3
        Probability that the continuous columns of a side pass through random maps.
    wide_warp : float, default=0.12
        The same above 6 columns.
    copies : float, default=0.06
        Probability that the columns of a base family are independent copies of one pair.
    wide_copies : float, optional
        The same where both sides have more than 6 columns; as `copies` by default.
    gaussian_copies : float, default=0.0
        Share of these copies whose pair is Gaussian, beside those that `narrow` makes so.
    embed : float, default=0.1
        Probability that sides of more than one column are smooth functions of fewer.
    erase : float, default=0.05
        Probability that rows of continuous columns are replaced by an atom, on one side or both.
    shared_rows, max_replicas : int, default=400 and 8
        Data sets of few rows n share a distribution: ``shared_rows // n`` of them, at most
        `max_replicas`, since the truth of some families costs more than their rows.
    n_range : tuple of int, default=(10, 10_000)
        Range of the number of rows, log-uniform.
    n_core, core_share : tuple of int and float, default=(300, 1500) and 0.5
        A range, cut to `n_range`, and the share of the shapes whose number of rows comes from it.
    max_dim : int, default=64
        Largest number of columns of a side.
    one_target : float, default=0.0
        Share of the shapes with 2 to 20 columns on one side and a single one on the other, as
        most tables are asked about, beside those that come about so anyway.
    equal_sides : float, default=0.0
        Share of the shapes with 7 columns or more on both sides, as many on each, and 30 to 1,000
        rows, beside those that come about so anyway.

    Raises
    ------
    ValueError
        If a family is not registered or has no prior, none of them supports 1 + 1 columns, a
        probability is none, or `n_range` decreases.

    Examples
    --------
    >>> import random, torch
    >>> generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    >>> batch = MetaDistribution().draw(4, 100, 2, 3, generator, rng=rng)
    >>> batch.x.shape, batch.pointwise_mi.shape
    (torch.Size([4, 100, 2]), torch.Size([4, 100]))
    """

    narrow: dict[str, float] = field(default_factory=_narrow_weights)
    wide: dict[str, float] = field(default_factory=_wide_weights)
    independence: float = 0.12
    full_width: float = 0.5
    second_block: float = 0.5
    warp: float = 0.3
    wide_warp: float = 0.12
    copies: float = 0.06
    wide_copies: float | None = None
    gaussian_copies: float = 0.0
    embed: float = 0.1
    erase: float = 0.05
    shared_rows: int = 400
    max_replicas: int = 8
    n_range: tuple[int, int] = (10, 10_000)
    n_core: tuple[int, int] = (300, 1500)
    core_share: float = 0.5
    max_dim: int = 64
    equal_sides: float = 0.0
    one_target: float = 0.0

    def __post_init__(self) -> None:
        for weights in (self.narrow, self.wide):
            _check_weights(weights)
        if not 1 <= self.n_range[0] <= self.n_range[1]:
            raise ValueError(f"n_range must increase from at least 1, got {self.n_range}")
        for name in _PROBABILITIES:
            given = getattr(self, name)
            if given is not None and not 0.0 <= given <= 1.0:
                raise ValueError(f"{name} is a probability, got {given!r}")

    def choose(self, rng: random.Random) -> MetaDistribution:
        """The prior that the next data sets come from: this one.

        Parameters
        ----------
        rng : random.Random
            Not used; a `PriorMixture` draws one of its parts.

        Returns
        -------
        MetaDistribution
        """
        return self

    def describe(self) -> dict[str, Any]:
        """All settings, for a model card.

        Returns
        -------
        dict
        """
        return asdict(self)

    def sample_shape(self, rng: random.Random) -> tuple[int, int, int]:
        """Draw (n, p, q): 30 % 1 x 1, 40 % small, 15 % wide by one or two, 15 % both wide.

        Two wide sides are equally wide in two of five draws. The shares `equal_sides` and
        `one_target` of all shapes come first.

        Parameters
        ----------
        rng : random.Random
            Source of the shape.

        Returns
        -------
        n, p, q : int
            Rows, columns of X, columns of Y.
        """
        if self.equal_sides and rng.random() < self.equal_sides:
            return self._equal_shape(rng)
        limits = self.n_core if rng.random() < self.core_share else self.n_range
        low, high = self._rows_within(limits)
        n = round(math.exp(rng.uniform(math.log(low), math.log(high))))
        if self.one_target and self.max_dim > 1 and rng.random() < self.one_target:
            p = _log_integer(2, min(_MOST_OF_TABLE, self.max_dim), rng)
            return (n, p, 1) if rng.random() < 0.5 else (n, 1, p)
        kind = rng.choices(("pair", "small", "wide_by_one", "wide"), (0.3, 0.4, 0.15, 0.15))[0]
        top = max(self.max_dim, 1)
        if kind == "pair" or top == 1:
            return n, 1, 1
        if kind == "small":
            return n, rng.randint(1, min(6, top)), rng.randint(1, min(6, top))
        least = min(7, top)
        p = _log_integer(least, top, rng)
        if kind == "wide":
            return n, p, p if rng.random() < 0.4 else _log_integer(least, top, rng)
        q = rng.choices((1, 2), (0.75, 0.25))[0]
        return (n, p, q) if rng.random() < 0.5 else (n, q, p)

    def _rows_within(self, limits: Any) -> Any:
        least, most = self.n_range
        return tuple(min(max(limit, least), most) for limit in limits)

    def _equal_shape(self, rng: random.Random) -> Any:
        low, high = self._rows_within((30, 1000))
        d = _log_integer(min(7, self.max_dim), self.max_dim, rng)
        return _log_integer(low, high, rng), d, d

    def draw(
        self,
        batch: int,
        n: int,
        p: int,
        q: int,
        generator: torch.Generator,
        device: Any = None,
        rng: random.Random | None = None,
    ) -> SyntheticBatch:
        """Draw a batch of data sets.

        Parameters
        ----------
        batch, n, p, q : int
            Number of data sets, rows, columns of X, columns of Y.
        generator : torch.Generator
            Source of parameters and samples, on the device of the result.
        device : torch.device or str, optional
            Only checked against the generator's.
        rng : random.Random, optional
            Source of the choices that the batch shares; pass one to avoid waiting for the
            device.

        Returns
        -------
        SyntheticBatch

        Raises
        ------
        ValueError
            If the generator lives on another device.
        """
        if device is not None and torch.device(device).type != generator.device.type:
            raise ValueError(
                f"generator lives on {generator.device}, not on {device}; "
                "make it with torch.Generator(device)"
            )
        rng = rng or python_random(generator)
        replicas = min(self.max_replicas, max(1, self.shared_rows // n), batch)
        family, label = self.draw_family(-(-batch // replicas), p, q, generator, rng)
        return draw_data_sets(family, label, batch, n, replicas, self.independence, generator)

    def draw_family(
        self, batch: int, p: int, q: int, generator: torch.Generator, rng: random.Random
    ) -> tuple[Family, str]:
        """Draw the distributions of a batch.

        Parameters
        ----------
        batch, p, q : int
            Number of distributions, columns of X, columns of Y.
        generator : torch.Generator
            Source of the parameters; its device is where they live.
        rng : random.Random
            Source of the choices that the batch shares.

        Returns
        -------
        family : Family
        label : str
            What it is, such as ``"gaussian * frank + noise warped"``.
        """
        if rng.random() < 0.5:
            family, label = self._compose(batch, q, p, generator, rng)
            return Swapped(family), label
        return self._compose(batch, p, q, generator, rng)

    def _compose(
        self, batch: int, p: int, q: int, generator: torch.Generator, rng: random.Random
    ) -> tuple[Family, str]:
        family, label = self._embed(batch, p, q, generator, rng)
        chance = self.wide_warp if max(p, q) > 6 else self.warp
        maps = [
            _random_map(batch, flags, generator, rng) if rng.random() < chance else None
            for flags in (family.x_discrete, family.y_discrete)
        ]
        if any(maps):
            family, label = Transformed(family, *maps), f"{label} warped"
        if rng.random() < self.erase and not any(family.x_discrete + family.y_discrete):
            family, label = Erased.around(family, generator, rng), f"{label} erased"
        return family, label

    def _embed(
        self, batch: int, p: int, q: int, generator: torch.Generator, rng: random.Random
    ) -> tuple[Family, str]:
        """Families in all columns; or in fewer, of which the columns are smooth functions."""
        if max(p, q) == 1 or rng.random() >= self.embed:
            return self._place(batch, p, q, generator, rng)
        p0, q0 = (_log_integer(1, dim, rng) for dim in (p, q))
        family, label = self._place(batch, p0, q0, generator, rng)
        flags = family.x_discrete, family.y_discrete
        extra = p - p0, q - q0
        smooth = [0 if any(f) else more for f, more in zip(flags, extra, strict=True)]
        if any(smooth):
            family = Embedded.around(family, smooth[0], smooth[1], generator, rng)
            label = f"{label} embedded"
        # Codes have no smooth functions: such a side gets columns of noise.
        missing = [more - done for more, done in zip(extra, smooth, strict=True)]
        return self._pad(family, label, missing[0], missing[1], generator, rng)

    def _pad(
        self,
        family: Family,
        label: Any,
        p1: int,
        q1: int,
        generator: torch.Generator,
        rng: random.Random,
    ) -> tuple[Family, str]:
        """The family beside columns of noise."""
        if p1 == q1 == 0:
            return family, label
        batch, seed = family.batch_size, rng.getrandbits(32)
        noise = Independent.from_prior(batch, p1, q1, generator, rng, discrete=False)
        return NoiseColumns(family, p1, q1, noise=noise, seed=seed), f"{label} + noise"

    def _place(
        self, batch: int, p: int, q: int, generator: torch.Generator, rng: random.Random
    ) -> tuple[Family, str]:
        """A base family in some of the columns, noise or a second family in the others."""
        wide = self.wide_copies if min(p, q) > 6 else None
        if min(p, q) > 1 and rng.random() < (self.copies if wide is None else wide):
            base, name = self._copies(batch, p, q, generator, rng)
        else:
            cls, p0, q0 = self._choose(p, q, rng)
            base, name = cls.from_prior(batch, p0, q0, generator, rng), cls.name
        p1, q1 = p - base.x_dim, q - base.y_dim
        if p1 and q1 and rng.random() < self.second_block:
            other, label = self._place(batch, p1, q1, generator, rng)
            return Product([base, other]), f"{name} * {label}"
        return self._pad(base, name, p1, q1, generator, rng)

    def _copies(
        self, batch: int, p: int, q: int, generator: torch.Generator, rng: random.Random
    ) -> tuple[Family, str]:
        """Independent copies of a pair of columns; as many as fit in half of the draws, but not
        so many that an entry would hold more information than blocks of any kind may."""
        most = min(p, q)
        k = most if rng.random() < 0.5 else _log_integer(2, most, rng)
        if self.gaussian_copies and rng.random() < self.gaussian_copies:
            cls = Gaussian
        else:
            cls, _, _ = self._choose(1, 1, rng)
        base = cls.from_prior(batch, 1, 1, generator, rng)
        k = max(1, min(k, int(MOST_INFORMATION / max(float(base.mi.max()), 1e-3))))
        return Copies(base, k), f"{cls.name} copies"

    def _choose(self, p: int, q: int, rng: random.Random) -> Any:
        """A family and its share (p0, q0) of the columns."""
        weights = self.wide if max(p, q) > 6 else self.narrow
        full = rng.random() < self.full_width
        names = [name for name in weights if weights[name] > 0.0]
        while True:
            cls = get_family(rng.choices(names, [weights[name] for name in names])[0])
            if cls.supports(p, q) and (full or cls is Independent or p == q == 1):
                return cls, p, q
            if not cls.supports(1, 1):
                shapes = shapes_within(cls, p, q)
                if not shapes:
                    continue
                return cls, *(shapes[-1] if full else rng.choice(shapes))
            p0, q0 = (_log_integer(1, dim, rng) for dim in (p, q))
            if full:
                # As many columns as the family can take.
                p0, q0 = _largest(cls, p, q)
            elif not cls.supports(p0, q0):
                p0, q0 = _largest(cls, p0, q0)
            return cls, p0, q0


def _check_weights(weights: dict[str, float]) -> None:
    """Refuse families that are not registered, have no prior, or leave small shapes to none."""
    for name in weights:
        if name not in list_families():
            raise ValueError(
                f"no such family: {name!r}; known: {list_families()}. A class of your own is "
                "registered by its attribute `name`, once its module is imported."
            )
        family = get_family(name)
        if not (family.supports(1, 1) or shapes_within(family, MOST_COLUMNS, MOST_COLUMNS)):
            raise ValueError(
                f"the family {name!r} has no prior: give {family.__name__} the class "
                "methods `supports`, true for some numbers of columns from 1 to "
                f"{MOST_COLUMNS}, and `from_prior`; or pass an object of it to FamilyPrior."
            )
    drawn = [name for name, weight in weights.items() if weight > 0.0]
    if not any(get_family(name).supports(1, 1) for name in drawn):
        raise ValueError(
            f"none of the families {drawn} supports 1 + 1 columns, so that data sets of few "
            "columns have no family: add one, such as 'independent', or draw yours in their own "
            "shapes by FamilyPrior."
        )


def shapes_within(cls: Any, p: int, q: int) -> list[tuple[int, int]]:
    """Numbers of columns up to p and q that a family supports, the largest last."""
    pairs = itertools.product(range(1, p + 1), range(1, q + 1))
    return sorted((pair for pair in pairs if cls.supports(*pair)), key=lambda s: (s[0] * s[1], s))


def _largest(cls: Any, p: int, q: int) -> tuple[int, int]:
    """The largest p0 <= p and q0 <= q that the family supports, one side after the other."""
    p0 = max(size for size in range(1, p + 1) if cls.supports(size, 1))
    return p0, max(size for size in range(1, q + 1) if cls.supports(p0, size))


def _log_integer(low: Any, high: Any, rng: random.Random) -> int:
    """A whole number from low to high, log-uniform."""
    drawn = math.exp(rng.uniform(math.log(low), math.log(high + 1)))
    return min(max(int(drawn), low), high)


def _random_map(
    batch: int, discrete: Any, generator: torch.Generator, rng: random.Random
) -> InvertibleMap | None:
    """Random maps of the continuous columns, a reflection of a single one; None without any."""
    dim = len(discrete) - sum(discrete)
    if dim == 0:
        return None
    maps: list[InvertibleMap] = []
    if dim == 1 or rng.random() < 0.3:
        maps.append(Reflection.from_prior(batch, dim, generator, rng))
    if dim == 1:
        return maps[0]
    if rng.random() < 0.3:
        maps.append(Monotone.from_prior(batch, dim, generator, rng))
    for _ in range(rng.choices((1, 2, 3), (0.6, 0.3, 0.1))[0]):
        mix: Any = rng.choices((Rotation, LinearMix, Coupling), (0.35, 0.25, 0.4))[0]
        maps.append(mix.from_prior(batch, dim, generator, rng))
    if rng.random() < 0.25:
        # At most one: powers of powers of a heavy tail would overflow single precision.
        radial: Any = rng.choice((RadialScaling, RadialProfile))
        maps.insert(rng.randint(0, len(maps)), radial.from_prior(batch, dim, generator, rng))
    return Chain(maps)
