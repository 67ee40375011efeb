"""Mutual information of every column of a DataFrame with every other."""

from __future__ import annotations

__all__ = ["matrix_about", "mi_matrix"]

from collections.abc import Hashable, Sequence
from inspect import unwrap
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from skmist._errors import InvalidSampleError
from skmist._parameters import check_choice, check_integer, check_level, renamed
from skmist._progress import progress_bar
from skmist._sample.drawn import drawn_rows
from skmist._sample.sample import MIN_SAMPLES
from skmist._sample.shown import shortened
from skmist._sample.table import (
    UNITS,
    as_pandas,
    column_positions,
    distinct_labels,
    label_place,
    missing_rule,
    present_values,
)
from skmist._sample.table_sides import TableSide, judged_sides, read_sides
from skmist.estimators.methods import make_asked, method_name
from skmist.frame.asked import PairPlan
from skmist.frame.facts import MatrixFacts
from skmist.frame.forms import answer_square, long_form
from skmist.frame.limits import Limits, enough_rows, limit_notes, strongest_pairs, thinned
from skmist.frame.notes import table_notes, warn_of_table
from skmist.frame.pair_tests import PairTest
from skmist.frame.pairs import estimate_pairs, warn_of_first
from skmist.frame.scales import NORMALIZERS

if TYPE_CHECKING:
    import pandas as pd

    from skmist.estimators.base import MutualInfoEstimator

_FORMS = ("square", "long")
_TILE = 4


@renamed(method="estimator")
def mi_matrix(
    df: Any,
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
    min_periods: int | None = None,
    normalize: str | None = None,
    p_values: bool = False,
    n_permutations: int = 999,
    form: str = "square",
    groups: ArrayLike | None = None,
    block_size: int | None = None,
    duplicates: str = "once",
    device: str = "auto",
    n_jobs: int | None = None,
    progress: bool = False,
    random_state: int | np.random.RandomState | None = None,
) -> pd.DataFrame:
    """Mutual information of every column of a DataFrame with every other.

    What a correlation matrix shows for straight lines between numbers, for any dependence
    between columns of any kind.

    Parameters
    ----------
    df : DataFrame of shape (n, n_fields)
        Of pandas or polars, or a table of pyarrow: numbers, booleans, text, categories, dates and
        durations. Or a ``pyarrow.dataset.dataset`` on disk, which need not fit memory: `max_rows`
        rows are drawn while it is read, 40,000 if "auto". To have a column of numbers treated as
        labels, pass it as a category (``df["grade"].astype("category")``).
    columns : list of labels or None, default=None
        Columns to compare, at least 2; None takes all.
    estimator : {"mist", "ksg", "gaussian_copula", "mine"} or estimator, default="mist"
        As in :func:`mutual_info`.
    level : float, default=0.9
        Probability that an interval is meant to hold the true value, between 0 and 1.
    units : {"nats", "bits"}, default="nats"
        Unit of the result; 1 bit is ln 2 = 0.693 nats.
    missing : {"drop", "category", "error"} or None, default=None
        What to do with missing values: estimate each pair from the rows in which both columns
        are present (pairwise deletion), unbiased only where values are missing completely at
        random; or take "missing" for a value like any other, so that what its absence says
        counts as information too; or refuse them. None is "drop", or "error" if `strict`.
    na_values : sequence of str, default=()
        Words that stand for a missing value, such as ``["?"]``. A column that holds numbers
        besides is one of numbers.
    strict : bool, default=False
        Refuse what cannot be estimated as it is: missing values, dates, infinite or mixed
        values. By default no column stops a table; see Notes.
    max_estimates : int, "auto" or None, default="auto"
        Most pairs that are estimated: those that a quick look finds to depend most on each
        other; the others are NaN, and not in the long form. None is no limit. "auto" is 500
        (all pairs of 32 columns; 250 of more than 1,000 columns) for estimators that take
        milliseconds each (``"mist"``, ``"mine"``, intervals by resampling), else no limit.
    max_rows : int, "auto" or None, default="auto"
        Most rows that are estimated from, drawn at random, the same each time; None is no limit.
        "auto", for the same estimators, is such that a call takes some 10 seconds: 40,000 rows
        for up to 3 columns, 4,444 for 10, at least 600.
    min_periods : int or None, default=None
        Fewest rows of a pair, at least 5; a pair with fewer gets NaN. None is 5, and 30 or a
        twentieth of the rows where that is less.
    normalize : {None, "linfoot", "entropy"}, default=None
        Scale on which pairs compare. ``"linfoot"``: ``sqrt(1 - exp(-2 MI))`` with MI in nats, in
        [0, 1), the absolute correlation where a pair is Gaussian [1]_ [2]_; a pair with a
        discrete column of entropy H cannot exceed ``sqrt(1 - exp(-2 H))``. ``"entropy"``: MI
        divided by the smaller entropy of the discrete columns of the pair, in [0, 1]; 1 says
        that one determines the other. It is NaN where both are continuous, and 0 where that
        entropy is 0.
    p_values : bool, default=False
        Test each pair for independence, by permutations as :func:`skmist.independence_test`
        does. For "mist" and "gaussian_copula", pairs of continuous columns without ties share
        one null distribution, as these see their ranks alone.
    n_permutations : int, default=999
        Permutations drawn, at least 19.
    form : {"square", "long"}, default="square"
        What is returned: a matrix, or a table with a row per pair that has all there is.
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
        ``joblib.parallel_config("dask")`` takes those of a Dask cluster.
    progress : bool, default=False
        Show a progress bar on a terminal when the work takes more than a second.
    random_state : int, RandomState instance or None, default=None
        Source of the permutations.

    Returns
    -------
    matrix : pandas.DataFrame
        With ``form="square"`` of shape (n_columns, n_columns), symmetric: the MI in `units`,
        clipped at 0, or the normalized MI. What a column says about itself is on the diagonal:
        its entropy if it is discrete, else infinity, both on the scale of `normalize`
        (1 and 1 for a continuous column with "linfoot"; 1 and NaN with "entropy").

        With ``form="long"`` a row per pair, in the order of the upper triangle, and the fields
        ``a``, ``b``, ``mi``, ``low``, ``high``, ``normalized``, ``p_value``, ``q_value``
        (adjusted for the false discovery rate over all pairs, by Benjamini and Hochberg),
        ``n_samples``, ``kind_a``, ``kind_b`` and ``warnings``; NaN where there is no interval or
        none was asked for. :func:`skmist.matrix.square_form` makes any of them a matrix.

        Both are pandas, whatever `df` was, and their ``attrs`` hold columns, kinds, entropies
        (in `units`; infinite for continuous columns), method, level (None without intervals),
        units, normalize, missing, n_rows, notes (a list of what was done to the table as a
        whole), levels (names of the levels of the columns, or None) and doubts (those of the
        texts in ``warnings`` that speak against a column as such).

    Raises
    ------
    InvalidSampleError
        If a label is unknown, or there are fewer than 5 rows or 2 columns; if `strict`, or with
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
        Once, if columns were changed or cannot be used, or rows or pairs were left out. The
        ``attrs`` say the same, and the ``warnings`` of pairs.
    OutOfRangeWarning
        Once, if pairs lie outside what the net was trained on. Their ``warnings`` say why.
    BoundWarning
        Once, if bounds of ``estimator="mine"`` cannot be relied on. The same.
    RepeatedRowsWarning
        If rows of the table were copied. The ``warnings`` of all say so.
    DependentRowsWarning
        Once, if rows depend on the rows before them in two columns, and neither `groups` nor
        `block_size` is given. Their ``warnings`` say so.

    See Also
    --------
    mi_with : Every column against one.
    MutualInfoMatrixDisplay : Draws the matrix.

    Notes
    -----
    Columns are read, ranked and sorted once. Pairs are estimated in tiles of 4 x 4 columns, with
    ``"mist"`` up to 32 of one kind together, with ``"gaussian_copula"`` in tiles of up to
    256 x 256 as memory allows, so memory beyond the result does not grow with their number.

    Dates count as days since the first of them, durations as days, times of day as hours;
    infinite numbers are missing; values of mixed types are labels. A column that holds nothing
    of that kind is NaN, but for what its ``warnings`` say. So is a pair of which one column has
    labels of fewer than 4 rows each (on average, or more of them than one in 50 rows), as names
    and numbers of things are, where these do not say more than when they are dealt out at random
    (p > 0.01).

    References
    ----------
    .. [1] E. H. Linfoot (1957), "An informational measure of correlation", Information and
       Control 1, 85-89.
    .. [2] H. Joe (1989), "Relative entropy measures of multivariate dependence", Journal of the
       American Statistical Association 84, 157-164.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skmist import mi_matrix
    >>> iris = load_iris(as_frame=True).frame
    >>> matrix = mi_matrix(iris, estimator="ksg", normalize="linfoot")
    >>> matrix.shape
    (5, 5)
    >>> round(float(matrix.loc["target", "target"]), 3)  # three classes: sqrt(1 - exp(-2 log(3)))
    0.943
    >>> pairs = mi_matrix(iris, estimator="ksg", form="long")
    >>> pairs.loc[pairs["mi"].idxmax(), ["a", "b"]].tolist()
    ['petal length (cm)', 'petal width (cm)']
    """
    return _matrix(about=None, **locals())


def matrix_about(df: Any, about: Hashable | None, **options: Any) -> pd.DataFrame:
    """The same; where not all pairs are estimated, those of one column come first.

    Parameters
    ----------
    df : DataFrame of shape (n, n_fields)
    about : label or None
        Half of the estimates may be of its pairs.
    **options
        As of `mi_matrix`.
    """
    return _matrix(df, about=about, **{**(unwrap(mi_matrix).__kwdefaults__ or {}), **options})


def _matrix(
    df: Any,
    *,
    about: Hashable | None,
    columns: Sequence[Hashable] | None,
    estimator: str | MutualInfoEstimator,
    level: float,
    units: str,
    missing: str | None,
    na_values: Sequence[str],
    strict: bool,
    max_estimates: int | str | None,
    max_rows: int | str | None,
    min_periods: int | None,
    normalize: str | None,
    p_values: bool,
    n_permutations: int,
    form: str,
    groups: ArrayLike | None,
    block_size: int | None,
    duplicates: str,
    device: str,
    n_jobs: int | None,
    progress: bool,
    random_state: int | np.random.RandomState | None,
) -> pd.DataFrame:
    level = check_level(level)
    check_choice("units", units, UNITS)
    check_choice("normalize", normalize, NORMALIZERS, quoted=True)
    check_choice("form", form, _FORMS, quoted=True)
    df, drawn = drawn_rows(df, max_rows, columns, progress)
    df = as_pandas(df)
    columns = _compared_labels(df, columns)
    missing = missing_rule(missing, strict)
    present_values(df, columns, missing)
    min_rows = _checked_periods(min_periods, len(df))
    asked = make_asked(estimator, device=device, duplicates=duplicates)
    test = PairTest.of(n_permutations, random_state) if p_values else None
    n_pairs = len(columns) * (len(columns) - 1) // 2
    limits = Limits.of(asked, len(columns), n_pairs, max_estimates, max_rows)

    names = [f"column {shortened(label)}" for label in columns]
    choice = asked.discrete_features
    reading: dict[str, Any] = {"strict": strict, "na_values": na_values}
    with progress_bar(progress, "column", doing="reading"):
        sides = read_sides(df, columns, choice, "discrete_features", missing, names, **reading)
        notes = table_notes(sides, names)
        sides, rows = judged_sides(sides, asked.duplicates, groups, block_size)
        every = np.ones(len(sides[0].present), dtype=bool)
        used, rows = thinned(sides, limits.rows, every, rows)
        first = None if about is None else label_place(columns, about)
        pairs, left_out = _chosen_pairs(used, limits, n_pairs, first)
    enough = enough_rows(used, strict or min_periods is not None)
    plan = PairPlan(
        asked, level, min_rows, test, rows, enough, strict, least=f"min_periods={min_rows}"
    )
    how: dict[str, Any] = {
        "tile": (_TILE, _TILE),
        "n_jobs": n_jobs,
        "progress": progress,
        "unit": "pair",
    }
    answers = estimate_pairs(used, pairs, plan, **how)
    notes = drawn + notes + limit_notes(used, sides, left_out)
    warn_of_first(answers, plan, _PairNames(names, pairs), "pairs")
    warn_of_table(notes)
    facts = MatrixFacts(
        columns=tuple(columns),
        kinds=tuple(side.kind for side in sides),
        entropies=tuple(float(side.entropy / UNITS[units]) for side in sides),
        method=method_name(estimator),
        level=level if asked.has_interval else None,
        units=units,
        normalize=normalize,
        missing=missing,
        n_rows=len(df),
        notes=notes,
        levels=tuple(df.columns.names) if df.columns.nlevels > 1 else None,
        doubts=answers.column_doubts(),
    )
    make = long_form if form == "long" else answer_square
    return make(pairs, answers, facts)


# Checks ---------------------------------------------------------------------------------


def _compared_labels(df: Any, columns: Any) -> list:
    labels = list(df.columns)
    places = column_positions(df, labels if columns is None else columns)
    columns = distinct_labels(labels[place] for place in places)
    if len(columns) < 2:
        raise InvalidSampleError(
            f"{len(columns)} columns to compare; at least 2 are required. Name more columns."
        )
    return columns


def _checked_periods(min_periods: int | None, n: int) -> int:
    least = MIN_SAMPLES if min_periods is None else min_periods
    least = check_integer("min_periods", least, MIN_SAMPLES, "for example 30", form="not")
    if n < least:
        raise InvalidSampleError(
            f"df has {n} rows, below the minimum of {least}. Collect more rows."
        )
    return least


# Pairs ----------------------------------------------------------------------------------


def _chosen_pairs(
    sides: list[TableSide], limits: Limits, n_pairs: int, about: int | None
) -> tuple[np.ndarray, str]:
    """All pairs, or as many as there may be, and what to say of the others."""
    p = len(sides)
    if limits.pairs is None or n_pairs <= limits.pairs:
        return np.column_stack(np.triu_indices(p, k=1)), ""
    pairs = strongest_pairs(sides, range(p), range(p), limits.pairs)
    if about is not None:
        pairs = np.concatenate([_pairs_with(about, sides, limits.pairs // 2), pairs])
        pairs = pairs[np.sort(np.unique(pairs, axis=0, return_index=True)[1])][: limits.pairs]
    return pairs[np.lexsort(pairs.T[::-1])], limits.said(n_pairs, "pairs")


def _pairs_with(about: int, sides: list[TableSide], most: int) -> np.ndarray:
    """The strongest pairs of one column."""
    others = [i for i in range(len(sides)) if i != about]
    moved = [*(sides[i] for i in others), sides[about]]
    found = strongest_pairs(moved, range(len(others)), [len(others)], most)[:, 0]
    chosen = np.array(others, dtype=int)[found]
    return np.sort(np.column_stack([chosen, np.full(len(chosen), about)]), axis=1)


class _PairNames:
    """What messages call the pairs, made by need: there may be very many."""

    def __init__(self, names: list[str], pairs: np.ndarray) -> None:
        self.names, self.pairs = names, pairs

    def __getitem__(self, k: int) -> str:
        i, j = self.pairs[k]
        return f"columns {self.names[i][7:]} and {self.names[j][7:]}"
