"""Compressions of each side by a model of the other, fitted to other rows than it is shown for.

By data processing, functions of x and of y share no more information than x and y do; so a model
that saw none of the rows it compresses gives a lower bound, which rises with what it learns.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from skmist.nn.mist.dictionary import Dictionary, Groups
from skmist.nn.mist.likely_pairs import LikelyPairs, likely_pairs
from skmist.nn.mist.row_folds import RowFolds, RowIndex, keys_of_both, mixed, row_keys
from skmist.nn.mist.side import Side

__all__ = ["MIN_LEARNED_ROWS", "N_LEARNED", "LearnedPairs", "learns"]

N_LEARNED = 3
"""Learned canonical pairs."""

MIN_LEARNED_ROWS = 60
"""Rows below which nothing is learned."""


class _Size(NamedTuple):
    """Folds for each side that is compressed, functions of single columns, products of two to
    choose from, and products chosen."""

    folds: tuple[int, ...]
    singles: int
    pairs: int
    products: int


_ONE_SIDE, _BOTH_SIDES = _Size((4,), 80, 340, 64), _Size((4, 4), 48, 102, 40)
_CLOSED_PRIOR, _SINGLE_PRIOR, _LEAST_PRIOR = 0.1, 0.1, 1e-12
_BASE_RIDGE, _LEAST_SPREAD = 1e-3, 1e-12
_BLOCK, _POWER_STEPS = 8, 5
_GRID = 2.0**20
# From which on nothing of a pair is lost, and nothing left.
_NO_EXCESS, _EXCESS = 0.05, 0.2


class _Model(NamedTuple):
    """Functions of one side that a model may use, of sorted rows: ``features`` (B, U, N), their
    ``prior`` (B, K, U) outside each fold, and ``chosen`` (B, U2), the numbers of the products."""

    features: Tensor
    prior: Tensor
    chosen: Tensor


class _JudgedSingles(NamedTuple):
    """Functions of single columns: their ``prior`` (B, K, D), their ``slopes`` (B, K, D, T) on
    targets, and the variance that is ``left`` of these (B, K)."""

    prior: Tensor
    slopes: Tensor
    left: Tensor


class _Pool(NamedTuple):
    """Products (B, P, N) of one side, their moments ``with_singles`` (B, K, P, D), which of them
    each fold may use (B, K, P), the single functions as the other side's base judges them, and the
    products' ``ties`` to that base."""

    products: Tensor
    with_singles: Tensor
    allowed: Tensor | None
    judged: _JudgedSingles
    ties: Tensor


class _Fit(NamedTuple):
    """``weights`` (B, K, U, 3) of the leading pairs, each times its correlation, the ``moments``
    (B, K, U, U) of the functions, and the correlations ``rho`` (B, K, 3), in the rows that they
    were fitted to."""

    weights: list[Tensor]
    moments: tuple[Tensor, Tensor]
    rho: Tensor


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
        Coordinates (B, n, width) of the sample's rows, each by models that have not seen it:
        the leading one of unit spread, the others smaller as they tell less. A side of one
        column, or of categories, stays as it is.
    paired : bool
        Whether both sides are compressed, and have continuous columns alone. Then functions are
        judged a second time, by their ties to the pairs that were found, and each row shows the
        mean of two models, the same on both sides.
    rho, fitted : Tensor of shape (batch, 3)
        Correlations of the pairs over the sample, each row by the models that have not seen it;
        and in the rows that the models were fitted to. What lies between them is what more rows
        would still teach.
    """

    def __init__(self, x: Side, y: Side) -> None:
        keys = [row_keys(side.values) for side in (x, y)]
        self._columns = tuple(map(_column_order, (x, y), keys))
        # Sums in another order would round otherwise, and what is chosen turns on less.
        self.sides = tuple(map(_reordered, (x, y), self._columns))
        self._size = size = _ONE_SIDE if x.closed or y.closed else _BOTH_SIDES
        # Which side takes which division must not depend on which of them is called x.
        self.paired = not (x.closed or y.closed or x.any_tied or y.any_tied)
        turned = None if self.paired else keys[0].sum(1) < keys[1].sum(1)
        natural = x.all_repeat & y.all_repeat
        folds = RowFolds(RowIndex(keys_of_both(*keys)), size.folds, turned, natural)
        self._dictionaries = tuple(
            Dictionary(side, folds.sorted(side.values), size.singles, size.pairs, self.paired)
            for side in self.sides
        )
        self._fit(folds)

    @cached_property
    def _indices(self) -> tuple[RowIndex, RowIndex, RowIndex]:
        """Where rows stand: by x, by y, and by both; only those who ask about rows need it."""
        x, y = (row_keys(side.values, by_column=True) for side in self.sides)
        return RowIndex(x), RowIndex(y), RowIndex(_of_both(x, y))

    def _fit(self, folds: RowFolds) -> None:
        singles = [folds.padded(d.singles) for d in self._dictionaries]
        moments = _blocks(folds.moments(*[torch.cat(singles, dim=1)] * 2), singles[0].shape[1])
        pools = [self._pool(i, singles, moments, folds) for i in (0, 1)]
        models = [self._first(i, singles, moments, pools[i], folds) for i in (0, 1)]
        fit = _fitted(models, folds)
        if self.paired:
            models = [
                self._second(i, singles[i], moments[i][i], pool, models[1 - i], fit, folds)
                for i, pool in enumerate(pools)
                if pool
            ]
            fit = _fitted(models, folds)
        self.fitted = fit.rho.mean(1)
        self._keep(models, fit, folds)

    def _keep(self, models: list[_Model], fit: _Fit, folds: RowFolds) -> None:
        """Coordinates of the sample's rows, and what new ones need."""
        own = [self._own_coordinates(i, models[i].features, fit, folds) for i in (0, 1)]
        self._chosen = tuple(model.chosen for model in models)
        self._center = tuple(o.mean(1, keepdim=True) for o in own)
        spreads = tuple(o.std(1, keepdim=True).clamp_min(1e-6) for o in own)
        unit = [(o - c) / s for o, c, s in zip(own, self._center, spreads, strict=True)]
        self.rho = (unit[0] * unit[1]).mean(1)
        self._unit = tuple(s[..., :1] for s in spreads)
        self._weights = tuple(weights.mean(1) for weights in fit.weights)
        self._kept = self._resolved(fit)
        self.own = tuple(
            side.metric(side.values) if side.closed else folds.unsorted((o - c) / s * self._kept)
            for side, o, c, s in zip(self.sides, own, self._center, self._unit, strict=True)
        )

    def _resolved(self, fit: _Fit) -> Tensor:
        """How much of each pair (B, 1, 3) is kept: nothing of one of many that are equally strong.

        Each fold would take another of them, on both sides the same, and its choice shows the
        fold. It is told from a model of few rows, which differs from fold to fold as well, by a
        correlation that hardly falls in rows it has not seen.
        """
        kept = torch.ones_like(self.rho[:, None])
        if self.paired:
            agreed = torch.stack(list(map(_agreement, fit.weights, fit.moments))).amin(0)
            excess = self.rho / self.fitted.clamp_min(_LEAST_SPREAD) - agreed
            kept = 1.0 - ((excess - _NO_EXCESS) / (_EXCESS - _NO_EXCESS)).clamp(0.0, 1.0)[:, None]
            kept[..., 0] = 1.0
        return kept.to(self.sides[0].values.dtype)

    def _own_coordinates(self, i: int, features: Tensor, fit: _Fit, folds: RowFolds) -> Tensor:
        """Coordinates (B, n, 3) of the sample's rows, each by models that have not seen it.

        Where both sides show the same models, all cells' have the same spread in the whole
        sample: otherwise it would tell the cell.
        """
        cells = folds.cell_weights(fit.weights[i], i)
        if self.paired:
            moments = fit.moments[i].mean(1, keepdim=True)
            square = _square(cells, moments).clamp_min(_LEAST_SPREAD**2)
            common = square.mean(1, keepdim=True)
            cells = cells * (common / square).sqrt()[..., None, :]
        return folds.of_cells(features, cells)

    def width(self, i: int) -> int:
        """Number of coordinates of side ``i``."""
        return self.sides[i].d if self.sides[i].closed else N_LEARNED

    def _pool(
        self, i: int, singles: list[Tensor], moments: list[list[Tensor]], folds: RowFolds
    ) -> _Pool | None:
        """Products of side ``i`` to choose from; none of a side that is not compressed."""
        if self.sides[i].closed:
            return None
        dictionary, base = self._dictionaries[i], self._dictionaries[1 - i].base
        whiten = _whitening(moments[1 - i][1 - i][..., base, :][..., base])
        ties = moments[i][1 - i][..., base] @ whiten
        judged = self._singles_judged(i, ties, moments[i][i], folds)
        likely = None
        if dictionary.crowded:
            likely = self._likely(i, singles, judged.slopes, whiten, folds)
        products = folds.padded(dictionary.take(likely and likely.numbers))
        asked = torch.cat([singles[i], singles[1 - i][:, base]], dim=1)
        own, other = folds.moments(products, asked).tensor_split([singles[i].shape[1]], dim=-1)
        allowed = None if likely is None else dictionary.of_products(likely.own.double())
        return _Pool(products, own, allowed, judged, other @ whiten)

    def _first(
        self,
        i: int,
        singles: list[Tensor],
        moments: list[list[Tensor]],
        pool: _Pool | None,
        folds: RowFolds,
    ) -> _Model:
        """Functions of side ``i`` by their tie to the base functions of the other."""
        if pool is None:
            prior = torch.full_like(moments[i][i][..., 0], _CLOSED_PRIOR)
            return _Model(singles[i], prior, prior.new_empty(len(prior), 0).long())
        return self._chosen_from(i, singles[i], pool, pool.judged, pool.ties, folds)

    def _second(
        self,
        i: int,
        singles: Tensor,
        moments: Tensor,
        pool: _Pool,
        other: _Model,
        fit: _Fit,
        folds: RowFolds,
    ) -> _Model:
        """The same by their tie to the three functions that were found of the other side.

        They stand out from less noise than ties to all base functions, which hardly know what
        two sides share that are both turned.
        """
        asked = torch.cat([singles, pool.products], dim=1)
        weights, own = fit.weights[1 - i], fit.moments[1 - i]
        spread = _square(weights, own).clamp_min(_LEAST_SPREAD).sqrt()
        found = weights / spread[..., None, :]
        whiten = found @ _whitening(found.mT @ own @ found)
        ties = folds.moments(asked, other.features) @ whiten
        ties, of_products = ties.tensor_split([singles.shape[1]], dim=-2)
        judged = self._singles_judged(i, ties, moments, folds)
        return self._chosen_from(i, singles, pool, judged, of_products, folds)

    def _singles_judged(
        self, i: int, ties: Tensor, moments: Tensor, folds: RowFolds
    ) -> _JudgedSingles:
        """Functions of single columns by their ties (B, K, D, T) to uncorrelated targets."""
        n, total = folds.n_training, torch.full_like(ties[..., 0, 0], float(ties.shape[-1]))
        prior = _prior(ties, total, self._dictionaries[i].single_groups, n)
        prior = prior.clamp_min(_SINGLE_PRIOR / folds.n)
        slopes = torch.cholesky_solve(ties, _factor(moments, prior, n))
        return _JudgedSingles(prior, slopes, (total - (ties * slopes).sum((-2, -1))).clamp_min(0))

    def _chosen_from(
        self,
        i: int,
        singles: Tensor,
        pool: _Pool,
        judged: _JudgedSingles,
        ties: Tensor,
        folds: RowFolds,
    ) -> _Model:
        """Products are judged by what functions of single columns leave of the targets."""
        dictionary, left = self._dictionaries[i], ties - pool.with_singles @ judged.slopes
        rivals = dictionary.n_pairs / dictionary.n_taken
        more = _prior(left, judged.left, dictionary.product_groups, folds.n_training, rivals)
        if pool.allowed is not None:
            more = more * pool.allowed
        index, more = _strongest(more, self._size.products)
        features = torch.cat([singles, _rows(pool.products, index)], dim=1)
        return _Model(features, torch.cat([judged.prior, more], dim=-1), index)

    def _likely(
        self, i: int, singles: list[Tensor], slopes: Tensor, whiten: Tensor, folds: RowFolds
    ) -> LikelyPairs:
        """Pairs of columns of side ``i`` by what single functions leave of the other's base."""
        dictionary, base = self._dictionaries[i], self._dictionaries[1 - i].base
        left = folds.own(singles[1 - i][:, base], whiten, i) - folds.own(singles[i], slopes, i)
        return likely_pairs(dictionary.some_curves(), left, folds, dictionary.n_taken)

    def pairs(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Coordinates (B, m, width) of rows of which both sides are seen.

        Rows of the sample get what they have there, of copies in several folds what one has;
        others the mean of all models.
        """
        x, y = (
            _columns_of(rows, order) for rows, order in zip((x, y), self._columns, strict=True)
        )
        place = self._indices[2].find(_of_both(*(row_keys(r, by_column=True) for r in (x, y))))
        return self._placed(0, x, *place), self._placed(1, y, *place)

    def coordinates(self, i: int, rows: Tensor) -> Tensor:
        """The same for rows of which only side ``i`` is seen."""
        rows = _columns_of(rows, self._columns[i])
        return self._placed(i, rows, *self._indices[i].find(row_keys(rows, by_column=True)))

    def _placed(self, i: int, rows: Tensor, place: Tensor, there: Tensor) -> Tensor:
        if self.sides[i].closed:
            return self.sides[i].metric(rows)
        own = self.own[i].gather(1, place[..., None].expand(-1, -1, N_LEARNED))
        if bool(there.all()):
            return own
        singles, products = self._dictionaries[i].of(rows)
        features = torch.cat([singles, _rows(products, self._chosen[i])], dim=1)
        found = (features.mT.double() @ self._weights[i] - self._center[i]) / self._unit[i]
        found = found * self._kept
        return torch.where(there[..., None], own, ((found * _GRID).round() / _GRID).float())


def _column_order(side: Side, keys: Tensor) -> Tensor:
    """An order (B, d) of the columns, those of a kind together, whatever order they are in."""
    bits = (side.values + 0.0).contiguous().view(torch.int32).long()
    names = mixed(bits ^ keys[..., None]).sum(1)
    order = names.argsort(dim=-1)
    kinds = side.mask.to(torch.int8) * 2 + side.ordered.to(torch.int8)
    by_kind = kinds[order].argsort(dim=-1, stable=True)
    return order.gather(-1, by_kind)


def _of_both(x_keys: Tensor, y_keys: Tensor) -> Tensor:
    """Numbers of rows of both sides, which tell the sides apart."""
    return mixed(x_keys) + y_keys


def _columns_of(rows: Tensor, order: Tensor) -> Tensor:
    return rows.gather(-1, order[:, None].expand(-1, rows.shape[1], -1))


def _reordered(side: Side, order: Tensor) -> Side:
    """The side with its columns in another order, in which kinds are those of all samples."""
    first = order[0].tolist()
    return Side(
        _columns_of(side.values, order),
        tuple(side.discrete[j] for j in first),
        tuple(bool(side.ordered[j]) for j in first),
    )


def _blocks(moments: Tensor, count: int) -> list[list[Tensor]]:
    """The blocks of a matrix of two sides, the first of `count` functions."""
    return [list(m.tensor_split([count], dim=-1)) for m in moments.tensor_split([count], dim=-2)]


def _whitening(moments: Tensor) -> Tensor:
    """Turns functions (..., T) into uncorrelated ones of unit spread, ``(..., T, T)``."""
    eye = torch.eye(moments.shape[-1], dtype=moments.dtype, device=moments.device)
    factor = torch.linalg.cholesky_ex(moments + _BASE_RIDGE * eye).L
    return torch.linalg.solve_triangular(factor, eye, upper=False).mT


def _prior(
    ties: Tensor, variance: Tensor, groups: Groups, n: Tensor, rivals: float = 1.0
) -> Tensor:
    """Squared ties (B, K, D, T) to T targets of a variance (B, K) in all, less what chance gives.

    Half is a function's own excess over the noise, half the mean excess of its group: of a
    column's or of a pair's. Those that were found among `rivals` times as many had luck besides,
    as the greatest of so many chi-squared numbers have.
    """
    tie = (ties**2).sum(-1)
    chance, t = variance[..., None] / n, ties.shape[-1]
    error = chance * (2 / t) ** 0.5
    luck = chance * (2 * math.sqrt(t * math.log(rivals)) + 2 * math.log(rivals)) / t
    mean, size = tie @ groups.mean, groups.size
    shared = (mean - chance - error / size.sqrt()).clamp_min(0)[..., groups.number]
    return 0.5 * (shared + (tie - chance - torch.maximum(luck, 2 * error)).clamp_min(0))


def _strongest(prior: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Indices (B, U) of the products of greatest prior (B, K, D) in any fold, and the priors."""
    index = prior.amax(1).topk(min(count, prior.shape[-1]), dim=-1).indices
    chosen = prior.gather(-1, index[:, None].expand(-1, prior.shape[1], -1))
    return index, chosen.clamp_min(_LEAST_PRIOR)


def _rows(pool: Tensor, index: Tensor) -> Tensor:
    """Functions (B, U, N) of a pool (B, D, N)."""
    return pool[torch.arange(len(pool), device=pool.device)[:, None], index]


def _factor(moments: Tensor, prior: Tensor, n: Tensor) -> Tensor:
    """Cholesky factor (B, K, U, U) of the moments and of the ridge that the priors are."""
    return torch.linalg.cholesky_ex(moments + torch.diag_embed(1 / (n * prior))).L


def _fitted(models: list[_Model], folds: RowFolds) -> _Fit:
    """The leading canonical pairs."""
    x, y = (model.features for model in models)
    own = (folds.moments(x, x), folds.moments(y, y))
    cross = between = folds.moments(x, y)
    n = folds.n_training
    factors = [_factor(o, m.prior, n) for o, m in zip(own, models, strict=True)]
    starts = [f.mT @ _start(m.prior) for f, m in zip(factors, models, strict=True)]
    cross = torch.linalg.solve_triangular(factors[0], cross, upper=False)
    cross = torch.linalg.solve_triangular(factors[1], cross.mT, upper=False).mT
    weights = [
        torch.linalg.solve_triangular(f.mT, w, upper=True)
        for f, w in zip(factors, _leading(cross, *starts), strict=True)
    ]
    left, right = weights
    # A pair that tells nothing has no spread, which rounding makes negative.
    both = [_square(w, m).clamp_min(0.0) for w, m in zip(weights, own, strict=True)]
    spread = (both[0] * both[1]).sqrt().clamp_min(_LEAST_SPREAD)
    rho = (left * (between @ right)).sum(-2) / spread
    return _Fit(_aligned(weights, own), own, rho)


def _square(weights: Tensor, moments: Tensor) -> Tensor:
    """Mean squares (..., r) of combinations by weights (..., U, r) of functions."""
    return (weights * (moments @ weights)).sum(-2)


def _agreement(weights: Tensor, moments: Tensor) -> Tensor:
    """Mean correlation (B, r) of the combinations of two folds, by weights (B, K, U, r)."""
    whole = moments.mean(1, keepdim=True)
    spread = _square(weights, whole).clamp_min(_LEAST_SPREAD**2).sqrt()
    mean = (weights / spread[..., None, :]).mean(1, keepdim=True)
    k = weights.shape[1]
    return (k * _square(mean, whole)[:, 0] - 1.0) / (k - 1.0)


def _start(prior: Tensor) -> Tensor:
    """Eight combinations (B, K, U, 8) of functions, whatever their order."""
    angle = (prior.log() / math.log(_LEAST_PRIOR)) * math.pi
    mixed = torch.cos(angle[..., None] * torch.arange(_BLOCK, device=prior.device))
    return mixed * prior.sqrt()[..., None]


def _leading(cross: Tensor, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """Leading left and right singular vectors, (..., a, 3) and (..., b, 3), times their values.

    By subspace iteration from (..., a, 8) or (..., b, 8) on the narrower side.
    """
    if cross.shape[-2] < cross.shape[-1]:
        v, u = _leading(cross.mT, right, left)
        return u, v
    gram = cross.mT @ cross
    basis = _leading_basis(gram, right)
    values, vectors = torch.linalg.eigh(basis.mT @ gram @ basis)
    right = basis @ vectors[..., -N_LEARNED:].flip(-1)
    rho = values[..., -N_LEARNED:].flip(-1).clamp_min(0).sqrt()
    return cross @ right, right * rho[..., None, :]


def _leading_basis(gram: Tensor, start: Tensor) -> Tensor:
    """Orthonormal basis (..., a, 8) that holds the leading eigenvectors."""
    size = gram.shape[-1]
    if size <= _BLOCK:
        return torch.eye(size, device=gram.device, dtype=gram.dtype)
    square = gram @ gram
    basis = gram @ start
    for _ in range(_POWER_STEPS):
        basis = square @ torch.linalg.qr(basis).Q
    return torch.linalg.qr(basis).Q


def _aligned(weights: list[Tensor], moments: tuple[Tensor, Tensor]) -> list[Tensor]:
    """Turn each fold's pairs, both sides by one rotation, towards the first fold's."""
    overlap = sum(
        w[:, :1].mT @ m.mean(1, keepdim=True) @ w for w, m in zip(weights, moments, strict=True)
    )
    left, _, right = torch.linalg.svd(overlap)
    turn = (left @ right).mT
    return [w @ turn for w in weights]
