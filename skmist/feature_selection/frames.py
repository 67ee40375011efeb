"""Frames that a selector was fitted to, as scikit-learn's `transform` can take them."""

from __future__ import annotations

__all__ = ["keeps_polars", "plain"]

import sys
from typing import Any

import numpy as np
from sklearn.utils._set_output import _get_output_config

_MOST_BITS = 1023


def plain(selector: Any, X: Any) -> Any:
    """A frame of pandas without types that numpy has no common one for, if an array is wanted."""
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(X, pandas.DataFrame):
        return X
    X = _dense(pandas, X)
    if _get_output_config("transform", estimator=selector)["dense"] == "pandas":
        return X
    if any(isinstance(t, pandas.CategoricalDtype) and _names_numbers_beyond(t) for t in X.dtypes):
        return X.astype(object)  # names like any other, but no numbers to scikit-learn
    if all(isinstance(dtype, np.dtype) for dtype in X.dtypes) or X.dtypes.nunique() == 1:
        return X
    are_numbers = all(map(pandas.api.types.is_numeric_dtype, X.dtypes))
    return X if are_numbers else X.astype(object)


def _names_numbers_beyond(dtype: Any) -> bool:
    """Whether categories are named by numbers that are complex, infinite or beyond float64."""
    names = dtype.categories.to_numpy()
    if names.dtype.kind == "O":
        return any(isinstance(name, int) and name.bit_length() > _MOST_BITS for name in names)
    return names.dtype.kind == "c" or (names.dtype.kind == "f" and bool(np.isinf(names).any()))


def _dense(pandas: Any, X: Any) -> Any:
    """A frame without the sparse columns of which scikit-learn warns."""
    places = [j for j, dtype in enumerate(X.dtypes) if isinstance(dtype, pandas.SparseDtype)]
    X = X.copy(deep=False) if places else X
    for j in places:
        X.isetitem(j, X.iloc[:, j].sparse.to_dense())
    return X


def keeps_polars(selector: Any, X: Any) -> bool:
    """Whether X is a frame of polars, and one is wanted."""
    polars = sys.modules.get("polars")
    is_polars = polars is not None and isinstance(X, polars.DataFrame)
    return is_polars and _get_output_config("transform", estimator=selector)["dense"] == "polars"
