"""``skmist report``: a table's dependences as one HTML page."""

from __future__ import annotations

__all__ = ["add"]

import shlex
import sys
from pathlib import Path

from skmist.cli import options
from skmist.cli.errors import UsageError
from skmist.cli.reading import check_name, read_table
from skmist.cli.writing import check_folders, write_text

_SUFFIXES = (".html", ".htm")


def add(commands):
    """Add the command."""
    text = "write what depends on what in a CSV file as one HTML page"
    parser = options.add_command(commands, "report", text, _run)
    options.add_data(parser)
    parser.add_argument("--target", metavar="COL", help="rank the other columns by this one, too")
    options.add_columns(parser, "take these columns (and the target) only")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("report.html"),
        metavar="FILE.html",
        help="default: %(default)s",
    )
    parser.add_argument("--title", help="default: the file's name")
    options.add_tests(parser)
    options.add_estimation(parser)
    options.add_missing(parser, choices=("drop", "category", "error"), default="drop")
    options.add_jobs(parser)


def _run(arguments):
    _check_output(arguments.output)
    df, sha256 = read_table(arguments.data, arguments.sep)
    columns = _columns(df, arguments)
    from skmist.frame.matrix import mi_matrix
    from skmist.report import Source, render_report

    pairs = mi_matrix(
        df,
        columns=columns,
        method=arguments.method,
        level=arguments.level,
        units=arguments.units,
        missing=arguments.missing,
        p_values=arguments.p_values,
        form="long",
        n_jobs=arguments.n_jobs,
        progress=True,
        random_state=0,
    )
    name = "standard input" if arguments.data == "-" else Path(arguments.data).name
    command = shlex.join(["skmist", *arguments.argv])
    source = Source(name, command, sha256)
    title = arguments.title or name
    page = render_report(df, pairs, title=title, source=source, target=arguments.target)
    write_text(page, arguments.output)
    sys.stderr.write(f"report: {arguments.output}\n")


def _check_output(path):
    if path.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"--output is {str(path)!r}; end it with .html.")
    check_folders(path)


def _columns(df, arguments):
    if arguments.target is not None:
        check_name(df, arguments.target, "--target")
    for name in arguments.columns or ():
        check_name(df, name, "--columns")
    if arguments.columns is None or arguments.target is None:
        return arguments.columns
    return list(dict.fromkeys([*arguments.columns, arguments.target]))
