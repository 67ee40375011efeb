"""Genotypes whose effects on a trait show only together."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.special import logsumexp

from skmist.datasets.suites.held_out.law import HeldOutLaw

__all__ = ["Genotype"]

_EFFECTS = (0.8, 2.0, 6.0)
_CAUSAL, _LINKED = 3, 0.8
_RARER = np.array([0.5, 0.5, 0.3])


class Genotype(HeldOutLaw):
    """X counts the rarer allele (0, 1, 2) at p places of the genome, Y is a trait.

    Of the first two places exactly one must be mixed (1) to raise the trait, so that neither
    says anything alone; the third adds a little by itself. The other places are neighbors of
    these three, inherited together with them four times of five.
    """

    truth = "quadrature"
    source = "I = h(Y) - h(Y | X), a Gaussian mixture over 27 genotypes"

    def __init__(self, p: int, q: int, level: int) -> None:
        self.effect, self.places = _EFFECTS[level], p
        cells = np.array(list(product(range(3), repeat=_CAUSAL)))
        one = np.stack([(1 - _RARER) ** 2, 2 * _RARER * (1 - _RARER), _RARER**2])
        self.weights = np.prod(one[cells, np.arange(_CAUSAL)], axis=1)
        self.means = self._mean(cells)
        self._declare_law(("ordinal",) * p, ("continuous",), self._information())

    def _mean(self, genotypes: np.ndarray) -> np.ndarray:
        first, second, third = genotypes[:, :_CAUSAL].T
        return self.effect * (((first == 1) != (second == 1)) + 0.25 * third)

    def _log_density(self, y: np.ndarray) -> np.ndarray:
        """Log density of the trait, times sqrt(2 pi)."""
        return logsumexp(-0.5 * (y[:, None] - self.means) ** 2, axis=1, b=self.weights)

    def _information(self) -> float:
        y, step = np.linspace(-9.0, self.means.max() + 9.0, 8001, retstep=True)
        log_p = self._log_density(y)
        entropy = -(np.exp(log_p) * log_p).sum() * step / np.sqrt(2.0 * np.pi)
        return float(entropy - 0.5)

    def rows(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw two haplotypes of each person, and the trait."""
        alleles = np.zeros((n, 2, self.places), dtype=bool)
        for j in range(self.places):
            fresh = rng.random((n, 2)) < _RARER[j % _CAUSAL]
            linked = (rng.random((n, 2)) < _LINKED) & (j >= _CAUSAL)
            alleles[:, :, j] = np.where(linked, alleles[:, :, j - _CAUSAL], fresh)
        x = alleles.sum(axis=1).astype(float)
        return x, (self._mean(x) + rng.standard_normal(n))[:, None]

    def ratios(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Log density of the trait given the genotype over that of all."""
        return -0.5 * (y[:, 0] - self._mean(x)) ** 2 - self._log_density(y[:, 0])

    def parameters(self) -> dict:
        """The effect on the trait in units of its noise."""
        return {"effect": self.effect}
