"""Two judges who rank the same items."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from skmist.datasets.suites.held_out.law import HeldOutLaw

__all__ = ["Rankings"]

_SHARPNESS = (0.3, 0.75, 1.3)


class Rankings(HeldOutLaw):
    """X are the ranks that a judge gives to p items, Y those of another who mostly agrees.

    X is a uniform permutation. Y given X follows the law of Mallows: its probability falls by a
    factor for every pair of items that the two put in different order.
    """

    truth = "closed form"
    source = "Mallows (1957), Non-null ranking models, Biometrika"

    def __init__(self, p: int, q: int, level: int) -> None:
        self.items, self.sharpness = p, _SHARPNESS[level]
        fall = np.exp(-self.sharpness * np.arange(1, p + 1))
        self.log_total = float(np.log((1.0 - fall) / (1.0 - fall[0])).sum())
        swaps = p * fall[0] / (1.0 - fall[0]) - (np.arange(1, p + 1) * fall / (1.0 - fall)).sum()
        mi = gammaln(p + 1) - self.sharpness * swaps - self.log_total
        self._declare_law(("ordinal",) * p, ("ordinal",) * q, mi)

    def rows(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw the ranks of both judges."""
        first = rng.random((n, self.items)).argsort(axis=1)
        # The i-th best item of the first judge goes i, i - 1, ... places from the top.
        order = np.zeros((n, 0), dtype=int)
        for i in range(self.items):
            order = self._inserted(order, i, rng)
        second = np.take_along_axis(order.argsort(axis=1), first, axis=1)
        return first + 1.0, second + 1.0

    def _inserted(self, order: np.ndarray, item: int, rng: np.random.Generator) -> np.ndarray:
        chance = np.exp(-self.sharpness * np.arange(item, -1, -1))
        place = rng.choice(item + 1, len(order), p=chance / chance.sum())
        wider = np.column_stack([order, np.full(len(order), item)])
        at = np.arange(item + 1)
        source = np.where(at < place[:, None], at, at - 1)
        source[np.arange(len(order)), place] = item
        return np.take_along_axis(wider, source, axis=1)

    def ratios(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Law of Mallows over the uniform law."""
        i, j = np.triu_indices(self.items, 1)
        swaps = ((x[:, i] < x[:, j]) != (y[:, i] < y[:, j])).sum(axis=1)
        return gammaln(self.items + 1) - self.sharpness * swaps - self.log_total

    def parameters(self) -> dict:
        """The fall of the log probability per swapped pair."""
        return {"sharpness": self.sharpness}
