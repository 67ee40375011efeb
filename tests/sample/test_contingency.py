"""Tables of counts: against scikit-learn, and against all orders of the rows."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from sklearn.metrics import mutual_info_score
from sklearn.metrics.cluster import contingency_matrix, expected_mutual_information

from skmist._sample.contingency import Levels, Table, expected_information


def levels(rng, n, k):
    return np.unique(rng.integers(k, size=n), return_inverse=True)[1]


@pytest.mark.parametrize(("n", "k", "m"), [(20, 3, 4), (60, 30, 30), (200, 4, 4), (4000, 20, 3)])
def test_what_chance_puts_into_a_table(n, k, m):
    rng = np.random.default_rng(n)
    x, y = levels(rng, n, k), levels(rng, n, m)
    expected = expected_mutual_information(contingency_matrix(x, y, sparse=True), n)
    table = Table.of(x, y)
    found = expected_information(table.x_counts, table.y_counts)
    assert found == pytest.approx(expected, rel=2e-3)
    assert table.information == pytest.approx(mutual_info_score(x, y), abs=1e-12)
    assert (table.n, table.counts.sum()) == (n, n)


def test_it_is_the_mean_over_all_orders():
    x, y = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 0, 0, 1, 1, 2])
    every = [mutual_info_score(x, y[list(order)]) for order in permutations(range(6))]
    assert expected_information(np.bincount(x), np.bincount(y)) == pytest.approx(np.mean(every))


def test_which_side_follows_the_other():
    x, y = np.repeat(np.arange(6), 4), np.repeat(np.arange(3), 8)
    assert Table.of(x, y).follows() == (False, True)
    assert Table.of(x, x).follows() == (True, True)
    assert Table.of(y, np.arange(24) % 4).follows() == (False, False)


def test_combinations_that_were_not_there_have_no_number():
    codes = np.array([[0, 0], [1, 2], [0, 1], [1, 2]])
    numbers, found = Levels.learn(codes)
    assert found.tolist() == numbers(codes).tolist() == [0, 2, 1, 2]
    assert numbers(np.array([[1, 0], [5, 0], [0, 1]])).tolist() == [-1, -1, 1]
