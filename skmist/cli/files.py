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

import csv
import io
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import islice

from skmist._sample.table import check_label


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
        # opened here, because pandas would fetch what looks like an address
        with _opened(path) as file:
            _check_widths(file, path, separator)
            file.seek(0)
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
    except (pd.errors.ParserError, csv.Error) as error:
        raise UsageError(
            f"{path!r} is not a table: {error}; check the line and the separator (--sep)."
        ) from error


@contextmanager
def _opened(path):
    """The text of a file or of standard input, which can be read more than once."""
    if path == "-":
        yield io.StringIO(sys.stdin.read())
        return
    with open(path, encoding="utf-8-sig", newline="") as file:
        yield file if file.seekable() else io.StringIO(file.read())


def _check_widths(file, path, separator):
    """Refuse a surplus field: pandas would take the first one for row names, without a word."""
    records = csv.reader(file, delimiter=separator)
    # blank lines are no records to pandas
    widths = [len(r) for r in islice((r for r in records if "".join(r).strip() or r[1:]), 2)]
    if len(widths) == 2 and widths[1] > widths[0]:
        more = widths[1] - widths[0]
        raise UsageError(
            f"in {path!r} lines have {more} field{'s' if more > 1 else ''} more than the header "
            f"({widths[1]} and {widths[0]}), so no name is certain; remove the separator at the "
            "end of the lines, or give the first column, such as row names, a name in the header."
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
    import matplotlib

    matplotlib.use("Agg")
    display = from_frame(result)
    try:
        display.figure_.savefig(path, dpi=150)
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror}.") from error
    finally:
        matplotlib.pyplot.close(display.figure_)
