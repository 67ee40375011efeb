"""What is to be said of columns and of pairs, in words that every table, page and command has."""

from __future__ import annotations

__all__ = [
    "THE_COLUMN",
    "about_column",
    "column_doubts",
    "pair_notes",
    "reworded",
    "table_notes",
    "warn_of_table",
]

import warnings
from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Any

import numpy as np

from skmist._errors import TableWarning
from skmist._parameters import caller_level
from skmist._sample.notes import ColumnDoubt
from skmist._sample.row_numbers import ROW_NUMBERS
from skmist._sample.shown import shortened
from skmist._sample.table_sides import TableSide
from skmist.estimators.remarks import few_rows
from skmist.frame.facts import SEPARATOR, split_notes
from skmist.frame.pair_tests import PairAnswer

THE_COLUMN = "the column"
"""What notes of a ranking call the column of their row."""

_SHOWN = 3


def pair_notes(
    sides: list[TableSide],
    pairs: np.ndarray,
    found: dict[int, PairAnswer],
    n_samples: np.ndarray,
    few: dict[int, str],
) -> dict[int, tuple[str, ...]]:
    """By pair, all that speaks against its number besides what the estimator says.

    Parameters
    ----------
    sides : list of TableSide
    pairs : ndarray of int, shape (m, 2)
        Positions in `sides`.
    found : dict of int to PairAnswer
        By position in `pairs`: those of which more is known than a number.
    n_samples : ndarray of int, shape (m,)
        Rows of each pair.
    few : dict of int to str
        By position, of pairs that were not asked, that they have so few rows.
    """
    own, notes = [_column_notes(side) for side in sides], {}
    told = np.array([bool(said) for said in own])[pairs].any(axis=1)
    told[[*found, *few]] = True
    for k in np.flatnonzero(told).tolist():
        i, j = pairs[k].tolist()
        said = own[i] + own[j]
        if k in found:
            said += _label_notes((sides[i], sides[j]), found[k], int(n_samples[k]))
        elif k in few and sides[i].present.any() and sides[j].present.any():
            said += (few[k],)
        if said:
            notes[k] = said
    return notes


def _column_notes(side: TableSide) -> tuple[str, ...]:
    """What was done to a column, and what speaks against it."""
    doubt, done = _column_doubt(side), side.notes if side.present.any() else ()
    changed = tuple(f"{side.title} {note}" for note in done)
    return (*changed, ColumnDoubt(f"{side.title} {doubt}")) if doubt else changed


def _column_doubt(side: TableSide) -> str:
    """Why the numbers of a column say little, as a predicate of it; empty where they may."""
    if side.reason:
        return side.reason
    if not side.present.any():
        return "has no values"
    if _is_constant(side):
        return "has one value only"
    return ROW_NUMBERS if side.row_step else ""


def _is_constant(side: TableSide) -> bool:
    values = side.side.values[side.present]
    return bool((values == values[:1]).all())


def _label_notes(
    sides: tuple[TableSide, TableSide], answer: PairAnswer, n: int
) -> tuple[str, ...]:
    """What is to be said of the sample of a pair that the estimator does not say."""
    about = answer.remarks
    if not answer.refusal:
        said = () if about is None else about.in_words(*(side.title for side in sides))
        return tuple(note for note in said if note not in answer.estimate.warnings)
    labels = () if about is None else zip(sides, about.n_labels, strict=True)
    few = [(side, few_rows(counts, n)) for side, counts in labels]
    said = tuple(ColumnDoubt(f"{side.title} {why}, {answer.refusal}") for side, why in few if why)
    return said or (answer.refusal,)


def about_column(label: Hashable, note: str) -> str:
    """What a note of a table says of a column, as a predicate of it; empty where nothing.

    In a ranking, which has a row per column, notes do not repeat the label.
    """
    titles = (f"column {shortened(label)} ", f"{THE_COLUMN} ")
    return next((note[len(title) :] for title in titles if note.startswith(title)), "")


def column_doubts(label: Hashable, warning: str, doubts: Collection[str]) -> tuple[str, ...]:
    """What a ``warnings`` field has against a column as such, each a predicate of it.

    Parameters
    ----------
    label : label
        Of the column.
    warning : str
        As tables of results have it.
    doubts : collection of str
        Which notes speak against a column, as the facts of the table have them.
    """
    said = (about_column(label, note) for note in split_notes(warning) if note in doubts)
    return tuple(predicate for predicate in said if predicate)


def table_notes(sides: Sequence[TableSide], names: Sequence[str]) -> tuple[str, ...]:
    """What was done to columns, for those who see no notes of pairs.

    Parameters
    ----------
    sides : sequence of TableSide
    names : sequence of str
        What to call each.

    Returns
    -------
    notes : tuple of str
        What columns cannot be used, and then what was done to others; the first few of each.
    """
    named = list(zip(names, sides, strict=True))
    lost = [f"{name} {_column_doubt(s)}" for name, s in named if not s.present.any()]
    changed = [f"{name} {note}" for name, s in named if s.present.any() for note in s.notes]
    return (*_first(lost), *_first(changed))


def _first(said: list[str]) -> list[str]:
    more = len(said) - _SHOWN
    return said[:_SHOWN] + ([f"and so for {more} more columns"] if more > 0 else [])


def warn_of_table(notes: Sequence[str]) -> None:
    """Warn once of all that was done to a table."""
    if notes:
        warnings.warn(SEPARATOR.join(notes), TableWarning, stacklevel=caller_level())


def reworded(table: Any, words: Callable[[str], str]) -> Any:
    """A ranking, or pairs in long form, with remarks in the words of whoever asks.

    Parameters
    ----------
    table : pandas.DataFrame
    words : callable
        Takes a remark and returns it in other words.
    """
    told = table.assign(warnings=table["warnings"].map(words))
    told.attrs = {**table.attrs, "notes": tuple(map(words, table.attrs["notes"]))}
    return told
