"""The paired sample: one validator and encoder that every estimator shares."""

from __future__ import annotations

__all__ = [
    "MIN_SAMPLES",
    "Sample",
    "SampleEncoder",
    "informative_samples",
    "make_sample",
    "make_side",
    "numbered_sides",
    "read_pair",
    "read_rows",
]

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from skmist._errors import InvalidSampleError
from skmist._parameters import check_duplicates
from skmist._sample.blocks import Blocks, row_blocks
from skmist._sample.codes import Codec, column_kinds
from skmist._sample.counted import counted_rows
from skmist._sample.dependence import dependence_note
from skmist._sample.reading import check_labels, read_columns
from skmist._sample.side import Side, joined
from skmist._sample.values import Column

MIN_SAMPLES = 5
"""Fewest rows of a sample; an estimator may ask for more."""


@dataclass(frozen=True, eq=False)
class Sample:
    """A checked sample of pairs (x, y).

    Parameters
    ----------
    x, y : Side
        Columns of the same n rows.
    kept : ndarray of int, shape (n,), or None, default=None
        Of a sample of which not all rows that were given count: positions of those that do.
    notes : tuple of str, default=()
        What speaks against any estimate from it.
    blocks : Blocks or None, default=None
        Which rows depend on one another, where that is known.
    """

    x: Side
    y: Side
    kept: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    blocks: Blocks | None = None

    @property
    def n_samples(self) -> int:
        """Number of rows n."""
        return len(self.x.values)

    @property
    def p(self) -> int:
        """Number of columns of x."""
        return self.x.width

    @property
    def q(self) -> int:
        """Number of columns of y."""
        return self.y.width

    @property
    def kinds(self) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
        """Which columns of either side are discrete."""
        return self.x.kinds, self.y.kinds

    def both(self) -> Side:
        """The columns of x and then those of y as one side."""
        return joined((self.x, self.y))

    def informative(self) -> Sample:
        """Return the sample without its constant columns; p or q may become 0."""
        x, y = self.x.varying(), self.y.varying()
        if x is self.x and y is self.y:
            return self
        return replace(self, x=x, y=y)

    def rows(self, chosen: np.ndarray) -> Sample:
        """The pairs of some rows, by position; they may repeat."""
        return Sample(self.x.rows(chosen), self.y.rows(chosen))

    def judged(
        self, duplicates: str = "once", groups=None, block_size=None, *, tells: bool = True
    ) -> Sample:
        """The sample with its copies counted once, its blocks, and notes about its rows.

        Parameters
        ----------
        duplicates : {"once", "count"}, default="once"
            Whether rows that were copied count once, or each.
        groups : array-like of shape (n,) or None, default=None
            Labels of groups of rows that depend on one another.
        block_size : int or None, default=None
            How many successive rows do.
        tells : bool, default=True
            Whether to say where rows depend on those before them, and no blocks are given.
        """
        blocks = row_blocks(self.n_samples, groups, block_size)
        sample = self.counted(duplicates)
        if blocks is not None:
            return replace(
                sample, blocks=blocks if sample.kept is None else blocks.rows(sample.kept)
            )
        note = dependence_note(sample.x, sample.y) if tells else None
        return sample if note is None else replace(sample, notes=(*sample.notes, note))

    def counted(self, duplicates: str = "once") -> Sample:
        """The sample with one of each row that was copied, and a note; see `counted_rows`."""
        found = counted_rows((self.x, self.y)) if check_duplicates(duplicates) else None
        if found is None:
            return self
        return replace(self.rows(found.rows), kept=found.rows, notes=(*self.notes, found.note))


def informative_samples(samples: Sequence[Sample]) -> dict[int, Sample]:
    """By number those samples that can carry information, without constant columns."""
    informative = enumerate(sample.informative() for sample in samples)
    return {i: sample for i, sample in informative if sample.x.width and sample.y.width}


def make_sample(X, y, *, discrete_features="auto", discrete_target="auto", **rows) -> Sample:
    """Check X and y and make a sample of them.

    Parameters
    ----------
    X : array-like or DataFrame of shape (n, p) or (n,)
        Numbers, booleans, text or categories. Rows pair with those of `y` by position; the index
        of a DataFrame is not consulted.
    y : array-like or DataFrame of shape (n,) or (n, q)
        The same.
    discrete_features : "auto", "ordered", bool, or array-like, default="auto"
        Which columns of X are discrete: by rule (at most 2 distinct values, or at most 20 that
        occur 4 times on average, half of them more than once), all and with an order, all or none,
        a mask of shape (p,), column indices, or column names. Text, booleans and categories always
        are.
    discrete_target : "auto", "ordered", bool, or array-like, default="auto"
        The same for y.
    **rows : dict
        What is known of the rows, as in `Sample.judged`.

    Returns
    -------
    Sample

    Raises
    ------
    InvalidSampleError
        If the data cannot be used; the message names column, value, limit and remedy.

    Examples
    --------
    >>> from skmist._sample.sample import make_sample
    >>> sample = make_sample([0.5, 0.1, 0.7, 0.3, 0.2], ["a", "b", "a", "b", "b"])
    >>> sample.n_samples, sample.x.discrete, sample.y.discrete
    (5, array([False]), array([ True]))
    >>> sample.y.values.ravel()
    array([0., 1., 0., 1., 1.])
    """
    columns = read_pair(X, y, allow_1d=True)
    return SampleEncoder(discrete_features, discrete_target).fit(*columns).judged(**rows)


def numbered_sides(samples: Sequence[Sample]) -> tuple[list[Side], np.ndarray, np.ndarray]:
    """The different sides of samples, and which of them each sample has as x and as y."""
    both = [side for sample in samples for side in (sample.x, sample.y)]
    sides = {id(side): side for side in both}
    numbers = dict(zip(sides, range(len(sides)), strict=True))
    found = np.fromiter((numbers[id(side)] for side in both), np.intp, len(both))
    return list(sides.values()), found[::2], found[1::2]


def make_side(data, side: str, discrete) -> Side:
    """Check one side and encode it by itself.

    Parameters
    ----------
    data : array-like or DataFrame of shape (n,) or (n, d)
    side : {"X", "y"}
    discrete : "auto", "ordered", bool, or array-like
        As `discrete_features` in `make_sample`.

    Returns
    -------
    Side

    Raises
    ------
    InvalidSampleError
        If the data cannot be used.
    """
    columns = read_columns(data, side, allow_1d=True)
    _check_rows(columns)
    parameter = "discrete_features" if side == "X" else "discrete_target"
    return Codec.learn(side, columns, column_kinds(columns, parameter, discrete)).side_of(columns)


def _check_rows(columns: list[Column]) -> None:
    n = len(columns[0].values)
    if n < MIN_SAMPLES:
        raise InvalidSampleError(
            f"X has {n} sample(s) (n_samples = {n}) while a minimum of {MIN_SAMPLES} is required. "
            f"Collect more rows."
        )


def read_rows(data, side: str) -> list[Column]:
    """Read at least one row of X (two-dimensional) or of y (one- or two-dimensional).

    Parameters
    ----------
    data : array-like or DataFrame
    side : {"X", "y"}

    Returns
    -------
    list of Column

    Raises
    ------
    InvalidSampleError
        If the data cannot be used.
    """
    columns = read_columns(data, side, allow_1d=side == "y")
    if len(columns[0].values) == 0:
        raise InvalidSampleError(
            f"{side} has 0 sample(s) while a minimum of 1 is required. Pass at least one row."
        )
    return columns


def read_pair(X, y, *, allow_1d: bool = False) -> tuple[list[Column], list[Column]]:
    """Read X and y of equal length, at least `MIN_SAMPLES` rows.

    Parameters
    ----------
    X : array-like or DataFrame of shape (n, p), or (n,) where `allow_1d`
    y : array-like or DataFrame of shape (n,) or (n, q)
    allow_1d : bool, default=False
        Whether a one-dimensional X is one column.

    Returns
    -------
    x_columns, y_columns : list of Column

    Raises
    ------
    InvalidSampleError
        If the data cannot be used.
    """
    if y is None:
        raise InvalidSampleError(
            "Mutual information requires y to be passed, but the target y is None. Pass one row "
            "of y per row of X."
        )
    check_labels(X, y)
    x_columns = read_columns(X, "X", allow_1d=allow_1d)
    y_columns = read_columns(y, "y", allow_1d=True)
    n, m = len(x_columns[0].values), len(y_columns[0].values)
    if n != m:
        raise InvalidSampleError(
            f"X has {n} rows and y has {m}, and the numbers must be equal. Pass one row of y per "
            f"row of X."
        )
    _check_rows(x_columns)
    return x_columns, y_columns


class SampleEncoder:
    """Remember how a sample was encoded, to encode new rows in the same way.

    Parameters
    ----------
    discrete_features, discrete_target : "auto", "ordered", bool, or array-like, default="auto"
        As in `make_sample`.
    """

    def __init__(self, discrete_features="auto", discrete_target="auto"):
        self.discrete_features = discrete_features
        self.discrete_target = discrete_target

    @classmethod
    def of(cls, sample: Sample) -> SampleEncoder:
        """The encoder under which the rows of a sample, as they are, encode to themselves."""
        encoder = cls()
        encoder.x_codec_ = Codec.of(sample.x, "X")
        encoder.y_codec_ = Codec.of(sample.y, "y")
        return encoder

    def fit(self, x_columns: list[Column], y_columns: list[Column]) -> Sample:
        """Learn the kinds and the categories of all columns and return the encoded sample.

        Parameters
        ----------
        x_columns, y_columns : list of Column
            As `read_pair` returns them.

        Returns
        -------
        Sample

        Raises
        ------
        InvalidSampleError
            If `discrete_features` or `discrete_target` does not fit the columns.
        """
        x_kinds = column_kinds(x_columns, "discrete_features", self.discrete_features)
        y_kinds = column_kinds(y_columns, "discrete_target", self.discrete_target)
        self.x_codec_ = Codec.learn("X", x_columns, x_kinds)
        self.y_codec_ = Codec.learn("y", y_columns, y_kinds)
        return self._sample(x_columns, y_columns)

    def encode_x(self, columns: list[Column]) -> np.ndarray:
        """Encode m rows of X as in fit, shape (m, p). An unseen category is an error."""
        return self.x_codec_.encode(columns)

    def encode_y(self, columns: list[Column]) -> np.ndarray:
        """Encode m rows of y as in fit, shape (m, q). An unseen category is an error."""
        return self.y_codec_.encode(columns)

    def new_sample(self, x_columns: list[Column], y_columns: list[Column]) -> Sample:
        """Make another sample with the column kinds of this one and its own categories."""
        other = SampleEncoder()
        other.x_codec_ = Codec.learn("X", x_columns, self.x_codec_.kinds(x_columns))
        other.y_codec_ = Codec.learn("y", y_columns, self.y_codec_.kinds(y_columns))
        return other._sample(x_columns, y_columns)

    def _sample(self, x_columns: list[Column], y_columns: list[Column]) -> Sample:
        return Sample(self.x_codec_.side_of(x_columns), self.y_codec_.side_of(y_columns))
