"""Averages made more exact by numbers whose mean is known."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["without_controls"]

_LEAST_SQUARE = 1e-6


def without_controls(values: Tensor, controls: Tensor) -> Tensor:
    """Values less what a least-squares fit to numbers of mean 0 says of them.

    Parameters
    ----------
    values : Tensor of shape (B, M)
    controls : Tensor of shape (B or 1, M, k)
        Numbers whose expectation is 0.

    Returns
    -------
    Tensor of shape (B, M)
        With the same expectation, up to an error that falls as 1 / M, and less variance
        (Lavenberg & Welch 1981).
    """
    centered = controls - controls.mean(1, keepdim=True)
    square = centered.mT @ centered / values.shape[1]
    eye = torch.eye(controls.shape[-1], dtype=controls.dtype, device=controls.device)
    product = centered.mT @ values.unsqueeze(-1) / values.shape[1]
    fit = torch.linalg.solve(square + _LEAST_SQUARE * eye, product)
    return values - (controls @ fit)[..., 0]
