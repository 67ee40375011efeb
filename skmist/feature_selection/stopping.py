"""When to stop choosing columns: what a choice adds must be more than chance makes it."""

from __future__ import annotations

__all__ = ["IntervalRule", "ShadowRule", "with_shadows"]

import math

import numpy as np
from scipy.special import ndtri
from scipy.stats import false_discovery_control

from skmist._sample.sample import Sample
from skmist._sample.side import joined
from skmist.feature_selection.criteria import Gains
from skmist.feature_selection.search import Choice, Search
from skmist.independence.orders import Orders


class IntervalRule:
    """Accept a choice where the lower end of the interval of its gain is above 0.

    The best of many is the one whose error is greatest, so the interval is widened to hold for
    all rivals at once (Bonferroni), as if errors were normal.

    Parameters
    ----------
    level : float
        Probability of the intervals before that.
    """

    def __init__(self, level: float) -> None:
        self._tail = 0.5 - level / 2

    def __call__(self, search: Search, choice: Choice, copies: Gains) -> bool:
        """Tell whether to take a choice."""
        wider = ndtri(self._tail / choice.n_rivals) / ndtri(self._tail)
        gain, low, _ = choice.gain
        return bool(gain - wider * (gain - low) > 0.0)


class ShadowRule:
    """Accept a choice where hardly any permuted copy of a column would add as much.

    The p-value of a candidate is the share of the copies of its kind that gain at least as much
    as it does; those of all candidates are corrected for a false discovery rate [1]_.

    Parameters
    ----------
    kinds : ndarray of shape (n_all,)
        Of all columns, the copies included; columns of one kind share a null distribution.
    alpha : float
        False discovery rate.
    n_columns : int

    Attributes
    ----------
    pvalues : ndarray of shape (n_columns,)
        Of each column at its last comparison, not corrected.

    References
    ----------
    .. [1] Y. Benjamini and Y. Hochberg (1995), "Controlling the false discovery rate: a
       practical and powerful approach to multiple testing", Journal of the Royal Statistical
       Society B 57, 289-300.
    """

    def __init__(self, kinds: np.ndarray, alpha: float, n_columns: int) -> None:
        self._kinds, self._copies = kinds[:n_columns], kinds[n_columns:]
        self._alpha = alpha
        self.pvalues = np.full(n_columns, np.nan)

    def __call__(self, search: Search, choice: Choice, copies: Gains) -> bool:
        """Tell whether to take a choice."""
        remaining = search.remaining()
        for k in remaining:
            null = copies.gains[self._copies == self._kinds[k], 0]
            reached = np.sum(null >= search.gains[k, 0])
            self.pvalues[k] = (reached + 1.0) / (len(null) + 1.0)
        corrected = false_discovery_control(self.pvalues[remaining])
        return bool(corrected[remaining.index(choice.columns[0])] <= self._alpha)


def with_shadows(
    sample: Sample, alpha: float, orders: Orders, seed: int, reads_order: bool = False
) -> tuple[Sample, np.ndarray]:
    """Append permuted copies of the columns, which say nothing about anything.

    There are so many of each kind that the least p-value passes the correction for all columns.

    Parameters
    ----------
    sample : Sample
    alpha : float
        False discovery rate.
    orders : Orders
        Draws orders of the rows.
    seed : int
    reads_order : bool
        Whether ordered columns are of another kind than categories.

    Returns
    -------
    sample : Sample
        With the copies after the columns of x.
    kinds : ndarray of shape (n_all,)
        Number of levels of discrete columns, 0 of continuous ones; negative of ordered ones.
    """
    x = sample.x
    kinds = np.where(x.discrete, x.values.max(axis=0, initial=0) + 1, 0).astype(int)
    kinds[x.ordered & reads_order] *= -1
    sources: list[int] = []
    for kind in np.unique(kinds):
        members = np.flatnonzero(kinds == kind)
        sources += np.resize(members, _n_copies(len(kinds), len(members), alpha)).tolist()
    copies = np.empty((sample.n_samples, len(sources)))
    for number, k in enumerate(sources):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))
        copies[:, number] = x.values[orders(rng), k]
    shadows = x.columns(sources).with_values(copies)
    return Sample(joined((x, shadows)), sample.y), kinds[[*range(sample.p), *sources]]


def _n_copies(n_columns: int, n_members: int, alpha: float) -> int:
    """Whole rounds of copies of the columns of a kind, at least ``n_columns / alpha``."""
    return n_members * math.ceil(n_columns / (alpha * n_members))
