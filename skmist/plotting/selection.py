"""What a selection of columns did: the information of the chosen ones, step by step."""

from __future__ import annotations

__all__ = ["MutualInfoSelectionDisplay"]

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skmist.plotting.base import Display, check_lengths, full_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

_LINE_COLOR, _BAND_COLOR, _WHOLE_COLOR = "#1d3d5c", "#7fa6c9", "0.45"
_HEADROOM = 1.14


class MutualInfoSelectionDisplay(Display):
    """Information of the chosen columns against their number, with its interval.

    Make one with :meth:`from_selector`, or from the stored values and :meth:`plot`.

    Parameters
    ----------
    names : sequence of str, length n_steps
        What each step added.
    information, low, high : array-like of shape (n_steps,)
        Information, nats, of all columns chosen up to a step, with its interval.
    explained : float or None, default=None
        Share of what all columns say that the chosen ones hold at the end; None draws no line
        for all columns.
    target_name : str or None, default=None
        What the columns inform about, for the title.
    method : str or None, default=None
        Who estimated them, for the title.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the plot.
    figure_ : matplotlib Figure
        Figure that holds the axes.
    line_ : matplotlib Line2D
        The information after each step.
    band_ : matplotlib PolyCollection
        Its interval.

    See Also
    --------
    MutualInfoFeatureSelector : What makes the selection.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> from sklearn.datasets import load_iris
    >>> from skmist import MutualInfoSelectionDisplay, mutual_info_feature_selection
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> selector = mutual_info_feature_selection(2, device="cpu").fit(X, y)
    >>> MutualInfoSelectionDisplay.from_selector(selector).ax_.get_ylabel()
    'information about the target (nats)'
    """

    def __init__(
        self,
        *,
        names: Sequence[str],
        information: ArrayLike,
        low: ArrayLike,
        high: ArrayLike,
        explained: float | None = None,
        target_name: str | None = None,
        method: str | None = None,
    ) -> None:
        self.names = names
        self.information = information
        self.low = low
        self.high = high
        self.explained = explained
        self.target_name = target_name
        self.method = method

    @classmethod
    def from_selector(
        cls, selector: Any, *, target_name: str | None = None, ax: Axes | None = None
    ) -> Self:
        """Draw what a fitted selector did.

        Parameters
        ----------
        selector : MutualInfoFeatureSelector
            Fitted, with ``criterion="joint"``.
        target_name : str or None, default=None
            What the columns inform about, for the title: the selector does not keep its name.
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a figure whose width fits the number of steps.

        Returns
        -------
        display : MutualInfoSelectionDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If the selector has no ``path_``.
        ValueError
            If nothing was chosen.
        """
        path = getattr(selector, "path_", None)
        if path is None:
            raise TypeError(
                f"{type(selector).__name__} has no path_; pass a MutualInfoFeatureSelector that "
                "is fitted with criterion='joint'."
            )
        display = cls(
            names=path["columns"].tolist(),
            information=path["information"].to_numpy(),
            low=path["low"].to_numpy(),
            high=path["high"].to_numpy(),
            explained=float(selector.explained_information_),
            target_name=target_name,
            method=_method(selector),
        )
        return display.plot(ax=ax)

    def plot(self, ax: Axes | None = None, *, line_kw: dict[str, Any] | None = None) -> Self:
        """Draw the line and its band.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a figure whose width fits the number of steps.
        line_kw : dict or None, default=None
            Passed to ``Axes.plot``.

        Returns
        -------
        self : MutualInfoSelectionDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there is nothing to draw, or the lengths differ.
        """
        parts = self.names, self.information, self.low, self.high
        check_lengths(
            [len(part) for part in parts],  # type: ignore[arg-type]
            names="names, information, low and high",
            each="step",
            empty="no column was chosen, so there is no step to draw.",
        )
        self._take_axes(ax, (min(3.5 + 0.75 * len(self.names), 14.0), 4.2))
        places = np.arange(1, len(self.names) + 1)
        style = {"color": _LINE_COLOR, "marker": "o", **(line_kw or {})}
        (self.line_,) = self.ax_.plot(places, self.information, **style)
        self.band_ = self.ax_.fill_between(
            places, self.low, self.high, color=_BAND_COLOR, alpha=0.3, linewidth=0
        )
        self._draw_whole()
        self._label(places)
        return self

    def _draw_whole(self) -> None:
        top = float(np.nanmax(np.append(self.high, self.information)))
        if self.explained:
            whole = float(np.asarray(self.information)[-1]) / self.explained
            top = max(top, whole)
            self.ax_.axhline(whole, color=_WHOLE_COLOR, linestyle="--", linewidth=1.2)
            text = f"all columns (the chosen ones hold {100 * self.explained:.0f} %)"
            at: dict[str, Any] = {
                "xytext": (-4, 4),
                "textcoords": "offset points",
                "ha": "right",
                "va": "bottom",
            }
            where = self.ax_.get_yaxis_transform()
            self.ax_.annotate(text, (1.0, whole), xycoords=where, color=_WHOLE_COLOR, **at)
        # the note stands above the line, and under the title
        self.ax_.set_ylim(0.0, (_HEADROOM * top) or 1.0)

    def _label(self, places: np.ndarray) -> None:
        ax = self.ax_
        ax.set_xticks(places, labels=self.names, rotation=30, ha="right")
        ax.set_xlim(0.6, len(places) + 0.4)
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(axis="y", color="0.88", linewidth=0.8)
        ax.set_axisbelow(True)
        ax.set_xlabel("column added")
        ax.set_ylabel("information about the target (nats)")
        about = "" if self.target_name is None else f" about {self.target_name}"
        title = f"What the chosen columns say together{about}"
        ax.set_title(full_title(title, self.method, None), loc="left")


def _method(selector: Any) -> str | None:
    """Name of the estimator of a selector; None where it has none."""
    estimator = getattr(selector, "estimator", None)
    is_name = estimator is None or isinstance(estimator, str)
    return estimator if is_name else type(estimator).__name__
