"""The one loop over many tasks: in this process or in others, in order, told as it goes."""

from __future__ import annotations

__all__ = ["n_workers", "run_in_order"]

import sys
from collections.abc import Callable, Iterable, Iterator
from numbers import Integral
from typing import Any

_MOST = 64  # processes, each of some hundred megabytes


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
    workers = n_workers(n_jobs)
    if workers == 1:
        yield from (function(*task) for task in tasks)
        return
    from joblib import Parallel, delayed
    from joblib.parallel import get_active_backend

    asked = (delayed(_alone)(function, task) for task in tasks)
    # that of multiprocessing gives all answers at the end only
    as_they_come = get_active_backend()[0].supports_return_generator
    yield from Parallel(workers, return_as="generator" if as_they_come else "list")(asked)


def n_workers(n_jobs: int | None) -> int:
    """How many processes that is; joblib, which is slow to import, is asked only if it must.

    Parameters
    ----------
    n_jobs : int or None
        As joblib counts them; of a thousand no more come than the machine has cores, or 64.

    Raises
    ------
    ValueError
        If it is no number, or 0.
    """
    is_whole = isinstance(n_jobs, Integral) and not isinstance(n_jobs, bool)
    if n_jobs is not None and (not is_whole or n_jobs == 0):
        raise ValueError(
            f"n_jobs={n_jobs!r} must be an integer other than 0, or None. Pass 1, or -1 for all "
            "cores."
        )
    if n_jobs == 1 or (n_jobs is None and "joblib" not in sys.modules):
        # where no one has imported it, no one has told it what None shall mean
        return 1
    from joblib import cpu_count, effective_n_jobs

    wanted = n_jobs if n_jobs is None or n_jobs < 0 else min(n_jobs, max(_MOST, cpu_count()))
    return effective_n_jobs(wanted)


def _alone(function: Callable[..., Any], task: tuple) -> Any:
    from joblib import parallel_config

    # one process per core is enough: what a task calls must not start its own
    with parallel_config(backend="sequential"):
        return function(*task)
