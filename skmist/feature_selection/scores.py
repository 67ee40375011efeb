"""Scores of single columns with scikit-learn's signature, for ``SelectKBest`` and its kin."""

from __future__ import annotations

__all__ = ["mutual_info_classif", "mutual_info_regression"]

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import sklearn
from numpy.typing import ArrayLike
from scipy.sparse import issparse
from sklearn.metrics import mutual_info_score
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_X_y

from skmist._sample.contingency import side_levels
from skmist._sample.counted import counted_rows
from skmist._sample.notes import category_of
from skmist._sample.reading import read_columns
from skmist._sample.sample import Sample, make_side
from skmist._sample.side import Side
from skmist._sample.values import Column
from skmist.estimators.base import MutualInfoEstimator
from skmist.estimators.ksg.estimator import KSGEstimator
from skmist.estimators.many import estimate_many, kind_chunks, warn_once
from skmist.estimators.methods import make_estimator

_LEVEL = 0.9  # not shown: scores have no interval
# how types of categories are spelled, of pandas and of polars
_CATEGORIES = ("category", "categorical", "enum")


def mutual_info_regression(
    X: ArrayLike,
    y: ArrayLike,
    *,
    discrete_features: ArrayLike = "auto",
    n_neighbors: int = 3,
    copy: bool = True,
    random_state: int | np.random.RandomState | None = None,
    n_jobs: int | None = None,
    estimator: str | MutualInfoEstimator = "ksg",
) -> np.ndarray:
    """Mutual information of each column with a numeric target.

    Takes the place of the function of that name in `sklearn.feature_selection`. With
    ``estimator="ksg"`` it estimates the same [1]_, [2]_, and differs where that one errs: nothing
    is random (no noise is added to the columns, so ties count as ties), and a constant column
    scores 0.

    Parameters
    ----------
    X : array-like, DataFrame or sparse matrix of shape (n, p)
        Numbers, and columns of text or of a category type, numbers or not, which are discrete.
    y : array-like of shape (n,) or (n, q)
        Numbers, taken for continuous; several columns count together, as one target.
    discrete_features : {"auto"}, bool or array-like, default="auto"
        All (True), none (False), a mask of shape (p,) or column indices. As in scikit-learn,
        "auto" is False for dense and True for sparse X. Sparse X must be all discrete.
    n_neighbors : int, default=3
        Of ``estimator="ksg"``; others do not use it.
    copy : bool, default=True
        Without effect: the data are never changed.
    random_state : int, RandomState instance or None, default=None
        Without effect: nothing is random.
    n_jobs : int or None, default=None
        Processes, as joblib counts them. The answer does not depend on it.
    estimator : str or estimator, default="ksg"
        ``"ksg"``, ``"mist"``, or what :func:`skmist.mutual_info` takes besides.

    Returns
    -------
    scores : ndarray of shape (p,)
        Nats, clipped at 0.

    Raises
    ------
    ValueError
        If the data or a parameter cannot be used.

    References
    ----------
    .. [1] A. Kraskov, H. Stögbauer and P. Grassberger (2004), "Estimating mutual information",
       Physical Review E 69, 066138.
    .. [2] B. C. Ross (2014), "Mutual information between discrete and continuous data sets",
       PLoS ONE 9(2), e87357.

    Examples
    --------
    >>> from functools import partial
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.feature_selection import SelectKBest
    >>> from skmist import mutual_info_regression
    >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
    >>> SelectKBest(mutual_info_regression, k=2).fit(X, y).get_feature_names_out()
    array(['bmi', 's5'], dtype=object)
    >>> score = partial(mutual_info_regression, estimator="mist")
    >>> SelectKBest(score, k=2).fit(X, y).get_feature_names_out()
    array(['bmi', 's5'], dtype=object)
    """
    table = _read(X, y, y_numeric=True)
    return _scores(table, discrete_features, False, _asked(estimator, n_neighbors), n_jobs)


def mutual_info_classif(
    X: ArrayLike,
    y: ArrayLike,
    *,
    discrete_features: ArrayLike = "auto",
    n_neighbors: int = 3,
    copy: bool = True,
    random_state: int | np.random.RandomState | None = None,
    n_jobs: int | None = None,
    estimator: str | MutualInfoEstimator = "ksg",
) -> np.ndarray:
    """Mutual information of each column with a target of classes.

    Takes the place of the function of that name in `sklearn.feature_selection`. With
    ``estimator="ksg"`` it estimates the same [1]_, and differs where that one errs: nothing is
    random, and a constant column scores 0. A class with one row carries no information here;
    there it is left out of the sample.

    Parameters
    ----------
    X : array-like, DataFrame or sparse matrix of shape (n, p)
        Numbers, and columns of text or of a category type, numbers or not, which are discrete.
    y : array-like of shape (n,) or (n, q)
        Classes; several columns of labels count together, as one target.
    discrete_features : {"auto"}, bool or array-like, default="auto"
        All (True), none (False), a mask of shape (p,) or column indices. As in scikit-learn,
        "auto" is False for dense and True for sparse X. Sparse X must be all discrete.
    n_neighbors : int, default=3
        Of ``estimator="ksg"``; others do not use it.
    copy : bool, default=True
        Without effect: the data are never changed.
    random_state : int, RandomState instance or None, default=None
        Without effect: nothing is random.
    n_jobs : int or None, default=None
        Processes, as joblib counts them. The answer does not depend on it.
    estimator : str or estimator, default="ksg"
        ``"ksg"``, ``"mist"``, or what :func:`skmist.mutual_info` takes besides.

    Returns
    -------
    scores : ndarray of shape (p,)
        Nats, clipped at 0.

    Raises
    ------
    ValueError
        If the data or a parameter cannot be used.

    Notes
    -----
    With ``estimator="ksg"``, two discrete columns get the plug-in estimate of
    `sklearn.metrics.mutual_info_score`, as in scikit-learn, without bias correction.

    References
    ----------
    .. [1] B. C. Ross (2014), "Mutual information between discrete and continuous data sets",
       PLoS ONE 9(2), e87357.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skmist import mutual_info_classif
    >>> mutual_info_classif(*load_iris(return_X_y=True)).argmin()  # the width of the sepals
    np.int64(1)
    """
    _check_classes(y)
    table = _read(X, y)
    return _scores(table, discrete_features, True, _asked(estimator, n_neighbors), n_jobs)


def _asked(estimator: str | MutualInfoEstimator, n_neighbors: int) -> MutualInfoEstimator:
    is_ksg = isinstance(estimator, str) and estimator == "ksg"
    return KSGEstimator(n_neighbors=n_neighbors) if is_ksg else make_estimator(estimator)


class _Table(NamedTuple):
    """X as numbers, of labels the codes, and y."""

    X: Any
    y: np.ndarray
    is_label: np.ndarray
    has_order: np.ndarray

    def column(self, k: int) -> np.ndarray:
        """One column of X, of shape (n, 1); codes without an order as text."""
        values = self.X[:, [k]].toarray() if issparse(self.X) else self.X[:, [k]]
        unordered = self.is_label[k] and not self.has_order[k]
        return values.astype(str).astype(object) if unordered else values

    def rows(self, chosen: np.ndarray) -> _Table:
        """Some of the rows."""
        return self._replace(X=self.X[chosen], y=self.y[chosen])


def _read(X: Any, y: Any, y_numeric: bool = False) -> _Table:
    kinds: list[Any] = [False, False]
    if _holds_labels(X):
        X, *kinds = _coded(read_columns(X, "X", allow_1d=False))
    with sklearn.config_context(assume_finite=False):
        X, y = check_X_y(X, y, accept_sparse="csc", y_numeric=y_numeric, multi_output=True)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    return _Table(X, y, *(np.broadcast_to(kind, X.shape[1]) for kind in kinds))


def _holds_labels(X: Any) -> bool:
    if issparse(X):
        return False
    dtypes = getattr(X, "dtypes", ())
    if any(str(dtype).lower().startswith(_CATEGORIES) for dtype in dtypes):
        return True
    array = np.asarray(X)
    return array.dtype.kind in "UST" or (array.dtype.kind == "O" and not _are_numbers(array))


def _are_numbers(values: np.ndarray) -> bool:
    """Whether values are numbers or, as scikit-learn takes them, spell some."""
    try:
        values.astype(np.float64)
    except (TypeError, ValueError):
        return False
    return True


def _coded(columns: list[Column]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns as numbers, of labels the codes; which are labels, and which have an order."""
    values = [column.values for column in columns]
    is_label = np.array([c.is_category or not _are_numbers(c.values) for c in columns])
    has_order = np.array([column.order is not None for column in columns])
    for k in np.flatnonzero(is_label):
        values[k] = _codes(columns[k])
    return np.column_stack(values).astype(np.float64), is_label, has_order


def _codes(column: Column) -> np.ndarray:
    if column.order is None:
        return np.unique(column.values.astype(str), return_inverse=True)[1]
    code = {level: number for number, level in enumerate(column.order)}
    return np.array([code[value] for value in column.values])


def _check_classes(y: Any) -> None:
    """Refuse what is no class in any column of y."""
    array = np.asarray(y)
    if array.ndim != 2 or array.dtype.kind == "f":
        check_classification_targets(y)
        return
    for column in array.T.tolist():
        check_classification_targets(np.array(column))


def _scores(
    table: _Table,
    discrete_features: ArrayLike,
    discrete_target: bool,
    asked: MutualInfoEstimator,
    n_jobs: int | None,
) -> np.ndarray:
    is_discrete = _discrete_mask(table.X, discrete_features) | table.is_label
    target = make_side(table.y, "y", discrete_target)
    notes: list[str] = []
    if asked.duplicates == "once" and not (is_discrete.all() or issparse(table.X)):
        table, target, notes = _counted(table, is_discrete, target)
    scores = np.zeros(table.X.shape[1])
    counted = is_discrete & (asked.sklearn_plug_in and discrete_target)
    levels = table.y if table.y.ndim == 1 else side_levels(target)
    for k in np.flatnonzero(counted).tolist():
        scores[k] = mutual_info_score(table.column(k).ravel(), levels)
    if counted.all():
        return np.maximum(scores, 0.0)
    others = np.flatnonzero(~counted)
    samples = _ColumnSamples(table, others, is_discrete, target)
    chunks = kind_chunks(is_discrete[others].tolist())
    found = estimate_many(asked, samples, level=_LEVEL, chunks=chunks, n_jobs=n_jobs)
    scores[others] = [answer.mi for answer in found]
    warn_once(found, asked.note_category, stacklevel=3)
    for note in notes:
        warnings.warn(note, category_of(note, asked.note_category), stacklevel=3)
    return np.maximum(scores, 0.0)


def _counted(table: _Table, is_discrete: np.ndarray, target: Side) -> tuple:
    """The rows that count of what was handed in, and what is to be said of the others."""
    values = table.X.astype(float)
    for k in np.flatnonzero(is_discrete):
        values[:, k] = np.unique(values[:, k], return_inverse=True)[1]
    names = tuple(f"column {k}" for k in range(table.X.shape[1]))
    found = counted_rows((Side(values, is_discrete, names), target))
    if found is None:
        return table, target, []
    return table.rows(found.rows), target.rows(found.rows), [found.note]


class _ColumnSamples(Sequence[Sample]):
    """Each of some columns against the target, made by need: X may be sparse and wide."""

    def __init__(
        self, table: _Table, columns: np.ndarray, is_discrete: np.ndarray, target: Side
    ) -> None:
        self._table, self._columns = table, columns
        self._is_discrete, self._target = is_discrete, target

    def __len__(self) -> int:
        return len(self._columns)

    def __getitem__(self, number: int) -> Sample:  # type: ignore[override]
        k = self._columns[number]
        side = make_side(self._table.column(k), "X", bool(self._is_discrete[k]))
        return Sample(side, self._target)


def _discrete_mask(X: Any, choice: Any) -> np.ndarray:
    """Which columns are discrete, by scikit-learn's rule."""
    p = X.shape[1]
    if isinstance(choice, str):
        if choice != "auto":
            raise ValueError(
                f"discrete_features={choice!r} must be 'auto', a bool, a mask or indices."
            )
        choice = issparse(X)
    entries = np.asarray(choice)
    if entries.ndim == 0:
        mask = np.full(p, bool(entries))
    elif entries.dtype == bool:
        mask = entries
    else:
        mask = np.isin(np.arange(p), np.arange(p)[entries])
    if len(mask) != p:
        raise ValueError(
            f"discrete_features has {len(mask)} entries, but X has {p} column(s). Pass one for "
            "each column, or indices."
        )
    if issparse(X) and not mask.all():
        raise ValueError(
            "Sparse matrix X can't have continuous features. Pass X.toarray(), or "
            "discrete_features=True."
        )
    return mask
