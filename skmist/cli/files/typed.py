"""Read files whose columns have types: Parquet, Feather, workbooks, JSON lines, SQLite."""

from __future__ import annotations

__all__ = ["SUFFIXES", "check_package", "read_typed"]

import math
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from skmist._sample.shown import shortened
from skmist.cli.errors import UsageError
from skmist.cli.files.streams import file_digest, opened
from skmist.cli.files.texts import check_names
from skmist.cli.printable import printable
from skmist.cli.writing import say

# What reads them, by the name that pip has for it.
_PACKAGES = {
    **dict.fromkeys((".parquet", ".pq", ".feather", ".arrow"), ("pyarrow", "pyarrow")),
    ".xlsx": ("openpyxl", "openpyxl"),
    ".xlsm": ("openpyxl", "openpyxl"),
    ".xls": ("xlrd", "xlrd"),
    ".ods": ("odf", "odfpy"),
}
_MOST_SHOWN = 8


def read_typed(path: str, suffix: str, part: str | None, na_values: Sequence[str]) -> Any:
    """Read a file by its ending, its columns with the types that they have there.

    Parameters
    ----------
    path : str
    suffix : str
        One of `SUFFIXES`.
    part : str or None
        Table of a database, or sheet of a workbook; None is the only table, or the first sheet.
    na_values : sequence of str
        Words that stand for a missing value.

    Returns
    -------
    frame : pandas.DataFrame of shape (n, n_fields)
    sha256 : str or None
        Of the file's bytes; None of a folder.
    """
    if part is not None and SUFFIXES[suffix] not in (_database, _workbook):
        raise UsageError(
            f"{path!r} has no parts, and '::{part}' names one; ::TABLE is for .db and ::SHEET for "
            ".xlsx."
        )
    check_package(suffix, f"reading {suffix}")
    is_folder = Path(path).is_dir()
    if not is_folder:
        with open(path, "rb"):
            pass  # what cannot be opened is told as of any file
    try:
        frame = SUFFIXES[suffix](path, part)
    except (UsageError, MemoryError):
        raise
    except Exception as error:  # each of the packages has errors of its own
        said = printable(" ".join(str(error).split())) or type(error).__name__
        raise UsageError(
            f"{path!r} cannot be read as {suffix}: {said}; write it anew, or give it the ending "
            "of what it is."
        ) from error
    # what the command line names is text, and a year in a header is none
    frame.columns = [str(name) for name in frame.columns]
    check_names(frame.columns, path)
    for place in range(frame.shape[1]) if na_values else ():
        frame.isetitem(place, _told_missing(frame.iloc[:, place], na_values))
    return frame, None if is_folder else file_digest(path)


def check_package(suffix: str, what: str) -> None:
    """Refuse a kind of file that a package is needed for which is not there."""
    module, package = _PACKAGES.get(suffix, ("sys", ""))
    if find_spec(module) is None:
        raise UsageError(
            f"{what} needs {package}, which is not installed; install it with: pip install "
            f"{package}"
        )


def _told_missing(series: Any, words: Sequence[str]) -> Any:
    """A column without the words, and the numbers, that stand for a missing value."""
    from skmist._sample.tidy import without_words

    if series.dtype.kind in "iuf":
        return series.mask(series.isin([n for n in map(_number, words) if not math.isnan(n)]))
    return without_words(series, words)


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return math.nan


def _parquet(path: str, part: str | None) -> Any:
    import pandas as pd

    return pd.read_parquet(path)


def _feather(path: str, part: str | None) -> Any:
    import pandas as pd

    return pd.read_feather(path)


def _json_lines(path: str, part: str | None) -> Any:
    import pandas as pd

    with opened(path) as stream:
        # types are those of JSON: no text becomes a number, no number a date
        return pd.read_json(stream.content, lines=True, dtype=False)


def _workbook(path: str, part: str | None) -> Any:
    import pandas as pd

    with pd.ExcelFile(path) as book:
        names = [str(name) for name in book.sheet_names]
        if part is None and len(names) > 1:
            say(printable(f"{path}: sheet {names[0]!r} of {len(names)} is read (::SHEET)") + "\n")
        sheet = _named_part(path, "sheet", part or names[0], names)
        header = pd.read_excel(book, sheet_name=sheet, header=None, nrows=1)
        check_names([name for row in header.to_numpy().tolist() for name in map(_text, row)], path)
        # a code such as 001 that is text there is no number
        return pd.read_excel(book, sheet_name=sheet, dtype=object).infer_objects()


def _text(name: Any) -> str:
    return "" if name is None or name != name else str(name)


def _database(path: str, part: str | None) -> Any:
    import pandas as pd

    address = f"{Path(path).absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as database:
        listed = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
        names = [name for (name,) in database.execute(listed) if not name.startswith("sqlite_")]
        if part is None and len(names) != 1:
            raise UsageError(
                f"{path!r} has {len(names)} tables; name one, as in {path}::TABLE. Tables: "
                f"{_shown(names)}"
            )
        table = _named_part(path, "table", part or names[0], names).replace('"', '""')
        frame = pd.read_sql_query(f'SELECT * FROM "{table}"', database)  # noqa: S608  # nosec B608
        types = {
            row[1]: row[2].upper() for row in database.execute(f'PRAGMA table_info("{table}")')
        }
    # SQLite has no dates: their columns are declared so, and hold text
    for name, declared in types.items():
        if ("DATE" in declared or "TIME" in declared) and frame[name].dtype.kind == "O":
            dates = pd.to_datetime(frame[name], errors="coerce", format="ISO8601")
            if (dates.notna() == frame[name].notna()).all():
                frame[name] = dates
    return frame


def _named_part(path: str, what: str, part: str, names: list[str]) -> str:
    if part not in names:
        raise UsageError(
            f"{path!r} has no {what} {part!r}; {what}s: {_shown(names)}. Names count as written."
        )
    return part


def _shown(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return (", ".join(map(shortened, names[:_MOST_SHOWN])) or "none") + more


SUFFIXES: dict[str, Callable[[str, str | None], Any]] = {
    ".parquet": _parquet,
    ".pq": _parquet,
    ".feather": _feather,
    ".arrow": _feather,
    ".xlsx": _workbook,
    ".xlsm": _workbook,
    ".xls": _workbook,
    ".ods": _workbook,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".db": _database,
    ".sqlite": _database,
    ".sqlite3": _database,
}
"""What reads a file, by its ending."""
