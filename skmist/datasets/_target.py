"""The prior of the mutual information itself."""

from __future__ import annotations

import torch

from skmist.datasets._random import uniform

__all__ = ["draw_target_mi"]

_WEIGHTS = (0.35, 0.40, 0.15, 0.10)


def draw_target_mi(batch, generator, upper=6.0):
    """Draw the mutual information that a distribution shall have.

    A mixture: 35 % uniform on (0, 0.3), 40 % exponential with mean 0.8, 15 % uniform on
    (0, 3), 10 % uniform on (2, 6), all in nats.

    Parameters
    ----------
    batch : int
        Number of draws.
    generator : torch.Generator
        Source of randomness; its device is the device of the result.
    upper : float, default=6.0
        Largest value, nats; larger draws are folded into the range below it.

    Returns
    -------
    Tensor of shape (batch,), float64
    """
    u = uniform(generator, batch, 2)
    choice, value = u[:, 0], u[:, 1]
    low, exponential, middle = _WEIGHTS[0], sum(_WEIGHTS[:2]), sum(_WEIGHTS[:3])
    target = torch.where(choice < middle, 3.0 * value, 2.0 + 4.0 * value)
    target = torch.where(choice < exponential, -0.8 * torch.log1p(-value), target)
    target = torch.where(choice < low, 0.3 * value, target)
    return torch.where(target > upper, upper * value, target)
