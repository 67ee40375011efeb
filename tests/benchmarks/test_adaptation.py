"""The kinds of data to adapt to: their truth, and the arithmetic of the bars."""

from __future__ import annotations

import math

import pandas as pd
import pytest


def test_the_truth_of_each_case_is_the_mean_of_its_rows(scripts):
    adapted = scripts("cases.adapted")
    for name in adapted.CASES:
        for strength in (0.0, 0.6):
            drawn = adapted.draw(name, 4000, strength, 1)
            error = drawn.pointwise.std() / math.sqrt(4000)
            assert abs(drawn.pointwise.mean() - drawn.mi) <= 4.0 * error + 1e-9, name
            assert len(drawn.x) == len(drawn.y) == 4000


def test_the_bar_compares_with_before_and_with_the_efficient_error(scripts):
    rows = [
        ("case", "before", 0.20, 0.02, 0.50),
        ("case", "after", 0.09, 0.02, 0.90),
        ("own", "before", 0.05, 0.02, 0.80),
        ("own", "after", 0.04, 0.02, 0.90),
        ("general", "before", 0.05, 0.02, 0.80),
        ("general", "after", 0.02, 0.02, 0.97),
    ]
    table = pd.DataFrame(rows, columns=["data", "when", "error", "efficient", "coverage"])
    found = scripts("adaptation").judged(table.assign(case="a", weights="mist-2"))
    assert found["bar"].tolist() == ["", "met", "", "missed", "", ""]
    assert found["ratio"].iloc[0] == pytest.approx(10.0)
