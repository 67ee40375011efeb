"""Conditional mutual information by the chain rule, for any estimator of mutual information."""

from __future__ import annotations

__all__ = ["ChainConditional", "difference_interval"]

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from skmist._result import MIEstimate
from skmist._sample.triple import ConditionalSample
from skmist.estimators.ask import (
    ends_at,
    estimate_samples,
    estimate_values,
    fit_to,
    fits_to,
)
from skmist.estimators.base import MutualInfoEstimator

_GRID = 400


class ChainConditional:
    """``I(X; Y, Z) - I(X; Z)``, averaged with ``I(Y; X, Z) - I(Y; Z)``.

    Both differences equal ``I(X; Y | Z)``; their mean does not depend on which side is called X,
    and errs less than either.

    Parameters
    ----------
    sample : ConditionalSample
    estimator : MutualInfoEstimator
        Unfitted.
    """

    def __init__(self, sample: ConditionalSample, estimator: MutualInfoEstimator) -> None:
        self._estimator, self._sample = estimator, sample
        self._y_against_z: float | None = None

    def estimate(self) -> float:
        """Conditional MI of the sample, nats."""
        return float(self.estimate_permuted(np.arange(self._sample.n_samples)[None])[0])

    def estimate_permuted(self, orders: np.ndarray) -> np.ndarray:
        """Conditional MI with x in each of the orders (b, n), nats, shape (b,)."""
        if self._y_against_z is None:
            pair = self._sample.swapped().x_against_z()
            self._y_against_z = float(estimate_values(self._estimator, [pair])[0])
        samples = [self._sample.with_x(self._sample.x.values[order]) for order in orders]
        pairs = [sample.x_against_both() for sample in samples]
        pairs += [sample.swapped().x_against_both() for sample in samples]
        pairs += [sample.x_against_z() for sample in samples]
        # one call, so that equal shapes can share a batch
        found = estimate_values(self._estimator, pairs).reshape(3, len(samples))
        return 0.5 * (found[0] + found[1] - found[2] - self._y_against_z)

    def answer(self, level: float) -> MIEstimate:
        """Conditional MI with the notes of the estimator, and an interval where it has one."""
        forth = self._sample
        if not self._estimator.has_interval:
            return self._plain_answer(forth, level)
        if not forth.z.width:
            # no conditions are left, and nothing is to be subtracted
            plain = fit_to(self._estimator, forth.x_against_y())
            values, notes = [(plain.mi_, *plain.interval(level))], getattr(plain, "warnings_", ())
        else:
            ways = forth, forth.swapped()
            pairs = [p for way in ways for p in (way.x_against_both(), way.x_against_z())]
            fits = fits_to(self._estimator, pairs)
            both, given = fits[::2], fits[1::2]
            values = [_difference(*two, level) for two in zip(both, given, strict=True)]
            notes = sum((tuple(getattr(fit, "warnings_", ())) for fit in fits), ())
        mi, low, high = np.clip(np.mean(values, axis=0), 0.0, None).tolist()
        ends = min(low, mi), max(high, mi)
        return self._answer(mi, *ends, level, notes)

    def _plain_answer(self, forth: ConditionalSample, level: float) -> MIEstimate:
        back = forth.swapped()
        pairs = [forth.x_against_both(), back.x_against_both()]
        pairs += [forth.x_against_z(), back.x_against_z()]
        found = estimate_samples(self._estimator, pairs, level=level)
        forth_both, back_both, forth_given, back_given = (answer.mi for answer in found)
        mi = 0.5 * (forth_both + back_both - forth_given - back_given)
        notes = sum((answer.warnings for answer in found), ())
        return self._answer(float(mi), None, None, None, notes)

    def _answer(
        self,
        mi: float,
        low: float | None,
        high: float | None,
        level: float | None,
        notes: Iterable[str],
    ) -> MIEstimate:
        name, n = type(self._estimator).__name__, self._sample.n_samples
        return MIEstimate(mi, low, high, level, name, n, tuple(dict.fromkeys(notes)))


def _difference(
    both: MutualInfoEstimator, given: MutualInfoEstimator, level: float
) -> tuple[float, float, float]:
    """``I(X; Y, Z) - I(X; Z)`` of two that are fitted, with its interval."""
    ends = difference_interval(partial(ends_at, both), partial(ends_at, given), level)
    return both.mi_ - given.mi_, *ends


def difference_interval(first: Any, second: Any, level: float) -> tuple[float, float]:
    """Interval of the difference of two unknown numbers, from the intervals of each.

    Each number is taken to be distributed as its intervals say, independently of the other:
    where the errors of the two vary together, as those of ``I(X; Y, Z)`` and ``I(X; Z)`` of one
    sample do, the interval is wider than it need be.

    Parameters
    ----------
    first, second : callable
        ``intervals(levels)`` of either number, returning their ends, shape (k, 2).
    level : float

    Returns
    -------
    low, high : float
    """
    difference = np.subtract.outer(_quantiles(first), _quantiles(second))
    low, high = np.quantile(difference, [0.5 - level / 2, 0.5 + level / 2])
    return float(low), float(high)


def _quantiles(intervals: Any) -> np.ndarray:
    """Quantiles of equal probability of the distribution that intervals describe."""
    return np.ravel(intervals((2.0 * np.arange(_GRID // 2) + 1.0) / _GRID))
