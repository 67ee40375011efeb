"""What a map that turns rows by their distance from the middle mixes."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from skmist.nn.mist.side import Side

__all__ = ["TurnedColumns"]

_N_WAVES = 4
# More rows tell finer waves apart: from so many on, so many of them.
_FINER_WAVES = ((0, 4), (2000, 6), (5000, 8))
_MAX_FUNCTIONS = 80
# Waves of the plain rank would turn the outer rows, which a spiral turns fastest, as one.
_OUTER = 0.2
_MIN_SPREAD = 0.02


class TurnedColumns:
    """Continuous columns times waves of the distance of their row from the middle.

    Where a spiral or a swirl has turned some columns, each of the former ones is a sum of these.
    Products of two and three columns reach them only near the middle.

    Parameters
    ----------
    side : Side
    scores : Tensor of shape (batch, d, n)
        Standardized columns of the sample's rows, of which discrete ones are not looked at.
    outer : bool, default=False
        Whether waves reach the outer rows, and are the finer the more rows there are.

    Attributes
    ----------
    n_columns, n_waves : int
        Numbers of columns that are turned and of waves for each; 0 and 0 where there is
        but one continuous column.
    """

    def __init__(self, side: Side, scores: Tensor, outer: bool = False) -> None:
        columns = [j for j in range(side.d) if not side.discrete[j]]
        columns = columns if len(columns) > 1 else []
        self._columns = torch.tensor(columns, dtype=torch.long, device=scores.device)
        self.n_columns = len(columns)
        self._outer, n = outer, scores.shape[-1]
        finer = max(count for least, count in _FINER_WAVES if n >= least)
        waves = finer if outer else _N_WAVES
        most = _MAX_FUNCTIONS // max(1, self.n_columns)
        self.n_waves = max(1, min(waves, most)) if columns else 0
        far = self._far(scores[:, self._columns])
        self._center = far.mean(-1, keepdim=True)
        self._spread = far.std(-1, keepdim=True).clamp_min(_MIN_SPREAD)

    def _far(self, scores: Tensor) -> Tensor:
        """Distances (B, m) to the power 2/3, which are nearly normal for normal scores.

        In double precision: what is chosen turns on less than the rounding of single precision,
        which depends on where in a batch a number stands.
        """
        return (scores.double() ** 2).mean(1).pow(1 / 3)

    def of(self, scores: Tensor) -> Tensor:
        """Functions (B, n_waves * n_columns, m) of any rows' scores (B, d, m), wave by wave."""
        scores = scores[:, self._columns]
        if not self.n_columns:
            return scores
        far = (self._far(scores) - self._center) / self._spread
        share = torch.special.ndtr(far)
        angle = math.pi * (1 - torch.special.ndtr(-far) ** _OUTER if self._outer else share)
        waves = [math.sqrt(2) * torch.cos(k * angle) for k in range(1, self.n_waves + 1)]
        return torch.cat([wave[:, None].to(scores.dtype) * scores for wave in waves], dim=1)
