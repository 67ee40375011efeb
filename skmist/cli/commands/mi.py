"""``skmist mi``: the information between two groups of columns."""

from __future__ import annotations

__all__ = ["add", "add_groups", "read_groups"]

from dataclasses import replace

from skmist._sample.table import missing_rule, present_values, shortened
from skmist.cli import options
from skmist.cli.errors import UsageError
from skmist.cli.reading import check_name, read_table
from skmist.cli.text import format_estimate
from skmist.cli.writing import check_folders, write_text


def add(commands):
    """Add the command."""
    text = "mutual information between two groups of columns of a CSV file"
    parser = options.add_command(commands, "mi", text, _run)
    add_groups(parser)
    options.add_data(parser)
    options.add_estimation(parser)
    text = "weights of mist: a shipped name, or a card (.json) such as fine-tune writes"
    parser.add_argument("--weights", metavar="CARD", help=text)
    options.add_missing(parser, choices=("drop", "error"))
    options.add_format(parser)


def add_groups(parser):
    """Add the two groups of columns."""
    names = {"type": options.column_names, "required": True}
    parser.add_argument("--x", metavar="A,B", help="one group", **names)
    parser.add_argument("--y", metavar="C", help="the other group", **names)


def _run(arguments):
    check_folders(arguments.output, data=arguments.data)
    if arguments.weights and arguments.estimator != "mist":
        raise UsageError(
            f"--weights are of --estimator mist, not of {arguments.estimator}; drop one."
        )
    df, notes = read_groups(arguments)
    from skmist.estimators.mutual_info import mutual_info

    estimate = mutual_info(
        df[arguments.x],
        df[arguments.y],
        estimator=arguments.estimator,
        level=arguments.level,
        weights=arguments.weights,
    )
    said = (*notes, *estimate.warnings)
    estimate = replace(estimate, mi=max(estimate.mi, 0.0), warnings=said)
    if arguments.units == "bits":
        estimate = estimate.bits
    style = options.output_style(arguments)
    write_text(format_estimate(estimate, arguments.x, arguments.y, style), arguments.output)


def read_groups(arguments):
    """The rows of the groups --x and --y of a table, and notes on what was done to columns."""
    df = read_table(arguments.data, arguments.sep, arguments.na_values).frame
    for option in ("x", "y"):
        for name in getattr(arguments, option):
            check_name(df, name, f"--{option}")
    shared = [name for name in arguments.x if name in arguments.y]
    if shared:
        raise UsageError(f"column {shared[0]!r} is in --x and in --y; leave it out of one.")
    names, missing = arguments.x + arguments.y, missing_rule(arguments.missing, arguments.strict)
    present_values(df, names, missing)
    df, notes = _tidied(df[names], arguments.strict)
    return df[df.notna().all(axis=1)], notes


def _tidied(df, strict):
    """The columns as what can be estimated, and what was done to them."""
    from skmist._sample.tidy import tidied

    notes = []
    for name in () if strict else df.columns:
        found = tidied(df[name])
        df = df.assign(**{name: found.series})
        notes += [f"column {shortened(name)} {note}" for note in found.notes]
    return df, notes
