"""Mutual information for DataFrames: which columns inform about one of them, and how much."""

from __future__ import annotations

__all__ = ["mi_with"]

import math
import warnings

import numpy as np

from skmist._base import check_level
from skmist._entropy import discrete_entropy
from skmist._errors import InvalidSampleError, OutOfRangeWarning
from skmist._mutual_info import estimate_samples, make_estimator, method_name
from skmist._sample import MIN_SAMPLES, make_sample
from skmist._table import check_frame, check_label, present_values

_UNITS = {"nats": 1.0, "bits": math.log(2.0)}
_BATCH = 16
_MIN_ROWS_PER_LABEL = 4


def mi_with(
    df,
    target,
    *,
    columns=None,
    method="mist",
    level=0.9,
    units="nats",
    missing="error",
    device="auto",
    progress=False,
):
    """Rank the columns of a DataFrame by their mutual information with a target.

    Each column is taken alone; what two columns say together is
    ``mutual_info(df[["a", "b"]], df["target"])``.

    Parameters
    ----------
    df : pandas.DataFrame of shape (n, n_fields)
        Numbers, booleans, text and categories. To have a column of numbers treated as labels,
        pass it as a category (``df["grade"].astype("category")``).
    target : label, or list of labels
        Column whose information is sought; several are taken together as one target.
    columns : list of labels or None, default=None
        Columns to rank; None takes all but the target.
    method : {"mist", "ksg", "gaussian_copula"} or estimator, default="mist"
        As in :func:`mutual_info`.
    level : float, default=0.9
        Probability that an interval is meant to hold the true value, between 0 and 1.
    units : {"nats", "bits"}, default="nats"
        Unit of the result; 1 bit is ln 2 = 0.693 nats.
    missing : {"error", "drop"}, default="error"
        What to do with missing values: refuse them, or estimate each column from the rows in
        which it and the target are both present (pairwise deletion). Then columns may rest on
        different rows; ``n_samples`` says how many. Deletion is unbiased only where values are
        missing completely at random.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where the net of ``method="mist"`` runs.
    progress : bool, default=False
        Show a progress bar on a terminal when the work takes more than a second.

    Returns
    -------
    ranking : pandas.DataFrame of shape (n_columns, 7)
        Index = column, sorted by ``mi``, greatest first. Fields: ``mi``, ``low`` and ``high`` in
        `units`, clipped at 0 (``low`` and ``high`` are NaN where the method has no interval);
        ``kind`` ("continuous" or "discrete"); ``n_distinct``; ``n_samples``, the rows used;
        ``warnings``, what speaks against the number, empty if nothing does. Its ``attrs`` hold
        target, target_kind, target_entropy (of a discrete target: no column can carry more; else
        None), method, level (None without intervals) and units.

    Raises
    ------
    InvalidSampleError
        If a column is unknown or cannot be used, or values are missing; the message names
        column, value, limit and remedy.
    WeightsError
        If the weights of ``method="mist"`` are missing or altered.
    TypeError
        If `df` is not a pandas DataFrame.
    ValueError
        If `method`, `level`, `units` or `missing` is not one of those above.

    Warns
    -----
    OutOfRangeWarning
        Once, if columns lie outside what the net was trained on. Their ``warnings`` say why.

    See Also
    --------
    mutual_info : One estimate, of any columns against any columns.
    MutualInfoRankingDisplay : Draws the ranking.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skmist import mi_with
    >>> iris = load_iris(as_frame=True).frame
    >>> ranking = mi_with(iris, "target", method="ksg")
    >>> ranking.index[-1]
    'sepal width (cm)'
    >>> ranking["kind"].unique().tolist()
    ['continuous']
    >>> round(ranking.attrs["target_entropy"], 3)  # three classes, 50 rows each: log(3)
    1.099
    """
    level = check_level(level)
    if units not in _UNITS:
        raise ValueError(f"units is {units!r}; pass one of {', '.join(_UNITS)}.")
    check_frame(df)
    targets = _target_labels(df, target)
    columns = _ranked_labels(df, targets, columns)
    present = present_values(df, targets + columns, missing)

    estimator = make_estimator(method, device=device)
    target_sample = _target_sample(df, targets, present, estimator)
    estimator.set_params(discrete_target=target_sample.y_discrete.tolist())
    pairs = [_pair(df, label, targets, present) for label in columns]
    facts = [_facts(pair, estimator) for pair in pairs]
    name = method_name(method)
    estimates = _estimate_batches(estimator, pairs, level, name, progress)
    _warn_once(columns, estimates)
    ranking = _ranking(columns, facts, estimates, units)
    ranking.attrs = {
        "target": ", ".join(map(str, targets)),
        **_target_facts(target_sample, units),
        "method": name,
        "level": next((e.level for e in estimates), None),
        "units": units,
    }
    return ranking


# Checks ---------------------------------------------------------------------------------


def _target_labels(df, target):
    targets = list(target) if isinstance(target, list) else [target]
    if not targets:
        raise InvalidSampleError("target is an empty list; name at least one column.")
    for label in targets:
        check_label(df, label, "target")
    return targets


def _ranked_labels(df, targets, columns):
    if columns is None:
        columns = [label for label in df.columns if label not in targets]
    elif isinstance(columns, str):
        columns = [columns]
    columns = list(dict.fromkeys(columns))
    for label in columns:
        check_label(df, label, "columns")
        if label in targets:
            raise InvalidSampleError(
                f"column {label!r} is both target and among the columns to rank; leave it out of "
                "columns."
            )
    if not columns:
        raise InvalidSampleError(
            f"0 columns to rank against the target {targets[0]!r}; at least 1 is required."
        )
    return columns


# Samples --------------------------------------------------------------------------------


def _target_sample(df, targets, present, estimator):
    """Read the target on all its rows, so that its kind is the same for every column."""
    y = df.loc[present[targets].all(axis=1).to_numpy(), targets]
    if len(y) < MIN_SAMPLES:
        raise InvalidSampleError(
            f"the target {targets[0]!r} has {len(y)} values, below the minimum of {MIN_SAMPLES}. "
            "Collect more rows."
        )
    return make_sample(
        np.arange(len(y), dtype=float), y, discrete_target=estimator.discrete_target
    )


def _pair(df, label, targets, present):
    rows = (present[label] & present[targets].all(axis=1)).to_numpy()
    if rows.sum() < MIN_SAMPLES:
        raise InvalidSampleError(
            f"column {label!r} and the target are both present in {rows.sum()} rows, below the "
            f"minimum of {MIN_SAMPLES}. Leave the column out or impute it."
        )
    kept = df.loc[rows]
    return kept[[label]], kept[targets]


def _facts(pair, estimator):
    sample = make_sample(
        *pair,
        discrete_features=estimator.discrete_features,
        discrete_target=estimator.discrete_target,
    )
    discrete = bool(sample.x_discrete[0])
    notes = _label_notes(sample.x, "column") if discrete else ()
    if sample.y_discrete.all():
        notes += _label_notes(sample.y, "target")
    kind = "discrete" if discrete else "continuous"
    return {"kind": kind, "n_distinct": len(np.unique(sample.x))}, notes


def _label_notes(codes, what):
    n, n_labels = len(codes), len(np.unique(codes, axis=0))
    if n_labels <= 2 or n >= _MIN_ROWS_PER_LABEL * n_labels:
        return ()
    return (
        f"the {what} has {n_labels} labels in {n} rows, fewer than {_MIN_ROWS_PER_LABEL} rows per "
        "label: too few to tell information from chance",
    )


def _target_facts(sample, units):
    if not sample.y_discrete.all():
        return {"target_kind": "continuous", "target_entropy": None}
    entropy, *_ = discrete_entropy(sample.y)
    return {"target_kind": "discrete", "target_entropy": entropy / _UNITS[units]}


# Results --------------------------------------------------------------------------------


def _estimate_batches(estimator, pairs, level, name, progress):
    from tqdm import tqdm

    estimates = []
    # None switches the bar off where stderr is not a terminal
    hidden = None if progress else True
    with tqdm(total=len(pairs), unit="column", delay=1, leave=False, disable=hidden) as bar:
        for start in range(0, len(pairs), _BATCH):
            batch = pairs[start : start + _BATCH]
            estimates += estimate_samples(estimator, batch, level=level, method=name)
            bar.update(len(batch))
    return estimates


def _warn_once(columns, estimates):
    noted = [
        (label, estimate.warnings[0])
        for label, estimate in zip(columns, estimates, strict=True)
        if estimate.warnings
    ]
    if not noted:
        return
    (label, note), *others = noted
    more = f" and {len(others)} more columns" if others else ""
    warnings.warn(f"column {label!r}{more}: {note}", OutOfRangeWarning, stacklevel=3)


def _ranking(columns, facts, estimates, units):
    import pandas as pd

    rows = []
    for (fact, notes), estimate in zip(facts, estimates, strict=True):
        values = {
            field: math.nan if value is None else max(value, 0.0) / _UNITS[units]
            for field, value in zip(
                ("mi", "low", "high"), (estimate.mi, estimate.low, estimate.high), strict=True
            )
        }
        text = "; ".join((*estimate.warnings, *notes))
        rows.append({**values, **fact, "n_samples": estimate.n_samples, "warnings": text})
    index = pd.Index(columns, name="column")
    return pd.DataFrame(rows, index=index).sort_values("mi", ascending=False, kind="stable")
