"""What a heat map of pairs shows, in a picture and on a page alike: squares, order and signs."""

from __future__ import annotations

__all__ = ["Signs", "PairSquares", "clustered_groups", "clustered_order", "dependent"]

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skmist.frame.forms import square_form

if TYPE_CHECKING:
    import pandas as pd

_MAX_Q = 0.05
_MIN_LOW = 0.01
# the mean scaled information at which columns still count as a group
_TOGETHER = 0.5


@dataclass(frozen=True, eq=False)
class PairSquares:
    """The fields of all pairs as symmetric arrays, in the order of the columns.

    Parameters
    ----------
    mi : ndarray of shape (p, p)
        Mutual information in the units of the table, or normalized; NaN where there is none.
    low, high : ndarray of shape (p, p) or None
        Ends of the intervals, in the units of the table; None where no pair has any.
    q_values : ndarray of shape (p, p) or None
        Adjusted p-values; None where no pair has any.
    """

    mi: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    q_values: np.ndarray | None = None

    @classmethod
    def of(cls, pairs: pd.DataFrame, *, normalized: bool = False) -> PairSquares:
        """Read the long form of :func:`skmist.mi_matrix`.

        Parameters
        ----------
        pairs : pandas.DataFrame of shape (n_pairs, 12)
        normalized : bool, default=False
            Take the normalized values. Intervals, which are in units, are left out then.

        Raises
        ------
        ValueError
            If `pairs` lacks its ``attrs`` or a field.
        """
        value = "normalized" if normalized else "mi"
        fields = {"q_values": "q_value"}
        if not normalized:
            fields |= {"low": "low", "high": "high"}
        known = {name: field for name, field in fields.items() if pairs[field].notna().any()}
        squares = {"mi": value, **known}
        return cls(
            **{n: square_form(pairs, f).to_numpy(float, copy=True) for n, f in squares.items()}
        )


def clustered_order(similarity: np.ndarray) -> np.ndarray:
    """Order columns by average linkage, leaves ordered by scipy after [1]_.

    Columns that share information stand together.

    Parameters
    ----------
    similarity : ndarray of shape (p, p)
        Of each pair, from 0 to 1, symmetric. The diagonal is not looked at; NaN counts as 0.

    Returns
    -------
    order : ndarray of int, shape (p,)
        Such that ``similarity[np.ix_(order, order)]`` has its blocks along the diagonal.

    Notes
    -----
    The order keeps every cluster together, but is not always the best of those that do:
    https://github.com/scipy/scipy/issues/11227.

    References
    ----------
    .. [1] Z. Bar-Joseph, D. K. Gifford and T. S. Jaakkola (2001), "Fast optimal leaf ordering for
       hierarchical clustering", Bioinformatics 17, S22-S29.
    """
    p = len(similarity)
    if p < 3:
        return np.arange(p)
    from scipy.cluster.hierarchy import leaves_list

    return leaves_list(_linkage(similarity))


def clustered_groups(similarity: np.ndarray) -> list[tuple[int, int]]:
    """Groups of columns in the order of `clustered_order` that share much with each other.

    Parameters
    ----------
    similarity : ndarray of shape (p, p)
        As of `clustered_order`.

    Returns
    -------
    groups : list of (int, int)
        First place of each in that order, and the place after its last; groups of two columns or
        more, whose similarities are 0.5 in the mean.
    """
    if len(similarity) < 3:
        return []
    from scipy.cluster.hierarchy import fcluster, leaves_list

    tree = _linkage(similarity)
    of_column = fcluster(tree, 1.0 - _TOGETHER, criterion="distance")[leaves_list(tree)]
    ends = [0, *(np.flatnonzero(np.diff(of_column)) + 1).tolist(), len(of_column)]
    return [(a, b) for a, b in zip(ends, ends[1:], strict=False) if b - a > 1]


def _linkage(similarity: np.ndarray) -> np.ndarray:
    from scipy.cluster.hierarchy import linkage

    pairs = np.triu_indices(len(similarity), k=1)
    distance = 1.0 - np.nan_to_num(similarity[pairs], nan=0.0)
    return linkage(distance, method="average", optimal_ordering=True)


def dependent(low: np.ndarray | None, q_values: np.ndarray | None) -> np.ndarray | None:
    """Which pairs depend on each other: by their test, else by their interval.

    Parameters
    ----------
    low, q_values : array or None
        Lower ends of intervals and adjusted p-values, of any one shape.

    Returns
    -------
    stars : ndarray of bool or None
        None where nothing tells.
    """
    # NaN compares as False: a pair without an answer gets no star
    if q_values is not None:
        return np.asarray(q_values) <= _MAX_Q
    return None if low is None else np.asarray(low) > _MIN_LOW


class Signs(NamedTuple):
    """Which pairs of a heat map get a sign, and what it says."""

    cells: np.ndarray  # bool, of the shape of the values
    sign: str
    note: str  # empty where there are none

    @classmethod
    def of(
        cls, mi: np.ndarray, low: np.ndarray | None, q_values: np.ndarray | None, units: str
    ) -> Signs:
        """Mark the fewer: a star where pairs depend, or a question mark where they may not.

        Where all depend, or none does, a sign in each cell would tell nothing.

        Parameters
        ----------
        mi : ndarray of shape (p, p)
            NaN where there is no pair.
        low, q_values : array of shape (p, p) or None
            As of `dependent`.
        units : {"nats", "bits"}
        """
        stars, known = dependent(low, q_values), np.isfinite(mi)
        if stars is None or stars[known].all() or not stars[known].any():
            return cls(np.zeros(mi.shape, dtype=bool), "", "")
        limit, by_test = f"{_MIN_LOW:g} {units}", q_values is not None
        if stars[known].mean() <= 0.5:
            note = f"q-value at most {_MAX_Q:g}" if by_test else f"interval above {limit}"
            return cls(stars & known, "*", f"*: {note}")
        note = f"q-value above {_MAX_Q:g}" if by_test else f"interval from {limit} or less"
        return cls(known & ~stars, "?", f"?: {note}")
