"""The information of all pairs of columns as a heat map."""

from __future__ import annotations

__all__ = ["MutualInfoMatrixDisplay"]

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skmist._parameters import check_choice
from skmist._sample.table import UNITS
from skmist.frame.facts import MatrixFacts
from skmist.frame.heat_map import PairSquares, Signs, clustered_groups, clustered_order
from skmist.frame.scales import correlation_scale
from skmist.plotting.base import Display, full_title
from skmist.plotting.cells import ANNOTATIONS, cell_style, cell_texts, readable_color
from skmist.plotting.color_scale import information_norm, round_ticks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_ORDERS = ("clustered", "given")
_LONG = {"a", "b", "mi", "low", "high", "normalized", "q_value"}
_INCHES = {"interval": 0.85, "value": 0.5, "star": 0.26, None: 0.18}
# more columns have upright names and frames around groups
_MANY, _LONGEST_NAME, _POINTS = 16, 28, 72.0


class MutualInfoMatrixDisplay(Display):
    """Heat map of the mutual information of all pairs of columns.

    Make one with :meth:`from_frame`, or from stored values and :meth:`plot`.

    Parameters
    ----------
    names : sequence of str, length p
        Column names.
    mi : array of shape (p, p)
        Mutual information of each pair, in `units`, or normalized; symmetric, NaN where there is
        none. The diagonal is not drawn.
    low, high : array of shape (p, p) or None, default=None
        Ends of the intervals, in `units`.
    q_values : array of shape (p, p) or None, default=None
        Of the tests of independence, adjusted for their number, for the stars.
    units : {"nats", "bits"}, default="nats"
        Unit of the values, which are drawn as given, not converted.
    level : float or None, default=None
        Probability that an interval is meant to hold the true value, between 0 and 1; for the
        title.
    normalize : str or None, default=None
        How the values were scaled to [0, 1], for the title; None where they were not.
    method : str or None, default=None
        Who estimated them, for the title.
    n_rows : int or None, default=None
        From how many rows, for the title.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the plot.
    figure_ : matplotlib Figure
        Figure that holds the axes.
    image_ : matplotlib AxesImage
        The cells.
    colorbar_ : matplotlib Colorbar
        The scale. Colors of values in nats or bits are even in ``sqrt(1 - exp(-2 MI))``, which
        for a pair of Gaussians is the absolute correlation, and so tell small values apart.
    texts_ : list of matplotlib Text
        What stands in the cells, row by row.
    order_ : ndarray of int, shape (p,)
        Number of the column that each row shows.
    groups_ : list of (int, int)
        First row of each group of columns that share much, and the row after its last; framed
        where there are more than 16 columns.

    See Also
    --------
    mi_matrix : The values as a DataFrame.
    MutualInfoRankingDisplay : The information of all columns about one.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> from sklearn.datasets import load_iris
    >>> from skmist import MutualInfoMatrixDisplay, mi_matrix
    >>> iris = load_iris(as_frame=True).data
    >>> pairs = mi_matrix(iris, estimator="ksg", form="long")
    >>> display = MutualInfoMatrixDisplay.from_frame(pairs)
    >>> iris.columns[display.order_].tolist()[1:3]
    ['petal width (cm)', 'petal length (cm)']
    """

    def __init__(
        self,
        *,
        names: Sequence[str] | np.ndarray,
        mi: np.ndarray,
        low: np.ndarray | None = None,
        high: np.ndarray | None = None,
        q_values: np.ndarray | None = None,
        units: str = "nats",
        level: float | None = None,
        normalize: str | None = None,
        method: str | None = None,
        n_rows: int | None = None,
    ) -> None:
        self.names = names
        self.mi = mi
        self.low = low
        self.high = high
        self.q_values = q_values
        self.units = units
        self.level = level
        self.normalize = normalize
        self.method = method
        self.n_rows = n_rows

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        order: str = "clustered",
        annotate: str | bool = "auto",
        ax: Axes | None = None,
        **image_kw: Any,
    ) -> Self:
        """Draw the result of :func:`skmist.mi_matrix`.

        Parameters
        ----------
        frame : pandas.DataFrame of shape (n_pairs, 12) or (p, p)
            Result of :func:`skmist.mi_matrix`: the long form, which has intervals and tests, or
            the square form, which has the values only.
        order, annotate, ax, **image_kw
            As in :meth:`plot`.

        Returns
        -------
        display : MutualInfoMatrixDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If `frame` is neither.
        ValueError
            If the long form lacks its ``attrs``, or as in :meth:`plot`.
        """
        display = cls(**_parts(frame))
        return display.plot(ax, order=order, annotate=annotate, **image_kw)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        order: str = "clustered",
        annotate: str | bool = "auto",
        **image_kw: Any,
    ) -> Self:
        """Draw the heat map.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a figure whose size fits the number of columns.
        order : {"clustered", "given"}, default="clustered"
            Columns that share information side by side (average linkage and scipy's optimal
            leaf ordering), or as they come.
        annotate : {"auto", "interval", "value", "star"} or None, default="auto"
            What a cell says: value and interval; value; only the sign; or nothing. "auto" writes
            what there is room for: intervals up to 8 columns, values up to 16, signs up to 40.
            A star marks pairs that depend on each other: q-value at most 0.05 where there are
            tests, else lower end of the interval above 0.01 `units`. Where most do, a question
            mark marks the others instead; where all or none do, there are no signs.
        **image_kw : dict
            Passed to ``Axes.imshow``.

        Returns
        -------
        self : MutualInfoMatrixDisplay
            With ``ax_``, ``figure_``, ``image_``, ``colorbar_``, ``texts_`` and ``order_`` set.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If `order` or `annotate` is none of those above, there is no interval to write,
            shapes do not fit, or there are fewer than two columns.
        """
        self._check(order, annotate)
        values = np.array(self.mi, dtype=float)
        np.fill_diagonal(values, np.nan)
        shown = values if self.normalize else correlation_scale(values * UNITS[self.units])
        is_clustered = order == "clustered"
        self.order_ = clustered_order(shown) if is_clustered else np.arange(len(values))
        self.groups_ = clustered_groups(shown) if is_clustered else []
        style = cell_style(annotate, len(values), self.low is not None)
        side, beside = max(2.4, _INCHES[style] * len(self.names)), self._name_inches(style)
        self._take_axes(ax, (side + beside + 1.5, side + beside + 0.9))
        self._draw(values[np.ix_(self.order_, self.order_)], image_kw)
        signs = Signs.of(values, self.low, self.q_values, self.units)
        self._write(values, signs, style)
        self._frame_groups()
        self._label(signs, style)
        return self

    def _check(self, order: str, annotate: str | bool) -> None:
        check_choice("order", order, _ORDERS)
        if annotate is not None and annotate not in ANNOTATIONS:
            raise ValueError(
                f"annotate is {annotate!r}; pass one of {', '.join(ANNOTATIONS)}, or None."
            )
        if annotate == "interval" and self.low is None:
            raise ValueError(
                "annotate is 'interval' and there are none; pass the long form of mi_matrix, of a "
                "method that has them, or annotate='value'."
            )
        p = len(self.names)
        if p < 2:
            raise ValueError(f"there are {p} columns to draw; pass at least 2.")
        for name in ("mi", "low", "high", "q_values"):
            values = getattr(self, name)
            if values is not None and np.shape(values) != (p, p):
                raise ValueError(
                    f"{name} has shape {np.shape(values)}; with {p} names it must be {(p, p)}."
                )

    def _draw(self, ordered: np.ndarray, image_kw: dict) -> None:
        style = {"cmap": "Blues", "norm": self._norm(ordered), "interpolation": "nearest"}
        self.image_ = self.ax_.imshow(ordered, **{**style, **image_kw})
        self.image_.cmap = self.image_.get_cmap().with_extremes(bad="0.92")
        self.colorbar_ = self.figure_.colorbar(self.image_, ax=self.ax_, shrink=0.8)
        if not self.normalize:
            ticks = round_ticks(self.image_.norm)
            self.colorbar_.set_ticks(ticks, labels=[f"{tick:g}" for tick in ticks])
            self.colorbar_.minorticks_off()
        unit = f"normalized: {self.normalize}" if self.normalize else self.units
        self.colorbar_.set_label(f"mutual information ({unit})")
        self.colorbar_.outline.set_visible(False)

    def _frame_groups(self) -> None:
        from matplotlib.patches import Rectangle

        for first, end in self.groups_ if len(self.names) > _MANY else ():
            style: dict[str, Any] = {"fill": False, "edgecolor": "0.25", "linewidth": 1.0}
            side = end - first
            self.ax_.add_patch(Rectangle((first - 0.5, first - 0.5), side, side, **style))

    def _norm(self, ordered: np.ndarray) -> Any:
        from matplotlib.colors import Normalize

        if self.normalize:
            return Normalize(0.0, 1.0)
        return information_norm(ordered, UNITS[self.units])

    def _write(self, values: np.ndarray, signs: Signs, style: Any) -> None:
        texts = cell_texts(values, self.low, self.high, signs, style)
        self.texts_ = []
        size = {"interval": 8, "value": 8, "star": 9}.get(style)
        for i, row in enumerate(self.order_):
            for j, column in enumerate(self.order_):
                if not texts[row, column]:
                    continue
                color = readable_color(self.image_.to_rgba(values[row, column]))
                at: dict[str, Any] = {
                    "ha": "center",
                    "va": "center",
                    "color": color,
                    "fontsize": size,
                }
                self.texts_.append(self.ax_.text(j, i, texts[row, column], **at))

    def _name_inches(self, style: Any) -> float:
        longest = max(len(_cut(str(name))) for name in self.names)
        return 0.3 + 0.62 * longest * _name_points(style) / _POINTS

    def _label(self, signs: Signs, style: Any) -> None:
        ax, names = self.ax_, [_cut(str(self.names[int(i)])) for i in self.order_]
        is_many = len(names) > _MANY
        size = _name_points(style)
        turned = {"rotation": 90} if is_many else {"rotation": 45, "rotation_mode": "anchor"}
        ax.set_xticks(range(len(names)), labels=names, fontsize=size, **turned)
        ax.set_yticks(range(len(names)), labels=names, fontsize=size)
        for label in () if is_many else ax.get_xticklabels():
            label.set_horizontalalignment("right")
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.set_title(self._title(signs, style), loc="left", fontsize="medium")

    def _title(self, signs: Signs, style: Any) -> str:
        what = f"Mutual information of {len(self.names)} columns"
        if style == "interval" and self.level is not None:
            what += f", with {100 * self.level:g}% intervals"
        title = full_title(what, self.method, self.n_rows)
        return f"{title}\n{signs.note}" if style is not None and signs.note else title


def _name_points(style: Any) -> float:
    """Size of the names: as high as a row at most."""
    return min(10.0, 0.72 * _POINTS * _INCHES[style])


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _parts(frame: pd.DataFrame) -> dict:
    """What the display is made of, from either form of the result of ``mi_matrix``."""
    columns = getattr(frame, "columns", None)
    is_long = columns is not None and _LONG.issubset(columns)
    if columns is None or not (is_long or list(columns) == list(frame.index)):
        raise TypeError(
            f"frame is a {type(frame).__name__} that is neither form of the result of "
            "skmist.mi_matrix; pass mi_matrix(df, form='long')."
        )
    facts = MatrixFacts.of(frame, complete=is_long)
    if is_long:
        columns = facts.columns
        squares = PairSquares.of(frame, normalized=facts.normalize is not None)
    else:
        squares = PairSquares(frame.to_numpy(float))
    return {
        "names": list(map(str, columns)),
        "mi": squares.mi,
        "low": squares.low,
        "high": squares.high,
        "q_values": squares.q_values,
        "units": facts.units,
        "level": facts.level,
        "normalize": facts.normalize,
        "method": facts.method,
        "n_rows": facts.n_rows,
    }
