"""``skmist conditional``: what two groups of columns share that a third does not explain."""

from __future__ import annotations

__all__ = ["add"]

from skmist.cli import options
from skmist.cli.groups import add_groups, asked_groups, read_groups, warned
from skmist.cli.outputs import check_outputs, write_answer
from skmist.cli.text import estimate_answer


def add(commands):
    """Add the command."""
    text = "what two groups of columns of a file share that a third does not explain"
    parser = options.add_command(commands, "conditional", text, _run)
    add_groups(parser, given=True)
    options.add_data(parser)
    options.add_estimation(parser)
    options.add_missing(parser, choices=("drop", "error"))
    options.add_format(parser)


def _run(arguments):
    check_outputs(arguments)
    df, notes = read_groups(arguments)
    from skmist.conditional.estimate import conditional_mutual_info

    estimate, _ = warned(
        conditional_mutual_info,
        df[arguments.x],
        df[arguments.y],
        df[arguments.given],
        estimator=arguments.estimator,
        level=arguments.level,
    )
    write_answer(
        estimate_answer(estimate, asked_groups(arguments), arguments.units, notes), arguments
    )
