"""Checks of parameters, and of their names. A refusal names the value, the limit and a remedy.

Imports nothing of ours.
"""

from __future__ import annotations

__all__ = [
    "caller_level",
    "check_choice",
    "check_duplicates",
    "check_integer",
    "check_level",
    "check_number",
    "check_widths",
    "is_integer",
    "is_number",
    "refusal",
    "renamed",
]

import functools
import math
import sys
import warnings
from collections.abc import Callable, Collection, Sequence
from numbers import Integral, Real
from typing import Any, ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Got = TypeVar("_Got")

# One sentence; users read it in three forms, which tests hold.
_FORMS = {
    "but": "{name} is {value!r}, but must be {limit}. Pass {remedy}.",
    "=": "{name}={value!r} must be {limit}. Pass {remedy}.",
    "not": "{name} is {value!r}, not {limit}; pass {remedy}.",
}


def refusal(name: str, value: Any, limit: str, remedy: str, form: str = "but") -> ValueError:
    """The error that says what is wrong with a parameter, to be raised.

    Parameters
    ----------
    name : str
    value : object
    limit : str
        What it must be, such as "an integer of at least 1".
    remedy : str
        What to pass, such as "for example 10".
    form : {"but", "=", "not"}, default="but"
        "NAME is VALUE, but must be ...", "NAME=VALUE must be ..." or "NAME is VALUE, not ...".
    """
    return ValueError(_FORMS[form].format(name=name, value=value, limit=limit, remedy=remedy))


def is_integer(value: Any, least: float = -math.inf) -> bool:
    """Whether it is an integer, no bool, of at least so much."""
    whole = type(value) is int or (isinstance(value, Integral) and not isinstance(value, bool))
    return whole and bool(value >= least)


def is_number(
    value: Any, low: float = -math.inf, high: float = math.inf, closed: str = ""
) -> bool:
    """Whether it is a real number, no bool, between two ends; `closed` holds "[", "]" or both."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return False
    real: Any = value
    above = real >= low if "[" in closed else real > low
    below = real <= high if "]" in closed else real < high
    return bool(above and below)


def check_integer(
    name: str,
    value: Any,
    least: int,
    remedy: str = "",
    form: str = "but",
    noun: str = "an integer",
) -> int:
    """Return an integer of at least `least`, or refuse it."""
    if not is_integer(value, least):
        limit = f"{noun} of at least {least}"
        raise refusal(name, value, limit, remedy or f"for example {least}", form)
    return int(value)


def check_number(
    name: str,
    value: Any,
    ends: tuple[float, float],
    remedy: str,
    *,
    closed: str = "",
    form: str = "but",
    noun: str = "a number ",
) -> float:
    """Return a number between two ends, or refuse it; `closed` as in `is_number`."""
    if not is_number(value, *ends, closed):
        low, high = ends
        limit = f"{noun}{'at least' if '[' in closed else 'above'} {low:g}"
        if high < math.inf:
            limit += f" and {'at most' if ']' in closed else 'below'} {high:g}"
        raise refusal(name, value, limit, remedy, form)
    return float(value)


def check_level(level: float) -> float:
    """Return the probability of an interval, above 0 and below 1, or refuse it."""
    return check_number("level", level, (0.0, 1.0), "for example 0.9", form="not")


def check_choice(name: str, value: Any, options: Collection, quoted: bool = False) -> None:
    """Refuse what is none of the options; `quoted` shows these as Python writes them."""
    if value not in options:
        known = ", ".join(map(repr if quoted else str, options))
        raise ValueError(f"{name} is {value!r}; pass one of {known}.")


def check_duplicates(duplicates: Any) -> bool:
    """Return whether copies of rows count once, or refuse what does not say."""
    check_choice("duplicates", duplicates, ("once", "count"), quoted=True)
    return bool(duplicates == "once")


def check_widths(name: str, widths: Any, fewest: int = 0) -> None:
    """Refuse what is no sequence of layers' widths, `fewest` of them or more."""
    listed = isinstance(widths, Sequence) or hasattr(widths, "__array__")
    if not listed or isinstance(widths, str) or len(widths) < fewest:
        limit = f"a sequence of at least {fewest} width{'s' * (fewest != 1)}"
        raise refusal(name, widths, limit, "for example (64, 64)")
    for width in widths:
        remedy = f"for example (64, 64); {name} is {widths!r}"
        check_integer(f"an entry of {name}", width, 1, remedy)


def renamed(**names: str) -> Callable[[Callable[_Given, _Got]], Callable[_Given, _Got]]:
    """Let a function take parameters by their former names, with a warning.

    Parameters
    ----------
    **names : str
        The name now, by the former one.
    """

    def take(function: Callable[_Given, _Got]) -> Callable[_Given, _Got]:
        @functools.wraps(function)
        def asked(*args: _Given.args, **kwargs: _Given.kwargs) -> _Got:
            for old in names.keys() & kwargs.keys():
                _rename(kwargs, old, names[old], function.__name__)
            return function(*args, **kwargs)

        return asked

    return take


def _rename(given: dict[str, Any], old: str, new: str, caller: str) -> None:
    if new in given:
        raise TypeError(f"{caller}() got {new} and {old}, its former name. Pass {new} alone.")
    value = given[new] = given.pop(old)
    warnings.warn(
        f"{old} is called {new} since version 0.1 and will be an error in 1.0; pass "
        f"{caller}(..., {new}={value!r}).",
        FutureWarning,
        stacklevel=caller_level(),
    )


def caller_level() -> int:
    """The `stacklevel` of :func:`warnings.warn` that names the first line outside the package."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == __package__:
        level, frame = level + 1, frame.f_back
    return level
