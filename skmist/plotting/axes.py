"""What all displays share: new axes, and the refusal where matplotlib is missing."""

from __future__ import annotations

__all__ = ["new_axes"]


def new_axes(width: float, height: float):
    """Make a figure with one set of axes.

    Parameters
    ----------
    width, height : float
        Size of the figure, inches.

    Returns
    -------
    ax : matplotlib Axes

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            "drawing needs matplotlib, which is not installed; "
            "install it with: pip install matplotlib"
        ) from error
    return plt.subplots(figsize=(width, height), layout="constrained")[1]
