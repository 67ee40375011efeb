"""The command line: ``skmist rank``, ``skmist mi`` and ``skmist demo``.

A mistake of the user ends with exit code 2 and one line on stderr, never with a traceback.
"""

from __future__ import annotations

__all__ = ["build_parser", "main"]

import argparse
import csv
import os
import sys
import warnings
from dataclasses import replace
from pathlib import Path

from skmist import __version__
from skmist._cli_files import (
    UsageError,
    check_folders,
    check_name,
    check_plotting,
    draw,
    make_folder,
    read_table,
    write_text,
)
from skmist._demo import DEMOS
from skmist._errors import OutOfRangeWarning, SkmistError
from skmist._mutual_info import METHODS, mutual_info
from skmist._report import format_estimate, format_ranking
from skmist._table import MISSING, present_values
from skmist.frame import mi_with

_FORMATS = ("table", "csv", "json")
_PLOT_SUFFIXES = (".png", ".pdf", ".svg")


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


def main(argv=None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : list of str or None, default=None
        Arguments after the program's name; None takes those of the process.

    Returns
    -------
    code : int
        0 for success, 2 for a mistake of the user, 130 after Ctrl-C.
    """
    arguments = build_parser().parse_args(argv)
    try:
        with warnings.catch_warnings():
            # the table's footnotes and the warnings field say the same
            warnings.simplefilter("ignore", OutOfRangeWarning)
            arguments.run(arguments)
        sys.stdout.flush()
    except (SkmistError, UsageError) as error:
        message = " ".join(str(error).split())
        sys.stderr.write(f"skmist {arguments.command}: error: {message}\n")
        return 2
    except BrokenPipeError:
        # the reader (such as head) has enough; keep the interpreter from flushing once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 130
    return 0


# Arguments ------------------------------------------------------------------------------


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of all commands.

    Returns
    -------
    parser : argparse.ArgumentParser
    """
    parser = _Parser(
        prog="skmist",
        allow_abbrev=False,
        description="Mutual information between columns of a table, with an interval.",
    )
    parser.add_argument("--version", action="version", version=f"skmist {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_rank(commands)
    _add_mi(commands)
    _add_demo(commands)
    return parser


def _add_rank(commands):
    text = "rank the columns of a CSV file by their information about one of them"
    parser = commands.add_parser("rank", help=text, description=text, allow_abbrev=False)
    parser.add_argument("data", help="CSV file with a header line; - reads standard input")
    parser.add_argument("--target", required=True, metavar="COL", help="the column in question")
    parser.add_argument(
        "--columns", type=_names, metavar="A,B", help="rank these columns only"
    )
    parser.add_argument(
        "--plot", type=_plot_path, metavar="FILE.png", help="draw the ranking (png, pdf or svg)"
    )
    _add_common(parser)
    parser.set_defaults(run=_rank)


def _add_mi(commands):
    text = "mutual information between two groups of columns of a CSV file"
    parser = commands.add_parser("mi", help=text, description=text, allow_abbrev=False)
    parser.add_argument("data", help="CSV file with a header line; - reads standard input")
    parser.add_argument("--x", type=_names, required=True, metavar="A,B", help="one group")
    parser.add_argument("--y", type=_names, required=True, metavar="C", help="the other group")
    _add_common(parser)
    parser.set_defaults(run=_mi)


def _add_demo(commands):
    text = "rank the columns of two real data sets that scikit-learn ships"
    parser = commands.add_parser("demo", help=text, description=text, allow_abbrev=False)
    parser.add_argument(
        "--output-dir",
        type=Path,
        default=Path("skmist-demo"),
        metavar="DIR",
        help="where pictures and CSV files go, made if need be (default: %(default)s)",
    )
    _add_estimation(parser)
    parser.set_defaults(run=_demo)


def _add_common(parser):
    _add_estimation(parser)
    parser.add_argument(
        "--missing",
        choices=MISSING,
        default="error",
        help="missing values: refuse them, or drop the rows that lack one (default: error)",
    )
    parser.add_argument(
        "--format", choices=_FORMATS, help="default: by the suffix of --output, else table"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write here, not to stdout")
    parser.add_argument("--sep", help="separator; default: a comma, for .tsv files a tab")


def _add_estimation(parser):
    parser.add_argument("--method", choices=METHODS, default="mist", help="default: mist")
    parser.add_argument("--units", choices=("nats", "bits"), default="nats", help="default: nats")
    parser.add_argument(
        "--level",
        type=_level,
        default=0.9,
        metavar="P",
        help="probability that an interval is to hold the true value (default: 0.9)",
    )


def _names(text):
    """Split a list of column names; names that hold a comma go in double quotes."""
    names = [name.strip() for name in next(csv.reader([text], skipinitialspace=True), [])]
    if not all(names) or not names:
        raise argparse.ArgumentTypeError(
            f"{text!r} holds an empty column name; separate names by single commas"
        )
    return list(dict.fromkeys(names))


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


def _plot_path(text):
    path = Path(text)
    if path.suffix.lower() not in _PLOT_SUFFIXES:
        raise argparse.ArgumentTypeError(
            f"{text!r} does not end with one of {', '.join(_PLOT_SUFFIXES)}; rename it"
        )
    return path


# Commands -------------------------------------------------------------------------------


def _rank(arguments):
    check_folders(arguments.output, arguments.plot)
    if arguments.plot is not None:
        check_plotting()
    df = read_table(arguments.data, arguments.sep)
    check_name(df, arguments.target, "--target")
    for name in arguments.columns or ():
        check_name(df, name, "--columns")
    ranking = mi_with(
        df,
        arguments.target,
        columns=arguments.columns,
        method=arguments.method,
        level=arguments.level,
        units=arguments.units,
        missing=arguments.missing,
        progress=True,
    )
    write_text(format_ranking(ranking, _style(arguments)), arguments.output)
    if arguments.plot is not None:
        draw(ranking, arguments.plot)
        sys.stderr.write(f"picture: {arguments.plot}\n")


def _mi(arguments):
    check_folders(arguments.output)
    df = read_table(arguments.data, arguments.sep)
    for option in ("x", "y"):
        for name in getattr(arguments, option):
            check_name(df, name, f"--{option}")
    shared = [name for name in arguments.x if name in arguments.y]
    if shared:
        raise UsageError(f"column {shared[0]!r} is in --x and in --y; leave it out of one.")
    df = df[present_values(df, arguments.x + arguments.y, arguments.missing).all(axis=1)]
    estimate = mutual_info(
        df[arguments.x], df[arguments.y], method=arguments.method, level=arguments.level
    )
    estimate = replace(estimate, mi=max(estimate.mi, 0.0))
    if arguments.units == "bits":
        estimate = estimate.bits
    text = format_estimate(estimate, arguments.x, arguments.y, _style(arguments))
    write_text(text, arguments.output)


def _demo(arguments):
    check_plotting()
    make_folder(arguments.output_dir)
    for demo in DEMOS:
        _show(demo, arguments)
    sys.stdout.write(
        "0 means that the two are independent; 1 nat = 1.443 bits. Each column is judged alone:\n"
        "two columns that say the same both rank high.\n"
    )


def _show(demo, arguments):
    df = demo.load()
    data = arguments.output_dir / f"{demo.name}.csv"
    picture = data.with_suffix(".png")
    df.to_csv(data, index=False)
    ranking = mi_with(
        df,
        demo.target,
        method=arguments.method,
        level=arguments.level,
        units=arguments.units,
        progress=True,
    )
    draw(ranking, picture)
    options = [
        f"--{name} {getattr(arguments, name)}"
        for name, default in (("method", "mist"), ("level", 0.9), ("units", "nats"))
        if getattr(arguments, name) != default
    ]
    command = " ".join(["skmist rank", str(data), "--target", demo.target, *options])
    table = format_ranking(ranking, "table")
    sys.stdout.write(f"{demo.title}\n$ {command}\n\n{table}\npicture: {picture}\n\n\n")


def _style(arguments):
    if arguments.format is not None:
        return arguments.format
    suffix = "" if arguments.output is None else arguments.output.suffix.lower()
    return {".csv": "csv", ".json": "json"}.get(suffix, "table")
