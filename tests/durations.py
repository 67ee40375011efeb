"""Which tests are slow: ``python -m pytest -p tests.durations`` writes ``tests/slow.txt``.

A line is a test function whose cases take more than `MOST_SECONDS` together, of processor time,
so that it does not matter what else the machine does. ``conftest.py`` marks what is listed.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

MOST_SECONDS = 0.25
SLOW = Path(__file__).with_name("slow.txt")
_seconds: Counter[str] = Counter()


def function(item):
    """Name the function of a test, of all its cases alike."""
    return item.nodeid.partition("[")[0]


def _processor_seconds():
    return sum(os.times()[:4])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    start = _processor_seconds()
    result = yield
    _seconds[function(item)] += _processor_seconds() - start
    return result


def pytest_sessionfinish():
    """Replace the lines of the functions that ran; those of others stay."""
    listed = set(SLOW.read_text().split()) if SLOW.exists() else set()
    listed -= _seconds.keys()
    listed |= {name for name, seconds in _seconds.items() if seconds > MOST_SECONDS}
    SLOW.write_text("".join(f"{name}\n" for name in sorted(listed)))
