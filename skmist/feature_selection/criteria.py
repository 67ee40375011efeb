"""What a column says about the target beyond those already chosen, by five criteria.

An estimate is a row of three numbers: its value and the ends of its interval, nats. All functions
here are pure; ``m`` columns are candidates and ``t`` are chosen.
"""

from __future__ import annotations

__all__ = ["CRITERIA", "Criterion", "Gains", "difference"]

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Gains:
    """What the candidates would add.

    Parameters
    ----------
    scores : ndarray of shape (m,)
        By which the criterion ranks the candidates, nats.
    gains : ndarray of shape (m, 3)
        Information beyond the chosen columns, nats, with its interval.
    """

    scores: np.ndarray
    gains: np.ndarray


@dataclass(frozen=True)
class Criterion:
    """A criterion of greedy selection.

    Parameters
    ----------
    pairs : {"redundancy", "joint"} or None
        Which information of a candidate and a chosen column it reads.
    compare : callable
        ``compare(relevance (m, 3), chosen (t, 3), pairs (m, t, 3)) -> Gains``, t >= 1.
    """

    pairs: str | None
    compare: Callable[[np.ndarray, np.ndarray, np.ndarray], Gains]

    def gains(self, relevance: np.ndarray, chosen: np.ndarray, pairs: np.ndarray) -> Gains:
        """Gains of the candidates; before anything is chosen, their relevance."""
        if len(chosen) == 0:
            return Gains(relevance[:, 0], relevance)
        return self.compare(relevance, chosen, pairs)


def difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Difference of two estimates, shape (..., 3), with an interval recovered from theirs [1]_.

    The errors of the two are taken to be independent. Those of ``I(X, Z; Y)`` and ``I(Z; Y)`` of
    one sample vary together, so the interval is then wider than it need be.

    References
    ----------
    .. [1] G. Y. Zou and A. Donner (2008), "Construction of confidence limits about effect
       measures: a general approach", Statistics in Medicine 27, 1693-1702.
    """
    value = first[..., 0] - second[..., 0]
    below = np.hypot(first[..., 0] - first[..., 1], second[..., 2] - second[..., 0])
    above = np.hypot(first[..., 2] - first[..., 0], second[..., 0] - second[..., 1])
    return np.stack([value, value - below, value + above], axis=-1)


def _most_relevant(relevance: np.ndarray, chosen: np.ndarray, pairs: np.ndarray) -> Gains:
    return Gains(relevance[:, 0], relevance)


def _less_redundant(relevance: np.ndarray, chosen: np.ndarray, pairs: np.ndarray) -> Gains:
    # the ends are averaged too: errors of one sample's estimates do not cancel
    gains = difference(relevance, pairs.mean(axis=1))
    return Gains(gains[:, 0], gains)


def _conditional_mean(relevance: np.ndarray, chosen: np.ndarray, pairs: np.ndarray) -> Gains:
    gains = difference(pairs, chosen).mean(axis=1)
    return Gains(gains[:, 0], gains)


def _conditional_least(relevance: np.ndarray, chosen: np.ndarray, pairs: np.ndarray) -> Gains:
    conditional = difference(pairs, chosen)
    gains = _at(conditional, conditional[..., 0].argmin(axis=1))
    return Gains(gains[:, 0], gains)


def _joint_least(relevance: np.ndarray, chosen: np.ndarray, pairs: np.ndarray) -> Gains:
    least = pairs[..., 0].argmin(axis=1)
    return Gains(_at(pairs, least)[:, 0], _at(difference(pairs, chosen), least))


def _at(estimates: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return estimates[np.arange(len(estimates)), columns]


CRITERIA = {
    "mim": Criterion(None, _most_relevant),
    "mrmr": Criterion("redundancy", _less_redundant),
    "jmi": Criterion("joint", _conditional_mean),
    "jmim": Criterion("joint", _joint_least),
    "cmim": Criterion("joint", _conditional_least),
}
"""Criteria by name."""
