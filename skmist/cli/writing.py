"""Write texts and pictures, and refuse before the work starts what could not be written."""

from __future__ import annotations

__all__ = ["check_folders", "check_plotting", "draw", "make_folder", "write_text"]

import sys
from importlib.util import find_spec

from skmist.cli.errors import UsageError


def check_folders(*paths):
    """Refuse a place that cannot be written; None is no place."""
    for path in paths:
        if path is not None and not path.parent.is_dir():
            raise UsageError(f"folder {str(path.parent)!r} does not exist; make it first.")
        if path is not None and path.is_dir():
            raise UsageError(f"{str(path)!r} is a folder; name a file in it.")


def make_folder(folder):
    """Make a folder and those above it, unless it is there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make folder {str(folder)!r}: {error.strerror}.") from error


def check_plotting():
    """Refuse to draw where matplotlib, an optional dependency, is not installed."""
    if find_spec("matplotlib") is None:
        raise UsageError(
            "pictures need matplotlib, which is not installed; install it with: "
            "pip install matplotlib"
        )


def write_text(text, path):
    """Write to a file, or to standard output where the path is None."""
    if path is None:
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror}.") from error


def draw(from_frame, result, path):
    """Draw a result by a display's `from_frame` into a file, without a window."""
    import matplotlib.pyplot

    matplotlib.use("Agg")
    display = from_frame(result)
    try:
        display.figure_.savefig(path, dpi=150)
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror}.") from error
    finally:
        matplotlib.pyplot.close(display.figure_)
