"""Maps that are held out of training: for measuring only.

The prior and the random maps must never import this module; a test holds that. What these maps
have in common: a point is turned by an angle that depends on the point itself.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from skmist.datasets.parts.maps import InvertibleMap

__all__ = ["Spiral", "SwissRoll"]

_FIRST_ANGLE, _LAST_ANGLE = 1.5 * math.pi, 4.5 * math.pi
_RADIUS = 21.0
_TOLERANCE = 1e-5


class Spiral(InvertibleMap):
    """Turn x in the plane of two columns by the angle speed * |x|^2.

    Parameters
    ----------
    plane : tuple of two int
        Columns (i, j); a positive angle turns i toward j.
    speed : float
        Angle per squared norm, in radians. The norm is that of all columns.

    Raises
    ------
    ValueError
        If the plane is not that of two different columns.

    References
    ----------
    Czyz et al. (2023), Beyond Normal, NeurIPS.

    Examples
    --------
    >>> quarter = Spiral((0, 1), math.pi / 2)
    >>> quarter.forward(torch.tensor([[[1.0, 0.0]]])).round(decimals=3).abs()
    tensor([[[0., 1.]]])
    """

    def __init__(self, plane: tuple[int, int], speed: float) -> None:
        first, second = plane
        if first == second or min(first, second) < 0:
            raise ValueError(f"plane must be two different columns, counted from 0, got {plane}")
        self.plane, self.speed = (first, second), float(speed)

    def forward(self, x: Tensor) -> Tensor:
        """Turn every row of x (B, n, d) by an angle that grows with its norm."""
        return self._turned(x, self.speed)

    def inverse(self, x: Tensor) -> Tensor:
        """Turn back; the norm is the same before and after."""
        # The norm stays, so the way back is the same angle the other way round.
        return self._turned(x, -self.speed)

    def _turned(self, x: Tensor, speed: float) -> Any:
        angle = speed * x.square().sum(-1)
        cosine, sine = angle.cos(), angle.sin()
        i, j = self.plane
        turned = x.clone()
        turned[..., i] = cosine * x[..., i] - sine * x[..., j]
        turned[..., j] = sine * x[..., i] + cosine * x[..., j]
        return turned


class SwissRoll(InvertibleMap):
    """Roll one column with values in [0, 1] up to a spiral in the plane.

    The image is a curve of one and a half turns around the origin. The radius grows along it, so
    the map can be inverted there. The inverse of a point off the curve is NaN.

    References
    ----------
    Czyz et al. (2023), Beyond Normal, NeurIPS.

    Examples
    --------
    >>> roll = SwissRoll()
    >>> image = roll.forward(torch.tensor([[[0.25]]]))
    >>> image.shape, float(roll.inverse(image).round(decimals=3))
    (torch.Size([1, 1, 2]), 0.25)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Roll x (B, n, 1) up in the plane: (B, n, 2)."""
        angle = _FIRST_ANGLE + (_LAST_ANGLE - _FIRST_ANGLE) * x
        return torch.cat([angle * angle.cos(), angle * angle.sin()], -1) / _RADIUS

    def inverse(self, x: Tensor) -> Tensor:
        """Place x (B, n, 1) along the roll of a point (B, n, 2)."""
        angle = _RADIUS * x.norm(dim=-1, keepdim=True)
        flat = (angle - _FIRST_ANGLE) / (_LAST_ANGLE - _FIRST_ANGLE)
        distance = (self.forward(flat) - x).norm(dim=-1, keepdim=True)
        return torch.where(distance < _TOLERANCE, flat, torch.full_like(flat, math.nan))
