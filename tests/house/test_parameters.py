"""Checks of parameters: what they let pass, and that a refusal names value, limit and remedy."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from skmist._parameters import (
    check_choice,
    check_integer,
    check_level,
    check_number,
    check_widths,
    is_integer,
    is_number,
    refusal,
)


def message(function, *arguments, **options) -> str:
    with pytest.raises(ValueError) as caught:
        function(*arguments, **options)
    assert type(caught.value) is ValueError
    return str(caught.value)


@pytest.mark.parametrize("value", [1, 7, np.int8(3), np.uint64(9)])
def test_integers_pass(value):
    found = check_integer("n", value, 1)
    assert found == value
    assert type(found) is int


@pytest.mark.parametrize("value", [0, -3, True, np.True_, 2.0, np.float64(2), "2", None, [2]])
def test_what_is_no_integer_of_at_least_1(value):
    assert not is_integer(value, 1)
    assert message(check_integer, "n", value, 1) == (
        f"n is {value!r}, but must be an integer of at least 1. Pass for example 1."
    )


def test_the_forms_of_a_refusal():
    assert message(check_integer, "n", 0, 2, "3", form="=") == (
        "n=0 must be an integer of at least 2. Pass 3."
    )
    assert message(check_integer, "n", 0, 2, "3", form="not") == (
        "n is 0, not an integer of at least 2; pass 3."
    )
    assert message(check_integer, "n", 0, 2, noun="a whole number") == (
        "n is 0, but must be a whole number of at least 2. Pass for example 2."
    )
    error = refusal("pairs", "yes", "True or False", "True")
    assert str(error) == "pairs is 'yes', but must be True or False. Pass True."


@pytest.mark.parametrize(
    ("value", "closed", "inside"),
    [
        (0.5, "", True),
        (np.float32(0.5), "", True),
        (Fraction(1, 2), "", True),
        (0, "", False),
        (0, "[", True),
        (0.0, "]", False),
        (1, "]", True),
        (1.0, "[", False),
        (1, "[]", True),
        (math.nan, "[]", False),
        (True, "[]", False),
        ("0.5", "[]", False),
        (None, "[]", False),
        (0.5j, "[]", False),
    ],
)
def test_numbers_between_ends(value, closed, inside):
    assert is_number(value, 0, 1, closed) is inside
    if inside:
        found = check_number("x", value, (0, 1), "0.5", closed=closed)
        assert found == float(value)
        assert type(found) is float
    else:
        assert repr(value) in message(check_number, "x", value, (0, 1), "0.5", closed=closed)


@pytest.mark.parametrize(
    ("ends", "closed", "limit"),
    [
        ((0, 1), "", "above 0 and below 1"),
        ((0, 1), "[", "at least 0 and below 1"),
        ((0, 0.5), "[]", "at least 0 and at most 0.5"),
        ((0, math.inf), "[", "at least 0"),
    ],
)
def test_a_refusal_says_which_ends_belong(ends, closed, limit):
    found = message(check_number, "x", -1, ends, "0.25", closed=closed)
    assert found == f"x is -1, but must be a number {limit}. Pass 0.25."


def test_infinity_is_no_number_without_an_upper_end():
    assert not is_number(math.inf)
    assert not is_number(-math.inf)
    assert is_number(1e308)


@pytest.mark.parametrize("level", [0, 1, 90, "0.9", None, True, math.nan])
def test_no_level(level):
    assert message(check_level, level) == (
        f"level is {level!r}, not a number above 0 and below 1; pass for example 0.9."
    )


def test_a_level():
    assert check_level(np.float64(0.9)) == 0.9
    assert type(check_level(np.float64(0.9))) is float


def test_choices():
    options = ("a", None)
    check_choice("how", "a", options)
    check_choice("how", None, options)
    assert message(check_choice, "how", "b", options) == "how is 'b'; pass one of a, None."
    assert message(check_choice, "how", "b", options, quoted=True) == (
        "how is 'b'; pass one of 'a', None."
    )
    assert message(check_choice, "how", 1, {"x": 2}) == "how is 1; pass one of x."


@pytest.mark.parametrize("widths", [(), (1,), [64, np.int64(3)], np.array([2, 3]), range(1, 3)])
def test_widths(widths):
    check_widths("sizes", widths)


@pytest.mark.parametrize("widths", [8, "8", None, {8}, (8,)])
def test_no_two_widths(widths):
    assert message(check_widths, "sizes", widths, 2) == (
        f"sizes is {widths!r}, but must be a sequence of at least 2 widths. Pass for example "
        "(64, 64)."
    )


def test_a_width_that_is_none_is_named_with_all_others():
    assert message(check_widths, "sizes", (8, 0)) == (
        "an entry of sizes is 0, but must be an integer of at least 1. Pass for example "
        "(64, 64); sizes is (8, 0)."
    )
