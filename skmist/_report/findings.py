"""What a report tells, put together once: all pairs, what is known of them, who is asked about."""

from __future__ import annotations

__all__ = ["Findings", "best_first", "pairs_about", "pairs_among"]

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from skmist._report.notes import Notes
from skmist._report.views import ColumnView, look_at
from skmist._sample.table import column_positions, label_key
from skmist.frame.facts import MatrixFacts
from skmist.frame.heat_map import PairSquares, dependent
from skmist.frame.notes import column_doubts

_MOST_COLUMNS = 500
_ZERO = 0.01


@dataclass(frozen=True, eq=False)
class Findings:
    """What a report tells.

    Parameters
    ----------
    df : pandas.DataFrame of shape (n, n_fields)
        The data.
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

    df: Any
    pairs: Any
    facts: MatrixFacts
    notes: Notes
    target: Hashable | None
    n_columns: int

    @classmethod
    def of(cls, df: Any, pairs: Any, target: Hashable | None) -> Findings:
        """Read the long form of :func:`skmist.mi_matrix`, which must have its ``attrs``."""
        facts = MatrixFacts.of(pairs)
        n_columns = len(facts.columns)
        if n_columns > _MOST_COLUMNS:
            found = {label_key(label) for label in [*pairs["a"], *pairs["b"], target]}
            facts = facts.some(lambda label: label_key(label) in found)
            pairs = pairs.copy()
            pairs.attrs = facts.as_attrs()
        notes = Notes(facts.columns, pairs)
        return cls(df, pairs, facts, notes, target, n_columns)

    @cached_property
    def squares(self) -> PairSquares:
        """All pairs as arrays of shape (p, p) in the order of the columns, their diagonal NaN."""
        squares = PairSquares.of(self.pairs)
        np.fill_diagonal(squares.mi, np.nan)
        return squares

    @cached_property
    def place(self) -> dict:
        """Number of each column, by the key of its label."""
        return {label_key(label): i for i, label in enumerate(self.facts.columns)}

    @cached_property
    def views(self) -> list[ColumnView | None]:
        """What each column looks like."""
        places = column_positions(self.df, self.facts.columns)
        found = zip(places, self.facts.kinds, strict=True)
        return [look_at(self.df.iloc[:, k], kind, self.facts.missing) for k, kind in found]

    def doubts_of(self, label: Hashable, warning: str) -> tuple[str, ...]:
        """What a ``warnings`` field has against a column as such."""
        return column_doubts(label, warning, self._known_doubts) if warning else ()

    @cached_property
    def _known_doubts(self) -> frozenset[str]:
        return frozenset(self.facts.doubts)

    @cached_property
    def doubts(self) -> list[tuple[str, ...]]:
        """What speaks against each column as such: of several wordings, the most frequent.

        Something must do so in half of its pairs: what a column says where another is mostly
        missing is no fault of its own.
        """
        found: list[Counter[str]] = [Counter() for _ in self.facts.columns]
        pairs, doubted = np.zeros((2, len(found)), dtype=int)
        for a, b, warning in self.pairs[["a", "b", "warnings"]].itertuples(index=False):
            for label in (a, b):
                place, said = self.place[label_key(label)], self.doubts_of(label, warning)
                found[place].update(said)
                pairs[place] += 1
                doubted[place] += bool(said)
        return [
            tuple(said for said, _ in counts.most_common(1)) if 2 * few >= many else ()
            for counts, few, many in zip(found, doubted, pairs, strict=True)
        ]

    @cached_property
    def near_zero(self) -> np.ndarray:
        """Which rows of `pairs` show no dependence, or no number, bool of shape (n_pairs,)."""
        low, q_values = (
            self.pairs[name].to_numpy(float) if self.pairs[name].notna().any() else None
            for name in ("low", "q_value")
        )
        stars = dependent(low, q_values)
        if stars is None:
            stars = self.pairs["mi"].to_numpy(float) > _ZERO
        return ~stars

    @property
    def about_target(self) -> Any:
        """The rows of `pairs` that the target is in."""
        return pairs_about(self.pairs, self.target)


def pairs_about(pairs: Any, label: Hashable) -> Any:
    """The pairs of the long form that a column is in, whatever its label is."""
    asked = label_key(label)
    kept = [asked in (label_key(a), label_key(b)) for a, b in _both(pairs)]
    return pairs[np.array(kept, dtype=bool)]


def pairs_among(pairs: Any, labels: Iterable[Hashable]) -> Any:
    """The pairs of the long form both of whose columns are asked for."""
    asked = set(map(label_key, labels))
    kept = [label_key(a) in asked and label_key(b) in asked for a, b in _both(pairs)]
    return pairs[np.array(kept, dtype=bool)]


def _both(pairs: Any) -> Iterable[tuple]:
    return zip(pairs["a"], pairs["b"], strict=True)


def best_first(pairs: Any) -> Any:
    """Sort rows of the long form, those with the most information first, those without last."""
    return pairs.sort_values("mi", ascending=False, kind="stable", na_position="last")
