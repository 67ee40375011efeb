"""What stands in the cells of a heat map."""

from __future__ import annotations

__all__ = ["ANNOTATIONS", "cell_style", "cell_texts", "readable_color"]

from typing import Any

import numpy as np

from skmist.frame.heat_map import Signs

ANNOTATIONS = ("auto", "interval", "value", "star")
"""What a cell may say."""

_ROOM = {"interval": 8, "value": 16, "star": 40}
# Relative luminance at which black and white stand out equally, by 4.6 to 1 (WCAG 2).
_EQUAL_LUMINANCE = 0.179


def cell_style(annotate: Any, p: int, has_interval: bool) -> str | None:
    """Choose what p columns have room for where `annotate` is "auto"."""
    if annotate != "auto":
        return annotate
    styles = [style for style in _ROOM if has_interval or style != "interval"]
    return next((style for style in styles if p <= _ROOM[style]), None)


def cell_texts(
    values: np.ndarray, low: Any, high: Any, signs: Signs, style: str | None
) -> np.ndarray:
    """Write each cell.

    Parameters
    ----------
    values : ndarray of shape (p, p)
        NaN where the cell stays empty.
    low, high : array of shape (p, p) or None
    signs : Signs
    style : {"interval", "value", "star"} or None

    Returns
    -------
    texts : ndarray of str, shape (p, p)
    """
    texts = np.full(values.shape, "", dtype=object)
    if style is None:
        return texts
    for cell in np.ndindex(values.shape):
        if np.isnan(values[cell]):
            continue
        sign = signs.sign if signs.cells[cell] else ""
        texts[cell] = sign if style == "star" else f"{values[cell]:.2f}{sign}"
        if style == "interval" and np.isfinite(low[cell]):
            texts[cell] += f"\n{low[cell]:.2f} to {high[cell]:.2f}"
    return texts


def readable_color(background: Any) -> str:
    """Black or white, whichever stands out more on a color.

    Parameters
    ----------
    background : sequence of at least three floats
        Red, green and blue in sRGB, from 0 to 1.

    Returns
    -------
    color : {"black", "white"}
    """
    rgb = np.asarray(background[:3], dtype=float)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    luminance = linear @ (0.2126, 0.7152, 0.0722)
    return "black" if luminance > _EQUAL_LUMINANCE else "white"
