"""``skmist report``: a table's dependences as one HTML page."""

from __future__ import annotations

__all__ = ["add"]

import shlex
from pathlib import Path

from skmist.cli import options
from skmist.cli.as_options import as_options
from skmist.cli.errors import UsageError
from skmist.cli.printable import decoded
from skmist.cli.reading import check_name, read_data
from skmist.cli.writing import check_folders, say, write_text

_SUFFIXES = (".html", ".htm")


def add(commands):
    """Add the command."""
    text = "write what depends on what in a file as one HTML page"
    parser = options.add_command(commands, "report", text, _run)
    options.add_data(parser)
    parser.add_argument(
        "--target",
        type=decoded,
        metavar="COL",
        help="rank the other columns by this one, and choose among them",
    )
    options.add_columns(parser, "take these columns (and the target) only")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("report.html"),
        metavar="FILE.html",
        help="default: %(default)s",
    )
    parser.add_argument("--title", type=decoded, help="default: the file's name")
    parser.add_argument(
        "--max-points",
        type=options.row_count,
        default=1_000,
        metavar="N",
        help="rows of the data that the page holds to draw pairs from; 0 for none (default: "
        "%(default)s)",
    )
    options.add_tests(parser)
    options.add_estimation(parser)
    options.add_missing(parser, choices=("drop", "category", "error"))
    options.add_table(parser, "pairs")
    options.add_jobs(parser)


def _run(arguments):
    _check_output(arguments)
    df, sha256 = read_data(arguments)
    _check_names(df, arguments)
    from skmist._report import Source, make_report

    name = "standard input" if arguments.data == "-" else decoded(Path(arguments.data).name)
    command = shlex.join(["skmist", *map(decoded, arguments.argv)])
    page = make_report(
        df,
        arguments.target,
        title=arguments.title or name,
        source=Source(name, command, sha256),
        max_points=arguments.max_points,
        words=as_options,
        columns=arguments.columns,
        estimator=arguments.estimator,
        level=arguments.level,
        units=arguments.units,
        missing=arguments.missing,
        strict=arguments.strict,
        max_estimates=arguments.max_estimates,
        max_rows=arguments.max_rows,
        p_values=arguments.p_values,
        n_jobs=arguments.n_jobs,
        progress=True,
    )
    write_text(page.page, arguments.output)
    say(f"report: {decoded(str(arguments.output))}\n")


def _check_output(arguments):
    path = arguments.output
    if path.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"--output is {str(path)!r}; end it with .html.")
    check_folders(path, data=arguments.data)


def _check_names(df, arguments):
    if arguments.target is not None:
        check_name(df, arguments.target, "--target")
    for name in arguments.columns or ():
        check_name(df, name, "--columns")
