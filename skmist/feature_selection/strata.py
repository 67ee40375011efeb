"""Copies of a column of categories that keep what another column knows of it."""

from __future__ import annotations

__all__ = ["Strata"]

from collections.abc import Sequence

import numpy as np

from skmist._sample.contingency import Table, expected_information, side_levels
from skmist.feature_selection.information import ColumnInformation
from skmist.independence.orders import arranged_within

# Of a column's entropy: so much is known of it, beyond chance, where copies move within levels.
_KNOWN = 0.5


class Strata:
    """Within which rows columns may change places, and still say nothing beyond the others.

    In tables of categories a column of noise splits cells and lowers an estimate, and one that
    follows from the others does not: beside its copies from anywhere it would seem to add much.
    So where a column that stays knows most of one that moves, rows change places within the
    levels of the former.

    Parameters
    ----------
    information : ColumnInformation
    """

    def __init__(self, information: ColumnInformation) -> None:
        self._column, blocks = information.column, information.sample.blocks
        x = information.sample.x
        self._tied = np.asarray(x.discrete | x.ordered, dtype=bool)
        self._groups = None if blocks is None else np.unique(blocks.labels, return_inverse=True)[1]
        self._known: dict[tuple[int, int], float] = {}

    def order(
        self, order: np.ndarray, moved: Sequence[int], kept: Sequence[int]
    ) -> tuple[np.ndarray, int | None]:
        """An order for the columns that move, and the column within whose levels it stays.

        Parameters
        ----------
        order : ndarray of int, shape (n,)
            Any order; it is given back, with None, where nothing that stays knows what moves.
        moved, kept : sequence of int
            Columns.
        """
        pairs = [(self._share(k, other), other) for k in moved for other in kept]
        share, stratum = max(pairs, default=(0.0, -1))
        if share < _KNOWN:
            return order, None
        return self._within(order, side_levels(self._column(stratum))), stratum

    def _share(self, k: int, other: int) -> float:
        """Share of the entropy of column k that another knows beyond chance; 0 of numbers."""
        if not (self._tied[k] and self._tied[other]):
            return 0.0
        if (k, other) not in self._known:
            levels, others = (side_levels(self._column(j)) for j in (k, other))
            table = Table.of(levels, others)
            shares = table.x_counts / table.n
            entropy = -float(shares @ np.log(shares))
            chance = expected_information(table.x_counts, table.y_counts)
            left = entropy - chance
            self._known[k, other] = (table.information - chance) / left if left > 0.0 else 0.0
        return self._known[k, other]

    def _within(self, order: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """The order, of the rows of each level, and of each group where there are any."""
        if self._groups is not None:
            levels = levels * (self._groups.max() + 1) + self._groups
        return arranged_within(levels)(order)
