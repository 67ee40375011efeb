"""Permutation p-values of many pairs, with one null distribution where pairs share it."""

from __future__ import annotations

__all__ = ["PairAnswer", "PairTest", "adjusted", "pair_p_values", "answer_pairs"]

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from skmist._parallel import run_in_order
from skmist._result import MIEstimate
from skmist._sample.sample import Sample
from skmist.estimators.ask import (
    estimate_samples,
    estimates_and_statistics,
    null_source,
    statistics,
)
from skmist.estimators.contract import SampleEstimator
from skmist.estimators.remarks import Remarks
from skmist.independence.nulls import Margins, keep_null, known_null, null_seed, ties_broken
from skmist.independence.permutation import (
    PairStatistic,
    Plan,
    judged,
    order_seeds,
    sample_test,
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
    """

    n_permutations: int
    entropy: int
    seeded: bool = True

    @classmethod
    def of(cls, n_permutations: int, random_state: int | np.random.RandomState | None) -> PairTest:
        """Check the number and draw the seed."""
        from sklearn.utils import check_random_state

        Plan(n_permutations)
        entropy = check_random_state(random_state).randint(2**31 - 1)
        return cls(int(n_permutations), entropy, random_state is not None)

    def seed(self, *key: int) -> np.random.SeedSequence:
        """A seed that depends on the key, and on nothing else that is done."""
        return np.random.SeedSequence(self.entropy, spawn_key=key)

    def untied(self, sample: Sample, number: int) -> Sample:
        """The sample of a pair with ties broken at random where they are few."""
        return ties_broken(sample, np.random.default_rng(self.seed(number, 0)))


class PairAnswer(NamedTuple):
    """What one run says of a pair."""

    estimate: MIEstimate
    statistic: float = np.nan  # nats, of the sample without ties, where it has margins
    margins: Margins | None = None  # what its null distribution depends on, where that is known
    remarks: Remarks | None = None  # about its sample, whatever the estimator
    refusal: str = ""  # why it was not estimated; empty where it was
    p_value: float = np.nan  # of the test that refused it

    @classmethod
    def none(cls, n: int, refusal: str, p_value: float = np.nan) -> PairAnswer:
        """Of a pair that was not estimated."""
        nothing = MIEstimate(np.nan, np.nan, np.nan, None, "", n)
        return cls(nothing, refusal=refusal, p_value=p_value)

    @classmethod
    def of(cls, sample: Sample, mi: float, said: Remarks) -> PairAnswer:
        """Of a pair of which a number is known, nats, and what is to be said."""
        estimate = MIEstimate(mi, None, None, None, "", sample.n_samples, sample.notes)
        return cls(estimate, remarks=said)


def answer_pairs(
    test: PairTest,
    estimator: SampleEstimator,
    level: float,
    samples: list[Sample],
    numbers: Sequence[int],
) -> list[PairAnswer]:
    """Estimate pairs and compute what their tests compare, where they may share nulls.

    Parameters
    ----------
    test : PairTest
    estimator : SampleEstimator
        Left unfitted.
    level : float
        Probability of the intervals.
    samples : list of Sample
    numbers : sequence of int
        Of the pairs, on which their draws depend.

    Returns
    -------
    list of PairAnswer
    """
    if not estimator.reads_ranks:
        return [PairAnswer(e) for e in estimate_samples(estimator, samples, level=level)]
    estimates, own = estimates_and_statistics(estimator, samples, level=level)
    untied = list(samples)
    if null_source(estimator) is not None:
        untied = [test.untied(sample, k) for sample, k in zip(samples, numbers, strict=True)]
    reads_order = estimator.reads_order
    margins = [
        None if sample.blocks is not None else Margins.of(sample.informative(), reads_order)
        for sample in untied
    ]
    changed = [k for k, key in enumerate(margins) if key and untied[k] is not samples[k]]
    if changed:
        own[changed] = statistics(estimator, [untied[k] for k in changed])
    found = zip(estimates, own.tolist(), margins, strict=True)
    return [PairAnswer(e, s, key) if key else PairAnswer(e) for e, s, key in found]


def pair_p_values(
    test: PairTest,
    estimator: SampleEstimator,
    samples: Sequence[Sample],
    answers: dict[int, PairAnswer],
    *,
    n_jobs: int | None,
    advance: Callable[[int], object],
) -> dict[int, float]:
    """P-values of many pairs.

    A statistic of ranks has one null distribution for all pairs of the same margins, one column
    continuous and without ties, the other the same or discrete: they share it where it is known
    already, or where there are at least 10, or 3 where it is kept. In the latter case ties are
    broken at random if they are few, so that these pairs share it too: the test is then of the
    sample without ties, as exact as any, at a thousandth of the cost.

    Parameters
    ----------
    test : PairTest
    estimator : SampleEstimator
        Left unfitted.
    samples : sequence of Sample
        Of m pairs; asked for one at a time, and only for those that share no null distribution.
    answers : dict of int to PairAnswer
        By position in `samples`, which the draws of a pair follow from: what `answer_pairs` says
        of those that are tested.
    n_jobs : int or None
        Processes, as joblib counts them.
    advance : callable
        Is told how many more pairs are done.

    Returns
    -------
    dict of int to float
    """
    nulls = _shared_nulls(test, estimator, [a.margins for a in answers.values()], n_jobs)
    shared = {k: a for k, a in answers.items() if a.margins in nulls}
    found = {k: a.p_value for k, a in answers.items() if a.refusal}
    found |= {k: _p_value(test, a, nulls[a.margins]) for k, a in shared.items()}
    advance(len(found))
    own = [k for k in answers if k not in found]
    tasks = ((test, estimator, samples[k], k) for k in own)
    for k, p_value in zip(own, run_in_order(_permuted_p_value, tasks, n_jobs), strict=True):
        found[k] = p_value
        advance(1)
    return found


def _p_value(test: PairTest, answer: PairAnswer, null: np.ndarray) -> float:
    plan, n = Plan(test.n_permutations), answer.estimate.n_samples
    return judged(answer.statistic, null, plan, "", n).pvalue


def _permuted_p_value(
    test: PairTest, estimator: SampleEstimator, sample: Sample, number: int
) -> float:
    seed = int(test.seed(number).generate_state(1)[0])
    plan = Plan(test.n_permutations, early_stopping=True, n_jobs=1, random_state=seed)
    return sample_test(estimator, sample, plan).pvalue


def _shared_nulls(
    test: PairTest,
    estimator: SampleEstimator,
    margins: list[Margins | None],
    n_jobs: int | None,
) -> dict[Margins | None, np.ndarray]:
    """The null distributions that are known, or that enough pairs share, nats."""
    source, count = null_source(estimator), test.n_permutations
    enough = _ENOUGH_PAIRS if source is None else _ENOUGH_KEPT
    nulls: dict[Margins | None, np.ndarray] = {}
    wanted = []
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
    for key, null in zip(wanted, drawn, strict=True):
        nulls[key] = null
        if source is not None:
            keep_null(source, key, null)
    return nulls


def _null_part(
    test: PairTest, estimator: SampleEstimator, margins: Margins, start: int
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


def adjusted(p_values: np.ndarray) -> np.ndarray:
    """P-values adjusted for the false discovery rate [1]_; NaN stays NaN and does not count.

    References
    ----------
    .. [1] Y. Benjamini and Y. Hochberg (1995), "Controlling the false discovery rate", Journal
       of the Royal Statistical Society B 57, 289-300.
    """
    known = np.isfinite(p_values)
    answer = np.full(len(p_values), np.nan)
    if known.any():
        from scipy.stats import false_discovery_control

        answer[known] = false_discovery_control(p_values[known], method="bh")
    return answer
