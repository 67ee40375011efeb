"""How far apart rows of a series must be to be as good as independent."""

from __future__ import annotations

__all__ = ["memory"]

import numpy as np

from skmist._sample.triple import ConditionalSample
from skmist.estimators.copula.gaussian import Scores

_LONGEST = 0.25
_SIGNIFICANT = 2.0


def memory(sample: ConditionalSample) -> float:
    """Rows n over the effective number of rows, at least 1, of successive rows of x and y.

    ``1 + 2 sum_k r_x(k) r_y(k)``, Bartlett's factor by which dependence of the rows widens what
    two independent series seem to share, where r are autocorrelations of normal scores or of
    their squares, of what is linear in z left out. The sum ends where either is chance.

    Parameters
    ----------
    sample : ConditionalSample
        Rows in their order; z may have no column.

    Returns
    -------
    float
    """
    n = sample.n_samples
    z = Scores.own(sample.z) if sample.z.width else np.empty((n, 0))
    basis = np.linalg.qr(np.column_stack([np.ones(n), z]))[0]
    x, y = (_features(Scores.own(side), basis) for side in (sample.x, sample.y))
    total, bound = 1.0, _SIGNIFICANT / np.sqrt(n)
    for k in range(1, max(int(_LONGEST * n), 2)):
        both = _correlation(x, k), _correlation(y, k)
        if min(both) < bound:
            break
        total += 2.0 * both[0] * both[1]
    return total


def _features(scores: np.ndarray, basis: np.ndarray) -> np.ndarray:
    left = scores - basis @ (basis.T @ scores)
    both = np.hstack([left, np.square(left)])
    both = both - both.mean(axis=0)
    spread = np.sqrt(np.square(both).mean(axis=0))
    return both[:, spread > 1e-6] / spread[spread > 1e-6]


def _correlation(features: np.ndarray, k: int) -> float:
    """Largest autocorrelation of the features at lag k."""
    products = (features[k:] * features[:-k]).sum(axis=0) / len(features)
    return float(np.abs(products).max(initial=0.0))
