"""Sums of Cauchy variables, one of them shared: no moment exists."""

from __future__ import annotations

import numpy as np

from skmist.datasets.suites.held_out.law import HeldOutLaw

__all__ = ["Stable"]

_SHARES = (0.2, 0.45, 0.9)
# By p and q, for each strength: mean of the pointwise MI of 10^6 rows, and its standard error.
_TRUTHS = {
    (1, 1): ((0.06247, 0.00053), (0.26076, 0.00105), (1.6729, 0.00214)),
    (2, 2): ((0.20584, 0.00102), (0.59706, 0.00148), (2.3839, 0.00204)),
}


class Stable(HeldOutLaw):
    """Every column is a Z + (1 - a) Z', with one Cauchy Z for all and a Z' of its own.

    Large values lie on the axes or on the diagonal: the law is stable, but no ellipse.
    """

    truth = "Monte Carlo over the exact pointwise MI"
    source = "the shared variable integrated by residues"

    def __init__(self, p: int, q: int, level: int) -> None:
        self.share, self.sides = _SHARES[level], (p, q)
        self._declare_law(("continuous",) * p, ("continuous",) * q, *_TRUTHS[p, q][level])

    def rows(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw the shared variable and those of each column."""
        shared, own = (rng.standard_cauchy((n, d)) for d in (1, sum(self.sides)))
        both = self.share * shared + (1.0 - self.share) * own
        return both[:, : self.sides[0]], both[:, self.sides[0] :]

    def ratios(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Log density of all columns over those of the sides."""
        return self._log_density(np.hstack([x, y])) - self._log_density(x) - self._log_density(y)

    def _log_density(self, columns: np.ndarray) -> np.ndarray:
        """Integrate a product of Cauchy densities over z: sum the residues above the axis.

        Density j has its poles at c_j + i w_j and c_j - i w_j. The measure of the columns is
        left out: it cancels.
        """
        n, d = columns.shape
        spread = (1.0 - self.share) / self.share
        c = np.column_stack([np.zeros(n), columns / self.share]).astype(np.longdouble)
        w = np.r_[1.0, np.full(d, spread)].astype(np.longdouble)
        poles = c + 1j * w
        total = np.zeros(n, dtype=poles.dtype)
        for j in range(d + 1):
            others = [k for k in range(d + 1) if k != j]
            gaps = poles[:, [j]] - c[:, others]
            total += (w[others] / np.pi / (gaps**2 + w[others] ** 2)).prod(axis=1)
        return np.log(total.real.astype(float))

    def parameters(self) -> dict:
        """The share of the common variable."""
        return {"share": self.share}
