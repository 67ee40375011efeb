"""Whether the columns of a sample say anything at all about its target."""

from __future__ import annotations

__all__ = ["clearly_something", "says_anything"]

import math
from collections.abc import Collection, Iterable, Sequence

import numpy as np
from scipy.special import stdtr

from skmist._sample.sample import Sample
from skmist.feature_selection.candidates import Candidates, find_candidates, side_features
from skmist.feature_selection.information import ColumnInformation

_MARGIN = 1.5
_FEWEST = 4
_CLEAR_CHANCE = 1e-3


def clearly_something(sample: Sample, orders: Iterable[np.ndarray]) -> bool:
    """Whether a column goes along with the target far more than with any permuted one.

    Correlations of scores, squares and classes, which cost no estimate. The greatest has to be
    half above the greatest with the permuted targets: a level that is next to nothing.

    Parameters
    ----------
    sample : Sample
    orders : iterable of ndarray of shape (n,)
    """
    x, y = side_features(sample.x), side_features(sample.y)
    if not (x.shape[1] and y.shape[1]):
        return False
    by_chance = max(np.abs(x.T @ y[order]).max() for order in orders)
    return bool(np.abs(x.T @ y).max() > _MARGIN * by_chance)


def says_anything(
    information: ColumnInformation,
    found: Candidates,
    orders: Sequence[np.ndarray],
    together: bool,
) -> bool:
    """Whether some column, some group, or all columns together say anything: at level 1 in 20.

    The target is permuted, and the same search for the best column and group made anew each
    time. It ends when a permuted target says as much, or when the strength is so far above those
    of the first ones that no further one would reach it: the chance of that by Student's t.

    Parameters
    ----------
    information : ColumnInformation
    found : Candidates
        Of the sample.
    orders : sequence of 19 ndarrays of shape (n,)
    together : bool
        Whether groups are looked at.
    """
    observed = _strength(information, found)
    others: list[float] = []
    for order in orders:
        other = information.permuted(order)
        others.append(_strength(other, find_candidates(other, together)))
        if others[-1] >= observed:
            return False
        # estimates of nothing may all be 0, but from n rows they are not known better than this
        least = 1.0 / information.sample.n_samples
        if len(others) >= _FEWEST and _chance(observed, np.array(others), least) < _CLEAR_CHANCE:
            return True
    return True


def _strength(information: ColumnInformation, candidates: Candidates) -> float:
    """Sum of the information, nats, of the best column, of the best group, and of all."""
    columns, groups = candidates
    sets: list[Collection[int]] = [*((k,) for k in columns), *groups, columns]
    values, n = information.together(sets)[:, 0], len(columns)
    best_group = values[n:-1].max() if groups else 0.0
    return float(values[:n].max() + best_group + values[-1])


def _chance(observed: float, others: np.ndarray, least: float) -> float:
    """Probability that one more of some normal numbers reaches the observed one."""
    spread = max(float(others.std(ddof=1)), least) * math.sqrt(1.0 + 1.0 / len(others))
    return float(stdtr(len(others) - 1, (others.mean() - observed) / spread))
