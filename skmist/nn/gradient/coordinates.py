"""Coordinates of unit spread without collinear columns, in which laws are fitted to a batch."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["Whitening"]

_CLIP = 6.0
_LEAST_SHARE = 1e-6


class Whitening:
    """A linear map of one side to uncorrelated coordinates of unit spread.

    Directions in which the rows do not vary are left out: there, no gradient can be told.

    Parameters
    ----------
    rows : Tensor of shape (n, d), float64
    """

    def __init__(self, rows: Tensor) -> None:
        self.center = rows.median(0).values
        spread = (rows - self.center).abs().mean(0)
        scale = torch.where(spread > 0, spread, torch.ones_like(spread))
        # far rows would make the spread of all others tiny
        clipped = ((rows - self.center) / scale).clamp(-_CLIP, _CLIP)
        values, vectors = torch.linalg.eigh(clipped.T @ clipped / len(rows))
        kept = values > _LEAST_SHARE * values[-1].clamp_min(_LEAST_SHARE)
        self.matrix = vectors[:, kept] * values[kept].rsqrt() / scale[:, None]

    def __call__(self, rows: Tensor) -> Tensor:
        """Coordinates (n, rank) of rows (n, d)."""
        return (rows - self.center) @ self.matrix
