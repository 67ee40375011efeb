"""``skmist lags``: what one column of a file says about another, or itself, some rows later."""

from __future__ import annotations

__all__ = ["add"]

import argparse
import sys

from skmist.cli import options
from skmist.cli.reading import check_name, read_table
from skmist.cli.text import format_lags
from skmist.cli.writing import check_folders, check_plotting, draw, write_text


def add(commands):
    """Add the command."""
    text = "mutual information of two columns of a CSV file, or of one with itself, at each lag"
    parser = options.add_command(commands, "lags", text, _run)
    options.add_data(parser)
    parser.add_argument("--x", required=True, metavar="COL", help="the column that comes first")
    parser.add_argument("--y", metavar="COL", help="the column that follows; default: --x itself")
    parser.add_argument("--date", metavar="COL", help="column of dates; default: rows in order")
    parser.add_argument(
        "--lags", type=_lags, default=10, metavar="N|A:B", help="how far, or from A to B (10)"
    )
    parser.add_argument(
        "--past", type=int, default=0, metavar="N", help="given N steps of y's own past (0)"
    )
    parser.add_argument("--p-values", action="store_true", help="test each lag")
    options.add_plot(parser, "draw the lags (png, pdf or svg)")
    options.add_estimation(parser)
    options.add_format(parser)


def _run(arguments):
    check_folders(arguments.output, arguments.plot)
    if arguments.plot is not None:
        check_plotting()
    df = read_table(arguments.data, arguments.sep).frame
    for option in ("x", "y", "date"):
        if getattr(arguments, option) is not None:
            check_name(df, getattr(arguments, option), f"--{option}")
    from skmist.frame.lags import mi_lags
    from skmist.frame.series import dated

    df = df if arguments.date is None else dated(df, arguments.date)
    table = mi_lags(
        df[arguments.x],
        None if arguments.y is None else df[arguments.y],
        arguments.lags,
        past=arguments.past,
        estimator=arguments.estimator,
        level=arguments.level,
        units=arguments.units,
        p_values=arguments.p_values,
        random_state=0,
    )
    write_text(format_lags(table, options.output_style(arguments)), arguments.output)
    if arguments.plot is not None:
        from skmist.plotting import MutualInfoLagsDisplay

        draw(MutualInfoLagsDisplay.from_frame, table, arguments.plot)
        sys.stderr.write(f"picture: {arguments.plot}\n")


def _lags(text):
    first, colon, last = text.partition(":")
    try:
        return range(int(first), int(last) + 1) if colon else int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a lag; use a number such as 12, or two such as -5:5"
        ) from None
