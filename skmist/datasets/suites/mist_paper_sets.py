"""The reference paper's meta-dataset and test sets, each item from its seed and number alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from skmist.datasets.parts.family import Family
from skmist.datasets.suites.mist_paper import mist_paper_distribution, mist_paper_families

__all__ = [
    "MistPaperItem",
    "MistPaperSet",
    "mist_paper_imd",
    "mist_paper_oomd",
    "mist_paper_train",
]

_CODES = {"train": 0, "imd": 1, "oomd": 2}
_TRAIN_SIZE = 625_000
_DIMS = (2, 32)
_TRAIN_ROWS = (10, 500)
_TEST_ROWS = tuple(int(n) for n in np.linspace(10, 500, 20))
_TEST_COPIES = 9
# Independent streams of one item.
_PLAN, _PARAMETERS, _ROWS = range(3)


@dataclass(frozen=True)
class MistPaperItem:
    """One data set of a `MistPaperSet`: what it is drawn from, and its sample.

    Attributes
    ----------
    index : int
        Number within the whole set.
    name : str
        Family, see `mist_paper_families`.
    dim : int
        Columns of X and of Y.
    n : int
        Rows.
    key : tuple of int
        What all its randomness comes from.
    """

    index: int
    name: str
    dim: int
    n: int
    key: tuple[int, ...]

    @cached_property
    def family(self) -> Family:
        """The distribution with its parameters."""
        rng = np.random.default_rng([*self.key, _PARAMETERS])
        return mist_paper_distribution(self.name, self.dim, rng)

    @property
    def mutual_information(self) -> float:
        """True mutual information, nats."""
        return self.family.mutual_information

    def sample(self) -> tuple[np.ndarray, np.ndarray]:
        """Draw the data set: the same at every call.

        Returns
        -------
        X, y : ndarray of shape (n, dim), float64
        """
        return self.family.sample(self.n, np.random.default_rng([*self.key, _ROWS]))


class MistPaperSet(Sequence):
    """A set of the reference paper as a sequence that makes its items when they are asked for.

    Item k depends on the seed and on k only, so any part can be drawn alone, in any order and on
    several workers; a slice is a sequence of the same kind. It works as a map-style data set of
    torch.

    Parameters
    ----------
    which : {"train", "imd", "oomd"}
        The set; `mist_paper_train` and its siblings are the shorter way.
    seed : int, default=0
        Source of everything random, not negative.

    Raises
    ------
    ValueError
        If there is no such set, or the seed is not a whole number from 0.

    Notes
    -----
    From the reference repository: families, 625,000 training data sets, p = q uniform on
    2, ..., 32, n uniform on 10, ..., 500 in training; in both test sets 20 values of n from 10
    to 500, equally spaced and rounded down, 9 data sets for each n and family that share one
    dimension: 1,080 in-family and 1,260 out-of-family data sets.

    Ours: the random streams, so these are fresh draws of the same meta-distribution and not the
    published files. The released generator draws the parameters of every data set from one of
    10,000 seeds; here no two data sets share them. Its README gives its figures for a set
    "M_test" whose size the repository does not state; this is what its configuration makes.

    References
    ----------
    Gritsai et al. (2025), MIST: Mutual Information Via Supervised Training, arXiv 2511.18945.

    Examples
    --------
    >>> train = MistPaperSet("train", seed=7)
    >>> len(train), len(train[1000:1256])
    (625000, 256)
    >>> train[1000:][0] == train[1000]
    True
    """

    def __init__(self, which: str, seed: int = 0):
        self.families = tuple(mist_paper_families(which))
        if int(seed) != seed or seed < 0:
            raise ValueError(f"seed must be a whole number from 0, got {seed!r}")
        self.which, self.seed = which, int(seed)
        self._indices = range(_size(which, self.families))

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, index: int) -> Any:  # type: ignore[override]
        """Return item k, or the part of the set that a slice names."""
        chosen = self._indices[index]
        if isinstance(chosen, int):
            return self._item(chosen)
        part = MistPaperSet(self.which, self.seed)
        part._indices = chosen
        return part

    def __repr__(self) -> str:
        return f"MistPaperSet({self.which!r}, seed={self.seed}), {len(self)} data sets"

    def _item(self, index: Any) -> Any:
        key = (self.seed, _CODES[self.which], index)
        if self.which == "train":
            rng = np.random.default_rng([*key, _PLAN])
            n = int(rng.integers(_TRAIN_ROWS[0], _TRAIN_ROWS[1] + 1))
            name = self.families[rng.integers(len(self.families))]
            return MistPaperItem(index, name, _dimension(rng), n, key)
        cell = index // _TEST_COPIES
        rng = np.random.default_rng([*key[:2], cell, _PLAN])
        n, name = _TEST_ROWS[cell // len(self.families)], self.families[cell % len(self.families)]
        return MistPaperItem(index, name, _dimension(rng), n, key)


def mist_paper_train(seed: int = 0) -> MistPaperSet:
    """The training meta-dataset of the reference paper: 625,000 data sets of 16 families.

    See `MistPaperSet` for what is the paper's and what is ours.

    Parameters
    ----------
    seed : int, default=0
        Source of everything random.

    Returns
    -------
    MistPaperSet

    Raises
    ------
    ValueError
        If the seed is not a whole number from 0.

    Examples
    --------
    >>> stream = mist_paper_train(seed=1)
    >>> item = stream[600_000]
    >>> X, y = item.sample()
    >>> X.shape == (item.n, item.dim), item.name in mist_paper_families("train")
    (True, True)
    """
    return MistPaperSet("train", seed)


def mist_paper_imd(seed: int = 0) -> MistPaperSet:
    """The in-meta-distribution test set of the reference paper: 1,080 data sets of 6 families.

    All 6 are training families of the paper. See `MistPaperSet` for what is the paper's and what
    is ours.

    Parameters
    ----------
    seed : int, default=0
        Source of everything random.

    Returns
    -------
    MistPaperSet

    Raises
    ------
    ValueError
        If the seed is not a whole number from 0.

    Examples
    --------
    >>> len(mist_paper_imd())
    1080
    """
    return MistPaperSet("imd", seed)


def mist_paper_oomd(seed: int = 0) -> MistPaperSet:
    """The out-of-meta-distribution test set of the reference paper: 1,260 sets of 7 families.

    None of the 7 is a training family of the paper: they put the same bases through other maps,
    or through none. See `MistPaperSet` for what is the paper's and what is ours.

    Parameters
    ----------
    seed : int, default=0
        Source of everything random.

    Returns
    -------
    MistPaperSet

    Raises
    ------
    ValueError
        If the seed is not a whole number from 0.

    Examples
    --------
    >>> len(mist_paper_oomd())
    1260
    """
    return MistPaperSet("oomd", seed)


def _size(which: Any, families: Any) -> Any:
    return _TRAIN_SIZE if which == "train" else len(_TEST_ROWS) * len(families) * _TEST_COPIES


def _dimension(rng: np.random.Generator) -> Any:
    return int(rng.integers(_DIMS[0], _DIMS[1] + 1))
