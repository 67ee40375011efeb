"""Nasty frames: answered or refused in words, and never anything else."""

from __future__ import annotations

import pytest

from tests.shaken.shaking import invariances, shake

FRAMES, PER_TEST = 2000, 250


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("start", range(0, FRAMES, PER_TEST))
def test_a_nasty_frame_is_answered_or_refused(start):
    for seed in range(start, start + PER_TEST):
        shake(seed)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("start", range(0, FRAMES, PER_TEST))
def test_order_changes_no_estimate_of_a_nasty_frame(start):
    # every third frame of the other test is one of these
    for seed in range(start + -start % 3, start + PER_TEST, 3):
        invariances(seed)
