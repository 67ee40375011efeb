"""Entropy of values that repeat, which bounds the information that they can carry."""

from __future__ import annotations

__all__ = [
    "Repeats",
    "discrete_entropy",
    "entropy_limit",
    "information_limit",
    "limit_counts",
    "limit_of_counts",
    "repeats",
    "row_counts",
    "side_limit",
]

from typing import NamedTuple

import numpy as np

from skmist._sample.ascending import Ascending, ascending
from skmist._sample.groups import group_rows
from skmist._sample.sample import Sample
from skmist._sample.side import Side

_RARE = 5


class Repeats(NamedTuple):
    """How the values of a column repeat."""

    distinct: int
    once: int  # values that occur in one row
    most: int  # rows of the most frequent value

    def are_codes(self, n: int) -> bool:
        """Whether n rows show a law of repeating values, whatever the kind of the column.

        So it is where there are at most half as many values as rows, of which at most half occur
        once. Continuous values do not repeat; of such a column resampled with replacement 0.63 n
        are left, and of one with a frequent value like 0 nearly all others occur once.
        """
        return 2 * self.distinct <= n and 2 * self.once <= self.distinct


def repeats(side: Side) -> list[Repeats]:
    """How the values of each continuous column of a side repeat."""
    return side.once_in_any_order(_column_repeats)


def _column_repeats(side: Side) -> list[Repeats]:
    columns = ascending(side)
    return [_repeats_in(columns, j, len(side)) for j, d in enumerate(side.kinds) if not d]


def _repeats_in(columns: Ascending, j: int, n: int) -> Repeats:
    return Repeats(n, n, 1) if columns.n_different(j) == n else _repeats(columns.counts(j))


def _repeats(counts: np.ndarray) -> Repeats:
    most = int(counts.max())
    once = len(counts) if most == 1 else int((counts == 1).sum())
    return Repeats(len(counts), once, most)


def discrete_entropy(rows: np.ndarray) -> tuple[float, float, float]:
    """Entropy of the law of discrete rows (n, d), its standard error, and the most, nats.

    The plug-in estimate is low by about ``(k - 1) / (2 n)`` for k different rows [1]_, which is
    added, up to ``log(k)``, the most that k rows allow. The error is that of the mean of
    ``-log p``.

    References
    ----------
    .. [1] G. A. Miller (1955), "Note on the bias of information estimates", in: Information
       Theory in Psychology, 95-100.
    """
    return _entropy(_counts(rows))


def side_limit(side: Side) -> float:
    """What a side can carry, nats: its entropy, infinite where a column does not repeat."""
    return side.once_in_any_order(_side_limit)


def _side_limit(side: Side) -> float:
    counts = limit_counts(side)
    return np.inf if counts is None else limit_of_counts(counts)


def limit_of_counts(counts: np.ndarray) -> float:
    """The same of a side whose different rows occur so often."""
    return max(float(_entropy(counts)[0]), 0.0)


def limit_counts(side: Side) -> np.ndarray | None:
    """How often each different row of a side occurs, or None where a column does not repeat."""
    return side.once_in_any_order(_limit_counts)


def _limit_counts(side: Side) -> np.ndarray | None:
    # declared discrete or not: a law of few values has an entropy
    if not all(column.are_codes(len(side)) for column in repeats(side)):
        return None
    counts = row_counts(side)
    return counts if side.is_discrete or _repeats(counts).are_codes(len(side)) else None


def row_counts(side: Side) -> np.ndarray:
    """How often each different row of a side occurs; of one column, by ascending values."""
    if side.width == 1:
        return ascending(side).counts(0)
    return side.once_in_any_order(_joint_counts)


def _joint_counts(side: Side) -> np.ndarray:
    return np.bincount(group_rows(side.values))


def _counts(rows: np.ndarray) -> np.ndarray:
    if rows.shape[1] == 1:
        return np.unique(rows, return_counts=True)[1]
    return np.bincount(group_rows(rows))


def _entropy(counts: np.ndarray) -> tuple[float, float, float]:
    plain, error = _plug_in(counts)
    missed, most = (len(counts) - 1) / (2 * counts.sum()), float(np.log(len(counts)))
    return min(plain + missed, most), error, most


def _plug_in(counts: np.ndarray) -> tuple[float, float]:
    n, surprise = counts.sum(), np.log(counts.sum() / counts)
    plain = float((counts / n) @ surprise)
    return plain, float(np.sqrt(max((counts / n) @ surprise**2 - plain**2, 0.0) / n))


def _upper_entropy(counts: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Entropy that a law may well have, z > 0 standard errors up, nats.

    What was never seen counts as well: Chao's estimate of it [1]_, which grows with the rows seen
    once relative to those seen twice, and one more, z standard errors up on a log scale [2]_.
    Where every row was seen five times or more, nothing is added. The error of the entropy
    includes its part of second order, which is all there is where frequencies are equal.

    References
    ----------
    .. [1] A. Chao (1987), "Estimating the population size for capture-recapture data with unequal
       catchability", Biometrics 43, 783-791; bias-corrected.
    .. [2] R. K. Colwell et al. (2012), "Models and estimators linking individual-based and
       sample-based rarefaction, extrapolation and comparison of assemblages", Journal of Plant
       Ecology 5, 3-21.
    """
    n, seen = counts.sum(), len(counts)
    plain, error = _plug_in(counts)
    once, twice = float((counts == 1).sum()), float((counts == 2).sum())
    unseen = once * (once - 1) / (2 * (twice + 1))
    variance = (
        unseen
        + once * (2 * once - 1) ** 2 / (4 * (twice + 1) ** 2)
        + once**2 * twice * (once - 1) ** 2 / (4 * (twice + 1) ** 4)
    )
    unseen += float(counts.min() < _RARE)
    spread = np.sqrt(np.log1p(variance / unseen**2)) if unseen else 0.0
    kinds = seen + unseen * np.exp(z * spread)
    doubt = np.hypot(error, np.sqrt((seen - 1) / 2) / n)
    return np.minimum(plain + (kinds - 1) / (2 * n) + doubt * z, np.log(kinds))


def entropy_limit(sample: Sample, z: np.ndarray | float = 0.0) -> np.ndarray:
    """What the MI of a sample cannot exceed: the smaller entropy of its sides, nats.

    A column that is taken for continuous counts too, if its values repeat as those of codes do.

    Parameters
    ----------
    sample : Sample
    z : float or ndarray, default=0.0
        How many standard errors above the estimate of the entropy. Above 0, categories
        that the sample happens not to show are reckoned with.

    Returns
    -------
    ndarray of the shape of z
        Infinite where both sides have columns whose values do not repeat.
    """
    z = np.asarray(z, dtype=float)
    limit = np.full(z.shape, np.inf)
    for side in (sample.x, sample.y):
        counts = limit_counts(side)
        if counts is not None:
            entropy, error, _ = _entropy(counts)
            upper = np.maximum(_upper_entropy(counts, np.maximum(z, 0.0)), entropy)
            below = np.maximum(entropy + error * z, 0.0)
            limit = np.minimum(limit, np.where(z > 0.0, upper, below))
    return limit


def information_limit(sample: Sample) -> float:
    """The same at the estimate of the entropy itself, nats."""
    return min(side_limit(sample.x), side_limit(sample.y))
