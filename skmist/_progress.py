"""The progress bar of work that may take longer than a second."""

from __future__ import annotations

__all__ = ["progress_bar"]

import sys
import threading
import warnings
import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm

_TICK = 0.5


def progress_bar(
    shown: bool,
    unit: str,
    total: int | None = None,
    iterable: Iterable | None = None,
    *,
    title: str | None = None,
    doing: str | None = None,
) -> tqdm:
    """Return a bar of tqdm, as a terminal shows it or a notebook.

    Without a title it shows itself in either after half a second, whether or not anything is done
    by then, keeps its clock going, and leaves nothing; into logs and pipes it writes nothing.
    With one it is the bar of ``verbose=True``: there at once, off terminals too, and left at the
    end.

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
    doing : str or None, default=None
        What a bar without a title is for, where that is not what it counts.
    """
    look: dict[str, Any] = {"total": total, "unit": unit, "disable": not shown}
    if title is not None:
        return _bar()(iterable, desc=title, dynamic_ncols=True, **look)
    if not shown or not (_is_terminal() or _is_notebook()):
        from tqdm import tqdm

        return tqdm(iterable, **{**look, "disable": True})
    bar = _bar()(iterable, desc=doing, delay=_TICK, leave=False, **look)
    threading.Thread(target=_tick, args=(weakref.ref(bar),), daemon=True).start()
    return bar


def _bar() -> type[tqdm]:
    with warnings.catch_warnings():
        # without ipywidgets a notebook gets a bar of text, which is no cause for a warning
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm
    return tqdm


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _is_notebook() -> bool:
    # as tqdm.auto tells; nothing is imported to find out
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and "IPKernelApp" in shell.config


def _tick(bar: weakref.ref[tqdm]) -> None:
    """Show a bar now and then: tqdm does so only where something was done."""
    pause = threading.Event()
    while not pause.wait(_TICK):
        found = bar()
        if found is None or found.disable:
            return
        found.refresh()
        # else a bar that was shown before anything was done would not be wiped out
        found.delay = 0
        del found
