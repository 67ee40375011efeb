"""Conditional mutual information by the chain rule, for any estimator of mutual information."""

from __future__ import annotations

__all__ = ["ChainConditional", "difference_interval"]

import warnings

import numpy as np
from sklearn.base import clone

from skmist._errors import OutOfRangeWarning
from skmist._sample.sample import Sample
from skmist._sample.triple import ConditionalSample

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
    residuals : callable, default=None
        What to replace values of x and y by, given which are discrete; see `Residuals`.
    """

    def __init__(self, sample: ConditionalSample, estimator, residuals=None) -> None:
        self._estimator, self._residuals = estimator, residuals
        self._x, self._sample = sample.x, sample
        if residuals is not None:
            y = residuals(sample.y, sample.y_discrete)
            self._sample = sample.swapped().with_x(y).swapped()
        self._y_against_z: float | None = None

    def estimate(self) -> float:
        """Conditional MI of the sample, nats."""
        return float(self.estimate_permuted(np.arange(len(self._x))[None])[0])

    def estimate_permuted(self, orders: np.ndarray) -> np.ndarray:
        """Conditional MI with x in each of the orders (b, n), nats, shape (b,)."""
        if self._y_against_z is None:
            pair = self._sample.swapped().x_against_z()
            self._y_against_z = float(self._estimator._estimate_checked([pair])[0])
        samples = [self._with_x(self._x[order]) for order in orders]
        pairs = [sample.x_against_both() for sample in samples]
        pairs += [sample.swapped().x_against_both() for sample in samples]
        pairs += [sample.x_against_z() for sample in samples]
        # one call, so that equal shapes can share a batch
        found = self._estimator._estimate_checked(pairs).reshape(3, len(samples))
        return 0.5 * (found[0] + found[1] - found[2] - self._y_against_z)

    def with_interval(self, level: float) -> tuple[float, float, float, tuple[str, ...]]:
        """Conditional MI, the ends of its interval, nats, and the notes of the estimator."""
        values, notes = [], []
        forth = self._with_x(self._x)
        if not forth.z.shape[1]:
            # no conditions are left, and nothing is to be subtracted
            plain = self._fitted(forth.x_against_y())
            values.append((plain.mi_, *plain.interval(level)))
            notes += getattr(plain, "warnings_", ())
        else:
            for sample in (forth, forth.swapped()):
                both, given = (
                    self._fitted(pair) for pair in (sample.x_against_both(), sample.x_against_z())
                )
                low, high = difference_interval(both.interval, given.interval, level)
                values.append((both.mi_ - given.mi_, low, high))
                notes += [*getattr(both, "warnings_", ()), *getattr(given, "warnings_", ())]
        mi, low, high = np.clip(np.mean(values, axis=0), 0.0, None)
        return float(mi), float(min(low, mi)), float(max(high, mi)), tuple(dict.fromkeys(notes))

    def _with_x(self, x: np.ndarray) -> ConditionalSample:
        if self._residuals is not None:
            x = self._residuals(x, self._sample.x_discrete)
        return self._sample.with_x(x)

    def _fitted(self, pair: Sample):
        """A clone of the estimator, fitted to a pair."""
        kinds = {"discrete_features": pair.x_discrete, "discrete_target": pair.y_discrete}
        estimator = clone(self._estimator).set_params(**kinds)
        with warnings.catch_warnings():
            # collected as notes, for the caller to repeat once
            warnings.simplefilter("ignore", OutOfRangeWarning)
            return estimator.fit(pair.x, pair.y)


def difference_interval(first, second, level: float) -> tuple[float, float]:
    """Interval of the difference of two unknown numbers, from the intervals of each.

    Each number is taken to be distributed as its intervals say, independently of the other:
    where the errors of the two vary together, as those of ``I(X; Y, Z)`` and ``I(X; Z)`` of one
    sample do, the interval is wider than it need be.

    Parameters
    ----------
    first, second : callable
        ``interval(level)`` of either number, returning (low, high).
    level : float

    Returns
    -------
    low, high : float
    """
    difference = np.subtract.outer(_quantiles(first), _quantiles(second))
    low, high = np.quantile(difference, [0.5 - level / 2, 0.5 + level / 2])
    return float(low), float(high)


def _quantiles(interval) -> np.ndarray:
    """Quantiles of equal probability of the distribution that intervals describe."""
    ends = [interval(level) for level in (2.0 * np.arange(_GRID // 2) + 1.0) / _GRID]
    return np.ravel(ends)
