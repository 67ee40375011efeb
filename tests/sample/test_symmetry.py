"""The order of rows and the codes of categories depend on nothing but the sample."""

from __future__ import annotations

import numpy as np
import pytest

from skmist._sample.order import canonical

RNG = np.random.default_rng(0)
GRID = np.arange(48) % 4, np.repeat(np.arange(4), 12)
PAIRS = np.repeat(np.arange(40), 2)


def twins(kind):
    a, b = RNG.normal(size=(2, 25))
    if kind:
        a, b = np.digitize(a, [-1, 0, 1]), np.digitize(a + b, [-1, 0, 1])
    return np.r_[a, b], np.r_[b, a]


SAMPLES = {
    "twins": (*twins(False), False),
    "twins of labels": (*twins(True), True),
    "a falling line": (np.arange(20), np.arange(20)[::-1], False),
    "a grid": (*GRID, True),
    "balanced labels": (GRID[0], RNG.permutation(GRID[1]), True),
    "a copy": (PAIRS, PAIRS, True),
    "a ring": (PAIRS, np.roll(PAIRS, 1), True),
    "two rings": (PAIRS, np.r_[np.roll(PAIRS[:30], 1), np.roll(PAIRS[30:], 1)], True),
    "labels of one row": (np.arange(60), np.arange(60) % 2, True),
}


def arranged(x, y, discrete):
    """The sample as a net would see it."""
    values = np.column_stack([x, y]).astype(float)
    order, codes = canonical(values, np.array([discrete, discrete]), 1)
    columns = [
        column if code is None else code[column.astype(int)]
        for column, code in zip(values.T, codes, strict=True)
    ]
    return [column[order].tolist() for column in columns]


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("seed", range(4))
def test_neither_order_nor_names_matter(name, seed):
    x, y, discrete = SAMPLES[name]
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(x))
    moved = x[rows], y[rows]
    if discrete:
        moved = [rng.permutation(side.max() + 1)[side] for side in moved]
    expected = arranged(x, y, discrete)
    # a symmetry of the two sides may exchange them
    assert arranged(*moved, discrete) in (expected, expected[::-1])
    assert arranged(*moved[::-1], discrete) in (expected, expected[::-1])


def test_many_categories_that_are_alike_cost_little():
    side = np.repeat(np.arange(3000), 2)
    order, codes = canonical(np.column_stack([side, side]).astype(float), np.ones(2, bool), 1)
    assert sorted(order) == list(range(6000))
    np.testing.assert_array_equal(np.sort(codes), np.tile(np.arange(3000), (2, 1)))


def test_categories_that_no_row_has_are_in_no_part():
    """Some rows of a table keep the codes of all, and more of these than there are parts."""
    codes = 3 * PAIRS + 100
    order, levels = canonical(np.column_stack([codes, codes]).astype(float), np.ones(2, bool), 1)
    assert sorted(order) == list(range(len(PAIRS)))
    assert len(set(levels[0][codes])) == 40


@pytest.mark.parametrize("names", [[1, 0, 2, 3, 4, 5], [3, 2, 1, 0, 5, 4], [2, 3, 0, 1, 5, 4]])
def test_a_column_and_its_copy_may_have_other_names(names):
    label, label_2 = np.array([0, 2, 2, 0, 0, 1, 0]), np.array([0, 0, 0, 0, 0, 1, 0])
    column = np.array([2, 4, 4, 3, 0, 5, 1])

    def shown(copy):
        """Rows as a net would see them."""
        values = np.column_stack([label, label_2, column, copy]).astype(float)
        order, codes = canonical(values, np.ones(4, dtype=bool), 2)
        renamed = [code[v.astype(int)] for code, v in zip(codes, values.T, strict=True)]
        return np.column_stack(renamed)[order].tolist()

    assert shown(column) == shown(np.array(names)[column])
