"""Columns of a table as sides of pairs: read, checked and encoded once, however many pairs."""

from __future__ import annotations

__all__ = [
    "TableRows",
    "TableSide",
    "joined_side",
    "judged_sides",
    "paired",
    "paired_sides",
    "read_sides",
]

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from skmist._errors import InvalidSampleError
from skmist._parameters import check_duplicates
from skmist._sample.blocks import Blocks, row_blocks
from skmist._sample.codes import Codec, column_kinds
from skmist._sample.counted import counted_rows
from skmist._sample.dependence import dependence_note, rows_depend
from skmist._sample.entropy import discrete_entropy
from skmist._sample.reading import read_series
from skmist._sample.row_numbers import row_step
from skmist._sample.sample import Sample
from skmist._sample.side import Kinds, Side, joined
from skmist._sample.side_pairs import SidePairs
from skmist._sample.table import column_positions
from skmist._sample.tidy import Tidied, tidied, without_words
from skmist._sample.values import Column


@dataclass(frozen=True, eq=False)
class TableSide:
    """One column of a table, or several taken together.

    Parameters
    ----------
    title : str
        What messages call it.
    side : Side
        Of n rows; those that are not present hold 0.
    present : ndarray of bool, shape (n,)
    notes : tuple of str, default=()
        What was done to make it usable, each a predicate of the title.
    reason : str, default=""
        Why it cannot be used, the same; then no row is present. Empty where it can.
    whole_step : float or None, default=None
        `row_step` of the column that these rows are drawn from; None where they are all.
    """

    title: str
    side: Side
    present: np.ndarray
    notes: tuple[str, ...] = ()
    reason: str = ""
    whole_step: float | None = None

    def rows(self, chosen: np.ndarray) -> TableSide:
        """Some rows, by position; a column that numbers the rows of its table still does."""
        side, present = self.side.rows(chosen), self.present[chosen]
        return replace(self, side=side, present=present, whole_step=self.row_step)

    @cached_property
    def is_complete(self) -> bool:
        """Whether all rows are present."""
        return bool(self.present.all())

    @cached_property
    def row_step(self) -> float:
        """By how much a column grows from each row to the next; 0 where it does not number them.

        Nor do dates that follow one another: they are what they seem.
        """
        if self.whole_step is not None:
            return self.whole_step
        alone = self.side.width == 1 and self.is_complete and not self.notes
        return row_step(self.side.values[:, 0]) if alone else 0.0

    @property
    def kind(self) -> str:
        """ "ordinal" or "discrete" where all columns are, else "continuous"; or "none"."""
        if not self.present.any():
            return "none"
        if self.side.ordered.all():
            return "ordinal"
        return "discrete" if self.side.is_discrete else "continuous"

    @property
    def entropy(self) -> float:
        """Entropy in nats: infinite where a column is continuous, NaN without values."""
        if not self.side.is_discrete:
            return np.inf
        values = self.side.values[self.present]
        return discrete_entropy(values)[0] if len(values) else np.nan


def read_sides(
    df,
    labels,
    choice,
    parameter: str,
    missing: str,
    titles,
    *,
    strict: bool = True,
    na_values: Sequence[str] = (),
) -> list[TableSide]:
    """Read columns of a DataFrame; their kinds follow from all values that a column has.

    Parameters
    ----------
    df : pandas.DataFrame of shape (n, n_fields)
    labels : list of labels
    choice : "auto", "ordered", bool, or array-like
        Which columns are discrete, as in :func:`skmist.mutual_info`.
    parameter : str
        Name of the parameter that holds `choice`, for messages.
    missing : {"error", "drop", "category"}
        With "category" all rows are present: a missing label is a category of its own, which has
        no place in an order, and a column of numbers becomes two, the number (a constant where it
        is missing) and whether it is missing. These two say what the one said.
    titles : list of str
    strict : bool, default=True
        Refuse what cannot be used as it is; else it is made usable (`tidied`), or the side says
        why it is not.
    na_values : sequence of str, default=()
        Words that stand for a missing value.

    Returns
    -------
    list of TableSide

    Raises
    ------
    InvalidSampleError
        If a label is unknown; or if a column cannot be used and `strict`.
    """
    name = "the target" if parameter == "discrete_target" else "the"
    read = [
        _read(without_words(df.iloc[:, place], na_values), name, strict)
        for place in column_positions(df, labels)
    ]
    kinds = column_kinds([one.column for one in read], parameter, choice, in_table=True)
    parts = zip(titles, read, kinds, strict=True)
    return [_side(name, *part, missing == "category", strict) for part in parts]


class _Read(NamedTuple):
    """A column of a table as it was read."""

    column: Column  # the values that are present
    present: np.ndarray  # (n,)
    said: dict[str, Any]  # notes and reason of its side


def _read(series, name: str, strict: bool) -> _Read:
    found = Tidied(series) if strict else tidied(series)
    present = found.series.notna().to_numpy() & (not found.reason)
    said = {"notes": found.notes, "reason": found.reason}
    try:
        return _Read(read_series(found.series, name, np.flatnonzero(present)), present, said)
    except InvalidSampleError as error:
        if strict:
            raise
        nothing = Column(str(series.name), np.empty(0), is_label=False)
        return _Read(nothing, np.zeros_like(present), {"reason": found.reason or _why(error)})


def _why(error: InvalidSampleError) -> str:
    return f"cannot be used: {error}"


def _side(
    name: str, title: str, read: _Read, kind: str, as_category: bool, strict: bool
) -> TableSide:
    column, present, said = read
    values = np.zeros(len(present))
    try:
        values[present] = Codec.learn(name, [column], Kinds([kind])).encode([column])[:, 0]
    except InvalidSampleError as error:
        if strict:
            raise
        present, said = np.zeros_like(present), {"reason": _why(error)}
    if not as_category or present.all() or said.get("reason"):
        return _table_side(title, column.name, values[:, None], (kind,), present, **said)
    everywhere = np.ones_like(present)
    if kind != "continuous":
        values[~present] = values.max() + 1 if present.any() else 0
        return _table_side(title, column.name, values[:, None], ("discrete",), everywhere, **said)
    values[~present] = np.median(values[present])
    both = np.column_stack([values, ~present])
    kinds = ("continuous", "discrete")
    return _table_side(title, column.name, both, kinds, everywhere, **said)


def _table_side(
    title: str, name: str, values, kinds: tuple[str, ...], present, **said
) -> TableSide:
    words, names = np.array(kinds), (name,) * len(kinds)
    side = Side(values, words != "continuous", names, words == "ordinal")
    return TableSide(title, side, present, **said)


def joined_side(title: str, sides: list[TableSide]) -> TableSide:
    """Take several sides together; a row is present where all of them are."""
    if len(sides) == 1:
        return sides[0]
    present = np.all([side.present for side in sides], axis=0)
    notes = sum((side.notes for side in sides), ())
    reason = next((side.reason for side in sides if side.reason), "")
    return TableSide(title, joined([side.side for side in sides]), present, notes, reason)


class TableRows(NamedTuple):
    """What is known of the rows of a table."""

    note: str = ""  # that rows were copied, and count once
    blocks: Blocks | None = None  # which depend on one another

    def rows(self, chosen: np.ndarray) -> TableRows:
        """The same of some rows, by position."""
        return self if self.blocks is None else self._replace(blocks=self.blocks.rows(chosen))


def judged_sides(
    sides: Sequence[TableSide], duplicates: str, groups, block_size: int | None
) -> tuple[list[TableSide], TableRows]:
    """The sides with the rows that count, of which whole rows of the table decide.

    Parameters
    ----------
    sides : sequence of TableSide
        All columns that take part.
    duplicates, groups, block_size
        As in `Sample.judged`.

    Returns
    -------
    sides : list of TableSide
    rows : TableRows
    """
    blocks = row_blocks(len(sides[0].present), groups, block_size)
    found = None
    if check_duplicates(duplicates):
        found = counted_rows([*(side.side for side in sides), *map(_presence, sides)])
    if found is None:
        return list(sides), TableRows(blocks=blocks)
    drawn = [side.rows(found.rows) for side in sides]
    return drawn, TableRows(found.note, None if blocks is None else blocks.rows(found.rows))


def _presence(side: TableSide) -> Side:
    """Whether each row is present, as a label; no column where all are."""
    width = 0 if side.is_complete else 1
    values = np.repeat(side.present[:, None].astype(float), width, axis=1)
    return Side(values, np.ones(width, dtype=bool), side.side.names[:width])


def paired(a: TableSide, b: TableSide, rows: TableRows | None = None) -> Sample:
    """The rows in which both sides are present, and what is known of them."""
    both = Sample(a.side, b.side)
    blocks, present = None if rows is None else rows.blocks, a.present & b.present
    if not (a.is_complete and b.is_complete):
        both = both.rows(present)
        blocks = None if blocks is None else blocks.rows(present)
    if rows is None:
        return both
    if blocks is not None:
        return replace(both, blocks=blocks)
    note = dependence_note(both.x, both.y)
    return both if note is None else replace(both, notes=(note,))


def paired_sides(sides: Sequence[TableSide], pairs: np.ndarray) -> SidePairs:
    """The same of many pairs, by positions in `sides` (m, 2), of rows without blocks.

    Those of two complete sides share these; all others have rows of their own.
    """
    complete = np.array([side.is_complete for side in sides])
    share = complete[pairs].all(axis=1)
    every, of_pair = [side.side for side in sides], pairs.copy()
    notes: dict[int, tuple[str, ...]] = {}
    for k in np.flatnonzero(~share).tolist():
        i, j = pairs[k].tolist()
        own = paired(sides[i], sides[j], TableRows())
        of_pair[k] = len(every), len(every) + 1
        every += [own.x, own.y]
        notes |= {k: own.notes} if own.notes else {}
    depend = np.zeros(len(sides), dtype=bool)
    for i in np.unique(pairs[share]).tolist():
        depend[i] = rows_depend(every[i])
    for k in np.flatnonzero(share & depend[pairs].all(axis=1)).tolist():
        note = dependence_note(*(every[i] for i in pairs[k].tolist()))
        notes |= {} if note is None else {k: (note,)}
    return SidePairs.numbered(every, of_pair[:, 0], of_pair[:, 1], notes)
