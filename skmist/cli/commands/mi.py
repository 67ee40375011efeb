"""``skmist mi``: the information between two groups of columns."""

from __future__ import annotations

__all__ = ["add"]

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
    names = {"type": options.column_names, "required": True}
    parser.add_argument("--x", metavar="A,B", help="one group", **names)
    parser.add_argument("--y", metavar="C", help="the other group", **names)
    options.add_data(parser)
    options.add_estimation(parser)
    options.add_missing(parser, choices=("drop", "error"))
    options.add_format(parser)


def _run(arguments):
    check_folders(arguments.output, data=arguments.data)
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
    df = df[df.notna().all(axis=1)]
    from skmist.estimators.mutual_info import mutual_info

    estimate = mutual_info(
        df[arguments.x], df[arguments.y], estimator=arguments.estimator, level=arguments.level
    )
    said = (*notes, *estimate.warnings)
    estimate = replace(estimate, mi=max(estimate.mi, 0.0), warnings=said)
    if arguments.units == "bits":
        estimate = estimate.bits
    style = options.output_style(arguments)
    write_text(format_estimate(estimate, arguments.x, arguments.y, style), arguments.output)


def _tidied(df, strict):
    """The columns as what can be estimated, and what was done to them."""
    from skmist._sample.tidy import tidied

    notes = []
    for name in () if strict else df.columns:
        found = tidied(df[name])
        df = df.assign(**{name: found.series})
        notes += [f"column {shortened(name)} {note}" for note in found.notes]
    return df, notes
