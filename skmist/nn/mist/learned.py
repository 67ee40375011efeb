"""Compressions of each side by a model of the other, fitted to other rows than it is shown for.

By data processing, functions of x and of y share no more information than x and y do; so a model
that saw none of the rows it compresses gives a lower bound, which rises with what it learns.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from skmist.nn.mist.dictionary import Dictionary
from skmist.nn.mist.row_folds import RowFolds, RowIndex, row_keys
from skmist.nn.mist.side import Side

__all__ = ["MIN_LEARNED_ROWS", "N_LEARNED", "LearnedPairs", "learns"]

N_LEARNED = 3
"""Learned canonical pairs."""

MIN_LEARNED_ROWS = 60
"""Rows below which nothing is learned."""

# Folds for one side that is compressed, and for each of two.
_FOLDS, _FOLDS_OF_EACH = 4, 3
_MAX_SINGLES, _MAX_PRODUCTS = 48, 64
# Products of two columns to choose from, with two sides to compress and with one.
_MAX_PAIRS = (100, 340)
_CLOSED_PRIOR, _SINGLE_PRIOR, _LEAST_PRIOR = 0.1, 0.1, 1e-7
_BASE_RIDGE = 1e-3
_BLOCK, _POWER_STEPS = 8, 5
_GRID = 2.0**20


class _Chosen(NamedTuple):
    """What the models of one side use: ``features`` (B, U, N) of sorted rows, ``index`` (B, U) in
    the pool of all, ``prior`` (B, K, U), ``moments`` (B, K, U, U) outside each fold."""

    features: Tensor
    index: Tensor
    prior: Tensor
    moments: Tensor


def learns(x: Side, y: Side) -> bool:
    """Whether there is something to compress, and enough to learn from."""
    return x.values.shape[1] >= MIN_LEARNED_ROWS and not (x.closed and y.closed)


class LearnedPairs:
    """Canonical pairs of rich functions of both sides, cross-fitted.

    The functions are those of :class:`skmist.nn.mist.dictionary.Dictionary`. Those whose tie to
    the other side exceeds the noise's, outside the fold, get a normal prior of the size of the
    excess; a ridge canonical analysis with these priors gives the pairs.

    Parameters
    ----------
    x, y : Side

    Attributes
    ----------
    own : (Tensor, Tensor)
        Coordinates (B, n, 3) of the sample's rows, each by the model that has not seen it; of
        unit spread.
    rho : Tensor of shape (batch, 3)
        Their correlations over the sample.
    """

    def __init__(self, x: Side, y: Side) -> None:
        self.sides = (x, y)
        keys = [row_keys(side.values) for side in self.sides]
        self._indices = (RowIndex(keys[0]), RowIndex(keys[1]), RowIndex(keys[0] + keys[1]))
        # A fold shows in what its model makes of its rows: the same folds on both sides would be
        # something that they share.
        alone = x.closed or y.closed
        counts = (_FOLDS,) if alone else (_FOLDS_OF_EACH, _FOLDS_OF_EACH)
        self._dictionaries = tuple(Dictionary(s, _MAX_PAIRS[alone]) for s in self.sides)
        self._fit(RowFolds(self._indices[2], counts))
        self.rho = (self.own[0] * self.own[1]).mean(1)

    def _fit(self, folds: RowFolds) -> None:
        both = list(zip(self._dictionaries, self.sides, strict=True))
        singles = [d.singles(folds.sorted(s.values)) for d, s in both]
        bases = [_whitened(d.base(f)) for (d, _), f in zip(both, singles, strict=True)]
        chosen = [self._choose(i, singles[i], folds.padded(bases[1 - i]), folds) for i in (0, 1)]
        weights = _aligned(chosen, _canonical(*chosen, folds))
        own = [folds.own(c.features, w, i) for i, (c, w) in enumerate(zip(chosen, weights))]
        self._index = tuple(c.index for c in chosen)
        self._weights = tuple(w.mean(1).double() for w in weights)
        self._center = tuple(o.mean(1, keepdim=True) for o in own)
        self.spread = tuple(o.std(1, keepdim=True).clamp_min(1e-6) for o in own)
        self.own = tuple(self._standardized(i, o) for i, o in enumerate(own))

    def _standardized(self, i: int, coordinates: Tensor) -> Tensor:
        return (coordinates - self._center[i]) / self.spread[i]

    def _choose(self, i: int, singles: Tensor, base: Tensor, folds: RowFolds) -> _Chosen:
        """Functions of side ``i`` by their tie to the base functions (B, T, N) of the other."""
        dictionary, closed = self._dictionaries[i], self.sides[i].closed
        features = folds.padded(singles)
        ties = folds.moments(features, base)
        variance = folds.moments(base, base).diagonal(dim1=-2, dim2=-1)
        prior = _prior(ties, variance, dictionary.single_groups, folds.n_training)
        floor = _CLOSED_PRIOR if closed else _SINGLE_PRIOR / folds.n
        index, prior = _strongest(prior.clamp_min(floor), _MAX_SINGLES)
        features = _rows(features, index)
        chosen = _Chosen(features, index, prior, folds.moments(features, features))
        if closed:
            return chosen
        return self._with_products(i, chosen, singles, base, folds)

    def _with_products(
        self, i: int, chosen: _Chosen, singles: Tensor, base: Tensor, folds: RowFolds
    ) -> _Chosen:
        """Add products, by their tie to what the functions of single columns leave of the base."""
        dictionary, n = self._dictionaries[i], folds.n_training
        products = folds.padded(dictionary.products(singles))
        ties = folds.moments(products, torch.cat([chosen.features, base], dim=1))
        count = chosen.features.shape[1]
        explained = folds.moments(chosen.features, base)
        slopes = torch.cholesky_solve(explained, _factor(chosen, n))
        left = folds.moments(base, base).diagonal(dim1=-2, dim2=-1)
        left = (left - (explained * slopes).sum(-2)).clamp_min(0)
        ties = ties[..., count:] - ties[..., :count] @ slopes
        prior = _prior(ties, left, dictionary.product_groups, n)
        index, prior = _strongest(prior.clamp_min(_LEAST_PRIOR), _MAX_PRODUCTS)
        features = torch.cat([chosen.features, _rows(products, index)], dim=1)
        return _Chosen(
            features,
            torch.cat([chosen.index, index + singles.shape[1]], dim=-1),
            torch.cat([chosen.prior, prior], dim=-1),
            folds.moments(features, features),
        )

    def pairs(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Coordinates (B, m, 3) of rows of which both sides are seen.

        Rows of the sample get what they have there, others the mean of all models.
        """
        place = self._indices[2].find(row_keys(x) + row_keys(y))
        return self._placed(0, x, *place), self._placed(1, y, *place)

    def coordinates(self, i: int, rows: Tensor) -> Tensor:
        """The same for rows of which only side ``i`` is seen."""
        return self._placed(i, rows, *self._indices[i].find(row_keys(rows)))

    def _placed(self, i: int, rows: Tensor, place: Tensor, there: Tensor) -> Tensor:
        own = self.own[i].gather(1, place[..., None].expand(-1, -1, N_LEARNED))
        if bool(there.all()):
            return own
        dictionary = self._dictionaries[i]
        features = dictionary.singles(rows)
        if not self.sides[i].closed:
            features = torch.cat([features, dictionary.products(features)], dim=1)
        found = _rows(features, self._index[i]).mT.double() @ self._weights[i]
        found = (self._standardized(i, found) * _GRID).round() / _GRID
        return torch.where(there[..., None], own, found.float())


def _whitened(base: Tensor) -> Tensor:
    """Uncorrelated combinations (B, T, n) of unit spread of centered functions."""
    covariance = base @ base.mT / base.shape[-1]
    scale = covariance.diagonal(dim1=-2, dim2=-1).mean(-1)[:, None, None]
    eye = torch.eye(base.shape[1], device=base.device)
    factor = torch.linalg.cholesky_ex(covariance + _BASE_RIDGE * scale * eye).L
    return torch.linalg.solve_triangular(factor, base, upper=False)


def _prior(ties: Tensor, variance: Tensor, groups: Tensor, n: Tensor) -> Tensor:
    """Squared ties (B, K, D, T) to targets of a variance (B, K, T), less what chance gives.

    Half is a function's own excess over the noise, half the mean excess of its group: of a
    column's or of a pair's.
    """
    tie = (ties**2).sum(-1)
    chance = variance.sum(-1, keepdim=True) / n
    error = (2 * (variance**2).sum(-1, keepdim=True)).sqrt() / n
    count = torch.bincount(groups).clamp_min(1)
    mean = tie.new_zeros(*tie.shape[:-1], len(count)).index_add_(-1, groups, tie) / count
    shared = (mean - chance - error / count.sqrt()).clamp_min(0)[..., groups]
    return 0.5 * (shared + (tie - chance - 2 * error).clamp_min(0))


def _strongest(prior: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Indices (B, U) of the functions of greatest prior (B, K, D) in any fold, and the priors."""
    index = prior.amax(1).topk(min(count, prior.shape[-1]), dim=-1).indices
    return index, prior.gather(-1, index[:, None].expand(-1, prior.shape[1], -1))


def _rows(pool: Tensor, index: Tensor) -> Tensor:
    """Functions (B, U, N) of a pool (B, D, N)."""
    return pool[torch.arange(len(pool), device=pool.device)[:, None], index]


def _factor(chosen: _Chosen, n: Tensor) -> Tensor:
    """Cholesky factor (B, K, U, U) of the moments and of the ridge that the priors are."""
    return torch.linalg.cholesky_ex(chosen.moments + torch.diag_embed(1 / (n * chosen.prior))).L


def _canonical(x: _Chosen, y: _Chosen, folds: RowFolds) -> tuple[Tensor, Tensor]:
    """Weights (B, K, U, 3) of the leading pairs, each times its correlation."""
    factors = [_factor(side, folds.n_training) for side in (x, y)]
    cross = folds.moments(x.features, y.features)
    cross = torch.linalg.solve_triangular(factors[0], cross, upper=False)
    cross = torch.linalg.solve_triangular(factors[1], cross.mT, upper=False).mT
    u, v = (
        torch.linalg.solve_triangular(f.mT, w, upper=True)
        for f, w in zip(factors, _leading(cross), strict=True)
    )
    return u, v


def _leading(cross: Tensor) -> tuple[Tensor, Tensor]:
    """Leading left and right singular vectors, (..., a, 3) and (..., b, 3), times their values."""
    if cross.shape[-2] < cross.shape[-1]:
        v, u = _leading(cross.mT)
        return u, v
    gram = (cross.mT @ cross).double()
    if gram.shape[-1] > _BLOCK:
        basis = _leading_basis(gram)
        gram = basis.mT @ gram @ basis
    values, vectors = torch.linalg.eigh(gram)
    right = vectors[..., -N_LEARNED:].flip(-1)
    rho = values[..., -N_LEARNED:].flip(-1).clamp_min(0).sqrt()
    if gram.shape[-1] < cross.shape[-1]:
        right = basis @ right
    return cross @ right.float(), (right * rho[..., None, :]).float()


def _leading_basis(gram: Tensor) -> Tensor:
    """Orthonormal basis (..., a, 8) that holds the leading eigenvectors, by subspace iteration."""
    square = gram @ gram
    index = torch.arange(gram.shape[-1], device=gram.device, dtype=torch.float64)
    start = torch.cos(index[:, None] * (1.0 + index[:_BLOCK]) * 0.7)
    basis = gram @ start
    for _ in range(_POWER_STEPS):
        basis = square @ torch.linalg.qr(basis).Q
    return torch.linalg.qr(basis).Q


def _aligned(chosen: list[_Chosen], weights: tuple[Tensor, Tensor]) -> list[Tensor]:
    """Turn each fold's pairs, both sides by one rotation, towards the first fold's."""
    overlap = sum(
        w[:, :1].mT @ c.moments.mean(1, keepdim=True) @ w
        for c, w in zip(chosen, weights, strict=True)
    )
    left, _, right = torch.linalg.svd(overlap.double())
    turn = (left @ right).mT.float()
    return [w @ turn for w in weights]
