"""Strictly increasing functions of one variable with a scale s, and their inverses."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ["MONOTONE", "PRIOR_MONOTONE", "solve_increasing"]


def solve_increasing(
    function: Callable[..., Any], target: Tensor, low: Any, high: Any, steps: int = 52
) -> Tensor:
    """Solve function(x) = target between low and high, entry by entry, by bisection.

    Bisection, because Newton overshoots where the slope is small.
    """
    for _ in range(steps):
        middle = 0.5 * (low + high)
        above = function(middle) > target
        low, high = torch.where(above, low, middle), torch.where(above, middle, high)
    return 0.5 * (low + high)


def _wiggle(x: Tensor, s: Any) -> Any:
    return x + s * torch.sin(3.0 * x) / 3.0


def _unwiggle(y: Tensor, s: Any) -> Any:
    # |wiggle(x) - x| <= 1/3.
    return solve_increasing(lambda x: _wiggle(x, s), y, y - 1.0 / 3.0, y + 1.0 / 3.0)


def _tame_exp(t: Tensor) -> Any:
    """The exponential between -8 and 8, its tangents outside: no overflow, no ties at 0."""
    inner = t.clamp(-8.0, 8.0)
    return inner.exp() * (1.0 + (t - inner))


def _tame_log(y: Tensor) -> Any:
    inner = y.clamp(math.exp(-8.0), math.exp(8.0))
    return inner.log() + y / inner - 1.0


MONOTONE = {
    "asinh": (lambda x, s: torch.asinh(s * x), lambda y, s: torch.sinh(y) / s),
    "cube_root": (
        lambda x, s: (s * x).sign() * (s * x).abs() ** (1.0 / 3.0),
        lambda y, s: y**3 / s,
    ),
    "exp": (lambda x, s: _tame_exp(s * x), lambda y, s: _tame_log(y) / s),
    "half_cube": (
        lambda x, s: s * x * (s * x).abs().sqrt(),
        lambda y, s: y.sign() * y.abs() ** (2.0 / 3.0) / s,
    ),
    "normal_cdf": (
        lambda x, s: torch.special.ndtr(s * x),
        lambda y, s: torch.special.ndtri(y) / s,
    ),
    "softsign": (
        lambda x, s: s * x / (1.0 + (s * x).abs()),
        lambda y, s: y / (1.0 - y.abs()) / s,
    ),
    "wiggle": (_wiggle, _unwiggle),
}
# Not the normal distribution function: in single precision it ties all of a heavy tail.
PRIOR_MONOTONE = ("asinh", "cube_root", "exp", "softsign", "wiggle")
