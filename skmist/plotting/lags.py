"""Mutual information at each lag, with intervals."""

from __future__ import annotations

__all__ = ["MutualInfoLagsDisplay"]

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skmist.frame.facts import LagFacts
from skmist.plotting.base import Display, check_lengths, full_title

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_COLOR, _BAND_COLOR = "#1d3d5c", "#7fa6c9"
_REQUIRED = ("mi", "low", "high")
_ALPHA = 0.05


class MutualInfoLagsDisplay(Display):
    """Mutual information of two series by lag: a point each, with its interval.

    Make one with :meth:`from_frame`, or from the stored values and :meth:`plot`.

    Parameters
    ----------
    lags : sequence of int, length n_lags
        Steps from x to y.
    mi : sequence of float, length n_lags
        Mutual information at each lag, in `units`, at least 0.
    low, high : sequence of float or None, length n_lags
        Ends of the interval, in `units`; None or NaN where there is none.
    p_value : sequence of float or None, length n_lags
        Lags above 0.05 are drawn hollow; None draws all alike.
    units : {"nats", "bits"}, default="nats"
        Unit of the values, which are drawn as given, not converted.
    title : str, default=""
        Heading.
    step : str, default="rows"
        What a lag of 1 is.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the plot.
    figure_ : matplotlib Figure
        Figure that holds the axes.
    line_ : matplotlib Line2D
        The points.
    band_ : matplotlib FillBetweenPolyCollection or None
        The intervals, or None where there are none.

    See Also
    --------
    mi_lags : The table.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import numpy as np
    >>> from skmist import MutualInfoLagsDisplay, mi_lags
    >>> x = np.random.default_rng(0).normal(size=(200, 2)).cumsum(axis=0)[:, 0]
    >>> table = mi_lags(x, lags=5, estimator="gaussian_copula")
    >>> MutualInfoLagsDisplay.from_frame(table).ax_.get_xlabel()
    'lag (rows)'
    """

    def __init__(
        self,
        *,
        lags: Sequence[int],
        mi: Sequence[float],
        low: Sequence[float] | None = None,
        high: Sequence[float] | None = None,
        p_value: Sequence[float] | None = None,
        units: str = "nats",
        title: str = "",
        step: str = "rows",
    ) -> None:
        self.lags = lags
        self.mi = mi
        self.low = low
        self.high = high
        self.p_value = p_value
        self.units = units
        self.title = title
        self.step = step

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, ax: Axes | None = None) -> Self:
        """Draw the result of :func:`skmist.mi_lags`.

        Parameters
        ----------
        frame : pandas.DataFrame of shape (n_lags, n_fields)
            Result of :func:`skmist.mi_lags`. Its ``attrs`` say units, names and step; without
            them the plot says nats and rows.
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        display : MutualInfoLagsDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If `frame` has no ``mi``, ``low`` and ``high`` fields.
        ValueError
            If `frame` is empty.
        """
        missing = [name for name in _REQUIRED if name not in getattr(frame, "columns", ())]
        if missing:
            raise TypeError(
                f"the table lacks the fields {missing}; pass the DataFrame that skmist.mi_lags "
                "returns."
            )
        facts = LagFacts.of(frame, complete=False)
        display = cls(
            lags=frame.index.tolist(),
            mi=frame["mi"].tolist(),
            low=frame["low"].tolist(),
            high=frame["high"].tolist(),
            p_value=frame["p_value"].tolist() if "p_value" in frame else None,
            units=facts.units,
            title=full_title(_title(facts), facts.method, _n_rows(frame)),
            step=facts.step,
        )
        return display.plot(ax=ax)

    def plot(self, ax: Axes | None = None, **line_kw: Any) -> Self:
        """Draw the points and their intervals.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a figure.
        **line_kw : dict
            Passed to ``Axes.plot``.

        Returns
        -------
        self : MutualInfoLagsDisplay
            With ``ax_``, ``figure_``, ``line_`` and ``band_`` set.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there is nothing to draw, or the lengths differ.
        """
        parts = (self.lags, self.mi, self.low, self.high, self.p_value)
        check_lengths(
            [len(part) for part in parts if part is not None],
            names="lags, mi, low, high and p_value",
            each="lag",
            empty="the table is empty (0 lags); ask about at least one lag.",
        )
        self._take_axes(ax, (8.0, 4.0))
        self.band_ = self._draw_band()
        style = {"marker": "o", "color": _COLOR, "markersize": 6, "linewidth": 1.2}
        (self.line_,) = self.ax_.plot(self.lags, self.mi, **{**style, **line_kw})
        self._hollow()
        self._label()
        return self

    def _draw_band(self) -> Any:
        if self.low is None or self.high is None or not np.isfinite(self.low).any():
            return None
        return self.ax_.fill_between(
            self.lags, self.low, self.high, color=_BAND_COLOR, alpha=0.35, linewidth=0
        )

    def _hollow(self) -> None:
        """Paint over the middle of points that chance may well have made."""
        if self.p_value is None:
            return
        at = [i for i, p in enumerate(self.p_value) if not p <= _ALPHA]
        lags, mi = [self.lags[i] for i in at], [self.mi[i] for i in at]
        self.ax_.plot(lags, mi, "o", color="white", markersize=3, label=f"p > {_ALPHA}", zorder=3)

    def _label(self) -> None:
        ax = self.ax_
        ax.set_ylim(bottom=0)
        ax.locator_params(axis="x", integer=True)
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(axis="y", color="0.88", linewidth=0.8)
        ax.set_axisbelow(True)
        ax.set_xlabel(f"lag ({self.step})")
        ax.set_ylabel(f"mutual information ({self.units})")
        ax.set_title(self.title, loc="left")


def _n_rows(frame: pd.DataFrame) -> int | None:
    return int(frame["n_samples"].max()) if "n_samples" in frame and len(frame) else None


def _title(facts: LagFacts) -> str:
    if facts.x == facts.y:
        names = f"{facts.x} with itself, later"
    else:
        names = f"{facts.x} with {facts.y}, later"
    return f"{names}, given {facts.past} steps of its own past" if facts.past else names
