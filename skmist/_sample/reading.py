"""Read arrays, lists and DataFrames into clean columns: numbers or labels, nothing missing.

The rest of the package sees neither pandas nor polars: this module does, without importing
them (a frame can only be handed in by somebody who imported its library).
"""

from __future__ import annotations

__all__ = [
    "check_labels",
    "read_columns",
    "read_series",
    "require_2d",
    "tensor_values",
    "without_mixed_names",
]

import sys
import warnings
from dataclasses import replace
from typing import Any

import numpy as np

from skmist._errors import InvalidSampleError, InvalidSampleTypeError
from skmist._parameters import caller_level
from skmist._sample.shown import shortened
from skmist._sample.values import (
    MOST_CODES,
    Column,
    checked_array,
    checked_labels,
    checked_numbers,
    checked_objects,
    is_beyond_float,
)


def read_columns(data, side: str, *, allow_1d: bool) -> list[Column]:
    """Split ``data`` into checked columns.

    Parameters
    ----------
    data : array-like or DataFrame of shape (n, d), or (n,) where `allow_1d`
        numpy, nested lists, torch tensors, pandas or polars.
    side : {"X", "y"}
        Which argument it is; messages say so, and column names derive from it.
    allow_1d : bool
        Whether a one-dimensional `data` is one column.

    Returns
    -------
    list of Column
        d columns, each of shape (n,); all n are equal.

    Raises
    ------
    InvalidSampleError
        For a wrong number of dimensions, no columns, missing or infinite values, dates,
        complex numbers, mixed types or repeated names.
    InvalidSampleTypeError
        For sparse containers, numbers as text in X, and values that are neither number nor label.
    """
    if type(data) is np.ndarray:
        return _checked(_array_columns(data, side), data, side, allow_1d)
    if _is_sparse(data):
        raise InvalidSampleTypeError(
            f"Sparse data not supported: {side} is a {type(data).__name__} of shape "
            f"{data.shape} and only dense data are allowed. Convert it with .toarray()."
        )
    data = _as_frame(data)
    for library, read in (("pandas", _pandas_columns), ("polars", _polars_columns)):
        module = sys.modules.get(library)
        if module is not None and isinstance(data, (module.DataFrame, module.Series)):
            return _checked(read(module, data, side), data, side, allow_1d)
    return _checked(_array_columns(data, side), data, side, allow_1d)


def read_series(series, side: str, rows: np.ndarray) -> Column:
    """Check some rows of a column of a pandas table.

    Parameters
    ----------
    series : pandas.Series of shape (n,)
    side : str
        What messages say before the word "column".
    rows : ndarray of int, shape (m,)
        Positions; messages name those in `series`.

    Returns
    -------
    Column

    Raises
    ------
    InvalidSampleError
        If the values cannot be used.
    """
    import pandas

    return _pandas_column(pandas, series.iloc[rows], str(series.name), side, rows)


def check_labels(X: Any, y: Any, other: str = "y") -> None:
    """Look whether the labels of the rows of X and y, of pandas, agree.

    Rows are paired by position. Other labels beside some that merely count the rows, as a new
    frame has them, say nothing.

    Parameters
    ----------
    X, y : array-like or DataFrame
    other : str, default="y"
        What messages call the latter.

    Raises
    ------
    InvalidSampleError
        If the labels differ.

    Warns
    -----
    UserWarning
        If they are the same in another order.
    """
    pandas = sys.modules.get("pandas")
    if pandas is None or type(X) is np.ndarray or type(y) is np.ndarray:
        return
    indexes: list[Any] = [getattr(side, "index", None) for side in (X, y)]
    if not all(isinstance(index, pandas.Index) for index in indexes):
        return
    first, second = indexes
    if len(first) != len(second) or not len(first) or first.equals(second):
        return
    place = int(np.argmax(np.asarray(first) != np.asarray(second)))
    one, another = first[[place]].tolist()[0], second[[place]].tolist()[0]
    there = f"row {place} is {shortened(one)} in X and {shortened(another)} in {other}"
    remedy = (
        f"{other} = {other}.loc[X.index] brings them together, {other}.to_numpy() pairs rows by "
        "their position"
    )
    same = first.nlevels == second.nlevels and first.isin(second).all()
    if same and second.isin(first).all():
        warnings.warn(
            f"The row labels of X and {other} are the same in another order ({there}), and rows "
            f"are paired by their position: {remedy}.",
            stacklevel=caller_level(),
        )
    elif not _counts_rows(first, second):
        raise InvalidSampleError(f"The row labels of X and {other} differ: {there}; {remedy}.")


def _counts_rows(*labels: Any) -> bool:
    """Whether some labels are 0, 1, 2, ..., as pandas gives them unasked."""
    return any(
        getattr(index, "start", None) == 0 and getattr(index, "step", None) == 1
        for index in labels
    )


def require_2d(data, side: str) -> None:
    """Refuse one-dimensional data, of which nobody can say whether it is a row or a column.

    Parameters
    ----------
    data : array-like or DataFrame
    side : {"X", "y"}

    Raises
    ------
    InvalidSampleError
        If `data` has one dimension.
    """
    shape = data.shape if hasattr(data, "shape") else _as_array(data, side).shape
    if len(shape) == 1:
        raise InvalidSampleError(
            f"Expected 2D array, got 1D array instead: {side} has shape {tuple(shape)} and must "
            f"have two dimensions. Reshape your data with .reshape(-1, 1) if it is a single "
            f"feature or .reshape(1, -1) if it is a single sample."
        )


def without_mixed_names(data):
    """Number the columns of a pandas frame whose names are text and others, and leave all else.

    scikit-learn refuses such names, which it could not remember; numbers it does not remember
    either.

    Parameters
    ----------
    data : array-like or DataFrame
    """
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(data, pandas.DataFrame):
        return data
    are_text = {isinstance(name, str) for name in data.columns}
    return data.set_axis(range(data.shape[1]), axis=1) if len(are_text) > 1 else data


def _as_frame(data):
    """Bare categories and other columns of pandas as a series, a table of pyarrow as a frame."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(
        data, (pandas.api.extensions.ExtensionArray, pandas.Index)
    ):
        return pandas.Series(data)
    arrow = sys.modules.get("pyarrow")
    if arrow is not None and isinstance(data, (arrow.Table, arrow.ChunkedArray, arrow.Array)):
        return data.to_pandas()
    return data


def _is_sparse(data) -> bool:
    scipy = sys.modules.get("scipy.sparse")
    if scipy is not None and scipy.issparse(data):
        return True
    # sparse tensors of torch keep their layout in an attribute of that name
    return str(getattr(data, "layout", "")).startswith("torch.sparse")


def _tell_detached(tensor, side: str) -> None:
    if tensor.requires_grad:
        warnings.warn(
            f"{side} is a tensor that requires gradients, and none will reach it: it is detached. "
            "skmist.nn.MISTInformation gives MI with gradients; pass .detach() if none are meant.",
            stacklevel=7,
        )


def _checked(columns: list[Column], data, side: str, allow_1d: bool) -> list[Column]:
    if not allow_1d:
        require_2d(data, side)
    if not columns:
        raise InvalidSampleError(
            f"{side} has 0 feature(s) (shape={np.shape(data)}) while a minimum of 1 is required. "
            f"Pass at least one column."
        )
    seen: set[str] = set()
    for column in columns:
        if column.name in seen:
            raise InvalidSampleError(
                f"{side} has more than one column named {shortened(column.name)} and each name "
                "may appear once. Rename the columns."
            )
        seen.add(column.name)
    return columns


def _array_columns(data, side: str) -> list[Column]:
    array = _as_array(data, side)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise InvalidSampleError(
            f"Expected 2D array, got {array.ndim}D array instead: {side} has shape "
            f"{array.shape} and must have two dimensions, rows and columns. Reshape your data "
            f"to (n_samples, n_features)."
        )
    names = [f"{side.lower()}{j}" for j in range(array.shape[1])]
    if side == "X" and array.dtype.kind in "UST":
        for j, name in enumerate(names):
            _check_text(array[:, j], name)
    return [checked_array(array[:, j], name, side) for j, name in enumerate(names)]


def _as_array(data, side: str) -> np.ndarray:
    if hasattr(data, "detach"):
        _tell_detached(data, side)
        data = tensor_values(data, side)
    if isinstance(data, np.ma.MaskedArray):
        data = _unmasked(data)
    try:
        array = np.asarray(data)
        # numpy would turn the numbers of [[1, "a"], [2, "b"]] into text, and round those of
        # [[2**60 + 1, 0.5]]
        kind = array.dtype.kind
        if not hasattr(data, "dtype") and (
            kind in "US" or (kind == "f" and is_beyond_float(array))
        ):
            array = np.asarray(data, dtype=object)
    except ValueError as error:
        raise InvalidSampleError(
            f"{side} is not a table: its rows differ in length or depth ({error}). Pass rows of "
            f"equal length."
        ) from error
    return array


def _unmasked(data: np.ma.MaskedArray) -> np.ndarray:
    """The values, with what the mask hides missing; numpy would uncover it."""
    if not np.ma.is_masked(data):
        return data.data
    is_number = data.dtype.kind in "fiu"
    values = data.data.astype(np.float64 if is_number else object)
    values[np.ma.getmaskarray(data)] = np.nan if is_number else None
    return values


def _check_text(column: np.ndarray, name: str) -> None:
    """Refuse numbers that became text, as numpy makes them beside labels."""
    try:
        numbers = column.astype(np.float64)
    except ValueError:
        return
    if len(np.unique(numbers)) > MOST_CODES:
        raise InvalidSampleTypeError(
            f"X column {shortened(name)} is text (dtype {column.dtype}, first value "
            f"{shortened(column[0])}) of more "
            f"than {MOST_CODES} different numbers, which would count as labels. Convert it with "
            "X.astype(float), or pass a DataFrame, whose columns may be numbers and text."
        )


def tensor_values(data: Any, side: str) -> np.ndarray:
    """The numbers of a torch tensor of any dtype and layout; float64 holds all its floats.

    Parameters
    ----------
    data : torch.Tensor
    side : str
        What messages call it.

    Returns
    -------
    ndarray

    Raises
    ------
    InvalidSampleTypeError
        If they cannot be read.
    """
    try:
        data = data.detach()
        data = data.dequantize() if data.is_quantized else data
        data = data.double() if data.is_floating_point() else data
        return data.cpu().resolve_conj().resolve_neg().numpy()
    except (NotImplementedError, RuntimeError, TypeError) as error:
        raise InvalidSampleTypeError(
            f"{side} is a tensor ({getattr(data, 'dtype', '')}, device "
            f"{getattr(data, 'device', '')}) whose numbers cannot be read: {error}. Pass a dense "
            "tensor of numbers that is on a CPU or a GPU."
        ) from error


def _pandas_columns(pandas, data, side: str) -> list[Column]:
    if isinstance(data, pandas.Series):
        name = f"{side.lower()}0" if data.name is None else str(data.name)
        return [_pandas_column(pandas, data, name, side)]
    columns = [
        _pandas_column(pandas, data.iloc[:, j], str(name), side)
        for j, name in enumerate(data.columns)
    ]
    # numbers as names, often made by pandas itself, say nothing: scikit-learn thinks so too
    is_named = all(isinstance(name, str) for name in data.columns)
    return [replace(column, is_named=is_named) for column in columns]


def _pandas_column(pandas, series, name: str, side: str, rows=None) -> Column:
    dtype, types = series.dtype, pandas.api.types
    if isinstance(dtype, pandas.CategoricalDtype):
        column = checked_labels(series.astype(object).to_numpy(), name, side, rows)
        order = tuple(dtype.categories) if dtype.ordered else None
        return replace(column, order=order, is_category=True)
    if types.is_bool_dtype(dtype):
        return checked_labels(series.to_numpy(dtype=object), name, side, rows)
    kind = getattr(dtype, "kind", "O")
    if kind in "cmM" or dtype == np.longdouble:
        return checked_array(series.to_numpy(), name, side, rows)
    if kind in "iu" and not series.hasnans:
        return checked_array(series.to_numpy(dtype=f"{kind}8"), name, side, rows)
    if types.is_numeric_dtype(dtype):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        if kind == "f" or not is_beyond_float(values):
            return checked_numbers(values, name, side, rows)
    return checked_objects(series.to_numpy(dtype=object), name, side, rows)


def _polars_columns(polars, data, side: str) -> list[Column]:
    if isinstance(data, polars.Series):
        return [_polars_column(polars, data, data.name or f"{side.lower()}0", side)]
    columns = [_polars_column(polars, series, series.name, side) for series in data.get_columns()]
    return [replace(column, is_named=True) for column in columns]


def _polars_column(polars, series, name: str, side: str) -> Column:
    if series.dtype.is_numeric():
        values = series.cast(polars.Float64).to_numpy()
        if series.dtype.is_float() or not is_beyond_float(values):
            return checked_numbers(values, name, side)
    values = np.empty(len(series), dtype=object)
    values[:] = series.to_list()
    column = checked_objects(values, name, side)
    # the order of an Enum is part of its type, and pandas gets it as an ordered category
    is_enum = isinstance(series.dtype, polars.Enum)
    order = tuple(series.dtype.categories) if is_enum else None
    return replace(column, order=order, is_category=is_enum or series.dtype == polars.Categorical)
