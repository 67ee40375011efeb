"""``skmist report``: a table's dependences as one HTML page."""

from __future__ import annotations

__all__ = ["add"]

import shlex
from pathlib import Path

from skmist._errors import InvalidSampleError
from skmist.cli import options
from skmist.cli.errors import UsageError
from skmist.cli.printable import decoded
from skmist.cli.reading import check_name, read_data
from skmist.cli.writing import check_folders, say, write_text

# Estimators to whom many columns at once are no trouble.
_READ_MANY = ("mist", "gaussian_copula")
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
    options.add_tests(parser)
    options.add_estimation(parser)
    options.add_missing(parser, choices=("drop", "category", "error"))
    options.add_table(parser, "pairs")
    options.add_jobs(parser)


def _run(arguments):
    _check_output(arguments)
    df, sha256 = read_data(arguments)
    columns = _columns(df, arguments)
    from skmist.frame.matrix import matrix_about
    from skmist.report import Source, render_report

    pairs = matrix_about(
        df,
        arguments.target,
        columns=columns,
        estimator=arguments.estimator,
        level=arguments.level,
        units=arguments.units,
        missing=arguments.missing,
        strict=arguments.strict,
        max_estimates=arguments.max_estimates,
        max_rows=arguments.max_rows,
        p_values=arguments.p_values,
        form="long",
        n_jobs=arguments.n_jobs,
        progress=True,
        random_state=0,
    )
    selection = _selection(df, columns, arguments)
    name = "standard input" if arguments.data == "-" else decoded(Path(arguments.data).name)
    command = shlex.join(["skmist", *map(decoded, arguments.argv)])
    source = Source(name, command, sha256)
    title = arguments.title or name
    how = {"title": title, "source": source, "target": arguments.target}
    page = render_report(df, pairs, selection=selection, **how)
    write_text(page, arguments.output)
    say(f"report: {decoded(str(arguments.output))}\n")


def _selection(df, columns, arguments):
    """What together says what all say about the target; None without one, or if none can tell."""
    if arguments.target is None or arguments.estimator not in _READ_MANY:
        return None
    from skmist.feature_selection.table import select_from_table

    how = {"level": arguments.level, "missing": arguments.missing, "strict": arguments.strict}
    try:
        return select_from_table(
            df,
            arguments.target,
            columns=columns,
            estimator=arguments.estimator,
            n_jobs=arguments.n_jobs,
            progress=True,
            **how,
        )
    except InvalidSampleError:
        # too few rows have all columns: pairs may still be there
        return None


def _check_output(arguments):
    path = arguments.output
    if path.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"--output is {str(path)!r}; end it with .html.")
    check_folders(path, data=arguments.data)


def _columns(df, arguments):
    if arguments.target is not None:
        check_name(df, arguments.target, "--target")
    for name in arguments.columns or ():
        check_name(df, name, "--columns")
    if arguments.columns is None or arguments.target is None:
        return arguments.columns
    return list(dict.fromkeys([*arguments.columns, arguments.target]))
