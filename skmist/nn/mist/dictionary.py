"""Functions of the columns of a side among which a model of the other side chooses."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from skmist.nn.mist.side import Side
from skmist.nn.mist.turned import TurnedColumns

__all__ = ["Dictionary", "Groups"]

_N_CURVES = 8
_WAVE = 6
_FEW_CURVES = 4
_MAX_BASE, _MAX_FIRST_PAIRS = 32, 15
# Of each column of a pair: how many cosines, and whether the wave.
_PAIR_SIZES = ((6, 1), (4, 1))
_SCREENED = (0, 1, 2, _WAVE)
_MAX_SCREENED = 64
# Of the products, at most so many may be the leading ones of all pairs.
_MOST_LEADING = 0.6
_MAX_CELLS = 1 << 24
_MAX_TRIPLE_COLUMNS = 10
_TRIPLED = (0, _WAVE)
_MIN_SPREAD = 0.02


@cache
def _sets(d: int, size: int, device: torch.device) -> Tensor:
    """The sets of `size` of d columns, one a row."""
    return torch.combinations(torch.arange(d, device=device), size)


class Groups(NamedTuple):
    """Which functions are of the same columns.

    Each one's group ``number`` (D,), the ``size`` (G,) of the groups, and the matrix ``mean``
    (D, G) that averages over them.
    """

    number: Tensor
    size: Tensor
    mean: Tensor


def _groups(columns: Tensor) -> Groups:
    names, number = torch.unique(columns, return_inverse=True)
    members = (number[:, None] == torch.arange(len(names), device=number.device)).double()
    size = members.sum(0)
    return Groups(number, size, members / size)


class _Sizes(NamedTuple):
    """Columns, functions of each; pairs of which the leading product is a single function, or is
    a product beside the others; pairs with all products, of cosines and of waves; triples;
    columns that are turned, and by how many waves of the distance."""

    d: int
    each: int
    first: int
    leading: int
    pairs: int
    cosines: int
    waves: int
    triples: int
    turned: int
    turns: int


@cache
def _named(sizes: _Sizes, device: torch.device) -> tuple[Groups, Groups]:
    """Groups of a dictionary's single functions and products."""
    d, each, first, leading, pairs, cosines, waves, triples, turned, turns = sizes
    columns, twos = torch.arange(d + first, device=device).split([d, first])
    counts = [leading, pairs, triples, turned]
    one, two, three, turn = torch.arange(sum(counts), device=device).split(counts)
    parts = [two.repeat_interleave(cosines**2), two.repeat_interleave(waves**2)]
    products = torch.cat([one, *parts, three.repeat(len(_TRIPLED)), turn.repeat(turns)])
    return _groups(torch.cat([columns.repeat_interleave(each), twos])), _groups(products)


class Dictionary:
    """Functions of single columns, products of those of two and of three, and turned columns.

    A continuous column gives six cosines of its rank, a square wave (above or below the median)
    and its normal score; a discrete one indicators of eight (groups of) levels. Wide sides give
    fewer of each, and have more pairs of columns than can be multiplied: which ones, is to be
    said by `take`. Turned columns (:class:`~skmist.nn.mist.turned.TurnedColumns`) count among the
    products.

    Parameters
    ----------
    side : Side
    rows : Tensor of shape (batch, n, d)
        The sample's rows, which center and scale the functions.
    max_singles, max_pairs : int
        Functions of single columns and products of those of two, at most.
    outer : bool, default=False
        Of the turned columns.

    Attributes
    ----------
    singles : Tensor of shape (batch, D, n)
        Centered functions of single columns of the sample's rows.
    single_groups, product_groups : Groups
        Which of them, and of the products, stem from the same columns.
    base : list of int
        Single ones that the other side is asked about.
    """

    def __init__(
        self, side: Side, rows: Tensor, max_singles: int, max_pairs: int, outer: bool = False
    ) -> None:
        self.side = side
        d, n, device = side.d, rows.shape[1], rows.device
        self._all_pairs = _sets(d, 2, device)
        triples = _sets(d, 3, device)
        self._triples = triples if d <= _MAX_TRIPLE_COLUMNS else triples[:0]
        curves = self._curves(rows)
        self._center = curves.mean(-1, keepdim=True)
        square = (curves**2).mean(-1, keepdim=True)
        # An indicator of a rare level would weigh as much as one row can.
        self._spread = (square - self._center**2).clamp_min(_MIN_SPREAD**2).sqrt()
        self._own = (curves - self._center) / self._spread
        self._turned = TurnedColumns(side, self._own[:, :, -1], outer)
        self._sizes = self._fitting(min(max_pairs, _MAX_CELLS // n), max_singles)
        self.single_groups, self.product_groups = _named(self._sizes, device)
        few = max(1, min(self._sizes.each, _MAX_BASE // d))
        self.base = [j * self._sizes.each + k for j in range(d) for k in range(few)]
        self.base += range(d * self._sizes.each, d * self._sizes.each + self._sizes.first)
        self.singles = self._of_singles(self._own)
        self._single_means = self.singles.mean(-1, keepdim=True)
        self.singles.sub_(self._single_means)

    def _fitting(self, limit: int, max_singles: int) -> _Sizes:
        d, count = self.side.d, len(self._all_pairs)
        rest = len(self._triples), self._turned.n_columns, self._turned.n_waves
        each = max(1, min(_N_CURVES, max_singles // d))
        first = count if count <= _MAX_FIRST_PAIRS else 0
        for cosines, waves in _PAIR_SIZES:
            cost = cosines**2 + waves**2
            if count * cost <= limit:
                return _Sizes(d, each, first, 0, count, cosines, waves, *rest)
        leading = count if not first and count <= _MOST_LEADING * limit else 0
        pairs = min(count, max(1, (limit - leading) // cost))
        return _Sizes(d, each, first, leading, pairs, cosines, waves, *rest)

    @property
    def crowded(self) -> bool:
        """Whether there are more pairs of columns than can be multiplied."""
        return self.n_taken < self.n_pairs

    @property
    def n_pairs(self) -> int:
        """Number of pairs of columns."""
        return len(self._all_pairs)

    @property
    def n_taken(self) -> int:
        """Number of pairs that `take` takes."""
        return self._sizes.pairs

    def of_products(self, weights: Tensor) -> Tensor:
        """Weights (..., P) of the pairs that are taken as those of all products, (..., D).

        Products that are there whatever is taken weigh 1.
        """
        ends = self._sizes.leading, self._sizes.triples + self._sizes.turned
        return pad(weights, ends, value=1.0)[..., self.product_groups.number]

    def _curves(self, rows: Tensor) -> Tensor:
        """Eight functions of each column, ``(B, d, 8, m)``."""
        z = rows.mT.contiguous()
        angle = math.pi * torch.special.ndtr(z)
        cosines = [math.sqrt(2) * torch.cos(k * angle) for k in range(1, _WAVE + 1)]
        curves = torch.stack([*cosines, z.sign(), z], dim=2)
        if not self.side.any_discrete:
            return curves
        codes = torch.where(self.side.mask[:, None], z, 0.0).long() % _N_CURVES
        levels = torch.arange(_N_CURVES, device=z.device)[:, None]
        indicators = (codes[:, :, None] == levels).to(z.dtype)
        return torch.where(self.side.mask[:, None, None], indicators, curves)

    def _of_singles(self, curves: Tensor) -> Tensor:
        """Functions of single columns, and the leading product of each of few pairs."""
        leading = self._leading_products(curves, self._sizes.first)
        some = curves[:, :, : self._sizes.each]
        if self._sizes.each < _FEW_CURVES:
            # Few cosines are a poor line: the score takes the place of the first.
            score = torch.where(self.side.mask[:, None, None], some[:, :, :1], curves[:, :, -1:])
            some = torch.cat([score, some[:, :, 1:]], dim=2)
        return torch.cat([some.flatten(1, 2), leading], dim=1)

    def _leading_products(self, curves: Tensor, count: int) -> Tensor:
        i, j = self._all_pairs[:count].unbind(1)
        return curves[:, i, 0] * curves[:, j, 0]

    def _of_more(self, curves: Tensor) -> Tensor:
        """Products of functions of two columns and of three, and turned columns, uncentered."""
        sample = torch.arange(len(curves), device=curves.device)[:, None]
        products = [self._leading_products(curves, self._sizes.leading)]
        for start, size in ((0, self._sizes.cosines), (_WAVE, self._sizes.waves)):
            some = curves[:, :, start : start + size]
            left, right = (some[sample, self._pairs[..., side]] for side in (0, 1))
            products.append((left[:, :, :, None] * right[:, :, None]).flatten(1, 3))
        i, j, k = self._triples.unbind(1)
        products += [curves[:, i, f] * curves[:, j, f] * curves[:, k, f] for f in _TRIPLED]
        products.append(self._turned.of(curves[:, :, -1]))
        return torch.cat(products, dim=1)

    def some_curves(self) -> Tensor:
        """A few functions of each column of the sample's rows, ``(B, d, F, n)``."""
        count = max(1, min(len(_SCREENED), _MAX_SCREENED // self.side.d))
        return self._own[:, :, list(_SCREENED[:count])]

    def take(self, chosen: Tensor | None = None) -> Tensor:
        """Centered products (B, D, n) of the sample's rows, of chosen pairs of columns.

        Parameters
        ----------
        chosen : Tensor of shape (batch, n_taken), optional
            Their numbers; all where there is room for all.
        """
        pairs = self._all_pairs[chosen] if chosen is not None else self._all_pairs
        self._pairs = pairs.expand(len(self._own), -1, -1)
        products = self._of_more(self._own)
        self._means = products.mean(-1, keepdim=True)
        del self._own
        return products.sub_(self._means)

    def of(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Single functions and products of any rows (B, m, d), centered as the sample's."""
        curves = (self._curves(rows) - self._center) / self._spread
        singles = self._of_singles(curves).sub_(self._single_means)
        return singles, self._of_more(curves).sub_(self._means)
