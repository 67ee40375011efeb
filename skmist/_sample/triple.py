"""The sample of a conditional estimate: x, y and the conditions z, checked and encoded."""

from __future__ import annotations

__all__ = ["ConditionalSample", "make_conditional_sample"]

from dataclasses import dataclass, replace

import numpy as np

from skmist._errors import InvalidSampleError
from skmist._sample.codes import Codec, column_kinds
from skmist._sample.reading import check_labels, read_columns
from skmist._sample.sample import Sample, read_pair
from skmist._sample.side import Side, joined
from skmist._sample.values import Column


@dataclass(frozen=True, eq=False)
class ConditionalSample:
    """A checked sample of triples (x, y, z) without constant columns, which carry 0 nats.

    Parameters
    ----------
    x, y, z : Side
        Columns of the same n rows; a side may have none.
    notes : tuple of str, default=()
        What speaks against any estimate from it.
    """

    x: Side
    y: Side
    z: Side
    notes: tuple[str, ...] = ()

    @property
    def n_samples(self) -> int:
        """Number of rows n."""
        return len(self.x)

    def with_x(self, values: np.ndarray) -> ConditionalSample:
        """The sample with other values (n, p) of x."""
        return replace(self, x=self.x.with_values(values))

    def with_y(self, values: np.ndarray) -> ConditionalSample:
        """The sample with other values (n, q) of y."""
        return replace(self, y=self.y.with_values(values))

    def swapped(self) -> ConditionalSample:
        """The sample with x and y in each other's place."""
        return replace(self, x=self.y, y=self.x)

    def x_against_y(self) -> Sample:
        """The pair (x, y)."""
        return Sample(self.x, self.y)

    def x_against_z(self) -> Sample:
        """The pair (x, z)."""
        return Sample(self.x, self.z)

    def x_against_both(self) -> Sample:
        """The pair (x, (y, z))."""
        return Sample(self.x, joined((self.y, self.z)))


def make_conditional_sample(
    X,
    y,
    Z,
    *,
    discrete_features="auto",
    discrete_target="auto",
    discrete_conditions="auto",
    duplicates="once",
) -> ConditionalSample:
    """Check X, y and Z and make a sample of them.

    Parameters
    ----------
    X, y, Z : array-like or DataFrame of shape (n,) or (n, d)
        Numbers, booleans, text or categories; rows pair by position.
    discrete_features, discrete_target, discrete_conditions : "auto", "ordered", bool or array-like
        Which columns of X, y and Z are discrete, see :func:`skmist.mutual_info`.
    duplicates : {"once", "count"}, default="once"
        Whether rows that were copied count once, or each.

    Returns
    -------
    ConditionalSample

    Raises
    ------
    InvalidSampleError
        If the data cannot be used; the message names column, value, limit and remedy.
    """
    if Z is None:
        raise InvalidSampleError(
            "The conditions Z are None, but need at least 1 column. Pass one row of Z per row of "
            "X, or call skmist.mutual_info, which has no conditions."
        )
    x_columns, y_columns = read_pair(X, y, allow_1d=True)
    check_labels(X, Z, "Z")
    z_columns = read_columns(Z, "Z", allow_1d=True)
    n, m = len(x_columns[0].values), len(z_columns[0].values)
    if n != m:
        raise InvalidSampleError(
            f"X has {n} rows and Z has {m}, and the numbers must be equal. Pass one row of Z per "
            f"row of X."
        )
    sides = (
        ("X", x_columns, "discrete_features", discrete_features),
        ("y", y_columns, "discrete_target", discrete_target),
        ("Z", z_columns, "discrete_conditions", discrete_conditions),
    )
    x, y, z = (_encoded(*side) for side in sides)
    sample = Sample(x, joined((y, z))).counted(duplicates)
    if sample.kept is not None:
        x, y, z = (side.rows(sample.kept).varying() for side in (x, y, z))
    return ConditionalSample(x, y, z, sample.notes)


def _encoded(side: str, columns: list[Column], parameter: str, choice) -> Side:
    """The columns of one side that are not constant."""
    codec = Codec.learn(side, columns, column_kinds(columns, parameter, choice))
    return codec.side_of(columns).varying()
