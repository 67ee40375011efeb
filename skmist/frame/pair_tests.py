"""Permutation p-values of many pairs, with one null distribution where pairs share it."""

from __future__ import annotations

__all__ = ["PairTest", "adjusted", "pair_p_value", "shared_nulls"]

from dataclasses import dataclass, field, replace

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.utils import check_random_state

from skmist._sample.sample import make_sample
from skmist._sample.sides import TableSide
from skmist.estimators.base import MutualInfoEstimator
from skmist.estimators.copula.estimator import GaussianCopulaEstimator
from skmist.estimators.mist.estimator import MISTRegressor
from skmist.independence.orders import free_orders
from skmist.independence.permutation import PairStatistic, Plan, permutation_test

_CHUNK = 32
_ENOUGH_PAIRS = 10
_ROUNDING = 1e-6


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
    def of(cls, n_permutations: int, random_state) -> PairTest:
        """Check the number and draw the seed."""
        Plan(n_permutations)
        return cls(int(n_permutations), check_random_state(random_state).randint(2**31 - 1))

    def seed(self, *key: int) -> np.random.SeedSequence:
        """A seed that depends on the key, and on nothing else that is done."""
        return np.random.SeedSequence(self.entropy, spawn_key=key)


def shared_nulls(
    test: PairTest, estimator: MutualInfoEstimator, sides: list[TableSide], pairs, n_jobs
) -> PairTest:
    """Draw the null distributions that several pairs share.

    A statistic of ranks has one null distribution for all pairs of continuous columns without
    ties: it depends on the number of rows alone.

    Parameters
    ----------
    test : PairTest
    estimator : MutualInfoEstimator
    sides : list of TableSide
    pairs : ndarray of int, shape (m, 2)
    n_jobs : int or None

    Returns
    -------
    PairTest
        With `nulls` for each number of rows that at least 10 such pairs have.
    """
    if not isinstance(estimator, (MISTRegressor, GaussianCopulaEstimator)):
        return test
    untied = np.array([_is_untied(side.values[side.present], side.discrete) for side in sides])
    present = np.array([side.present for side in sides], dtype=np.float32)
    rows = np.array([int(present[i] @ present[j]) for i, j in pairs if untied[i] and untied[j]])
    sizes, counts = np.unique(rows.astype(int), return_counts=True)
    wanted = [int(n) for n in sizes[counts >= _ENOUGH_PAIRS] if n > 1]
    estimator = clone(estimator).set_params(discrete_features=False, discrete_target=False)
    starts = range(0, test.n_permutations, _CHUNK)
    parts = Parallel(n_jobs=n_jobs)(
        delayed(_null_part)(test, estimator, n, start) for n in wanted for start in starts
    )
    nulls = np.array_split(np.concatenate(parts), len(wanted)) if wanted else []
    return replace(test, nulls=dict(zip(wanted, nulls, strict=True)))


def _is_untied(values: np.ndarray, discrete: tuple[bool, ...]) -> bool:
    return discrete == (False,) and len(np.unique(values)) == len(values)


def _null_part(test: PairTest, estimator, n: int, start: int) -> np.ndarray:
    ranks = np.arange(n, dtype=float)
    sample = make_sample(ranks, ranks, discrete_features=False, discrete_target=False)
    numbers = range(start, min(start + _CHUNK, test.n_permutations))
    draws = (np.random.default_rng(test.seed(n, number)) for number in numbers)
    return PairStatistic(estimator, sample)(np.stack([rng.permutation(n) for rng in draws]))


def pair_p_value(test: PairTest, estimator, x: np.ndarray, y: np.ndarray, number: int) -> float:
    """P-value of one pair.

    Parameters
    ----------
    test : PairTest
    estimator : MutualInfoEstimator
        Its `discrete_features` and `discrete_target` are masks of the columns.
    x, y : ndarray of shape (n, p) and (n, q)
    number : int
        The pair's, from which its draws follow.

    Returns
    -------
    float
    """
    kinds = estimator.discrete_features, estimator.discrete_target
    sample = make_sample(x, y, discrete_features=kinds[0], discrete_target=kinds[1])
    statistic, n = PairStatistic(estimator, sample), len(x)
    shared = all(_is_untied(v, tuple(k)) for v, k in zip((x, y), kinds, strict=True))
    if shared and n in test.nulls:
        own = float(statistic(np.arange(n)[None])[0])
        # equal statistics may differ by rounding
        reached = test.nulls[n] >= own - _ROUNDING * max(1.0, abs(own))
        return float((reached.sum() + 1) / (test.n_permutations + 1))
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
