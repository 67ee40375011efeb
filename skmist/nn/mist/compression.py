"""Small and large amounts of information on one scale."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["OFFSET", "compress", "expand"]

OFFSET = 0.1
"""Nats below which the scale is nearly linear."""


def compress(information: Tensor) -> Tensor:
    """``sign(i) log(1 + |i| / OFFSET)``: small and large amounts of nats on one scale."""
    return information.sign() * torch.log1p(information.abs() / OFFSET)


def expand(compressed: Tensor) -> Tensor:
    """Nats of a compressed amount, zero at least: the inverse of :func:`compress`."""
    return OFFSET * torch.expm1(compressed.float().clamp_min(0))
