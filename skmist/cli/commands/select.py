"""``skmist select``: the columns of a file that together say most about one of them."""

from __future__ import annotations

__all__ = ["add"]

import argparse

from skmist.cli import options
from skmist.cli.as_options import as_options
from skmist.cli.outputs import check_outputs, draw_asked, write_answer
from skmist.cli.printable import decoded
from skmist.cli.reading import read_asked
from skmist.cli.text import selection_answer


def add(commands):
    """Add the command."""
    text = "choose the columns of a file that together say most about one of them"
    parser = options.add_command(commands, "select", text, _run)
    parser.add_argument(
        "--target", type=decoded, required=True, metavar="COL", help="the column in question"
    )
    options.add_data(parser)
    options.add_columns(parser, "choose among these columns only")
    parser.add_argument(
        "--share",
        type=_share,
        metavar="P",
        help="stop at this share of what all columns say together (default: 0.98)",
    )
    parser.add_argument("--max-columns", type=_number, metavar="N", help="choose N at most")
    options.add_plot(parser, "draw what the chosen columns say (png, pdf or svg)")
    options.add_estimation(parser)
    options.add_missing(parser, choices=("drop", "category", "error"))
    options.add_jobs(parser)
    options.add_format(parser)


def _run(arguments):
    check_outputs(arguments)
    df = read_asked(arguments)
    from skmist.feature_selection.table import select_from_table

    found = select_from_table(
        df,
        arguments.target,
        columns=arguments.columns,
        max_columns=arguments.max_columns,
        estimator=arguments.estimator,
        level=arguments.level,
        missing=arguments.missing,
        strict=arguments.strict,
        n_jobs=arguments.n_jobs,
        progress=True,
        **({} if arguments.share is None else {"share": arguments.share}),
    )
    found = found.reworded(as_options)
    write_answer(selection_answer(found, arguments.units), arguments)
    if found.selector.n_features_:
        draw_asked("MutualInfoSelectionDisplay", "from_selector", found.selector, arguments)


def _share(text):
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0.0 < share <= 1.0:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a share above 0 and at most 1; use for example 0.98"
        )
    return share


def _number(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of columns; use 1, 2, ...")
    return int(text)
