"""A short part of what `make soak` asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.shaken.soak import raced, shared


def test_threads_that_load_the_weights_at_once():
    assert raced(4)


def test_one_estimator_asked_by_many_threads():
    assert shared(ThreadPoolExecutor(8), asks=16)
