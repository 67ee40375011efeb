"""``skmist fine-tune``: a net for data like those of a table."""

from __future__ import annotations

__all__ = ["add"]

import argparse
import math
import warnings
from pathlib import Path

from skmist.cli import options
from skmist.cli.errors import UsageError
from skmist.cli.groups import add_groups, read_groups
from skmist.cli.writing import make_folder, say, write_text


def add(commands):
    """Add the command."""
    text = "train the net of mist on with data like those of a file"
    parser = options.add_command(commands, "fine-tune", text, _run)
    add_groups(parser)
    options.add_data(parser)
    text = "where weights and card are written; an interrupted run goes on from there"
    parser.add_argument("--folder", type=Path, required=True, metavar="FOLDER", help=text)
    text = "a shipped name, or the path of a card, to start from (default: mist-3)"
    parser.add_argument("--weights", metavar="CARD", help=text)
    text = "most time that it takes (default: 20)"
    parser.add_argument("--minutes", type=_minutes, default=20.0, metavar="M", help=text)
    text = "where the net is trained (default: a GPU where there is one)"
    parser.add_argument("--device", default="auto", help=text)
    text = "processes that draw data (default: 0); of two cores one helps"
    parser.add_argument("--workers", type=_workers, default=0, metavar="N", help=text)
    options.add_missing(parser, choices=("drop", "error"))


def _run(arguments):
    make_folder(arguments.folder)
    df, notes = read_groups(arguments)
    from skmist.adaptation import adapt

    own = {"weights": arguments.weights} if arguments.weights else {}
    try:
        with warnings.catch_warnings():
            # the report says the same
            warnings.simplefilter("ignore", UserWarning)
            adapted = adapt(
                df[arguments.x],
                df[arguments.y],
                folder=arguments.folder,
                max_minutes=arguments.minutes,
                device=arguments.device,
                workers=arguments.workers,
                **own,
            )
    except ValueError as error:
        raise UsageError(str(error)) from error
    for note in notes:
        say(f"{note}\n")
    write_text(f"{adapted}\n", None)


def _minutes(text):
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 0.0 < minutes < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes above 0; use 20")
    return minutes


def _workers(text):
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes; use 0, 1, ...")
    return int(text)
