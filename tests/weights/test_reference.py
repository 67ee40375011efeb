"""The shipped weights answer what they answered when they were shipped."""

from __future__ import annotations

import json

import pytest

from skmist.weights import list_weights
from tests.make_reference import FOLDER, answer


@pytest.mark.parametrize("weights", list_weights())
def test_shipped_weights_answer_as_they_did(weights):
    expected = json.loads((FOLDER / f"{weights}.json").read_text())
    found = answer(weights)
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        for key, value in values.items():
            assert found[name][key] == pytest.approx(value, abs=2e-3), (name, key)
