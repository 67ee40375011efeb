"""Mutual information for DataFrames: which columns inform about one of them, and how much."""

from __future__ import annotations

__all__ = ["mi_with"]

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from skmist._errors import InvalidSampleError
from skmist._parameters import check_choice, check_level
from skmist._sample.groups import group_rows
from skmist._sample.sample import MIN_SAMPLES
from skmist._sample.table import UNITS, as_pandas, check_label, present_values
from skmist._sample.table_sides import TableSide, joined_side, judged_sides, paired, read_sides
from skmist.estimators.methods import make_asked, method_name
from skmist.frame.facts import RankingFacts
from skmist.frame.pair_tests import PairTest, adjusted
from skmist.frame.pairs import PairAnswers, PairPlan, estimate_pairs, warn_of_first

if TYPE_CHECKING:
    import pandas as pd

    from skmist.estimators.base import MutualInfoEstimator
    from skmist.estimators.contract import SampleEstimator

_BATCH = 16


def mi_with(
    df: Any,
    target: Any,
    *,
    columns: Sequence[Hashable] | None = None,
    method: str | MutualInfoEstimator = "mist",
    level: float = 0.9,
    units: str = "nats",
    missing: str = "error",
    p_values: bool = False,
    n_permutations: int = 999,
    groups: ArrayLike | None = None,
    block_size: int | None = None,
    duplicates: str = "once",
    device: str = "auto",
    n_jobs: int | None = None,
    progress: bool = False,
    random_state: int | np.random.RandomState | None = None,
) -> pd.DataFrame:
    """Rank the columns of a DataFrame by their mutual information with a target.

    Each column is taken alone; what two columns say together is
    ``mutual_info(df[["a", "b"]], df["target"])``.

    Parameters
    ----------
    df : DataFrame of shape (n, n_fields)
        Of pandas or polars, or a table of pyarrow: numbers, booleans, text and categories. To
        have a column of numbers treated as labels, pass it as a category
        (``df["grade"].astype("category")``).
    target : label, or list of labels
        Column whose information is sought; several are taken together as one target.
    columns : list of labels or None, default=None
        Columns to rank; None takes all but the target.
    method : {"mist", "ksg", "gaussian_copula", "mine"} or estimator, default="mist"
        As in :func:`mutual_info`.
    level : float, default=0.9
        Probability that an interval is meant to hold the true value, between 0 and 1.
    units : {"nats", "bits"}, default="nats"
        Unit of the result; 1 bit is ln 2 = 0.693 nats.
    missing : {"error", "drop", "category"}, default="error"
        What to do with missing values: refuse them; or estimate each column from the rows in
        which it and the target are both present (pairwise deletion); or take "missing" for a
        value like any other, so that what its absence says counts as information too. With
        "drop" columns may rest on different rows; ``n_samples`` says how many, and it is
        unbiased only where values are missing completely at random.
    p_values : bool, default=False
        Test each column against independence of the target, as
        :func:`skmist.independence_test` does.
    n_permutations : int, default=999
        Permutations drawn, at least 19.
    groups : array-like of shape (n,) or None, default=None
        Labels of groups of rows that depend on one another, as in :func:`mutual_info`; p-values
        are those of :func:`independence_test` with them.
    block_size : int or None, default=None
        How many successive rows depend on one another, the same.
    duplicates : {"once", "count"}, default="once"
        Whether rows that were copied count once or each, as in :func:`mutual_info`. Whole rows
        decide, of all columns that take part.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one. Only "mist" and "mine" have any.
    n_jobs : int or None, default=None
        Processes, as joblib counts them. The answer does not depend on it.
    progress : bool, default=False
        Show a progress bar on a terminal when the work takes more than a second.
    random_state : int, RandomState instance or None, default=None
        Source of the permutations.

    Returns
    -------
    ranking : pandas.DataFrame of shape (n_columns, 7) or (n_columns, 9)
        Index = column, sorted by ``mi``, greatest first. Fields: ``mi``, ``low`` and ``high`` in
        `units`, clipped at 0 (``low`` and ``high`` are NaN where the method has no interval);
        ``kind`` ("continuous", "discrete" or "ordinal": discrete with an order); ``n_distinct``;
        ``n_samples``, the rows used; ``warnings``, what speaks against the number, empty if
        nothing does; with `p_values` also ``p_value``, and ``q_value``, adjusted for the false
        discovery rate over the columns (Benjamini and Hochberg). It is a pandas DataFrame
        whatever `df` was. Its ``attrs`` hold target, target_kind, target_entropy (of a discrete
        target: no column can carry more; else None), method, level (None without intervals) and
        units.

    Raises
    ------
    InvalidSampleError
        If a column is unknown or cannot be used, or values are missing; the message names
        column, value, limit and remedy.
    WeightsError
        If the weights of ``method="mist"`` are missing or altered.
    TypeError
        If `df` is not a table.
    ValueError
        If `method`, `level`, `units`, `missing` or `n_permutations` is not one of those above.

    Warns
    -----
    OutOfRangeWarning
        Once, if columns lie outside what the net was trained on. Their ``warnings`` say why.
    BoundWarning
        Once, if bounds of ``method="mine"`` cannot be relied on. The same.
    RepeatedRowsWarning
        If rows of the table were copied. The ``warnings`` of all say so.
    DependentRowsWarning
        Once, if rows depend on the rows before them in two columns, and neither `groups` nor
        `block_size` is given. Their ``warnings`` say so.

    See Also
    --------
    mutual_info : One estimate, of any columns against any columns.
    mi_matrix : Every column against every other.
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
    check_choice("units", units, UNITS)
    df = as_pandas(df)
    targets = _target_labels(df, target)
    columns = _ranked_labels(df, targets, columns)
    present_values(df, targets + columns, missing)
    estimator = make_asked(method, device=device, duplicates=duplicates)
    test = PairTest.of(n_permutations, random_state) if p_values else None

    target_side = _target_side(df, targets, estimator, missing)
    titles = ["the column"] * len(columns)
    choice = estimator.discrete_features
    sides = read_sides(df, columns, choice, "discrete_features", missing, titles)
    _check_rows(columns, sides, target_side)
    sides.append(target_side)
    sides, rows = judged_sides(sides, estimator.duplicates, groups, block_size)
    pairs = np.array([(i, len(columns)) for i in range(len(columns))])
    plan = PairPlan(estimator, level, MIN_SAMPLES, test, rows)
    how: dict[str, Any] = {
        "tile": (_BATCH, 1),
        "n_jobs": n_jobs,
        "progress": progress,
        "unit": "column",
    }
    answers = estimate_pairs(sides, pairs, plan, **how)
    warn_of_first(answers, plan, [f"column {label!r}" for label in columns], "columns", 2)
    ranking = _ranking(columns, sides, answers, units, test is not None)
    ranking.attrs = RankingFacts(
        target=", ".join(map(str, targets)),
        target_kind=target_side.kind,
        target_entropy=_target_entropy(sides[-1], units),
        method=method_name(method),
        level=level if estimator.has_interval else None,
        units=units,
    ).as_attrs()
    return ranking


# Checks ---------------------------------------------------------------------------------


def _target_labels(df: Any, target: Any) -> list:
    targets = list(target) if isinstance(target, list) else [target]
    if not targets:
        raise InvalidSampleError("target is an empty list; name at least one column.")
    for label in targets:
        check_label(df, label, "target")
    return targets


def _ranked_labels(df: Any, targets: list, columns: Any) -> list:
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


# Sides ----------------------------------------------------------------------------------


def _target_side(df: Any, targets: list, estimator: SampleEstimator, missing: str) -> TableSide:
    choice = estimator.discrete_target
    titles = ["the target"] * len(targets)
    sides = read_sides(df, targets, choice, "discrete_target", missing, titles)
    side = joined_side("the target", sides)
    if side.present.sum() < MIN_SAMPLES:
        raise InvalidSampleError(
            f"the target {targets[0]!r} has {side.present.sum()} values, below the minimum of "
            f"{MIN_SAMPLES}. Collect more rows."
        )
    return side


def _check_rows(columns: Any, sides: list[TableSide], target: TableSide) -> None:
    for label, side in zip(columns, sides, strict=True):
        rows = (side.present & target.present).sum()
        if rows < MIN_SAMPLES:
            raise InvalidSampleError(
                f"column {label!r} and the target are both present in {rows} rows, below the "
                f"minimum of {MIN_SAMPLES}. Leave the column out or impute it."
            )


def _target_entropy(target: TableSide, units: str) -> float | None:
    return target.entropy / UNITS[units] if target.side.is_discrete else None


# Results --------------------------------------------------------------------------------


def _ranking(
    columns: Any, sides: list[TableSide], answers: PairAnswers, units: str, tested: bool
) -> pd.DataFrame:
    import pandas as pd

    *sides, target = sides
    fields = {
        **{name: getattr(answers, name) / UNITS[units] for name in ("mi", "low", "high")},
        "kind": [side.kind for side in sides],
        "n_distinct": [int(group_rows(paired(s, target).x.values).max()) + 1 for s in sides],
        "n_samples": answers.n_samples,
        "warnings": answers.warnings(),
    }
    if tested:
        fields |= {"p_value": answers.p_value, "q_value": adjusted(answers.p_value)}
    table = pd.DataFrame(fields, index=pd.Index(columns, name="column", tupleize_cols=False))
    return table.sort_values("mi", ascending=False, kind="stable")
