"""Read the result of ``mi_matrix``, in either form, into square arrays."""

from __future__ import annotations

__all__ = ["squares"]

import numpy as np

_LONG = {"a", "b", "mi", "low", "high", "normalized", "q_value"}


def squares(frame) -> dict:
    """Turn the result of :func:`skmist.mi_matrix` into what the display is made of.

    Parameters
    ----------
    frame : pandas.DataFrame
        Long or square form.

    Returns
    -------
    parts : dict
        Keyword arguments of MutualInfoMatrixDisplay.

    Raises
    ------
    TypeError
        If `frame` is neither form.
    """
    columns = getattr(frame, "columns", None)
    attrs = getattr(frame, "attrs", {})
    is_long = columns is not None and _LONG.issubset(columns)
    if columns is None or not (is_long or list(columns) == list(frame.index)):
        raise TypeError(
            f"frame is a {type(frame).__name__} that is neither form of the result of "
            "skmist.mi_matrix; pass mi_matrix(df, form='long')."
        )
    normalize = attrs.get("normalize")
    parts = {
        "units": attrs.get("units", "nats"),
        "level": attrs.get("level"),
        "normalize": normalize,
    }
    if not is_long:
        return {"names": list(map(str, columns)), "mi": frame.to_numpy(float), **parts}
    return {**_of_long_form(frame, normalize), **parts}


def _of_long_form(pairs, normalize) -> dict:
    from skmist.frame.matrix import square_form

    values = square_form(pairs, "normalized" if normalize else "mi")
    # intervals are in units, which a normalized value is not
    fields = (
        {"q_values": "q_value"}
        if normalize
        else {"low": "low", "high": "high", "q_values": "q_value"}
    )
    found = {name: square_form(pairs, field).to_numpy(float) for name, field in fields.items()}
    known = {name: v for name, v in found.items() if not np.isnan(v[_off_diagonal(v)]).all()}
    return {"names": list(map(str, values.columns)), "mi": values.to_numpy(float), **known}


def _off_diagonal(values: np.ndarray) -> np.ndarray:
    return ~np.eye(len(values), dtype=bool)
