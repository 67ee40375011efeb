"""Picture of calibration: the reliability diagram and the histogram of ranks."""

from __future__ import annotations

__all__ = ["MutualInfoCalibrationDisplay"]

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skmist.intervals.calibration import CALIBRATION_LEVELS, interval_calibration, interval_results
from skmist.intervals.ranks import SBCRanks, sbc_ranks
from skmist.plotting.base import Display

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_CHANCE = 0.9
_KINDS = ("reliability", "ranks")
_INCHES = (5.2, 5.0)
_BAND_COLOR = "0.88"
_BAR_COLOR = "#7fa6c9"


class MutualInfoCalibrationDisplay(Display):
    """How often intervals hold the truth against how often they promise to.

    Make one with :meth:`from_estimator` or :meth:`from_results`, or from stored values and
    :meth:`plot`.

    Parameters
    ----------
    calibration : pandas.DataFrame of shape (n_groups * n_levels, n_fields)
        From :func:`skmist.interval_calibration`, by at most one column: one line for each group.
    ranks : SBCRanks or None, default=None
        From :func:`skmist.sbc_ranks`, for ``kind="ranks"``.
    name : str or None, default=None
        What the single line is called in the legend.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the plot.
    figure_ : matplotlib Figure
        Figure that holds the axes.
    lines_ : list of matplotlib Line2D
        Coverage of each group, of "reliability".
    band_ : matplotlib FillBetweenPolyCollection
        Where 90 % of perfectly calibrated answers would lie by chance, given the number of
        samples of the smallest group.
    bars_ : matplotlib BarContainer
        Density of the ranks, of "ranks".

    See Also
    --------
    interval_calibration : The figures of the reliability diagram.
    sbc_ranks : The ranks, and a test of them.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import numpy as np
    >>> from skmist import BootstrapCI, GaussianCopulaEstimator, MutualInfoCalibrationDisplay
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(20, 100))
    >>> samples = [(row[:, None], row + rng.normal(size=100)) for row in x]
    >>> ci = BootstrapCI(GaussianCopulaEstimator(), n_resamples=20, random_state=0)
    >>> display = MutualInfoCalibrationDisplay.from_estimator(ci, samples, np.full(20, 0.3466))
    >>> display.ax_.get_xlabel()
    'level of the interval'
    """

    def __init__(
        self, *, calibration: pd.DataFrame, ranks: SBCRanks | None = None, name: str | None = None
    ) -> None:
        self.calibration = calibration
        self.ranks = ranks
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        samples: Sequence[tuple[ArrayLike, ArrayLike]],
        truths: ArrayLike,
        *,
        levels: Iterable[float] = CALIBRATION_LEVELS,
        columns: Mapping[str, ArrayLike] | pd.DataFrame | None = None,
        by: str | Sequence[str] | None = None,
        tolerance: float = 1e-3,
        kind: str = "reliability",
        name: str | None = None,
        ax: Axes | None = None,
        **style: Any,
    ) -> Self:
        """Estimate samples of known MI and draw how well the intervals hold.

        Parameters
        ----------
        estimator, samples, truths, levels, columns
            As in :func:`skmist.interval_results`; truths of shape (n_samples,), nats.
        by, tolerance, kind, name, ax, **style
            As in :meth:`from_results`.

        Returns
        -------
        display : MutualInfoCalibrationDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        InvalidSampleError
            If a sample cannot be used; the message says which.
        TypeError
            If the estimator is neither callable nor has an interval, or `by` is no column.
        ValueError
            As in :func:`skmist.interval_results` and :meth:`from_results`.
        """
        _check_kind(kind)
        results = interval_results(estimator, samples, truths, levels=levels, columns=columns)
        name = type(estimator).__name__ if name is None else name
        return cls.from_results(
            results, by=by, tolerance=tolerance, kind=kind, name=name, ax=ax, **style
        )

    @classmethod
    def from_results(
        cls,
        results: pd.DataFrame,
        *,
        by: str | Sequence[str] | None = None,
        tolerance: float = 1e-3,
        kind: str = "reliability",
        name: str | None = None,
        ax: Axes | None = None,
        **style: Any,
    ) -> Self:
        """Draw the table of :func:`skmist.interval_results`.

        Parameters
        ----------
        results : pandas.DataFrame of shape (n_samples * n_levels, n_fields)
        by : str or None, default=None
            Column whose values get a line each in the reliability diagram.
        tolerance : float, default=1e-3
            As in :func:`skmist.interval_calibration`, nats.
        kind : {"reliability", "ranks"}, default="reliability"
            Coverage against level, or the histogram of :func:`skmist.sbc_ranks`.
        name : str or None, default=None
            What the line is called in the legend, without `by`.
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a figure.
        **style : dict
            Passed to ``Axes.plot`` or ``Axes.bar``.

        Returns
        -------
        display : MutualInfoCalibrationDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If `results` lacks a column.
        ValueError
            If `results` has no rows, `kind` is none of those above, or there are too few samples
            for ranks.
        """
        _check_kind(kind)
        calibration = interval_calibration(results, by=by or (), tolerance=tolerance)
        ranks = sbc_ranks(results, tolerance=tolerance) if kind == "ranks" else None
        return cls(calibration=calibration, ranks=ranks, name=name).plot(ax, kind=kind, **style)

    def plot(self, ax: Axes | None = None, *, kind: str = "reliability", **style: Any) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a figure.
        kind : {"reliability", "ranks"}, default="reliability"
        **style : dict
            Passed to ``Axes.plot`` or ``Axes.bar``.

        Returns
        -------
        self : MutualInfoCalibrationDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If `kind` is none of those above, or there are no ranks to draw.
        """
        _check_kind(kind)
        if kind == "ranks" and self.ranks is None:
            raise ValueError("there are no ranks to draw; pass ranks=skmist.sbc_ranks(results).")
        self._take_axes(ax, _INCHES)
        self.ax_.spines[["top", "right"]].set_visible(False)
        if kind == "ranks" and self.ranks is not None:
            self._draw_ranks(self.ranks, style)
        else:
            self._draw_reliability(style)
        return self

    def _draw_reliability(self, style: dict) -> None:
        ax, smallest = self.ax_, int(self.calibration["samples"].min())
        levels = np.linspace(0.0, 1.0, 101)
        low, high = _by_chance(smallest, levels)
        label = f"{100 * _CHANCE:g}% range by chance, {smallest} samples"
        self.band_ = ax.fill_between(levels, low, high, color=_BAND_COLOR, lw=0, label=label)
        ax.plot([0, 1], [0, 1], color="0.5", lw=1, ls="--")
        style = {"marker": "o", "ms": 4, **style}
        self.lines_ = [
            ax.plot(part["level"], part["coverage"], **{"label": label, **style})[0]
            for label, part in self._groups()
        ]
        ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        ax.set(xlabel="level of the interval", ylabel="share of intervals that hold the truth")
        ax.legend(loc="upper left", frameon=False)

    def _groups(self) -> list[tuple[str, pd.DataFrame]]:
        """Legend entry and rows of each line."""
        column = self.calibration.columns[0]
        if column == "level":
            return [(self.name or "coverage", self.calibration)]
        groups = self.calibration.groupby(column, observed=True)
        return [(f"{column} = {value}", part) for value, part in groups]

    def _draw_ranks(self, ranks: SBCRanks, style: dict) -> None:
        ax, widths, total = self.ax_, np.diff(ranks.edges), ranks.counts.sum()
        bars = {"align": "edge", "color": _BAR_COLOR, "edgecolor": "white", **style}
        self.bars_ = ax.bar(ranks.edges[:-1], ranks.counts / total / widths, widths, **bars)
        low, high = (ends / widths for ends in _by_chance(total, widths))
        label = f"{100 * _CHANCE:g}% range by chance"
        span: dict[str, Any] = {
            "step": "post",
            "color": "0.3",
            "alpha": 0.25,
            "lw": 0,
            "label": label,
        }
        low, high = (np.append(ends, ends[-1]) for ends in (low, high))
        self.band_ = ax.fill_between(ranks.edges, low, high, **span)
        ax.axhline(1.0, color="0.5", lw=1, ls="--")
        # room for the legend
        ax.set_ylim(0, 1.25 * ax.get_ylim()[1])
        ax.set(xlim=(0, 1), xlabel="stated probability below the truth", ylabel="density")
        ax.set_title(f"uniform? p = {ranks.p_value:.2g}, {total} samples", loc="left")
        ax.legend(loc="upper right", frameon=False)


def _by_chance(n: int, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the central range of a share among n, for each true probability."""
    from scipy.stats import binom

    low, high = binom.interval(_CHANCE, n, probabilities)
    return low / n, high / n


def _check_kind(kind: str) -> None:
    if kind not in _KINDS:
        raise ValueError(f"kind={kind!r} is not one of {', '.join(map(repr, _KINDS))}.")
