"""Rows of finite numbers, as scikit-learn reads them, whatever its settings are."""

from __future__ import annotations

__all__ = ["checked_rows", "validated_rows"]

from typing import Any

import numpy as np
import sklearn
from sklearn.utils.validation import check_array, validate_data

from skmist._sample.reading import without_mixed_names


def validated_rows(estimator: Any, X: Any, **options: Any) -> Any:
    """scikit-learn's ``validate_data``, by which an estimator remembers the names of columns.

    Names of mixed types are numbers to it, and numbers are finite also where
    ``assume_finite`` leaves that to whoever calls.

    Parameters
    ----------
    estimator : BaseEstimator
    X : array-like or DataFrame of shape (n, p)
    **options : object
        As ``validate_data`` takes them.

    Returns
    -------
    ndarray of shape (n, p), or that and y where y is among the options
    """
    with sklearn.config_context(assume_finite=False):
        return validate_data(estimator, without_mixed_names(X), **options)


def checked_rows(rows: Any, **options: Any) -> np.ndarray:
    """scikit-learn's ``check_array``, with numbers that are finite whatever is assumed.

    Parameters
    ----------
    rows : array-like of shape (n, ...)
    **options : object
        As ``check_array`` takes them.

    Returns
    -------
    ndarray of shape (n, ...)
    """
    with sklearn.config_context(assume_finite=False):
        return check_array(rows, **options)
