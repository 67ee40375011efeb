"""``skmist lags``: what one column of a file says about another, or itself, some rows later."""

from __future__ import annotations

__all__ = ["add"]

import argparse

from skmist.cli import options
from skmist.cli.outputs import check_outputs, draw_asked, write_answer
from skmist.cli.printable import decoded
from skmist.cli.reading import check_name, read_data
from skmist.cli.text import lags_answer


def add(commands):
    """Add the command."""
    text = "mutual information of two columns of a file, or of one with itself, at each lag"
    parser = options.add_command(commands, "lags", text, _run)
    options.add_data(parser)
    name = {"type": decoded, "metavar": "COL"}
    parser.add_argument("--x", required=True, help="the column that comes first", **name)
    parser.add_argument("--y", help="the column that follows; default: --x itself", **name)
    parser.add_argument("--date", help="column of dates; default: rows in order", **name)
    parser.add_argument(
        "--lags", type=_lags, default=10, metavar="N|A:B", help="how far, or from A to B (10)"
    )
    parser.add_argument(
        "--past", type=int, default=0, metavar="N", help="given N steps of y's own past (0)"
    )
    parser.add_argument("--p-values", action="store_true", help="test each lag")
    options.add_plot(parser, "draw the lags (png, pdf or svg)")
    options.add_estimation(parser)
    options.add_jobs(parser)
    options.add_format(parser)


def _run(arguments):
    check_outputs(arguments)
    df = read_data(arguments).frame
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
        n_jobs=arguments.n_jobs,
        progress=True,
        random_state=0,
    )
    write_answer(lags_answer(table), arguments)
    draw_asked("MutualInfoLagsDisplay", "from_frame", table, arguments)


def _lags(text):
    first, colon, last = text.partition(":")
    try:
        return range(int(first), int(last) + 1) if colon else int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a lag; use a number such as 12, or two such as -5:5"
        ) from None
