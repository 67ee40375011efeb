"""The progress bar of work that may take longer than a second."""

from __future__ import annotations

__all__ = ["progress_bar"]

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tqdm import tqdm


def progress_bar(
    shown: bool, unit: str, total: int | None = None, iterable: Iterable | None = None
) -> tqdm:
    """Return a bar of tqdm that shows itself on a terminal after a second, and leaves nothing.

    Parameters
    ----------
    shown : bool
        Whether there is a bar at all; off a terminal there is none either way.
    unit : str
        What it counts.
    total : int or None, default=None
        How many there are, where that is known.
    iterable : iterable or None, default=None
        What to go through; None for a bar that is told by ``update``.
    """
    from tqdm import tqdm

    # None hides the bar where stderr is not a terminal.
    hidden = None if shown else True
    return tqdm(iterable, total=total, unit=unit, delay=1, leave=False, disable=hidden)
