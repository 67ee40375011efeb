"""Mutual information of every column of a DataFrame with every other."""

from __future__ import annotations

__all__ = ["mi_matrix"]

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from skmist._errors import InvalidSampleError
from skmist._parameters import check_choice, check_integer, check_level
from skmist._sample.sample import MIN_SAMPLES
from skmist._sample.table import UNITS, as_pandas, check_label, present_values
from skmist._sample.table_sides import judged_sides, read_sides
from skmist.estimators.methods import make_asked, method_name
from skmist.frame.facts import MatrixFacts
from skmist.frame.forms import answer_square, long_form
from skmist.frame.pair_tests import PairTest
from skmist.frame.pairs import PairAnswers, PairPlan, estimate_pairs, warn_of_first
from skmist.frame.scales import NORMALIZERS

if TYPE_CHECKING:
    import pandas as pd

    from skmist.estimators.base import MutualInfoEstimator

_FORMS = ("square", "long")
_TILE = 4


def mi_matrix(
    df: Any,
    *,
    columns: Sequence[Hashable] | None = None,
    method: str | MutualInfoEstimator = "mist",
    level: float = 0.9,
    units: str = "nats",
    missing: str = "error",
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
        Of pandas or polars, or a table of pyarrow: numbers, booleans, text and categories. To
        have a column of numbers treated as labels, pass it as a category
        (``df["grade"].astype("category")``).
    columns : list of labels or None, default=None
        Columns to compare, at least 2; None takes all.
    method : {"mist", "ksg", "gaussian_copula", "mine"} or estimator, default="mist"
        As in :func:`mutual_info`.
    level : float, default=0.9
        Probability that an interval is meant to hold the true value, between 0 and 1.
    units : {"nats", "bits"}, default="nats"
        Unit of the result; 1 bit is ln 2 = 0.693 nats.
    missing : {"error", "drop", "category"}, default="error"
        What to do with missing values: refuse them; or estimate each pair from the rows in which
        both columns are present (pairwise deletion), unbiased only where values are missing
        completely at random; or take "missing" for a value like any other, so that what its
        absence says counts as information too.
    min_periods : int or None, default=None
        Fewest rows of a pair, at least 5; a pair with fewer gets NaN. None is 5.
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
        units, normalize, missing and n_rows.

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
        If another parameter is not one of those above.

    Warns
    -----
    OutOfRangeWarning
        Once, if pairs lie outside what the net was trained on. Their ``warnings`` say why.
    BoundWarning
        Once, if bounds of ``method="mine"`` cannot be relied on. The same.
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
    ``"gaussian_copula"`` of up to 256 x 256 as memory allows, so memory beyond the result does
    not grow with their number.

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
    >>> matrix = mi_matrix(iris, method="ksg", normalize="linfoot")
    >>> matrix.shape
    (5, 5)
    >>> round(float(matrix.loc["target", "target"]), 3)  # three classes: sqrt(1 - exp(-2 log(3)))
    0.943
    >>> pairs = mi_matrix(iris, method="ksg", form="long")
    >>> pairs.loc[pairs["mi"].idxmax(), ["a", "b"]].tolist()
    ['petal length (cm)', 'petal width (cm)']
    """
    level = check_level(level)
    check_choice("units", units, UNITS)
    check_choice("normalize", normalize, NORMALIZERS, quoted=True)
    check_choice("form", form, _FORMS, quoted=True)
    df = as_pandas(df)
    columns = _compared_labels(df, columns)
    present_values(df, columns, missing)
    min_rows = _checked_periods(min_periods, len(df))
    estimator = make_asked(method, device=device, duplicates=duplicates)
    test = PairTest.of(n_permutations, random_state) if p_values else None

    titles = [f"column {label!r}" for label in columns]
    choice = estimator.discrete_features
    sides = read_sides(df, columns, choice, "discrete_features", missing, titles)
    sides, rows = judged_sides(sides, estimator.duplicates, groups, block_size)
    pairs = np.column_stack(np.triu_indices(len(columns), k=1))
    plan = PairPlan(estimator, level, min_rows, test, rows)
    how: dict[str, Any] = {
        "tile": (_TILE, _TILE),
        "n_jobs": n_jobs,
        "progress": progress,
        "unit": "pair",
    }
    answers = estimate_pairs(sides, pairs, plan, **how)
    _note_few_rows(answers, min_rows)
    warn_of_first(answers, plan, _PairNames(columns, pairs), "pairs", 2)
    facts = MatrixFacts(
        columns=tuple(columns),
        kinds=tuple(side.kind for side in sides),
        entropies=tuple(float(side.entropy / UNITS[units]) for side in sides),
        method=method_name(method),
        level=level if estimator.has_interval else None,
        units=units,
        normalize=normalize,
        missing=missing,
        n_rows=len(df),
    )
    make = long_form if form == "long" else answer_square
    return make(pairs, answers, facts)


# Checks ---------------------------------------------------------------------------------


def _compared_labels(df: Any, columns: Any) -> list:
    columns = list(dict.fromkeys(df.columns if columns is None else columns))
    for label in columns:
        check_label(df, label, "columns")
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


# Results --------------------------------------------------------------------------------


class _PairNames:
    """What messages call the pairs, made by need: there may be very many."""

    def __init__(self, columns: list, pairs: np.ndarray) -> None:
        self.columns, self.pairs = columns, pairs

    def __getitem__(self, k: int) -> str:
        i, j = self.pairs[k]
        return f"columns {self.columns[i]!r} and {self.columns[j]!r}"


def _note_few_rows(answers: PairAnswers, min_rows: int) -> None:
    for k in np.flatnonzero(answers.n_samples < min_rows):
        rows = answers.n_samples[k]
        answers.notes[int(k)] = (
            f"both are present in {rows} rows, below min_periods={min_rows}: not estimated",
        )
