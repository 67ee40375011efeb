"""``skmist mi``: the information between two groups of columns."""

from __future__ import annotations

__all__ = ["add"]

from skmist.cli import options
from skmist.cli.errors import UsageError
from skmist.cli.groups import add_groups, asked_groups, read_groups, warned
from skmist.cli.outputs import check_outputs, write_answer
from skmist.cli.text import estimate_answer


def add(commands):
    """Add the command."""
    text = "mutual information between two groups of columns of a file"
    parser = options.add_command(commands, "mi", text, _run)
    add_groups(parser)
    options.add_data(parser)
    options.add_estimation(parser)
    text = "weights of mist: a shipped name, or a card (.json) such as fine-tune writes"
    parser.add_argument("--weights", metavar="CARD", help=text)
    options.add_missing(parser, choices=("drop", "error"))
    options.add_format(parser)


def _run(arguments):
    check_outputs(arguments)
    if arguments.weights and arguments.estimator != "mist":
        raise UsageError(
            f"--weights are of --estimator mist, not of {arguments.estimator}; drop one."
        )
    df, notes = read_groups(arguments)
    from skmist.estimators.mutual_info import mutual_info

    estimate, _ = warned(
        mutual_info,
        df[arguments.x],
        df[arguments.y],
        estimator=arguments.estimator,
        level=arguments.level,
        weights=arguments.weights,
    )
    write_answer(
        estimate_answer(estimate, asked_groups(arguments), arguments.units, notes), arguments
    )
