"""Canonical pairs refined by nets that are trained on the sample itself, fold by fold.

A dictionary's functions are chosen once and for all, and of some maps it does not see the whole,
however many rows there are. A net learns its functions from the rows. It is trained on the rows
outside each fold and asked about those inside, so that what it says is a lower bound as well.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import hardswish

__all__ = ["MIN_REFINED_ROWS", "Refinement", "refine"]

MIN_REFINED_ROWS = 2000
"""Rows below which nets learn less than a dictionary does."""

_FOLDS, _WIDTH, _PAIRS = 4, 64, 3
_STEPS, _CHECK, _BATCH = 300, 50, 512
_LEARNING_RATE, _DECAY, _WARMUP = 5e-3, 0.02, 0.3
_RIDGE, _LEAST_SPREAD, _MOST_RHO = 2e-3, 1e-6, 0.9999
# Nats to be gained beyond twice what chance gives to combinations of six and six coordinates.
_LEAST_GAIN = 0.01
_SEED = 0


class _Nets:
    """Small nets side by side, one for each fold: a linear map and two hidden layers."""

    def __init__(self, d: int, like: Tensor) -> None:
        generator = torch.Generator().manual_seed(_SEED)

        def weights(rows: int, columns: int, scale: float) -> Tensor:
            drawn = torch.randn(1, rows, columns, generator=generator) * scale / math.sqrt(rows)
            return drawn.to(like).repeat(_FOLDS, 1, 1).requires_grad_()

        def zeros() -> Tensor:
            return torch.zeros(_FOLDS, 1, _WIDTH).to(like).requires_grad_()

        self.linear = weights(d, _PAIRS, 1.0)
        self.layers = [weights(d, _WIDTH, 1.4), zeros(), weights(_WIDTH, _WIDTH, 1.4), zeros()]
        self.last = weights(_WIDTH, _PAIRS, 0.5)

    @property
    def parameters(self) -> list[Tensor]:
        return [self.linear, *self.layers, self.last]

    def __call__(self, rows: Tensor) -> Tensor:
        """Functions (K, m, 3) of rows (K, m, d)."""
        first, first_bias, second, second_bias = self.layers
        hidden = hardswish(torch.baddbmm(first_bias, rows, first))
        hidden = hardswish(torch.baddbmm(second_bias, hidden, second))
        return rows @ self.linear + hidden @ self.last


class _Turns(NamedTuple):
    """What makes canonical pairs of the functions of each fold's nets: ``means`` (K, 1, 3) and
    ``turns`` (K, 3, 3) of both sides, and the correlations ``rho`` (K, 3) of the rows outside."""

    means: list[Tensor]
    turns: list[Tensor]
    rho: Tensor

    def of(self, i: int, functions: Tensor) -> Tensor:
        """Pairs (K, m, 3) of side ``i`` from the functions of all nets."""
        return (functions.double() - self.means[i]) @ self.turns[i]


class _Mixture(NamedTuple):
    """Pairs from those of a dictionary and those of nets: ``centers`` and ``scales`` (6,) and
    ``weights`` (6, 3) of both sides, and the correlations ``rho`` (3,) of the outcome."""

    centers: list[Tensor]
    scales: list[Tensor]
    weights: list[Tensor]
    rho: Tensor

    def of(self, i: int, six: Tensor) -> Tensor:
        """Pairs (m, 3) of side ``i``, the leading one of unit spread, from six coordinates."""
        return (six - self.centers[i]) / self.scales[i] @ self.weights[i]


class Refinement(NamedTuple):
    """Nets of both sides, and how what they say goes together with what a dictionary says.

    ``own`` are the refined coordinates (n, 3) of the rows of both sides, and ``rho`` (3,) their
    correlations; ``fitted`` (3,) are those of the nets in the rows that these were trained on.
    """

    nets: list[_Nets]
    turns: _Turns
    mixture: _Mixture
    own: list[Tensor]
    rho: Tensor
    fitted: Tensor

    def place(self, i: int, rows: Tensor, base: Tensor) -> Tensor:
        """Coordinates (m, 3) of new rows (m, d) of side ``i``, by the mean of all nets.

        ``base`` (m, 3) are those by the dictionary.
        """
        with torch.no_grad():
            functions = self.nets[i](rows.expand(_FOLDS, -1, -1))
        told = self.turns.of(i, functions).mean(0)
        return self.mixture.of(i, torch.cat([base.double(), told], dim=-1))


def refine(x: Tensor, y: Tensor, base: tuple[Tensor, Tensor], known: float) -> Refinement | None:
    """Train nets on a sample; None where they add nothing to a dictionary.

    Parameters
    ----------
    x, y : Tensor of shape (n, d)
        Rows of normal scores in an order that is theirs by chance, which makes the folds.
    base : (Tensor, Tensor) of shape (n, 3)
        Coordinates by the dictionary, of models that have not seen their row.
    known : float
        What the dictionary's pairs say, nats.
    """
    with torch.inference_mode(False), torch.enable_grad():
        rows = [x.clone(), y.clone()]
        return _trained(rows, [b.double().clone() for b in base], known)


def _trained(rows: list[Tensor], base: list[Tensor], known: float) -> Refinement | None:
    n = len(rows[0])
    nets = [_Nets(side.shape[1], side) for side in rows]
    parameters = [p for net in nets for p in net.parameters]
    optimizer = torch.optim.AdamW(
        parameters, lr=_LEARNING_RATE, weight_decay=_DECAY, betas=(0.9, 0.99)
    )
    folds = _inside(n, rows[0].device)
    generator = torch.Generator().manual_seed(_SEED)
    best, most = None, known + _LEAST_GAIN + (2 * _PAIRS) ** 2 / n
    for step in range(1, _STEPS + 1):
        for group in optimizer.param_groups:
            group["lr"] = _LEARNING_RATE * _pace(step / _STEPS)
        index = _batch(n, generator).to(rows[0].device)
        optimizer.zero_grad()
        _loss(*(net(side[index]) for net, side in zip(nets, rows, strict=True))).backward()
        optimizer.step()
        if step % _CHECK:
            continue
        found = _judged(nets, rows, base, folds)
        told = information(found.rho)
        if told > most:
            best, most = found, told
        elif best is None and step > _CHECK:
            break
    return best


def _pace(done: float) -> float:
    """Learning rate as a share of the highest: it rises, and then falls, as half cosines."""
    if done < _WARMUP:
        return 0.5 - 0.48 * math.cos(math.pi * done / _WARMUP)
    return 0.5 + 0.5 * math.cos(math.pi * (done - _WARMUP) / (1.0 - _WARMUP))


def _bounds(n: int) -> list[int]:
    return [round(k * n / _FOLDS) for k in range(_FOLDS + 1)]


def _inside(n: int, device: torch.device) -> Tensor:
    """Whether rows are inside each fold, (K, n)."""
    bounds = torch.tensor(_bounds(n), device=device)[:, None]
    places = torch.arange(n, device=device)
    return (bounds[:-1] <= places) & (places < bounds[1:])


def _batch(n: int, generator: torch.Generator) -> Tensor:
    """Numbers (K, m) of rows outside each fold."""
    bounds = torch.tensor(_bounds(n))[:, None]
    starts, sizes = bounds[:-1], bounds.diff(dim=0)
    drawn = torch.rand(_FOLDS, _BATCH, generator=generator, dtype=torch.float64)
    place = (drawn * (n - sizes)).long()
    return torch.where(place < starts, place, place + sizes)


def _factor(square: Tensor) -> Tensor:
    """Cholesky factor of mean products (..., d, d), with a ridge of a share of their mean."""
    mean = square.diagonal(dim1=-2, dim2=-1).mean(-1).detach()[..., None, None]
    eye = torch.eye(square.shape[-1], dtype=square.dtype, device=square.device)
    return torch.linalg.cholesky(square + (_RIDGE * mean + _LEAST_SPREAD) * eye)


def _whitened(square: list[Tensor], cross: Tensor) -> tuple[list[Tensor], Tensor]:
    """Factors of both sides' mean products, and those between the sides without them."""
    factors = [_factor(s) for s in square]
    cross = torch.linalg.solve_triangular(factors[0], cross, upper=False)
    return factors, torch.linalg.solve_triangular(factors[1], cross.mT, upper=False).mT


def _canonical(square: list[Tensor], cross: Tensor) -> tuple[list[Tensor], Tensor]:
    """Weights (..., d, 3) of the leading canonical pairs of both sides, and correlations."""
    factors, cross = _whitened(square, cross)
    left, rho, right = torch.linalg.svd(cross)
    vectors = left[..., :_PAIRS], right.mT[..., :_PAIRS]
    weights = [
        torch.linalg.solve_triangular(f.mT, v, upper=True)
        for f, v in zip(factors, vectors, strict=True)
    ]
    return weights, rho[..., :_PAIRS]


def _loss(a: Tensor, b: Tensor) -> Tensor:
    """Minus the information of Gaussians with the canonical correlations of a batch, summed."""
    a, b = (side - side.mean(1, keepdim=True) for side in (a, b))
    m = a.shape[1]
    _, cross = _whitened([a.mT @ a / m, b.mT @ b / m], a.mT @ b / m)
    eye = torch.eye(_PAIRS, dtype=cross.dtype, device=cross.device)
    return 0.5 * torch.logdet(eye * (1.0 + _LEAST_SPREAD) - cross.mT @ cross).sum()


def information(rho: Tensor) -> float:
    """What independent Gaussian pairs of these correlations tell, nats."""
    return float(-0.5 * torch.log1p(-(rho.clamp(0.0, _MOST_RHO) ** 2)).sum())


@torch.no_grad()
def _judged(
    nets: list[_Nets], rows: list[Tensor], base: list[Tensor], inside: Tensor
) -> Refinement:
    """The nets as they are, judged by rows that they have not seen, beside the dictionary."""
    nets = [_copy(net) for net in nets]
    functions = [
        net(side.expand(_FOLDS, -1, -1)).double() for net, side in zip(nets, rows, strict=True)
    ]
    turns = _turned(functions, inside)
    told = [(turns.of(i, f) * inside[..., None]).sum(0) for i, f in enumerate(functions)]
    six = [torch.cat(parts, dim=-1) for parts in zip(base, told, strict=True)]
    mixture = _mixed(six)
    own = [mixture.of(i, side) for i, side in enumerate(six)]
    return Refinement(nets, turns, mixture, own, mixture.rho, turns.rho.mean(0))


def _copy(net: _Nets) -> _Nets:
    copy = object.__new__(_Nets)
    copy.linear, copy.last = net.linear.detach().clone(), net.last.detach().clone()
    copy.layers = [layer.detach().clone() for layer in net.layers]
    return copy


def _turned(functions: list[Tensor], inside: Tensor) -> _Turns:
    """Canonical pairs of the rows outside each fold, all turned towards those of the first."""
    shares = (~inside).double()
    shares = (shares / shares.sum(1, keepdim=True))[..., None]
    means = [(shares * f).sum(1, keepdim=True) for f in functions]
    centered = [f - mean for f, mean in zip(functions, means, strict=True)]
    square = [c.mT @ (shares * c) for c in centered]
    weights, rho = _canonical(square, centered[0].mT @ (shares * centered[1]))
    pairs = [c @ w * rho[:, None] for c, w in zip(centered, weights, strict=True)]
    overlap = torch.stack([p[:1].mT @ p for p in pairs]).sum(0)
    left, _, right = torch.linalg.svd(overlap)
    turn = (left @ right).mT
    return _Turns(means, [w @ turn for w in weights], rho)


def _mixed(six: list[Tensor]) -> _Mixture:
    """The leading pairs of six coordinates on both sides, smaller as they tell less."""
    centers = [side.mean(0) for side in six]
    scales = [side.std(0).clamp_min(_LEAST_SPREAD) for side in six]
    unit = [(s - c) / d for s, c, d in zip(six, centers, scales, strict=True)]
    n = len(unit[0])
    weights, _ = _canonical([u.mT @ u / n for u in unit], unit[0].mT @ unit[1] / n)
    pairs = [u @ w for u, w in zip(unit, weights, strict=True)]
    spreads = [p.std(0).clamp_min(_LEAST_SPREAD) for p in pairs]
    rho = (pairs[0] * pairs[1]).mean(0) / (spreads[0] * spreads[1])
    share = (rho / rho[0].clamp_min(_LEAST_SPREAD)).clamp(0.0, 1.0)
    return _Mixture(
        centers, scales, [w / s * share for w, s in zip(weights, spreads, strict=True)], rho
    )
