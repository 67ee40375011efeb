"""Values in messages: one line, little room, nothing that a terminal obeys."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from skmist._sample.shown import as_text, shortened

SHOWN = {
    "text": ("a", "'a'"),
    "control characters": ("\x1b[31m\n", r"'\x1b[31m\n'"),
    "number of numpy": (np.float64(1.5), "1.5"),
    "text of numpy": (np.str_("a"), "'a'"),
    "decimal": (Decimal("1.50"), "1.50"),
    "fraction": (Fraction(1, 3), "1/3"),
    "nothing": (None, "None"),
    "array": (np.array([1, 2]), "array([1, 2])"),
    "more digits than Python writes": (10**5000, "1.000000000e+5000"),
    "a list of those": ([10**5000], "list"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_value_is_shown_as_python_writes_it(name):
    value, shown = SHOWN[name]
    assert shortened(value) == shown


def test_what_is_long_keeps_its_ends():
    shown = shortened("a" + "b" * 1_000_000 + "c")
    assert len(shown) == 60 and shown.startswith("'ab") and shown.endswith("bc'")
    assert len(shortened("a" * 1_000, 20)) == 20


def test_numbers_of_many_digits_stay_apart_as_text():
    texts = {as_text(10**5000 + k) for k in range(5)}
    assert len(texts) == 5 and as_text(1.5) == "1.5"
