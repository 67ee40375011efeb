"""Which rows of a sample count, where some are copies of others."""

from __future__ import annotations

__all__ = ["Counted", "counted_rows"]

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from skmist._sample.near_repeats import without_near_copies
from skmist._sample.notes import RepeatedRowsNote
from skmist._sample.order import canonical
from skmist._sample.repeats import Groups, exact_copies

_FEWEST_OF_LABEL, _FEWEST = 5, 10
# Probability below which labels have not been copied alike.
_BY_CHANCE = 1e-4


class Counted(NamedTuple):
    """The rows that count, and why not all do."""

    rows: np.ndarray  # (m,) int: positions, ascending
    note: RepeatedRowsNote


def counted_rows(values: np.ndarray, discrete: np.ndarray, names: Sequence[str]) -> Counted | None:
    """Choose the rows that count, or None where all do.

    Of rows that are copies of one another one counts. Where the labels of a discrete column were
    not copied alike, as where a rare class was repeated until it is as frequent as the others,
    the rows of the others are thinned, so that each label keeps its share of the rows given: no
    estimate can then take the rows for more than there are.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        All columns that were handed in, both sides.
    discrete : ndarray of bool, shape (d,)
    names : sequence of str, length d

    Returns
    -------
    Counted or None
    """
    if discrete.all():
        return None
    order = partial(_own_order, values, discrete)
    found, near, shares = exact_copies(values, discrete), "", ""
    if found is None:
        kept, near = without_near_copies(values, discrete, order), "near "
        if kept is None:
            return None
    else:
        kept = _once(*found)
        label = _unlike_label(values, discrete, kept)
        if label is not None:
            kept = _in_shares(values[:, label], kept, order())
            shares = f", in the shares of {names[label]!r} as given"
    kept = _with_all_categories(values[:, discrete], kept)
    return Counted(kept, _note(len(values), len(kept), near, shares))


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


def _own_order(values: np.ndarray, discrete: np.ndarray) -> np.ndarray:
    """A pseudo-random order of the rows that does not depend on how they were ordered."""
    return canonical(values, discrete, len(discrete)).order
