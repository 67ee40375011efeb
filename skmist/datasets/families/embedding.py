"""Sides that lie on a manifold: more columns than coordinates behind them."""

from __future__ import annotations

import math
import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.families.wrappers import Transformed
from skmist.datasets.parts.family import Family, as_batch
from skmist.datasets.parts.random import log_uniform, normal, orthogonal, uniform

__all__ = ["Embedded", "ManifoldEmbedding"]


class ManifoldEmbedding:
    """An injective smooth map of d coordinates into D columns: z -> Q (z, f(z)).

    The functions are f_j(z) = amplitude_j * sin(w_j . z + phase_j). After the rotation Q no
    column is a coordinate, yet the first d entries of Q^T x give z back.

    Parameters
    ----------
    weights : array-like of shape (D - d, d) or (B, D - d, d)
        Frequencies w of the functions.
    phases, amplitudes : array-like of shape (D - d,) or (B, D - d), optional
        0 and 1 when left out.
    rotation : array-like of shape (D, D) or (B, D, D), optional
        Orthogonal matrix Q; drawn from `seed` when left out.
    seed : int, default=0
        Seed of the rotation.

    Raises
    ------
    ValueError
        If shapes disagree or the rotation is not orthogonal.

    Examples
    --------
    >>> import torch
    >>> curve = ManifoldEmbedding([[1.0], [2.0]])
    >>> z = torch.tensor([[[0.5], [-1.0]]], dtype=torch.float64)
    >>> curve.forward(z).shape
    torch.Size([1, 2, 3])
    >>> curve.inverse(curve.forward(z)).round(decimals=9).flatten().tolist()
    [0.5, -1.0]
    """

    def __init__(
        self,
        weights: ArrayLike | Tensor,
        phases: ArrayLike | Tensor | None = None,
        amplitudes: ArrayLike | Tensor | None = None,
        *,
        rotation: ArrayLike | Tensor | None = None,
        seed: int = 0,
    ) -> None:
        weights = as_batch(weights, 2, "weights")
        extra, dim = weights.shape[1:]
        phases = as_batch(weights.new_zeros(extra) if phases is None else phases, 1, "phases")
        ones = weights.new_ones(extra)
        amplitudes = as_batch(ones if amplitudes is None else amplitudes, 1, "amplitudes")
        if rotation is None:
            generator = torch.Generator().manual_seed(int(seed))
            rotation = orthogonal(1, dim + extra, generator).to(weights.device)
        rotation = as_batch(rotation, 2, "rotation")
        _check_embedding(weights, phases, amplitudes, rotation)
        self._set(weights, phases, amplitudes, rotation)

    def _set(self, weights: Any, phases: Any, amplitudes: Any, rotation: Any) -> None:
        self.weights, self.rotation = weights, rotation
        self.phases, self.amplitudes = phases.unsqueeze(1), amplitudes.unsqueeze(1)

    @classmethod
    def from_prior(
        cls,
        batch: int,
        dim: int,
        width: int,
        generator: torch.Generator,
        rng: random.Random | None = None,
    ) -> Self:
        """Draw embeddings of coordinates into as many columns or more.

        Parameters
        ----------
        batch, dim, width : int
            Number of embeddings, of coordinates and of columns, ``width >= dim``.
        generator : torch.Generator
            Source of the parameters; its device is where they live.
        rng : random.Random, optional
            With it, one batch in three is not rotated: the first columns are the coordinates.

        Returns
        -------
        ManifoldEmbedding
        """
        extra = width - dim
        frequency = log_uniform(generator, batch, extra, 1, low=0.3, high=3.0)
        weights = frequency * normal(generator, batch, extra, dim) / math.sqrt(dim)
        drawn = cls.__new__(cls)
        drawn._set(
            weights,
            uniform(generator, batch, extra, high=2.0 * math.pi),
            log_uniform(generator, batch, extra, low=0.3, high=2.0),
            _random_rotation(batch, width, generator, rng),
        )
        return drawn

    @property
    def dim(self) -> int:
        """Number d of coordinates."""
        return self.weights.shape[-1]

    @property
    def width(self) -> int:
        """Number D of columns."""
        return self.rotation.shape[-1]

    def forward(self, z: Tensor) -> Tensor:
        """Points on the manifold (B, n, D) from coordinates z (B, n, d)."""
        angle = z @ self.weights.mT.to(z.dtype) + self.phases.to(z.dtype)
        bent = self.amplitudes.to(z.dtype) * torch.sin(angle)
        # A single embedding serves a batch of coordinates, and the other way round.
        lead = bent.shape[:-1] + z.shape[-1:]
        return torch.cat([z.expand(lead), bent], -1) @ self.rotation.mT.to(z.dtype)

    def inverse(self, x: Tensor) -> Tensor:
        """Coordinates (B, n, d) of points x (B, n, D) on the manifold."""
        return x @ self.rotation[..., : self.dim].to(x.dtype)


class Embedded(Transformed):
    """A family whose sides are coordinates on a manifold in more columns.

    MI and pointwise MI stay, the latter with respect to the measures that the embedding carries
    over: X and Y have no density any more.

    Parameters
    ----------
    base : Family
    x_map, y_map : ManifoldEmbedding or None
        Embedding of each side, whose columns must be continuous; None leaves the side as it is.

    Raises
    ------
    ValueError
        If an embedding does not fit its side, or the side has discrete columns.

    Notes
    -----
    `pointwise_mi` expects rows on the manifold; it reads only their coordinates.

    Examples
    --------
    >>> from skmist.datasets import CorrelatedGaussian
    >>> curve = Embedded(CorrelatedGaussian(0.5), ManifoldEmbedding([[1.0], [2.0]]))
    >>> curve.x_dim, round(curve.mutual_information, 4)
    (3, 0.1438)
    """

    name = "embedded"
    truth = "that of the base"
    source = "invariance of MI under injective maps"

    def __init__(self, base: Family, x_map: Any = None, y_map: Any = None) -> None:
        _check_side(x_map, base.x_discrete, "x_map", "X")
        _check_side(y_map, base.y_discrete, "y_map", "Y")
        self.base, self.x_map, self.y_map = base, x_map, y_map
        x_dim, y_dim = (
            side.width if side else dim for side, dim in ((x_map, base.x_dim), (y_map, base.y_dim))
        )
        self._declare(
            x_dim,
            y_dim,
            base.mi,
            base.mi_standard_error,
            (False,) * x_dim if x_map else base.x_discrete,
            (False,) * y_dim if y_map else base.y_discrete,
            (False,) * x_dim if x_map else base.x_ordered,
            (False,) * y_dim if y_map else base.y_ordered,
        )

    @classmethod
    def around(
        cls, base: Any, extra_x: int, extra_y: int, generator: torch.Generator, rng: random.Random
    ) -> Self:
        """Embed the sides of a family by random smooth functions.

        Parameters
        ----------
        base : Family
            A batch of distributions.
        extra_x, extra_y : int
            Columns that each side gets on top of its own, 0 to leave it as it is.
        generator : torch.Generator
            Source of the embeddings, on the device of `base`.
        rng : random.Random
            Source of the choices that the whole batch shares.

        Returns
        -------
        Embedded

        Raises
        ------
        ValueError
            If a number of columns is negative, or a side that gets some has discrete columns.
        """
        if extra_x < 0 or extra_y < 0:
            raise ValueError(f"extra columns must not be negative, got {extra_x}, {extra_y}")
        x_map, y_map = (
            ManifoldEmbedding.from_prior(base.batch_size, dim, dim + extra, generator, rng)
            if extra
            else None
            for dim, extra in ((base.x_dim, extra_x), (base.y_dim, extra_y))
        )
        return cls(base, x_map, y_map)

    def _forward(self, x: Tensor, y: Tensor) -> Any:
        x = self.x_map.forward(x) if self.x_map else x
        return x, self.y_map.forward(y) if self.y_map else y

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI of the coordinates, nats (B, n)."""
        x64 = self.x_map.inverse(x.double()) if self.x_map else x.double()
        y64 = self.y_map.inverse(y.double()) if self.y_map else y.double()
        return self.base.log_ratio(x64, y64).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The base and the numbers of columns."""
        return {"base": self.base.describe(), "x_dim": self.x_dim, "y_dim": self.y_dim}


def _random_rotation(
    batch: int, width: int, generator: torch.Generator, rng: random.Random | None
) -> Any:
    if rng is not None and rng.random() < 1.0 / 3.0:
        eye = torch.eye(width, dtype=torch.float64, device=generator.device)
        return eye.expand(batch, width, width)
    return orthogonal(batch, width, generator)


def _check_embedding(weights: Any, phases: Any, amplitudes: Any, rotation: Any) -> None:
    extra, dim = weights.shape[1:]
    for name, values in (("phases", phases), ("amplitudes", amplitudes)):
        if values.shape[-1] != extra:
            raise ValueError(
                f"weights of shape ({extra}, {dim}) need {extra} {name}, got {values.shape[-1]}"
            )
    if tuple(rotation.shape[1:]) != (dim + extra, dim + extra):
        raise ValueError(
            f"weights of shape ({extra}, {dim}) need a rotation of shape "
            f"({dim + extra}, {dim + extra}), got {tuple(rotation.shape[1:])}"
        )
    eye = torch.eye(dim + extra, dtype=rotation.dtype, device=rotation.device)
    if not torch.allclose(rotation @ rotation.mT, eye.expand_as(rotation), atol=1e-8):
        raise ValueError("rotation must be orthogonal")


def _check_side(embedding: Any, discrete: Any, name: Any, side: Any) -> None:
    if embedding is None:
        return
    if any(discrete):
        raise ValueError(f"{name} needs continuous columns, but {side} of the base has codes")
    if embedding.dim != len(discrete):
        raise ValueError(
            f"{name} takes {embedding.dim} coordinates, but {side} of the base has "
            f"{len(discrete)} columns"
        )
