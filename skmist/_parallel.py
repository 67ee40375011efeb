"""The one loop over many tasks: in this process or in others, in order, told as it goes."""

from __future__ import annotations

__all__ = ["n_workers", "run_in_order"]

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any


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
    if n_workers(n_jobs) == 1:
        yield from (function(*task) for task in tasks)
        return
    from joblib import Parallel, delayed

    asked = (delayed(_alone)(function, task) for task in tasks)
    yield from Parallel(n_jobs=n_jobs, return_as="generator")(asked)


def n_workers(n_jobs: int | None) -> int:
    """How many processes that is; joblib, which is slow to import, is asked only if it must.

    Parameters
    ----------
    n_jobs : int or None
        As joblib counts them.
    """
    if n_jobs == 1 or (n_jobs is None and "joblib" not in sys.modules):
        # where no one has imported it, no one has told it what None shall mean
        return 1
    from joblib import effective_n_jobs

    return effective_n_jobs(n_jobs)


def _alone(function: Callable[..., Any], task: tuple) -> Any:
    from joblib import parallel_config

    # one process per core is enough: what a task calls must not start its own
    with parallel_config(backend="sequential"):
        return function(*task)
