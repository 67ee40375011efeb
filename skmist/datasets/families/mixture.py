"""Gaussian mixtures over (X, Y), and Gaussian classes."""

from __future__ import annotations

import math
import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.arrangements import random_arrangement
from skmist.datasets.parts.family import Family, as_batch
from skmist.datasets.parts.random import categorical, normal_points, python_random

__all__ = ["GaussianMixture", "NormalComponents", "points_per_component", "read_components"]

_LOG_2PI = math.log(2.0 * math.pi)
_LEAST_CONTROL = 1e-6
_REPLICATES = 8


class NormalComponents:
    """K multivariate normal densities for each of B distributions.

    Parameters
    ----------
    means : Tensor of shape (B, K, d), float64
    roots : Tensor of shape (B, K, d, d), float64
        Cholesky factors of the covariances.
    """

    def __init__(self, means: Tensor, roots: Tensor) -> None:
        self.means, self.roots = means, roots
        eye = torch.eye(roots.shape[-1], dtype=roots.dtype, device=roots.device)
        whitening = torch.linalg.solve_triangular(roots, eye.expand_as(roots), upper=False)
        # All K whitening maps stacked, (B, K d, d): one product serves every component.
        self._stacked = whitening.flatten(1, 2)
        self._origin = (whitening @ means.unsqueeze(-1)).flatten(1, 2)
        self._matrices = whitening
        self.log_det = torch.diagonal(roots, dim1=-2, dim2=-1).log().sum(-1)

    def log_density(self, x: Tensor) -> Tensor:
        """Log density of x (B, n, d) under each component: (B, K, n), in the type of x."""
        batch, n, d = x.shape
        # Rows come last: reductions over a short last axis are slow.
        white = torch.baddbmm(-self._origin.to(x.dtype), self._stacked.to(x.dtype), x.mT)
        form = white.square_().view(batch, -1, d, n).sum(2)
        constant = self.log_det.to(x.dtype).unsqueeze(-1) + 0.5 * d * _LOG_2PI
        return form.mul_(-0.5).sub_(constant)

    def side(self, columns: slice) -> NormalComponents:
        """Margins of the components on a slice of the columns."""
        covariance = self.roots[:, :, columns] @ self.roots[:, :, columns].mT
        return NormalComponents(self.means[:, :, columns], torch.linalg.cholesky_ex(covariance).L)

    def draw(self, codes: Tensor, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
        """One row of component codes[b, i] for each entry of codes (B, n)."""
        batch, n = codes.shape
        d = self.means.shape[-1]
        rows = torch.arange(batch, device=codes.device).unsqueeze(-1)
        noise = torch.randn(batch, n, d, generator=generator, device=codes.device, dtype=dtype)
        drawn = self.means.to(dtype)[rows, codes]
        for k in range(self.means.shape[1]):
            chosen = (codes == k).to(dtype).unsqueeze(-1)
            drawn = drawn + (noise * chosen) @ self.roots[:, k].mT.to(dtype)
        return drawn

    def points(self, points: Tensor) -> Tensor:
        """Every component's image of standard normal points (M, d): (B, K, M, d)."""
        turned = self.roots @ self._toward_neighbours()
        return self.means.to(points.dtype).unsqueeze(2) + points @ turned.mT.to(points.dtype)

    def parameters(self, weights: Tensor) -> dict[str, Any]:
        """Weights, means and covariances of the first distribution, as numpy arrays."""
        roots = self.roots[0]
        return {
            "weights": weights[0].cpu().numpy(),
            "means": self.means[0].cpu().numpy(),
            "covariances": (roots @ roots.mT).cpu().numpy(),
        }

    def _toward_neighbours(self) -> Any:
        """Rotations (B, K, d, d) whose first columns point from a component to two others.

        Posteriors vary most along these directions, and low-discrepancy points are most even
        in their first coordinates.
        """
        d = self.means.shape[-1]
        eye = torch.eye(d, dtype=self.roots.dtype, device=self.roots.device)
        if d == 1:
            return eye
        first, second = (
            (self._matrices @ (torch.roll(self.means, -s, 1) - self.means).unsqueeze(-1))[..., 0]
            for s in (1, 2)
        )
        turn = _reflection(first, eye[0])
        rest = (turn @ second.unsqueeze(-1))[..., 0] * (1.0 - eye[0])
        return turn @ _reflection(rest, eye[1])


class GaussianMixture(Family):
    """Mixture of Gaussians jointly over (X, Y).

    With weights w_k, p(x, y) = sum_k w_k N(x, y; mean_k, covariance_k), and p(x) and p(y) are the
    mixtures of the margins, so the pointwise MI is closed form. Its mean is taken by randomized
    quasi-Monte Carlo within every component, with the component's own Gaussian MI as control
    variate.

    Parameters
    ----------
    weights : array-like of shape (K,) or (B, K)
        Positive weights; normalised to sum 1.
    means : array-like of shape (K, p + q) or (B, K, p + q)
    covariances : array-like of shape (K, p + q, p + q) or (B, K, p + q, p + q)
        Positive definite covariances.
    p : int, default=1
        Number of columns of X.

    Raises
    ------
    ValueError
        If shapes disagree, a weight is not positive, or a covariance is not positive definite.

    References
    ----------
    Czyz, Grabowski, Vogt, Beerenwinkel & Marx (2023), On the Properties and Estimation of
    Pointwise Mutual Information Profiles, arXiv 2310.10240.

    Examples
    --------
    >>> import numpy as np
    >>> corners = [[-4.0, -4.0], [4.0, 4.0]]
    >>> family = GaussianMixture([0.5, 0.5], corners, np.stack([np.eye(2)] * 2))
    >>> round(family.mutual_information, 2)
    0.69
    """

    name = "gaussian_mixture"
    truth = "randomized quasi-Monte Carlo mean of the closed-form pointwise MI"
    source = "Czyz et al. 2024, Mixtures of Gaussians are all you need (fine distributions)"

    def __init__(
        self,
        weights: ArrayLike | Tensor,
        means: ArrayLike | Tensor,
        covariances: ArrayLike | Tensor,
        p: int = 1,
    ) -> None:
        weights, means, roots = read_components(weights, means, covariances)
        if int(p) != p or not 1 <= p < means.shape[-1]:
            raise ValueError(f"p must be from 1 to {means.shape[-1] - 1}, got {p!r}")
        seeded = torch.Generator(device=weights.device).manual_seed(0)
        self._set(weights, means, roots, p, seeded)

    def _set(
        self, weights: Any, means: Any, roots: Any, p: int, generator: torch.Generator
    ) -> None:
        d = means.shape[-1]
        self.weights, self.joint = weights, NormalComponents(means, roots)
        self.x_side, self.y_side = self.joint.side(slice(0, p)), self.joint.side(slice(p, d))
        self.x_dim, self.y_dim = p, d - p
        mi, error = self._integrate(generator)
        self._declare(p, d - p, mi, error)

    @classmethod
    def from_components(
        cls, weights: Tensor, means: Tensor, roots: Tensor, p: int, generator: torch.Generator
    ) -> Self:
        """Build from the parts of a batch of mixtures.

        Parameters
        ----------
        weights : Tensor of shape (B, K), float64
            With sum 1.
        means : Tensor of shape (B, K, p + q), float64
        roots : Tensor of shape (B, K, p + q, p + q), float64
            Cholesky factors of the covariances.
        p : int
            Number of columns of X.
        generator : torch.Generator
            Source of the points that the MI is a mean over.

        Returns
        -------
        GaussianMixture
        """
        family = cls.__new__(cls)
        family._set(weights, means, roots, p, generator)
        return family

    @classmethod
    def supports(cls, p: int, q: int) -> bool:
        """Whether both sides have 1 to 6 columns."""
        return 1 <= p <= 6 and 1 <= q <= 6

    @classmethod
    def from_prior(
        cls,
        batch: int,
        p: int,
        q: int,
        generator: torch.Generator,
        rng: random.Random | None = None,
    ) -> Self:
        """Draw a random arrangement of components, such as a ring or a checkerboard."""
        rng = rng or python_random(generator)
        weights, means, roots = random_arrangement(batch, p, q, generator, rng)
        return cls.from_components(weights, means, roots, p, generator)

    def _integrate(self, generator: torch.Generator) -> Any:
        k = self.weights.shape[1]
        d = self.joint.means.shape[-1]
        m = points_per_component(k, d)
        points = normal_points(_REPLICATES, m, d, generator).reshape(-1, d)
        at = self.joint.points(points).flatten(1, 2)
        x, y = at[..., : self.x_dim], at[..., self.x_dim :]
        log_xy, log_x, log_y = (
            side.log_density(part)
            for side, part in ((self.joint, at), (self.x_side, x), (self.y_side, y))
        )
        own = _own_component(log_xy - log_x - log_y, k).view(-1, k, _REPLICATES, m)
        own_mi = self.x_side.log_det + self.y_side.log_det - self.joint.log_det
        log_weights = self.weights.log().to(at.dtype).unsqueeze(-1)
        joint, x, y = (torch.log_softmax(t + log_weights, 1) for t in (log_xy, log_x, log_y))
        gap = (joint.exp() * (x + y - joint - log_weights)).sum(1)
        values = gap.view(-1, k, _REPLICATES, m).double()
        mean, error = _controlled_mean(self.weights, values, own.double(), own_mi)
        return (mean + (self.weights * own_mi).sum(-1)).clamp_min(0.0), error

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw x (B, n, p) and y (B, n, q)."""
        codes = categorical(self.weights, n, generator)
        drawn = self.joint.draw(codes, generator, dtype)
        return drawn[..., : self.x_dim], drawn[..., self.x_dim :]

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """log p(x, y) - log p(x) - log p(y), three Gaussian mixtures, nats (B, n)."""
        x64, y64 = x.double(), y.double()
        log_xy = self.joint.log_density(torch.cat([x64, y64], -1))
        log_x, log_y = self.x_side.log_density(x64), self.y_side.log_density(y64)
        log_weights = self.weights.log().unsqueeze(-1)
        log_p = [torch.logsumexp(log_weights + t, 1) for t in (log_xy, log_x, log_y)]
        return (log_p[0] - log_p[1] - log_p[2]).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """Weights, means and covariances, and the number of columns of X."""
        return self.joint.parameters(self.weights) | {"p": self.x_dim}


def points_per_component(k: int, d: int) -> int:
    """Points of a replicate in each of K components, enough for an error below 0.005 nats."""
    total = 2048 if d <= 4 else 4096
    return 2 ** math.ceil(math.log2(total / k))


def read_components(
    weights: ArrayLike | Tensor, means: ArrayLike | Tensor, covariances: ArrayLike | Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Validate the parts of a mixture.

    Parameters
    ----------
    weights : array-like of shape (K,) or (B, K)
    means : array-like of shape (K, d) or (B, K, d)
    covariances : array-like of shape (K, d, d) or (B, K, d, d)

    Returns
    -------
    weights : Tensor of shape (B, K)
        With sum 1.
    means : Tensor of shape (B, K, d)
    roots : Tensor of shape (B, K, d, d)
        Cholesky factors of the covariances.

    Raises
    ------
    ValueError
        If shapes disagree, a weight is not positive, or a covariance is not positive definite.
    """
    weights, means = as_batch(weights, 1, "weights"), as_batch(means, 2, "means")
    covariances = as_batch(covariances, 3, "covariances")
    k, d = means.shape[-2:]
    if weights.shape[-1] != k or tuple(covariances.shape[-3:]) != (k, d, d):
        raise ValueError(
            f"weights {tuple(weights.shape)}, means {tuple(means.shape)} and covariances "
            f"{tuple(covariances.shape)} disagree; they must be (K,), (K, d) and (K, d, d)"
        )
    if bool((weights <= 0.0).any()):
        raise ValueError(f"weights must be positive, got {weights.tolist()}")
    roots, failed = torch.linalg.cholesky_ex(covariances)
    if bool(failed.any()):
        raise ValueError("every covariance must be positive definite")
    return weights / weights.sum(-1, keepdim=True), means, roots


def _reflection(direction: Any, axis: Any) -> Any:
    """Reflections (B, K, d, d) that exchange an axis and a direction (B, K, d)."""
    length = direction.norm(dim=-1, keepdim=True)
    normal = axis - direction / length.clamp_min(1e-12)
    normal = torch.where(length > 1e-9, normal, torch.zeros_like(normal))
    square = normal.square().sum(-1)[..., None, None].clamp_min(1e-12)
    eye = torch.eye(len(axis), dtype=axis.dtype, device=axis.device)
    return eye - 2.0 * normal.unsqueeze(-1) * normal.unsqueeze(-2) / square


def _own_component(values: Any, k: Any) -> Any:
    """Value at the component that made each point: (B, K, K * M) -> (B, K * M)."""
    split = values.unflatten(-1, (k, -1))
    return torch.diagonal(split, dim1=1, dim2=2).mT.flatten(1)


def _controlled_mean(weights: Any, values: Any, control: Any, control_mean: Any) -> Any:
    """Weighted mean over components of values (B, K, R, M), less a fitted control variate."""
    control = control - control_mean[:, :, None, None]
    centred = values - values.mean((2, 3), keepdim=True)
    w = weights[:, :, None, None]
    # Sides that are independent within every component leave rounding noise for a control.
    noise_floor = _LEAST_CONTROL * values[0, 0].numel()
    slope = (w * centred * control).sum((1, 2, 3)) / (
        (w * control.square()).sum((1, 2, 3)) + noise_floor
    )
    by_replicate = (w * (values - slope[:, None, None, None] * control)).sum(1).mean(-1)
    return by_replicate.mean(-1), by_replicate.std(-1) / math.sqrt(by_replicate.shape[-1])
