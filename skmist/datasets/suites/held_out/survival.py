"""Survival times, some of them censored, against treatment and age."""

from __future__ import annotations

import numpy as np

from skmist.datasets.suites.held_out.law import HeldOutLaw

__all__ = ["Survival"]

_EFFECTS = (1.0, 3.0, 12.0)
_SHAPE, _DROPOUT, _END = 2.0, 0.25, 2.0
_AGES, _TIMES = 256, 4096


class Survival(HeldOutLaw):
    """A Weibull time until an event, or until the study loses sight of a person.

    X is treatment (0 or 1), age from 0 to 1 and columns that do nothing; treatment turns the
    effect of age round. Y is the time and whether it ended by the event. Persons drop out after
    an exponential time, and the study ends for all at time 2, which many times are equal to.
    """

    truth = "quadrature"
    source = "the law of the censoring cancels in the pointwise MI"

    def __init__(self, p: int, q: int, level: int) -> None:
        self.effect, self.idle = _EFFECTS[level], p - 2
        ages = (np.arange(_AGES) + 0.5) / _AGES
        self.hazards = self._hazard(np.repeat([0.0, 1.0], _AGES), np.tile(ages, 2))
        kinds = ("categorical", *("continuous",) * (p - 1))
        self._declare_law(kinds, ("continuous", "categorical"), self._information())

    def _hazard(self, treated: np.ndarray, age: np.ndarray) -> np.ndarray:
        return self.effect * (0.5 - 1.5 * treated) * (2.0 * age - 1.0)

    def _information(self) -> float:
        times = (np.arange(_TIMES) + 0.5) * (_END / _TIMES)
        seen = self._alive(times) * _END / _TIMES
        passed = times**_SHAPE
        ended, lost = _SHAPE * times ** (_SHAPE - 1.0), _DROPOUT
        value = 0.0
        for flag, mass in ((1.0, seen * ended), (0.0, seen * lost)):
            given = self._given(flag, self.hazards[:, None], passed)
            value += _kept(given) @ mass
        given = self._given(0.0, self.hazards[:, None], np.array([_END**_SHAPE]))
        return float(value + _kept(given)[0] * self._alive(_END))

    def _alive(self, times: np.ndarray | float) -> np.ndarray:
        """Chance that nobody was lost by then."""
        return np.exp(-_DROPOUT * np.asarray(times))

    def _given(
        self, flag: np.ndarray | float, hazard: np.ndarray, passed: np.ndarray
    ) -> np.ndarray:
        return flag * hazard - np.exp(hazard) * passed

    def rows(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw persons and what the study saw of them."""
        treated, age = rng.integers(2, size=n).astype(float), rng.random(n)
        event = (rng.exponential(size=n) * np.exp(-self._hazard(treated, age))) ** (1 / _SHAPE)
        lost = np.minimum(rng.exponential(size=n) / _DROPOUT, _END)
        idle = rng.standard_normal((n, self.idle))
        x = np.column_stack([treated, age, idle])
        return x, np.column_stack([np.minimum(event, lost), event <= lost])

    def ratios(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Likelihood of the hazard over its mean."""
        passed = y[:, 0] ** _SHAPE
        given = self._given(y[:, 1], self._hazard(x[:, 0], x[:, 1]), passed)
        mean = np.exp(self._given(y[:, 1], self.hazards[:, None], passed)).mean(axis=0)
        return given - np.log(mean)

    def parameters(self) -> dict:
        """The effect on the log hazard."""
        return {"effect": self.effect}


def _kept(log_density: np.ndarray) -> np.ndarray:
    """Mean over the persons (axis 0) of density times log density over its mean."""
    density = np.exp(log_density)
    mean = density.mean(axis=0)
    return (density * log_density).mean(axis=0) - mean * np.log(mean)
