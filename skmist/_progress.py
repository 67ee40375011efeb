"""The progress bar of work that may take longer than a second."""

from __future__ import annotations

__all__ = ["progress_bar"]

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tqdm import tqdm


def progress_bar(
    shown: bool,
    unit: str,
    total: int | None = None,
    iterable: Iterable | None = None,
    *,
    title: str | None = None,
) -> tqdm:
    """Return a bar of tqdm.

    Without a title it shows itself on a terminal after a second, and leaves nothing. With one
    it is the bar of ``verbose=True``: there at once, off terminals too, and left at the end.

    Parameters
    ----------
    shown : bool
        Whether there is a bar at all.
    unit : str
        What it counts.
    total : int or None, default=None
        How many there are, where that is known.
    iterable : iterable or None, default=None
        What to go through; None for a bar that is told by ``update``.
    title : str or None, default=None
        What the bar is called.
    """
    if title is not None:
        from tqdm.auto import tqdm

        look = {"desc": title, "dynamic_ncols": True, "disable": not shown}
    else:
        from tqdm import tqdm

        # None hides the bar where stderr is not a terminal.
        look = {"delay": 1, "leave": False, "disable": None if shown else True}
    return tqdm(iterable, total=total, unit=unit, **look)
