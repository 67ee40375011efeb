"""Which rows of a sample count, where some are copies of others."""

from __future__ import annotations

__all__ = ["Counted", "counted_rows"]

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from skmist._sample.near_repeats import without_near_copies
from skmist._sample.notes import RepeatedRowsNote
from skmist._sample.order import canonical
from skmist._sample.repeats import Groups, any_all_differ, are_of_groups, exact_copies
from skmist._sample.side import Side

_FEWEST_OF_LABEL, _FEWEST = 5, 10
# Probability below which labels have not been copied alike.
_BY_CHANCE = 1e-4


class Counted(NamedTuple):
    """The rows that count, and why not all do."""

    rows: np.ndarray  # (m,) int: positions, ascending
    note: RepeatedRowsNote


def counted_rows(sides: Sequence[Side]) -> Counted | None:
    """Choose the rows that count, or None where all do.

    Of rows that are copies of one another one counts. Where the labels of a discrete column were
    not copied alike, as where a rare class was repeated until it is as frequent as the others,
    the rows of the others are thinned, so that each label keeps its share of the rows given: no
    estimate can then take the rows for more than there are.

    Parameters
    ----------
    sides : sequence of Side
        All columns that were handed in, of the same n rows.

    Returns
    -------
    Counted or None
    """
    if all(side.is_discrete for side in sides):
        return None
    whole = _Whole(sides)
    found, near, shares = None, "", ""
    if not any_all_differ(sides):
        found = exact_copies(whole.values, whole.discrete)
    if found is not None and are_of_groups(sides, found[0]):
        return None
    if found is None:
        kept, near = without_near_copies(sides, whole.order), "near "
        if kept is None:
            return None
    else:
        kept = _once(*found)
        label = _unlike_label(whole.values, whole.discrete, kept)
        if label is not None:
            kept = _in_shares(whole.values[:, label], kept, whole.order())
            shares = f", in the shares of {whole.names[label]!r} as given"
    kept = _with_all_categories(whole.values[:, whole.discrete], kept)
    return Counted(kept, _note(len(whole.values), len(kept), near, shares))


class _Whole:
    """All columns side by side, which most samples need not be."""

    def __init__(self, sides: Sequence[Side]) -> None:
        self._sides = sides

    @cached_property
    def values(self) -> np.ndarray:
        return np.hstack([side.values for side in self._sides])

    @cached_property
    def discrete(self) -> np.ndarray:
        return np.concatenate([side.discrete for side in self._sides])

    @property
    def names(self) -> tuple[str, ...]:
        return sum((side.names for side in self._sides), ())

    def order(self) -> np.ndarray:
        """A pseudo-random order of the rows that does not depend on how they were ordered."""
        return canonical(self.values, self.discrete, len(self.discrete)).order


def _note(n: int, m: int, near: str, shares: str) -> RepeatedRowsNote:
    return RepeatedRowsNote(
        f"{n} rows hold {near}copies of one another that chance does not make: {m} rows were "
        f"counted{shares}. Pass duplicates='count' to count all."
    )


def _once(groups: Groups, certain: np.ndarray) -> np.ndarray:
    """One row of each group of certain copies, and all rows of the others."""
    first = np.zeros(len(groups.of_row), dtype=bool)
    first[groups.first] = True
    return np.flatnonzero(first | ~certain[groups.of_row])


def _unlike_label(values: np.ndarray, discrete: np.ndarray, once: np.ndarray) -> int | None:
    """The discrete column whose labels were copied least alike, if they were not."""
    from scipy.special import chdtrc

    found, least = None, _BY_CHANCE
    for j in np.flatnonzero(discrete):
        codes = values[:, j].astype(np.intp)
        given, left = np.bincount(codes), np.bincount(codes[once], minlength=codes.max() + 1)
        if len(given) < 2:
            continue
        expected = given * (len(once) / len(codes))
        # copies come and go together, so that counts vary no more than those of rows left
        chi2 = ((left - expected) ** 2 / np.maximum(expected, 1.0)).sum()
        chance = chdtrc(len(given) - 1, chi2)
        if chance < least:
            found, least = int(j), chance
    return found


def _in_shares(labels: np.ndarray, once: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Rows such that each label has its share of all rows, as many as that allows."""
    codes = labels.astype(np.intp)
    given, left = np.bincount(codes), np.bincount(codes[once], minlength=codes.max() + 1)
    many = left >= min(_FEWEST_OF_LABEL, left.max())
    wanted = np.rint(given * (left[many] / given[many]).min()).astype(int)
    if np.minimum(wanted, left).sum() < _FEWEST:
        return once
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    by_label = once[np.lexsort((place[once], codes[once]))]
    sizes = np.bincount(codes[by_label], minlength=len(given))
    rank = np.arange(len(by_label)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.sort(by_label[rank < wanted[codes[by_label]]])


def _with_all_categories(codes: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """The rows kept, and one of each category that they lack, which may be asked about."""
    for column in codes.T:
        levels, first = np.unique(column, return_index=True)
        kept = np.union1d(kept, first[~np.isin(levels, column[kept])])
    return kept
