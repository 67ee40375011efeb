"""``skmist test``: whether two groups of columns are independent, also given a third."""

from __future__ import annotations

__all__ = ["add"]

import argparse

from skmist.cli import options
from skmist.cli.errors import UsageError
from skmist.cli.groups import add_groups, asked_groups, read_groups, warned
from skmist.cli.outputs import check_outputs, write_answer
from skmist.cli.printable import decoded
from skmist.cli.text import verdict_answer

_FEWEST = 19


def add(commands):
    """Add the command."""
    text = "test whether two groups of columns of a file are independent, also given a third"
    parser = options.add_command(commands, "test", text, _run)
    add_groups(parser, given=False)
    options.add_data(parser)
    options.add_estimator(parser, "mist; with --given ksg")
    options.add_units(parser)
    text = "permutations drawn at most (default: 999; with --given 499)"
    parser.add_argument("--n-permutations", type=_permutations, metavar="N", help=text)
    text = "column of the groups of rows that depend on one another: rows change places in these"
    parser.add_argument("--groups", type=decoded, metavar="COL", help=text)
    text = "successive rows that depend on one another: blocks of so many change places"
    parser.add_argument("--block-size", type=_rows, metavar="N", help=text)
    options.add_missing(parser, choices=("drop", "error"))
    options.add_jobs(parser)
    options.add_format(parser)


def _run(arguments):
    check_outputs(arguments)
    own = _own_options(arguments)
    df, notes = read_groups(arguments, also=arguments.groups)
    from skmist.independence.functions import (
        conditional_independence_test,
        independence_test,
    )

    groups = asked_groups(arguments)
    function = conditional_independence_test if "given" in groups else independence_test
    if arguments.groups is not None:
        own["groups"] = df[arguments.groups]
    sides = [df[names] for names in groups.values()]
    result, said = warned(
        function, *sides, n_jobs=arguments.n_jobs, progress=True, random_state=0, **own
    )
    answer = verdict_answer(result, groups, arguments.units, [*notes, *said])
    write_answer(answer, arguments)


def _own_options(arguments) -> dict:
    """What was asked for and has another default in each of the two functions."""
    names = ("estimator", "n_permutations", "block_size")
    if arguments.given:
        for option in ("groups", "block_size"):
            if getattr(arguments, option) is not None:
                shown = f"--{option.replace('_', '-')}"
                raise UsageError(f"{shown} is not for tests with --given; drop one of both.")
    found = {name: getattr(arguments, name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _rows(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of rows; use 1, 2, ...")
    return int(text)


def _permutations(text):
    if not text.isdecimal() or int(text) < _FEWEST:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of at least {_FEWEST}; use for example 999"
        )
    return int(text)
