"""What is listed as slow is still there."""

from __future__ import annotations

import re

from tests.durations import SLOW, function
from tests.paths import ROOT


def _exists(line):
    path, _, name = line.partition("::")
    file = ROOT / path
    found = file.exists() and re.search(rf"^def {name}\(", file.read_text(), re.MULTILINE)
    return found or (file.exists() and path.startswith("skmist/"))


def test_every_listed_test_exists():
    assert [line for line in SLOW.read_text().split() if not _exists(line)] == []


def test_what_is_listed_is_marked_and_nothing_else(request):
    slow = set(SLOW.read_text().split())
    for item in request.session.items:
        # those of the wheel have a target of their own, and are marked as a whole
        if item.path.name != "test_wheel.py":
            assert (function(item) in slow) == (item.get_closest_marker("slow") is not None)
