"""The ranking of columns as bars with intervals."""

from __future__ import annotations

__all__ = ["MutualInfoRankingDisplay"]

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skmist.frame.facts import RankingFacts
from skmist.frame.notes import column_doubts
from skmist.plotting.base import Display, check_lengths, full_title

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_BAR_COLOR = "#7fa6c9"
_FLAGGED_COLOR, _FLAGGED_INK = "0.82", "0.45"
_LINE_COLOR = "#1d3d5c"
_REQUIRED = ("mi", "low", "high")


class MutualInfoRankingDisplay(Display):
    """Ranking of columns by mutual information: one horizontal bar each, with its interval.

    Make one with :meth:`from_frame`, or from the stored values and :meth:`plot`.

    Parameters
    ----------
    names : sequence of str, length n_columns
        Column names, best first (drawn from the top).
    mi : sequence of float, length n_columns
        Mutual information of each column with the target, in `units`, at least 0.
    low, high : sequence of float or None, length n_columns
        Ends of the interval, in `units`. NaN where the method has none; None for no
        intervals at all.
    units : {"nats", "bits"}, default="nats"
        Unit of the values, which are drawn as given, not converted.
    level : float or None, default=None
        Probability that an interval is meant to hold the true value, between 0 and 1; for the axis
        label.
    target_name : str or None, default=None
        What the columns inform about, for the title.
    n_hidden : int, default=0
        How many further columns were left out, for a note under the axis.
    flagged : sequence of bool or None, default=None
        Columns to distrust, drawn in gray.
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
    bars_ : matplotlib BarContainer
        The bars, best first.
    interval_ : matplotlib ErrorbarContainer or None
        The intervals, or None where the method has none.

    See Also
    --------
    mi_with : The ranking as a DataFrame.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> from sklearn.datasets import load_iris
    >>> from skmist import MutualInfoRankingDisplay, mi_with
    >>> iris = load_iris(as_frame=True).frame
    >>> display = MutualInfoRankingDisplay.from_frame(mi_with(iris, "target", estimator="ksg"))
    >>> display.ax_.get_xlabel()
    'mutual information (nats)'
    """

    def __init__(
        self,
        *,
        names: Sequence[str],
        mi: np.ndarray,
        low: np.ndarray | None = None,
        high: np.ndarray | None = None,
        units: str = "nats",
        level: float | None = None,
        target_name: str | None = None,
        n_hidden: int = 0,
        flagged: Sequence[bool] | None = None,
        method: str | None = None,
        n_rows: int | None = None,
    ) -> None:
        self.names = names
        self.mi = mi
        self.low = low
        self.high = high
        self.units = units
        self.level = level
        self.target_name = target_name
        self.n_hidden = n_hidden
        self.flagged = flagged
        self.method = method
        self.n_rows = n_rows

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        max_columns: int | None = 30,
        ax: Axes | None = None,
        bar_kw: dict[str, Any] | None = None,
        interval_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the result of :func:`skmist.mi_with`.

        Parameters
        ----------
        frame : pandas.DataFrame of shape (n_columns, n_fields)
            Result of :func:`skmist.mi_with`: index = column names, fields ``mi``, ``low`` and
            ``high``. Its ``attrs`` say units, level and target; without them the plot says nats.
            Columns that its ``warnings`` call names of things, numbers of rows or the like are
            drawn in gray.
        max_columns : int or None, default=30
            Draw at most this many, the best; None draws all. Columns that were not estimated
            are left out.
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a figure whose height fits the number of bars.
        bar_kw, interval_kw : dict or None, default=None
            Passed to ``Axes.barh`` and ``Axes.errorbar``.

        Returns
        -------
        display : MutualInfoRankingDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If `frame` has no ``mi``, ``low`` and ``high`` fields.
        ValueError
            If `frame` is empty or `max_columns` is below 1.
        """
        missing = [name for name in _REQUIRED if name not in getattr(frame, "columns", ())]
        if missing:
            raise TypeError(
                f"the ranking lacks the fields {missing}; pass the DataFrame that "
                "skmist.mi_with returns."
            )
        if max_columns is not None and max_columns < 1:
            raise ValueError(
                f"max_columns is {max_columns}, below 1; pass a positive number, or None for all."
            )
        facts = RankingFacts.of(frame, complete=False)
        known = frame[frame["mi"].notna()] if frame["mi"].notna().any() else frame
        shown = known if max_columns is None else known.iloc[:max_columns]
        display = cls(
            names=[str(name) for name in shown.index],
            mi=shown["mi"].tolist(),
            low=shown["low"].tolist(),
            high=shown["high"].tolist(),
            units=facts.units,
            level=facts.level,
            target_name=facts.target,
            n_hidden=len(known) - len(shown),
            flagged=_flags(shown, facts),
            method=facts.method,
            n_rows=int(shown["n_samples"].max()) if "n_samples" in shown and len(shown) else None,
        )
        return display.plot(ax=ax, bar_kw=bar_kw, interval_kw=interval_kw)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        bar_kw: dict[str, Any] | None = None,
        interval_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the bars and their intervals.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a figure whose height fits the number of bars.
        bar_kw, interval_kw : dict or None, default=None
            Passed to ``Axes.barh`` and ``Axes.errorbar``.

        Returns
        -------
        self : MutualInfoRankingDisplay
            With ``ax_``, ``figure_``, ``bars_`` and ``interval_`` set.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there is nothing to draw, or the lengths differ.
        """
        parts = (self.names, self.mi, self.low, self.high, self.flagged)
        check_lengths(
            [len(part) for part in parts if part is not None],
            names="names, mi, low, high and flagged",
            each="column",
            empty="the ranking is empty (0 columns); rank at least one column.",
        )
        self._take_axes(ax, (8.0, 1.5 + 0.32 * len(self.names)))
        positions = range(len(self.names))
        style = {"color": _BAR_COLOR, "height": 0.62, **(bar_kw or {})}
        self.bars_ = self.ax_.barh(positions, self.mi, **style)
        for i in self._flagged():
            self.bars_[i].set(facecolor=_FLAGGED_COLOR, hatch="///", edgecolor=_FLAGGED_INK)
            self.bars_[i].set_linewidth(0.0)
        self.interval_ = self._draw_interval(positions, interval_kw or {})
        self._label(positions)
        return self

    def _flagged(self) -> list[int]:
        return [] if self.flagged is None else [i for i, bad in enumerate(self.flagged) if bad]

    def _has_interval(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return any(math.isfinite(low) for low in self.low)

    def _draw_interval(self, positions: Sequence[int], interval_kw: dict[str, Any] | None) -> Any:
        if self.low is None or self.high is None or not self._has_interval():
            return None
        # A quantile interval need not hold the point estimate; lengths below 0 are refused.
        below = [max(mi - low, 0.0) for mi, low in zip(self.mi, self.low, strict=True)]
        above = [max(high - mi, 0.0) for mi, high in zip(self.mi, self.high, strict=True)]
        style = {"fmt": "none", "ecolor": _LINE_COLOR, "elinewidth": 1.4, "capsize": 3}
        return self.ax_.errorbar(
            self.mi, positions, xerr=(below, above), **{**style, **(interval_kw or {})}
        )

    def _label(self, positions: Sequence[int]) -> None:
        ax = self.ax_
        ax.set_yticks(positions, labels=self.names)
        for i in self._flagged():
            ax.get_yticklabels()[i].set_color(_FLAGGED_INK)
        ax.set_ylim(len(self.names) - 0.4, -0.6)
        ax.set_xlim(left=0)
        ax.tick_params(axis="y", length=0)
        ax.spines[["top", "right", "left"]].set_visible(False)
        ax.grid(axis="x", color="0.88", linewidth=0.8)
        ax.set_axisbelow(True)
        ax.set_xlabel(self._axis_label())
        title = "Mutual information"
        if self.target_name is not None:
            title += f" with {self.target_name}"
        ax.set_title(full_title(title, self.method, self.n_rows), loc="left")

    def _axis_label(self) -> str:
        label = f"mutual information ({self.units})"
        if self.interval_ is not None and self.level is not None:
            label += f"; line: {100 * self.level:g}% interval"
        if self._flagged():
            label += "; gray: see the warnings of the ranking"
        if self.n_hidden:
            label += f"\n(columns with less, not shown: {self.n_hidden})"
        return label


def _flags(frame: pd.DataFrame, facts: RankingFacts) -> list[bool] | None:
    """Which columns of a ranking its warnings tell to distrust; None where it has none."""
    if "warnings" not in frame:
        return None
    said = zip(frame.index, frame["warnings"], strict=True)
    return [bool(column_doubts(label, warning, facts.doubts)) for label, warning in said]
