"""What all displays share: how they are made, their axes, and the checks before these."""

from __future__ import annotations

__all__ = ["Display", "check_lengths", "full_title"]

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Display:
    """Base of the displays.

    The constructor stores what is drawn and nothing else. ``plot`` checks it before a figure is
    made, asks `_take_axes` for axes, draws on them and returns the display. Class methods
    ``from_...`` compute what is drawn, and plot it. matplotlib is imported by the first figure.
    """

    def _take_axes(self, ax: Axes | None, size: tuple[float, float]) -> None:
        """Set `ax_` and `figure_`: the axes given, or else those of a new figure.

        Parameters
        ----------
        ax : matplotlib Axes or None
        size : (float, float)
            Width and height of a new figure, inches.

        Raises
        ------
        ImportError
            If there are no axes and matplotlib is not installed.
        """
        self.ax_ = _new_axes(size) if ax is None else ax
        self.figure_ = self.ax_.figure


def _new_axes(size: tuple[float, float]) -> Axes:
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            "drawing needs matplotlib, which is not installed; "
            "install it with: pip install matplotlib"
        ) from error
    return plt.subplots(figsize=size, layout="constrained")[1]


def full_title(what: str, method: str | None, n_rows: int | None) -> str:
    """What is drawn, and under it who estimated it from how many rows, where that is known."""
    if not method:
        return what
    return f"{what}\n{method}, {n_rows} rows" if n_rows else f"{what}\n{method}"


def check_lengths(lengths: Collection[int], *, names: str, each: str, empty: str) -> None:
    """Refuse parts of a picture that are empty or do not fit together.

    Parameters
    ----------
    lengths : collection of int
        Of the parts.
    names : str
        What the parts are called.
    each : str
        What has one value in each part.
    empty : str
        What to say where there is nothing to draw.

    Raises
    ------
    ValueError
        If they are all 0, or differ.
    """
    found = sorted(set(lengths))
    if found == [0]:
        raise ValueError(empty)
    if len(found) > 1:
        raise ValueError(f"{names} have different lengths {found}; give one value per {each}.")
