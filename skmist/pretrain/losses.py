"""Losses of pretraining: pinball on the compressed MI, squared error on rows."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from skmist.nn import QUANTILE_LEVELS, compress

__all__ = ["Losses", "pinball_loss", "row_loss", "total_losses"]

_ROW_CAP = 3.0
_LEAST_UNIT = 0.02


class Losses(NamedTuple):
    """Scalars of one batch; `total` is what the optimizer sees."""

    total: Tensor
    quantile: Tensor
    pointwise: Tensor
    masked: Tensor


def pinball_loss(
    quantiles: Tensor, mi: Tensor, unit: Tensor | None = None, least_unit: float = _LEAST_UNIT
) -> Tensor:
    """Mean pinball loss of compressed quantiles (B, L) against true MI (B,) in nats.

    With a unit of error (B, 1), in that unit: 0.50 for 0.51 is nothing at 100 rows, and much at
    10,000. A unit of less than the least counts for that, as one hard data set of many rows would
    otherwise outweigh a hundred others.

    References
    ----------
    Koenker & Bassett, Econometrica 46, 33 (1978).
    """
    levels = torch.tensor(QUANTILE_LEVELS, device=mi.device)
    error = compress(mi.float())[:, None] - quantiles
    if unit is not None:
        error = error / unit.clamp_min(least_unit)
    return torch.maximum(levels * error, (levels - 1) * error).mean()


def row_loss(predicted: Tensor, target: Tensor, mi: Tensor) -> Tensor:
    """Squared error of pointwise MI (B, M), nats, relative to ``0.3 + MI``.

    Quadratic, so that the optimum is a conditional mean, up to a cap of three
    units, beyond which single rows with huge log-ratios would drown the rest.
    """
    scale = (0.3 + mi.float())[:, None]
    error = (predicted - target.float()) / scale
    return torch.nn.functional.huber_loss(error, torch.zeros_like(error), delta=_ROW_CAP)


def total_losses(
    quantiles: Tensor,
    pointwise: Tensor,
    masked: Tensor | None,
    targets: tuple[Tensor, Tensor, Tensor],
    weights: tuple[float, float],
    unit: Tensor | None = None,
) -> Losses:
    """All losses of a batch; targets are the MI (B,), and pointwise MI of rows and masked rows."""
    mi, rows, hidden = targets
    quantile = pinball_loss(quantiles, mi, unit)
    zero = quantile.new_zeros(())
    on_rows = row_loss(pointwise, rows, mi) if pointwise.shape[1] else zero
    on_masked = row_loss(masked, hidden, mi) if masked is not None else zero
    total = quantile + weights[0] * on_rows + weights[1] * on_masked
    return Losses(total, quantile, on_rows, on_masked)
