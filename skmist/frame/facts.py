"""What holds for a table of results as a whole: its method, its units, what its columns are.

The functions that make tables fill these in, and `attrs` is their copy for users. Whoever is
handed a table reads them once, by ``of``, and goes on with the object.
"""

from __future__ import annotations

__all__ = ["SEPARATOR", "LagFacts", "MatrixFacts", "RankingFacts", "split_notes"]

from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from skmist._sample.table import UNITS, label_key

if TYPE_CHECKING:
    import pandas as pd

SEPARATOR = "; "
"""Between the notes of one ``warnings`` field."""


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """Facts of one kind of table; the fields, in their order, are the keys of its `attrs`."""

    refusal: ClassVar[str]
    """What to say of a table that is no such result."""

    @classmethod
    def of(cls, table: pd.DataFrame, *, complete: bool = True) -> Self:
        """Read the `attrs` of a table.

        Parameters
        ----------
        table : pandas.DataFrame
        complete : bool, default=True
            Refuse a table that lacks some; else these get their defaults.

        Returns
        -------
        facts : RankingFacts or MatrixFacts

        Raises
        ------
        ValueError
            If the table lacks some and must not.
        """
        names = [field.name for field in fields(cls)]
        lost = [name for name in names if name not in table.attrs]
        if lost and complete:
            raise ValueError(
                f"{cls.refusal} It lacks {', '.join(lost)}: pandas drops attrs where tables "
                "are joined or built anew."
            )
        known = {name: table.attrs[name] for name in names if name not in lost}
        return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in known.items()})

    def as_attrs(self) -> dict:
        """The facts as `attrs` of a table, a copy of its own for each."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


@dataclass(frozen=True, kw_only=True)
class RankingFacts(_Facts):
    """What holds for a result of :func:`skmist.mi_with`.

    Parameters
    ----------
    target : str or None
        Name of the target; of several columns, their names with commas.
    target_kind : {"continuous", "discrete", "ordinal"}
    target_entropy : float or None
        In `units`; None of a continuous target.
    method : str
        Name of the method, or of the estimator's class.
    level : float or None
        Probability that the intervals are meant to hold; None without intervals.
    units : {"nats", "bits"}
    notes : tuple of str
        What was done to the table as a whole: columns that were changed or left out, rows drawn.
    doubts : tuple of str
        Which of the texts in `warnings` speak against a column as such.
    """

    refusal: ClassVar[str] = (
        "ranking is not the result of mi_with with its attrs; pass what mi_with(df, target) "
        "returns."
    )

    target: str | None = None
    target_kind: str = "continuous"
    target_entropy: float | None = None
    method: str = ""
    level: float | None = None
    units: str = "nats"
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MatrixFacts(_Facts):
    """What holds for a result of :func:`skmist.mi_matrix`, in either form.

    Parameters
    ----------
    columns : tuple of label, length p
        The columns compared, in the order of the matrix.
    kinds : tuple of {"continuous", "discrete", "ordinal", "none"}, length p
    entropies : tuple of float, length p
        In `units`; infinite of continuous columns.
    method : str
        Name of the method, or of the estimator's class.
    level : float or None
        Probability that the intervals are meant to hold; None without intervals.
    units : {"nats", "bits"}
    normalize : {None, "linfoot", "entropy"}
    missing : {"error", "drop", "category"}
    n_rows : int
        Rows of the data, with missing values or without.
    notes : tuple of str
        What was done to the table as a whole: columns that were changed or left out, rows and
        pairs that were left out.
    levels : tuple or None
        Names of the levels of `columns`, where these have several.
    doubts : tuple of str
        Which of the texts in `warnings` speak against a column as such.
    """

    refusal: ClassVar[str] = (
        "pairs is not the long form of mi_matrix with its attrs; pass what mi_matrix(df, "
        "form='long') returns."
    )

    columns: tuple[Hashable, ...] = ()
    kinds: tuple[str, ...] = ()
    entropies: tuple[float, ...] = ()
    method: str = ""
    level: float | None = None
    units: str = "nats"
    normalize: str | None = None
    missing: str = "drop"
    n_rows: int = 0
    notes: tuple[str, ...] = ()
    levels: tuple[Hashable, ...] | None = None
    doubts: tuple[str, ...] = ()

    def index(self) -> pd.Index:
        """The columns as pandas has them, those with several levels as they were."""
        import pandas as pd

        if self.levels is not None:
            return pd.MultiIndex.from_tuples(self.columns, names=self.levels)
        dtype = object if self.has_unnamed else None
        return pd.Index(self.columns, dtype=dtype, tupleize_cols=False)

    def some(self, wanted: Callable[[Hashable], bool]) -> MatrixFacts:
        """The same of some columns."""
        at = [i for i, label in enumerate(self.columns) if wanted(label)]
        parts: dict[str, Any] = {
            name: tuple(getattr(self, name)[i] for i in at)
            for name in ("columns", "kinds", "entropies")
        }
        return replace(self, **parts)

    @property
    def has_unnamed(self) -> bool:
        """Whether a label is None, NaN or the like, which pandas might turn into another."""
        return any(label_key(label) is not label for label in self.columns)

    @property
    def nats(self) -> float:
        """Nats in one of the units."""
        return UNITS[self.units]


@dataclass(frozen=True, kw_only=True)
class LagFacts(_Facts):
    """What holds for a result of :func:`skmist.mi_lags`.

    Parameters
    ----------
    x, y : str
        Names of the series; equal where one is compared with itself.
    past : int
        How many steps of y before the target are given.
    step : str
        What a lag of 1 is.
    method : str
        Name of the method, or of the estimator's class.
    level : float or None
        Probability that the intervals are meant to hold; None without intervals.
    units : {"nats", "bits"}
    """

    refusal: ClassVar[str] = (
        "table is not the result of mi_lags with its attrs; pass what mi_lags(x, y) returns."
    )

    x: str = "x"
    y: str = "y"
    past: int = 0
    step: str = "rows"
    method: str = ""
    level: float | None = None
    units: str = "nats"


def split_notes(warning: str) -> list[str]:
    """The notes that a ``warnings`` field joins, each once."""
    return list(dict.fromkeys(note for note in warning.split(SEPARATOR) if note))
