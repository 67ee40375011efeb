"""Pairs of sorted columns against the trees, which answer one pair at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skmist._neighbors import kernel, lines
from skmist._neighbors.lines import Line, line_pairs
from skmist._neighbors.radii import TIE
from skmist._neighbors.search import count_within, neighborhoods

from .test_kernel import KINDS, cloud

pytestmark = pytest.mark.skipif(not kernel.load(), reason="python skmist/_neighbors/build.py")


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def by_trees(x: np.ndarray, y: np.ndarray, k: int) -> list[np.ndarray]:
    both = np.column_stack([x, y])
    near = neighborhoods(both, both, k)
    counts = (count_within(c[:, None], c[:, None], near.radius) for c in (x, y))
    return [near.inside, *counts]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_counts_are_those_of_the_trees(data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    n, k = data.draw(st.sampled_from([5, 8, 9, 33, 300])), data.draw(st.sampled_from([1, 2, 3, 4]))
    columns = [cloud(data.draw(st.sampled_from(KINDS)), rng, n, 1)[:, 0] for _ in range(3)]
    columns.append(columns[0] + 1e-3 * columns[1])
    pairs = np.array([(i, j) for i in range(4) for j in range(4)])
    found = line_pairs([Line.of(column) for column in columns], pairs, k, 1.0 - TIE, 1)
    for number, (i, j) in enumerate(pairs):
        if found.found[number]:
            expected = by_trees(columns[i], columns[j], k)
            for own, other in zip(found.counts, expected, strict=True):
                np.testing.assert_array_equal(own[number], other)


def test_a_column_that_repeats_one_value_is_given_up(rng):
    flags, numbers = (rng.random(5000) < 0.01).astype(float), rng.normal(size=(3, 5000))
    prepared = [Line.of(column) for column in (flags, *numbers)]
    pairs = np.array([(0, 1), (1, 2), (0, 3)])
    assert line_pairs(prepared, pairs, 3, 1.0 - TIE, 1).found.tolist() == [False, True, False]


def test_an_order_of_the_second_column_needs_no_sorting(rng):
    x, y = rng.normal(size=(2, 200))
    order = rng.permutation(200)
    asked = [Line.of(x), Line.of(y).permuted(order), Line.of(y[order])]
    found = line_pairs(asked, np.array([(0, 1), (0, 2)]), 3, 1.0 - TIE, 1)
    for counts in found.counts:
        np.testing.assert_array_equal(counts[0], counts[1])


def test_threads_do_not_change_the_answer(rng, monkeypatch):
    monkeypatch.setattr(lines, "_ROWS_PER_THREAD", 100)
    prepared = [Line.of(column) for column in rng.normal(size=(6, 300))]
    pairs = np.column_stack(np.triu_indices(6, 1))
    one, two = (line_pairs(prepared, pairs, 3, 1.0 - TIE, workers) for workers in (1, 2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)
