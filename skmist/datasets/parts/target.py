"""The prior of the mutual information itself."""

from __future__ import annotations

from typing import Any

import torch

from skmist.datasets.parts.random import uniform

__all__ = ["MOST_INFORMATION", "draw_block_mi", "draw_target_mi", "parameter_with"]

_WEIGHTS = (0.35, 0.40, 0.15, 0.10)
_FAR_SHARE, _RICH_SHARE = 0.025, 0.15

MOST_INFORMATION = 40.0
"""What a block of many columns may hold at most, nats."""


def draw_target_mi(batch: int, generator: torch.Generator, upper: Any = 6.0) -> Any:
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


def parameter_with(target: torch.Tensor, logs: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Parameters that have the wanted mutual information, read from a table of it.

    Parameters
    ----------
    target : Tensor of shape (B,)
        Wanted MI, nats; cut to the range of the table.
    logs, values : Tensor of shape (K,)
        Logarithms of the parameter, and the MI at each, nats, which increases.

    Returns
    -------
    Tensor of shape (B,)
        Linear in the logarithm between the entries.
    """
    at = torch.searchsorted(values, target).clamp(1, len(values) - 1)
    share = ((target - values[at - 1]) / (values[at] - values[at - 1])).clamp(0.0, 1.0)
    return torch.lerp(logs[at - 1], logs[at], share).exp()


def draw_block_mi(batch: int, generator: torch.Generator, pairs: int) -> Any:
    """Draw the mutual information of blocks whose sides share `pairs` pairs of columns.

    That of `draw_target_mi`, but in one of forty entries uniform from 4 to 10 nats and, where
    there are several pairs, in three of twenty uniform up to 1.2 nats a pair, at most 40.

    Parameters
    ----------
    batch : int
        Number of draws.
    generator : torch.Generator
        Source of randomness; its device is the device of the result.
    pairs : int
        The smaller number of columns.

    Returns
    -------
    Tensor of shape (batch,), float64
    """
    target = draw_target_mi(batch, generator)
    choice = uniform(generator, batch)
    far = uniform(generator, batch, low=4.0, high=10.0)
    target = torch.where(choice < _FAR_SHARE, far, target)
    if pairs > 1:
        rich = uniform(generator, batch, high=min(1.2 * pairs, MOST_INFORMATION))
        target = torch.where(choice > 1.0 - _RICH_SHARE, rich, target)
    return target
