"""Do intervals hold what they promise? Coverage and width on samples of known MI."""

from __future__ import annotations

__all__ = ["CALIBRATION_LEVELS", "interval_calibration", "interval_results", "require_columns"]

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone

from skmist._errors import InvalidSampleError
from skmist._parameters import check_level
from skmist._progress import progress_bar

if TYPE_CHECKING:
    import pandas as pd

CALIBRATION_LEVELS = tuple(round(0.05 * i, 2) for i in range(1, 20))
"""Levels asked for by default: 0.05, 0.1, ..., 0.95."""

_ONE_EACH = ("sample", "n", "p", "q", "mi_true", "mi", "level", "low", "high")


def interval_results(
    estimator: Any,
    samples: Iterable[tuple[ArrayLike, ArrayLike]],
    truths: ArrayLike,
    *,
    levels: Iterable[float] = CALIBRATION_LEVELS,
    columns: Mapping[str, ArrayLike] | pd.DataFrame | None = None,
    progress: bool = False,
) -> pd.DataFrame:
    """Estimate samples of known MI with intervals at many levels.

    The table is what :func:`interval_calibration`, :func:`sbc_ranks` and
    :class:`MutualInfoCalibrationDisplay` read. An estimator is fitted once to each sample and then
    asked for all levels; for MIST that is one pass of the net.

    Parameters
    ----------
    estimator : estimator or callable
        With `fit` and `interval(level)`, such as :class:`MISTRegressor` and :class:`BootstrapCI`;
        it is cloned. Or a function, called as ``estimator(*sample, level=level)`` for each level,
        that returns an object with ``mi``, ``low`` and ``high``, such as
        :func:`conditional_mutual_info`.
    samples : iterable of tuple
        ``(X, y)``, or what the function takes. A generator is read one by one, so that not all
        samples need be in memory.
    truths : array-like of shape (n_samples,)
        True MI of each sample, nats.
    levels : array-like of shape (n_levels,), default=0.05, 0.1, ..., 0.95
        Probabilities that intervals are meant to hold the truth.
    columns : mapping or DataFrame, default=None
        What else to note of each sample, such as its family: names, and `n_samples` values each.
    progress : bool, default=False
        Show a progress bar on a terminal when the work takes more than a second.

    Returns
    -------
    results : DataFrame
        A row per sample and level: ``sample`` (its number), the given columns, ``n``, ``p`` and
        ``q`` (rows and columns of its first two arrays), ``mi_true``, ``mi``, ``level``, ``low``
        and ``high``, nats.

    Raises
    ------
    InvalidSampleError
        If a sample cannot be used; the message says which.
    TypeError
        If the estimator is neither callable nor has an interval.
    ValueError
        If there are not as many truths or column values as samples, or a level is not between
        0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist import BootstrapCI, GaussianCopulaEstimator, interval_results
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(5, 100))
    >>> samples = [(row[:, None], row + rng.normal(size=100)) for row in x]
    >>> ci = BootstrapCI(GaussianCopulaEstimator(), n_resamples=20, random_state=0)
    >>> results = interval_results(ci, samples, np.full(5, 0.3466), levels=[0.5, 0.9])
    >>> results.shape
    (10, 9)
    """
    import pandas as pd

    levels = _checked_levels(levels)
    truths = _checked_truths(truths)
    extra = _checked_columns(columns, len(truths))
    ask = _asker(estimator)
    rows = []
    bar = progress_bar(progress, "sample", len(truths), samples)
    for number, sample in enumerate(bar):
        if number == len(truths):
            raise ValueError(f"there are {len(truths)} truths and more samples; give one each.")
        noted = {name: values[number] for name, values in extra.items()}
        head = {"sample": number, **noted, **_shape(sample), "mi_true": truths[number]}
        rows += [{**head, **answer} for answer in _numbered(number, ask, sample, levels)]
    n_read = len(rows) // len(levels)
    if n_read < len(truths):
        raise ValueError(f"there are {len(truths)} truths for {n_read} samples; give one each.")
    return pd.DataFrame(rows).astype({"mi": float, "low": float, "high": float})


def interval_calibration(
    results: pd.DataFrame, *, by: str | Sequence[str] = (), tolerance: float = 1e-3
) -> pd.DataFrame:
    """Coverage and width of intervals, and the error of the estimates, by level and group.

    Parameters
    ----------
    results : DataFrame
        From :func:`interval_results`, or with its columns ``mi_true``, ``mi``, ``level``, ``low``
        and ``high``. Where an interval is missing (NaN) it does not count; where an estimate is,
        it has failed.
    by : str or sequence of str, default=()
        Columns whose values part the samples into groups: ``"n"``, ``"family"``, bins of your own.
    tolerance : float, default=1e-3
        Nats by which an interval may miss the truth and still covers it: quantiles of a quantity
        that cannot be negative never reach an MI of exactly 0.

    Returns
    -------
    calibration : DataFrame
        A row per group and level: the columns of `by`, ``level``, ``samples``, ``failed``,
        ``coverage`` (share of intervals that cover the truth), ``coverage_se`` (its binomial
        standard error), ``width`` (mean), ``bias`` (mean of estimate less truth) and ``error``
        (mean absolute), nats.

    Raises
    ------
    TypeError
        If `results` lacks a column.
    ValueError
        If `results` has no rows.

    Examples
    --------
    >>> import pandas as pd
    >>> from skmist import interval_calibration
    >>> results = pd.DataFrame(
    ...     {"mi_true": 0.3, "mi": [0.2, 0.3, 0.5, 0.3], "level": 0.9, "n": [50, 50, 99, 99],
    ...      "low": [0.1, 0.2, 0.4, 0.2], "high": [0.4, 0.4, 0.6, 0.4]}
    ... )
    >>> interval_calibration(results, by="n")[["n", "level", "samples", "coverage", "error"]]
        n  level  samples  coverage  error
    0  50    0.9        2       1.0   0.05
    1  99    0.9        2       0.5   0.10
    """
    import pandas as pd

    groups = [by] if isinstance(by, str) else list(by)
    require_columns(results, [*groups, "mi_true", "mi", "level", "low", "high"])
    if not len(results):
        raise ValueError("the results have 0 rows; estimate at least one sample.")
    keys = [*groups, "level"]
    parts = [
        {**dict(zip(keys, key, strict=True)), **_figures(part, tolerance)}
        for key, part in results.groupby(keys, observed=True)
    ]
    # the order of categories is that of the groups
    return pd.DataFrame(parts).astype({name: results[name].dtype for name in groups})


def require_columns(results: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse a table of results that lacks a column.

    Parameters
    ----------
    results : DataFrame
    names : list of str

    Raises
    ------
    TypeError
        If a column is missing, or `results` is no DataFrame.
    """
    missing = [name for name in names if name not in getattr(results, "columns", ())]
    if missing:
        raise TypeError(
            f"the results lack the columns {missing}; pass the DataFrame that "
            "skmist.interval_results returns, and name columns that it has."
        )


def _figures(part: pd.DataFrame, tolerance: float) -> dict[str, float]:
    asked = part["low"].notna()
    inside = part["mi_true"].between(part["low"] - tolerance, part["high"] + tolerance)[asked]
    coverage = inside.mean() if len(inside) else np.nan
    error = part["mi"] - part["mi_true"]
    return {
        "samples": len(part),
        "failed": int(part["mi"].isna().sum()),
        "coverage": coverage,
        "coverage_se": np.sqrt(coverage * (1.0 - coverage) / max(len(inside), 1)),
        "width": (part["high"] - part["low"]).mean(),
        "bias": error.mean(),
        "error": error.abs().mean(),
    }


def _asker(estimator: Any) -> Any:
    """A function of (sample, levels) that yields ``mi``, ``level``, ``low`` and ``high``."""
    if hasattr(estimator, "fit"):
        if not hasattr(estimator, "interval"):
            raise TypeError(
                f"{type(estimator).__name__} has no intervals to calibrate. Pass one that has, or "
                f"BootstrapCI({type(estimator).__name__}())."
            )
        return lambda sample, levels: _ask_estimator(estimator, sample, levels)
    if not callable(estimator):
        raise TypeError(
            f"estimator is of type {type(estimator).__name__}; pass an estimator with an "
            "interval, or a function that takes a sample and a level."
        )
    return lambda sample, levels: _ask_function(estimator, sample, levels)


def _ask_estimator(estimator: Any, sample: Any, levels: Any) -> Any:
    fitted = clone(estimator).fit(*sample)
    for level in levels:
        low, high = fitted.interval(level)
        yield {"mi": fitted.mi_, "level": level, "low": low, "high": high}


def _ask_function(function: Any, sample: Any, levels: Any) -> Any:
    for level in levels:
        found = function(*sample, level=level)
        yield {"mi": found.mi, "level": level, "low": found.low, "high": found.high}


def _numbered(number: int, ask: Any, sample: Any, levels: Any) -> list[dict]:
    try:
        return list(ask(sample, levels))
    except InvalidSampleError as error:
        raise type(error)(f"Sample {number}: {error}") from error


def _shape(sample: Any) -> dict[str, int]:
    sides = [np.shape(side) for side in sample[:2]]
    p, q = (shape[1] if len(shape) > 1 else 1 for shape in sides)
    return {"n": sides[0][0], "p": p, "q": q}


def _checked_levels(levels: Any) -> list[float]:
    checked = sorted({check_level(level) for level in levels})
    if not checked:
        raise ValueError("levels is empty; pass at least one level, for example [0.5, 0.9].")
    return checked


def _checked_truths(truths: Any) -> np.ndarray:
    truths = np.asarray(truths, dtype=float)
    if truths.ndim != 1 or not np.isfinite(truths).all() or not len(truths):
        raise ValueError(
            f"truths of shape {truths.shape} must be a list of finite numbers, one for each "
            "sample, at least 1. Pass the true MI of the samples in nats."
        )
    return truths


def _checked_columns(columns: Any, n_samples: int) -> dict[str, list]:
    extra = {} if columns is None else {name: list(columns[name]) for name in columns}
    for name, values in extra.items():
        if name in _ONE_EACH:
            raise ValueError(
                f"columns has {name!r}, which the results have anyway; choose another name."
            )
        if len(values) != n_samples:
            raise ValueError(
                f"column {name!r} has {len(values)} values for {n_samples} truths; give one each."
            )
    return extra
