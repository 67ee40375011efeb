"""Mixtures of Gaussians, or of Student-t laws, fitted to a batch: smooth, with known margins."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Mixture", "fit_mixture"]

_NUMBERS = (2, 3, 4, 6, 8, 11)
_TAILS = (1e6, 4.0)  # degrees of freedom: Gaussian, and heavy
_STEPS = 100
_STARTS, _SHORT = 5, 10  # few steps from each tell which leads far
_ENOUGH = 3e-5
_MOST_COMPONENTS = 100
_ROWS_EACH = 4


class _Parts(NamedTuple):
    """Weights (B, K), means (B, K, d) and Cholesky factors (B, K, d, d) of B mixtures."""

    weights: Tensor
    means: Tensor
    roots: Tensor


class Mixture:
    """A mixture over the coordinates of x, then those of y; each component has one label.

    Parameters
    ----------
    parts : _Parts
        Of one mixture, B = 1.
    dof : Tensor of shape (1,)
    labels : Tensor of shape (K,), int64
        The label of each component; all 0 where rows have none.
    """

    def __init__(self, parts: _Parts, dof: Tensor, labels: Tensor) -> None:
        self.parts, self.dof, self.labels = parts, dof, labels
        self.covariances = parts.roots @ parts.roots.mT

    @property
    def n_components(self) -> int:
        """Number of components."""
        return len(self.labels)

    def log_density(self, rows: Tensor, start: int, labels: Tensor | None = None) -> Tensor:
        """Log density (n,) of the coordinates from `start` on; with their labels where given."""
        stop = start + rows.shape[1]
        means = self.parts.means[..., start:stop]
        roots = torch.linalg.cholesky(self.covariances[..., start:stop, start:stop])
        logs = _log_components(rows, means, roots, self.dof)[0][0] + self.parts.weights[0].log()
        if labels is not None:
            logs = logs.masked_fill(labels[:, None] != self.labels, -math.inf)
        return torch.logsumexp(logs, dim=-1)

    def log_share(self, labels: Tensor) -> Tensor:
        """Log probability (n,) of each row's label."""
        shares = self.parts.weights.new_zeros(int(self.labels.max()) + 1)
        return shares.index_add(0, self.labels, self.parts.weights[0]).log()[labels]

    def n_parameters(self, d: int) -> int:
        """Numbers that fix the law of d of the coordinates."""
        return self.n_components * (1 + d + d * (d + 1) // 2) - 1


def fit_mixture(rows: Tensor, labels: Tensor | None, generator: torch.Generator) -> Mixture:
    """The mixture that BIC chooses: how many components, and how heavy their tails.

    Parameters
    ----------
    rows : Tensor of shape (n, d), float64
        Coordinates of about unit spread.
    labels : Tensor of shape (n,), int64, optional
        Codes 0, 1, ... of all rows; each component then belongs to one.
    generator : torch.Generator
        On the CPU.
    """
    codes = torch.zeros(len(rows), dtype=torch.int64) if labels is None else labels.cpu()
    best, worse = _fit(rows, codes, 1, _TAILS, generator), 0
    for number in _numbers(len(rows), rows.shape[1], int(codes.max()) + 1):
        # what two components say of the tails, more of them will hardly change
        tails = _TAILS if number == 2 else best[1].dof.tolist()
        found = _fit(rows, codes, number, tails, generator)
        worse = 0 if found[0] < best[0] else worse + 1
        best = min(best, found, key=lambda pair: pair[0])
        if worse == 2:
            break
    return best[1]


def _numbers(n: int, d: int, n_labels: int) -> Iterator[int]:
    for number in _NUMBERS:
        total = number * n_labels
        if total <= _MOST_COMPONENTS and n >= _ROWS_EACH * (d + 1) * total:
            yield number


def _fit(
    rows: Tensor, codes: Tensor, number: int, tails: Sequence[float], generator: torch.Generator
) -> tuple[float, Mixture]:
    """BIC per row and mixture, of the better tails, with so many components for each label."""
    owners = torch.arange(int(codes.max()) + 1).repeat_interleave(number)
    allowed = (codes[:, None] == owners).to(rows.device)
    starts = _starts(rows.cpu(), codes, owners, generator).to(rows.device)
    dof = rows.new_tensor(tails)
    pooled = _covariance(rows, starts[0], number)
    start = _promising(rows, starts, allowed, dof, pooled)
    parts, _, likelihood = _maximized(rows, start, allowed, dof, pooled, _STEPS)
    best = int(likelihood.argmax())
    mixture = Mixture(
        _Parts(*(part[best : best + 1] for part in parts)),
        dof[best : best + 1],
        owners.to(rows.device),
    )
    penalty = mixture.n_parameters(rows.shape[1]) * math.log(len(rows)) / len(rows)
    return penalty - 2.0 * float(likelihood[best]), mixture


def _starts(rows: Tensor, codes: Tensor, owners: Tensor, generator: torch.Generator) -> Tensor:
    """Memberships (S, n, K) to start from; one where each label has one component."""
    white, count = _white(rows), _STARTS if len(owners) > int(owners[-1]) + 1 else 1
    return torch.stack([_start(white, codes, owners, generator) for _ in range(count)])


def _white(rows: Tensor) -> Tensor:
    covariance = torch.cov(rows.T).reshape(rows.shape[1], -1)
    eye = 1e-6 * torch.eye(len(covariance), dtype=rows.dtype)
    root = torch.linalg.cholesky(covariance + eye)
    return torch.linalg.solve_triangular(root, rows.T, upper=False).T


def _start(white: Tensor, codes: Tensor, owners: Tensor, generator: torch.Generator) -> Tensor:
    """Memberships (n, K) around rows of each label that lie far apart, as k-means++ draws them."""
    chosen: list[int] = []
    for k, owner in enumerate(owners.tolist()):
        own = (codes == owner).double()
        if k and int(owners[k - 1]) == owner:
            own = own * _distances(white, chosen, owners[:k] == owner).square()
        own = own if float(own.sum()) > 0 else (codes == owner).double()
        chosen.append(int(torch.multinomial(own, 1, generator=generator)))
    far = torch.cdist(white, white[chosen]).masked_fill(codes[:, None] != owners, math.inf)
    return torch.nn.functional.one_hot(far.argmin(1), len(owners)).to(white.dtype)


def _distances(white: Tensor, chosen: list[int], own: Tensor) -> Tensor:
    centers = white[[row for row, mine in zip(chosen, own.tolist(), strict=True) if mine]]
    return torch.cdist(white, centers).amin(1)


def _covariance(rows: Tensor, members: Tensor, number: int) -> Tensor:
    """Covariance (d, d) around the mean of each label, which has so many components."""
    labels = members.unflatten(1, (-1, number)).sum(-1)
    means = labels.T @ rows / labels.sum(0).clamp_min(1.0)[:, None]
    inside = rows - labels @ means
    eye = torch.eye(rows.shape[1], dtype=rows.dtype, device=rows.device)
    return inside.T @ inside / len(rows) + 1e-6 * eye


def _promising(
    rows: Tensor, starts: Tensor, allowed: Tensor, dof: Tensor, pooled: Tensor
) -> Tensor:
    """Memberships (B, n, K), for each tail those of the start that is best after a few steps."""
    count = len(starts)
    if count == 1:
        return starts.expand(len(dof), -1, -1)
    everywhere = starts.repeat(len(dof), 1, 1), allowed, dof.repeat_interleave(count), pooled
    _, members, likelihood = _maximized(rows, *everywhere, _SHORT)
    best = likelihood.unflatten(0, (-1, count)).argmax(1)
    return members.unflatten(0, (-1, count))[torch.arange(len(dof)), best]


def _maximized(
    rows: Tensor, members: Tensor, allowed: Tensor, dof: Tensor, pooled: Tensor, n_steps: int
) -> tuple[_Parts, Tensor, Tensor]:
    """Expectation maximization of B mixtures at once, from memberships (B, n, K).

    Returns parts, memberships, and log likelihoods (B,) per row.
    """
    heed, last = torch.ones_like(members), torch.full_like(dof, -math.inf)
    for _ in range(n_steps):
        parts = _parts(rows, members, heed, pooled)
        logs, distances = _log_components(rows, parts.means, parts.roots, dof)
        logs = logs + parts.weights.log()[:, None]
        logs = logs.masked_fill(~allowed, -math.inf)
        total = torch.logsumexp(logs, dim=-1, keepdim=True)
        members = (logs - total).exp()
        heed = (dof[:, None, None] + rows.shape[1]) / (dof[:, None, None] + distances)
        likelihood = total.mean((1, 2))
        if float((likelihood - last).max()) < _ENOUGH:
            break
        last = likelihood
    return parts, members, likelihood


def _parts(rows: Tensor, members: Tensor, heed: Tensor, pooled: Tensor) -> _Parts:
    """Weighted moments of each component, its covariance drawn to a part of that of all rows."""
    n, d = rows.shape
    n_components = members.shape[-1]
    mass, heeded = members.sum(1) + 1e-9, members * heed
    total = heeded.sum(1) + 1e-9
    means = heeded.mT @ rows / total[..., None]
    products = (rows[:, :, None] * rows[:, None]).flatten(1)
    scatter = (heeded.mT @ products).unflatten(-1, (d, d))
    scatter = scatter - total[..., None, None] * means[..., :, None] * means[..., None, :]
    weight = float(d + 2)
    prior = 0.5 * weight * n_components ** (-2.0 / d) * pooled
    covariances = (scatter + prior) / (mass + weight)[..., None, None]
    roots = torch.linalg.cholesky(covariances)
    return _Parts((mass + 1.0) / (n + n_components), means, roots)


def _log_components(
    rows: Tensor, means: Tensor, roots: Tensor, dof: Tensor
) -> tuple[Tensor, Tensor]:
    """Log densities (B, n, K) of rows under each component, and squared distances."""
    d = rows.shape[-1]
    eye = torch.eye(d, dtype=rows.dtype, device=rows.device)
    inverse = torch.linalg.solve_triangular(roots, eye.expand_as(roots), upper=False)
    white = rows @ inverse.mT - (inverse @ means[..., None]).mT
    distances = white.square().sum(-1).mT
    dof = dof[:, None, None]
    constant = (
        torch.lgamma((dof + d) / 2) - torch.lgamma(dof / 2) - 0.5 * d * (dof * math.pi).log()
    )
    volume = torch.diagonal(roots, dim1=-2, dim2=-1).log().sum(-1)[:, None]
    return constant - volume - 0.5 * (dof + d) * torch.log1p(distances / dof), distances
