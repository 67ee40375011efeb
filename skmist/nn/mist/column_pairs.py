"""Dependence of every column of X on every column of y, by eight bins and linearly."""

from __future__ import annotations

import torch
from torch import Tensor

from skmist.nn.mist.side import Side

__all__ = ["binned_information", "leading_columns", "linear_information", "within_r2"]


def binned_information(x: Side, y: Side) -> Tensor:
    """Plug-in MI of each pair of columns on equally likely bins, less its bias.

    Returns
    -------
    information : Tensor of shape (batch, p, q)
        Nats, Miller-Madow corrected; can be slightly negative.
    """
    batch, n = x.values.shape[:2]
    bx, by = x.bins(), y.bins()
    joint = (bx.mT @ by).float().view(batch, x.d, -1, y.d, by.shape[-1] // y.d) / n
    px = joint.sum((3, 4), keepdim=True) / y.d
    py = joint.sum((1, 2), keepdim=True) / x.d
    ratio = (joint / (px * py).clamp_min(1e-12)).clamp_min(1e-12)
    plug_in = (joint * ratio.log()).sum((2, 4))
    levels_x = (px > 0).sum((2, 3, 4)) - 1
    levels_y = (py > 0).sum((1, 2, 4)) - 1
    return plug_in - levels_x[:, :, None] * levels_y[:, None, :] / (2 * n)


def _standardized(values: Tensor) -> Tensor:
    centered = values - values.mean(1, keepdim=True)
    return centered / centered.norm(dim=1, keepdim=True).clamp_min(1e-6)


def linear_information(x: Side, y: Side) -> Tensor:
    """``-log(1 - r^2) / 2`` of each pair of columns, ``(batch, p, q)`` nats."""
    r = _standardized(x.values).mT @ _standardized(y.values)
    return -0.5 * torch.log1p(-(r**2).clamp(max=0.999999))


def within_r2(side: Side) -> Tensor:
    """Mean squared correlation of each column with the others of its side, ``(batch, d)``."""
    z = _standardized(side.values)
    total = ((z.mT @ z) ** 2).sum(-1) - 1.0
    return total.clamp_min(0.0) / max(1, side.d - 1)


def leading_columns(strength: Tensor, count: int) -> Tensor:
    """Indices, ``(batch, count)``, of the columns with the greatest strength (batch, d)."""
    return strength.topk(min(count, strength.shape[-1]), dim=-1).indices
