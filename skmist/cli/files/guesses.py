"""Guess from the start of a text how it is written: encoding, separator, decimal sign."""

from __future__ import annotations

__all__ = [
    "SPACES",
    "guessed_decimal",
    "guessed_encoding",
    "guessed_separator",
    "is_text",
    "other_than_text",
]

import codecs
import csv
import re
from collections.abc import Sequence

SPACES = r"\s+"
"""The separator of columns that runs of spaces part, as pandas calls it."""

# of those that part a text alike, the first: decimal commas may be as regular as separators
_SEPARATORS = ("\t", ";", "|", ",")
_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+([eE][+-]?\d+)?")
_POINT = re.compile(r"[+-]?\d*\.\d+([eE][+-]?\d+)?")


# longer marks first: that of UTF-32 begins like that of UTF-16
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# how files begin that people give the ending of a text, or an ending that is not read
_OTHERS = {
    b"\x1f\x8b": "is packed by gzip; give it the ending .gz",
    b"PK\x03\x04": "is a zip archive or a workbook; give it the ending .zip or .xlsx",
    b"PAR1": "is Parquet; give it the ending .parquet",
    b"ARROW1": "is Arrow; give it the ending .feather",
    b"SQLite format 3": "is a database; give it the ending .db",
    b"\xfd7zXZ": "is packed by xz; unpack it first",
    b"\x28\xb5\x2f\xfd": "is packed by zstd; unpack it first",
    b"7z\xbc\xaf": "is packed by 7z; unpack it first",
}
_BZIP2 = re.compile(rb"BZh[1-9]1AY&SY")


def is_text(start: bytes) -> bool:
    """Whether a file that starts so is a text: none but those of two bytes a sign has zeros."""
    if start.startswith(tuple(_MARKS)):
        return True
    return b"\0" not in start and not start.startswith(tuple(_OTHERS)) and not _BZIP2.match(start)


def other_than_text(start: bytes) -> str:
    """What a file is that starts so and is no text, and what to do about it."""
    if _BZIP2.match(start):
        return "is packed by bzip2; unpack it first"
    known = next((said for begin, said in _OTHERS.items() if start.startswith(begin)), None)
    return known or (
        "holds zero bytes; give the file the ending of what it is, such as .xlsx or .parquet, or "
        "name its --encoding, such as utf-16-le"
    )


def guessed_encoding(start: bytes) -> str:
    """UTF-8 where that can be, else what spreadsheets of Western Europe write.

    Parameters
    ----------
    start : bytes
        May end within a sign.
    """
    for mark, encoding in _MARKS.items():
        if start.startswith(mark):
            return encoding
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            codecs.getincrementaldecoder(encoding)().decode(start)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def guessed_separator(lines: Sequence[str]) -> str:
    """What parts all lines into as many fields, two or more; else what parts the header most.

    Parameters
    ----------
    lines : sequence of str
        The first of a text; the last may end within quotes.
    """
    widths = {separator: _widths(lines, separator) for separator in _SEPARATORS}
    even = {s: found[0] for s, found in widths.items() if len(set(found)) == 1 and found[0] > 1}
    if even:
        return max(even, key=lambda separator: even[separator])
    headers = {s: widths[s][0] for s in (",", *_SEPARATORS)}
    spaced = {len(line.split()) for line in lines if line.strip()}
    if max(headers.values()) == 1 and len(lines) > 1 and len(spaced) == 1 and max(spaced) > 1:
        return SPACES
    return max(headers, key=lambda separator: headers[separator])


def _widths(lines: Sequence[str], separator: str) -> list[int]:
    """Fields of each record; one where a text cannot be parted so."""
    try:
        records = list(csv.reader(lines, delimiter=separator))
    except csv.Error:
        return [1]
    # blank lines are no records to pandas
    found = [len(record) for record in records if "".join(record).strip() or record[1:]]
    return (found[:-1] if len(found) > 2 else found) or [1]


def guessed_decimal(lines: Sequence[str], separator: str) -> str:
    """The sign that more fields under the header have in the place of a decimal sign."""
    if separator == ",":
        return "."
    if separator == SPACES:
        records = [line.split() for line in lines[1:]]
    else:
        records = list(csv.reader(lines[1:], delimiter=separator))
    fields = [field.strip() for record in records for field in record]
    commas, points = (sum(map(bool, map(sign.fullmatch, fields))) for sign in (_COMMA, _POINT))
    return "," if commas > points else "."
