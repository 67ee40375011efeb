"""Settings that must be in place before numpy, scipy and torch are imported."""

from __future__ import annotations

import os

# scikit-learn skips its array API check unless scipy was told beforehand.
os.environ["SCIPY_ARRAY_API"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")
# No test reads or writes what its user keeps.
os.environ["SKMIST_CACHE"] = "off"


def pytest_collection_modifyitems(items):
    """Mark what `tests.durations` found slow."""
    from tests.durations import SLOW, function

    slow = set(SLOW.read_text().split())
    for item in items:
        if function(item) in slow:
            item.add_marker("slow")
