"""Permutation p-values of many pairs, with one null distribution where pairs share it."""

from __future__ import annotations

__all__ = ["PairTest", "adjusted", "pair_p_values"]

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from sklearn.utils import check_random_state

from skmist._parallel import run_in_order
from skmist._sample.sample import Sample
from skmist._sample.side import Side
from skmist.estimators.base import MutualInfoEstimator
from skmist.independence.orders import free_orders
from skmist.independence.permutation import PairStatistic, Plan, permutation_test, reached

_CHUNK = 32
_ENOUGH_PAIRS = 10


@dataclass(frozen=True)
class PairTest:
    """How pairs are tested.

    Parameters
    ----------
    n_permutations : int
        Orders drawn for a pair or for a shared null distribution.
    entropy : int
        Seed of all draws.
    nulls : dict of int to ndarray
        By number of rows, the statistics of independent pairs of continuous columns.
    """

    n_permutations: int
    entropy: int
    nulls: dict[int, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, n_permutations: int, random_state: int | np.random.RandomState | None) -> PairTest:
        """Check the number and draw the seed."""
        Plan(n_permutations)
        return cls(int(n_permutations), check_random_state(random_state).randint(2**31 - 1))

    def seed(self, *key: int) -> np.random.SeedSequence:
        """A seed that depends on the key, and on nothing else that is done."""
        return np.random.SeedSequence(self.entropy, spawn_key=key)


def pair_p_values(
    test: PairTest,
    estimator: MutualInfoEstimator,
    samples: Sequence[Sample],
    asked: np.ndarray,
    *,
    n_jobs: int | None,
    advance: Callable[[int], object],
) -> np.ndarray:
    """P-values of many pairs.

    A statistic of ranks has one null distribution for all pairs of continuous columns without
    ties, which depends on the number of rows alone: at least 10 such pairs share it.

    Parameters
    ----------
    test : PairTest
    estimator : MutualInfoEstimator
        Left unfitted.
    samples : sequence of Sample
        Of m pairs; asked for one at a time, and only for those that are tested.
    asked : ndarray of int, shape (k,)
        Which of them are tested. The draws of a pair follow from its position in `samples`.
    n_jobs : int or None
        Processes, as joblib counts them.
    advance : callable
        Is told how many more pairs are done.

    Returns
    -------
    ndarray of shape (k,)
    """
    shares = np.array([estimator.reads_ranks and _is_untied(samples[k]) for k in asked], bool)
    rows = np.array([samples[k].n_samples for k in asked[shares]], dtype=int)
    test = _with_nulls(test, estimator, rows, n_jobs)
    tasks = (
        (test, estimator, samples[k], int(k), bool(untied))
        for k, untied in zip(asked, shares, strict=True)
    )
    found = []
    for p_value in run_in_order(_pair_p_value, tasks, n_jobs):
        found.append(p_value)
        advance(1)
    return np.array(found, dtype=float)


def _is_untied(sample: Sample) -> bool:
    """Whether both sides are one continuous column without ties."""
    return all(
        side.kinds == (False,) and len(np.unique(side.values)) == len(side)
        for side in (sample.x, sample.y)
    )


def _with_nulls(
    test: PairTest, estimator: MutualInfoEstimator, rows: np.ndarray, n_jobs: int | None
) -> PairTest:
    """The test with null distributions for each number of rows that enough pairs have."""
    sizes, counts = np.unique(rows, return_counts=True)
    wanted = [int(n) for n in sizes[counts >= _ENOUGH_PAIRS] if n > 1]
    starts = range(0, test.n_permutations, _CHUNK)
    tasks = ((test, estimator, n, start) for n in wanted for start in starts)
    parts = list(run_in_order(_null_part, tasks, n_jobs))
    nulls = np.array_split(np.concatenate(parts), len(wanted)) if wanted else []
    return replace(test, nulls=dict(zip(wanted, nulls, strict=True)))


def _null_part(test: PairTest, estimator: MutualInfoEstimator, n: int, start: int) -> np.ndarray:
    ranks = Side(np.arange(n, dtype=float)[:, None], np.array([False]), ("rank",))
    numbers = range(start, min(start + _CHUNK, test.n_permutations))
    draws = (np.random.default_rng(test.seed(n, number)) for number in numbers)
    orders = np.stack([rng.permutation(n) for rng in draws])
    return PairStatistic(estimator, Sample(ranks, ranks))(orders)


def _pair_p_value(
    test: PairTest, estimator: MutualInfoEstimator, sample: Sample, number: int, untied: bool
) -> float:
    statistic, n = PairStatistic(estimator, sample), sample.n_samples
    if untied and n in test.nulls:
        own = float(statistic(np.arange(n)[None])[0])
        return float((reached(test.nulls[n], own).sum() + 1) / (test.n_permutations + 1))
    seed = int(test.seed(number).generate_state(1)[0])
    plan = Plan(test.n_permutations, early_stopping=True, n_jobs=1, random_state=seed)
    return permutation_test(statistic, free_orders(n), n, plan).pvalue


def adjusted(p_values: np.ndarray) -> np.ndarray:
    """P-values adjusted for the false discovery rate [1]_; NaN stays NaN and does not count.

    References
    ----------
    .. [1] Y. Benjamini and Y. Hochberg (1995), "Controlling the false discovery rate", Journal
       of the Royal Statistical Society B 57, 289-300.
    """
    from scipy.stats import false_discovery_control

    known = np.isfinite(p_values)
    answer = np.full(len(p_values), np.nan)
    if known.any():
        answer[known] = false_discovery_control(p_values[known], method="bh")
    return answer
