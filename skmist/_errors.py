"""Errors and warnings of the package. Imports nothing of ours."""

from __future__ import annotations

__all__ = [
    "BoundWarning",
    "DependentRowsWarning",
    "InvalidSampleError",
    "InvalidSampleTypeError",
    "OutOfRangeWarning",
    "RepeatedRowsWarning",
    "SkmistError",
    "SkmistWarning",
    "TableWarning",
    "WeightsError",
]


class SkmistError(Exception):
    """Base of every error that this package raises on its own account.

    Examples
    --------
    >>> from skmist import InvalidSampleError, SkmistError
    >>> issubclass(InvalidSampleError, SkmistError)
    True
    """


class InvalidSampleError(SkmistError, ValueError):
    """The data cannot be used; the message names column, value, limit and remedy.

    Examples
    --------
    >>> from skmist import InvalidSampleError, KSGEstimator
    >>> try:
    ...     KSGEstimator().fit([[0.0], [1.0]], [0.0, 1.0])
    ... except InvalidSampleError as error:
    ...     print(error)
    X has 2 sample(s) (n_samples = 2) while a minimum of 5 is required. Collect more rows.
    """


class InvalidSampleTypeError(InvalidSampleError, TypeError):
    """The data are of a type that has no meaning here (sparse, dict, numbers as text).

    It is a ``TypeError`` too because scikit-learn asks for one in these cases.
    """


class WeightsError(SkmistError, OSError):
    """Shipped weights are missing, altered, or do not fit their card."""


class SkmistWarning(UserWarning):
    """Base of every warning about data or results; what these hold says the same in its notes.

    Examples
    --------
    To hear of nothing, or to be stopped by anything:

    >>> import warnings
    >>> from skmist import SkmistWarning
    >>> warnings.simplefilter("ignore", SkmistWarning)  # doctest: +SKIP
    >>> warnings.simplefilter("error", SkmistWarning)  # doctest: +SKIP
    """


class BoundWarning(SkmistWarning):
    """A bound on mutual information is likely to lie well below it, or to be unstable."""


class OutOfRangeWarning(SkmistWarning):
    """The sample lies outside the range on which the net was trained."""


class RepeatedRowsWarning(SkmistWarning):
    """Rows are copies of others, where chance cannot repeat them, and were counted once."""


class DependentRowsWarning(SkmistWarning):
    """Rows depend on those before them in X and in y, so that they say less than their number."""


class TableWarning(SkmistWarning):
    """Of a table, columns were left out or changed, or some of its rows or pairs left out."""
