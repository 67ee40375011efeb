"""Ctrl-C and requests to end, seen by a loop that comes to an end by itself."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["told_to_stop"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def told_to_stop() -> Iterator[threading.Event]:
    """An event that Ctrl-C, or a request to end, sets; the second one ends at once.

    Signals reach the main thread alone; elsewhere nothing sets it.
    """
    stop = threading.Event()

    def heard(number: int, _: Any) -> None:
        """Take the first signal as a request."""
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    former = {number: signal.signal(number, heard) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
