"""Read the table that a command is about, whatever file it is in."""

from __future__ import annotations

__all__ = ["Table", "check_name", "file_of", "read_asked", "read_data", "read_table"]

import gzip
import zipfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

from skmist._sample.shown import shortened
from skmist._sample.table import column_positions
from skmist.cli.errors import UsageError
from skmist.cli.files.streams import packing
from skmist.cli.files.texts import TextForm, read_text
from skmist.cli.files.typed import SUFFIXES, read_typed

_PART = "::"


class Table(NamedTuple):
    """A table as it was read."""

    frame: Any  # pandas.DataFrame of shape (n, n_fields)
    sha256: str | None  # of the bytes that `frame` was made of; None of standard input


def read_asked(arguments):
    """The table of a command with a target, in which that and the columns asked about are."""
    df = read_data(arguments).frame
    check_name(df, arguments.target, "--target")
    for name in arguments.columns or ():
        check_name(df, name, "--columns")
    return df


def check_name(df, name, option):
    """Refuse a name that is no column, with a word on separators where all is one column."""
    if len(df.columns) == 1 and name not in df.columns:
        raise UsageError(
            f"the file has one column, {shortened(df.columns[0])}; if its values are separated by "
            "something other than a comma, say so with --sep, for example --sep ';'."
        )
    column_positions(df, [name], option)


def read_data(arguments) -> Table:
    """Read the file of a command as its options say."""
    return read_table(
        arguments.data,
        arguments.sep,
        getattr(arguments, "na_values", ()),
        decimal=arguments.decimal,
        encoding=arguments.encoding,
    )


def read_table(path, separator=None, na_values=(), *, decimal=None, encoding=None) -> Table:
    """Read a file by its ending, a text where that says nothing.

    Parameters
    ----------
    path : str
        "-" is the standard input; ``::NAME`` at the end names a table or a sheet.
    separator : str or None, default=None
        Of texts; None is guessed.
    na_values : sequence of str, default=()
        Words that stand for a missing value.
    decimal, encoding : str or None, default=None
        Of texts; None is guessed.
    """
    file, part = _parted(path)
    suffix = Path(file.removesuffix(packing(file))).suffix.lower()
    if (suffix in SUFFIXES or packing(file) == ".zip") and _is_pipe(file):
        raise UsageError(
            f"{file!r} is a pipe, and {packing(file) or suffix} is read from its end; save it to "
            "a file first."
        )
    asked = {"--sep": separator, "--decimal": decimal, "--encoding": encoding}
    try:
        if suffix in SUFFIXES:
            given = [name for name, value in asked.items() if value is not None]
            if given:
                raise UsageError(f"{given[0]} is for texts, and {file!r} is none; leave it out.")
            return Table(*read_typed(file, suffix, part, na_values))
        form = TextForm(_one_sign(separator, suffix), decimal, encoding, tuple(na_values))
        return Table(*read_text(path, form))
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise UsageError(f"cannot unpack {file!r}: {error}; copy or pack it anew.") from error
    except FileNotFoundError as error:
        raise UsageError(f"file {file!r} does not exist; check its name and folder.") from error
    except OSError as error:
        raise UsageError(f"cannot read {file!r}: {error.strerror or error}.") from error


def _is_pipe(file: str) -> bool:
    return Path(file).exists() and not (Path(file).is_file() or Path(file).is_dir())


def _one_sign(separator: str | None, suffix: str) -> str | None:
    """The separator that was asked for; what .tsv files are named after needs no guess."""
    if separator is None:
        return "\t" if suffix == ".tsv" else None
    separator = {"\\t": "\t"}.get(separator, separator)
    if len(separator.encode()) != 1 or separator in '"\r\n':
        raise UsageError(
            f"--sep is {separator!r}, which is not one character of ASCII that can part "
            "fields; use ',' or ';', or "
            "'\\t' for a tab."
        )
    return separator


def file_of(path: str) -> str:
    """The file of what is to be read, without the part of it that is named."""
    return _parted(path)[0]


def _parted(path: str) -> tuple[str, str | None]:
    """A file, and the part of it that is named after two colons."""
    file, colons, part = path.rpartition(_PART)
    named = colons and Path(file).suffix.lower() in SUFFIXES and not Path(path).exists()
    return (file, part) if named else (path, None)
