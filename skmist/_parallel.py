"""The one loop over many tasks: in this process or in others, in order, told as it goes."""

from __future__ import annotations

__all__ = ["run_in_order"]

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from joblib import Parallel, delayed, effective_n_jobs, parallel_config


def run_in_order(
    function: Callable[..., Any], tasks: Iterable[tuple], n_jobs: int | None = None
) -> Iterator[Any]:
    """Yield ``function(*task)`` of each task in order, as soon as it is there.

    Tasks are made by need, so only a few at a time are held. Answers depend on the tasks alone,
    never on the number of processes.

    Parameters
    ----------
    function : callable
    tasks : iterable of tuple
    n_jobs : int or None, default=None
        Processes, as joblib counts them.
    """
    if effective_n_jobs(n_jobs) == 1:
        yield from (function(*task) for task in tasks)
        return
    asked = (delayed(_alone)(function, task) for task in tasks)
    yield from Parallel(n_jobs=n_jobs, return_as="generator")(asked)


def _alone(function: Callable[..., Any], task: tuple) -> Any:
    # one process per core is enough: what a task calls must not start its own
    with parallel_config(backend="sequential"):
        return function(*task)
