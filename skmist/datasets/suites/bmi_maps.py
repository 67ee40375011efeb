"""Increasing functions of one column that tasks of the BMI benchmark are made with."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from skmist.datasets.parts.family import as_batch
from skmist.datasets.parts.maps import InvertibleMap
from skmist.datasets.parts.monotone import solve_increasing

__all__ = ["MixtureQuantile", "SineSum"]


class SineSum(InvertibleMap):
    """x -> x + sum_k a_k sin(w_k x + c_k) in every column.

    Parameters
    ----------
    waves : array-like of shape (K, 3)
        Amplitude a, frequency w and phase c of every wave.

    Raises
    ------
    ValueError
        If the shape is wrong, or sum_k |a_k w_k| >= 1: the map might then decrease.

    Examples
    --------
    >>> wiggly = SineSum([[0.4, 1.0, 0.0]])
    >>> image = wiggly.forward(torch.tensor([[[1.0]]], dtype=torch.float64))
    >>> round(float(image), 4), round(float(wiggly.inverse(image)), 4)
    (1.3366, 1.0)
    """

    def __init__(self, waves: Any) -> None:
        waves = as_batch(waves, 2, "waves")
        if len(waves) != 1 or waves.shape[-1] != 3:
            raise ValueError(f"waves must have shape (K, 3), got {tuple(waves.shape[1:])}")
        self.amplitude, self.frequency, self.phase = waves[0].unbind(-1)
        steepest = float((self.amplitude * self.frequency).abs().sum())
        if steepest >= 1.0:
            raise ValueError(f"the sum of |a w| must stay below 1, got {steepest:.3g}")

    def forward(self, x: Tensor) -> Tensor:
        """x plus the sines, entry by entry (B, n, d)."""
        argument = x.double().unsqueeze(-1) * self.frequency + self.phase
        return (x + (self.amplitude * argument.sin()).sum(-1)).to(x.dtype)

    def inverse(self, x: Tensor) -> Tensor:
        """The root of the increasing function, entry by entry (B, n, d)."""
        reach = float(self.amplitude.abs().sum())
        return solve_increasing(self.forward, x, x - reach, x + reach)


class MixtureQuantile(InvertibleMap):
    """Map a standard normal column to a mixture of normals of unit variance, increasing.

    The image of x is the quantile of the mixture at the level that x has in the standard
    normal distribution.

    Parameters
    ----------
    weights : array-like of shape (K,)
        Positive weights; normalised to sum 1.
    centers : array-like of shape (K,)

    Raises
    ------
    ValueError
        If the shapes disagree or a weight is not positive.

    Examples
    --------
    >>> symmetric = MixtureQuantile([0.5, 0.5], [-3.0, 3.0])
    >>> round(float(symmetric.forward(torch.tensor([[[0.0]]]))), 3) + 0.0
    0.0
    """

    def __init__(self, weights: Any, centers: Any) -> None:
        weights, centers = as_batch(weights, 1, "weights")[0], as_batch(centers, 1, "centers")[0]
        if weights.shape != centers.shape:
            raise ValueError(
                f"weights {tuple(weights.shape)} and centers {tuple(centers.shape)} disagree; "
                "both must have shape (K,)"
            )
        if bool((weights <= 0.0).any()):
            raise ValueError(f"weights must be positive, got {weights.tolist()}")
        self.weights, self.centers = weights / weights.sum(), centers

    def forward(self, x: Tensor) -> Tensor:
        """Quantile of the mixture at the normal probability of x (B, n, d)."""
        x64 = x.double()
        # Were all mass at the first or the last center, the image would be x plus that center.
        low, high = x64 + self.centers.min(), x64 + self.centers.max()
        return solve_increasing(self._score, x64, low, high).to(x.dtype)

    def inverse(self, x: Tensor) -> Tensor:
        """Normal quantile of the mixture's distribution function at x (B, n, d)."""
        return self._score(x.double()).to(x.dtype)

    def _score(self, value: Any) -> Any:
        distance = value.unsqueeze(-1) - self.centers
        below, above = (
            (self.weights * torch.special.ndtr(side)).sum(-1) for side in (distance, -distance)
        )
        # From the lighter tail: the heavier one has lost its digits to rounding.
        score = torch.special.ndtri(torch.minimum(below, above))
        return torch.where(below < above, score, -score)
