"""All warnings about data and results have one base, by which they are silenced or raised."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import skmist
from tests.paths import ROOT

WARNINGS = [name for name in skmist.__all__ if name.endswith("Warning")]


def test_every_public_warning_is_a_skmist_warning():
    assert len(WARNINGS) == 6
    assert all(issubclass(getattr(skmist, name), skmist.SkmistWarning) for name in WARNINGS)
    assert issubclass(skmist.SkmistWarning, UserWarning)


def test_no_class_of_warnings_is_made_elsewhere():
    kind = re.compile(r"class \w+\(\w*Warning\)")
    made = [p.name for p in (ROOT / "skmist").rglob("*.py") if kind.search(p.read_text())]
    assert made == ["_errors.py"]


def test_what_is_told_of_a_table_is_one():
    df = pd.DataFrame({"a": np.arange(60.0), "b": np.ones(60), "none": [None] * 60})
    with pytest.warns(skmist.SkmistWarning, match="has no values"):
        skmist.mi_matrix(df, estimator="ksg")
