"""``skmist.report``: the page about a DataFrame, and what can be done with it."""

from __future__ import annotations

__all__ = ["TableReport", "make_report", "report"]

import html
import os
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any

from skmist._errors import InvalidSampleError
from skmist._files import replace_file
from skmist._parameters import check_integer
from skmist._report.findings import best_first, pairs_about
from skmist._report.page import MAX_POINTS, render_report
from skmist._report.source import Source
from skmist._sample.table import as_pandas, column_positions, label_key
from skmist.feature_selection.table import TableSelection, select_from_table
from skmist.frame.matrix import matrix_about
from skmist.frame.notes import reworded

if TYPE_CHECKING:
    import pandas as pd

    from skmist.estimators.base import MutualInfoEstimator

# Estimators to whom many columns at once are no trouble.
_READ_MANY = ("mist", "gaussian_copula")
_MOST_CHOSEN = 10
_SELECTION = ("estimator", "level", "missing", "na_values", "strict", "n_jobs", "progress")
_FRAME = (
    '<iframe title="{title}" sandbox="allow-scripts" width="100%" height="720" '
    'frameborder="0" srcdoc="{page}"></iframe>'
)


class TableReport:
    """The page that :func:`skmist.report` makes. A notebook shows it.

    Parameters
    ----------
    page : str
        HTML.
    pairs : pandas.DataFrame of shape (n_pairs, 12)
        What it tells, as :func:`skmist.mi_matrix` returns it in its long form.
    title : str
        Its heading.
    target : label or None, default=None
        The column that the others are ranked by.

    See Also
    --------
    report : Makes it.
    """

    def __init__(
        self, page: str, pairs: pd.DataFrame, *, title: str, target: Hashable | None = None
    ) -> None:
        self.page = page
        self.pairs = pairs
        self.title = title
        self.target = target

    def __repr__(self) -> str:
        columns, about = len(self.pairs.attrs["columns"]), ""
        if self.target is not None:
            about = f", target {self.target!r}"
        return f"<TableReport {self.title!r}: {columns} columns{about}; .save(path) writes it>"

    def _repr_html_(self) -> str:
        # in a frame of its own, so that neither its style nor its script reaches the notebook
        return _FRAME.format(title=html.escape(self.title), page=html.escape(self.page))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page: one file that needs no network.

        Parameters
        ----------
        path : str or path
            Such as ``"report.html"``. A file that is there is replaced.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        # what is no text, as a lone surrogate in a name, comes as an escape
        page = self.page.encode("utf-8", "backslashreplace")
        replace_file(path, lambda place: place.write_bytes(page))

    def to_frame(self) -> pd.DataFrame:
        """The numbers of the page.

        Returns
        -------
        pairs : pandas.DataFrame of shape (n_pairs, 12)
            The long form of :func:`skmist.mi_matrix`, the pairs with the most information first,
            with its ``attrs``; with a target only its pairs.
        """
        found = best_first(self.pairs)
        if self.target is not None:
            found = pairs_about(found, self.target)
        found.attrs = dict(self.pairs.attrs)
        return found.reset_index(drop=True)


def report(
    df: Any,
    target: Hashable | None = None,
    *,
    columns: Sequence[Hashable] | None = None,
    title: str | None = None,
    max_points: int = MAX_POINTS,
    estimator: str | MutualInfoEstimator = "mist",
    level: float = 0.9,
    units: str = "nats",
    missing: str | None = None,
    na_values: Sequence[str] = (),
    strict: bool = False,
    max_estimates: int | str | None = "auto",
    max_rows: int | str | None = "auto",
    p_values: bool = False,
    n_jobs: int | None = None,
    progress: bool = False,
) -> TableReport:
    """Write what depends on what in a DataFrame as one HTML page, to read and to send on.

    The page has the columns ranked by what they say about the target, those that together say
    what all say, what each column is, a heat map and a table of all pairs, drawings of any pair,
    and what speaks against the numbers. It is one file, works without a network, sorts and
    filters, and prints.

    Parameters
    ----------
    df : DataFrame of shape (n, n_fields)
        As in :func:`skmist.mi_matrix`.
    target : label or None, default=None
        Column to rank the others by.
    columns : list of labels or None, default=None
        Take these columns (and the target) only; None takes all.
    title : str or None, default=None
        Heading of the page.
    max_points : int, default=1000
        Most rows of the data that the page holds, for its drawings of pairs; of more than 30
        columns it holds fewer. 0 puts no rows into the page, which then draws no pairs.
    estimator : {"mist", "ksg", "gaussian_copula", "mine"} or estimator, default="mist"
        As in :func:`mutual_info`. What together says most is asked of "mist" and
        "gaussian_copula" only.
    level : float, default=0.9
        Probability that an interval is meant to hold the true value, between 0 and 1.
    units : {"nats", "bits"}, default="nats"
        Unit of the result; 1 bit is ln 2 = 0.693 nats.
    missing, na_values, strict, max_estimates, max_rows, p_values
        As in :func:`skmist.mi_matrix`.
    n_jobs : int or None, default=None
        Processes, as joblib counts them. The answer does not depend on it.
    progress : bool, default=False
        Show a progress bar on a terminal when the work takes more than a second.

    Returns
    -------
    report : TableReport
        A notebook shows it, ``save`` writes it, ``to_frame`` has its numbers.

    Raises
    ------
    InvalidSampleError, WeightsError, TypeError, ValueError
        As in :func:`skmist.mi_matrix`; ValueError also if `max_points` is no integer of at
        least 0.

    Warns
    -----
    TableWarning, OutOfRangeWarning, BoundWarning, RepeatedRowsWarning, DependentRowsWarning
        As in :func:`skmist.mi_matrix`. The page says the same.

    See Also
    --------
    mi_matrix : Its numbers alone.
    mi_with : The ranking alone.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> import skmist
    >>> iris = load_iris(as_frame=True).frame
    >>> page = skmist.report(iris, "target", estimator="ksg")
    >>> page
    <TableReport 'Report on target': 5 columns, target 'target'; .save(path) writes it>
    >>> page.to_frame().loc[0, "a"]
    'petal length (cm)'
    >>> page.save("iris.html")  # doctest: +SKIP
    """
    options: dict[str, Any] = dict(locals())
    for name in ("df", "target", "title", "max_points"):
        del options[name]
    call = _call(target, {"title": title, "max_points": max_points, **options})
    if title is None:
        title = "What depends on what" if target is None else f"Report on {target}"
    source = Source("a DataFrame", call)
    return make_report(df, target, title=title, source=source, max_points=max_points, **options)


def make_report(
    df: Any,
    target: Hashable | None,
    *,
    title: str,
    source: Source,
    max_points: int = MAX_POINTS,
    columns: Sequence[Hashable] | None = None,
    words: Callable[[str], str] = str,
    **options: Any,
) -> TableReport:
    """The same about data whose source is known.

    Parameters
    ----------
    df, target, title
        As of `report`.
    source : Source
        Where the data come from, for the page.
    max_points, columns
        As of `report`.
    words : callable, default=str
        Takes a remark and returns it in the words of whoever asks: the command line has options
        for parameters.
    **options
        The others of `report`.
    """
    max_points = check_integer("max_points", max_points, 0, "for example 1000", form="not")
    df = as_pandas(df)
    if target is not None:
        target = df.columns[column_positions(df, [target], "target")[0]]
        if columns is not None:
            others = [name for name in columns if label_key(name) != label_key(target)]
            columns = [*others, target]
    asked = {"columns": columns, **options}
    pairs = matrix_about(df, target, form="long", random_state=0, **asked)
    selection = None if target is None else _selection(df, target, asked)
    pairs = reworded(pairs, words)
    if selection is not None:
        selection = selection.reworded(words)
    how: dict[str, Any] = {"title": title, "source": source, "max_points": max_points}
    page = render_report(df, pairs, target=target, selection=selection, **how)
    return TableReport(page, pairs, title=title, target=target)


def _selection(df: Any, target: Hashable, asked: dict[str, Any]) -> TableSelection | None:
    """What together says what all say about the target; None if none can tell."""
    if asked["estimator"] not in _READ_MANY:
        return None
    how = {name: asked[name] for name in _SELECTION if name in asked}
    try:
        return select_from_table(
            df, target, columns=asked["columns"], max_columns=_MOST_CHOSEN, **how
        )
    except InvalidSampleError:
        # too few rows have all columns: pairs may still be there
        return None


def _call(target: Hashable | None, given: dict[str, Any]) -> str:
    """The call as it may have been written: what is not as by default."""
    usual = report.__kwdefaults__ or {}
    parts = ["df"] if target is None else ["df", repr(target)]
    parts += [f"{name}={value!r}" for name, value in given.items() if value is not usual[name]]
    return f"skmist.report({', '.join(parts)})"
