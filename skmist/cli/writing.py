"""Write texts and pictures, and refuse before the work starts what could not be written."""

from __future__ import annotations

__all__ = [
    "check_folders",
    "check_plotting",
    "draw",
    "flush_output",
    "give_up_output",
    "make_folder",
    "say",
    "write_text",
]

import contextlib
import errno
import io
import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from skmist._files import replace_file
from skmist.cli.errors import UsageError
from skmist.cli.printable import printable


def check_folders(*paths, data: str | None = None):
    """Refuse places that cannot be written; None is no place, and as the first standard output.

    Parameters
    ----------
    *paths : Path or None
        The output and the picture.
    data : str or None
        The file that is read, which must not be one of them.
    """
    if paths[0] is None and sys.stdout is None:
        raise UsageError("standard output is closed; name a file with --output.")
    places = [path for path in paths if path is not None]
    for path in places:
        if not path.parent.is_dir():
            wrong = "is no folder; name one" if path.parent.exists() else "does not exist; make it"
            raise UsageError(f"folder {str(path.parent)!r} {wrong} first.")
        if path.is_dir():
            raise UsageError(f"{str(path)!r} is a folder; name a file in it.")
        if data is not None and path.is_file() and Path(data).exists() and path.samefile(data):
            raise UsageError(f"{str(path)!r} is the file to read; name another to write.")
    if len(places) == 2 and os.path.realpath(places[0]) == os.path.realpath(places[1]):
        raise UsageError(f"{str(places[0])!r} is to be written twice; name another file.")


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
    try:
        import matplotlib  # noqa: F401
    except ValueError as error:
        raise UsageError(
            f"matplotlib does not start: {error}; unset MPLBACKEND, or correct its settings."
        ) from error


def write_text(text: str | bytes, path: Path | None) -> None:
    """Write to a file, or a text to standard output where the path is None."""
    if path is None:
        _print(str(text))
    elif isinstance(text, bytes):
        _replace(path, lambda place: place.write_bytes(text))
    else:
        # what a terminal of another encoding handed in as a name may hold no text
        content = text.encode("utf-8", "backslashreplace").decode("utf-8")
        _replace(path, lambda place: place.write_text(content, encoding="utf-8"))


def draw(from_frame, result, path):
    """Draw a result by a display's `from_frame` into a file, without a window."""
    import matplotlib.pyplot

    matplotlib.use("Agg")
    display = from_frame(result)
    picture = io.BytesIO()  # pictures are not written from start to end, as a pipe takes them
    try:
        display.figure_.savefig(picture, dpi=150, format=path.suffix[1:].lower())
    finally:
        matplotlib.pyplot.close(display.figure_)
    write_text(picture.getvalue(), path)


def say(text: str) -> None:
    """Write to standard error, where there is one."""
    with contextlib.suppress(AttributeError, OSError):  # nobody listens
        sys.stderr.write(text)


def flush_output() -> None:
    """Send on what standard output holds; a disk may be full only now."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        give_up_output()
        raise _unprinted(error) from error


def give_up_output() -> None:
    """Keep the interpreter from flushing once more what nobody takes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unprinted(error: OSError) -> UsageError:
    return UsageError(f"cannot write to standard output: {error.strerror}; name a file instead.")


def _print(text: str) -> None:
    if sys.stdout is None:
        raise UsageError("standard output is closed; send it to a file or a pipe.")
    shown = printable(text, keep="\n") if sys.stdout.isatty() else text
    try:
        sys.stdout.write(shown)
    except UnicodeEncodeError:
        sys.stdout.flush()
        wanted = "utf-8" if not sys.stdout.isatty() else sys.stdout.encoding
        sys.stdout.buffer.write(shown.encode(wanted, "backslashreplace"))
    except BrokenPipeError:
        raise
    except OSError as error:
        give_up_output()
        raise _unprinted(error) from error


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Have a file written, whole or not at all."""
    try:
        replace_file(path, write)
    except OSError as error:
        reason = error.strerror or os.strerror(error.errno or errno.EIO)
        raise UsageError(f"cannot write {str(path)!r}: {reason}.") from error
