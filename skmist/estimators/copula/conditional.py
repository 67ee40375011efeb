"""Conditional mutual information of the Gaussian copula, in closed form."""

from __future__ import annotations

__all__ = ["CopulaConditional"]

from collections.abc import Callable

import numpy as np

from skmist._sample.entropy import entropy_limit
from skmist._sample.triple import ConditionalSample
from skmist.estimators.copula.gaussian import (
    LEAST_RESIDUAL,
    RANK_TOLERANCE,
    Scores,
    n_effective,
    principal_axes,
    wishart_bias,
)

_BATCH = 4_000_000


class CopulaConditional:
    """Partial canonical correlations of normal scores, less their bias.

    With r_j the canonical correlations of x with (z, y) and s_j those of x with z, the estimate
    is ``-1/2 sum_j log(1 - r_j^2) + 1/2 sum_j log(1 - s_j^2)``: the Gaussian information of the
    partial canonical correlations of x and y given z. Its bias is that of n - r rows without
    conditions, for r columns of z.

    Parameters
    ----------
    sample : ConditionalSample
    shrinkage : callable
        Weight of the identity, of the variances of x, those of the others, and n.
    bias_correction : bool
        Whether to subtract the bias.
    """

    def __init__(
        self, sample: ConditionalSample, shrinkage: Callable[..., float], bias_correction: bool
    ) -> None:
        n, sides = sample.n_samples, (sample.x, sample.y, sample.z)
        x, y, z = (
            Scores.of(side, *sides[:i], *sides[i + 1 :])(side.values)
            for i, side in enumerate(sides)
        )
        x_axes, y_axes, z_axes = principal_axes(x), principal_axes(y), principal_axes(z)
        others = np.append(y_axes.variances, z_axes.variances)
        s = shrinkage(x_axes.variances, others, n)
        self._u = (1.0 - s) * x @ x_axes.whitening(s) / n
        z_basis = z @ z_axes.whitening(s)
        y_basis = _basis_beyond(y, z_basis, s)
        self._n_conditions = z_basis.shape[1]
        self._v = np.hstack([z_basis, y_basis])
        self._most = np.sqrt(1.0 - max(n**-3.0, LEAST_RESIDUAL))
        self._limit = float(entropy_limit(sample.x_against_y()))
        self._bias = 0.0
        if bias_correction:
            p, q, r = (n_effective(a.variances, s) for a in (x_axes, y_axes, z_axes))
            self._bias = wishart_bias(p, min(q, y_basis.shape[1]), n - r)

    def estimate(self) -> float:
        """Conditional MI of the sample, nats."""
        return float(self._informations(self._u[None])[0])

    def estimate_permuted(self, orders: np.ndarray) -> np.ndarray:
        """Conditional MI with x in each of the orders (b, n), nats, shape (b,)."""
        step = max(1, _BATCH // max(self._u.size, 1))
        starts = range(0, len(orders), step)
        return np.concatenate(
            [self._informations(self._u[orders[i : i + step]]) for i in starts] or [np.empty(0)]
        )

    def _informations(self, u: np.ndarray) -> np.ndarray:
        """Conditional MI of whitened scores u (b, n, p) of x, shape (b,)."""
        cross = np.swapaxes(u, 1, 2) @ self._v
        both = self._information(cross)
        given = self._information(cross[..., : self._n_conditions])
        return np.minimum(both - given - self._bias, self._limit)

    def _information(self, cross: np.ndarray) -> np.ndarray:
        correlations = np.linalg.svd(cross, compute_uv=False)
        correlations = np.minimum(correlations, self._most)
        return -0.5 * np.log1p(-(correlations**2)).sum(axis=-1)


def _basis_beyond(y: np.ndarray, z_basis: np.ndarray, shrinkage: float) -> np.ndarray:
    """Whitened residuals (n, q) of y given z, without directions that z determines."""
    n, weight = len(y), 1.0 - shrinkage
    loads = weight * z_basis.T @ y / n
    left = weight * y.T @ y / n + shrinkage * np.eye(y.shape[1]) - loads.T @ loads
    variances, directions = np.linalg.eigh(left)
    kept = variances > RANK_TOLERANCE
    return (y - z_basis @ loads) @ (directions[:, kept] / np.sqrt(variances[kept]))
