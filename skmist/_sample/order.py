"""An order of the rows, and names of the categories, that depend on nothing but the sample."""

from __future__ import annotations

__all__ = ["Arrangement", "arranged", "canonical", "column_keys", "side_ranks"]

from typing import NamedTuple

import numpy as np

from skmist._sample.side import Side
from skmist._sample.splitmix import mix
from skmist._sample.symmetry import Colours

_MANY = 5_000
_PART = 50_000  # rows that are hashed together, so that many take little memory


def _row_keys(values: np.ndarray) -> np.ndarray:
    """A number for each row of whole numbers (n, d) that no order of rows or columns changes."""
    parts = [values[i : i + _PART] for i in range(0, len(values), _PART)]
    # Rows may hold the same values in other columns, so tell the columns apart, by their rows.
    names = np.zeros(values.shape[1], dtype=np.uint64)
    for hashed in map(mix, parts):
        keys = hashed.sum(axis=1, dtype=np.uint64)
        names += mix(hashed ^ keys[:, None]).sum(axis=0, dtype=np.uint64)
    sums = [mix(mix(part) ^ names).sum(axis=1, dtype=np.uint64) for part in parts]
    return mix(np.concatenate(sums))


def side_ranks(side: Side) -> np.ndarray:
    """Of each value, how many of its column are below, and how many not above: (n, d, 2)."""
    return _column_ranks(side.values)


def _column_ranks(values: np.ndarray) -> np.ndarray:
    answer = np.empty((*values.shape, 2), dtype=np.int32)
    ranks = _ranks_of_few if len(values) < _MANY else _ranks_of_many
    for j in range(values.shape[1]):
        ranks(np.ascontiguousarray(values[:, j]), answer[:, j])
    return answer


def _ranks_of_few(column: np.ndarray, answer: np.ndarray) -> None:
    ordered = np.sort(column)
    answer[:, 0] = np.searchsorted(ordered, column, side="left")
    answer[:, 1] = np.searchsorted(ordered, column, side="right")


def _ranks_of_many(column: np.ndarray, answer: np.ndarray) -> None:
    """The same, without a search for each value, which leaps through the memory."""
    order = np.argsort(column)
    ordered = column[order]
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)) + 1
    times = np.diff(ends, prepend=0)
    answer[order, 0] = np.repeat(ends - times, times)
    answer[order, 1] = np.repeat(ends, times)


def _anonymous_keys(ranks: np.ndarray, discrete: np.ndarray) -> np.ndarray:
    """Row keys in which a category counts by its frequency, not by its name."""
    below, through = ranks[..., 0], ranks[..., 1]
    return _row_keys(np.where(discrete, through - below, through))


class Arrangement(NamedTuple):
    """An order of the rows of a sample, and codes of its categories, of their own."""

    order: np.ndarray  # (n,) int: indices that bring the rows into it
    codes: list[np.ndarray | None]  # of each discrete column, the new code of each old one


def arranged(values: np.ndarray, ranks: np.ndarray, discrete: np.ndarray, n_x: int) -> Arrangement:
    """Bring rows into a pseudo-random order, and categories into codes, of their own.

    The same rows come out in the same order, however they were ordered, however the columns of a
    side and the sides were, whatever increasing map each continuous column went through, and
    whatever the categories are called. So a net that takes a part of the rows always takes the
    same part.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        The columns of both sides; discrete ones hold the codes 0, 1, ..., L - 1.
    ranks : ndarray of shape (n, d, 2)
        As `side_ranks` says them.
    discrete : ndarray of shape (d,), bool
    n_x : int
        How many of the columns are those of the first side.

    Returns
    -------
    Arrangement
        Rows or categories that a symmetry of the sample turns into each other may be exchanged,
        all of them by one and the same symmetry.
    """
    keys = _anonymous_keys(ranks, discrete)
    rows, levels = _colours(values, ranks, keys, discrete, n_x)
    return Arrangement(_scattered(keys, rows), _codes(values, keys, discrete, levels))


def _colours(
    values: np.ndarray, ranks: np.ndarray, keys: np.ndarray, discrete: np.ndarray, n_x: int
) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """What tells rows (n,) and categories apart, where different rows have equal keys."""
    if _all_differ(np.sort(keys)):
        return keys, {}
    first = _different(ranks[..., 1])[0]
    if len(np.unique(keys[first])) == len(first):
        return keys, {}
    found, of_row = _refined(values, ranks, discrete, n_x)
    return found.rows[of_row], found.levels


def _refined(
    values: np.ndarray,
    ranks: np.ndarray,
    discrete: np.ndarray,
    n_x: int,
) -> tuple[Colours, np.ndarray]:
    """Colours of the different rows, and which of these each row is."""
    first, of_row, times = _different(ranks[..., 1])
    codes = np.where(discrete, values[first], 0.0).astype(np.intp)
    return Colours(ranks[first, :, 1], codes, discrete, n_x, times), of_row


def _different(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the different rows of whole numbers: a place, which of them each is, and how often."""
    # no place is hashed as a value is: 2 in column 3 and 3 in column 2 would be the same
    places = mix(~np.arange(rows.shape[1]))
    hashed = mix(mix(rows) ^ places).sum(axis=1, dtype=np.uint64)
    return np.unique(hashed, return_index=True, return_inverse=True, return_counts=True)[1:]


def _scattered(keys: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Order of the rows by their keys, and by what tells them apart where keys are equal."""
    scattered = mix(keys ^ mix(_repetitions(keys, rows)))
    order = np.argsort(scattered)
    return order if _all_differ(scattered[order]) else np.lexsort((rows, scattered))


def _all_differ(ascending: np.ndarray) -> bool:
    return bool((ascending[1:] != ascending[:-1]).all())


def _repetitions(keys: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """How many equal rows come before each row.

    Equal rows would otherwise lie side by side, and a part of the order be no fair sample.
    """
    if _all_differ(np.sort(keys)):
        return np.zeros(1, dtype=np.uint64)
    order = np.lexsort((keys, rows))
    new = np.any([np.diff(key[order], prepend=~key[order[:1]]) != 0 for key in (keys, rows)], 0)
    position = np.arange(len(order))
    repetitions = np.empty(len(order), dtype=np.uint64)
    repetitions[order] = position - np.maximum.accumulate(np.where(new, position, 0))
    return repetitions


def _codes(
    values: np.ndarray, keys: np.ndarray, discrete: np.ndarray, levels: dict[int, np.ndarray]
) -> list[np.ndarray | None]:
    """Codes of categories by the sums of the keys of their rows, and by their colours."""
    codes: list[np.ndarray | None] = [None] * len(discrete)
    for j in np.flatnonzero(discrete):
        level = values[:, j].astype(np.intp)
        total = np.zeros(level.max() + 1, dtype=np.uint64)
        np.add.at(total, level, keys)
        order = np.lexsort((levels.get(int(j), total), total))
        codes[j] = np.argsort(order).astype(float)
    return codes


def column_keys(
    values: np.ndarray, ranks: np.ndarray, discrete: np.ndarray, n_x: int
) -> np.ndarray:
    """A number for each column, (d,), that no order and no name changes.

    Parameters
    ----------
    values, ranks, discrete, n_x
        As `arranged` takes them.

    Returns
    -------
    ndarray of uint64
        Equal only of columns that a symmetry of the sample may exchange.
    """
    below, through = ranks[..., 0], ranks[..., 1]
    rows = _anonymous_keys(ranks, discrete)
    hashed = mix(np.where(discrete, through - below, through))
    names = mix(mix(hashed ^ rows[:, None]).sum(axis=0, dtype=np.uint64) + discrete)
    if len(np.unique(names)) == len(names):
        return names
    return mix(names ^ _refined(values, ranks, discrete, n_x)[0].names)


def canonical(values: np.ndarray, discrete: np.ndarray, n_x: int) -> Arrangement:
    """The same of the values (n, d) of both sides alone.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist._sample.order import canonical
    >>> x, kind = np.array([[0.3], [0.1], [0.2]]), np.array([False])
    >>> first, second = canonical(x, kind, 1).order, canonical(x[::-1], kind, 1).order
    >>> x[first].ravel() == x[::-1][second].ravel()
    array([ True,  True,  True])
    """
    return arranged(values, _column_ranks(values), discrete, n_x)
