"""Rows that are equal get equal numbers."""

from __future__ import annotations

import numpy as np

from skmist._sample.groups import group_rows


def test_group_rows():
    rows = np.array([[1.0, 2.0], [0.0, 2.0], [1.0, 2.0], [1.0, -0.0], [1.0, 0.0]])
    group = group_rows(rows)
    assert group[0] == group[2] and group[3] == group[4]
    assert sorted(set(group.tolist())) == [0, 1, 2]
    np.testing.assert_array_equal(group_rows(np.empty((3, 0))), [0, 0, 0])
