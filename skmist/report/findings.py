"""What a report tells, put together once: all pairs, what is known of them, who is asked about."""

from __future__ import annotations

__all__ = ["Findings", "best_first"]

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from skmist._sample.table import label_key
from skmist.frame.facts import MatrixFacts
from skmist.frame.heat_map import PairSquares
from skmist.report.notes import Notes

_MOST_COLUMNS = 500


@dataclass(frozen=True, eq=False)
class Findings:
    """What a report tells.

    Parameters
    ----------
    pairs : pandas.DataFrame of shape (n_pairs, 12)
        Long form of :func:`skmist.mi_matrix`.
    facts : MatrixFacts
        What holds for all of them.
    notes : Notes
        What speaks against them.
    target : label or None
        Column to rank the others by.
    n_columns : int
        Columns of the table; of very many, `facts` has those of the pairs only.
    """

    pairs: Any
    facts: MatrixFacts
    notes: Notes
    target: Hashable | None
    n_columns: int

    @classmethod
    def of(cls, pairs, target) -> Findings:
        """Read the long form of :func:`skmist.mi_matrix`, which must have its ``attrs``."""
        facts = MatrixFacts.of(pairs)
        n_columns = len(facts.columns)
        if n_columns > _MOST_COLUMNS:
            found = {label_key(label) for label in [*pairs["a"], *pairs["b"], target]}
            facts = facts.some(lambda label: label_key(label) in found)
            pairs = pairs.copy()
            pairs.attrs = facts.as_attrs()
        names = (f"{a} and {b}" for a, b in zip(pairs["a"], pairs["b"], strict=True))
        notes = Notes(zip(names, pairs["warnings"], strict=True))
        return cls(pairs, facts, notes, target, n_columns)

    @cached_property
    def squares(self) -> PairSquares:
        """All pairs as arrays of shape (p, p) in the order of the columns, their diagonal NaN."""
        squares = PairSquares.of(self.pairs)
        np.fill_diagonal(squares.mi, np.nan)
        return squares

    @property
    def about_target(self) -> Any:
        """The rows of `pairs` that the target is in."""
        return self.pairs[(self.pairs["a"] == self.target) | (self.pairs["b"] == self.target)]


def best_first(pairs):
    """Sort rows of the long form, those with the most information first, those without last."""
    return pairs.sort_values("mi", ascending=False, kind="stable", na_position="last")
