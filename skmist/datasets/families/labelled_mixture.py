"""Gaussian mixtures whose component is a column of X."""

from __future__ import annotations

import random
from typing import Any, Self, cast

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.families.classification import GaussianClasses
from skmist.datasets.families.mixture import NormalComponents, read_components
from skmist.datasets.parts.arrangements import random_arrangement
from skmist.datasets.parts.family import Family
from skmist.datasets.parts.mixing import standardize_rows
from skmist.datasets.parts.random import (
    categorical,
    dirichlet,
    log_uniform,
    normal,
    python_random,
)

__all__ = ["LabelledMixture"]


class LabelledMixture(Family):
    """X = (C, X'), where C is a label and (X', Y) given C = c is Gaussian.

    I(X; Y) = I(C; Y) + I(X'; Y | C). The first term is that of Gaussian classes of Y; the
    second is closed form. With p = 1 the label is all of X. The label is discrete and the first
    column of X; all other columns are continuous.

    Parameters
    ----------
    weights : array-like of shape (K,) or (B, K)
        Positive probabilities of the labels; normalised to sum 1.
    means : array-like of shape (K, p - 1 + q) or (B, K, p - 1 + q)
    covariances : array-like of shape (K, p - 1 + q, p - 1 + q) or (B, K, p - 1 + q, p - 1 + q)
        Positive definite covariances of (X', Y).
    p : int, default=1
        Number of columns of X, the label among them.

    Raises
    ------
    ValueError
        If shapes disagree, a weight is not positive, or a covariance is not positive definite.

    Examples
    --------
    >>> import numpy as np
    >>> opposite = [[[1.0, 0.8], [0.8, 1.0]], [[1.0, -0.8], [-0.8, 1.0]]]
    >>> family = LabelledMixture([0.5, 0.5], np.zeros((2, 2)), opposite, p=2)
    >>> family.x_discrete, round(family.mutual_information, 4)
    ((True, False), 0.5108)
    """

    name = "labelled_mixture"
    truth = "randomized quasi-Monte Carlo for I(C; Y), closed form for I(X'; Y | C)"
    source = "chain rule"

    def __init__(
        self,
        weights: ArrayLike | Tensor,
        means: ArrayLike | Tensor,
        covariances: ArrayLike | Tensor,
        p: int = 1,
    ) -> None:
        weights, means, roots = read_components(weights, means, covariances)
        if int(p) != p or not 1 <= p <= means.shape[-1]:
            raise ValueError(f"p must be from 1 to {means.shape[-1]}, got {p!r}")
        seeded = torch.Generator(device=weights.device).manual_seed(0)
        self._set(weights, means, roots, int(p), seeded)

    def _set(
        self, weights: Any, means: Any, roots: Any, p: int, generator: torch.Generator
    ) -> None:
        d = means.shape[-1]
        self.weights, self.joint = weights, NormalComponents(means, roots)
        y_side = self.joint.side(slice(p - 1, d))
        self.x_side: Any = self.joint.side(slice(0, p - 1)) if p > 1 else None
        self.classes = GaussianClasses.__new__(GaussianClasses)
        self.classes._set(weights, y_side.means, y_side.roots, generator)
        mi = self.classes.mi
        if p > 1:
            given = (
                cast(NormalComponents, self.x_side).log_det + y_side.log_det - self.joint.log_det
            )
            mi = mi + (weights * given).sum(-1).clamp_min(0.0)
        flags = (True,) + (False,) * (p - 1)
        self._declare(p, d - p + 1, mi, self.classes.mi_standard_error, flags)

    @classmethod
    def supports(cls, p: int, q: int) -> bool:
        """Whether X has 1 to 16 columns, the label among them, and Y has 1 to 6."""
        return 1 <= p <= 16 and 1 <= q <= 6

    @classmethod
    def from_prior(
        cls,
        batch: int,
        p: int,
        q: int,
        generator: torch.Generator,
        rng: random.Random | None = None,
    ) -> Self:
        """Draw an arrangement of components, or labels that each have a dependence of their own.

        The second kind, half of the batches with p > 1, is regression within groups.
        """
        rng = rng or python_random(generator)
        # Without further columns of X, the first side of the arrangement is left out.
        inside = max(p - 1, 1)
        grouped = p > 1 and rng.random() < 0.5
        make = _grouped if grouped else random_arrangement
        weights, means, roots = make(batch, inside, q, generator, rng)
        if p == 1:
            margin = NormalComponents(means, roots).side(slice(1, q + 1))
            means, roots = margin.means, margin.roots
        family = cls.__new__(cls)
        family._set(weights, means, roots, p, generator)
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw labels, then the other columns given them: x (B, n, p) and y (B, n, q)."""
        codes = categorical(self.weights, n, generator)
        drawn = self.joint.draw(codes, generator, dtype)
        x = torch.cat([codes.to(dtype).unsqueeze(-1), drawn[..., : self.x_dim - 1]], -1)
        return x, drawn[..., self.x_dim - 1 :]

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """log p(y | c) / p(y) + log p(x', y | c) / (p(x' | c) p(y | c)), nats (B, n)."""
        codes, x64, y64 = x[..., :1].double(), x[..., 1:].double(), y.double()
        ratio = self.classes.log_ratio(y64, codes)
        if self.x_side is not None:
            parts = (
                (self.joint, torch.cat([x64, y64], -1)),
                (self.x_side, x64),
                (self.classes.classes, y64),
            )
            at = codes.long().mT
            given = [side.log_density(part).gather(1, at)[:, 0] for side, part in parts]
            ratio = ratio + given[0] - given[1] - given[2]
        return ratio.to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """Weights, means and covariances by label, and the number of columns of X."""
        return self.joint.parameters(self.weights) | {"p": self.x_dim}


def _grouped(batch: int, p: int, q: int, generator: torch.Generator, rng: random.Random) -> Any:
    """Weights, means and Cholesky factors of labels with few factors each, strong or weak."""
    d, k = p + q, rng.randint(2, 6)
    loadings = normal(generator, batch, k, d, rng.randint(1, min(p, q, 3)))
    strength = log_uniform(generator, batch, k, 1, 1, low=0.1, high=10.0)
    eye = torch.eye(d, dtype=torch.float64, device=generator.device)
    covariance = strength.square() * loadings @ loadings.mT + eye
    roots = standardize_rows(torch.linalg.cholesky_ex(covariance).L)
    # Half of the batches have equal means: the label tells how Y depends on X', not where it is.
    separation = rng.choice((0.0, 1.0)) * log_uniform(generator, batch, 1, 1, low=0.2, high=4.0)
    scale = (1.0 + separation.square()).rsqrt()
    means = scale * separation * normal(generator, batch, k, d)
    weights = dirichlet(torch.full_like(means[..., 0], 3.0), generator)
    return (weights + 0.01) / (1.0 + 0.01 * k), means, scale.unsqueeze(-1) * roots
