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
from skmist.independence.nulls import Margins, keep_null, known_null, null_seed, ties_broken
from skmist.independence.orders import free_orders
from skmist.independence.permutation import (
    PairStatistic,
    Plan,
    judged,
    order_seeds,
    permutation_test,
)

_CHUNK = 32
_ENOUGH_PAIRS = 10
# fewer, as one that is kept is drawn once; and dependent pairs would draw as much each
_ENOUGH_KEPT = 3


@dataclass(frozen=True)
class PairTest:
    """How pairs are tested.

    Parameters
    ----------
    n_permutations : int
        Orders drawn for a pair or for a shared null distribution.
    entropy : int
        Seed of all draws.
    seeded : bool, default=True
        Whether the same answer must come again.
    nulls : dict of Margins to ndarray
        By what they depend on, those that pairs share, nats.
    """

    n_permutations: int
    entropy: int
    seeded: bool = True
    nulls: dict[Margins, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, n_permutations: int, random_state: int | np.random.RandomState | None) -> PairTest:
        """Check the number and draw the seed."""
        Plan(n_permutations)
        entropy = check_random_state(random_state).randint(2**31 - 1)
        return cls(int(n_permutations), entropy, random_state is not None)

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
    already, or where there are at least 10, or 3 where it is kept. In the latter case ties are
    broken at random if they are few, so that these pairs share it too: the test is then of the
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
    source = null_source(estimator)
    untied = samples if source is None else _Untied(test, samples)
    margins = [
        Margins.of(untied[k].informative()) if estimator.reads_ranks else None for k in asked
    ]
    test = _with_nulls(test, estimator, margins, n_jobs)
    tasks = (
        (test, estimator, (untied if key in test.nulls else samples)[k], int(k), key)
        for k, key in zip(asked, margins, strict=True)
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
    enough = _ENOUGH_PAIRS if source is None else _ENOUGH_KEPT
    nulls, wanted = {}, []
    for key, pairs in Counter(key for key in margins if key is not None).items():
        many = pairs >= enough and key.n > 1
        known = None
        if source is not None:
            known = known_null(source, key, count, cached=many or not test.seeded)
        if known is not None:
            nulls[key] = known
        elif many:
            wanted.append(key)
    starts = range(0, count, _CHUNK)
    tasks = ((test, estimator, key, start) for key in wanted for start in starts)
    parts = list(run_in_order(_null_part, tasks, n_jobs))
    drawn = np.array_split(np.concatenate(parts), len(wanted)) if wanted else []
    for key, statistics in zip(wanted, drawn, strict=True):
        nulls[key] = statistics
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
    statistic, n = PairStatistic(estimator, sample), sample.n_samples
    if margins in test.nulls:
        own = float(statistic(np.arange(n)[None])[0])
        return judged(own, test.nulls[margins], Plan(test.n_permutations), "", n).pvalue
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
