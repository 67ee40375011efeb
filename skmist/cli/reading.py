"""Read the table that a command is about, every byte once, and refuse what is none."""

from __future__ import annotations

__all__ = ["Table", "check_name", "read_asked", "read_table"]

import csv
import hashlib
import io
import sys
from collections import Counter
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple

from skmist._sample.table import column_positions, shortened
from skmist.cli.errors import UsageError

_MOST_BYTES = 4_000_000_000
_LONGEST_LINE = 20_000_000
_WIDE = 1_000


class Table(NamedTuple):
    """A table as it was read."""

    frame: Any  # pandas.DataFrame of shape (n, n_fields)
    sha256: str | None  # of the bytes that `frame` was made of; None of standard input


def read_asked(arguments):
    """The table of a command with a target, in which that and the columns asked about are."""
    df = read_table(arguments.data, arguments.sep, arguments.na_values).frame
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


def read_table(path, separator, na_values=()) -> Table:
    """Read a CSV file; the path - is standard input, a separator None a comma."""
    import pandas as pd

    if separator is None:
        separator = "\t" if path.endswith(".tsv") else ","
    if len(separator.encode()) != 1:
        raise UsageError(
            f"--sep is {separator!r}, which is not one character of ASCII; use ',' or ';'."
        )
    try:
        # opened here, because pandas would fetch what looks like an address
        with _opened(path) as (text, digest):
            start: list[str] = []
            _check_widths(_noted(text, start, path), path, separator)
            whole = _Replayed(start, text)
            frame = pd.read_csv(whole, sep=separator, na_values=[*na_values], low_memory=False)
            return Table(frame, None if digest is None else digest.hexdigest())
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
    except csv.Error as error:
        limit = csv.field_size_limit()
        raise UsageError(
            f"{path!r} is not a table: {error}; a field of the first lines may have {limit} "
            "characters, so look for a quote that is not closed, or for the separator (--sep)."
        ) from error
    except pd.errors.ParserError as error:
        raise UsageError(
            f"{path!r} is not a table: {error}; check the line and the separator (--sep)."
        ) from error


@contextmanager
def _opened(path):
    """The text of a file or of standard input, and the digest of the bytes of it read so far."""
    if path == "-":
        yield _standard_input(), None
        return
    with open(path, "rb", buffering=0) as file:
        hashed = _Hashed(file, path)
        yield _decoded(hashed), hashed.digest


def _decoded(raw):
    return io.TextIOWrapper(io.BufferedReader(raw), encoding="utf-8-sig", newline="")


def _standard_input():
    if sys.stdin is None:
        raise UsageError("standard input is closed; name a file.")
    # whatever the terminal's encoding is, files are in UTF-8
    raw = getattr(sys.stdin, "buffer", None)
    if raw is None:
        return io.StringIO(sys.stdin.read(), newline="")
    return _decoded(_Hashed(raw, "-"))


class _Hashed(io.RawIOBase):
    """The bytes of a file, hashed and counted as they pass: memory holds neither file nor copy."""

    def __init__(self, file, path):
        self._file, self._path, self.digest, self._left = file, path, hashlib.sha256(), _MOST_BYTES

    def readable(self):
        return True

    def readinto(self, buffer):
        size = self._file.readinto(buffer)
        self._left -= size
        if self._left < 0:
            raise UsageError(
                f"{self._path!r} has more than {_MOST_BYTES:,} bytes; take a part of its rows, or "
                "read it with pandas, which can choose columns, and pass the table to "
                "skmist.mi_with or skmist.mi_matrix."
            )
        self.digest.update(memoryview(buffer)[:size])
        return size


class _Replayed(io.TextIOBase):
    """A text of which some lines were read already, from its start; pipes cannot be rewound."""

    def __init__(self, lines, rest):
        self._start, self._rest = io.StringIO("".join(lines), newline=""), rest

    def read(self, size=-1):
        if size < 0:
            return self._start.read() + self._rest.read()
        return self._start.read(size) or self._rest.read(size)


def _noted(text, lines, path):
    """The lines of a text, each put down as it is read; none may be endless."""
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise UsageError(
                f"{path!r} is not a table: a line of its start has {_LONGEST_LINE:,} characters "
                "and more; look for the file that was meant."
            )
        lines.append(line)
        yield line


def _check_widths(lines, path, separator):
    """Refuse a surplus field: pandas would take the first one for row names, without a word."""
    from skmist._sample.sample import MIN_SAMPLES

    records = csv.reader(lines, delimiter=separator)
    # blank lines are no records to pandas
    first = list(islice((r for r in records if "".join(r).strip() or r[1:]), 1 + MIN_SAMPLES))
    widths = [len(record) for record in first[:2]]
    named = Counter(name for name in first[0] if name) if first else Counter()
    for name, count in named.items():
        if count > 1:
            raise UsageError(
                f"the header of {path!r} names {shortened(name)} {count} times, and each name may "
                "appear once; rename the columns."
            )
    if len(widths) == 2 and widths[1] > widths[0]:
        more = widths[1] - widths[0]
        raise UsageError(
            f"in {path!r} lines have {more} field{'s' if more > 1 else ''} more than the header "
            f"({widths[1]} and {widths[0]}), so no name is certain; remove the separator at the "
            "end of the lines, or give the first column, such as row names, a name in the header."
        )
    # pandas takes a quarter of a minute for a row of 100,000 fields
    if widths and widths[0] > _WIDE and len(first) <= MIN_SAMPLES:
        raise UsageError(
            f"{path!r} has {len(first) - 1} rows and {widths[0]} columns, and at least "
            f"{MIN_SAMPLES} rows are needed; are rows and columns exchanged?"
        )
