"""Shares that sum to one, and counts of draws by these shares."""

from __future__ import annotations

import numpy as np
from scipy.special import digamma, gammaln, xlogy
from scipy.stats import betabinom

from skmist.datasets.suites.held_out.law import HeldOutLaw

__all__ = ["Composition"]

# Sum of the concentrations, and draws.
_LEVELS = ((20.0, 2), (10.0, 6), (6.0, 20))


class Composition(HeldOutLaw):
    """X is a Dirichlet composition, Y the multinomial counts of a sample from it.

    Both sides are closed: their columns sum to a constant. The counts alone are Dirichlet
    multinomial, so the MI is a sum over the margins of single counts.
    """

    truth = "closed form up to sums over beta-binomial counts"
    source = "conjugacy of Dirichlet and multinomial laws"

    def __init__(self, p: int, q: int, level: int) -> None:
        total, self.draws = _LEVELS[level]
        shares = 1.0 / np.arange(1, p + 1)
        self.alpha = total * shares / shares.sum()
        self._declare_law(("continuous",) * p, ("ordinal",) * q, self._information())

    def _information(self) -> float:
        total, k = self.alpha.sum(), np.arange(self.draws + 1)
        value = gammaln(total + self.draws) - gammaln(total)
        for a in self.alpha:
            term = k * (digamma(a + k) - digamma(total + self.draws)) - gammaln(a + k)
            value += betabinom.pmf(k, self.draws, a, total - a) @ (term + gammaln(a))
        return float(value)

    def rows(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw shares and counts."""
        shares = rng.dirichlet(self.alpha, n)
        return shares, rng.multinomial(self.draws, shares).astype(float)

    def ratios(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Multinomial over Dirichlet multinomial; the ways to order the draws cancel."""
        total = self.alpha.sum()
        alone = gammaln(total) - gammaln(total + self.draws)
        alone += (gammaln(self.alpha + y) - gammaln(self.alpha)).sum(axis=1)
        return xlogy(y, x).sum(axis=1) - alone

    def parameters(self) -> dict:
        """Concentrations and number of draws."""
        return {"alpha": self.alpha, "draws": self.draws}
