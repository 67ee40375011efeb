"""Coordinate systems fitted to a sample, in which its dependence is looked at."""

from __future__ import annotations

from functools import cached_property

from torch import Tensor

from skmist.nn.canonical import canonical_pairs, spiked_correlations
from skmist.nn.mist.chance import information_by_chance, order_by_chance, says_by_chance
from skmist.nn.mist.column_pairs import binned_information, leading_columns, linear_information
from skmist.nn.mist.evidence import LEARNED_VIEWS
from skmist.nn.mist.learned import N_LEARNED, LearnedPairs, learns
from skmist.nn.mist.row_folds import row_keys
from skmist.nn.mist.scores import normal_scores, scores_like
from skmist.nn.mist.side import Side, are_leading
from skmist.nn.mist.tables import Table, table_of

__all__ = ["N_PAIRS", "VIEW_NAMES", "SampleFrame"]

VIEW_NAMES = ("raw", "selected", "pair1", "pair2", "pair3", "pair5", "kernel", "norm")
"""All columns; the three most dependent of each side; the leading canonical
pairs; the two leading kernel canonical pairs; the row norms."""

N_PAIRS = 3
"""Canonical pairs that a row shows to the net."""

_TIED_VIEWS = ("raw", "selected", *LEARNED_VIEWS)
_MAX_RAW = 16
_N_SELECTED = 3
_PAIR_VIEWS = {"pair1": 1, "pair2": 2, "pair3": 3, "pair5": 5}
_N_LANDMARKS = 48
_KERNEL_RIDGE = 1e-2
_N_KERNEL_PAIRS = 2
_MOST_SUMMED = 5
_SHRINK_BELOW = 4
_GRID = 2.0**20


class SampleFrame:
    """Everything that is fitted to a batch of samples before the net sees rows.

    Parameters
    ----------
    x : Tensor of shape (batch, n, p), float32
    y : Tensor of shape (batch, n, q), float32
        Normal scores in continuous columns, integer codes in discrete ones.
    x_discrete, y_discrete : tuple of bool
        Kinds of the columns.
    ordered : (tuple of bool, tuple of bool), optional
        Which columns of x and of y hold ordered discrete values, given as scores. An extended
        net reads a frame that knows; see :mod:`skmist.nn.mist.evidence`.
    """

    def __init__(
        self,
        x: Tensor,
        y: Tensor,
        x_discrete: tuple[bool, ...],
        y_discrete: tuple[bool, ...],
        ordered: tuple[tuple[bool, ...], tuple[bool, ...]] | None = None,
    ) -> None:
        self.extended = ordered is not None
        x_ordered, y_ordered = ordered or (None, None)
        self.sides = (Side(x, x_discrete, x_ordered), Side(y, y_discrete, y_ordered))
        self.n = x.shape[1]
        self.nonlinear = binned_information(*self.sides)
        self.linear = linear_information(*self.sides)
        self._select()
        self._fit_canonical()
        self._fit_kernel()
        self._fit_norms()
        self.aliases = self._aliases()
        sides = self.sides
        learned = self.extended and learns(*sides)
        self.learned = LearnedPairs(*sides) if learned else None
        self._tables: dict[bool, Table] = {}
        self._chances: dict[tuple[str, tuple[int, ...]], Tensor] = {}
        # Known when its statistics are: the view in which each sample says most.
        self.best: Tensor | None = None

    def table(self, name: str) -> Table | None:
        """What counts of a view are worth, where it is a table of categories.

        Both sides hold nothing else then. Norms tell as many cells apart as all columns do.
        """
        x, y = self.sides
        if not (self.extended and x.all_discrete and y.all_discrete) or name in LEARNED_VIEWS:
            return None
        part = name == "selected"
        if part not in self._tables:
            self._tables[part] = table_of(*(self.own_view(name) if part else (x.values, y.values)))
        return self._tables[part]

    @property
    def counted(self) -> bool:
        """Whether it is a table of categories of which the answer goes by counts."""
        shown = self.learned is not None or all(side.closed for side in self.sides)
        return shown and "raw" not in self.aliases and self.table("raw") is not None

    def chance(self, name: str, ks: tuple[int, ...]) -> Tensor | None:
        """What local estimates of a view say by chance, (B, K) nats; None if nothing.

        Canonical pairs have few ties, but where all columns have; norms have rows enough.
        """
        lattices = all(side.all_tied for side in self.sides)
        views = (*_TIED_VIEWS, *_PAIR_VIEWS, "kernel") if lattices else _TIED_VIEWS
        if not self.extended or name not in views:
            return None
        by_chance = says_by_chance(*self.sides)
        if not bool(by_chance.any()):
            return None
        if (name, ks) not in self._chances:
            x, y = (side[..., : self.width(name, i)] for i, side in enumerate(self.own_view(name)))
            said = information_by_chance(x, y, self._by_chance, ks)
            self._chances[name, ks] = by_chance[:, None] * said
        return self._chances[name, ks]

    @cached_property
    def _by_chance(self) -> Tensor:
        """An order (B, n) of rows in which none tells of the next."""
        return order_by_chance(*(row_keys(side.values) for side in self.sides))

    def _select(self) -> None:
        # Few rows leave the binned part tied; the linear part breaks the ties.
        strength = self.nonlinear + self.linear
        self.selected = (
            leading_columns(strength.amax(2), _N_SELECTED),
            leading_columns(strength.amax(1), _N_SELECTED),
        )

    def _fit_canonical(self) -> None:
        x, y = self.sides
        designs = (x.design(x.values), y.design(y.values))
        self.dims = (designs[0].shape[-1], designs[1].shape[-1])
        shrink = self.n < _SHRINK_BELOW * sum(self.dims)
        self.canonical = canonical_pairs(*designs, shrink=shrink)
        self.spiked = spiked_correlations(self.canonical.rho, self.n, *self.dims)
        self.n_pairs = max(1, min(x.rank, y.rank))
        plain = not (x.any_discrete or y.any_discrete)
        self.n_summed = min(_MOST_SUMMED, self.n_pairs) if plain else 0

    def _fit_kernel(self) -> None:
        count = min(_N_LANDMARKS, max(2, self.n // 4))
        self.landmarks = tuple(s.design(s.values[:, :count]) for s in self.sides)
        features = [self._kernel_features(i, s.values) for i, s in enumerate(self.sides)]
        self.kernel = canonical_pairs(*features, shrink=False, ridge=_KERNEL_RIDGE)
        self._kernel_own = tuple(self._kernel_places(i, f) for i, f in enumerate(features))

    def _kernel_features(self, i: int, rows: Tensor) -> Tensor:
        """Gaussian kernel to the landmarks, its squared width half the dimension."""
        side, marks = self.sides[i], self.landmarks[i]
        design, marks = side.design(rows).double(), marks.double()
        # in place, as a new array for every step would take longer than the arithmetic
        square = (-2 * design) @ marks.mT
        square += (design**2).sum(-1)[:, :, None]
        square += (marks**2).sum(-1)[:, None]
        return square.clamp_min_(0).div_(-side.d).exp_()

    def _fit_norms(self) -> None:
        self.norms = tuple(self._norm(i, s.values) for i, s in enumerate(self.sides))
        self._own_norm_scores = tuple(normal_scores(norm) for norm in self.norms)

    def _norm(self, i: int, rows: Tensor) -> Tensor:
        """Squared Mahalanobis norm of each row, per dimension; ``(B, m, 1)``."""
        side, pairs = self.sides[i], self.canonical
        white = (side.design(rows).double() - pairs.means[i]) @ pairs.whitenings[i]
        return _settled((white**2).sum(-1, keepdim=True) / side.rank)

    def _aliases(self) -> dict[str, str | None]:
        """Views that coincide with another for these dimensions, and those left out."""
        x, y = self.sides
        alias: dict[str, str | None] = {}
        if max(x.d, y.d) > _MAX_RAW:
            alias["raw"] = None
        if max(x.d, y.d) <= _N_SELECTED:
            alias["selected"] = "raw"
        names = list(_PAIR_VIEWS)
        for shorter, longer in zip(names, names[1:], strict=False):
            if self.n_pairs <= _PAIR_VIEWS[shorter]:
                alias[longer] = alias.get(shorter) or shorter
        scalar = x.d == y.d == 1 and not (x.any_discrete or y.any_discrete)
        if scalar or (x.all_discrete and y.all_discrete):
            alias.update(dict.fromkeys(names, "raw" if "raw" not in alias else "selected"))
        return alias

    def groups(self) -> list[tuple[str, ...]]:
        """The distinct views; those that are leading columns of one another together."""
        distinct = [name for name in VIEW_NAMES if name not in self.aliases]
        nested = tuple(name for name in distinct if name in _PAIR_VIEWS)
        single: list[tuple[str, ...]] = [(name,) for name in distinct if name not in _PAIR_VIEWS]
        return [*single, nested] if nested else single

    def coordinates(self, i: int, rows: Tensor) -> Tensor:
        """Canonical coordinates of rows of side ``i``: ``(B, m, n_pairs)``, float32."""
        centered = self.sides[i].design(rows).double() - self.canonical.means[i]
        return _settled(centered @ self.canonical.weights[i])

    def pairs_apart(self, i: int, rows: Tensor) -> Tensor:
        """Canonical coordinates that are summed, each a sample: ``(B * n_summed, m, 1)``."""
        leading = self.coordinates(i, rows)[..., : self.n_summed]
        return leading.movedim(-1, 1).flatten(0, 1).unsqueeze(-1)

    def _kernel_coordinates(self, i: int, rows: Tensor) -> Tensor:
        if rows is self.sides[i].values:
            return self._kernel_own[i]
        return self._kernel_places(i, self._kernel_features(i, rows))

    def _kernel_places(self, i: int, features: Tensor) -> Tensor:
        centered = features - self.kernel.means[i]
        return _settled(centered @ self.kernel.weights[i][..., :_N_KERNEL_PAIRS])

    def norm_scores(self, i: int, rows: Tensor) -> Tensor:
        """Normal scores of the row norms among the sample's, ``(B, m, 1)``."""
        if are_leading(rows, self.sides[i].values):
            return self._own_norm_scores[i][:, : rows.shape[1]]
        return scores_like(self.norms[i], self._norm(i, rows))

    def view_of_pairs(self, name: str, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Coordinates of rows of which both sides are seen."""
        if name in LEARNED_VIEWS and self.learned is not None:
            return self.learned.pairs(x, y)
        return self.view(name, 0, x), self.view(name, 1, y)

    def own_view(self, name: str) -> tuple[Tensor, Tensor]:
        """Coordinates of the sample's rows."""
        if name in LEARNED_VIEWS and self.learned is not None:
            x, y = self.learned.own
            return x, y
        return self.view_of_pairs(name, self.sides[0].values, self.sides[1].values)

    def view(self, name: str, i: int, rows: Tensor) -> Tensor:
        """Coordinates of rows of side ``i`` in a view, ``(B, m, d_view)``."""
        if name in LEARNED_VIEWS and self.learned is not None:
            return self.learned.coordinates(i, rows)
        side = self.sides[i]
        if name == "raw":
            return side.metric(rows)
        if name == "selected":
            index = self.selected[i][:, None].expand(-1, rows.shape[1], -1)
            return side.metric(rows).gather(-1, index)
        if name == "norm":
            return self.norm_scores(i, rows)
        if side.all_discrete:
            return side.metric(rows)
        if name == "kernel":
            return self._kernel_coordinates(i, rows)
        return self.coordinates(i, rows)[..., : self.width(name, i)]

    def width(self, name: str, i: int) -> int:
        """Number of columns of side ``i`` in a view."""
        side = self.sides[i]
        if name == "selected":
            return min(_N_SELECTED, side.d)
        if name == "norm":
            return 1
        if name in LEARNED_VIEWS:
            widest = N_LEARNED if self.learned is None else self.learned.width(i)
            return 1 if name == LEARNED_VIEWS[0] and not side.closed else widest
        if name == "raw" or side.all_discrete:
            return side.d
        if name == "kernel":
            return _N_KERNEL_PAIRS
        return min(_PAIR_VIEWS[name], self.n_pairs)


def _settled(coordinates: Tensor) -> Tensor:
    """Coordinates rounded to float32 by way of a grid that float64 rounding errors cannot cross.

    A matrix product rounds differently with the number of its rows; a row must
    get the same coordinates whichever rows it comes with, or it would not be
    recognized among the sample's.
    """
    return ((coordinates * _GRID).round() / _GRID).float()
