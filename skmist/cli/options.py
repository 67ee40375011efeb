"""Options that commands share, and the checks of their values."""

from __future__ import annotations

__all__ = [
    "add_columns",
    "add_command",
    "add_data",
    "add_estimation",
    "add_estimator",
    "add_format",
    "add_jobs",
    "add_missing",
    "add_plot",
    "add_table",
    "add_tests",
    "add_units",
    "column_names",
    "row_count",
]

import argparse
import csv
import io
from pathlib import Path

from skmist.cli.printable import decoded
from skmist.cli.text import STYLES
from skmist.estimators.methods import METHODS

_FEWEST = 5
_PLOT_SUFFIXES = (".png", ".pdf", ".svg")


def add_command(commands, name: str, text: str, run):
    """Add a command, described by one line, that calls `run` with its arguments."""
    parser = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
    parser.set_defaults(run=run, parser=parser)
    return parser


def add_data(parser):
    """Add the file to read."""
    parser.add_argument(
        "data",
        metavar="DATA",
        help="file with a header: .csv, .tsv or .txt (packed as .gz or .zip too), .parquet, "
        ".feather, .xlsx[::SHEET], .jsonl, .db[::TABLE] of SQLite; - reads a text from stdin",
    )
    parser.add_argument("--sep", metavar="CHAR", help="separator of a text (default: guessed)")
    parser.add_argument(
        "--decimal",
        choices=(".", ","),
        metavar=".|,",
        help="decimal sign of a text (default: guessed)",
    )
    parser.add_argument(
        "--encoding",
        type=_encoding,
        metavar="NAME",
        help="encoding of a text, such as cp1252 (default: UTF-8, else guessed)",
    )


def add_columns(parser, what: str):
    """Add the choice of columns."""
    parser.add_argument("--columns", type=column_names, metavar="A,B", help=what)


def add_missing(parser, *, choices):
    """Add what to do about missing values, and about what is not what it seems."""
    texts = {
        "error": "refuse them",
        "drop": "drop the rows that lack one",
        "category": "take missing as a value of its own",
    }
    parser.add_argument(
        "--missing",
        choices=choices,
        help=f"missing values: {'; '.join(texts[c] for c in choices)} (default: drop, or error "
        "with --strict)",
    )
    parser.add_argument(
        "--na-values",
        type=column_names,
        default=(),
        metavar="A,B",
        help="words that stand for a missing value, such as '?'",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="refuse missing values, dates, mixed columns and what else cannot be taken as it is",
    )


def add_table(parser, what: str):
    """Add how much of a large table is estimated; `what` is counted."""
    parser.add_argument(
        "--max-estimates",
        type=_limit,
        default="auto",
        metavar="N",
        help=f"estimate the N {what} that a quick look finds strongest, or all (default: 500 of "
        "estimators that take long)",
    )
    parser.add_argument(
        "--max-rows",
        type=_limit,
        default="auto",
        metavar="N",
        help="estimate from N rows, drawn at random, or all (default: what takes seconds)",
    )


def add_format(parser):
    """Add where the answer goes, and in which form."""
    parser.add_argument(
        "--format", choices=STYLES, help="default: by the ending of --output, else table"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write here, not to stdout")
    parser.add_argument(
        "--safe-csv",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="begin text of CSV that a spreadsheet would run as a formula (=, +, -, @) with an "
        "apostrophe (default: yes)",
    )


def add_plot(parser, what: str):
    """Add the file of a picture."""
    parser.add_argument("--plot", type=_plot_path, metavar="FILE.png", help=what)


def add_estimation(parser):
    """Add estimator, units and level."""
    add_estimator(parser, "mist", default="mist")
    add_units(parser)
    parser.add_argument(
        "--level",
        type=_level,
        default=0.9,
        metavar="P",
        help="probability that an interval is to hold the true value (default: 0.9)",
    )


def add_estimator(parser, text: str, default: str | None = None):
    """Add the estimator, with a word on its default; None leaves that to what is asked."""
    parser.add_argument("--estimator", choices=METHODS, default=default, help=f"default: {text}")
    # its former name
    hidden = {"default": argparse.SUPPRESS, "help": argparse.SUPPRESS}
    parser.add_argument("--method", dest="estimator", choices=METHODS, **hidden)


def add_units(parser):
    """Add the unit of information."""
    parser.add_argument("--units", choices=("nats", "bits"), default="nats", help="default: nats")


def add_tests(parser, what: str = "pair"):
    """Add the tests of independence, of each of what is named."""
    parser.add_argument(
        "--p-values",
        action="store_true",
        help=f"test each {what} for independence, with control of the false discovery rate",
    )


def add_jobs(parser):
    """Add the number of parallel jobs."""
    parser.add_argument(
        "--n-jobs",
        type=_jobs,
        metavar="N",
        help="parallel jobs; -1 is one per core (default: 1); the answer is the same",
    )


def column_names(text) -> list[str]:
    """Split a list of column names; names that hold a comma go in double quotes."""
    text = decoded(text)
    try:
        names = [name.strip() for name in next(csv.reader([text], skipinitialspace=True), [])]
    except csv.Error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of names: {error}") from error
    if not all(names) or not names:
        raise argparse.ArgumentTypeError(
            f"{text!r} holds an empty column name; separate names by single commas"
        )
    return list(dict.fromkeys(names))


def _encoding(text):
    try:
        # "rot13" and the like are known to Python, and make no text of bytes
        return io.TextIOWrapper(io.BytesIO(), encoding=text).encoding
    except LookupError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no encoding that is known; use for example utf-8, cp1252 or utf-16"
        ) from None


def row_count(text) -> int:
    """Read a number of rows, which may be 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of rows; use 0, or 1000")
    return int(text)


def _limit(text):
    if text in ("all", "auto"):
        return None if text == "all" else text
    if not text.isdecimal() or int(text) < _FEWEST:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of at least {_FEWEST}; use for example 1000, or all"
        )
    return int(text)


def _level(text):
    try:
        level = float(text)
    except ValueError:
        level = 0.0
    if not 0.0 < level < 1.0:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number above 0 and below 1; use for example 0.9"
        )
    return level


def _jobs(text):
    try:
        jobs = int(text)
    except ValueError:
        jobs = 0
    if jobs == 0:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of jobs; use 1, 2, ..., or -1 for one per core"
        )
    return jobs


def _plot_path(text):
    path = Path(text)
    if path.suffix.lower() not in _PLOT_SUFFIXES:
        raise argparse.ArgumentTypeError(
            f"{text!r} does not end with one of {', '.join(_PLOT_SUFFIXES)}; rename it"
        )
    return path
