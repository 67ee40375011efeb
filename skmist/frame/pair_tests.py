"""Permutation p-values of many pairs, with one null distribution where pairs share it."""

from __future__ import annotations

__all__ = ["PairTest", "adjusted", "pair_p_values"]

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from sklearn.utils import check_random_state

from skmist._parallel import run_in_order
from skmist._sample.sample import Sample
from skmist.estimators.ask import null_source
from skmist.estimators.base import MutualInfoEstimator
from skmist.independence.nulls import (
    Margins,
    Null,
    keep_null,
    kept_null,
    null_seed,
    shared_test,
    ties_broken,
)
from skmist.independence.permutation import PairStatistic, Plan, order_seeds

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
    nulls : dict of Margins to Null
        By what they depend on, those that pairs share.
    """

    n_permutations: int
    entropy: int
    nulls: dict[Margins, Null] = field(default_factory=dict)

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

    A statistic of ranks has one null distribution for all pairs of the same margins, one column
    continuous and without ties, the other the same or discrete: they share it where it is known
    already, or where there are at least 10. Where null distributions are worth keeping, ties are
    broken at random if they are few, so that these pairs share them too: the test is then of the
    sample without ties, as exact as any, at a thousandth of the cost.

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
    if null_source(estimator) is not None:
        samples = _Untied(test, samples)
    reads = estimator.reads_ranks
    margins = [Margins.of(samples[k].informative()) if reads else None for k in asked]
    test = _with_nulls(test, estimator, margins, n_jobs)
    tasks = (
        (test, estimator, samples[k], int(k), key) for k, key in zip(asked, margins, strict=True)
    )
    found = []
    for p_value in run_in_order(_pair_p_value, tasks, n_jobs):
        found.append(p_value)
        advance(1)
    return np.array(found, dtype=float)


class _Untied(Sequence[Sample]):
    """Samples with ties broken at random where they are few, each with a seed of its own."""

    def __init__(self, test: PairTest, samples: Sequence[Sample]) -> None:
        self.test, self.samples = test, samples

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, k: int) -> Sample:  # type: ignore[override]
        return ties_broken(self.samples[k], np.random.default_rng(self.test.seed(int(k), 0)))


def _with_nulls(
    test: PairTest,
    estimator: MutualInfoEstimator,
    margins: list[Margins | None],
    n_jobs: int | None,
) -> PairTest:
    """The test with the null distributions that are known, or that enough pairs share."""
    source, count = null_source(estimator), test.n_permutations
    nulls, wanted = {}, []
    for key, pairs in Counter(key for key in margins if key is not None).items():
        known = None if source is None else kept_null(source, key, count)
        if known is not None:
            nulls[key] = known
        elif pairs >= _ENOUGH_PAIRS and key.n > 1:
            wanted.append(key)
    starts = range(0, count, _CHUNK)
    tasks = ((test, estimator, key, start) for key in wanted for start in starts)
    parts = list(run_in_order(_null_part, tasks, n_jobs))
    drawn = np.array_split(np.concatenate(parts), len(wanted)) if wanted else []
    for key, statistics in zip(wanted, drawn, strict=True):
        nulls[key] = Null(statistics, drawn=source is not None)
        if source is not None:
            keep_null(source, key, statistics)
    return replace(test, nulls=nulls)


def _null_part(
    test: PairTest, estimator: MutualInfoEstimator, margins: Margins, start: int
) -> np.ndarray:
    source = null_source(estimator)
    numbers = range(start, min(start + _CHUNK, test.n_permutations))
    key = (margins.n, *margins.counts)
    if source is None:
        seeds = [test.seed(*key, number) for number in numbers]
    else:
        seeds = order_seeds(null_seed(source, margins), numbers)
    orders = np.stack([np.random.default_rng(seed).permutation(margins.n) for seed in seeds])
    return PairStatistic(estimator, margins.sample())(orders)


def _pair_p_value(
    test: PairTest,
    estimator: MutualInfoEstimator,
    sample: Sample,
    number: int,
    margins: Margins | None,
) -> float:
    seed = int(test.seed(number).generate_state(1)[0])
    plan = Plan(test.n_permutations, early_stopping=True, n_jobs=1, random_state=seed)
    null = None if margins is None else test.nulls.get(margins)
    return shared_test(estimator, sample, plan, null=null).pvalue


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
