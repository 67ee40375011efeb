"""Which rows carry the information: a scatter plot over two columns, colored by it."""

from __future__ import annotations

__all__ = ["PointwiseInformationDisplay"]

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from skmist._parameters import check_choice
from skmist._sample.table import UNITS
from skmist.plotting.base import Display, check_lengths
from skmist.plotting.fields import Field, chosen_fields, is_sparse, jittered

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

_RESPONSES = ("score_samples", "predict")
_CAPTIONS = {
    "score_samples": "pointwise mutual information",
    "predict": "information of the row about the target",
}
_INCHES = (7.0, 5.0)
# A few extreme rows would otherwise take all the colors.
_COLOR_QUANTILE = 0.98


class PointwiseInformationDisplay(Display):
    """Rows of a sample over two columns, each colored by the information that it carries.

    The mutual information is a mean over rows; the picture shows of which. With
    ``score_samples`` a row's color is ``log p(x, y) / (p(x) p(y))`` [1]_: positive (red) where
    the row is more likely than under independence, negative (blue) where it is less. With
    ``predict`` it is ``KL(p(y|x) || p(y))``, what knowing x tells about y in that row [2]_.

    Make one with :meth:`from_estimator`, or from stored values and :meth:`plot`.

    Parameters
    ----------
    x, y : Field
        The horizontal and the vertical column: name, positions of shape (n,), and, of text and
        categories, their labels.
    information : array of shape (n,)
        Information of each row, in `units`.
    response_method : {"score_samples", "predict"}, default="score_samples"
        Which information it is.
    units : {"nats", "bits"}, default="nats"
        Unit of the values, which are drawn as given, not converted.
    method : str or None, default=None
        Who estimated them, for the title.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the plot.
    figure_ : matplotlib Figure
        Figure that holds the axes.
    scatter_ : matplotlib PathCollection
        The rows, those that stand out most drawn last.
    colorbar_ : matplotlib Colorbar
        Its label says what the color means.

    See Also
    --------
    MISTRegressor.score_samples : The pointwise information.
    MutualInfoMatrixDisplay : The information of all pairs of columns.

    References
    ----------
    .. [1] R. M. Fano, "Transmission of Information", MIT Press, 1961.
    .. [2] M. R. DeWeese and M. Meister (1999), "How to measure the information gained from one
       symbol", Network: Computation in Neural Systems 10, 325-340.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> from sklearn.datasets import load_iris
    >>> from skmist import KSGEstimator, PointwiseInformationDisplay
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> ksg = KSGEstimator(discrete_target=True).fit(X, y)
    >>> display = PointwiseInformationDisplay.from_estimator(
    ...     ksg, X, y, columns=["petal length (cm)", "petal width (cm)"]
    ... )
    >>> display.colorbar_.ax.get_ylabel()
    'pointwise mutual information (nats)'
    """

    def __init__(
        self,
        *,
        x: Field,
        y: Field,
        information: np.ndarray,
        response_method: str = "score_samples",
        units: str = "nats",
        method: str | None = None,
    ) -> None:
        self.x = x
        self.y = y
        self.information = information
        self.response_method = response_method
        self.units = units
        self.method = method

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        columns: Sequence[str] | None = None,
        response_method: str = "score_samples",
        units: str = "nats",
        ax: Axes | None = None,
        **scatter_kw: Any,
    ) -> Self:
        """Ask a fitted estimator about rows, and draw them.

        Parameters
        ----------
        estimator : MutualInfoEstimator
            Fitted, on columns like those of `X` and `y`.
        X : array-like or DataFrame of shape (n, p)
        y : array-like or DataFrame of shape (n,) or (n, q)
        columns : list of two str or None, default=None
            The horizontal and the vertical column, of X or of y. Those of arrays are called
            ``"x0"``, ``"x1"``, ... and ``"y0"``, ...; where X and y share a name, it is the
            column of X. None takes the column of X and the target, or the first two of X.
        response_method : {"score_samples", "predict"}, default="score_samples"
            Method of the estimator: pointwise information of x and y, or what x says about y.
        units : {"nats", "bits"}, default="nats"
            Unit of the result; 1 bit is ln 2 = 0.693 nats.
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a figure.
        **scatter_kw : dict
            Passed to ``Axes.scatter``.

        Returns
        -------
        display : PointwiseInformationDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        NotFittedError
            If `estimator` is not fitted.
        InvalidSampleError
            If the data cannot be used.
        ValueError
            If a name is no column, or `response_method` or `units` is none of those above.
        """
        check_choice("response_method", response_method, _RESPONSES)
        check_choice("units", units, UNITS)
        check_is_fitted(estimator)
        horizontal, vertical = chosen_fields(X, y, columns)
        asked = (X, y) if response_method == "score_samples" else (X,)
        information = getattr(estimator, response_method)(*asked) / UNITS[units]
        display = cls(
            x=horizontal,
            y=vertical,
            information=information,
            response_method=response_method,
            units=units,
            method=type(estimator).__name__,
        )
        return display.plot(ax, **scatter_kw)

    def plot(self, ax: Axes | None = None, **scatter_kw: Any) -> Self:
        """Draw the rows.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a figure.
        **scatter_kw : dict
            Passed to ``Axes.scatter``.

        Returns
        -------
        self : PointwiseInformationDisplay
            With ``ax_``, ``figure_``, ``scatter_`` and ``colorbar_`` set.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there is nothing to draw, or the lengths differ.
        """
        information = np.asarray(self.information, dtype=float)
        check_lengths(
            (len(information), len(self.x.positions), len(self.y.positions)),
            names="x, y and information",
            each="row",
            empty="there are 0 rows to draw; pass at least one.",
        )
        self._take_axes(ax, _INCHES)
        order = np.argsort(np.abs(information), kind="stable")
        style = {**self._colors(information), "s": 22, "edgecolors": "0.35", "linewidths": 0.3}
        # both may name the colors' ends, and matplotlib refuses these beside a norm
        if "norm" in scatter_kw:
            style = {key: value for key, value in style.items() if key[:1] != "v"}
        self.scatter_ = self.ax_.scatter(
            jittered(self.x)[order],
            jittered(self.y)[order],
            c=information[order],
            **{**style, **scatter_kw},
        )
        self._label(information)
        return self

    def _colors(self, information: np.ndarray) -> dict:
        if self.response_method == "predict":
            top = float(np.quantile(information, _COLOR_QUANTILE))
            return {"cmap": "viridis", "vmin": 0.0, "vmax": max(top, 1e-3)}
        top = max(float(np.quantile(np.abs(information), _COLOR_QUANTILE)), 1e-3)
        return {"cmap": "RdBu_r", "vmin": -top, "vmax": top}

    def _label(self, information: np.ndarray) -> None:
        _draw_axis(self.ax_.xaxis, self.x)
        _draw_axis(self.ax_.yaxis, self.y)
        self.ax_.spines[["top", "right"]].set_visible(False)
        self.colorbar_ = self.figure_.colorbar(self.scatter_, ax=self.ax_, extend="both")
        caption = _CAPTIONS[self.response_method]
        self.colorbar_.set_label(f"{caption} ({self.units})")
        who = f"{self.method}, " if self.method else ""
        mean = f"{who}mean over {len(information)} rows: {information.mean():.3f} {self.units}"
        self.ax_.set_title(mean, loc="left", fontsize="medium")


def _draw_axis(axis: Axis, field: Field) -> None:
    axis.set_label_text(field.name)
    if field.labels is not None:
        axis.set_ticks(range(len(field.labels)), labels=field.labels)
    elif is_sparse(field):
        axis.set_ticks(np.unique(field.positions))
