"""What is worked out once for a side, however many samples have it."""

from __future__ import annotations

import pickle

import numpy as np

from skmist._sample.side import Side


def _doubled(side: Side) -> np.ndarray:
    return 2.0 * side.values


def side_of(values) -> Side:
    values = np.asarray(values, dtype=float)[:, None]
    return Side(values, np.array([False]), ("a",))


def test_a_function_is_asked_once():
    asked = []

    def total(side: Side) -> float:
        asked.append(side)
        return float(side.values.sum())

    side = side_of([1, 2, 3])
    assert [side.once(total), side.once(total)] == [6.0, 6.0]
    assert asked == [side]


def test_what_was_found_does_not_travel():
    side = side_of(np.arange(1000))
    size = len(pickle.dumps(side))
    side.once(_doubled)
    copy = pickle.loads(pickle.dumps(side))
    assert len(pickle.dumps(side)) == size
    np.testing.assert_array_equal(copy.values, side.values)


def test_an_order_remembers_where_its_rows_come_from():
    side, order = side_of([5, 6, 7]), np.array([2, 0, 1])
    permuted = side.permuted(order)
    assert permuted.values[:, 0].tolist() == [7, 5, 6]
    assert permuted.origin == (side, order)
    assert side.origin is None and permuted.with_values(side.values).origin is None
