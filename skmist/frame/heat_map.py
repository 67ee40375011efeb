"""What a heat map of pairs shows, in a picture and on a page alike: squares, order and stars."""

from __future__ import annotations

__all__ = ["PairSquares", "clustered_order", "dependent", "star_note"]

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skmist.frame.forms import square_form

if TYPE_CHECKING:
    import pandas as pd

_MAX_Q = 0.05
_MIN_LOW = 0.01


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
    from scipy.cluster.hierarchy import leaves_list, linkage

    distance = 1.0 - np.nan_to_num(similarity[np.triu_indices(p, k=1)], nan=0.0)
    return leaves_list(linkage(distance, method="average", optimal_ordering=True))


def dependent(low: np.ndarray | None, q_values: np.ndarray | None) -> np.ndarray | None:
    """Which pairs get a star, as they depend on each other: by their test, else by their interval.

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


def star_note(low: np.ndarray | None, q_values: np.ndarray | None, units: str) -> str:
    """Say what a star means; empty where there are none."""
    if q_values is not None:
        return f"*: q-value at most {_MAX_Q:g}"
    return "" if low is None else f"*: interval above {_MIN_LOW:g} {units}"
