"""Invertible maps of one side. They leave mutual information and pointwise MI unchanged.

The spiral and Swiss-roll maps of the BMI benchmark are held out of training and are not here:
no map rotates by an angle that depends on the point.
"""

from __future__ import annotations

import math
import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Self, cast

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.family import as_batch
from skmist.datasets.parts.monotone import MONOTONE, PRIOR_MONOTONE
from skmist.datasets.parts.random import log_uniform, normal, orthogonal, uniform

__all__ = [
    "Chain",
    "Coupling",
    "InvertibleMap",
    "LinearMix",
    "Monotone",
    "RadialScaling",
    "Rotation",
]


class InvertibleMap(ABC):
    """A map of points (B, n, d) with an inverse; B = 1 broadcasts over any batch.

    Maps that the pretraining prior draws have a class method
    ``from_prior(batch, dim, generator, rng)``: `batch` maps of `dim` columns, with parameters from
    the torch generator and choices that the batch shares from the `random.Random`.
    """

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """Map points.

        Parameters
        ----------
        x : Tensor of shape (B, n, d)

        Returns
        -------
        Tensor of shape (B, n, d)
            In the type of x.
        """

    @abstractmethod
    def inverse(self, x: Tensor) -> Tensor:
        """Map images back.

        Parameters
        ----------
        x : Tensor of shape (B, n, d)
            Points that `forward` can give.

        Returns
        -------
        Tensor of shape (B, n, d)
            In the type of x.
        """


class LinearMix(InvertibleMap):
    """x -> A x with an invertible matrix.

    Parameters
    ----------
    matrix : array-like of shape (d, d) or (B, d, d)

    Raises
    ------
    ValueError
        If the matrix is not square or singular.

    Examples
    --------
    >>> x = torch.tensor([[[1.0, 2.0]]])
    >>> shear = LinearMix([[1.0, 1.0], [0.0, 1.0]])
    >>> shear.forward(x).tolist(), shear.inverse(shear.forward(x)).tolist()
    ([[[3.0, 2.0]]], [[[1.0, 2.0]]])
    """

    def __init__(self, matrix: ArrayLike | Tensor) -> None:
        matrix = as_batch(matrix, 2, "matrix")
        if matrix.shape[-1] != matrix.shape[-2]:
            raise ValueError(f"matrix must be square, got shape {tuple(matrix.shape[1:])}")
        if not bool((torch.linalg.cond(matrix) < 1e12).all()):
            raise ValueError("matrix must be invertible; its condition number exceeds 1e12")
        self._set(matrix)

    def _set(self, matrix: Tensor) -> None:
        self.matrix = matrix
        self.back = torch.linalg.inv_ex(matrix)[0]

    @classmethod
    def from_prior(
        cls, batch: int, dim: int, generator: torch.Generator, rng: random.Random
    ) -> Self:
        """Random matrices with condition number at most 6."""
        scales = log_uniform(generator, batch, dim, 1, low=0.3, high=1.8)
        left, right = (orthogonal(batch, dim, generator) for _ in range(2))
        drawn = cls.__new__(cls)
        drawn._set(left @ (scales * right))
        return drawn

    def forward(self, x: Tensor) -> Tensor:
        """A x of every row of x (B, n, d)."""
        return x @ self.matrix.mT.to(x.dtype)

    def inverse(self, x: Tensor) -> Tensor:
        """A^-1 x of every row of x (B, n, d)."""
        return x @ self.back.mT.to(x.dtype)


class Rotation(LinearMix):
    """x -> Q x with an orthogonal matrix.

    Parameters
    ----------
    matrix : array-like of shape (d, d) or (B, d, d)

    Raises
    ------
    ValueError
        If the matrix is not orthogonal.

    Examples
    --------
    >>> Rotation([[0.0, -1.0], [1.0, 0.0]]).forward(torch.tensor([[[1.0, 2.0]]])).tolist()
    [[[-2.0, 1.0]]]
    """

    def __init__(self, matrix: ArrayLike | Tensor) -> None:
        super().__init__(matrix)
        eye = torch.eye(self.matrix.shape[-1], dtype=torch.float64, device=self.matrix.device)
        if not torch.allclose(self.matrix @ self.matrix.mT, eye.expand_as(self.matrix), atol=1e-8):
            raise ValueError("matrix must be orthogonal; use LinearMix for any other")

    def _set(self, matrix: Tensor) -> None:
        self.matrix, self.back = matrix, matrix.mT

    @classmethod
    def from_prior(
        cls, batch: int, dim: int, generator: torch.Generator, rng: random.Random
    ) -> Self:
        """Haar distributed rotations."""
        drawn = cls.__new__(cls)
        drawn._set(orthogonal(batch, dim, generator))
        return drawn


class Monotone(InvertibleMap):
    """A strictly increasing function of every column.

    Parameters
    ----------
    kind : {"asinh", "cube_root", "exp", "half_cube", "normal_cdf", "softsign", "wiggle"}
    strength : float or Tensor of shape (B, 1, d), default=1.0
        Scale of the argument; for the wiggle, its share (below 1) of the slope.

    Raises
    ------
    ValueError
        If the kind is unknown, the strength is not positive, or that of a wiggle is not below 1.

    Examples
    --------
    >>> Monotone("cube_root").forward(torch.tensor([[[8.0], [-1.0]]])).flatten().tolist()
    [2.0, -1.0]
    """

    def __init__(self, kind: str, strength: ArrayLike | Tensor = 1.0) -> None:
        if kind not in MONOTONE:
            raise ValueError(f"kind must be one of {sorted(MONOTONE)}, got {kind!r}")
        strength = torch.as_tensor(strength, dtype=torch.float64)
        limit = 1.0 if kind == "wiggle" else math.inf
        if not bool(((strength > 0.0) & (strength < limit)).all()):
            raise ValueError(f"strength of {kind!r} must lie between 0 and {limit}")
        self.kind, self.strength = kind, strength

    @classmethod
    def from_prior(
        cls, batch: int, dim: int, generator: torch.Generator, rng: random.Random
    ) -> Self:
        """A random kind with a random strength for each column."""
        drawn = cls.__new__(cls)
        drawn.kind = rng.choice(PRIOR_MONOTONE)
        high = 0.9 if drawn.kind == "wiggle" else 1.5
        drawn.strength = uniform(generator, batch, 1, dim, low=0.3, high=high)
        return drawn

    def forward(self, x: Tensor) -> Tensor:
        """The function of every entry of x (B, n, d)."""
        return MONOTONE[self.kind][0](x, self.strength.to(x.dtype))

    def inverse(self, x: Tensor) -> Tensor:
        """The inverse function of every entry of x (B, n, d); the wiggle by bisection."""
        return MONOTONE[self.kind][1](x, self.strength.to(x.dtype))


class Coupling(InvertibleMap):
    """Some columns are scaled and shifted by smooth functions of the others.

    With sources s, a target becomes t exp(tanh(s) scale_weights) + shape(s) weights, as in the
    layers of Dinh et al. (2017).

    Parameters
    ----------
    sources, targets : sequence of int
        Disjoint columns; targets move, sources stay.
    weights : array-like of shape (len(sources), len(targets)) or with a leading batch axis
        Strength of every shift.
    shape : {"quadratic", "sine", "tanh"}, default="tanh"
    scale_weights : array-like of the shape of `weights`, optional
        Strength of every change of scale; none when left out. The logarithm of a scale never
        exceeds the sum of the absolute weights of its target.

    Raises
    ------
    ValueError
        If columns overlap, the weights do not fit or the shape is unknown.

    References
    ----------
    Dinh, Sohl-Dickstein & Bengio (2017), Density estimation using Real NVP, ICLR.

    Examples
    --------
    >>> bend = Coupling(sources=[0], targets=[1], weights=[[0.6]], shape="quadratic")
    >>> x = torch.tensor([[[0.0, 5.0], [1.0, 5.0]]])
    >>> bend.forward(x).tolist()
    [[[0.0, 5.0], [1.0, 5.5]]]
    """

    def __init__(
        self,
        sources: Sequence[int],
        targets: Sequence[int],
        weights: ArrayLike | Tensor,
        shape: str = "tanh",
        scale_weights: ArrayLike | Tensor | None = None,
    ) -> None:
        if set(sources) & set(targets):
            raise ValueError(f"sources {sources} and targets {targets} must be disjoint")
        if shape not in _SHIFTS:
            raise ValueError(f"shape must be one of {sorted(_SHIFTS)}, got {shape!r}")
        self.sources, self.targets = list(sources), list(targets)
        self.weights, self.shape = self._as_weights(weights, "weights"), shape
        self.scale_weights = None
        if scale_weights is not None:
            self.scale_weights = self._as_weights(scale_weights, "scale_weights")

    def _as_weights(self, value: Any, name: Any) -> Any:
        weights, shape = as_batch(value, 2, name), (len(self.sources), len(self.targets))
        if tuple(weights.shape[1:]) != shape:
            raise ValueError(f"{name} must have shape {shape}, got {tuple(weights.shape[1:])}")
        return weights

    @classmethod
    def from_prior(
        cls, batch: int, dim: int, generator: torch.Generator, rng: random.Random
    ) -> Self:
        """Random halves of the columns as sources and targets; half of the maps also scale."""
        columns = rng.sample(range(dim), dim)
        cut = rng.randint(1, dim - 1)
        weights = normal(generator, batch, cut, dim - cut) / math.sqrt(cut)
        strength = log_uniform(generator, batch, 1, 1, low=0.3, high=2.0)
        drawn = cls.__new__(cls)
        drawn.sources, drawn.targets = columns[:cut], columns[cut:]
        drawn.weights, drawn.shape = strength * weights, rng.choice(sorted(_SHIFTS))
        drawn.scale_weights = None
        if rng.random() < 0.5:
            drawn.scale_weights = _bounded_scales(batch, cut, dim - cut, generator)
        return drawn

    def _shift(self, x: Tensor) -> Any:
        return _SHIFTS[self.shape](x[..., self.sources]) @ self.weights.to(x.dtype)

    def _log_scale(self, x: Tensor) -> Any:
        scales = cast(torch.Tensor, self.scale_weights)
        return torch.tanh(x[..., self.sources]) @ scales.to(x.dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Scale and shift the targets of x (B, n, d)."""
        moved = x.clone()
        if self.scale_weights is not None:
            moved[..., self.targets] *= torch.exp(self._log_scale(x))
        moved[..., self.targets] += self._shift(x)
        return moved

    def inverse(self, x: Tensor) -> Tensor:
        """Undo the shift, then the scale, of the targets of x (B, n, d)."""
        moved = x.clone()
        moved[..., self.targets] -= self._shift(x)
        if self.scale_weights is not None:
            moved[..., self.targets] *= torch.exp(-self._log_scale(x))
        return moved


class RadialScaling(InvertibleMap):
    """``x -> x (|x| / sqrt(d))^(power - 1)``: every point moves along its own ray.

    Parameters
    ----------
    power : float or array-like of shape (B,)
        Exponent of the norm, > 0.

    Raises
    ------
    ValueError
        If power is not positive.

    Examples
    --------
    >>> RadialScaling(2.0).forward(torch.tensor([[[3.0], [-0.5]]])).flatten().tolist()
    [9.0, -0.25]
    """

    def __init__(self, power: ArrayLike | Tensor) -> None:
        self.power = as_batch(power, 0, "power")
        if bool((self.power <= 0.0).any()):
            raise ValueError(f"power must be positive, got {self.power.tolist()}")

    @classmethod
    def from_prior(
        cls, batch: int, dim: int, generator: torch.Generator, rng: random.Random
    ) -> Self:
        """Powers from 0.4 to 2.2."""
        drawn = cls.__new__(cls)
        drawn.power = log_uniform(generator, batch, low=0.4, high=2.2)
        return drawn

    def forward(self, x: Tensor) -> Tensor:
        """Move every row of x (B, n, d) along its ray."""
        return _along_ray(x, self.power)

    def inverse(self, x: Tensor) -> Tensor:
        """The same with the reciprocal power."""
        return _along_ray(x, self.power.reciprocal())


class Chain(InvertibleMap):
    """Several maps, the first one first.

    Parameters
    ----------
    maps : sequence of InvertibleMap

    Examples
    --------
    >>> steps = Chain([LinearMix([[2.0]]), RadialScaling(2.0)])
    >>> steps.forward(torch.tensor([[[3.0]]])).tolist()
    [[[36.0]]]
    """

    def __init__(self, maps: Sequence[InvertibleMap]) -> None:
        self.maps = tuple(maps)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the maps to x (B, n, d), the first one first."""
        for step in self.maps:
            x = step.forward(x)
        return x

    def inverse(self, x: Tensor) -> Tensor:
        """Apply the inverses to x (B, n, d), the last one first."""
        for step in reversed(self.maps):
            x = step.inverse(x)
        return x


def _bounded_scales(batch: int, sources: Any, targets: Any, generator: torch.Generator) -> Any:
    """Weights whose absolute values sum to at most 1.2 for every target."""
    weights = normal(generator, batch, sources, targets)
    limit = uniform(generator, batch, 1, 1, low=0.2, high=1.2)
    return limit * weights / weights.abs().sum(1, keepdim=True)


def _along_ray(x: Tensor, power: Tensor) -> Any:
    ratio = x.norm(dim=-1, keepdim=True).clamp_min(1e-12) / math.sqrt(x.shape[-1])
    return x * ratio ** (power.to(x.dtype)[:, None, None] - 1.0)


_SHIFTS = {
    "quadratic": lambda x: x.square() / (1.0 + 0.2 * x.abs()),
    "sine": lambda x: torch.sin(2.0 * x),
    "tanh": lambda x: torch.tanh(2.0 * x),
}
