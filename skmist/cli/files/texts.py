"""Read texts of separated fields, every byte once, and refuse what is no table."""

from __future__ import annotations

__all__ = ["TextForm", "check_names", "read_text"]

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from skmist._sample.shown import shortened
from skmist.cli.errors import UsageError
from skmist.cli.files.guesses import (
    SPACES,
    guessed_decimal,
    guessed_encoding,
    guessed_separator,
    is_text,
    other_than_text,
)
from skmist.cli.files.streams import opened
from skmist.cli.printable import printable
from skmist.cli.writing import say

_LONGEST_LINE = 20_000_000
_LINES, _CHARACTERS = 50, 1_000_000
_WIDE = 1_000
_NAMES = {"\t": "a tab", SPACES: "spaces"}


@dataclass(frozen=True)
class TextForm:
    """How a text is written; None is to be guessed from its start.

    Parameters
    ----------
    separator : str or None
    decimal : {".", ","} or None
    encoding : str or None
    na_values : sequence of str
        Words that stand for a missing value.
    """

    separator: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    na_values: tuple[str, ...] = ()

    def told(self, guessed: TextForm) -> str:
        """What was guessed and is not as most would expect; empty where all is."""
        separator, encoding = guessed.separator, guessed.encoding
        parts = []
        if self.separator is None and separator not in (",", None):
            parts.append(f"separator {_NAMES.get(str(separator), repr(separator))} (--sep)")
        if self.decimal is None and guessed.decimal == ",":
            parts.append("decimal comma (--decimal)")
        if self.encoding is None and encoding not in ("utf-8-sig", "utf-8", None):
            parts.append(f"encoding {encoding} (--encoding)")
        return ", ".join(parts)


def read_text(path: str, form: TextForm) -> tuple[Any, str | None]:
    """Read a text, packed or not.

    Parameters
    ----------
    path : str
        "-" is the standard input.
    form : TextForm

    Returns
    -------
    frame : pandas.DataFrame of shape (n, n_fields)
    sha256 : str or None
        Of the bytes that it was made of; None of standard input.
    """
    import pandas as pd

    try:
        return _read_as(path, form)
    except UnicodeError as error:
        if form.encoding is None and Path(path).is_file():  # a pipe is gone
            try:
                return _read_as(path, replace(form, encoding="cp1252"), known=form)
            except UnicodeError:
                pass
        read = (form.encoding or "UTF-8").removesuffix("-sig")
        raise UsageError(
            f"{path!r} is not {read} text ({_place(error)}); name its --encoding, such as "
            "utf-8, cp1252 (Western Europe), cp1251 (Cyrillic) or utf-16."
        ) from error
    except pd.errors.EmptyDataError as error:
        raise UsageError(f"{path!r} is empty; it needs a header line and rows.") from error
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


def _place(error: UnicodeError) -> str:
    return f"byte {error.start}" if isinstance(error, UnicodeDecodeError) else str(error)


def _read_as(path: str, form: TextForm, known: TextForm | None = None) -> tuple[Any, str | None]:
    """Read, and say what was guessed; `known` is what was asked for before another guess."""
    import pandas as pd

    with opened(path) as stream:
        start = stream.content.peek(1)
        if form.encoding is None and not is_text(start):
            raise UsageError(f"{path!r} is no text, for it {other_than_text(start)}.")
        encoding = form.encoding or guessed_encoding(start)
        text = io.TextIOWrapper(stream.content, encoding=encoding, newline="")
        lines: list[str] = []
        rest = _noted(text, lines, path)
        _read_some(rest)
        found = _guessed(path, form, encoding, lines)
        _check_widths(chain(list(lines), rest), path, str(found.separator))
        frame = pd.read_csv(
            _Replayed(lines, text),
            sep=found.separator,
            decimal=found.decimal,
            na_values=[*form.na_values],
            low_memory=False,
        )
        _tell(path, (known or form).told(found), _ungrouped(frame, str(found.decimal)))
        return frame, stream.digest()


def _tell(path: str, told: str, ungrouped: list[str]) -> None:
    if ungrouped:
        names = ", ".join(ungrouped[:3]) + ("" if len(ungrouped) < 4 else ", ...")
        told = ", ".join(filter(None, [told, f"thousands parted in {names}"]))
    if told:
        say(printable(f"{path}: read with {told}\n", keep="\n"))


def _guessed(path: str, form: TextForm, encoding: str, lines: list[str]) -> TextForm:
    separator = form.separator or guessed_separator(lines)
    decimal = form.decimal or guessed_decimal(lines, separator)
    if separator == decimal:
        raise UsageError(
            f"--sep and --decimal are both {decimal!r} in {path!r}, and a sign can be one; change "
            "either."
        )
    return replace(form, separator=separator, decimal=decimal, encoding=encoding)


class _Replayed(io.TextIOBase):
    """A text of which some lines were read already, from its start; pipes cannot be rewound."""

    def __init__(self, lines: list[str], rest: io.TextIOBase) -> None:
        self._start, self._rest = io.StringIO("".join(lines), newline=""), rest

    def read(self, size: int | None = -1) -> str:
        if size is None or size < 0:
            return self._start.read() + self._rest.read()
        return self._start.read(size) or self._rest.read(size)


def _noted(text: io.TextIOBase, lines: list[str], path: str) -> Iterator[str]:
    """The lines of a text, each put down as it is read; none may be endless."""
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise UsageError(
                f"{path!r} is not a table: a line of its start has {_LONGEST_LINE:,} characters "
                "and more; look for the file that was meant."
            )
        lines.append(line)
        yield line


def _read_some(lines: Iterator[str]) -> None:
    """As many lines as a guess needs; of very long ones two are enough."""
    size = 0
    for line in islice(lines, _LINES):
        size += len(line)
        if size > _CHARACTERS:
            break


def _check_widths(lines: Iterable[str], path: str, separator: str) -> None:
    """Refuse a surplus field: pandas would take the first one for row names, without a word."""
    from skmist._sample.sample import MIN_SAMPLES

    if separator == SPACES:
        return  # whose lines were found to be of one width
    records = csv.reader(lines, delimiter=separator)
    # blank lines are no records to pandas
    first = list(islice((r for r in records if "".join(r).strip() or r[1:]), 1 + MIN_SAMPLES))
    widths = [len(record) for record in first[:2]]
    check_names(first[0] if first else [], path)
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


def check_names(names: Iterable[Any], path: str) -> None:
    """Refuse a header that has a name twice: pandas would number them, without a word."""
    for name, count in Counter(name for name in names if name).items():
        if count > 1:
            raise UsageError(
                f"the header of {path!r} names {shortened(name)} {count} times, and each name may "
                "appear once; rename the columns."
            )


def _ungrouped(frame: Any, decimal: str) -> list[str]:
    """Make numbers of columns of nothing but numbers with thousands parted, such as 1.234,56."""
    import pandas as pd

    mark, point = ("." if decimal == "," else ","), re.escape(decimal)
    parted = rf"[+-]?(\d+|\d{{1,3}}({re.escape(mark)}\d{{3}})+)({point}\d*)?"
    is_number = re.compile(parted).fullmatch
    names = []
    for place, name in enumerate(frame.columns):
        present = frame[name].dropna()
        if present.dtype.kind != "O" or not len(present):
            continue
        if all(isinstance(value, str) and is_number(value.strip()) for value in present):
            bare = [v.strip().replace(mark, "").replace(decimal, ".") for v in present]
            numbers = pd.Series(list(map(float, bare)), index=present.index)
            frame.isetitem(place, numbers.reindex(frame.index))
            names.append(shortened(name))
    return names
