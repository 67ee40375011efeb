"""Files of the command line: read a table, write text and pictures, refuse what cannot be."""

from __future__ import annotations

__all__ = [
    "UsageError",
    "check_folders",
    "check_name",
    "check_plotting",
    "draw",
    "make_folder",
    "read_table",
    "write_text",
]

import sys
from importlib.util import find_spec

from skmist._table import check_label


class UsageError(Exception):
    """The command cannot be carried out as given; the message is for the user."""


def check_folders(*paths):
    """Refuse a place that cannot be written before the work starts, not after."""
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


def check_name(df, name, option):
    """Refuse a name that is no column, with a word on separators where all is one column."""
    if len(df.columns) == 1 and name not in df.columns:
        raise UsageError(
            f"the file has one column, {df.columns[0]!r}; if its values are separated by "
            "something other than a comma, say so with --sep, for example --sep ';'."
        )
    check_label(df, name, option)


def read_table(path, separator):
    """Read a CSV file into a DataFrame; the path - is standard input, a separator None a comma."""
    import pandas as pd

    if separator is None:
        separator = "\t" if path.endswith(".tsv") else ","
    if len(separator) != 1:
        raise UsageError(f"--sep is {separator!r}, which is not one character; use ',' or ';'.")
    try:
        if path == "-":
            return pd.read_csv(sys.stdin, sep=separator, low_memory=False)
        # opened here, because pandas would fetch what looks like an address
        with open(path, encoding="utf-8-sig", newline="") as file:
            return pd.read_csv(file, sep=separator, low_memory=False)
    except FileNotFoundError as error:
        raise UsageError(f"file {path!r} does not exist; check its name and folder.") from error
    except OSError as error:
        raise UsageError(f"cannot read {path!r}: {error.strerror}.") from error
    except pd.errors.EmptyDataError as error:
        raise UsageError(f"{path!r} is empty; it needs a header line and rows.") from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path!r} is not UTF-8 text (byte {error.start}); save it as CSV in UTF-8."
        ) from error
    except pd.errors.ParserError as error:
        raise UsageError(
            f"{path!r} is not a table: {error}; check the line and the separator (--sep)."
        ) from error


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
    import matplotlib

    matplotlib.use("Agg")
    display = from_frame(result)
    try:
        display.figure_.savefig(path, dpi=150)
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror}.") from error
    finally:
        matplotlib.pyplot.close(display.figure_)
