"""The permutation test itself: draws in waves, exact p-values, an early stop that keeps them."""

from __future__ import annotations

__all__ = [
    "PairStatistic",
    "PermutationTestResult",
    "Plan",
    "draw_null",
    "judged",
    "order_seeds",
    "permutation_test",
    "reached",
    "sample_test",
]

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skmist._parallel import n_workers, run_in_order
from skmist._parameters import check_integer
from skmist._progress import progress_bar
from skmist._sample.blocks import Blocks, thinned_rows
from skmist._sample.sample import Sample
from skmist.estimators.ask import statistics
from skmist.estimators.contract import SampleEstimator
from skmist.independence.orders import Orders, free_orders, group_orders

_FIRST_WAVE, _LARGEST_WAVE = 32, 1024
_ENOUGH = 20
_ROUNDING = 1e-6
_NUMBERS_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class PermutationTestResult:
    """Result of a permutation test.

    Parameters
    ----------
    statistic : float
        That of the sample, nats.
    pvalue : float
        Probability, if the null hypothesis holds, of a statistic at least as large.
    null_distribution : ndarray of shape (n_permutations,)
        Statistics of the permuted samples, nats, in the order in which they were drawn; or
        quantiles of their distribution, ascending, where these are known.
    n_permutations : int
        How many were drawn; fewer than asked for where the test stopped early.
    stopped_early : bool
        Whether it did.
    method : str
        Name of the estimator.
    n_samples : int
        Rows; blocks, where these were permuted.
    """

    statistic: float
    pvalue: float
    null_distribution: np.ndarray = field(repr=False)
    n_permutations: int
    stopped_early: bool
    method: str
    n_samples: int


@dataclass(frozen=True)
class Plan:
    """How to test.

    Parameters
    ----------
    n_permutations : int
        Orders drawn, at least 19.
    early_stopping : bool
        Stop when 20 orders have reached the statistic.
    n_jobs : int or None
        Processes, as joblib counts them.
    progress : bool
        Show a progress bar.
    random_state : int, RandomState instance or None
        Which orders are drawn.

    Raises
    ------
    ValueError
        If `n_permutations` is not an integer of at least 19.
    """

    n_permutations: int
    early_stopping: bool = False
    n_jobs: int | None = None
    progress: bool = False
    random_state: int | np.random.RandomState | None = None

    def __post_init__(self) -> None:
        remedy = "999; 19 are enough for a p-value of 0.05"
        check_integer("n_permutations", self.n_permutations, 19, remedy, form="=")


class PairStatistic:
    """The statistic of an estimator of a sample whose rows of y come in other orders.

    Parameters
    ----------
    estimator : SampleEstimator
    sample : Sample
    """

    def __init__(self, estimator: SampleEstimator, sample: Sample) -> None:
        self.estimator = estimator
        self.sample = sample.informative()

    def __call__(self, orders: np.ndarray) -> np.ndarray:
        """Return the statistics (b,) of orders (b, n), nats."""
        x, y = self.sample.x, self.sample.y
        if not (x.width and y.width):
            return np.zeros(len(orders))
        at_once = max(1, _NUMBERS_AT_ONCE // y.values.size)
        parts = (orders[i : i + at_once] for i in range(0, len(orders), at_once))
        return np.concatenate([statistics(self.estimator, self._permuted(part)) for part in parts])

    def _permuted(self, orders: np.ndarray) -> list[Sample]:
        x, y = self.sample.x, self.sample.y
        return [Sample(x, y.permuted(order)) for order in orders]


class BlockStatistic:
    """The mean statistic of samples of one row of each block, its blocks of y in other orders.

    In such a sample rows are independent, and so free to change places. Of all rows together the
    statistic would count what rows beside one another share, which an order of blocks breaks
    where blocks meet: so tests rejected twice as often as they should.

    Parameters
    ----------
    estimator : SampleEstimator
    sample : Sample
    blocks : Blocks
    """

    def __init__(self, estimator: SampleEstimator, sample: Sample, blocks: Blocks) -> None:
        chosen = thinned_rows(blocks)
        self.n_blocks = len(chosen[0])
        self._parts = [PairStatistic(estimator, sample.rows(rows)) for rows in chosen]

    def __call__(self, orders: np.ndarray) -> np.ndarray:
        """Return the statistics (b,) of orders (b, n_blocks), nats."""
        return np.mean([part(orders) for part in self._parts], axis=0)


def sample_test(
    estimator: SampleEstimator, sample: Sample, plan: Plan, method: str = ""
) -> PermutationTestResult:
    """Test a sample by permuting what may change places, as far as its blocks say.

    Parameters
    ----------
    estimator : SampleEstimator
        Left unfitted.
    sample : Sample
    plan : Plan
    method : str
        Name for the result.
    """
    n, blocks = sample.n_samples, sample.blocks
    if blocks is not None and not blocks.are_groups:
        parts = BlockStatistic(estimator, sample, blocks)
        n = parts.n_blocks
        return permutation_test(parts, free_orders(n), n, plan, method)
    orders = free_orders(n) if blocks is None else group_orders(blocks.labels)
    return permutation_test(PairStatistic(estimator, sample), orders, n, plan, method)


def permutation_test(
    statistic: Callable[[np.ndarray], np.ndarray],
    orders: Orders,
    n: int,
    plan: Plan,
    method: str = "",
) -> PermutationTestResult:
    """Test the hypothesis under which the rows might as well have come in another order.

    A p-value is ``(reached + 1) / (drawn + 1)`` [1]_, or ``20 / drawn`` where the 20th order
    that reaches the sample's statistic ended the test [2]_. An equal statistic has reached it.

    Parameters
    ----------
    statistic : callable
        Statistics (b,) of orders (b, n).
    orders : callable
        Draws an order.
    n : int
        Rows.
    plan : Plan
    method : str
        Name for the result.

    Returns
    -------
    PermutationTestResult

    References
    ----------
    .. [1] B. Phipson and G. K. Smyth (2010), "Permutation p-values should never be zero",
       Statistical Applications in Genetics and Molecular Biology 9(1), 39.
    .. [2] J. Besag and P. Clifford (1991), "Sequential Monte Carlo p-values", Biometrika 78,
       301-304.
    """
    own = float(statistic(np.arange(n)[None])[0])
    null = draw_null(statistic, orders, own, plan)
    return judged(own, null, plan, method, n)


def judged(own: float, null: np.ndarray, plan: Plan, method: str, n: int) -> PermutationTestResult:
    """Compare a statistic with its null distribution; see `permutation_test`."""
    at = np.flatnonzero(reached(null, own))
    pvalue, stopped = (len(at) + 1) / (len(null) + 1), False
    if plan.early_stopping and len(at) >= _ENOUGH:
        null = null[: at[_ENOUGH - 1] + 1]
        pvalue, stopped = _ENOUGH / len(null), len(null) < plan.n_permutations
    return PermutationTestResult(own, pvalue, null, len(null), stopped, method, n)


def draw_null(statistic: Callable[..., Any], orders: Orders, own: float, plan: Plan) -> np.ndarray:
    """Null distribution, at least until enough of it has reached the sample's statistic."""
    entropy = _entropy(plan.random_state)

    def ask(numbers: np.ndarray) -> np.ndarray:
        """Statistics of the orders of these numbers."""
        # each order has a seed of its own, so that neither waves nor processes change it
        seeds = _spawned(entropy, numbers)
        return statistic(np.stack([orders(np.random.default_rng(seed)) for seed in seeds]))

    workers = max(1, n_workers(plan.n_jobs))
    null = np.empty(0)
    with progress_bar(plan.progress, "permutation", plan.n_permutations) as bar:
        for wave in _waves(plan.n_permutations):
            parts = ((part,) for part in np.array_split(wave, min(workers, len(wave))))
            null = np.concatenate([null, *run_in_order(ask, parts, plan.n_jobs)])
            bar.update(len(wave))
            if plan.early_stopping and reached(null, own).sum() >= _ENOUGH:
                break
    return null


def order_seeds(
    random_state: int | np.random.RandomState | None, numbers: Iterable[int]
) -> list[np.random.SeedSequence]:
    """The seeds of the orders of some numbers, as `draw_null` draws them."""
    return _spawned(_entropy(random_state), numbers)


def _entropy(random_state: int | np.random.RandomState | None) -> int:
    from sklearn.utils import check_random_state

    return check_random_state(random_state).randint(2**31 - 1)


def _spawned(entropy: int, numbers: Iterable[int]) -> list[np.random.SeedSequence]:
    return [np.random.SeedSequence(entropy, spawn_key=(i,)) for i in numbers]


def _waves(count: int) -> Iterator[np.ndarray]:
    """The numbers below count in waves that double: few at first, where the test may stop."""
    start, size = 0, _FIRST_WAVE
    while start < count:
        stop = min(start + size, count)
        yield np.arange(start, stop)
        start, size = stop, min(2 * size, _LARGEST_WAVE)


def reached(null: np.ndarray, own: float) -> np.ndarray:
    """Which statistics are at least the sample's; equal ones may differ by rounding."""
    return null >= own - _ROUNDING * max(1.0, abs(own))
