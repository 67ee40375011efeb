"""The groups of columns that a command is about, and their rows."""

from __future__ import annotations

__all__ = ["add_groups", "asked_groups", "read_groups", "warned"]

import warnings
from collections.abc import Callable
from typing import Any

from skmist._sample.shown import shortened
from skmist._sample.table import missing_rule, present_values
from skmist.cli import options
from skmist.cli.errors import UsageError
from skmist.cli.reading import check_name, read_data

_GROUPS = ("x", "y", "given")


def add_groups(parser, given: bool | None = None):
    """Add the two groups of columns, and the third, which may be required; None adds none."""
    names: dict[str, Any] = {"type": options.column_names}
    parser.add_argument("--x", metavar="A,B", help="one group", required=True, **names)
    parser.add_argument("--y", metavar="C", help="the other group", required=True, **names)
    if given is not None:
        text = "columns that are given: what the groups share beyond what these explain"
        parser.add_argument("--given", metavar="D", help=text, required=given, **names)


def asked_groups(arguments) -> dict[str, list[str]]:
    """The groups that were named, by their option."""
    found = {option: getattr(arguments, option, None) for option in _GROUPS}
    return {option: names for option, names in found.items() if names}


def read_groups(arguments, also: str | None = None):
    """Read the rows in which all columns of the groups are present.

    Parameters
    ----------
    arguments : argparse.Namespace
    also : str or None, default=None
        Another column, which is left as it is.

    Returns
    -------
    df : pandas.DataFrame of shape (n, n_fields)
    notes : list of str
        What was done to columns.
    """
    df, groups = read_data(arguments).frame, asked_groups(arguments)
    seen: dict[str, str] = {}
    for option, names in groups.items():
        for name in names:
            check_name(df, name, f"--{option}")
            if name in seen:
                raise UsageError(
                    f"column {name!r} is in --{seen[name]} and in --{option}; leave it out of one."
                )
            seen[name] = option
    if also is not None:
        check_name(df, also, "--groups")
    names, missing = list(seen), missing_rule(arguments.missing, arguments.strict)
    wanted = names if also in (None, *names) else [*names, also]
    present_values(df, wanted, missing)
    df, notes = _tidied(df[wanted], names, arguments.strict)
    return df[df.notna().all(axis=1)], notes


def _tidied(df, names, strict):
    """The columns as what can be estimated, and what was done to them."""
    from skmist._sample.tidy import tidied

    notes = []
    for name in () if strict else names:
        found = tidied(df[name])
        df = df.assign(**{name: found.series})
        notes += [f"column {shortened(name)} {note}" for note in found.notes]
    return df, notes


def warned(function: Callable[..., Any], *args, **options) -> tuple[Any, list[str]]:
    """What a function returns, and the notes that it warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = function(*args, **options)
    return result, list(dict.fromkeys(str(warning.message) for warning in caught))
