"""The paired sample: one validator and encoder that every estimator shares."""

from __future__ import annotations

__all__ = [
    "MIN_SAMPLES",
    "Sample",
    "SampleEncoder",
    "make_sample",
    "read_pair",
    "read_rows",
]

from dataclasses import dataclass

import numpy as np

from skmist._errors import InvalidSampleError
from skmist._sample.codes import Codec, column_kinds
from skmist._sample.reading import read_columns
from skmist._sample.values import Column

MIN_SAMPLES = 5
"""Fewest rows of a sample; an estimator may ask for more."""


@dataclass(frozen=True, eq=False)
class Sample:
    """A checked sample of pairs (x, y).

    Parameters
    ----------
    x, y : ndarray of shape (n, p) and (n, q)
        float64, finite. A discrete column holds the codes 0, 1, ..., L - 1, all of which occur.
    x_discrete, y_discrete : ndarray of shape (p,) and (q,)
        True where the column is discrete.
    x_names, y_names : tuple of str
        Column names.
    """

    x: np.ndarray
    y: np.ndarray
    x_discrete: np.ndarray
    y_discrete: np.ndarray
    x_names: tuple[str, ...]
    y_names: tuple[str, ...]

    @property
    def n_samples(self) -> int:
        """Number of rows n."""
        return len(self.x)

    @property
    def p(self) -> int:
        """Number of columns of x."""
        return self.x.shape[1]

    @property
    def q(self) -> int:
        """Number of columns of y."""
        return self.y.shape[1]

    @property
    def x_constant(self) -> np.ndarray:
        """Mask of shape (p,): columns of x with one value only, which carry 0 nats."""
        return _constant(self.x)

    @property
    def y_constant(self) -> np.ndarray:
        """Mask of shape (q,): columns of y with one value only, which carry 0 nats."""
        return _constant(self.y)

    def informative(self) -> Sample:
        """Return the sample without its constant columns; p or q may become 0."""
        x_kept, y_kept = ~self.x_constant, ~self.y_constant
        if x_kept.all() and y_kept.all():
            return self
        return Sample(
            x=self.x[:, x_kept],
            y=self.y[:, y_kept],
            x_discrete=self.x_discrete[x_kept],
            y_discrete=self.y_discrete[y_kept],
            x_names=tuple(np.array(self.x_names, dtype=object)[x_kept]),
            y_names=tuple(np.array(self.y_names, dtype=object)[y_kept]),
        )


def make_sample(X, y, *, discrete_features="auto", discrete_target="auto") -> Sample:
    """Check X and y and make a sample of them.

    Parameters
    ----------
    X : array-like or DataFrame of shape (n, p) or (n,)
        Numbers, booleans, text or categories. Rows pair with those of `y` by position; the index
        of a DataFrame is not consulted.
    y : array-like or DataFrame of shape (n,) or (n, q)
        The same.
    discrete_features : "auto", bool, or array-like, default="auto"
        Which columns of X are discrete: by rule (at most 2 distinct values, or at most 20 that
        occur 4 times on average), all or none, a mask of shape (p,), column indices, or column
        names. Text, booleans and categories always are.
    discrete_target : "auto", bool, or array-like, default="auto"
        The same for y.

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
    >>> sample.n_samples, sample.x_discrete, sample.y_discrete
    (5, array([False]), array([ True]))
    >>> sample.y.ravel()
    array([0., 1., 0., 1., 1.])
    """
    columns = read_pair(X, y, allow_1d=True)
    return SampleEncoder(discrete_features, discrete_target).fit(*columns)


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
    x_columns = read_columns(X, "X", allow_1d=allow_1d)
    y_columns = read_columns(y, "y", allow_1d=True)
    n, m = len(x_columns[0].values), len(y_columns[0].values)
    if n != m:
        raise InvalidSampleError(
            f"X has {n} rows and y has {m}, and the numbers must be equal. Pass one row of y per "
            f"row of X."
        )
    if n < MIN_SAMPLES:
        raise InvalidSampleError(
            f"X has {n} sample(s) (n_samples = {n}) while a minimum of {MIN_SAMPLES} is required. "
            f"Collect more rows."
        )
    return x_columns, y_columns


class SampleEncoder:
    """Remember how a sample was encoded, to encode new rows in the same way.

    Parameters
    ----------
    discrete_features, discrete_target : "auto", bool, or array-like, default="auto"
        As in `make_sample`.
    """

    def __init__(self, discrete_features="auto", discrete_target="auto"):
        self.discrete_features = discrete_features
        self.discrete_target = discrete_target

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
        return Sample(
            x=self.x_codec_.encode(x_columns),
            y=self.y_codec_.encode(y_columns),
            x_discrete=self.x_codec_.discrete,
            y_discrete=self.y_codec_.discrete,
            x_names=self.x_codec_.names,
            y_names=self.y_codec_.names,
        )


def _constant(values: np.ndarray) -> np.ndarray:
    return (values == values[:1]).all(axis=0)
