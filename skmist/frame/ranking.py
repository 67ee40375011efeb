"""Mutual information for DataFrames: which columns inform about one of them, and how much."""

from __future__ import annotations

__all__ = ["mi_with"]

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from skmist._errors import InvalidSampleError
from skmist._parameters import check_choice, check_level, renamed
from skmist._progress import progress_bar
from skmist._sample.drawn import drawn_rows
from skmist._sample.groups import group_rows
from skmist._sample.reading import check_labels
from skmist._sample.sample import MIN_SAMPLES
from skmist._sample.shown import shortened
from skmist._sample.table import (
    UNITS,
    as_pandas,
    as_values,
    column_positions,
    distinct_labels,
    label_key,
    missing_rule,
    present_values,
)
from skmist._sample.table_sides import TableSide, joined_side, judged_sides, paired, read_sides
from skmist.estimators.methods import make_asked, method_name
from skmist.frame.asked import PairPlan
from skmist.frame.facts import RankingFacts
from skmist.frame.limits import Limits, enough_rows, limit_notes, strongest_pairs, thinned
from skmist.frame.notes import THE_COLUMN, table_notes, warn_of_table
from skmist.frame.pair_tests import PairTest, adjusted
from skmist.frame.pairs import PairAnswers, estimate_pairs, warn_of_first

if TYPE_CHECKING:
    import pandas as pd

    from skmist.estimators.base import MutualInfoEstimator
    from skmist.estimators.contract import SampleEstimator

_BATCH = 16


@renamed(method="estimator")
def mi_with(
    df: Any,
    target: Any,
    *,
    columns: Sequence[Hashable] | None = None,
    estimator: str | MutualInfoEstimator = "mist",
    level: float = 0.9,
    units: str = "nats",
    missing: str | None = None,
    na_values: Sequence[str] = (),
    strict: bool = False,
    max_estimates: int | str | None = "auto",
    max_rows: int | str | None = "auto",
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
        Of pandas or polars, or a table of pyarrow: numbers, booleans, text, categories, dates and
        durations. Or a ``pyarrow.dataset.dataset`` on disk, which need not fit memory: `max_rows`
        rows are drawn while it is read, 40,000 if "auto". To have a column of numbers treated as
        labels, pass it as a category (``df["grade"].astype("category")``).
    target : label, list of labels, or Series, DataFrame or ndarray of shape (n,) or (n, q)
        Column whose information is sought; several are taken together as one target. Or the
        values of what is no column of `df`.
    columns : list of labels or None, default=None
        Columns to rank; None takes all but the target.
    estimator : {"mist", "ksg", "gaussian_copula", "mine"} or estimator, default="mist"
        As in :func:`mutual_info`.
    level : float, default=0.9
        Probability that an interval is meant to hold the true value, between 0 and 1.
    units : {"nats", "bits"}, default="nats"
        Unit of the result; 1 bit is ln 2 = 0.693 nats.
    missing : {"drop", "category", "error"} or None, default=None
        What to do with missing values: estimate each column from the rows in which it and the
        target are both present (pairwise deletion); or take "missing" for a value like any
        other, so that what its absence says counts as information too; or refuse them. With
        "drop" columns may rest on different rows; ``n_samples`` says how many, and it is
        unbiased only where values are missing completely at random. None is "drop", or "error"
        if `strict`.
    na_values : sequence of str, default=()
        Words that stand for a missing value, such as ``["?"]``. A column that holds numbers
        besides is one of numbers.
    strict : bool, default=False
        Refuse what cannot be estimated as it is: missing values, dates, infinite or mixed
        values, columns that share fewer than 5 rows with the target. By default no column
        stops a table; see Notes.
    max_estimates : int, "auto" or None, default="auto"
        Most columns that are estimated: those that a quick look finds to depend most on the
        target; None is no limit. "auto" is 500 (250 of more than 1,000 columns) for estimators
        that take milliseconds each (``"mist"``, ``"mine"``, intervals by resampling), else no
        limit.
    max_rows : int, "auto" or None, default="auto"
        Most rows that are estimated from, drawn at random, the same each time; None is no limit.
        "auto", for the same estimators, is such that a call takes some 10 seconds: 40,000 rows
        for up to 5 columns, 2,000 for 100, at least 600.
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
        ``kind`` ("continuous", "discrete", "ordinal": discrete with an order, or "none": nothing
        that can be used); ``n_distinct``; ``n_samples``, the rows used; ``warnings``, what
        speaks against the number or why there is none (``mi`` is NaN, at the end), empty if
        nothing does; with `p_values` also ``p_value``, and ``q_value``, adjusted for the false
        discovery rate over the columns (Benjamini and Hochberg). It is a pandas DataFrame
        whatever `df` was. Its ``attrs`` hold target, target_kind, target_entropy (of a discrete
        target: no column can carry more; else None), method, level (None without intervals),
        units, notes (a list of what was done to the table as a whole) and doubts (those of the
        texts in ``warnings`` that speak against a column as such).

    Raises
    ------
    InvalidSampleError
        If a label is unknown, or the target has fewer than 5 values; if `strict`, or with
        ``missing="error"``, as there. The message names column, value, limit and remedy.
    WeightsError
        If the weights of ``estimator="mist"`` are missing or altered.
    TypeError
        If `df` is not a table.
    ValueError
        If another parameter is not one of those above.

    Warns
    -----
    TableWarning
        Once, if columns were changed or cannot be used, or rows or columns were left out. Their
        ``warnings``, and the ``attrs``, say the same.
    OutOfRangeWarning
        Once, if columns lie outside what the net was trained on. Their ``warnings`` say why.
    BoundWarning
        Once, if bounds of ``estimator="mine"`` cannot be relied on. The same.
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

    Notes
    -----
    Dates count as days since the first of them, durations as days, times of day as hours;
    infinite numbers are missing; values of mixed types are labels. A column is not estimated
    where it holds nothing of that kind; where it and the target share fewer than 5 rows, or few
    beside the others (fewer than 30 and than a twentieth of the rows); or where it, or the
    target, has labels of fewer than 4 rows each (on average, or more of them than one in 50
    rows), as names and numbers of things are, and these do not say more than when they are dealt
    out at random (p > 0.01).

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skmist import mi_with
    >>> iris = load_iris(as_frame=True).frame
    >>> ranking = mi_with(iris, "target", estimator="ksg")
    >>> ranking.index[-1]
    'sepal width (cm)'
    >>> ranking["kind"].unique().tolist()
    ['continuous']
    >>> round(ranking.attrs["target_entropy"], 3)  # three classes, 50 rows each: log(3)
    1.099
    """
    level = check_level(level)
    check_choice("units", units, UNITS)
    df, drawn = drawn_rows(df, max_rows, _wanted(target, columns), progress)
    df, target = _with_target(as_pandas(df), target)
    targets = _target_labels(df, target)
    columns = _ranked_labels(df, targets, columns)
    missing = missing_rule(missing, strict)
    present_values(df, targets + columns, missing)
    asked = make_asked(estimator, device=device, duplicates=duplicates)
    test = PairTest.of(n_permutations, random_state) if p_values else None
    limits = Limits.of(asked, len(columns), len(columns), max_estimates, max_rows)

    reading = {"missing": missing, "strict": strict, "na_values": na_values}
    with progress_bar(progress, "column", doing="reading"):
        target_side = _target_side(df, targets, asked, reading)
        sides = _column_sides(df, columns, asked, reading)
        if strict:
            _check_rows(columns, sides, target_side)
        notes = table_notes([*sides, target_side], [*map(_named, columns), "the target"])
        whole, rows = judged_sides([*sides, target_side], asked.duplicates, groups, block_size)
        used, rows = thinned(whole, limits.rows, whole[-1].present, rows)
        pairs, left_out = _chosen_pairs(used, limits)
    enough = enough_rows(used, strict)
    plan = PairPlan(asked, level, MIN_SAMPLES, test, rows, enough, strict)
    how: dict[str, Any] = {
        "tile": (_BATCH, 1),
        "n_jobs": n_jobs,
        "progress": progress,
        "unit": "column",
    }
    answers = estimate_pairs(used, pairs, plan, **how).at(pairs[:, 0], len(columns), left_out)
    notes = drawn + notes + limit_notes(used, whole, left_out)
    warn_of_first(answers, plan, [_named(label) for label in columns], "columns")
    warn_of_table(notes)
    index = df.columns[column_positions(df, columns)]
    ranking = _ranking(index, used, answers, units, test is not None)
    ranking.attrs = RankingFacts(
        target=", ".join(map(str, targets)),
        target_kind=target_side.kind,
        target_entropy=_target_entropy(whole[-1], units),
        method=method_name(estimator),
        level=level if asked.has_interval else None,
        units=units,
        notes=notes,
        doubts=answers.column_doubts(),
    ).as_attrs()
    return ranking


# Checks ---------------------------------------------------------------------------------


def _wanted(target: Any, columns: Any) -> list | None:
    """Labels of all that takes part; None is all there are."""
    if columns is None:
        return None
    targets = target if isinstance(target, list) else [target]
    columns = [columns] if isinstance(columns, str) else list(columns)
    return columns if as_values(target) is not None else [*targets, *columns]


def _with_target(df: Any, target: Any) -> tuple[Any, Any]:
    """A table that holds its target, and the names of that, where values were handed in."""
    values = None if isinstance(target, (str, list)) else as_values(target)
    if values is None:
        return df, target
    check_labels(df, target)
    if len(values) != len(df):
        raise InvalidSampleError(
            f"target has {len(values)} values, but df has {len(df)} rows. Pass a value per row, "
            "or the label of a column."
        )
    names = [_target_name(name, values.shape[1]) for name in values.columns]
    for name in names:
        if name in df.columns:
            raise InvalidSampleError(
                f"target is called {shortened(name)}, as a column of df is. Rename it, leave that "
                "column out, or pass its label."
            )
    columns = (values.iloc[:, place].array for place in range(len(names)))
    return df.assign(**dict(zip(names, columns, strict=True))), names


def _target_name(name: Any, count: int) -> str:
    """What to call a column of the target; pandas numbers those without a name."""
    if isinstance(name, int):
        return "target" if count == 1 else f"target {name}"
    return str(name)


def _target_labels(df: Any, target: Any) -> list:
    targets = list(target) if isinstance(target, list) else [target]
    if not targets:
        raise InvalidSampleError("target is an empty list; name at least one column.")
    return [list(df.columns)[place] for place in column_positions(df, targets, "target")]


def _ranked_labels(df: Any, targets: list, columns: Any) -> list:
    labels, left = list(df.columns), set(map(label_key, targets))
    if columns is None:
        columns = [label for label in labels if label_key(label) not in left]
    elif isinstance(columns, str):
        columns = [columns]
    columns = distinct_labels(labels[place] for place in column_positions(df, columns))
    for label in columns:
        if label_key(label) in left:
            raise InvalidSampleError(
                f"column {shortened(label)} is both target and among the columns to rank; leave "
                "it out of columns."
            )
    if not columns:
        raise InvalidSampleError(
            f"0 columns to rank against the target {shortened(targets[0])}; at least 1 is "
            "required."
        )
    return columns


# Sides ----------------------------------------------------------------------------------


def _column_sides(
    df: Any, columns: list, estimator: SampleEstimator, reading: dict[str, Any]
) -> list[TableSide]:
    titles, choice = [THE_COLUMN] * len(columns), estimator.discrete_features
    return read_sides(df, columns, choice, "discrete_features", titles=titles, **reading)


def _target_side(
    df: Any, targets: list, estimator: SampleEstimator, reading: dict[str, Any]
) -> TableSide:
    titles, choice = ["the target"] * len(targets), estimator.discrete_target
    sides = read_sides(df, targets, choice, "discrete_target", titles=titles, **reading)
    side = joined_side("the target", sides)
    if side.reason:
        raise InvalidSampleError(f"the target {shortened(targets[0])} {side.reason}.")
    if side.present.sum() < MIN_SAMPLES:
        raise InvalidSampleError(
            f"the target {shortened(targets[0])} has {side.present.sum()} values, below the "
            f"minimum of {MIN_SAMPLES}. Collect more rows."
        )
    return side


def _check_rows(columns: Any, sides: list[TableSide], target: TableSide) -> None:
    for label, side in zip(columns, sides, strict=True):
        rows = (side.present & target.present).sum()
        if rows < MIN_SAMPLES:
            raise InvalidSampleError(
                f"{_named(label)} and the target are both present in {rows} rows, below the "
                f"minimum of {MIN_SAMPLES}. Leave the column out or impute it."
            )


def _named(label: Any) -> str:
    return f"column {shortened(label)}"


def _chosen_pairs(sides: list[TableSide], limits: Limits) -> tuple[np.ndarray, str]:
    """Each column with the target, or as many as there may be, and what to say of the others."""
    m = len(sides) - 1
    if limits.pairs is None or m <= limits.pairs:
        return np.array([(i, m) for i in range(m)]), ""
    return strongest_pairs(sides, range(m), [m], limits.pairs), limits.said(m, "columns")


def _target_entropy(target: TableSide, units: str) -> float | None:
    return target.entropy / UNITS[units] if target.side.is_discrete else None


# Results --------------------------------------------------------------------------------


def _ranking(
    index: pd.Index, sides: list[TableSide], answers: PairAnswers, units: str, tested: bool
) -> pd.DataFrame:
    import pandas as pd

    *sides, target = sides
    fields = {
        **{name: getattr(answers, name) / UNITS[units] for name in ("mi", "low", "high")},
        "kind": [side.kind for side in sides],
        "n_distinct": [_n_distinct(paired(side, target).x.values) for side in sides],
        "n_samples": answers.n_samples,
        "warnings": answers.warnings(),
    }
    if tested:
        fields |= {"p_value": answers.p_value, "q_value": adjusted(answers.p_value)}
    index = index if index.nlevels > 1 else index.rename("column")
    table = pd.DataFrame(fields, index=index)
    return table.sort_values("mi", ascending=False, kind="stable")


def _n_distinct(values: np.ndarray) -> int:
    return int(group_rows(values).max(initial=-1)) + 1
