"""Notes that differ in their numbers only are one, of ranges; names keep their digits."""

from __future__ import annotations

import pytest

from skmist.frame.alike import as_one, placed


def test_numbers_become_ranges():
    said = "has {} labels in {} rows (p = {}): not estimated"
    notes = [("a", said.format(9, "1,200", 0.5)), ("a", said.format(9, 963, "1.00"))]
    (words,) = set(as_one(notes).values())
    assert words == said.format(9, "963 to 1,200", "0.5 to 1.00")


@pytest.mark.parametrize(
    "pair",
    [
        (("a", "has 2 rows"), ("b", "has 3 rows")),  # of two columns
        (("", "2 rows are few"), ("", "3 rows are few")),  # of pairs
        (("a", "is 'x1' again"), ("a", "is 'x2' again")),
        (("a", 'is "x\'1" again'), ("a", 'is "x\'2" again')),
        (("a", "follows column 1 alone"), ("a", "follows column 2 alone")),
        (("a", "has few rows"), ("a", "has no rows")),
    ],
)
def test_what_is_not_alike_stays_apart(pair):
    assert as_one(pair) == {note: note[1] for note in pair}


def test_of_one_pair_any_notes_may_be_alike():
    notes = [("", "log(38) = 3.64 is near"), ("", "log(37) = 3.61 is near")]
    assert set(as_one(notes, True).values()) == {"log(37 to 38) = 3.61 to 3.64 is near"}


def test_whom_a_note_is_about():
    assert placed("column 'b' has 2 rows", ("a", "b")) == ("column 'b'", "has 2 rows")
    assert placed("the column has 2 rows", ("a",)) == ("the column", "has 2 rows")
    assert placed("the target has 2 rows", ("a",)) == ("the target", "has 2 rows")
    assert placed("2 rows are few", ("a", "b")) == ("", "2 rows are few")
