"""Whether labels that few rows have say more than chance.

An estimate of what two hundred labels in three hundred rows say is mostly chance, and no interval
helps: a ranking would begin with names and numbers of cabins. So such a pair is first compared
with what the same labels say when they are dealt out anew.
"""

from __future__ import annotations

__all__ = ["MOST_CHANCE", "chance_p_value"]

import numpy as np

from skmist._sample.groups import group_rows
from skmist._sample.sample import Sample
from skmist._sample.side import Side

MOST_CHANCE = 0.01
"""Labels of few rows each are estimated where the p-value is no greater."""

_DRAWS, _ENOUGH = 199, 5
_PARTS = 5
_CELLS_PER_ROW = 4
_ROUNDING = 1e-9


def chance_p_value(sample: Sample) -> float:
    """Test whether two sides are independent, by how often their labels meet.

    What has an order counts by the fifth of the rows that it is in. The statistic is the plug-in
    information of the table of both, its null distribution that of tables with the same margins;
    so the answer depends neither on the order of the rows nor on that of the sides. It ends with
    the fifth table that reaches the sample's [1]_.

    Parameters
    ----------
    sample : Sample

    Returns
    -------
    p_value : float
        At least 1 / 200.

    References
    ----------
    .. [1] J. Besag and P. Clifford (1991), "Sequential Monte Carlo p-values", Biometrika 78,
       301-304.
    """
    a, b = sample.x.once(_cells), sample.y.once(_cells)
    n, surprise = len(a), np.arange(len(a) + 1.0)
    surprise[1:] *= np.log(surprise[1:])

    def statistic(a: np.ndarray, b: np.ndarray, n_b: int) -> float:
        """Information of a table up to what its margins say."""
        return float(surprise[_counts(a * n_b + b)].sum())

    own = statistic(a, b, int(b.max()) + 1)
    first, second = sorted((_margins(a), _margins(b)), key=lambda m: (len(m), m.tolist()))
    dealt, kept = (np.repeat(np.arange(len(m)), m) for m in (first, second))
    rng, reached = np.random.default_rng(n), 0
    for drawn in range(1, _DRAWS + 1):
        reached += statistic(kept, rng.permutation(dealt), len(first)) >= own * (1 - _ROUNDING)
        if reached == _ENOUGH:
            return reached / drawn
    return (reached + 1) / (_DRAWS + 1)


def _cells(side: Side) -> np.ndarray:
    """The cell of each row (n,): its labels, and the fifths that what has an order is in."""
    columns = [
        column if is_nameless else _fifths(column)
        for column, is_nameless in zip(side.values.T, side.nameless, strict=True)
    ]
    return group_rows(np.column_stack(columns))


def _counts(codes: np.ndarray) -> np.ndarray:
    """How often each code occurs, some perhaps never."""
    if codes.max() < _CELLS_PER_ROW * len(codes):
        return np.bincount(codes)
    last = np.flatnonzero(np.diff(np.sort(codes)))
    return np.diff(last, prepend=-1, append=len(codes) - 1)


def _fifths(values: np.ndarray) -> np.ndarray:
    ordered = np.sort(values)
    # twice the mean rank: equal numbers are in one part
    ranks = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    return _PARTS * ranks // (2 * len(values) + 1)


def _margins(cells: np.ndarray) -> np.ndarray:
    return np.sort(np.bincount(cells))
