"""The order in which the gallery is read, from a first look at a table to nets that learn."""

from __future__ import annotations

__all__ = ["READING_ORDER", "ReadingOrder"]

from typing import Any

READING_ORDER = (
    # look at a table
    "plot_which_columns",
    "plot_beyond_correlation",
    "plot_matrix",
    "plot_rows",
    "plot_missing",
    # choose columns
    "plot_same_or_more",
    "plot_few_columns",
    "plot_how_many",
    "plot_pixels",
    # doubt what was seen
    "plot_chance",
    "plot_confounder",
    "plot_enough_rows",
    "plot_lags",
    # know what the numbers are worth
    "plot_which_estimator",
    "plot_bootstrap",
    "plot_calibration",
    # learn by information
    "plot_components",
    "plot_without_labels",
    "plot_forget",
)


class ReadingOrder:
    """Where an example stands, by its file name; sphinx-gallery makes one of these per folder."""

    def __init__(self, folder: Any) -> None:
        pass

    def __call__(self, file_name: str) -> int:
        return READING_ORDER.index(file_name.removesuffix(".py"))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"  # a part of sphinx-gallery's key of what it has built
