"""The search for directions that say most about a target: starts, and steps along the gradient."""

from __future__ import annotations

__all__ = ["DirectionSearch", "slices_of"]

from typing import Any

import torch
from torch import Tensor

from skmist.nn import MISTInformation

_SLICES = 8
_LEADING, _RANDOM = 3, 4
_TRIED = 2
_ANGLES = (1.0, 0.4, 0.15)
_WIDE, _NARROW, _SHRINK = 0.5, 0.03, 0.3
_COARSE_STEPS, _FINE_STEPS = 5, 12


def slices_of(target: Tensor) -> list[Tensor]:
    """Groups of rows (n,) int64 in which the target is alike, one for each of its columns."""
    if not target.is_floating_point():
        return [torch.unique(target, dim=0, return_inverse=True)[1]]
    ranks = target.argsort(0).argsort(0)
    return list((ranks * _SLICES // len(target)).T)


class DirectionSearch:
    """Orthonormal directions of white rows whose coordinates say most about a target.

    Parameters
    ----------
    information : MISTInformation
    rows : Tensor of shape (n, r), float64
        Uncorrelated columns of unit spread.
    target : Tensor of shape (n, q)
        Floats are numbers, integers categories.
    generator : torch.Generator
        On the CPU.
    """

    def __init__(
        self, information: MISTInformation, rows: Tensor, target: Tensor, generator: Any
    ) -> None:
        self._information, self._rows, self._target = information, rows, target
        starts = [*self._sliced(), *self._random(generator)]
        self._starts = torch.nn.functional.normalize(torch.cat(starts), dim=1)

    def candidates(self, before: Tensor) -> list[Tensor]:
        """A basis (r, d) with one direction more, of each kind: as slices differ, and climbed to.

        The latter was climbed to together with those before it.
        """
        return [self._with_means(before), self._with_another(before)]

    def values(self, bases: list[Tensor], sample: tuple[Tensor, Tensor] | None = None) -> Tensor:
        """Information (k,) of coordinates along bases (r, d), nats; above 0, for it is a mean.

        Of the rows and targets of the search, or of others.
        """
        rows, target = (self._rows, self._target) if sample is None else sample
        coordinates = torch.stack([rows @ basis for basis in bases])
        target = target.expand(len(bases), *target.shape)
        with torch.no_grad():
            return self._information(coordinates, target).quantiles.mean(-1)

    def worths(self, basis: Tensor) -> Tensor:
        """Information (k,) of each direction of a basis (r, k), nats.

        What it says alone, or what the others lack without it, where that is more: of a product
        neither factor says anything alone.
        """
        columns = range(basis.shape[1])
        alone = self.values([basis[:, [j]] for j in columns])
        if len(alone) == 1:
            return alone
        others = [basis[:, [i for i in columns if i != j]] for j in columns]
        return alone.maximum(self.values([basis]) - self.values(others))

    def _with_means(self, before: Tensor) -> Tensor:
        """With the direction across those before it in which means of slices differ most."""
        across = torch.eye(len(before), dtype=before.dtype, device=before.device)
        across = across - before @ before.T
        direction = _leading(across @ self._means @ across)[:1].T
        return torch.linalg.qr(torch.cat([before, across @ direction], dim=1))[0]

    def _with_another(self, before: Tensor) -> Tensor:
        starts = self._starts - self._starts @ before @ before.T
        lengths = starts.norm(dim=1)
        starts = starts[lengths > 0.1] / lengths[lengths > 0.1, None]
        bases = [torch.cat([before, start[:, None]], dim=1) for start in starts]
        values = self.values(bases)
        leading = values.argsort(descending=True)[:_TRIED].tolist()
        coarse = [self._climb(bases[i], float(values[i]), _COARSE_STEPS) for i in leading]
        basis, value, angle = max(coarse, key=lambda found: found[1])
        return self._climb(basis, value, _FINE_STEPS, angle)[0]

    def _climb(
        self, basis: Tensor, value: float, n_steps: int, angle: float = _WIDE
    ) -> tuple[Tensor, float, float]:
        """Turn a basis along the gradient as long as its information grows."""
        for _ in range(n_steps):
            if angle < _NARROW:
                break
            slope = self._slope(basis)
            tried = [_turned(basis, slope, angle * share) for share in _ANGLES]
            values = self.values(tried)
            best = int(values.argmax())
            if float(values[best]) > value:
                basis, value = tried[best], float(values[best])
                angle = min(_WIDE, 2.0 * angle * _ANGLES[best])
            else:
                angle *= _SHRINK * _ANGLES[-1]
        return basis, value, angle

    def _slope(self, basis: Tensor) -> Tensor:
        """Gradient (r, d) of the information, across the directions themselves."""
        coordinates = (self._rows @ basis).requires_grad_()
        with torch.enable_grad():
            mi = self._information(coordinates, self._target).mi
        (rows,) = torch.autograd.grad(mi, coordinates)
        slope = self._rows.T @ rows
        return slope - basis @ (basis.T @ slope)

    def _sliced(self) -> list[Tensor]:
        """Directions in which means, or spreads, differ most between slices of the target."""
        found = []
        # a line through numbers is told by fewer rows than their slices are
        lines = self._rows.T @ self._target.to(self._rows) / len(self._rows)
        self._means = lines @ lines.T * float(self._target.is_floating_point())
        for slices in slices_of(self._target):
            means = spreads = self._rows.new_zeros(())
            for code in range(int(slices.max()) + 1):
                inside = self._rows[slices == code]
                share, center = len(inside) / len(self._rows), inside.mean(0)
                apart = inside - center
                other = torch.eye(len(center), dtype=center.dtype, device=center.device)
                other = other - apart.T @ apart / len(inside)
                means = means + share * center[:, None] * center
                spreads = spreads + share * other @ other
            self._means = self._means + means
            for matrix in (means, spreads, means + spreads):
                found.append(_leading(matrix))
        return found

    def _random(self, generator: Any) -> list[Tensor]:
        shape = _RANDOM, self._rows.shape[1]
        return [torch.randn(shape, generator=generator, dtype=torch.float64).to(self._rows)]


def _leading(matrix: Tensor) -> Tensor:
    return torch.linalg.eigh(matrix)[1].T.flip(0)[:_LEADING]


def _turned(basis: Tensor, slope: Tensor, angle: float) -> Tensor:
    """The basis turned by an angle along a slope, orthonormal, its signs kept."""
    size = torch.linalg.matrix_norm(slope, 2).clamp_min(1e-12)
    q, r = torch.linalg.qr(basis + torch.tan(torch.tensor(angle)) * slope / size)
    return q * r.diagonal().sign()
