"""An order of the rows, and names of the categories, that depend on nothing but the sample."""

from __future__ import annotations

__all__ = [
    "canonical_codes",
    "canonical_order",
    "codes_of_ranks",
    "order_of_ranks",
    "side_ranks",
]

import numpy as np

from skmist._sample.side import Side


def _mix(values: np.ndarray) -> np.ndarray:
    """SplitMix64: whole numbers to pseudo-random ones (Steele, Lea & Flood 2014)."""
    z = values.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x1234567)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _row_keys(values: np.ndarray) -> np.ndarray:
    """A number for each row of whole numbers (n, d) that no order of rows or columns changes."""
    hashed = _mix(values)
    keys = hashed.sum(axis=1, dtype=np.uint64)
    # Rows may hold the same values in other columns, so tell the columns apart, by their rows.
    names = _mix(hashed ^ keys[:, None]).sum(axis=0, dtype=np.uint64)
    return _mix(_mix(hashed ^ names).sum(axis=1, dtype=np.uint64))


def side_ranks(side: Side) -> np.ndarray:
    """Of each value, how many of its column are below, and how many not above: (n, d, 2)."""
    return _column_ranks(side.values)


def _column_ranks(values: np.ndarray) -> np.ndarray:
    answer = np.empty((*values.shape, 2), dtype=np.int32)
    for j, column in enumerate(np.ascontiguousarray(values.T)):
        ordered = np.sort(column)
        answer[:, j, 0] = np.searchsorted(ordered, column, side="left")
        answer[:, j, 1] = np.searchsorted(ordered, column, side="right")
    return answer


def _anonymous_keys(ranks: np.ndarray, discrete: np.ndarray) -> np.ndarray:
    """Row keys in which a category counts by its frequency, not by its name."""
    below, through = ranks[..., 0], ranks[..., 1]
    return _row_keys(np.where(discrete, through - below, through))


def canonical_order(values: np.ndarray, discrete: np.ndarray) -> np.ndarray:
    """Indices that bring the rows of a sample into a pseudo-random order of their own.

    The same rows come out in the same order, however they were ordered, however
    the columns and the sides were, and whatever increasing map each continuous
    column went through. So a net that takes a part of the rows always takes the
    same part. The names of categories matter only between rows that nothing else
    tells apart.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        The columns of both sides.
    discrete : ndarray of shape (d,), bool
        Which of them are discrete.

    Returns
    -------
    order : ndarray of shape (n,), int

    Examples
    --------
    >>> import numpy as np
    >>> from skmist._sample.order import canonical_order
    >>> x, kind = np.array([[0.3], [0.1], [0.2]]), np.array([False])
    >>> x[canonical_order(x, kind)].ravel() == x[::-1][canonical_order(x[::-1], kind)].ravel()
    array([ True,  True,  True])
    """
    return order_of_ranks(_column_ranks(values), discrete)


def order_of_ranks(ranks: np.ndarray, discrete: np.ndarray) -> np.ndarray:
    """The same of the ranks (n, d, 2) of both sides, as `side_ranks` says them."""
    keys = _row_keys(ranks[..., 1])
    anonymous = _anonymous_keys(ranks, discrete) if discrete.any() else keys
    if _all_differ(np.sort(keys)):
        scattered = _mix(anonymous ^ _mix(np.zeros(1, dtype=np.uint64)))
    else:
        scattered = _mix(anonymous ^ _mix(_repetitions(anonymous, keys)))
    order = np.argsort(scattered)
    return order if _all_differ(scattered[order]) else np.lexsort((keys, scattered))


def _all_differ(ascending: np.ndarray) -> bool:
    return bool((ascending[1:] != ascending[:-1]).all())


def _repetitions(*keys: np.ndarray) -> np.ndarray:
    """How many rows with the same keys come before each row.

    Equal rows would otherwise lie side by side, and a part of the order be no fair sample.
    """
    order = np.lexsort(keys)
    new = np.any([np.diff(key[order], prepend=~key[order[:1]]) != 0 for key in keys], axis=0)
    position = np.arange(len(order))
    repetitions = np.empty(len(order), dtype=np.uint64)
    repetitions[order] = position - np.maximum.accumulate(np.where(new, position, 0))
    return repetitions


def canonical_codes(values: np.ndarray, discrete: np.ndarray) -> list[np.ndarray | None]:
    """New codes for the categories of each discrete column, whatever they are called.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        The columns of both sides; discrete ones hold the codes 0, 1, ..., L - 1.
    discrete : ndarray of shape (d,), bool

    Returns
    -------
    codes : list of ndarray of shape (L,), or None
        Of each discrete column, the new code of each old one; None of the others.
        Categories in the same rows get the same code under any names, but for
        those that frequencies and the other columns do not tell apart.
    """
    if not discrete.any():
        return [None] * len(discrete)
    return codes_of_ranks(values, _column_ranks(values), discrete)


def codes_of_ranks(
    values: np.ndarray, ranks: np.ndarray, discrete: np.ndarray
) -> list[np.ndarray | None]:
    """The same of the values (n, d) and the ranks (n, d, 2) of both sides."""
    codes: list[np.ndarray | None] = [None] * len(discrete)
    if not discrete.any():
        return codes
    keys = _anonymous_keys(ranks, discrete)
    for j in np.flatnonzero(discrete):
        level = values[:, j].astype(np.intp)
        total = np.zeros(level.max() + 1, dtype=np.uint64)
        np.add.at(total, level, keys)
        codes[j] = np.argsort(np.argsort(total, kind="stable")).astype(float)
    return codes
