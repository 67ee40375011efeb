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
_FOLDS, _FOLDS_OF_EACH = 4, 2
_MAX_SINGLES, _MAX_PRODUCTS = 48, 64
_CLOSED_PRIOR, _LEAST_PRIOR = 0.1, 1e-7
_BASE_RIDGE = 1e-3
_GROUP_ERRORS, _OWN_ERRORS = 1.0, 2.0
_GRID = 2.0**20


class _Chosen(NamedTuple):
    """What the models of one side use: ``features`` (B, K, M, N) with zeros in the own fold,
    ``prior`` (B, K, M), ``index`` (B, K, M) in the ``pool`` (B, D, N) of all."""

    features: Tensor
    prior: Tensor
    index: Tensor
    pool: Tensor


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
        self._dictionaries = (Dictionary(x), Dictionary(y))
        # A fold shows in what its model makes of its rows: the same folds on both sides would be
        # something that they share.
        alone = x.closed or y.closed
        counts = (_FOLDS,) if alone else (_FOLDS_OF_EACH, _FOLDS_OF_EACH)
        self._fit(RowFolds(self._indices[2], counts))
        self.rho = (self.own[0] * self.own[1]).mean(1)

    def _fit(self, folds: RowFolds) -> None:
        both = list(zip(self._dictionaries, self.sides, strict=True))
        singles = [d.singles(folds.sorted(s.values)) for d, s in both]
        bases = [_whitened(d.base(f)) for (d, _), f in zip(both, singles, strict=True)]
        chosen = [self._choose(i, singles[i], bases[1 - i], folds) for i in (0, 1)]
        weights = [_dense(c, w) for c, w in zip(chosen, _canonical(*chosen, folds), strict=True)]
        # (B, K, 3, N): what the model of each fold says of all rows.
        every = [w.mT @ c.pool[:, None] for w, c in zip(weights, chosen, strict=True)]
        turns = _turns(*every)
        own = [folds.own(turns @ e, i) for i, e in enumerate(every)]
        spread, center = zip(*(torch.std_mean(o, 1, keepdim=True) for o in own), strict=True)
        self.spread = tuple(s.clamp_min(1e-6) for s in spread)
        self._center = center
        self.own = tuple((o - c) / s for o, c, s in zip(own, center, self.spread, strict=True))
        self._weights = tuple((w @ turns.mT).mean(1).double() for w in weights)

    def _choose(self, i: int, singles: Tensor, base: Tensor, folds: RowFolds) -> _Chosen:
        """Functions of side ``i`` by their tie to the base functions of the other.

        Products are judged by what the functions of single columns leave of the base.
        """
        dictionary, closed = self._dictionaries[i], self.sides[i].closed
        base = base[:, None] * folds.training
        prior = _prior(singles, base, dictionary.single_groups, folds)
        floor = _CLOSED_PRIOR if closed else 0.1 / folds.n
        index, prior = _strongest(prior.clamp_min(floor), _MAX_SINGLES)
        chosen = _Chosen(_picked(singles, index, folds), prior, index, singles)
        if closed:
            return chosen
        products = dictionary.products(singles)
        left = _residual(base, chosen, folds)
        prior = _prior(products, left, dictionary.product_groups, folds)
        index, prior = _strongest(prior.clamp_min(_LEAST_PRIOR), _MAX_PRODUCTS)
        return _Chosen(
            torch.cat([chosen.features, _picked(products, index, folds)], dim=2),
            torch.cat([chosen.prior, prior], dim=-1),
            torch.cat([chosen.index, index + singles.shape[1]], dim=-1),
            torch.cat([singles, products], dim=1),
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
        found = features.mT.double() @ self._weights[i]
        found = (((found - self._center[i]) / self.spread[i]) * _GRID).round() / _GRID
        return torch.where(there[..., None], own, found.float())


def _whitened(base: Tensor) -> Tensor:
    """Uncorrelated combinations (B, T, n) of unit spread of centered functions."""
    covariance = base @ base.mT / base.shape[-1]
    scale = covariance.diagonal(dim1=-2, dim2=-1).mean(-1)[:, None, None]
    eye = torch.eye(base.shape[1], device=base.device)
    factor = torch.linalg.cholesky_ex(covariance + _BASE_RIDGE * scale * eye).L
    return torch.linalg.solve_triangular(factor, base, upper=False)


def _prior(pool: Tensor, target: Tensor, groups: Tensor, folds: RowFolds) -> Tensor:
    """Squared ties (B, K, D) to targets (B, K, T, N) outside each fold, less what chance gives.

    Half is a function's own excess over the noise, half the mean excess of its group: of a
    column's or of a pair's.
    """
    n = folds.n_training
    tie = ((pool[:, None] @ target.mT / n[..., None]) ** 2).sum(-1)
    variance = (target**2).sum(-1) / n
    chance = variance.sum(-1, keepdim=True) / n
    error = (2 * (variance**2).sum(-1, keepdim=True)).sqrt() / n
    count = torch.bincount(groups).clamp_min(1)
    mean = tie.new_zeros(*tie.shape[:-1], len(count)).index_add_(-1, groups, tie) / count
    shared = (mean - chance - _GROUP_ERRORS * error / count.sqrt()).clamp_min(0)[..., groups]
    return 0.5 * (shared + (tie - chance - _OWN_ERRORS * error).clamp_min(0))


def _residual(target: Tensor, chosen: _Chosen, folds: RowFolds) -> Tensor:
    """What ridge regression on the chosen functions leaves of targets (B, K, T, N)."""
    features, n = chosen.features, folds.n_training
    ridge = torch.diag_embed(1 / (n * chosen.prior))
    factor = torch.linalg.cholesky_ex(features @ features.mT / n[..., None] + ridge).L
    slopes = torch.cholesky_solve(features @ target.mT / n[..., None], factor)
    return target - slopes.mT @ features


def _picked(pool: Tensor, index: Tensor, folds: RowFolds) -> Tensor:
    """Functions (B, K, M, N) of the pool, with zeros in each fold's own rows."""
    sample = torch.arange(len(pool), device=pool.device)[:, None, None]
    return pool[sample, index] * folds.training


def _strongest(prior: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Indices and values of the greatest priors of each fold."""
    top = prior.topk(min(count, prior.shape[-1]), dim=-1)
    return top.indices, top.values


def _canonical(x: _Chosen, y: _Chosen, folds: RowFolds) -> tuple[Tensor, Tensor]:
    """Weights (B, K, M, 3) of the leading pairs, each times its correlation."""
    n = folds.n_training[..., None]
    factors = []
    for side in (x, y):
        moments = (side.features @ side.features.mT / n).double()
        ridge = torch.diag_embed(1 / (folds.n_training * side.prior)).double()
        factors.append(torch.linalg.cholesky_ex(moments + ridge).L)
    cross = (x.features @ y.features.mT / n).double()
    cross = torch.linalg.solve_triangular(factors[0], cross, upper=False)
    cross = torch.linalg.solve_triangular(factors[1], cross.mT, upper=False).mT
    u, v = _leading(cross)
    return tuple(
        torch.linalg.solve_triangular(f.mT, w, upper=True).float()
        for f, w in zip(factors, (u, v), strict=True)
    )


def _leading(cross: Tensor) -> tuple[Tensor, Tensor]:
    """Leading left and right singular vectors, (..., a, 3) and (..., b, 3), times their values."""
    if cross.shape[-2] < cross.shape[-1]:
        v, u = _leading(cross.mT)
        return u, v
    values, vectors = torch.linalg.eigh(cross.mT @ cross)
    right = vectors[..., -N_LEARNED:].flip(-1)
    rho = values[..., -N_LEARNED:].flip(-1).clamp_min(0).sqrt()
    return cross @ right, right * rho[..., None, :]


def _dense(chosen: _Chosen, weights: Tensor) -> Tensor:
    """Weights (B, K, D, 3) of all functions."""
    dense = weights.new_zeros(*weights.shape[:2], chosen.pool.shape[1], N_LEARNED)
    return dense.scatter_(2, chosen.index[..., None].expand_as(weights), weights)


def _turns(x: Tensor, y: Tensor) -> Tensor:
    """Rotations (B, K, 3, 3), one for both sides, that bring each fold's pairs (B, K, 3, N)
    nearest to the first fold's."""
    cross = x[:, :1] @ x.mT + y[:, :1] @ y.mT
    left, _, right = torch.linalg.svd(cross.double())
    return (left @ right).float()
